"""A case that reaches any milestone of the bundled rules whenever a message says so, and a slow way to count days."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import EVERYWHERE, Actor, Deadline, Engine, Entry, FixedClock, Happening, JiefenError
from jiefen.bundled import bundled
from jiefen.case.runtime import Runtime
from jiefen.edition.edition import Edition, load_edition
from jiefen.periods import Calendar, Period, Roll, Unit, add_months
from jiefen.store import schema
from jiefen.store.connecting.database import open_database
from jiefen.store.migrate import prepare

#: Milestones that a case can reach, with the fact that carries their day.
MILESTONES = {
    "registered": "received_on", "petition_accepted": None, "petition_opinion_served": "served_on",
    "petition_recheck_requested": "applied_on", "mediation_requested": "requested_on",
    "mediation_accepted": "accepted_on", "agreement_in_force": "agreed_on", "labour_award_served":
    "served_on", "labour_hearing_set": None, "labour_hearing_notified": None, "labour_accepted": None,
    "labour_applied": "applied_on", "suit_brought": "sued_on", "case_filed": "filed_on",
    "converted_to_ordinary": None, "judgment_served": "served_on", "police_case_filed": "filed_on",
    "police_case_accepted": "accepted_on",
    "medical_administrative_accepted": "accepted_on", "capacity_appraisal_requested": "applied_on",
    "reconsideration_accepted": "accepted_on", "crime_reported": None, "urgent_matter_known": None,
    "urgent_reported": None, "labour_inspection_filed": "filed_on", "land_award_served": None,
    "reconsideration_decision_served": "reconsideration_served_on", "court_mediation_accepted": "accepted_on",
    "petition_registered": None, "administrative_court_accepted": "filed_on",
    "petition_transfer_received": None, "remedy_told": "remedy_told_on",
    "decision_limit_told": "decision_limit_told_on", "administrative_act_made": "act_made_on",
    "reconsideration_requested": "applied_on", "reconsideration_withdrawn": "event_on",
    "reconsideration_refused": "event_on", "suit_withdrawn": "event_on", "labour_withdrawn": "event_on",
    "performance_requested": "performance_requested_on", "capacity_appraisal_served": "served_on",
}  # fmt: skip
#: The messages by which it does.
MESSAGES = tuple(f"go.{milestone}" for milestone in MILESTONES)
_NAMESPACES = 'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
CLERK = Actor("clerk", frozenset({"township_coordinator"}), EVERYWHERE)
#: Whoever decides that somebody keeps out of a case.
RECUSER = Actor("head-2", frozenset({"head", "joint_meeting_office"}), EVERYWHERE)
#: Whoever records at the window what a party says.
WINDOW = Actor("window", frozenset({"clerk", "township_coordinator"}), EVERYWHERE)


def model() -> str:
    """One task that stays open, and beside it a message ``go.MILESTONE`` for every milestone."""
    messages, events = [], []
    for number, (milestone, fact) in enumerate(MILESTONES.items()):
        dated = f'<camunda:property name="date" value="{fact}" />' if fact else ""
        messages.append(f'<bpmn:message id="m{number}" name="go.{milestone}" />')
        events.append(
            f'<bpmn:boundaryEvent id="b{number}" name="b" attachedToRef="work" cancelActivity="false">'
            f'<bpmn:messageEventDefinition messageRef="m{number}" /></bpmn:boundaryEvent>'
            f'<bpmn:sequenceFlow id="f{number}" sourceRef="b{number}" targetRef="{milestone}" />'
            f'<bpmn:intermediateThrowEvent id="{milestone}" name="{milestone}"><bpmn:extensionElements>'
            f'<camunda:properties><camunda:property name="milestone" value="{milestone}" />{dated}</camunda:properties>'
            f"</bpmn:extensionElements></bpmn:intermediateThrowEvent>"
            f'<bpmn:sequenceFlow id="g{number}" sourceRef="{milestone}" targetRef="e{number}" />'
            f'<bpmn:endEvent id="e{number}" />'
        )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions {_NAMESPACES} id="life" targetNamespace="https://example.org/life">
{"".join(messages)}
<bpmn:process id="life" name="节点" isExecutable="true">
<bpmn:startEvent id="start" /><bpmn:sequenceFlow id="s" sourceRef="start" targetRef="work" />
<bpmn:userTask id="work" name="办理" camunda:candidateGroups="township_coordinator"
 camunda:dueDate="${{deadline(&quot;petition.recheck&quot;)}}" />
<bpmn:sequenceFlow id="t" sourceRef="work" targetRef="end" /><bpmn:endEvent id="end" />
{"".join(events)}
</bpmn:process></bpmn:definitions>"""


@cache
def edition() -> Edition:
    """The model above on the bundled rules, which also know its messages, loaded once."""
    with tempfile.TemporaryDirectory() as folder:
        processes = Path(folder) / "processes"
        processes.mkdir()
        (processes / "life.bpmn").write_text(model(), encoding="utf-8")
        return load_edition(processes, rules_with_messages(Path(folder) / "rules"))


