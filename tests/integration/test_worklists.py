"""What somebody may do now is what their list shows, and nothing else; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiefen import (
    EVERYWHERE,
    Actor,
    Engine,
    FactError,
    FixedClock,
    HeldPost,
    JiefenError,
    NotAllowed,
    NotFound,
    Why,
)
from jiefen.people.directory import Organisation, Post
from jiefen.record.rows import FAR
from jiefen.store import schema
from jiefen.store.desk import worklists
from tests.integration.conftest import Opener
from tests.integration.test_confidential import accused
from tests.integration.watch import china
from tests.support.chance import examples
from tests.support.moments import RECUSER

CLERK = Actor("0412", frozenset({"township_coordinator"}), "140429")
AREAS = ("140429102201", "140429102202", "140429103201", "140429102203001")
ROLES = (
    "village_mediator", "village_head", "grid_worker", "grid_chief", "township_coordinator", "township_mediator",
    "petition_officer", "county_petition_office",
)  # fmt: skip


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


def opened(engine: Engine, number: int, area: str, **more: Any) -> int:
    facts = {
        "source": "walk_in",
        "dispute_type": "neighbour",
        "area": area,
        "title": f"第{number}件事",
    } | more
    people = [{"part": "applicant", "name": "张三", "phone": "13800000001"}]
    return engine.open_case("dispute", facts, key=f"k{number}", by=CLERK, parties=people).id


def may_claim(engine: Engine, by: Actor, connection: sa.Connection) -> set[int]:
    """The open tasks that ``by`` may have, found by asking for each of them and taking it back."""
    return {task.id for task in engine.tasks(limit=1000) if _goes(connection, engine.claim, task.id, by=by)}


def may_be_given(engine: Engine, person: str, connection: sa.Connection) -> set[int]:
    """The open tasks that nobody has and that may be given to a person, by whoever stands over everything."""
    everybody = Actor("boss", frozenset(engine.edition.rulebook.roles), EVERYWHERE)
    return {
        task.id
        for task in engine.tasks(limit=1000)
        if task.assignee is None
        and _goes(connection, engine.reassign, task.id, person, reason="分工", by=everybody)
    }


def _goes(connection: sa.Connection, call: Callable[..., Any], *arguments: Any, **more: Any) -> bool:
    savepoint = connection.begin_nested()
    try:
        call(*arguments, **more, session=connection)
    except JiefenError:
        return False
    finally:
        savepoint.rollback()
    return True


def _stays(connection: sa.Connection, call: Callable[..., Any], *arguments: Any, **more: Any) -> None:
    with suppress(JiefenError):
        call(*arguments, **more, session=connection)


def filled(engine: Engine) -> None:
    """Tasks of all sorts: claimed, recused, confidential, for a person by name."""
    for number, area in enumerate((*AREAS, AREAS[0], AREAS[1])):
        opened(engine, number, area)
    opened(engine, 8, AREAS[0], dispute_type="suggestion", matter_type="suggestion", source="petition")
    for name, facts in {
        "p": {"accused_persons": ["m"]},
        "u": {"accused_units": ["petition_officer"]},
        "v": {"accused_persons": ["x"], "accused_units": ["village_mediator"]},
    }.items():
        accused(engine, key=f"accused-{name}", **facts)
    first, second, third, fourth = (task for task in engine.tasks() if task.case in (1, 2, 5, 6))
    for person, task in (("other", first), ("third", third), ("m", fourth)):
        engine.claim(task.id, by=Actor(person, frozenset(task.roles), EVERYWHERE))
    engine.recuse(second.case, "m", reason="近亲属", by=RECUSER)
    with engine._runtime.database.writing() as connection:
        named = "UPDATE jiefen_task SET roles = '', assignee = 'm' WHERE case_id IN (3, 4)"
        connection.execute(sa.text(named))


class TestPosts:
    def test_a_role_counts_where_its_post_is_and_while_it_is_held(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        opened(engine, 1, "140429102201")
        [task] = engine.tasks()
        held = HeldPost("village_mediator", "140429102201", until=date(2026, 3, 2))
        elsewhere = HeldPost("township_coordinator", "140429103")
        both = Actor("m", posts=(held, elsewhere))
        assert engine.claim(task.id, by=both).assignee == "m"
        engine.release(task.id, by=both)
        for posts, said in (
            ((elsewhere,), "holds township_coordinator"),
            (
                (HeldPost("village_mediator", "140429103201"), HeldPost("grid_worker", "140429102201")),
                "acts for",
            ),
            (
                (HeldPost("village_mediator", "140429102201", since=date(2026, 3, 3)),),
                "not held on 2026-03-02",
            ),
        ):
            with pytest.raises(NotAllowed, match=said):
                engine.claim(task.id, by=Actor("m", posts=posts))
        clock.set(china(3, 3))
        with pytest.raises(NotAllowed, match="not held on 2026-03-03"):
            engine.claim(task.id, by=both)
        assert engine.worklist(by=both) == []

    def test_what_is_no_post(self) -> None:
        for wrong in (("clerk",), (5,), "clerk"):
            with pytest.raises(FactError, match="HeldPost"):
                Actor("a", posts=wrong)  # type: ignore[arg-type]
        with pytest.raises(FactError, match="names a role"):
            HeldPost("clerk", since="today", area=EVERYWHERE)  # type: ignore[arg-type]
        with pytest.raises(FactError, match="area"):
            HeldPost("clerk", "x")


class TestExactlyWhatOneMay:
    @settings(examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        st.lists(
            st.builds(
                HeldPost,
                st.sampled_from(ROLES),
                st.sampled_from([None, "14", "140429", "140429102", *AREAS]),
                st.sampled_from([None, date(2026, 3, 2), date(2026, 3, 3)]),
                st.sampled_from([None, date(2026, 3, 1), date(2026, 3, 2)]),
            ),
            max_size=3,
        ),
        st.lists(
            st.tuples(
                st.sampled_from(["m", "other", "third"]),
                st.sampled_from(["m", "other", "third"]),
                st.sampled_from([date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]),
            ),
            max_size=3,
        ),
        st.booleans(),
    )
    def test_for_any_posts(
        self,
        engine: Engine,
        posts: list[HeldPost],
        away: list[tuple[str, str, date]],
        known: bool,
    ) -> None:
        """Whatever they hold, whoever is away and stands in, whoever says it: the directory or the host."""
        if not engine.cases():
            filled(engine)
        me = Actor("m", posts=tuple(posts)) if posts else Actor("m", frozenset(), "37")
        directory = None
        if known:
            held = tuple(
                Post(role=post.role, area=post.area or "14", holder="m", since=post.since, until=post.until)
                for post in posts
            )
            others = tuple(Post(role="grid_worker", area="14", holder=one) for one in ("other", "third"))
            directory = Organisation(units={}, posts=held + others, superiors={})
            me = Actor("m", posts=directory.posts_of("m")) if posts else me
        engine._runtime._directory = directory
        with engine._runtime.database.engine.connect() as connection:
            transaction = connection.begin()
            for person, deputy, since in away:
                by, span = Actor(person), {"since": since, "until": date(2026, 3, 4)}
                _stays(connection, engine.delegate, person, deputy, reason="休假", by=by, **span)
            shown = [item.task.id for item in engine.worklist(by=me, limit=100, session=connection)]
            assert len(shown) == len(set(shown))
            assert set(shown) == may_claim(engine, me, connection)
            if known:
                free = {one.id for one in engine.tasks(limit=1000) if one.assignee is None}
                assert may_be_given(engine, "m", connection) == set(shown) & free
            transaction.rollback()

    def test_why_it_is_on_the_list(self, engine: Engine) -> None:
        opened(engine, 1, AREAS[0])
        [task] = engine.tasks()
        mediator = Actor("m", posts=(HeldPost("village_mediator", AREAS[0]),))
        assert [item.why for item in engine.worklist(by=mediator)] == [Why.GROUP]
        engine.claim(task.id, by=mediator)
        assert [item.why for item in engine.worklist(by=mediator)] == [Why.OWN]
        assert engine.worklist(by=Actor("n", frozenset({"village_mediator"}), EVERYWHERE)) == []


class TestList:
    def test_what_is_due_first_comes_first_and_pages_go_on(self, engine: Engine) -> None:
        for number in range(7):
            more = {"dispute_type": "labour", "knew_on": f"2025-0{9 - number}-10"} if number % 2 else {}
            opened(engine, number, AREAS[number % 3], **more)
        everybody = Actor("m", frozenset(ROLES), EVERYWHERE)
        whole = engine.worklist(by=everybody, limit=100)
        assert [item.due_at or china(12, 31) for item in whole] == sorted(
            item.due_at or china(12, 31) for item in whole
        )
        paged, after = [], None
        while page := engine.worklist(by=everybody, after=after, limit=2):
            paged += page
            after = page[-1].token
        assert paged == whole
        for wrong in ("x", "2026-03-02/1", "2026-03-02T00:00:00+00:00/x", "/"):
            with pytest.raises(FactError, match="token"):
                engine.worklist(by=everybody, after=wrong)

    def test_a_row_tells_what_one_wants_to_know(self, engine: Engine) -> None:
        opened(engine, 1, AREAS[0], dispute_type="labour", knew_on="2025-03-20")
        [item] = engine.worklist(by=Actor("m", frozenset(ROLES), EVERYWHERE))
        assert (item.title, item.days_left) == ("第1件事", 18)
        assert item.due is not None
        assert item.due.zh
        assert item.party is not None
        assert (item.party.name, item.party.phone) == ("张*", "138****0001")

    def test_three_statements_for_any_page(self, engine: Engine) -> None:
        for number in range(30):
            opened(engine, number, AREAS[number % 3])
        everybody = Actor("m", frozenset(ROLES), EVERYWHERE)
        engine.worklist(by=everybody)
        statements: list[str] = []
        for one in engine._runtime.database.engines:
            sa.event.listen(one, "before_cursor_execute", lambda *call: statements.append(call[2]))
        assert len(engine.worklist(by=everybody, limit=20)) == 20
        assert len(statements) == 3, statements

    def test_nor_for_what_is_kept_from_somebody(self, engine: Engine) -> None:
        """Fifty cases in front from which they are recused, and twenty in which they are accused."""
        for number in range(50):
            case = opened(engine, number, AREAS[0])
            engine.recuse(case, "m", reason="近亲属", by=RECUSER)
        for number in range(20):
            accused(engine, key=f"a{number}", accused_persons=["ｍ"])
        for number in range(60, 63):
            opened(engine, number, AREAS[0])
        everybody = Actor("m", frozenset(ROLES), EVERYWHERE)
        statements: list[str] = []
        for one in engine._runtime.database.engines:
            sa.event.listen(one, "before_cursor_execute", lambda *call: statements.append(call[2]))
        assert [item.title for item in engine.worklist(by=everybody, limit=5)] == [
            "第60件事",
            "第61件事",
            "第62件事",
        ]
        assert len(statements) == 3, statements

    def test_for_many_posts(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        """More than goes into one statement; the list is whole, each task is there once, and pages go on."""
        for number in range(6):
            opened(engine, number, AREAS[number % 3])
        more = [HeldPost("village_mediator", f"14042910{number % 10}2{number:02d}") for number in range(80)]
        here = [HeldPost(role, area) for role in ROLES for area in (*AREAS, "140429", None)]
        whole = [item.task.id for item in engine.worklist(by=Actor("m", posts=tuple(here)))]
        monkeypatch.setattr(worklists, "_PAGES", 4)
        many = Actor("m", posts=tuple(more + here))
        first = engine.worklist(by=many, limit=4)
        shown = [*first, *engine.worklist(by=many, limit=4, after=first[-1].token)]
        assert [item.task.id for item in shown] == whole
        assert len(whole) == 6
        posts = (HeldPost("village_mediator", f"14042910{number:04d}") for number in range(101))
        with pytest.raises(FactError, match="acts in 101 areas") as refused:
            engine.worklist(by=Actor("m", posts=tuple(posts)))
        assert refused.value.zh is not None

    def test_the_order_follows_the_deadlines(self, engine: Engine, clock: FixedClock) -> None:
        """What is over next in a case moves its tasks, whoever has changed it, also when somebody has claimed them."""
        first, second = (opened(engine, number, AREAS[0]) for number in range(2))
        everybody = Actor("m", frozenset(ROLES), EVERYWHERE)

        def order() -> list[tuple[int, Any]]:
            return [(item.task.case, item.due_at) for item in engine.worklist(by=everybody)]

        assert order() == [(first, None), (second, None)]
        facts = {"dispute_type": "labour", "knew_on": date(2025, 3, 20)}
        engine.correct(
            second, facts, reason="更正", by=Actor("c", frozenset({"township_coordinator"}), "140429")
        )
        [due] = {item.due_at for item in engine.worklist(by=everybody) if item.task.case == second}
        assert due is not None
        assert order() == [(second, due), (first, None)]
        [task] = engine.tasks(case=second)
        engine.claim(task.id, by=everybody)
        assert order() == [(second, due), (first, None)]
        with engine._runtime.database.reading() as connection:
            kept = {row.case_id: row for row in connection.execute(sa.select(schema.task))}
        assert (kept[second].next_due, kept[first].next_due) == (due, FAR)
        assert {row.township for row in kept.values()} == {"140429102"}
        clock.set(china(3, 25))
        engine.sweep()
        assert order()[0] != (second, due)


class TestCounts:
    def test_by_role_and_area(self, engine: Engine) -> None:
        for number in range(3):
            opened(engine, number, AREAS[0])
        first = engine.tasks()[0]
        engine.claim(first.id, by=Actor("m", frozenset(first.roles), EVERYWHERE))
        [load] = [one for one in engine.workload(area="140429102") if one.role == first.roles[0]]
        assert (load.area, load.open, load.claimed, load.overdue) == (AREAS[0], 3, 1, 0)
        assert engine.workload(area="37") == []
        assert {one.role for one in engine.workload(role=first.roles[0])} == {first.roles[0]}

    def test_what_is_over(self, engine: Engine, clock: FixedClock) -> None:
        """Before a sweep has looked at it and after; nothing that runs is over."""
        for number in range(2):
            opened(engine, number, AREAS[0])
        late = opened(engine, 5, AREAS[0], dispute_type="labour", knew_on="2025-03-10")
        [over] = engine.tasks(case=late)
        clock.set(china(3, 11))
        for _ in range(2):
            [load] = [one for one in engine.workload() if one.role == over.roles[0]]
            assert (load.open, load.overdue) == (3, 1)
            engine.sweep()

    def test_one_task(self, engine: Engine) -> None:
        opened(engine, 1, AREAS[0])
        [task] = engine.tasks()
        assert engine.task(task.id) == task
        with pytest.raises(NotFound, match="no task 99"):
            engine.task(99)
