"""How an area organises its work: grading, assignment, occurrence patterns, routines, checklists, grades of cases,
and the documents that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from jiefen.areas import Level
from jiefen.notation.blanks import blanks_of
from jiefen.notation.labels import Label
from jiefen.periods import Period
from jiefen.record.counter.documents import Addressed, ServiceWay
from jiefen.record.desk.measures import Counting
from jiefen.record.kinds import AppointmentForm, Grade
from jiefen.rules.model.conditions import holding
from jiefen.rules.model.rule import Citation, Rule
from jiefen.rules.model.unary import Test


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour, the score from which it applies, and the roles that are told when a case turns to it."""

    id: str
    at_least: int
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """指标: adds ``weight`` when its conditions hold, or ``weight`` times the number in ``fact``."""

    id: str
    title: Label
    when: Mapping[str, Test]
    fact: str | None = None
    weight: int
    at_most: int | None = None

    def points(self, facts: Mapping[str, object]) -> int:
        """What it adds for a case with these facts; an unknown number adds nothing."""
        if not holding(self.when, facts):
            return 0
        if self.fact is None:
            return self.weight
        value = facts.get(self.fact)
        points = int(value * self.weight) if isinstance(value, int | Decimal) else 0
        return points if self.at_most is None else min(points, self.at_most)


@dataclass(frozen=True, slots=True)
class Score:
    """The outcome of grading: the colour, the score, the points of each indicator that counted, and who is told."""

    colour: str
    score: int
    points: Mapping[str, int]
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grading(Rule):
    """三色预警: indicators, weights and colours, the highest score first."""

    output: str
    colours: tuple[Colour, ...]
    indicators: tuple[Indicator, ...]

    def grade(self, facts: Mapping[str, object]) -> Score:
        """The colour of a case with these facts (plain values)."""
        counted = {one.id: one.points(facts) for one in self.indicators}
        points = {name: value for name, value in counted.items() if value}
        score = sum(points.values())
        colour = next((one for one in self.colours if score >= one.at_least), self.colours[-1])
        return Score(colour.id, score, points, colour.tells)


class AssignmentKind(StrEnum):
    """``guarantee`` 包保: a chain upwards; ``department`` 归口: who is responsible; ``body``: who is competent."""

    GUARANTEE = "guarantee"
    DEPARTMENT = "department"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who is in question for a case that meets ``when``; without ``level``, at the level of the role itself."""

    id: str
    title: Label
    role: str
    level: Level | None = None
    when: Mapping[str, Test]


@dataclass(frozen=True, kw_only=True)
class Assignment(Rule):
    """包保、归口与调解组织: who is responsible or competent."""

    mode: AssignmentKind
    entries: tuple[Entry, ...]

    def assign(self, facts: Mapping[str, object]) -> tuple[Entry, ...]:
        """The entries for a case with these facts: at most one for a department, else all that fit, in order."""
        fitting = tuple(entry for entry in self.entries if holding(entry.when, facts))
        return fitting[:1] if self.mode is AssignmentKind.DEPARTMENT else fitting


class Mode(StrEnum):
    """How disputes of a pattern are handled: 集中调解, 重点解决, 提前解决, 随时解决."""

    TOGETHER = "together"
    FOCUS = "focus"
    IN_ADVANCE = "in_advance"
    AT_ONCE = "at_once"


@dataclass(frozen=True, kw_only=True)
class Pattern(Rule):
    """发生规律: how a pattern of occurrence is recognised, and how its disputes are handled.

    A case belongs to the pattern when it meets ``when``, falls into ``months`` (1 to 12; empty: any) and,
    with ``count``, is one of at least so many cases within ``within`` that agree in the facts ``same``.

    Attributes:
        occurrence: the value of the fact ``occurrence``.
        lead: how long before the months screening starts.
    """

    occurrence: str
    when: Mapping[str, Test]
    months: tuple[int, ...] = ()
    count: int | None = None
    within: Period | None = None
    same: tuple[str, ...] = ()
    mode: Mode
    lead: Period | None = None


class Every(StrEnum):
    """The rhythm of a routine."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class HolidayPolicy(StrEnum):
    """What happens to an occurrence that falls on a day off."""

    SKIP = "skip"
    NEXT_WORKDAY = "next_workday"
    PREVIOUS_WORKDAY = "previous_workday"
    KEEP = "keep"


