"""What the operators and functions of the expression language do with values.

Kinds are never mixed: comparing a date with text, or adding text to a number, is an error. A date beside an
instant compares by the legal day in China.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NoReturn

from jiefen.clock import china_date
from jiefen.errors import ExpressionError
from jiefen.notation.tokens import MAX_DIGITS

Functions = Mapping[str, Callable[..., object]]

#: Text that is computed has at most this many characters.
MAX_TEXT: Final = 10_000


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "yes/no"
    if isinstance(value, int | Decimal):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ExpressionError("an instant without a time zone cannot be used")
    if isinstance(value, date):
        return "date"
    if isinstance(value, tuple | list):
        return "list"
    raise ExpressionError(f"a value of type {type(value).__name__} cannot be used")


def _china_day(value: date) -> date:
    return china_date(value) if isinstance(value, datetime) else value


def _same_time(left: date, right: date) -> tuple[date, date]:
    if isinstance(left, datetime) == isinstance(right, datetime):
        return left, right
    return _china_day(left), _china_day(right)


def _mixed(left: object, right: object) -> NoReturn:
    raise ExpressionError(f"{_kind(left)} and {_kind(right)} cannot be compared")


def _equal(left: object, right: object) -> bool:
    if left is None or right is None:
        return left is right
    if _kind(left) != _kind(right):
        _mixed(left, right)
    if isinstance(left, date) and isinstance(right, date):
        left, right = _same_time(left, right)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_equal, left, right))
    return left == right


def _order(compare: Callable[[Any, Any], Any]) -> Callable[[object, object], bool]:
    def ordered(left: object, right: object) -> bool:
        if left is None or right is None:
            return False
        kind = _kind(left)
        if kind != _kind(right):
            _mixed(left, right)
        if kind not in ("number", "date"):
            raise ExpressionError(f"{kind} has no order; compare with == or in")
        if isinstance(left, date) and isinstance(right, date):
            left, right = _same_time(left, right)
        return bool(compare(left, right))

    return ordered


def _contains(item: object, container: object) -> bool:
    if item is None or container is None:
        return False
    if not isinstance(container, tuple | list):
        raise ExpressionError(f"'in' needs a list on its right, not {_kind(container)}")
    kind = _kind(item)
    return any(_kind(other) == kind and _equal(item, other) for other in container)


#: What each comparison answers.
COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[object, object], bool]]] = {
    ast.Eq: _equal,
    ast.NotEq: lambda left, right: not _equal(left, right),
    ast.Lt: _order(operator.lt),
    ast.LtE: _order(operator.le),
    ast.Gt: _order(operator.gt),
    ast.GtE: _order(operator.ge),
    ast.In: _contains,
    ast.NotIn: lambda left, right: not _contains(left, right),
}


def _add(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > MAX_TEXT:
            raise ExpressionError(f"the text grows beyond {MAX_TEXT} characters")
        return left + right
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        if len(left) + len(right) > MAX_TEXT:
            raise ExpressionError(f"the list grows beyond {MAX_TEXT} items")
        return (*left, *right)
    if isinstance(left, date):
        return left + _days(right)
    if isinstance(right, date):
        return right + _days(left)
    return checked_number(left) + checked_number(right)


def _subtract(left: object, right: object) -> object:
    if isinstance(left, date):
        if isinstance(right, date):
            return (_china_day(left) - _china_day(right)).days
        return left - _days(right)
    return checked_number(left) - checked_number(right)


def _days(value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f"a date moves by a whole number of days, not by {_kind(value)}")
    return timedelta(days=value)


def checked_number(value: object) -> Decimal:
    """The value as an exact number.

    Raises:
        ExpressionError: it is no number, not finite, or has too many digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ExpressionError(f"a number is needed, not {_kind(value)}")
    number = Decimal(value)
    if not number.is_finite() or number.adjusted() >= MAX_DIGITS:
        raise ExpressionError(f"numbers have at most {MAX_DIGITS} digits")
    return number


def _divide(compute: Callable[[Decimal, Decimal], Decimal]) -> Callable[[object, object], object]:
    def divided(left: object, right: object) -> object:
        first, second = checked_number(left), checked_number(right)
        if second == 0:
            raise ExpressionError("division by zero")
        return compute(first, second)

    return divided


#: What each arithmetic operator computes.
ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[object, object], object]]] = {
    ast.Add: _add,
    ast.Sub: _subtract,
    ast.Mult: lambda left, right: checked_number(left) * checked_number(right),
    ast.Div: _divide(operator.truediv),
    ast.FloorDiv: _divide(lambda left, right: (left / right).to_integral_value(rounding="ROUND_FLOOR")),
    ast.Mod: _divide(lambda left, right: left - right * (left / right).to_integral_value("ROUND_FLOOR")),
}


def tidy(value: object, whole: bool) -> object:
    """A number that was computed from whole numbers only, and is whole, becomes an ``int`` again."""
    if isinstance(value, Decimal):
        checked_number(value)
        if whole and value == value.to_integral_value():
            return int(value)
    return value


def is_whole(value: object) -> bool:
    """Whether the value is a whole number; yes and no are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _days_since(functions: Functions, value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, date):
        raise ExpressionError(f"days_since needs a date, not {_kind(value)}")
    return _subtract(call_function(functions, "today", ()), value)


def _length(_: Functions, value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, str | tuple | list):
        raise ExpressionError(f"len needs text or a list, not {_kind(value)}")
    return len(value)


def _extreme(name: str) -> Callable[..., object]:
    better = _order(operator.lt if name == "min" else operator.gt)

    def extreme(_: Functions, *values: object) -> object:
        items: Sequence[object] = values
        if len(values) == 1 and isinstance(values[0], tuple | list):
            items = values[0]
        if not items:
            raise ExpressionError(f"{name} of an empty list")
        best = items[0]
        for item in items:
            if item is None:
                raise ExpressionError(f"{name} of a value that is not set")
            if better(item, best):
                best = item
        return best

    return extreme


def _day(_: Functions, text: object) -> date:
    return date.fromisoformat(str(text))


_BUILT_IN: Final[Mapping[str, Callable[..., object]]] = {
    "date": _day,
    "days_since": _days_since,
    "len": _length,
    "max": _extreme("max"),
    "min": _extreme("min"),
}


def call_function(functions: Functions, name: str, arguments: Sequence[object]) -> object:
    """The answer of a function: the caller's own of that name, else the built-in one.

    Raises:
        ExpressionError: neither exists.
    """
    given = functions.get(name)
    if given is not None:
        return given(*arguments)
    if name not in _BUILT_IN:
        raise ExpressionError(f"{name}() cannot be asked here")
    return _BUILT_IN[name](functions, *arguments)


def truth(value: object) -> bool:
    """The value as yes or no; null counts as no.

    Raises:
        ExpressionError: it is another value, which has to be compared with something first.
    """
    if value is None or isinstance(value, bool):
        return bool(value)
    raise ExpressionError(f"yes or no is needed, not {_kind(value)}; compare it with something")


def checked_set(value: object, source: str) -> object:
    """The value, which must be there.

    Raises:
        ExpressionError: it is null; ``source`` names it in the message.
    """
    if value is None:
        raise ExpressionError(f"{source} is not set, so nothing can be computed with it")
    return value
