"""裁量表: decision tables, compiled once per span of dates and asked in microseconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from jiefen.errors import FactError, NotFound, RuleError
from jiefen.notation.labels import Label
from jiefen.periods import Span
from jiefen.rules.model.axes import Axis, DiscreteAxis, axis_of, masks_of
from jiefen.rules.model.rule import Citation, Confidence, Place, Rule
from jiefen.rules.model.trace import Trace
from jiefen.rules.model.unary import MISSING, Anything, Test
from jiefen.rules.model.vocabulary import Fact

_ANY: Final = Anything()
_DAY: Final = timedelta(days=1)
_NO_TESTS: Final[Mapping[str, Test]] = MappingProxyType({})


class Hit(StrEnum):
    """命中规则: what happens when several rows match (DMN 1.4 section 8.2.8)."""

    UNIQUE = "unique"
    FIRST = "first"
    PRIORITY = "priority"
    COLLECT = "collect"


class Aggregate(StrEnum):
    """What ``collect`` makes of the outputs (C+, C<, C>, C# of DMN)."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    COUNT = "count"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table.

    Attributes:
        when: a condition per input; inputs that are not named are ``-``.
        then: a value per output.
        because: its own citations, or those of the table.
    """

    id: str
    title: Label | None = None
    ref: str | None = None
    when: Mapping[str, Test]
    then: Mapping[str, object]
    because: tuple[Citation, ...]
    since: date
    until: date | None = None
    successor: str | None = None
    confidence: Confidence
    active: bool = True
    inactive_because: Label | None = None
    place: Place

    def test(self, fact: str) -> Test:
        """The condition on ``fact``; ``-`` when the row does not name it."""
        return self.when.get(fact, _ANY)

    def in_force(self, day: date) -> bool:
        """Whether the row is in force on ``day``."""
        return self.active and day in Span(self.since, self.until)


@dataclass(frozen=True, slots=True)
class Decision:
    """One evaluation of a table.

    Attributes:
        version: first day of the span of dates whose rows decided.
        outputs: a value per output fact.
        rows: ids of the rows that gave them; empty when none matched and the default (or null) came out.
        trace: every row considered and why it did not apply; only when it was asked for.
    """

    table: str
    version: date
    as_of: date
    outputs: Mapping[str, object]
    rows: tuple[str, ...]
    trace: Trace | None = None


@dataclass(slots=True)
class Column:
    """One input of a slice: which rows its conditions leave, per cell of its axis.

    ``lookup`` answers for values that are compared by equality; ``axis`` for the others.
    """

    fact: str
    axis: Axis
    masks: list[int]
    lookup: dict[object, int] | None
    otherwise: int


class Slice:
    """The rows of a table that are in force during one span of dates, compiled.

    Rows are bits of an integer, the row that wins first is the lowest bit; a decision is one lookup and
    one AND per column, so its time hardly depends on how many rows there are.

    Args:
        told_apart: further conditions per fact that the columns must be able to tell apart; for analysis.
    """

    def __init__(
        self, table: Table, since: date, until: date | None, told_apart: Mapping[str, Test] = _NO_TESTS
    ) -> None:
        self.table, self.since, self.until = table, since, until
        self._told_apart = told_apart
        self.rows = table.ranked([row for row in table.rows if row.in_force(since)])
        self.all = (1 << len(self.rows)) - 1
        self.columns = [self._column(fact) for fact in table.inputs.values()]

    def _column(self, fact: Fact) -> Column:
        rows_of: dict[Test, int] = {}
        for at, row in enumerate(self.rows):
            test = row.test(fact.id)
            rows_of[test] = rows_of.get(test, 0) | 1 << at
        more = self._told_apart.get(fact.id)
        axis = axis_of(fact, [*rows_of, more] if more is not None else rows_of)
        masks = masks_of(rows_of.items(), axis)
        lookup: dict[object, int] | None = None
        otherwise = 0
        if isinstance(axis, DiscreteAxis):
            lookup = {value: masks[at] for value, at in axis.positions.items()}
            lookup[None], lookup[MISSING] = masks[-2], masks[-1]
            otherwise = masks[len(axis.positions)] if axis.size > len(axis.positions) else 0
        return Column(fact.id, axis, masks, lookup, otherwise)

    def match(self, facts: Mapping[str, object]) -> int:
        """The rows, as bits, whose every condition holds."""
        found = self.all
        for column in self.columns:
            value = facts.get(column.fact, MISSING)
            if column.lookup is not None:
                found &= column.lookup.get(value, column.otherwise)
            else:
                found &= column.masks[column.axis.index(value)]
        return found


def bits(mask: int) -> Iterator[int]:
    """The positions of the bits of ``mask``, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True, kw_only=True)
