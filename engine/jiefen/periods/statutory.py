"""The holidays that the regulation itself fixes, known before any yearly plan (全国年节及纪念日放假办法 art. 2).

The yearly plan of the State Council decides which weekends are worked for them and what is off besides; it never makes
one of these days a working day. So a date that must be computed before the plan is published does not fall on one.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from typing import Final

#: The regulation as revised on 10 November 2024; earlier years are in the plans.
FIRST_YEAR: Final = 2025

#: 正月初一, 清明, 端午, 中秋 by year, from the Chinese calendar of China's time zone. A test computes them again.
_LUNAR: Final = {
    2025: ("01-29", "04-04", "05-31", "10-06"),
    2026: ("02-17", "04-05", "06-19", "09-25"),
    2027: ("02-06", "04-05", "06-09", "09-15"),
    2028: ("01-26", "04-04", "05-28", "10-03"),
    2029: ("02-13", "04-04", "06-16", "09-22"),
    2030: ("02-03", "04-05", "06-05", "09-12"),
    2031: ("01-23", "04-05", "06-24", "10-01"),
    2032: ("02-11", "04-04", "06-12", "09-19"),
    2033: ("01-31", "04-04", "06-01", "09-08"),
    2034: ("02-19", "04-05", "06-20", "09-27"),
    2035: ("02-08", "04-05", "06-10", "09-16"),
    2036: ("01-28", "04-04", "05-30", "10-04"),
    2037: ("02-15", "04-04", "06-18", "09-24"),
    2038: ("02-04", "04-05", "06-07", "09-13"),
    2039: ("01-24", "04-05", "05-27", "10-02"),
    2040: ("02-12", "04-04", "06-14", "09-20"),
    2041: ("02-01", "04-04", "06-03", "09-10"),
    2042: ("01-22", "04-04", "06-22", "09-28"),
    2043: ("02-10", "04-05", "06-11", "09-17"),
    2044: ("01-30", "04-04", "05-31", "10-05"),
    2045: ("02-17", "04-04", "06-19", "09-25"),
    2046: ("02-06", "04-04", "06-08", "09-15"),
    2047: ("01-26", "04-05", "05-29", "10-04"),
    2048: ("02-14", "04-04", "06-15", "09-22"),
    2049: ("02-02", "04-04", "06-04", "09-11"),
    2050: ("01-23", "04-04", "06-23", "09-30"),
}
#: The days with a fixed date, every year.
_FIXED: Final = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
_DAY = timedelta(days=1)


def _moving() -> dict[date, str]:
    found: dict[date, str] = {}
    for year, days in _LUNAR.items():
        spring, qingming, duanwu, mid_autumn = (date.fromisoformat(f"{year}-{day}") for day in days)
        found.update((spring + offset * _DAY, "春节") for offset in range(-1, 3))
        found.update({qingming: "清明节", duanwu: "端午节", mid_autumn: "中秋节"})
    return found


_MOVING: Final = _moving()
#: The last year for which holidays are counted; a bound that knows fewer of them is wider, not wrong.
_LAST_COUNTED = 2100
_SATURDAY = 5


def _on_weekdays() -> tuple[date, ...]:
    fixed = (date(year, *day) for year in range(FIRST_YEAR, _LAST_COUNTED + 1) for day in _FIXED)
    return tuple(sorted(day for day in {*fixed, *_MOVING} if day.weekday() < _SATURDAY))


_ON_WEEKDAYS: Final = _on_weekdays()


def statutory_holiday(day: date) -> str | None:
    """The name of the holiday that ``day`` is by the regulation itself; ``None`` for every other day.

    After 2050 only the holidays with a fixed date are known, before 2025 none: those years have their plans.
    """
    if day.year < FIRST_YEAR:
        return None
    return _FIXED.get((day.month, day.day)) or _MOVING.get(day)


def statutory_weekdays(first: date, span: int) -> int:
    """How many of the ``span`` days from ``first`` on are Mondays to Fridays that the regulation makes holidays."""
    return bisect_left(_ON_WEEKDAYS, first + span * _DAY) - bisect_left(_ON_WEEKDAYS, first)
