"""Timers: ISO 8601 durations and cycles, and dates that are computed from facts and deadlines."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from jiefen.clock import CHINA
from jiefen.errors import ExpressionError
from jiefen.notation.expressions import Expression, compile_expression

_NUMBER = r"([0-9]{1,6})"
_DURATION: Final = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_CYCLE: Final = re.compile(r"R([0-9]{0,6})/(P[^/]+)")
#: No cycle fires more often, unless its event says so (:data:`LEAST`): a case must not keep the clock busy.
LEAST_CYCLE: Final = timedelta(minutes=1)
#: The property of an event whose cycle may come more often than once a minute: the least time between two.
LEAST: Final = "least_cycle"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time. Months are months of the calendar in China; a day that does not exist becomes the last one."""

    months: int
    rest: timedelta

    def after(self, instant: datetime) -> datetime:
        """The instant that lies this long after ``instant``.

        Raises:
            ExpressionError: beyond the year 9999.
        """
        local = instant.astimezone(CHINA)
        try:
            years, month = divmod(local.month - 1 + self.months, 12)
            year = local.year + years
            day = min(local.day, calendar.monthrange(year, month + 1)[1])
            return local.replace(year=year, month=month + 1, day=day) + self.rest
        except (ValueError, OverflowError):
            raise ExpressionError("the timer lies beyond the year 9999") from None

    def repeated(self, start: datetime, until: datetime) -> tuple[int, datetime]:
        """How often it ends by ``until``, counted from ``start`` one after the other, and when it ends next.

        Raises:
            ExpressionError: beyond the year 9999.
        """
        times, end = 0, self.after(start)
        if not self.months and end <= until:
            # Years of seconds are not counted one by one.
            times = (until - start) // self.rest
            end = self.after(start + (times * self.rest))
        while end <= until:
            times, end = times + 1, self.after(end)
        return times, end


@dataclass(frozen=True, slots=True)
class Timer:
    """When a timer event is due.

    Attributes:
        text: as written.
        instant: computes the instant (``timeDate``); followed live, so that it moves with facts and deadlines.
        duration: counted from the moment at which the timer starts (``timeDuration``, ``timeCycle``).
        times: how often a cycle fires; ``None`` without end.
        deadline: the rule id when the instant is that of a deadline.
        least: a cycle comes no more often than that.
    """

    text: str
    instant: Expression | date | None = None
    duration: Duration | None = None
    cycle: bool = False
    times: int | None = None
    deadline: str | None = None
    least: timedelta = LEAST_CYCLE

    @property
    def too_often(self) -> bool:
        """Whether it is a cycle that is shorter than the least one."""
        counted = self.duration
        return self.cycle and counted is not None and not counted.months and counted.rest < self.least

    @property
    def every(self) -> Duration | None:
        """What is counted, for a cycle at least :attr:`least`."""
        return Duration(0, self.least) if self.too_often else self.duration


def parse_duration(text: str) -> Duration:
    """An ISO 8601 duration: ``P30D``, ``PT4H``, ``P1M``, ``P1Y2M3W4DT5H6M7S``.

    Raises:
        ExpressionError: when it is none, or no longer than nothing.
    """
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise ExpressionError(f"{text!r} is not a duration; write P30D, P1M or PT4H")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    rest = timedelta(days=days, weeks=weeks, hours=hours, minutes=minutes, seconds=seconds)
    duration = Duration(years * 12 + months, rest)
    if not duration.months and not rest:
        raise ExpressionError(f"{text!r} is no time at all")
    return duration


def parse_least(text: str) -> timedelta:
    """The least time between two times of a cycle: ``PT10S``, shorter than :data:`LEAST_CYCLE`.

    Raises:
        ExpressionError: when it is no duration, or says no less than what holds anyway.
    """
    least = parse_duration(text.strip())
    if least.months or least.rest >= LEAST_CYCLE:
        raise ExpressionError(
            f"{LEAST}={text!r} is no less than the minute that holds anyway; write PT10S, or remove it"
        )
    return least.rest


def parse_timer(form: str, text: str, names: Collection[str] | None) -> Timer:
    """A timer from its BPMN form (``timeDate``, ``timeDuration``, ``timeCycle``) and text.

    Raises:
        ExpressionError: with what can be written instead.
    """
    text = text.strip()
    if form == "timeDate":
        return _dated(text, names)
    if form == "timeDuration":
        if text.startswith(("$", "#")):
            raise ExpressionError(
                "a duration is written out (P30D); for one that is computed use a timeDate such as received_on + 15"
            )
        return Timer(text, duration=parse_duration(text))
    match = _CYCLE.fullmatch(text)
    if match is None:
        raise ExpressionError(
            f"{text!r} is not a cycle; write R3/P7D, or R/P7D for as long as the activity lasts"
        )
    times = int(match.group(1)) if match.group(1) else None
    if times == 0:
        raise ExpressionError(f"{text!r} never fires")
    return Timer(text, duration=parse_duration(match.group(2)), cycle=True, times=times)


def _dated(text: str, names: Collection[str] | None) -> Timer:
    if _DATE.fullmatch(text):
        try:
            return Timer(
                text, instant=datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
            )
        except ValueError as error:
            raise ExpressionError(f"{text!r} is not a date: {error}") from None
    expression = compile_expression(text, names)
    rules = [str(arguments[0]) for name, arguments in expression.calls if name == "deadline"]
    if len(set(rules)) > 1:
        raise ExpressionError("a timer follows one deadline, not several; draw one timer for each")
    return Timer(expression.text, instant=expression, deadline=rules[0] if rules else None)


def as_instant(value: object) -> datetime | None:
    """A date as the first instant of that day in China; an instant as it is, in China's zone when it names none.

    Raises:
        ExpressionError: when ``value`` is neither, nor null.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=CHINA)
    if isinstance(value, date):
        return datetime.combine(value, time(), CHINA)
    raise ExpressionError(f"a timer needs a date, not {value!r}")


def end_of_day(value: object) -> datetime | None:
    """Like :func:`as_instant`, but a date means the end of that day: what is due on a day may be done on it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.max, CHINA)
    return as_instant(value)
