"""Who is told what a step has to say, and who is pressed when nothing happens: by rungs, reviews, and looks at rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.case.state.facts import Facts
from jiefen.case.state.waits import Waits
from jiefen.clock import china_date
from jiefen.deadlines.docket import Docket
from jiefen.deadlines.planning import Register
from jiefen.edition.edition import Edition
from jiefen.notation.labels import Label
from jiefen.notation.texts import person_id
from jiefen.people import escalation, recusal, unmoved
from jiefen.people.addressing import TELLS, address
from jiefen.people.confidential import Accused, accused_of
from jiefen.people.directory import Directory
from jiefen.people.finder import Deputies, Finder
from jiefen.record.kinds import EntryStatus
from jiefen.record.recording import NOTICE, REPORT, Recording
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow
from jiefen.rules import Ladder
from jiefen.store import cases as store
from jiefen.store.agenda import deliveries_of


class Pressing:
    """The people of one case in work, inside one transaction.

    Args:
        row: the case as the step has found it.
        directory: gives the directory of persons, if there is one.
        deputies: gives who stands in for somebody who is away.
    """

    def __init__(
        self,
        edition: Edition,
        row: CaseRow,
        register: Register,
        docket: Docket,
        facts: Facts,
        waits: Waits,
        recording: Recording,
        directory: Callable[[], Directory | None],
        deputies: Deputies,
    ) -> None:
        self._edition, self._row, self._register, self._docket = edition, row, register, docket
        self._facts, self._waits, self._recording = facts, waits, recording
        self._directory, self._deputies = directory, deputies

    def rung(self, connection: Connection, seq: int, rung_id: str, *, first: bool) -> None:
        """A rung of a deadline's ladder is due: tell the office it names. A rung fires once, ever."""
        claim = partial(
            store.claim_rung, connection, self._recording.case_id, seq, rung_id, self._recording.now
        )
        here, kept = self._register.area, (self._leader(), connection, self._finder)
        leader = partial(escalation.leader_of, *kept, here, self._recording)
        self._docket.fire(seq, rung_id, claim, leader, first=first)

    def task(self, key: int, data: Mapping[str, Any]) -> None:
        """Nobody has claimed a task for so long as a rung of its ladder says."""
        wait, register = self._waits.before(key), self._register
        if wait is not None:
            roles, calendar = self._edition.rulebook.roles, register.calendar
            escalation.press_task(wait, data, register.view, register.area, calendar, self._recording, roles)

    def sent(self, entry: Any) -> None:
        """A delivery was carried, and its answer is still to come: it is kept, never sent again, and watched."""
        wait = self._waits.before(entry.data["token"])
        name = wait.element.name if wait is not None else entry.topic
        secret = entry.data.get("confidential", False)
        view, calendar = self._register.view, self._register.calendar
        until = escalation.watch_answer(entry.ref, entry.topic, name, secret, view, calendar, self._recording)
        topic = self._edition.rulebook.topics.get(entry.topic)
        if topic is not None and topic.term is not None:
            over = escalation.term_of(topic.term, self._recording.now, calendar)
            self._recording.plan(Ref.term_of(entry.ref), over, data={"awaited": entry.ref})
            until = min(until, over) if until is not None else over
        self._recording.keep(
            entry, status=str(EntryStatus.SENT), next_try_at=entry.at, error=None, answer_by=until
        )

    def delivery(self, ref: str, data: Mapping[str, Any]) -> None:
        """A delivery was not answered for so long as a rung of its ladder says."""
        register = self._register
        escalation.press_for_delivery(
            ref, data, register.view, register.area, register.calendar, self._recording
        )

    def term_over(self, connection: Connection, ref: str) -> None:
        """A delivery was not answered for as long as its topic lets one wait: it is an incident."""
        for entry in deliveries_of(connection, self._recording.case_id, [ref]):
            if entry.status == EntryStatus.SENT:
                topic = self._edition.rulebook.topics[entry.topic]
                why = Label(f"{topic.term}内没有答复", f"no answer within {topic.term}")
                self._recording.keep(
                    entry, status=str(EntryStatus.INCIDENT), next_try_at=self._recording.now, error=why.en
                )
                self.dead(entry, why)

    def dead(self, entry: Any, why: Label) -> None:
        """A delivery waits for a person: the journal says so, and who is responsible for the case is told."""
        topic = self._edition.rulebook.topics.get(entry.topic)
        title = topic.title if topic is not None else Label(entry.topic, entry.topic)
        escalation.tell_dead(entry, title, why, self._register.area, self._recording)

    def answer(self, ref: str, data: Mapping[str, Any]) -> None:
        """A supervision was not answered in time."""
        escalation.press_for_answer(ref, data, self._register.view, self._finder(), self._recording)

    def movement(self, connection: Connection, data: Mapping[str, Any]) -> None:
        """It is time to look whether anything has moved in the case."""
        standing = unmoved.standing_of(connection, self._row, self._waits.before)
        unmoved.press(data, standing, self._register, self._recording, self._edition.rulebook.roles)

    def review(
        self, ref: Ref, ladder: Ladder, decider: str | None, title: Label, about: Mapping[str, Any]
    ) -> None:
        """A party is not content with what ``decider`` has decided: the office that the ladder names reviews it."""
        finder, roles, area = self._finder(), self._edition.rulebook.roles, self._register.area
        escalation.ask_for_review(ref, ladder, decider, title, about, area, finder, roles, self._recording)

    def pass_on(self, connection: Connection, person: str | None) -> None:
        """Somebody is recused: what was to be told to them goes to others. ``None``: the case lies elsewhere now."""
        finder, calendar, area = self._finder(), self._register.calendar, self._register.area
        recusal.pass_on(connection, self._recording, finder, calendar, self._leader(), person, area)

    def in_charge(self) -> str | None:
        """Who is told what the case has to say to nobody in particular; see :meth:`Finder.in_charge`."""
        return self._finder().in_charge(self._leader())

    def tell(self) -> None:
        """Give what this step tells people its persons and its hour."""
        leader = self._leader()
        if leader is not None:
            titles = {item.rule.id: item.rule.title for item in self._register.deadlines}
            escalation.tell_leader(leader, self._register.area, self._recording, titles)
        agenda = self._recording.changes.agenda
        if any(item["topic"] in (NOTICE, REPORT) or (item["data"] or {}).get(TELLS) for item in agenda):
            address(self._recording, self._finder(), self._register.calendar, leader, self._register.area)

    def _finder(self) -> Finder:
        """Who is told what there is to tell of the case: nobody who is accused in it, nor their unit."""
        roles, today = self._edition.rulebook.roles, china_date(self._recording.now)
        recused = self._row.recused or ()
        known = (
            self._directory(),
            roles,
            self._register.view,
            self._facts.values,
            today,
            recused,
            self._accused,
        )
        return Finder(*known, deputies=self._deputies).discreet()

    def _accused(self) -> Accused:
        return accused_of(self._edition.processes, self._facts.values)

    def _leader(self) -> str | None:
        """Who leads the case and is told of it; nobody where they are accused in it meanwhile."""
        leader = self._row.leader
        return leader if leader is None or person_id(leader) not in self._accused().persons else None
