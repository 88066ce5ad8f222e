"""What the conditions of one column can tell apart.

An axis cuts the values of a fact into *cells*: within a cell no condition of the column can tell two
values apart. The last two cells of every axis are null and missing. Deciding asks in which cell a value
lies; analysis walks the cells.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from jiefen.rules.model.unary import (
    MISSING,
    Anything,
    Contains,
    Equals,
    IsMissing,
    IsNull,
    Not,
    Ordered,
    Range,
    Test,
    constants,
)
from jiefen.rules.model.vocabulary import Fact, FactType

#: Most values that the conditions on one list fact may name; the cells are their subsets.
MAX_LIST_VALUES: Final = 10

#: Half-open ranges of cells, ascending and apart from each other.
Cells = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class DiscreteAxis:
    """Cells of boolean, choice and text: one per value, and for text one for every other text."""

    fact: Fact
    values: tuple[object, ...]
    positions: dict[object, int]
    size: int

    def index(self, value: object) -> int:
        """The cell in which a value lies."""
        if value is None or value is MISSING:
            return self.size + (value is MISSING)
        return self.positions.get(value, len(self.values))

    def tells(self, values: Iterable[object]) -> bool:
        """Whether each of ``values`` has a cell of its own."""
        return all(value in self.positions for value in values)

    def cells(self, test: Equals | Contains | Range) -> Cells:
        """The cells in which a simple test holds."""
        position = self.positions[test.value] if isinstance(test, Equals) else 0
        return ((position, position + 1),)

    def sample(self, cell: int) -> object:
        """A value of the cell; for "every other text" one that no condition names."""
        if cell < len(self.values):
            return self.values[cell]
        text = "…"
        while text in self.positions:
            text += "…"
        return text

    def occupied(self) -> list[int]:
        """The cells in which some value lies: all of them."""
        return list(range(self.size))


@dataclass(frozen=True)
class OrderedAxis:
    """Cells of integer, money and date: each constant, and each gap between two of them."""

    fact: Fact
    points: tuple[Ordered, ...]
    size: int

    def index(self, value: object) -> int:
        """The cell in which a value lies."""
        if value is None or value is MISSING:
            return self.size + (value is MISSING)
        at: int = bisect_left(self.points, value)  # type: ignore[call-overload]
        return 2 * at + (at < len(self.points) and self.points[at] == value)

    def tells(self, values: Iterable[object]) -> bool:
        """Whether each of ``values`` has a cell of its own."""
        return all(value in self.points for value in values)

    def cells(self, test: Equals | Contains | Range) -> Cells:
        """The cells in which a simple test holds."""
        if not isinstance(test, Range):
            at = self.index(test.value)
            return ((at, at + 1),)
        start = 0 if test.low is None else self.index(test.low) + test.low_open
        end = self.size if test.high is None else self.index(test.high) + (not test.high_open)
        return ((start, end),) if start < end else ()

    def sample(self, cell: int) -> object:
        """A value of the cell inside the fact's bounds; ``MISSING`` when there is none."""
        at = cell // 2
        if cell % 2:
            value: Ordered = self.points[at]
            return value if self._inside(value) else MISSING
        below = self.points[at - 1] if at else None
        above = self.points[at] if at < len(self.points) else None
        low = self._after(below) if below is not None else self.fact.minimum
        if low is None or self._less(low, self.fact.minimum):
            low = self.fact.minimum
        if low is None:
            low = self._before(above) if above is not None else self._anywhere()
        if low is None or (above is not None and not self._less(low, above)) or not self._inside(low):
            return MISSING
        return low

    def occupied(self) -> list[int]:
        """The cells in which some value of the fact lies; a gap between two constants may hold none."""
        return [cell for cell in range(self.size) if self.sample(cell) is not MISSING]

    def _inside(self, value: Ordered) -> bool:
        low, high = self.fact.minimum, self.fact.maximum
        return not self._less(value, low) and not self._less(high, value)

    @staticmethod
    def _less(one: Ordered | None, other: Ordered | None) -> bool:
        return one is not None and other is not None and one < other  # type: ignore[operator]

    def _after(self, value: Ordered) -> Ordered | None:
        return self._stepped(value, 1)

    def _before(self, value: Ordered) -> Ordered | None:
        return self._stepped(value, -1)

    def _stepped(self, value: Ordered, sign: int) -> Ordered | None:
        if isinstance(value, date):
            try:
                return value + timedelta(days=sign)
            except OverflowError:
                return None
        return value + sign * (Decimal("0.01") if self.fact.type is FactType.MONEY else 1)

    def _anywhere(self) -> Ordered:
        return date(2026, 1, 1) if self.fact.type is FactType.DATE else 0


