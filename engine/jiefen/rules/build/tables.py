"""From data to decision tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jiefen.errors import FactError
from jiefen.notation.labels import suggestion
from jiefen.notation.shapes import Path
from jiefen.rules.build.builder import Builder, Data
from jiefen.rules.model.axes import MAX_LIST_VALUES
from jiefen.rules.model.rule import Citation, Kind
from jiefen.rules.model.tables import Aggregate, Hit, Row, Table
from jiefen.rules.model.unary import constants
from jiefen.rules.model.vocabulary import Fact, FactType

_COUNTED = (FactType.INTEGER, FactType.MONEY)


def build_table(builder: Builder, id: str, data: Data, path: Path) -> Table | None:
    """A table; ``None`` when it cannot be used, with the reasons reported."""
    before = len(builder.findings)
    common = builder.common(Kind.TABLE, id, data, path)
    facts = builder.words.facts.facts
    inputs = {
        name: facts[name] for name in builder.named(data, "inputs", facts, "fact", path) if name in facts
    }
    hit = Hit(data["hit"])
    aggregate = Aggregate(data["aggregate"]) if "aggregate" in data else None
    outputs = _outputs(builder, id, data, hit, aggregate, path)
    for at, name in enumerate(data.get("requires", ())):
        builder.known(name, inputs, "input", (*path, "requires", at))
    kinds = {name: _item(facts[name], hit, aggregate) for name in outputs}
    default = None
    if "default" in data:
        # A default is the whole result, so under collect it is a list (or a number), not one item.
        default = _values(
            builder, data["default"], outputs, {name: facts[name] for name in outputs}, (*path, "default")
        )
    builder.unique(data["rows"], (*path, "rows"), "row")
    if common is None or not outputs:
        return None
    rows = []
    for at, entry in enumerate(data["rows"]):
        builder.element = f"{id}/{entry['id']}"
        row = _row(builder, entry, common, data, inputs, outputs, kinds, (*path, "rows", at))
        if row is not None:
            rows.append(row)
    builder.element = id
    _check_lists(builder, inputs, rows, path)
    if len(builder.findings) > before:
        return None
    return Table(
        **common,
        hit=hit,
        aggregate=aggregate,
        inputs=inputs,
        requires=tuple(data.get("requires", ())),
        outputs=outputs,
        narrowed={
            name: values for name, values in outputs.items() if values and isinstance(data["outputs"], dict)
        },
        default=default,
        rows=tuple(rows),
    )


def _outputs(
    builder: Builder, id: str, data: Data, hit: Hit, aggregate: Aggregate | None, path: Path
) -> dict[str, tuple[object, ...] | None]:
    """Each output with the values it may give; those with problems are reported and left out."""
    facts = builder.words.facts.facts
    raw = data["outputs"]
    outputs: dict[str, tuple[object, ...] | None] = {}
    for at, name in enumerate(raw):
        here: Path = (*path, "outputs", name if isinstance(raw, dict) else at)
        fact = builder.known(name, facts, "fact", here)
        if fact is None:
            continue
        if not {f"table:{id}", "engine"} & set(fact.set_by):
            builder.report(
                here,
                "not-set-by",
                f"the vocabulary does not let table {id!r} set {name!r}",
                f"add table:{id} to its set_by",
            )
        item = _item(fact, hit, aggregate)
        values: tuple[object, ...] | None = tuple(item.values) or None
        if isinstance(raw, dict):
            values = tuple(
                _value(builder, item, value, (*here, place)) for place, value in enumerate(raw[name])
            )
        if hit is Hit.PRIORITY and values is None:
            builder.report(
                here,
                "no-priority",
                f"{name} has no order of values for hit: priority",
                "write outputs: {fact: [highest, …]}",
            )
        if hit is Hit.COLLECT and aggregate is None and fact.type is not FactType.LIST:
            builder.report(
                here,
                "not-a-list",
                f"collect gives a list, but {name} is not one",
                "use a list fact, or add aggregate",
            )
        if aggregate is not None and not _can_hold(fact, aggregate):
            builder.report(
                here,
                "wrong-aggregate",
                f"{name} ({fact.type}) cannot hold the {aggregate} of the rows",
                "use a number",
            )
        outputs[name] = values
    if aggregate is not None and (hit is not Hit.COLLECT or len(raw) > 1):
        builder.report(
            (*path, "aggregate"),
            "wrong-aggregate",
            "aggregate needs hit: collect and one output",
            "remove it, or split the table",
        )
    return outputs


def _can_hold(fact: Fact, aggregate: Aggregate) -> bool:
    if aggregate is Aggregate.COUNT:
        return fact.type is FactType.INTEGER
    return fact.type in _COUNTED or (aggregate is not Aggregate.SUM and fact.type is FactType.DATE)


def _item(fact: Fact, hit: Hit, aggregate: Aggregate | None) -> Fact:
    """What one row gives for an output: under ``collect`` an item of the list."""
    if hit is not Hit.COLLECT or aggregate is not None or fact.type is not FactType.LIST:
        return fact
    return Fact(id=fact.id, type=fact.of or FactType.TEXT, title=fact.title, values=fact.values)


def _value(builder: Builder, fact: Fact, value: Any, path: Path) -> object:
    try:
        return fact.check(value)
    except FactError as error:
        hint = suggestion(str(value), fact.values) if fact.values else f"{fact.id} is of type {fact.type}"
        builder.report(path, "bad-output", str(error), hint)
        return None


def _values(
    builder: Builder,
    data: Data,
    outputs: Mapping[str, tuple[object, ...] | None],
    kinds: Mapping[str, Fact],
    path: Path,
) -> dict[str, object]:
    """A value for every output."""
    given = {}
    for name, raw in data.items():
        here = (*path, name)
        if builder.known(name, outputs, "output", here) is None and name not in outputs:
            continue
        value = _value(builder, kinds[name], raw, here)
        allowed = outputs[name]
        if (
            allowed is not None
            and value is not None
            and not isinstance(value, tuple)
            and value not in allowed
        ):
            hint = suggestion(str(value), [str(one) for one in allowed])
            builder.report(here, "bad-output", f"{name}: {raw} is not among the outputs of the table", hint)
        given[name] = value
    for name in outputs:
        if name not in data:
            builder.report(path, "missing-output", f"no value for output {name!r}", f"add {name}: …, or null")
    return given


def _row(
    builder: Builder,
    data: Data,
    common: Mapping[str, Any],
    table: Data,
    inputs: Mapping[str, Fact],
    outputs: Mapping[str, tuple[object, ...] | None],
    kinds: Mapping[str, Fact],
    path: Path,
) -> Row | None:
    when = builder.conditions(data["when"], (*path, "when"), inputs)
    then = _values(builder, data["then"], outputs, kinds, (*path, "then"))
    own: tuple[Citation, ...] = builder.citations(data.get("because"), (*path, "because"))
    because = own or common["because"]
    span = {"from": data.get("from", common["since"]), "to": data.get("to", common["until"])}
    stands = {**data, "confidence": data.get("confidence", common["confidence"])}
    if not common["active"] and "active" not in data:
        stands |= {"active": False, "inactive_because": table["inactive_because"]}
    standing = builder.standing(stands, because, path)
    if when is None or not builder.ordered(span, path):
        return None
    return Row(
        id=data["id"],
        title=builder.label(data.get("title")),
        ref=data.get("ref"),
        when=when,
        then=then,
        because=because,
        since=span["from"],
        until=span["to"],
        successor=data.get("successor"),
        place=builder.place(path),
        **standing,
    )


def _check_lists(builder: Builder, inputs: Mapping[str, Fact], rows: list[Row], path: Path) -> None:
    for name, fact in inputs.items():
        if fact.type is FactType.LIST:
            named = {value for row in rows for value in constants(row.test(name))}
            if len(named) > MAX_LIST_VALUES:
                builder.report(
                    (*path, "inputs"),
                    "too-many-values",
                    f"conditions on the list {name} name {len(named)} values; {MAX_LIST_VALUES} are the most",
                    "split the table",
                )
