"""重复: the same row twice, and the same matter of the same person in two places; the first one counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jiefen import likeness, name_key, phone_key
from jiefen_adapters.ledgers.cells import fold
from jiefen_adapters.ledgers.mapping import DuplicateRule
from jiefen_adapters.ledgers.rows import LedgerRow, Reject
from jiefen_adapters.ledgers.wording import Fault, Text


@dataclass(frozen=True)
class LedgerReading:
    """One kind of ledger that was found in one file.

    Attributes:
        file: the name of the file.
        ledger: the name of the layout.
        rows, rejects: in the order of the file.
        notes: what a person should know about how it was read.
    """

    file: str
    ledger: str
    rows: tuple[LedgerRow, ...]
    rejects: tuple[Reject, ...]
    notes: tuple[Text, ...] = ()


def without_repeats(readings: Sequence[LedgerReading], rule: DuplicateRule) -> list[LedgerReading]:
    """The readings with each repeated row among the rejects, naming the one that counts."""
    by_key: dict[str, LedgerRow] = {}
    by_person: defaultdict[tuple[object, ...], list[LedgerRow]] = defaultdict(list)
    cleaned = []
    for reading in readings:
        rows: list[LedgerRow] = []
        repeats: list[Reject] = []
        for row in reading.rows:
            name = name_key(_applicant(row).get("name", ""))
            known = by_person[name, row.facts.get("dispute_type"), row.facts["area"]] if name else []
            earlier = by_key.get(row.key)
            if earlier is not None:
                repeats.append(Reject.because(row, _repeated(earlier)))
            elif (same := next((it for it in known if _is_same(row, it, rule)), None)) is not None:
                repeats.append(Reject.because(row, _duplicate(same)))
            else:
                by_key[row.key] = row
                known.append(row)
                rows.append(row)
        rejects = sorted([*reading.rejects, *repeats], key=lambda item: item.number)
        cleaned.append(replace(reading, rows=tuple(rows), rejects=tuple(rejects)))
    return cleaned


def _is_same(one: LedgerRow, other: LedgerRow, rule: DuplicateRule) -> bool:
    """Whether two matters of one name, of one type and in one place, are of one person, near in time and alike."""
    phones = {phone_key(_applicant(row).get("phone")) for row in (one, other)} - {None}
    if len(phones) > 1:
        return False
    days = abs((one.facts["received_on"] - other.facts["received_on"]).days)
    return days <= rule.within_days and _likeness(one, other, rule) >= rule.likeness


def _applicant(row: LedgerRow) -> Mapping[str, Any]:
    return next((one for one in row.parties if one["part"] == "applicant"), {})


def _likeness(one: LedgerRow, other: LedgerRow, rule: DuplicateRule) -> float:
    """How alike two titles are, filler words left out."""
    titles = []
    for row in (one, other):
        text = fold(row.facts["title"])
        for word in rule.filler:
            text = text.replace(word, "")
        titles.append(text)
    return likeness(*titles) if any(titles) else 1.0


def _repeated(earlier: LedgerRow) -> Fault:
    return Fault(
        Text(
            f"编号重复,与{earlier.file} 第{earlier.number}行相同",
            f"the number stands already in {earlier.file}, line {earlier.number}",
        ),
        Text("确是两件事的,改正编号", "if these are two matters, correct the number"),
    )


def _duplicate(earlier: LedgerRow) -> Fault:
    return Fault(
        Text(
            f"同一人同一事项,已在{earlier.file} 第{earlier.number}行登记",
            f"the same person and matter as {earlier.file}, line {earlier.number}",
        ),
        Text("确是另一件事的,写清区别", "if it is another matter, say in the title what differs"),
    )
