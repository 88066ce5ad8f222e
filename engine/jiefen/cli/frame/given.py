"""Facts from a command line and from files, in the form that JSON carries them; days and instants from options."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from jiefen.clock import CHINA
from jiefen.errors import DefinitionError, FactError, PeriodError

if TYPE_CHECKING:
    from jiefen.rules import Vocabulary

Facts = Annotated[
    list[str] | None,
    typer.Option(
        "--fact",
        metavar="NAME=VALUE",
        help="A fact: true, 3, 1200.50, 2026-03-01, a choice, a text; repeat it.",
    ),
]
FactsFile = Annotated[
    str | None,
    typer.Option("--facts", metavar="FILE", help="Facts from .json or .yaml; - reads JSON from stdin."),
]

Parties = Annotated[
    list[str] | None,
    typer.Option(
        "--party", metavar="PARTY", help="Who it is about: applicant,name=张三,phone=13800000001; repeat it."
    ),
]

MAX_BYTES: Final = 1_000_000

# Not the other forms of ISO 8601: nobody reads 20260102 or 2026-W01-5 right the first time. Instants are those of
# RFC 3339, where the seconds may be left out.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    _DAY.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def given_facts(facts: list[str] | None, file: str | None, vocabulary: Vocabulary) -> dict[str, Any]:
    """The facts of ``--facts`` with those of ``--fact`` over them.

    Raises:
        FactError: something is not a fact, or a file cannot be read.
    """
    given = dict(read_facts(file)) if file is not None else {}
    for text in facts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise FactError(f"--fact {text!r} is not NAME=VALUE; write for example --fact amount=1200.50")
        given[name.strip()] = _value(name.strip(), value, vocabulary)
    return given


def given_party(text: str) -> dict[str, Any]:
    """A party of ``--party``: its part, and values by name, as in ``applicant,name=张三,phone=138…``.

    Raises:
        FactError: something in it is neither.
    """
    given: dict[str, Any] = {}
    for number, said in enumerate(text.split(",")):
        name, equals, value = said.partition("=")
        if not equals and number == 0:
            given["part"] = name.strip()
        elif not equals or not name.strip():
            raise FactError(
                f"{said!r} of a party is not NAME=VALUE; write for example applicant,name=张三,phone=13800000001"
            )
        elif name.strip() in ("persons", "represents"):
            given[name.strip()] = int(value) if value.strip().isascii() and value.strip().isdigit() else value
        else:
            given[name.strip()] = value.strip() or None
    return given


def given_share(text: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """A share of ``--share``: the key of the new case, and what is otherwise there, ``KEY,title=…,parties=1+3``.

    Raises:
        FactError: something in it is neither.
    """
    key, *said = (part.strip() for part in text.split(","))
    facts = given_facts([one for one in said if not one.startswith("parties=")], None, vocabulary)
    parties = [one.removeprefix("parties=") for one in said if one.startswith("parties=")]
    numbers = parties[0].split("+") if parties else []
    if len(parties) > 1 or not all(one.isascii() and one.isdigit() for one in numbers):
        raise FactError(f"{text!r} does not name parties; write their numbers, as in parties=1+3")
    return {"key": key, "facts": facts, "parties": [int(one) for one in numbers] if parties else None}


def _value(name: str, text: str, vocabulary: Vocabulary) -> Any:
    """``text`` as JSON would carry it for the fact ``name``; what does not fit is left for the vocabulary to refuse."""
    from jiefen.rules import FactType

    fact = vocabulary.facts.get(name)
    kind = fact.type if fact is not None else None
    if kind is FactType.TEXT:
        return text
    if text == "null":
        return None
    if kind is FactType.LIST and not text.startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    if kind in (FactType.BOOLEAN, FactType.INTEGER, FactType.LIST, None):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def read_facts(name: str) -> Mapping[str, Any]:
    """The facts of a ``.json`` or ``.yaml`` file; ``-`` is JSON on stdin.

    Raises:
        FactError: the file cannot be read, or is no mapping of facts.
    """
    if name == "-":
        data = _json(sys.stdin.buffer.read(MAX_BYTES + 1), "stdin")
    elif name.lower().endswith((".yaml", ".yml")):
        data = _yaml(Path(name))
    elif name.lower().endswith(".json"):
        try:
            with Path(name).open("rb") as stream:
                data = _json(stream.read(MAX_BYTES + 1), name)
        except OSError as error:
            raise FactError(f"{name} cannot be read: {error.strerror}") from error
    else:
        raise FactError(f"{name} is neither .json nor .yaml; rename it after what it holds")
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise FactError(f'{name} does not hold facts; write a mapping such as {{"dispute_type": "labour"}}')
    return data


def _yaml(path: Path) -> Any:
    from jiefen.notation.yaml import load

    try:
        return load(path, max_bytes=MAX_BYTES).data
    except DefinitionError as error:
        raise FactError(str(error)) from error


def _json(text: bytes, name: str) -> Any:
    if len(text) > MAX_BYTES:
        raise FactError(f"{name} is larger than {MAX_BYTES} bytes; facts of one case are small")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise FactError(f"{name} says {twice!r} twice; keep one of them")
        return found

    def refuse(number: str) -> NoReturn:
        raise FactError(f"{name} holds {number}, which is no number; leave the fact out or write null")

    try:
        return json.loads(text.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise FactError(f"{name}:{error.lineno}:{error.colno} is not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise FactError(f"{name} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise FactError(
            f"{name} cannot be read as JSON: it is too deep, or a number in it is too long"
        ) from error


def day_of(text: str, option: str) -> date:
    """The day that an option names."""
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        hint = f"{text!r} is no day; write for example 2026-03-01"
        raise typer.BadParameter(hint, param_hint=option) from None


def moment_of(text: str, option: str) -> date | datetime:
    """The day, or the instant with its zone, that an option names.

    Raises:
        PeriodError: an instant without a zone.
    """
    if len(text) <= 10:
        return day_of(text, option)
    try:
        instant = datetime.fromisoformat(text if _INSTANT.fullmatch(text) else "")
        instant.astimezone(CHINA)  # which can leave the calendar
    except (ValueError, OverflowError):
        hint = f"{text!r} is no instant; write for example 2026-03-01T09:30+08:00"
        raise typer.BadParameter(hint, param_hint=option) from None
    if instant.tzinfo is None:
        raise PeriodError(f"{option} {text} has no time zone; write {text}+08:00 for China")
    return instant
