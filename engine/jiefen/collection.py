"""Python's collector of garbage, and when it should rest."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Let the collector rest while much is made that stays, such as modules and compiled rules.

    It would look through all of it again and again, which takes a third of the time, and find nothing.
    """
    resting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if resting:
            gc.enable()
