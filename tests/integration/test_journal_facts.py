"""The journal tells every change of a fact: from its entries alone the facts of a case come back, at any of them."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import EVERYWHERE, Actor, Answer, Case, Engine, FixedClock
from jiefen.clock import CHINA, china_date
from jiefen.errors import JiefenError
from jiefen.record.kinds import Happening
from jiefen.rules import Fact, FactType
from jiefen.story.facts import facts_at
from tests.integration.conftest import CLERK, make_tables
from tests.support.chance import examples
from tests.support.databases import Databases
from tests.support.moments import Life

AREAS = ("140429102201", "140429102", "140429")
START = date(2026, 3, 2)
PROCESSES = ("dispute", "petition", "mediation", "joint_mediation", "resolution", "petition_review")


class Player:
    """Somebody who does with a case whatever can be done, at random; what the engine refuses changes nothing."""

    def __init__(self, engine: Engine, clock: FixedClock, dice: random.Random) -> None:
        self.engine, self.clock, self.dice = engine, clock, dice
        roles = [one.id for one in engine.edition.rulebook.roles.values() if one.is_office]
        self.who = Actor("all-1", frozenset(roles), EVERYWHERE)
        self.vocabulary = engine.edition.rulebook.vocabulary

    def open(self, key: str) -> Case:
        """A new case with some facts."""
        day = self.today() - timedelta(self.dice.randrange(30))
        facts: dict[str, object] = {"title": "排水纠纷", "area": self.dice.choice(AREAS), "received_on": day}
        facts |= {name: self.value(name) for name in ("dispute_type", "matter_type", "persons", "urgent")}
        return self.engine.open_case(self.dice.choice(PROCESSES), facts, key=key, by=self.who)

    def act(self, case: int) -> None:
        """One random act."""
        acts = (self.complete, self.complete, self.complete, self.answer, self.hear, self.wait, self.reach)
        with suppress(JiefenError):
            self.dice.choice((*acts, self.correct))(case)

    def complete(self, case: int) -> None:
        tasks = self.engine.tasks(case=case)
        if tasks:
            task = self.dice.choice(tasks)
            element = self.engine.edition.processes.element(task.process, task.element)
            asked = [name for name in element.properties.get("asks", "").split(",") if name]
            answer = {name: self.value(name) for name in asked}
            outcomes = element.properties.get("outcomes")
            if outcomes is not None:
                answer["outcome"] = self.dice.choice(outcomes.split(","))
            self.engine.complete(task.id, answer, by=self.who)

    def answer(self, case: int) -> None:
        waiting = [
            one for one in self.engine.deliveries(limit=1000) if one.case == case and one.payload.get("token")
        ]
        if waiting:
            names = ("case_number", "ruled_on", "served_on", "outcome", "judged_on")
            facts = {name: self.value(name) for name in names if name in self.vocabulary.facts}
            self.engine.answer(
                self.dice.choice(waiting).id, Answer(facts if self.dice.random() < 0.7 else {})
            )

    def hear(self, case: int) -> None:
        by_message = [
            (way.removeprefix("message:"), fact.id)
            for fact in self.vocabulary.facts.values()
            for way in fact.set_by
            if way.startswith("message:")
        ]
        name, fact = self.dice.choice(by_message)
        self.engine.message(name, case=case, key=str(self.dice.random()), facts={fact: self.value(fact)})

    def wait(self, case: int) -> None:
        self.clock.advance(timedelta(days=self.dice.choice((0, 1, 5, 15, 40))))
        self.engine.sweep()

    def reach(self, case: int) -> None:
        known = sorted(self.engine.edition.rulebook.milestones)
        self.engine.milestone(case, self.dice.choice(known), on=self.today(), by=self.who)

    def correct(self, case: int) -> None:
        running = [one for one in self.engine.deadlines(case) if one.status == "running"]
        if running:
            one = self.dice.choice(running)
            day = one.anchored_at.astimezone(CHINA).date() - timedelta(1)
            self.engine.correct_anchor(case, one.seq, on=day, by=self.who)

    def value(self, name: str) -> object:
        """A value that the fact takes."""
        fact: Fact = self.vocabulary.fact(name)
        one: dict[FactType, object] = {
            FactType.BOOLEAN: self.dice.random() < 0.5,
            FactType.INTEGER: self.dice.randrange(1, 9),
            FactType.MONEY: Decimal(self.dice.randrange(1, 100_000)),
            FactType.DATE: self.today() - timedelta(self.dice.randrange(20)),
            FactType.TEXT: "一份材料",
            FactType.LIST: (),
        }
        return self.dice.choice(list(fact.values)) if fact.type is FactType.CHOICE else one[fact.type]

    def today(self) -> date:
        return china_date(self.clock.now())


def check_journal(engine: Engine, case: Case) -> int:
    """Look at the facts and at every decision of a case; how many decisions there were."""
    edition = engine.edition
    vocabulary, entries = edition.rulebook.vocabulary, engine.explain(case.id).journal
    assert facts_at(entries, len(entries), vocabulary) == engine.case(case.id).facts
    decisions = [n for n, entry in enumerate(entries) if entry.kind is Happening.DECISION]
    for n in decisions:
        entry, facts = entries[n], facts_at(entries, n, vocabulary)
        read = vocabulary.from_json(entry.data["read"])
        table = edition.view(entry.data["area"]).table(str(entry.subject))
        assert read == {name: facts[name] for name in table.inputs if name in facts}, entry
        again = table.decide(facts, as_of=entry.at.astimezone(CHINA).date())
        assert list(again.rows) == entry.data["rows"]
        assert vocabulary.to_json(again.outputs) == entry.data["outputs"]
    return len(decisions)


@pytest.fixture
def bundled_engine(sqlite: Databases, clock: FixedClock) -> Engine:
    """The bundled processes and rules."""
    return Engine.open(sqlite.prepared(make_tables), clock=clock)


def test_random_cases_come_back_from_their_journals(bundled_engine: Engine, clock: FixedClock) -> None:
    engine, decided, told, keys = bundled_engine, [0], [0], iter(range(10_000))

    @examples(12)
    @given(st.integers(0, 2**32))
    def play(seed: int) -> None:
        clock.set(START)
        player = Player(engine, clock, random.Random(seed))
        case = player.open(f"case {next(keys)}")
        for _ in range(20):
            player.act(case.id)
        decided[0] += check_journal(engine, case)
        story = engine.explain(case.id)
        assert not [line for line in story.text("en").splitlines() if line.endswith("Facts changed:")]
        assert not [line for line in story.text("zh").splitlines() if line.endswith("要素变动:")]
        told[0] += sum(entry.kind is Happening.FACTS_CHANGED for entry in engine.history(case.id))

    play()
    engine.close()
    assert decided[0] > 10
    assert told[0] > 5


def test_an_entry_of_its_own_tells_only_what_is_new(life: Life) -> None:
    engine = life.engine
    engine.milestone(life.case, "petition_opinion_served", on=date(2026, 3, 2), by=CLERK)
    engine.milestone(life.case, "petition_opinion_served", on=date(2026, 3, 2), by=CLERK)

    entries, vocabulary = engine.history(life.case), engine.edition.rulebook.vocabulary
    own = [n for n, entry in enumerate(entries) if entry.kind is Happening.FACTS_CHANGED]

    assert own
    for n in own:
        before = facts_at(entries, n, vocabulary)
        for name, value in vocabulary.from_json(entries[n].data["facts"]).items():
            assert name not in before or before[name] != value
    assert engine.explain(life.case).facts_at(own[0] + 1) == facts_at(entries, own[0] + 1, vocabulary)
    kept = [entry for entry in entries if entry.kind is not Happening.FACTS_CHANGED]
    assert facts_at(kept, len(kept), vocabulary) != engine.case(life.case).facts
