"""Is what a caller hands over usable? Looked at before a transaction, so that no database has to refuse it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from jiefen.errors import FactError
from jiefen.notation.texts import MOST_ID, MOST_TEXT, is_reserved, key_problem, shown, text_problem
from jiefen.record.actor import Actor
from jiefen.rules import Vocabulary

#: Ids are 64-bit integers in every database.
MAX_ID: Final = 2**63 - 1


def check_id(value: object, what: str) -> int:
    """The id of something, a whole number of 64 bits.

    Args:
        what: subject of the message, for example ``case``.

    Raises:
        FactError: it is something else; there cannot be such an id.
    """
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_ID:
        raise FactError(
            f"{shown(value)} is no id of a {what}; give a whole number, as the {what} itself says it in `id`"
        )
    return value


def check_page(after: object, limit: object) -> None:
    """Look at where a page of a list begins and how long it is.

    Raises:
        FactError: not whole numbers, or a page without anything on it.
    """
    if not isinstance(after, int) or isinstance(after, bool) or abs(after) > MAX_ID:
        raise FactError(f"after={shown(after)} is no id; give that of the last one seen, or leave it out")
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_ID:
        raise FactError(
            f"limit={shown(limit)} is no length of a page; give a whole number from 1, or leave it out"
        )


def check_key(value: object, what: str) -> str:
    """A key, a name or the id of a person: a text of 1 to 200 characters that every database can keep.

    Raises:
        FactError: it is something else.
    """
    wrong = key_problem(value)
    if wrong is not None:
        raise FactError(f"{shown(value)} is no {what}: {wrong}; give a text of 1 to {MOST_ID} characters")
    return str(value)


def check_actor(by: object) -> Actor:
    """Who acts; an actor has looked at its own id and roles.

    Raises:
        FactError: it is no actor.
    """
    if not isinstance(by, Actor):
        what = "nobody" if by is None else f"a {type(by).__name__}"
        raise FactError(
            f"by= says who acts, and is {what}; give for example Actor('0431', frozenset({{'village_mediator'}}))"
        )
    if is_reserved(by.id):
        raise FactError(f"by= says who acts, and {by.id!r} is the engine itself; give whoever acts")
    return by


def filters(**given: object) -> None:
    """Look at the texts by which a list is filtered; ``None`` means: not by this.

    Raises:
        FactError: one of them is no text, or one that no database can look for.
    """
    for name, value in given.items():
        if value is not None and text_problem(value, MOST_TEXT) is not None:
            raise FactError(f"{name}={shown(value)} is nothing to look for; give a text, or leave it out")


def facts_set_by(
    facts: Mapping[str, Any], vocabulary: Vocabulary, ways: Collection[str]
) -> dict[str, object]:
    """Facts as a caller gives them, in plain values, after a look at who may set them.

    Args:
        ways: declared ways of setting a fact that this caller may use; one of them is enough.

    Raises:
        FactError: a fact is unknown, out of its domain, or not set in one of ``ways``.
    """
    if not isinstance(facts, Mapping) or not all(isinstance(name, str) for name in facts):
        raise FactError(
            f"facts are given as {type(facts).__name__}; give a mapping such as {{'dispute_type': 'labour'}}"
        )
    for name in facts:
        allowed = vocabulary.fact(name).set_by
        if not set(ways) & set(allowed):
            raise FactError(
                f"fact {name!r} is set by {', '.join(allowed)}, not by {' or '.join(ways)}; leave it out"
            )
    return vocabulary.from_json(facts)