def rules_with_messages(folder: Path, names: Iterable[str] = MESSAGES) -> Path:
    """The bundled rules in a folder of their own, with more messages that a model may wait for."""
    shutil.copytree(bundled("rules"), folder)
    lines = [f"  {name}: {{title: {{zh: 消息, en: Message}}, from: [clerk]}}" for name in names]
    (folder / "more_messages.yaml").write_text("\n".join(["messages:", *lines, ""]), encoding="utf-8")
    return folder


class Life:
    """A case on that edition, with short words for what happens to it."""

    def __init__(self, url: str, clock: FixedClock) -> None:
        database = open_database(url)
        prepare(database)
        self.clock = clock
        self.engine = Engine(Runtime(database, edition(), clock, {}))
        self.case, self._messages = 0, 0

    def open(self, **facts: Any) -> Life:
        """Open the case, or the next one."""
        self._messages += 1
        given = {"area": "140429102"} | facts
        self.case = self.engine.open_case("life", given, key=f"case:{self._messages}", by=CLERK).id
        return self

    def reach(self, milestone: str, **facts: Any) -> Life:
        """Reach a milestone, with the facts that come with it."""
        self._messages += 1
        key = f"message:{self._messages}"
        assert self.engine.message(f"go.{milestone}", case=self.case, key=key, facts=facts)
        return self

    def of(self, rule: str) -> list[Deadline]:
        """The deadlines by a rule, oldest first."""
        return [item for item in self.engine.deadlines(self.case) if item.rule == rule]

    def the(self, rule: str) -> Deadline:
        """The newest deadline by a rule."""
        return self.of(rule)[-1]

    def seen(self) -> tuple[object, ...]:
        """Everything that an act could change."""
        engine = self.engine
        waiting = [(item.topic, item.key) for item in engine.deliveries()]
        return engine.case(self.case), engine.deadlines(self.case), engine.history(self.case), waiting


def counted(
    length: str,
    anchored: date,
    extensions: list[str],
    spans: list[tuple[date, date]],
    calendar: Calendar,
    *,
    roll: Roll = Roll.NONE,
    included: bool = False,
) -> date:
    """The last day of a deadline, counted day by day: a day counts or it does not."""
    day = anchored - timedelta(days=int(included))
    chain: list[tuple[int, Unit]] = []
    for period in map(Period.parse, [length, *extensions]):
        if chain and chain[-1][1] is period.unit:
            chain[-1] = chain[-1][0] + period.length, period.unit
        else:
            chain.append((period.length, period.unit))
    for number, unit in chain:
        left = number
        if unit in (Unit.MONTH, Unit.YEAR):
            left = (add_months(day, number * (12 if unit is Unit.YEAR else 1)) - day).days
        while left:
            day += timedelta(days=1)
            suspended = any(begin <= day < end for begin, end in spans)
            left -= not suspended and (unit is not Unit.WORKING_DAY or calendar.is_working_day(day))
    while roll is Roll.NEXT_WORKING_DAY and calendar.is_day_off(day):
        day += timedelta(days=1)
    return day


def holding(*roles: str) -> Actor:
    """Somebody who holds these roles everywhere."""
    return Actor("-".join(roles), frozenset(roles), EVERYWHERE)


def kinds(life: Life, *wanted: Happening) -> list[tuple[Happening, str | None]]:
    """Entries of the journal of some kinds, with their subjects."""
    return [
        (entry.kind, entry.subject)
        for entry in life.engine.history(life.case, limit=1_000)
        if entry.kind in wanted
    ]


def effects(life: Life, rule: str) -> list[Entry]:
    """The consequences that the expiry of a rule's deadlines had."""
    journal = life.engine.history(life.case)
    return [entry for entry in journal if entry.kind is Happening.EFFECT and entry.data["rule"] == rule]


def pending(life: Life) -> dict[tuple[str, str], datetime]:
    """What is on the agenda of the case, without deliveries."""
    with life.engine._runtime.reading() as connection:
        rows = connection.execute(
            sa.select(schema.agenda).where(
                schema.agenda.c.case_id == life.case, schema.agenda.c.kind.in_(("expiry", "rung"))
            )
        )
        return {(row.kind, row.ref): row.at for row in rows}


def refused(life: Life, error: type[JiefenError], said: str, act: Callable[[], object]) -> None:
    """An act is refused with a clear message, and nothing has changed."""
    before = life.seen(), pending(life)
    with pytest.raises(error, match=said):
        act()
    assert (life.seen(), pending(life)) == before


def pass_days(life: Life, clock: FixedClock, days: int) -> None:
    """Let days pass, with a sweep on each."""
    for _ in range(days):
        clock.advance(timedelta(days=1))
        life.engine.sweep()
