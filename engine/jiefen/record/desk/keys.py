"""How names, telephones and numbers of cards are compared, and which of them can be."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from jiefen.notation.texts import visible

#: The most characters of a key of a name and of a card, as the tables keep them.
LONGEST_NAME_KEY: Final = 400
LONGEST_ID_KEY: Final = 64
#: A telephone number has at least so many digits, with fewer it tells nobody apart; and at most so many (ITU-T E.164).
_FEWEST_DIGITS: Final = 7
_MOST_DIGITS: Final = 15
#: With more digits than a number of this country has, there are two numbers, or one and an extension.
_ONE_NUMBER: Final = 12
_MOBILE: Final = r"1[3-9][0-9]{9}"
_WHOLE = re.compile(rf"{_MOBILE}|0[0-9]{{9,11}}|[48]00[0-9]{{7}}|[2-8][0-9]{{6,7}}")
#: From abroad the area code of a fixed line goes without its 0.
_AREA_ABROAD = re.compile(r"(?!400|800)(10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_RUN_TOGETHER = re.compile(rf"({_MOBILE})+")
_EXTENSION = re.compile(r"转|分机|内线|ext|#", re.IGNORECASE)
#: The ways in which the dot of a name of several words is written.
_DOTS = re.compile("[\u00b7\u2022\u2027\u30fb\u2219\u22c5\u119e\u16eb.．。]")
#: 公民身份号码: six digits of a region, the day of birth, three digits and the check character of GB 11643, by the
#: weights of ISO 7064 MOD 11-2.
_CITIZEN = re.compile(r"[1-9][0-9]{5}([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]")
_CITIZEN_WEIGHTS: Final = tuple(2**power % 11 for power in range(17, 0, -1))
_CITIZEN_CHECKS: Final = "10X98765432"
#: 统一社会信用代码: seventeen characters and a check character, by GB 32100.
_BODY_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY = re.compile(rf"[{_BODY_SIGNS}]{{2}}[0-9]{{6}}[{_BODY_SIGNS}]{{10}}")
#: Numbers of both kinds have so many characters; another one is a passport or the like, and cannot be checked.
_CHECKED: Final = 18
#: No document has a number of fewer characters.
_FEWEST_SIGNS: Final = 6
#: Numbers of services, such as 110, 12345 and 96110, are dialled as they are.
_SERVICE = re.compile(r"1[0-9]{2,5}|9[0-9]{4,5}")


def name_key(name: str) -> str:
    """A name as it is compared: 张三, 张　三 and 张 三 are one, and so are ａｌｉ and Ali.

    Without blanks, invisible characters and the dots between the words of a name, in one width and one case. A name of
    dots alone keeps them.
    """
    plain = "".join(unicodedata.normalize("NFKC", visible(name)).casefold().split())
    return _DOTS.sub("", plain) or plain


def phone_key(phone: str | None) -> str | None:
    """The digits of a telephone number; ``None`` where they are too few or too many to tell anybody apart, or masked.

    Of several numbers the first one counts; a country code +86 and an extension are left out.
    """
    if phone is None:
        return None
    for one in re.split(r"[/、,;]|或", unicodedata.normalize("NFKC", visible(phone))):
        number = _EXTENSION.split(one)[0].strip()
        if "*" in number:
            continue
        digits = _first_number(number)
        if _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
            return digits
    return None


def _first_number(written: str) -> str:
    groups = re.findall(r"[0-9]+", written)
    digits = "".join(groups)
    abroad = written.startswith(("+", "00"))
    for code in ("0086", "86"):
        here = abroad or (len(groups) > 1 and groups[0] == code) or re.fullmatch(code + _MOBILE, digits)
        if here and digits.startswith(code):
            rest = len(code)
            groups = [groups[0][rest:], *groups[1:]] if len(groups[0]) >= rest else [digits[rest:]]
            number = _first_of([group for group in groups if group])
            return f"0{number}" if _AREA_ABROAD.fullmatch(number) else number
    return digits if abroad else _first_of(groups)


def _first_of(groups: list[str]) -> str:
    """The first whole number of several groups of digits; all of them where they are one."""
    digits = "".join(groups)
    several = len(digits) > _ONE_NUMBER
    so_far = ""
    for group in groups:
        so_far += group
        if re.fullmatch(_MOBILE, so_far) or (several and _WHOLE.fullmatch(so_far)):
            return so_far
        if several and (together := _RUN_TOGETHER.fullmatch(so_far)):
            return so_far[: len(together[1])]
    return digits


def id_key(number: str | None) -> str | None:
    """A number of an identity card as it is compared."""
    if number is None:
        return None
    return "".join(unicodedata.normalize("NFKC", visible(number)).upper().split()) or None


def born(number: str) -> date | None:
    """The day of birth in the key of a citizen's number (公民身份号码); ``None`` when it is no such number.

    The check character must fit (GB 11643), and the day must be one of the calendar.
    """
    found = _CITIZEN.fullmatch(number)
    if found is None:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(number, _CITIZEN_WEIGHTS, strict=False))
    if number[-1] != _CITIZEN_CHECKS[total % 11]:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def is_phone_doubtful(phone: str) -> bool:
    """Whether a telephone number may be mistyped: it is no whole number of this country or abroad, nor of a service.

    One that was masked by whoever passed it on is not: everybody sees that it is no whole number.
    """
    plain = unicodedata.normalize("NFKC", visible(phone)).strip()
    if "*" in plain:
        return False
    digits = phone_key(phone)
    if digits is None:
        return _SERVICE.fullmatch(plain) is None
    return _WHOLE.fullmatch(digits) is None and not plain.startswith(("+", "00"))


def is_id_doubtful(number: str) -> bool:
    """Whether nothing in the key of a number tells that it was copied rightly: a passport, an old card of 15 digits."""
    return len(number) != _CHECKED


def id_problem(number: str, today: date | None = None) -> str | None:
    """What is wrong with the key of a number, as ``short``, ``check`` or ``birth``; ``None`` when nothing is.

    Args:
        today: the day in China after which nobody was born; not looked at when absent.
    """
    if 0 < len(number) < _FEWEST_SIGNS:
        return "short"
    if len(number) != _CHECKED or _is_body(number):
        return None
    day = born(number)
    if day is None:
        return "check"
    return "birth" if today is not None and day > today else None


def _is_body(number: str) -> bool:
    """Whether it is the unified code of an organisation with the check character that fits (GB 32100)."""
    if not _BODY.fullmatch(number):
        return False
    total = sum(_BODY_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(number[:-1]))
    return _BODY_SIGNS.index(number[-1]) == -total % 31
