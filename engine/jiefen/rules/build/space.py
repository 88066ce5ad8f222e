"""The space of cases that a table divides: finding a case that no row answers, and saying it in conditions.

A *case* here is one cell per column. Searches walk cells, remember what they have ruled out, and stop at
a budget: a table can always be checked in bounded time, and the check says when it was not complete.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import reduce
from operator import or_

from jiefen.notation.labels import plain
from jiefen.rules.model.axes import Axis, DiscreteAxis, ListAxis, OrderedAxis, cover
from jiefen.rules.model.tables import Column, Slice
from jiefen.rules.model.unary import MISSING, Test


class Exhausted(Exception):
    """The budget of a search is used up."""


class Budget:
    """How many cells the searches of one table may look at together."""

    def __init__(self, cells: int = 30_000_000) -> None:
        self.left = cells

    def spend(self, cells: int) -> None:
        """Take ``cells`` from the budget. Raises :class:`Exhausted` when it is used up."""
        self.left -= cells
        if self.left < 0:
            raise Exhausted


#: Per column, the cells in question.
Box = list[list[int]]


class Space:
    """The cells of a slice that a case can really lie in."""

    def __init__(self, current: Slice, budget: Budget) -> None:
        self.slice, self.budget = current, budget
        self.columns = current.columns
        self.masks = [list(column.masks) for column in self.columns]
        self.set_cells = [self._set_cells(column.axis) for column in self.columns]
        self.all_cells = [
            cells + self._unset_cells(column)
            for cells, column in zip(self.set_cells, self.columns, strict=True)
        ]
        self._index = {column.fact: index for index, column in enumerate(self.columns)}
        self._meets: list[dict[Test, int]] = [{} for _ in self.columns]

    def _set_cells(self, axis: Axis) -> list[int]:
        self.budget.spend(axis.size)
        return axis.occupied()

    def _unset_cells(self, column: Column) -> list[int]:
        return [] if column.fact in self.slice.table.requires else [column.axis.size, column.axis.size + 1]

    def known_cells(self) -> Box:
        """Every case whose facts are all set."""
        return [list(cells) for cells in self.set_cells]

    def cells_with_missing(self) -> Box:
        """Every case, also those in which facts that are not required are missing."""
        return [
            cells + ([] if column.fact in self.slice.table.requires else [column.axis.size + 1])
            for cells, column in zip(self.set_cells, self.columns, strict=True)
        ]

    def box(self, at: int, inside: Box | None = None) -> Box:
        """The cases that row ``at`` answers, within ``inside``."""
        box = list(self.all_cells if inside is None else inside)
        for fact, test in self.slice.rows[at].when.items():
            index = self._index[fact]
            box[index] = self.within(box[index], test, self.columns[index].axis)
        return box

    def within(self, cells: list[int], test: Test, axis: Axis) -> list[int]:
        """Those of ``cells`` in which ``test`` holds."""
        covered = cover(test, axis)
        if covered and covered[0][0] == 0 and covered[0][1] >= axis.size + 2:
            return cells
        self.budget.spend(len(cells) if len(covered) > 1 else 1)
        if len(covered) == 1:
            start, end = covered[0]
            low, high = _span(cells, start, end)
            return cells[low:high]
        return [cell for cell in cells if any(start <= cell < end for start, end in covered)]

    def meeting(self, at: int) -> int:
        """The rows, as bits, that share a case with row ``at`` (itself included)."""
        row = self.slice.rows[at]
        found = -1
        for index, column in enumerate(self.columns):
            test = row.test(column.fact)
            known = self._meets[index].get(test)
            if known is None:
                cells = self.within(self.all_cells[index], test, column.axis)
                self.budget.spend(len(cells))
                masks = self.masks[index]
                known = self._meets[index][test] = reduce(or_, (masks[cell] for cell in cells), 0)
            found &= known
        return found & self.slice.all

    def escape(self, box: Box, rows: int) -> list[int] | None:
        """A case of ``box`` that none of ``rows`` (bits) answers; ``None`` when they answer them all.

        Raises:
            Exhausted: the budget is used up.
        """
        if not all(box):
            return None
        order = sorted(range(len(box)), key=lambda index: len(box[index]))
        total = [rows] * (len(order) + 1)
        for depth in range(len(order) - 1, -1, -1):
            index = order[depth]
            self.budget.spend(len(box[index]))
            masks, everywhere = self.masks[index], rows
            for cell in box[index]:
                everywhere &= masks[cell]
            # total[d]: rows that hold in every cell of every column from depth d on.
            total[depth] = total[depth + 1] & everywhere
        ruled_out: set[tuple[int, int]] = set()
        chosen = [cells[0] for cells in box]

        def search(depth: int, left: int) -> bool:
            if not left:
                return True
            if left & total[depth] or (depth, left) in ruled_out:
                return False
            index = order[depth]
            masks = self.masks[index]
            self.budget.spend(len(box[index]))
            different: dict[int, int] = {}
            for cell in box[index]:
                different.setdefault(left & masks[cell], cell)
            for rest in sorted(different, key=int.bit_count):
                chosen[index] = different[rest]
                if search(depth + 1, rest):
                    return True
            ruled_out.add((depth, left))
            return False

        return chosen if search(0, rows) else None

    def widened(self, case: list[int], box: Box, rows: int) -> Box:
        """The largest box around ``case``, inside ``box``, that none of ``rows`` touches."""
        chosen = [[cell] for cell in case]
        reach = [self.masks[index][cell] for index, cell in enumerate(case)]
        for index, cells in enumerate(box):
            others = rows
            for other, mask in enumerate(reach):
                if other != index:
                    others &= mask
            self.budget.spend(len(cells))
            free = [cell for cell in cells if not self.masks[index][cell] & others]
            chosen[index] = free
            reach[index] = reduce(or_, (self.masks[index][cell] for cell in free), 0)
        return chosen

    def example(self, case: Sequence[int]) -> dict[str, object]:
        """A value per fact for a case; ``MISSING`` and ``None`` included."""
        return {
            column.fact: value_in(column.axis, cell) for column, cell in zip(self.columns, case, strict=True)
        }


def value_in(axis: Axis, cell: int) -> object:
    """A value of a cell, null and missing included."""
    if cell == axis.size:
        return None
    return MISSING if cell > axis.size else axis.sample(cell)


def _span(cells: list[int], start: int, end: int) -> tuple[int, int]:
    return bisect_left(cells, start), bisect_left(cells, end)


def written(axis: Axis, cells: Sequence[int], domain: Sequence[int]) -> object:
    """Cells as a condition of a rule file; ``None`` for all cells of ``domain``: the fact can be left out."""
    if len(cells) == len(domain):
        return None
    known = [cell for cell in cells if cell < axis.size]
    unset = [word for cell, word in ((axis.size, "null"), (axis.size + 1, "missing")) if cell in cells]
    if isinstance(axis, ListAxis):
        return _of_list(axis, known, unset)
    if isinstance(axis, DiscreteAxis):
        tests: list[object] = [axis.values[cell] for cell in known if cell < len(axis.values)]
        if len(tests) < len(known) and not unset:
            others = [
                plain(axis.values[cell]) for cell in domain if cell < len(axis.values) and cell not in known
            ]
            return "not(" + ", ".join(others) + ")"
    else:
        tests = list(_intervals(axis, known, [cell for cell in domain if cell < axis.size]))
    tests += unset
    return tests[0] if len(tests) == 1 else tests


def _of_list(axis: ListAxis, cells: Sequence[int], unset: list[str]) -> object:
    """The widest condition on a list that holds only in ``cells``; ``…`` when one condition cannot say it."""
    inside = set(cells)
    most, best = 0, ["…"]
    for named in range(1, axis.size):
        values = [value for bit, value in enumerate(axis.values) if named >> bit & 1]
        for test, holds in ((values, True), ([f"not({', '.join(values)})"], False)):
            held = {cell for cell in range(axis.size) if bool(cell & named) is holds}
            if held <= inside and len(held) > most:
                most, best = len(held), test
    tests = unset if unset and not cells else [*best, *unset]
    return tests[0] if len(tests) == 1 else tests


def _intervals(axis: OrderedAxis, cells: Sequence[int], domain: Sequence[int]) -> list[str]:
    texts: list[str] = []
    at = 0
    while at < len(cells):
        end = at
        position = domain.index(cells[at])
        while end + 1 < len(cells) and position + 1 < len(domain) and cells[end + 1] == domain[position + 1]:
            end, position = end + 1, position + 1
        first, last = cells[at], cells[end]
        open_below, open_above = first == domain[0], last == domain[-1]
        low = plain(axis.points[first // 2 - (first % 2 == 0)]) if not open_below else ""
        high = plain(axis.points[last // 2]) if not open_above else ""
        if first == last and first % 2:
            texts.append(plain(axis.points[first // 2]))
        elif open_below:
            texts.append(f"{'<=' if last % 2 else '<'} {high}")
        elif open_above:
            texts.append(f"{'>=' if first % 2 else '>'} {low}")
        else:
            texts.append(f"{'[' if first % 2 else '('}{low}..{high}{']' if last % 2 else ')'}")
        at = end + 1
    return texts