class Table(Rule):
    """A decision table.

    Attributes:
        inputs: the facts it reads, in the order of its columns.
        requires: inputs that must be set and not null.
        outputs: the facts it sets, each with the values it may give in order of priority (``None``: any
            value).
        narrowed: the outputs whose values the table itself lists; each of them must be reachable.
        default: what comes out when no row matches; ``None`` means null.
        beneath: the table of the same id in the layers above, which still decides for days before this
            one begins.
    """

    hit: Hit
    aggregate: Aggregate | None = None
    inputs: Mapping[str, Fact]
    requires: tuple[str, ...] = ()
    outputs: Mapping[str, tuple[object, ...] | None]
    narrowed: Mapping[str, tuple[object, ...]]
    default: Mapping[str, object] | None = None
    rows: tuple[Row, ...]
    beneath: Table | None = None

    def decide(self, facts: Mapping[str, object], as_of: date, *, trace: bool = False) -> Decision:
        """What the table says about ``facts`` (plain values of the vocabulary) under the law of ``as_of``.

        Raises:
            NotFound: the table is not in force on that day.
            FactError: a required fact is missing or null.
            RuleError: the hit policy is unique and several rows match.
        """
        if self.beneath is not None and not self.in_force(as_of):
            return self.beneath.decide(facts, as_of, trace=trace)
        current = self.slice_at(as_of)
        for name in self.requires:
            if facts.get(name) is None:
                self._refuse_unknown(name)
        found = current.match(facts)
        if self.hit is Hit.COLLECT:
            won = tuple(current.rows[at] for at in bits(found))
            outputs = self._collected(won)
        elif not found:
            won, outputs = (), self._nothing
        else:
            if found & (found - 1) and self.hit is Hit.UNIQUE:
                self._refuse_several([current.rows[at] for at in bits(found)])
            row = current.rows[(found & -found).bit_length() - 1]
            won, outputs = (row,), row.then
        return Decision(
            self.id,
            current.since,
            as_of,
            outputs,
            tuple(row.id for row in won),
            Trace(self, current.rows, found, facts, as_of) if trace else None,
        )

    def others(self, facts: Mapping[str, object], as_of: date) -> Iterator[tuple[str, Decision]]:
        """What the table would say if a fact that is missing had a value: each fact, with one other decision.

        Raises:
            NotFound, FactError, RuleError: as :meth:`decide`.
        """
        if self.beneath is not None and not self.in_force(as_of):
            yield from self.beneath.others(facts, as_of)
            return
        before = self.decide(facts, as_of).outputs
        for column in self.slice_at(as_of).columns:
            if facts.get(column.fact) is None:
                other = self._other(column, facts, as_of, before)
                if other is not None:
                    yield column.fact, other

    def _other(
        self, column: Column, facts: Mapping[str, object], as_of: date, before: Mapping[str, object]
    ) -> Decision | None:
        for cell in range(column.axis.size):
            value = column.axis.sample(cell)
            if value is None or value is MISSING:
                continue
            decision = self.decide({**facts, column.fact: value}, as_of)
            if decision.outputs != before:
                return decision
        return None

    def slice_at(self, day: date) -> Slice:
        """The rows in force on ``day``, compiled.

        Raises:
            NotFound: the table is not in force on that day.
        """
        starts = self._starts
        at = bisect_right(starts, day) - 1
        if at < 0 or (self.until is not None and day > self.until):
            span = f"from {self.since}" + (f" to {self.until}" if self.until else "")
            raise NotFound(f"table {self.id!r} is not in force on {day}, but {span} ({self.place})")
        compiled = self._slices[at]
        if compiled is None:
            until = starts[at + 1] - _DAY if at + 1 < len(starts) else self.until
            compiled = self._slices[at] = Slice(self, starts[at], until)
        return compiled

    @property
    def slices(self) -> tuple[Slice, ...]:
        """One per span of dates in which the same rows are in force, in order."""
        return tuple(self.slice_at(start) for start in self._starts)

    def ranked(self, rows: list[Row]) -> tuple[Row, ...]:
        """Rows in the order in which they win: as written, or by the priority of their outputs."""
        if self.hit is not Hit.PRIORITY:
            return tuple(rows)
        return tuple(sorted(rows, key=self._rank))

    def _rank(self, row: Row) -> tuple[int, ...]:
        """Where a row stands by its outputs; null comes last."""
        return tuple(
            values.index(row.then[name]) if row.then[name] in values else len(values)
            for name, values in self.outputs.items()
            if values
        )

    @cached_property
    def _starts(self) -> list[date]:
        starts = {self.since}
        for row in self.rows:
            if row.active:
                starts.add(max(row.since, self.since))
                if row.until is not None:
                    starts.add(row.until + _DAY)
        return sorted(day for day in starts if self.until is None or day <= self.until)

    @cached_property
    def _slices(self) -> list[Slice | None]:
        return [None] * len(self._starts)

    @cached_property
    def _nothing(self) -> Mapping[str, object]:
        return self.default if self.default is not None else dict.fromkeys(self.outputs)

    def _collected(self, won: Sequence[Row]) -> Mapping[str, object]:
        if not won and self.default is not None:
            return self.default
        if self.aggregate is None:
            return {name: tuple(row.then[name] for row in won) for name in self.outputs}
        return {name: _aggregated(self.aggregate, [row.then[name] for row in won]) for name in self.outputs}

    def _refuse_unknown(self, name: str) -> None:
        raise FactError(
            f"table {self.id!r} ({self.title}) needs fact {name!r} ({self.inputs[name].title}), "
            f"which is not known; set it before this decision"
        )

    def _refuse_several(self, rows: Sequence[Row]) -> None:
        names = ", ".join(repr(row.id) for row in rows)
        lines = ", ".join(str(row.place.line) for row in rows)
        finding = rows[1].place.finding(
            "table-not-unique",
            f"rows {names} match at the same time (lines {lines})",
            "make their conditions exclude each other, or use hit: first",
            element=f"{self.id}/{rows[1].id}",
        )
        raise RuleError(f"table {self.id!r} ({self.title}) must have one answer", [finding])


def _aggregated(how: Aggregate, values: list[Any]) -> object:
    if how is Aggregate.COUNT:
        return len(values)
    if not values:
        return None
    if how is Aggregate.SUM:
        return sum(values)
    return min(values) if how is Aggregate.MIN else max(values)
