"""What starts each deadline in ordinary use: so that a check can tell a right whose clock nobody would ever start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from jiefen.deadlines.docket import TIMER
from jiefen.findings import Finding
from jiefen.notation.labels import Label
from jiefen.process import Element, Processes
from jiefen.rules import MISSING, DeadlineRule, DeadlineVersion, Rulebook, Sender, Side

#: Who sets a fact where somebody says it; what a table, a milestone or the engine sets is worked out.
_INTAKE: Final = "intake"
_FORM: Final = "form"
_WORKED_OUT: Final = ("table:", "milestone:", "engine")


class StartedBy(StrEnum):
    """How the milestone that a deadline runs from is reached."""

    MODEL = "model"
    MESSAGE = "message"
    FACT = "fact"
    EXPIRY = "expiry"
    TIMER = "timer"
    CALL = "call"

    @property
    def label(self) -> Label:
        """The word for people."""
        return Label(_WAYS[self.value], self.value)


_WAYS: Final = {
    "model": "流程", "message": "消息", "fact": "要素", "expiry": "期限届满", "timer": "定时器", "call": "人工办理",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Starter:
    """One thing that starts a deadline.

    Attributes:
        name: of the element (``process.element``), message, fact, or deadline whose end it is.
        given: who really gives it: senders of a message; ``intake``, forms and messages that bring a fact.
    """

    by: StartedBy
    name: str
    title: Label
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Starts:
    """What starts one deadline.

    Attributes:
        anchors: the milestones that it may run from.
        starters: everything that starts it; empty: nothing does.
        wanting: the facts that its conditions ask for and that nobody gives.
    """

    rule: DeadlineRule
    anchors: tuple[str, ...]
    starters: tuple[Starter, ...]
    wanting: tuple[str, ...]

    @property
    def side(self) -> Side:
        """Whose deadline it is, by its last version."""
        return self.rule.versions[-1].kind

    @property
    def nothing(self) -> bool:
        """Whether it never starts in ordinary use."""
        return not self.starters or bool(self.wanting)


def find_starts(rulebook: Rulebook, processes: Processes) -> tuple[Starts, ...]:
    """What starts each active deadline of every layer, in the order of the rules.

    A host that records milestones by hand is nobody's ordinary use and does not count. A message that only other
    systems send starts a duty, but no right: no party, no clerk and no court would give it.
    """
    sources = _Sources(rulebook, processes)
    rules = [rule for rule in rulebook.rules() if isinstance(rule, DeadlineRule) and rule.active]
    ends: dict[str, dict[Starter, None]] = {}
    known = -1
    # One that starts may end, and start others by that: once more, until nothing new starts.
    while known != (known := sum(map(len, ends.values()))):
        for rule in rules:
            if not sources.of(rule, ends).nothing:
                for milestone in {version.expiry_milestone for version in rule.versions} - {None}:
                    ended = Starter(StartedBy.EXPIRY, rule.id, rule.title)
                    ends.setdefault(str(milestone), {})[ended] = None
    return tuple(sources.of(rule, ends) for rule in rules)


def unstarted(starts: Iterable[Starts], rulebook: Rulebook) -> Iterator[Finding]:
    """A finding for each active deadline that nothing starts."""
    for one in starts:
        title = f"{one.rule.id} ({one.rule.title})"
        if one.wanting:
            facts = ", ".join(one.wanting)
            yield one.rule.place.finding(
                "never-known",
                f"{title} asks for {facts}, and nobody gives that: no intake, no form, no message, no table",
                "let a form ask for it (property asks), or a message carry it",
                element=one.rule.id,
            )
        elif not one.starters:
            anchors = ", ".join(
                f"{name} ({rulebook.milestones[name].title.text('zh')})" for name in one.anchors
            )
            only = " that a party, a clerk, a court or an office gives" if one.side is Side.RIGHT else ""
            yield one.rule.place.finding(
                "nothing-starts",
                f"nothing starts {title}: no model, message, fact or end of a deadline{only} reaches {anchors}",
                "reach it in a model, let a message of messages.yaml reach it, or name the fact that makes it known "
                "(known_by in milestones.yaml); else make the deadline inactive and say why",
                element=one.rule.id,
            )


class _Sources:
    """Where milestones and facts come from."""

    def __init__(self, rulebook: Rulebook, processes: Processes) -> None:
        self._facts = rulebook.vocabulary.facts
        elements = [element for id in processes.ids for element in processes.elements(id)]
        self._forms: dict[str, list[str]] = {}
        for element in elements:
            for name in element.properties.get("asks", "").replace(",", " ").split():
                self._forms.setdefault(name, []).append(f"{element.process_id}.{element.id}")
        self._carried: dict[str, list[str]] = {}
        for message in rulebook.messages.values():
            for name in message.carries:
                self._carried.setdefault(name, []).append(message.id)
        self._by_hand: dict[str, list[tuple[Starter, bool]]] = {}
        for element in elements:
            reached = _milestone(element, rulebook)
            if reached is not None:
                name = f"{element.process_id}.{element.id}"
                self._add(reached, Starter(StartedBy.MODEL, name, Label(element.name, element.name)))
        for message in rulebook.messages.values():
            if message.reaches is not None:
                senders = tuple(map(str, message.senders))
                real = any(sender is not Sender.SYSTEM for sender in message.senders)
                starter = Starter(StartedBy.MESSAGE, message.id, message.title, senders)
                self._add(message.reaches, starter, for_rights=real)
        for milestone in rulebook.milestones.values():
            if milestone.known_by is not None and (given := self.givers(milestone.known_by)):
                fact = self._facts[milestone.known_by]
                self._add(milestone.id, Starter(StartedBy.FACT, fact.id, fact.title, given))
            if milestone.call is not None:
                self._add(milestone.id, Starter(StartedBy.CALL, milestone.call, milestone.title))
        self._timers = processes.deadlines

    def of(self, rule: DeadlineRule, ends: Mapping[str, Iterable[Starter]]) -> Starts:
        """What starts a rule, where the ends of other deadlines reach milestones: ``ends``."""
        anchors = tuple(dict.fromkeys(version.anchor for version in rule.versions))
        starters: dict[Starter, None] = {}
        wanting: set[str] = set()
        for version in rule.versions:
            found = self._of_version(rule, version, ends)
            if version.until is None and found:
                wanting |= {name for name in self._needed(version) if not self.known(name)}
            starters |= dict.fromkeys(found)
        return Starts(rule, anchors, tuple(starters), tuple(sorted(wanting)))

    def givers(self, fact: str) -> tuple[str, ...]:
        """Who says a fact: ``intake``, the forms that ask for it, and the messages that carry it."""
        said = [_INTAKE] if _INTAKE in self._facts[fact].set_by else []
        return (*said, *self._forms.get(fact, ()), *self._carried.get(fact, ()))

    def known(self, fact: str) -> bool:
        """Whether a fact ever gets a value: somebody says it, or it is worked out."""
        worked_out = any(way.startswith(_WORKED_OUT) for way in self._facts[fact].set_by)
        return worked_out or bool(self.givers(fact))

    def _of_version(
        self, rule: DeadlineRule, version: DeadlineVersion, ends: Mapping[str, Iterable[Starter]]
    ) -> list[Starter]:
        if version.anchor == TIMER:
            return [Starter(StartedBy.TIMER, rule.id, rule.title)] if rule.id in self._timers else []
        right = version.kind is Side.RIGHT
        found = [
            starter
            for starter, for_rights in self._by_hand.get(version.anchor, ())
            if for_rights or not right
        ]
        if version.date_fact is not None:
            # The day of a model's milestone is that of the fact, where somebody says it.
            said = self.givers(version.date_fact)
            found = [replace(one, given=said) if one.by is StartedBy.MODEL else one for one in found]
        return found + [starter for starter in ends.get(version.anchor, ()) if starter.name != rule.id]

    def _needed(self, version: DeadlineVersion) -> Iterator[str]:
        """The facts without which the conditions of a version never hold."""
        for name, test in version.when.items():
            if not test.holds(MISSING):
                yield name

    def _add(self, milestone: str, starter: Starter, *, for_rights: bool = True) -> None:
        self._by_hand.setdefault(milestone, []).append((starter, for_rights))


def _milestone(element: Element, rulebook: Rulebook) -> str | None:
    """The milestone that an element reaches when the process goes through it."""
    named = element.properties.get("milestone")
    if named is None and element.type == "intermediateThrowEvent" and element.id in rulebook.milestones:
        return element.id
    return named
