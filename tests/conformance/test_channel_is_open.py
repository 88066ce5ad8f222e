"""The way the tables send a case is one they hold open, and the party's clock for it runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from jiefen.rules import FactType, Rulebook, Side, load_rulebook

RULES = Path(__file__).parents[2] / "rules"
DAY = date(2026, 3, 2)
OWNERSHIP = {"land_ownership", "forest_rights", "grassland_rights"}
#: What a party has to have done in time for each way against an organ.
FILED = {"reconsideration": "reconsideration_requested", "administrative_court": "administrative_suit_filed"}

Facts = dict[str, object]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(RULES)


def _cases(rulebook: Rulebook) -> Iterator[Facts]:
    """Every dispute type with every three of the yes-or-no facts that the routing tables read."""
    view = rulebook.view(None)
    facts = rulebook.vocabulary.facts
    read = {*view.table("channel").inputs, *view.table("channels").inputs}
    flags = sorted(name for name in read if facts[name].type is FactType.BOOLEAN)
    assert len(flags) > 20
    for kind in (*facts["dispute_type"].values, None):
        for size in range(4):
            for chosen in combinations(flags, size):
                yield {**({} if kind is None else {"dispute_type": kind}), **dict.fromkeys(chosen, True)}


def _anchors(facts: Facts) -> set[str]:
    """The milestones that such a case has behind it."""
    kind = facts.get("dispute_type")
    anchors = {"registered"}
    if kind in OWNERSHIP and facts.get("government_decided"):
        anchors.add("ownership_award_served")
    if kind == "administrative_inaction":
        anchors.add("inaction_wait_ended")
    if kind == "information_disclosure":
        anchors.add("information_answered")
    if facts.get("reconsidered"):
        anchors.add("reconsideration_decision_served")
    return anchors


def test_whoever_is_sent_against_an_organ_has_a_clock_that_runs(rulebook: Rulebook) -> None:
    view = rulebook.view(None)
    table = view.table("channel")
    rights = [
        version
        for rule in view.deadlines.values()
        for version in rule.versions
        if version.kind is Side.RIGHT
        and version.since <= DAY
        and (version.until is None or version.until >= DAY)
    ]
    sent = set()
    for facts in _cases(rulebook):
        channel = table.decide(facts, DAY).outputs["channel"]
        if channel not in FILED:
            continue
        sent.add((channel, facts["dispute_type"]))
        known: Facts = {**facts, "knew_on": DAY}
        anchors = _anchors(facts)
        assert any(
            version.anchor in anchors and FILED[str(channel)] in version.stops and version.applies(known)
            for version in rights
        ), (channel, facts)
    assert len(sent) > 20


@pytest.mark.parametrize("day", [DAY, date(2025, 4, 30)])
def test_a_case_is_led_only_where_a_way_is_open(rulebook: Rulebook, day: date) -> None:
    view = rulebook.view(None)
    channel, channels = view.table("channel"), view.table("channels")
    # Organs that take what is theirs whatever the kind of dispute.
    always = {None, "police", "discipline", "judicial_organs"}
    shut = []
    for facts in _cases(rulebook):
        led, ways = (
            channel.decide(facts, day).outputs["channel"],
            channels.decide(facts, day).outputs["channels"],
        )
        assert isinstance(ways, tuple | list)
        if led not in always and led not in ways:
            shut.append((led, facts))
    assert shut == []
