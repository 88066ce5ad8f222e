"""Topics as their file says them, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jiefen.findings import Finding
from jiefen.notation.labels import Label
from jiefen.notation.yaml import Document
from jiefen.periods import Period
from jiefen.record.recording import CANCELLED
from jiefen.rules.model.vocabulary import Fact, Topic


def topic_of(document: Document, name: str, data: Mapping[str, Any], findings: list[Finding]) -> Topic:
    """A topic from its well-formed entry."""
    if name.endswith(CANCELLED):
        message = f"{name!r} is what the engine calls the cancellation of another topic"
        findings.append(document.finding(("topics", name), "reserved-name", message, "choose another name"))
    if ("sources" in data) != ("upon" in data):
        message = f"topic {name!r} has one of sources and upon, which belong together"
        hint = "say who is told and what, or remove it: then models send it"
        findings.append(document.finding(("topics", name), "told-nothing", message, hint))
    return Topic(
        id=name,
        title=Label.of(data["title"]),
        carries=frozenset(data.get("carries", ())),
        answers=frozenset(data.get("answers", ())),
        errors=frozenset(data.get("errors", ())),
        sources=frozenset(data.get("sources", ())),
        upon=frozenset(data.get("upon", ())),
        term=Period.parse(data["term"]) if "term" in data else None,
        personal=data.get("personal", False),
    )


def unanswerable(fact: Fact) -> Iterator[tuple[str, str, str]]:
    """Why a fact cannot be in an answer: code, message and hint."""
    if not {"message", "form"} & {*fact.set_by}:
        message = f"the fact {fact.id!r} is not for an answer to set"
        yield "not-for-answers", message, "add message to its set_by, or remove it here"
