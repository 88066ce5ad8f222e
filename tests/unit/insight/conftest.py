"""The bundled edition, loaded once."""

from __future__ import annotations

from tests.unit.demo.conftest import edition

__all__ = ["edition"]
