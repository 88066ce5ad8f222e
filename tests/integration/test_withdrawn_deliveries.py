"""What was promised to the outside never vanishes: interrupted, withdrawn, ended, answered late or twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jiefen import Actor, AlreadyDone, Answer, Conflict, Delivery, Engine, FactError, FixedClock, NotFound
from jiefen.record.kinds import Happening
from jiefen.record.recording import LEASE
from jiefen.testing import MemoryAdapter
from tests.integration.conftest import CLERK, Opener
from tests.integration.test_engine import statements
from tests.support.moments import WINDOW

AREA = "140429102201"
Of = Callable[..., Engine]


@pytest.fixture
def bundled(url: str, clock: FixedClock) -> Iterator[Of]:
    """Opens engines on the national pack; closes them after the test."""
    opened: list[Engine] = []

    def open_engine(**options: Any) -> Engine:
        opened.append(Engine.open(url, clock=clock, **options))
        return opened[-1]

    yield open_engine
    for engine in opened:
        engine.close()


def told(engine: Engine, case: int, *kinds: Happening) -> list[tuple[str, str | None]]:
    return [(str(entry.kind), entry.subject) for entry in engine.history(case) if entry.kind in kinds]


def open_at_court(engine: Engine, key: str = "c") -> int:
    """A case of the small edition whose model waits for the court."""
    case = engine.open_case("claim", {"amount": Decimal(60000), "area": "140429102"}, key=key, by=CLERK).id
    [task] = engine.tasks(case=case)
    engine.complete(task.id, {}, by=CLERK)
    return case


#: A report that the law requires, in work that the party can stop.
REPORTING = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://example.org/d">
<bpmn:message id="m" name="party.withdrew" />
<bpmn:process id="reporting" name="报告" isExecutable="true">
<bpmn:startEvent id="start" /><bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />
<bpmn:subProcess id="work" name="办理">
<bpmn:startEvent id="begun" /><bpmn:sequenceFlow id="w1" sourceRef="begun" targetRef="report" />
<bpmn:serviceTask id="report" name="逐一报告" camunda:type="external" camunda:topic="report.urgent">
<bpmn:extensionElements>
<camunda:properties><camunda:property name="statutory" value="true" /></camunda:properties>
<camunda:inputOutput><camunda:inputParameter name="area">${area}</camunda:inputParameter></camunda:inputOutput>
</bpmn:extensionElements>
<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>5</bpmn:loopCardinality>
</bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask>
<bpmn:sequenceFlow id="w2" sourceRef="report" targetRef="done" /><bpmn:endEvent id="done" /></bpmn:subProcess>
<bpmn:boundaryEvent id="stopped" name="撤回" attachedToRef="work"><bpmn:messageEventDefinition messageRef="m" />
</bpmn:boundaryEvent>
<bpmn:sequenceFlow id="f2" sourceRef="stopped" targetRef="gone" /><bpmn:endEvent id="gone" />
<bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="end" /><bpmn:endEvent id="end" />
</bpmn:process></bpmn:definitions>"""


@pytest.fixture
def reporting(bundled: Of, tmp_path: Path) -> Of:
    """Opens engines on that model."""
    (tmp_path / "reporting.bpmn").write_text(REPORTING, encoding="utf-8")
    return partial(bundled, processes=tmp_path)


def open_report(engine: Engine) -> int:
    return engine.open_case("reporting", {"area": AREA}, key="urgent", by=Actor("0412")).id


