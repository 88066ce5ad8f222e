"""What the documentation says is run: every Python block, every ``jiefen …`` line, every link, every name.

An expected output may hold ``…``: alone on a line it stands for any number of lines, inside a line for any text.
Blanks count as one, because tables are padded.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import logging
import re
import runpy
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from importlib.metadata import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

import jiefen
from jiefen import FixedClock
from jiefen.cli.root import app
from jiefen.clock import SystemClock, china_date
from jiefen.notation.expressions import STANDARD, compile_expression
from jiefen.process.run.load import _SPECS

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "processes/README.md",
        ROOT / "rules/README.md",
    ]
)
RUN = {"README.md": "en", "README.zh.md": "zh", "docs/host.md": "en"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block; ``above`` is the line before it."""

    language: str
    text: str
    above: str
    line: int


def blocks(name: str) -> list[Block]:
    page = (ROOT / name).read_text(encoding="utf-8")
    return [
        Block(
            found.group(1),
            found.group(2),
            page[: found.start()].rstrip().rpartition("\n")[2],
            page.count("\n", 0, found.start()) + 1,
        )
        for found in _FENCE.finditer(page)
    ]


@dataclass(frozen=True)
class Command:
    """A line that a reader types, and what the page says comes of it."""

    words: list[str]
    output: str


