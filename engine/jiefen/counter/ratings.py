"""评价: a party says by the code of their case how content they are; where they are not, another office looks again."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.case.arguments import check_choice, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.acting import kept_of
from jiefen.commands.lookup import locked_case
from jiefen.counter.status import case_with, decided, goes_on_in, ratings_of
from jiefen.errors import AlreadyDone, Conflict, UnknownValue
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.texts import shown, written
from jiefen.record.actor import Actor
from jiefen.record.counter.codes import digest_of
from jiefen.record.counter.kept import Kept
from jiefen.record.counter.ratings import Rating
from jiefen.record.counter.status import PartyDay
from jiefen.record.kinds import Happening, Satisfaction
from jiefen.record.refs import Ref
from jiefen.record.rows import roles_of
from jiefen.rules import Side
from jiefen.store import cases as case_store
from jiefen.store.counter import ratings as store


def rate(
    runtime: Runtime,
    code: str,
    grade: Satisfaction | str,
    *,
    of: str | None = None,
    comment: str | None = None,
    session: HostTransaction = None,
) -> Rating:
    """A party rates what was served on them, or how their case ended; each once.

    A grade for which the rules have a ladder (``rated``) asks the office that the ladder names to look at it again and
    to answer in writing, also after the case. A comment is kept for who may work on the case, and not in the journal.

    Args:
        of: the ``id`` of what was ``served``, or ``ended``; what came last when absent.

    Raises:
        FactError: the code cannot be one, or the comment says nothing.
        NotFound: no case has the code.
        UnknownValue: there is no such grade, or nothing of that id.
        Conflict: nothing was decided yet.
        AlreadyDone: it was rated before.
    """
    digest = digest_of(code)
    check_choice(grade, "grade", Satisfaction)
    said = Satisfaction(grade)
    if of is not None:
        check_key(of, "of")
    words = written(comment, "comment") if comment is not None else None
    with runtime.writing(session) as connection:
        now = runtime.clock.now()
        _, found = goes_on_in(connection, case_with(connection, digest))
        row = locked_case(connection, found.id)
        whoever = Actor.party(code).come_as(row.id).id
        step = runtime.step(connection, row, case_store.open_deadlines(connection, row.id), now, whoever)
        step = after_due_entries(runtime, connection, step)
        before = ratings_of(connection, row.id)
        what = _rated(decided(row, step.edition), of, before)
        recording = step.recording
        review = Ref.told_of_rating(len(before) + 1)
        ladder = step.register.view.rated(said, china_date(now))
        rating = Rating(
            case=row.id, seq=len(before) + 1, of=what.id, on=what.on, grade=said, at=recording.now,
            review=review.name if ladder is not None else None, comment=words,
        )  # fmt: skip
        recording.changes.counter[Kept.RATING] = [
            {
                "case_id": row.id, "seq": rating.seq, "decision": rating.of, "day": rating.on, "grade": str(said),
                "comment": words, "at": rating.at, "review": rating.review,
            }
        ]  # fmt: skip
        recording.note(
            Happening.RATED, str(rating.seq), title=what.what, decision=rating.of, on=rating.on.isoformat(),
            grade=str(said), review=rating.review,
        )  # fmt: skip
        if ladder is not None:
            title = Label(
                f"当事人评价不满意,请复核:{what.what.zh}", f"Review, a party is not content: {what.what.en}"
            )
            about = {"rating": rating.seq, "decision": rating.of}
            step.pressing.review(review, ladder, _decider(connection, step, rating.of), title, about)
        step.save(connection)
        return rating


def ratings(runtime: Runtime, case: int, *, by: Actor, session: HostTransaction = None) -> list[Rating]:
    """How the party of a case has rated what was decided, for somebody who may act there.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
    """
    with kept_of(runtime, case, by, session) as (connection, _):
        return ratings_of(connection, case)


def _rated(decisions: list[PartyDay], of: str | None, before: list[Rating]) -> PartyDay:
    """What is rated."""
    known = {one.id: one for one in decisions}
    if not known:
        raise Conflict(
            "nothing was decided or done yet that could be rated; ask again after the next paper",
            zh="目前还没有可以评价的办理事项",
        )
    if of is not None and of not in known:
        raise UnknownValue(
            f"there is nothing {shown(of)} to rate; {suggestion(of, known)}", zh="没有这一可评价的办理事项"
        )
    what = known[of] if of is not None else max(known.values(), key=lambda one: one.on)
    if any((one.of, one.on) == (what.id, what.on) for one in before):
        raise AlreadyDone(
            f"{what.what.en} of {what.on} was rated already; each is rated once",
            zh=f"{what.on} 的“{what.what.zh}”已经评价过,每项只评价一次",
        )
    return what


def _decider(connection: Connection, step: Step, of: str) -> str | None:
    """The office that served it: who owed it by a deadline, else who did the last task of the case."""
    roles = step.edition.rulebook.roles
    stopped = step.register.view.stopped_at(of)
    owed = [version.holder for rule in stopped for version in rule.versions if version.kind is Side.DUTY]
    done = roles_of(store.deciding_roles(connection, step.recording.case_id) or "")
    known = (roles[one] for one in (*owed, *done) if one is not None and one in roles)
    return next((one.id for one in known if one.level is not None), None)
