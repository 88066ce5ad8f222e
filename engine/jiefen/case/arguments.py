"""Is what a caller hands over usable? Looked at before a transaction, so that no database has to refuse it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from jiefen.errors import FactError, NotAllowed, UnknownValue
from jiefen.notation.labels import did_you_mean
from jiefen.notation.texts import MOST_ID, MOST_TEXT, is_reserved, key_problem, shown, text_problem
from jiefen.record.actor import Actor
from jiefen.rules import Vocabulary

#: Ids are 64-bit integers in every database.
MAX_ID: Final = 2**63 - 1
#: A page of a list holds at most so many: everything at once would fill the memory of whoever asks.
MOST_ON_PAGE: Final = 1_000
#: No file system takes a longer one.
_LONGEST_PATH: Final = 4_096


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
        FactError: not whole numbers, or a page without anything on it, or with more than :data:`MOST_ON_PAGE`.
    """
    if not isinstance(after, int) or isinstance(after, bool) or abs(after) > MAX_ID:
        raise FactError(f"after={shown(after)} is no id; give that of the last one seen, or leave it out")
    if check_count(limit) > MOST_ON_PAGE:
        raise FactError(
            f"limit={shown(limit)} is more than a page holds; ask for at most {MOST_ON_PAGE}, and for the next page "
            "with after= the id of the last one seen"
        )


def read_place(token: object) -> tuple[datetime, int, int]:
    """Where a page of a list by time begins, from the token of the last one seen: an instant, a case, and a number.

    Raises:
        FactError: it is no token of such a list.
    """
    if isinstance(token, str):
        due, _, place = token.partition("/")
        case, _, seq = place.partition("/")
        try:
            instant = datetime.fromisoformat(due)
            digits = all(one.isascii() and one.isdigit() for one in (case, seq))
            if instant.tzinfo is not None and digits and int(case) <= MAX_ID and int(seq) < 2**31:
                return instant, int(case), int(seq)
        except ValueError:
            pass
    raise FactError(
        f"after={shown(token)} is no token of this list; give that of the last one seen, or leave it out"
    )


def check_count(limit: object) -> int:
    """At most how many: a whole number from 1.

    Raises:
        FactError: it is something else.
    """
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_ID:
        raise FactError(
            f"limit={shown(limit)} is no number of things; give a whole number from 1, or leave it out"
        )
    return limit


def check_key(value: object, what: str) -> str:
    """A key, a name or the id of a person: a text of 1 to 200 characters that every database can keep.

    Raises:
        FactError: it is something else.
    """
    wrong = key_problem(value)
    if wrong is not None:
        raise FactError(f"{shown(value)} is no {what}: {wrong}; give a text of 1 to {MOST_ID} characters")
    return str(value)


def check_actor(by: object, *, party: bool = False) -> Actor:
    """Who acts; an actor has looked at its own id and roles.

    Args:
        party: whether a party may do it themselves.

    Raises:
        FactError: it is no actor.
    """
    if not isinstance(by, Actor):
        what = "nobody" if by is None else f"a {type(by).__name__}"
        raise FactError(
            f"by= says who acts, and is {what}; give for example Actor('0431', frozenset({{'village_mediator'}}))"
        )
    if by.in_person is not None and not party:
        raise NotAllowed(
            "by= is a party of a case, and this is for an office; parties give messages and rate",
            zh="此项由经办单位办理,当事人不能自行办理",
        )
    if is_reserved(by.id) and not by.trusted and by.in_person is None:
        raise FactError(f"by= says who acts, and {by.id!r} is the engine itself; give whoever acts")
    return by


def check_text(value: object, what: str) -> str:
    """An argument that is a text, neither empty nor endless.

    Raises:
        FactError: it is something else.
    """
    problem = text_problem(value, MOST_TEXT)
    if problem is not None:
        raise FactError(f"{what}={shown(value)} cannot be used: {problem}")
    return str(value)


def check_path(value: object, what: str) -> Path:
    """A path of a file or folder.

    Raises:
        FactError: it is none.
    """
    problem = key_problem(str(value), _LONGEST_PATH) if isinstance(value, str | Path) else "it is no path"
    if problem is not None:
        raise FactError(
            f"{what}={shown(value)} cannot be used: {problem}; give a path as a text or a pathlib.Path"
        )
    return Path(str(value))


def check_folder(value: object, what: str) -> Path | None:
    """A path of a folder that may be left out.

    Raises:
        FactError: it is none.
    """
    return check_path(value, what) if value is not None else None


