"""The closed language of conditions, assignments and timers.

What can be written::

    amount > 50000 and not agreed          numbers (exact: 0.1 is a tenth), text, true, false, null
    dispute_type in ["labour", "traffic"]  lists, and facts that are lists
    received_on + 15 >= today()            a date and a number of days; two dates subtracted give days
    deadline("petition.handle")            the instant at which a running deadline expires, or null
    days_since(accepted_on) > 30           also len, min, max, and date("2026-05-01")

``${…}`` or ``#{…}`` around the whole is accepted, and so are ``&&``, ``||`` and ``!``.

How null behaves: a name that is not set reads as null. ``null == null`` holds, nothing else equals
null; ordering with null is false; ``in`` with null on either side is false; null counts as false in
``and``, ``or`` and ``not``; arithmetic with null is an error that names the fact; ``days_since`` and
``len`` of null are null.

Kinds are never mixed: comparing a date with text, or adding text to a number, is an error, not a
surprise. A date beside an instant compares by the legal day in China. Text and choices have no order.

The text is cut into tokens by this module, parsed by :mod:`ast`, and every node is checked against a
list before it is turned into closures. There are no attributes, no subscripts, no calls but those named
above, and every size is bounded.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, NoReturn

from jiefen.clock import china_date
from jiefen.errors import ExpressionError

Scope = Mapping[str, object]
Functions = Mapping[str, Callable[..., object]]
_Run = Callable[[Scope, Functions], object]

MAX_LENGTH: Final = 2_000
MAX_TOKENS: Final = 400
MAX_DEPTH: Final = 40
#: Numbers have at most this many digits, written or computed.
MAX_DIGITS: Final = 18
#: Text that is computed has at most this many characters.
MAX_TEXT: Final = 10_000

#: The functions of the language: the least and the greatest number of arguments.
STANDARD: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "date": (1, 1),
        "days_since": (1, 1),
        "deadline": (1, 1),
        "len": (1, 1),
        "max": (1, 20),
        "min": (1, 20),
        "today": (0, 0),
    }
)
#: Their argument is a text literal, so that it can be checked before anything runs.
_LITERAL_ONLY = frozenset({"date", "deadline"})


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. Immutable; safe to share between threads.

    Attributes:
        text: the expression as it was written, without ``${…}``.
        names: every name that it reads.
        calls: every function called, with its arguments when all of them are literals, else with none.
    """

    text: str
    names: frozenset[str]
    calls: tuple[tuple[str, tuple[object, ...]], ...]
    _run: _Run = field(repr=False, compare=False)

    def evaluate(self, scope: Scope, functions: Functions = MappingProxyType({})) -> object:
        """The value on ``scope``.

        Args:
            scope: values by name; a name that is missing reads as null.
            functions: ``today`` (returns a date) and ``deadline`` (takes a rule id) come from the caller;
                whatever is given here also replaces the built-in function of that name.

        Raises:
            ExpressionError: the values at hand are of the wrong kind, or too large.
        """
        try:
            return self._run(scope, functions)
        except ExpressionError as error:
            raise ExpressionError(f"{self.text!r}: {error}") from None
        except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
            raise ExpressionError(f"{self.text!r} cannot be computed: {error}") from error


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target = expression``: one line of a script."""

    target: str
    expression: Expression


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the known name that is nearest, or the empty text."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def compile_expression(
    text: str,
    names: Collection[str] | None = None,
    functions: Mapping[str, tuple[int, int]] = STANDARD,
) -> Expression:
    """Check ``text`` and turn it into an :class:`Expression`.

    Args:
        names: the names that may be read; ``None`` leaves them unchecked.
        functions: the functions that may be called, with the least and greatest number of arguments.

    Raises:
        ExpressionError: with the place and, for a misspelt name, the nearest one.
    """
    inner = _unwrapped(text)
    source = _tokens(inner)
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ExpressionError(f"{inner!r} is not an expression: {reason}") from None
    compiler = _Compiler(source, names, functions)
    try:
        run = compiler.compile(tree.body, 1)
    except ExpressionError as error:
        raise ExpressionError(f"{inner!r}: {error}") from None
    except RecursionError:
        raise ExpressionError(f"{inner!r} is nested too deep") from None
    return Expression(inner, frozenset(compiler.names), tuple(compiler.calls), run)


def compile_assignments(text: str, names: Collection[str] | None = None) -> tuple[Assignment, ...]:
    """A script: ``name = expression``, one to a line or separated by ``;``; ``#`` begins a line of remarks.

    Raises:
        ExpressionError: with the line that is wrong.
    """
    if len(text) > 10 * MAX_LENGTH:
        raise ExpressionError(f"the script is longer than {10 * MAX_LENGTH} characters; move it into a table")
    assignments = []
    for part in _statements(text):
        match = re.match(r"\s*([^\W\d]\w*)\s*=(?!=)(.*)", part, re.DOTALL)
        if match is None:
            raise ExpressionError(f"{part.strip()!r} is not an assignment; write: fact = expression")
        target, right = match.groups()
        if names is not None and target not in names:
            raise ExpressionError(f"unknown fact {target!r} on the left of '='; {_advice(target, names)}")
        assignments.append(Assignment(target, compile_expression(right, names)))
    if not assignments:
        raise ExpressionError("the script is empty; write: fact = expression")
    return tuple(assignments)


def _advice(name: str, known: Collection[str]) -> str:
    return did_you_mean(name, known) or "declare it, or correct the name"


def _statements(text: str) -> list[str]:
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


def _unwrapped(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters, this one {len(text)}")
    wrapped = _WRAPPED.fullmatch(text)
    inner = (wrapped.group(1) if wrapped else text).strip()
    if not inner:
        raise ExpressionError("the expression is empty")
    return inner


def _tokens(text: str) -> str:
    """The tokens of ``text`` with one space between them; only what the language knows reaches the parser."""
    tokens, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ExpressionError(f"{text!r}: column {place + 1}: {_stranger(text, place)}")
        place = match.end()
        if match.lastgroup == "number" and len(match.group()) > MAX_DIGITS + 1:
            raise ExpressionError(f"{match.group()} is too long; numbers have at most {MAX_DIGITS} digits")
        if match.lastgroup != "space":
            tokens.append(_REWRITE.get(match.group(), match.group()))
    if len(tokens) > MAX_TOKENS:
        raise ExpressionError(f"an expression has at most {MAX_TOKENS} words, this one {len(tokens)}")
    return " ".join(tokens)


def _stranger(text: str, place: int) -> str:
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


_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[object, object], bool]]] = {
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
    return _number(left) + _number(right)


def _subtract(left: object, right: object) -> object:
    if isinstance(left, date):
        if isinstance(right, date):
            return (_china_day(left) - _china_day(right)).days
        return left - _days(right)
    return _number(left) - _number(right)


def _days(value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f"a date moves by a whole number of days, not by {_kind(value)}")
    return timedelta(days=value)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ExpressionError(f"a number is needed, not {_kind(value)}")
    number = Decimal(value)
    if not number.is_finite() or number.adjusted() >= MAX_DIGITS:
        raise ExpressionError(f"numbers have at most {MAX_DIGITS} digits")
    return number


def _divide(compute: Callable[[Decimal, Decimal], Decimal]) -> Callable[[object, object], object]:
    def divided(left: object, right: object) -> object:
        first, second = _number(left), _number(right)
        if second == 0:
            raise ExpressionError("division by zero")
        return compute(first, second)

    return divided


_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[object, object], object]]] = {
    ast.Add: _add,
    ast.Sub: _subtract,
    ast.Mult: lambda left, right: _number(left) * _number(right),
    ast.Div: _divide(operator.truediv),
    ast.FloorDiv: _divide(lambda left, right: (left / right).to_integral_value(rounding="ROUND_FLOOR")),
    ast.Mod: _divide(lambda left, right: left - right * (left / right).to_integral_value("ROUND_FLOOR")),
}


def _tidy(value: object, whole: bool) -> object:
    """A number that came of whole numbers only, and is whole, is an ``int`` again."""
    if isinstance(value, Decimal):
        _number(value)
        if whole and value == value.to_integral_value():
            return int(value)
    return value


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _days_since(functions: Functions, value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, date):
        raise ExpressionError(f"days_since needs a date, not {_kind(value)}")
    return _subtract(_call(functions, "today", ()), value)


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


def _call(functions: Functions, name: str, arguments: Sequence[object]) -> object:
    given = functions.get(name)
    if given is not None:
        return given(*arguments)
    if name not in _BUILT_IN:
        raise ExpressionError(f"{name}() cannot be asked here")
    return _BUILT_IN[name](functions, *arguments)


def _truth(value: object) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise ExpressionError(f"yes or no is needed, not {_kind(value)}; compare it with something")


class _Compiler:
    """Turns checked nodes into closures and notes which names and functions they use."""

    def __init__(
        self, source: str, names: Collection[str] | None, functions: Mapping[str, tuple[int, int]]
    ) -> None:
        self.source = source
        self.known = names
        self.functions = functions
        self.names: set[str] = set()
        self.calls: list[tuple[str, tuple[object, ...]]] = []

    def compile(self, node: ast.expr, depth: int) -> _Run:
        if depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH}")
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node.id)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                runs = [self.compile(part, depth + 1) for part in parts]
                return lambda scope, functions: tuple(run(scope, functions) for run in runs)
            case ast.BoolOp():
                return self._logic(node, depth)
            case ast.UnaryOp():
                return self._unary(node, depth)
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                return self._arithmetic(node, depth)
            case ast.Compare() if all(type(op) in _COMPARE for op in node.ops):
                return self._comparison(node, depth)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._function(name, arguments, depth)
        raise ExpressionError(f"{ast.unparse(node)!r} is not part of the language")

    def _constant(self, node: ast.Constant) -> _Run:
        value: object = node.value
        if isinstance(value, float):
            value = Decimal(ast.get_source_segment(self.source, node) or repr(value))
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            _number(value)
        elif not (value is None or isinstance(value, bool | str)):
            raise ExpressionError(f"{ast.unparse(node)!r} is not part of the language")
        return lambda scope, functions: value

    def _name(self, name: str) -> _Run:
        if self.known is not None and name not in self.known:
            raise ExpressionError(f"unknown name {name!r}; {_advice(name, self.known)}")
        self.names.add(name)
        return lambda scope, functions: scope.get(name)

    def _logic(self, node: ast.BoolOp, depth: int) -> _Run:
        runs = [self.compile(part, depth + 1) for part in node.values]
        if isinstance(node.op, ast.And):
            return lambda scope, functions: all(_truth(run(scope, functions)) for run in runs)
        return lambda scope, functions: any(_truth(run(scope, functions)) for run in runs)

    def _unary(self, node: ast.UnaryOp, depth: int) -> _Run:
        run = self.compile(node.operand, depth + 1)
        if isinstance(node.op, ast.Not):
            return lambda scope, functions: not _truth(run(scope, functions))
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise ExpressionError(f"{ast.unparse(node)!r} is not part of the language")
        sign = -1 if isinstance(node.op, ast.USub) else 1
        source = ast.unparse(node.operand)

        def signed(scope: Scope, functions: Functions) -> object:
            value = _set(run(scope, functions), source)
            return _tidy(sign * _number(value), _whole(value))

        return signed

    def _arithmetic(self, node: ast.BinOp, depth: int) -> _Run:
        left, right = self.compile(node.left, depth + 1), self.compile(node.right, depth + 1)
        compute = _ARITHMETIC[type(node.op)]
        sources = ast.unparse(node.left), ast.unparse(node.right)

        def computed(scope: Scope, functions: Functions) -> object:
            first = _set(left(scope, functions), sources[0])
            second = _set(right(scope, functions), sources[1])
            return _tidy(compute(first, second), _whole(first) and _whole(second))

        return computed

    def _comparison(self, node: ast.Compare, depth: int) -> _Run:
        first = self.compile(node.left, depth + 1)
        rest = [
            (_COMPARE[type(op)], self.compile(part, depth + 1))
            for op, part in zip(node.ops, node.comparators, strict=True)
        ]
        if len(rest) == 1:
            compare, second = rest[0]
            return lambda scope, functions: compare(first(scope, functions), second(scope, functions))

        def chained(scope: Scope, functions: Functions) -> bool:
            left = first(scope, functions)
            for compare, run in rest:
                right = run(scope, functions)
                if not compare(left, right):
                    return False
                left = right
            return True

        return chained

    def _function(self, name: str, arguments: Sequence[ast.expr], depth: int) -> _Run:
        if name not in self.functions:
            known = ", ".join(sorted(self.functions))
            raise ExpressionError(f"unknown function {name!r}; {did_you_mean(name, self.functions) or known}")
        least, most = self.functions[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise ExpressionError(f"{name}() takes {wanted} arguments, not {len(arguments)}")
        literals = tuple(part.value for part in arguments if isinstance(part, ast.Constant))
        if name in _LITERAL_ONLY and not (len(literals) == 1 and isinstance(literals[0], str)):
            raise ExpressionError(f'{name}() takes one text in quotes, as in {name}("…")')
        if name == "date" and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(literals[0])):
            raise ExpressionError('a date is written date("2026-05-01")')
        runs = [self.compile(part, depth + 1) for part in arguments]
        if name == "date":
            try:
                date.fromisoformat(str(literals[0]))
            except ValueError as error:
                raise ExpressionError(f"{literals[0]!r} is not a date: {error}") from None
        self.calls.append((name, literals if len(literals) == len(arguments) else ()))
        return lambda scope, functions: _call(functions, name, [run(scope, functions) for run in runs])


def _set(value: object, source: str) -> object:
    if value is None:
        raise ExpressionError(f"{source} is not set, so nothing can be computed with it")
    return value
