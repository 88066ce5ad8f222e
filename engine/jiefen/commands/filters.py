"""The words by which lists are filtered: one that no edition in use knows is a slip, not an empty list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date

from sqlalchemy.engine import Connection

from jiefen.case.runtime import Runtime
from jiefen.edition.edition import Edition
from jiefen.errors import FactError, UnknownValue
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import shown
from jiefen.rules import DeadlineRule, DeadlineVersion, Fact, FactType

Known = Callable[[Edition], Collection[str]]
#: A rule and the first day of one of its versions.
RuleVersion = tuple[str, date]


def require_process(runtime: Runtime, connection: Connection, process: str | None) -> None:
    """Refuse a process that no edition in use has.

    Raises:
        UnknownValue: there is none; the message names the nearest.
    """
    _require(runtime, connection, process, "process", lambda edition: edition.processes.ids)


def require_role(runtime: Runtime, connection: Connection, role: str | None) -> None:
    """Refuse a role that no edition in use has.

    Raises:
        UnknownValue: there is none; the message names the nearest.
    """
    _require(runtime, connection, role, "role", lambda edition: edition.rulebook.roles)


def require_deadline(runtime: Runtime, connection: Connection, rule: str | None) -> None:
    """Refuse a rule of a deadline that no edition in use has.

    Raises:
        UnknownValue: there is none; the message names the nearest.
    """
    _require(
        runtime, connection, rule, "deadline", lambda edition: {one.id for one in _deadline_rules(edition)}
    )


def versions_of_holder(runtime: Runtime, connection: Connection, holder: str) -> frozenset[RuleVersion]:
    """The versions of deadlines, of every edition in use, that give a role a duty or a right.

    Raises:
        UnknownValue: no edition in use knows the role; the message names the nearest.
    """
    require_role(runtime, connection, holder)
    return _versions(runtime, connection, lambda version: version.holder == holder)


def versions_of_law(runtime: Runtime, connection: Connection, law: str) -> frozenset[RuleVersion]:
    """The versions of deadlines, of every edition in use, that a law sets.

    Raises:
        UnknownValue: no edition in use has a deadline of that law; the message names the nearest.
    """

    def laws(edition: Edition) -> Collection[str]:
        versions = (version for rule in _deadline_rules(edition) for version in rule.versions)
        return {version.because[0].law or "" for version in versions}

    _require(runtime, connection, law, "law of deadlines", laws)
    return _versions(runtime, connection, lambda version: version.because[0].law == law)


def _versions(
    runtime: Runtime, connection: Connection, wanted: Callable[[DeadlineVersion], bool]
) -> frozenset[RuleVersion]:
    return frozenset(
        (rule.id, version.since)
        for edition in (runtime.edition, *runtime.every_edition(connection))
        for rule in _deadline_rules(edition)
        for version in rule.versions
        if wanted(version)
    )


def _deadline_rules(edition: Edition) -> Iterator[DeadlineRule]:
    return (rule for rule in edition.rulebook.rules() if isinstance(rule, DeadlineRule))


def require_value(runtime: Runtime, connection: Connection, fact: str, value: str | None) -> None:
    """Refuse a value that a choice has in no edition in use; other kinds of facts take any text.

    Raises:
        FactError: it has not; the message names the nearest.
    """
    declared = runtime.edition.rulebook.vocabulary.facts.get(fact)
    if declared is None or declared.type is not FactType.CHOICE:
        return

    def values(edition: Edition) -> Collection[str]:
        found = edition.rulebook.vocabulary.facts.get(fact)
        return found.values if found is not None else ()

    _require(runtime, connection, value, fact, values, FactError)


def values_in_use(runtime: Runtime, connection: Connection, fact: str) -> list[str]:
    """The values of a choice, in the order of the present edition; then those that only other editions in use have."""
    editions = (runtime.edition, *runtime.every_edition(connection))
    declared = (edition.rulebook.vocabulary.facts.get(fact) for edition in editions)
    return list(dict.fromkeys(value for one in declared if one is not None for value in one.values))


def known_fact(runtime: Runtime, connection: Connection, name: str) -> Fact:
    """A fact as the present edition has it, or the newest that does.

    Raises:
        FactError: no edition in use has it; the message names the nearest.
    """
    known = runtime.edition.rulebook.vocabulary.facts.get(name)
    if known is not None:
        return known
    for edition in runtime.every_edition(connection):
        if name in edition.rulebook.vocabulary.facts:
            return edition.rulebook.vocabulary.fact(name)
    return runtime.edition.rulebook.vocabulary.fact(name)


def _require(
    runtime: Runtime,
    connection: Connection,
    value: str | None,
    what: str,
    known: Known,
    error: type[FactError] = UnknownValue,
) -> None:
    if value is None or value in known(runtime.edition):
        return
    # Cases of an older edition may have words that the present one has not; looked for only now, because it takes time.
    words = {word for edition in runtime.every_edition(connection) for word in known(edition)}
    if value not in words:
        raise error(f"there is no {what} {shown(value)}; {suggestion(value, words)}")
