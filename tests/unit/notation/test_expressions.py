"""The closed expression language: what it means, and that nothing gets out of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.errors import ExpressionError
from jiefen.notation.expressions import compile_assignments, compile_expression
from jiefen.notation.labels import did_you_mean

FACTS: Mapping[str, object] = MappingProxyType(
    {
        "agreed": True,
        "amount": Decimal("1234.50"),
        "persons": 7,
        "received_on": date(2026, 9, 25),
        "dispute_type": "labour",
        "tags": ("group", "urgent"),
        "unset": None,
    }
)
EXPIRES = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # already the 25th in China
FUNCTIONS = {
    "today": lambda: date(2026, 11, 22),
    "deadline": lambda rule: EXPIRES if rule == "petition.handle" else None,
}


def value(text: str) -> object:
    return compile_expression(text, FACTS).evaluate(FACTS, FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("persons > 5 and agreed", True),
        ("${persons > 5 && !agreed}", False),
        ("#{ persons == 7 || false }", True),
        ("not agreed == true", False),
        ("1 < persons <= 7", True),
        ("9 < persons <= 7", False),
        ("dispute_type in ['labour', 'traffic']", True),
        ("'urgent' in tags", True),
        ("'urgent' not in tags", False),
        ("tags == ['group', 'urgent']", True),
        ("7 in tags", False),
        ("amount * 2", Decimal("2469.00")),
        ("0.1 + 0.2 == 0.3", True),
        ("0.1234567890123456", Decimal("0.1234567890123456")),
        ("7 / 2", Decimal("3.5")),
        ("6 / 3", 2),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("received_on + 15", date(2026, 10, 10)),
        ("15 + received_on", date(2026, 10, 10)),
        ("received_on - 25", date(2026, 8, 31)),
        ("today() - received_on", 58),
        ("days_since(received_on) > 30", True),
        ("received_on < today()", True),
        ('deadline("petition.handle") == date("2026-11-25")', True),
        ('deadline("petition.handle") - today()', 3),
        ("len(tags) + len('四长')", 4),
        ("min(persons, 3, 9)", 3),
        ("max([1, 2.5])", Decimal("2.5")),
        ("max(received_on, date('2027-01-01'))", date(2027, 1, 1)),
        ("'信' + '访'", "信访"),
        ("tags + ['x']", ("group", "urgent", "x")),
        ("[]", ()),
    ],
)
def test_means(text: str, expected: object) -> None:
    result = value(text)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unset == null", True),
        ("unset != null", False),
        ("unset == 3", False),
        ("unset != 3", True),
        ("agreed == null", False),
        ("unset < 3", False),
        ("unset >= 3", False),
        ("unset in [1, 2]", False),
        ("unset not in [1, 2]", True),
        ("1 in unset", False),
        ("not unset", True),
        ("unset or agreed", True),
        ("agreed and unset", False),
        ("days_since(unset)", None),
        ("len(unset)", None),
        ("deadline('not.running')", None),
        ("today() > deadline('not.running')", False),
    ],
)
def test_null(text: str, expected: object) -> None:
    assert value(text) is expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("persons + unset", "unset is not set"),
        ("-unset", "unset is not set"),
        ("min(persons, unset)", "not set"),
        ("dispute_type == 3", "text and number cannot be compared"),
        ("received_on == '2026-09-25'", "date and text cannot be compared"),
        ("dispute_type < 'm'", "text has no order"),
        ("agreed + 1", "a number is needed"),
        ("not persons", "yes or no is needed"),
        ("'a' in dispute_type", "needs a list"),
        ("persons / 0", "division by zero"),
        ("persons % 0", "division by zero"),
        ("999999999999999999 * 999", "18 digits"),
        ("received_on + 9999999", "cannot be computed"),
        ("received_on + 1.5", "whole number of days"),
        ("max([])", "empty"),
    ],
)
def test_refuses_to_compute(text: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        value(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agred", "did you mean 'agreed'"),
        ("deadlin('x')", "did you mean 'deadline'"),
        ("agreed.real", "no attributes"),
        ("agreed = true", "write '=='"),
        ("tags[0]", "not part of the language"),
        ("(lambda)", "not an expression"),
        ("1 if agreed else 2", "not part of the language"),
        ("agreed is true", "not part of the language"),
        ("2 ** 9", "not an expression"),
        ("__import__('os')", "unknown function"),
        ("len(*tags)", "not part of the language"),
        ("max(key = 1)", "write '=='"),
        ("deadline(dispute_type)", "one text in quotes"),
        ("date('2026-02-30')", "not a date"),
        ("date('20260201')", "date is written"),
        ("len()", "takes 1 arguments, not 0"),
        ("1_000", "number is written"),
        ("'open", "not closed"),
        ("'\\x41'", "backslash"),
        ("${agreed} and ${agreed}", "around the whole"),
        ("", "empty"),
        ("${ }", "empty"),
        ("x" * 2001, "at most 2000"),
        ("not " * 100 + "agreed", "nested"),
        ("(" * 300 + "1" + ")" * 300, "words|nested"),
        ("1+" * 500 + "1", "at most 400 words"),
        ("1" * 19, "18 digits"),
    ],
)
def test_refuses_to_compile(text: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        compile_expression(text, FACTS)


def test_says_what_it_reads_and_calls() -> None:
    expression = compile_expression("${amount > 5 and today() < deadline('petition.handle')}")
    assert expression.text == "amount > 5 and today() < deadline('petition.handle')"
    assert expression.names == {"amount"}
    assert expression.calls == (("today", ()), ("deadline", ("petition.handle",)))


def test_functions_that_the_caller_does_not_give_cannot_be_asked() -> None:
    with pytest.raises(ExpressionError, match=r"today\(\) cannot be asked here"):
        compile_expression("today()").evaluate({})


def test_assignments() -> None:
    script = compile_assignments(
        "persons = 3; dispute_type = 'a;b'\n# a remark; x\ntags = ['x',\n 'y']\n", FACTS
    )
    assert [(line.target, line.expression.evaluate({})) for line in script] == [
        ("persons", 3),
        ("dispute_type", "a;b"),
        ("tags", ("x", "y")),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("perons = 3", "did you mean 'persons'"),
        ("persons", "not an assignment"),
        ("persons == 3", "not an assignment"),
        ("# only a remark", "empty"),
        ("a.b = 1", "not an assignment"),
        ("persons = ", "empty"),
    ],
)
def test_refuses_scripts(text: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        compile_assignments(text, FACTS)


def test_did_you_mean() -> None:
    assert did_you_mean("petition.handel", ["petition.handle", "labour"]) == "did you mean 'petition.handle'?"
    assert did_you_mean("zzz", ["petition.handle"]) == ""


PIECES = [
    *FACTS,
    *FUNCTIONS,
    "len",
    "min",
    "max",
    "date",
    "days_since",
    "__class__",
    "lambda",
    "is",
    "if",
    "else",
]
PIECES += [
    "and",
    "or",
    "not",
    "in",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "<",
    ">",
    "==",
    "!=",
]
PIECES += [
    "1",
    "0",
    "2.5",
    "'a'",
    '"2026-01-01"',
    "${",
    "}",
    ".",
    "=",
    ":",
    "&&",
    "||",
    "!",
    "\\",
    "\n",
    "\x00",
    "null",
]
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.dates(), st.decimals(), st.floats()
)


@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join), st.text(max_size=60)))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    try:
        expression = compile_expression(text)
        result = expression.evaluate(FACTS, FUNCTIONS)
    except ExpressionError:
        return
    assert result is None or isinstance(result, bool | int | Decimal | str | date | tuple)


@given(
    st.recursive(
        st.sampled_from(["a", "b", "1", "2.5", "'t'", "null", "true", "date('2026-01-01')", "[]", "today()"]),
        lambda part: st.one_of(
            st.tuples(
                part,
                st.sampled_from(["+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", "in", "and"]),
                part,
            ).map(lambda three: "({} {} {})".format(*three)),
            part.map("(not {})".format),
            part.map("(-{})".format),
            part.map("len({})".format),
            part.map("days_since({})".format),
            st.tuples(part, part).map(lambda two: "max({}, {})".format(*two)),
        ),
        max_leaves=8,
    ),
    st.one_of(PLAIN, st.tuples(PLAIN, PLAIN)),
    PLAIN,
)
def test_any_values_compute_or_are_refused(text: str, a: object, b: object) -> None:
    expression = compile_expression(text)
    try:
        expression.evaluate({"a": a, "b": b}, FUNCTIONS)
    except ExpressionError:
        return
    assert expression.names <= {"a", "b"}


@given(st.text(max_size=80))
def test_any_script_compiles_or_is_refused(text: str) -> None:
    try:
        script = compile_assignments(text)
    except ExpressionError:
        return
    assert all(line.target.isidentifier() for line in script)
