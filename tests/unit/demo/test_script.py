"""The script knows an answer for everything that a case may wait for, and nothing that no model has."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from jiefen.bundled import bundled
from jiefen.demo.script import SCRIPT, Dice, Playbook, Turn, load_playbook, spoken
from jiefen.desk.dispatches import PROGRESS
from jiefen.desk.whistles import DECIDED, TOPICS
from jiefen.edition.edition import Edition
from jiefen.errors import DefinitionError
from jiefen.record.kinds import ContactForm, Happening
from jiefen.record.recording import NOTICE

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
TODAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Form:
    """What a user task asks for, by its own properties."""

    asks: frozenset[str]
    outcomes: frozenset[str]


@dataclass
class Waits:
    """Everything in the models that somebody outside of them must do."""

    tasks: dict[str, Form]
    messages: set[str]
    topics: set[str]
    elements: set[str]
    milestones: set[str]


def words(text: str | None) -> frozenset[str]:
    return frozenset(filter(None, (text or "").split(",")))


@pytest.fixture(scope="module")
def playbook(edition: Edition) -> Playbook:
    read = load_playbook()
    read.check(edition.rulebook.vocabulary.facts)
    return read


@pytest.fixture(scope="module")
def waits() -> Waits:
    found = Waits({}, set(), {NOTICE}, set(), set())
    for path in sorted(bundled("processes").glob("*.bpmn")):
        tree = etree.parse(path)
        names = {one.get("id"): one.get("name") or "" for one in tree.iter(f"{BPMN}message")}
        for process in tree.iter(f"{BPMN}process"):
            for element in process.iter():
                look_at(element, process.get("id") or "", names, found)
    return found


def look_at(element: etree._Element, process: str, messages: dict[str | None, str], found: Waits) -> None:
    kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
    identity = element.get("id")
    if identity:
        found.elements.add(identity)
    own = {
        one.get("name"): one.get("value")
        for one in element.iterfind(f"*/{CAMUNDA}properties/{CAMUNDA}property")
    }
    if "milestone" in own:
        found.milestones.add(own["milestone"] or "")
    if kind == "userTask":
        found.tasks[f"{process}.{identity}"] = Form(words(own.get("asks")), words(own.get("outcomes")))
    if kind == "receiveTask":
        found.messages.add(messages[element.get("messageRef")])
    if kind in ("boundaryEvent", "intermediateCatchEvent", "startEvent"):
        caught = element.iter(f"{BPMN}messageEventDefinition")
        found.messages.update(messages[one.get("messageRef")] for one in caught)
    topic = element.get(f"{CAMUNDA}topic")
    if topic:
        found.topics.add(topic)


class TestCoverage:
    def test_every_user_task_has_an_answer_and_every_answer_a_task(
        self, playbook: Playbook, waits: Waits
    ) -> None:
        assert set(playbook.script.tasks) == set(waits.tasks)

    def test_every_awaited_message_comes_and_none_that_nobody_awaits(
        self, playbook: Playbook, waits: Waits
    ) -> None:
        sent = {
            turn.message for move in playbook.script.moves.values() for turn in move.answers if turn.message
        }
        # The engine itself tells called departments that it is decided.
        assert sent == waits.messages - {DECIDED}

    def test_every_topic_has_a_system_and_every_system_a_topic(
        self, playbook: Playbook, waits: Waits, edition: Edition
    ) -> None:
        # What orders and whistles tell the engine carries itself; it also sends what sources are told.
        told = {topic.id for topic in edition.rulebook.topics.values() if topic.upon}
        assert set(playbook.script.topics) == (waits.topics | told) - {PROGRESS, *TOPICS}
        for outage in playbook.script.outages:
            assert set(outage.topics) <= waits.topics

    def test_moves_are_set_going_by_what_the_models_reach(
        self, playbook: Playbook, waits: Waits, edition: Edition
    ) -> None:
        stages = set(edition.rulebook.vocabulary.facts["stage"].values)
        for name, move in playbook.script.moves.items():
            for trigger in (*move.upon, *move.unless):
                kind, _, subject = trigger.partition(":")
                known = {
                    Happening.MILESTONE: waits.milestones,
                    Happening.STAGE: stages,
                    Happening.DEADLINE_STARTED: set(edition.view(None).deadlines),
                    Happening.TASK_OPENED: waits.elements,
                    Happening.TASK_COMPLETED: waits.elements,
                }[Happening(kind)]
                assert subject in known, f"{name}: {trigger}"

    def test_deadlines_are_extended_and_suspended_as_their_articles_allow(
        self, playbook: Playbook, edition: Edition
    ) -> None:
        acts = 0
        for name, move in playbook.script.moves.items():
            for turn in move.answers:
                assert sum(act is not None for act in (turn.message, turn.extend, turn.suspend)) == 1, name
                if turn.extend is not None:
                    acts += 1
                    law = (
                        edition.view(None)
                        .deadlines[turn.extend.deadline]
                        .version_at(TODAY)
                        .extension_after(0)
                    )
                    assert law is not None, name
                    assert (law.ground, law.approver) == (turn.extend.ground, move.who), name
                    assert law.length is None or str(law.length) == turn.extend.length, name
                if turn.suspend is not None:
                    acts += 1
                    version = edition.view(None).deadlines[turn.suspend.deadline].version_at(TODAY)
                    assert turn.suspend.ground in version.suspensions, name
        assert acts > 0

    def test_leaders_and_replies_are_what_the_engine_takes(
        self, playbook: Playbook, edition: Edition
    ) -> None:
        leaders = playbook.script.leaders
        assert leaders.role in edition.rulebook.roles
        assert leaders.colour in edition.rulebook.vocabulary.facts["colour"].values
        assert [ContactForm(form) for form in leaders.contacts]
        assert all(leaders.notes)
        assert all(playbook.script.replies.texts)

    def test_answers_give_what_the_form_asks_for(self, playbook: Playbook, waits: Waits) -> None:
        for name, script in playbook.script.tasks.items():
            form = waits.tasks[name]
            for turn in script.answers:
                assert set(turn.facts) <= form.asks, name
                assert turn.facts.get("outcome") in (*form.outcomes, None), name

    def test_roles_of_the_teams_exist(self, playbook: Playbook, edition: Edition) -> None:
        assert set(playbook.script.teams.roles) <= set(edition.rulebook.roles)

    def test_every_fact_that_is_said_is_in_its_domain(self, playbook: Playbook, edition: Edition) -> None:
        dice = random.Random(1)
        for place, turn in playbook.script.turns():
            for name, value in spoken(turn.facts, TODAY, dice).items():
                edition.rulebook.vocabulary.check(name, value), place

    @given(data=st.data())
    def test_whatever_the_facts_every_task_has_an_answer(
        self, playbook: Playbook, edition: Edition, data: st.DataObject
    ) -> None:
        facts = data.draw(facts_of(edition))
        for name, script in playbook.script.tasks.items():
            assert playbook.choose(script.answers, facts, random.Random(1)) is not None, name


def facts_of(edition: Edition) -> st.SearchStrategy[dict[str, object]]:
    """Facts that the conditions of the script may read: choices, and numbers of attempts."""
    facts = edition.rulebook.vocabulary.facts
    choices = {
        name: st.sampled_from([*facts[name].values, None])
        for name in ("channel", "dispute_type", "stage", "level")
    }
    others = {"mediation_attempts": st.integers(0, 9), "refuses_mediation": st.booleans()}
    return st.fixed_dictionaries({}, optional={**choices, **others})


class TestReading:
    def written(self, tmp_path: Path, old: str, new: str) -> Path:
        text = SCRIPT.read_text("utf-8")
        assert old in text
        path = tmp_path / "script.yaml"
        path.write_text(text.replace(old, new, 1), "utf-8")
        return path

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("per_day:", "per_dya:", "per_dya"),
            ("days: [0, 3]", "days: [0]", "length 2"),
            ("outcome: agreed", "outcom: agreed", "no fact is called 'outcom'"),
            ("channel not in", "chanel not in", "did you mean 'channel'"),
        ],
    )
    def test_what_is_wrong_is_told_with_its_line(
        self, edition: Edition, tmp_path: Path, old: str, new: str, said: str
    ) -> None:
        path = self.written(tmp_path, old, new)
        line = next(n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if new in text)
        with pytest.raises(DefinitionError) as caught:
            load_playbook(path).check(edition.rulebook.vocabulary.facts)
        finding = caught.value.findings[0]
        assert said in str(caught.value)
        assert finding.file == str(path)
        assert finding.line is not None
        assert abs(finding.line - line) <= 3


class TestChance:
    def test_the_same_question_gets_the_same_answer_whatever_was_asked_before(self) -> None:
        first, second = Dice(7), Dice(7)
        second.roll("something", "else").random()
        assert first.roll("a", 1).random() == second.roll("a", 1).random()
        assert first.roll("a", 1).random() != first.roll("a", 2).random()
        assert Dice(8).roll("a", 1).random() != first.roll("a", 1).random()

    @given(st.integers(0, 400), st.integers(0, 400), st.integers())
    def test_days_lie_in_the_span_that_is_written(self, least: int, more: int, seed: int) -> None:
        said = spoken(
            {
                "after": f"today+{least}..{least + more}",
                "before": f"today-{least}",
                "now": "today",
                "text": "todays",
            },
            TODAY,
            random.Random(seed),
        )
        assert TODAY + timedelta(least) <= said["after"] <= TODAY + timedelta(least + more)  # type: ignore[operator]
        assert said["before"] == TODAY - timedelta(least)
        assert (said["now"], said["text"]) == (TODAY, "todays")

    def test_only_what_is_possible_is_chosen(self, playbook: Playbook) -> None:
        turns = playbook.script.tasks["dispute.lead_out"].answers
        for channel, outcome in (("police", "transferred"), ("civil_court", "led_out")):
            chosen = [playbook.choose(turns, {"channel": channel}, random.Random(seed)) for seed in range(20)]
            assert {turn.facts["outcome"] for turn in chosen if turn is not None} == {outcome}
        assert playbook.choose([Turn(when="mediation_attempts < 3")], {}, random.Random(1)) is None
