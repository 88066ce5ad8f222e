"""What people write, and the names they go by: looked at before a database has to refuse it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from jiefen.errors import FactError

#: What people write may be so long, in characters.
MOST_TEXT: Final = 20_000
#: The id of a person, or of anything else that a host names.
MOST_ID: Final = 200
#: An error shows so much of a value.
_SHOWN: Final = 60
#: Characters without a shape of their own, or that turn the direction of writing: two texts look the same and are not,
#: and a file with them does not say what people see in it.
INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
#: Who the engine itself is in the journal, how it names programs of a host and the people of a case, and how it named
#: what came as a message.
SYSTEM_ID: Final = "system"
PROGRAM_ID: Final = "program:"
PARTY_ID: Final = "party:"
MESSAGE_ID: Final = "message:"


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


def key_problem(value: object, most: int = MOST_ID) -> str | None:
    """Why ``value`` is no key, name, id or path; ``None`` when it is one. Two that look the same are the same."""
    problem = text_problem(value, most)
    if problem is None and isinstance(value, str):
        found = INVISIBLE.search(value)
        if found is not None:
            return f"its character {found.start() + 1} is an invisible one (U+{ord(found[0]):04X})"
    return problem


def visible(text: str) -> str:
    """``text`` without characters that nobody sees and that change how the rest is read."""
    return INVISIBLE.sub("", text)


def escaped(text: str) -> str:
    """``text`` with what nobody sees written out, as ``\\u202e``; for screens and logs."""
    return INVISIBLE.sub(lambda found: ascii(found[0])[1:-1], text)


def shown(value: object) -> str:
    """A value in an error; texts may be long, and may hold what no log can."""
    try:
        if isinstance(value, str | bytes):
            value = value[:_SHOWN]
        text = escaped(repr(value))
        text.encode()
    except UnicodeEncodeError:
        text = ascii(value)
    except Exception:  # a number of many thousand digits, or an object that cannot say what it is
        return f"a value of type {type(value).__name__} that cannot be shown"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def written(value: object, what: str, most: int = MOST_TEXT) -> str:
    """A text that somebody wrote, without invisible characters.

    Raises:
        FactError: it is no text, empty, too long, or holds what no database can keep; ``what`` names it in the message.
    """
    if isinstance(value, str):
        value = visible(value)
    wrong = text_problem(value, most)
    if wrong is not None:
        raise FactError(
            f"the {what} cannot be used: {wrong}; write 1 to {most} characters that say something",
            zh=f"说明不能用;请写 1 至 {most} 个字",
        )
    return str(value)


def named(value: object, what: str) -> str:
    """An id of a person, in the form in which ids are compared: see :func:`person_id`.

    Raises:
        FactError: it is none, or one that the engine keeps for itself.
    """
    wrong = text_problem(value, MOST_ID)
    if wrong is None:
        value = person_id(str(value))
        wrong = key_problem(value)
    if wrong is not None:
        raise FactError(
            f"the {what} is no id of a person: {wrong}; give the staff number, 1 to {MOST_ID} characters"
        )
    person = str(value)
    if is_reserved(person):
        raise FactError(
            f"the {what} is {shown(person)}, which stands for the engine itself, a program or a party in the journal; "
            "give the staff number of whoever acts, or say Actor.program('intake') for a program, Actor.party(code) "
            "for a party"
        )
    return person


def person_id(value: str) -> str:
    """The form in which ids of persons are compared: full-width ０６１８ is 0618, and invisible characters are none."""
    return unicodedata.normalize("NFKC", visible(value)).strip()


def is_reserved(person: str) -> bool:
    """Whether nobody may say that this id is theirs: it is the engine's, or one of a program or a party."""
    folded = person_id(person).casefold()
    return folded == SYSTEM_ID or folded.startswith((PROGRAM_ID, PARTY_ID, MESSAGE_ID))