class TestReportsThatTheLawRequires:
    def test_they_go_out_although_the_party_withdrew(self, reporting: Of) -> None:
        engine = reporting()
        case = open_report(engine)
        parked = engine.deliveries()
        reports = [one for one in parked if one.topic == "report.urgent"]
        assert len(reports) == 5
        assert engine.message("party.withdrew", case=case, key="k", by=WINDOW)
        assert engine.case(case).status == "ended"
        still = [one for one in engine.deliveries() if one.topic == "report.urgent"]
        assert [one.key for one in still] == [one.key for one in reports]
        assert [one.payload["inputs"] for one in still] == [one.payload["inputs"] for one in reports]
        office = Actor("0412", frozenset({"township_coordinator"}), "140429102")
        with pytest.raises(Conflict, match="the law requires"):
            engine.outside.cancel(still[0].id, reason="误报", by=office)
        assert told(engine, case, Happening.DELIVERY_KEPT) == [("delivery_kept", "report.urgent")] * 5
        assert told(engine, case, Happening.DELIVERY_WITHDRAWN) == []
        reported = MemoryAdapter()
        worker = reporting(adapters={"report.urgent": reported})
        worker.sweep()
        assert [one.key for one in reported.sent] == [one.key for one in reports]
        assert worker.deliveries(status="sent") == worker.deliveries(status="pending") == []
        assert len(told(engine, case, Happening.DELIVERY_ARRIVED)) == 5

    def test_one_that_was_sent_can_be_answered_after_the_end(self, reporting: Of) -> None:
        engine = reporting(adapters={"report.urgent": MemoryAdapter()})
        case = open_report(engine)
        engine.sweep()
        sent = engine.deliveries(status="sent")
        assert len(sent) == 5
        engine.message("party.withdrew", case=case, key="k", by=WINDOW)
        assert [one.id for one in engine.deliveries(status="sent")] == [one.id for one in sent]
        for one in sent:
            engine.answer(one.id, Answer({"served_on": date(2026, 3, 2)}))
        assert engine.deliveries(status="sent") == []
        assert "served_on" not in engine.case(case).facts
        [*_, last] = [one for one in engine.history(case) if one.kind is Happening.DELIVERY_ARRIVED]
        assert last.data["unused"] == {"served_on": "2026-03-02"}

    def test_the_story_says_so_in_both_languages(self, reporting: Of) -> None:
        engine = reporting()
        case = open_report(engine)
        engine.message("party.withdrew", case=case, key="k", by=WINDOW)
        story = engine.explain(case)
        assert story.text("zh").count("依法仍须送出:逐一报告") == 5
        assert story.text("en").count("Goes out all the same, as the law requires") == 5


