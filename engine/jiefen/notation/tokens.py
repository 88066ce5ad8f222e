"""The tokens of the expression language: only what the language knows reaches the parser of Python."""

from __future__ import annotations

import re
from typing import Final

from jiefen.errors import ExpressionError

MAX_LENGTH: Final = 2_000
MAX_TOKENS: Final = 400
#: Numbers have at most this many digits, written or computed.
MAX_DIGITS: Final = 18

_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)
_TEXT = r"""'(?:[^'\\\n]|\\['"\\])*'|"(?:[^"\\\n]|\\['"\\])*\""""
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?![\w.]))
      | (?P<text>{_TEXT})
      | (?P<name>[^\W\d]\w*)
      | (?P<operator>==|!=|<=|>=|&&|\|\||//|[-+*/%<>()\[\],!])""",
    re.VERBOSE,
)
_REWRITE = {"&&": "and", "||": "or", "!": "not", "true": "True", "false": "False", "null": "None"}


def unwrapped(text: str) -> str:
    """An expression without ``${…}`` or ``#{…}`` around it.

    Raises:
        ExpressionError: it is empty or too long.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters, this one {len(text)}")
    wrapped = _WRAPPED.fullmatch(text)
    inner = (wrapped.group(1) if wrapped else text).strip()
    if not inner:
        raise ExpressionError("the expression is empty")
    return inner


def python_source(text: str) -> str:
    """The tokens of ``text`` as Python writes them, with one space between them.

    Raises:
        ExpressionError: with the column of what the language does not know, or the text has too many tokens.
    """
    tokens, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ExpressionError(f"{text!r}: column {place + 1}: {_why_unknown(text, place)}")
        place = match.end()
        if match.lastgroup == "number" and len(match.group()) > MAX_DIGITS + 1:
            raise ExpressionError(f"{match.group()} is too long; numbers have at most {MAX_DIGITS} digits")
        if match.lastgroup != "space":
            tokens.append(_REWRITE.get(match.group(), match.group()))
    if len(tokens) > MAX_TOKENS:
        raise ExpressionError(f"an expression has at most {MAX_TOKENS} words, this one {len(tokens)}")
    return " ".join(tokens)


def statements(text: str) -> list[str]:
    """The assignments of a script; ``;`` and line ends inside quotes or brackets separate nothing."""
    parts, depth, start = [], 0, 0
    lines = [("" if line.lstrip().startswith("#") else line) for line in text.splitlines()]
    script = "\n".join(lines) + "\n"
    for match in re.finditer(rf"{_TEXT}|[\[(\])]|[;\n]", script):
        sign = match.group()
        if sign in ("[", "("):
            depth += 1
        elif sign in ("]", ")"):
            depth -= 1
        elif sign == ";" or (sign == "\n" and depth <= 0):
            parts.append(script[start : match.start()])
            start = match.end()
    parts.append(script[start:])
    return [part for part in parts if part.strip()]


def _why_unknown(text: str, place: int) -> str:
    sign = text[place]
    if sign == "=":
        return "write '==' to compare" if place else "leave out the '=' that begins expressions elsewhere"
    if sign == ".":
        return "there are no attributes; facts are plain names"
    if sign in "'\"":
        return "the text is not closed, or holds a backslash"
    if sign in "{}$#":
        return "put one ${…} around the whole expression, or none"
    if sign.isdigit():
        return "a number is written with digits and one point"
    return f"{sign!r} has no meaning here"
