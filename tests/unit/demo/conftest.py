"""The bundled edition, loaded once."""

from __future__ import annotations

import pytest

from jiefen.edition.edition import Edition, load_edition


@pytest.fixture(scope="session")
def edition() -> Edition:
    """The edition that the demo runs on."""
    return load_edition()
