"""Conditions on one fact, in the notation of the unary tests of DMN 1.4 (sections 7.3.9 and 10.3.2.4).

Beyond DMN there is ``missing``, because a case knows facts that were never set. A missing fact meets only
``-`` and ``missing``: no rule applies because something is *not yet known*, unless it says so. A null
fact behaves as in DMN: ``null`` and ``-`` hold, ``not(a)`` holds (null is not a), comparisons do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from jiefen.errors import FactError
from jiefen.notation.labels import plain, suggestion
from jiefen.rules.model.vocabulary import Fact, FactType

Ordered = int | Decimal | date


class Missing:
    """The type of :data:`MISSING`."""

    def __repr__(self) -> str:
        return "missing"


#: What a condition reads when the fact was never set.
MISSING: Final = Missing()


class ConditionError(ValueError):
    """A condition cannot be read. ``hint`` says how to write it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Anything:
    """``-``: always holds."""

    def holds(self, value: object) -> bool:
        """Whether the test holds for a fact's value."""
        return True

    def __str__(self) -> str:
        return "-"


@dataclass(frozen=True, slots=True)
class IsNull:
    """``null``: the fact was set to nothing."""

    def holds(self, value: object) -> bool:
        """Whether the test holds for a fact's value."""
        return value is None

    def __str__(self) -> str:
        return "null"


@dataclass(frozen=True, slots=True)
class IsMissing:
    """``missing``: the fact was never set."""

    def holds(self, value: object) -> bool:
        """Whether the test holds for a fact's value."""
        return value is MISSING

    def __str__(self) -> str:
        return "missing"


@dataclass(frozen=True, slots=True)
class Equals:
    """A value."""

    value: object

    def holds(self, value: object) -> bool:
        """Whether the test holds for a fact's value."""
        return value is not None and value is not MISSING and value == self.value

    def __str__(self) -> str:
        return plain(self.value)


@dataclass(frozen=True, slots=True)
class Contains:
    """A value, on a list: the list contains it."""

    value: str

    def holds(self, value: object) -> bool:
        """Whether the test holds for a fact's value."""
        return isinstance(value, tuple) and self.value in value

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Range:
    """``< 5`` … ``[1..5)``: an interval; a bound that is ``None`` is open to that side."""

    low: Ordered | None
    high: Ordered | None
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: object) -> bool:
        """Whether the test holds for a fact's value."""
        if not isinstance(value, int | Decimal | date) or isinstance(value, bool):
            return False
        low, high = self.low, self.high
        if low is not None and (value < low or (self.low_open and value == low)):  # type: ignore[operator]
            return False
        return high is None or value < high or (not self.high_open and value == high)  # type: ignore[operator]

    def __str__(self) -> str:
        if self.low is None:
            return f"{'<' if self.high_open else '<='} {plain(self.high)}"
        if self.high is None:
            return f"{'>' if self.low_open else '>='} {plain(self.low)}"
        left, right = "(" if self.low_open else "[", ")" if self.high_open else "]"
        return f"{left}{plain(self.low)}..{plain(self.high)}{right}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """``[a, b]``: one of the tests holds."""

    tests: tuple[Test, ...]

    def holds(self, value: object) -> bool:
        """Whether the test holds for a fact's value."""
        return any(test.holds(value) for test in self.tests)

    def __str__(self) -> str:
        return "[" + ", ".join(map(str, self.tests)) + "]"


@dataclass(frozen=True, slots=True)
class Not:
    """``not(a, b)``: none of the tests holds. A comparison with null is not false either, so it does not hold."""

    tests: tuple[Test, ...]

    def holds(self, value: object) -> bool:
        """Whether the test holds for a fact's value."""
        if value is MISSING:
            return False
        if value is None and any(isinstance(test, Range) for test in self.tests):
            return False
        return not any(test.holds(value) for test in self.tests)

    def __str__(self) -> str:
        return "not(" + ", ".join(map(str, self.tests)) + ")"


Test = Anything | IsNull | IsMissing | Equals | Contains | Range | AnyOf | Not

_ORDERED = frozenset({FactType.INTEGER, FactType.MONEY, FactType.DATE})
_COMPARISON = re.compile(r"(<=|>=|<|>)\s*(.+)", re.DOTALL)
_RANGE = re.compile(r"([\[(\]])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])", re.DOTALL)
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_DATE_CALL = re.compile(r"date\(\s*\"(.+)\"\s*\)")


def parse_test(raw: object, fact: Fact) -> Test:
    """The condition that a rule file writes about ``fact``.

    Args:
        raw: what YAML gave: text, number, boolean, date, null, or a list of these.

    Raises:
        ConditionError: the text is not a condition, or names a value outside the fact's domain.
    """
    if isinstance(raw, list):
        tests = tuple(_single(item, fact) for item in raw)
        if not tests:
            raise ConditionError(
                "an empty list never holds", "list at least one value, or leave the fact out"
            )
        return tests[0] if len(tests) == 1 else AnyOf(tests)
    return _single(raw, fact)


