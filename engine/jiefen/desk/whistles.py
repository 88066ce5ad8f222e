"""街乡吹哨、部门报到: departments are called to one place at once, and it is known who came.

A whistle is a case of its own (process ``whistle``), and so is each department that it calls (``report_in``): so each
has tasks, deadlines that press whoever owes something, and a story.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.case.arguments import check_actor, check_id, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.commands.cases import open_within
from jiefen.commands.lookup import case_row, locked_case
from jiefen.commands.messages import take
from jiefen.desk.dispatches import (
    Progress,
    centre_of,
    hang_on,
    listed,
    refuse_accusation,
    require_department,
)
from jiefen.errors import Conflict, FactError
from jiefen.notation.texts import written
from jiefen.people.authority import refuse_recused
from jiefen.record.actor import SYSTEM, Actor
from jiefen.record.desk.whistles import Call, Whistle
from jiefen.record.kinds import CallState, CaseStatus, Happening, LinkKind, WhistleState
from jiefen.record.values import Answer, Delivery
from jiefen.rules import Rulebook
from jiefen.store import cases as store
from jiefen.store.desk import dispatches as calling

#: The topics on which a department tells its whistle, and a whistle its matter and its departments; the engine carries
#: them itself.
DECIDED: Final = "whistle.decided"
TOPICS: Final = ("whistle.progress", DECIDED)
#: More departments than any township has.
MOST: Final = 40
_STATES: Final[Mapping[str | None, WhistleState]] = {
    "decide": WhistleState.BLOWN, "work": WhistleState.DECIDED, "check": WhistleState.WORKED,
}  # fmt: skip
_CALLS: Final[Mapping[str | None, CallState]] = {
    "name": CallState.SENT, "sign": CallState.SENT, "judge": CallState.RETURNED, "arrive": CallState.SIGNED,
    "confirm": CallState.ARRIVED, "rate": CallState.PRESENT, "explain": CallState.ABSENT,
}  # fmt: skip
_OUTCOMES: Final[Mapping[str | None, CallState]] = {
    "absent": CallState.ABSENT, "recalled": CallState.WITHDRAWN,
}  # fmt: skip


def whistle(
    runtime: Runtime,
    *,
    kind: str,
    asked: str,
    departments: Sequence[str],
    key: str,
    by: Actor,
    case: int | None = None,
    area: str | None = None,
    session: HostTransaction = None,
) -> Whistle:
    """Call departments to one place at once. A ``key`` that comes again gives that whistle back.

    Each department signs for the call or returns it with a reason, and comes; whoever called confirms that it is there,
    decides with those who came what is done and who leads, and rates each of them. Whoever has not come by then was
    absent, and explains it in writing. The lead does what was decided, and whoever called looks whether it helped.

    Args:
        kind: ``emergency``, ``quick``, ``work`` or ``hard``; the rules ``whistle.…`` say how long each gives. What 110,
            119 or 120 do at once waits for no whistle.
        asked: what the departments are asked to do there.
        departments: roles, as for ``dispatch(to=)``.
        case: the matter that it is for, if it is for one.
        area: where it is; that of the matter when absent.

    Raises:
        NotFound: there is no such case, or the models in use have no process ``whistle``.
        NotAllowed: the actor does not hold the centre of the place, is recused; or the matter is an accusation.
        Conflict: the matter has ended, or the key is that of another case.
        UnknownValue: there is no such kind or department.
        FactError: no place or no department is named, one is named twice, or something given cannot be.
    """
    check_actor(by)
    check_key(key, "key of a whistle")
    what = written(asked, "asked")
    if case is not None:
        check_id(case, "case")
    place = normalise_area(area) if area is not None else None
    with runtime.writing(session) as connection:
        rulebook = runtime.edition.rulebook
        matter = locked_case(connection, case) if case is not None else None
        there = place or (matter.area if matter is not None else None)
        if there is None:
            raise FactError(
                "say where the departments should come: area=", zh="请写明报到地点的地区", fact="area"
            )
        centre = centre_of(runtime, rulebook, there, by, f"a whistle in {there}")
        named = _departments(rulebook, departments, centre)
        before = store.case_with_key(connection, key)
        if matter is not None:
            refuse_recused(matter, by.id)
            refuse_accusation(matter)
            if before is None and matter.status != CaseStatus.OPEN:
                raise Conflict(
                    f"case {matter.id} is {matter.status}; only what is still to be done is called for",
                    zh=f"{matter.id} 号案已不在办理中,不能吹哨",
                )
        if before is None:
            given = {
                "title": matter.facts.get("title") if matter is not None else None,
                "description": what, "dispatched_by": centre, "whistle_kind": kind, "area": there,
            }  # fmt: skip
            given = {name: value for name, value in given.items() if value is not None}
            before = _blow(runtime, connection, case, given, named, key, by)
        found = calling.whistles(connection, None, None, None, before - 1, 1)
        if not found or found[0].id != before:
            raise Conflict(
                f"the key {key!r} is that of case {before}, which is no whistle", zh="该编号已用于其他事项"
            )
        return _whistles(connection, found)[0]


def whistles(
    runtime: Runtime,
    *,
    case: int | None = None,
    area: str | None = None,
    status: CaseStatus | str | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Whistle]:
    """Whistles with who came, by id: for one matter, or in an area with what lies inside it; page with the last id.

    Args:
        status: ``open``: those that are still to be done; ``ended``: those that are over.

    Raises:
        NotFound: there is no such case.
        UnknownValue: there is no such status.
        FactError: an area or a page that cannot be.
    """
    within, wanted = listed(case, area, status, after, limit)
    with runtime.reading(session) as connection:
        seen = runtime.seen(connection)
        if case is not None:
            case_row(connection, case, seen)
        return _whistles(connection, calling.whistles(connection, case, within, wanted, after, limit, seen))


class Whistling(Progress):
    """Carries what departments tell their whistle, and tells them that it is decided."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime, Happening.WHISTLE_PROGRESS, LinkKind.WHISTLED_FROM)

    def send(self, delivery: Delivery) -> Answer | None:
        """A second time changes nothing."""
        if delivery.topic == DECIDED and delivery.case is not None:
            with self._runtime.reading() as connection:
                open_calls = [
                    row.id
                    for row in calling.calls(connection, [delivery.case])
                    if row.status == CaseStatus.OPEN
                ]
            for call in open_calls:
                key = f"decided/{delivery.id}"
                take(self._runtime, DECIDED, case=call, key=key, told={}, actor=SYSTEM)
            return None
        return super().send(delivery)


