"""A page of a worklist reads about as much as it shows, however many tasks are open; on both databases."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import EVERYWHERE, Actor, Engine
from jiefen.record.rows import kept_roles, roles_of, township_of
from jiefen.store import schema
from tests.integration.conftest import Opener
from tests.integration.watch import china

MANY = 8_000
TOWNSHIPS = 16
SETS = (
    (("village_mediator", "township_mediator"), 60),
    (("grid_worker", "village_head", "township_coordinator"), 30),
    (("petition_officer",), 9),
    (("handling_organ",), 1),
)
#: Who looks, and how many open tasks a page of ten may read at most.
LOOKERS = {
    "a village": (Actor("v", frozenset({"village_mediator"}), "140429105203"), 600),
    "a grid": (Actor("g", frozenset({"grid_worker"}), "140429105203001"), 600),
    "a township": (Actor("t", frozenset({"township_coordinator"}), "140429105"), 200),
    "a county": (Actor("c", frozenset({"township_coordinator", "petition_officer"}), "140429"), 200),
    "a department": (Actor("d", frozenset({"handling_organ"}), "140429"), 200),
    "everywhere": (Actor("e", frozenset({"village_mediator", "handling_organ"}), EVERYWHERE), 200),
    "nowhere": (Actor("n", frozenset({"village_mediator"}), "150429"), MANY),
}


@pytest.fixture(scope="module")
def dice() -> random.Random:
    return random.Random(7)


@pytest.fixture
def engine(opener: Opener, dice: random.Random) -> Engine:
    """A county with many open tasks, half of them claimed."""
    engine = opener(processes=None, rules=None)
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
    case = engine.open_case("dispute", facts, key="first", by=Actor("0412")).id
    database = engine._runtime.database
    with database.writing() as connection:
        of_case = connection.execute(sa.select(schema.case).where(schema.case.c.id == case)).one()._asdict()
        of_task = connection.execute(sa.select(schema.task)).one()._asdict()
        cases, tasks = [], []
        for number in range(1000, 1000 + MANY):
            area = f"1404291{number % TOWNSHIPS:02d}2{number // TOWNSHIPS % 10:02d}"
            [roles] = dice.choices([one for one, _ in SETS], [many for _, many in SETS])
            cases.append(of_case | {"id": number, "key": f"k{number}", "area": area})
            tasks.append(
                of_task
                | {"id": number, "case_id": number, "area": area, "township": township_of(area)}
                | {"roles": kept_roles(roles), "assignee": dice.choice([None, f"somebody-{number % 500}"])}
                | {"next_due": china(3, 2) + timedelta(minutes=dice.randrange(1_000_000))}
            )
        connection.execute(sa.insert(schema.case), cases)
        connection.execute(sa.insert(schema.task), tasks)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return engine


def test_a_page_reads_little_more_than_it_shows(engine: Engine) -> None:
    read = {name: _read(engine, looker) for name, (looker, _) in LOOKERS.items()}
    assert {name: rows for name, rows in read.items() if rows > LOOKERS[name][1]} == {}, read


def test_it_shows_what_a_look_at_every_task_shows(engine: Engine) -> None:
    with engine._runtime.database.reading() as connection:
        every = connection.execute(sa.select(schema.task)).all()
    for looker, _ in LOOKERS.values():
        known = engine.edition.rulebook.roles
        roles = looker.roles | {name for name in known if looker.roles & set(known[name].deputies)}
        area = "" if looker.area == EVERYWHERE else looker.area or ""
        mine = [
            (row.next_due, row.id)
            for row in every
            if row.assignee is None
            and roles & set(roles_of(row.roles))
            and (row.area.startswith(area) or area.startswith(row.area))
        ]
        shown = [item.task.id for item in _pages(engine, looker, 60)]
        assert shown == [id for _, id in sorted(mine)][: len(shown)]
        assert len(shown) == min(len(mine), 60)


def _pages(engine: Engine, looker: Actor, most: int) -> Iterator[Any]:
    after, shown = None, 0
    while shown < most and (page := engine.worklist(by=looker, after=after, limit=10)):
        yield from page
        after, shown = page[-1].token, shown + len(page)


def _read(engine: Engine, looker: Actor) -> int:
    """How many rows of the tasks a page reads: on PostgreSQL as it says, on SQLite by the steps of its machine."""
    database, seen = engine._runtime.database, []

    def listen(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        seen.append((statement, parameters))

    for one in database.engines:
        sa.event.listen(one, "before_cursor_execute", listen)
    engine.worklist(by=looker, limit=10)
    for one in database.engines:
        sa.event.remove(one, "before_cursor_execute", listen)
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            explain = "EXPLAIN (ANALYZE, FORMAT JSON) "
            plans = [connection.exec_driver_sql(explain + text, values).scalar() for text, values in seen]
            return sum(
                _rows(plan[0]["Plan"] if isinstance(plan, list) else json.loads(plan)) for plan in plans
            )
        steps = [0]
        driver: Any = connection.connection.driver_connection

        def count() -> int:
            steps[0] += 1
            return 0

        driver.set_progress_handler(count, 40)  # about what a row takes that is looked at and left out
        for text, values in seen:
            connection.exec_driver_sql(text, values).all()
        driver.set_progress_handler(None, 0)
        return steps[0]


def _rows(plan: dict[str, Any]) -> int:
    """The rows that the nodes of a plan have read of the tasks, those that they left out among them."""
    here = 0
    if plan.get("Relation Name") == "jiefen_task":
        left_out = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        here = int((plan["Actual Rows"] + left_out) * plan["Actual Loops"])
    return here + sum(_rows(one) for one in plan.get("Plans", ()))
