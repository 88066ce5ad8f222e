"""Numbers as Chinese law writes them: 六十日, 十五个工作日, 二年, 第三十四条."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jiefen.periods.units import Period, Unit

_DIGITS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = "[〇零一二两三四五六七八九十百千]+"
_ARTICLE = re.compile(
    rf"第(?P<article>{_NUMERAL})条(?:之(?P<after>{_NUMERAL}))?"
    rf"(?:第(?P<paragraph>{_NUMERAL})款)?(?:第[（(]?(?P<item>{_NUMERAL})[）)]?项)?"
)
# A month is 月 or 个月, a year 年 or 周年; 日 means working days where another norm says so (PER-11, PER-14).
_LENGTH = re.compile(rf"({_NUMERAL}|[0-9]+|半)\s*(个?工作日|日|天|个?小时|个?月|周?年)")
_UNITS = {
    "日": (Unit.DAY, Unit.WORKING_DAY),
    "天": (Unit.DAY, Unit.WORKING_DAY),
    "工作日": (Unit.WORKING_DAY,),
    "小时": (Unit.HOUR,),
    "月": (Unit.MONTH,),
    "年": (Unit.YEAR,),
}


def number(text: str) -> int:
    """The number that a Chinese numeral below ten thousand writes, or Arabic digits.

    Raises:
        ValueError: ``text`` is not such a numeral.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    if not re.fullmatch(_NUMERAL, text):
        raise ValueError(f"{text!r} is not a Chinese numeral")
    if not set(text) & set(_PLACES):
        return int("".join(str(_DIGITS[letter]) for letter in text))
    total, digit = 0, None
    for letter in text:
        if letter in _PLACES:
            total += (1 if digit is None or digit == 0 else digit) * _PLACES[letter]
            digit = None
        else:
            digit = _DIGITS[letter]
    return total + (digit or 0)


@dataclass(frozen=True, slots=True)
class ArticleNumber:
    """Where in a law: 第二十条之一第三款第（二）项 is article 20, 1 after it, paragraph 3, item 2."""

    article: int
    after: int = 0
    paragraph: int | None = None
    item: int | None = None


def article_number(text: str) -> ArticleNumber:
    """The place that ``text`` names.

    Raises:
        ValueError: ``text`` does not name an article.
    """
    match = _ARTICLE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} does not name an article; write 第三十四条 or 第二十三条第三款")
    parts = {name: number(part) for name, part in match.groupdict().items() if part is not None}
    return ArticleNumber(parts["article"], parts.get("after", 0), parts.get("paragraph"), parts.get("item"))


def lengths_in(figure: str) -> Iterator[tuple[int, tuple[Unit, ...]]]:
    """Every length of time in a figure: the number and the units it can mean. 半年 is six months."""
    for written, unit in _LENGTH.findall(figure):
        bare = unit.removeprefix("个").removeprefix("周")
        if written == "半":
            if bare == "年":
                yield 6, (Unit.MONTH,)
            continue
        yield number(written), _UNITS[bare]


def says(figures: tuple[str, ...], period: Period) -> bool | None:
    """Whether one of ``figures`` is ``period``; ``None`` when none of them is a length of time (及时)."""
    found = [length for figure in figures for length in lengths_in(figure)]
    if not found:
        return None
    return any(
        (period.length == count and period.unit in units) or _in_months(period) == _months(count, units)
        for count, units in found
    )


def _in_months(period: Period) -> int:
    return _months(period.length, (period.unit,)) or -1


def _months(count: int, units: tuple[Unit, ...]) -> int | None:
    """A length of months or years in months: 一年 and 十二个月 are the same; ``None`` for other units."""
    if Unit.YEAR in units:
        return 12 * count
    return count if Unit.MONTH in units else None
