"""派单: a matter is given to a department or to another level, and comes back with what was done.

An order is a case of its own, of the process ``dispatch``: so it has tasks, deadlines that press whoever has it, and a
story, and any number of orders may belong to one matter. The centre that gave it keeps a clock of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.case.arguments import check_actor, check_choice, check_flag, check_id, check_key, check_page
from jiefen.case.classification import FROM_MATTER, responsible
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.cases import open_within
from jiefen.commands.lookup import case_row, locked_case
from jiefen.commands.messages import take
from jiefen.desk import links as linking
from jiefen.errors import Conflict, FactError, NotAllowed, NotFound, UnknownValue
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import shown, written
from jiefen.outside.adapter import Adapter
from jiefen.people.authority import acts_in, refuse_recused, require_act, with_deputies
from jiefen.record.actor import SYSTEM, Actor
from jiefen.record.desk.dispatches import Dispatch
from jiefen.record.kinds import CaseStatus, DispatchState, Grade, Happening, LinkKind
from jiefen.record.rows import CaseRow
from jiefen.record.values import Answer, Delivery
from jiefen.rules import AssignmentKind, Rulebook, Who
from jiefen.store import cases as store
from jiefen.store.desk import dispatches as orders
from jiefen.store.desk import parties as party_store
from jiefen.story.snapshots import party_snapshot

#: The topic on which an order tells its matter what has become of it; the engine carries it itself.
PROGRESS: Final = "dispatch.progress"
#: What a matter hands on to its orders. The kind of dispute stays with the matter: an order is no second one.
_HANDED_ON: Final = ("title", "source", "source_ref", "persons")
_STATES: Final[Mapping[str | None, DispatchState]] = {
    "assign": DispatchState.RETURNED, "meet": DispatchState.DISPUTED, "sign": DispatchState.SENT,
    "work": DispatchState.SIGNED, "check": DispatchState.REPORTED, "follow_up": DispatchState.CHECKED,
}  # fmt: skip


def dispatch(
    runtime: Runtime,
    case: int,
    *,
    asked: str,
    key: str,
    by: Actor,
    to: str | None = None,
    limit: str = "general",
    urgent: bool = False,
    area: str | None = None,
    session: HostTransaction = None,
) -> Dispatch:
    """Give a matter to a department or to another level. A ``key`` that comes again gives that order back.

    The matter itself goes on as it was; the order is a case of its own. Its tasks go to the department: sign for it or
    return it with a reason, work on it, report. Then the centre checks, and the party is told and asked.

    Args:
        asked: what is asked for; the report is checked against it.
        to: the role that should work on it; by the rules (归口, the assignments of kind ``department``) when absent.
        limit: ``simple``, ``general`` or ``complex``; the rules ``dispatch.work_…`` say how long each takes.
        urgent: to be signed for within the hour.
        area: where it is to be done, when that is another place than the matter's.

    Raises:
        NotFound: there is no such case, or the models in use have no process ``dispatch``.
        NotAllowed: the actor does not hold the centre of the place, is recused; or the matter is an accusation.
        Conflict: the matter has ended, or is an order itself; or the key is that of another order.
        FactError: nobody is named and the rules name nobody, or something given cannot be.
    """
    check_id(case, "case")
    check_actor(by)
    check_key(key, "key of an order")
    check_flag(urgent, "urgent")
    what = written(asked, "asked")
    place = normalise_area(area) if area is not None else None
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        refuse_recused(row, by.id)
        rulebook = runtime.edition.rulebook
        before = store.case_with_key(connection, key)
        centre = centre_of(runtime, rulebook, row.area, by, f"orders for case {case}")
        if before is None:
            _require_open(row)
        refuse_accusation(row)
        there = place or row.area
        given: dict[str, Any] = {
            name: row.facts[name] for name in _HANDED_ON if row.facts.get(name) is not None
        }
        given |= {
            "description": what, "dispatched_by": centre, "dispatch_limit": limit, "dispatch_urgent": urgent,
            "dispatched_to": _department(runtime, rulebook, row, to, centre),
        }  # fmt: skip
        if there is not None:
            given["area"] = there
        people = [
            replace(party_snapshot(one), id_number=None) for one in party_store.of_cases(connection, [case])
        ]
        order = open_within(runtime, connection, orders.PROCESS, given, key=key, by=by, parties=people).id
        known = orders.matter_of(connection, order)
        if known not in (None, case):
            raise Conflict(f"the key {key!r} is that of order {order}, which belongs to case {known}")
        if known is None:
            said = {"to": given["dispatched_to"], "centre": centre}
            hang_on(
                runtime, connection, order, case, LinkKind.DISPATCHED_FROM, Happening.DISPATCHED, by, said
            )
        return _one(runtime, connection, order)


def dispatches(
    runtime: Runtime,
    *,
    case: int | None = None,
    area: str | None = None,
    status: CaseStatus | str | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Dispatch]:
    """Orders, by id: of one matter, or in an area with what lies inside it; page with ``after=found[-1].id``.

    Args:
        status: ``open``: those that are still to be done; ``ended``: those that came back.

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
        rows = orders.orders(connection, case, within, wanted, after, limit, seen)
        return [_dispatch(runtime, connection, row) for row in rows]


