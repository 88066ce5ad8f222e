"""What the command line asks of the HTTP interface, which is installed beside the engine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol, cast

from jiefen.errors import NotFound
from jiefen.outside.points import installed, the_only

GROUP: Final = "jiefen.http"
_BUNDLED: Final = "api"


class HttpInterface(Protocol):
    """Serves an engine over HTTP."""

    def serving(self, engine: Any, address: str, callers: Path) -> AbstractContextManager[str]:
        """Serve an engine while the block runs; gives the address that is listened to.

        Raises:
            DefinitionError: the file of callers cannot be used.
            FactError: the address cannot be listened to.
        """
        ...

    def new_key(self) -> tuple[str, str]:
        """A new API key, and the line for it in the file of callers."""
        ...

    def check(self, callers: Path) -> int:
        """Look at a file of callers; how many keys are in it.

        Raises:
            DefinitionError: it cannot be used.
        """
        ...


def http_interface() -> HttpInterface:
    """The installed interface.

    Raises:
        NotFound: none is installed.
        DefinitionError: several distributions claim it.
        MissingExtra: what it needs is not installed.
    """
    points = installed(GROUP)
    if _BUNDLED not in points:
        raise NotFound("no HTTP interface is installed; install jiefen again")
    return cast(HttpInterface, the_only(points[_BUNDLED]).load())
