"""Ledgers as text files: encodings, delimiters, quotes, headers, and files that are something else."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jiefen.errors import LedgerError
from jiefen_adapters.ledgers import LEDGERS, AreaDirectory
from jiefen_adapters.ledgers.sheets import MAX_BYTES, MAX_LINES
from tests.support.chance import examples
from tests.unit.adapters.conftest import Read
from tests.unit.adapters.ledger_files import GOOD, HOTLINE, Whole, row, save_text, text, whole


def notes(reading: Whole) -> str:
    return " ".join(map(str, reading.notes))


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "told"),
        [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gbk", "GBK"), ("gb18030", "GBK"), ("utf-16", "UTF-16"),
         ("utf-16-le", "UTF-16")],
    )  # fmt: skip
    def test_each_is_recognised_and_told(self, tmp_path: Path, read: Read, encoding: str, told: str) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(来电人="甲某"), encoding=encoding))
        assert [item.parties[0]["name"] for item in reading.rows] == ["甲某"]
        assert f"encoding: {told}" in notes(reading)

    def test_rare_characters_of_gb18030(self, tmp_path: Path, read: Read) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(来电人="甲𠮷"), encoding="gb18030"))
        assert reading.rows[0].parties[0]["name"] == "甲𠮷"

    def test_bytes_that_are_no_text(self, tmp_path: Path, read: Read) -> None:
        path = save_text(tmp_path / "12345.csv", row(), row())
        path.write_bytes(path.read_bytes() + b"\xff\xff")
        with pytest.raises(LedgerError, match=r"12345\.csv: .*UTF-8 读到第4行.*'CSV UTF-8'"):
            read(path)

    def test_a_mark_settles_the_encoding(self, tmp_path: Path, read: Read) -> None:
        path = tmp_path / "12345.csv"
        path.write_bytes(b"\xef\xbb\xbf" + text([HOTLINE, row()]).encode("gbk"))
        with pytest.raises(LedgerError, match="encoding"):
            read(path)


class TestDelimiters:
    @pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    @pytest.mark.parametrize(
        ("delimiter", "told"), [(",", ""), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")]
    )
    def test_each_is_recognised_and_told(
        self, tmp_path: Path, read: Read, delimiter: str, told: str, quoting: int
    ) -> None:
        cells = row(诉求内容='他说"不给",\n第二天又说;再等等')
        reading = read(
            save_text(
                tmp_path / "12345.csv",
                cells,
                row(工单编号="W2", 来电人="乙某"),
                delimiter=delimiter,
                quoting=quoting,
            )
        )
        assert [item.facts["source_ref"] for item in reading.rows] == ["W1", "W2"]
        assert [item.number for item in reading.rows] == [2, 3]
        assert reading.rows[0].facts["description"] == '他说"不给",\n第二天又说;再等等'
        assert told in notes(reading)

    def test_a_quote_that_is_never_closed_is_found(self, tmp_path: Path, read: Read) -> None:
        path = save_text(tmp_path / "12345.csv", row(), row(工单编号="W2"))
        path.write_text(path.read_text("utf-8") + 'W3,"2026-01-05,投诉\n' + text([row()] * 20), "utf-8")
        with pytest.raises(LedgerError, match=r"第4行\(文本第4行起\).*line 4 .*unpaired quote"):
            read(path)

    def test_the_same_near_the_header(self, tmp_path: Path, read: Read) -> None:
        path = save_text(tmp_path / "12345.csv")
        path.write_text(path.read_text("utf-8") + 'W3,"2026-01-05,投诉\n', "utf-8")
        with pytest.raises(LedgerError, match=r"line 2 .*unpaired quote"):
            read(path)

    def test_a_quote_that_swallows_lines_sends_them_back_as_one(self, tmp_path: Path, read: Read) -> None:
        lines = text([HOTLINE, row(), row(工单编号="W2"), row(工单编号="W3")]).splitlines()
        lines[2] = lines[2].replace("W2,", 'W2,"')
        lines[3] = lines[3].replace("W3,", 'W3",')
        path = tmp_path / "12345.csv"
        path.write_text("\n".join(lines), "utf-8")
        reading = read(path)
        assert len(reading.rows) == 1
        [reject] = reading.rejects
        assert reject.number == 3
        assert "格" in reject.wrong[0].fault.reason.zh

    def test_empty_cells_more_or_fewer_at_the_end_change_nothing(self, tmp_path: Path, read: Read) -> None:
        more, fewer = [*row(), "", " "], row(工单编号="W2", 来电人="乙某")[:-2]
        reading = read(save_text(tmp_path / "12345.csv", more, fewer))
        assert [item.facts["source_ref"] for item in reading.rows] == ["W1", "W2"]
        assert reading.rows[0].notes == ()
        assert "8 cells, the header 10" in reading.rows[1].notes[0].en

    def test_a_line_with_more_in_it_than_the_header_has_goes_back(self, tmp_path: Path, read: Read) -> None:
        bad = row(工单编号="W2")
        reading = read(save_text(tmp_path / "12345.csv", row(), [*bad[:4], "x", *bad[4:]]))
        assert len(reading.rows) == 1
        [reject] = reading.rejects
        assert (reject.number, reject.wrong[0].value) == (3, "11")
        assert "delimiter" in reject.wrong[0].fault.mend.en

    def test_a_ditto_below_such_a_line_is_not_filled_from_further_up(
        self, tmp_path: Path, read: Read
    ) -> None:
        bad = row(工单编号="W2", 来电人="乙某")
        below = row(工单编号="W3", 事发地="〃")
        reading = read(save_text(tmp_path / "12345.csv", row(), [*bad[:4], "x", *bad[4:]], below))
        assert [item.facts["source_ref"] for item in reading.rows] == ["W1"]
        assert [reject.number for reject in reading.rejects] == [3, 4]
        assert reading.rejects[1].wrong[0].column == "事发地"


class TestHeaders:
    def test_missing_columns_are_named(self, tmp_path: Path, read: Read) -> None:
        path = tmp_path / "12345.csv"
        path.write_text(text([[name for name in HOTLINE if name not in ("事发地", "来电时间")]]), "utf-8")
        with pytest.raises(LedgerError) as error:
            read(path)
        assert "缺少的列:来电时间/受理时间、事发地/事发地址/所属区域" in str(error.value)
        assert "nearest is hotline_12345" in str(error.value)

    def test_extra_columns_are_noted_and_kept(self, tmp_path: Path, read: Read) -> None:
        path = tmp_path / "12345.csv"
        head = [*HOTLINE, "承办单位", "诉求标题", "回访员"]
        path.write_text(text([head, [*row(), "人社局", "又一个", "0412"]]), "utf-8")
        reading = read(path)
        assert "没有用到的列:诉求标题(2)、回访员" in notes(reading)
        assert reading.rows[0].original["回访员"] == "0412"
        assert "〔承办单位〕人社局" in reading.rows[0].facts["description"]
        assert reading.rows[0].facts["title"] == "工地拖欠工资"

    def test_headings_are_compared_without_width_stars_and_spaces(self, tmp_path: Path, read: Read) -> None:
        path = tmp_path / "12345.csv"
        heads = [*(f" {name}* " for name in HOTLINE[:-2]), "涉及 金额(元)", "涉及人数*"]
        path.write_text(text([heads, row()]), "utf-8")
        assert read(path).rows[0].facts["amount"] == 12_000

    @pytest.mark.parametrize(
        ("head", "amount"), [("涉及金额", 3), ("涉及金额(元)", 3), ("涉及金额(万元)", 30_000)]
    )
    def test_a_heading_may_name_the_unit(self, tmp_path: Path, read: Read, head: str, amount: int) -> None:
        path = tmp_path / "12345.csv"
        path.write_text(text([[*HOTLINE[:-2], head, "涉及人数"], row(涉及金额="3")]), "utf-8")
        assert read(path).rows[0].facts["amount"] == amount

    def test_a_header_again_on_a_new_page_is_no_matter(self, tmp_path: Path, read: Read) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(), HOTLINE, row(工单编号="W2", 来电人="乙某")))
        assert (len(reading.rows), len(reading.rejects)) == (2, 0)
        assert "没有读的行:3" in notes(reading)

    @pytest.mark.parametrize(
        ("above", "name", "said"),
        [
            ("2026年热线台账", "12345", date(2026, 12, 28)),
            ("2025年热线台账", "12345", date(2025, 12, 28)),
            ("热线台账", "12345-2025", date(2025, 12, 28)),
            ("2026年1月热线台账", "12345-2025", None),
            ("2026年1-3月", "12345", None),
            ("2025年1-12月", "12345", date(2025, 12, 28)),
            ("导出时间:2026-01-12 08:00", "12345", None),
            ("导出 20260112", "12345", None),
            ("2025年12月至2026年1月", "12345", None),
            ("电话13820261234", "12345", None),
            ("热线台账", "12345", None),
        ],
    )
    def test_the_year_of_days_without_one(
        self, tmp_path: Path, read: Read, above: str, name: str, said: date | None
    ) -> None:
        path = tmp_path / f"{name}.csv"
        path.write_text(text([[above], HOTLINE, row(来电时间="12月28日")]), "utf-8")
        reading = read(path)
        assert [item.facts["received_on"] for item in reading.rows] == ([said] if said else [])
        if said is None:
            assert "年份" in reading.rejects[0].wrong[0].fault.reason.zh
            assert "--year" in reading.rejects[0].wrong[0].fault.mend.en
            told = read(path, year=2024)
            assert told.rows[0].facts["received_on"] == date(2024, 12, 28)
            assert "1 dates without a year were read as of 2024" in notes(told)

    def test_two_layouts_that_fit_are_told_apart_by_the_name(self, tmp_path: Path, read: Read) -> None:
        both = {**dict(zip(HOTLINE, GOOD, strict=True)), "直通车编号": "Z1", "登记日期": "2026-01-06", "反映人": "乙某",
                "所在乡镇": "蟠龙镇", "反映事项": "别的事", "事项分类": "邻里纠纷"}  # fmt: skip
        for name, ledger in (("12345热线.csv", "hotline_12345"), ("民生直通车.csv", "livelihood_express")):
            (tmp_path / name).write_text(text([list(both), list(both.values())]), "utf-8")
            assert read(tmp_path / name).ledger == ledger
        for name in ("台账.csv", "民生热线.csv"):
            path = tmp_path / name
            path.write_text(text([list(both), list(both.values())]), "utf-8")
            with pytest.raises(
                LedgerError, match=r"表头同时像12345热线台账、民生直通车台账.*in the file's name"
            ):
                read(path)
            assert read(path, ledger="livelihood_express").rows[0].parties[0]["name"] == "乙某"

    def test_a_layout_that_is_not_there(self, tmp_path: Path, read: Read) -> None:
        with pytest.raises(
            LedgerError, match=r"no ledger 'book'; there are hotline_12345, livelihood_express"
        ):
            read(save_text(tmp_path / "12345.csv", row()), ledger="book")
        with pytest.raises(LedgerError, match="no ledger 'book'"):
            LEDGERS.title("book")
        assert LEDGERS.title("visit_ledger").text("en") == "Great-visit ledger"


class TestCells:
    @pytest.mark.parametrize(
        ("cells", "column"),
        [
            ({"来电时间": ""}, "来电时间"),
            ({"来电时间": "2026-02-30"}, "来电时间"),
            ({"诉求分类": "不详"}, "诉求分类"),
            ({"诉求标题": "/"}, "诉求标题"),
            ({"事发地": ""}, "事发地"),
            ({"事发地": "花果山村"}, "事发地"),
        ],
        ids=lambda value: str(value)[:24],
    )
    def test_a_cell_that_must_be_read_sends_its_row_back(
        self, tmp_path: Path, read: Read, cells: dict[str, str], column: str
    ) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(**cells), row(工单编号="W2", 来电人="乙某")))
        assert [item.key for item in reading.rows] == ["12345:W2"]
        [reject] = reading.rejects
        assert (reject.number, [one.column for one in reject.wrong]) == (2, [column])

    @pytest.mark.parametrize(("said", "kind"), [("咨询", "enquiry"), ("报修", "repair"), ("感谢", "praise")])
    def test_what_is_no_dispute_goes_by_a_process_of_its_own(
        self, tmp_path: Path, read: Read, said: str, kind: str
    ) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(诉求类型=said, 诉求分类=""), row(工单编号="W2")))
        first, second = reading.rows
        assert (first.process, first.facts["request_kind"], first.notes) == ("enquiry", kind, ())
        assert (second.process, "request_kind" in second.facts) == (None, False)

    def test_what_is_suggested_goes_by_the_process_of_petitions(self, tmp_path: Path, read: Read) -> None:
        said = row(诉求类型="建议", 诉求分类="建议")
        other = row(工单编号="W2", 诉求类型="投诉", 诉求分类="建议", 诉求标题="路灯不亮")
        first, second = read(save_text(tmp_path / "12345.csv", said, other)).rows
        assert first.process == "petition"
        assert (first.facts["matter_type"], first.facts["dispute_type"]) == ("suggestion", "suggestion")
        assert (second.process, second.facts["matter_type"]) == (None, "claim")

    @pytest.mark.parametrize(
        ("name", "column", "cells"),
        [
            ("visit_ledger", "问题类别", {"走访日期": "2026.3.1", "乡镇": "蟠龙镇", "村(社区)": "上司村",
                "群众姓名": "甲一", "反映问题": "路灯不亮", "序号": 1}),
            ("livelihood_express", "事项分类", {"登记日期": "2026.3.1", "所在乡镇": "蟠龙镇", "所在村": "上司村",
                "反映人": "甲一", "反映事项": "路灯不亮", "直通车编号": "1"}),
            ("petition_backlog", "信访类别", {"登记日期": "2026.3.1", "属地/乡镇": "蟠龙镇", "属地/村": "上司村",
                "信访人/姓名": "甲一", "信访事项": "路灯不亮", "编号": "1"}),
            ("hotline_12345", "诉求分类", {"来电时间": "2026.3.1", "事发地": "蟠龙镇上司村", "诉求标题": "路灯不亮",
                "工单编号": "1"}),
        ],
    )  # fmt: skip
    def test_every_ledger_knows_what_is_no_dispute(
        self, areas: AreaDirectory, name: str, column: str, cells: dict[str, object]
    ) -> None:
        kinds = {"咨询": "enquiry", "报修": "enquiry", "表扬": "enquiry", "建议": "petition", "邻里": None}
        for said, process in kinds.items():
            [found] = LEDGERS.read_rows([{**cells, column: said}], layout=name, areas=areas).rows
            assert (found.process, found.notes) == (process, ()), said

    def test_everything_that_is_wrong_with_a_row_is_told_at_once(self, tmp_path: Path, read: Read) -> None:
        bad = row(来电时间="3月中旬", 诉求标题="", 事发地="花果山村", 涉及人数="约10人")
        [reject] = read(save_text(tmp_path / "12345.csv", bad)).rejects
        assert [one.column for one in reject.wrong] == ["来电时间", "诉求标题", "事发地"]

    @pytest.mark.parametrize(
        ("cells", "column", "fact"),
        [
            ({"诉求内容": "很" * 4001}, "诉求内容", None),
            ({"来电人": "1.38E+10"}, "来电人", None),
            ({"涉及金额": "几千块"}, "涉及金额", "amount"),
            ({"涉及金额": "约2万"}, "涉及金额", "amount"),
            ({"涉及金额": "#REF!"}, "涉及金额", "amount"),
            ({"涉及人数": "0"}, "涉及人数", "persons"),
            ({"涉及人数": "三五人"}, "涉及人数", "persons"),
            ({"诉求类型": "不清楚"}, "诉求类型", None),
            ({"工单编号": "2.0260103E+13"}, "工单编号", None),
            ({"诉求分类": "外星纠纷", "诉求标题": "别的", "诉求内容": "事"}, "诉求分类", None),
            ({"诉求分类": "离婚与欠条"}, "诉求分类", None),
        ],
        ids=lambda value: str(value)[:24],
    )
    def test_a_cell_that_need_not_be_filled_opens_the_case_with_its_words(
        self, tmp_path: Path, read: Read, cells: dict[str, str], column: str, fact: str | None
    ) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(**cells)))
        [found] = reading.rows
        assert found.notes[0].en.startswith(column)
        assert f"〔{column}〕{cells[column]}"[:50] in found.facts["description"]
        assert fact is None or fact not in found.facts
        assert len(found.facts["description"]) <= 4000

    @pytest.mark.parametrize("number", ["", "无", "2.0260103E+13", "W" * 300])
    def test_a_number_that_says_nothing_is_no_identity(self, tmp_path: Path, read: Read, number: str) -> None:
        path = save_text(tmp_path / "12345.csv", row(工单编号=number), row(工单编号=number, 来电人="乙某"))
        keys = [item.key for item in read(path).rows]
        assert len(set(keys)) == 2
        assert keys == [item.key for item in read(path).rows]

    @pytest.mark.parametrize("name", ["来电人", "诉求内容", "涉及金额", "涉及人数", "诉求类型"])
    def test_a_cell_that_may_be_empty(self, tmp_path: Path, read: Read, name: str) -> None:
        for empty in ("", "无", "—", " / "):
            assert read(save_text(tmp_path / "12345.csv", row(**{name: empty}))).rejects == []

    @pytest.mark.parametrize(
        ("said", "fact", "expected"),
        [("未发现家暴", "violence", None), ("没有发现家暴", "violence", None), ("不排除家暴", "violence", True),
         ("无家暴,但有拳打脚踢", "violence", True), ("无家暴,家暴未见", "violence", True),
         ("不涉及未成年人", "minor_involved", None), ("当事人不同意调解", "refuses_mediation", True)],
    )  # fmt: skip
    def test_negated_signs_are_none(
        self, tmp_path: Path, read: Read, said: str, fact: str, expected: bool | None
    ) -> None:
        [found] = read(save_text(tmp_path / "12345.csv", row(诉求内容=said))).rows
        assert found.facts.get(fact) is expected

    def test_what_a_category_leaves_open_the_words_may_settle(self, tmp_path: Path, read: Read) -> None:
        settled = row(诉求分类="其他", 诉求标题="邻居采光", 诉求内容="挡了")
        open_ = row(工单编号="W2", 诉求分类="其他", 诉求标题="离婚", 诉求内容="还有欠条")
        reading = read(save_text(tmp_path / "12345.csv", settled, open_))
        assert [item.facts["dispute_type"] for item in reading.rows] == ["neighbour", "other"]
        assert "family, lending" in reading.rows[1].notes[0].en

    def test_a_matter_of_no_listed_kind_is_registered_all_the_same(self, tmp_path: Path, read: Read) -> None:
        kinds = [
            "合同纠纷",
            "生产经营纠纷",
            "损害赔偿",
            "村务管理",
            "环境污染",
            "民族宗教",
            "退役军人安置",
            "建筑工程质量",
            "其他",
        ]
        rows = [
            row(工单编号=f"W{n}", 诉求分类=kind, 诉求标题=f"第{n}件", 诉求内容="详见附件")
            for n, kind in enumerate(kinds)
        ]
        reading = read(save_text(tmp_path / "12345.csv", *rows))
        assert reading.rejects == []
        assert [item.facts["dispute_type"] for item in reading.rows] == [
            "contract", "business", "damages", "village_affairs", "environment", "religion_ethnic", "veterans",
            "construction", "other",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("category", "kind"),
        [
            ("债务", "lending"), ("借钱", "lending"), ("环境", "environment"), ("家庭", "family"),
            ("租赁", "contract"), ("工资", "labour"), ("土地租赁", "land_contract"), ("讨薪", "labour"),
            ("漏水", "neighbour"), ("分家", "family"), ("抚养", "family"), ("人身损害", "damages"), ("狗咬", "damages"),
            ("斗殴", "minor_injury"), ("干部作风", "accusation"), ("村账", "village_affairs"), ("网购", "consumer"),
            ("涉诉", "judicial_complaint"), ("意见", "suggestion"), ("补偿款分配", "collective_membership"),
        ],
    )  # fmt: skip
    def test_categories_as_people_shorten_them(
        self, tmp_path: Path, read: Read, category: str, kind: str
    ) -> None:
        [found] = read(save_text(tmp_path / "12345.csv", row(诉求分类=category, 诉求标题="见附件"))).rows
        assert (found.facts["dispute_type"], found.notes) == (kind, ())

    @pytest.mark.parametrize("category", ["土地", "土地纠纷", "民事纠纷"])
    def test_a_category_of_several_types_is_settled_by_the_matter_or_told(
        self, tmp_path: Path, read: Read, category: str
    ) -> None:
        clear = row(诉求分类=category, 诉求标题="两家争地界", 诉求内容="见附件")
        vague = row(工单编号="W2", 诉求分类=category, 诉求标题="见附件", 诉求内容="见附件")
        first, second = read(save_text(tmp_path / "12345.csv", clear, vague)).rows
        assert (first.facts["dispute_type"], first.notes) == ("land_ownership", ())
        assert second.facts["dispute_type"] == "other"
        assert category in second.notes[0].zh

    def test_words_do_not_reach_over_two_columns(self, tmp_path: Path, read: Read) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(诉求标题="工资纠纷,有家", 诉求内容="暴雨")))
        assert "violence" not in reading.rows[0].facts


class TestRepeats:
    def test_the_same_number(self, tmp_path: Path, read: Read) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(), row(诉求标题="完全不同的另一件事情")))
        assert [item.number for item in reading.rows] == [2]
        assert "12345.csv, line 2" in reading.rejects[0].wrong[0].fault.reason.en

    @pytest.mark.parametrize(
        ("cells", "same"),
        [
            ({}, True),
            ({"诉求标题": "反映工地拖欠工资问题"}, True),
            ({"来电时间": "2026-04-05"}, True),
            ({"来电时间": "2026-04-06"}, False),
            ({"来电人": "乙某"}, False),
            ({"来电人": ""}, False),
            ({"诉求标题": "工伤没有认定"}, False),
            ({"诉求分类": "邻里纠纷"}, False),
            ({"事发地": "蟠龙镇下司村"}, False),
        ],
        ids=str,
    )
    def test_the_same_matter_of_the_same_person(
        self, tmp_path: Path, read: Read, cells: dict[str, str], same: bool
    ) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(), row(**({"工单编号": "W2"} | cells))))
        assert [bool(reading.rejects), len(reading.rows)] == [same, 1 if same else 2]

    def test_nameless_people_are_not_one_person(self, tmp_path: Path, read: Read) -> None:
        reading = read(save_text(tmp_path / "12345.csv", row(来电人=""), row(工单编号="W2", 来电人="")))
        assert len(reading.rows) == 2

    def test_a_file_that_is_named_twice_is_read_once(self, tmp_path: Path, areas: AreaDirectory) -> None:
        path = save_text(tmp_path / "12345.csv", row())
        first, second = whole(LEDGERS.read_ledgers([path, path], areas=areas))
        assert (len(first.rows), len(second.rows), len(second.rejects)) == (1, 0, 1)


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "the file is empty"),
            (b"\xef\xbb\xbf \r\n", "the file is empty"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old workbook"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
            (b"%PDF-1.7\n", "PDF"),
            (b"\n<html><table><tr><td>", "web page"),
            (b"\xef\xbb\xbf<!DOCTYPE html>", "web page"),
            (b'<?xml version="1.0"?><Workbook/>', "web page"),
            (b"PK\x03\x04 and then nothing", "damaged"),
            (b"hello", "no header of a ledger"),
            (b'"a";"b"\n"1";"2"\n', "no ledger|no header|not complete"),
            (b"," * 300 + b"\n", "no header of a ledger"),
            (b"x," * 300 + b"\n", "more than 200 columns"),
        ],
        ids=lambda value: str(value)[:24],
    )
    def test_what_is_no_ledger_is_named(self, tmp_path: Path, read: Read, content: bytes, said: str) -> None:
        path = tmp_path / "12345.csv"
        path.write_bytes(content)
        with pytest.raises(LedgerError, match=said) as error:
            read(path)
        assert str(path) in str(error.value)
        assert " / " in str(error.value)

    def test_files_that_cannot_be_opened(self, tmp_path: Path, read: Read) -> None:
        for path in (tmp_path, tmp_path / "none.csv"):
            with pytest.raises(LedgerError, match="cannot be opened"):
                read(path)

    def test_one_bad_file_and_nothing_is_read(self, tmp_path: Path, areas: AreaDirectory) -> None:
        good, bad = save_text(tmp_path / "12345.csv", row()), tmp_path / "bad.csv"
        bad.write_bytes(b"hello")
        with pytest.raises(LedgerError, match=r"bad\.csv"):
            whole(LEDGERS.read_ledgers([good, bad], areas=areas))

    def test_twenty_megabytes_and_no_more(self, tmp_path: Path, read: Read) -> None:
        path = save_text(tmp_path / "12345.csv", row())
        with path.open("ab") as stream:
            stream.truncate(MAX_BYTES + 1)
        with pytest.raises(LedgerError, match="larger than 20 MB"):
            read(path)

    def test_a_pipe_holds_nobody_up(self, tmp_path: Path, read: Read) -> None:
        os.mkfifo(tmp_path / "12345.csv")
        with pytest.raises(LedgerError, match="no plain file"):
            read(tmp_path / "12345.csv")

    def test_so_many_lines_and_no_more(self, tmp_path: Path, read: Read) -> None:
        # Footers are the cheapest lines: with title and header there are exactly as many as may be.
        path = tmp_path / "12345.csv"
        lines = ["2026年", ",".join(HOTLINE), *["合计"] * (MAX_LINES - 3), ",".join(row())]
        path.write_text("\n".join(lines), "utf-8")
        assert len(read(path).rows) == 1
        path.write_text("\n".join([*lines, "合计"]), "utf-8")
        with pytest.raises(LedgerError, match=f"more than {MAX_LINES} lines"):
            read(path)

    @settings(examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.one_of(
            st.binary(max_size=200),
            st.text(max_size=100).map(str.encode),
            st.text('",;\t\n|甲1', max_size=60).map(str.encode),
        )
    )
    @example(b'"')
    @example(b"\xff\xfe")
    @example(b"\xff\xfe\x00\xd8")
    @example(b"PK")
    @example("工单编号,来电时间".encode("utf-16"))
    def test_any_bytes_are_read_or_refused(self, tmp_path: Path, read: Read, content: bytes) -> None:
        path = tmp_path / "any.csv"
        for start in (b"", text([HOTLINE]).encode()):
            path.write_bytes(start + content)
            try:
                reading = read(path)
            except LedgerError:
                continue
            assert start
            assert reading.ledger == "hotline_12345"


def test_what_stands_for_a_telephone_and_is_none_is_noted_and_the_row_is_taken(
    tmp_path: Path, read: Read
) -> None:
    path = tmp_path / "12345.csv"
    lines = [(*HOTLINE, "联系电话"), (*row(), "见备注"), (*row(工单编号="W2", 来电人="乙某"), "1380000001")]
    path.write_text(text(lines), encoding="utf-8")
    first, second = read(path).rows
    assert "phone" not in first.parties[0]
    assert ["联系电话" in note.zh and "contact" in note.zh for note in first.notes] == [True]
    assert second.parties[0]["phone"] == "1380000001"
