"""What callers hand over is looked at before a database sees it; the same on SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import sqlalchemy.orm

from jiefen import (
    EVERYWHERE,
    Actor,
    Answer,
    Conflict,
    DatabaseError,
    Engine,
    FactError,
    NotAllowed,
    NotFound,
    UnknownValue,
)  # fmt: skip
from jiefen.store import schema
from jiefen.store.connecting.database import open_database
from tests.integration.conftest import CLERK, SMALL, Opener
from tests.support.moments import WINDOW

FACTS = {"area": "140429102", "amount": 1200, "received_on": date(2026, 3, 2)}


def opened(engine: Engine, key: str = "k1", **facts: object) -> int:
    return engine.open_case("claim", FACTS | facts, key=key, by=CLERK).id


class TestWays:
    """A fact is set only in the ways its ``set_by`` names."""

    def test_a_form_does_not_set_what_intake_sets(self, engine: Engine) -> None:
        case = opened(engine)
        [task] = engine.tasks(case=case)
        with pytest.raises(FactError, match=r"'area' is set by intake, not by form"):
            engine.complete(task.id, {"area": "11"}, by=CLERK)
        assert engine.case(case).area == "140429102"

    def test_a_message_does_not_set_what_forms_and_intake_set(self, engine: Engine) -> None:
        case = opened(engine)
        with pytest.raises(FactError, match=r"'area' is set by intake, not by message"):
            engine.message("matter.urgent", case=case, key="m", facts={"area": "11"})
        assert engine.message("matter.urgent", case=case, key="m") is False
        assert engine.case(case).facts["area"] == "140429102"

    def test_a_fact_of_one_message_is_not_set_by_another(self, engine: Engine) -> None:
        case = opened(engine)
        with pytest.raises(
            FactError, match=r"message:matter\.urgent, not by message or message:party\.withdrew"
        ):
            engine.message("party.withdrew", case=case, key="m", facts={"urgent": True}, by=WINDOW)
        engine.message("matter.urgent", case=case, key="m", facts={"urgent": True})
        assert engine.case(case).facts["urgent"] is True

    def test_an_outside_system_does_not_set_what_intake_sets(self, engine: Engine) -> None:
        case = opened(engine, amount=60000)
        [task] = engine.tasks(case=case)
        engine.complete(task.id, {}, by=CLERK)
        [parked] = engine.deliveries()
        with pytest.raises(FactError, match=r"'area' is set by intake, not by message or form"):
            engine.answer(parked.id, Answer({"area": "11"}))
        engine.answer(parked.id, Answer({"outcome": "agreed"}))
        assert engine.case(case).outcome == "agreed"


class TestArea:
    """A role counts where it is held and below; a grid's in its village too."""

    @pytest.mark.parametrize("held", [EVERYWHERE, "14", "140429", "140429102"])
    def test_whoever_acts_for_the_area_or_more_may_act(self, engine: Engine, held: str) -> None:
        [task] = engine.tasks(case=opened(engine))
        by = Actor("c", frozenset({"clerk"}), held)
        assert engine.claim(task.id, by=by).assignee == "c"

    @pytest.mark.parametrize(
        ("area", "held"),
        [
            ("14", "140429102201"),
            ("140429", "140429102"),
            ("140429102", "140429102201"),
            ("140429102", "140429103"),
            ("140429102201", "140429102202001"),
        ],
    )
    def test_whoever_acts_for_less_or_elsewhere_may_not(self, engine: Engine, area: str, held: str) -> None:
        [task] = engine.tasks(case=opened(engine, area=area))
        with pytest.raises(NotAllowed, match=f"lies in area {area}; c acts for {held}"):
            engine.claim(task.id, by=Actor("c", frozenset({"clerk"}), held))

    def test_a_grid_acts_for_its_village(self, engine: Engine) -> None:
        [task] = engine.tasks(case=opened(engine, area="140429102201"))
        by = Actor("c", frozenset({"clerk"}), "140429102201003")
        assert engine.claim(task.id, by=by).assignee == "c"


def test_what_the_database_refuses_is_told_without_the_data(url: str) -> None:
    database = open_database(url)
    with pytest.raises(sa.exc.DBAPIError) as caught, database.engine.connect() as connection:
        connection.execute(sa.text("select * from jiefen_none where x = :name"), {"name": "Li Lei"})
    assert "Li Lei" not in str(caught.value)
    database.dispose()


