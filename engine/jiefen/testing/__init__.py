"""For tests of processes, rules, adapters and directories.

:class:`AdapterContract` and :class:`DirectoryContract` are tested by subclassing them; :class:`MemoryAdapter` remembers
what it was given; scenarios tell cases as given, when and then, on a simulated clock (see
:mod:`jiefen.testing.scenarios` for the form of their files).
"""

from jiefen.clock import FixedClock
from jiefen.testing.adapters import AdapterContract, MemoryAdapter
from jiefen.testing.directories import DirectoryContract
from jiefen.testing.scenarios import Scenario, ScenarioResult, load_scenarios, run_scenario, run_scenarios

__all__ = [
    "AdapterContract",
    "DirectoryContract",
    "FixedClock",
    "MemoryAdapter",
    "Scenario",
    "ScenarioResult",
    "load_scenarios",
    "run_scenario",
    "run_scenarios",
]
