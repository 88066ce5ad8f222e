"""Why a case went where it went, and why each date is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jiefen.cases import Case, Deadline, DeadlineStatus, Entry, Happening
from jiefen.clock import CHINA
from jiefen.editions import Edition
from jiefen.rules import RuleView, Trace
from jiefen.rules.rule import Place, cited
from jiefen.rules.wording import Language
from jiefen.telling import Teller


@dataclass(frozen=True, kw_only=True)
class Route:
    """One decision of a case.

    Attributes:
        outputs: what was decided, in plain values.
        rows: the rows that won, with their file and line, title and law: ``(row, place, because zh, because en)``.
        trace: every row considered and why it did or did not apply, worked out again from what was read.
    """

    at: datetime
    table: str
    title: Mapping[str, str]
    version: date
    outputs: Mapping[str, Any]
    rows: tuple[tuple[str, str, str, str], ...]
    trace: Trace


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A case told with its reasons. ``str()`` tells it in Chinese, :meth:`text` in either language."""

    case: Case
    routes: tuple[Route, ...]
    deadlines: tuple[Deadline, ...]
    earliest_right: Deadline | None
    journal: tuple[Entry, ...] = field(repr=False)
    _teller: Teller = field(repr=False)

    def text(self, language: Language = "zh", *, traces: bool = False) -> str:
        """The story of the case; with ``traces``, every row of every decision."""
        lines = [self._teller.heading(self.case, language), ""]
        routes = iter(self.routes)
        for entry in self.journal:
            told = self._teller.entry(entry, language)
            route = next(routes) if entry.kind is Happening.DECISION else None
            if told is not None:
                lines.append(f"{entry.at.astimezone(CHINA):%Y-%m-%d %H:%M}  {told}")
            if route is not None:
                lines += [
                    f"{'':18}{self._teller.because(zh if language == 'zh' else en, row, place, language)}"
                    for row, place, zh, en in route.rows
                ]
                if traces:
                    lines += [f"{'':18}{line}" for line in route.trace.text(language).splitlines()]
        lines += ["", self._teller.deadlines_heading(language)]
        lines += [f"  {self._teller.deadline(item, language)}" for item in self.deadlines]
        if self.earliest_right is not None:
            lines += ["", self._teller.earliest_right(self.earliest_right, language)]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The explanation as plain values for JSON; decisions without personal data."""
        return {
            "case": self.case.id,
            "routes": [
                {
                    "at": route.at.isoformat(),
                    "table": route.table,
                    "title": dict(route.title),
                    "version": route.version.isoformat(),
                    "outputs": dict(route.outputs),
                    "rows": [
                        {"row": row, "place": place, "because": {"zh": zh, "en": en}}
                        for row, place, zh, en in route.rows
                    ],
                    "trace": route.trace.as_dict(),
                }
                for route in self.routes
            ],
            "deadlines": [
                {
                    "seq": item.seq,
                    "rule": item.rule,
                    "version": item.version.isoformat(),
                    "kind": item.kind,
                    "status": str(item.status),
                    "title": dict(item.title),
                    "law": item.law,
                    "article": item.article,
                    "anchor": item.anchor,
                    "anchored_at": item.anchored_at.isoformat(),
                    "due_on": item.due_on.isoformat() if item.due_on else None,
                    "provisional": item.provisional,
                    "overdue": item.overdue,
                }
                for item in self.deadlines
            ],
            "earliest_right": self.earliest_right.rule if self.earliest_right else None,
        }

    def __str__(self) -> str:
        return self.text()


def explain(
    case: Case, journal: Iterable[Entry], deadlines: Iterable[Deadline], edition: Edition
) -> Explanation:
    """Put the story of a case together from what is kept of it."""
    entries, dates = tuple(journal), tuple(deadlines)
    view = edition.view(case.area)
    routes = tuple(_route(entry, view, edition) for entry in entries if entry.kind is Happening.DECISION)
    return Explanation(
        case=case,
        routes=routes,
        deadlines=dates,
        earliest_right=earliest_right(dates),
        journal=entries,
        _teller=Teller(edition, view),
    )


def earliest_right(deadlines: Iterable[Deadline]) -> Deadline | None:
    """The running right of a party that is lost first; a villager must see it whatever stage the case is in."""
    running = [
        item
        for item in deadlines
        if item.kind == "right" and item.status is DeadlineStatus.RUNNING and item.due_at is not None
    ]
    return min(running, key=lambda item: (item.due_at, item.seq), default=None)


def _route(entry: Entry, view: RuleView, edition: Edition) -> Route:
    """A decision told again. Tables are immutable within an edition, so the same facts give the same rows."""
    table = view.table(entry.subject or "")
    facts = edition.rulebook.vocabulary.from_json(entry.data["read"])
    decision = table.decide(facts, as_of=entry.at.astimezone(CHINA).date(), trace=True)
    assert decision.trace is not None
    won = [line.row for line in decision.trace.rows if line.outcome == "won"]
    return Route(
        at=entry.at,
        table=table.id,
        title={"zh": table.title.zh, "en": table.title.en},
        version=decision.version,
        outputs=decision.outputs,
        rows=tuple(
            (row.id, str(row.place), cited(row.because, "zh"), cited(row.because, "en")) for row in won
        ),
        trace=decision.trace,
    )


def _place(place: Place, edition: Edition) -> str:
    """Where a row stands, seen from the folder of the rules, wherever that folder lies today."""
    root = edition.rulebook.root
    file = Path(place.file)
    shown = Path("rules") / file.relative_to(root) if file.is_relative_to(root) else file
    return f"{shown.as_posix()}:{place.line}"
