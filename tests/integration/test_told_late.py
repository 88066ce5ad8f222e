"""An act done in time and typed in late: the expiry that the clock saw meanwhile never was, nor what began with it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiefen import FixedClock
from jiefen.clock import CHINA
from jiefen.record.kinds import Happening
from tests.support.moments import CLERK, Life

#: Deadlines that the law takes for done when they pass, and that the same or another act meets: the rule, the milestone
#: from which it runs, facts that it needs, another act that meets it, and what its false end started.
DEEMED = [
    ("reconsideration.examine", "reconsideration_requested", {}, "reconsideration_refused", "reconsideration.decide"),
    ("reconsideration.examine_corrected", "reconsideration_corrected", {}, "reconsideration_refused",
     "reconsideration.decide"),
    ("consumer.mediation", "consumer_complaint_accepted", {}, "agreement_in_force", None),
    ("mediation.medical", "mediation_accepted", {"dispute_type": "medical"}, "agreement_in_force", None),
    ("mediation.medical_administrative", "medical_administrative_accepted", {}, "agreement_in_force", None),
    ("police.second_mediation", "police_mediation_held", {}, "police_mediation_agreed", "police.case_after_mediation"),
]  # fmt: skip


def statuses(life: Life, rule: str) -> list[str]:
    return [str(item.status) for item in life.of(rule)]


@pytest.mark.parametrize(
    ("rule", "anchor", "facts", "act", "started"), DEEMED, ids=[one[0] for one in DEEMED]
)
def test_it_is_met_and_what_its_false_end_started_is_undone(
    both: Life,
    clock: FixedClock,
    rule: str,
    anchor: str,
    facts: dict[str, object],
    act: str,
    started: str | None,
) -> None:
    clock.set(date(2026, 3, 2))
    both.open(**facts)
    both.engine.milestone(both.case, anchor, on=date(2026, 3, 2), by=CLERK)
    assert statuses(both, rule) == ["running"]
    for _ in range(100):
        clock.advance(timedelta(days=1))
        both.engine.sweep()
    assert statuses(both, rule) == ["expired"]
    if started is not None:
        assert both.of(started)
    both.engine.milestone(both.case, act, on=date(2026, 3, 5), by=CLERK)
    assert statuses(both, rule) == ["met"]
    if started is not None:
        assert not {"running", "suspended"} & set(statuses(both, started))
    reopened = [one for one in both.engine.history(both.case) if one.kind is Happening.DEADLINE_REOPENED]
    assert reopened
    assert "在期限内已办,补记于后" in both.engine.explain(both.case).text("zh")


def test_a_refusal_in_time_leaves_the_suit_alone(both: Life, clock: FixedClock) -> None:
    """Requested on 20 October, refused on the 26th, typed in on 3 November: examine until the 27th."""
    clock.set(date(2026, 10, 20))
    both.open(dispute_type="administrative_act")
    both.engine.milestone(both.case, "reconsideration_requested", on=date(2026, 10, 20), by=CLERK)
    for _ in range(14):
        clock.advance(timedelta(days=1))
        both.engine.sweep()
    assert clock.now().date() == date(2026, 11, 3)
    assert statuses(both, "reconsideration.examine") == ["expired"]
    assert statuses(both, "reconsideration.decide") == ["running"]
    both.engine.milestone(both.case, "reconsideration_refused", on=date(2026, 10, 26), by=CLERK)
    assert statuses(both, "reconsideration.examine") == ["met"]
    assert statuses(both, "reconsideration.decide") == ["cancelled"]
    assert both.the("administrative.sue_after_refusal").due_on == date(2026, 11, 10)


def test_an_acceptance_in_time_moves_what_runs_from_it_to_its_true_day(both: Life, clock: FixedClock) -> None:
    clock.set(date(2026, 10, 20))
    both.open(dispute_type="administrative_act")
    both.engine.milestone(both.case, "reconsideration_requested", on=date(2026, 10, 20), by=CLERK)
    for _ in range(14):
        clock.advance(timedelta(days=1))
        both.engine.sweep()
    deemed = both.the("reconsideration.decide").due_on
    both.engine.milestone(both.case, "reconsideration_accepted", on=date(2026, 10, 22), by=CLERK)
    assert statuses(both, "reconsideration.examine") == ["met"]
    decide = both.the("reconsideration.decide")
    assert (decide.status, decide.anchored_at.astimezone(CHINA).date()) == ("running", date(2026, 10, 22))
    assert deemed is not None
    assert decide.due_on is not None
    assert decide.due_on < deemed


def test_what_came_too_late_leaves_the_expiry(both: Life, clock: FixedClock) -> None:
    clock.set(date(2026, 10, 20))
    both.open(dispute_type="administrative_act")
    both.engine.milestone(both.case, "reconsideration_requested", on=date(2026, 10, 20), by=CLERK)
    for _ in range(14):
        clock.advance(timedelta(days=1))
        both.engine.sweep()
    both.engine.milestone(both.case, "reconsideration_refused", on=date(2026, 10, 29), by=CLERK)
    assert statuses(both, "reconsideration.examine") == ["expired"]
    assert statuses(both, "reconsideration.decide") == ["running"]
