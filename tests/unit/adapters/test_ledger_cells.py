"""Cells as people write them: never an exception, never a guess, and what is read writes back the same."""

from __future__ import annotations

import itertools
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jiefen_adapters.ledgers.cells import (
    UNCOMPUTED,
    Cell,
    cell_error,
    chinese_number,
    fold,
    plain,
    read_count,
    read_money,
    read_text,
)
from jiefen_adapters.ledgers.dates import SERIAL_ZERO_1904, YearHint, read_date
from jiefen_adapters.ledgers.wording import Fault

DIGITS = "零一二三四五六七八九"
DATES = st.dates(date(1949, 1, 1), date(2099, 12, 31))
ANY_CELL = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60), st.dates(), st.datetimes(),
    st.text("0123456789一二三十百千万亿元人户年月日号.-/,:+E¥ ①²", max_size=24),
)  # fmt: skip

DATE_FORMS = [
    "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0:%Y%m%d}", "{0.year}-{0.month}-{0.day}",
    "{0.year}年{0.month}月{0.day}日", "{0.year} 年 {0.month} 月 {0.day} 号",
    "{0:%Y-%m-%d} 09:12:33", "{0:%Y-%m-%d}T23:59", "{0:%Y/%m/%d} 上午",
]  # fmt: skip
IMPOSSIBLE_DATES = [
    "2026-02-30", "2026年2月29日", "2026年13月1日", "2026-00-10", "20260230", "1890-01-05", "2100-01-01",
    date(1900, 1, 5), date(2100, 1, 1),
]  # fmt: skip
AMBIGUOUS_DATES = [
    "5/1/2026", "12-1-5", "2026-1", "3月中旬", "2026.3.9-3.10", "3月9日至11日", "2026-3-17 星期一", 3.1,
    "2026年1月", "上周三", "2026-01-05至2026-01-08", "一二月五日", "三五月一日",
    "2026年两月五日", "2026-01-05 25:00", "12345", "99999", "①", "2026-1-5²", 1.5, True, "",
]  # fmt: skip
NO_SUMS = [
    "几千块", "三五元", "三百五", "3万5百", "3万05", "三万五六", "3万5-6千",
    "二三千元", "3百5", "3万50", "3万0", "三百五十", "1-2万", "约3万", "3万多", "1,23", "1.2.3", "五", "五百", "-5",
    "3万元5", "100美元", "10²", "½", "①", "1e5", "9" * 41, "", "100.005", "0.0000001",
    -1, float("nan"), float("inf"), 10**15, True, date(2026, 1, 5), 0.001,
]  # fmt: skip
NO_COUNTS = [
    "三五人", "十余人", "3-5人", "几人", "七", "7.5", 7.5, "多人", "7人8人", "⑦", "7²", True, "", "1" * 10,
]  # fmt: skip


