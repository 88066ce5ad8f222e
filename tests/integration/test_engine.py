"""The engine's contract, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from jiefen import (
    EVERYWHERE,
    Actor,
    AlreadyDone,
    Answer,
    CaseStatus,
    Conflict,
    DeadlineStatus,
    Delivery,
    Engine,
    FactError,
    FixedClock,
    Happening,
    NotAllowed,
    NotFound,
    TaskStatus,
)
from jiefen.store import cases, schema
from tests.conftest import ENCRYPTED
from tests.integration.conftest import CLERK, HEAD, Opener
from tests.support.moments import WINDOW

FACTS = {"area": "140429102", "amount": Decimal("1200.50"), "received_on": date(2026, 3, 2)}


def opened(engine: Engine, key: str = "k1", **facts: object) -> int:
    return engine.open_case("claim", FACTS | facts, key=key, by=CLERK).id


def task_of(engine: Engine, case: int, element: str) -> int:
    return next(task.id for task in engine.tasks(case=case) if task.element == element)


def kinds(engine: Engine, case: int) -> list[Happening]:
    return [entry.kind for entry in engine.history(case)]


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    targets = engine._runtime.database.engines
    for target in targets:
        event.listen(target, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        for target in targets:
            event.remove(target, "before_cursor_execute", listen)


class TestCases:
    def test_a_case_goes_from_intake_to_its_end(self, engine: Engine, clock: FixedClock) -> None:
        case = opened(engine)
        [task] = engine.tasks(case=case)
        assert (task.element, task.roles, task.form) == ("hear", ("clerk",), "hearing")
        assert task.due_at == engine.deadlines(case)[0].due_at
        engine.complete(task.id, {}, by=CLERK)
        done = engine.complete(task_of(engine, case, "decide"), {"outcome": "agreed"}, by=HEAD)
        assert (done.status, done.outcome) == (CaseStatus.OPEN, "agreed")
        clock.advance(timedelta(days=7))
        assert engine.sweep().done == {"timer": 1}
        ended = engine.case(case)
        assert ended.status is CaseStatus.ENDED
        assert ended.ended_at == clock.now()
        assert engine.tasks(case=case) == []
        assert kinds(engine, case)[-1] is Happening.ENDED

    def test_the_same_key_is_the_same_case_and_changes_nothing(self, engine: Engine) -> None:
        first = engine.open_case("claim", FACTS, key="12345:1", by=CLERK)
        again = engine.open_case("claim", FACTS | {"amount": "1200.50"}, key="12345:1", by=HEAD)
        assert again == first
        assert len(engine.tasks()) == 1

    def test_a_key_with_other_facts_is_a_conflict_that_names_them(self, engine: Engine) -> None:
        case = opened(engine, "12345:1")
        engine.complete(task_of(engine, case, "hear"), {}, by=CLERK)
        before = engine.case(case), engine.history(case)
        for other, name in (({"amount": 9}, "amount"), ({"party_name": "李雷"}, "party_name")):
            with pytest.raises(Conflict, match=rf"'12345:1' is that of case {case}.*\({name}\)") as caught:
                engine.open_case("claim", FACTS | other, key="12345:1", by=CLERK)
            assert "李雷" not in str(caught.value)
        assert (engine.case(case), engine.history(case)) == before

    def test_facts_are_compared_with_those_at_the_opening(self, engine: Engine) -> None:
        case = opened(engine, "12345:1")
        engine.message("matter.urgent", case=case, key="u:1", facts={"amount": 5})
        assert engine.open_case("claim", FACTS, key="12345:1", by=CLERK).facts["amount"] == 5

    def test_facts_come_back_as_they_were_given(self, engine: Engine) -> None:
        case = engine.case(opened(engine, urgent=None))
        assert case.facts["amount"] == Decimal("1200.50")
        assert case.facts["received_on"] == date(2026, 3, 2)
        assert case.facts["urgent"] is None
        assert "outcome" not in case.facts

    def test_lists_filter_by_area_and_page_by_key(self, engine: Engine) -> None:
        inside = [opened(engine, f"a{n}", area="140429102201") for n in range(3)]
        opened(engine, "b", area="140430101")
        assert [case.id for case in engine.cases(area="140429", limit=2)] == inside[:2]
        assert [case.id for case in engine.cases(area="140429", after=inside[1])] == inside[2:]
        assert [case.id for case in engine.cases(area="1404")] == [*inside, inside[-1] + 1]
        assert {task.case for task in engine.tasks(role="clerk", area="140429102")} == set(inside)
        assert engine.tasks(role="helper") == []
        assert engine.cases(status="ended") == []

    def test_what_intake_may_not_set_is_refused_and_nothing_is_kept(self, engine: Engine) -> None:
        for facts, said in (
            ({"colour_": 1}, "vocabulary"),
            ({"amount": "a lot"}, "amount"),
            ({"way": "court"}, "set by table:route"),
            ({"area": "12x"}, "area"),
        ):
            with pytest.raises(FactError, match=said):
                opened(engine, **facts)
        assert engine.cases() == []

    def test_a_process_or_case_that_does_not_exist_is_named(self, engine: Engine) -> None:
        with pytest.raises(NotFound, match="claim"):
            engine.open_case("clam", {}, key="x", by=CLERK)
        with pytest.raises(NotFound, match="no case 99"):
            engine.case(99)
        with pytest.raises(NotFound, match="no task 99"):
            engine.complete(99, {}, by=CLERK)
        with pytest.raises(NotFound, match="no case 99"):
            engine.message("party.withdrew", case=99, key="m", by=WINDOW)


class TestTasks:
    def test_a_task_is_completed_once(self, engine: Engine) -> None:
        task = task_of(engine, opened(engine), "hear")
        engine.complete(task, {}, by=CLERK)
        with pytest.raises(AlreadyDone, match="听取诉求"):
            engine.complete(task, {}, by=CLERK)
        [done] = engine.tasks(status=TaskStatus.COMPLETED)
        assert (done.id, done.finished_by) == (task, "clerk-1")

    def test_only_its_roles_and_their_deputies_may_complete_it(self, engine: Engine) -> None:
        task = task_of(engine, opened(engine), "hear")
        for actor in (HEAD, Actor("x"), Actor("y", frozenset({"clerk"}), "140430")):
            with pytest.raises(NotAllowed):
                engine.complete(task, {}, by=actor)
        engine.complete(task, {}, by=Actor("h", frozenset({"helper"}), "140429"))

    def test_a_claimed_task_is_its_claimants(self, engine: Engine) -> None:
        task = task_of(engine, opened(engine), "hear")
        other = Actor("clerk-2", frozenset({"clerk"}), EVERYWHERE)
        assert engine.claim(task, by=CLERK).assignee == "clerk-1"
        assert engine.claim(task, by=CLERK).assignee == "clerk-1"
        with pytest.raises(Conflict, match="clerk-1"):
            engine.claim(task, by=other)
        with pytest.raises(NotAllowed, match="clerk-1"):
            engine.complete(task, {}, by=other)
        engine.complete(task, {}, by=CLERK)

    def test_a_wrong_answer_changes_nothing(self, engine: Engine) -> None:
        case = opened(engine)
        before = engine.case(case), engine.history(case)
        with pytest.raises(FactError, match="agreed"):
            engine.complete(task_of(engine, case, "hear"), {"outcome": "agrees"}, by=CLERK)
        assert (engine.case(case), engine.history(case)) == before

    def test_an_outcome_that_the_model_does_not_know_changes_nothing(self, opener: Opener) -> None:
        engine = opener(processes=None, rules=None)
        facts = {"area": "140429102201", "dispute_type": "neighbour", "source": "walk_in"}
        case = engine.open_case("dispute", facts, key="k1", by=CLERK).id
        engine.message("crime.suspected", case=case, key="c:1", facts={"crime_suspected": True})
        officer = Actor("officer", frozenset({"police_chief"}), EVERYWHERE)
        task, before = task_of(engine, case, "hand_to_police"), (engine.case(case), engine.history(case))
        with pytest.raises(
            FactError, match=r"\[hand_to_police\].*'award'.*transferred, needs_other_procedure"
        ):
            engine.complete(task, {"outcome": "award"}, by=officer)
        assert (engine.case(case), engine.history(case)) == before
        assert engine.complete(task, {"outcome": "transferred"}, by=officer).status is CaseStatus.ENDED

    def test_a_task_may_be_answered_without_an_outcome(self, opener: Opener) -> None:
        engine = opener(processes=None, rules=None)
        facts = {"area": "140429102201", "dispute_type": "inheritance", "chosen_procedure": "court"}
        for key, answer in (("k1", {}), ("k2", {"outcome": None})):
            case = engine.open_case("dispute", facts, key=key, by=CLERK).id
            [task] = engine.tasks(case=case)
            given = answer | {"sued_on": date(2026, 3, 2)}
            engine.complete(task.id, given, by=Actor("helper", frozenset(task.roles), EVERYWHERE))
            assert engine.case(case).facts["sued_on"] == date(2026, 3, 2)


class TestMessages:
    def test_an_interrupting_message_takes_the_case_out(self, engine: Engine) -> None:
        case = opened(engine)
        assert engine.message("party.withdrew", case=case, key="p:1", by=WINDOW)
        assert engine.case(case).outcome == "withdrawn"
        assert engine.case(case).status is CaseStatus.ENDED
        assert [task.status for task in engine.tasks(status=TaskStatus.WITHDRAWN)] == [TaskStatus.WITHDRAWN]
        assert engine.deadlines(case)[0].status is DeadlineStatus.CANCELLED

    def test_the_same_key_twice_is_once(self, engine: Engine) -> None:
        case = opened(engine)
        engine.message("matter.urgent", case=case, key="u:1", facts={"urgent": True})
        before = engine.history(case)
        assert not engine.message("matter.urgent", case=case, key="u:1", facts={"urgent": True})
        assert engine.history(case) == before

    def test_a_key_of_another_message_or_with_other_facts_is_a_conflict(self, engine: Engine) -> None:
        case = opened(engine)
        engine.message("matter.urgent", case=case, key="u:1", facts={"urgent": True})
        before = engine.history(case)
        with pytest.raises(Conflict, match=r"'u:1'.*matter\.urgent; give a party\.withdrew a key of its own"):
            engine.message("party.withdrew", case=case, key="u:1", by=WINDOW)
        for facts in ({"urgent": False}, {}, {"urgent": True, "amount": 3}):
            with pytest.raises(Conflict, match=r"other facts \((urgent|amount)\)"):
                engine.message("matter.urgent", case=case, key="u:1", facts=facts)
        assert engine.history(case) == before
        assert engine.case(case).facts["urgent"] is True

    def test_facts_of_a_message_are_kept_when_nobody_waits_for_it(self, engine: Engine) -> None:
        case = opened(engine)
        assert not engine.message("matter.urgent", case=case, key="p:2", facts={"amount": 5})
        assert engine.case(case).facts["amount"] == 5

    def test_one_key_may_name_a_message_for_each_of_two_cases(self, engine: Engine) -> None:
        one, two = opened(engine, "a"), opened(engine, "b")
        assert engine.message("party.withdrew", case=one, key="court:1", by=WINDOW)
        assert engine.message("party.withdrew", case=two, key="court:1", by=WINDOW)

    def test_a_message_may_only_set_what_is_its_to_set(self, engine: Engine) -> None:
        with pytest.raises(FactError, match="table:route"):
            engine.message("matter.urgent", case=opened(engine), key="k", facts={"way": "court"})


class Court:
    """An adapter that answers as it was told, and remembers what it was sent."""

    def __init__(self, *answers: Answer | Exception | None) -> None:
        self.answers, self.sent = list(answers), list[Delivery]()

    def send(self, delivery: Delivery) -> Answer | None:
        self.sent.append(delivery)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class TestDeliveries:
    def to_court(self, engine: Engine) -> int:
        case = opened(engine, amount=Decimal(60000))
        engine.complete(task_of(engine, case, "hear"), {}, by=CLERK)
        return case

    def test_an_adapter_carries_it_and_brings_the_answer_back(self, opener: Opener) -> None:
        court = Court(Answer({"outcome": "agreed"}))
        engine = opener(adapters={"court": court})
        case = self.to_court(engine)
        assert court.sent == []
        assert engine.sweep().done == {"delivery": 1}
        assert court.sent[0].payload["inputs"] == {"amount": "60000"}
        assert engine.case(case).outcome == "agreed"
        assert engine.deliveries(status="pending") == []

    def test_a_failure_is_tried_again_with_the_same_key(self, opener: Opener, clock: FixedClock) -> None:
        court = Court(OSError("down"), Answer())
        engine = opener(adapters={"court": court})
        self.to_court(engine)
        assert engine.sweep().failed == 1
        assert engine.sweep().total == 0
        clock.advance(timedelta(minutes=2))
        assert engine.sweep().done == {"delivery": 1}
        assert court.sent[0].key == court.sent[1].key

    def test_it_ends_as_an_incident_that_can_be_retried(self, opener: Opener, clock: FixedClock) -> None:
        court = Court(*[OSError("down")] * 8, Answer())
        engine = opener(adapters={"court": court})
        case = self.to_court(engine)
        for _ in range(8):
            engine.sweep()
            clock.advance(timedelta(days=1))
        [incident] = engine.incidents()
        assert (incident.case, incident.attempts) == (case, 8)
        assert "OSError" in incident.error
        engine.retry(incident.id)
        assert engine.sweep().done["delivery"] == 1
        assert engine.incidents() == []

    def test_without_an_adapter_it_is_parked_for_the_host(self, engine: Engine) -> None:
        case = self.to_court(engine)
        assert engine.sweep().total == 0
        [parked] = engine.deliveries()
        engine.answer(parked.id, Answer({"outcome": "agreed"}))
        assert engine.case(case).outcome == "agreed"
        with pytest.raises(AlreadyDone, match="was answered at"):
            engine.answer(parked.id, Answer())

    def test_an_answer_may_come_later(self, opener: Opener, clock: FixedClock) -> None:
        engine = opener(adapters={"court": Court(None)})
        self.to_court(engine)
        engine.sweep()
        clock.advance(timedelta(days=3))
        assert engine.sweep().total == 0
        [sent] = engine.deliveries(status="sent")
        engine.answer(sent.id, Answer())

    def test_a_worker_without_the_adapter_leaves_it_to_one_that_has_it(
        self, opener: Opener, engine: Engine
    ) -> None:
        court = Court(Answer())
        worker = opener(adapters={"court": court})
        self.to_court(worker)
        assert engine.sweep().total == 0
        assert engine.lag().due == 1
        assert worker.sweep().total == 1
        assert engine.lag().due == 0

    def test_a_worker_that_runs_takes_what_another_parks(self, opener: Opener, engine: Engine) -> None:
        worker = opener(adapters={"court": Court(Answer())})
        self.to_court(engine)
        assert len(engine.deliveries(status="parked")) == 1
        assert worker.sweep().done == {"delivery": 1}

    def test_a_worker_that_was_too_slow_leaves_what_another_did(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        class Slow(Court):
            def send(self, delivery: Delivery) -> Answer | None:
                clock.advance(timedelta(hours=1))
                other = opener(adapters={"court": Court(OSError("down too"))})
                assert other.sweep().failed == 1
                return super().send(delivery)

        engine = opener(adapters={"court": Slow(OSError("down"))})
        self.to_court(engine)
        assert engine.sweep().failed == 1
        [left] = engine.deliveries(status="pending")
        assert (left.attempts, left.error) == (2, "OSError: down too")

    def test_an_error_takes_the_models_way_for_it(self, opener: Opener) -> None:
        engine = opener(adapters={"court": Court(Answer(error="refused"))})
        case = self.to_court(engine)
        engine.sweep()
        assert [task.element for task in engine.tasks(case=case)] == ["decide"]


class TestDeadlines:
    def test_sixty_days_that_roll_over_a_holiday(self, engine: Engine, clock: FixedClock) -> None:
        clock.set(date(2026, 8, 3))
        [deadline] = engine.deadlines(opened(engine, received_on=date(2026, 8, 3)))
        assert deadline.due_on == date(2026, 10, 8)
        assert (deadline.kind, deadline.provisional, deadline.overdue) == ("duty", False, False)

    def test_it_runs_from_the_date_of_the_fact(self, engine: Engine) -> None:
        [deadline] = engine.deadlines(opened(engine, received_on=date(2026, 2, 27)))
        assert deadline.due_on == date(2026, 4, 28)

    def test_a_date_in_the_future_is_refused(self, engine: Engine) -> None:
        with pytest.raises(FactError, match="future"):
            opened(engine, received_on=date(2026, 3, 3))

    def test_its_ladder_warns_and_reminds_once_and_its_expiry_goes_between(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case = opened(engine)
        for _ in range(75):
            clock.advance(timedelta(days=1))
            engine.sweep()
        told = (Happening.RUNG, Happening.DEADLINE_EXPIRED)
        seen = [entry.subject for entry in engine.history(case) if entry.kind in told]
        assert seen == ["claim.handle/warn", "claim.handle", "claim.handle/remind"]
        assert {task.element for task in engine.tasks(case=case)} == {"hear", "press"}
        assert [item.topic for item in engine.deliveries()] == ["notice", "notice"]

    def test_what_fell_due_while_everything_was_down_fires_in_order(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case = opened(engine)
        clock.advance(timedelta(days=200))
        assert engine.sweep().done == {"rung": 2, "expiry": 1}
        happened = [
            entry.subject for entry in engine.history(case) if entry.subject and "claim." in entry.subject
        ]
        # Started, at risk and warned of, over, and pressed for.
        assert happened == [
            "claim.handle",
            "claim.handle",
            "claim.handle/warn",
            "claim.handle",
            "claim.handle/remind",
        ]
        assert engine.sweep().total == 0

    def test_an_act_dated_in_time_meets_it_although_it_was_recorded_late(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        case = opened(engine)
        engine.complete(task_of(engine, case, "hear"), {}, by=CLERK)
        engine.complete(task_of(engine, case, "decide"), {"outcome": "refused"}, by=HEAD)
        duty, right = engine.deadlines(case)
        assert (duty.status, duty.closed_by) == (DeadlineStatus.MET, "answered")
        assert (right.kind, right.due_on) == ("right", date(2026, 4, 1))
        clock.advance(timedelta(days=10))
        engine.sweep()
        assert engine.case(case).status is CaseStatus.ENDED
        assert engine.explain(case).earliest_right == engine.deadlines(case)[1]
        clock.advance(timedelta(days=30))
        engine.sweep()
        assert engine.deadlines(case)[1].status is DeadlineStatus.EXPIRED

    def test_beyond_the_published_holidays_it_is_provisional(self, engine: Engine, clock: FixedClock) -> None:
        clock.set(date(2026, 11, 22))
        [deadline] = engine.deadlines(opened(engine, received_on=date(2026, 11, 22)))
        assert deadline.provisional


class TestTransactions:
    def test_the_hosts_transaction_is_the_hosts(self, engine: Engine, url: str) -> None:
        host = engine._runtime.database.engine
        with Session(host) as session:
            case = engine.open_case("claim", FACTS, key="h", by=CLERK, session=session)
            [task] = engine.tasks(case=case.id, session=session)
            engine.complete(task.id, {}, by=CLERK, session=session)
            engine.message("matter.urgent", case=case.id, key="m", session=session)
            session.rollback()
        assert engine.cases() == []
        with host.connect() as connection, connection.begin():
            engine.open_case("claim", FACTS, key="h", by=CLERK, session=connection)
        assert len(engine.cases()) == 1

    @pytest.mark.parametrize("driver", ["ours", "plain"])
    def test_an_error_the_host_survives_leaves_nothing_behind(
        self, engine: Engine, url: str, driver: str
    ) -> None:
        ours = engine._runtime.database.engine
        host = ours if driver == "ours" else sa.create_engine(ours.url)
        with Session(host) as session:
            with pytest.raises(FactError, match="future"):
                engine.open_case(
                    "claim", FACTS | {"received_on": date(2030, 1, 1)}, key="h", by=CLERK, session=session
                )
            kept = engine.open_case("claim", FACTS, key="k", by=CLERK, session=session)
            with pytest.raises(FactError):
                engine.message(
                    "matter.urgent", case=kept.id, key="m", facts={"amount": "no"}, session=session
                )
            session.commit()
        assert [case.key for case in engine.cases()] == ["k"]
        with Session(host) as session:
            engine.open_case("claim", FACTS, key="gone", by=CLERK, session=session)
            session.rollback()
        assert [case.key for case in engine.cases()] == ["k"]
        if host is not ours:
            host.dispose()

    def test_two_writers_on_one_case_lose_nothing(self, opener: Opener) -> None:
        engines = [opener(), opener()]
        case = opened(engines[0])
        barrier, errors = Barrier(2), list[BaseException]()

        def write(engine: Engine, name: str) -> None:
            try:
                barrier.wait()
                for number in range(10):
                    engine.message(
                        "matter.urgent", case=case, key=f"{name}:{number}", facts={"amount": number}
                    )
            except BaseException as error:
                errors.append(error)

        threads = [Thread(target=write, args=(engine, str(at))) for at, engine in enumerate(engines)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert kinds(engines[0], case).count(Happening.MESSAGE) == 20
        assert engines[0].case(case).revision == 21

    def test_one_of_two_who_open_with_one_key_opens(self, opener: Opener) -> None:
        engines, found, barrier = [opener(), opener()], list[int](), Barrier(2)

        def write(engine: Engine) -> None:
            barrier.wait()
            found.append(opened(engine, "same"))

        threads = [Thread(target=write, args=(engine,)) for engine in engines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 1
        assert len(found) == 2

    def test_a_revision_that_moved_is_a_conflict(self, engine: Engine) -> None:
        case = opened(engine)
        runtime = engine._runtime
        with runtime.writing() as connection:
            row = cases.lock_case(connection, case)
            assert row is not None
            step = runtime.step(connection, row, (), runtime.clock.now())
            connection.execute(sa.update(schema.case).values(revision=7))
            with pytest.raises(Conflict, match="read it again"):
                step.save(connection)

    def test_statements_per_call(self, opener: Opener, clock: FixedClock) -> None:
        engine = opener(adapters={"court": Court(*[Answer()] * 50)})
        counts: dict[str, int] = {}

        def counted(name: str, call: object) -> object:
            with statements(engine) as seen:
                result = call()  # type: ignore[operator]
            counts[name] = max(counts.get(name, 0), len(seen))
            return result

        counted("open_case", lambda: opened(engine, amount=Decimal(60000)))
        case = engine.cases()[0].id
        for number in range(20):
            counted(
                "message", lambda number=number: engine.message("matter.urgent", case=case, key=f"m{number}")
            )
        clock.advance(timedelta(days=51))
        task = task_of(engine, case, "hear")
        counted("complete", lambda: engine.complete(task, {}, by=CLERK))
        counted("withdraw", lambda: engine.message("party.withdrew", case=case, key="w", by=WINDOW))
        # Where a database has keys, a case that is opened gets one.
        counts["open_case"] -= ENCRYPTED
        assert all(count <= 8 for count in counts.values()), counts
