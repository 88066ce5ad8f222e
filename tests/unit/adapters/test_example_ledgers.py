"""The four ledgers that come with Jiefen: their mess, and what holds for every row of every ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jiefen.bundled import bundled
from jiefen.notation.yaml import load
from jiefen.record.desk.parties import LONGEST
from jiefen_adapters.ledgers import LEDGERS, AreaDirectory, LedgerRow, Reject
from tests.unit.adapters.ledger_files import Whole, whole

VISIT, HOTLINE, EXPRESS, BACKLOG = (
    "大走访工作台账.xlsx",
    "12345热线台账.csv",
    "民生直通车台账.csv",
    "信访积案.xlsx",
)
FILES = (HOTLINE, BACKLOG, VISIT, EXPRESS)


def reading_of(paths: list[Path], areas: AreaDirectory) -> dict[str, Whole]:
    return {reading.file: reading for reading in whole(LEDGERS.read_ledgers(paths, areas=areas))}


@pytest.fixture(scope="module")
def readings(areas: AreaDirectory) -> dict[str, Whole]:
    return reading_of([bundled("ledgers") / name for name in FILES], areas)


@pytest.fixture(scope="module")
def rows(readings: dict[str, Whole]) -> list[LedgerRow]:
    return [row for reading in readings.values() for row in reading.rows]


@pytest.fixture(scope="module")
def rejects(readings: dict[str, Whole]) -> list[Reject]:
    return [reject for reading in readings.values() for reject in reading.rejects]


@pytest.fixture(scope="module")
def vocabulary() -> dict[str, Any]:
    """The vocabulary as designers write it, read without the engine."""
    facts: dict[str, Any] = load(bundled("rules") / "facts.yaml").data["facts"]
    return facts


def test_there_is_enough_to_see(rows: list[LedgerRow]) -> None:
    assert len(rows) >= 60
    assert len({row.facts["dispute_type"] for row in rows}) >= 20
    assert {row.facts["matter_type"] for row in rows} == {"claim", "suggestion", "accusation"}


def test_every_line_is_a_row_a_reject_or_a_footer(readings: dict[str, Whole]) -> None:
    found = {name: (len(it.rows), len(it.rejects)) for name, it in readings.items()}
    assert found == {VISIT: (17, 3), HOTLINE: (19, 1), EXPRESS: (17, 2), BACKLOG: (20, 2)}
    for name, footer in ((VISIT, 23), (EXPRESS, 21), (BACKLOG, 26)):
        assert any(note.zh.endswith(f"没有读的行:{footer}") for note in readings[name].notes)
        numbers = [item.number for item in (*readings[name].rows, *readings[name].rejects)]
        assert footer not in numbers
        assert len(numbers) == len(set(numbers))


class TestMess:
    """Each kind of trouble, where it stands."""

    @pytest.mark.parametrize(
        ("file", "number", "column", "said"),
        [
            (VISIT, 19, "走访日期", "没有填"),
            (VISIT, 20, "走访日期", "没有2026年2月30日"),
            (VISIT, 21, "乡镇/村(社区)/网格", "花果山村"),
            (HOTLINE, 21, "", f"编号重复,与{HOTLINE} 第14行"),
            (EXPRESS, 19, "", f"已在{HOTLINE} 第14行登记"),
            (EXPRESS, 20, "反映人", "没有填"),
            (BACKLOG, 19, "化解情况", "已化解"),
            (BACKLOG, 20, "登记日期", "没有2025年13月1日"),
        ],
    )
    def test_a_row_goes_back(
        self, rejects: list[Reject], file: str, number: int, column: str, said: str
    ) -> None:
        [reject] = [item for item in rejects if (item.file, item.number) == (file, number)]
        assert [one.column for one in reject.wrong] == [column]
        assert said in reject.wrong[0].fault.reason.zh

    def facts(self, readings: dict[str, Whole], file: str, number: int) -> dict[str, Any]:
        [row] = [row for row in readings[file].rows if row.number == number]
        return dict(row.facts)

    def test_a_group_of_seven(self, readings: dict[str, Whole]) -> None:
        assert self.facts(readings, VISIT, 15)["persons"] == 7
        group = self.facts(readings, BACKLOG, 5)
        assert (group["persons"], group["representatives"]) == (7, 2)

    def test_a_matter_that_belongs_to_a_court(self, readings: dict[str, Whole]) -> None:
        assert self.facts(readings, BACKLOG, 6)["dispute_type"] == "judicial_complaint"

    @pytest.mark.parametrize(
        ("file", "number", "expected"),
        [
            (BACKLOG, 18, {"pending_elsewhere": True}),
            (BACKLOG, 7, {"cross_village": True, "dispute_type": "forest_rights"}),
            (BACKLOG, 12, {"never_got_land": True}),
            (BACKLOG, 21, {"organ_part": True, "received_on": date(2026, 1, 5)}),
            (HOTLINE, 19, {"urgent": True, "persons": 32}),
            (HOTLINE, 18, {"crime_suspected": True, "dispute_type": "suspected_crime"}),
            (HOTLINE, 15, {"matter_type": "accusation"}),
            (HOTLINE, 16, {"matter_type": "suggestion"}),
            (HOTLINE, 8, {"made_on_the_spot": True}),
            (VISIT, 13, {"violence": True, "minor_involved": True}),
            (EXPRESS, 12, {"right_already_held": True}),
            (EXPRESS, 17, {"dispute_type": "neighbour"}),
            (EXPRESS, 15, {"repeat_petition": True}),
            (EXPRESS, 4, {"repeat_petition": False}),
        ],
    )
    def test_what_the_words_of_a_row_say(
        self, readings: dict[str, Whole], file: str, number: int, expected: dict[str, Any]
    ) -> None:
        facts = self.facts(readings, file, number)
        assert {name: facts.get(name) for name in expected} == expected

    def test_dates_in_six_ways(self, readings: dict[str, Whole]) -> None:
        found = [self.facts(readings, VISIT, number)["received_on"] for number in range(3, 8)]
        assert found == [date(2026, 1, 5)] * 3 + [date(2026, 1, 6)] * 2
        assert self.facts(readings, BACKLOG, 25)["received_on"] == date(2026, 1, 8)

    def test_sums_in_many_ways(self, readings: dict[str, Whole]) -> None:
        assert [self.facts(readings, VISIT, number)["amount"] for number in (4, 10, 11, 12)] == [
            12000,
            45000,
            8000,
            9500,
        ]
        assert self.facts(readings, EXPRESS, 3)["amount"] == Decimal(6000)
        assert self.facts(readings, BACKLOG, 4)["amount"] == 36000

    def test_a_sum_that_is_none_is_kept_in_words(self, readings: dict[str, Whole]) -> None:
        facts = self.facts(readings, VISIT, 22)
        assert "amount" not in facts
        assert "〔涉及金额〕" in facts["description"]

    def test_places_by_grid_short_name_and_address(self, readings: dict[str, Whole]) -> None:
        assert self.facts(readings, VISIT, 6)["area"] == "140429102203001"
        assert self.facts(readings, VISIT, 5)["area"] == "140429102202"
        assert self.facts(readings, HOTLINE, 3)["area"] == "140429100201"

    def test_how_the_files_were_written(self, readings: dict[str, Whole]) -> None:
        folder = bundled("ledgers")
        with pytest.raises(UnicodeDecodeError):
            (folder / HOTLINE).read_text("utf-8")
        assert (folder / EXPRESS).read_bytes().startswith(b"\xef\xbb\xbf")
        notes = {name: " ".join(note.zh for note in reading.notes) for name, reading in readings.items()}
        assert "GBK" in notes[HOTLINE]
        assert "UTF-8" in notes[EXPRESS]
        assert "填报说明" in notes[BACKLOG]
        leaders = [row for row in readings[BACKLOG].rows if "〔包案领导〕" in row.facts["description"]]
        assert leaders


class TestContracts:
    """What holds for every row of every ledger."""

    def test_keys_are_unique_and_name_their_ledger(self, rows: list[LedgerRow]) -> None:
        assert max(Counter(row.key for row in rows).values()) == 1
        assert {(row.ledger, row.key.partition(":")[0]) for row in rows} == {
            ("hotline_12345", "12345"), ("visit_ledger", "visit"), ("petition_backlog", "backlog"),
            ("livelihood_express", "express"),
        }  # fmt: skip

    def test_keys_are_the_same_whatever_is_read_with_them_and_when(
        self, rows: list[LedgerRow], areas: AreaDirectory
    ) -> None:
        alone = [
            row.key
            for name in FILES
            for it in reading_of([bundled("ledgers") / name], areas).values()
            for row in it.rows
        ]
        assert {row.key for row in rows} <= set(alone)
        backwards = reading_of([bundled("ledgers") / name for name in reversed(FILES)], areas)
        assert len([row for it in backwards.values() for row in it.rows]) == len(rows)

    def test_facts_are_in_the_vocabulary_and_intake_may_set_them(
        self, rows: list[LedgerRow], vocabulary: dict[str, Any]
    ) -> None:
        kinds = {"boolean": bool, "integer": int, "money": Decimal, "date": date, "text": str, "choice": str}
        for row in rows:
            for name, value in row.facts.items():
                rule = vocabulary[name]
                assert "intake" in rule["set_by"], name
                assert type(value) is kinds[rule["type"]], name
                assert value in rule.get("values", {value}), name
                assert len(str(value)) <= rule.get("max_length", 4000), name
                if rule["type"] in ("integer", "money"):
                    assert rule["minimum"] <= value <= rule["maximum"]

    def test_every_case_can_be_told_and_sent_somewhere(self, rows: list[LedgerRow]) -> None:
        needed = {"source", "source_ref", "title", "area", "received_on", "dispute_type", "matter_type"}
        assert all(needed <= row.facts.keys() for row in rows)
        assert all(row.facts["source"] == row.ledger for row in rows)

    def test_every_layout_names_facts_and_values_of_the_vocabulary(self, vocabulary: dict[str, Any]) -> None:
        for name, value in said_by_layouts():
            assert "intake" in vocabulary[name]["set_by"], name
            assert value is True or value in vocabulary[name].get("values", {value}), (name, value)
        for layout in LEDGERS.layouts.values():
            for name, rule in layout.facts.items():
                if "." in name:
                    assert (rule.max_length or 0) <= LONGEST[name.partition(".")[2]]
                    continue
                bounds = vocabulary[name]
                if rule.read == "text":
                    assert (rule.cut or rule.max_length or 0) <= bounds["max_length"]
                    assert rule.max_length is not None
                elif rule.read in ("count", "money"):
                    assert rule.maximum is not None
                    assert bounds["minimum"] <= rule.minimum <= rule.maximum <= bounds["maximum"]

    def test_every_dispute_type_can_be_named(self, vocabulary: dict[str, Any]) -> None:
        types = LEDGERS.words.dispute_types
        assert types.keys() == vocabulary["dispute_type"]["values"].keys()
        names = Counter(name for words in types.values() for name in words.names)
        assert [name for name, times in names.items() if times > 1] == []

    def test_every_reject_says_why_and_how_to_mend_it(self, rejects: list[Reject]) -> None:
        for reject in rejects:
            texts = [text for one in reject.wrong for text in (one.fault.reason, one.fault.mend)]
            for chinese, english in ((text.zh, text.en) for text in texts):
                assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
                assert any("a" <= sign <= "z" for sign in english)
            assert reject.original
            assert reject.file in FILES
            assert reject.number > 1

    def test_nobody_is_real(self, rows: list[LedgerRow]) -> None:
        stems = "甲乙丙丁戊己庚辛"
        assert all(row.parties[0]["name"][0] in stems for row in rows)
        assert all(phone.endswith(("0000", *(f"{n:04}" for n in range(1, 30)))) for phone in phones(rows))


def said_by_layouts() -> Iterator[tuple[str, Any]]:
    """Every fact, and every value of one, that a layout or the word list can give."""
    for layout in LEDGERS.layouts.values():
        yield "source", layout.source
        for name, rule in layout.facts.items():
            if "." in name or rule.read == "yes_no":
                continue
            yield from ((name, value) for value in rule.values.values() or [True])
    yield from (("dispute_type", name) for name in LEDGERS.words.dispute_types)
    yield from ((name, value) for facts in LEDGERS.words.implied.values() for name, value in facts.items())
    yield from ((name, True) for name in LEDGERS.words.signs)


def phones(rows: list[LedgerRow]) -> Iterator[str]:
    yield from (party["phone"] for row in rows for party in row.parties if "phone" in party)
