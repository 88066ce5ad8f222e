"""The matters that the demo begins with: ledgers of a county, read by the adapter that is installed for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from jiefen.demo.report import Intake
from jiefen.demo.simulation import Arrival, Refused
from jiefen.errors import LedgerError
from jiefen.rules.wording import Language

#: Adapters that read ledgers announce themselves in this group of entry points.
GROUP = "jiefen.ledgers"
#: Every matter of a ledger begins with this process; a petition is handled inside it.
PROCESS = "dispute"
#: Files of a folder that are taken for ledgers.
SUFFIXES = (".csv", ".xlsx")


class Title(Protocol):
    """A text in two languages."""

    def text(self, language: Language) -> str:
        """The text in one of them."""
        ...


@dataclass(frozen=True)
class Counted:
    """One ledger as it was read: its title, how many rows it had, and how many of them could not be used."""

    title: Title
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


class Row(Protocol):
    """A good row, as an adapter gives it."""

    @property
    def key(self) -> str:
        """The same for the same row whenever it is read."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the row says, as facts of the vocabulary."""
        ...


class Reading(Protocol):
    """One ledger that was read."""

    @property
    def ledger(self) -> str:
        """Its name."""
        ...

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that can be used."""
        ...

    @property
    def rejects(self) -> Sequence[Any]:
        """The others; what :meth:`LedgerAdapter.write_rejects` takes."""
        ...


class LedgerAdapter(Protocol):
    """What an entry point of :data:`GROUP` gives."""

    def read_ledgers(self, paths: Sequence[Path], *, areas: Path) -> Sequence[Reading]:
        """Read ledgers together, so that the same matter in two of them is found."""
        ...

    def title(self, ledger: str) -> Title:
        """What people call a ledger."""
        ...

    def refuse(self, row: Row, reason: str) -> Any:
        """The reject for a good row that the engine did not take."""
        ...

    def write_rejects(self, path: Path, rejects: Sequence[Any]) -> None:
        """Write rejects with their reasons to a CSV file."""
        ...


def read_matters(folder: Path) -> Matters:
    """Read every ledger of a folder, with its ``areas.yaml``.

    Raises:
        LedgerError: no adapter for ledgers is installed, the folder holds no ledger, or a file cannot be read at all.
    """
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    paths = sorted(path for path in folder.iterdir() if _is_ledger(path))
    if not found:
        raise LedgerError("no adapter for ledgers is installed; reinstall jiefen, it comes with one")
    if not paths:
        raise LedgerError(f"{folder} holds no ledger; put files ending in {' or '.join(SUFFIXES)} there")
    adapter: LedgerAdapter = found[0].load()
    readings = adapter.read_ledgers(paths, areas=folder / "areas.yaml")
    arrivals = [
        Arrival(PROCESS, row.key, reading.ledger, _received(row), row.facts, row)
        for reading in readings
        for row in reading.rows
    ]
    rejects = [reject for reading in readings for reject in reading.rejects]

    def write(path: Path, refused: Sequence[Refused]) -> None:
        adapter.write_rejects(
            path, [*rejects, *(adapter.refuse(item.arrival.row, item.reason) for item in refused)]
        )

    names = dict.fromkeys(reading.ledger for reading in readings)
    return Matters(tuple(arrivals), {name: _count(adapter, name, readings) for name in names}, write)


def _is_ledger(path: Path) -> bool:
    """A spreadsheet that is open leaves a file ``~$…`` beside itself."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", "."))


def _received(row: Row) -> date:
    """The day a matter comes in; a ledger that does not say brings it before the first day."""
    received = row.facts.get("received_on")
    return received if isinstance(received, date) else date.min


def _count(adapter: LedgerAdapter, ledger: str, readings: Sequence[Reading]) -> Counted:
    """A ledger may come in several files, one for each township."""
    parts = [reading for reading in readings if reading.ledger == ledger]
    rejected = sum(len(part.rejects) for part in parts)
    return Counted(adapter.title(ledger), sum(len(part.rows) for part in parts) + rejected, rejected)
