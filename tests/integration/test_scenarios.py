"""The scenarios of the bundled models and rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiefen.testing import Scenario, load_scenarios, run_scenario

SCENARIOS = load_scenarios(Path(__file__).parents[1] / "scenarios")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name.replace(" ", "-"))
def test_it_goes_as_told(scenario: Scenario) -> None:
    assert run_scenario(scenario).problems == ()
