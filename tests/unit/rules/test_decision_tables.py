"""Decision tables: hit policies, dates, what is missing, traces; and compiled tables against a plain reading."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.errors import FactError, NotFound, RuleError
from jiefen.record.kinds import Grade
from jiefen.rules import (
    MISSING,
    Aggregate,
    Confidence,
    Fact,
    FactType,
    Hit,
    Kind,
    Label,
    Place,
    Row,
    Table,
    load_rulebook,
    parse_test,
)

DAY = date(2026, 3, 1)
LABEL = Label("标题", "title")
WAYS = {name: Label(name, name) for name in ("court", "board", "talk")}
KIND = Fact(
    id="kind",
    type=FactType.CHOICE,
    title=LABEL,
    values={"labour": Label("劳动", "Labour"), "family": LABEL, "x": LABEL},
)
AMOUNT = Fact(id="amount", type=FactType.MONEY, title=LABEL, minimum=Decimal(0))
URGENT = Fact(id="urgent", type=FactType.BOOLEAN, title=Label("紧急", "Urgent"))
SEEN = Fact(id="seen", type=FactType.DATE, title=LABEL)
NAME = Fact(id="name", type=FactType.TEXT, title=LABEL, grade=Grade.PERSONAL)
SEATS = Fact(
    id="seats",
    type=FactType.LIST,
    of=FactType.CHOICE,
    title=LABEL,
    values=dict.fromkeys(("a", "b", "c"), LABEL),
)
PLACE = Place("way.yaml", 1, 1)


def table(*rows: tuple[dict[str, object], object], hit: Hit = Hit.UNIQUE, **more: Any) -> Table:
    """A table that sets `way`; each row is its conditions and its output, or a dict of more."""
    inputs = {fact.id: fact for fact in (KIND, AMOUNT, URGENT, SEEN, NAME, SEATS)}
    made = []
    for at, (when, then) in enumerate(rows):
        span = {key: when.pop(key) for key in ("since", "until") if key in when}
        made.append(
            Row(
                id=f"r{at}",
                when={name: parse_test(raw, inputs[name]) for name, raw in when.items()},
                then={"way": then},
                because=(),
                since=span.get("since", date(2020, 1, 1)),  # type: ignore[arg-type]
                until=span.get("until"),  # type: ignore[arg-type]
                confidence=Confidence.POLICY,
                place=Place("way.yaml", at + 10, 3),
            )
        )
    fields: dict[str, Any] = {"outputs": {"way": tuple(WAYS)}, "narrowed": {}, "inputs": inputs}
    return Table(
        id="way",
        kind=Kind.TABLE,
        layer="",
        title=Label("渠道", "Way"),
        because=(),
        since=date(2020, 1, 1),
        owner="o",
        confidence=Confidence.POLICY,
        place=PLACE,
        hit=hit,
        rows=tuple(made),
        **{**fields, **more},
    )


def test_unique_gives_the_one_row_that_matches() -> None:
    decision = table(({"kind": "labour"}, "board"), ({"kind": "not(labour)"}, "court")).decide(
        {"kind": "x"}, DAY
    )
    assert (decision.outputs, decision.rows, decision.trace) == ({"way": "court"}, ("r1",), None)


def test_unique_refuses_two_rows_and_names_both_with_their_lines() -> None:
    both = table(({"kind": "labour"}, "board"), ({"amount": "> 5"}, "court"))
    with pytest.raises(RuleError, match=r"(?s)'r0', 'r1' match at the same time \(lines 10, 11\).*exclude"):
        both.decide({"kind": "labour", "amount": Decimal(6)}, DAY)


def test_first_takes_the_upper_row() -> None:
    decision = table(({}, "talk"), ({}, "court"), hit=Hit.FIRST).decide({}, DAY)
    assert decision.rows == ("r0",)


def test_priority_takes_the_output_that_stands_first_and_then_the_upper_row() -> None:
    rows = table(({}, "talk"), ({"urgent": True}, "court"), ({}, "board"), ({}, "board"), hit=Hit.PRIORITY)
    assert rows.decide({}, DAY).rows == ("r2",)
    assert rows.decide({"urgent": True}, DAY).outputs == {"way": "court"}


def test_under_priority_null_comes_last() -> None:
    assert table(({}, None), ({}, "talk"), hit=Hit.PRIORITY).decide({}, DAY).outputs == {"way": "talk"}


def test_collect_gives_every_match_in_the_order_of_the_rows() -> None:
    rows = table(({}, "talk"), ({"urgent": True}, "court"), ({}, "board"), hit=Hit.COLLECT)
    assert rows.decide({}, DAY).outputs == {"way": ("talk", "board")}
    assert table(({"urgent": True}, "court"), hit=Hit.COLLECT).decide({}, DAY).outputs == {"way": ()}


@pytest.mark.parametrize(
    ("how", "all_of_them", "none"), [("sum", 9, None), ("min", 2, None), ("max", 4, None), ("count", 3, 0)]
)
def test_collect_aggregates_as_dmn_does(how: str, all_of_them: int, none: int | None) -> None:
    rows = table(
        ({"urgent": True}, 3),
        ({"urgent": True}, 2),
        ({"urgent": True}, 4),
        hit=Hit.COLLECT,
        aggregate=Aggregate(how),
    )
    assert rows.decide({"urgent": True}, DAY).outputs == {"way": all_of_them}
    assert rows.decide({"urgent": False}, DAY).outputs == {"way": none}


def test_without_a_match_the_default_comes_out_or_null() -> None:
    assert table(({"kind": "labour"}, "board")).decide({}, DAY).outputs == {"way": None}
    with_default = table(({"kind": "labour"}, "board"), default={"way": "talk"}).decide({}, DAY)
    assert (with_default.outputs, with_default.rows) == ({"way": "talk"}, ())


@pytest.mark.parametrize("facts", [{}, {"kind": None}])
def test_a_required_fact_must_be_known(facts: dict[str, object]) -> None:
    with pytest.raises(FactError, match=r"needs fact 'kind'.*not known; set it"):
        table(({}, "talk"), requires=("kind",)).decide(facts, DAY)


def test_rows_come_and_go_with_their_dates() -> None:
    dated = table(
        ({"until": date(2026, 2, 28)}, "talk"), ({"since": date(2026, 3, 1)}, "court"), hit=Hit.FIRST
    )
    assert [
        dated.decide({}, DAY - timedelta(days=1)).outputs["way"],
        dated.decide({}, DAY).outputs["way"],
    ] == [
        "talk",
        "court",
    ]
    assert dated.decide({}, DAY).version == DAY
    assert [one.since for one in dated.slices] == [date(2020, 1, 1), DAY]


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2027, 1, 1)])
def test_a_table_that_is_not_in_force_says_when_it_is(day: date) -> None:
    with pytest.raises(NotFound, match="from 2020-01-01 to 2026-12-31"):
        table(({}, "talk"), until=date(2026, 12, 31)).decide({}, day)


def test_a_trace_names_every_row_with_the_value_read_and_why_it_failed() -> None:
    rows = table(
        ({"kind": "labour", "urgent": True}, "board"),
        ({"amount": "> 50"}, "court"),
        ({}, "talk"),
        hit=Hit.FIRST,
    )
    trace = rows.decide({"kind": "family", "amount": Decimal(60)}, DAY, trace=True).trace
    assert trace is not None
    assert [(line.row.id, line.outcome) for line in trace.rows] == [
        ("r0", "failed"),
        ("r1", "won"),
        ("r2", "matched"),
    ]
    assert [(one.fact.id, one.value, one.held) for one in trace.rows[0].conditions] == [
        ("kind", "family", False),
        ("urgent", MISSING, False),
    ]
    zh, en = trace.text("zh"), trace.text("en")
    assert "紧急为未填，要求 true" in zh
    assert "Urgent is missing, but must be true" in en
    assert "must be labour (Labour)" in en
    assert "way.yaml:1" in zh


def test_a_trace_fits_into_json_and_hides_personal_data() -> None:
    trace = table(({"name": "张三"}, "talk")).decide({"name": "李四"}, DAY, trace=True).trace
    assert trace is not None
    assert "李四" not in json.dumps(trace.as_dict(), ensure_ascii=False) + trace.text("zh") + trace.text("en")


# --- compiled against read row by row ---------------------------------------------------------------------------

_amounts = st.integers(0, 5)
_raw: dict[str, st.SearchStrategy[object]] = {
    "kind": st.sampled_from(["labour", ["labour", "x"], "not(labour)", "missing", None, [None, "x"], "-"]),
    "amount": st.one_of(
        _amounts,
        st.sampled_from(["missing", "null", "not(3)", "not(< 2)", ["< 2", "missing"]]),
        st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">="]), _amounts),
        st.builds(lambda low, more: f"[{low}..{low + more}]", _amounts, st.integers(0, 3)),
    ),
    "urgent": st.sampled_from([True, False, [False, "missing"], "not(true)", None]),
    "seen": st.sampled_from([DAY, "> 2026-03-01", "not(2026-03-01)", "< 2026-01-01"]),
    "name": st.sampled_from(["甲", "not(甲)", ["甲", "乙"], "missing"]),
    "seats": st.sampled_from(["a", "not(a)", ["a", "b"], "not(a, c)", "missing", None]),
}
_rows = st.lists(
    st.tuples(st.fixed_dictionaries({}, optional=_raw), st.sampled_from(list(WAYS))), min_size=1, max_size=6
)
_facts = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["labour", "family", "x", None]),
        "amount": st.none() | st.decimals(0, 6, places=1),
        "urgent": st.none() | st.booleans(),
        "seen": st.none() | st.dates(date(2025, 12, 1), date(2026, 4, 1)),
        "name": st.sampled_from([None, "甲", "乙", "丙"]),
        "seats": st.none() | st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
    },
)


def plainly(rows: Table, facts: dict[str, object]) -> list[Row]:
    """The rows that match, read one by one."""
    return [
        row
        for row in rows.rows
        if all(test.holds(facts.get(name, MISSING)) for name, test in row.when.items())
    ]


@given(_rows, _facts)
def test_a_compiled_table_decides_as_its_rows_read_one_by_one(rows: Any, facts: dict[str, object]) -> None:
    matching = plainly(table(*rows, hit=Hit.COLLECT), facts)
    assert table(*rows, hit=Hit.COLLECT).decide(facts, DAY).rows == tuple(row.id for row in matching)
    first = table(*rows, hit=Hit.FIRST).decide(facts, DAY, trace=True)
    assert first.rows == tuple(row.id for row in matching[:1])
    best = min(matching, key=lambda row: list(WAYS).index(str(row.then["way"])), default=None)
    assert table(*rows, hit=Hit.PRIORITY).decide(facts, DAY).rows == ((best.id,) if best else ())
    assert first.trace is not None
    for line in first.trace.rows:
        assert (line.outcome == "failed") == (line.row.id not in {row.id for row in matching})
        assert bool(line.failed) == (line.outcome == "failed")


def test_a_table_from_a_file_decides(book: Any) -> None:
    decision = load_rulebook(book.root).view().table("way").decide({"kind": "labour"}, DAY, trace=True)
    assert (decision.outputs, decision.rows, decision.version) == (
        {"way": "board"},
        ("work",),
        date(2020, 1, 1),
    )
    assert decision.trace is not None
    assert "《小法》(2020)第三条" in decision.trace.text("zh")


def test_an_unknown_table_is_not_found_but_its_neighbour_is_named(book: Any) -> None:
    with pytest.raises(NotFound, match="did you mean 'way'"):
        load_rulebook(book.root).view("140429").table("ways")


def _write_table(book: Any, fields: str, rows: str) -> None:
    book.write(
        "nation/more.yaml",
        f"tables:\n  more:\n    title: {{zh: 甲, en: A}}\n    from: 2020-01-01\n"
        f"    owner: o\n    confidence: policy\n    because: {{policy: {{zh: 甲, en: A}}}}\n{fields}    rows:\n{rows}",
    )


@pytest.mark.parametrize(
    ("fields", "rows", "code"),
    [
        (
            "    hit: unique\n    inputs: [kind]\n    outputs: [way]\n",
            "      - {id: a, when: {}, then: {way: court}}\n",
            "not-set-by",
        ),
        (
            "    hit: collect\n    inputs: [kind]\n    outputs: [score]\n",
            "      - {id: a, when: {}, then: {score: 1}}\n",
            "not-a-list",
        ),
        (
            "    hit: first\n    aggregate: sum\n    inputs: [kind]\n    outputs: [score]\n",
            "      - {id: a, when: {}, then: {score: 1}}\n",
            "wrong-aggregate",
        ),
        (
            "    hit: collect\n    aggregate: sum\n    inputs: [kind]\n    outputs: [ways]\n",
            "      - {id: a, when: {}, then: {ways: [court]}}\n",
            "wrong-aggregate",
        ),
        (
            "    hit: priority\n    inputs: [kind]\n    outputs: [score]\n",
            "      - {id: a, when: {}, then: {score: 1}}\n",
            "no-priority",
        ),
        (
            "    hit: unique\n    inputs: [kind]\n    outputs: [score]\n",
            "      - {id: a, when: {}, then: {score: many}}\n",
            "bad-output",
        ),
        (
            "    hit: unique\n    inputs: [kind]\n    outputs: {score: [1, 2]}\n",
            "      - {id: a, when: {}, then: {score: 3}}\n",
            "bad-output",
        ),
        (
            "    hit: unique\n    inputs: [kind]\n    outputs: [score, ways]\n",
            "      - {id: a, when: {}, then: {score: 1}}\n",
            "missing-output",
        ),
        (
            "    hit: unique\n    inputs: [kind]\n    outputs: [score]\n",
            "      - {id: a, when: {amount: 5}, then: {score: 1}}\n",
            "unknown-fact",
        ),
        (
            "    hit: unique\n    inputs: [kin]\n    outputs: [score]\n",
            "      - {id: a, when: {}, then: {score: 1}}\n",
            "unknown-fact",
        ),
        (
            "    hit: unique\n    inputs: [kind]\n    requires: [amount]\n    outputs: [score]\n",
            "      - {id: a, when: {}, then: {score: 1}}\n",
            "unknown-input",
        ),
        (
            "    hit: unique\n    inputs: [kind]\n    outputs: [score]\n",
            "      - {id: a, when: {kind: labor}, then: {score: 1}}\n",
            "bad-condition",
        ),
        (
            "    hit: unique\n    inputs: [kind]\n    outputs: [score]\n",
            "      - {id: a, when: {kind: labour}, then: {score: 1}}\n"
            "      - {id: a, when: {kind: family}, then: {score: 1}}\n",
            "duplicate-id",
        ),
        (
            "    hit: best\n    inputs: [kind]\n    outputs: [score]\n",
            "      - {id: a, when: {}, then: {score: 1}}\n",
            "unknown-word",
        ),
    ],
)
def test_a_table_that_cannot_work_is_refused(
    book: Any, codes: Callable[[], list[str]], fields: str, rows: str, code: str
) -> None:
    _write_table(book, fields, rows)
    assert code in codes()
