"""日程: what Jiefen asks of an adapter that writes a diary as a calendar, and how it finds one."""

from __future__ import annotations

from typing import Any, Final, Literal, Protocol, cast

from jiefen.outside.points import load_only

#: The group of entry points in which adapters that write calendars announce themselves.
GROUP: Final = "jiefen.calendars"
#: The adapter that comes with Jiefen.
BUNDLED: Final = "icalendar"


class CalendarAdapter(Protocol):
    """What an entry point of the group :data:`GROUP` gives."""

    def __call__(self, diary: Any, *, language: Literal["zh", "en"] = "zh", domain: str = "jiefen") -> bytes:
        """A diary (:class:`~jiefen.Diary`) as a file for calendars.

        Args:
            domain: makes the ids of its entries those of this office; it must stay the same.

        Raises:
            MissingExtra: the library for it is not installed.
        """
        ...


def calendar_adapter(name: str = BUNDLED) -> CalendarAdapter:
    """The installed adapter of that name.

    Raises:
        NotFound: none is installed under it.
        DefinitionError: several distributions claim it.
    """
    return cast(CalendarAdapter, load_only(GROUP, name, "calendars"))
