"""Why a case went where it went, and why each date is what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from jiefen.clock import CHINA, china_date
from jiefen.edition.edition import Edition
from jiefen.notation.labels import Label, Language
from jiefen.record.kinds import DeadlineStatus, Happening
from jiefen.record.values import Case, Deadline, Entry
from jiefen.rules import Trace, reasons
from jiefen.story.sentences import Teller

#: 不足七日: less than this is left until the last day (法律援助法第四十四条第一款第一项).
_LEGAL_AID_FIRST = timedelta(days=7)
#: What aid may come first for: 提起诉讼或者申请仲裁、行政复议, and the appeal, by which a suit goes on.
LEGAL_AID_FOR = frozenset(
    {
        "suit_brought",
        "administrative_suit_filed",
        "appeal_filed",
        "labour_applied",
        "land_applied",
        "commercial_applied",
        "reconsideration_requested",
    }
)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One decision of a case.

    Attributes:
        outputs: what was decided, in plain values.
        rows: the rows that won, each with its file and line, and its law: ``(row, place, because)``.
        trace: every row considered and why it did or did not apply, worked out again from what was read.
    """

    at: datetime
    table: str
    title: Label
    version: date
    outputs: Mapping[str, Any]
    rows: tuple[tuple[str, str, Label], ...]
    trace: Trace


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A case told with its reasons. ``str()`` tells it in Chinese, :meth:`text` in either language.

    Attributes:
        earliest_right: the right of a party that is lost first, whatever stage the case is in.
        legal_aid_first: a right to sue, or to ask for arbitration or reconsideration, is lost in less than seven days,
            so legal aid may be given before it is decided on (FLYZ 44).
    """

    case: Case
    routes: tuple[Route, ...]
    deadlines: tuple[Deadline, ...]
    earliest_right: Deadline | None
    legal_aid_first: bool
    journal: tuple[Entry, ...] = field(repr=False)
    _teller: Teller = field(repr=False)
    #: The right of ``legal_aid_first``.
    _aided: Deadline | None = field(repr=False)
    #: Who tells each entry: the words are those of the rules by which the case went then.
    _tellers: tuple[Teller, ...] = field(repr=False)

    def text(self, language: Language = "zh", *, traces: bool = False) -> str:
        """The story of the case; with ``traces``, every row of every decision."""
        lines = [self._teller.heading(self.case, language), ""]
        routes = iter(self.routes)
        for entry, teller in zip(self.journal, self._tellers, strict=True):
            told = teller.entry(entry, language)
            route = next(routes) if entry.kind is Happening.DECISION else None
            if told is not None:
                lines.append(f"{entry.at.astimezone(CHINA):%Y-%m-%d %H:%M}  {told}")
            if route is not None:
                lines += [
                    f"{'':18}{self._teller.because(because.text(language), row, place, language)}"
                    for row, place, because in route.rows
                ]
                if traces:
                    lines += [f"{'':18}{line}" for line in route.trace.text(language).splitlines()]
        lines += ["", self._teller.deadlines_heading(language)]
        lines += [f"  {self._teller.deadline(item, language)}" for item in self.deadlines]
        if self.earliest_right is not None:
            lines += ["", self._teller.earliest_right(self.earliest_right, language)]
        if self._aided is not None:
            if self._aided != self.earliest_right:
                lines.append(self._teller.deadline(self._aided, language))
            lines.append(self._teller.legal_aid_first(language))
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
                        {"row": row, "place": place, "because": dict(because)}
                        for row, place, because in route.rows
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
                    "on_expiry": item.on_expiry,
                    "within": item.within,
                    # Not the words in which somebody gave a ground: they may name people.
                    "extensions": [
                        {key: extension[key] for key in ("length", "approver", "at")}
                        for extension in item.extensions
                    ],
                    "suspensions": [
                        {key: suspension[key] for key in ("ground", "from", "to")}
                        for suspension in item.suspensions
                    ],
                }
                for item in self.deadlines
            ],
            "earliest_right": self.earliest_right.rule if self.earliest_right else None,
            "legal_aid_first": self.legal_aid_first,
        }

    def __str__(self) -> str:
        return self.text()


def explain(
    case: Case,
    journal: Iterable[Entry],
    deadlines: Iterable[Deadline],
    edition_of: Callable[[str], Edition],
    now: datetime,
) -> Explanation:
    """Put the story of a case together from what is kept of it, as of ``now``.

    Args:
        edition_of: an edition by its digest; a case may have been taken over to other rules.
    """
    entries, dates = tuple(journal), tuple(deadlines)
    digests = _editions(case, entries)
    editions = {digest: edition_of(digest) for digest in {*digests, case.edition}}
    tellers = {digest: Teller(edition, edition.view(case.area)) for digest, edition in editions.items()}
    routes = tuple(
        _route(entry, case.area, editions[digest])
        for entry, digest in zip(entries, digests, strict=True)
        if entry.kind is Happening.DECISION
    )
    suits = earliest_right(
        (item for item in dates if _by_suit(item, case.area, edition_of(item.edition))), now
    )
    aided = suits if suits is not None and legal_aid_first(suits, now) else None
    return Explanation(
        case=case,
        routes=routes,
        deadlines=dates,
        earliest_right=earliest_right(dates, now),
        legal_aid_first=aided is not None,
        journal=entries,
        _teller=tellers[case.edition],
        _aided=aided,
        _tellers=tuple(tellers[digest] for digest in digests),
    )


def _by_suit(deadline: Deadline, area: str | None, edition: Edition) -> bool:
    """Whether a suit, an arbitration or a reconsideration uses the right, as the rule says that gave it."""
    day = china_date(deadline.anchored_at)
    _, version = edition.rulebook.deadline(deadline.rule, deadline.version, day, area)
    return not LEGAL_AID_FOR.isdisjoint(version.stops)


def _editions(case: Case, journal: tuple[Entry, ...]) -> list[str]:
    """The edition by which the case went at each entry."""
    changes = [entry for entry in journal if entry.kind is Happening.RULES_CHANGED]
    digest, digests = changes[0].data["before"] if changes else case.edition, []
    for entry in journal:
        if entry.kind is Happening.RULES_CHANGED:
            digest = entry.data["after"]
        digests.append(digest)
    return digests


def earliest_right(deadlines: Iterable[Deadline], now: datetime) -> Deadline | None:
    """The running right of a party that is lost first; a villager must see it whatever stage the case is in.

    One whose end is provisional counts until it has expired: its day may have passed only by an estimate.
    """
    running = [
        (item.due_at, item.seq, item)
        for item in deadlines
        if item.losing
        and item.status is DeadlineStatus.RUNNING
        and item.due_at
        and (item.provisional or item.due_at > now)
    ]
    return min(running, key=lambda found: found[:2])[2] if running else None


def legal_aid_first(right: Deadline, now: datetime) -> bool:
    """Whether a right ends so soon that legal aid may be given at once, its papers following (法律援助法第四十四条)."""
    return right.due_on is not None and right.due_on - china_date(now) < _LEGAL_AID_FIRST


def _route(entry: Entry, area: str | None, edition: Edition) -> Route:
    """A decision told again: what was decided is in the journal, only why is worked out anew.

    Tables are immutable within an edition, so the same facts give the same rows in the area that the case was in
    then; journals of before that area was kept are read in ``area``.
    """
    table = edition.view(entry.data.get("area", area)).table(entry.subject or "")
    from_json = edition.rulebook.vocabulary.from_json
    decision = table.decide(
        from_json(entry.data["read"]), as_of=entry.at.astimezone(CHINA).date(), trace=True
    )
    assert decision.trace is not None
    decided = set(entry.data["rows"])
    won = [line.row for line in decision.trace.rows if line.row.id in decided]
    return Route(
        at=entry.at,
        table=table.id,
        title=table.title,
        version=date.fromisoformat(entry.data["version"]),
        outputs=from_json(entry.data["outputs"]),
        rows=tuple((row.id, str(row.place), reasons(row.because)) for row in won),
        trace=decision.trace,
    )
