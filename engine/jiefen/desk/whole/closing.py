"""作废、并案: a case that was entered by mistake is voided; one that is another's matter goes on in that one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.lookup import locked_case, read_case
from jiefen.deadlines.docket import DROPPED
from jiefen.desk import links as linking
from jiefen.desk.corrections import Right, article_of_right, lost, rights_of, step_of
from jiefen.desk.whole.waiting_notices import Fate, fates, tell_there, waiting_in, withdraw_here
from jiefen.errors import Conflict, NotAllowed
from jiefen.notation.labels import Label
from jiefen.notation.texts import written
from jiefen.people.escalation import take_back
from jiefen.record.actor import Actor
from jiefen.record.counter.kept import Kept
from jiefen.record.desk.likeness import Sameness, sameness
from jiefen.record.desk.parties import Party
from jiefen.record.kinds import CaseStatus, Happening, LinkKind, SupervisionStatus
from jiefen.record.notice import Found, Notice
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow
from jiefen.record.values import Case
from jiefen.store import cases as store
from jiefen.store import people, reading
from jiefen.store.counter import ratings as rating_store
from jiefen.store.desk import links as link_store
from jiefen.store.desk import parties as party_store
from jiefen.story.snapshots import case_of, party_snapshot

_MERGED: Final = Label("案件并入另一案继续办理", "The case goes on in another one")
_ELSEWHERE: Final = Label("在并入的案件中继续计算", "it runs in the other case")
#: A case with more open parts is not merged: each of them would have to be locked.
_MOST_PARTS: Final = 200
#: What a supervision keeps when its case is merged into another.
_SUPERVISED: Final = (
    "action", "title", "role", "area", "holders", "by_role", "opened_at", "reply_at", "status",
)  # fmt: skip
_MISTAKE: Final = Label("案件系误登", "the case was entered by mistake")


def void(
    runtime: Runtime,
    case: int,
    *,
    reason: str,
    by: Actor,
    evidence: str | None = None,
    session: HostTransaction = None,
) -> Case:
    """Void a case that was entered by mistake: nobody has to do anything for it any more. It stays readable.

    What the law wants to be reported goes out all the same; what else has gone out is followed by what cancels it. A
    case that is voided already stays as it is.

    Args:
        evidence: what shows the mistake; asked for while a right of a party runs in the case.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it, or holds no office that corrects cases there; or a right of a party
            runs in it, and the message names the rule and its article.
        Conflict: it has ended, was merged, a part of it is still open, or another case goes on in it.
        FactError: the reason or the evidence says nothing.
    """
    why, shown_by = written(reason, "reason"), written(evidence, "evidence") if evidence is not None else None
    with step_of(runtime, case, by, session, "voiding") as (step, row, connection):
        if row.status != CaseStatus.VOIDED:
            _require_open(row)
            _refuse_merged(connection, case)
            if row.has_parts:
                _refuse_open_parts(connection, case)
            rights = step.register.rights()
            if rights and shown_by is None:
                first = min(rights, key=lambda right: (right.due_on or date.max, right.rule.id))
                raise _keeps_its_rights(runtime, connection, row, first.rule.id, "voiding it")
            step.close(CaseStatus.VOIDED, Happening.VOIDED, None, reason=why, evidence=shown_by)
            row = _close(step, connection, case, _MISTAKE, taken_back=True)
        return case_of(row, step.edition)


def merge(
    runtime: Runtime,
    case: int,
    into: int,
    *,
    reason: str,
    by: Actor,
    evidence: str | None = None,
    session: HostTransaction = None,
) -> Case:
    """Merge a case into another one that is the same matter; gives the other one back.

    The other case takes over the people that it lacks and what is known here and not there, so that every right that
    runs here runs there from its true day. Messages that come for the merged case go to the other one. Merging the same
    two again changes nothing. Who was pressed for an answer here owes it there; open parts and orders belong to the
    other case from now on, and the party is told.

    Args:
        evidence: what shows the true day where a right runs longer here than there; else the merge is refused.

    Raises:
        NotFound: one of the cases is not there.
        NotAllowed: the actor is recused from one of them, or holds no office that corrects cases there; or a right of
            a party that runs here would not run there and no evidence is given, and the message names it.
        Conflict: one of them has ended or was merged into a third, the other is a part of this one, or there are too
            many open parts.
        FactError: the reason or the evidence says nothing.
    """
    why, shown_by = written(reason, "reason"), written(evidence, "evidence") if evidence is not None else None
    along = partial(link_store.open_parts, case_id=case, most=_MOST_PARTS + 1)
    with linking.pair_of(runtime, case, into, by, session, "merging", along) as pair:
        connection = pair.connection
        if link_store.merged_into(connection, case) != into:
            source, target = locked_case(connection, case), locked_case(connection, into)
            _require_open(source)
            _require_open(target)
            _take_people(pair, case, into)
            _take_parts(runtime, pair, by, why)
            _settle_repeat(pair, why)
            linking.add(pair, LinkKind.MERGED_INTO, why)
            pair.keep()
            step = _step(runtime, connection, case, by)
            _require_open(step.row)
            had = {row.rule for row in reading.deadlines(connection, into)}
            _take_facts(runtime, connection, step, into, by, why)
            decided = _take_rights(runtime, connection, step, into, by, had)
            rights = [Right(one.seq, one.rule.id, one.due_on) for one in step.register.rights()]
            right = lost(rights, rights_of(connection, into)) if shown_by is None else None
            if right is not None:
                doing = f"merging it into case {into}"
                raise _keeps_its_rights(runtime, connection, source, right.rule, doing)
            withdraw_here(decided, step)
            step.close(CaseStatus.MERGED, Happening.MERGED, str(into), reason=why, evidence=shown_by)
            told = Notice(
                about={"into": into}, title=_MERGED, action="merged", to="party", area=step.register.area
            )
            step.recording.tell(Ref.told_at_desk("merged", step.recording.revision, "party"), told)
            _close(step, connection, case, _ELSEWHERE, taken_back=False)
        return read_case(runtime, connection, into)


def _step(runtime: Runtime, connection: Connection, case: int, by: Actor) -> Step:
    row, deadlines = locked_case(connection, case), store.open_deadlines(connection, case)
    step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
    return after_due_entries(runtime, connection, step)


def _close(step: Step, connection: Connection, case: int, why: Label, *, taken_back: bool) -> CaseRow:
    """Let go of everything that the case still wants of somebody, and keep what was recorded.

    Args:
        taken_back: whether who was pressed for an answer owes it nowhere, and is told so.
    """
    for deadline in step.register.deadlines:
        if deadline.live:
            step.docket.drop(deadline, why, DROPPED)
    pressing = people.still_open(connection, case)
    for supervision in pressing if taken_back else ():
        take_back(step.recording, supervision, why)
    for supervision in pressing:
        step.recording.changes.supervised[supervision.ref] = {
            "status": SupervisionStatus.WITHDRAWN, "reply_at": supervision.reply_at, "answered_at": None,
            "answered_by": None,
        }  # fmt: skip
        step.recording.unplan(Ref.reply(supervision.ref))
    return step.save(connection)


def _require_open(row: CaseRow) -> None:
    if row.status != CaseStatus.OPEN:
        raise Conflict(
            f"case {row.id} is {row.status}; only an open case is voided or merged",
            zh=f"{row.id} 号案已不在办理中",
        )


def _refuse_merged(connection: Connection, case: int) -> None:
    """The matter of a case that was merged into this one is no mistake, and would be nowhere any more."""
    merged = link_store.merged_here(connection, case)
    if merged is not None:
        raise Conflict(
            f"case {merged} was merged into case {case} and goes on in it; merge this one into the right case (merge), "
            "or let it come to its end",
            zh=f"{merged} 号案已并入本案,在本案继续办理;请将本案并入正确的案件,或者依程序办结",
        )


def _refuse_open_parts(connection: Connection, case: int) -> None:
    still = link_store.open_parts(connection, case, 1)
    if still:
        raise Conflict(
            f"case {still[0]} is a part of case {case}, or an order of it, and still open; close it first, take the "
            "link back, or recall the order",
            zh=f"{still[0]} 号案是本案的子件或者派单,尚未办结;请先办结、解除关联或者撤单",
        )


def _settle_repeat(pair: linking.Pair, why: str) -> None:
    """That two cases may be one matter waits for nobody any more when they are merged."""
    ways = (pair.one, pair.other), (pair.other, pair.one)
    for one, other in ways:
        kind = LinkKind.PROBABLE_REPEAT
        if kind in link_store.between(pair.connection, one.case_id, other.case_id):
            one.changes.unlinked.append((other.case_id, kind.value))
            pair.note(Happening.UNLINKED, link=kind.value, reason=why)


def _take_people(pair: linking.Pair, case: int, into: int) -> None:
    theirs = [party_snapshot(row) for row in party_store.of_cases(pair.connection, [into])]
    ours = [party_snapshot(row) for row in party_store.of_cases(pair.connection, [case])]
    seq = max((one.seq for one in theirs), default=0)
    there: dict[int, int] = {}
    new: list[Party] = []
    for one in ours:
        known = (
            other.seq for other in theirs
            if other.part is one.part and sameness(one, other) is Sameness.SAME
        )  # fmt: skip
        there[one.seq] = next(known, 0)
        if not there[one.seq]:
            seq += 1
            there[one.seq] = seq
            new.append(one)
    for one in new:
        # Who they speak for has another number there.
        speaks_for = there.get(one.represents) if one.represents is not None else None
        linking.add_party(pair.other, replace(one, seq=there[one.seq], represents=speaks_for))


def _take_parts(runtime: Runtime, pair: linking.Pair, by: Actor, why: str) -> None:
    """The open parts and orders of the merged case belong to the other one now; they go on as they are."""
    connection, case, into = pair.connection, pair.one.case_id, pair.other.case_id
    parts, above = (
        link_store.open_parts(connection, case, _MOST_PARTS + 1),
        link_store.parents(connection, into),
    )
    circle = next((one for one in parts if one == into or one in above), None)
    if circle is not None:
        raise Conflict(
            f"case {circle} is a part of case {case}; merge the part into the whole, or take the link back",
            zh="被并入的案件是本案的子件",
        )
    if len(parts) > _MOST_PARTS:
        raise Conflict(
            f"case {case} has more than {_MOST_PARTS} open parts; merge the other case into this one",
            zh=f"本案未办结的子件超过 {_MOST_PARTS} 件;请将另一案并入本案",
        )
    for part in parts:
        own = recording_of(runtime, locked_case(connection, part), by)
        for kind in (kind for kind in link_store.between(connection, part, case) if kind in link_store.BELOW):
            own.changes.unlinked.append((case, kind.value))
            pair.one.note(Happening.UNLINKED, str(part), link=kind.value, reason=why, here=False)
            linking.add(linking.Pair(connection, own, pair.other), kind, why)
        keep(connection, own)


def _take_rights(
    runtime: Runtime, connection: Connection, source: Step, into: int, by: Actor, had: Collection[str]
) -> list[Fate]:
    """A right that runs here, and of whose rule the other case has never had one, runs there as it runs here; what
    waits to be told here is told there.

    Args:
        had: the rules whose deadlines the other case has had before it took over the facts.
    """
    waiting = waiting_in(connection, source)
    had_by_now = {row.rule for row in reading.deadlines(connection, into)}
    rights = [one for one in source.register.rights() if one.rule.id not in had_by_now]
    if not rights and not waiting:
        return []
    target = _step(runtime, connection, into, by)
    for right in rights:
        target.docket.carry(right)
    known = waiting_in(connection, target) if waiting else []
    decided = fates(waiting, source, target, had, known)
    tell_there(decided, source, target)
    target.save(connection)
    return decided


def _take_facts(
    runtime: Runtime, connection: Connection, source: Step, into: int, by: Actor, reason: str
) -> None:
    """What is known of the matter here and not there is known there."""
    step = _step(runtime, connection, into, by)
    vocabulary = step.edition.rulebook.vocabulary
    known: Mapping[str, Any] = step.facts()
    here = {name: value for name, value in source.row.facts.items() if name in vocabulary.facts}
    new = {
        name: value
        for name, value in vocabulary.from_json(here).items()
        if value is not None and known.get(name) is None and vocabulary.fact(name).said
    }
    if new:
        step.correct(Happening.CORRECTED, new, reason=reason)
    _take_supervisions(step.recording, connection, source.recording.case_id)
    _take_ratings(step.recording, connection, source.recording.case_id)
    step.save(connection)


def _take_supervisions(recording: Recording, connection: Connection, case: int) -> None:
    """Who was pressed for an answer in the merged case owes it in this one, by the same day, and is told so."""
    for row in people.still_open(connection, case):
        ref = f"merged/{case}/{row.ref}"
        values = {name: getattr(row, name) for name in _SUPERVISED}
        recording.changes.supervisions.append(values | {"case_id": recording.case_id, "ref": ref})
        about: dict[str, Any] = {"supervision": ref, "merged_case": case}
        if row.reply is not None and row.reply_at is not None:
            recording.plan(Ref.reply(ref), row.reply_at, data=dict(row.reply_data))
            about["reply_at"] = row.reply_at.isoformat()
        recording.note(
            Happening.SUPERVISION_MOVED, ref, case=case, title=row.title, role=row.role, action=row.action
        )
        told = Notice(
            about=about, title=row.title, action=row.action, to=row.role, area=row.area, by=row.by_role,
            found=Found(holders=tuple(row.holders)),
        )  # fmt: skip
        recording.tell(Ref.passed_on(ref, recording.revision), told)


def _take_ratings(recording: Recording, connection: Connection, case: int) -> None:
    """What parties have rated in the merged case they have rated in this one: no merge makes them content."""
    rows = rating_store.of_case(connection, case)
    if not rows:
        return
    last = len(rating_store.of_case(connection, recording.case_id))
    recording.changes.counter[Kept.RATING] = [
        {
            "case_id": recording.case_id, "seq": last + number, "decision": row.decision, "day": row.day,
            "grade": row.grade, "comment": row.comment, "at": row.at,
            # A review that was answered stands where it was asked for.
            "review": f"merged/{case}/{row.review}" if row.review is not None and row.reviewed_at is None else None,
        }
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
    recording.note(Happening.RATINGS_CAME, None, case=case, ratings=len(rows))


def _keeps_its_rights(
    runtime: Runtime, connection: Connection, row: CaseRow, rule: str, doing: str
) -> NotAllowed:
    title, article = article_of_right(runtime, connection, row, rule)
    return NotAllowed(
        f"the right {rule} of a party runs in case {row.id} ({article}), and {doing} would take it away; correct what "
        "is wrong, or say what shows it (evidence=)",
        zh=f"{row.id} 号案中当事人的权利“{title}”({article})仍在期限内,不能因此消灭",
    )
