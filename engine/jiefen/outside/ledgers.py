"""台账: what Jiefen asks of an adapter that reads ledgers, and how it finds one. Jiefen itself reads none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol, cast

from jiefen.findings import Finding
from jiefen.outside.points import installed, load_only

#: The group of entry points in which adapters that read ledgers announce themselves.
GROUP: Final = "jiefen.ledgers"
#: The adapter that comes with Jiefen.
BUNDLED: Final = "ledgers"


class Wording(Protocol):
    """A sentence for people in both languages."""

    def text(self, language: Literal["zh", "en"]) -> str:
        """The sentence in one of them."""
        ...


class Row(Protocol):
    """A row that can become a case."""

    @property
    def key(self) -> str:
        """The same for the same row whenever it is read."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the row says, as facts of the vocabulary in plain values."""
        ...

    @property
    def process(self) -> str | None:
        """By which process it goes; ``None``: by that of the intake."""
        ...

    @property
    def parties(self) -> Sequence[Mapping[str, Any]]:
        """Who the matter is about, each a mapping with ``part`` and ``name``."""
        ...

    @property
    def owners(self) -> Mapping[str, str]:
        """Who sees to it by the ledger: ``leader``, ``unit``, ``handler`` and ``visitor``, as far as it says so."""
        ...

    @property
    def number(self) -> int:
        """Its line in the file, as a spreadsheet shows it."""
        ...

    @property
    def notes(self) -> Sequence[Wording]:
        """What of it was not read as it stands."""
        ...


class Reading(Protocol):
    """One ledger file that was read."""

    @property
    def file(self) -> str:
        """The name of the file."""
        ...

    @property
    def ledger(self) -> str:
        """The name of its layout."""
        ...

    @property
    def rows(self) -> Iterable[Row]:
        """The rows that can be used, in their order; each is read when it is asked for, and once."""
        ...

    @property
    def rejects(self) -> list[Any]:
        """The others that were met so far; what :meth:`LedgerAdapter.write_rejects` takes."""
        ...

    @property
    def notes(self) -> Sequence[Wording]:
        """What a person should know about how the file was read; complete when every row was."""
        ...


class FactShape(Protocol):
    """What a layout has to know of a fact of the vocabulary."""

    @property
    def type(self) -> str:
        """Its type: boolean, integer, money, date, text, choice or list."""
        ...

    @property
    def set_by(self) -> Collection[str]:
        """Who may set it; ``intake`` is among them, or no ledger may."""
        ...

    @property
    def values(self) -> Collection[str]:
        """The values of a choice."""
        ...


@dataclass(frozen=True, slots=True)
class Nameable:
    """What of an edition a layout may name; ``None``: that is not known."""

    facts: Mapping[str, FactShape] | None
    processes: Collection[str] | None


class LedgerAdapter(Protocol):
    """What an entry point of the group :data:`GROUP` gives."""

    def read_ledgers(
        self,
        paths: Iterable[Path],
        *,
        areas: Path,
        ledger: str | None = None,
        year: int | None = None,
        everything: bool = False,
        words: Path | None = None,
    ) -> Sequence[Reading]:
        """Read ledgers together, so that the same matter in two of them is found; read their rows in their order.

        Args:
            everything: also the rows that are hidden or struck out; they are passed over otherwise, and told.
            words: a file of words that the office uses besides those that the adapter knows.

        Raises:
            LedgerError: a file cannot be read as a ledger at all; no row is given then.
            DefinitionError: ``areas`` or a layout is wrong.
        """
        ...

    def read_rows(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        layout: str | Path,
        areas: Path,
        year: int | None = None,
        words: Path | None = None,
    ) -> Reading:
        """Read rows that a host has, mappings from heading to cell, by a layout.

        Raises:
            LedgerError: the rows lack a column that the layout needs.
            DefinitionError: ``areas``, ``words`` or the layout is wrong.
        """
        ...

    def check(self, path: Path, names: Callable[[], Nameable]) -> Sequence[Finding] | None:
        """What is wrong with a file that the adapter reads besides ledgers; ``None`` when it is none of those.

        Args:
            names: gives what the file may name; it is worth asking for a file of ours alone.
        """
        ...

    def title(self, ledger: str) -> Wording:
        """What people call a ledger."""
        ...

    def export(
        self,
        ledger: str,
        out: Path,
        *,
        reader: Any,
        areas: Path | None = None,
        area: str | None = None,
        opened: Any = None,
        language: Literal["zh", "en"] = "zh",
    ) -> int:
        """Write the cases of a ledger, read through an engine or a reader, so that importing them opens nothing twice.

        Args:
            areas: the file of areas; with it places are written by their names, else by their codes.
            opened: a :class:`~jiefen.Between` of days in China.

        Raises:
            LedgerError: there is no such ledger.
            DefinitionError: ``areas`` or the layout is wrong.
            FactError: the file is of another kind, or cannot be written.
        """
        ...

    def refuse(self, row: Any, zh: str, en: str) -> Any:
        """The reject for a row that the engine did not take, with the reason in both languages."""
        ...

    def write_rejects(self, path: Path, rejects: Sequence[Any]) -> None:
        """Write rejects with their reasons to a CSV file.

        Raises:
            LedgerError: the file cannot be written.
        """
        ...


def installed_ledgers() -> list[str]:
    """The names of the installed adapters."""
    return sorted(installed(GROUP))


def ledger_adapter(name: str = BUNDLED) -> LedgerAdapter:
    """The installed adapter of that name.

    Raises:
        NotFound: none is installed under it.
        DefinitionError: several distributions claim it.
    """
    return cast(LedgerAdapter, load_only(GROUP, name, "ledgers"))