def commands(text: str) -> Iterator[Command]:
    joined = text.replace("\\\n", " ")
    for part in re.split(r"^\$ ", joined, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield Command(shlex.split(line), output)


def assert_says(output: str, expected: str, place: str) -> None:
    """Hold what came out against what the page says."""

    def tidy(text: str) -> str:
        return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())

    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else r".*?".join(map(re.escape, line.split("…"))) + r"\n"
        for line in tidy(expected).splitlines()
    )
    assert re.fullmatch(pattern, tidy(output) + "\n"), f"{place}: expected\n{expected}\ngot\n{output}"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and nothing set in the environment."""
    monkeypatch.chdir(tmp_path)
    for variable in ("DB", "PROCESSES", "RULES", "LANG"):
        monkeypatch.delenv(f"JIEFEN_{variable}", raising=False)
    return tmp_path


@pytest.fixture
def that_day(monkeypatch: pytest.MonkeyPatch, clock: FixedClock) -> None:
    """The day on which the commands of the pages are typed."""
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now().astimezone(UTC))


def run_python(block: Block, names: dict[str, Any], place: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.text, place, "exec"), names)
    return printed.getvalue()


@pytest.mark.parametrize("name", [name for name in RUN if name != "docs/host.md"])
def test_python_does_what_the_page_says(name: str, here: Path) -> None:
    run_page(name)


def test_the_page_for_hosts_is_true_on_every_database(database_url: str, here: Path) -> None:
    run_page("docs/host.md", {'"sqlite:///platform.db"': repr(database_url)})


def run_page(name: str, instead: Mapping[str, str] = MappingProxyType({})) -> None:
    """Run the Python blocks of a page one after the other, with some of its text replaced."""
    names: dict[str, Any] = {"__name__": "page"}
    found = blocks(name)
    for said, meant in instead.items():
        assert any(said in block.text for block in found), said
        found = [replace(block, text=block.text.replace(said, meant)) for block in found]
    assert any(block.language == "python" for block in found)
    try:
        for block, following in zip(found, [*found[1:], Block("", "", "", 0)], strict=True):
            if block.language == "python":
                printed = run_python(block, names, f"{name}:{block.line}")
                if following.language == "text":
                    assert_says(printed, following.text, f"{name}:{following.line}")
                else:
                    assert not printed, f"{name}:{block.line} prints, but the page does not show it"
    finally:
        for value in names.values():
            if isinstance(value, jiefen.Engine):
                value.close()
            elif isinstance(value, sa.Engine):
                value.dispose()


@pytest.mark.parametrize("name", [*RUN, "docs/designer.md", "docs/security.md"])
def test_every_command_does_what_the_page_says(
    name: str, here: Path, that_day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEFEN_LANG", RUN.get(name, "en"))
    if name == "docs/designer.md":
        copy_the_bundled_files(here)
    for block in blocks(name):
        if name == "docs/designer.md":
            do_what_it_tells(block, here)  # each command meets the files that the page has told of so far
        if block.language != "console":
            continue
        for command in commands(block.text):
            place = f"{name}:{block.line}: {' '.join(command.words)}"
            assert command.words[0] == "jiefen", f"{place}: only jiefen is run"
            result = CliRunner().invoke(app, command.words[1:])
            assert result.exit_code == 0, f"{place}: {result.output}"
            assert_says(result.stdout, command.output, place)


def make_the_worked_example(folder: Path) -> None:
    """Do with copies of the bundled files what the page for designers tells to do."""
    copy_the_bundled_files(folder)
    for block in blocks("docs/designer.md"):
        do_what_it_tells(block, folder)


def copy_the_bundled_files(folder: Path) -> None:
    shutil.copytree(ROOT / "processes", folder / "processes")
    shutil.copytree(ROOT / "rules", folder / "rules")


def do_what_it_tells(block: Block, folder: Path) -> None:
    """Write or change the file that the line above a block names, if it names one."""
    new = re.match(r"New file `([^`]+)`", block.above)
    added = re.match(r"Add to `([^`]+)`", block.above)
    replaced = re.match(r"In `([^`]+)`, in place of the flow `([^`]+)`", block.above)
    if new:
        (folder / new.group(1)).parent.mkdir(parents=True, exist_ok=True)
        (folder / new.group(1)).write_text(block.text, encoding="utf-8")
    elif added:
        file = folder / added.group(1)
        file.write_text(file.read_text(encoding="utf-8") + "\n" + block.text, encoding="utf-8")
    elif replaced:
        file, flow = folder / replaced.group(1), replaced.group(2)
        model, count = re.subn(
            rf'[ ]*<bpmn:sequenceFlow id="{flow}"[^>]*/>\n', block.text, file.read_text(encoding="utf-8")
        )
        assert count == 1
        model = re.sub(rf"<bpmn:(incoming|outgoing)>{flow}</bpmn:\1>", "", model)
        file.write_text(model, encoding="utf-8")


def test_a_ledger_is_read_by_the_files_of_the_page(here: Path, that_day: None) -> None:
    for block in blocks("docs/cli.md"):
        do_what_it_tells(block, here)
    (here / "街道.csv").write_text(
        "编号,时间,地点,事情,种类,谁,包案领导,备注\n7,2026-03-01,上司村,滴水檐对着院子,扯皮,没填,李书记,要跳楼\n",
        encoding="utf-8",
    )
    for command in (
        "check street_book.yaml words.yaml areas.yaml",
        "import 街道.csv --layout street_book.yaml --words words.yaml",
        "case 1 --json",
    ):
        assert f"jiefen {command}" in (ROOT / "docs/cli.md").read_text("utf-8") or command.startswith("case")
        result = CliRunner().invoke(app, command.split())
        assert result.exit_code == 0, (command, result.output)
    facts = json.loads(result.stdout)["case"]["facts"]
    assert (facts["dispute_type"], facts["urgent"], facts["area"]) == ("neighbour", True, "140429102201")


def test_the_worked_ladder_and_routine_do_what_the_page_says(here: Path, clock: FixedClock) -> None:
    make_the_worked_example(here)
    village = "140429103201"
    clock.set(date(2026, 3, 2))
    with jiefen.Engine.open(
        "sqlite:///cases.db", processes=here / "processes", rules=here / "rules", clock=clock
    ) as engine:
        assert "boundary_walk" in engine.routines.keep(village)
        facts = {"source": "walk_in", "dispute_type": "neighbour", "area": village}
        case = engine.open_case("dispute", facts, key="k", by=jiefen.Actor("0412")).id
        for _ in range(2):
            [task] = engine.tasks(case=case)
            engine.complete(task.id, {}, by=jiefen.Actor("0618", frozenset(task.roles), village))
        told: dict[str, tuple[str, str]] = {}
        for _ in range(14):
            clock.advance(timedelta(days=1))
            engine.sweep()
            for one in engine.deliveries():
                if one.payload.get("ladder") == "site_check":
                    told.setdefault(one.payload["rung"], (f"{clock.now():%m-%d}", one.payload["to"]))
        [look] = [one for one in engine.deadlines(case) if one.rule == "mediation.site_check"]
        assert look.due_on == date(2026, 3, 9)
        assert told == {
            "near": ("03-06", "village_head"),
            "remind": ("03-10", "village_head"),
            "leader": ("03-12", "township_leader"),
        }
        [walk] = engine.routines.lists(area=village)
        assert (walk.nominal_on, walk.overdue) == (date(2026, 3, 10), True)
        assert [item.get("cases") for item in walk.items] == [None, [case], [case]]


def test_both_readmes_tell_the_same() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))

    def sections(page: str) -> list[str]:
        prose = _FENCE.sub("", page)
        return re.findall(r"^#+ ", prose, re.MULTILINE)

    def links(page: str) -> list[str]:
        return sorted(set(re.findall(r"\]\(([^)]+)\)", page)) - {"README.md", "README.zh.md"})

    assert sections(english) == sections(chinese)
    assert links(english) == links(chinese)
    for one, other in zip(blocks("README.md"), blocks("README.zh.md"), strict=True):
        assert one.language == other.language
        if one.language == "console":
            pair = [[command.words for command in commands(block.text)] for block in (one, other)]
            assert pair[0] == pair[1]
        elif one.language == "python":
            assert ast.dump(ast.parse(one.text.replace('"en"', '"zh"'))) == ast.dump(ast.parse(other.text))


def anchors(page: str) -> set[str]:
    """The anchors that a Markdown page has on the usual forges."""
    titles = re.findall(r"^#+ (.+)$", _FENCE.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{page.name} links to {link}"


def test_every_decision_has_its_record_and_its_line_in_the_index() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| \[(\d{4})\]\((\S+)\) \| (.+) \| (\d{4}-\d\d-\d\d) \| (\w+)", index, re.MULTILINE)
    records = sorted(file.name for file in folder.glob("[0-9]*.md"))
    assert [(int(number), name) for number, name, *_ in lines] == list(enumerate(records, 1))
    for number, name, title, day, status in lines:
        page = (folder / name).read_text(encoding="utf-8")
        assert page.startswith(f"# {int(number)}. {title}\n\n- Date: {day}\n- Status: {status}"), name
        assert re.findall(r"^## (.+)$", page, re.MULTILINE) == ["Context", "Decision", "Consequences"], name


@pytest.mark.parametrize(
    "example", sorted((ROOT / "examples").glob("*.py")), ids=lambda example: str(example.name)
)
def test_every_example_runs(example: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("jiefen")
    level = log.level
    try:
        runpy.run_path(str(example), run_name="__main__")
    finally:
        log.setLevel(level)  # a program of its own may set it as it likes
    said = ast.get_docstring(ast.parse(example.read_text(encoding="utf-8"))) or ""
    shown = said.partition("It prints::")[2]
    assert shown, f"{example.name} must show in its docstring what it prints"
    assert_says(capsys.readouterr().out, shown, example.name)


def test_expressions_have_the_values_that_the_page_gives(clock: FixedClock) -> None:
    clock.set(date(2026, 3, 5))
    facts = {
        "amount": 60000,
        "dispute_type": "labour",
        "received_on": date(2026, 3, 2),
        "support_paths": ("legal_aid",),
    }
    page = (ROOT / "docs/designer.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+)` \| `(.+)` \|$", page.partition("## Expressions")[2], re.MULTILINE)
    assert len(rows) > 10
    functions: dict[str, Callable[..., object]] = {
        "today": lambda: china_date(clock.now()),
        "deadline": lambda rule: None,
    }
    for text, expected in rows:
        value = compile_expression(text, {*facts, "agreed"}).evaluate(facts, functions)
        said = json.dumps(value) if isinstance(value, bool | None) else str(value)
        assert said == expected, text


def test_the_notice_names_every_library_with_its_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [
        *project["dependencies"],
        *(
            line
            for name, extra in project["optional-dependencies"].items()
            if name != "all"
            for line in extra
        ),
    ]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    told = dict(re.findall(r"^  (\S+) +([A-Z]\S+) ", notice, re.MULTILINE))
    names = {re.split(r"[^\w-]", line)[0] for line in needed}
    assert names <= set(told)
    for name in names:
        known = metadata(name)
        classes = [
            one.rpartition(" :: ")[2] for one in known.get_all("Classifier", []) if "License ::" in one
        ]
        said = known.get("License-Expression") or known.get("License") or " ".join(classes)
        assert said.lower()[:3] == told[name].lower()[:3], f"{name}: {said}"


class TestNames:
    """Pages that list what there is list all of it, and nothing else."""

    def test_the_designer_reads_of_every_element_that_runs(self) -> None:
        page = (ROOT / "docs/designer.md").read_text(encoding="utf-8")
        for element in [*_SPECS, "manualTask", "task"]:
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", element).lower()
            assert words in page.lower() or element in page, element

    def test_the_designer_reads_of_every_function(self) -> None:
        page = (ROOT / "docs/designer.md").read_text(encoding="utf-8")
        for function in STANDARD:
            assert f"`{function}(" in page, function

    def test_the_findings_that_are_explained_exist(self) -> None:
        page = (ROOT / "docs/designer.md").read_text(encoding="utf-8")
        table = page.partition("## Common findings")[2].partition("\n## ")[0]
        codes = {
            code for cell in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for code in cell.split(", ")
        }
        assert len(codes) > 10
        source = "\n".join(
            file.read_text(encoding="utf-8") for file in (ROOT / "engine/jiefen").rglob("*.py")
        )
        for code in (code.strip("`") for code in codes):
            prefix = code.partition("-")[0]
            assert f'"{code}"' in source or f'f"{prefix}-{{' in source, code

    def test_the_host_reads_of_every_error(self) -> None:
        page = (ROOT / "docs/host.md").read_text(encoding="utf-8")
        errors = [name for name in jiefen.__all__ if isinstance(getattr(jiefen, name), type)]
        for name in errors:
            if issubclass(getattr(jiefen, name), jiefen.JiefenError):
                assert f"`{name}`" in page, name
