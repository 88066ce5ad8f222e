"""What somebody may not read tells them nothing: a case more or less of that kind changes no answer to any call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from jiefen import Actor, Engine, JiefenError
from jiefen.clock import china_date
from jiefen.reading.reader import Reader
from jiefen.story.explain import Explanation
from tests.integration.test_reading import (
    CENTRE,
    CHIEF,
    ELSEWHERE,
    OF_A_CASE,
    OFFICE,
    PLACE,
    READS,
    actor,
    call_of,
    world,
)

__all__ = ["world"]

#: Cases of each kind, and who of the table may not read them; each is full of what lists, counts and figures look at.
HIDDEN: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "of another place": ({"area": ELSEWHERE}, ("a clerk of the place", "who works on it", "nobody")),
    "sensitive": ({"minor_involved": True, "violence": True}, ("a clerk of the place", "an office above")),
    "accusing them": (
        {"concerns_official": True, "accused_persons": ["accused"]}, ("who is accused", "a clerk of the place"),
    ),
    "accusing their unit": (
        {"concerns_official": True, "accused_units": ["petition_officer"]}, ("who works on it", "who is accused"),
    ),
    "sealed": ({}, ("who works on it", "an office above", "an office of all areas", "who led it")),
}  # fmt: skip
LAST_YEAR = {"since": date(2025, 1, 1), "until": date(2026, 3, 2)}


def asked(reader: Reader, cases: list[int]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every call of a reader, asked in the ways in which it counts, orders and pages."""
    for name in OF_A_CASE:
        for case in cases:
            yield f"{name} {case}", lambda name=name, case=case: call_of(reader, name)(case)  # type: ignore[misc]
    for name, ways in WAYS.items():
        for way in ways:
            yield f"{name} {way}", lambda name=name, way=way: call_of(reader, name)(**way)  # type: ignore[misc]
    yield "petition_report", lambda: reader.petition_report(2026)
    for figure in reader.edition.rulebook.view(PLACE).figures:
        yield f"figure_cases {figure}", lambda figure=figure: reader.figure_cases(figure, **LAST_YEAR)  # type: ignore[misc]


WAYS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "cases": ({}, {"status": "open"}, {"area": PLACE}, {"leader": "leader"}, {"key": "hidden"}, {"limit": 1}),
    "tasks": ({}, {"role": "petition_officer"}, {"assignee": "worker"}),
    "worklist": ({}, {"limit": 1}),
    "workload": ({}, {"area": PLACE}),
    "search": (
        {"facets": True}, {"text": "砌墙", "facets": True}, {"party": "张三", "facets": True}, {"order": "due"},
        {"order": "colour"}, {"facts": {"minor_involved": True}, "facets": True}, {"overdue": True, "facets": True},
        {"party": "13800000000"}, {"limit": 1},
    ),
    "deadlines_due": ({}, {"until": date(2026, 6, 1)}, {"holder": "petition_officer"}),
    "probable_repeats": ({},),
    "dispatches": ({},),
    "whistles": ({},),
    "supervisions": ({}, {"status": "open"}),
    "deliveries": tuple({"status": status} for status in ("pending", "parked", "sent", "incident")),
    "incidents": ({},),
    "feed": ({"limit": 1000}, {"kinds": ["opened"], "limit": 1000}, {"after": 10}, {"after": 2**40}),
    "figures": (LAST_YEAR, LAST_YEAR | {"by": "month"}, LAST_YEAR | {"by": "area", "area": "140429"}),
    "absences": ({},),
    "routines.lists": ({},),
    "appointments.find": ({}, {"official": "l-personal"}),
}  # fmt: skip


def answers(engine: Engine, who: Actor, cases: list[int]) -> dict[str, str]:
    """All that somebody is told, refusals included."""
    reader, found = engine.as_(who, because="会商"), {}
    for name, ask in asked(reader, cases):
        try:
            found[name] = str(plain(ask()))
        except JiefenError as refused:
            found[name] = f"{type(refused).__name__}: {refused}"
    return found


def plain(value: Any) -> Any:
    """A result with all that stands in it, also what its ``repr`` leaves out."""
    if isinstance(value, Explanation):
        return [value.text("zh"), value.text("en"), value.as_dict()]
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def full(engine: Engine, name: str, facts: Mapping[str, Any]) -> int:
    """A case with all that lists and counts look at; the same people and matter as in the others."""
    people = [
        {"part": "applicant", "name": "张三", "phone": "13800000000", "id_number": "11010519491231002X"}
    ]
    given = {
        "area": PLACE,
        "dispute_type": "neighbour",
        "title": "砌墙堵路",
        "received_on": "2025-09-01",
    } | facts
    case = engine.open_case(
        "dispute",
        given,
        key=f"hidden {name}",
        by=CENTRE if given["area"] == PLACE else OFFICE,
        parties=people,
    ).id
    if name == "sealed":
        engine.grades.set(case, "sealed", reason="当事人受到威胁", by=CENTRE)
    engine.supervise(case, "township_coordinator", "remind", ground="迟迟未办", reply="3 d", by=CHIEF)
    engine.bind_leader(case, "other-leader", by=OFFICE)
    by = actor("there", "township_coordinator", given["area"])
    at = datetime(2026, 3, 6, 2, tzinfo=UTC)
    engine.appointments.book(case, "reception", at=at, place="大厅", official=f"o-{name}", by=by)
    engine.whistle(
        kind="work",
        asked="到场",
        departments=["women_federation"],
        key=f"w-{name}",
        area=given["area"],
        case=case,
        by=by,
    )
    engine.dispatch(case, to="natural_resources_office", asked="核实", key=f"d-{name}", by=by)
    engine.notes.add(case, "待核实", by=by)
    return case


def test_a_case_that_somebody_may_not_read_changes_no_answer(world: Any) -> None:
    engine, cases = world.engine, [*world.ids.values()]
    world.clock.advance(timedelta(hours=1))
    engine.sweep()
    today = china_date(world.clock.now())
    showed: list[str] = []
    for kind, (facts, readers) in HIDDEN.items():
        asking = {who: READS[who][0](today) for who in readers}
        before = {who: answers(engine, one, cases) for who, one in asking.items()}
        full(engine, kind, facts)
        engine.sweep()
        for who, one in asking.items():
            for name, answer in answers(engine, one, cases).items():
                if answer != before[who][name]:
                    showed.append(
                        f"a case {kind} shows to {who} by {name}:\n  {before[who][name]}\n  {answer}"
                    )
    assert showed == [], "\n".join(showed)
