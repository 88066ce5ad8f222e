"""Days and hours in China."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

CHINA: Final = ZoneInfo("Asia/Shanghai")


def china_day(instant: datetime) -> date:
    """The day in China."""
    return instant.astimezone(CHINA).date()
