"""How a document is set as plain text: the twin that every document has, on any machine."""

from __future__ import annotations

from collections.abc import Sequence

from jiefen.documents.filling import Matter, Written, day_text
from jiefen.notation.labels import Language
from jiefen.rules import DocumentRule, LineKind

#: Columns of a line, a Chinese character being two.
_WIDTH = 76


def as_text(rule: DocumentRule, matter: Matter, lines: Sequence[Written], language: Language) -> str:
    """A document as plain text: title, number, lines, office and day. The same always gives the same."""
    title = rule.title.text(language)
    page = [matter.office, "", " " * max((_WIDTH - _width(title)) // 2, 0) + title, ""]
    if matter.number is not None:
        page += [_right(matter.number), ""]
    indent = "  " if language == "zh" else "    "
    for line in lines:
        if line.kind is LineKind.HEADING:
            page.append("")
        page.append(line.text if line.kind is LineKind.PLAIN else f"{indent}{line.text}")
    page += ["", _right(matter.office), _right(day_text(matter.day, language)), ""]
    return "\n".join(page)


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)


def _right(text: str) -> str:
    return " " * max(_WIDTH - _width(text), 0) + text
