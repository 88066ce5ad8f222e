"""Proving the guards: in no area with rules of its own does a table or a deadline break what must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jiefen.findings import Finding
from jiefen.rules.conditions import holding
from jiefen.rules.deadlines import DeadlineRule, DeadlineVersion
from jiefen.rules.guards import Guard
from jiefen.rules.space import Box, Budget, Exhausted, Space
from jiefen.rules.tables import Hit, Slice, Table
from jiefen.rules.unary import Test
from jiefen.rules.view import RuleView
from jiefen.rules.wording import plain


def broken_guards(view: RuleView) -> Iterator[Finding]:
    """Where the rules that hold in an area break a guard."""
    for guard in view.guards.values():
        if guard.table is None:
            for rule in view.deadlines.values():
                yield from _deadline(guard, rule)
        else:
            table: Table | None = view.tables.get(guard.table)
            while table is not None:
                for current in table.slices:
                    if _together(guard, current):
                        yield from _slice(guard, table, current)
                table = table.beneath


def _together(guard: Guard, current: Slice) -> bool:
    starts = guard.until is None or current.since <= guard.until
    return starts and (current.until is None or guard.since <= current.until)


def _deadline(guard: Guard, rule: DeadlineRule) -> Iterator[Finding]:
    for version in rule.versions:
        attributes = attributes_of(rule.id, version)
        if not holding(guard.where, attributes):
            continue
        for name, test in guard.must.items():
            if not test.holds(attributes[name]):
                yield version.place.finding(
                    "guard-broken",
                    f"deadline {rule.id!r} has {name}: {plain(attributes[name])}, but guard {guard.id!r} "
                    f"({guard.title}) demands {test}",
                    f"{guard.because[0].text('zh')}: {guard.place}",
                    element=rule.id,
                )


def attributes_of(id: str, version: DeadlineVersion) -> Mapping[str, object]:
    """What a guard can say about a version of a deadline."""
    return {
        "id": id,
        "kind": version.kind.value,
        "anchor": version.anchor,
        "on_expiry": version.on_expiry.value,
        "unit": str(version.length).split()[-1],
        "roll": version.roll.value,
        "stops": version.stops,
        "suspensions": version.suspensions,
        "interruptions": version.interruptions,
        "ladder": version.ladder,
    }


def _slice(guard: Guard, table: Table, current: Slice) -> Iterator[Finding]:
    """Every row of a span of dates that can decide a guarded case wrongly."""
    try:
        space = Space(Slice(table, current.since, current.until, guard.where), Budget())
        domain = _guarded(space, guard.where)
        for at, row in enumerate(current.rows):
            wrong = {
                name: test for name, test in guard.must.items() if not _meets(table, test, row.then.get(name))
            }
            box = space.box(at, domain) if wrong else []
            above = (1 << at) - 1 if table.hit in (Hit.FIRST, Hit.PRIORITY) else 0
            if box and space.escape(box, above) is not None:
                name, test = next(iter(wrong.items()))
                yield row.place.finding(
                    "guard-broken",
                    f"row {row.id!r} can give {name}: {plain(row.then.get(name))} where guard {guard.id!r} "
                    f"({guard.title}) demands {test}",
                    f"exclude {_said(guard.where)}; {guard.because[0].text('zh')}: {guard.place}",
                    element=f"{table.id}/{row.id}",
                )
        yield from _default(guard, table, space, domain)
    except Exhausted:
        yield table.place.finding(
            "guard-not-proved",
            f"the table is too large to prove guard {guard.id!r} ({guard.title})",
            "split the table",
            element=table.id,
        )


def _default(guard: Guard, table: Table, space: Space, domain: Box) -> Iterator[Finding]:
    given = table.default if table.default is not None else dict.fromkeys(table.outputs)
    wrong = [name for name, test in guard.must.items() if not _meets(table, test, given.get(name))]
    if table.hit is not Hit.COLLECT and wrong and space.escape(domain, space.slice.all) is not None:
        yield table.place.finding(
            "guard-broken",
            f"where no row matches, {wrong[0]} becomes {plain(given.get(wrong[0]))}, but guard {guard.id!r} "
            f"({guard.title}) demands {guard.must[wrong[0]]}",
            f"add a row for {_said(guard.where)}; {guard.because[0].text('zh')}: {guard.place}",
            element=table.id,
        )


def _guarded(space: Space, where: Mapping[str, Test]) -> Box:
    """The cases a guard is about; a condition on a fact that the table does not read leaves all of them."""
    return [
        space.within(cells, where[column.fact], column.axis) if column.fact in where else list(cells)
        for cells, column in zip(space.all_cells, space.columns, strict=True)
    ]


def _meets(table: Table, test: Test, value: object) -> bool:
    """Whether an output meets what is demanded; a row that is collected gives one item of the list."""
    collected = table.hit is Hit.COLLECT and table.aggregate is None
    return test.holds((value,) if collected else value)


def _said(where: Mapping[str, Test]) -> str:
    return "{" + ", ".join(f"{name}: {test}" for name, test in where.items()) + "}"
