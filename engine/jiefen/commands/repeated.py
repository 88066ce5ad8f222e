"""A key that comes again: with the same content it is the same thing, with other content it is a mistake to be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jiefen.errors import Conflict


def require_same_name(what: str, before: str, now: str) -> None:
    """Refuse a key that stands for something of another name already.

    Args:
        what: what carries the key and what it stands for, for example ``the key 'k' is that of case 5``.

    Raises:
        Conflict: the names differ; it says both.
    """
    if before != now:
        raise Conflict(f"{what}, a {before}; give a {now} a key of its own")


def require_same_facts(what: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse a key that came with other facts before; both are given as JSON carries them.

    Raises:
        Conflict: they differ; it names the facts, and none of their values.
    """
    missing = object()
    names = {*before, *now}
    others = sorted(name for name in names if before.get(name, missing) != now.get(name, missing))
    if others:
        raise Conflict(
            f"{what}, which came with other facts ({', '.join(others)}); "
            "give another matter a key of its own, or send again exactly what was sent"
        )
