"""The same tests for everybody: what is drawn depends on nothing but the test."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st


def drawn() -> list[tuple[int, str]]:
    """What a property is given, in order."""
    seen: list[tuple[int, str]] = []

    @given(st.integers(), st.text())
    def collects(number: int, text: str) -> None:
        seen.append((number, text))

    collects()
    return seen


def test_the_same_is_drawn_twice() -> None:
    before = drawn()
    random.seed()
    assert drawn() == before


def test_modules_imported_in_between_change_no_draw(tmp_path: Path) -> None:
    before = drawn()
    file = tmp_path / "numbers.py"
    file.write_text("\n".join(f"A{n} = {7919 * n}, 'word {n}'" for n in range(1, 200)), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("numbers_of_ours", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "numbers_of_ours", module)
        spec.loader.exec_module(module)
        assert drawn() == before
