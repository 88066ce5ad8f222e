"""The file of rejects: what a clerk mends and imports again."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from jiefen_adapters.ledgers.cells import FORMULA
from jiefen_adapters.ledgers.rows import Reject
from jiefen_adapters.ledgers.wording import unreadable

_LANGUAGES: Final[tuple[Literal["zh", "en"], ...]] = ("zh", "en")
_HEAD: Final = ("文件", "行号", "列", "原值", "原因", "如何更正", "reason", "how to mend")


def write_rejects(path: Path, rejects: Sequence[Reject]) -> None:
    """Write rejects to a CSV that spreadsheets open as it is: where, why, how to mend, and the cells as they were.

    Raises:
        LedgerError: when the file cannot be written.
    """
    columns = list(dict.fromkeys(name for reject in rejects for name in reject.original))
    try:
        # A name of a file that is no text is written with escapes.
        with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([*_HEAD, *map(_harmless, columns)])
            for item in rejects:
                cells = [item.file, str(item.number)]
                cells += [
                    ";".join(one.column for one in item.wrong),
                    ";".join(one.value for one in item.wrong),
                ]
                for language in _LANGUAGES:
                    cells += [";".join(one.fault.reason.text(language) for one in item.wrong)]
                    cells += [";".join(dict.fromkeys(one.fault.mend.text(language) for one in item.wrong))]
                cells += [item.original.get(name, "") for name in columns]
                writer.writerow(map(_harmless, cells))
    except OSError as error:
        raise unreadable(
            path,
            f"不合格行文件写不进去({error.strerror});换一个位置",
            f"the file of rejects cannot be written ({error.strerror}); name another place",
        ) from error


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; ``plain`` takes the guard off again."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell
