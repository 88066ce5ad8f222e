"""The places of the example ledgers, and a reader of single files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jiefen.bundled import bundled
from jiefen_adapters.ledgers import LEDGERS, AreaDirectory
from tests.unit.adapters.ledger_files import Whole, whole

Read = Callable[..., Whole]


@pytest.fixture(scope="session")
def areas() -> AreaDirectory:
    """The areas of the example ledgers."""
    return AreaDirectory.load(bundled("ledgers") / "areas.yaml")


@pytest.fixture(scope="session")
def read(areas: AreaDirectory) -> Read:
    """Reads one file that holds one ledger."""

    def read_one(path: Path, **options: object) -> Whole:
        [reading] = whole(LEDGERS.read_ledgers([path], areas=areas, **options))  # type: ignore[arg-type]
        return reading

    return read_one
