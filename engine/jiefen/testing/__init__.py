"""For tests of processes, rules, adapters, directories and stores of files.

:class:`AdapterContract`, :class:`DirectoryContract` and :class:`FilesContract` are tested by subclassing them;
:class:`MemoryAdapter` remembers what it was given; scenarios tell cases as given, when and then, on a simulated clock
(see :mod:`jiefen.testing.scenarios` for the form of their files).
"""

from jiefen.clock import FixedClock
from jiefen.testing.adapters import AdapterContract, MemoryAdapter
from jiefen.testing.directories import DirectoryContract
from jiefen.testing.files import FilesContract
from jiefen.testing.scenarios import Scenario, ScenarioResult, load_scenarios, run_scenario, run_scenarios

__all__ = [
    "AdapterContract",
    "DirectoryContract",
    "FilesContract",
    "FixedClock",
    "MemoryAdapter",
    "Scenario",
    "ScenarioResult",
    "load_scenarios",
    "run_scenario",
    "run_scenarios",
]
