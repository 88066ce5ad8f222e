"""What the tests of the checks share: the names a model may use, and processes of one element."""

from __future__ import annotations

from jiefen.findings import Finding, errors_in
from jiefen.process import Names, Source, check
from tests.unit.process.drawing import flows, text

NAMES = Names(
    facts={"amount", "agreed", "persons", "served_on", "tags"},
    tables={"channel", "next_stage"},
    deadlines={"petition.handle"},
    roles={"clerk", "village_mediator"},
)
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
MESSAGE = (
    '<message id="m" name="party.stops"/><error id="err" errorCode="REFUSED"/><signal id="sig" name="calm"/>'
)
MESSAGE += '<escalation id="esc" escalationCode="GRAVE"/><message id="nameless"/><error id="codeless"/>'


def found(*bodies: str, names: Names = NAMES) -> list[Finding]:
    """The findings about processes."""
    return check([Source("m.bpmn", text(*bodies, head=MESSAGE))], names)


def codes(*bodies: str) -> list[str]:
    """The codes of the errors among them."""
    return [finding.code for finding in errors_in(found(*bodies))]


def around(element: str, id: str = "x", more: str = "") -> str:
    """A process of one element."""
    return START + element + END + more + flows(f"s>{id}", f"{id}>e")
