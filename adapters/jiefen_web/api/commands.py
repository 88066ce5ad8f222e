"""What the command line asks of the interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from jiefen import Engine
from jiefen_web.api.app import create
from jiefen_web.api.callers import Callers
from jiefen_web.api.callers.keys import new_key
from jiefen_web.api.serving import Serving


class Http:
    """The interface, for ``jiefen serve --http`` and ``jiefen callers``."""

    @contextmanager
    def serving(self, engine: Engine, address: str, callers: Path) -> Iterator[str]:
        """Serve an engine while the block runs; gives the address that is listened to.

        Raises:
            DefinitionError: the file of callers cannot be used.
            FactError: the address cannot be listened to.
        """
        with Serving(create(engine, callers=Callers(callers)), address) as server:
            yield server.url

    def new_key(self) -> tuple[str, str]:
        """A new API key, and the line for it in the file of callers."""
        key, id, hash = new_key()
        return key, f'{{id: "{id}", hash: "{hash}"}}'

    def check(self, callers: Path) -> int:
        """Look at a file of callers; how many keys are in it.

        Raises:
            DefinitionError: it cannot be used.
        """
        return len(Callers(callers).current[1])


HTTP: Final = Http()