#: The facts by which an item of a list may select cases: those by which cases can be listed.
SELECTING: Final = ("stage", "level", "colour", "dispute_type", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which of the open cases of an area an item of a list is about; without anything said, all of them.

    Attributes:
        facts: facts of :data:`SELECTING`, each with the values of which a case must have one.
        overdue: only cases in which a duty of an organ has passed undone.
    """

    facts: Mapping[str, tuple[str, ...]]
    overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """One thing that an occurrence of a routine leaves to work through.

    Attributes:
        cases: the cases it is about, looked up when the list is left; ``None``: it is about none in particular.
        figures: counted when the list is left, of its area and of the period that it closes.
    """

    id: str
    title: Label
    cases: Selection | None = None
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Routine(Rule):
    """例行工作: something that must be done on certain days.

    Attributes:
        days: weekdays 1 (Monday) to 7; days of the month or quarter, -1 for the last; ``(month, day)`` of
            the year.
        at: times of day in China, ``09:00``.
        lasts: how many days it lasts.
        close_within: how long after it falls its list should be closed; ``None``: nothing is said.
    """

    every: Every
    days: tuple[int | tuple[int, int], ...] = ()
    at: tuple[str, ...] = ()
    lasts: int = 1
    holiday: HolidayPolicy
    role: str
    level: Level | None = None
    items: tuple[ListItem, ...] = ()
    close_within: Period | None = None


class Unit(StrEnum):
    """How a share is written: of a hundred, or of a thousand."""

    PERCENT = "percent"
    PERMILLE = "permille"

    @property
    def whole(self) -> int:
        """What stands for all."""
        return 1000 if self is Unit.PERMILLE else 100

    @property
    def sign(self) -> str:
        """The sign behind the number."""
        return "‰" if self is Unit.PERMILLE else "%"


class Better(StrEnum):
    """Which way a figure is better."""

    MORE = "more"
    FEWER = "fewer"


@dataclass(frozen=True, kw_only=True)
class FigureRule(Rule):
    """考核指标: a share, and how it is counted, so that hiding what went wrong makes it no better.

    Always locked: an area adds figures of its own and changes none of those above.

    Attributes:
        left_out: what is not counted, and why.
    """

    counting: Counting
    unit: Unit = Unit.PERCENT
    better: Better = Better.MORE
    left_out: Label


class Per(StrEnum):
    """What a checklist is worked through for."""

    VISIT = "visit"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One thing to be done or looked at, in cases that meet ``when``."""

    id: str
    title: Label
    when: Mapping[str, Test]


@dataclass(frozen=True, kw_only=True)
class Checklist(Rule):
    """清单: what is ticked at each visit, or once in a case.

    Attributes:
        visits: forms of appointments after which what is missing is told, also when nobody has begun the list.
    """

    per: Per
    visits: tuple[AppointmentForm, ...] = ()
    when: Mapping[str, Test]
    items: tuple[CheckItem, ...]

    def for_case(self, facts: Mapping[str, object]) -> tuple[CheckItem, ...]:
        """The items for a case with these facts; none where the list is not for it."""
        return (
            tuple(one for one in self.items if holding(one.when, facts)) if holding(self.when, facts) else ()
        )


@dataclass(frozen=True, kw_only=True)
class GradeRule(Rule):
    """密级: which cases are kept more closely than others, and why.

    Always locked: an area grades further cases, and none of those above more loosely.
    """

    grade: Grade
    when: Mapping[str, Test]

    def holds(self, facts: Mapping[str, object]) -> bool:
        """Whether a case with these facts (plain values) is of this grade."""
        return holding(self.when, facts)


class LineKind(StrEnum):
    """How a line of a document stands: text, a heading, or from the edge (the addressee, a line to sign on)."""

    TEXT = "text"
    HEADING = "heading"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a document, with blanks; only in cases that meet ``when``.

    Attributes:
        optional: it is left out where a blank of it has no value; else that value is missing.
    """

    text: Label
    kind: LineKind = LineKind.TEXT
    when: Mapping[str, Test]
    optional: bool = False

    @property
    def blanks(self) -> tuple[str, ...]:
        """What its blanks ask for, by the Chinese text."""
        return blanks_of(self.text.zh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What law asks of a document, or what makes it one.

    Attributes:
        fills: the blank that holds it; ``said.NAME`` where whoever makes the document says it.
        default: the blank that says it where nobody does.
        optional: it may be missing (where the law says so: 可以).
    """

    id: str
    title: Label
    fills: str
    default: str | None = None
    optional: bool = False
    because: tuple[Citation, ...] = ()

    @property
    def is_said(self) -> bool:
        """Whether whoever makes the document says it."""
        return self.fills.startswith("said.")


@dataclass(frozen=True, kw_only=True)
class DocumentRule(Rule):
    """文书: a kind of document, what must be in it, who makes and signs it, and what begins when it is served.

    Attributes:
        made_by, signed_by: roles; none signs where ``signed_by`` is empty. ``party``: the parties sign it on paper.
        number: 文号, with ``{year}`` and ``{n}``, and ``{place}`` for the code of the office; ``None``: it has none.
        organ: how the office that makes it is called in it, where nobody says its name.
        addressed: one for each party, or one for the case.
        layout: by which layout it is set as DOCX.
        served: whether it is served on somebody; ``starts``: the milestone that its service reaches.
        ways: the ways in which it may be served.
    """

    made_by: tuple[str, ...]
    signed_by: tuple[str, ...] = ()
    number: str | None = None
    organ: Label
    addressed: Addressed = Addressed.PARTY
    layout: str = "notice"
    served: bool = False
    starts: str | None = None
    ways: tuple[ServiceWay, ...] = tuple(ServiceWay)
    contents: tuple[Content, ...]
    lines: tuple[Line, ...]
