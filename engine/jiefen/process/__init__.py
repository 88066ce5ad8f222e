"""Everything that knows BPMN and SpiffWorkflow: read, check, run, save."""

from jiefen.process.lint.binding import UNCHECKED, Names
from jiefen.process.lint.check import check
from jiefen.process.model.elements import Element
from jiefen.process.model.environment import Act, Environment, Wait
from jiefen.process.model.source import MAX_MODEL_BYTES, Source
from jiefen.process.run.instance import Instance
from jiefen.process.run.load import Processes

__all__ = [
    "MAX_MODEL_BYTES",
    "UNCHECKED",
    "Act",
    "Element",
    "Environment",
    "Instance",
    "Names",
    "Processes",
    "Source",
    "Wait",
    "check",
]
