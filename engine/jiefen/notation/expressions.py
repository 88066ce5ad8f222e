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

The text is cut into tokens (:mod:`jiefen.notation.tokens`), parsed by :mod:`ast`, and every node is checked against a
list before it is turned into closures. There are no attributes, no subscripts, no calls but those named
above, and every size is bounded.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from jiefen.errors import ExpressionError
from jiefen.notation.labels import did_you_mean
from jiefen.notation.operators import (
    ARITHMETIC,
    COMPARISONS,
    Functions,
    call_function,
    checked_number,
    checked_set,
    is_whole,
    tidy,
    truth,
)
from jiefen.notation.tokens import MAX_LENGTH, python_source, statements, unwrapped

Scope = Mapping[str, object]
_Run = Callable[[Scope, Functions], object]

MAX_DEPTH: Final = 40

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
    inner = unwrapped(text)
    source = python_source(inner)
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
    for part in statements(text):
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
            case ast.BinOp() if type(node.op) in ARITHMETIC:
                return self._arithmetic(node, depth)
            case ast.Compare() if all(type(op) in COMPARISONS for op in node.ops):
                return self._comparison(node, depth)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._function(name, arguments, depth)
        raise ExpressionError(f"{ast.unparse(node)!r} is not part of the language")

    def _constant(self, node: ast.Constant) -> _Run:
        value: object = node.value
        if isinstance(value, float):
            value = Decimal(ast.get_source_segment(self.source, node) or repr(value))
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            checked_number(value)
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
            return lambda scope, functions: all(truth(run(scope, functions)) for run in runs)
        return lambda scope, functions: any(truth(run(scope, functions)) for run in runs)

    def _unary(self, node: ast.UnaryOp, depth: int) -> _Run:
        run = self.compile(node.operand, depth + 1)
        if isinstance(node.op, ast.Not):
            return lambda scope, functions: not truth(run(scope, functions))
        if not isinstance(node.op, ast.USub | ast.UAdd):
            raise ExpressionError(f"{ast.unparse(node)!r} is not part of the language")
        sign = -1 if isinstance(node.op, ast.USub) else 1
        source = ast.unparse(node.operand)

        def signed(scope: Scope, functions: Functions) -> object:
            value = checked_set(run(scope, functions), source)
            return tidy(sign * checked_number(value), is_whole(value))

        return signed

    def _arithmetic(self, node: ast.BinOp, depth: int) -> _Run:
        left, right = self.compile(node.left, depth + 1), self.compile(node.right, depth + 1)
        compute = ARITHMETIC[type(node.op)]
        sources = ast.unparse(node.left), ast.unparse(node.right)

        def computed(scope: Scope, functions: Functions) -> object:
            first = checked_set(left(scope, functions), sources[0])
            second = checked_set(right(scope, functions), sources[1])
            return tidy(compute(first, second), is_whole(first) and is_whole(second))

        return computed

    def _comparison(self, node: ast.Compare, depth: int) -> _Run:
        first = self.compile(node.left, depth + 1)
        rest = [
            (COMPARISONS[type(op)], self.compile(part, depth + 1))
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
        return lambda scope, functions: call_function(
            functions, name, [run(scope, functions) for run in runs]
        )