def constants(test: Test) -> Iterator[object]:
    """Every value that a test compares with."""
    if isinstance(test, Equals | Contains):
        yield test.value
    elif isinstance(test, Range):
        yield from (bound for bound in (test.low, test.high) if bound is not None)
    elif isinstance(test, AnyOf | Not):
        for part in test.tests:
            yield from constants(part)


def _single(raw: object, fact: Fact) -> Test:
    if raw is None:
        return IsNull()
    if not isinstance(raw, str):
        return _equals(raw, fact)
    text = raw.strip()
    if text == "-":
        return Anything()
    negated = _NOT.fullmatch(text)
    if negated is not None:
        return Not(tuple(_part(part, fact) for part in _split(negated[1], text)))
    parts = _split(text, text)
    tests = tuple(_part(part, fact) for part in parts)
    return tests[0] if len(tests) == 1 else AnyOf(tests)


def _part(text: str, fact: Fact) -> Test:
    if text == "null":
        return IsNull()
    if text == "missing":
        return IsMissing()
    if text == "-" or _NOT.fullmatch(text):
        raise ConditionError(f"{text} cannot stand inside a list", "write it alone")
    comparison = _COMPARISON.fullmatch(text)
    if comparison is not None:
        bound = _bound(comparison[2], fact)
        is_open = len(comparison[1]) == 1
        if comparison[1].startswith("<"):
            return Range(None, bound, high_open=is_open)
        return Range(bound, None, low_open=is_open)
    between = _RANGE.fullmatch(text)
    if between is not None:
        low, high = _bound(between[2], fact), _bound(between[3], fact)
        result = Range(low, high, low_open=between[1] != "[", high_open=between[4] != "]")
        if low > high or (low == high and (result.low_open or result.high_open)):  # type: ignore[operator]
            raise ConditionError(f"{text} contains nothing", "write the smaller bound first")
        return result
    return _equals(_literal(text, fact), fact)


def _split(text: str, whole: str) -> list[str]:
    """The parts of ``text`` between commas that are not inside quotes."""
    parts, start, quoted = [], 0, False
    for index, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            parts.append(text[start:index].strip())
            start = index + 1
    parts.append(text[start:].strip())
    if quoted or not all(parts):
        raise ConditionError(f"{whole!r} is not a condition", "write values with commas between: not(a, b)")
    return parts


def _bound(text: str, fact: Fact) -> Ordered:
    if fact.type not in _ORDERED:
        raise ConditionError(
            f"{fact.id} is {_A[fact.type]} and cannot be compared by size",
            "name its values instead: a, [a, b] or not(a)",
        )
    value = _literal(text, fact)
    if not isinstance(value, int | Decimal | date):
        raise ConditionError(f"{text} is not {_A[fact.type]}", f"write {_LIKE[fact.type]}")
    return value


def _literal(text: str, fact: Fact) -> object:
    """The value that ``text`` writes for ``fact``; its domain is not looked at."""
    call = _DATE_CALL.fullmatch(text)
    bare = call[1] if call else text
    try:
        if fact.type is FactType.INTEGER:
            return int(bare) if re.fullmatch(r"[-+]?[0-9]+", bare) else bare
        if fact.type is FactType.MONEY:
            return Decimal(bare) if re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", bare) else bare
        if fact.type is FactType.DATE:
            return date.fromisoformat(bare) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", bare) else bare
    except ValueError:
        raise ConditionError(f"{bare} is not a day of the calendar", "correct the day or the month") from None
    if fact.type is FactType.BOOLEAN:
        return {"true": True, "false": False}.get(bare, bare)
    quoted = re.fullmatch(r'"([^"]*)"', text)
    return quoted[1] if quoted else text


def _equals(value: object, fact: Fact) -> Test:
    try:
        if fact.type is FactType.LIST:
            fact.check((value,))
            return Contains(str(value))
        return Equals(fact.check(value))
    except FactError:
        if fact.type in (FactType.CHOICE, FactType.LIST) and fact.values:
            hint = suggestion(str(value), [*fact.values, "missing", "null"])
        else:
            hint = f"write {_LIKE[fact.type]}"
        raise ConditionError(f"{plain(value)} is not a value of {fact.id} ({fact.title})", hint) from None


_A = {
    FactType.BOOLEAN: "true or false",
    FactType.INTEGER: "a whole number",
    FactType.MONEY: "an amount",
    FactType.DATE: "a date",
    FactType.TEXT: "a text",
    FactType.CHOICE: "a choice",
    FactType.LIST: "a list",
}
_LIKE = {
    FactType.BOOLEAN: "true, false, missing or null",
    FactType.INTEGER: "a whole number within its bounds, for example 5, '> 5' or '[1..5)'",
    FactType.MONEY: "an amount within its bounds, for example 50000, '> 50000' or '[0..50000]'",
    FactType.DATE: "a date within its bounds, for example 2026-03-01 or '>= 2026-03-01'",
    FactType.TEXT: "a text of the form that the vocabulary asks for, in quotes if it looks like a number",
    FactType.CHOICE: "one of its values",
    FactType.LIST: "a text",
}
