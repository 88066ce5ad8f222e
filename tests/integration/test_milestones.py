"""A milestone that no model reaches: somebody records it, and the deadlines of the bundled rules follow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiefen import Actor, DeadlineStatus, FactError, FixedClock, Happening, NotFound
from tests.support.moments import CLERK, Life, kinds, refused

SERVED = date(2026, 3, 2)


@pytest.fixture
def served(both: Life, clock: FixedClock) -> Life:
    clock.set(date(2026, 3, 5))
    return both


class TestRecordingAMilestone:
    def test_fifteen_days_to_appeal_run_from_the_service(self, served: Life) -> None:
        changed = served.engine.milestone(served.case, "judgment_served", on=SERVED, by=CLERK)
        [appeal] = [item for item in changed if item.rule == "trial.appeal_judgment"]
        assert (appeal.due_on, appeal.kind) == (date(2026, 3, 17), "right")
        assert appeal in served.engine.deadlines(served.case)
        assert served.engine.case(served.case).facts["served_on"] == SERVED
        assert kinds(served, Happening.MILESTONE)[-1] == (Happening.MILESTONE, "judgment_served")
        assert "第一百七十一条" in str(served.engine.explain(served.case))

    def test_an_older_service_does_not_stand_for_it(self, served: Life) -> None:
        served.engine.milestone(served.case, "labour_award_served", on=date(2026, 2, 2), by=CLERK)
        served.engine.milestone(served.case, "judgment_served", on=SERVED, by=CLERK)
        assert served.the("trial.appeal_judgment").due_on == date(2026, 3, 17)
        assert served.the("labour.sue").due_on == date(2026, 2, 24)

    def test_it_meets_what_it_stops(self, served: Life, clock: FixedClock) -> None:
        served.engine.milestone(served.case, "judgment_served", on=SERVED, by=CLERK)
        clock.advance(timedelta(days=1))
        changed = served.engine.milestone(served.case, "appeal_filed", by=CLERK)
        assert [item.status for item in changed if item.rule == "trial.appeal_judgment"] == [
            DeadlineStatus.MET
        ]

    def test_the_same_day_again_changes_nothing(self, served: Life) -> None:
        served.engine.milestone(served.case, "judgment_served", on=SERVED, by=CLERK)
        before = served.engine.deadlines(served.case)
        assert served.engine.milestone(served.case, "judgment_served", on=SERVED, by=CLERK) == []
        assert served.engine.deadlines(served.case) == before

    def test_what_cannot_be(self, served: Life) -> None:
        engine, case = served.engine, served.case
        refused(served, NotFound, "did you mean 'judgment_served'", lambda: engine.milestone(
            case, "judgement_served", by=CLERK))  # fmt: skip
        refused(served, FactError, "lies in the future", lambda: engine.milestone(
            case, "judgment_served", on=date(2026, 3, 6), by=CLERK))  # fmt: skip
        refused(served, FactError, "staff number", lambda: engine.milestone(
            case, "judgment_served", by=Actor("")))  # fmt: skip
        with pytest.raises(NotFound, match="no case 999"):
            engine.milestone(999, "judgment_served", by=CLERK)