def listed(
    case: int | None, area: str | None, status: CaseStatus | str | None, after: int, limit: int
) -> tuple[str | None, str | None]:
    """The area and the status of a list of what hangs on matters, as the database has them.

    Raises:
        UnknownValue: there is no such status.
        FactError: a case, an area or a page that cannot be.
    """
    check_page(after, limit)
    if case is not None:
        check_id(case, "case")
    wanted = str(check_choice(status, "status of cases", CaseStatus)) if status is not None else None
    return normalise_area(area) if area is not None else None, wanted


def hang_on(
    runtime: Runtime,
    connection: Connection,
    new: int,
    old: int,
    kind: LinkKind,
    happening: Happening,
    by: Actor,
    said: Mapping[str, Any],
) -> None:
    """Link what was just opened to the case that it was opened for, whose journal says so."""
    opened, matter = locked_case(connection, new), locked_case(connection, old)
    one, other = recording_of(runtime, opened, by), recording_of(runtime, matter, by)
    if Grade(matter.grade).above(Grade(opened.grade)):
        # What is asked of others tells of the matter.
        one.note(Happening.GRADE_RAISED, matter.grade, before=opened.grade, reasons=[FROM_MATTER])
        kept = {"grade": matter.grade, "despite": []}
        one.changes.case.update(grade=matter.grade, graded_by_hand=kept)
    pair = linking.Pair(connection, one, other)
    linking.add(pair, kind, None)
    other.note(happening, str(new), **said)
    pair.keep()


def recall(
    runtime: Runtime, order: int, *, reason: str, by: Actor, session: HostTransaction = None
) -> Dispatch:
    """撤单: take an order back; the department is told, and the matter's journal keeps it. Again changes nothing.

    Raises:
        NotFound: there is no such order.
        NotAllowed: the actor does not hold the centre of the place, or is recused.
        Conflict: it was done already.
        FactError: the reason says nothing.
    """
    check_id(order, "order")
    check_actor(by)
    why = written(reason, "reason")
    with runtime.writing(session) as connection:
        row = locked_case(connection, order)
        _one(runtime, connection, order)
        refuse_recused(row, by.id)
        centre_of(runtime, runtime.edition.rulebook, row.area, by, f"order {order}")
        if row.status != CaseStatus.OPEN and row.outcome != "recalled":
            raise Conflict(
                f"order {order} is {row.status}; only an open one is taken back", zh="该派单已办结,不能撤回"
            )
        if row.status == CaseStatus.OPEN:
            # The key is that of the act: an order is taken back once.
            facts = {"recall_reason": why}
            take(
                runtime,
                "dispatch.recalled",
                case=order,
                key="recall",
                told=facts,
                actor=by,
                session=connection,
            )
        return _one(runtime, connection, order)


class Progress(Adapter):
    """Tells a matter what has become of its orders: the carrier of the topic ``dispatch.progress``."""

    def __init__(
        self,
        runtime: Runtime,
        kind: Happening = Happening.DISPATCH_PROGRESS,
        link: LinkKind = LinkKind.DISPATCHED_FROM,
    ) -> None:
        self._runtime, self._kind, self._link = runtime, kind, link

    def send(self, delivery: Delivery) -> Answer | None:
        """Write it in the journal of the matter; a second time changes nothing."""
        told = delivery.payload.get("inputs", {})
        subject = f"{delivery.case}/{delivery.id}"
        with self._runtime.writing() as connection:
            case = delivery.case
            matter = orders.matter_of(connection, case, self._link) if case is not None else None
            if matter is not None:
                row = locked_case(connection, matter)
                if not orders.is_told(connection, matter, self._kind, subject):
                    recording = recording_of(self._runtime, row, SYSTEM)
                    said = {name: value for name, value in told.items() if value is not None}
                    recording.note(self._kind, subject, **said)
                    keep(connection, recording)
        return None


def centre_of(runtime: Runtime, rulebook: Rulebook, area: str | None, by: Actor, what: str) -> str:
    """The centre that does ``what``: whose office the actor holds in a place, the nearest one.

    Raises:
        NotAllowed: the row of what is being done does not let them, or they hold no centre.
    """
    today = china_date(runtime.clock.now())
    centre = partial(_centre_of, rulebook, area, today)
    return require_act(by, area, what, on=today, tests={Who.CENTRE: centre}) or centre(by)


