"""报表: what Jiefen asks of an adapter that writes reports, and how it finds one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Protocol, cast

from jiefen.outside.points import load_only

#: The group of entry points in which adapters that write reports announce themselves.
GROUP: Final = "jiefen.reports"
#: The adapter that comes with Jiefen.
BUNDLED: Final = "reports"


class ReportAdapter(Protocol):
    """What an entry point of the group :data:`GROUP` gives."""

    @property
    def kinds(self) -> Mapping[str, Any]:
        """The reports by their names."""
        ...

    def write(
        self,
        name: str,
        out: Path,
        *,
        reader: Any,
        today: date,
        area: str | None = None,
        year: int | None = None,
        language: Literal["zh", "en"] = "zh",
    ) -> int:
        """Write a report, read through an engine or a reader, into a file; how many rows it has.

        Raises:
            FactError: there is no such report, or the file is none that the adapter writes.
            MissingExtra: the library for it is not installed.
        """
        ...


def report_adapter(name: str = BUNDLED) -> ReportAdapter:
    """The installed adapter of that name.

    Raises:
        NotFound: none is installed under it.
        DefinitionError: several distributions claim it.
    """
    return cast(ReportAdapter, load_only(GROUP, name, "reports"))
