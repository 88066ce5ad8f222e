"""The chain of a journal: what is hashed, and that every change of it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jiefen.record.chain import (
    CASE_COLUMNS,
    NOT_COVERED,
    OWN,
    START,
    Head,
    canonical,
    digest_of,
    hash_of,
    link,
)
from jiefen.record.rows import CaseRow, JournalRow
from tests.support.proof import written

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
ENTRY = JournalRow(7, AT, "clerk-1", "decision", "route", {"因": "邻里"}, None)

#: What JSON carries and both databases give back as it was written: no floats, which journals do not hold.
_texts = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
_values = some.recursive(
    some.none() | some.booleans() | some.integers() | _texts,
    lambda inner: some.lists(inner) | some.dictionaries(_texts, inner),
)


@given(_values)
def test_what_is_hashed_is_json_as_every_language_can_write_it(value: object) -> None:
    assert canonical(value) == written(value)


def test_the_page_gives_the_hash_of_an_entry() -> None:
    line = (
        '["jiefen.entry.1",7,1,"' + "00" * 32 + '","2026-03-02T01:00:00.000000+00:00","clerk-1","decision",'
        '"route",null,"' + "ab" * 32 + '",{"case":"01"}]'
    )
    assert hash_of(ENTRY, 1, b"\xab" * 32, {"case": "01"}, START) == sha256(line.encode()).digest()


def test_an_instant_is_hashed_in_utc() -> None:
    there = ENTRY._replace(at=AT.astimezone(timezone(timedelta(hours=8))))
    assert hash_of(there, 1, START, None, START) == hash_of(ENTRY, 1, START, None, START)


@pytest.mark.parametrize(
    "other",
    [
        ENTRY._replace(case_id=8),
        ENTRY._replace(at=AT + timedelta(microseconds=1)),
        ENTRY._replace(actor="clerk-2"),
        ENTRY._replace(kind="opened"),
        ENTRY._replace(subject=None),
        ENTRY._replace(message_key="m"),
    ],
)
def test_every_part_of_an_entry_is_in_its_hash(other: JournalRow) -> None:
    assert hash_of(other, 1, START, None, START) != hash_of(ENTRY, 1, START, None, START)


def test_each_entry_hangs_on_the_one_before_and_the_last_covers_what_was_written() -> None:
    rows, head = link([ENTRY, ENTRY], Head(4, b"\x01" * 32), {"facts": {"a": 1}})
    assert [row.seq for row in rows] == [5, 6]
    assert head == (6, rows[-1].hash)
    assert rows[0].covers is None
    assert rows[1].covers_salt is not None
    assert rows[1].covers == {"facts": digest_of(rows[1].covers_salt, {"a": 1}).hex()}
    assert rows[0].hash == hash_of(ENTRY, 5, rows[0].digest, None, b"\x01" * 32)
    assert rows[1].hash == hash_of(ENTRY, 6, rows[1].digest, rows[1].covers, rows[0].hash)


def test_the_same_data_has_another_digest_each_time() -> None:
    """Or whoever knows ten numbers of telephones would know which of them was erased."""
    rows, _ = link([ENTRY, ENTRY], Head(0, START), {})
    assert rows[0].digest != rows[1].digest


def test_every_column_of_a_case_is_covered_or_said_not_to_be() -> None:
    assert {*CASE_COLUMNS, *OWN} | NOT_COVERED == set(CaseRow._fields)
