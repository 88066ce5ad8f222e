"""Office hours: on which days notices and reminders reach people."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from jiefen.clock import CHINA
from jiefen.errors import RuleError
from jiefen.periods import Ends, OfficeHours, Period, calendars, due, load_hours, with_local
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


#: A county that closes at noon.
COUNTY = with_local(CALENDAR, hours=OfficeHours(((time(8, 30), time(12)), (time(14, 30), time(18)))))


@pytest.mark.parametrize(
    ("at", "waits_for"),
    [
        ((2, 8, 0), (2, 8, 30)),
        ((2, 8, 30), (2, 8, 30)),
        ((2, 11, 59), (2, 11, 59)),
        ((2, 12, 0), (2, 14, 30)),
        ((2, 13, 15), (2, 14, 30)),
        ((2, 17, 59), (2, 17, 59)),
        ((2, 18, 0), (3, 8, 30)),
        ((6, 18, 0), (9, 8, 30)),  # a Friday
        ((7, 10, 0), (9, 8, 30)),
    ],
)
def test_nobody_is_told_at_noon_where_offices_close_then(
    at: tuple[int, int, int], waits_for: tuple[int, int, int]
) -> None:
    told, when = (datetime(2026, 3, *one, tzinfo=CHINA) for one in (at, waits_for))
    assert working_time(told, COUNTY) == when


def test_what_ends_at_the_close_of_business_ends_with_the_last_hour_of_the_area() -> None:
    for calendar, hour in ((CALENDAR, (17, 30)), (COUNTY, (18, 0))):
        answer = due(Period.parse("5 d"), date(2026, 3, 4), calendar, ends=Ends.CLOSE_OF_BUSINESS)
        assert answer.instant == datetime(2026, 3, 9, *hour, tzinfo=CHINA)


class TestFile:
    @staticmethod
    def write(folder: Path, text: str) -> Path:
        (folder / "hours.yaml").write_text(text, encoding="utf-8")
        return folder

    def test_a_folder_without_one_says_none(self, tmp_path: Path) -> None:
        assert load_hours(tmp_path) is None

    def test_two_spans(self, tmp_path: Path) -> None:
        text = "open: ['08:30-12:00', '14:30-18:00']\npolicy: {zh: 县规定, en: Of the county}\n"
        assert load_hours(self.write(tmp_path, text)) == COUNTY.hours

    @pytest.mark.parametrize(
        "hours",
        ["", "[]", "'09:00-17:30'", "['9-17']", "['24:00-25:00']", "['17:00-09:00']", "['09:00-09:00']",
         "['14:00-18:00', '08:00-12:00']", "['08:00-12:00', '11:00-18:00']", "[9]"],
    )  # fmt: skip
    def test_hours_that_cannot_be_are_told_with_their_place(self, hours: str, tmp_path: Path) -> None:
        text = f"policy: {{zh: 县规定, en: Of the county}}\nopen: {hours}\n"
        with pytest.raises(RuleError) as error:
            load_hours(self.write(tmp_path, text))
        assert {(one.code, one.line) for one in error.value.findings} == {("office-hours", 2)}

    @pytest.mark.parametrize(
        "text",
        ["[]\n", "open: ['09:00-17:30']\n", "open: ['09:00-17:30']\npolicy: {zh: 县}\n",
         "open: ['09:00-17:30']\npolicy: {zh: 县, en: County}\nclosed: [sunday]\n"],
    )  # fmt: skip
    def test_what_is_missing_or_unknown_is_told(self, text: str, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match="hours"):
            load_hours(self.write(tmp_path, text))
