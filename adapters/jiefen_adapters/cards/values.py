"""Single values, from one side to the other. What does not fit is told by its name and place, never by what it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from jiefen_adapters.cards.card import Source
from jiefen_adapters.cards.documents import UnusableDocument, found_at
from jiefen_adapters.cards.reading import text_of

_CHINA: Final = ZoneInfo("Asia/Shanghai")
#: How an instant is written where the card does not say; in China.
_INSTANT: Final = "%Y-%m-%d %H:%M:%S"
_MISSING: Final = object()


class UnsendableValue(Exception):
    """A value that the other side needs is missing, or is not among those that the card maps."""


def to_theirs(source: Source, given: Mapping[str, Any], place: str) -> Any:
    """The value for a field of theirs; ``None``: the field is left out.

    Args:
        given: what the delivery holds, as JSON carries it; instants as ``datetime``.
        place: of the field, for messages.

    Raises:
        UnsendableValue: they need it, and it is missing or not mapped.
    """
    value = source.value if source.path is None else found_at(given, source.path)
    if value is None:
        if source.absent is None and source.needed:
            raise UnsendableValue(f"{place} is needed, and {source.path} is missing")
        return source.absent
    if isinstance(value, datetime):
        return value.astimezone(_CHINA).strftime(source.form or _INSTANT)
    if source.form is not None:
        return _day(value, source, place).strftime(source.form)
    if source.values:
        return _mapped(value, source, f"{source.path} for {place}", UnsendableValue)
    return value


def to_ours(source: Source, tree: Any, name: str, kind: str | None) -> Any:
    """The value for a fact, as JSON carries it; ``None``: they say nothing.

    Args:
        kind: the type of the fact; ``None`` for what is no fact, and stays text.

    Raises:
        UnusableDocument: it is needed and missing, or is not what the fact is.
    """
    value = source.value if source.path is None else found_at(tree, source.path)
    if isinstance(value, str):
        value = value.strip()
    if value in (None, ""):
        if source.absent is None and source.needed:
            raise _unusable(name, source, "is missing", "缺少内容")
        return source.absent
    if isinstance(value, Mapping) or (isinstance(value, list) and kind != "list"):
        raise _unusable(name, source, "is no plain value", "不是单个值")
    if source.values:
        return _mapped(value, source, f"{name} from {source.path}", UnusableDocument)
    if source.form is not None:
        try:
            return datetime.strptime(str(value), source.form).date().isoformat()  # noqa: DTZ007
        except ValueError:
            raise _unusable(
                name, source, f"is not written as {source.form}", f"不是 {source.form} 格式"
            ) from None
    return _typed(value, kind, name, source)


def _typed(value: Any, kind: str | None, name: str, source: Source) -> Any:
    """What they write as text, as the fact has it; what cannot be is left for the vocabulary to refuse."""
    if kind == "boolean" and isinstance(value, str | int):
        known = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}
        found = known.get(text_of(value).lower(), _MISSING)
        if found is _MISSING:
            raise _unusable(name, source, "is neither yes nor no", "不是“是”或“否”")
        return found
    if kind == "integer" and isinstance(value, str):
        if not value.isascii() or not value.lstrip("-").isdigit():
            raise _unusable(name, source, "is no whole number", "不是整数")
        return int(value)
    if kind == "list":
        return value if isinstance(value, list) else [value]
    if kind == "money" or (kind == "integer" and not isinstance(value, float | bool)):
        return value
    return value if isinstance(value, str) or kind is None else text_of(value)


def _mapped(value: Any, source: Source, what: str, error: type[Exception]) -> Any:
    found = source.values.get(text_of(value), source.others)
    if found is None:
        raise error(f"{what} has a value that the card does not map; add it to `values`, or write `others`")
    return found


def _day(value: Any, source: Source, place: str) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise UnsendableValue(
            f"{place}: {source.path} is no date, and the card says how to write one"
        ) from None


def _unusable(name: str, source: Source, why: str, zh: str) -> UnusableDocument:
    return UnusableDocument(f"{name}: {source.path} {why}", zh=f"{name}({source.path}){zh}", fact=name)
