"""How alike two texts are, as far as their wording tells; and whether two records are of one person."""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise
from typing import Final

from jiefen.record.desk.keys import id_key, name_key, phone_key
from jiefen.record.desk.parties import Party

#: Two names of organisations that share so much of their wording may be one.
_NEAR: Final = 0.7
#: From so many characters on one character that differs may be a slip of the pen; 张三 and 张四 are two people.
_SLIPS: Final = 3


class Sameness(IntEnum):
    """Whether two records are of one person. ``PERHAPS`` is for a person to decide."""

    OTHER = 0
    PERHAPS = 1
    SAME = 2


def likeness(one: str, other: str) -> float:
    """From 0 to 1: the Dice coefficient over pairs of neighbouring characters, whatever their width and the blanks.

    Two texts without any pair are alike when they are the same.
    """
    left, right = name_key(one), name_key(other)
    pairs = [{a + b for a, b in pairwise(text)} for text in (left, right)]
    total = sum(map(len, pairs))
    return 2 * len(pairs[0] & pairs[1]) / total if total else float(left == right)


def sameness(one: Party, other: Party) -> Sameness:
    """Whether two records are of one person: by card where both have one, else by telephone and name together.

    A card tells. One name and one telephone are one person, and so is one name where a telephone is missing. A name
    with another telephone may be a namesake or somebody with a new number; a telephone with another name may be a
    household; and where the telephones tell nothing, a name may have a slip of the pen in it: perhaps the same.
    """
    cards = id_key(one.id_number), id_key(other.id_number)
    if None not in cards:
        return Sameness.SAME if cards[0] == cards[1] else Sameness.OTHER
    phones = phone_key(one.phone), phone_key(other.phone)
    one_phone = None not in phones and phones[0] == phones[1]
    two_phones = None not in phones and phones[0] != phones[1]
    if name_key(one.name) == name_key(other.name):
        return Sameness.PERHAPS if two_phones else Sameness.SAME
    if one_phone:
        return Sameness.SAME if _holds(one.name, other.name) else Sameness.PERHAPS
    return Sameness.PERHAPS if not two_phones and _near(one.name, other.name) else Sameness.OTHER


def _holds(one: str, other: str) -> bool:
    """Whether a name holds the other one: 张三 and 张三等5人."""
    left, right = sorted((name_key(one), name_key(other)), key=len)
    return len(left) > 1 and left in right


def _near(one: str, other: str) -> bool:
    """Whether two names differ by what a pen slips on."""
    left, right = sorted((name_key(one), name_key(other)), key=len)
    slip = len(left) >= _SLIPS and _one_slip(left, right)
    return slip or _holds(one, other) or likeness(one, other) >= _NEAR


def _one_slip(shorter: str, longer: str) -> bool:
    """Whether one character was written otherwise, left out or added."""
    same = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(longer) == len(shorter):
        return shorter[same + 1 :] == longer[same + 1 :]
    return len(longer) == len(shorter) + 1 and shorter[same:] == longer[same + 1 :]
