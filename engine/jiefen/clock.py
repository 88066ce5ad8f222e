"""Time is a parameter: the only module that asks the machine what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

#: Legal days in China are days of this zone (China observes one zone and no summer time).
CHINA = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> datetime:
        """The current instant, zone-aware."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests, scenarios and simulations.

    Args:
        start: a zone-aware instant, or a date, which means 09:00 of that day in China.
    """

    def __init__(self, start: datetime | date) -> None:
        self._now = _instant(start)

    def now(self) -> datetime:
        """The instant the clock was last set to."""
        return self._now

    def set(self, instant: datetime | date) -> None:
        """Move the clock, forward or back, to ``instant``."""
        self._now = _instant(instant)

    def advance(self, step: timedelta) -> datetime:
        """Move the clock by ``step`` and return the new instant."""
        self._now += step
        return self._now


def _instant(value: datetime | date) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, 9, tzinfo=CHINA)
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; give one, for example tzinfo=jiefen.clock.CHINA")
    return value


@lru_cache(maxsize=256)  # one call asks for the day of its instant again and again
def china_date(instant: datetime) -> date:
    """The legal day in China on which ``instant`` (zone-aware) falls."""
    return instant.astimezone(CHINA).date()


def legal_day(moment: date | datetime) -> date:
    """The legal day in China of a moment: the day itself, or that of a zone-aware instant."""
    return china_date(moment) if isinstance(moment, datetime) else moment


def midnight_after(day: date) -> datetime:
    """The instant at which a day in China is over."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(days=1)


def china_minute(instant: datetime) -> str:
    """An instant as people in China read it, to the minute, with its zone: ``2026-03-02 09:00 (UTC+8)``."""
    return f"{instant.astimezone(CHINA):%Y-%m-%d %H:%M} (UTC+8)"