def _centre_of(rulebook: Rulebook, area: str | None, today: date, by: Actor) -> str:
    centres = rulebook.vocabulary.fact("dispatched_by").values
    for centre in centres:
        head = rulebook.roles[centre].head if centre in rulebook.roles else None
        enough = with_deputies([centre, *([head] if head else [])], rulebook.roles)
        if any(post.role in enough and acts_in(post, area, rulebook.roles) for post in by.held(today)):
            return centre
    titles = [rulebook.vocabulary.fact("dispatched_by").values[one] for one in centres]
    raise NotAllowed(
        f"orders and whistles are for the centre of the place ({', '.join(centres)}) or its head; {by.id} holds "
        f"neither for area {area}",
        zh=f"派单、撤单、吹哨由属地的{'或者'.join(one.zh for one in titles)}办理",
    )


def _department(runtime: Runtime, rulebook: Rulebook, row: CaseRow, to: str | None, centre: str) -> str:
    known = rulebook.vocabulary.fact("dispatched_to").values
    if to is None:
        facts = rulebook.vocabulary.from_json(
            {name: value for name, value in row.facts.items() if name in rulebook.vocabulary.facts}
        )
        view, today = runtime.edition.view(row.area), china_date(runtime.clock.now())
        named = [
            entry["role"]
            for assignment, entries in responsible(view, facts, today).items()
            if view.assignments[assignment].mode is AssignmentKind.DEPARTMENT
            for entry in entries
        ]
        to = next((role for role in named if role in known and role != centre), None)
        if to is None:
            raise FactError(
                "the rules name no department for this kind of matter (归口, assignments of kind department); say to=",
                zh="规则没有为这类事项确定归口部门;请写明承办单位",
                fact="dispatched_to",
            )
    return require_department(rulebook, to, centre)


def require_department(rulebook: Rulebook, role: str, centre: str) -> str:
    """A role that may be given something to do, or be called, by a centre.

    Raises:
        UnknownValue: there is no such department.
        FactError: it is the centre itself.
    """
    known = rulebook.vocabulary.fact("dispatched_to").values
    if role not in known:
        titles = "、".join(f"{id}({title.zh})" for id, title in known.items())
        raise UnknownValue(
            f"{shown(role)} is no department; {suggestion(str(role), known)}",
            zh=f"没有 {shown(role)} 这个单位;可以填:{titles}",
            fact="dispatched_to",
        )
    if role == centre:
        raise FactError(
            f"{role} is the centre itself; name somebody else",
            zh="不能派给、呼叫本单位自己",
            fact="dispatched_to",
        )
    return role


def _require_open(row: CaseRow) -> None:
    if row.status != CaseStatus.OPEN:
        raise Conflict(
            f"case {row.id} is {row.status}; only what is still to be done is given to somebody",
            zh=f"{row.id} 号案已不在办理中,不能派单",
        )
    if row.process == orders.PROCESS:
        raise Conflict(
            f"case {row.id} is an order itself; its department returns it, or the centre names another one",
            zh="派单不能再派;请退回,由中心改派",
        )


def refuse_accusation(row: CaseRow) -> None:
    """An accusation goes to the organ that is competent, and to nobody else.

    Raises:
        NotAllowed: the matter is one (信访工作条例第三十条第三款).
    """
    if "accusation" in (row.facts.get("matter_type"), row.facts.get("dispute_type")):
        raise NotAllowed(
            f"case {row.id} is an accusation; it goes to the organ that is competent for it by the procedure of "
            "petitions, and its papers to nobody else (信访工作条例第三十条第三款)",
            zh="检举控告按信访程序移送有权处理的机关,不得派单,不得透露给被检举控告的人员和单位(信访工作条例第三十条第三款)",
        )


def _one(runtime: Runtime, connection: Connection, order: int) -> Dispatch:
    row = orders.order(connection, order)
    if row is None:
        raise NotFound(
            f"case {order} is no order; `jiefen dispatches` (dispatches()) lists them",
            zh=f"{order} 号不是派单",
        )
    return _dispatch(runtime, connection, row)


def _dispatch(runtime: Runtime, connection: Connection, row: Row[Any]) -> Dispatch:
    facts = row.facts
    if row.status == CaseStatus.OPEN:
        state = _STATES.get(row.element, DispatchState.SENT)
    else:
        state = DispatchState.RECALLED if row.outcome == "recalled" else DispatchState.CLOSED
    return Dispatch(
        id=row.id,
        of=row.other_id,
        to=facts.get("dispatched_to"),
        by=facts["dispatched_by"],
        asked=facts["description"],
        limit=facts["dispatch_limit"],
        urgent=bool(facts.get("dispatch_urgent")),
        state=state,
        returns=facts.get("dispatch_returns", 0),
        result=facts.get("dispatch_result"),
        done=facts.get("dispatch_done"),
        satisfied=facts.get("satisfied"),
        due_at=row.due_at,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
    )
