"""The house: how large its rooms are, who may import whom, and that the map in docs/architecture.md says so."""

from __future__ import annotations

import ast
import os
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "engine/jiefen"
ADAPTERS, WEB = ROOT / "adapters/jiefen_adapters", ROOT / "adapters/jiefen_web"
MAP = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
LINTER: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]
LAYERS = {
    container: contract["layers"]
    for contract in LINTER["contracts"]
    if contract["type"] == "layers"
    for container in contract["containers"]
}

#: A plan for a room; what is larger wants another room or a better noun.
MOST_MODULES = 12
MOST_LINES = 600


def modules() -> list[Path]:
    """Every module of the engine and of the adapters that come with it."""
    return [*sorted(HOUSE.rglob("*.py")), *sorted(ADAPTERS.rglob("*.py")), *sorted(WEB.rglob("*.py"))]


def length(module: Path) -> int:
    return len(module.read_text(encoding="utf-8").splitlines())


def rooms(of: Path = HOUSE) -> list[Path]:
    """Every package below a folder."""
    return sorted(init.parent for init in of.rglob("__init__.py") if init.parent != of)


class TestSizes:
    @pytest.mark.parametrize(
        "room", [*rooms(), ADAPTERS, *rooms(ADAPTERS), *rooms(WEB)], ids=lambda room: room.name
    )
    def test_a_room_has_at_most_twelve_modules(self, room: Path) -> None:
        found = [module.name for module in room.glob("*.py") if not module.name.startswith("__")]
        assert len(found) <= MOST_MODULES, f"{room.name} needs another room: {', '.join(sorted(found))}"

    def test_no_module_is_over_six_hundred_lines(self) -> None:
        long = {str(module.relative_to(ROOT)): length(module) for module in modules()}
        assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}

    def test_modules_have_about_two_hundred_lines(self) -> None:
        lengths = [length(module) for module in modules() if module.name != "__init__.py"]
        assert 100 <= statistics.median(lengths) <= 250

    def test_no_module_is_called_utils(self) -> None:
        vague = {"utils", "util", "helpers", "common", "misc", "tools"}
        assert [module for module in modules() if module.stem in vague] == []


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the packages in a folder, by the contracts of pyproject.toml."""
    paths = os.pathsep.join(str(folder / name) for name in ("engine", "adapters"))
    code = "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())"
    return subprocess.run(
        [sys.executable, "-c", code, "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


class TestArrows:
    def test_every_contract_is_kept(self) -> None:
        done = lint_imports(ROOT)
        assert done.returncode == 0, done.stdout
        assert f"{len(LINTER['contracts'])} kept, 0 broken" in done.stdout

    @pytest.mark.parametrize(
        ("module", "line", "contract"),
        [
            ("jiefen/record/values.py", "import jiefen.engine", "floors"),
            ("jiefen/rules/__init__.py", "import jiefen.process", "floors"),
            ("jiefen/rules/model/rule.py", "import jiefen.rules.build.reading", "rules"),
            (
                "jiefen/process/model/source.py",
                "def late() -> None: import jiefen.process.run.load",
                "process",
            ),
            ("jiefen/agenda/sweep.py", "from jiefen_adapters import folder", "adapters"),
            ("jiefen/cli/root.py", "import jiefen_web.api", "adapters"),
            ("jiefen_web/api/app.py", "import jiefen.engine", "public"),
            ("jiefen/cellar.py", "", "floors"),
        ],
    )
    def test_a_wrong_import_is_found(self, tmp_path: Path, module: str, line: str, contract: str) -> None:
        for name, package in (
            ("engine/jiefen", HOUSE),
            ("adapters/jiefen_adapters", ADAPTERS),
            ("adapters/jiefen_web", WEB),
        ):
            shutil.copytree(package, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        folder = "engine" if module.startswith("jiefen/") else "adapters"
        with (tmp_path / folder / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
        done = lint_imports(tmp_path)
        [title] = [one["name"] for one in LINTER["contracts"] if one["id"] == contract]
        assert done.returncode != 0
        # A room that is not on the plan at all ends the check before the others are told.
        assert f"{title} BROKEN" in done.stdout or "jiefen.cellar" in done.stdout + done.stderr


def floors(layers: list[str]) -> list[set[str]]:
    """The rooms of each floor, from the top."""
    return [set(re.split(r"\s*[|:]\s*", layer)) for layer in layers]


def on_the_map(heading: str) -> list[tuple[str, ...]]:
    """The rows of the first table below a heading, without their markup."""
    section = MAP.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)[1:]
    assert rows, heading
    return [
        tuple(cell.replace("`", "").strip() for cell in row.split(" | ")) for row in rows if "---" not in row
    ]


class TestTheMap:
    """docs/architecture.md is what import-linter enforces."""

    def test_its_floors_are_those_that_are_enforced(self) -> None:
        drawn: dict[str, set[str]] = {}
        for number, room, *_ in on_the_map("## The floors"):
            drawn.setdefault(number, set()).add(room)
        assert list(drawn) == [str(number) for number in range(len(drawn), 0, -1)]
        assert list(drawn.values()) == floors(LAYERS["jiefen"])

    def test_every_room_is_on_it(self) -> None:
        drawn = {room for _, room, *_ in on_the_map("## The floors")}
        there = {
            path.stem for path in HOUSE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
        }
        assert drawn == there - {"__init__"}

    def test_the_floors_inside_a_room_are_those_that_are_enforced(self) -> None:
        drawn = {
            room: inside.split(" → ") for room, inside, *_ in on_the_map("## Rooms with floors of their own")
        }
        enforced = {
            name.removeprefix("jiefen."): layers for name, layers in LAYERS.items() if name != "jiefen"
        }
        assert {
            room: floors([part.replace(",", " |") for part in parts]) for room, parts in drawn.items()
        } == {room: floors(layers) for room, layers in enforced.items()}

    def test_it_says_who_knows_which_library(self) -> None:
        drawn = {
            library: set(rooms.split(", ")) for library, rooms, *_ in on_the_map("## Who knows which library")
        }
        found: dict[str, set[str]] = {library: set() for library in drawn}
        for module in sorted(HOUSE.rglob("*.py")):
            room = module.relative_to(HOUSE).parts[0].removesuffix(".py")
            for name in imported(module):
                if name in found:
                    found[name].add(room)
                else:
                    assert name in sys.stdlib_module_names | {"jiefen"}, f"{module} imports {name}"
        assert drawn == found


def imported(module: Path) -> set[str]:
    """The packages that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names
