"""Durations, cycles and dates of timers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.clock import CHINA
from jiefen.errors import ExpressionError
from jiefen.process.model.times import as_instant, end_of_day, parse_duration, parse_timer

MORNING = datetime(2026, 1, 31, 9, 0, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("PT90M", datetime(2026, 1, 31, 10, 30, tzinfo=CHINA)),
        ("P30D", datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)),
        ("P2W", datetime(2026, 2, 14, 9, 0, tzinfo=CHINA)),
        ("P1M", datetime(2026, 2, 28, 9, 0, tzinfo=CHINA)),
        ("P1Y1M1DT1S", datetime(2027, 3, 1, 9, 0, 1, tzinfo=CHINA)),
        ("P11M", datetime(2026, 12, 31, 9, 0, tzinfo=CHINA)),
        ("P12M", datetime(2027, 1, 31, 9, 0, tzinfo=CHINA)),
    ],
)
def test_durations(text: str, after: datetime) -> None:
    assert parse_duration(text).after(MORNING) == after
    assert parse_duration(text).after(MORNING.astimezone(UTC)) == after


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1D", "P1H", "P-1D", "P0D", "PT0S", "P1.5D", "p1d", "P1DT"]
)
def test_no_durations(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_duration(text)


def test_beyond_the_calendar() -> None:
    with pytest.raises(ExpressionError, match="9999"):
        parse_duration("P999999Y").after(MORNING)
    with pytest.raises(ExpressionError, match="9999"):
        parse_duration("P999999W").after(datetime(9990, 1, 1, tzinfo=CHINA))


def test_cycles() -> None:
    assert (
        parse_timer("timeCycle", "R3/P7D", None).times,
        parse_timer("timeCycle", " R/PT1H ", None).times,
    ) == (3, None)
    for text in ("R0/P1D", "P1D", "0 0 * * *", "R3/2026-01-01/P1D", "${x}"):
        with pytest.raises(ExpressionError):
            parse_timer("timeCycle", text, None)


def test_dates() -> None:
    assert parse_timer("timeDate", "2026-10-01", None).instant == date(2026, 10, 1)
    assert parse_timer("timeDate", '${deadline("a.b") - 3}', None).deadline == "a.b"
    for text in ("2026-02-30", "2026-10-01Tnoon", 'max(deadline("a"), deadline("b"))', "hearing on"):
        with pytest.raises(ExpressionError):
            parse_timer("timeDate", text, None)
    with pytest.raises(ExpressionError, match="received_on \\+ 15"):
        parse_timer("timeDuration", "${n}", None)


@given(st.dates())
def test_a_day_begins_and_ends_in_china(day: date) -> None:
    begin, end = as_instant(day), end_of_day(day)
    assert begin is not None
    assert end is not None
    assert begin.date() == end.date() == day
    assert begin.tzinfo is end.tzinfo is CHINA
    assert end - begin == timedelta(days=1, microseconds=-1)


def test_instants_stay_what_they_are() -> None:
    assert end_of_day(MORNING) == as_instant(MORNING) == MORNING
    assert as_instant(datetime(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=CHINA)  # noqa: DTZ001
    assert (as_instant(None), end_of_day(None)) == (None, None)
    with pytest.raises(ExpressionError):
        as_instant("2026-01-01")
