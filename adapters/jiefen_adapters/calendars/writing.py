"""Entries as iCalendar (RFC 5545). Lines, folding and escaping are those of the library icalendar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from jiefen import Diary, MissingExtra
from jiefen_adapters.calendars.entries import CHINA, Entry, Language, Status

if TYPE_CHECKING:
    from icalendar import Calendar, Event, Timezone

#: How often a program that subscribes should look again.
REFRESH: Final = timedelta(hours=6)
#: What no text of iCalendar may hold (RFC 5545, 3.1: CONTROL).
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONGEST: Final = 2_000


def title_of(diary: Diary, language: Language) -> str:
    """How a calendar is called."""
    zh = language == "zh"
    if diary.office is None:
        return f"解纷日程 {diary.person}" if zh else f"Jiefen {diary.person}"
    role = diary.reader.edition.rulebook.roles.get(diary.office.role)
    office = role.title.text(language) if role is not None else diary.office.role
    return f"解纷日程 {office} {diary.office.area}" if zh else f"Jiefen {office} {diary.office.area}"


def calendar_bytes(
    entries: Sequence[Entry], title: str, at: datetime, language: Language, domain: str
) -> bytes:
    """Entries as a calendar that is published whole; whoever reads it again takes it in the place of the one before.

    Raises:
        MissingExtra: icalendar is not installed.
    """
    calendar = _calendar(title, language)
    calendar.add_component(_china())
    for entry in entries:
        calendar.add_component(_event(entry, at, domain))
    content: bytes = calendar.to_ical()
    return content


def _calendar(title: str, language: Language) -> Calendar:
    try:
        from icalendar import Calendar, vText
    except ModuleNotFoundError as error:
        raise MissingExtra.of("a calendar (.ics)", error, "calendars") from error
    calendar = Calendar()
    calendar.add("prodid", f"-//Jiefen//{version('jiefen')}//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    # As a text: the library writes what it does not know as it is given.
    calendar.add("x-wr-calname", vText(" ".join(_plain(title).split())))
    calendar.add("x-wr-timezone", CHINA.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    return calendar


def _china() -> Timezone:
    """China's time, as it is since 1992."""
    from icalendar import Timezone, TimezoneStandard

    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", CHINA.key)
    standard.add("dtstart", datetime(1992, 1, 1))  # noqa: DTZ001 - a local time, as RFC 5545 has it here
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _event(entry: Entry, at: datetime, domain: str) -> Event:
    from icalendar import Alarm, Event

    event = Event()
    event.add("uid", f"{entry.name}@{domain}")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    event.add("sequence", entry.version)
    event.add("status", str(entry.status))
    event.add("summary", _plain(entry.summary))
    if entry.details:
        event.add("description", _plain("\n".join(entry.details)))
    if entry.place is not None:
        event.add("location", _plain(entry.place))
    event.add("categories", [_plain(entry.kind)])
    # What lasts a day does not fill it.
    event.add("transp", "OPAQUE" if isinstance(entry.starts, datetime) else "TRANSPARENT")
    event.add("class", "PRIVATE")
    if entry.alarm is not None and entry.status is not Status.CANCELLED:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _plain(entry.summary))
        alarm.add("trigger", -entry.alarm)
        event.add_component(alarm)
    return event


def _plain(text: Any) -> str:
    """A text without what a calendar cannot hold."""
    return _CONTROLS.sub("", str(text).replace("\r\n", "\n"))[:_LONGEST]
