"""For tests of processes, rules, adapters, directories and stores of files.

:class:`AdapterContract`, :class:`IntakeContract`, :class:`DirectoryContract` and :class:`FilesContract` are tested by
subclassing them;
:class:`MemoryAdapter` remembers what it was given; scenarios tell cases as given, when and then, on a simulated clock
(see :mod:`jiefen.testing.scenarios` for the form of their files).
"""

from jiefen.clock import FixedClock
from jiefen.testing.adapters import BAD_DAYS, REFUSALS, AdapterContract, MemoryAdapter
from jiefen.testing.directories import DirectoryContract
from jiefen.testing.files import FilesContract
from jiefen.testing.intakes import IntakeContract
from jiefen.testing.scenarios import Scenario, ScenarioResult, load_scenarios, run_scenario, run_scenarios

__all__ = [
    "BAD_DAYS",
    "REFUSALS",
    "AdapterContract",
    "DirectoryContract",
    "FilesContract",
    "FixedClock",
    "IntakeContract",
    "MemoryAdapter",
    "Scenario",
    "ScenarioResult",
    "load_scenarios",
    "run_scenario",
    "run_scenarios",
]