class TestWhatIsNoLongerWanted:
    def test_what_has_not_gone_out_is_withdrawn_and_told(self, engine: Engine) -> None:
        case = open_at_court(engine)
        [parked] = engine.deliveries()
        assert engine.message("party.withdrew", case=case, key="k", by=WINDOW)
        assert engine.deliveries() == []
        [entry] = [one for one in engine.history(case) if one.kind is Happening.DELIVERY_WITHDRAWN]
        assert (entry.subject, entry.data["delivery"], entry.data["gone"]) == ("court", parked.id, False)
        assert "投递撤回:立案(尚未送出)" in engine.explain(case).text("zh")
        assert "Delivery withdrawn: 立案 (it had not gone out)" in engine.explain(case).text("en")

    @pytest.mark.parametrize("how", ["sent", "failed", "in hand again"])
    def test_what_may_have_arrived_is_cancelled(self, opener: Opener, clock: FixedClock, how: str) -> None:
        court = MemoryAdapter(None if how == "sent" else OSError("timed out"))
        engine = opener(adapters={"court": court, "court.cancelled": court})
        case = open_at_court(engine)
        engine.sweep()
        if how == "in hand again":
            for _ in range(7):
                clock.advance(timedelta(days=1))
                court._answers.append(OSError("timed out"))
                engine.sweep()
            [incident] = engine.incidents()
            engine.retry(incident.id)
        engine.message("party.withdrew", case=case, key="k", by=WINDOW)
        clock.advance(LEASE)
        engine.sweep()
        cancellation = court.sent[-1]
        assert cancellation.topic == "court.cancelled"
        assert cancellation.cancels == court.sent[0].key != cancellation.key
        assert cancellation.payload["inputs"] == {"amount": "60000"}
        assert engine.incidents() == engine.deliveries(status="sent") == []
        assert engine.deliveries(status="pending") == []

    def test_an_adapter_that_cannot_cancel_is_not_asked_to(self, opener: Opener) -> None:
        """The cancellation is parked for a person, never sent as if it were the matter itself."""
        court = MemoryAdapter()
        engine = opener(adapters={"court": court})
        case = open_at_court(engine)
        engine.sweep()
        engine.message("party.withdrew", case=case, key="k", by=WINDOW)
        engine.sweep()
        assert len(court.sent) == 1
        [parked] = engine.deliveries()
        assert (parked.topic, parked.cancels) == ("court.cancelled", court.sent[0].key)
        engine.answer(parked.id, Answer())

    def test_a_cancellation_waits_for_whoever_carries_the_delivery(
        self, opener: Opener, clock: FixedClock
    ) -> None:
        seen: list[str] = []

        class Slow:
            def send(self, delivery: Delivery) -> Answer | None:
                host = opener(adapters={"court": self, "court.cancelled": self})
                if delivery.cancels is None:
                    assert host.message("party.withdrew", case=delivery.case, key="k", by=WINDOW)
                    assert host.sweep().done == {}
                seen.append(delivery.topic)
                return Answer({"outcome": "agreed"}) if delivery.cancels is None else None

        engine = opener(adapters={"court": Slow(), "court.cancelled": Slow()})
        case = open_at_court(engine)
        swept = engine.sweep()
        assert swept.failed == 0
        clock.advance(LEASE)
        engine.sweep()
        assert seen == ["court", "court.cancelled"]
        assert engine.case(case).outcome != "agreed"
        assert told(engine, case, Happening.ANSWER_LATE) == [("answer_late", "court")]

    def test_an_error_that_the_model_catches_cancels_nothing(self, opener: Opener) -> None:
        engine = opener(adapters={"court": MemoryAdapter(Answer(error="refused"))})
        case = open_at_court(engine)
        engine.sweep()
        assert engine.deliveries() == []
        assert told(engine, case, Happening.DELIVERY_WITHDRAWN) == []

    def test_judicial_confirmation_is_taken_back_from_the_court(self, bundled: Of) -> None:
        court = MemoryAdapter()
        topics = ("court.judicial_confirmation", "court.judicial_confirmation.cancelled")
        engine = bundled(adapters=dict.fromkeys(topics, court))
        facts = {"source": "walk_in", "dispute_type": "neighbour", "area": AREA}
        case = engine.open_case("dispute", facts, key="j", by=Actor("0412")).id
        mediator = Actor("0408", frozenset({"grid_worker", "village_mediator", "village_head"}), AREA)
        agreed = {"outcome": "agreed"}
        for answer in ({"refuses_mediation": False}, {}, agreed, agreed, {"wants_confirmation": True}):
            [task] = engine.tasks(case=case)
            engine.complete(task.id, answer, by=mediator)
        engine.sweep()
        [sent] = engine.deliveries(status="sent")
        assert sent.topic == "court.judicial_confirmation"
        assert engine.message("party.withdrew", case=case, key="k", by=WINDOW)
        engine.sweep()
        assert [one.topic for one in court.sent] == list(topics)
        assert court.sent[1].cancels == sent.key
        answer = Answer({"confirmation_applied_on": date(2026, 3, 3)})
        with pytest.raises(AlreadyDone, match="withdrawn at 2026-03-02"):
            engine.answer(sent.id, answer)
        assert "confirmation_applied_on" not in engine.case(case).facts


