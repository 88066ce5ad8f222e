"""How alike two texts are, as far as their wording tells."""

from __future__ import annotations

from itertools import pairwise

from jiefen.record.desk.parties import name_key


def likeness(one: str, other: str) -> float:
    """From 0 to 1: the Dice coefficient over pairs of neighbouring characters, whatever their width and the blanks.

    Two texts without any pair are alike when they are the same.
    """
    left, right = name_key(one), name_key(other)
    pairs = [{a + b for a, b in pairwise(text)} for text in (left, right)]
    total = sum(map(len, pairs))
    return 2 * len(pairs[0] & pairs[1]) / total if total else float(left == right)
