"""Routines fall on the days the seeds name, and holidays move them as each rule says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.agenda.schedule import Occurrence, closed_period, next_occurrence, planned_again
from jiefen.bundled import bundled
from jiefen.clock import CHINA, china_date
from jiefen.periods import Calendar, Holiday, Plan, calendars
from jiefen.rules import Every, HolidayPolicy, Routine, load_rulebook

CALENDAR = calendars()
ROUTINES = load_rulebook(bundled("rules")).view(None).routines


def days(routine: Routine, start: date, number: int) -> list[str]:
    at = datetime(start.year, start.month, start.day, tzinfo=CHINA)
    found = []
    for _ in range(number):
        occurrence = next_occurrence(routine, at, CALENDAR)
        assert occurrence is not None
        found.append(f"{occurrence.at.astimezone(CHINA):%m-%d %H:%M}")
        at = occurrence.at
    return found


def with_policy(routine: Routine, policy: HolidayPolicy) -> Routine:
    return replace(routine, holiday=policy)


class TestTheDaysOfTheSeeds:
    def test_every_monday_and_the_mondays_of_2026_that_are_days_off(self) -> None:
        monday = ROUTINES["monday_reception"]
        skipped = with_policy(monday, HolidayPolicy.SKIP)
        off = {"02-16", "02-23", "04-06", "05-04", "10-05"}
        assert off.isdisjoint(day[:5] for day in days(skipped, date(2026, 1, 1), 45))
        kept = with_policy(monday, HolidayPolicy.KEEP)
        assert off <= {day[:5] for day in days(kept, date(2026, 1, 1), 45)}

    def test_a_monday_off_moves_to_the_next_workday(self) -> None:
        assert days(ROUTINES["monday_reception"], date(2026, 4, 1), 2) == ["04-07 09:00", "04-13 09:00"]

    def test_the_15th_on_a_holiday(self) -> None:
        meeting = ROUTINES["monthly_meeting"]
        # 2026-02-15 is the first day of the Spring Festival holiday, which ends on the 23rd.
        assert days(meeting, date(2026, 2, 1), 1) == ["02-24 09:00"]
        assert days(with_policy(meeting, HolidayPolicy.PREVIOUS_WORKDAY), date(2026, 2, 1), 1) == [
            "02-14 09:00"
        ]
        # In March the 15th is a Sunday.
        assert days(with_policy(meeting, HolidayPolicy.SKIP), date(2026, 2, 1), 1) == ["04-15 09:00"]

    def test_three_patrols_a_day(self) -> None:
        assert days(ROUTINES["patrols"], date(2026, 10, 1), 4) == [
            "10-01 09:00", "10-01 15:00", "10-01 20:00", "10-02 09:00",
        ]  # fmt: skip

    def test_the_last_day_of_the_month_and_the_first_of_the_quarter(self) -> None:
        assert days(ROUTINES["monthly_assessment"], date(2026, 1, 1), 2) == ["01-30 16:00", "02-28 16:00"]
        assert days(ROUTINES["quarterly_training"], date(2026, 3, 2), 2) == ["04-01 09:00", "07-01 09:00"]

    def test_the_eleventh_of_march(self) -> None:
        assert days(ROUTINES["march_training"], date(2026, 1, 1), 2) == ["03-11 09:00", "03-11 09:00"]


@pytest.mark.parametrize("routine", ROUTINES.values(), ids=lambda routine: routine.id)
@given(start=st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 1)))  # noqa: DTZ001
def test_occurrences_follow_each_other_and_keep_their_policy(routine: Routine, start: datetime) -> None:
    at, found = start.replace(tzinfo=CHINA), []
    for _ in range(4):
        occurrence = next_occurrence(routine, at, CALENDAR)
        assert occurrence is not None
        assert occurrence.at > at
        at = occurrence.at
        found.append(occurrence)
        day = china_date(at)
        if routine.holiday is not HolidayPolicy.KEEP and CALENDAR.covers(day):
            assert CALENDAR.is_working_day(day)
        assert abs(day - occurrence.nominal) <= timedelta(days=11)
    assert all(one.at < two.at for one, two in pairwise(found))


def test_beyond_the_published_holidays_it_is_provisional() -> None:
    late = datetime(2026, 12, 30, tzinfo=CHINA)
    for id, provisional in (("monday_reception", True), ("patrols", False)):
        occurrence = next_occurrence(ROUTINES[id], late, CALENDAR)
        assert occurrence is not None
        assert occurrence.provisional is provisional


#: The holidays of 2026 only: what lies beyond is not published yet.
YEAR_2027 = Calendar(
    (
        *CALENDAR.plans,
        Plan(
            year=2027,
            revision=1,
            papers=("https://example.org/2027",),
            holidays=(Holiday("元旦", (date(2027, 1, 1),), (date(2027, 1, 9),)),),
        ),
    )
)


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=CHINA)  # type: ignore[arg-type,misc]


class TestALeapDay:
    ROUTINE = replace(
        ROUTINES["march_training"], days=((2, 29),), holiday=HolidayPolicy.KEEP, since=date(2020, 1, 1)
    )

    @pytest.mark.parametrize(
        ("after", "comes"),
        [
            (at(2026, 3, 1), date(2028, 2, 29)),
            (at(2028, 2, 29, 8, 59), date(2028, 2, 29)),
            (at(2028, 2, 29, 9), date(2032, 2, 29)),
            (at(2096, 2, 29, 9), date(2104, 2, 29)),  # 2100 is no leap year
        ],
    )
    def test_it_comes_again(self, after: datetime, comes: date) -> None:
        occurrence = next_occurrence(self.ROUTINE, after, CALENDAR)
        assert occurrence is not None
        assert occurrence.nominal == comes


class TestANewerHolidayList:
    TRAINING = ROUTINES["quarterly_training"]

    def test_a_planned_occurrence_moves_with_its_day_of_the_rule(self) -> None:
        after = at(2026, 11, 2)
        planned = next_occurrence(self.TRAINING, after, CALENDAR)
        assert planned is not None
        # 元旦 is off whatever the plan will say, and the weekend behind it for all that is known.
        assert (planned.at, planned.nominal, planned.provisional) == (
            at(2027, 1, 4, 9),
            date(2027, 1, 1),
            True,
        )
        anew = planned_again(self.TRAINING, planned, after, YEAR_2027)
        assert anew is not None
        assert (anew.at, anew.nominal, anew.provisional) == (at(2027, 1, 4, 9), date(2027, 1, 1), False)

    def test_what_has_come_does_not_come_again_on_the_day_it_would_have_moved_to(self) -> None:
        came = Occurrence(at=at(2027, 1, 1, 9), nominal=date(2027, 1, 1), provisional=True)
        following = next_occurrence(self.TRAINING, came.at, YEAR_2027, came)
        assert following is not None
        assert following.nominal == date(2027, 4, 1)

    def test_a_day_that_seemed_off_may_be_worked(self) -> None:
        saturdays = replace(ROUTINES["wednesday_reception"], days=(6,))
        after = at(2026, 12, 1)
        assert next_occurrence(saturdays, after, CALENDAR) is None
        found = next_occurrence(saturdays, after, YEAR_2027)
        assert found is not None
        assert found.at == at(2027, 1, 9, 9)
        later = Occurrence(at=at(2027, 1, 16, 9), nominal=date(2027, 1, 16), provisional=True)
        assert planned_again(saturdays, later, after, YEAR_2027) == found


@pytest.mark.parametrize(
    ("every", "day", "first", "last"),
    [
        (Every.DAY, "2026-03-05", "2026-03-05", "2026-03-05"),
        (Every.WEEK, "2026-03-06", "2026-02-28", "2026-03-06"),
        (Every.MONTH, "2026-02-28", "2026-02-01", "2026-02-28"),
        (Every.MONTH, "2026-03-15", "2026-02-01", "2026-02-28"),
        (Every.MONTH, "2026-01-01", "2025-12-01", "2025-12-31"),
        (Every.QUARTER, "2026-04-01", "2026-01-01", "2026-03-31"),
        (Every.QUARTER, "2026-03-31", "2026-01-01", "2026-03-31"),
        (Every.YEAR, "2026-01-15", "2025-01-01", "2025-12-31"),
        (Every.YEAR, "2026-12-31", "2026-01-01", "2026-12-31"),
    ],
)
def test_the_period_that_a_list_closes(every: Every, day: str, first: str, last: str) -> None:
    found = closed_period(every, date.fromisoformat(day))
    assert found == (date.fromisoformat(first), date.fromisoformat(last))
