"""What is wrong with an element that extends, suspends, resumes or interrupts a deadline."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from jiefen.notation.labels import suggestion
from jiefen.process.model.elements import Node, Text
from jiefen.process.model.environment import Act

#: The properties that say more of an act, and whether each is needed.
_SAYING: Final[Mapping[Act, Mapping[str, bool]]] = {
    Act.EXTEND: {"deadline": True, "length": False, "ground": False, "consent": False},
    Act.SUSPEND: {"deadline": True, "ground": True, "date": False},
    Act.RESUME: {"deadline": True, "date": False},
    Act.INTERRUPT: {"deadline": True, "ground": True, "date": False},
}
#: A length as it stands in a model; else the property names a fact that holds a number.
_LENGTH: Final = re.compile(r"[0-9]{1,4} ?(d|wd|h|mo|y)")
_WHERE: Final = ("intermediateThrowEvent", "endEvent")
#: What a token passes without waiting.
_PASSED: Final = frozenset(
    {
        "exclusiveGateway",
        "inclusiveGateway",
        "parallelGateway",
        "scriptTask",
        "businessRuleTask",
        "sendTask",
        "intermediateThrowEvent",
    }
)


def wrong_act(
    node: Node, acts: Mapping[str, Mapping[str, Collection[str]]] | None
) -> Iterator[tuple[str, str, str, Text]]:
    """Code, message, hint and place of each thing wrong with the act of ``node``.

    Args:
        acts: for each deadline, what may be done to it, each with its grounds; ``None``: not known.
    """
    said = node.properties
    text = said["act"]
    if text.value not in {*Act}:
        yield "unknown-act", f"there is no act {text.value!r}", suggestion(text.value, [*Act]), text
        return
    act, kind = Act(text.value), node.event.kind
    if node.type not in _WHERE or kind not in ("none", "message"):
        hint = "set it on the event after the task that approves it"
        yield "act-elsewhere", f"only a throw or end event can {act} a deadline", hint, text
    for key, needed in _SAYING[act].items():
        if needed and key not in said:
            yield (
                "incomplete-act",
                f"it does not say the {key} that it would {act}",
                f"add the property {key}",
                text,
            )
    for key in ("length", "ground", "consent"):
        if key in said and key not in _SAYING[act]:
            yield (
                "unused-property",
                f"{key} says nothing where a deadline is to {act}",
                "remove it",
                said[key],
            )
    if act is Act.EXTEND and not all(_by_a_person(flow.source, node, set()) for flow in node.incoming):
        hint = "let it follow a user task of the role that decides, with gateways and scripts at most between them"
        yield "nobody-approves", "no task before it says who approves the extension", hint, text
    deadline = said.get("deadline")
    if acts is None or deadline is None or deadline.value not in acts:
        return
    allowed = acts[deadline.value]
    if (Act.SUSPEND if act is Act.RESUME else act) not in allowed:
        message = f"the article of {deadline.value!r} does not let anybody {act} it"
        yield "not-provided", message, "remove the act, or name the deadline that is meant", deadline
    elif act in (Act.SUSPEND, Act.INTERRUPT) and "ground" in said:
        ground, grounds = said["ground"], allowed[act]
        if ground.value not in grounds:
            message = f"{ground.value!r} is no ground to {act} {deadline.value!r}"
            yield "unknown-ground", message, suggestion(ground.value, grounds), ground


def facts_of_act(node: Node) -> Iterator[tuple[str, str]]:
    """The properties of an act that name a fact, each with the type that the fact must have."""
    said = node.properties
    if "date" in said:
        yield "date", "date"
    if said["act"].value == Act.EXTEND:
        yield from ((key, "text") for key in ("ground", "consent") if key in said)
        if "length" in said and not _LENGTH.fullmatch(said["length"].value):
            yield "length", "integer"


def _by_a_person(source: str, node: Node, seen: set[str]) -> bool:
    """Whether every way that leads here begins with a task that a person completes, and waits for nothing after it."""
    before = node.scope.nodes.get(source)
    if before is None or source in seen:
        return source in seen
    if before.type == "userTask":
        return True
    ways = [flow.source for flow in before.incoming]
    return (
        before.type in _PASSED
        and bool(ways)
        and all(_by_a_person(way, node, {*seen, source}) for way in ways)
    )