NUL, HALF, LONG = "a\0b", "a\ud800b", "x" * 201
NO_IDS = ["1", None, True, 1.0, 2**63, 2**70, -(2**70)]
NO_KEYS = ["", NUL, HALF, LONG, None, 7, b"k"]


class TestShapes:
    """What cannot be an id, a page, a key or a person is refused before any database sees it."""

    @pytest.mark.parametrize("value", NO_IDS)
    def test_ids(self, engine: Engine, value: Any) -> None:
        calls: list[Callable[[], object]] = [
            lambda: engine.case(value),
            lambda: engine.deadlines(value),
            lambda: engine.history(value),
            lambda: engine.explain(value),
            lambda: engine.earliest_right(value),
            lambda: engine.claim(value, by=CLERK),
            lambda: engine.complete(value, {}, by=CLERK),
            lambda: engine.message("matter.urgent", case=value, key="m"),
            lambda: engine.answer(value, Answer()),
            lambda: engine.resolve(value),
            lambda: engine.retry(value),
            lambda: engine.milestone(value, "accepted", by=CLERK),
            lambda: engine.routines.close(value, {}, by=CLERK),
        ]
        if value is not None:
            calls.append(lambda: engine.tasks(case=value))
        for call in calls:
            with pytest.raises(FactError, match=r"is no id of a .*; give a whole number"):
                call()

    def test_ids_that_nothing_has(self, engine: Engine) -> None:
        for id in (0, -1, 2**63 - 1):
            for call in (engine.case, engine.retry, engine.resolve, engine.history):
                with pytest.raises(NotFound):
                    call(id)
            assert engine.tasks(case=id) == []

    @pytest.mark.parametrize(
        "page",
        [
            {"limit": -1}, {"limit": 0}, {"limit": None}, {"limit": "10"}, {"limit": 2**70}, {"limit": True},
            {"after": None}, {"after": "1"}, {"after": 2**70}, {"after": 1.5},
        ],
    )  # fmt: skip
    def test_pages(self, engine: Engine, page: dict[str, Any]) -> None:
        case = opened(engine)
        calls: list[Callable[[], object]] = [
            lambda: engine.cases(**page),
            lambda: engine.tasks(**page),
            lambda: engine.history(case, **page),
            lambda: engine.deliveries(**page),
            lambda: engine.incidents(**page),
            lambda: engine.routines.lists(**page),
        ]
        for call in calls:
            with pytest.raises(FactError, match=r"(after|limit)=.* or leave it out"):
                call()

    @pytest.mark.parametrize("key", NO_KEYS)
    def test_keys_and_persons(self, engine: Engine, key: Any) -> None:
        case = opened(engine)
        [task] = engine.tasks(case=case)
        calls: list[Callable[[], object]] = [
            lambda: engine.open_case("claim", FACTS, key=key, by=CLERK),
            lambda: engine.open_case("claim", FACTS, key="k9", by=Actor(key)),
            lambda: engine.message("matter.urgent", case=case, key=key),
            lambda: engine.message(key, case=case, key="m"),
            lambda: engine.message("matter.urgent", case=case, key="m", by=Actor(key)),
            lambda: engine.claim(task.id, by=Actor(key, CLERK.roles, EVERYWHERE)),
            lambda: engine.complete(task.id, {}, by=Actor(key, CLERK.roles, EVERYWHERE)),
        ]
        for call in calls:
            with pytest.raises(FactError, match=r"is no (key|name|id) of a") as caught:
                call()
            assert str(caught.value).isprintable()
        assert len(engine.cases()) == 1

    @pytest.mark.parametrize("by", [None, "clerk", {"id": "clerk"}])
    def test_who_acts(self, engine: Engine, by: Any) -> None:
        with pytest.raises(FactError, match="says who acts"):
            engine.open_case("claim", FACTS, key="k", by=by)

    @pytest.mark.parametrize("value", [NUL, HALF, 7, ["open"]])
    def test_filters(self, engine: Engine, value: Any) -> None:
        calls: list[Callable[[], object]] = [
            *(
                lambda name=name: engine.cases(**{name: value})
                for name in ("status", "stage", "key", "leader")
            ),
            *(
                lambda name=name: engine.tasks(**{name: value})
                for name in ("status", "role", "assignee", "area")
            ),
            lambda: engine.deliveries(status=value),
            lambda: engine.routines.lists(role=value),
            lambda: engine.routines.lists(area=value),
        ]
        for call in calls:
            with pytest.raises(FactError):
                call()

    @pytest.mark.parametrize("facts", [None, [("amount", 1)], "amount", {1: 2}])
    def test_facts_that_are_no_mapping(self, engine: Engine, facts: Any) -> None:
        with pytest.raises(FactError, match="give a mapping"):
            engine.open_case("claim", facts, key="k", by=CLERK)


