"""What a running process asks of its case, and the milestones that are reached in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from jiefen.case.acts import carry_out
from jiefen.case.state.facts import Facts
from jiefen.case.state.mailbox import Letter, Mailbox
from jiefen.case.state.waits import payload_of
from jiefen.clock import china_date, legal_day
from jiefen.deadlines.docket import Docket
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline
from jiefen.edition.edition import Edition
from jiefen.errors import NotFound
from jiefen.process import Element
from jiefen.record.actor import SYSTEM, Actor
from jiefen.record.kinds import Happening
from jiefen.record.recording import Recording


class CaseEnvironment:
    """The environment of the process of one case in work, inside one transaction."""

    def __init__(
        self,
        edition: Edition,
        register: Register,
        docket: Docket,
        facts: Facts,
        mailbox: Mailbox,
        recording: Recording,
    ) -> None:
        self._edition, self._register, self._docket = edition, register, docket
        self._facts, self._mailbox, self._recording = facts, mailbox, recording
        #: Who has completed the task that goes before; ``None``: nobody with posts.
        self.by: Actor | None = None
        #: The kept message that the process takes now.
        self.taking: Letter | None = None
        #: The milestones reached in this step, since somebody has last emptied it.
        self.reached: set[str] = set()

    def now(self) -> datetime:
        """The instant of this step, the same from its start to its end."""
        return self._recording.now

    def facts(self) -> Mapping[str, object]:
        """The facts of the case as they are now."""
        return self._facts.values

    def assign(self, name: str, value: object, element: Element | None = None) -> None:
        """Set a fact, checked against the vocabulary.

        Raises:
            FactError: as the vocabulary says, with the element that assigned it.
        """
        self._facts.assign(name, value, element)

    def decide(self, table: str, element: Element) -> None:
        """Evaluate a decision table of the case's area; its outputs become facts."""
        area, facts = self._register.area, self._facts.values
        rules = self._register.view.tables.get(table)
        if rules is None:
            raise NotFound(
                f"{element.file}:{element.line}: {element.name} [{element.id}] asks for the decision table {table!r}, "
                f"which is not in force in area {area or 'nation'}"
            )
        decision = rules.decide(facts, as_of=china_date(self.now()), trace=False)
        dump = self._edition.rulebook.vocabulary.dump
        self._recording.note(
            Happening.DECISION,
            table,
            element=element.id,
            area=area,
            version=decision.version.isoformat(),
            rows=list(decision.rows),
            read=dump({name: facts[name] for name in rules.inputs if name in facts}),
            outputs=self._facts.take(decision.outputs, element),
        )

    def milestone(self, milestone: str, element: Element) -> None:
        """A moment with legal meaning: stops the deadlines it stops and starts those that run from it."""
        fact = element.properties.get("date")
        said = self._facts.said(fact)
        if isinstance(said, date):
            self.reach(milestone, self._facts.day_of(milestone, str(fact), said), element)
        else:
            self.reach(milestone, china_date(self.now()), element, date_fact=fact)

    def act(self, element: Element) -> None:
        """Extend, suspend, resume or interrupt a deadline, as the element says, by who completed the task before it."""
        carry_out(self._docket, element, self._facts.without_assumed(None), self.by or SYSTEM)

    def deadline(self, rule_id: str) -> datetime | None:
        """When the running deadline of a rule is over; ``None`` when none runs."""
        return self._register.due_of(rule_id)

    def send(self, topic: str, element: Element, inputs: Mapping[str, object]) -> None:
        """Leave a delivery that nobody waits for; the property ``tells`` names the roles whose persons it is for."""
        payload = payload_of(element, None, inputs)
        self._recording.deliver(self._recording.next_ref(self._recording.revision), topic, payload)

    def entered(self, element: Element) -> None:
        """A call activity or subprocess begins; the properties ``stage`` and ``level`` move the case."""
        moved = {name: element.properties[name] for name in ("stage", "level") if name in element.properties}
        if "stage" in moved:
            changed = self._facts.take_changed(moved, element)
            self._register.reached.enter_stage()
            self._mailbox.enter_stage()
            self._recording.note(Happening.STAGE, moved["stage"], element=element.id, facts=changed)
        elif moved:
            self.assign("level", moved["level"], element)

    def ended(self, element: Element | None) -> None:
        """A call activity, a subprocess or the process is over; who saves the step sees to the rest."""

    def reach(
        self,
        milestone: str,
        moment: date | datetime,
        element: Element | None = None,
        ended: RunningDeadline | None = None,
        date_fact: str | None = None,
    ) -> None:
        """A milestone is reached on a day, or at an instant.

        It is reached by an ``element`` of the model, by the end of a deadline, or by a person.

        Args:
            date_fact: the fact that should have said the day, and did not: it becomes this day, so that who is sent the
                fact later learns it. It stays an assumption: the next milestone that it belongs to has its own day.
        """
        self.reached.add(milestone)
        letter = self.taking if element is not None else None
        if letter is not None and letter.milestone == milestone:
            # The message has reached it by itself, on its own day.
            moment = letter.on
            if self._register.reached.day(milestone) == moment:
                if date_fact:
                    self._facts.assume(date_fact, moment, element)
                self._docket.affected_by(milestone, moment)
                return
        day = legal_day(moment)
        by = element.id if element else None
        filled: dict[str, Any] = {}
        if date_fact:
            filled["facts"] = self._facts.assume(date_fact, day, element)
        if over := self._over_by(milestone):
            filled["facts"] = filled.get("facts", {}) | self._facts.take(over, element)
        self._recording.note(Happening.MILESTONE, milestone, element=by, on=day.isoformat(), **filled)
        self._register.reached.keep(milestone, moment)
        facts = self._facts.without_assumed(date_fact)
        self._docket.milestone(milestone, moment, facts, ended, exact=element is None)

    def _over_by(self, milestone: str) -> dict[str, None]:
        """The facts that say what is over by a milestone, as the case has them."""
        known = self._edition.rulebook.milestones.get(milestone)
        said = known.empties.items() if known is not None else ()
        return {name: None for name, value in said if self._facts.values.get(name) == value}
