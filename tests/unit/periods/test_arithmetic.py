"""Due dates: the vectors of the articles, and a slow definition that counts day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import PeriodError
from jiefen.clock import CHINA
from jiefen.periods import (
    Calendar,
    Due,
    Ends,
    FirstDay,
    Holiday,
    Period,
    Roll,
    Unit,
    add_months,
    bounds,
    calendars,
    due,
    served_by_public_notice,
    with_local,
)
from jiefen.periods.bounds import WEEKDAYS_OFF, WORKED_WEEKEND_DAYS, working_day_bounds
from jiefen.periods.statutory import statutory_holiday

DAY = timedelta(days=1)
ROLL, STAY = Roll.NEXT_WORKING_DAY, Roll.NONE
CALENDAR = calendars()
STARTS = st.dates(date(2008, 1, 1), date(2024, 6, 30))


def end(length: str, start: date, roll: Roll = ROLL, **options: object) -> date:
    answer = due(Period.parse(length), start, CALENDAR, roll=roll, **options)  # type: ignore[arg-type]
    assert not answer.provisional
    return answer.due


class TestWorkedExamples:
    """The worked examples of the research, with the articles they rest on."""

    @pytest.mark.parametrize(
        ("length", "start", "natural", "rolled"),
        [
            ("60 d", date(2026, 8, 3), date(2026, 10, 2), date(2026, 10, 8)),  # petition handling, XF 34
            (
                "15 d",
                date(2026, 9, 25),
                date(2026, 10, 10),
                date(2026, 10, 10),
            ),  # appeal, MSF 171; make-up Saturday
            (
                "10 d",
                date(2026, 9, 21),
                date(2026, 10, 1),
                date(2026, 10, 8),
            ),  # appeal against a ruling, MSF 171
            ("7 d", date(2026, 2, 10), date(2026, 2, 17), date(2026, 2, 24)),  # filing decision, MSF 126
            ("30 d", date(2026, 4, 3), date(2026, 5, 3), date(2026, 5, 6)),  # judicial confirmation, RMTJ 33
            ("45 d", date(2026, 1, 5), date(2026, 2, 19), date(2026, 2, 24)),  # labour award, LDZC 43
            ("1 mo", date(2026, 1, 30), date(2026, 2, 28), date(2026, 2, 28)),  # make-up Saturday
            ("2 y", date(2024, 2, 29), date(2026, 2, 28), date(2026, 2, 28)),
        ],
    )
    def test_natural_end_and_roll(self, length: str, start: date, natural: date, rolled: date) -> None:
        assert end(length, start, STAY) == natural
        assert end(length, start, ROLL) == rolled

    @pytest.mark.parametrize(
        ("length", "start", "last"),
        [
            ("5 wd", date(2026, 4, 30), date(2026, 5, 11)),  # objection to a transfer, XF 23 ¶3; 05-09 counts
            ("5 wd", date(2026, 9, 30), date(2026, 10, 13)),  # 10-10 counts
            ("30 wd", date(2026, 1, 19), date(2026, 3, 6)),  # medical mediation, YLJF 38
        ],
    )
    def test_working_days(self, length: str, start: date, last: date) -> None:
        assert end(length, start) == end(length, start, STAY) == last

    def test_reconsideration_into_an_unpublished_year_is_provisional(self) -> None:
        answer = due(Period.parse("60 d"), date(2026, 11, 10), CALENDAR, roll=ROLL)
        assert (answer.provisional, answer.earliest, answer.due) == (True, date(2027, 1, 9), date(2027, 1, 9))
        assert answer.latest > answer.earliest
        assert "2027" in (answer.reason or "")


class TestRulesOfComputing:
    """PER-01 to PER-18, each with its own numbers."""

    def test_per_01_units_are_types(self) -> None:
        assert (end("60 d", date(2026, 1, 5)), end("2 mo", date(2026, 1, 5))) == (
            date(2026, 3, 6),
            date(2026, 3, 5),
        )
        assert [str(Period.parse(text)) for text in ("24 h", "60 d", "5 wd", "3 mo", "2 y")] == [
            "24 h", "60 d", "5 wd", "3 mo", "2 y",
        ]  # fmt: skip

    def test_per_02_the_first_day_is_not_counted(self) -> None:
        assert end("1 d", date(2026, 3, 2)) == date(2026, 3, 3)
        assert end("1 d", date(2026, 3, 2), first_day=FirstDay.INCLUDED) == date(2026, 3, 2)

    def test_per_03_the_corresponding_day_or_the_months_last(self) -> None:
        assert end("1 mo", date(2024, 1, 29), STAY) == date(2024, 2, 29)
        assert end("1 mo", date(2024, 2, 29), STAY) == date(2024, 3, 29)
        assert end("1 mo", date(2026, 1, 31), STAY) == date(2026, 2, 28)
        assert end("1 y", date(2024, 2, 29), STAY) == date(2025, 2, 28)

    def test_per_03_differs_from_the_common_bug_117_times(self) -> None:
        wrong = 0
        day = date(2024, 1, 1)
        while day.year <= 2026:
            for months in (1, 2, 3, 6, 12):
                wrong += add_months(day + DAY, months) - DAY != add_months(day, months)
            day += DAY
        assert wrong == 117

    def test_per_04_the_day_after_the_holiday(self) -> None:
        assert end("10 d", date(2026, 9, 21)) == date(2026, 10, 8)

    def test_per_04_ends_at_midnight_or_at_the_close_of_business(self) -> None:
        midnight = due(Period.parse("1 d"), date(2026, 3, 2), CALENDAR)
        assert midnight.instant == datetime(2026, 3, 4, tzinfo=CHINA)
        business = due(Period.parse("1 d"), date(2026, 3, 2), CALENDAR, ends=Ends.CLOSE_OF_BUSINESS)
        assert business.instant == datetime(2026, 3, 3, 17, 30, tzinfo=CHINA)

    def test_per_07_a_last_day_that_is_a_day_off_rolls(self) -> None:
        assert end("1 d", date(2026, 3, 6)) == date(2026, 3, 9)

    def test_per_08_hours_start_with_the_next_hour(self) -> None:
        # 期间开始的时,不计算在期间内: also when it has just begun.
        for minute in (0, 20, 59):
            start = datetime(2026, 3, 2, 9, minute, tzinfo=CHINA)
            assert due(Period.parse("72 h"), start, CALENDAR).instant == datetime(
                2026, 3, 5, 10, tzinfo=CHINA
            )
        start = datetime(2026, 3, 2, 9, 20, tzinfo=CHINA)
        at_once = due(Period.parse("72 h"), start, CALENDAR, next_hour=False)
        assert at_once.instant == datetime(2026, 3, 5, 9, 20, tzinfo=CHINA)

    def test_per_08_the_hours_are_those_of_china(self) -> None:
        # 09:20 in Kolkata is 11:50 in China; and no summer time of another zone adds an hour or takes one.
        kolkata = datetime(2026, 3, 2, 9, 20, tzinfo=ZoneInfo("Asia/Kolkata"))
        assert due(Period.parse("1 h"), kolkata, CALENDAR).instant == datetime(2026, 3, 2, 13, tzinfo=CHINA)
        paris = datetime(
            2026, 3, 28, 12, 0, tzinfo=ZoneInfo("Europe/Paris")
        )  # 19:00; summer begins that night
        assert due(Period.parse("24 h"), paris, CALENDAR).instant == datetime(2026, 3, 29, 20, tzinfo=CHINA)

    def test_per_09_ten_days_after_the_obstacle_ended(self) -> None:
        assert end("10 d", date(2026, 3, 2)) == date(2026, 3, 12)

    def test_per_10_a_public_notice_serves_after_thirty_days(self) -> None:
        assert served_by_public_notice(date(2026, 3, 2)) == date(2026, 4, 1)

    @pytest.mark.parametrize("days", [3, 5, 7, 10])
    def test_per_11_to_14_short_periods_in_working_days(self, days: int) -> None:
        assert end(f"{days} wd", date(2026, 9, 30)) > end(f"{days} d", date(2026, 9, 30), STAY)

    def test_per_16_petition_days_are_calendar_days(self) -> None:
        assert end("15 d", date(2026, 2, 14), STAY) == date(2026, 3, 1)

    def test_per_18_restricted_liberty_does_not_roll(self) -> None:
        assert end("7 d", date(2026, 2, 10), STAY) == date(2026, 2, 17)

    def test_counting_back_finds_the_last_day_that_is_early_enough(self) -> None:
        # A hearing on Monday 2026-10-12 must be notified five working days before (TDZC 31).
        answer = due(Period.parse("5 wd"), date(2026, 10, 12), CALENDAR, backwards=True)
        assert answer.due == date(2026, 9, 29)
        assert due(Period.parse("7 d"), date(2026, 3, 12), CALENDAR, backwards=True).due == date(2026, 3, 5)


def slow(period: Period, start: date, roll: Roll) -> date:
    """The definition, word for word, on another calendar."""
    if period.unit is Unit.WORKING_DAY:
        day, left = start, period.length
        while left:
            day += DAY
            left -= chinese_calendar.is_workday(day)
        return day
    if period.unit is Unit.DAY:
        day = start
        for _ in range(period.length):
            day += DAY
    else:
        months = period.length * (12 if period.unit is Unit.YEAR else 1)
        year, month = start.year, start.month
        for _ in range(months):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = next(found for back in count() if (found := _date(year, month, start.day - back)) is not None)
    while roll is ROLL and not chinese_calendar.is_workday(day):
        day += DAY
    return day


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def at_midnight(day: date) -> datetime:
    """The end of a day in China."""
    return datetime.combine(day + DAY, time(0), CHINA)


def slow_most_worked(start: date, number: int, step: timedelta) -> date:
    """Day by day, until ``number`` working days lie behind, were every weekend day worked that a plan can let be."""
    day, days, spare, left = start, 0, 0, number
    while left:
        spare += WORKED_WEEKEND_DAYS if days % 366 == 0 else 0
        day, days = day + step, days + 1
        if not known(day):
            weekday = day.weekday() < 5
            if weekday and statutory_holiday(day):
                continue
            left -= weekday or spare > 0
            spare -= not weekday and spare > 0
        else:
            left -= CALENDAR.is_working_day(day)
    return day


def slow_most_off(start: date, number: int, step: timedelta) -> date:
    """Day by day, until ``number`` working days must lie behind, were every weekday off that a plan can let be."""
    day, days, weekdays, before, worked = start, 0, 0, 0, 0
    while worked < number:
        day = day + step
        if known(day):
            worked += CALENDAR.is_working_day(day)
            continue
        days, weekdays = days + 1, weekdays + (day.weekday() < 5)
        # Of more days never fewer are worked.
        before = worked = max(before, weekdays - min(-(-days // span) * most for span, most in WEEKDAYS_OFF))
    return day


def known(day: date) -> bool:
    return CALENDAR.covers(day)


PERIODS = st.one_of(
    st.builds(Period, st.integers(0, 300), st.just(Unit.DAY)),
    st.builds(Period, st.integers(0, 250), st.just(Unit.WORKING_DAY)),
    st.builds(Period, st.integers(0, 14), st.just(Unit.MONTH)),
    st.builds(Period, st.integers(0, 1), st.just(Unit.YEAR)),
)


class TestProperties:
    @given(PERIODS, STARTS, st.sampled_from(Roll))
    def test_equal_to_counting_day_by_day(self, period: Period, start: date, roll: Roll) -> None:
        assert due(period, start, CALENDAR, roll=roll).due == slow(period, start, roll)

    @given(PERIODS, STARTS, st.sampled_from(Roll))
    def test_a_later_start_never_ends_earlier(self, period: Period, start: date, roll: Roll) -> None:
        assert end(str(period), start, roll) <= end(str(period), start + DAY, roll)

    @given(PERIODS, STARTS, st.sampled_from(Roll))
    def test_a_longer_period_never_ends_earlier(self, period: Period, start: date, roll: Roll) -> None:
        longer = Period(period.length + 1, period.unit)
        assert end(str(period), start, roll) <= end(str(longer), start, roll)

    @given(PERIODS, STARTS, st.sampled_from(Roll))
    def test_the_steps_tell_every_day_that_did_not_count(
        self, period: Period, start: date, roll: Roll
    ) -> None:
        answer = due(period, start, CALENDAR, roll=roll)
        steps = list(answer.steps("en"))
        assert (steps[0].day, steps[-1].day) == (start, answer.due)
        between = steps[1:-1]
        assert all(CALENDAR.is_day_off(step.day) for step in between)
        if period.unit is Unit.WORKING_DAY:
            off = [start + DAY * n for n in range(1, (answer.due - start).days)]
            assert [step.day for step in between] == [day for day in off if CALENDAR.is_day_off(day)]

    @given(STARTS, st.integers(1, 120))
    def test_counting_back_is_counting_forward_turned_round(self, start: date, length: int) -> None:
        last = due(Period(length, Unit.WORKING_DAY), start, CALENDAR, backwards=False).due
        back = due(Period(length, Unit.WORKING_DAY), last, CALENDAR, backwards=True).due
        assert CALENDAR.working_days_between(back, last) == length


class TestProvisional:
    """Whatever plan comes, the date lies between the bounds: proved on every year that has come."""

    @pytest.mark.parametrize("year", range(2008, 2026))
    @pytest.mark.parametrize("roll", list(Roll))
    def test_the_real_date_lies_between_the_bounds(self, year: int, roll: Roll) -> None:
        known = Calendar(tuple(plan for plan in CALENDAR.plans if plan.year < year))
        for length in ("1 wd", "5 wd", "15 wd", "45 wd", "3 d", "15 d", "60 d", "1 mo", "3 mo"):
            for back in range(0, 90, 3):
                start = date(year, 2, 20) - DAY * back
                answer: Due = due(Period.parse(length), start, known, roll=roll)
                real = due(Period.parse(length), start, CALENDAR, roll=roll)
                assert answer.earliest <= real.due <= answer.latest, (length, start)
                assert answer.due == answer.earliest
                if not answer.provisional:
                    assert answer.earliest == real.due == answer.latest

    @pytest.mark.parametrize("year", range(2008, 2026))
    def test_so_it_does_counted_back(self, year: int) -> None:
        """A notice before a hearing whose holidays are not published yet (TDZC 31): the earliest is early enough."""
        known = Calendar(tuple(plan for plan in CALENDAR.plans if plan.year < year))
        for length in (1, 3, 5, 10, 40):
            for ahead in range(0, 90, 3):
                hearing = date(year, 1, 4) + DAY * ahead
                answer = due(Period(length, Unit.WORKING_DAY), hearing, known, backwards=True)
                real = due(Period(length, Unit.WORKING_DAY), hearing, CALENDAR, backwards=True)
                assert answer.earliest <= real.due <= answer.latest, (length, hearing)
                assert answer.due == answer.earliest
                assert answer.provisional == (answer.earliest != answer.latest)

    @pytest.mark.parametrize("year", range(2010, 2026))
    @pytest.mark.parametrize("backwards", [False, True])
    def test_so_it_does_where_an_area_has_holidays_of_its_own(self, year: int, backwards: bool) -> None:
        """A new year of seven days right behind that of the nation, as in Tibet (放假办法第四条)."""
        local = [
            Holiday("藏历新年", tuple(max(holiday.off) + DAY * n for n in range(1, 8)))
            for plan in CALENDAR.plans
            for holiday in plan.holidays
            if holiday.name.startswith("春节") and holiday.off
        ]
        before = Calendar(tuple(plan for plan in CALENDAR.plans if plan.year < year))
        known = with_local(before, [holiday for holiday in local if holiday.off[0].year < year])
        later = with_local(CALENDAR, local)
        for length in ("1 d", "15 d", "1 wd", "5 wd", "15 wd", "30 wd", "120 wd"):
            for ahead in range(0, 90, 2):
                period, start = Period.parse(length), date(year, 1, 4) + DAY * ahead
                answer = due(period, start, known, roll=ROLL, backwards=backwards)
                real = due(period, start, later, roll=ROLL, backwards=backwards)
                assert answer.earliest <= real.due <= answer.latest, (length, start)

    def test_a_weekend_that_an_area_works_may_be_worked_again(self) -> None:
        local = with_local(CALENDAR, [Holiday("泼水节", (), (date(2026, 4, 18), date(2026, 4, 19)))])
        answers = (due(Period.parse("10 wd"), date(2027, 3, 1), one) for one in (CALENDAR, local))
        assert [answer.earliest for answer in answers] == [date(2027, 3, 11), date(2027, 3, 11)]
        answers = (due(Period.parse("60 wd"), date(2027, 3, 1), one) for one in (CALENDAR, local))
        assert [answer.earliest for answer in answers] == [date(2027, 5, 13), date(2027, 5, 11)]

    @pytest.mark.parametrize(
        ("length", "start", "safe"),
        [
            ("1 wd", date(2026, 12, 31), date(2027, 1, 2)),
            ("1 wd", date(2027, 2, 4), date(2027, 2, 9)),  # 除夕 2027-02-05 to 正月初三
            ("1 wd", date(2027, 4, 30), date(2027, 5, 3)),
            ("1 wd", date(2027, 9, 30), date(2027, 10, 4)),
            ("10 d", date(2026, 12, 22), date(2027, 1, 2)),
            ("30 d", date(2027, 9, 1), date(2027, 10, 4)),
            ("1 mo", date(2027, 5, 9), date(2027, 6, 10)),  # 端午 2027-06-09
            ("1 mo", date(2027, 8, 15), date(2027, 9, 16)),  # 中秋 2027-09-15
        ],
    )
    def test_no_provisional_day_is_a_holiday_of_the_regulation(
        self, length: str, start: date, safe: date
    ) -> None:
        """全国年节及纪念日放假办法第二条."""
        answer = due(Period.parse(length), start, CALENDAR, roll=ROLL)
        assert (answer.due, answer.provisional) == (safe, True)
        assert statutory_holiday(answer.latest) is None

    @given(st.integers(0, 900), st.integers(1, 400))
    def test_the_bounds_are_those_of_counting_day_by_day(self, ahead: int, number: int) -> None:
        start = CALENDAR.known_through + DAY * ahead
        assert working_day_bounds(start, number, CALENDAR) == (
            slow_most_worked(start, number, DAY),
            slow_most_off(start, number, DAY),
        )

    @given(st.integers(1, 900), st.integers(1, 400))
    def test_so_are_those_counted_back(self, ahead: int, number: int) -> None:
        start = CALENDAR.known_through + DAY * ahead
        assert working_day_bounds(start, -number, CALENDAR) == (
            slow_most_off(start, number, -DAY),
            slow_most_worked(start, number, -DAY),
        )

    @given(st.integers(1, 900), st.integers(1, 250))
    def test_a_notice_on_the_bound_is_early_enough(self, ahead: int, number: int) -> None:
        """Counted on from the bounds, the day from which they were counted back lies between."""
        hearing = CALENDAR.known_through + DAY * ahead
        answer = due(Period(number, Unit.WORKING_DAY), hearing, CALENDAR, backwards=True)
        assert (answer.due, answer.instant) == (answer.earliest, at_midnight(answer.earliest))
        assert answer.latest_instant == at_midnight(answer.latest)
        assert due(Period(number, Unit.WORKING_DAY), answer.earliest - DAY, CALENDAR).earliest <= hearing
        assert due(Period(number, Unit.WORKING_DAY), answer.latest, CALENDAR).latest >= hearing

    @pytest.mark.parametrize("backwards", [False, True])
    def test_a_long_period_looks_at_few_more_days_than_a_short_one(
        self, monkeypatch: pytest.MonkeyPatch, backwards: bool
    ) -> None:
        asked: list[date] = []
        real = bounds._weekdays
        monkeypatch.setattr(bounds, "_weekdays", lambda first, span: asked.append(first) or real(first, span))

        def looked(length: int) -> int:
            asked.clear()
            due(Period(length, Unit.WORKING_DAY), date(2070, 3, 2), CALENDAR, backwards=backwards)
            return len(asked)

        assert looked(10_000) <= 2 * looked(10)

    def test_calendar_days_that_do_not_roll_need_no_holidays(self) -> None:
        answer = due(Period.parse("60 d"), date(2026, 11, 10), CALENDAR)
        assert (answer.provisional, answer.due) == (False, date(2027, 1, 9))

    def test_a_period_inside_what_is_known_is_firm(self) -> None:
        assert not due(Period.parse("5 wd"), date(2026, 12, 18), CALENDAR).provisional


class TestBadInput:
    @pytest.mark.parametrize(
        "text", ["", "60", "d", "60d ays", "-1 d", "1.5 d", "60 D", "5 w", "99999999 d", "60\nd x", "六十日"]
    )
    def test_what_is_no_period(self, text: str) -> None:
        with pytest.raises(PeriodError, match=r"period|write"):
            Period.parse(text)

    def test_a_day_before_the_known_years(self) -> None:
        with pytest.raises(PeriodError, match="2007-01-01"):
            due(Period.parse("5 d"), date(2006, 12, 31), CALENDAR)

    def test_hours_from_a_date(self) -> None:
        with pytest.raises(PeriodError, match="instant"):
            due(Period.parse("24 h"), date(2026, 3, 2), CALENDAR)

    @pytest.mark.parametrize("length", ["24 h", "5 d"])
    def test_an_instant_without_zone(self, length: str) -> None:
        with pytest.raises(PeriodError, match="time zone"):
            due(Period.parse(length), datetime(2026, 3, 2, 9), CALENDAR)  # noqa: DTZ001

    def test_an_instant_counts_from_its_day_in_china(self) -> None:
        late = datetime(2026, 3, 2, 20, tzinfo=timezone.utc)  # noqa: UP017
        assert due(Period.parse("1 d"), late, CALENDAR).due == date(2026, 3, 4)

    @pytest.mark.parametrize(
        ("length", "unit"), [(True, Unit.DAY), (1.5, Unit.DAY), (5, "wd"), ("5", Unit.DAY)]
    )
    def test_what_is_no_length_or_unit(self, length: Any, unit: Any) -> None:
        with pytest.raises(PeriodError, match="whole number"):
            Period(length, unit)

    @pytest.mark.parametrize(
        "options",
        [
            {"ends": "close_of_business"},
            {"ends": "noon"},
            {"first_day": "included"},
            {"roll": "next"},
            {"roll": None},
        ],
    )
    @pytest.mark.parametrize("length", ["5 d", "24 h"])
    def test_words_are_not_taken_for_the_default(self, length: str, options: dict[str, Any]) -> None:
        [name] = options
        with pytest.raises(PeriodError, match=name):
            due(Period.parse(length), datetime(2026, 3, 2, 9, tzinfo=CHINA), CALENDAR, **options)

    @pytest.mark.parametrize("text", ["６０ d", "٣٠ wd"])
    def test_digits_of_other_scripts(self, text: str) -> None:
        with pytest.raises(PeriodError, match="is not a period"):
            Period.parse(text)

    def test_hours_before_the_known_years(self) -> None:
        with pytest.raises(PeriodError, match="2007-01-01"):
            due(Period.parse("24 h"), datetime(1990, 1, 1, 10, tzinfo=CHINA), CALENDAR)

    def test_a_public_notice_at_the_end_of_time(self) -> None:
        with pytest.raises(PeriodError, match="leave the calendar"):
            served_by_public_notice(date(9999, 12, 31))

    @pytest.mark.parametrize("length", ["24 h", "0 h", "1 d", "1 wd"])
    @pytest.mark.parametrize("zone", [CHINA, UTC])
    def test_an_instant_at_the_end_of_time(self, length: str, zone: tzinfo) -> None:
        with pytest.raises(PeriodError, match=r"leaves? the calendar"):
            due(Period.parse(length), datetime(9999, 12, 31, 23, 30, tzinfo=zone), CALENDAR)

    def test_an_instant_at_the_beginning_of_time(self) -> None:
        with pytest.raises(PeriodError, match="leaves the calendar"):
            due(Period.parse("1 d"), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9))), CALENDAR)

    @pytest.mark.parametrize("length", ["5 d", "5 wd", "1 mo", "1 y"])
    def test_the_end_of_time(self, length: str) -> None:
        with pytest.raises(PeriodError, match=r"leaves? the calendar"):
            due(Period.parse(length), date(9999, 12, 31), CALENDAR, roll=ROLL)

    def test_years_beyond_the_calendar(self) -> None:
        with pytest.raises(PeriodError, match=r"leaves? the calendar"):
            add_months(date(9999, 12, 1), 2)
