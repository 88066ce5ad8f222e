"""Gaps, overlaps, shadowed rows and unreachable outputs, against trying every case one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.findings import Finding, Severity
from jiefen.rules import (
    Confidence,
    Fact,
    FactType,
    Hit,
    Kind,
    Label,
    Place,
    Row,
    Table,
    check_rulebook,
    parse_test,
)
from jiefen.rules.analysis.gaps import analyse
from jiefen.rules.build.space import Budget

DAY = date(2026, 3, 1)
LABEL = Label("标题", "title")
KIND = Fact(
    id="kind",
    type=FactType.CHOICE,
    title=Label("类型", "Kind"),
    values={"labour": Label("劳动", "Labour"), "family": Label("家庭", "Family"), "lending": LABEL},
)
PERSONS = Fact(id="persons", type=FactType.INTEGER, title=LABEL, minimum=0, maximum=6)
URGENT = Fact(id="urgent", type=FactType.BOOLEAN, title=LABEL)
SEATS = Fact(
    id="seats", type=FactType.LIST, of=FactType.CHOICE, title=LABEL, values=dict.fromkeys("ab", LABEL)
)
INPUTS = {fact.id: fact for fact in (KIND, PERSONS, URGENT, SEATS)}
DOMAIN: dict[str, tuple[object, ...]] = {
    "kind": tuple(KIND.values),
    "persons": tuple(range(7)),
    "urgent": (True, False),
    "seats": ((), ("a",), ("b",), ("a", "b")),
}
WAYS = ("court", "board", "talk")


def table(rows: list[tuple[dict[str, object], str]], hit: Hit, **more: Any) -> Table:
    """A table whose inputs must all be known."""
    made = []
    for at, (when, then) in enumerate(rows):
        tests = {name: parse_test(raw, INPUTS[name]) for name, raw in when.items() if name in INPUTS}
        made.append(
            Row(
                id=f"r{at}",
                when=tests,
                then={"way": then},
                because=(),
                since=more.pop(f"since{at}", date(2020, 1, 1)),
                until=more.pop(f"until{at}", None),
                confidence=Confidence.POLICY,
                place=Place("way.yaml", at + 10, 3),
            )
        )
    fields: dict[str, Any] = {"requires": tuple(INPUTS), "narrowed": {}, "inputs": INPUTS}
    return Table(
        id="way",
        kind=Kind.TABLE,
        layer="",
        title=LABEL,
        because=(),
        since=date(2020, 1, 1),
        owner="o",
        confidence=Confidence.POLICY,
        place=Place("way.yaml", 1, 1),
        hit=hit,
        outputs={"way": WAYS},
        rows=tuple(made),
        **{**fields, **more},
    )


def found(analysed: Table, code: str) -> list[Finding]:
    return [finding for finding in analyse(analysed) if finding.code == code]


# --- by example -----------------------------------------------------------------------------------------------------


def test_a_gap_is_told_by_a_case_and_by_the_row_that_is_missing() -> None:
    rows = table(
        [({"kind": "labour"}, "board"), ({"kind": ["family", "lending"], "persons": "<= 4"}, "talk")],
        Hit.UNIQUE,
    )
    (gap,) = found(rows, "gap")
    assert "类型 kind = family 家庭" in gap.message
    assert "persons = 5" in gap.message
    assert "- {id: …, when: {kind: [family, lending], persons: '> 4'}, then: {way: …}}" in gap.hint
    assert (gap.file, gap.line, gap.severity) == ("way.yaml", 1, Severity.ERROR)


def test_the_suggested_row_closes_the_gap() -> None:
    rows: list[tuple[dict[str, object], str]] = [({"persons": "[1..3)"}, "talk"), ({"urgent": True}, "court")]
    (gap,) = found(table(rows, Hit.FIRST), "gap")
    assert "{persons: ['< 1', '>= 3'], urgent: false}" in gap.hint
    closed = table([*rows, ({"persons": ["< 1", ">= 3"], "urgent": False}, "board")], Hit.FIRST)
    assert found(closed, "gap") == []


def test_a_default_leaves_no_gap() -> None:
    assert found(table([({"kind": "labour"}, "board")], Hit.UNIQUE, default={"way": "talk"}), "gap") == []


def test_a_fact_that_may_be_missing_is_a_gap_of_its_own() -> None:
    rows = table([({"urgent": True}, "court"), ({"urgent": False}, "talk")], Hit.UNIQUE, requires=())
    (gap,) = found(rows, "gap-missing")
    assert gap.severity is Severity.WARNING
    assert "when urgent is not known" in gap.message
    assert found(rows, "gap") == []
    assert (
        found(
            table(
                [({"urgent": True}, "court"), ({"urgent": [False, "missing"]}, "talk")],
                Hit.UNIQUE,
                requires=(),
            ),
            "gap-missing",
        )
        == []
    )


def test_an_overlap_names_both_rows_and_a_case() -> None:
    rows = table(
        [
            ({"kind": "labour"}, "board"),
            ({"persons": "> 4"}, "court"),
            ({"kind": "not(labour)", "persons": "<= 4"}, "talk"),
        ],
        Hit.UNIQUE,
    )
    (overlap,) = found(rows, "overlap")
    assert "rows 'r0' (line 10) and 'r1' both match" in overlap.message
    assert "kind = labour" in overlap.message
    assert "persons = 5" in overlap.message
    assert overlap.line == 11


def test_a_shadowed_row_names_what_shadows_it() -> None:
    rows = table(
        [({"kind": "labour"}, "board"), ({"kind": "not(labour)"}, "talk"), ({"urgent": True}, "court")],
        Hit.FIRST,
    )
    (shadowed,) = found(rows, "shadowed-row")
    assert "'r2' never decides" in shadowed.message
    assert "'r0' (line 10), 'r1' (line 11) together" in shadowed.message
    by_one = table(
        [({"urgent": True}, "board"), ({"urgent": True, "kind": "family"}, "talk"), ({}, "talk")], Hit.FIRST
    )
    assert "goes to 'r0' (line 10) first" in found(by_one, "shadowed-row")[0].message


def test_under_priority_a_lower_output_is_shadowed_wherever_it_stands() -> None:
    rows = table([({"urgent": True}, "talk"), ({}, "court")], Hit.PRIORITY)
    assert [finding.element for finding in found(rows, "shadowed-row")] == ["way/r0"]


def test_a_row_outside_the_domain_can_never_match() -> None:
    (impossible,) = found(table([({"persons": "> 6"}, "court"), ({}, "talk")], Hit.FIRST), "impossible-row")
    assert "no value of persons meets > 6" in impossible.message


def test_a_promised_output_must_be_reached() -> None:
    promise = {"way": ("court", "talk")}
    rows = table([({}, "talk"), ({"urgent": True}, "court")], Hit.FIRST, narrowed=promise)
    assert [finding.code for finding in analyse(rows)] == ["unreachable-output", "shadowed-row"]
    fine = table([({"urgent": True}, "court")], Hit.FIRST, narrowed=promise, default={"way": "talk"})
    assert analyse(fine) == []
    never = table(
        [({"urgent": True}, "court"), ({}, "court")], Hit.FIRST, narrowed=promise, default={"way": "talk"}
    )
    assert "way: talk" in found(never, "unreachable-output")[0].message


def test_each_span_of_dates_is_looked_at_and_a_flaw_is_told_once() -> None:
    ends = table(
        [({"urgent": True}, "court"), ({"urgent": False}, "talk")], Hit.UNIQUE, until1=date(2025, 12, 31)
    )
    (gap,) = found(ends, "gap")
    assert "from 2026-01-01" in gap.message
    both = table(
        [({"urgent": True}, "court"), ({"urgent": True, "kind": "family"}, "talk")],
        Hit.FIRST,
        since0=date(2021, 1, 1),
    )
    assert "from 2021-01-01" in found(both, "shadowed-row")[0].message
    assert len(found(both, "gap")) == 2


# --- against every case -----------------------------------------------------------------------------------------------

_raw: dict[str, st.SearchStrategy[object]] = {
    "kind": st.sampled_from(["labour", ["labour", "family"], "not(labour)", "lending"]),
    "persons": st.one_of(
        st.integers(0, 6),
        st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 6)),
        st.builds(lambda low, more: f"[{low}..{low + more}]", st.integers(0, 5), st.integers(0, 4)),
        st.sampled_from(["not(3)", "not([2..4])", ["< 2", "> 4"]]),
    ),
    "urgent": st.booleans(),
    "seats": st.sampled_from(["a", "not(a)", ["a", "b"], "not(a, b)"]),
}
_tables = st.lists(
    st.tuples(st.fixed_dictionaries({}, optional=_raw), st.sampled_from(WAYS)), min_size=1, max_size=6
)


def cases() -> Iterator[dict[str, object]]:
    for values in product(*DOMAIN.values()):
        yield dict(zip(DOMAIN, values, strict=True))


def winners(rows: Table) -> tuple[set[str], set[tuple[str, str]], bool]:
    """By trying every case: the rows that ever win, the pairs that ever match together, and whether a case has none."""
    won, together, gap = set(), set(), False
    for facts in cases():
        matching = [
            row.id
            for row in rows.ranked(
                [r for r in rows.rows if all(r.test(n).holds(v) for n, v in facts.items())]
            )
        ]
        gap = gap or not matching
        won.update(matching[:1])
        together.update(product(matching, matching))
    return won, {(one, other) for one, other in together if one < other}, gap


@given(_tables, st.sampled_from([Hit.FIRST, Hit.PRIORITY]))
def test_shadowed_rows_and_gaps_are_exactly_those_of_trying_every_case(rows: Any, hit: Hit) -> None:
    analysed = table(rows, hit)
    won, _, gap = winners(analysed)
    dead = {
        str(one.element).removeprefix("way/")
        for one in analyse(analysed)
        if one.code in ("shadowed-row", "impossible-row")
    }
    assert dead == {row.id for row in analysed.rows} - won
    assert bool(found(analysed, "gap")) == gap


@given(_tables)
def test_overlaps_are_exactly_those_of_trying_every_case(rows: Any) -> None:
    analysed = table(rows, Hit.UNIQUE)
    _, together, _ = winners(analysed)
    told = [one for one in found(analysed, "overlap") if "more pairs" not in one.message]
    names = {tuple(str(one.element).removeprefix("way/").split("+")) for one in told}
    assert names <= together
    assert len(names) == min(5, len(together))


@given(_tables)
def test_closing_every_gap_that_is_told_leaves_none(rows: Any) -> None:
    """Rows made from the suggestions, again and again, end with a complete table; each closes something."""
    from jiefen.notation.yaml import load_text

    rows = list(rows)
    for _ in range(40):
        gaps = found(table(rows, Hit.FIRST), "gap")
        if not gaps:
            return
        if any("…" in gap.hint[gap.hint.index("when: ") : gap.hint.index(", then:")] for gap in gaps):
            return  # a set of lists that no single condition says
        for gap in gaps:
            text = gap.hint[gap.hint.index("when: ") + 6 : gap.hint.index(", then:")]
            when = load_text(text, "hint").data
            uncovered = [
                facts
                for facts in cases()
                if all(parse_test(raw, INPUTS[n]).holds(facts[n]) for n, raw in when.items())
            ]
            assert uncovered
            assert not any(
                all(row.test(n).holds(v) for n, v in facts.items())
                for row in table(rows, Hit.FIRST).rows
                for facts in uncovered
            )
        rows.append((when, "talk"))
    pytest.fail("gaps were told for ever")


# --- large tables -------------------------------------------------------------------------------------------


def _large(rows: int, hit: Hit) -> Table:
    wide = Fact(id="persons", type=FactType.INTEGER, title=LABEL, minimum=0, maximum=10 * rows)
    many = Fact(id="kind", type=FactType.CHOICE, title=LABEL, values={f"k{at}": LABEL for at in range(25)})
    inputs = {"kind": many, "persons": wide, "urgent": URGENT}
    made = tuple(
        Row(
            id=f"r{at}",
            when={
                "kind": parse_test(f"k{at % 25}", many),
                "persons": parse_test(f"[{at}..{at + rows // 2}]", wide),
                **({"urgent": parse_test(at % 3 == 0, URGENT)} if at % 2 else {}),
            },
            then={"way": WAYS[at % 3]},
            because=(),
            since=date(2020, 1, 1),
            confidence=Confidence.POLICY,
            place=Place("way.yaml", at, 1),
        )
        for at in range(rows)
    )
    return table([], hit, inputs=inputs, requires=("kind",)).__class__(
        **{**vars(table([], hit, inputs=inputs, requires=("kind",))), "rows": made}
    )


class Counting(Budget):
    """A budget that knows how often it was asked, and how often in spite of being used up."""

    asked = refused = 0

    def spend(self, cells: int) -> None:
        Counting.asked += 1
        Counting.refused += self.left < cells
        super().spend(cells)


@pytest.mark.parametrize("hit", [Hit.UNIQUE, Hit.FIRST, Hit.PRIORITY])
@pytest.mark.parametrize("rows", [1_000, 10_000])
def test_large_tables_are_analysed_in_bounded_time_or_say_that_they_were_not(
    rows: int, hit: Hit, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The smaller table is to be done within the real budget; the larger would use up any.
    cells = 30_000_000 if rows == 1_000 else 1_000_000
    monkeypatch.setattr("jiefen.rules.analysis.gaps.Budget", lambda: Counting(cells))
    Counting.asked = Counting.refused = 0
    findings = analyse(_large(rows, hit))
    assert Counting.asked < 100 * rows
    assert Counting.refused <= 1
    codes = {finding.code for finding in findings}
    assert codes & {"gap", "overlap"} if rows == 1_000 else codes
    assert rows > 1_000 or "analysis-incomplete" not in codes


def test_the_check_of_a_rulebook_carries_file_line_and_column(book: Any) -> None:
    text = (book.root / "nation/way.yaml").read_text()
    book.write("nation/way.yaml", text.replace("{kind: family}", "{kind: labour}"))
    gap, overlap = check_rulebook(book.root)
    assert (gap.code, gap.line, gap.column) == ("gap", 2, 3)
    assert (overlap.code, overlap.line, overlap.column) == ("overlap", 14, 9)
    assert str(overlap.file).endswith("nation/way.yaml")
