"""Programs act under their name; what a party wants is said by the party or recorded by an office, never by nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jiefen import (
    EVERYWHERE,
    SYSTEM,
    TRUSTED,
    Actor,
    Case,
    Engine,
    FactError,
    FixedClock,
    Happening,
    NotAllowed,
    NotFound,
    Received,
)
from tests.integration.conftest import make_tables
from tests.support.databases import Databases
from tests.support.moments import WINDOW

AREA = "140429102201"
PEOPLE = [{"part": "applicant", "name": "张三"}, {"part": "respondent", "name": "李四"}]


@pytest.fixture
def engine(databases: Databases, clock: FixedClock) -> Iterator[Engine]:
    """The bundled edition, in the program of a county."""
    with Engine.open(databases.prepared(make_tables), clock=clock, program="county-platform") as one:
        yield one


def opened(engine: Engine, key: str = "w:1") -> Case:
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": AREA}
    return engine.open_case("dispute", facts, key=key, parties=PEOPLE, by=WINDOW)


def told(engine: Engine, case: int) -> tuple[str, object]:
    [entry] = [one for one in engine.history(case) if one.kind is Happening.MESSAGE]
    return entry.actor, entry.data.get("party")


class TestPrograms:
    def test_what_is_called_without_by_is_done_by_the_program_of_the_engine(self, engine: Engine) -> None:
        case = opened(engine)
        engine.message("party.performed", case=case.id, key="m")
        assert told(engine, case.id) == ("program:county-platform", None)

    def test_a_program_says_its_name(self, engine: Engine) -> None:
        case = opened(engine)
        engine.message("party.performed", case=case.id, key="m", by=Actor.program("court-link"))
        assert told(engine, case.id)[0] == "program:court-link"
        assert Actor.program("host") == TRUSTED

    @pytest.mark.parametrize(
        "id", ["program:x", "Program:x", "ｐｒｏｇｒａｍ：x", "party:1/1", "PARTY:1", "system"]
    )
    def test_nobody_else_takes_such_a_name(self, id: str) -> None:
        with pytest.raises(FactError, match="stands for the engine itself, a program or a party"):
            Actor(id)

    @pytest.mark.parametrize("name", ["", "a\0b", "x" * 193, "a\u200bb"])
    def test_a_name_that_cannot_be_kept(self, name: str) -> None:
        with pytest.raises(FactError, match="no name for the journal"):
            Actor.program(name)

    def test_nobody_acts_as_the_engine_itself(self, engine: Engine) -> None:
        case = opened(engine)
        with pytest.raises(FactError, match="is the engine itself"):
            engine.message("party.performed", case=case.id, key="m", by=SYSTEM)

    def test_a_program_holds_no_office(self, engine: Engine) -> None:
        case = opened(engine)
        [task] = engine.tasks(case=case.id)
        for call in (
            lambda: engine.complete(task.id, {}, by=TRUSTED),
            lambda: engine.message("party.withdrew", case=case.id, key="m"),
            lambda: engine.message("party.withdrew", case=case.id, key="m", by=TRUSTED),
        ):
            with pytest.raises(NotAllowed):
                call()
        assert engine.case(case.id).status == "open"


class TestParties:
    def test_with_the_code_of_the_case(self, engine: Engine) -> None:
        case = opened(engine)
        assert case.code is not None
        by = Actor.party(case.code, 1)
        assert "code" not in repr(by).replace("party:code", "")
        assert engine.receive("party.withdrew", case=case.id, key="m", by=by) is Received.CAUGHT
        assert told(engine, case.id) == (f"party:{case.id}/1", 1)

    def test_whoever_has_the_code_without_saying_who(self, engine: Engine) -> None:
        case = opened(engine)
        assert case.code is not None
        engine.message("party.withdrew", case=case.id, key="m", by=Actor.party(case.code))
        assert told(engine, case.id) == (f"party:{case.id}", None)

    def test_whom_the_host_knows(self, engine: Engine) -> None:
        case = opened(engine)
        engine.message("party.withdrew", case=case.id, key="m", by=Actor.representative(case.id, 2))
        assert told(engine, case.id) == (f"party:{case.id}/2", 2)

    def test_not_in_the_case_of_others(self, engine: Engine) -> None:
        case, other = opened(engine), opened(engine, "w:2")
        assert other.code is not None
        again = engine.new_code(case.id, reason="凭条遗失", by=WINDOW)
        assert case.code is not None
        for by in (Actor.party(other.code), Actor.representative(other.id, 1), Actor.party(case.code)):
            with pytest.raises(NotAllowed, match="is none of case"):
                engine.message("party.withdrew", case=case.id, key="m", by=by)
        with pytest.raises(NotFound, match="no party 3; there are 1, 2"):
            engine.message("party.withdrew", case=case.id, key="m", by=Actor.representative(case.id, 3))
        assert engine.message("party.withdrew", case=case.id, key="m", by=Actor.party(again, 1))

    def test_what_is_for_an_office_is_not_for_them(self, engine: Engine) -> None:
        case = opened(engine)
        [task] = engine.tasks(case=case.id)
        for call in (
            lambda by: engine.complete(task.id, {}, by=by),
            lambda by: engine.recuse(case.id, "0618", reason="x", by=by),
            lambda by: engine.notes.add(case.id, "x", by=by),
        ):
            with pytest.raises(NotAllowed, match="is for an office"):
                call(Actor.representative(case.id, 1))


class TestOffices:
    def test_an_office_records_for_whom(self, engine: Engine) -> None:
        case = opened(engine)
        engine.message("party.withdrew", case=case.id, key="m", by=WINDOW, party=1)
        assert told(engine, case.id) == ("window", 1)

    @pytest.mark.parametrize(
        "by",
        [
            Actor("x"),
            Actor("x", area=EVERYWHERE),
            Actor("x", frozenset({"party"}), EVERYWHERE),
            Actor("x", frozenset({"township_coordinator"})),
            Actor("x", frozenset({"township_coordinator"}), "650000"),
        ],
    )
    def test_nobody_else_does(self, engine: Engine, by: Actor) -> None:
        case = opened(engine)
        with pytest.raises(NotAllowed, match=r"recording party\.withdrew"):
            engine.message("party.withdrew", case=case.id, key="m", by=by)

    def test_nor_who_is_recused(self, engine: Engine) -> None:
        case = opened(engine)
        engine.recuse(
            case.id, "window", reason="亲属", by=Actor("c", frozenset({"county_mediation_centre"}), "140429")
        )
        with pytest.raises(NotAllowed, match="recused"):
            engine.message("party.withdrew", case=case.id, key="m", by=WINDOW)
