"""What people write, and the names they go by: looked at before a database has to refuse it."""

from __future__ import annotations

from typing import Final

from jiefen.errors import FactError

#: What people write may be so long, in characters.
MOST_TEXT: Final = 20_000
#: The id of a person, or of anything else that a host names.
MOST_ID: Final = 200


def text_problem(value: object, most: int) -> str | None:
    """Why ``value`` is no text of 1 to ``most`` characters that every database can keep; ``None`` when it is one."""
    if not isinstance(value, str):
        return "it is missing" if value is None else f"it is a {type(value).__name__}, not a text"
    if not value.strip():
        return "it is empty"
    if len(value) > most:
        return f"it has {len(value)} characters, and may have {most}"
    if "\0" in value:
        return "it has a NUL character in it"
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"its character {error.start + 1} is half of a pair (a lone surrogate)"
    return None


def shown(value: object) -> str:
    """A value in an error; texts may be long, and may hold what no log can."""
    try:
        repr(value).encode()
    except UnicodeEncodeError:
        return ascii(value)[:60]
    return repr(value)[:60]


def written(value: object, what: str, most: int = MOST_TEXT) -> str:
    """A text that somebody wrote, as it was written.

    Raises:
        FactError: it is no text, empty, too long, or holds what no database can keep; ``what`` names it in the message.
    """
    wrong = text_problem(value, most)
    if wrong is not None:
        raise FactError(
            f"the {what} cannot be used: {wrong}; write 1 to {most} characters that say something"
        )
    return str(value)


def named(value: object, what: str) -> str:
    """An id of a person, without blanks around it.

    Raises:
        FactError: it is none.
    """
    wrong = text_problem(value, MOST_ID)
    if wrong is not None:
        raise FactError(
            f"the {what} is no id of a person: {wrong}; give the staff number, 1 to {MOST_ID} characters"
        )
    return str(value).strip()
