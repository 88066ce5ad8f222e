"""Reports that offices hand in or hang up: as workbooks (XLSX) and as documents (DOCX), in Chinese or English.

:data:`REPORTS` is what the entry point of the group ``jiefen.reports`` gives. A report is read through an engine or a
reader (``engine.as_``), and holds what that one may read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from jiefen import Engine, FactError, Reader
from jiefen_adapters.reports.annual import annual_report
from jiefen_adapters.reports.documents import write_document
from jiefen_adapters.reports.lists import monthly_list, weekly_list
from jiefen_adapters.reports.supervisions import supervision_list
from jiefen_adapters.reports.tables import Asked, Language, Report
from jiefen_adapters.reports.workbooks import write_workbook

__all__ = ["REPORTS", "Reports"]

_KINDS: Final[Mapping[str, Callable[[Asked], Report]]] = {
    "annual": annual_report,
    "supervisions": supervision_list,
    "weekly": weekly_list,
    "monthly": monthly_list,
}


@dataclass(frozen=True)
class Reports:
    """The reports that come with Jiefen."""

    kinds: Mapping[str, Callable[[Asked], Report]] = field(default_factory=lambda: _KINDS)

    def write(
        self,
        name: str,
        out: Path,
        *,
        reader: Engine | Reader,
        today: date,
        area: str | None = None,
        year: int | None = None,
        language: Language = "zh",
    ) -> int:
        """Write a report into a file whose name ends with ``.xlsx`` or ``.docx``; how many rows it has.

        Args:
            today: the day in China from which days are counted.
            area: with what lies inside it; everything that may be read when absent.
            year: of the annual report; the year before when absent.

        Raises:
            FactError: there is no such report, the file is of another kind or cannot be written, an area or a year that
                cannot be.
            MissingExtra: what writes such files is not installed.
        """
        if name not in self.kinds:
            known = ", ".join(self.kinds)
            raise FactError(
                f"there is no report {name!r}; there are {known}", zh=f"没有报表 {name!r};可选:{known}"
            )
        writers = {".xlsx": write_workbook, ".docx": write_document}
        write = writers.get(out.suffix.lower())
        if write is None:
            raise FactError(
                f"{out.name} is neither .xlsx nor .docx; name it so",
                zh=f"文件 {out.name} 不是 .xlsx 或 .docx",
            )
        asked = Asked(reader=reader, today=today, area=area, year=year, language=language)
        try:
            return write(self.kinds[name](asked), out, language)
        except OSError as error:
            raise FactError(
                f"{out} cannot be written: {error.strerror}; name another place",
                zh=f"{out} 写不进去({error.strerror});请换一个位置",
            ) from error


#: The reports that come with Jiefen; what the entry point gives.
REPORTS: Final = Reports()