@dataclass(frozen=True)
class ListAxis:
    """Cells of a list: the subsets of the values that the conditions name, as bits."""

    fact: Fact
    values: tuple[str, ...]
    size: int

    def index(self, value: object) -> int:
        """The cell in which a value lies."""
        if not isinstance(value, tuple):
            return self.size + (value is MISSING)
        return sum(1 << bit for bit, named in enumerate(self.values) if named in value)

    def tells(self, values: Iterable[object]) -> bool:
        """Whether the cells say of each of ``values`` if the list contains it."""
        return all(value in self.values for value in values)

    def cells(self, test: Equals | Contains | Range) -> Cells:
        """The cells in which a simple test holds."""
        run = 1 << (self.values.index(test.value) if isinstance(test, Contains) else 0)
        return tuple((start, start + run) for start in range(run, self.size, 2 * run))

    def occupied(self) -> list[int]:
        """The cells in which some value lies: all of them."""
        return list(range(self.size))

    def sample(self, cell: int) -> object:
        """A value of the cell."""
        return tuple(value for bit, value in enumerate(self.values) if cell >> bit & 1)


#: The cells of one column. Cell ``size`` is null, cell ``size + 1`` missing; those before are values.
Axis = DiscreteAxis | OrderedAxis | ListAxis


def axis_of(fact: Fact, tests: Iterable[Test]) -> Axis:
    """The axis that ``tests``, all conditions on ``fact`` in a table, need.

    Raises:
        ValueError: a list fact is tested for more than ``MAX_LIST_VALUES`` values.
    """
    named = dict.fromkeys(value for test in tests for value in constants(test))
    if fact.type is FactType.LIST:
        values = tuple(str(value) for value in named)
        if len(values) > MAX_LIST_VALUES:
            raise ValueError(f"conditions on the list {fact.id} name more than {MAX_LIST_VALUES} values")
        return ListAxis(fact, values, 1 << len(values))
    if fact.type in (FactType.BOOLEAN, FactType.CHOICE, FactType.TEXT):
        return _discrete(fact, named)
    points: tuple[Ordered, ...] = tuple(sorted(named))  # type: ignore[arg-type]
    return OrderedAxis(fact, points, 2 * len(points) + 1)


def _discrete(fact: Fact, named: Iterable[object]) -> DiscreteAxis:
    if fact.type is FactType.BOOLEAN:
        values: Sequence[object] = (True, False)
    else:
        values = tuple(fact.values) if fact.type is FactType.CHOICE else tuple(named)
    positions = {value: at for at, value in enumerate(values)}
    return DiscreteAxis(fact, tuple(values), positions, len(values) + (fact.type is FactType.TEXT))


def cover(test: Test, axis: Axis) -> Cells:
    """The cells of ``axis`` in which ``test`` holds."""
    null, missing = axis.size, axis.size + 1
    if isinstance(test, Anything):
        return ((0, missing + 1),)
    if isinstance(test, IsNull):
        return ((null, null + 1),)
    if isinstance(test, IsMissing):
        return ((missing, missing + 1),)
    if isinstance(test, Equals | Contains | Range):
        return axis.cells(test)
    parts = _union(piece for part in test.tests for piece in cover(part, axis))
    if not isinstance(test, Not):
        return parts
    end = null if any(isinstance(part, Range) for part in test.tests) else missing
    return _complement(parts, end)


def _union(pieces: Iterable[tuple[int, int]]) -> Cells:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _complement(pieces: Cells, end: int) -> Cells:
    gaps, at = [], 0
    for start, stop in pieces:
        if at < min(start, end):
            gaps.append((at, min(start, end)))
        at = max(at, stop)
    if at < end:
        gaps.append((at, end))
    return tuple(gaps)


def masks_of(rows_of: Iterable[tuple[Test, int]], axis: Axis) -> list[int]:
    """Per cell, the rows (as bits) whose condition holds there.

    Args:
        rows_of: each different condition of the column with the rows, as bits, that carry it.
    """
    changes = [0] * (axis.size + 3)
    for test, rows in rows_of:
        for start, end in cover(test, axis):
            changes[start] ^= rows
            changes[end] ^= rows
    masks, now = [], 0
    for change in changes[:-1]:
        now ^= change
        masks.append(now)
    return masks
