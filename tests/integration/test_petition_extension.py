"""延期: an approved extension of a petition extends it, and what the article forbids is refused at the form."""

from __future__ import annotations

from typing import Any

import pytest

from jiefen import Conflict, FixedClock, NotAllowed
from jiefen.record.kinds import Happening
from tests.integration.conftest import Opener
from tests.integration.test_petitions import Office


@pytest.fixture
def office(opener: Opener, clock: FixedClock) -> Office:
    return Office(opener(processes=None, rules=None), clock)


class TestExtension:
    """第三十四条: the head of the organ approves, at most thirty days, and the petitioner is told why."""

    @pytest.fixture
    def asked(self, office: Office) -> int:
        case = office.open("extended")
        office.do(case, "register", matter_type="claim")
        office.do(case, "transfer", transferred_on=office.today, passed_on_to="县水务局")
        office.do(case, "examine", competent=True, accepted_on=office.today)
        office.hear(case, "petition.extension_requested")
        return case

    def test_an_approved_extension_extends(self, office: Office, asked: int) -> None:
        before = office.running(asked)["petition.handle"]
        assert before is not None
        office.do(asked, "decide_extension", extension_approved=True, extension_reason="涉及三个村")
        after = office.running(asked)["petition.handle"]
        assert after is not None
        assert 25 <= (after - before).days <= 40
        [extended] = [data for _, data in office.told(asked, Happening.DEADLINE_EXTENDED)]
        assert (extended["length"], extended["ground"], extended["approver"]) == (
            "30 d", "涉及三个村", "handling_organ_head",
        )  # fmt: skip
        assert office.sent(asked, "notice.petition_extension") == [{"because": "涉及三个村"}]

    def test_by_fewer_days(self, office: Office, asked: int) -> None:
        office.do(
            asked, "decide_extension", extension_approved=True, extension_reason="待鉴定", extension_length=10
        )
        assert [data["length"] for _, data in office.told(asked, Happening.DEADLINE_EXTENDED)] == ["10 d"]

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ({}, "needs the ground that .*情况复杂"),
            ({"extension_reason": "待鉴定", "extension_length": 31}, "at most 30 d .*第三十四条"),
        ],
    )
    def test_what_the_article_forbids_is_refused_at_the_form(
        self, office: Office, asked: int, answer: dict[str, Any], said: str
    ) -> None:
        before = office.running(asked), len(office.engine.history(asked))
        with pytest.raises(NotAllowed, match=said):
            office.do(asked, "decide_extension", extension_approved=True, **answer)
        assert (office.running(asked), len(office.engine.history(asked))) == before
        assert "decide_extension" in office.tasks(asked)

    def test_after_the_end_nothing_can_be_extended(self, office: Office, asked: int) -> None:
        office.wait(75)
        with pytest.raises(Conflict, match="expired"):
            office.do(asked, "decide_extension", extension_approved=True, extension_reason="待鉴定")
        office.do(asked, "decide_extension", extension_approved=False)
        assert "decide_extension" not in office.tasks(asked)

    def test_a_refused_extension_changes_nothing(self, office: Office, asked: int) -> None:
        before = office.running(asked)
        office.do(asked, "decide_extension", extension_approved=False)
        assert office.running(asked) == before
        assert office.sent(asked, "notice.petition_extension") == []
