"""What `make fuzz` begins with and what it has found: nothing comes out but errors of Jiefen."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).parents[1] / "fuzz" / "found"


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_search_begins_with_goes_through(name: str) -> None:
    seeds = list(islice(TARGETS[name].seeds(), 20))
    assert seeds
    for seed in seeds:
        assert len(seed) <= TARGETS[name].largest
        TARGETS[name].feed(seed)


@pytest.mark.parametrize(
    "file", sorted(FOUND.glob("*/*")), ids=lambda file: f"{file.parent.name}-{file.name}"
)
def test_what_was_found_stays_mended(file: Path) -> None:
    TARGETS[file.parent.name].feed(file.read_bytes())


def test_every_folder_of_findings_is_of_a_target() -> None:
    assert {folder.name for folder in FOUND.iterdir()} <= TARGETS.keys()


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.mutate])
def test_changed_inputs_are_still_of_their_kind(name: str) -> None:
    """Most changes give something, and something else; what bytes are changed by is not needed for it."""
    target = TARGETS[name]
    assert target.mutate is not None
    seed, dice = next(iter(target.seeds())), random.Random(7)
    changed = [target.mutate(seed, dice, lambda content: content + b"x") for _ in range(20)]
    assert sum(one is not None and one != seed for one in changed) > 10
    for one in changed[:5]:
        if one is not None:
            target.feed(one)


def test_a_target_that_is_not_there_is_told() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "nothing"],
        cwd=FOUND.parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.returncode == 2
    assert "there is no target nothing; there are expression" in asked.stderr
