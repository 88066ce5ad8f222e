"""YAML files as typed shapes: what does not fit is a finding at its line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec
import msgspec.inspect

from jiefen import DefinitionError, YamlDocument


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping of fixed keys; a misspelt one is an error."""


_Shape = TypeVar("_Shape", bound=Strict)
_Path = tuple[str | int, ...]
_UNKNOWN = re.compile(r"unknown field `(.+)`")
_STEP = re.compile(r"\.(\w+)|\[([0-9]+)\]|\[\.\.\.\]")


def shaped(document: YamlDocument, shape: type[_Shape], data: Any, code: str, hint: str) -> _Shape:
    """``data``, which the document holds, as a shape; a key that nobody knows is told with the nearest that is known.

    Raises:
        DefinitionError: with a finding at what does not fit.
    """
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        message, place = str(error).partition(" - at ")[0], _place(data, shape, error)
        if misspelt := _UNKNOWN.search(message):
            known = _known(shape, place[:-1])
            message = f"there is no {misspelt[1]!r} here"
            hint = did_you_mean(misspelt[1], known) or f"there are {', '.join(known)}"
        finding = document.finding(place, code, message, hint)
        raise DefinitionError(f"{document.file} cannot be used", [finding]) from None


def _place(data: Any, shape: type[Strict], error: msgspec.ValidationError) -> _Path:
    """Where the error is. For a free key msgspec says ``[...]``; it is the one whose entry fails alone."""
    path: _Path = ()
    here = data
    message, _, where = str(error).partition(" - at ")
    for step in _STEP.finditer(where):
        key: str | int | None = step[1] or (int(step[2]) if step[2] else None)
        if key is None:
            key = next((name for name in here if _fails(_only(data, path, name), shape)), None)
        if key is None:
            break
        path, here = (*path, key), here[key]
    misspelt = _UNKNOWN.search(message)
    return path if misspelt is None else (*path, misspelt[1])


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The nearest of the known words, as a question; ``None`` when none is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None


def _known(shape: type[Strict], path: _Path) -> list[str]:
    """The keys that a mapping may have at a place."""
    here: Any = msgspec.inspect.type_info(shape)
    for step in path:
        if isinstance(here, msgspec.inspect.StructType):
            here = next(field.type for field in here.fields if field.encode_name == step)
        else:
            here = here.value_type if isinstance(here, msgspec.inspect.DictType) else here.item_type
    return [field.encode_name for field in here.fields]


def _only(data: Any, path: _Path, name: str) -> Any:
    """``data`` with ``name`` alone in the mapping at ``path``."""
    if not path:
        return {name: data[name]}
    step, *rest = path
    inner = _only(data[step], tuple(rest), name)
    if isinstance(data, list):
        return [inner if at == step else item for at, item in enumerate(data)]
    return {**data, step: inner}


def _fails(data: Any, shape: type[Strict]) -> bool:
    try:
        msgspec.convert(data, shape)
    except msgspec.ValidationError:
        return True
    return False
