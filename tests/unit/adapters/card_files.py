"""Cards for tests, and what an edition lets them name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jiefen import Finding
from jiefen.bundled import bundled
from jiefen.rules import load_rulebook
from jiefen_adapters.cards import CARDS, Card, load_card
from jiefen_adapters.cards.checking import Named

COURT = """
card: court
title: {zh: 人民法院, en: The court}
transport: http
settings:
  address: ADDRESS
  timeout: 2
out:
  court.judicial_confirmation:
    request: {path: /applications}
    map:
      number: key
      agreedOn: {from: agreed_on, as: '%Y%m%d'}
      place.code: {from: area, needed: true}
      kind: {value: confirmation}
    answer:
      good: {code: ['0']}
      again: {code: ['99']}
      errors: {code: {'4001': not_taken}}
      facts: {confirmation_applied_on: {from: data.appliedOn, as: '%Y%m%d'}}
  court.judicial_confirmation.cancelled:
    request: {method: DELETE, path: '/applications/{of}'}
    map: {of: cancels}
in:
  ruled:
    gives: message
    when: {event: [ruled]}
    key: id
    case: caseNo
    message: court.confirmation_ruled
    facts: {served_on: {from: servedOn, as: '%Y%m%d'}}
  accepted:
    gives: answer
    when: {event: [accepted]}
    key: id
    delivery: applicationNo
    facts: {confirmation_applied_on: {from: day, as: '%Y%m%d'}}
  progress:
    gives: status
    when: {event: [progress]}
    key: id
    delivery: applicationNo
    status: word
"""


@cache
def named() -> Named:
    """What a card may name of the bundled edition."""
    rulebook = load_rulebook(bundled("rules"))
    facts: Any = rulebook.vocabulary.facts
    return Named(rulebook.topics, rulebook.messages, facts, ["dispute", "petition"])


def written(folder: Path, text: str = COURT, name: str = "court", **replaced: str) -> Path:
    """A card as a file; ``replaced`` are texts of it and what stands there instead."""
    for old, new in {"ADDRESS": "https://court.example", **replaced}.items():
        assert old in text or old == "ADDRESS"
        text = text.replace(old, new)
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return path


def card(folder: Path, text: str = COURT, name: str = "court", **replaced: str) -> Card:
    """A card that was read."""
    return load_card(written(folder, text, name, **replaced))


def findings(path: Path) -> list[Finding]:
    """What is wrong with a card."""
    said = CARDS.check(path, named)
    assert said is not None
    return list(said)
