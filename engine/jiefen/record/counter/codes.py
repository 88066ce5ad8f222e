"""一案一码: a code with which a party asks how their case stands.

Fifteen random characters of twenty-three, 67 bits, and one that tells a slip of the pen from a code that nobody has.
"""

from __future__ import annotations

import secrets
import unicodedata
from hashlib import sha256
from typing import Final

from jiefen.errors import FactError

#: No two of them look alike in print or handwriting (no 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V), and their number is prime.
ALPHABET: Final = "34679ACDEFGHJKMNPRTVWXY"
#: Characters that are drawn; one more is worked out.
DRAWN: Final = 15
_GROUP: Final = 4
_MOST_TYPED: Final = 100


def new_code() -> str:
    """A code that nobody can guess, in the form in which people write it: ``3A4C-…``."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))
    whole = drawn + _check(drawn)
    return "-".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))


def read_code(typed: object) -> str:
    """The characters of a code as somebody typed it: small letters, full width, blanks and dashes do not matter.

    Raises:
        FactError: it cannot be a code: a character too many or too few, one that no code has, or a slip of the pen.
    """
    if not isinstance(typed, str) or len(typed) > _MOST_TYPED:
        raise FactError("the code is no text of 16 characters; type it as it is printed", zh=_NO_CODE)
    plain = "".join(one for one in unicodedata.normalize("NFKC", typed).upper() if one.isalnum())
    wrong = sorted({one for one in plain if one not in ALPHABET})
    if len(plain) != DRAWN + 1 or wrong:
        what = "a character that no code has" if wrong else f"{len(plain)} characters instead of {DRAWN + 1}"
        raise FactError(f"the code has {what}; compare it with the paper, and type it again", zh=_NO_CODE)
    if _check(plain[:-1]) != plain[-1]:
        raise FactError(
            "the code has a slip of the pen: its last character does not fit the others; compare it with the paper",
            zh="查询码有笔误(校验不符),请对照凭条重新输入",
        )
    return plain


def digest_of(code: str) -> str:
    """What is kept of a code. It has too many values to be found by trying, so it needs no salt."""
    return sha256(f"jiefen.code:{read_code(code)}".encode()).hexdigest()


def _check(drawn: str) -> str:
    """The character that makes the weighted sum zero.

    The number of characters is prime and the weights differ, so one wrong character and two that changed places are
    both found, wherever they stand.
    """
    total = sum(weight * ALPHABET.index(one) for weight, one in enumerate(drawn, start=2))
    return ALPHABET[-total % len(ALPHABET)]


_NO_CODE: Final = "查询码应为16位,请对照凭条重新输入"
