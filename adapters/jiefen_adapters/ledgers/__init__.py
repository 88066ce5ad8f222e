"""Ledgers that townships keep in spreadsheets: the great visit, the 12345 hotline, the livelihood express, the backlog.

The layouts are the YAML files of this folder. :data:`LEDGERS` is what the entry point of the group ``jiefen.ledgers``
gives; ``jiefen import`` and the demo use it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from jiefen.errors import LedgerError
from jiefen_adapters.ledgers.cells import fold
from jiefen_adapters.ledgers.mapping import DuplicateRule, Ledger, WordList, load_mapping, load_words
from jiefen_adapters.ledgers.places import AreaDirectory
from jiefen_adapters.ledgers.rows import LedgerRow, Reject, RowReader
from jiefen_adapters.ledgers.table import find_tables
from jiefen_adapters.ledgers.wording import Fault, Text, unreadable

__all__ = ["LEDGERS", "AreaDirectory", "Fault", "LedgerReading", "LedgerRow", "Ledgers", "Reject", "Text"]

_FOLDER = Path(__file__).parent
#: A cell that begins so would be run as a formula by the program that opens the file of rejects.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class LedgerReading:
    """One ledger file that was read."""

    file: str
    ledger: str
    rows: tuple[LedgerRow, ...]
    rejects: tuple[Reject, ...]
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Ledgers:
    """The ledgers whose layouts lie in a folder: one YAML file each, and ``words.yaml`` for how clerks write."""

    folder: Path = _FOLDER

    @cached_property
    def layouts(self) -> dict[str, Ledger]:
        """The layouts by their names.

        Raises:
            DefinitionError: when a file of the folder is wrong.
        """
        files = sorted(path for path in self.folder.glob("*.yaml") if path.name != "words.yaml")
        return {ledger.ledger: ledger for ledger in map(load_mapping, files)}

    @cached_property
    def words(self) -> WordList:
        """How clerks write. Raises as :attr:`layouts`."""
        return load_words(self.folder / "words.yaml")

    def title(self, ledger: str) -> Text:
        """What people call a ledger."""
        return self.layouts[ledger].title.text()

    def read_ledgers(
        self,
        paths: Iterable[Path],
        *,
        areas: Path | AreaDirectory,
        ledger: str | None = None,
        year: int | None = None,
    ) -> list[LedgerReading]:
        """Read ledgers together, so that a row or matter that stands in two of them is taken once.

        Args:
            areas: the county's areas and codes, or the YAML file that lists them.
            ledger: the name of the layout; found by the headings when absent.
            year: the year of dates that are written without one; found in titles and file names when absent.

        Raises:
            LedgerError: when a file cannot be read as a ledger at all; no row is given then.
            DefinitionError: when ``areas`` or a layout is wrong.
        """
        if ledger is not None and ledger not in self.layouts:
            raise LedgerError(f"there is no ledger {ledger!r}; there are {', '.join(sorted(self.layouts))}")
        directory = areas if isinstance(areas, AreaDirectory) else AreaDirectory.load(areas)
        layouts = [item for name, item in self.layouts.items() if ledger in (None, name)]
        readings = [self._read(path, layouts, directory, year) for path in paths]
        return _without_repeats(readings, self.words.duplicates)

    def refuse(self, row: LedgerRow, reason: str) -> Reject:
        """The reject for a good row that the engine did not take."""
        fault = Fault(
            Text(reason, reason), Text("按原因更正后重新导入", "mend it as the reason says, and import again")
        )
        return Reject(row.file, row.number, "", "", fault, row.original)

    def write_rejects(self, path: Path, rejects: Sequence[Reject]) -> None:
        """Write rejects to a CSV that spreadsheets open as it is: where, why, how to mend, and the cells as they were.

        Raises:
            LedgerError: when the file cannot be written.
        """
        columns = list(dict.fromkeys(name for reject in rejects for name in reject.original))
        head = ["文件", "行号", "列", "原值", "原因", "如何更正", "reason", "how to mend", *columns]
        try:
            with path.open("w", encoding="utf-8-sig", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(head)
                for item in rejects:
                    cells = [item.file, str(item.number), item.column, item.value]
                    cells += [
                        item.fault.reason.zh,
                        item.fault.mend.zh,
                        item.fault.reason.en,
                        item.fault.mend.en,
                    ]
                    cells += [item.original.get(name, "") for name in columns]
                    writer.writerow([_harmless(cell) for cell in cells])
        except OSError as error:
            raise unreadable(
                path,
                f"不合格行文件写不进去({error.strerror});换一个位置",
                f"the file of rejects cannot be written ({error.strerror}); name another place",
            ) from error

    def _read(
        self, path: Path, layouts: Sequence[Ledger], areas: AreaDirectory, year: int | None
    ) -> LedgerReading:
        tables, notes = find_tables(path, layouts, year)
        rows: list[LedgerRow] = []
        rejects: list[Reject] = []
        for table in tables:
            notes += table.sheet.notes
            known = table.ledger.known_columns()
            extra = [name for name in table.headings if name and name not in known]
            if extra:
                names = "、".join(extra)
                notes += (Text(f"没有用到的列:{names}", f"columns that are not used: {names}"),)
            reader = RowReader(path, table, self.words, areas)
            for line in table.lines():
                read = reader.read(line)
                if isinstance(read, LedgerRow):
                    rows.append(read)
                elif read is not None:
                    rejects.append(read)
        return LedgerReading(path.name, tables[0].ledger.ledger, tuple(rows), tuple(rejects), notes)


def _without_repeats(readings: Sequence[LedgerReading], rule: DuplicateRule) -> list[LedgerReading]:
    kept: list[LedgerRow] = []
    keys: dict[str, LedgerRow] = {}
    cleaned = []
    for reading in readings:
        rows: list[LedgerRow] = []
        rejects = list(reading.rejects)
        for row in reading.rows:
            earlier = keys.get(row.key)
            fault = _repeated(earlier) if earlier is not None else None
            if fault is None:
                same = next((other for other in kept if _same_matter(row, other, rule)), None)
                fault = _duplicate(same) if same is not None else None
            if fault is not None:
                rejects.append(Reject(row.file, row.number, "", row.key, fault, row.original))
                continue
            keys[row.key] = row
            kept.append(row)
            rows.append(row)
        rejects.sort(key=lambda item: item.number)
        cleaned.append(
            LedgerReading(reading.file, reading.ledger, tuple(rows), tuple(rejects), reading.notes)
        )
    return cleaned


def _same_matter(one: LedgerRow, other: LedgerRow, rule: DuplicateRule) -> bool:
    """The same person with the same matter: one type, near in time, alike in wording."""
    person = one.facts.get("party_name")
    if person is None or person != other.facts.get("party_name"):
        return False
    if one.facts["dispute_type"] != other.facts["dispute_type"] or one.facts["area"] != other.facts["area"]:
        return False
    days = abs((one.facts["received_on"] - other.facts["received_on"]).days)
    return days <= rule.within_days and _likeness(one, other, rule) >= rule.likeness


def _likeness(one: LedgerRow, other: LedgerRow, rule: DuplicateRule) -> float:
    """Dice coefficient over pairs of characters, filler words left out."""
    pairs = []
    for row in (one, other):
        text = fold(str(row.facts["title"]))
        for word in rule.filler:
            text = text.replace(fold(word), "")
        pairs.append({a + b for a, b in pairwise(text)})
    total = sum(map(len, pairs))
    return 2 * len(pairs[0] & pairs[1]) / total if total else 1.0


def _repeated(earlier: LedgerRow) -> Fault:
    place = f"{earlier.file} 第{earlier.number}行"
    return Fault(
        Text(
            f"编号重复,与{place}相同", f"the number stands already in {earlier.file}, line {earlier.number}"
        ),
        Text("确是两件事的,改正编号", "if these are two matters, correct the number"),
    )


def _duplicate(earlier: LedgerRow) -> Fault:
    place = f"{earlier.file} 第{earlier.number}行"
    return Fault(
        Text(
            f"同一人同一事项,已在{place}登记",
            f"the same person and matter as {earlier.file}, line {earlier.number}",
        ),
        Text("确是另一件事的,写清区别", "if it is another matter, say in the title what differs"),
    )


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


#: The ledgers that come with Jiefen; what the entry point gives.
LEDGERS = Ledgers()
