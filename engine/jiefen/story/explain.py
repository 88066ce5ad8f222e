"""Why a case went where it went, and why each date is what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from jiefen.clock import CHINA, china_date
from jiefen.edition.edition import Edition
from jiefen.notation.labels import Label, Language
from jiefen.periods import due
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.values import Case, Deadline, Entry
from jiefen.rules import Ground, Rulebook, Trace, Vocabulary, reasons
from jiefen.story.facts import facts_at
from jiefen.story.sentences import Teller
from jiefen.story.uncounted import Uncounted, uncounted

#: The ground, in the rules, on which legal aid may come before the decision on it.
_LEGAL_AID_FIRST = "legal_aid_first"
#: What stands over the story of a case that did not come to an end of its own.
_OVER: Final[Mapping[CaseStatus, Label]] = {
    CaseStatus.MERGED: Label(
        "已并入 {case} 号案,在该案继续办理;以下是并案以前的经过",
        "Merged: it goes on in case {case}; this is what happened before",
    ),
    CaseStatus.VOIDED: Label(
        "已作废(误登),不再办理;以下是作废以前的经过",
        "Voided, entered by mistake: nobody works on it; this is what happened before",
    ),
}


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
        aided: the right that is lost first of those for which the rules let legal aid come before the decision on it,
            because hardly any time is left (法律援助法第四十四条); ``None`` when there is none.
        uncounted: the periods that are not computed, because no version of their rule reaches their day.
        goes_on_in: the case in which a merged one goes on after every merge.
    """

    case: Case
    routes: tuple[Route, ...]
    deadlines: tuple[Deadline, ...]
    earliest_right: Deadline | None
    aided: Deadline | None
    uncounted: tuple[Uncounted, ...] = ()
    goes_on_in: int | None = None
    journal: tuple[Entry, ...] = field(repr=False)
    _vocabulary: Vocabulary = field(repr=False)
    _teller: Teller = field(repr=False)
    #: What to tell of the right of ``aided``.
    _aid: Label | None = field(repr=False)
    #: The place in the journal of the decision of each route.
    _told: tuple[int, ...] = field(repr=False)
    #: Who tells each entry: the words are those of the rules by which the case went then.
    _tellers: tuple[Teller, ...] = field(repr=False)

    @property
    def legal_aid_first(self) -> bool:
        """Whether legal aid may be given at once, its papers following; for which right, ``aided`` says."""
        return self.aided is not None

    def text(self, language: Language = "zh", *, traces: bool = False) -> str:
        """The story of the case; with ``traces``, every row of every decision."""
        over = _OVER.get(self.case.status)
        lines = [self._teller.heading(self.case, language)]
        lines += [over.text(language).format(case=self.goes_on_in)] if over is not None else []
        lines.append("")
        routes = dict(zip(self._told, self.routes, strict=True))
        for number, (entry, teller) in enumerate(zip(self.journal, self._tellers, strict=True)):
            told = teller.entry(entry, language)
            route = routes.get(number)
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
        lines += [f"  {line}" for line in self.not_computed(language)]
        urgent = self.most_urgent(language)
        lines += ["", *urgent] if urgent else []
        return "\n".join(lines)

    def not_computed(self, language: Language = "zh") -> list[str]:
        """A line for each period that is not computed, with the reason."""
        return [item.text(language) for item in self.uncounted]

    def most_urgent(self, language: Language = "zh") -> list[str]:
        """The right that is lost first, and what may be done at once while hardly any time is left."""
        lines = []
        if self.earliest_right is not None:
            lines.append(self._teller.earliest_right(self.earliest_right, language))
        if self.aided is not None and self._aid is not None:
            if self.aided != self.earliest_right:
                lines.append(self._teller.deadline(self.aided, language))
            lines.append(self._aid.text(language))
        return lines

    def facts_at(self, n: int) -> dict[str, object]:
        """The facts of the case just before entry ``n`` of its journal, put together from the entries before it.

        A journal that release 0.1 began does not tell every change: there, what scripts and mappings set is missing.
        """
        return facts_at(self.journal, n, self._vocabulary)

    def as_dict(self) -> dict[str, Any]:
        """The explanation as plain values for JSON; decisions without personal data."""
        return {
            "case": self.case.id,
            "status": str(self.case.status),
            "goes_on_in": self.goes_on_in,
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
                    "safe_on": item.safe_on.isoformat() if item.safe_on else None,
                    "safe_because": dict(item.safe_because) if item.safe_because else None,
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
            "uncounted": [
                {
                    "rule": item.rule,
                    "title": dict(item.title),
                    "kind": item.kind,
                    "day": item.day.isoformat() if item.day is not None else None,
                    "why": dict(item.why),
                }
                for item in self.uncounted
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
    law: Rulebook,
    goes_on_in: int | None = None,
    hidden: frozenset[str] = frozenset(),
) -> Explanation:
    """Put the story of a case together from what is kept of it, as of ``now``.

    Args:
        edition_of: an edition by its digest; a case may have been taken over to other rules.
        hidden: facts that are withheld from who reads: nothing quotes them, and decisions that read them have no route.
        law: the newest rules, for what may be done today, whatever edition the case runs on.
        goes_on_in: the case in which it goes on, when it was merged.
    """
    entries, dates = tuple(journal), tuple(deadlines)
    digests = _editions(case, entries)
    editions = {digest: edition_of(digest) for digest in {*digests, case.edition}}
    tellers = {
        digest: Teller(edition, edition.view(case.area), hidden) for digest, edition in editions.items()
    }
    told = {
        number: _route(entry, case.area, editions[digest])
        for number, (entry, digest) in enumerate(zip(entries, digests, strict=True))
        if entry.kind is Happening.DECISION
        and not entry.erased
        and hidden.isdisjoint((*entry.data["read"], *entry.data["outputs"]))
    }
    aid = law.grounds.get(_LEGAL_AID_FIRST)
    urgent = (item for item in dates if aid and _is_for(aid, item, case.area, edition_of(item.edition), now))
    aided = earliest_right(urgent, now)
    here = editions[case.edition]
    return Explanation(
        case=case,
        routes=tuple(told.values()),
        deadlines=dates,
        earliest_right=earliest_right(dates, now),
        aided=aided,
        uncounted=uncounted(
            case.facts,
            entries,
            {item.rule for item in dates},
            here.view(case.area),
            here.rulebook.vocabulary,
            here.calendar_in(case.area).known_from,
        ),
        goes_on_in=goes_on_in,
        journal=entries,
        _vocabulary=editions[case.edition].rulebook.vocabulary,
        _teller=tellers[case.edition],
        _aid=aid.title if aid else None,
        _told=tuple(told),
        _tellers=tuple(tellers[digest] for digest in digests),
    )


def _is_for(ground: Ground, deadline: Deadline, area: str | None, edition: Edition, now: datetime) -> bool:
    """Whether no more is left of a right than a ground says, and one of its milestones uses the right."""
    if ground.at_most is None or deadline.due_on is None:
        return False
    day = china_date(deadline.anchored_at)
    _, version = edition.rulebook.deadline(deadline.rule, deadline.version, day, area)
    first = due(ground.at_most, deadline.due_on, edition.calendar, backwards=True).due
    return china_date(now) >= first and not set(ground.milestones).isdisjoint(version.stops)


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
        (_safe_at(item) or item.due_at, item.seq, item)
        for item in deadlines
        if item.losing
        and item.status is DeadlineStatus.RUNNING
        and item.due_at
        and (item.provisional or item.due_at > now)
    ]
    return min(running, key=lambda found: found[:2])[2] if running else None


def _safe_at(deadline: Deadline) -> datetime | None:
    """The end of the day that the party does well to keep."""
    day = deadline.safe_on
    return datetime.combine(day + timedelta(days=1), time(0), CHINA) if day is not None else None


def _route(entry: Entry, area: str | None, edition: Edition) -> Route:
    """A decision told again: the journal has what was decided, only the reasons are computed again.

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
