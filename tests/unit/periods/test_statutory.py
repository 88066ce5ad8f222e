"""The holidays that the regulation fixes, against two other sources: the published plans, and a lunar calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from lunardate import LunarDate

from jiefen.periods import calendars
from jiefen.periods.statutory import FIRST_YEAR, statutory_holiday, statutory_weekdays

CALENDAR = calendars()
DAY = timedelta(days=1)


@pytest.mark.parametrize("year", range(2025, 2051))
def test_the_moving_days_are_those_of_the_lunar_calendar(year: int) -> None:
    spring = LunarDate(year, 1, 1).to_solar_date()
    assert [statutory_holiday(spring + offset * DAY) for offset in range(-2, 4)] == [
        None, "春节", "春节", "春节", "春节", None,
    ]  # fmt: skip
    assert statutory_holiday(LunarDate(year, 5, 5).to_solar_date()) == "端午节"
    mid_autumn = statutory_holiday(LunarDate(year, 8, 15).to_solar_date())
    assert mid_autumn in {"中秋节", "国庆节"}  # the two may be one day
    assert {statutory_holiday(date(year, 4, 4)), statutory_holiday(date(year, 4, 5))} == {None, "清明节"}


def test_every_published_plan_since_the_regulation_has_them_off() -> None:
    day = date(FIRST_YEAR, 1, 1)
    while day <= CALENDAR.known_through:
        if statutory_holiday(day):
            assert CALENDAR.is_day_off(day), day
        day += DAY


@pytest.mark.parametrize(
    ("first", "span"), [(date(2026, 12, 30), 9), (date(2027, 1, 1), 366), (date(2030, 5, 1), 1)]
)
def test_those_on_weekdays_are_counted(first: date, span: int) -> None:
    days = [first + offset * DAY for offset in range(span)]
    assert statutory_weekdays(first, span) == sum(
        statutory_holiday(day) is not None and day.weekday() < 5 for day in days
    )


def test_before_the_regulation_nothing_is_said() -> None:
    assert statutory_holiday(date(2024, 10, 1)) is None