def chinese(number: int) -> str:
    """How a number below a billion billions is written out, written independently of the reader."""
    if number == 0:
        return "零"
    if number >= 10**4:
        size, name = (10**8, "亿") if number >= 10**8 else (10**4, "万")
        high, low = divmod(number, size)
        return chinese(high) + name + (("零" if low < size // 10 else "") + chinese(low) if low else "")
    digits = f"{number:04}"
    written = "".join(
        DIGITS[int(digit)] + place if digit != "0" else "零"
        for digit, place in zip(digits, "千百十-", strict=True)
    )
    return re.sub("零+", "零", written.replace("-", "")).strip("零")


def alike(numeral: str) -> str:
    """A numeral without the liberties that mean nothing: 两 for 二, 〇 for 零, 十 for 一十."""
    return re.sub("(^|零|[万亿])十", r"\1一十", numeral.replace("两", "二").replace("〇", "零"))


@given(ANY_CELL)
def test_no_reader_raises_and_every_fault_says_how_to_mend_it(cell: Cell) -> None:
    found = [
        read_text(cell, 40),
        read_date(cell),
        read_date(cell, YearHint(2026, 1)),
        read_money(cell, "万元", 10**9),
    ]
    for value in (*found, read_count(cell, 1, 1000), cell_error(cell)):
        if isinstance(value, Fault):
            assert all((value.reason.zh, value.reason.en, value.mend.zh, value.mend.en))
    kinds = [str, date, date, Decimal]
    assert all(isinstance(value, kind | Fault) for value, kind in zip(found, kinds, strict=True))


class TestDates:
    @given(DATES, st.sampled_from(DATE_FORMS))
    def test_each_way_of_writing_a_day(self, day: date, form: str) -> None:
        assert read_date(form.format(day)) == day

    @given(DATES)
    def test_chinese_numerals(self, day: date) -> None:
        year = "".join(DIGITS[int(digit)] for digit in str(day.year))
        month, number = (chinese(part).removeprefix("一") if part in range(10, 20) else chinese(part)
                         for part in (day.month, day.day))  # fmt: skip
        assert read_date(f"{year}年{month}月{number}日") == day
        assert read_date(f"{year.replace('零', '〇')}年{chinese(day.month)}月{chinese(day.day)}号") == day

    @given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
    def test_serial_numbers_of_spreadsheets(self, day: date) -> None:
        serial = (day - date(1899, 12, 30)).days
        assert read_date(serial) == read_date(float(serial)) == read_date(f"{serial}.375") == day

    @given(st.builds(datetime.combine, DATES, st.times()))
    def test_cells_that_are_dates(self, moment: datetime) -> None:
        assert read_date(moment) == read_date(moment.date()) == moment.date()

    @given(st.text("0123456789年月日号-/. 〇一二三十两 ", min_size=5, max_size=12))
    @example("一二月五日")
    @example("2026年两月五日")
    @example("2026-1/5")
    @example("2026年13月1日")
    def test_what_is_read_writes_back_the_same(self, written: str) -> None:
        day = read_date(written)
        if isinstance(day, Fault):
            return
        text = fold(written).replace("零", "〇")
        serial = str((day - date(1899, 12, 30)).days)
        forms = {f"{day:%Y%m%d}", serial}
        year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
        parts = [
            {
                str(part),
                f"{part:02}",
                chinese(part),
                alike(chinese(part)).removeprefix("一") if 10 <= part < 20 else str(part),
            }
            for part in (day.month, day.day)
        ]
        for month, number in itertools.product(*parts):
            forms |= {
                f"{day.year}{sep}{month}{sep}{number}{end}" for sep in "-/." for end in ("", "日", "号")
            }
            forms |= {
                f"{day.year % 100:02}{sep}{month}{sep}{number}{end}"
                for sep in "-/."
                for end in ("", "日", "号")
            }
            forms |= {
                f"{one}{sep}{other}{sep}{day.year}"
                for sep in "-/."
                for one, other in ((month, number), (number, month))
            }
            forms |= {
                f"{it}年{month}月{number}{end}"
                for it in (str(day.year), year, f"{day.year % 100:02}")
                for end in ("", "日", "号")
            }
        assert text in forms or re.fullmatch(rf"{serial}\.[0-9]+", text)

    @pytest.mark.parametrize("written", IMPOSSIBLE_DATES)
    def test_days_that_are_not_or_cannot_be(self, written: Cell) -> None:
        assert isinstance(read_date(written), Fault)

    @pytest.mark.parametrize("written", AMBIGUOUS_DATES)
    def test_what_can_be_read_in_two_ways_is_not_read(self, written: Cell) -> None:
        fault = read_date(written, YearHint(2026))
        assert isinstance(fault, Fault)
        assert "2026-01-05" in fault.mend.zh

    @pytest.mark.parametrize(
        ("written", "day"),
        [
            ("26-3-5", date(2026, 3, 5)),
            ("26.3.5", date(2026, 3, 5)),
            ("26年3月5日", date(2026, 3, 5)),
            ("3.11", date(2026, 3, 11)),
            (3.12, date(2026, 3, 12)),
            ("3/11", date(2026, 3, 11)),
            ("3月11", date(2026, 3, 11)),
            ("三月十九日", date(2026, 3, 19)),
            ("2026年3月15", date(2026, 3, 15)),
            ("2026-3-17 星期二", date(2026, 3, 17)),
            ("3月17日(周二)", date(2026, 3, 17)),
            ("三月十七日 星期二", date(2026, 3, 17)),
            ("2026-03-02 9时30分", date(2026, 3, 2)),
            ("2026-03-02 上午 9:30", date(2026, 3, 2)),
            ("13/03/2026", date(2026, 3, 13)),
            ("03/13/2026", date(2026, 3, 13)),
            ("03/03/2026 09:12", date(2026, 3, 3)),
        ],
    )
    def test_what_clerks_write(self, written: Cell, day: date) -> None:
        assert read_date(written, YearHint(2026)) == day

    def test_a_workbook_of_1904_counts_from_another_day(self) -> None:
        assert read_date(44624, zero=SERIAL_ZERO_1904) == date(2026, 3, 5)
        assert read_date(46086) == date(2026, 3, 5)

    def test_the_year_of_the_ledger_is_told(self) -> None:
        told: list[int] = []
        for written in ("2026-01-05", "1月5日", "1月35日", "26-1-5"):
            read_date(written, YearHint(2026), told=lambda: told.append(1))
        assert told == [1]

    def test_a_day_without_a_year_needs_a_ledger_that_settles_it(self) -> None:
        assert isinstance(read_date("1月5日"), Fault)
        assert (
            read_date("1月5日", YearHint(2026))
            == read_date("一月五号", YearHint(2026, 1))
            == date(2026, 1, 5)
        )
        assert isinstance(read_date("12月28日", YearHint(2026, last_month=1)), Fault)
        assert isinstance(read_date("2月29日", YearHint(2026)), Fault)


class TestDoubt:
    @pytest.mark.parametrize(
        ("cell", "unit", "amount"),
        [
            (35000, "万元", None), ("35,000", "万元", None), ("35000元", "万元", 35_000), ("3.5w", "万元", 35_000),
            ("3.5W元", "元", 35_000), (8.8, "万元", 88_000), (999, "万元", 9_990_000), (1000, "万元", None),
            (35000, "元", 35_000),
        ],
    )  # fmt: skip
    def test_a_bare_number_too_large_for_its_heading_is_doubted(
        self, cell: Cell, unit: str, amount: int | None
    ) -> None:
        found = read_money(cell, unit, doubtful=1000)
        assert found == amount if amount is not None else isinstance(found, Fault)


class TestMoney:
    @given(
        st.integers(0, 10**12),
        st.sampled_from(
            ["{}元", "{}", "¥{}", "\uffe5{}", "{}块钱", "人民币{}元整", "{:,}", "{:,}.00元", "RMB {}"]
        ),
    )
    def test_each_way_of_writing_a_sum(self, yuan: int, form: str) -> None:
        assert read_money(form.format(yuan)) == yuan

    @given(st.integers(0, 10**12 - 1))
    def test_chinese_numerals(self, yuan: int) -> None:
        formal = chinese(yuan).translate(
            str.maketrans("一二三四五六七八九十百千万", "壹贰叁肆伍陆柒捌玖拾佰仟萬")
        )
        assert read_money(f"{chinese(yuan)}元") == read_money(f"人民币{formal}元整") == yuan

    @given(
        st.decimals(0, 10**6, places=2),
        st.sampled_from([("元", 1), ("千元", 1000), ("万元", 10**4), ("万", 10**4), ("亿", 10**8)]),
    )
    def test_units(self, number: Decimal, unit: tuple[str, int]) -> None:
        name, factor = unit
        assert read_money(f"{number}{name}") == number * factor
        assert read_money(f"{number}{name}", "万元") == number * factor
        column = name if name.endswith("元") else f"{name}元"
        assert read_money(str(number), column) == read_money(float(number), column) == number * factor

    @given(st.text("0123456789.,元万亿千百十零一二三两五¥整块钱-~几余 ", max_size=14))
    @example("三五元")
    @example("三万五")
    @example("3万5千")
    @example("1,23元")
    @example("两三千元")
    def test_what_is_read_writes_back_the_same(self, written: str) -> None:
        amount = read_money(written)
        if isinstance(amount, Fault):
            return
        text = re.sub("^(¥)", "", fold(written)).removesuffix("整")
        number = re.fullmatch(r"([0-9,.]+)([千万亿]?)(?:元|块钱?)?", text)
        if number is not None:
            factor = {"": 1, "千": 10**3, "万": 10**4, "亿": 10**8}[number[2]]
            assert Decimal(number[1].replace(",", "")) * factor == amount
            assert "," not in number[1] or f"{Decimal(number[1].replace(',', '')):,}" == number[1]
        else:
            said = re.sub("(元|块钱?)$", "", text)
            said = re.sub(
                "(0?)([0-9]+)",
                lambda it: ("零" if it[1] else "") + chinese(int(it[2])),
                said.replace("W", "万"),
            )
            # 三万五 is said for 三万五千.
            tenth = {"亿": "千万", "万": "千", "千": "百", "百": "十"}
            short = re.fullmatch("(.*)([亿万千百])([一二三四五六七八九])", said)
            full = [said, f"{short[1]}{short[2]}{short[3]}{tenth[short[2]]}"] if short else [said]
            assert alike(chinese(int(amount))) in map(alike, full)

    @pytest.mark.parametrize(
        ("written", "yuan"),
        [
            ("三万五", 35_000), ("3万5", 35_000), ("3万5千", 35_000), ("3万5千元", 35_000), ("3w5", 35_000),
            ("12万5千", 125_000), ("1亿2千万", 120_000_000), ("3千5", 3_500), ("三千五百元", 3_500),
            ("三百五元", 350), ("一万三千五", 13_500), ("2万3千5百元整", 23_500), ("十二万五", 125_000),
            ("3万5000", 35_000), ("3万0500元", 30_500), ("三万零五百", 30_500), ("三万5千", 35_000), ("3万五", 35_000),
            ("伍万圆整", 50_000), ("俩万", 20_000), ("1万2千3百45", 12_345), ("3千500", 3_500),
        ],
    )  # fmt: skip
    def test_sums_as_they_are_said(self, written: str, yuan: int) -> None:
        assert read_money(written) == read_money(written, "万元") == yuan

    @pytest.mark.parametrize("written", NO_SUMS)
    def test_what_is_no_one_sum_is_not_read(self, written: Cell) -> None:
        assert isinstance(read_money(written), Fault)

    def test_the_dust_of_a_spreadsheets_arithmetic_is_no_part_of_a_fen(self) -> None:
        assert read_money(0.1 + 0.2) == read_money("0.30000000000000004") == Decimal("0.30")
        assert read_money(56.2 * 3) == Decimal("168.60")

    def test_a_sum_above_what_is_possible(self) -> None:
        assert read_money("1亿", maximum=10**8) == 10**8
        assert isinstance(read_money("1.1亿", maximum=10**8), Fault)


class TestCounts:
    @given(st.integers(0, 10**5), st.sampled_from(["{}", "{}人", "{}名", "{} 位", "3户{}人", "共{}人"]))
    def test_each_way_of_writing_a_count(self, count: int, form: str) -> None:
        assert read_count(form.format(count)) == read_count(count) == read_count(float(count)) == count
        assert read_count(f"{chinese(count)}人") == count

    @given(st.text("0123456789人名位户一二三十百两零余几-、 ", max_size=8))
    @example("三五人")
    def test_what_is_read_writes_back_the_same(self, written: str) -> None:
        count = read_count(written)
        if isinstance(count, Fault):
            return
        text = re.sub("^(?:共|[0-9]+户)", "", fold(written))
        text = re.sub("[人名位]$", "", text)
        assert alike(text) == alike(chinese(count)) or (text.isdecimal() and int(text) == count)

    @pytest.mark.parametrize("written", NO_COUNTS)
    def test_what_is_no_one_count_is_not_read(self, written: Cell) -> None:
        assert isinstance(read_count(written), Fault)

    def test_bounds(self) -> None:
        assert read_count("7", 1, 7) == read_count(7.0, 7, 7) == 7
        for fault in (read_count("0", 1), read_count("8", 1, 7)):
            assert isinstance(fault, Fault)
            assert "1" in fault.mend.zh


class TestText:
    @given(st.text(max_size=60))
    def test_what_a_person_sees_is_read_as_it_is(self, written: str) -> None:
        read = read_text(written)
        if isinstance(read, str):
            assert read == plain(written)
            assert len(read) <= len(written)

    @given(st.text("张三'’=+-@\"1 \t", max_size=8))
    def test_guards_of_spreadsheets_are_no_part_of_the_text(self, written: str) -> None:
        assert plain(f'="{written.replace(chr(34), chr(34) * 2)}"') == written.strip()

    @pytest.mark.parametrize("cell", [10**15, 2.02601050001e17, "2.02601E+17", "1.23e5", float("inf")])
    def test_long_numbers_that_a_spreadsheet_has_rounded(self, cell: Cell) -> None:
        fault = read_text(cell)
        assert isinstance(fault, Fault)
        assert "文本" in fault.mend.zh

    def test_numbers_that_it_has_not(self) -> None:
        assert read_text(20260103000101) == "20260103000101"
        assert read_text(13800000001.0) == "13800000001"
        assert read_text("140429198001010011") == "140429198001010011"

    def test_length(self) -> None:
        assert read_text("七个字以内的话", 7) == "七个字以内的话"
        assert isinstance(read_text("八个字以内的话。", 7), Fault)

    def test_what_stands_for_a_value_that_is_none(self) -> None:
        assert all(cell_error(cell) for cell in ("#REF!", "#N/A", " #VALUE! ", "#DIV/0!", UNCOMPUTED))
        assert not any(cell_error(cell) for cell in ("#1", "N/A", None, 0, date(2026, 1, 5)))


@given(st.integers(1, 10**12 - 1))
def test_a_number_is_what_is_written(number: int) -> None:
    assert chinese_number(chinese(number)) == number


def test_the_two_years_around_a_leap_day() -> None:
    assert read_date("2028-02-29") == date(2028, 2, 28) + timedelta(days=1)
    assert isinstance(read_date("2026-02-29"), Fault)
