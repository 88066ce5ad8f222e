"""Decision tables against zen-engine: the same table, the same cases, the same run, the results compared.

    pip install zen-engine && python bench/decisions.py

Prints a small table and exits 1 when a figure is missed: at 100 rows at least 10 times as fast as zen-engine without
a trace and 4 times with one; 1,000 rows at most 3 times as slow as 10. The trace that is recorded says more than that
of zen-engine (every row with the value read and why it did not apply, not only the row that won); spelling all of it
out for a reader is timed too, without a figure to hold.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from jiefen.rules import Table, load_rulebook

try:
    import zen
except ImportError:
    sys.exit("this benchmark compares with zen-engine: pip install zen-engine")

DAY = date(2026, 3, 1)
KINDS = [f"kind_{at}" for at in range(23)]
CASES = 400
Case = dict[str, Any]

FACTS = f"""
facts:
  kind: {{type: choice, title: {{zh: 类型, en: Kind}}, set_by: [intake],
    values: {{{", ".join(f"{kind}: {{zh: 甲, en: A}}" for kind in KINDS)}}}}}
  amount: {{type: money, title: {{zh: 金额, en: Amount}}, set_by: [intake], minimum: 0}}
  persons: {{type: integer, title: {{zh: 人数, en: Persons}}, set_by: [intake]}}
  urgent: {{type: boolean, title: {{zh: 紧急, en: Urgent}}, set_by: [intake]}}
  score: {{type: integer, title: {{zh: 结果, en: Result}}, set_by: ['table:bench']}}
"""


def made_rows(count: int, chance: random.Random) -> list[dict[str, str]]:
    """Conditions as both engines write them; an empty one does not matter."""
    rows = []
    for at in range(count):
        low = chance.randrange(0, 90_000, 500)
        rows.append(
            {
                "kind": KINDS[at % len(KINDS)],
                "amount": chance.choice([f"[{low}..{low + 20_000})", f"> {low}", f"<= {low}", ""]),
                "persons": chance.choice(["> 5", "<= 5", "[2..30]", ""]),
                "urgent": chance.choice(["true", "false", ""]),
            }
        )
    return rows


def made_cases(chance: random.Random) -> list[Case]:
    """Cases whose facts are all known."""
    return [
        {
            "kind": chance.choice(KINDS),
            "amount": chance.randrange(0, 120_000, 250),
            "persons": chance.randrange(1, 40),
            "urgent": chance.random() < 0.5,
        }
        for _ in range(CASES)
    ]


def our_table(rows: list[dict[str, str]], folder: Path) -> Table:
    """The rows as a table of a rulebook."""
    lines = []
    for at, row in enumerate(rows):
        when = ", ".join(f"{name}: {json.dumps(test)}" for name, test in row.items() if test)
        lines.append(f"      - {{id: r{at}, when: {{{when}}}, then: {{score: {at}}}}}\n")
    (folder / "nation").mkdir(parents=True)
    (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
    (folder / "nation" / "bench.yaml").write_text(
        "tables:\n  bench:\n    title: {zh: 甲, en: A}\n    hit: first\n    inputs: [kind, amount, persons, urgent]\n"
        "    outputs: [score]\n    from: 2020-01-01\n    owner: bench\n    confidence: policy\n"
        "    because: {policy: {zh: 甲, en: A}}\n    rows:\n" + "".join(lines),
        encoding="utf-8",
    )
    return load_rulebook(folder).view().table("bench")


def zen_decision(rows: list[dict[str, str]]) -> Any:
    """The rows as a decision of zen-engine, compiled."""
    inputs = [{"id": name, "name": name, "field": name} for name in ("kind", "amount", "persons", "urgent")]
    table = {
        "hitPolicy": "first",
        "inputs": inputs,
        "outputs": [{"id": "score", "name": "score", "field": "score"}],
        "rules": [
            {"_id": f"r{at}", **row, "kind": f'"{row["kind"]}"', "score": str(at)}
            for at, row in enumerate(rows)
        ],
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": table},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "table"},
        {"id": "2", "type": "edge", "sourceId": "table", "targetId": "out"},
    ]
    for node in nodes:
        node["position"] = {"x": 0, "y": 0}
    return zen.ZenEngine().create_decision(
        zen.ZenDecisionContent(json.dumps({"nodes": nodes, "edges": edges}))
    )


def microseconds(work: Callable[[Case], object], cases: list[Case], repeats: int = 7) -> float:
    """The best of a few passes over all cases, per case."""
    best = float("inf")
    for _ in range(repeats):
        start = perf_counter()
        for case in cases:
            work(case)
        best = min(best, perf_counter() - start)
    return best / len(cases) * 1e6


def compare(table: Table, decision: Any, cases: list[Case]) -> int:
    """How many cases some row answers; stops when the engines disagree."""
    matched = 0
    for case in cases:
        ours = table.decide(case, DAY).outputs["score"]
        theirs = decision.evaluate(case)["result"]
        theirs = theirs.get("score") if isinstance(theirs, dict) else None
        if ours != theirs:
            sys.exit(f"the results differ: jiefen says {ours}, zen-engine {theirs}, for {case}")
        matched += ours is not None
    return matched


def main() -> int:
    """Run, print, and say whether every figure is held."""
    chance = random.Random(20260301)
    cases = made_cases(chance)
    plain: dict[int, float] = {}
    figures: list[tuple[str, float, str, bool]] = []
    print(
        f"{'rows':>6} {'jiefen':>10} {'+ trace':>10} {'spelled out':>12} {'zen-engine':>11} {'+ trace':>9}"
        "   µs per decision"
    )
    for count in (10, 100, 1_000):
        rows = made_rows(count, chance)
        with tempfile.TemporaryDirectory() as folder:
            table = our_table(rows, Path(folder))
        decision = zen_decision(rows)
        matched = compare(table, decision, cases)

        def decide(case: Case, table: Table = table) -> object:
            return table.decide(case, DAY)

        def traced(case: Case, table: Table = table) -> object:
            return table.decide(case, DAY, trace=True)

        def spelled(case: Case, table: Table = table) -> object:
            trace = table.decide(case, DAY, trace=True).trace
            return trace and trace.rows

        def their_trace(case: Case, decision: Any = decision) -> object:
            return decision.evaluate(case, {"trace": True})

        ours, with_trace = microseconds(decide, cases), microseconds(traced, cases)
        theirs, their_traced = microseconds(decision.evaluate, cases), microseconds(their_trace, cases)
        out = microseconds(spelled, cases[:50], repeats=2)
        plain[count] = ours
        print(
            f"{count:>6} {ours:>10.2f} {with_trace:>10.2f} {out:>12.1f} {theirs:>11.1f} {their_traced:>9.1f}"
            f"   {matched} of {CASES} cases matched, all equal"
        )
        if count == 100:
            figures.append(
                ("100 rows, without trace, against zen-engine", theirs / ours, "≥ 10", theirs >= 10 * ours)
            )
            ratio = their_traced / with_trace
            figures.append(("100 rows, with trace, against zen-engine", ratio, "≥ 4", ratio >= 4))
    growth = plain[1_000] / plain[10]
    figures.append(("1,000 rows against 10 rows", growth, "≤ 3", growth <= 3))
    print()
    for name, value, wanted, held in figures:
        print(f"{name:<46} {value:>6.1f} ×   {wanted:>5}   {'held' if held else 'MISSED'}")
    return 0 if all(held for *_, held in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
