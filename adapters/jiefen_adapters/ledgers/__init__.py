"""Ledgers that townships keep in spreadsheets: the great visit, the 12345 hotline, the livelihood express, the backlog.

The layouts are the YAML files of this folder. :data:`LEDGERS` is what the entry point of the group ``jiefen.ledgers``
gives; ``jiefen import`` and the demo use it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from jiefen import Between, DefinitionError, Engine, Finding, LedgerError, Reader, load_yaml
from jiefen_adapters.ledgers.cells import Cell
from jiefen_adapters.ledgers.mapping import (
    Ledger,
    MoreWords,
    WordList,
    load_layout,
    load_words,
    with_more_words,
)
from jiefen_adapters.ledgers.places import Area, AreaDirectory
from jiefen_adapters.ledgers.reading import LedgerReading, Repeats
from jiefen_adapters.ledgers.rows import LedgerRow, Reject
from jiefen_adapters.ledgers.shapes import did_you_mean
from jiefen_adapters.ledgers.table import Table, find_tables, tables_of
from jiefen_adapters.ledgers.wording import Fault, Text
from jiefen_adapters.ledgers.writing import (
    Language,
    LedgerWriter,
    progress_headings,
    progress_rows,
    write_rejects,
)
from jiefen_adapters.sheets import write_sheet

__all__ = [
    "LEDGERS",
    "Area",
    "AreaDirectory",
    "Fault",
    "LedgerReading",
    "LedgerRow",
    "Ledgers",
    "Reject",
    "Text",
]

_FOLDER = Path(__file__).parent
_WORDS = "words.yaml"


@dataclass(frozen=True)
class Ledgers:
    """The ledgers whose layouts lie in a folder: one YAML file each, and ``words.yaml`` for how clerks write."""

    folder: Path = _FOLDER

    @cached_property
    def layouts(self) -> dict[str, Ledger]:
        """The layouts by their names.

        Raises:
            DefinitionError: when a file of the folder is wrong, two have one name, or there is none.
        """
        layouts: dict[str, Ledger] = {}
        for path in sorted(self.folder.glob("*.yaml")):
            if path.name == _WORDS:
                continue
            layout = load_layout(path)
            if layout.ledger in layouts:
                raise DefinitionError(f"{path}: another file has the ledger {layout.ledger}; rename one")
            layouts[layout.ledger] = layout
        if not layouts:
            raise DefinitionError(f"{self.folder} holds no layout of a ledger; put *.yaml files there")
        return layouts

    @cached_property
    def _own(self) -> dict[str, Ledger]:
        """The layouts of an office's own that were read."""
        return {}

    @cached_property
    def words(self) -> WordList:
        """How clerks write.

        Raises:
            DefinitionError: when ``words.yaml`` is missing or wrong.
        """
        return load_words(self.folder / _WORDS)

    def title(self, ledger: str) -> Text:
        """What people call a ledger.

        Raises:
            LedgerError: when there is no such ledger.
        """
        return self._layout(ledger).title

    def read_ledgers(
        self,
        paths: Iterable[Path],
        *,
        areas: Path | AreaDirectory,
        ledger: str | None = None,
        year: int | None = None,
        everything: bool = False,
        words: Path | None = None,
    ) -> list[LedgerReading]:
        """Read ledgers together, so that a row or matter that stands in two of them is taken once.

        Args:
            areas: the county's areas and codes, or the YAML file that lists them.
            ledger: the name of the layout, or a YAML file that holds one; found by the headings when absent.
            year: the year of dates that are written without one; found in titles and file names when absent.
            everything: also the rows of a workbook that are hidden or struck out, which are passed over otherwise.
            words: a file of words that the office uses besides those that come along.

        Returns:
            one reading for each file, in the order of ``paths``; several for a workbook that holds several ledgers.
            Read their rows in that order, since the first of two that repeat each other counts.

        Raises:
            LedgerError: when a file cannot be read as a ledger at all; no row is given then.
            DefinitionError: when ``areas`` or a layout is wrong.
        """
        layouts = list(self.layouts.values()) if ledger is None else [self._layout(ledger)]
        directory = areas if isinstance(areas, AreaDirectory) else AreaDirectory.load(areas)
        known = self.words if words is None else with_more_words(self.words, words)
        readings: list[LedgerReading] = []
        repeats = Repeats(known.duplicates)
        for path in paths:
            tables, notes = find_tables(path, layouts, year, everything=everything)
            for table in tables:
                deque(
                    table.lines(), maxlen=0
                )  # what is broken further down stops the import before its first row
            readings += _readings(path, tables, known, directory, repeats, notes)
        return readings

    def read_rows(
        self,
        rows: Iterable[Mapping[str, Cell]],
        *,
        layout: str | Path,
        areas: Path | AreaDirectory,
        year: int | None = None,
        words: Path | None = None,
    ) -> LedgerReading:
        """Read rows that a host has, mappings from heading to cell, by a layout; they are numbered from 1.

        Raises:
            LedgerError: the rows lack a column that the layout needs, or there is no such layout.
            DefinitionError: ``areas``, ``words`` or the layout is wrong.
        """
        directory = areas if isinstance(areas, AreaDirectory) else AreaDirectory.load(areas)
        known = self.words if words is None else with_more_words(self.words, words)
        ledger = self._layout(str(layout))
        tables = ((ledger.ledger, table) for table in tables_of(rows, ledger, year))
        return LedgerReading(
            ledger.ledger, ledger.ledger, tables, known, directory, Repeats(known.duplicates)
        )

    def check(self, path: Path, names: Callable[[], Any]) -> list[Finding] | None:
        """What is wrong with a file of ours: a layout, a list of areas, or words; ``None`` when it is none of them.

        Args:
            names: gives the ``facts`` and ``processes`` that a layout may name.
        """

        def load_named(path: Path) -> None:
            load_layout(path, names())

        kinds: dict[str, Callable[[Path], object]] = {
            "ledger": load_named,
            "areas": AreaDirectory.load,
            "duplicates": load_words,  # a whole list of words: what an office adds has no such part
        }
        try:
            data = load_yaml(path).data
        except DefinitionError:
            return None
        keys = list(map(str, data)) if isinstance(data, dict) else []
        load: Any = next((load for key, load in kinds.items() if key in keys), None)
        words = MoreWords.__struct_fields__
        if load is None and keys and all(did_you_mean(key, words) for key in keys):
            load = partial(with_more_words, self.words)
        if load is None and len(keys) == 1 and did_you_mean(keys[0], ["areas"]):
            load = AreaDirectory.load
        if load is None:
            return None
        try:
            load(path)
        except DefinitionError as error:
            return list(error.findings)
        return []

    def refuse(self, row: LedgerRow, zh: str, en: str) -> Reject:
        """The reject for a good row that the engine did not take, with the reason in both languages."""
        mend = Text("按原因更正后重新导入", "mend it as the reason says, and import again")
        return Reject.because(row, Fault(Text(zh, en), mend))

    def write_rejects(self, path: Path, rejects: Sequence[Reject]) -> None:
        """Write rejects to a CSV that spreadsheets open as it is: where, why, how to mend, and the cells as they were.

        Raises:
            LedgerError: when the file cannot be written.
        """
        write_rejects(path, rejects)

    def export(
        self,
        ledger: str,
        out: Path,
        *,
        reader: Engine | Reader,
        areas: Path | None = None,
        area: str | None = None,
        opened: Between | None = None,
        language: Language = "zh",
    ) -> int:
        """Write the cases of a ledger as clerks know it, under its headings and in its words; how many there are.

        Every row has the key of its case, so that importing the file again opens nothing twice; beside the columns
        stands how the case is now. It holds people as they are, as far as the reader may read them. Voided cases are
        left out. Rows are written as they are read, however many.

        Args:
            out: ``.csv`` or ``.xlsx``; no cell is run as a formula.
            areas: the file of areas; with it places are written by their names, else by their codes.
            area: of the cases, with what lies inside it.
            opened: days in China on which they were opened.

        Raises:
            LedgerError: when there is no such ledger.
            DefinitionError: when ``areas`` or the layout is wrong.
            FactError: when the file is of another kind, or cannot be written.
        """
        layout = self._layout(ledger)
        directory = AreaDirectory.load(areas) if areas is not None else None
        writer = LedgerWriter(layout, self.words, directory)
        rows = progress_rows(writer, reader, layout.source, area=area, opened=opened, language=language)
        return write_sheet(out, layout.title.zh, [*writer.headings, *progress_headings(language)], rows)

    def _layout(self, ledger: str) -> Ledger:
        if ledger.endswith((".yaml", ".yml")):
            layout = load_layout(Path(ledger))
            self._own[layout.ledger] = layout
            return layout
        if ledger in self._own:
            return self._own[ledger]
        if ledger not in self.layouts:
            raise LedgerError(f"there is no ledger {ledger!r}; there are {', '.join(sorted(self.layouts))}")
        return self.layouts[ledger]


def _readings(
    path: Path,
    tables: Sequence[Table],
    words: WordList,
    areas: AreaDirectory,
    repeats: Repeats,
    notes: tuple[Text, ...],
) -> Iterator[LedgerReading]:
    """What stands in the tables of a file, a reading for each kind of ledger."""
    # Lines are numbered within a sheet, so with several of them the sheet has to be named as well.
    named = [
        (f"{path.name} [{table.sheet.name}]" if len(tables) > 1 else path.name, table) for table in tables
    ]
    for ledger in dict.fromkeys(table.ledger.ledger for table in tables):
        its = [(file, table) for file, table in named if table.ledger.ledger == ledger]
        yield LedgerReading(path.name, ledger, its, words, areas, repeats, notes)
        notes = ()


#: The ledgers that come with Jiefen; what the entry point gives.
LEDGERS = Ledgers()
