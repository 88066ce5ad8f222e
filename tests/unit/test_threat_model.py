"""The page of threats: every test that it names is there, and every row says how far it is met."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs/security/threat-model.md").read_text(encoding="utf-8")
STATES = {"met", "partly", "host"}


def tables() -> dict[str, list[list[str]]]:
    """The rows of the tables that have a column of tests, by the heading above them."""
    found: dict[str, list[list[str]]] = {}
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in part.splitlines()
            if line.startswith("|")
        ]
        if rows and rows[0][-1] == "shown by":
            found[part.partition("\n")[0]] = rows[2:]
    return found


TABLES = tables()
NAMED = sorted(
    {name for rows in TABLES.values() for row in rows for name in re.findall(r"`([^`]+)`", row[-1])}
)


@cache
def functions(file: Path) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_there_are_the_three_catalogues() -> None:
    headings = [*TABLES]
    assert len(headings) == 3
    for heading, name in zip(headings, ("ASVS", "个人信息保护法", "GB/T 22239-2019"), strict=True):
        assert name in heading


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_is_there(name: str) -> None:
    file, _, test = name.partition("::")
    assert (TESTS / file).is_file()
    assert any(one.startswith("test_") for one in functions(TESTS / file))
    if test:
        assert test in functions(TESTS / file)


def test_every_row_says_how_far_it_is_met_and_shows_it() -> None:
    for rows in TABLES.values():
        for row in rows:
            state = next(cell for cell in row if cell in STATES)
            assert row[-2], row
            assert row[-1] or state == "host", f"{row[0]} is {state}, and nothing shows it"


def test_the_articles_that_are_asked_of_it_are_all_there() -> None:
    rows = TABLES["个人信息保护法"]
    assert [*dict.fromkeys(row[0] for row in rows)] == ["28", "31", "47", "51", "54", "55"]
