"""The questions that matter: which missing facts would start, move or end a right, or change the route of a case.

Nothing here changes a case. What is looked at is what somebody has said: a day that was assumed is still to be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jiefen.deadlines.reached import Reached
from jiefen.edition.edition import Edition
from jiefen.errors import JiefenError
from jiefen.periods import Unit, due
from jiefen.record.kinds import DeadlineStatus
from jiefen.record.questions import Asked, Effect, Question, Reason
from jiefen.record.values import Deadline, Task
from jiefen.rules import (
    MISSING,
    DeadlineRule,
    DeadlineVersion,
    FactType,
    Message,
    RuleView,
    Side,
    reasons,
)

#: The kind of matter.
_KIND = "dispute_type"
#: A right that starts with what happened is at risk from its day on, until somebody says a later one.
_HAPPENED = "occurred_on"
#: A right that runs, and is lost within so many days, makes one ask what would move it.
_SOON = 90


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a case.

    Attributes:
        facts: what somebody has said.
        deadlines: every deadline that it has or had.
        process: the process that it runs.
        today: the legal day in China.
        tasks: the tasks that are open.
    """

    edition: Edition
    view: RuleView
    facts: Mapping[str, object]
    reached: Reached
    deadlines: Sequence[Deadline]
    process: str
    area: str | None
    today: date
    tasks: Sequence[Task]


@dataclass(slots=True)
class _Found:
    """Reasons by what should be asked."""

    facts: dict[str, dict[Reason, None]] = field(default_factory=dict)
    messages: dict[str, dict[Reason, None]] = field(default_factory=dict)

    def add(self, name: str, reason: Reason, *, message: bool = False) -> None:
        """One more reason to ask for a fact or a message."""
        (self.messages if message else self.facts).setdefault(name, {})[reason] = None


def open_questions(known: Known) -> tuple[Question, ...]:
    """The questions of a case: by the day on which a right may be lost, then those of the route."""
    found = _Found()
    for rule in known.view.deadlines.values():
        _of_right(known, rule, found)
    for name in dict.fromkeys(element.table for element in known.edition.processes.together(known.process)):
        if name is not None and name in known.view.tables:
            _of_route(known, name, found)
    return tuple(sorted(_questions(known, found), key=_urgency))


def _of_right(known: Known, rule: DeadlineRule, found: _Found) -> None:
    version = rule.version_on(known.today)
    if version is None or version.kind is not Side.RIGHT or version.loses_nothing:
        return
    had = [
        item
        for item in known.deadlines
        if item.rule == rule.id and item.status is not DeadlineStatus.CANCELLED
    ]
    if had:
        _of_running(known, rule, version, had[-1], found)
        return
    wanting = _wanting(known, version)
    if wanting is None:
        return
    if not _is_specific(known, version):
        # What kind of matter it is decides whether anything else of this rule need be asked.
        if _KIND in wanting or (version.matters and _KIND not in known.facts):
            said = known.facts.get(version.date_fact or "")
            day = said if isinstance(said, date) else None
            found.add(_KIND, _reason(known, rule, version, Effect.STARTS, day))
        return
    anchor = _anchor(known, version)
    if anchor is None:
        return
    # What decides whether there is such a right at all comes before the day from which it runs.
    gates = [name for name in wanting if _type(known, name) is not FactType.DATE][:1]
    days = [name for name in (*wanting, anchor.fact) if name is not None and name not in gates]
    reason = _reason(known, rule, version, Effect.STARTS, anchor.day)
    for name in gates or dict.fromkeys(days):
        if _may_be_asked(known, name):
            found.add(name, reason)
    if anchor.message is not None and not gates:
        found.add(anchor.message.id, reason, message=True)
    if not gates:
        _of_exceptions(known, rule, version, found)


def _of_exceptions(known: Known, rule: DeadlineRule, version: DeadlineVersion, found: _Found) -> None:
    """The facts that nobody has said and that would take a right its rule, so that another one gives its time."""
    for name, test in version.when.items():
        fact = known.edition.rulebook.vocabulary.facts[name]
        values = (True, False) if fact.type is FactType.BOOLEAN else tuple(fact.values)
        if name in known.facts or not test.holds(MISSING) or all(test.holds(value) for value in values):
            continue
        if _may_be_asked(known, name):
            found.add(name, _reason(known, rule, version, Effect.MOVES, None))


def _wanting(known: Known, version: DeadlineVersion) -> list[str] | None:
    """The facts that nobody has said and that the conditions of a version wait for; ``None``: they cannot be met."""
    wanting = []
    for name, test in version.when.items():
        if name in known.facts:
            if not test.holds(known.facts[name]):
                return None
        elif not test.holds(MISSING):
            wanting.append(name)
    return wanting


def _is_specific(known: Known, version: DeadlineVersion) -> bool:
    """Whether a version is for this kind of matter: by what its conditions ask to be said, or by name."""
    return known.facts.get(_KIND) in version.matters or any(
        name in known.facts and not test.holds(MISSING) and _type(known, name) is not FactType.DATE
        for name, test in version.when.items()
    )


@dataclass(frozen=True, slots=True)
class _Anchor:
    """The day from which a version would run, as far as it is known; else the fact or the message that would say it."""

    day: date | None = None
    fact: str | None = None
    message: Message | None = None


