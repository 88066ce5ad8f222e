"""Diaries of persons and offices as iCalendar (RFC 5545), which every calendar program subscribes to or imports.

:func:`write_calendar` is what the entry point of the group ``jiefen.calendars`` gives.
"""

from __future__ import annotations

from typing import Literal

from jiefen import Diary, Engine
from jiefen_adapters.calendars.entries import entries_of
from jiefen_adapters.calendars.writing import calendar_bytes, title_of

__all__ = ["calendar_of", "write_calendar"]


def write_calendar(diary: Diary, *, language: Literal["zh", "en"] = "zh", domain: str = "jiefen") -> bytes:
    """A diary as an iCalendar file: meetings, hearings, joint sessions, last days of deadlines, and routines.

    It holds what the reader of the diary may read, with titles that name nobody, and no title of a case that is kept
    more closely than most. What was cancelled stays in it, marked so, for as long as its day lies in the span.

    Args:
        domain: makes the ids of its entries those of this office; it must stay the same.

    Raises:
        MissingExtra: icalendar is not installed.
    """
    return calendar_bytes(entries_of(diary, language), title_of(diary, language), diary.at, language, domain)


def calendar_of(
    engine: Engine, token: str, *, language: Literal["zh", "en"] = "zh", domain: str = "jiefen"
) -> bytes:
    """The calendar under a secret address; what a web server answers to whoever has it.

    Raises:
        NotFound: there is no such address, it was taken back, or its time or its posts are over.
        MissingExtra: icalendar is not installed.
    """
    return write_calendar(engine.diaries.opened(token), language=language, domain=domain)
