"""Properties by which a model promises something: where they stand, and what they may say."""

from __future__ import annotations

import pytest

from jiefen.findings import Severity
from tests.unit.process.checking import around, codes, found


def having(name: str, value: str) -> str:
    return (
        f'<extensionElements><camunda:properties><camunda:property name="{name}" value="{value}"/>'
        "</camunda:properties></extensionElements>"
    )


def service(inner: str) -> str:
    return around(f'<serviceTask id="x" camunda:type="external" camunda:topic="t">{inner}</serviceTask>')


def task(inner: str) -> str:
    return around(f'<userTask id="x" camunda:candidateGroups="clerk">{inner}</userTask>')


@pytest.mark.parametrize("value", ["true", "false"])
def test_what_the_law_requires_is_said_of_a_service_task(value: str) -> None:
    assert codes(service(having("statutory", value))) == []


@pytest.mark.parametrize("value", ["True", "yes", "", "flase"])
def test_it_is_said_in_one_way(value: str) -> None:
    assert codes(service(having("statutory", value))) == ["wrong-property"]


def test_nothing_else_can_be_required() -> None:
    assert codes(task(having("statutory", "true"))) == ["wrong-property"]


def test_confidential_names_the_facts_that_say_from_whom() -> None:
    assert codes(task(having("confidential", "persons,tags"))) == []
    assert codes(service(having("confidential", "persons"))) == []
    # An edition of release 0.1 says so, and cases run on it: it is told, and loads.
    [told] = found(task(having("confidential", "true")))
    assert (told.code, told.severity) == ("ignored", Severity.WARNING)
    assert codes(task(having("confidential", "persns"))) == ["unknown-fact"]


def test_what_tells_nobody_anything_cannot_be_confidential() -> None:
    inner = having("confidential", "persons")
    assert codes(around(f'<parallelGateway id="x">{inner}</parallelGateway>')) == ["wrong-property"]


def test_a_seat_is_filled_by_a_user_task_that_says_whose_it_is() -> None:
    assert codes(task(having("sits", "persons"))) == []
    assert codes(task(having("signs", "persons"))) == []
    assert codes(task(having("sits", "persns"))) == ["unknown-fact"]
    assert codes(service(having("sits", "persons"))) == ["wrong-property"]
    assert codes(task(having("comes", "persons"))) == ["wrong-property"]


def test_what_sends_something_out_names_the_roles_that_it_tells() -> None:
    assert codes(service(having("tells", "clerk"))) == []
    assert codes(service(having("tells", "clrk"))) == ["unknown-role"]
    assert codes(task(having("tells", "clerk"))) == ["wrong-property"]
