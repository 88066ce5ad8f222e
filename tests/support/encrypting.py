"""The keys of databases that processes beside the tests open."""

from __future__ import annotations

import os

from jiefen import FileKeys


def keys() -> FileKeys | None:
    """Those of ``JIEFEN_KEYS``, as commands have them; ``None``: nothing is encrypted."""
    path = os.environ.get("JIEFEN_KEYS")
    return FileKeys(path) if path else None
