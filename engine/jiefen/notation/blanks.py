"""Texts with blanks to fill in, as the wording of a document has them: ``自{accepted_on}起{length:petition.handle}内``.

A blank names a fact (``accepted_on``), a part of something (``party.name``), what is said when the document is made
(``said.reasons``), or something of a deadline by its rule (``length:petition.handle``). Nothing in it is computed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_BLANK: Final = re.compile(r"\{([a-z][a-z0-9_]*(?:[.:][a-z0-9_.]+)?)\}")
#: Marks of a Chinese text; wordings are written with those of a keyboard.
_MARKS: Final = str.maketrans(",;:()?!", "\uff0c\uff1b\uff1a\uff08\uff09\uff1f\uff01")
_STRAY: Final = re.compile(r"[{}]")


def blanks_of(text: str) -> tuple[str, ...]:
    """The blanks of a text by what stands in their braces, each once, in their order."""
    return tuple(dict.fromkeys(_BLANK.findall(text)))


def stray_brace(text: str) -> str | None:
    """What stands at a brace that belongs to no blank; ``None`` when there is none."""
    rest = _BLANK.sub(lambda found: " " * len(found[0]), text)
    found = _STRAY.search(rest)
    return text[max(found.start() - 5, 0) : found.start() + 15] if found else None


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with every blank filled; one that has no value stays empty."""
    return _BLANK.sub(lambda found: values.get(found[1], ""), text)


def full_width(text: str) -> str:
    """A Chinese wording with the marks of a Chinese text; what stands in its blanks stays as it is."""
    parts = re.split(rf"({_BLANK.pattern.replace('([a-z]', '(?:[a-z]', 1)})", text)
    return "".join(part if at % 2 else part.translate(_MARKS) for at, part in enumerate(parts))
