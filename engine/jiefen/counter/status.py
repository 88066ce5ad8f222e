"""一案一码: what a party sees of their case by its code, and the giving of a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.areas import ancestors, area_at
from jiefen.case.arguments import check_id
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import beside, issue_code, keep
from jiefen.commands.lookup import case_row, deadlines_of, no_case
from jiefen.counter.appointments import appointment_of
from jiefen.deadlines.reached import Reached
from jiefen.edition.edition import Edition
from jiefen.errors import NotFound
from jiefen.notation.labels import Label
from jiefen.notation.texts import written
from jiefen.people.confidential import is_confidential
from jiefen.people.directory import Directory, Organisation
from jiefen.record.actor import Actor
from jiefen.record.counter.codes import digest_of
from jiefen.record.counter.ratings import Rating
from jiefen.record.counter.status import Meeting, Office, PartyDay, PartyStatus
from jiefen.record.kinds import (
    AppointmentStatus,
    CaseStatus,
    DeadlineStatus,
    Happening,
    LinkKind,
    Satisfaction,
    TaskStatus,
)
from jiefen.record.rows import roles_of
from jiefen.record.values import Deadline
from jiefen.rules import Side
from jiefen.store import reading
from jiefen.store.counter import appointments, ratings
from jiefen.store.counter import codes as store
from jiefen.store.desk import links
from jiefen.store.desk import parties as party_store
from jiefen.story.snapshots import party_snapshot

#: Where a case that was merged again and again goes on; nobody merges deeper.
_DEEPEST: Final = 20
#: The stages as a party understands them; one that a layer adds has its own title.
_STAGES: Final = {
    "visit": Label("正在上门走访、了解情况", "somebody visits you and looks into it"),
    "mediation": Label("正在组织调解", "mediation"),
    "arbitration": Label("正在仲裁程序中", "arbitration"),
    "trial": Label("正在诉讼程序中", "before the court"),
    "resolution": Label("已有结果,正在落实和回访", "settled, being carried out and followed up"),
}
_REGISTERED: Final = Label("已登记,正在审查由谁办理", "registered, being looked at")
_OVER: Final = Label("已办结", "ended")
_VOIDED: Final = Label("登记有误,已作废;请向受理机关询问", "entered by mistake and void; ask the office")
_RECEIPT: Final = Label("已收到,依法保密办理", "received, and handled in confidence as the law requires")
#: Whose rights are not those of the one who brought the matter.
_OTHERS: Final = ("respondent", "employer", "third_party")
#: How the milestones are named that something was served, and those of them that something was served on another party.
_SERVED, _ON_OTHERS = "_served", ("_copy_served", "complaint_served")
#: Stages in which a court or an arbitrator has the last word: that is for remedies, and no office reviews it.
_JUDGED: Final = ("arbitration", "trial")
#: What is rated when the whole of a case is.
ENDED: Final = "ended"
_END: Final = Label("办理结果", "how the case ended")
#: What is told in writing without a service.
_TOLD: Final = ("petitioner_told",)


def by_code(runtime: Runtime, code: str, *, session: HostTransaction = None) -> PartyStatus:
    """How a case stands, for whoever has its code: no names, no notes, nothing of other parties.

    Whoever asks is not known, so the host limits how often one may try; a code has 67 bits.

    Raises:
        FactError: what was typed cannot be a code: a slip of the pen.
        NotFound: no case has the code; the same is said of one that was replaced.
    """
    digest = digest_of(code)
    with runtime.reading(session) as connection:
        return _status(runtime, connection, case_with(connection, digest), runtime.clock.now())


def status(runtime: Runtime, case_id: int, *, session: HostTransaction = None) -> PartyStatus:
    """How a case stands, as its parties are told it: for whoever is one of them, and for who may read the case.

    Raises:
        NotFound: there is no such case, or whoever asks as a party is none of it.
    """
    check_id(case_id, "case")
    now = runtime.clock.now()
    party = runtime.viewer.actor.in_person if runtime.viewer is not None else None
    with runtime.reading(session) as connection:
        if party is None:
            case_row(connection, case_id, runtime.seen(connection))
        elif party.case != case_id or not _is_party(connection, case_id, party.number, china_date(now)):
            raise no_case(case_id)
        return _status(runtime, connection, case_id, now)


def _is_party(connection: Connection, case_id: int, number: int | None, today: date) -> bool:
    """Whether a case has a party of that number who is one on a day; whoever has its code has shown it."""
    if number is None:
        return True
    people = map(party_snapshot, party_store.of_cases(connection, [case_id]))
    return any(one.seq == number and (one.ended is None or today <= one.ended) for one in people)


def new_code(runtime: Runtime, case: int, *, reason: str, by: Actor, session: HostTransaction = None) -> str:
    """Give a case another code, said this once; the one before is no code any more.

    Args:
        reason: why, for the journal: the paper was lost, the case is older than the codes.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it, or acts for another area.
        FactError: the reason says nothing, or the id cannot be one.
    """
    why = written(reason, "reason")
    with beside(runtime, case, by, session) as (connection, recording, _):
        code = issue_code(recording)
        recording.note(Happening.CODE_ISSUED, None, reason=why)
        keep(connection, recording)
        return code


def case_with(connection: Connection, digest: str) -> int:
    """The case that a code was given for.

    Raises:
        NotFound: no case has the code.
    """
    case_id = store.case_with(connection, digest)
    if case_id is None:
        raise NotFound(
            "no case has this code; ask the office for a new one", zh="没有此查询码,请向受理机关重新领取"
        )
    return case_id


def goes_on_in(connection: Connection, case_id: int) -> tuple[Row[Any], Row[Any]]:
    """A case, and the one in which it goes on after merges; itself where it was not merged."""
    first = row = case_row(connection, case_id)
    for _ in range(_DEEPEST):
        onward = links.merged_into(connection, row.id) if row.status == "merged" else None
        if onward is None:
            break
        row = case_row(connection, onward)
    return first, row


def decided(row: Any, edition: Edition) -> list[PartyDay]:
    """What a party can rate of a case: what was served on them, and its end.

    Nothing of what is confidential, nor what a court or an arbitrator has decided.
    """
    facts = edition.rulebook.vocabulary.from_json(row.facts)
    if is_confidential(edition.processes, facts) or row.status == CaseStatus.VOIDED:
        return []
    days = [one for one in _served(Reached(row.reached), edition) if one.id]
    if row.ended_at is not None and row.stage not in _JUDGED:
        days.append(PartyDay(on=china_date(row.ended_at), what=_outcome(row, edition) or _END, id=ENDED))
    return days


def ratings_of(connection: Connection, case_id: int) -> list[Rating]:
    """How the party has rated what was decided in a case, by number."""
    return [
        Rating(
            case=row.case_id, of=row.decision, on=row.day, grade=Satisfaction(row.grade),
            **{name: getattr(row, name) for name in ("seq", "at", "review", "reviewed_at", "comment")},
        )
        for row in ratings.of_case(connection, case_id)
    ]  # fmt: skip


def _outcome(row: Any, edition: Edition) -> Label | None:
    fact = edition.rulebook.vocabulary.facts.get("outcome")
    return fact.values.get(row.outcome) if fact is not None and row.outcome else None


def _status(runtime: Runtime, connection: Connection, case_id: int, now: datetime) -> PartyStatus:
    first, row = goes_on_in(connection, case_id)
    edition = runtime.edition_of(connection, row.edition)
    received = china_date(first.opened_at)
    facts = edition.rulebook.vocabulary.from_json(row.facts)
    if is_confidential(edition.processes, facts):
        return PartyStatus(case=case_id, received_on=received, stage=_RECEIPT, receipt_only=True)
    running = [
        item
        for item in deadlines_of(runtime, connection, row, now)
        if item.status == DeadlineStatus.RUNNING and item.due_on is not None
    ]
    split = [one.case_id for one in links.links(connection, case_id) if one.kind == LinkKind.SPLIT_FROM]
    moved = reading.last_of(connection, row.id, Happening.MOVED)
    return PartyStatus(
        case=case_id,
        received_on=received,
        stage=_stage(row, edition),
        goes_on_in=row.id if row.id != case_id else None,
        parts=tuple(one for one in split if one != case_id),
        moved_on=china_date(moved) if moved is not None else None,
        offices=tuple(_offices(connection, row, edition, runtime.directory(connection))),
        next=_next(running, china_date(now)),
        rights=tuple(_rights(running, edition)),
        served=tuple(_served(Reached(row.reached), edition)),
        meetings=tuple(
            Meeting(form=one.form, starts_at=one.starts_at, place=one.place)
            for one in map(appointment_of, appointments.of_case(connection, row.id))
            if one.status is AppointmentStatus.PLANNED and one.ends_at >= now
        ),
        ratings=tuple(replace(one, comment=None) for one in ratings_of(connection, row.id)),
        ended_on=china_date(row.ended_at) if row.ended_at else None,
        outcome=_outcome(row, edition),
    )


def _stage(row: Row[Any], edition: Edition) -> Label:
    if row.status == CaseStatus.VOIDED:
        return _VOIDED
    if row.ended_at is not None:
        return _OVER
    if row.stage is None:
        return _REGISTERED
    if row.stage in _STAGES:
        return _STAGES[row.stage]
    declared = edition.rulebook.vocabulary.facts["stage"].values.get(row.stage)
    return declared if declared is not None else _REGISTERED


def _offices(
    connection: Connection, row: Row[Any], edition: Edition, directory: Directory | None
) -> Iterable[Office]:
    """The roles for which something waits in the case, each with its unit."""
    nobody: dict[str, Any] = {"role": None, "area": None, "assignee": None, "after": 0, "limit": 50}
    tasks = reading.tasks(connection, status=TaskStatus.OPEN, case_id=row.id, **nobody)
    units = directory.units if isinstance(directory, Organisation) else {}
    for role_id, area in dict.fromkeys((role, task.area) for task in tasks for role in roles_of(task.roles)):
        role = edition.rulebook.roles.get(role_id)
        if role is None or role.level is None:
            continue
        at = area_at(area, role.level) if area is not None else None
        nearest = next((one for one in reversed(ancestors(at)) if one in units), None) if at else None
        unit = units[nearest] if nearest is not None else None
        yield Office(
            title=role.title,
            area=at,
            unit=unit.title if unit is not None else None,
            reach=unit.reach if unit is not None else None,
        )


def _next(running: list[Deadline], today: date) -> PartyDay | None:
    duties = [item for item in running if item.kind == Side.DUTY and item.due_on and item.due_on >= today]
    return _day(min(duties, key=lambda item: item.due_on or date.max)) if duties else None


def _rights(running: list[Deadline], edition: Edition) -> Iterable[PartyDay]:
    for item in sorted(running, key=lambda item: item.due_on or date.max):
        holder = edition.rulebook.roles.get(item.holder or "")
        outside = holder is not None and holder.level is None
        if item.kind == Side.RIGHT and outside and item.holder not in _OTHERS:
            yield _day(item)


def _day(item: Deadline) -> PartyDay:
    assert item.due_on is not None
    return PartyDay(
        on=item.due_on,
        what=item.title,
        safe_on=item.safe_on,
        law=item.law,
        article=item.article,
        provisional=item.provisional,
    )


def _served(reached: Reached, edition: Edition) -> list[PartyDay]:
    days = []
    for name, milestone in edition.rulebook.milestones.items():
        ours = name in _TOLD or (name.endswith(_SERVED) and not name.endswith(_ON_OTHERS))
        day = reached.day(name) if ours else None
        if day is not None:
            days.append(PartyDay(on=day, what=milestone.title, id=name if milestone.rated else ""))
    return sorted(days, key=lambda one: one.on)
