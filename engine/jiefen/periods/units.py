"""Lengths of legal periods. The unit belongs to the law, not to the number, and is never converted silently."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from jiefen.errors import PeriodError
from jiefen.notation.labels import Label, Language


class Unit(StrEnum):
    """The units in which the law counts; the values are how a period is written."""

    HOUR = "h"
    DAY = "d"
    WORKING_DAY = "wd"
    MONTH = "mo"
    YEAR = "y"


class Roll(StrEnum):
    """What happens when the last day of a period is a day off (PER-04, PER-07)."""

    NONE = "none"
    NEXT_WORKING_DAY = "next_working_day"


class FirstDay(StrEnum):
    """Whether the day from which a period runs counts (PER-02: it does not, unless a law says so)."""

    EXCLUDED = "excluded"
    INCLUDED = "included"


class Ends(StrEnum):
    """When the last day ends (PER-04)."""

    MIDNIGHT = "midnight"
    CLOSE_OF_BUSINESS = "close_of_business"


#: Longer periods are refused: twenty years is the longest that the law knows (MFD 188, XZSS 46).
_MOST = {Unit.HOUR: 200_000, Unit.DAY: 10_000, Unit.WORKING_DAY: 10_000, Unit.MONTH: 300, Unit.YEAR: 30}

_WORDS = {
    Unit.HOUR: ("小时", "hour"),
    Unit.DAY: ("日", "day"),
    Unit.WORKING_DAY: ("个工作日", "working day"),
    Unit.MONTH: ("个月", "month"),
    Unit.YEAR: ("年", "year"),
}
_WRITTEN = re.compile(r"([0-9]{1,6})\s*(h|d|wd|mo|y)")


@dataclass(frozen=True, slots=True, order=False)
class Period:
    """A length with its unit: sixty days is not two months, and five working days are not five days.

    Raises:
        PeriodError: for a negative length, one longer than any law knows, or what is no whole number or no unit.
    """

    length: int
    unit: Unit

    def __post_init__(self) -> None:
        if type(self.length) is not int or type(self.unit) is not Unit:
            raise PeriodError(
                f"a period of {self.length!r} {self.unit!r} is none; give a whole number and one of the units"
            )
        if not 0 <= self.length <= _MOST[self.unit]:
            raise PeriodError(
                f"a period of {self.length} {self.unit} cannot be computed; write 0 to {_MOST[self.unit]} {self.unit}"
            )

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``60 d``, ``5 wd``, ``24 h``, ``3 mo`` or ``2 y``.

        Raises:
            PeriodError: for anything else.
        """
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise PeriodError(
                f"{text!r} is not a period; write a number and a unit: d (days), wd (working days), h (hours), "
                "mo (months) or y (years), for example '60 d'"
            )
        return cls(int(match[1]), Unit(match[2]))

    @property
    def label(self) -> Label:
        """The period for a person: 5个工作日, 5 working days."""
        chinese, english = _WORDS[self.unit]
        return Label(
            f"{self.length}{chinese}", f"{self.length} {english}" + ("" if self.length == 1 else "s")
        )

    def text(self, language: Language) -> str:
        """The period for a person in one language."""
        return self.label.text(language)

    def __str__(self) -> str:
        return f"{self.length} {self.unit}"
