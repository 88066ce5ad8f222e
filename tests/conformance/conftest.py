"""The rules, read once."""

from __future__ import annotations

import pytest

from jiefen.rules import Rulebook, load_rulebook
from tests.conformance.pack import RULES


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """Every bundled rule."""
    return load_rulebook(RULES)
