"""Administrative area codes (GB/T 2260, and the statistical codes below the county).

A code has 2 digits for a province, 4 for a city, 6 for a county, 9 for a township, 12 for a village and
15 for a grid; province and city codes are often written with trailing zeros to six digits (``370700``),
townships and villages with trailing zeros to twelve (``140429102000``). Inside Jiefen a code is kept without that
padding, so that "is part of" is "starts with".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from jiefen.errors import FactError

_LENGTHS = (2, 4, 6, 9, 12, 15)
#: The area of whoever acts in all of them. It has to be said: no area is no power.
EVERYWHERE: Final = "everywhere"


class Level(StrEnum):
    """层级: the levels of territory, smallest first."""

    GRID = "grid"
    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


_LEVEL_OF_LENGTH = {
    2: Level.PROVINCE,
    4: Level.CITY,
    6: Level.COUNTY,
    9: Level.TOWNSHIP,
    12: Level.VILLAGE,
    15: Level.GRID,
}
_LENGTH_OF_LEVEL = {level: length for length, level in _LEVEL_OF_LENGTH.items()}


def normalise_area(code: str) -> str:
    """The code without padding zeros.

    Raises:
        FactError: when ``code`` is not a code of 2, 4, 6, 9, 12 or 15 digits.
    """
    given: object = code
    if not isinstance(given, str) or not code.isascii() or not code.isdigit() or len(code) not in _LENGTHS:
        shown = repr(given[:40]) if isinstance(given, str) else f"of type {type(given).__name__}"
        raise FactError(
            f"area {shown} is not an area code; write 2, 4, 6, 9, 12 or 15 digits, for example 140429102",
            zh="地区代码应为 2、4、6、9、12 或者 15 位数字,例如 140429102",
            fact="area",
        )
    for length in _LENGTHS:
        if set(code[length:]) <= {"0"}:
            return code[:length]
    return code


def check_held(area: str | None) -> None:
    """Refuse what is no area to act for: a code, :data:`EVERYWHERE`, or ``None`` for none.

    Raises:
        FactError: it is something else.
    """
    if area is not None and area != EVERYWHERE:
        normalise_area(area)


def area_level(code: str) -> Level:
    """The level of an area code, padded or not."""
    return _LEVEL_OF_LENGTH[len(normalise_area(code))]


def ancestors(code: str) -> tuple[str, ...]:
    """The area and all areas above it, the widest first: ``140429102`` gives 14, 1404, 140429, 140429102."""
    short = normalise_area(code)
    return tuple(short[:length] for length in _LENGTHS if length <= len(short))


def area_at(code: str, level: Level) -> str | None:
    """The part of ``code`` at ``level``, or ``None`` when the code is wider than that level."""
    short = normalise_area(code)
    length = _LENGTH_OF_LEVEL[level]
    return short[:length] if len(short) >= length else None


def digits_of(level: Level) -> int:
    """How many digits a code of that level has."""
    return _LENGTH_OF_LEVEL[level]


def level_beneath(code: str | None) -> Level:
    """The level next beneath an area; a county for the whole country, a grid for a grid."""
    if code is None:
        return Level.COUNTY
    length = len(normalise_area(code))
    return _LEVEL_OF_LENGTH[next((one for one in _LENGTHS if one > length), length)]