def _anchor(known: Known, version: DeadlineVersion) -> _Anchor | None:
    """Where a version would run from; ``None``: from something that nobody can be asked for."""
    rulebook, facts = known.edition.rulebook, known.facts
    said = facts.get(version.date_fact) if version.date_fact is not None else None
    reached = known.reached.day(version.anchor)
    if reached is not None:
        if isinstance(said, date):
            return _Anchor(said)
        return _Anchor() if version.date_fact in version.when else _Anchor(reached)
    milestone = rulebook.milestones.get(version.anchor)
    if milestone is not None and milestone.known_by is not None and facts.get(milestone.known_by) is None:
        return _Anchor(fact=milestone.known_by)
    message = next((one for one in rulebook.messages.values() if one.reaches == version.anchor), None)
    return _Anchor(message=message) if message is not None else None


def _of_running(
    known: Known, rule: DeadlineRule, version: DeadlineVersion, last: Deadline, found: _Found
) -> None:
    """What would end or move a right that runs and is lost soon."""
    live = last.status in (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED)
    if not live or last.due_on is None or (last.due_on - known.today).days > _SOON:
        return
    _of_exceptions(known, rule, version, found)
    rulebook = known.edition.rulebook
    for milestone in version.stops:
        by = rulebook.milestones[milestone].known_by
        if by is not None and by not in known.facts and _may_be_asked(known, by):
            found.add(by, _reason(known, rule, version, Effect.ENDS, None, last.due_on))
    interrupting = {name for ground in version.interruptions for name in rulebook.grounds[ground].milestones}
    for message in rulebook.messages.values():
        if message.reaches in interrupting and known.reached.day(message.reaches) is None:
            found.add(
                message.id, _reason(known, rule, version, Effect.MOVES, None, last.due_on), message=True
            )


def _of_route(known: Known, table: str, found: _Found) -> None:
    rules, facts = known.view.tables[table], known.edition.rulebook.vocabulary.facts
    try:
        others = list(rules.others(known.facts, known.today))
    except JiefenError:
        return  # the table cannot decide yet: what it requires comes from a step before it
    for name, decision in others:
        if not _may_be_asked(known, name) or facts[name].type is FactType.DATE:
            continue
        rows = {row.id: row for row in rules.rows}
        because = [rows[row].because for row in decision.rows if row in rows]
        cited = reasons(because[0]) if because else reasons(rules.because)
        at = "/".join((table, *decision.rows[:1]))
        found.add(name, Reason(effect=Effect.ROUTE, rule=at, title=rules.title, because=cited))


def _reason(
    known: Known,
    rule: DeadlineRule,
    version: DeadlineVersion,
    effect: Effect,
    day: date | None,
    at_risk_on: date | None = None,
) -> Reason:
    if at_risk_on is None:
        at_risk_on = _lost_at_the_earliest(known, version, day)
    return Reason(
        effect=effect,
        rule=rule.id,
        title=rule.title,
        because=reasons(version.because[:1]),
        at_risk_on=at_risk_on,
    )


def _lost_at_the_earliest(known: Known, version: DeadlineVersion, day: date | None) -> date:
    """The day on which a right may be lost: counted from its day, else from what happened; else today."""
    happened = known.facts.get(_HAPPENED)
    start = day or (happened if isinstance(happened, date) else None)
    if start is None or version.backwards or version.length.unit is Unit.HOUR:
        return known.today
    try:
        end = due(version.length, start, known.edition.calendar_in(known.area), roll=version.roll).due
    except JiefenError:
        return known.today
    # What is over already is shown by its day only once it is known; until then every day may be the last.
    return max(end, known.today)


def _may_be_asked(known: Known, name: str) -> bool:
    """Whether somebody can still say a fact: with a form, or by a message that carries it."""
    rulebook = known.edition.rulebook
    carried = any(name in message.carries for message in rulebook.messages.values())
    return carried or "form" in rulebook.vocabulary.facts[name].set_by


def _type(known: Known, name: str) -> FactType:
    return known.edition.rulebook.vocabulary.facts[name].type


def _questions(known: Known, found: _Found) -> Iterator[Question]:
    facts, messages = known.edition.rulebook.vocabulary.facts, known.edition.rulebook.messages
    asked = {task.id: _asks(known, task) for task in known.tasks}
    for name, why in found.facts.items():
        ordered, choices = _ordered(why), tuple(facts[name].values.items())
        tasks = tuple(id for id, names in asked.items() if name in names)
        yield Question(
            about=Asked.FACT,
            name=name,
            title=facts[name].title,
            choices=choices,
            reasons=ordered,
            at_risk_on=ordered[0].at_risk_on,
            tasks=tasks,
        )
    for name, why in found.messages.items():
        ordered = _ordered(why)
        yield Question(
            about=Asked.MESSAGE,
            name=name,
            title=messages[name].title,
            reasons=ordered,
            at_risk_on=ordered[0].at_risk_on,
        )


def _ordered(why: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(why, key=lambda reason: (reason.at_risk_on or date.max, reason.rule)))


def _asks(known: Known, task: Task) -> set[str]:
    element = known.edition.processes.element(task.process, task.element)
    return set(element.properties.get("asks", "").replace(",", " ").split())


def _urgency(question: Question) -> tuple[date, int, str]:
    return question.at_risk_on or date.max, -len(question.reasons), question.name
