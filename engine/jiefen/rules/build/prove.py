"""Guards, and who may do what, read; and guards proved: no table or deadline of any area breaks what must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from jiefen.bundled import bundled
from jiefen.findings import Finding
from jiefen.notation.labels import Label, plain, suggestion
from jiefen.notation.shapes import Path
from jiefen.notation.yaml import load
from jiefen.periods import Span
from jiefen.rules.build.builder import Builder, Data
from jiefen.rules.build.space import Box, Budget, Exhausted, Space
from jiefen.rules.model.conditions import holding
from jiefen.rules.model.deadlines import Administers, DeadlineRule, DeadlineVersion, Expiry, Side
from jiefen.rules.model.guards import BY_TWO, Authority, Guard, Who, told_of
from jiefen.rules.model.rule import Kind
from jiefen.rules.model.tables import Hit, Slice, Table
from jiefen.rules.model.unary import Test, constants
from jiefen.rules.model.view import RuleView
from jiefen.rules.model.vocabulary import Fact, FactType


def build_guard(builder: Builder, id: str, data: Data, path: Path) -> Guard | None:
    """A guard over a table or over deadlines."""
    common = builder.common(Kind.GUARD, id, data, path)
    if ("table" in data) == ("deadlines" in data) or ("where" in data and "deadlines" in data):
        builder.report(
            path,
            "guard-subject",
            "a guard watches either a table (with where) or deadlines",
            "keep one of them",
        )
        return None
    if "table" in data:
        builder.refer(Kind.TABLE, data["table"], (*path, "table"))
        where = builder.conditions(data.get("where"), (*path, "where"))
        must = builder.conditions(data["must"], (*path, "must"))
    else:
        attributes = _deadline_attributes(builder)
        where = builder.conditions(data["deadlines"], (*path, "deadlines"), attributes)
        must = builder.conditions(data["must"], (*path, "must"), attributes)
    if common is None or where is None or must is None:
        return None
    return Guard(**common, table=data.get("table"), where=where, must=must)


@cache
def known_acts() -> frozenset[str]:
    """Every act: those of the rows that come with Jiefen, which its calls are held against."""
    return frozenset(load(bundled("rules") / "nation" / "authority.yaml").data["authority"])


def build_authority(builder: Builder, id: str, data: Data, path: Path) -> Authority | None:
    """Who may do an act."""
    common = builder.common(Kind.AUTHORITY, id, data, path)
    words = {*map(str, Who)}
    if id not in known_acts():
        message = f"{id!r} is no act, so nothing would ask this row"
        builder.report(path, "unknown-act", message, suggestion(id, known_acts()))
    for at, one in enumerate(data["by"]):
        if one in words and one not in told_of(id):
            message = f"who {one!r} is cannot be told of {id}"
            known = ", ".join(sorted(told_of(id)))
            builder.report((*path, "by", at), "unknown-who", message, f"name a role, or one of {known}")
        if one not in words and one not in builder.words.roles and one not in builder.words.broken:
            message, hint = (
                f"{one!r} is neither a word for who may do an act nor a role",
                suggestion(one, words),
            )
            builder.report((*path, "by", at), "unknown-who", message, hint)
    for at, one in enumerate(data.get("only", ())):
        if one not in builder.words.roles and one not in builder.words.broken:
            hint = suggestion(one, builder.words.roles)
            builder.report((*path, "only", at), "unknown-who", f"{one!r} is no role", hint)
    kept = {one.value for one in Administers} & {*data["by"]}
    others = {*data["by"]} - kept - {Who.PROGRAM.value}
    if len(kept) > 1 or (kept and others):
        what = ", ".join(sorted(kept | others))
        message = f"{id!r} is for an administrator and for others ({what}), whose powers must not meet"
        builder.report((*path, "by"), "powers-meet", message, "leave it to one of system, security and audit")
    four_eyes, within = data.get("four_eyes", False), builder.period(data, "agree_within", path)
    if four_eyes and id not in BY_TWO:
        message = (
            f"two persons cannot do {id} together: it is not about one case, or who may is told by it alone"
        )
        builder.report(
            (*path, "four_eyes"), "not-by-two", message, f"these can be: {', '.join(sorted(BY_TWO))}"
        )
    if four_eyes != ("agree_within" in data):
        message = "four_eyes and agree_within go together: what nobody agrees to must lapse some day"
        builder.report(path, "not-by-two", message, "write both, for example agree_within: 5 wd, or neither")
    if common is None:
        return None
    return Authority(
        **common,
        by=tuple(data["by"]),
        only=tuple(data.get("only", ())),
        reason=data.get("reason", False),
        four_eyes=four_eyes,
        agree_within=within,
    )


def _deadline_attributes(builder: Builder) -> Mapping[str, Fact]:
    """What a guard can say about deadlines, as facts, so that conditions on them read like any others."""
    words = builder.words

    def choice(name: str, values: Any) -> Fact:
        return Fact(
            id=name,
            type=FactType.CHOICE,
            title=Label(name, name),
            values=dict.fromkeys(values, Label("", "")),
        )

    def several(name: str, values: Any) -> Fact:
        labels = dict.fromkeys(values, Label("", ""))
        return Fact(id=name, type=FactType.LIST, of=FactType.CHOICE, title=Label(name, name), values=labels)

    text = {name: Fact(id=name, type=FactType.TEXT, title=Label(name, name)) for name in ("id", "ladder")}
    return MappingProxyType(
        {
            "kind": choice("kind", Side),
            "anchor": choice("anchor", words.milestones),
            "on_expiry": choice("on_expiry", Expiry),
            "unit": choice("unit", ("d", "wd", "h", "mo", "y")),
            "roll": choice("roll", ("none", "next_working_day")),
            "stops": several("stops", words.milestones),
            "suspensions": several("suspensions", words.grounds),
            "interruptions": several("interruptions", words.grounds),
            **text,
        }
    )


def broken_guards(view: RuleView, proved: set[tuple[int, int]]) -> Iterator[Finding]:
    """Where the rules that hold in an area break a guard.

    Args:
        proved: guards with the rules they were tried on already, by identity; most areas share most rules.
    """
    for guard in view.guards.values():
        for rule in _watched(guard, view):
            if (id(guard), id(rule)) in proved:
                continue
            proved.add((id(guard), id(rule)))
            if isinstance(rule, DeadlineRule):
                yield from _deadline(guard, rule)
            else:
                for current in rule.slices:
                    if _together(guard, current):
                        yield from _slice(guard, rule, current)


def _watched(guard: Guard, view: RuleView) -> Iterator[DeadlineRule | Table]:
    """The deadlines, or the table with those beneath it."""
    if guard.table is None:
        yield from view.deadlines.values()
        return
    table = view.tables.get(guard.table)
    while table is not None:
        yield table
        table = table.beneath


def _together(guard: Guard, current: Slice | DeadlineVersion) -> bool:
    return guard.span.overlaps(Span(current.since, current.until))


def _deadline(guard: Guard, rule: DeadlineRule) -> Iterator[Finding]:
    for version in rule.versions:
        attributes = attributes_of(rule.id, version)
        if not _together(guard, version) or not holding(guard.where, attributes):
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
        "unit": version.length.unit.value,
        "roll": version.roll.value,
        "stops": version.stops,
        "suspensions": version.suspensions,
        "interruptions": version.interruptions,
        "ladder": version.ladder,
    }


def _slice(guard: Guard, table: Table, current: Slice) -> Iterator[Finding]:
    """Every row of a span of dates that can decide a guarded case wrongly, and the default if it can."""
    suspects = {at: wrong for at, row in enumerate(current.rows) if (wrong := _unmet(guard, table, row.then))}
    nothing = table.default if table.default is not None else dict.fromkeys(table.outputs)
    by_default = {} if table.hit is Hit.COLLECT else _unmet(guard, table, nothing)
    if not suspects and not by_default:
        return
    try:
        space = Space(_telling_apart(current, guard.where), Budget())
        domain = _guarded(space, guard.where)
        for at, wrong in suspects.items():
            above = (1 << at) - 1 if table.hit in (Hit.FIRST, Hit.PRIORITY) else 0
            if space.escape(space.box(at, domain), above) is not None:
                row = current.rows[at]
                name, test = next(iter(wrong.items()))
                yield row.place.finding(
                    "guard-broken",
                    f"row {row.id!r} can give {name}: {plain(row.then.get(name))} where guard {guard.id!r} "
                    f"({guard.title}) demands {test}",
                    f"exclude {_said(guard.where)}; {guard.because[0].text('zh')}: {guard.place}",
                    element=f"{table.id}/{row.id}",
                )
        if by_default and space.escape(domain, current.all) is not None:
            name, test = next(iter(by_default.items()))
            yield table.place.finding(
                "guard-broken",
                f"where no row matches, {name} becomes {plain(nothing.get(name))}, but guard {guard.id!r} "
                f"({guard.title}) demands {test}",
                f"add a row for {_said(guard.where)}; {guard.because[0].text('zh')}: {guard.place}",
                element=table.id,
            )
    except Exhausted:
        yield table.place.finding(
            "guard-not-proved",
            f"the table is too large to prove guard {guard.id!r} ({guard.title})",
            "split the table",
            element=table.id,
        )


def _unmet(guard: Guard, table: Table, outputs: Mapping[str, object]) -> dict[str, Test]:
    """What a guard demands that these outputs do not meet; a row that is collected gives one item of a list."""
    collected = table.hit is Hit.COLLECT and table.aggregate is None
    return {
        name: test
        for name, test in guard.must.items()
        if not test.holds((outputs.get(name),) if collected else outputs.get(name))
    }


def _telling_apart(current: Slice, where: Mapping[str, Test]) -> Slice:
    """The slice, its columns cut where the conditions of a guard need it."""
    for column in current.columns:
        test = where.get(column.fact)
        if test is not None and not column.axis.tells(constants(test)):
            return Slice(current.table, current.since, current.until, where)
    return current


def _guarded(space: Space, where: Mapping[str, Test]) -> Box:
    """The cases a guard is about; a condition on a fact that the table does not read leaves all of them."""
    return [
        space.within(cells, where[column.fact], column.axis) if column.fact in where else list(cells)
        for cells, column in zip(space.all_cells, space.columns, strict=True)
    ]


def _said(where: Mapping[str, Test]) -> str:
    return "{" + ", ".join(f"{name}: {test}" for name, test in where.items()) + "}"
