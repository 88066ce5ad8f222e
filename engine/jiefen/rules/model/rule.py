"""What every rule has in common: where it stands, what it rests on, when it is in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jiefen.areas import ancestors
from jiefen.findings import Finding, Severity
from jiefen.notation.labels import Label, Language
from jiefen.periods import Span

#: The layer of the whole country.
NATION = ""


class Kind(StrEnum):
    """The kinds of rules; each is a section of a rule file."""

    TABLE = "tables"
    DEADLINE = "deadlines"
    LADDER = "ladders"
    GRADING = "gradings"
    ASSIGNMENT = "assignments"
    PATTERN = "patterns"
    ROUTINE = "routines"
    GUARD = "guards"
    FIGURE = "figures"
    CHECKLIST = "checklists"
    AUTHORITY = "authority"
    GRADE = "grades"
    DOCUMENT = "documents"


class Confidence(StrEnum):
    """How sure we are that a rule is the law."""

    READ = "V"
    EXCERPT = "V2"
    LOCAL = "L"
    UNVERIFIED = "M"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the files something is written; line and column are 1-based."""

    file: str
    line: int
    column: int

    def finding(
        self,
        code: str,
        message: str,
        hint: str,
        *,
        element: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding about this place."""
        return Finding(
            file=self.file,
            line=self.line,
            column=self.column,
            code=code,
            message=message,
            hint=hint,
            element=element,
            severity=severity,
        )

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """依据: what a rule rests on: an article of a law, our policy, or an article whose number is our policy.

    Attributes:
        law, version: title and year of the text (信访工作条例, 2022); both ``None`` for pure policy.
        article: as a lawyer writes it: 第二十三条第三款.
        figures: the numbers of the rule exactly as the article writes them.
        policy: who decided what, where it is not law.
    """

    law: str | None = None
    version: int | None = None
    article: str | None = None
    figures: tuple[str, ...] = ()
    policy: Label | None = None
    place: Place

    def text(self, language: Language) -> str:
        """The citation for a person: 《信访工作条例》(2022)第三十四条."""
        parts = []
        if self.law is not None:
            parts.append(f"《{self.law}》({self.version}){self.article or ''}")
        if self.policy is not None:
            parts.append(self.policy.text(language))
        return (";" if language == "zh" else "; ").join(parts)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every rule says of itself.

    Attributes:
        layer: the area whose layer it stands in, without padding zeros; ``""`` for the nation.
        since, until: first and last day in force; ``until`` is ``None`` while nobody has ended it.
        successor: the rule that follows after ``until``, or ``"none"``.
        active: whether the engine may use it; ``inactive_because`` says why not.
    """

    id: str
    kind: Kind
    layer: str
    title: Label
    ref: str | None = None
    because: tuple[Citation, ...]
    since: date
    until: date | None = None
    successor: str | None = None
    owner: str
    confidence: Confidence
    active: bool = True
    inactive_because: Label | None = None
    note: str | None = None
    override: bool = False
    locked: bool = False
    place: Place

    def in_force(self, day: date) -> bool:
        """Whether the rule is in force on ``day`` (a legal day in China)."""
        return day in self.span

    @property
    def span(self) -> Span:
        """The days on which the rule is in force."""
        return Span(self.since, self.until)


def layers_of(area: str) -> tuple[str, ...]:
    """The layers that make up the view of ``area``, the nation first."""
    return (NATION, *ancestors(area)) if area else (NATION,)


def reasons(citations: Iterable[Citation]) -> Label:
    """Several citations in one line, in both languages."""
    together = tuple(citations)
    return Label(cited(together, "zh"), cited(together, "en"))


def cited(citations: Iterable[Citation], language: Language) -> str:
    """Several citations in one line."""
    return (";" if language == "zh" else "; ").join(citation.text(language) for citation in citations)
