"""How people are compared, and what a party may say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import FactError, Part, Party, name_key, phone_key
from jiefen.record.desk.keys import id_key
from jiefen.record.desk.likeness import Sameness, sameness
from jiefen.record.desk.parties import dumped, masked, masked_title, outline, parties_of, party_of

#: 11010519491231002X is the example of GB 11643 itself.
CARD = "11010519491231002X"
NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4)


class TestKeys:
    @pytest.mark.parametrize("written", ["张三", "张　三", "张 三", " 张三 ", "张\u200b三", "张\u00a0三"])
    def test_padding_is_no_other_name(self, written: str) -> None:
        assert name_key(written) == name_key("张三")

    @pytest.mark.parametrize(
        "written",
        [
            "阿里木·买买提",
            "阿里木•买买提",
            "阿里木・买买提",
            "阿里木．买买提",
            "阿里木 买买提",
            "阿里木ㆍ买买提",
            "阿里木᛫买买提",
            "阿里木･买买提",
            "阿里木‧买买提",
        ],
    )
    def test_the_dot_of_a_name_is_written_in_many_ways(self, written: str) -> None:
        assert name_key(written) == "阿里木买买提"

    def test_width_and_case(self) -> None:
        assert name_key("ＡＬＩ") == name_key("Ali")

    @given(NAMES, st.lists(st.sampled_from([" ", "　", "\u200b", "\u00a0"]), max_size=3))
    def test_blanks_within_change_nothing(self, name: str, blanks: list[str]) -> None:
        padded = name[0] + "".join(blanks) + name[1:]
        assert name_key(padded) == name_key(name) == name_key(name_key(name))

    @pytest.mark.parametrize(
        ("written", "key"),
        [
            ("13800000001", "13800000001"), ("138 0000 0001", "13800000001"), ("138-0000-0001", "13800000001"),
            ("１３８００００００１２", "13800000012"), ("+86 13800000001", "13800000001"),
            ("008613800000001", "13800000001"), ("0355-6380001", "03556380001"),
            ("13800000005/13900000005", "13800000005"), ("139****0004/13800000001", "13800000001"),
            ("138 0000 0001 139 0000 0002", "13800000001"), ("1380000000113900000002", "13800000001"),
            ("86 138 0000 0001 139 0000 0002", "13800000001"), ("2012345 2067890", "2012345"),
            ("0351-1234 5678 13800000001", "035112345678"), ("13800000001转2", "13800000001"),
            ("0355-2012345-8001", "03552012345"), ("0355-2012345,分机801", "03552012345"),
            ("13800000001(家)2012345", "13800000001"), ("+852 9123 4567", "85291234567"),
            ("13800000001 8", "13800000001"), ("+86 355 6380001", "03556380001"),
            ("+86-10-62380001", "01062380001"),
            ("86 400 800 1234", "4008001234"),
            ("1" * 20, None), ("139****0004", None), ("12345", None), ("无", None), (None, None),
        ],
    )  # fmt: skip
    def test_telephones(self, written: str | None, key: str | None) -> None:
        assert phone_key(written) == key

    def test_cards(self) -> None:
        assert id_key(" 11010519491231002x ") == CARD
        assert id_key(None) is None

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ({"phone": "13800000001"}, {"phone": "13800000002"}, "PERHAPS"),  # namesakes, or a new number
            ({"phone": "13800000001"}, {"phone": "+86 138 0000 0001", "name": "张叁"}, "PERHAPS"),
            ({"phone": "13800000001"}, {"phone": "13800000001", "name": "王秀英"}, "PERHAPS"),  # a household
            ({"phone": "13800000001"}, {"phone": "13800000001", "name": "张三等5人"}, "SAME"),
            ({"phone": "13800000001"}, {"phone": "13800000002", "name": "张三等5人"}, "OTHER"),
            ({"phone": "13800000001"}, {}, "SAME"),
            ({}, {"name": "张　三"}, "SAME"),
            ({}, {"name": "李四"}, "OTHER"),
            ({}, {"name": "张四"}, "OTHER"),
            ({"name": "王小明"}, {"name": "王晓明"}, "PERHAPS"),
            ({"name": "王小明"}, {"name": "王小小明"}, "PERHAPS"),
            ({"name": "襄垣县建筑有限公司"}, {"name": "襄垣县建筑工程有限公司"}, "PERHAPS"),
            ({"name": "..."}, {"name": "。"}, "OTHER"),
            (
                {"id_number": CARD, "phone": "13800000001"},
                {"id_number": CARD, "phone": "13900000001"},
                "SAME",
            ),
            ({"id_number": CARD}, {"id_number": "91350100M000100Y43"}, "OTHER"),
        ],
    )
    def test_who_is_the_same_person(self, one: dict[str, str], other: dict[str, str], same: str) -> None:
        people = [party_of({"part": "applicant", "name": "张三", **said}) for said in (one, other)]
        assert sameness(*people) is sameness(*reversed(people)) is Sameness[same]


class TestParty:
    def test_a_mapping_becomes_a_record_and_comes_back(self) -> None:
        said = {
            "part": "applicant",
            "name": "张三",
            "phone": "13800000001",
            "persons": 5,
            "since": "2026-03-01",
        }
        assert dumped(party_of(said)) == {"seq": 0, **said}
        assert party_of(party_of(said)) == party_of(said)

    @pytest.mark.parametrize("word", ["applicant", "申请人"])
    def test_the_part_in_both_languages(self, word: str) -> None:
        assert party_of({"part": word, "name": "张三"}).part is Part.APPLICANT

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"part": "aplicant"}, "did you mean 'applicant'"),
            ({"name": " "}, "needs a name"),
            ({"name": "x" * 201}, "1 to 200"),
            ({"phnoe": "1"}, "did you mean 'phone'"),
            ({"persons": 0}, "from 1 to"),
            ({"persons": "5"}, "from 1 to"),
            ({"since": "1 March"}, "2026-03-01"),
            ({"id_number": "110105194912310021"}, "GB 11643"),
            ({"id_number": "ABCDEFGHIJKLMNOPQR"}, "GB 11643"),
            ({"id_number": "110105999393100028"}, "GB 11643"),
            ({"id_number": "91350100M000100Y44"}, "GB 32100"),
            ({"id_number": "123"}, "so few characters"),
            ({"phone": "abc"}, "no digit"),
            ({"phone": "同上"}, "`contact`"),
            ({"since": "2026-03-02", "ended": "2026-03-01"}, "before since"),
            ({"name": "ﷺ" * 200}, "plain characters"),
            ({"represents": 1}, "speak for"),
        ],
    )
    def test_what_cannot_be_is_told_without_what_it_holds(self, changed: dict[str, Any], said: str) -> None:
        with pytest.raises(FactError) as error:
            parties_of([{"part": "applicant", "name": "王二小", **changed}])
        assert said in str(error.value)
        assert error.value.zh
        assert "王二小" not in f"{error.value}{error.value.zh}"

    @pytest.mark.parametrize("number", [CARD, "91350100M000100Y43", "G12345678"])
    def test_the_numbers_of_the_standards_and_of_a_passport(self, number: str) -> None:
        assert party_of({"part": "applicant", "name": "张三", "id_number": number}).id_number == number

    @pytest.mark.parametrize(
        ("said", "doubts"),
        [
            ({"phone": "13800000001"}, ()),
            ({"phone": "+86 138-0000-0001"}, ()),
            ({"phone": "0355-6383001"}, ()),
            ({"phone": "6383001"}, ()),
            ({"phone": "400-810-0000"}, ()),
            ({"phone": "12345"}, ()),
            ({"phone": "+81 3 1234 5678"}, ()),
            ({"phone": "138****0001"}, ()),
            ({"phone": "1380000001"}, ("phone",)),
            ({"phone": "138000000011"}, ("phone",)),
            ({"phone": "5"}, ("phone",)),
            ({"id_number": CARD}, ()),
            ({"id_number": "91350100M000100Y43"}, ()),
            ({"id_number": "G12345678"}, ("id_number",)),
            ({"id_number": "110105491231002"}, ("id_number",)),
            ({"id_number": "军字第1234567号", "phone": "五六七8"}, ("phone", "id_number")),
        ],
    )
    def test_what_cannot_be_checked_is_kept_and_in_doubt(
        self, said: dict[str, str], doubts: tuple[str, ...]
    ) -> None:
        party = party_of({"part": "applicant", "name": "匿名", **said})
        assert (party.doubts, {name: getattr(party, name) for name in said}) == (doubts, said)
        assert outline(party).get("doubts", []) == list(doubts)

    def test_somebody_speaks_for_a_party_of_the_case(self) -> None:
        found = parties_of(
            [{"part": "applicant", "name": "张小"}, {"part": "guardian", "name": "张大", "represents": 1}]
        )
        assert [one.seq for one in found] == [1, 2]
        for wrong in (2, 3):
            with pytest.raises(FactError, match="speak for"):
                parties_of(
                    [
                        {"part": "applicant", "name": "张小"},
                        {"part": "agent", "name": "张大", "represents": wrong},
                    ]
                )

    @pytest.mark.parametrize(
        ("title", "shown"),
        [
            ("张三与欧阳小红的院墙纠纷", "张*与欧*的院墙纠纷"),
            ("张三丰反映欠薪", "张*丰反映欠薪"),
            ("致电13800000001", "致电138****0001"),
            (f"证件{CARD}", "证件110****002X"),
            ("2026030112345678号工单", "2026030112345678号工单"),
            ("匿名反映噪声", "匿名反映噪声"),
            (None, None),
            (7, None),
        ],
    )
    def test_nobody_is_read_off_a_title_in_a_list(self, title: object, shown: str | None) -> None:
        people = parties_of(
            [
                {"part": "applicant", "name": "张 三"},
                {"part": "respondent", "name": "欧阳小红"},
                {"part": "third_party", "name": "匿名"},
                {"part": "third_party", "name": "噪"},
            ]
        )
        assert masked_title(title, people) == shown

    def test_nobody_is_read_off_a_log(self) -> None:
        party = Party(part=Part.APPLICANT, name="张三", phone="13800000001")
        assert "张三" not in repr(party)
        assert (masked(party).name, masked(party).phone) == ("张*", "138****0001")
        assert masked(Party(part=Part.APPLICANT, name="李", phone="12345")).phone is None
