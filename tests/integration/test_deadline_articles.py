"""Single articles on a running case: what starts, what goes on, how far it is extended, how long it stands still.

What each test expects is the number in the article that the rule quotes.
"""

from __future__ import annotations

from datetime import date

from jiefen import DeadlineStatus, FixedClock
from tests.support.moments import CLERK, Life


class TestAdministrativeSuitConverted:
    """行诉法解释第一百零五条第二款: the limit runs from the day on which the court took the case."""

    def test_the_six_months_go_on_from_the_filing(self, life: Life, clock: FixedClock) -> None:
        clock.set(date(2026, 3, 2))
        life.reach("administrative_court_accepted", filed_on=date(2026, 3, 2), court_procedure="simplified")
        step, whole = life.the("administrative.simplified"), life.the("administrative.first_instance")
        assert (step.due_on, whole.due_on) == (date(2026, 4, 16), date(2026, 9, 2))
        assert step.within == "administrative.first_instance"
        clock.set(date(2026, 4, 15))
        life.engine.milestone(life.case, "converted_to_ordinary", by=CLERK)
        assert life.the("administrative.simplified").status is DeadlineStatus.MET
        [whole] = life.of("administrative.first_instance")
        assert (whole.status, whole.due_on) == (DeadlineStatus.RUNNING, date(2026, 9, 2))
