"""Which ends of a deadline cost a party nothing: the rules say it, for every deadline of the bundled pack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jiefen.bundled import bundled
from jiefen.rules import DeadlineRule, DeadlineVersion, Effect, Rulebook, Side, load_rulebook


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(bundled("rules"))


def versions(rulebook: Rulebook) -> Iterator[tuple[str, DeadlineVersion]]:
    for rule in rulebook.rules():
        if isinstance(rule, DeadlineRule):
            yield from ((rule.id, version) for version in rule.versions if version.kind is Side.RIGHT)


def test_only_waiting_and_answering_cost_nothing(rulebook: Rulebook) -> None:
    """民事诉讼法第一百二十七条第七项 (six months before suing for divorce again), and answers that may be left out."""
    assert {id for id, version in versions(rulebook) if version.loses_nothing} == {
        "trial.divorce_again",
        "trial.answer",
        "payment_order.decline_suit",
        "information.third_party",
        "expropriation.house_plan",
        "injury.review_appraisal_wait",
        "labour.answer",
        "land.answer",
        "divorce.withdraw",
    }


def test_legal_aid_may_come_first_for_suits_arbitration_and_reconsideration(rulebook: Rulebook) -> None:
    """法律援助法第四十四条第一款第一项: 距法定时效或者期限届满不足七日."""
    ground = rulebook.grounds["legal_aid_first"]
    assert (ground.effect, str(ground.at_most)) == (Effect.URGE, "6 d")
    assert {"suit_brought", "labour_applied", "reconsideration_requested"} <= set(ground.milestones)
    assert not any(
        "legal_aid_first" in (*one.suspensions, *one.interruptions) for _, one in versions(rulebook)
    )
