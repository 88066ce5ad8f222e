"""Office hours: on which days notices and reminders reach people."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from jiefen.clock import CHINA
from jiefen.periods import calendars
from jiefen.periods.hours import is_office_day, last_office_day, next_office_day, working_time

CALENDAR = calendars()


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 2, 28), True),  # a Saturday that is worked for the Spring Festival
        (date(2026, 2, 18), False),
        (date(2026, 3, 2), True),
        (date(2031, 3, 15), False),  # beyond every plan: a Saturday
        (date(2031, 3, 17), True),
        (date(2031, 10, 1), False),  # a Wednesday, but National Day by the regulation itself
    ],
)
def test_offices_are_open_on_working_days(day: date, is_open: bool) -> None:
    assert is_office_day(day, CALENDAR) is is_open


def test_the_next_and_the_last_day_pass_over_a_holiday() -> None:
    golden_week = date(2026, 10, 3)
    assert next_office_day(golden_week, CALENDAR) == date(2026, 10, 8)
    assert last_office_day(golden_week, CALENDAR) == date(2026, 9, 30)
    assert next_office_day(date(2026, 3, 2), CALENDAR) == date(2026, 3, 2)


def test_what_comes_in_the_evening_waits_for_the_morning() -> None:
    evening = datetime(2026, 9, 30, 18, tzinfo=CHINA)
    assert working_time(evening, CALENDAR) == datetime(2026, 10, 8, 9, tzinfo=CHINA)
    noon = datetime(2026, 9, 30, 12, tzinfo=CHINA)
    assert working_time(noon, CALENDAR) == noon
