"""One ledger of a file, read row by row; and 重复: the same row twice, and the same matter of the same person in two
places, of which the first one counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from jiefen import likeness, name_key, phone_key
from jiefen_adapters.ledgers.cells import fold
from jiefen_adapters.ledgers.mapping import DuplicateRule, WordList
from jiefen_adapters.ledgers.places import AreaDirectory
from jiefen_adapters.ledgers.rows import LedgerRow, Reject, RowReader
from jiefen_adapters.ledgers.table import Table
from jiefen_adapters.ledgers.wording import Fault, Text

#: So many of the last rows are remembered. What repeats an older one is found by its case when it is taken in.
_REMEMBERED: Final = 20_000


class LedgerReading:
    """One kind of ledger that was found in one file. Its rows are read when they are asked for, and once.

    Attributes:
        file: the name of the file.
        ledger: the name of the layout.
        rows: those that can be used, in the order of the file.
        rejects: the others, those that were met so far.
        notes: what a person should know about how it was read; complete when every row was read.
    """

    def __init__(
        self,
        file: str,
        ledger: str,
        tables: Iterable[tuple[str, Table]],
        words: WordList,
        areas: AreaDirectory,
        repeats: Repeats,
        notes: Iterable[Text] = (),
    ) -> None:
        """A ledger in some tables, each with what rows and rejects name as their file."""
        self.file, self.ledger, self.notes = file, ledger, list(notes)
        self.rejects: list[Reject] = []
        self.rows: Iterator[LedgerRow] = self._read(tables, words, areas, repeats)

    def _read(
        self, tables: Iterable[tuple[str, Table]], words: WordList, areas: AreaDirectory, repeats: Repeats
    ) -> Iterator[LedgerRow]:
        reader: RowReader | None = None
        for file, table in tables:
            above = reader.above if reader is not None and table.goes_on else ()
            reader, skipped = RowReader(file, table, words, areas, above), []
            for line in table.lines():
                item = reader.read(line)
                if item is None:
                    skipped.append(line.number)
                elif isinstance(item, Reject):
                    self.rejects.append(item)
                elif (repeated := repeats.fault(item)) is not None:
                    self.rejects.append(Reject.because(item, repeated))
                else:
                    yield item
            self.notes += _notes(table, reader, skipped)


def _notes(table: Table, reader: RowReader, skipped: Sequence[int]) -> Iterator[Text]:
    """What a person should know about how a table was read."""
    yield from table.sheet.notes
    if table.year is not None and reader.years:
        year = table.year.year
        yield Text(
            f"{reader.years}个没有年份的日期,按{year}年读",
            f"{reader.years} dates without a year were read as of {year}",
        )
    if reader.nameless:
        numbers = "、".join(map(str, sorted(reader.nameless)))
        yield Text(
            f"没有列名的列:{numbers};其中的文字记入诉求",
            f"columns without a heading are not used: {numbers}; what stands there is kept in words",
        )
    if reader.unused:
        names = "、".join(reader.unused)
        yield Text(f"没有用到的列:{names}", f"columns that are not used: {names}")
    if skipped:
        numbers = "、".join(map(str, skipped))
        yield Text(
            f"合计、落款或重复的表头,没有读的行:{numbers}",
            f"totals, footers or repeated headers, lines not read: {numbers}",
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is remembered of a row to find what repeats it."""

    file: str
    number: int
    key: str
    #: Name, type of dispute and place; ``None`` for somebody who is not named.
    person: tuple[object, ...] | None
    phone: str | None
    received_on: date
    title: str


class Repeats:
    """The rows that were read, as far as they tell that another one repeats them."""

    def __init__(self, rule: DuplicateRule) -> None:
        """By the rule of the words of an office."""
        self._rule = rule
        #: The oldest first.
        self._by_key: dict[str, _Seen] = {}
        self._by_person: defaultdict[tuple[object, ...], list[_Seen]] = defaultdict(list)

    def fault(self, row: LedgerRow) -> Fault | None:
        """Why a row is a repeat of one before it; one that is none is remembered."""
        if (earlier := self._by_key.get(row.key)) is not None:
            return _repeated(earlier)
        seen = self._seen(row)
        for other in self._by_person.get(seen.person, ()) if seen.person is not None else ():
            if self._is_same(seen, other):
                return _duplicate(other)
        if len(self._by_key) >= _REMEMBERED:
            self._forget(next(iter(self._by_key.values())))
        self._by_key[row.key] = seen
        if seen.person is not None:
            self._by_person[seen.person].append(seen)
        return None

    def _forget(self, seen: _Seen) -> None:
        del self._by_key[seen.key]
        if seen.person is not None:
            theirs = self._by_person[seen.person]
            theirs.remove(seen)
            if not theirs:
                del self._by_person[seen.person]

    def _seen(self, row: LedgerRow) -> _Seen:
        applicant = _applicant(row)
        name = name_key(applicant.get("name", ""))
        title = fold(row.facts["title"])
        for word in self._rule.filler:
            title = title.replace(word, "")
        person = (name, row.facts.get("dispute_type"), row.facts["area"]) if name else None
        phone = phone_key(applicant.get("phone"))
        return _Seen(row.file, row.number, row.key, person, phone, row.facts["received_on"], title)

    def _is_same(self, one: _Seen, other: _Seen) -> bool:
        """Whether two matters of one name, of one type and in one place, are of one person, near in time and alike."""
        if None not in (one.phone, other.phone) and one.phone != other.phone:
            return False
        days = abs((one.received_on - other.received_on).days)
        alike = likeness(one.title, other.title) if one.title or other.title else 1.0
        return days <= self._rule.within_days and alike >= self._rule.likeness


def _applicant(row: LedgerRow) -> Mapping[str, Any]:
    return next((one for one in row.parties if one["part"] == "applicant"), {})


def _repeated(earlier: _Seen) -> Fault:
    return Fault(
        Text(
            f"编号重复,与{earlier.file} 第{earlier.number}行相同",
            f"the number stands already in {earlier.file}, line {earlier.number}",
        ),
        Text("确是两件事的,改正编号", "if these are two matters, correct the number"),
    )


def _duplicate(earlier: _Seen) -> Fault:
    return Fault(
        Text(
            f"同一人同一事项,已在{earlier.file} 第{earlier.number}行登记",
            f"the same person and matter as {earlier.file}, line {earlier.number}",
        ),
        Text("确是另一件事的,写清区别", "if it is another matter, say in the title what differs"),
    )
