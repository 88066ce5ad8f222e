"""The matters that the demo begins with: ledgers of a county, read by the adapter that is installed for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jiefen.demo.simulation import Arrival, Refused
from jiefen.errors import LedgerError
from jiefen.insight.report import Intake
from jiefen.notation.labels import Language
from jiefen.outside.ledgers import LedgerAdapter, Reading, Row, Wording, ledger_adapter

#: Every matter of a ledger begins with this process; a petition is handled inside it.
PROCESS = "dispute"
#: Files of a folder that are taken for ledgers.
SUFFIXES = (".csv", ".xlsx")


@dataclass(frozen=True)
class Counted:
    """One ledger as it was read: its title, how many rows it had, and how many of them could not be used."""

    title: Wording
    rows: int
    rejected: int


@dataclass(frozen=True)
class Matters:
    """What was read.

    Attributes:
        arrivals: the good rows.
        ledgers: the ledgers by the names that arrivals carry.
        write_rejects: writes the bad rows to a file, with those that the engine refused.
    """

    arrivals: tuple[Arrival, ...]
    ledgers: Mapping[str, Counted]
    write_rejects: Callable[[Path, Sequence[Refused]], None]

    def counted(
        self, opened: Sequence[Arrival], refused: Sequence[Refused], language: Language
    ) -> tuple[Intake, ...]:
        """What became of the rows of each ledger; those that were neither opened nor refused have yet to come in."""
        coming = Counter(arrival.ledger for arrival in self.arrivals)
        cases = Counter(arrival.ledger for arrival in opened)
        back = Counter(item.arrival.ledger for item in refused)
        return tuple(
            Intake(
                ledger.title.text(language),
                ledger.rows,
                cases[name],
                ledger.rejected + back[name],
                coming[name] - cases[name] - back[name],
            )
            for name, ledger in self.ledgers.items()
        )


def read_matters(folder: Path) -> Matters:
    """Read every ledger of a folder, with its ``areas.yaml``.

    Raises:
        NotFound: no adapter for ledgers is installed.
        LedgerError: the folder holds no ledger, or a file cannot be read at all.
        DefinitionError: the list of areas is wrong.
    """
    paths = sorted(path for path in folder.iterdir() if _is_ledger(path))
    if not paths:
        raise LedgerError(f"{folder} holds no ledger; put files ending in {' or '.join(SUFFIXES)} there")
    adapter = ledger_adapter()
    readings = adapter.read_ledgers(paths, areas=folder / "areas.yaml")
    read = [(reading, list(reading.rows)) for reading in readings]
    arrivals = [
        Arrival(
            row.process or PROCESS,
            row.key,
            reading.ledger,
            _received(row),
            row.facts,
            tuple(row.parties),
            row,
        )
        for reading, rows in read
        for row in rows
    ]
    rejects = [reject for reading in readings for reject in reading.rejects]

    def write(path: Path, refused: Sequence[Refused]) -> None:
        adapter.write_rejects(
            path,
            [*rejects, *(adapter.refuse(item.arrival.row, item.reason, item.reason) for item in refused)],
        )

    names = dict.fromkeys(reading.ledger for reading in readings)
    return Matters(tuple(arrivals), {name: _count(adapter, name, read) for name in names}, write)


def _is_ledger(path: Path) -> bool:
    """A spreadsheet that is open leaves a file ``~$…`` beside itself."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", "."))


def _received(row: Row) -> date:
    """The day a matter comes in; a ledger that does not say brings it before the first day."""
    received = row.facts.get("received_on")
    return received if isinstance(received, date) else date.min


def _count(adapter: LedgerAdapter, ledger: str, read: Sequence[tuple[Reading, Sequence[Row]]]) -> Counted:
    """A ledger may come in several files, one for each township."""
    parts = [(reading, rows) for reading, rows in read if reading.ledger == ledger]
    rejected = sum(len(reading.rejects) for reading, _ in parts)
    return Counted(adapter.title(ledger), sum(len(rows) for _, rows in parts) + rejected, rejected)
