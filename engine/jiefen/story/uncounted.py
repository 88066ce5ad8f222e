"""Periods of a case that nobody counts, and why: a date that the rules do not reach is said, never left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from jiefen.notation.labels import Label
from jiefen.record.kinds import Happening
from jiefen.record.values import Entry
from jiefen.rules import DeadlineRule, DeadlineVersion, RuleView, Vocabulary, holding
from jiefen.story.facts import changes_of

_EARLIER: Final = Label(
    "{day}适用的法律没有收录(本规则自{since}起),期限未计算,请人工核对",
    "the law of {day} is not among the rules (this one begins on {since}), so it is not computed: look at it yourself",
)
_LATER: Final = Label(
    "{day}没有适用的规定(本规则至{until}止),期限未计算,请人工核对",
    "no rule is in force on {day} (this one ends on {until}), so it is not computed: look at it yourself",
)
_NO_HOLIDAYS: Final = Label(
    "{day}早于已知的最早放假安排({known}),期限未计算,请人工核对",
    "{day} lies before {known}, the first day whose holidays are known, so it is not computed: look at it yourself",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncounted:
    """A period that would run in a case and is not computed, or that does not run yet and says what holds until then.

    Attributes:
        kind: ``duty`` or ``right``.
        day: the day from which it would run; ``None``: its milestone has not been reached.
        why: for people.
    """

    rule: str
    title: Label
    kind: str
    day: date | None
    why: Label

    def text(self, language: str) -> str:
        """One line for a person."""
        mark = ":" if language == "zh" else ": "
        return f"{self.title[language]}{mark}{self.why[language]}"


def uncounted(
    facts: Mapping[str, object],
    journal: Sequence[Entry],
    started: Collection[str],
    view: RuleView,
    vocabulary: Vocabulary,
    known_from: date,
) -> tuple[Uncounted, ...]:
    """The periods of a case that no version of their rule, or no holiday plan, reaches; the earliest day first.

    After them those of which the law says something for the time before they run.

    Args:
        facts: the facts of the case now, in plain values.
        journal: of the case, in order.
        started: the rules of which the case has a deadline.
        known_from: the first day whose holidays are known.
    """
    found: dict[str, Uncounted] = {}
    reached = set()
    for milestone, on, then in _reached(journal, vocabulary):
        reached.add(milestone)
        known = {**facts, **then}
        for rule in view.anchored_at(milestone):
            if rule.id not in started:
                missed = _missed(rule, milestone, on, known, known_from)
                if missed is not None:
                    found[rule.id] = missed
    for rule in view.deadlines.values():
        version = rule.versions[-1]
        if version.meanwhile is not None and version.anchor not in reached and version.applies(facts):
            kind, why = str(version.kind), version.meanwhile
            found[rule.id] = Uncounted(rule=rule.id, title=rule.title, kind=kind, day=None, why=why)
    return tuple(sorted(found.values(), key=lambda item: (item.day or date.max, item.rule)))


def _reached(
    journal: Iterable[Entry], vocabulary: Vocabulary
) -> Iterator[tuple[str, date, Mapping[str, object]]]:
    """Each milestone with its day, and the facts of that moment."""
    kept: dict[str, Any] = {}
    for entry in journal:
        kept |= changes_of(entry)
        if entry.kind is Happening.MILESTONE and entry.subject and "on" in entry.data:
            yield entry.subject, date.fromisoformat(entry.data["on"]), vocabulary.from_json(kept)


def _missed(
    rule: DeadlineRule, milestone: str, on: date, facts: Mapping[str, object], known_from: date
) -> Uncounted | None:
    versions = [version for version in rule.versions if version.anchor == milestone]
    nearest = min(versions, key=lambda version: _distance(version, _day(version, on, facts)))
    day = _day(nearest, on, facts)
    if not _applies(nearest, facts):
        return None
    if day < nearest.since:
        why = _EARLIER.format(day=day.isoformat(), since=nearest.since.isoformat())
    elif nearest.until is not None and day > nearest.until:
        why = _LATER.format(day=day.isoformat(), until=nearest.until.isoformat())
    elif day < known_from:
        why = _NO_HOLIDAYS.format(day=day.isoformat(), known=known_from.isoformat())
    else:
        return None
    return Uncounted(rule=rule.id, title=rule.title, kind=str(nearest.kind), day=day, why=why)


def _day(version: DeadlineVersion, on: date, facts: Mapping[str, object]) -> date:
    """The day from which a version would run."""
    said = facts.get(version.date_fact) if version.date_fact else None
    return said if isinstance(said, date) else on


def _distance(version: DeadlineVersion, day: date) -> int:
    """How many days lie between a day and the days on which a version is the law."""
    if day < version.since:
        return (version.since - day).days
    return (day - version.until).days if version.until is not None and day > version.until else 0


def _applies(version: DeadlineVersion, facts: Mapping[str, object]) -> bool:
    """Whether a version is for such a case, but for the day from which it runs: that is what it does not reach."""
    beside = {name: test for name, test in version.when.items() if name != version.date_fact}
    return holding(beside, facts)
