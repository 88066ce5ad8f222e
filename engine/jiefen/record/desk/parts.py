"""分案、子件: what becomes a case of its own, and what became of one decision for many cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jiefen.errors import FactError, JiefenError
from jiefen.notation.labels import did_you_mean
from jiefen.notation.texts import shown
from jiefen.record.kinds import Received

#: A case is split into so many at most.
MOST_SHARES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What of a case becomes a case of its own.

    Attributes:
        key: of the new case; the same key twice is one case.
        facts: what is otherwise there than in the case that is split.
        parties: the numbers of the parties that it is about; ``None``: all.
    """

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    parties: Sequence[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one decision in one case.

    Attributes:
        received: what became of the message that tells it; ``None`` where it was refused.
        error: why it was refused.
    """

    case: int
    received: Received | None = None
    error: JiefenError | None = None


def shares_of(given: object) -> tuple[Share, ...]:
    """Shares as a caller gives them.

    Raises:
        FactError: they are no list of shares or mappings, too many, or two have one key.
    """
    if not isinstance(given, list | tuple) or not 1 <= len(given) <= MOST_SHARES:
        raise FactError(
            f"shares are given as {shown(given)}; give a list of one to {MOST_SHARES}", zh="请写明拆出哪几件"
        )
    found = tuple(map(_share, given))
    keys = [one.key for one in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise FactError(f"two shares have the key {twice!r}; give each one of its own", zh="两件的编号相同")
    return found


def _share(given: object) -> Share:
    if isinstance(given, Share):
        share = given
    elif isinstance(given, Mapping) and "key" in given:
        for name in given:
            if name not in Share.__slots__:
                near = did_you_mean(str(name), Share.__slots__) or f"it has {', '.join(Share.__slots__)}"
                raise FactError(f"a share has no {shown(name)}; {near}")
        share = Share(**given)
    else:
        raise FactError(f"{shown(given)} is no share; give a mapping with key, facts and parties")
    numbers = share.parties
    if numbers is not None and (
        not isinstance(numbers, list | tuple) or not all(type(one) is int for one in numbers)
    ):
        raise FactError(
            f"parties={shown(numbers)} of a share are no list of numbers of parties", zh="请写明当事人序号"
        )
    return share