class TestOnce:
    def test_a_key_of_another_process_is_refused(self, engine: Engine) -> None:
        case = opened(engine, "k1")
        with pytest.raises(
            Conflict, match=f"'k1' is that of case {case}, a claim; give a watch a key of its own"
        ):
            engine.open_case("watch", {}, key="k1", by=CLERK)
        with pytest.raises(Conflict, match=f"is that of case {case}"):
            engine.open_case("claim-of-old", {}, key="k1", by=CLERK)

    def test_a_repeated_key_with_what_cannot_have_been_given_is_refused(self, engine: Engine) -> None:
        case = engine.open_case("claim", FACTS, key="k1", by=CLERK)
        for facts in ({"no_such_fact": 1}, {"amount": "lots"}, {"area": "140429102", "amount": 7}):
            with pytest.raises(Conflict, match=f"is that of case {case.id}"):
                engine.open_case("claim", facts, key="k1", by=CLERK)
        assert engine.open_case("claim", FACTS, key="k1", by=CLERK) == case
        with pytest.raises(FactError, match="no_such_fact"):
            engine.open_case("claim", {"no_such_fact": 1}, key="k2", by=CLERK)


class TestFilters:
    """A word that no edition in use knows is a slip; one that is known finds what there is."""

    @pytest.mark.parametrize(
        ("wrong", "near"),
        [
            ({"status": "opne"}, "open"), ({"process": "clam"}, "claim"), ({"outcome": "agred"}, "agreed"),
        ],
    )  # fmt: skip
    def test_cases(self, engine: Engine, wrong: dict[str, Any], near: str) -> None:
        opened(engine)
        with pytest.raises(FactError, match=f"did you mean '{near}'"):
            engine.cases(**wrong)
        assert engine.cases(**dict.fromkeys(wrong, near)) is not None

    def test_other_lists(self, engine: Engine) -> None:
        calls: list[Callable[[], object]] = [
            lambda: engine.tasks(status="opne"),
            lambda: engine.tasks(role="clark"),
            lambda: engine.deliveries(status="parkt"),
            lambda: engine.supervisions(status="opne"),
            lambda: engine.supervisions(role="offcer"),
            lambda: engine.routines.lists(status="opne"),
            lambda: engine.routines.lists(role="offcer"),
            lambda: engine.sweep(lane="clok"),  # type: ignore[arg-type]
        ]
        for call in calls:
            with pytest.raises(UnknownValue, match="did you mean"):
                call()

    def test_what_is_free_stays_free(self, engine: Engine) -> None:
        assert engine.cases(key="nobody's", leader="nobody") == engine.tasks(assignee="nobody") == []

    def test_a_word_of_an_older_edition_in_use_is_known(self, opener: Opener, tmp_path: Path) -> None:
        case = opened(opener())
        shutil.copytree(SMALL / "processes", tmp_path / "processes")
        (tmp_path / "processes" / "claim.bpmn").unlink()
        later = opener(processes=tmp_path / "processes")
        assert [one.id for one in later.cases(process="claim")] == [case]

    def test_a_page_has_a_most(self, engine: Engine) -> None:
        case = opened(engine)
        for call in (engine.cases, engine.tasks, engine.incidents, partial(engine.history, case)):
            assert call(limit=1_000) is not None
            with pytest.raises(FactError, match=r"at most 1000.*after="):
                call(limit=1_001)


