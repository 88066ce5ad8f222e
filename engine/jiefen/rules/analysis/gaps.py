"""What careful reading of a decision table finds: gaps, overlaps, rows and outputs that nothing reaches.

Each span of dates is looked at on its own, because rows come and go; what is wrong in several spans is
said once.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from jiefen.findings import Finding, Severity
from jiefen.notation.labels import plain
from jiefen.rules.build.space import Box, Budget, Exhausted, Space, value_in, written
from jiefen.rules.model.rule import Place
from jiefen.rules.model.tables import Hit, Slice, Table, bits
from jiefen.rules.model.unary import MISSING

#: So many findings of one kind are listed for one table; the rest is counted.
MOST = 5


def analyse(table: Table) -> list[Finding]:
    """Every finding about one table, in the order of its lines."""
    found: dict[tuple[str, str], Finding] = {}
    reachable: set[tuple[str, object]] = set()
    complete = True
    budget = Budget()
    for current in table.slices:
        analysis = _Analysis(current, budget)
        for finding in analysis.findings():
            # The same flaw in the next span of dates is not a second flaw.
            found.setdefault((finding.code, finding.element or ""), finding)
        reachable |= analysis.outputs
        complete = complete and analysis.complete
    if not complete:
        found["analysis-incomplete", table.id] = table.place.finding(
            "analysis-incomplete",
            f"the table is too large to analyse completely: {len(table.rows)} rows, {len(table.inputs)} inputs",
            "split it, for example by its first input; what was found so far is listed",
            element=table.id,
            severity=Severity.WARNING,
        )
    else:
        for finding in _unreachable(table, reachable):
            found[finding.code, finding.message] = finding
    return sorted(found.values(), key=lambda finding: (finding.line or 0, finding.code))


def _unreachable(table: Table, reachable: set[tuple[str, object]]) -> Iterator[Finding]:
    """Output values that the table promises and never gives."""
    for name, values in table.narrowed.items():
        for value in values:
            if (name, value) not in reachable:
                yield table.place.finding(
                    "unreachable-output",
                    f"no case ever gets {name}: {plain(value)}, though the table lists it among its outputs",
                    "add a row that gives it, or take it out of outputs",
                    element=table.id,
                )


class _Analysis:
    """One span of dates of a table."""

    def __init__(self, current: Slice, budget: Budget) -> None:
        self.slice, self.table, self.budget = current, current.table, budget
        self.complete = True
        self.outputs: set[tuple[str, object]] = set()

    def findings(self) -> list[Finding]:
        """Everything that is wrong in this span."""
        found: list[Finding] = []
        try:
            space = Space(self.slice, self.budget)
            dead = self._dead_rows(space, found)
            self._reach(dead)
            if self.table.hit is Hit.UNIQUE:
                self._overlaps(space, found)
            if self.table.hit is not Hit.COLLECT:
                self._gaps(space, found)
            elif self.table.default is not None:
                self._reach_default()
        except Exhausted:
            self.complete = False
        return found

    def _reach(self, dead: set[int]) -> None:
        for at, row in enumerate(self.slice.rows):
            if at not in dead:
                self.outputs.update(row.then.items())

    def _reach_default(self) -> None:
        for name, value in (self.table.default or {}).items():
            for item in value if isinstance(value, tuple) else (value,):
                self.outputs.add((name, item))

    def _dead_rows(self, space: Space, found: list[Finding]) -> set[int]:
        """Rows that never decide: impossible, or answered by rows that win before them."""
        dead: set[int] = set()
        ordered = self.table.hit in (Hit.FIRST, Hit.PRIORITY)
        for at, row in enumerate(self.slice.rows):
            box = space.box(at)
            if not all(box):
                dead.add(at)
                names = [
                    column.fact for column, cells in zip(self.slice.columns, box, strict=True) if not cells
                ]
                test = row.test(names[0])
                found.append(
                    row.place.finding(
                        "impossible-row",
                        f"row {row.id!r} can never match: no value of {names[0]} meets {test}",
                        f"look at the domain of {names[0]} in the vocabulary, and at `requires`",
                        element=f"{self.table.id}/{row.id}",
                    )
                )
                continue
            above = space.meeting(at) & ((1 << at) - 1) if ordered else 0
            if above and space.escape(box, above) is None:
                dead.add(at)
                found.append(self._shadowed(at, above, box, space))
        return dead

    def _shadowed(self, at: int, above: int, box: Box, space: Space) -> Finding:
        row = self.slice.rows[at]
        alone = [other for other in bits(above) if space.escape(box, 1 << other) is None]
        by = [self.slice.rows[other] for other in (alone[:1] or list(bits(above)))]
        names = ", ".join(f"{one.id!r} (line {one.place.line})" for one in by[:MOST])
        together = " together" if len(by) > 1 else ""
        return row.place.finding(
            "shadowed-row",
            f"row {row.id!r} never decides{self._when()}: every case of it goes to {names}{together} first",
            "move it up, make the other conditions narrower, or remove it",
            element=f"{self.table.id}/{row.id}",
        )

    def _when(self) -> str:
        if len(self.table.slices) == 1:
            return ""
        return f" from {self.slice.since}" + (f" to {self.slice.until}" if self.slice.until else "")

    def _overlaps(self, space: Space, found: list[Finding]) -> None:
        count = 0
        for at in range(len(self.slice.rows)):
            after = space.meeting(at) >> (at + 1)
            listed = islice(bits(after), max(0, MOST - count))
            found += [self._overlap(space, at, at + 1 + other) for other in listed]
            count += after.bit_count()
        if count > MOST:
            found.append(
                self.table.place.finding(
                    "overlap",
                    f"{count - MOST} more pairs of rows overlap",
                    "mend the ones that are listed first",
                    element=f"{self.table.id}/…",
                )
            )

    def _overlap(self, space: Space, one: int, other: int) -> Finding:
        case = [cells[0] for cells in space.box(other, space.box(one))]
        first, second = self.slice.rows[one], self.slice.rows[other]
        return second.place.finding(
            "overlap",
            f"rows {first.id!r} (line {first.place.line}) and {second.id!r} both match{self._when()}, "
            f"for example {self._example(space, case)}",
            "make their conditions exclude each other, or use hit: first",
            element=f"{self.table.id}/{first.id}+{second.id}",
        )

    def _gaps(self, space: Space, found: list[Finding]) -> None:
        """Cases without an answer; when there is a default, whether it is ever needed."""
        rows = self.slice.all
        if self.table.default is not None:
            if space.escape(space.all_cells, rows) is not None:
                self._reach_default()
            return
        self._report_gaps(space, space.known_cells(), found, missing=False)
        if not any(finding.code == "gap" for finding in found):
            self._report_gaps(space, space.cells_with_missing(), found, missing=True)

    def _report_gaps(self, space: Space, domain: Box, found: list[Finding], *, missing: bool) -> None:
        rows = self.slice.all
        for _ in range(1 if missing else MOST):
            case = space.escape(domain, rows)
            if case is None:
                return
            box = space.widened(case, domain, rows)
            found.append(self._gap(space, case, box, domain, missing=missing))
            # A row of its own for the gap, so that the next search finds another one.
            extra = rows + 1
            for masks, cells in zip(space.masks, box, strict=True):
                for cell in cells:
                    masks[cell] |= extra
            rows |= extra

    def _gap(self, space: Space, case: list[int], box: Box, domain: Box, *, missing: bool) -> Finding:
        when = {
            column.fact: written(column.axis, cells, whole)
            for column, cells, whole in zip(self.slice.columns, box, domain, strict=True)
        }
        conditions = ", ".join(f"{name}: {_yaml(test)}" for name, test in when.items() if test is not None)
        outputs = ", ".join(f"{name}: …" for name in self.table.outputs)
        row = f"- {{id: …, when: {{{conditions}}}, then: {{{outputs}}}}}"
        place: Place = self.table.place
        # The conditions name the gap, so that it is the same one in every span of dates.
        element = f"{self.table.id}/{{{conditions}}}"
        if missing:
            unknown = [
                column.fact
                for column, cell in zip(self.slice.columns, case, strict=True)
                if value_in(column.axis, cell) is MISSING
            ]
            return place.finding(
                "gap-missing",
                f"no row matches{self._when()} when {' and '.join(unknown)} is not known: "
                f"{self._example(space, case)}",
                f"add a default, put {', '.join(unknown)} under `requires`, or add {row}",
                element=element,
                severity=Severity.WARNING,
            )
        return place.finding(
            "gap",
            f"no row matches{self._when()}, for example {self._example(space, case)}",
            f"add a row, {row}, or a default",
            element=element,
        )

    def _example(self, space: Space, case: list[int]) -> str:
        parts = []
        for column, cell in zip(self.slice.columns, case, strict=True):
            value = value_in(column.axis, cell)
            fact = self.table.inputs[column.fact]
            if value is MISSING:
                parts.append(f"{fact.title.zh} {column.fact} missing 未填")
                continue
            label = fact.values.get(value) if isinstance(value, str) else None
            parts.append(
                f"{fact.title.zh} {column.fact} = {plain(value)}" + (f" {label.zh}" if label else "")
            )
        return ", ".join(parts)


def _yaml(test: object) -> str:
    """A condition as it is written in a file, quoted where YAML needs it."""
    if isinstance(test, list):
        return "[" + ", ".join(_yaml(item) for item in test) + "]"
    text = plain(test)
    special = isinstance(test, str) and (text[:1] in "<>[]()-" or ", " in text or text.startswith("not("))
    return f"'{text}'" if special else text
