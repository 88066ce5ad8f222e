"""Dates as people write them in a ledger. What can be read in two ways, or names no single day, is a fault."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from jiefen_adapters.ledgers.cells import Cell, chinese_digits, written
from jiefen_adapters.ledgers.wording import Fault, Text

#: A spreadsheet counts days from here (its serial 60, 1900-02-29, never existed and lies before every date read here) …
SERIAL_ZERO: Final = date(1899, 12, 30)
#: … and one that was made on an old Mac from here.
SERIAL_ZERO_1904: Final = date(1904, 1, 1)
#: A bare five-digit number is a serial only if it falls in these years; any other is a slip of the pen.
_SERIAL_YEARS: Final = range(2000, 2100)
_YEARS: Final = range(1949, 2100)
_MONTHS: Final = 12

_CLOCK = (
    r"(?:[T ]*(?:[01]?[0-9]|2[0-3])[:时点][0-5]?[0-9]?(?::[0-5][0-9](?:\.[0-9]+)?|分)?"
    r"|[ ]*(?:上午|中午|下午|晚上|早上|凌晨))*"
)
_WEEKDAY = re.compile(r"[ (]*(?:星期|周|礼拜)([一二三四五六日天])\)?")
_WEEKDAYS: Final = {sign: number % 7 for number, sign in enumerate("一二三四五六日")} | {"天": 6}
_FULL = re.compile(
    rf"([0-9]{{4}})(?:([-/.])([0-9]{{1,2}})\2|年([0-9]{{1,2}})月)([0-9]{{1,2}})[日号]?{_CLOCK}"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SHORT_YEAR = re.compile(
    rf"['’]?([0-9]{{2}})(?:([-/.])([0-9]{{1,2}})\2|年([0-9]{{1,2}})月)([0-9]{{1,2}})[日号]?{_CLOCK}"
)
_DAY_OF_YEAR = re.compile(rf"([0-9]{{1,2}})(?:月([0-9]{{1,2}})[日号]?|([-/.])([0-9]{{1,2}})){_CLOCK}")
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2([0-9]{{4}}){_CLOCK}")
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_ONLY_A_PART = re.compile(r"(?:[0-9]{2,4}年)?(?:[0-9]{1,2}月)?(?:[上中下]旬|月初|月中|月底|初|底|末|份)?")
_SEVERAL = re.compile(r".+(?:[~—至到、和]|日-).+|.+[-.][0-9]{1,2}-[0-9]{1,2}[.月].+")


@dataclass(frozen=True, slots=True)
class YearHint:
    """The year of dates that are written without one.

    Attributes:
        year: the year.
        last_month: the last month that such a date may fall in; a ledger of January 2026 that says 12月28日 does not
            mean December 2026.
    """

    year: int
    last_month: int = _MONTHS


def read_date(
    cell: Cell, hint: YearHint | None = None, zero: date = SERIAL_ZERO, told: Callable[[], object] = int
) -> date | Fault:
    """A calendar day, in China as written; a time of day is dropped, and a day of the week must be the right one.

    Args:
        cell: a date, a spreadsheet's serial number, or text such as 2026-01-05, 2026/1/5, 2026.1.5, 20260105,
            2026年1月5日, 二〇二六年一月五日, 26-1-5; and 1月5日 or 1.5 if there is a hint.
        hint: the year of dates without one.
        zero: the day from which serial numbers of the workbook count.
        told: called when the year is the hint's.
    """
    if isinstance(cell, date):  # a datetime is one as well
        return _day(cell.year, cell.month, cell.day)
    text = " ".join(unicodedata.normalize("NFKC", written(cell)).split())
    weekday = _WEEKDAY.search(text)
    text = chinese_digits(_WEEKDAY.sub("", text, count=1).strip())
    text = re.sub(r"\s*([-/.年月日号])\s*", r"\1", text)
    if isinstance(cell, float) and re.fullmatch(r"[0-9]{1,2}\.[0-9]", text):
        return Fault(
            Text(
                f"{text}也可能是{text}0,末尾的零被表格软件去掉了",
                f"{text} may be {text}0 without its last zero",
            ),
            Text("写成 2026-01-05 的样子", "write it like 2026-01-05"),
        )
    found = _read(text, hint, zero, told)
    if weekday is not None and isinstance(found, date) and found.weekday() != _WEEKDAYS[weekday[1]]:
        return Fault(
            Text(f"{found}不是星期{weekday[1]}", f"{found} is not the day of the week that is written"),
            Text("核对后写成 2026-01-05 的样子", "check it and write it like 2026-01-05"),
        )
    return found


def _read(text: str, hint: YearHint | None, zero: date, told: Callable[[], object]) -> date | Fault:
    if (match := _FULL.fullmatch(text)) is not None:
        return _day(int(match[1]), int(match[3] or match[4]), int(match[5]))
    if (match := _COMPACT.fullmatch(text)) is not None:
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if (match := _SHORT_YEAR.fullmatch(text)) is not None and _is_year(int(match[1]), hint):
        return _day(2000 + int(match[1]), int(match[3] or match[4]), int(match[5]))
    if (match := _DAY_OF_YEAR.fullmatch(text)) is not None:
        return _day_of_year(int(match[1]), int(match[2] or match[4]), hint, told)
    if (match := _DAY_FIRST.fullmatch(text)) is not None:
        return _day_first(int(match[1]), int(match[3]), int(match[4]))
    if (match := _SERIAL.fullmatch(text)) is not None:
        day = zero + timedelta(days=int(match[1]))
        if day.year in _SERIAL_YEARS:
            return day
    if text and _ONLY_A_PART.fullmatch(text):
        return _vague(Text("没有写到哪一天", "it does not say which day"))
    if _SEVERAL.fullmatch(text):
        return _vague(Text("写了不止一天", "it names more than one day"))
    return Fault(
        Text("不是能确定读法的日期", "not a date that can be read in one way only"),
        Text("写成 2026-01-05 的样子", "write it like 2026-01-05"),
    )


def _vague(reason: Text) -> Fault:
    return Fault(reason, Text("写明是哪一天,如 2026-01-05", "say which day, as in 2026-01-05"))


def _is_year(two: int, hint: YearHint | None) -> bool:
    """Whether two digits that begin a date are its year: they can be no month, or are the year of the ledger."""
    return two > _MONTHS or (hint is not None and hint.year % 100 == two)


def _day_first(one: int, other: int, year: int) -> date | Fault:
    """05/03/2026: the day and the month, whichever can be which."""
    if one == other or (one > _MONTHS) != (other > _MONTHS):
        return (
            _day(year, min(one, other), max(one, other))
            if one > _MONTHS or one == other
            else _day(year, one, other)
        )
    return Fault(
        Text("分不清哪个是月、哪个是日", "it does not tell the day from the month"),
        Text("写成 2026-01-05 的样子", "write it like 2026-01-05"),
    )


def _day(year: int, month: int, day: int) -> date | Fault:
    try:
        found = date(year, month, day)
    except ValueError:
        return Fault(
            Text(f"没有{year}年{month}月{day}日这一天", f"there is no such day as {year}-{month}-{day}"),
            Text("核对后写成 2026-01-05 的样子", "check it and write it like 2026-01-05"),
        )
    if found.year not in _YEARS:
        return Fault(
            Text(
                f"年份{year}不在{_YEARS[0]}至{_YEARS[-1]}之间",
                f"the year {year} is not within {_YEARS[0]} to {_YEARS[-1]}",
            ),
            Text("核对年份", "check the year"),
        )
    return found


def _day_of_year(month: int, day: int, hint: YearHint | None, told: Callable[[], object]) -> date | Fault:
    if hint is None or month > hint.last_month:
        return Fault(
            Text("日期没有写年份", "the date has no year, and the ledger does not settle it"),
            Text(
                "写上年份,如 2026-01-05;或者导入时用 --year 2026 说明",
                "write the year, as in 2026-01-05, or give it to the import: --year 2026",
            ),
        )
    found = _day(hint.year, month, day)
    if isinstance(found, date):
        told()
    return found
