"""What cases are found by: the values of their facts, and the pairs of characters of their texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple

from jiefen.notation.labels import plain
from jiefen.notation.texts import visible
from jiefen.record.desk.keys import name_key

#: The most characters of a value as the table keeps it.
LONGEST_TERM: Final = 100
#: Facts that are found by their text, and not by their value.
TEXTS: Final = ("title", "description")
#: A word that is looked for has at least so many characters: texts are found by pairs.
SHORTEST_WORD: Final = 2
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?")
_MOST = 2**63


class Term(NamedTuple):
    """A value by which a case is found.

    Attributes:
        value: a day as ISO writes it, a text as names are compared.
        number: of a number, its hundredths; ``None`` for anything else, and for what has more than 64 bits.
    """

    value: str
    number: int | None


def terms(value: object) -> list[Term]:
    """The terms of a value of a fact, plain or as JSON carries it, the same for both; one for each item of a list."""
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return sorted({term for item in value for term in terms(item)})
    if isinstance(value, bool):
        return [Term("true" if value else "false", None)]
    if isinstance(value, int | Decimal):
        return [Term(plain(value), hundredths(value))]
    if isinstance(value, date):
        return [Term(value.isoformat(), None)]
    text = unicodedata.normalize("NFKC", visible(str(value))).strip()
    if _NUMBER.fullmatch(text):
        # Money is a text in JSON.
        return [Term(text, hundredths(Decimal(text)))]
    key = name_key(text)
    if len(key) > LONGEST_TERM:
        key = f"#{sha256(key.encode()).hexdigest()}"
    return [Term(key, None)] if key else []


def hundredths(value: int | Decimal) -> int | None:
    """A number as it is compared; ``None`` when it has more than 64 bits."""
    found = int(value * 100)
    return found if -_MOST <= found < _MOST else None


def body(texts: Iterable[object]) -> str:
    """Texts in one, as they are compared, each in a line of its own: no word goes over two of them."""
    return "\n".join(key for text in texts if isinstance(text, str) and (key := name_key(text)))


def pairs(text: str) -> list[str]:
    """The pairs of neighbouring characters in a :func:`body`, or in a word as it is compared; each once.

    They are spelt in letters and digits of ASCII, which no database takes for anything but words.
    """
    found = {(one, other) for line in text.split("\n") for one, other in pairwise(line)}
    return sorted(f"{ord(one):x}z{ord(other):x}" for one, other in found)


def tail(phone: str) -> str:
    """Beside the pairs, the end of a telephone number: its last four digits."""
    return f"tel{phone[-TAIL:]}"


def tails(phone: str) -> list[str]:
    """Every end of a telephone number that has enough digits, for where the number itself cannot be looked at."""
    return [f"tel{phone[-digits:]}" for digits in range(TAIL, len(phone) + 1)]


#: So many digits at the end of a telephone number are enough to look for it.
TAIL: Final = 4
