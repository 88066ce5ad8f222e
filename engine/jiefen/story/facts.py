"""The facts of a case at any entry of its journal, put together from what the entries tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from jiefen.record.kinds import Happening
from jiefen.record.values import Entry
from jiefen.rules import Vocabulary

#: What stands in the place of a fact that is withheld from who reads.
WITHHELD: Final = "***"


def facts_at(entries: Sequence[Entry], n: int, vocabulary: Vocabulary) -> dict[str, object]:
    """The facts of a case just before entry ``n`` of its journal, in plain values.

    Args:
        entries: the whole journal of the case, in order.
        n: 0 is before the case was opened, ``len(entries)`` is now.
        vocabulary: that of the edition by which the case goes then.

    Raises:
        FactError: the vocabulary does not know a fact, or a value of it.
    """
    kept: dict[str, object] = {}
    for entry in entries[:n]:
        kept |= changes_of(entry)
    return vocabulary.from_json({name: value for name, value in kept.items() if value != WITHHELD})


def changes_of(entry: Entry) -> dict[str, Any]:
    """The facts that an entry tells, as JSON carries them: they hold from this entry on."""
    told = entry.data.get("outputs" if entry.kind is Happening.DECISION else "facts")
    return dict(told or {})