def _blow(
    runtime: Runtime,
    connection: Connection,
    matter: int | None,
    given: Mapping[str, Any],
    named: Sequence[str],
    key: str,
    by: Actor,
) -> int:
    """Open the case of a whistle and one for each department, and link them."""
    whistle = open_within(runtime, connection, calling.WHISTLE, given, key=key, by=by).id
    if matter is not None:
        _hang(runtime, connection, whistle, matter, by, named)
    for role in named:
        facts = {**given, "dispatched_to": role}
        call = open_within(runtime, connection, calling.CALLED, facts, key=f"{key}/{role}", by=by).id
        _hang(runtime, connection, call, whistle, by, [role])
    return whistle


def _hang(
    runtime: Runtime, connection: Connection, new: int, old: int, by: Actor, named: Sequence[str]
) -> None:
    said = {"to": "、".join(named)}
    hang_on(runtime, connection, new, old, LinkKind.WHISTLED_FROM, Happening.WHISTLED, by, said)


def _departments(rulebook: Rulebook, departments: Sequence[str], centre: str) -> list[str]:
    if isinstance(departments, str) or not departments or len(departments) > MOST:
        raise FactError(
            f"name between 1 and {MOST} departments, as a list", zh=f"请列明 1 至 {MOST} 个报到单位",
            fact="dispatched_to",
        )  # fmt: skip
    named: list[str] = []
    for role in departments:
        if require_department(rulebook, role, centre) in named:
            raise FactError(f"{role} is named twice", zh="报到单位重复;每个单位写一次", fact="dispatched_to")
        named.append(role)
    return named


def _whistles(connection: Connection, rows: Sequence[Row[Any]]) -> list[Whistle]:
    called: dict[int, list[Call]] = defaultdict(list)
    for row in calling.calls(connection, [row.id for row in rows]) if rows else ():
        called[row.other_id].append(_call(row))
    return [_whistle(row, tuple(called[row.id])) for row in rows]


def _whistle(row: Row[Any], calls: tuple[Call, ...]) -> Whistle:
    facts, is_open = row.facts, row.status == CaseStatus.OPEN
    return Whistle(
        id=row.id,
        of=row.other_id,
        kind=facts["whistle_kind"],
        by=facts["dispatched_by"],
        area=row.area,
        asked=facts["description"],
        state=_STATES.get(row.element, WhistleState.BLOWN) if is_open else WhistleState.CLOSED,
        decision=facts.get("whistle_decision"),
        lead=facts.get("dispatched_to"),
        solved=facts.get("whistle_solved"),
        calls=calls,
        due_at=row.due_at,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
    )


def _call(row: Row[Any]) -> Call:
    facts = row.facts
    if row.status != CaseStatus.OPEN:
        state = _OUTCOMES.get(row.outcome, CallState.DONE)
    else:
        state = _CALLS.get(row.element, CallState.PRESENT if row.came else CallState.SENT)
    return Call(
        id=row.id,
        to=facts.get("dispatched_to"),
        state=state,
        person=facts.get("arrived_person"),
        late=bool(row.late),
        rating=facts.get("whistle_rating"),
        reason=facts.get("absence_reason") or facts.get("return_reason"),
        due_at=row.due_at,
    )
