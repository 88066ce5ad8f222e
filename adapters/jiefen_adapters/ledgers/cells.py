"""Cells as people write them: sums of money, head counts, plain text.

Every reader gives the value, or a :class:`Fault` that says why it cannot be read and what to write instead. None of
them raises, and none of them guesses: what can be read in two ways is a fault.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from jiefen_adapters.ledgers.wording import Fault, Text

Cell: TypeAlias = str | int | float | bool | date | datetime | None

#: A spreadsheet keeps fifteen digits; in a longer number the last ones are already wrong.
_EXACT_DIGITS: Final = 15
_LONGEST: Final = 40

#: A cell that begins so is run as a formula by some spreadsheet, in half-width or full-width form.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CELL_ERRORS: Final = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
#: What stands for a formula whose value was never computed; read as an error like the ones above.
UNCOMPUTED: Final = "#UNCOMPUTED!"

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_TEXT_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffe\uffff]")

_MONEY = re.compile(
    r"(?:人民币|¥|RMB)?([0-9]+(?:\.[0-9]+)?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?)(元|块钱?|[千万亿W]元?)?整?"
)
#: Sums as they are said, in numerals or with digits before signs of value: 三万五千元, 3万5千, 1亿2千万.
_SPOKEN_MONEY = re.compile(
    r"(?:人民币|¥|RMB)?((?:[0-9]{1,4}|[〇零一二两三四五六七八九十百千万亿])+)(元|块钱?)?整?"
)
#: 三万五: a digit right behind a sign of value counts the tenth part of it.
_SHORT = re.compile(r"(.*[千百万亿])([一二三四五六七八九])")
#: 3万5000: behind a sign of value all the places below it.
_PLACES = {"亿": 8, "万": 4, "千": 3, "百": 2}
_UNITS = {"": 1, "元": 1, "块": 1, "块钱": 1, "千": 10**3, "万": 10**4, "W": 10**4, "亿": 10**8}
_COUNT = re.compile(r"(?:共|[0-9]+户)?([0-9]{1,9})[人名位]?")
_CHINESE_COUNT = re.compile(r"([零一二两三四五六七八九十百千万]+)[人名位]")

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬圆俩", "一二三四五六七八九十百千万元两")
_KEPT = re.compile(r"^〔([^〔〕\n]{1,100})〕", re.MULTILINE)
_DATE_NUMERAL = re.compile(r"[〇零一二三四五六七八九十]+")


def fold(text: str) -> str:
    """``text`` in half-width forms and without any white space, for comparing."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def plain(cell: Cell) -> str:
    """A cell as the text that a person sees, without invisible characters and without the guards that keep a
    spreadsheet from changing it: ``="138…"``, a leading apostrophe or tab.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if (
        isinstance(cell, float)
        and math.isfinite(cell)
        and cell == int(cell)
        and abs(cell) < 10**_EXACT_DIGITS
    ):
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    text = _INVISIBLE.sub("", str(cell)).replace("\xa0", " ").strip()
    if (wrapped := _TEXT_FORMULA.fullmatch(text)) is not None:
        text = wrapped[1].replace('""', '"').strip()
    elif text.startswith("'") and text.lstrip("'").startswith(FORMULA):
        text = text[1:]
    return text


def kept_lines(text: str) -> tuple[str, dict[str, str]]:
    """A text, and what stands below it in lines of their own that name their column: ``〔备注〕…``."""
    said, *lines = _KEPT.split(text)
    return said.rstrip("\n"), dict(zip(lines[::2], (line.rstrip("\n") for line in lines[1::2]), strict=True))


def written(cell: Cell) -> str:
    """A cell as text for reading a number or date from it; nothing when a sign would change its value by folding.

    ``10²`` is not 102, and ``①`` may be the number of a list.
    """
    text = plain(cell)
    return "" if any(unicodedata.category(sign) == "No" for sign in text) else text


def cell_error(cell: Cell) -> Fault | None:
    """A fault when the spreadsheet itself could not make a value of the cell."""
    if cell == UNCOMPUTED:
        return Fault(
            Text("公式没有算出的值", "a formula without a computed value"),
            Text(
                "用 Excel 或 WPS 打开,保存一次再导入",
                "open the file in a spreadsheet, save it, and import it again",
            ),
        )
    if isinstance(cell, str) and cell.strip() in _CELL_ERRORS:
        return Fault(
            Text("表格公式出错", "the formula of this cell fails"),
            Text("改正公式,或直接填写值", "mend the formula or write the value"),
        )
    return None


def read_text(cell: Cell, max_length: int | None = None) -> str | Fault:
    """Text of at most ``max_length`` characters. A number that a spreadsheet has rounded is a fault."""
    text = plain(cell)
    rounded = isinstance(cell, int | float) and abs(cell) >= 10**_EXACT_DIGITS
    if rounded or _SCIENTIFIC.fullmatch(text):
        return Fault(
            Text(
                "长数字已被表格软件改动,末几位不可信",
                "a long number that the spreadsheet has already rounded",
            ),
            Text(
                "把这一列设为“文本”格式,重新填写", "set the column to text format and write the number again"
            ),
        )
    if max_length is not None and len(text) > max_length:
        return Fault(
            Text(
                f"有{len(text)}个字,最多{max_length}个", f"{len(text)} characters, at most {max_length} fit"
            ),
            Text("缩短,或移到别的列", "shorten it, or move part of it to another column"),
        )
    return text


def read_money(
    cell: Cell, unit: str = "元", maximum: int | None = None, doubtful: int | None = None
) -> Decimal | Fault:
    """A sum in yuan, exact to the fen.

    Args:
        cell: a number, or text such as 3万, 3.2万元, 3.2w, 45,000.00, ¥800, 三万五千元.
        unit: the unit of a bare number, as the column's heading says it: 元, 千元, 万元 or 亿元.
        maximum: the largest sum in yuan that is possible.
        doubtful: a bare number from which on it is doubted that it was written in a unit larger than the yuan.
    """
    if unit != "元" and doubtful is not None and (bare := _bare(cell)) is not None and bare >= doubtful:
        return Fault(
            Text(
                f"按{unit}算是{bare}{unit},可能写的是元",
                f"as {unit} it would be {bare}{unit}; it may be in yuan",
            ),
            Text("写上单位,如 35000元", "write the unit, as in 35000元"),
        )
    amount = _sum(cell, unit)
    if amount is None:
        return Fault(
            Text("金额不是一个数", "the amount is not one number"),
            Text("只写一个数,如 3.2万元 或 32000", "write one number, such as 3.2万元 or 32000"),
        )
    if maximum is not None and amount > maximum:
        return Fault(
            Text(f"金额超过{maximum}元", f"the amount is above {maximum} yuan"),
            Text("核对金额和单位", "check the amount and its unit"),
        )
    exact = amount.quantize(Decimal("0.01"))
    # A spreadsheet's own arithmetic leaves dust such as 0.30000000000000004; nobody writes so many digits.
    dusty = len(amount.as_tuple().digits) > _EXACT_DIGITS
    if abs(amount - exact) > (Decimal("0.000001") if dusty else 0):
        return Fault(
            Text("金额比“分”还细", "the amount is finer than a fen"),
            Text("写到分为止", "write at most two decimals in yuan"),
        )
    return exact


def _sum(cell: Cell, unit: str) -> Decimal | None:
    if isinstance(cell, bool | date):
        return None
    if isinstance(cell, int | float):
        if not 0 <= cell < 10**_EXACT_DIGITS:  # also false for NaN
            return None
        return Decimal(str(cell)) * _factor(unit)
    text = fold(written(cell)).upper().translate(_FORMAL)
    if len(text) > _LONGEST:
        return None
    if (match := _MONEY.fullmatch(text)) is not None:
        number = Decimal(match[1].replace(",", ""))
        return number * _factor(match[2] or unit) if number < 10**_EXACT_DIGITS else None
    spoken = _SPOKEN_MONEY.fullmatch(text.replace("W", "万"))
    return None if spoken is None else _spoken_sum(spoken[1], with_yuan=spoken[2] is not None)


def _spoken_sum(said: str, *, with_yuan: bool) -> Decimal | None:
    """A sum as it is said: 三万五, 3万5, 3万5千. What is below a thousand may be of another unit than the yuan."""
    words = _in_numerals(said)
    amount = None if words is None else chinese_number(words)
    large = r"[千万亿]"
    if words is not None and amount is None and (short := _SHORT.fullmatch(words)) is not None:
        whole, sign = chinese_number(short[1]), short[1][-1]
        if whole is not None:
            amount, large = whole + _DIGITS[short[2]] * 10 ** (_PLACES[sign] - 1), r"[千万亿]."
    if amount is None or words is None or not (with_yuan or re.search(large, words)):
        return None
    return Decimal(amount)


def _in_numerals(said: str) -> str | None:
    """A sum with digits in it as a Chinese numeral; ``None`` where it is not clear for what the last digits stand."""
    last = re.search(r"([百千万亿])([0-9]{2,})$", said)
    if last is not None and len(last[2]) != _PLACES[last[1]]:
        return None
    return re.sub("[0-9]+", lambda digits: _in_words(digits[0]), said)


def _in_words(digits: str) -> str:
    """At most four digits as a Chinese numeral: 12 is 一十二, 305 is 三百零五, 0500 is 零五百."""
    number, words = int(digits), ""
    gap = digits.startswith("0")
    for weight, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, weight)
        if digit:
            words += ("零" if gap else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit and (gap or bool(words))
    return words or "零"


def _bare(cell: Cell) -> Decimal | None:
    """A number that says no unit of its own."""
    text = fold(written(cell)).replace(",", "")
    return Decimal(text) if re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]+)?", text) else None


def _factor(unit: str) -> int:
    return _UNITS[unit] if unit in _UNITS else _UNITS[unit.removesuffix("元")]


def read_count(cell: Cell, minimum: int = 0, maximum: int | None = None) -> int | Fault:
    """A head count: 7, 7人, 七人, 3户7人. 十余人 and 3-5人 are faults."""
    text = fold(written(cell))
    count: int | None = None
    if (match := _COUNT.fullmatch(text)) is not None:
        count = int(match[1])
    elif (match := _CHINESE_COUNT.fullmatch(text)) is not None:
        count = chinese_number(match[1])
    if count is None:
        return Fault(
            Text("人数不是一个整数", "the head count is not one whole number"),
            Text("写成 7 或 7人", "write 7 or 7人"),
        )
    if count < minimum or (maximum is not None and count > maximum):
        return Fault(
            Text(f"人数{count}不在允许范围内", f"a head count of {count} is out of range"),
            Text(
                f"核对人数,应为{minimum}至{maximum or '…'}人",
                f"check it; it must be {minimum} to {maximum or 'any'}",
            ),
        )
    return count


def chinese_digits(text: str) -> str:
    """The Chinese numerals of a date in digits: 二〇二六年一月五日 becomes 2026年1月5日."""
    if not re.search(r"[年月日号]", text):
        return text

    def digits(match: re.Match[str]) -> str:
        if len(match[0]) == 4 and all(sign in _DIGITS for sign in match[0]):  # a year, digit by digit
            return "".join(str(_DIGITS[sign]) for sign in match[0])
        number = chinese_number(match[0])
        return match[0] if number is None else str(number)

    return _DATE_NUMERAL.sub(digits, text)


def chinese_number(numeral: str) -> int | None:
    """The value of a Chinese numeral; ``None`` when it has none, is colloquial (三万五) or may be a range (三五)."""
    if numeral in ("零", "〇"):
        return 0
    for sign, factor in (("亿", 10**8), ("万", 10**4)):
        if sign in numeral:
            high, _, low = numeral.partition(sign)
            upper, lower = _below_myriad(high), _lower(low, factor)
            return None if upper is None or lower is None else upper * factor + lower
    return _below_myriad(numeral)


def _lower(numeral: str, factor: int) -> int | None:
    """What follows 万 or 亿; without 零 it must reach the next place down, else it is the colloquial short form."""
    if not numeral:
        return 0
    value = chinese_number(numeral.removeprefix("零")) if not numeral.startswith("零零") else None
    if value is None or value == 0 or value >= factor:
        return None
    short = value < factor // 10
    return value if short == numeral.startswith("零") else None


def _below_myriad(numeral: str) -> int | None:
    """A numeral below ten thousand, such as 三千零五十, 一百二十, 十二."""
    match = re.fullmatch(r"(?:(.)千)?(零)?(?:(.)百)?(零)?(?:(.)?(十))?(零)?(.)?", numeral)
    if match is None:
        return None
    thousands, zero_1, hundreds, zero_2, tens, ten, zero_3, ones = match.groups()
    if ten and tens is None:
        if thousands or hundreds:
            return None
        tens = "一"
    places = (thousands, hundreds, tens, ones)
    if any(sign is not None and not 1 <= _DIGITS.get(sign, 0) <= 9 for sign in places):
        return None
    # A 零 stands exactly where a place between two others is missing.
    written = [sign is not None for sign in places]
    gap = any(written[i] and not written[i + 1] and any(written[i + 2 :]) for i in range(2))
    if not any(written) or gap != any((zero_1, zero_2, zero_3)):
        return None
    return sum(
        _DIGITS[sign] * weight for sign, weight in zip(places, (1000, 100, 10, 1), strict=True) if sign
    )
