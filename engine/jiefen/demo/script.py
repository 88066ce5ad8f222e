"""The script of the demo, ``script.yaml``: who answers what, how likely, and how soon."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec

from jiefen.errors import DefinitionError
from jiefen.notation.expressions import Expression, compile_expression
from jiefen.notation.yaml import Document, load

SCRIPT = Path(__file__).with_name("script.yaml")
#: Between two things that happen on one day; a day has room for some hundreds.
PAUSE = timedelta(minutes=2)

_DAY = re.compile(r"today(?:(?P<sign>[+-])(?P<least>[0-9]+)(?:\.\.(?P<most>[0-9]+))?)?")
Span = tuple[int, int]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping of fixed keys; a misspelt one is an error."""


class Chance(_Strict, frozen=True):
    """True in so many of 100."""

    chance: int


Spoken = bool | int | str | Chance | None


class Extend(_Strict, frozen=True):
    """A deadline is extended, as far as its article allows."""

    deadline: str
    length: str
    ground: str


class Suspend(_Strict, frozen=True):
    """A deadline stands still for so many calendar days, from … to."""

    deadline: str
    ground: str
    days: Span


class Turn(_Strict, frozen=True):
    """One way in which things may go.

    Attributes:
        weight: how likely it is beside the others that are possible.
        when: condition on the facts of the case; one that is not met is not possible.
        facts: what is answered; ``today``, ``today-3``, ``today+30..60`` are days, ``{chance: 20}`` is true in 20
            of 100.
        message, extend, suspend: what a move does; one of them.
        error: code of a BPMN error, for a topic.
    """

    weight: int = 1
    when: str | None = None
    facts: dict[str, Spoken] = {}
    message: str | None = None
    extend: Extend | None = None
    suspend: Suspend | None = None
    error: str | None = None


class TaskScript(_Strict, frozen=True):
    """How a task is done.

    Attributes:
        days: working days from the day it is seen to the day it is ready, from … to.
        slow: in so many of 100 it takes ``slow_days`` instead.
        not_before: a fact; what it dates must be past.
        days_off: people on duty do it on weekends and holidays too.
    """

    days: Span
    answers: list[Turn]
    slow: int = 0
    slow_days: Span = (0, 0)
    not_before: str | None = None
    days_off: bool = False


class Topic(_Strict, frozen=True):
    """An outside system: what it answers, and after how many days; without ``answers`` things only arrive."""

    answers: list[Turn] = []
    days: Span = (0, 0)


class Move(_Strict, frozen=True):
    """What a party, an outside body or an organ does of its own accord.

    Attributes:
        who: the actor in the journal, and the role of whoever decides on an extension.
        upon: entries of the journal that set it going, ``milestone:suit_brought``, ``stage:mediation``.
        chance: in so many of 100.
        days: calendar days from that entry.
        answers: what it may do.
        unless: entries of the journal after which it no longer comes.
        again: when nothing waits for the message yet, it is sent again after so many days; 0 means never.
    """

    who: str
    upon: list[str]
    days: Span
    answers: list[Turn]
    chance: int = 100
    unless: list[str] = []
    again: int = 0


class Outage(_Strict, frozen=True):
    """An outside system that is down for some days; ``after`` counts from the first day of the demo."""

    topics: list[str]
    after: int
    days: int


class Teams(_Strict, frozen=True):
    """What the people of one role in one area manage.

    Attributes:
        per_day: tasks that a team does on a working day; ``roles`` gives other numbers.
        slow: so many of 100 teams are slow, and take ``slow_factor`` times as long.
        deputy: in so many of 100 a deputy does the task, where the task names one.
        claims: in so many of 100 the team signs for a task when it first sees it; others press for it.
    """

    per_day: int
    roles: dict[str, int] = {}
    slow: int = 0
    slow_factor: int = 1
    deputy: int = 0
    claims: int = 100


class Leaders(_Strict, frozen=True):
    """包案: who leads the cases of one colour, after so many days, and how often they meet the people.

    Attributes:
        contacts: the forms of contact, in turn; one every ``every`` calendar days.
        notes: what is noted of each contact, in turn; and reported.
        plan: what the leader plans, to be done within ``plan_days``.
        reports: how many calendar days lie between two notes of how it goes on.
    """

    role: str
    colour: str
    days: Span
    every: Span
    contacts: list[str]
    notes: list[str]
    plan: str
    plan_days: int
    reports: Span


class Replies(_Strict, frozen=True):
    """How long it takes, in working days, until a supervision is answered in writing, and what is answered."""

    days: Span
    texts: list[str]
    slow: int = 0
    slow_days: Span = (0, 0)


class WhistleScript(_Strict, frozen=True):
    """吹哨: for which matters the centres call departments.

    Attributes:
        chance: in so many of 100.
        kinds, asked, departments: drawn by chance; ``most`` departments at once.
    """

    chance: int
    kinds: list[str]
    asked: list[str]
    departments: list[str]
    most: int


