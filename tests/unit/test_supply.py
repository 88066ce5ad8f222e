"""What comes in from elsewhere: every library has bounds, and is pinned with its hashes in locks/."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.binaries import WHEEL

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
#: Newer ones know newer time zones, and nothing else changes.
UNBOUNDED = {"tzdata"}


def needed() -> list[Requirement]:
    """What an installation needs, with every extra."""
    extras: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
    lines = [*PROJECT["project"]["dependencies"], *(line for each in extras.values() for line in each)]
    return [one for one in map(Requirement, lines) if one.name != "jiefen"]


def pinned(name: str) -> dict[str, tuple[Version, int]]:
    """The libraries of a lock: their versions, and how many files of each may come."""
    found: dict[str, tuple[Version, int]] = {}
    for block in re.split(r"(?m)^(?=\S)", (ROOT / "locks" / name).read_text(encoding="utf-8")):
        line = re.match(r"(\S+)==([^\s;]+)", block)
        if line is not None:
            found[line[1]] = Version(line[2]), len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", block))
    return found


def test_every_library_has_an_upper_bound() -> None:
    open_ = {one.name for one in needed() if not any(part.operator in ("<", "==") for part in one.specifier)}
    assert open_ == UNBOUNDED


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("run.txt", [*map(str, needed())]),
        ("build.txt", GROUPS["build"]),
        ("postgres.txt", [WHEEL]),
        ("develop.txt", [*map(str, needed()), *GROUPS["build"], *GROUPS["dev"]]),
        ("sqlalchemy20.txt", ["SQLAlchemy>=2.0.30,<2.1"]),
    ],
)
def test_a_lock_has_what_is_asked_for_with_hashes_and_names_no_place(name: str, lines: list[str]) -> None:
    locked = pinned(name)
    for one in map(Requirement, lines):
        version, _ = locked[canonicalize_name(one.name)]
        assert version in one.specifier, f"{one} is locked at {version}: run make lock"
    assert {library for library, (_, hashes) in locked.items() if not hashes} == set()
    assert "://" not in (ROOT / "locks" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["run.txt", "build.txt"])
def test_what_developers_have_is_what_runs(name: str) -> None:
    some, develop = pinned(name), pinned("develop.txt")
    assert {library for library in some if some[library] != develop.get(library)} == set()


def told(heading: str) -> dict[str, str]:
    """The libraries under a heading of NOTICE, with their licences."""
    whole = (ROOT / "NOTICE").read_text(encoding="utf-8")
    part = whole.partition(f"\n{heading}\n")[2].partition("\n\n")[0]
    return dict(re.findall(r"^  ([\w-]+) +(\S+(?: (?:OR|AND) \S+)*)", part, re.MULTILINE))


def test_the_notice_names_every_library_that_an_installation_brings() -> None:
    named = told("Brought in by those")
    direct = {canonicalize_name(one.name) for one in needed()}
    assert {canonicalize_name(name) for name in named} == pinned("run.txt").keys() - direct


@pytest.mark.parametrize("name", told("Brought in by those"))
def test_their_licences_are_those_that_they_say(name: str) -> None:
    try:
        known = metadata(name)
    except PackageNotFoundError:
        assert name == "colorama"  # comes on Windows alone
        return
    said = known.get("License-Expression") or known.get("License") or ""
    said = said or " ".join(
        line.rpartition(":: ")[2] for line in known.get_all("Classifier") or () if line.startswith("License")
    )
    assert said[:3].lower() == told("Brought in by those")[name][:3].lower(), said


def test_make_installs_nothing_without_a_hash() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in makefile.splitlines() if re.search(r"pip install|\$\(LOCKED\)", line)]
    assert len(installs) > 3
    for line in installs:
        assert (
            "$(LOCKED)" in line or "--require-hashes" in line or "--no-deps --no-build-isolation" in line
        ), line
