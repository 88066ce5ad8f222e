"""督办、回避、接访: who is pressed, who must keep out, and who met the people of a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import Row

from jiefen.areas import normalise_area
from jiefen.case.arguments import (
    check_actor,
    check_choice,
    check_id,
    check_key,
    check_page,
    check_path,
    filters,
)
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date, china_minute
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.filters import require_role as require_known_role
from jiefen.commands.lookup import locked_case, read_case, supervision_row
from jiefen.errors import AlreadyDone, FactError
from jiefen.notation.texts import named, person_id, shown, written
from jiefen.people.authority import is_one_of, refuse_recused, require_act, require_role
from jiefen.people.directory import Directory, Organisation
from jiefen.people.directory_file import load_directory as load_directory_file
from jiefen.people.escalation import tell_binder
from jiefen.record.actor import Actor
from jiefen.record.kinds import ContactForm, Happening, SupervisionStatus
from jiefen.record.notice import Notice
from jiefen.record.refs import Ref
from jiefen.record.values import Case, Supervision
from jiefen.rules import Role, Who
from jiefen.store import cases as case_store
from jiefen.store import people as store
from jiefen.story.snapshots import supervision_of

_OVERDUE: Final = "overdue"
_STATUSES: Final = ("open", _OVERDUE, "answered", "accepted", "withdrawn")


def directory(runtime: Runtime, *, session: HostTransaction = None) -> Directory | None:
    """Who holds which post: the directory that the engine was opened with, else the one loaded last; ``None`` without
    one."""
    with runtime.reading(session) as connection:
        return runtime.directory(connection)


def load_directory(
    runtime: Runtime, path: Path | str, *, by: Actor | None = None, session: HostTransaction = None
) -> Organisation:
    """Load a directory file into the database in the place of the one before; every worker uses it from then on.

    A worker that runs already notices within a minute. An engine opened with a directory of its own keeps that.

    Args:
        by: the security administrator; the program of the engine when absent.

    Raises:
        NotAllowed: it is neither of them.
        RuleError: with every finding; the one before stays.
        FactError: ``path`` is no path.
    """
    actor = check_actor(by) if by is not None else runtime.program
    require_act(actor, None, "loading a directory", on=china_date(runtime.clock.now()))
    organisation = load_directory_file(check_path(path, "path"), runtime.edition.rulebook.roles)
    with runtime.writing(session) as connection:
        runtime.posts.keep(connection, organisation, runtime.clock.now())
    return organisation


def supervisions(
    runtime: Runtime,
    *,
    status: str = "open",
    case: int | None = None,
    area: str | None = None,
    role: str | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Supervision]:
    """What somebody was pressed for, by its status; page with ``after=found[-1].id``.

    Args:
        status: ``open``, ``overdue``, ``answered``, ``accepted`` or ``withdrawn``.
        area: includes what lies inside it.
        role: who must answer.

    Raises:
        UnknownValue: there is no such status, or no edition in use knows the role; the message names the nearest.
        FactError: an id, a page or a filter that cannot be.
    """
    check_page(after, limit)
    filters(role=role)
    if case is not None:
        check_id(case, "case")
    check_choice(status, "status of supervisions", _STATUSES)
    within = normalise_area(area) if area is not None else None
    now = runtime.clock.now()
    with runtime.reading(session) as connection:
        require_known_role(runtime, connection, role)
        rows = store.supervisions(
            connection,
            status="open" if status == _OVERDUE else status,
            overdue_at=now if status == _OVERDUE else None,
            case_id=case,
            area=within,
            role=role,
            after=after,
            limit=limit,
            seen=runtime.seen(connection),
        )
        return [supervision_of(row, now) for row in rows]


def answer_supervision(
    runtime: Runtime, case: int, ref: str, text: str, *, by: Actor, session: HostTransaction = None
) -> Supervision:
    """Answer a supervision in writing; the answer is kept in the journal. It may be late, and after the case.

    Args:
        by: one of its holders, or somebody with its role or a deputy's.

    Raises:
        NotFound: no such case, or no such supervision.
        AlreadyDone: it was answered before.
        NotAllowed: somebody else must answer.
        FactError: the text is empty or too long, or the id or the ref cannot be one.
    """
    check_id(case, "case")
    check_actor(by)
    check_key(ref, "ref of a supervision")
    text = written(text, "answer")
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        found = supervision_row(connection, case, ref)
        if found.status == SupervisionStatus.WITHDRAWN:
            raise AlreadyDone(
                f"supervision {ref} of case {case} was withdrawn; nothing is to be answered any more",
                zh="该督办已经撤销,无须答复",
            )
        if found.status != SupervisionStatus.OPEN:
            when = china_minute(found.answered_at)
            raise AlreadyDone(
                f"supervision {ref} of case {case} was answered at {when} by {found.answered_by}"
            )
        refuse_recused(row, by.id)
        edition, today = runtime.edition_of(connection, row.edition), china_date(runtime.clock.now())
        answers = partial(_answers, found, edition.rulebook.roles, today)
        what = f"the answer to supervision {ref}"
        require_act(by, found.area, what, on=today, tests={Who.ANSWERS: answers})
        deadlines = case_store.open_deadlines(connection, case)
        step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
        recording = step.recording
        recording.changes.supervised[ref] = {
            "status": SupervisionStatus.ANSWERED, "reply_at": found.reply_at, "answered_at": recording.now,
            "answered_by": by.id,
        }  # fmt: skip
        recording.unplan(Ref.reply(ref))
        recording.note(Happening.SUPERVISION_ANSWERED, ref, text=text, title=found.title)
        if Ref.by_hand(ref):
            # Whoever supervises by hand looks at the answer.
            told = Notice(
                about={"supervision": ref, "text": text}, title=found.title, action="answered", to=found.by_role,
                area=found.area,
            )  # fmt: skip
            recording.tell(Ref.told_of_answer(ref, "answered", recording.revision), told)
        step.save(connection)
        answered = store.supervision(connection, case, ref)
        assert answered is not None
        return supervision_of(answered, recording.now)


def _answers(found: Row[Any], roles: Mapping[str, Role], today: date, by: Actor) -> None:
    """Whoever was told to answer a supervision, or holds the role that was pressed."""
    if by.id not in map(person_id, found.holders):
        require_role(by, [found.role], found.area, roles, f"the answer to supervision {found.ref}", on=today)


def log_contact(
    runtime: Runtime,
    case: int,
    form: ContactForm | str,
    note: str,
    *,
    by: Actor,
    session: HostTransaction = None,
) -> None:
    """Log that somebody met the people of a case: 接访, 下访, 约访, 回访, 劝访 or by telephone.

    A contact is a record and nothing else: it neither moves the case nor blocks a petition. Follow-up visits are
    logged after a case has ended.

    Raises:
        NotFound: there is no such case.
        FactError: there is no such form, the note is empty or too long, or the id cannot be one.
        NotAllowed: the actor is recused from the case, or neither leads it nor holds an office there.
    """
    check_id(case, "case")
    check_actor(by)
    note = written(note, "note")
    try:
        known = ContactForm(form if isinstance(form, str) else "")
    except ValueError:
        forms = ", ".join(f"{one.value} {one.zh}" for one in ContactForm)
        raise FactError(f"there is no form of contact {shown(form)}; there are {forms}") from None
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        refuse_recused(row, by.id)
        what, tests = f"logging a contact of case {case}", {Who.LEADER: is_one_of(row.leader)}
        require_act(by, row.area, what, on=china_date(runtime.clock.now()), tests=tests)
        recording = recording_of(runtime, row, by)
        recording.note(Happening.CONTACT, known.value, note=note, leader=row.leader == by.id)
        keep(connection, recording)


def recuse(
    runtime: Runtime, case: int, person: str, *, reason: str, by: Actor, session: HostTransaction = None
) -> Case:
    """回避: keep somebody with a direct interest away from a case (信访工作条例 art. 28 ¶3).

    They can claim and complete no task of it any more, are told nothing, and lead it no longer; what they had
    claimed is open to others again and escalates like anything unclaimed. What waits to be told to them, and what
    they must answer for, goes to who stands in, as if their post were vacant.

    Raises:
        NotFound: there is no such case.
        NotAllowed: it is neither themselves who keep out, nor an office that decides it there (``authority.yaml``).
        FactError: the reason is empty or too long, or the id of the person or of the case cannot be one.
    """
    check_id(case, "case")
    check_actor(by)
    person = named(person, "person who is recused")
    reason = written(reason, "reason")
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        what, today = f"the recusal of {person} in case {case}", china_date(runtime.clock.now())
        require_act(by, row.area, what, on=today, tests={Who.SELF: is_one_of(person)})
        if person not in map(person_id, row.recused or ()):
            released, led = store.claimed_by(connection, case, person), row.leader == person
            recording = recording_of(runtime, row, by)
            recording.changes.case["recused"] = [*(row.recused or ()), person]
            if led:
                recording.changes.case["leader"] = None
                recording.note(Happening.LEADER_RELEASED, person)
            recording.note(Happening.RECUSED, person, reason=reason)
            recording.changes.claims = dict.fromkeys(released)
            keep(connection, recording)
            # Those who stand in are looked for by what the case knows now.
            row = locked_case(connection, case)
            deadlines = case_store.open_deadlines(connection, case)
            step = runtime.step(connection, row, deadlines, recording.now, by.id)
            step.watch_again(released)
            step.pressing.pass_on(connection, person)
            if led:
                tell_binder(connection, person, row.area, step.recording)
            step.save(connection)
        return read_case(runtime, connection, case)


def lift_recusal(
    runtime: Runtime, case: int, person: str, *, reason: str, by: Actor, session: HostTransaction = None
) -> Case:
    """解除回避: let somebody work on a case again who was recused from it; nobody lifts their own.

    Raises:
        NotFound: there is no such case.
        NotAllowed: it is their own, or the actor holds no office that decides it there.
        FactError: the reason is empty or too long, or the id of the person or of the case cannot be one.
    """
    check_id(case, "case")
    check_actor(by)
    person = named(person, "person whose recusal is lifted")
    reason = written(reason, "reason")
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        refuse_recused(row, by.id)
        require_act(by, row.area, f"lifting a recusal in case {case}", on=china_date(runtime.clock.now()))
        left = [one for one in row.recused or () if person_id(one) != person]
        if len(left) != len(row.recused or ()):
            recording = recording_of(runtime, row, by)
            recording.changes.case["recused"] = left or None
            recording.note(Happening.RECUSAL_LIFTED, person, reason=reason)
            keep(connection, recording)
        return read_case(runtime, connection, case)
