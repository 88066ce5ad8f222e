"""What clerks get back: the file of rejects, which they mend and import again, and the ledger with its cases in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from jiefen import Between, CaseStatus, Engine, Party, Reader, SearchOrder
from jiefen_adapters.ledgers.cells import kept_lines
from jiefen_adapters.ledgers.mapping import FactRule, Ledger, WordList
from jiefen_adapters.ledgers.places import AreaDirectory
from jiefen_adapters.ledgers.rows import Reject
from jiefen_adapters.ledgers.wording import unreadable
from jiefen_adapters.sheets import CHINA, guarded

Language = Literal["zh", "en"]
_LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
_HEAD: Final = ("文件", "行号", "列", "原值", "原因", "如何更正", "reason", "how to mend")


#: Beside the columns of a ledger: how its matters stand now. No layout reads them.
_PROGRESS: Final = (
    ("办理状态", "status"), ("当前环节", "stage"), ("办理结果", "outcome"), ("现包案领导", "leader now"),
    ("最近期限", "next due"),
)  # fmt: skip
_STATUS: Final = {
    CaseStatus.OPEN: ("办理中", "open"),
    CaseStatus.ENDED: ("已办结", "ended"),
    CaseStatus.MERGED: ("已并案", "merged"),
}
_PAGE: Final = 500


def progress_headings(language: Language) -> list[str]:
    """The headings of what stands beside the columns of a ledger."""
    return [words[language == "en"] for words in _PROGRESS]


def progress_rows(
    writer: LedgerWriter,
    reader: Engine | Reader,
    source: str,
    *,
    area: str | None,
    opened: Between | None,
    language: Language,
) -> Iterator[tuple[object, ...]]:
    """The cases of a ledger as its rows, and how each stands; a page at a time. Voided ones are left out."""
    vocabulary, after = reader.edition.rulebook.vocabulary, None

    def said(fact: str, value: str | None) -> str | None:
        known = vocabulary.facts[fact].values.get(value or "")
        return known.text(language) if known is not None else value

    while True:
        page = reader.search(
            facts={"source": source}, area=area, opened=opened, order=SearchOrder.OLDEST, unmasked=True, after=after,
            limit=_PAGE,
        ).items  # fmt: skip
        for hit in page:
            case = hit.case
            if case.status is CaseStatus.VOIDED:
                continue
            row = writer.row(Matter(case.key, case.process, case.facts, hit.parties))
            status = _STATUS[case.status][language == "en"]
            due = hit.due_at.astimezone(CHINA) if hit.due_at is not None else None
            # A last day ends as the next one begins.
            over = due.date() - timedelta(days=1) if due is not None and due.time() == time() else due
            yield (*row, status, said("stage", case.stage), said("outcome", case.outcome), case.leader, over)
        if len(page) < _PAGE:
            return
        after = page[-1].token


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
            writer.writerow([*_HEAD, *map(guarded, columns)])
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
                writer.writerow(map(guarded, cells))
    except OSError as error:
        raise unreadable(
            path,
            f"不合格行文件写不进去({error.strerror});换一个位置",
            f"the file of rejects cannot be written ({error.strerror}); name another place",
        ) from error


@dataclass(frozen=True, slots=True)
class Matter:
    """A case, as a ledger is written from it."""

    key: str
    process: str
    facts: Mapping[str, Any]
    parties: Sequence[Party]


class LedgerWriter:
    """Writes matters as the rows of a ledger, so that reading them again opens nothing twice.

    Every row carries the key of its case; what was kept in words stands in its own column and in what is asked for.

    Args:
        areas: with it places are written by their names, else by their codes.
    """

    def __init__(self, ledger: Ledger, words: WordList, areas: AreaDirectory | None) -> None:
        self._ledger, self._words, self._areas = ledger, words, areas
        self._columns = {name: _column(rule) for name, rule in ledger.facts.items()}
        kept = [*(columns[0] for columns in ledger.owners.groups().values()), *ledger.keep]
        self._kept = tuple(dict.fromkeys(kept))
        processes = (rule.columns[0] for rule in ledger.processes)
        places = (level[0] for level in ledger.area)
        self.headings = tuple(
            dict.fromkeys(
                [
                    ledger.key.number[0],
                    *places,
                    *self._columns.values(),
                    *processes,
                    *self._kept,
                    ledger.key.case[0],
                ]
            )
        )

    def row(self, matter: Matter) -> tuple[object, ...]:
        """The cells of a matter below the headings."""
        facts, ledger = matter.facts, self._ledger
        cells: dict[str, object] = {ledger.key.number[0]: self._number(facts), ledger.key.case[0]: matter.key}
        cells |= zip(
            (level[0] for level in ledger.area), self._place(str(facts.get("area") or "")), strict=True
        )
        for name, rule in ledger.facts.items():
            part, dot, of_party = name.partition(".")
            value = facts.get(name) if not dot else _of_party(matter.parties, part, of_party)
            if value is not None:
                # A long text stands where its beginning is the title.
                cells[self._columns[name]] = self._cell(rule, value)
            elif dot and rule.required:
                cells[self._columns[name]] = self._words.anonymous[0]
        for other in ledger.processes:
            said = _named(other.values, facts.get(other.fact)) if other.process == matter.process else None
            if said is not None:
                cells[other.columns[0]] = said
                break
        _, lines = kept_lines(str(facts.get("description") or ""))
        cells |= {name: text for name, text in lines.items() if name in self._kept}
        return tuple(cells.get(heading) for heading in self.headings)

    def _number(self, facts: Mapping[str, Any]) -> str:
        """The number in the ledger; a running one stands behind the day and the township."""
        number = str(facts.get("source_ref") or "")
        return number.split("-", 2)[-1] if self._ledger.key.running else number

    def _place(self, code: str) -> list[str]:
        levels = len(self._ledger.area)
        names = self._areas.names_to(code) if self._areas is not None else []
        split = max(len(names) - levels + 1, 1)
        parts = ["".join(names[:split]), *names[split:]]
        parts += [""] * (levels - len(parts))
        if self._areas is None or self._areas.find(*parts) != code:
            return [code] + [""] * (levels - 1)
        return parts

    def _cell(self, rule: FactRule, value: Any) -> object:
        if isinstance(value, bool):
            return "是" if value else "否"
        if rule.read == "choice":
            return _named(rule.values, value)
        if rule.read == "dispute_type":
            known = self._words.dispute_types.get(str(value))
            return known.names[0] if known is not None and known.names else None
        return value


def _column(rule: FactRule) -> str:
    """The heading below which a fact is written; a sum stands below one that is in yuan, where there is one."""
    return next((name for name in rule.columns if name not in rule.units), rule.columns[0])


def _named(values: Mapping[str, str], value: object) -> str | None:
    return next((name for name, one in values.items() if one == value), None)


def _of_party(parties: Sequence[Party], part: str, name: str) -> Any:
    first = next((one for one in parties if one.part == part), None)
    return getattr(first, name) if first is not None else None
