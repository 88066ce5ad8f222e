"""The JSON Schemas agree with the format and with the check, and the reference page with both."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from jiefen.bundled import bundled
from jiefen.notation.yaml import load
from jiefen.rules import Kind, check_rulebook, load_rulebook, run_tests, schemas
from jiefen.rules.analysis.schema import written
from jiefen.rules.build.reading import BUILDERS
from jiefen.rules.format.file import RULES

RULES_FOLDER = bundled("rules")
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def plain(value: Any) -> Any:
    """YAML data as a JSON Schema validator sees it: dates are texts."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("name", ["rules.json", "tests.json"])
def test_the_committed_schema_is_the_one_that_the_format_gives(name: str) -> None:
    assert (RULES_FOLDER / "schema" / name).read_text(encoding="utf-8") == written(schemas()[name])


@pytest.mark.parametrize("name", ["rules.json", "tests.json"])
def test_a_schema_is_a_schema_of_draft_2020_12(name: str) -> None:
    schema = schemas()[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_schema_for_a_rulebook_offers_its_names(book: Any) -> None:
    validator = jsonschema.Draft202012Validator(schemas(load_rulebook(book.root))["rules.json"])

    def problems(rule: str) -> list[str]:
        path = book.write("nation/a.yaml", f"deadlines: {{a: {{title: {{zh: 甲, en: A}}, {rule}}}}}\n")
        return [error.message for error in validator.iter_errors(plain(load(path).data))]

    assert problems("anchor: accepted, holder: clerk, when: {kind: labour}, suspensions: [hearing]") == []
    wrong = problems("anchor: acepted, holder: clrek, when: {kin: labour}, suspensions: [haering]")
    assert len(wrong) == 4
    assert any("'accepted', 'answered', 'served'" in message for message in wrong)


def _files() -> list[Path]:
    skipped = {"calendars", "schema"}
    return sorted(
        path
        for path in RULES_FOLDER.rglob("*.yaml")
        if not skipped & set(path.relative_to(RULES_FOLDER).parts)
    )


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(RULES_FOLDER)))
def test_the_bundled_files_have_the_shape_of_the_schema_they_name(path: Path) -> None:
    name = "tests.json" if "tests" in path.parts else "rules.json"
    validator = jsonschema.Draft202012Validator(schemas()[name])
    assert [error.message for error in validator.iter_errors(plain(load(path).data))] == []


@pytest.mark.parametrize(
    "text",
    [
        "deadlines:\n  a: {lenght: 5 d}\n",
        "deadlines:\n  A: {}\n",
        "deadlines:\n  a: {title: {zh: 甲}}\n",
        "tables:\n  a: {title: {zh: 甲, en: A}, hit: best, inputs: [a], outputs: [b], rows: []}\n",
        "facts:\n  a: {type: int, title: {zh: 甲, en: A}, set_by: [form]}\n",
        "rules: {}\n",
    ],
)
def test_what_the_check_refuses_by_shape_the_schema_refuses_too(empty_book: Any, text: str) -> None:
    path = empty_book.write("nation/a.yaml" if not text.startswith("facts") else "facts.yaml", text)
    assert check_rulebook(empty_book.root)
    validator = jsonschema.Draft202012Validator(schemas()["rules.json"])
    assert list(validator.iter_errors(plain(load(path).data)))


def test_every_kind_of_rule_has_a_format_a_reader_and_a_place_in_the_schema() -> None:
    assert set(Kind) == set(RULES) == set(BUILDERS)
    assert set(Kind) <= set(schemas()["rules.json"]["properties"])


def test_the_examples_of_the_reference_page_are_a_sound_rulebook(empty_book: Any) -> None:
    """Each example is complete: together, with the bundled facts, they load, and their own tests pass."""
    facts = (RULES_FOLDER / "facts.yaml").read_text(encoding="utf-8")
    # Only the tables and deadlines of the examples exist here, so only they may set facts.
    elsewhere = re.compile(r"'(table:(?!channel')|earlier_deadline:)[\w.]+'(, )?")
    own = elsewhere.sub("", facts).replace(", ]", "]").replace("set_by: []", "set_by: [engine]")
    empty_book.write("facts.yaml", own)
    (empty_book.root / "calendars").symlink_to(RULES_FOLDER / "calendars", target_is_directory=True)
    for at, block in enumerate(_BLOCK.findall((RULES_FOLDER / "README.md").read_text(encoding="utf-8"))):
        first = next((line for line in block.splitlines() if line and not line.startswith("#")), "")
        if first.startswith(("milestones", "tests")):
            empty_book.write("words.yaml" if first.startswith("m") else "nation/tests/t.yaml", block)
        elif first.startswith("  "):
            (empty_book.root / f"nation/{at}.yaml").write_text("deadlines:\n" + block, encoding="utf-8")
        elif first.rstrip(":") in set(map(str, Kind)):
            empty_book.write(f"nation/{at}.yaml", block)
    assert [str(finding) for finding in check_rulebook(empty_book.root)] == []
    view = load_rulebook(empty_book.root).view()
    counts = [
        len(view.tables),
        len(view.deadlines),
        len(view.ladders),
        len(view.gradings),
        len(view.assignments),
    ]
    assert [*counts, len(view.patterns), len(view.routines), len(view.guards)] == [1, 2, 2, 1, 2, 2, 1, 2]
    report = run_tests(empty_book.root)
    assert [problem for result in report.results for problem in result.problems] == []
    assert len(report.results) == 4


def test_a_schema_is_written_so_that_people_can_read_it() -> None:
    text = written(schemas()["rules.json"])
    assert json.loads(text) == schemas()["rules.json"]
    assert "名称" in text
    assert text.endswith("\n")
