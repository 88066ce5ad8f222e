"""Is what a caller hands over usable? Looked at before a transaction, so that no database has to refuse it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from jiefen.errors import FactError
from jiefen.rules import Vocabulary


def facts_set_by(
    facts: Mapping[str, Any], vocabulary: Vocabulary, ways: Collection[str]
) -> dict[str, object]:
    """Facts as a caller gives them, in plain values, after a look at who may set them.

    Args:
        ways: declared ways of setting a fact that this caller may use; one of them is enough.

    Raises:
        FactError: a fact is unknown, out of its domain, or not set in one of ``ways``.
    """
    for name in facts:
        allowed = vocabulary.fact(name).set_by
        if not set(ways) & set(allowed):
            raise FactError(
                f"fact {name!r} is set by {', '.join(allowed)}, not by {' or '.join(ways)}; leave it out"
            )
    return vocabulary.from_json(facts)
