"""The due date of a working-day period against chinesecalendar's ``find_workday``, and its time against its length.

python bench/periods.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date

import chinese_calendar

from jiefen.periods import Period, Unit, calendars, due

START = date(2019, 3, 4)
#: A day whose holidays nobody knows: there a due date has bounds, which must not be looked for day by day.
UNKNOWN = date(2070, 3, 3)
LENGTHS = (1, 10, 100, 1000)
ROUNDS = 7


def fastest(call: Callable[[], object], repeat: int) -> float:
    """Seconds of one call: the fastest of several rounds of ``repeat`` calls."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(repeat):
            call()
        found.append((time.perf_counter() - start) / repeat)
    return min(found)


def main() -> int:
    """Print the table; 1 when a figure of the design is missed."""
    calendar = calendars()
    ours: dict[int, float] = {}
    theirs: dict[int, float] = {}
    for length in LENGTHS:
        period = Period(length, Unit.WORKING_DAY)
        expected = chinese_calendar.find_workday(length, START)
        if due(period, START, calendar).due != expected:
            print(
                f"{length} working days from {START}: {due(period, START, calendar).due}, expected {expected}"
            )
            return 1
        ours[length] = fastest(lambda period=period: due(period, START, calendar), 2000)  # type: ignore[misc]
        theirs[length] = fastest(
            lambda length=length: chinese_calendar.find_workday(length, START),  # type: ignore[misc]
            max(5, 2000 // length),
        )
    print(f"{'length':>8} {'ours µs':>10} {'find_workday µs':>16} {'ratio':>8}")
    for length in LENGTHS:
        ratio = theirs[length] / ours[length]
        print(f"{length:>5} wd {ours[length] * 1e6:>10.2f} {theirs[length] * 1e6:>16.1f} {ratio:>8.1f}")
    ratio, flat = theirs[100] / ours[100], ours[1000] / ours[10]
    print(f"100 working days: {ratio:.0f} times faster (>= 20); 1000 against 10: {flat:.2f} (<= 1.15)")
    good = ratio >= 20 and flat <= 1.15
    for backwards in (False, True):
        bound = {
            length: fastest(
                lambda length=length, backwards=backwards: due(  # type: ignore[misc]
                    Period(length, Unit.WORKING_DAY), UNKNOWN, calendar, backwards=backwards
                ),
                200,
            )
            for length in LENGTHS
        }
        flat = bound[1000] / bound[10]
        way = "back" if backwards else "on"
        print(f"bounds, counted {way}: {bound[10] * 1e6:.0f} µs; 1000 against 10: {flat:.2f} (<= 2)")
        good = good and flat <= 2
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