class TestAnsweringTwice:
    def test_a_second_answer_is_told_from_a_wrong_id(self, engine: Engine, clock: FixedClock) -> None:
        case = open_at_court(engine)
        [parked] = engine.deliveries()
        engine.answer(parked.id, Answer({"outcome": "agreed"}))
        before = engine.history(case)
        clock.advance(timedelta(days=400))
        engine.sweep()
        with pytest.raises(AlreadyDone, match=r"court.* was answered at 2026-03-02 \d\d:\d\d"):
            engine.answer(parked.id, Answer({"outcome": "failed"}))
        assert engine.case(case).outcome == "agreed"
        assert len(before) <= len(engine.history(case))
        with pytest.raises(NotFound, match="there is no delivery"):
            engine.answer(parked.id + 10_000, Answer())

    def test_an_error_is_remembered_with_its_code(self, engine: Engine) -> None:
        open_at_court(engine)
        [parked] = engine.deliveries()
        engine.answer(parked.id, Answer(error="refused"))
        with pytest.raises(AlreadyDone, match="with the error refused"):
            engine.answer(parked.id, Answer(error="refused"))

    def test_the_id_of_a_delivery_is_never_given_to_another(self, engine: Engine) -> None:
        """A retry of a webhook must not answer another matter."""
        open_at_court(engine, "a")
        [first] = engine.deliveries()
        engine.answer(first.id, Answer())
        open_at_court(engine, "b")
        [second] = engine.deliveries()
        assert second.id != first.id
        with pytest.raises(AlreadyDone):
            engine.answer(first.id, Answer())

    def test_what_is_over_keeps_nothing_of_what_was_sent(self, engine: Engine) -> None:
        open_at_court(engine)
        [parked] = engine.deliveries()
        engine.answer(parked.id, Answer())
        with engine._runtime.reading() as connection:
            from jiefen.store import agenda

            row = agenda.entry(connection, parked.id)
        assert row is not None
        assert (row.status, row.data) == ("answered", {})

    def test_an_answer_after_the_withdrawal_is_journalled_once(self, engine: Engine) -> None:
        case = open_at_court(engine)
        [parked] = engine.deliveries()
        engine.message("party.withdrew", case=case, key="k", by=WINDOW)
        outcome = engine.case(case).outcome
        for _ in range(3):
            with pytest.raises(AlreadyDone, match="was withdrawn at 2026-03-02"):
                engine.answer(parked.id, Answer({"outcome": "agreed"}))
        [late] = [one for one in engine.history(case) if one.kind is Happening.ANSWER_LATE]
        assert late.data["unused"] == {"outcome": "agreed"}
        assert engine.case(case).outcome == outcome
        assert "投递撤回后收到外部答复" in engine.explain(case).text("zh")

    @pytest.mark.parametrize("wrong", [None, {}, "agreed", 1, Answer(None), Answer({}, 5), Answer({}, "\0")])  # type: ignore[arg-type]
    def test_what_is_no_answer_is_refused(self, engine: Engine, wrong: Any) -> None:
        open_at_court(engine)
        [parked] = engine.deliveries()
        with pytest.raises(FactError):
            engine.answer(parked.id, wrong)
        assert engine.deliveries() == [parked]


class TestStatements:
    def test_withdrawing_answering_and_answering_again_cost_the_same_whatever_the_history(
        self, opener: Opener
    ) -> None:
        engine = opener(adapters={"court": MemoryAdapter()})
        counts = []
        for number in range(3):
            case = open_at_court(engine, f"c{number}")
            engine.sweep()
            [sent] = engine.deliveries(status="sent")
            with statements(engine) as withdrawing:
                engine.message("party.withdrew", case=case, key="k", by=WINDOW)
            with statements(engine) as late, pytest.raises(AlreadyDone):
                engine.answer(sent.id, Answer())
            with statements(engine) as again, pytest.raises(AlreadyDone):
                engine.answer(sent.id, Answer())
            counts.append((len(withdrawing), len(late), len(again)))
        assert len(set(counts)) == 1, counts
        withdrawn, late_answer, second_answer = counts[0]
        # What ends a case also looks for parts of it that go on.
        assert withdrawn <= 9, withdrawing
        assert late_answer <= 8
        # One of them finds where a case that was merged goes on.
        assert second_answer <= 3
