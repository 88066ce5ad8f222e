"""Topics: what may be sent to the outside, and what an answer may say."""

from __future__ import annotations

from typing import Any

import pytest

from jiefen.bundled import bundled
from jiefen.edition.edition import names_of
from jiefen.process import Names, Source, check
from jiefen.record.recording import ALERT, NOTICE, REPORT
from jiefen.rules import load_rulebook
from tests.unit.process.drawing import flows, text
from tests.unit.rules.test_unclaimed_ladders import findings

_TOPIC = "title: {zh: 甲, en: A}"


@pytest.mark.parametrize(("topics", "code"), [
    (f"court: {{{_TOPIC}}}", None),
    (f"court: {{{_TOPIC}, carries: [no_fact, title], term: 5 wd, errors: [not_taken]}}", None),
    (f"court: {{{_TOPIC}, answers: [no_such_fact]}}", "unknown-fact"),
    (f"court: {{{_TOPIC}, answers: [area]}}", "not-for-answers"),
    (f"court: {{{_TOPIC}, term: soon}}", "wrong-form"),
    (f"court.cancelled: {{{_TOPIC}}}", "reserved-name"),
])  # fmt: skip
def test_what_is_wrong_with_a_topic_is_said(book: Any, topics: str, code: str | None) -> None:
    book.write("topics.yaml", f"topics:\n  {topics}\n")
    found = [one for one, _ in findings(book)]
    assert (code in found) if code else found == []


def _model(topic: str, given: str) -> Source:
    sends = (
        f'<serviceTask id="x" name="x" camunda:type="external" camunda:topic="{topic}"><extensionElements>'
        f'<camunda:inputOutput><camunda:inputParameter name="{given}">1</camunda:inputParameter>'
        "</camunda:inputOutput></extensionElements></serviceTask>"
    )
    body = '<startEvent id="s"/>' + sends + '<endEvent id="e"/>' + flows("s>x", "x>e")
    return Source("m.bpmn", text(body))


def test_a_model_sends_on_topics_that_are_there_and_what_they_carry() -> None:
    names = Names(topics={"court.filing": {"amount"}})
    assert [one.code for one in check([_model("court.filing", "amount")], names)] == []
    [unknown] = check([_model("court.filng", "amount")], names)
    assert (unknown.code, unknown.hint) == ("unknown-topic", "did you mean 'court.filing'?")
    [strange] = check([_model("court.filing", "amounts")], names)
    assert (strange.code, strange.hint) == ("not-carried", "did you mean 'amount'?")
    assert check([_model("anything", "at_all")], Names()) == []


def test_the_bundled_topics_name_what_the_engine_itself_sends() -> None:
    rulebook = load_rulebook(bundled("rules"))
    assert {NOTICE, ALERT, REPORT} <= rulebook.topics.keys()
    assert names_of(rulebook).topics is not None
    assert str(rulebook.topics["court.judicial_confirmation"].term) == "10 wd"