def check_methods(value: object, methods: Sequence[str], what: str) -> None:
    """An object of the host that the engine will ask: its methods are there.

    Raises:
        FactError: one of them is missing, or ``value`` is a class instead of an object.
    """
    missing = [name for name in methods if not callable(getattr(value, name, None))]
    if missing or isinstance(value, type):
        raise FactError(
            f"{what}={shown(value)} cannot be used: it needs the method {' and '.join(missing or methods)}, "
            "on an object, not on a class"
        )


def check_clock(clock: object) -> None:
    """A clock that tells instants with their zone.

    Raises:
        FactError: it has no method ``now``, or what that says is no instant.
    """
    check_methods(clock, ("now",), "clock")
    told: Any = clock
    now = told.now()
    if not isinstance(now, datetime) or now.tzinfo is None:
        raise FactError(
            f"the clock says {shown(now)}, which is no instant with a time zone; take SystemClock()"
        )


def check_adapters(adapters: object) -> Mapping[str, Any]:
    """Adapters by the topics whose deliveries they carry.

    Raises:
        FactError: no mapping, a topic is no name, or an adapter cannot send.
    """
    if not isinstance(adapters, Mapping):
        raise FactError(f"adapters={shown(adapters)} is no mapping; give adapters by topic, or leave it out")
    for topic, adapter in adapters.items():
        check_key(topic, "topic of an adapter")
        check_methods(adapter, ("send",), f"the adapter of {topic}")
    return adapters


def check_day(day: object, what: str) -> date:
    """A legal day in China that a call is given; a text is none, whatever it says.

    Args:
        what: the name of the argument.

    Raises:
        FactError: it is no date, or one with an hour, or lies where nothing is counted.
    """
    if isinstance(day, datetime) or not isinstance(day, date) or not 1900 <= day.year <= 9000:
        raise FactError(
            f"{what}={shown(day)} is no day; give a date such as datetime.date(2026, 3, 2)",
            zh=f"{what}={shown(day)} 不是日期;请给出日期(datetime.date)",
        )
    return day


def check_flag(value: object, what: str) -> bool:
    """A choice between yes and no.

    Raises:
        FactError: it is neither ``True`` nor ``False``.
    """
    if not isinstance(value, bool):
        raise FactError(f"{what}={shown(value)} is neither True nor False; say which")
    return value


def check_choice(value: object, what: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """One of a few words, for example a status.

    Args:
        what: subject of the message, for example ``status of tasks``.
        otherwise: what the message advises when no word is near; absent, it lists them.

    Raises:
        UnknownValue: there is no such word; the message names the nearest.
        FactError: it is no text.
    """
    words = [str(word) for word in known]
    listed = " or ".join(words[-2:]) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"
    if not isinstance(value, str):
        raise FactError(f"{shown(value)} is no {what}; give {listed}")
    if value not in words:
        noun, of, whose = what.partition(" of ")
        hint = did_you_mean(value, words) or otherwise or f"ask for {listed}"
        raise UnknownValue(
            f"there is no {noun} {shown(value)}{of}{whose}; {hint}",
            zh=f"没有 {shown(value)} 这个选项;可选:{'、'.join(words)}",
        )
    return str(value)


def filters(**given: object) -> None:
    """Look at the texts by which a list is filtered; ``None`` means: not by this.

    Raises:
        FactError: one of them is no text, or one that no database can look for.
    """
    for name, value in given.items():
        if value is not None and text_problem(value, MOST_TEXT) is not None:
            raise FactError(f"{name}={shown(value)} is nothing to look for; give a text, or leave it out")


def check_facts(facts: object) -> Mapping[str, Any]:
    """Facts as a mapping of names to values; the values are looked at by the vocabulary.

    Raises:
        FactError: they are something else.
    """
    if not isinstance(facts, Mapping) or not all(isinstance(name, str) for name in facts):
        given = type(facts).__name__
        if isinstance(facts, Mapping):
            given += " whose names are not all texts"
        raise FactError(f"facts are given as {given}; give a mapping such as {{'dispute_type': 'labour'}}")
    return facts


def facts_set_by(
    facts: Mapping[str, Any], vocabulary: Vocabulary, ways: Collection[str]
) -> dict[str, object]:
    """Facts as a caller gives them, in plain values, after a look at who may set them.

    Args:
        ways: declared ways of setting a fact that this caller may use; one of them is enough.

    Raises:
        FactError: a fact is unknown, out of its domain, or not set in one of ``ways``.
    """
    for name in check_facts(facts):
        allowed = vocabulary.fact(name).set_by
        if not set(ways) & set(allowed):
            raise FactError(
                f"fact {shown(name)} is set by {', '.join(allowed)}, not by {' or '.join(ways)}; leave it out",
                zh=f"“{vocabulary.fact(name).title.zh}”不在这里填写",
                fact=name,
            )
    return vocabulary.from_json(facts)
