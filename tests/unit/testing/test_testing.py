"""The scenario runner says what went wrong, where, and never hides it; the memory adapter keeps its contract."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jiefen import Answer, Delivery, RuleError
from jiefen.testing import AdapterContract, MemoryAdapter, load_scenarios, run_scenario, run_scenarios

SMALL = Path(__file__).parents[2] / "small"
EDITION = {"processes": SMALL / "processes", "rules": SMALL / "rules"}


@pytest.mark.parametrize(
    "scenario", load_scenarios(SMALL / "scenarios"), ids=lambda scenario: scenario.name.replace(" ", "-")
)
def test_the_scenarios_of_the_small_edition_pass(scenario: object) -> None:
    result = run_scenario(scenario, **EDITION)  # type: ignore[arg-type]
    assert result.passed, result.problems


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("[{complete: here}]", r"no open task 'here'; open are hear"),
        ("[{complete: hear, by: head}]", r"clerk or a deputy; scenario holds head"),
        ("[{complete: hear, answer: {outcome: maybe}}]", "outcome"),
        ("[{message: matter.urgent}]", "not waited for"),
        ("[{answer: court}]", "nothing waits for an answer on 'court'"),
        ("[{wait: 3 mo}]", "waits for days"),
        ("[{expect: {tasks: []}}]", r"tasks is \['hear'\], expected \[\]"),
        ("[{expect: {status: ended}}]", "status is 'open'"),
        ("[{expect: {milestones: [answered]}}]", r"milestones is \['accepted'\]"),
        ("[{expect: {deadlines: {claim.handle: 2026-01-01, claim.no: met}}}]", "claim.no.*None"),
        ("[{expect: {decisions: {route: large}}}]", "route.*None"),
        ("[{expect: {no_fact: 1}}]", "no_fact"),
        ("[{expect: {amount: 2}}]", "amount is"),
    ],
)
def test_what_is_not_as_told_is_a_problem_with_its_step(tmp_path: Path, steps: str, said: str) -> None:
    file = tmp_path / "s.yaml"
    given = "given: {amount: 1, received_on: 2026-03-02}"
    file.write_text(
        f"scenarios:\n  - {{name: x, process: claim, start: 2026-03-02, {given}, steps: {steps}}}\n"
    )
    [result] = run_scenarios(file, **EDITION)
    assert not result.passed
    assert result.problems[0].startswith("step 1 (")
    assert re.search(said, result.problems[0]), result.problems[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1", "no scenario file"),
        ("scenarios: [1]", "is a mapping"),
        ("scenarios: [{name: x, process: p, start: soon}]", "start is missing"),
        ("scenarios: [{name: x, process: p, start: 2026-01-01, give: {}}]", "'give' is unknown"),
        (
            "scenarios: [{name: x, process: p, start: 2026-01-01, steps: [{wait: 1 d, complete: y}]}]",
            "not understood",
        ),
        (
            "scenarios: [{name: x, process: p, start: 2026-01-01, steps: [{wait: 1 d, by: y}]}]",
            "not understood",
        ),
    ],
)
def test_a_file_that_is_no_scenario_file_is_refused_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    with pytest.raises(RuleError, match=said) as error:
        load_scenarios(file)
    assert error.value.findings[0].line == 1


class TestMemoryAdapter(AdapterContract):
    """A memory that forgets nothing: what arrived is told apart by key."""

    cancels = True

    @pytest.fixture(autouse=True)
    def _memory(self) -> None:
        self.memory = MemoryAdapter(Answer({"outcome": "agreed"}))

    def adapter(self) -> MemoryAdapter:
        return self.memory

    def arrived(self) -> int:
        return len({delivery.key for delivery in self.memory.sent})


def test_a_memory_adapter_answers_as_told_and_then_nothing() -> None:
    delivery: Delivery = AdapterContract().delivery()
    adapter = MemoryAdapter(Answer(error="refused"), OSError("down"))
    assert adapter.send(delivery) == Answer(error="refused")
    with pytest.raises(OSError, match="down"):
        adapter.send(delivery)
    assert adapter.send(delivery) is None
