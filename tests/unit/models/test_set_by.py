"""What the bundled models ask for, and what their messages carry, may be set that way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from jiefen.rules import Vocabulary
from tests.support.walks import rules

PROCESSES = Path(__file__).parents[3] / "processes"
ASKS = ".//{http://camunda.org/schema/1.0/bpmn}property[@name='asks']"


def asked() -> set[str]:
    files = PROCESSES.glob("*.bpmn")
    properties = (found for file in files for found in ElementTree.parse(file).iterfind(ASKS))
    return {name.strip() for found in properties for name in found.attrib["value"].split(",")}


def carried() -> Iterator[tuple[str, str]]:
    page = (PROCESSES / "README.md").read_text("utf-8")
    table = page.partition("## Messages")[2].partition("\n## ")[0]
    for message, facts in re.findall(r"(?m)^\| `([a-z_.]+)` \|([^|]*)\|", table):
        yield from ((message, name) for name in re.findall(r"`([a-z_]+)`", facts))


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return rules().vocabulary


def test_forms_may_set_what_the_models_ask_for(vocabulary: Vocabulary) -> None:
    names = asked()
    assert len(names) > 20
    assert {name for name in names if "form" not in vocabulary.fact(name).set_by} == set()


def test_messages_may_set_what_they_carry(vocabulary: Vocabulary) -> None:
    pairs = list(carried())
    assert len(pairs) > 20
    closed = [
        (message, name)
        for message, name in pairs
        if not {"message", f"message:{message}"} & set(vocabulary.fact(name).set_by)
    ]
    assert closed == []