class Mistakes(_Strict, frozen=True):
    """What comes to the desk a second time, or was entered for the wrong village.

    Attributes:
        again: in so many of 100 the party brings the same matter to the window too, ``days`` later.
        elsewhere: in so many of 100 the case belongs to another village of the township.
        merge_because, move_because: the reasons that the centre gives.
    """

    again: int
    days: Span
    elsewhere: int
    merge_because: str
    move_because: str


class DeskScript(_Strict, frozen=True):
    """派单、吹哨: which matters the centres give to departments, and for which they call some.

    Attributes:
        processes: of the matters.
        chance: in so many of 100.
        urgent: so many of 100 orders.
        asked, limits: what is asked for and how hard it is, drawn by chance.
        otherwise: who works on it where the rules name nobody.
        whistles: the calls.
        mistakes: what is merged and moved.
    """

    processes: list[str]
    chance: int
    urgent: int
    asked: list[str]
    limits: list[str]
    otherwise: str
    whistles: WhistleScript
    mistakes: Mistakes


class Script(_Strict, frozen=True):
    """The whole script, by ``process.element``, topic and name of the move.

    Attributes:
        questions: what a party says when an open question about a right is put to it, by the fact that is asked for.
    """

    teams: Teams
    tasks: dict[str, TaskScript]
    topics: dict[str, Topic]
    moves: dict[str, Move]
    leaders: Leaders
    replies: Replies
    desk: DeskScript
    outages: list[Outage] = []
    questions: dict[str, Spoken] = {}

    def turns(self) -> Iterator[tuple[tuple[str | int, ...], Turn]]:
        """Every turn with its place in the file."""
        for kind, parts in (("tasks", self.tasks), ("topics", self.topics), ("moves", self.moves)):
            for name, part in parts.items():
                for number, turn in enumerate(part.answers):
                    yield (kind, name, "answers", number), turn


class Dice:
    """Chance that is the same for the same seed and the same question, whatever was asked before."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def roll(self, *about: object) -> random.Random:
        """A source of numbers for one question."""
        return random.Random("/".join(map(str, (self._seed, *about))))  # noqa: S311 - a play, no secret


class Playbook:
    """A script that was read, its conditions compiled, so that it can be played."""

    def __init__(self, script: Script, document: Document) -> None:
        self.script = script
        self._document = document
        self._conditions = self._compiled(None)

    def check(self, facts: Collection[str]) -> None:
        """Look whether conditions and answers name facts that there are.

        Raises:
            DefinitionError: with a finding for everything that is wrong.
        """
        self._conditions = self._compiled(facts)
        findings = [
            self._document.finding(
                (*place, "facts", name),
                "demo-script-fact",
                f"no fact is called {name!r}",
                "rules/facts.yaml lists them",
            )
            for place, turn in self.script.turns()
            for name in turn.facts
            if name not in facts
        ]
        findings += [
            self._document.finding(
                ("questions", name),
                "demo-script-fact",
                f"no fact is called {name!r}",
                "rules/facts.yaml lists them",
            )
            for name in self.script.questions
            if name not in facts
        ]
        if findings:
            raise DefinitionError(f"{self._document.file} does not fit the vocabulary", findings)

    def choose(
        self, turns: Collection[Turn], facts: Mapping[str, object], dice: random.Random
    ) -> Turn | None:
        """One of the turns that are possible on these facts; ``None`` when none is."""
        possible = [
            turn for turn in turns if turn.when is None or self._conditions[turn.when].evaluate(facts) is True
        ]
        if not possible:
            return None
        return dice.choices(possible, weights=[turn.weight for turn in possible])[0]

    def _compiled(self, facts: Collection[str] | None) -> dict[str, Expression]:
        conditions: dict[str, Expression] = {}
        findings = []
        for place, turn in self.script.turns():
            try:
                if turn.when is not None:
                    conditions[turn.when] = compile_expression(turn.when, facts)
            except DefinitionError as error:
                where = (*place, "when")
                finding = self._document.finding(where, "demo-script-when", str(error), "mend the condition")
                findings.append(finding)
        if findings:
            raise DefinitionError(f"{self._document.file} has conditions that cannot be used", findings)
        return conditions


def load_playbook(path: Path = SCRIPT) -> Playbook:
    """Read a script.

    Raises:
        DefinitionError: with findings that say what is wrong and where.
    """
    document = load(path)
    try:
        return Playbook(msgspec.convert(document.data, Script), document)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        steps = tuple(step for step in re.split(r"[.\[\]]+", where.strip("`$")) if step and step != "...")
        finding = document.finding(steps, "demo-script", message, "compare with the entries beside it")
        raise DefinitionError(f"{path} is no script for the demo", [finding]) from None


def spoken(facts: Mapping[str, Spoken], today: date, dice: random.Random) -> dict[str, object]:
    """The facts of a turn with its days and chances filled in."""
    return {name: _value(value, today, dice) for name, value in facts.items()}


def _value(value: Spoken, today: date, dice: random.Random) -> object:
    if isinstance(value, Chance):
        return dice.randrange(100) < value.chance
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    least = int(match["least"] or 0)
    distance = dice.randint(least, int(match["most"] or least))
    return today + timedelta(days=-distance if match["sign"] == "-" else distance)