class TestForms:
    """An answer sets what its form asks for, and nothing else."""

    @pytest.fixture
    def petition(self, opener: Opener) -> tuple[Engine, int]:
        engine = opener(processes=None, rules=None)
        facts = {
            "area": "140429102",
            "source": "petition_backlog",
            "organ_part": True,
            "dispute_type": "neighbour",
        }
        case = engine.open_case("petition", facts, key="p1", by=CLERK).id
        return engine, engine.tasks(case=case)[0].id

    def test_what_is_not_asked_for_is_refused(self, petition: tuple[Engine, int]) -> None:
        engine, task = petition
        by = Actor("o-1", frozenset(engine.tasks()[0].roles), "140429")
        answer = {"matter_type": "claim", "accepted_on": "2025-01-06"}
        with pytest.raises(FactError, match="does not ask for 'accepted_on'"):
            engine.complete(task, answer, by=by)
        with pytest.raises(FactError, match="does not ask for 'outcome'"):
            engine.complete(task, {"outcome": "settled_on_visit"}, by=by)
        assert "accepted_on" not in engine.complete(task, {"matter_type": "claim"}, by=by).facts

    def test_a_task_whose_model_declares_nothing_takes_an_outcome(self, engine: Engine) -> None:
        [task] = engine.tasks(case=opened(engine))
        with pytest.raises(FactError, match="does not ask for 'amount'"):
            engine.complete(task.id, {"amount": 5}, by=CLERK)
        assert engine.complete(task.id, {"outcome": "refused"}, by=CLERK).outcome == "refused"


class TestMessageNames:
    def test_one_that_nothing_knows_is_refused(self, engine: Engine) -> None:
        case = opened(engine)
        with pytest.raises(NotFound, match=r"'party.withdrawn'; did you mean 'party\.withdrew'"):
            engine.message("party.withdrawn", case=case, key="m")
        # The key was not used up by that.
        assert engine.message("party.withdrew", case=case, key="m", by=WINDOW) is True

    def test_one_that_simply_nobody_waits_for_is_not(self, engine: Engine) -> None:
        case = opened(engine)
        assert engine.message("matter.urgent", case=case, key="m") is False


class TestRefusedByTheDatabase:
    """Should a value get past every check, the driver's error neither reaches the host raw nor tells the value."""

    @pytest.mark.parametrize("in_the_hosts", [False, True])
    @pytest.mark.parametrize("value", ["Li\0Lei", "Li\ud800Lei", 2**80])
    def test_values(self, engine: Engine, value: object, in_the_hosts: bool) -> None:
        runtime = engine._runtime
        kind = sa.Text() if isinstance(value, str) else sa.BigInteger()
        query = sa.select(sa.cast(sa.bindparam("name", type_=_Raw()), kind))

        def ask() -> None:
            with (
                runtime.database.engine.connect() as host,
                runtime.writing(host if in_the_hosts else None) as connection,
            ):
                connection.execute(query, {"name": value}).all()

        if value == "Li\0Lei" and runtime.database.engine.dialect.name == "sqlite":
            ask()  # SQLite keeps it
            return
        with pytest.raises(FactError, match="cannot keep a value") as caught:
            ask()
        assert "Li" not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_rows_that_contradict_each_other(self, engine: Engine) -> None:
        opened(engine, "Li Lei")

        def again() -> None:
            with engine._runtime.writing() as connection:
                row = connection.execute(sa.select(schema.case)).one()._mapping
                connection.execute(sa.insert(schema.case).values({**row, "id": 99}))

        with pytest.raises(Conflict, match=r"jiefen_case\.key|uq_jiefen_case_key") as caught:
            again()
        assert "Li Lei" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert len(engine.cases()) == 1

    def test_what_the_host_did_wrong_stays_the_hosts(self, engine: Engine) -> None:
        database = engine._runtime.database.engine
        with database.begin() as connection:
            connection.execute(sa.text("create table their_own (id integer primary key)"))
        base = sa.orm.declarative_base()
        theirs = type(
            "Theirs", (base,), {"__tablename__": "their_own", "id": sa.Column(sa.Integer, primary_key=True)}
        )
        with sa.orm.Session(database) as session:
            session.add(theirs(id=1))
            session.flush()
            session.expunge_all()
            session.add(theirs(id=1))
            with pytest.raises(sa.exc.IntegrityError):
                engine.open_case("claim", FACTS, key="k", by=CLERK, session=session)


class _Raw(sa.types.UserDefinedType[object]):
    """A value handed to the driver as it is."""

    cache_ok = True


def test_a_session_that_is_none(engine: Engine) -> None:
    with pytest.raises(DatabaseError, match="not a str"):
        engine.sweep(session="s")  # type: ignore[arg-type]


def test_a_closed_engine_does_nothing(engine: Engine) -> None:
    engine.close()
    engine.close()
    for call in (engine.sweep, engine.cases, engine.lag):
        with pytest.raises(DatabaseError, match="was closed"):
            call()
