"""Who reads what: every call that reads, for every kind of person, over every grade, from one table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import (
    EVERYWHERE,
    Actor,
    Audit,
    Between,
    Engine,
    FactError,
    FixedClock,
    Grade,
    HeldPost,
    NotFound,
)
from jiefen.clock import china_date
from jiefen.reading.reader import Reader
from jiefen.store.desk.links import link
from tests.integration.test_authority import NO_ACTS

PLACE, ELSEWHERE, COUNTY = "140429102", "140429103", "140429"


def actor(id: str, role: str, area: str = PLACE) -> Actor:
    return Actor(id, frozenset({role}), area)


CENTRE = actor("centre", "township_coordinator")
CHIEF = actor("chief", "county_petition_office", COUNTY)
OFFICE = actor("office", "joint_meeting_office", COUNTY)
WORKER = actor("worker", "petition_officer")

#: The cases, by how closely they are kept. All lie in one township; in each the petition officer has a task.
CASES: Mapping[str, Mapping[str, Any]] = {
    "personal": {"dispute_type": "neighbour", "injured_on": "2026-02-01"},
    "sensitive": {"dispute_type": "neighbour", "minor_involved": True},
    "accused": {"dispute_type": "neighbour", "concerns_official": True, "accused_persons": ["accused"]},
    "sealed": {"dispute_type": "neighbour"},
}
EVERY = frozenset(CASES)
NONE: frozenset[str] = frozenset()

#: What each kind of person may read: with, and without saying why.
READS: Mapping[str, tuple[Callable[[date], Actor], Collection[str], Collection[str]]] = {
    "who works on it": (lambda _: WORKER, {"personal", "sensitive", "accused"}, NONE),
    "a clerk of the place": (lambda _: actor("clerk", "land_officer"), {"personal"}, NONE),
    "a clerk of another area": (lambda _: actor("far", "petition_officer", ELSEWHERE), NONE, NONE),
    "an office above": (lambda _: actor("above", "county_government", COUNTY), {"personal"}, NONE),
    "an office of all areas": (lambda _: actor("all", "land_officer", EVERYWHERE), {"personal"}, NONE),
    "who is recused": (lambda _: actor("recused", "petition_officer"), NONE, NONE),
    "who is accused": (lambda _: actor("accused", "petition_officer"), {"personal", "sensitive"}, NONE),
    "who leads it": (lambda _: actor("leader", "land_officer", ELSEWHERE), EVERY - {"sealed"}, NONE),
    "who led it": (lambda _: actor("before", "land_officer", ELSEWHERE), EVERY - {"sealed"}, NONE),
    "who is named": (lambda _: actor("named", "land_officer", ELSEWHERE), EVERY - {"sealed"}, NONE),
    "who is named by two": (
        lambda _: actor("named-twice", "land_officer", ELSEWHERE), EVERY - {"sealed"}, {"sealed"},
    ),
    "who is named no more": (lambda _: actor("gone", "land_officer", ELSEWHERE), NONE, NONE),
    "who is named and holds no post": (lambda _: Actor("named"), NONE, NONE),
    "nobody": (lambda _: Actor("nobody"), NONE, NONE),
    "a post without an area": (lambda _: Actor("x", frozenset({"petition_officer"})), NONE, NONE),
    "a role that nobody knows": (lambda _: actor("x", "auditor_of_all", EVERYWHERE), NONE, NONE),
    "the system administrator": (lambda _: actor("sys", "system_administrator", EVERYWHERE), NONE, NONE),
    "the security administrator": (lambda _: actor("sec", "security_administrator", EVERYWHERE), NONE, NONE),
    "the audit administrator": (lambda _: actor("aud", "audit_administrator", EVERYWHERE), NONE, NONE),
    "a post that ended yesterday": (
        lambda day: Actor("worker", posts=(
            HeldPost("petition_officer", PLACE, until=day - timedelta(days=1)),
        )), NONE, NONE,
    ),
    "a post that begins tomorrow": (
        lambda day: Actor("worker", posts=(
            HeldPost("petition_officer", PLACE, since=day + timedelta(days=1)),
        )), NONE, NONE,
    ),
}  # fmt: skip

#: Calls about one case. The case is their first argument.
OF_A_CASE = (
    "case", "history", "explain", "open_questions", "deadlines", "earliest_right", "links", "ratings", "parties.of",
    "notes.of", "attachments.of", "documents.of", "documents.services", "appointments.of", "checklists.of",
    "leading.of", "grades.readers", "status",
)  # fmt: skip
#: Calls that list, with the cases that what they list is of.
LISTS: Mapping[str, Callable[[Any], list[int | None]]] = {
    "cases": lambda found: [one.id for one in found],
    "tasks": lambda found: [one.case for one in found],
    "search": lambda found: [one.case.id for one in found.items],
    "deadlines_due": lambda found: [one.deadline.case for one in found],
    "probable_repeats": lambda found: [case for one in found for case in (one.case, one.other)],
    "supervisions": lambda found: [one.case for one in found],
    "deliveries": lambda found: [one.case for one in found],
    "feed": lambda found: [one.case for one in found.entries],
    "appointments.find": lambda found: [one.appointment.case for one in found],
    "incidents": lambda found: [one.case for one in found],
}
#: Calls with tests of their own below, and in test_reading_parts.
OTHERS = {
    "task", "worklist", "workload", "figures", "figure_cases", "petition_report", "dispatches", "whistles",
    "attachments.read", "documents.read", "documents.draft", "absences", "routines.lists", "audit.reads",
    "audit.unusual", "refusals", "refused_often",
}  # fmt: skip
#: What reads, and is for programs and those who run them: ``as_`` gives it to nobody.
FOR_PROGRAMS = {
    "acknowledge", "as_", "attachments.check", "by_code", "close", "directory", "lag", "on", "open", "rate",
    "records.rotate_keys", "records.encrypt", "records.rewrite", "sweep", "audit.verify", "audit.anchor",
    "calls.once", "calls.unchanged", "calls.used", "calls.uses",
}  # fmt: skip
#: What says itself who asks, and gives nobody more than they may do; and what is of the edition, not of cases.
OF_AN_ACTOR = {"pending.ask", "pending.of", "pending.agree", "pending.refuse", "documents.kinds"}
#: Diaries are read by readers of their own.
BY_READERS = {"diaries.of", "diaries.opened", "diaries.addresses"}


@pytest.fixture
def world(opener: Callable[..., Engine], clock: FixedClock) -> Any:
    """The cases, each pressed for, booked, led, with somebody recused, and with somebody named."""
    engine = opener(processes=None, rules=None)
    ids: dict[str, int] = {}
    for name, facts in CASES.items():
        given = {"area": PLACE, "title": "事由", "received_on": china_date(clock.now()).isoformat()} | dict(
            facts
        )
        parties = [{"part": "applicant", "name": "张三", "id_number": "11010519491231002X"}]
        case = engine.open_case("dispute", given, key=name, by=CENTRE, parties=parties).id
        ids[name] = case
        engine.bind_leader(case, "before", by=OFFICE)
        engine.bind_leader(case, "leader", reason="调整", by=OFFICE)
        engine.supervise(case, "petition_officer", "remind", ground="迟迟未办", reply="3 d", by=CHIEF)
        engine.appointments.book(
            case,
            "reception",
            at=datetime(2026, 3, 5, 2, tzinfo=UTC),
            place="大厅",
            official=f"l-{name}",
            by=CENTRE,
        )
        engine.recuse(case, "recused", reason="近亲属", by=CHIEF)
        for person in ("named", "named-twice", "gone"):
            engine.grades.let_read(case, person, reason="会商", by=CENTRE)
        engine.grades.let_read(case, "named-twice", reason="会商", by=CHIEF)
        engine.grades.withdraw(case, "gone", reason="会商结束", by=CHIEF)
    with engine._runtime.writing() as connection:
        pair = {"case_id": ids["personal"], "other_id": ids["sensitive"], "kind": "probable_repeat"}
        connection.execute(sa.insert(link).values(**pair, at=clock.now(), by="system"))
    engine.grades.set(ids["sealed"], "sealed", reason="当事人受到威胁", by=CENTRE)
    return SimpleNamespace(engine=engine, ids=ids, names={id: name for name, id in ids.items()}, clock=clock)


#: Lists that are longer than a page.
LONG: dict[str, dict[str, int]] = {"feed": {"limit": 1000}}


def call_of(reader: Any, name: str) -> Callable[..., Any]:
    part, _, call = name.rpartition(".")
    found: Callable[..., Any] = getattr(getattr(reader, part) if part else reader, call)
    return found


def test_every_call_that_reads_is_in_the_table(world: Any) -> None:
    reader = world.engine.as_(WORKER)
    found = {name for name in vars(Reader) if not name.startswith("_")}
    for name, part in vars(reader).items():
        if not name.startswith("_") and name != "edition":
            found |= {f"{name}.{one}" for one in vars(type(part)) if not one.startswith("_")}
    assert found == {*OF_A_CASE, *LISTS, *OTHERS}
    # Whatever the engine can be asked is in the table, or is said to be for programs alone.
    audit = {f"audit.{name}" for name in vars(Audit) if not name.startswith("_") and name != "open"}
    assert (NO_ACTS | audit) - FOR_PROGRAMS - BY_READERS - OF_AN_ACTOR <= found
    assert found.isdisjoint(FOR_PROGRAMS | OF_AN_ACTOR)


def program(engine: Engine, name: str) -> Any:
    """What a program is given: everything."""
    arguments = {"by": actor("all", "petition_officer", EVERYWHERE)} if name == "appointments.find" else {}
    return call_of(engine, name)(**arguments, **LONG.get(name, {}))


def test_each_call_gives_what_the_table_says(world: Any) -> None:
    for who in READS:
        for because in (None, "会商"):
            hold(world, who, because)


def hold(world: Any, who: str, because: str | None) -> None:
    """Somebody is given what the table says, by every call."""
    engine: Engine = world.engine
    make, reads, with_reason = READS[who]
    reader = engine.as_(make(china_date(world.clock.now())), because=because)
    readable = {world.ids[name] for name in {*reads, *(with_reason if because else ())}}
    for name in OF_A_CASE:
        for case in world.ids.values():
            told = f"{name} of {world.names[case]} for {who}"
            if case in readable:
                call_of(reader, name)(case)
                continue
            with pytest.raises(NotFound) as refused:
                call_of(reader, name)(case)
            with pytest.raises(NotFound) as absent:
                call_of(reader, name)(999_999)
            # Nobody learns that a case is there which they may not read.
            assert str(refused.value) == str(absent.value).replace("999999", str(case)), told
    for name, cases in LISTS.items():
        everything = cases(program(engine, name))
        assert everything or name == "incidents", f"the list {name} is empty and shows nothing"
        theirs = cases(call_of(reader, name)(**LONG.get(name, {})))
        if name == "probable_repeats":
            both = [{one.case, one.other} for one in program(engine, name)]
            seen = [{one.case, one.other} for one in call_of(reader, name)()]
            assert seen == [pair for pair in both if pair <= readable], f"{name} for {who}"
            continue
        assert theirs == [case for case in everything if case in readable], f"{name} for {who}"
        page = call_of(reader, name)(limit=1)
        assert len(cases(page)) == min(1, len(theirs)), f"a page of {name} for {who} is not full"
    hits = reader.search(facets=True)
    assert hits.count == len(readable)
    assert all(sum(values.values()) == len(readable) for values in hits.facets.values())
    open_tasks = [one for one in engine.tasks() if one.case in readable]
    assert sum(one.open for one in reader.workload()) == sum(len(one.roles) for one in open_tasks)
    assert {one.task.case for one in reader.worklist()} <= readable
    for task in engine.tasks():
        if task.case in readable:
            assert reader.task(task.id) == task
        else:
            with pytest.raises(NotFound):
                reader.task(task.id)
    for figure in reader.figures():
        behind = reader.figure_cases(figure.name)
        assert {one.case for one in behind} <= readable
        assert figure.denominator == sum(one.counted for one in behind)
    assert reader.petition_report(2026).year == 2026


def test_facts_and_cards_are_for_who_needs_to_know(world: Any) -> None:
    engine, case = world.engine, world.ids["personal"]
    works, looks = engine.as_(WORKER), engine.as_(actor("clerk", "land_officer"))
    assert works.case(case).facts["injured_on"] == date(2026, 2, 1)
    assert works.case(case).withheld == 0
    seen = looks.case(case)
    assert "injured_on" not in seen.facts
    assert seen.withheld >= 1
    assert seen.facts["title"] == "事由"
    assert looks.history(case)[0].data["facts"]["injured_on"] == "***"
    assert works.history(case)[0].data["facts"]["injured_on"] == "2026-02-01"
    first = next(one for one in looks.feed().entries if one.case == case)
    assert first.data["facts"]["injured_on"] == "***"
    assert looks.explain(case).journal[0].data["facts"]["injured_on"] == "***"
    assert works.parties.of(case)[0].id_number == "11010519491231002X"
    assert looks.parties.of(case)[0].id_number == "***002X"
    assert looks.parties.of(case)[0].name == "张三"


def test_orders_are_kept_as_closely_as_their_matter(world: Any) -> None:
    engine = world.engine
    for name, case in world.ids.items():
        engine.dispatch(case, to="natural_resources_office", asked="核实", key=f"d-{name}", by=CENTRE)
    orders = {one.of: one.id for one in engine.dispatches()}
    grades = {name: engine.case(orders[case]).grade for name, case in world.ids.items()}
    assert grades == {
        "personal": Grade.PERSONAL, "sensitive": Grade.SENSITIVE, "accused": Grade.SENSITIVE, "sealed": Grade.SEALED,
    }  # fmt: skip
    looks = engine.as_(actor("clerk", "land_officer"))
    assert [one.of for one in looks.dispatches()] == [world.ids["personal"]]
    does = engine.as_(actor("nr", "natural_resources_office"))
    assert {one.of for one in does.dispatches()} == {
        world.ids[name] for name in ("personal", "sensitive", "accused")
    }
    assert {case for case in (one.id for one in does.cases()) if case in world.names} == {
        world.ids["personal"]
    }


def test_whistles_and_files_are_read_like_their_cases(world: Any) -> None:
    engine = world.engine
    engine.whistle(
        kind="work",
        asked="到场",
        departments=["land_officer"],
        key="w",
        area=PLACE,
        case=world.ids["sensitive"],
        by=CENTRE,
    )
    [blown] = engine.whistles()
    assert engine.case(blown.id).grade is Grade.SENSITIVE
    assert engine.as_(actor("clerk", "women_federation")).whistles() == []
    file = engine.attachments.add(world.ids["sensitive"], "a.pdf", b"%PDF-1.7", by=CENTRE)
    assert engine.as_(WORKER).attachments.read(world.ids["sensitive"], file.seq) == b"%PDF-1.7"
    with pytest.raises(NotFound):
        engine.as_(actor("clerk", "land_officer")).attachments.read(world.ids["sensitive"], file.seq)


def test_what_a_search_asks_for_tells_nothing_of_what_is_hidden(world: Any) -> None:
    looks = world.engine.as_(actor("clerk", "land_officer"))
    assert [one.case.id for one in looks.search("事由").items] == [world.ids["personal"]]
    assert looks.search(facts={"minor_involved": True}).items == ()
    assert looks.search(party="张三", facets=True).count == 1
    today = Between(date(2026, 1, 1), date(2026, 12, 31))
    assert [one.case.id for one in looks.search(opened=today, order="due").items] == [world.ids["personal"]]
    assert [one.case.id for one in looks.search(order="colour").items] == [world.ids["personal"]]


def test_a_case_that_was_lowered_is_read_again_and_one_that_is_moved_is_not(world: Any) -> None:
    engine, case = world.engine, world.ids["sensitive"]
    looks = engine.as_(actor("clerk", "land_officer"))
    leader = actor("chief-1", "township_leader")
    engine.grades.set(case, "personal", reason="当事人同意", by=leader)
    assert looks.case(case).withheld >= 1
    engine.move(case, ELSEWHERE, reason="属地有误", by=CHIEF)
    with pytest.raises(NotFound):
        looks.case(case)


def test_a_program_reads_everything(world: Any) -> None:
    engine = world.engine
    program = engine.as_(Actor.program("portal"))
    assert [one.id for one in program.cases()] == list(world.ids.values())
    assert all(program.notes.of(case) == [] for case in world.ids.values())
    assert engine.audit.reads() == []


@pytest.mark.parametrize("wrong", [None, "worker", 5, object()])
def test_nobody_reads_as_nonsense(world: Any, wrong: Any) -> None:
    with pytest.raises(FactError):
        world.engine.as_(wrong)
    with pytest.raises(FactError):
        world.engine.as_(WORKER, because=" ")
