"""考核指标: shares of cases and deadlines, counted as the rules define them, so that hiding makes none better."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.engine import Row

from jiefen.areas import Level, digits_of, level_beneath, normalise_area
from jiefen.case.arguments import MAX_ID, check_choice, check_day, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.errors import FactError
from jiefen.notation.labels import Label
from jiefen.notation.texts import shown
from jiefen.record.desk.measures import rate
from jiefen.rules import Better, FigureRule, reasons
from jiefen.store.desk import figures as store

#: What figures are told by besides levels of territory.
_AREA: Final = "area"
_MONTH: Final = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a period: how many count, out of how many.

    Attributes:
        name: the id of its rule.
        group: the area or the month (``2026-03``) that it is of; ``None``: of everything that was asked for. What has
            no area stands under the empty text.
        rate: to a tenth, of a hundred or of a thousand as ``sign`` says; ``None``: nothing was counted.
        at_worst: the rate if everything that was voided or merged before it was counted had gone wrong, so that
            putting cases aside makes it no better; ``None``: nothing was counted or put aside.
        better: ``more`` or ``fewer``.
        left_out: how many of the period are not counted, and ``voided`` and ``merged`` how many of the period, counted
            or not, belong to cases that were voided or merged.
    """

    name: str
    title: Label
    because: Label
    group: str | None
    numerator: int
    denominator: int
    rate: Decimal | None
    at_worst: Decimal | None
    sign: str
    better: str
    left_out: int
    voided: int
    merged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCase:
    """A case behind a figure, or a deadline of it.

    Attributes:
        area: that it is counted in, which is where it was when a move came too late to matter.
        deadline: the number of the deadline in its case; ``None`` where cases are counted.
        day: in China, by which it falls into the period.
        counted: it is in the denominator; ``counts``: in the numerator too.
        token: where the next page begins: ``after=page[-1].token``.
    """

    case: int
    key: str
    area: str | None
    status: str
    deadline: int | None
    day: date
    counted: bool
    counts: bool
    token: str


def figures(
    runtime: Runtime,
    *,
    since: date | None = None,
    until: date | None = None,
    area: str | None = None,
    by: str | None = None,
    names: Collection[str] | None = None,
    session: HostTransaction = None,
) -> list[Figure]:
    """The figures of a period as the rules of an area define them, in the order of the rules.

    Args:
        since, until: days in China, both included; until today, and since the first day of that year, unless said.
        area: with what lies inside it; its rules say which figures there are.
        by: ``month``, ``area`` for the areas next beneath, or a level such as ``township``; absent: one of each.
        names: only these.

    Raises:
        UnknownValue: there is no such figure, or no such way to tell them apart; the message names the nearest.
        FactError: a day or an area that cannot be, or a period that ends before it begins.
    """
    first, last = _period(runtime, since, until)
    inside = normalise_area(area) if area is not None else None
    level = _level(by, inside)
    wanted = _wanted(runtime, inside, names)
    counting = {rule.id: rule.counting for rule in wanted}
    digits = digits_of(level) if level is not None else None
    with runtime.reading(session) as connection:
        rows = store.totals(
            connection,
            counting,
            first,
            last,
            inside,
            digits,
            runtime.clock.now(),
            runtime.seen(connection),
            monthly=by == _MONTH,
        )
    groups: dict[str, list[Row[Any]]] = {}
    for row in sorted(rows, key=lambda row: row.group):
        groups.setdefault(row.name, []).append(row)
    return [_figure(rule, row, by) for rule in wanted for row in groups.get(rule.id, ())]


def figure_cases(
    runtime: Runtime,
    name: str,
    *,
    since: date | None = None,
    until: date | None = None,
    area: str | None = None,
    after: str | None = None,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[FigureCase]:
    """What is behind a figure of :meth:`figures`, case by case: what counts, what is counted, and what is left out.

    Raises:
        UnknownValue: there is no such figure; the message names the nearest.
        FactError: a day, an area or a page that cannot be.
    """
    check_page(0, limit)
    first, last = _period(runtime, since, until)
    inside = normalise_area(area) if area is not None else None
    begin = _read_token(after) if after is not None else (0, -1)
    [rule] = _wanted(runtime, inside, [name])
    with runtime.reading(session) as connection:
        now = runtime.clock.now()
        seen = runtime.seen(connection)
        rows = store.behind(connection, rule.counting, first, last, inside, now, begin, limit, seen)
    return [_behind(row) for row in rows]


def _period(runtime: Runtime, since: date | None, until: date | None) -> tuple[date, date]:
    last = check_day(until, "until") if until is not None else china_date(runtime.clock.now())
    first = check_day(since, "since") if since is not None else date(last.year, 1, 1)
    if first > last:
        raise FactError(f"the period begins on {first}, after its end on {last}; swap since and until")
    return first, last


def _level(by: object, area: str | None) -> Level | None:
    if by is None:
        return None
    known = check_choice(by, "way to tell figures apart", [_MONTH, _AREA, *map(str, Level)])
    if known == _MONTH:
        return None
    return level_beneath(area) if known == _AREA else Level(known)


def _wanted(runtime: Runtime, area: str | None, names: Collection[str] | None) -> list[FigureRule]:
    there: Mapping[str, FigureRule] = runtime.edition.rulebook.view(area).figures
    if names is None:
        return list(there.values())
    if isinstance(names, str) or not isinstance(names, Collection):
        raise FactError(f"names are {shown(names)}; give a list such as ['petition.done_in_time']")
    asked = {check_choice(name, "figure", there) for name in names}
    return [rule for rule in there.values() if rule.id in asked]


def _figure(rule: FigureRule, row: Row[Any], by: str | None) -> Figure:
    aside = row.aside if rule.better is Better.FEWER else 0
    whole = rule.unit.whole
    return Figure(
        name=rule.id,
        title=rule.title,
        because=reasons(rule.because),
        group=row.group if by is not None else None,
        numerator=row.numerator,
        denominator=row.denominator,
        rate=rate(row.numerator, row.denominator, whole),
        at_worst=rate(row.numerator + aside, row.denominator + row.aside, whole),
        sign=rule.unit.sign,
        better=rule.better.value,
        left_out=row.all - row.denominator,
        voided=row.voided,
        merged=row.merged,
    )


def _behind(row: Row[Any]) -> FigureCase:
    return FigureCase(
        case=row.id,
        key=row.key,
        area=row.area,
        status=row.status,
        deadline=row.seq or None,
        day=date.fromisoformat(row.day),
        counted=bool(row.counted),
        counts=bool(row.counted and row.counts),
        token=f"{row.id}/{row.seq}",
    )


def _read_token(token: object) -> store.Place:
    case, _, seq = token.partition("/") if isinstance(token, str) else ("", "", "")
    if (
        all(one.isascii() and one.isdigit() for one in (case, seq))
        and int(case) <= MAX_ID
        and int(seq) < 2**31
    ):
        return int(case), int(seq)
    raise FactError(
        f"after={shown(token)} is no token of this list; give that of the last one seen, or leave it out"
    )
