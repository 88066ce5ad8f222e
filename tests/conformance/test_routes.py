"""Where the law sends a matter, told as a clerk would register it: one example for each route that was once wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jiefen.rules import Rulebook, load_rulebook

RULES = Path(__file__).parents[2] / "rules"
DAY = date(2026, 11, 27)


class Route(NamedTuple):
    """What is known at the counter, and what must come of it."""

    why: str
    facts: dict[str, Any]
    stage: str | None = None
    channel: str | None = None
    is_open: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    gates: tuple[str, ...] | None = None
    lead_to: tuple[str, ...] = ()
    not_to: tuple[str, ...] = ()


MEDIATION = ("people_mediation", "administrative_mediation")
ROUTES = [
    Route(
        "反家庭暴力法 13, 15: safety before mediation", {"dispute_type": "family", "violence": True}, "visit"
    ),
    Route("未成年人保护法 11: a harmed minor", {"dispute_type": "neighbour", "minor_harmed": True}, "visit"),
    Route(
        "反家庭暴力法 13: the victim may sue at once",
        {"dispute_type": "family", "violence": True, "chosen_procedure": "court"},
        "trial",
    ),
    Route(
        "人民调解法 17: safe and willing",
        {"dispute_type": "family", "violence": True, "safety_secured": True},
        "mediation",
    ),
    Route(
        "信访工作条例 30: an employer is not for discipline",
        {"dispute_type": "labour", "matter_type": "accusation"},
        "visit",
        "petition",
        lead_to=("competent_organ",),
        not_to=("discipline_organ",),
    ),
    Route(
        "信访工作条例 30: somebody in office is",
        {"dispute_type": "labour", "matter_type": "accusation", "concerns_official": True},
        "visit",
        "discipline",
        lead_to=("discipline_organ",),
    ),
    Route(
        "医疗纠纷预防和处理条例 31, 40: the court has it",
        {"dispute_type": "medical", "pending_in": "civil_court"},
        "trial",
        closed=MEDIATION,
    ),
    Route(
        "医疗纠纷预防和处理条例 31: the health department has it",
        {"dispute_type": "medical", "pending_in": "health_department"},
        closed=("people_mediation",),
    ),
    Route(
        "行政复议法 29: a suit is pending",
        {"dispute_type": "administrative_act", "pending_in": "administrative_court"},
        "trial",
        "administrative_court",
        closed=("reconsideration",),
        not_to=("reconsideration_organ",),
    ),
    Route(
        "行政复议法 29: reconsideration is pending",
        {"dispute_type": "administrative_act", "pending_in": "reconsideration", "chosen_procedure": "court"},
        "leave",
        closed=("administrative_court",),
        not_to=("court",),
    ),
    Route(
        "民事诉讼法 127: the plaintiff of the refused divorce waits",
        {"dispute_type": "family", "divorce_refused_recently": True, "chosen_procedure": "court"},
        "visit",
        closed=("civil_court",),
        gates=("waiting_period",),
    ),
    Route(
        "民事诉讼法 127: the other spouse does not",
        {
            "dispute_type": "family",
            "divorce_refused_recently": True,
            "refused_as_plaintiff": False,
            "chosen_procedure": "court",
        },
        "trial",
        "civil_court",
        gates=(),
    ),
    Route(
        "民事诉讼法 127: nor does a claim to support",
        {
            "dispute_type": "family",
            "divorce_refused_recently": True,
            "claim_kinds": ("support",),
            "chosen_procedure": "court",
        },
        "trial",
        "civil_court",
        gates=(),
    ),
    Route(
        "土地管理法 47: no act to attack before a taking is decided",
        {"dispute_type": "land_expropriation", "expropriation_stage": "announced"},
        "visit",
        "petition",
        closed=("reconsideration", "administrative_court"),
        lead_to=("taking_government",),
        not_to=("reconsideration_organ", "court"),
    ),
    Route(
        "行政诉讼法 44: a taking may be sued on directly",
        {"dispute_type": "land_expropriation", "chosen_procedure": "court"},
        "trial",
        is_open=("reconsideration", "administrative_court"),
        gates=(),
    ),
    Route(
        "行政诉讼法 44: whether the right already held changes that is contested",
        {"dispute_type": "house_expropriation", "right_already_held": True, "chosen_procedure": "court"},
        "trial",
        is_open=("reconsideration", "administrative_court"),
        gates=(),
    ),
    Route(
        "行政诉讼法 44: reconsideration is a choice",
        {"dispute_type": "administrative_act", "chosen_procedure": "court"},
        "trial",
        gates=(),
        lead_to=("reconsideration_organ", "court"),
    ),
    Route(
        "土地管理法 14: the decision on ownership may be sued on",
        {"dispute_type": "land_ownership", "government_decided": True, "chosen_procedure": "court"},
        "trial",
        is_open=("administrative_court",),
        gates=(),
    ),
    Route(
        "行政复议法 23: unless it takes a right already held",
        {
            "dispute_type": "land_ownership",
            "government_decided": True,
            "right_already_held": True,
            "chosen_procedure": "court",
        },
        "leave",
        closed=("administrative_court",),
        gates=("reconsideration_first",),
    ),
    Route(
        "农村土地承包纠纷解释 1: never got land",
        {"dispute_type": "land_contract", "never_got_land": True},
        "leave",
        closed=("civil_court", "land_arbitration"),
        lead_to=("agriculture_department",),
    ),
    Route(
        "行政复议法 11: never got land, the department has decided",
        {
            "dispute_type": "land_contract",
            "never_got_land": True,
            "department_decided": True,
            "chosen_procedure": "court",
        },
        "trial",
        is_open=("reconsideration", "administrative_court"),
        gates=(),
        lead_to=("reconsideration_organ", "court"),
    ),
    Route(
        "行政复议法 23: silence of an organ",
        {"dispute_type": "administrative_inaction"},
        "leave",
        "reconsideration",
        closed=("administrative_court",),
        gates=("reconsideration_first",),
        lead_to=("reconsideration_organ",),
    ),
    Route(
        "农村土地承包纠纷解释 1: the amount of land compensation is for no court",
        {"dispute_type": "land_contract", "compensation_amount": True},
        closed=("civil_court", "land_arbitration"),
        lead_to=("agriculture_department",),
        not_to=("court", "land_commission"),
    ),
    Route(
        "行政复议法 23: a land contract, the right already held, is contested",
        {
            "dispute_type": "land_contract",
            "organ_is_party": True,
            "right_already_held": True,
            "chosen_procedure": "court",
        },
        "trial",
        is_open=("reconsideration", "administrative_court"),
        gates=(),
    ),
    Route(
        "劳动争议调解仲裁法 5: labour arbitration first",
        {"dispute_type": "labour", "chosen_procedure": "court"},
        "arbitration",
        closed=("civil_court",),
        gates=("labour_arbitration_first",),
    ),
    Route(
        "劳动争议解释一 15: an IOU for wages goes to court",
        {"dispute_type": "labour", "wage_claim_direct": True, "chosen_procedure": "court"},
        "trial",
        gates=(),
    ),
    Route(
        "行政复议法 23: information refused",
        {"dispute_type": "information_disclosure", "information_refused": True, "chosen_procedure": "court"},
        "leave",
        gates=("reconsideration_first",),
    ),
    Route(
        "信访工作条例 22: registered whatever its kind",
        {"dispute_type": "other"},
        "visit",
        "petition",
        is_open=("people_mediation", "civil_court", "petition"),
    ),
    Route(
        "人民调解法 3: and sued on, if that is chosen",
        {"dispute_type": "other", "chosen_procedure": "court"},
        "trial",
    ),
]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(RULES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.why)
def test_the_law_is_the_way(rulebook: Rulebook, route: Route) -> None:
    view = rulebook.view(None)
    known: dict[str, Any] = {"source": "walk_in", "matter_type": "claim"} | route.facts
    for table in ("channels", "exclusions", "channel", "gates", "entry", "lead_out"):
        known |= view.table(table).decide(known, DAY).outputs
    if route.stage is not None:
        assert known["next_stage"] == route.stage
    if route.channel is not None:
        assert known["channel"] == route.channel
    assert set(route.is_open) <= set(known["channels"])
    assert not set(route.closed) & set(known["channels"])
    if route.gates is not None:
        assert tuple(known["gates"]) == route.gates
    assert set(route.lead_to) <= set(known["lead_to"])
    assert not set(route.not_to) & set(known["lead_to"])
