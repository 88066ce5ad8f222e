"""Files that people edit (layouts, words, areas): what is wrong with one is said with its line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.bundled import bundled
from jiefen.designer.check import check
from jiefen.errors import DefinitionError
from jiefen_adapters.ledgers import LEDGERS, Area, AreaDirectory, Fault, Ledgers
from tests.unit.adapters.ledger_files import row, save_text, whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the layouts, to be spoilt."""
    shutil.copytree(
        LEDGERS.folder, tmp_path / "layouts", ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    return tmp_path / "layouts"


def spoil(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), "utf-8")


def line_of(path: Path, start: str) -> int:
    return next(
        at
        for at, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if line.strip().startswith(start)
    )


def findings_of(act: Callable[[], object]) -> tuple[tuple[str, int | None, str], ...]:
    with pytest.raises(DefinitionError) as error:
        act()
    assert all(finding.message and finding.hint for finding in error.value.findings)
    return tuple((Path(it.file).name, it.line, it.code) for it in error.value.findings)


class TestLayouts:
    @pytest.mark.parametrize(
        ("before", "after", "line", "code"),
        [
            ("processes:", "process:", "process:", "ledger-layout"),
            ("source: hotline_12345", "", 2, "ledger-layout"),
            ("persons: {read: count,", "persons: {read: counting,", "persons:", "ledger-layout"),
            ("persons: {read: count,", "persons: {reed: count,", "persons:", "ledger-layout"),
            ("received_on: {read: date,", "received_on: {read: text,", "received_on:", "ledger-fact-needed"),
            ("title: {read: text,", "name: {read: text,", "facts:", "ledger-fact-needed"),
            ("number: [工单编号, 工单号]", "number: []", "key:", "ledger-key"),
            ("number: [工单编号, 工单号]", "number: [序号], running: true, issuer: county", "key:", "ledger-key"),
            ("number: [工单编号, 工单号]", "number: [序号], issuer: moon", "key:", "ledger-layout"),
            ("number: [工单编号, 工单号]", "numbre: [序号]", "key:", "ledger-layout"),
            ("{涉及金额(万元): 万元}", "{金额(万元): 万元}", "units:", "ledger-unit"),
            ("{涉及金额(万元): 万元}", "{涉及金额(万元): 两}", "units:", "ledger-layout"),
            ("[涉及金额(元), 涉及金额, 涉及金额(万元)]\n", "[金额]\n", "units:", "ledger-unit"),
            ("persons: {read: count,", "persons: {read: choice,", "persons:", "ledger-choice"),
            ("第二十九条).\nprocesses:", "第二十九条).\nproceses:", "proceses:", "ledger-layout"),
            ("ledger: hotline_12345", "ledger: [", "title:", "yaml-syntax"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_found_in_its_line(
        self, folder: Path, before: str, after: str, line: int | str, code: str
    ) -> None:
        path = folder / "hotline_12345.yaml"
        spoil(path, before, after)
        found = findings_of(lambda: Ledgers(folder).layouts)
        expected = line if isinstance(line, int) else line_of(path, line)
        assert [it[::2] for it in found] == [("hotline_12345.yaml", code)]
        assert found[0][1] == expected

    def test_words_that_are_wrong(self, folder: Path) -> None:
        path = folder / "words.yaml"
        spoil(path, "    names: [物业纠纷, 物业管理]\n", "    name: [物业纠纷, 物业管理]\n")
        assert findings_of(lambda: Ledgers(folder).words) == (
            ("words.yaml", line_of(path, "name: "), "ledger-words"),
        )
        path.unlink()
        assert findings_of_missing(folder) == "words.yaml"

    def test_two_layouts_of_one_name(self, folder: Path) -> None:
        shutil.copy(folder / "hotline_12345.yaml", folder / "second.yaml")
        with pytest.raises(DefinitionError, match=r"second\.yaml: another file has the ledger hotline_12345"):
            _ = Ledgers(folder).layouts

    def test_a_folder_without_layouts(self, tmp_path: Path) -> None:
        with pytest.raises(DefinitionError, match=r"holds no layout of a ledger; put \*\.yaml"):
            _ = Ledgers(tmp_path).layouts

    def test_a_county_may_bring_a_layout_of_its_own(
        self, folder: Path, tmp_path: Path, areas: AreaDirectory
    ) -> None:
        spoil(folder / "hotline_12345.yaml", 'prefix: "12345"', "prefix: county")
        path = save_text(tmp_path / "热线.csv", row())
        [reading] = whole(Ledgers(folder).read_ledgers([path], areas=areas))
        assert reading.rows[0].key == "county:W1"


def findings_of_missing(folder: Path) -> str:
    with pytest.raises(DefinitionError) as error:
        _ = Ledgers(folder).words
    return Path(error.value.findings[0].file).name


class TestAreas:
    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            (
                "areas:\n  - {code: '140429', name: 甲县}\n  - {code: '14042', name: 乙县}\n",
                3,
                "not an area code",
            ),
            (
                "areas:\n  - {code: '140429', name: 甲县}\n  - {code: '140429000', name: 乙县}\n",
                3,
                "stands twice",
            ),
            ("areas:\n  - {code: 140429, name: 甲县}\n", 2, "Expected `str`"),
            ("areas:\n  - {code: '140429', nmae: 甲县}\n", 2, "nmae"),
            ("areas:\n  - code: '140429'\n    name: 甲县\n    aliases: 甲\n", 4, "Expected `array`"),
            ("area: []\n", 1, "area"),
            ("", 1, "Expected `object`"),
            ("areas:\n\t- x\n", 2, "tab"),
        ],
    )
    def test_what_is_wrong_is_found_in_its_line(
        self, tmp_path: Path, text: str, line: int, said: str
    ) -> None:
        path = tmp_path / "areas.yaml"
        path.write_text(text, "utf-8")
        with pytest.raises(DefinitionError) as error:
            AreaDirectory.load(path)
        [finding] = error.value.findings
        assert (finding.line, Path(finding.file).name) == (line, "areas.yaml")
        assert said in finding.message
        assert finding.hint

    def test_every_wrong_area_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "areas.yaml"
        path.write_text(
            "areas:\n" + "".join(f"  - {{code: '{n}', name: 村{n}}}\n" for n in (1, 14, 3, 14)), "utf-8"
        )
        assert [it[1] for it in findings_of(lambda: AreaDirectory.load(path))] == [2, 4, 5]

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(DefinitionError, match=r"none\.yaml"):
            whole(LEDGERS.read_ledgers([], areas=tmp_path / "none.yaml"))

    def test_areas_that_a_host_has_already(self) -> None:
        directory = AreaDirectory([Area("140429", "武乡县"), Area("140429102000", "蟠龙镇", ("蟠龙",))])
        assert directory.find("武乡县蟠龙") == "140429102"
        with pytest.raises(DefinitionError, match="stands twice"):
            AreaDirectory([Area("14", "甲"), Area("140000", "乙")])


class TestPlaces:
    @pytest.mark.parametrize(
        ("parts", "code"),
        [
            (("蟠龙镇", "上司村"), "140429102201"),
            (("蟠龙镇上司村",), "140429102201"),
            (("武乡县蟠龙镇上司村",), "140429102201"),
            (("蟠龙镇", "蟠龙镇上司村"), "140429102201"),
            (("上司村",), "140429102201"),
            (("蟠龙", ""), "140429102"),
            (("蟠龙镇", "上司村三组"), "140429102201"),
            (("蟠龙镇", "上司村 第3村民小组12号"), "140429102201"),
            (("丰州镇", "城南社区3号楼2单元"), "140429100001"),
            (("蟠龙镇", "柳坪", "第一网格"), "140429102203001"),
            (("蟠龙镇", "镇政府"), "140429102"),
            (("蟠龙镇", "派出所门口"), "140429102"),
            (("蟠龙镇", "上司村", "村委会"), "140429102201"),
            (("蟠龙镇", "上司村", "3"), "140429102201"),
            (("140429102201",), "140429102201"),
            (("140429102000", "上司村"), "140429102201"),
            (("武乡县",), "140429"),
        ],
    )
    def test_a_place_in_any_wording(self, areas: AreaDirectory, parts: tuple[str, ...], code: str) -> None:
        assert areas.find(*parts) == code

    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            (("花果山村",), "没有“花果山村”"),
            (("丰州镇", "上司村"), "丰州镇没有“上司村”"),
            (("蟠龙镇", "上司村下沟村"), "没有“上司村下沟村”"),
            (("上司村下司村交界",), "没有“上司村下司村交界”"),
            (("蟠龙镇丁家村",), "没有“蟠龙镇丁家村”"),
            (("蟠龙镇河边",), "没有“蟠龙镇河边”"),
            (("镇政府",), "没有“镇政府”"),
            (("蟠龙镇", "花果山村"), "没有“花果山村”"),
            (("蟠龙镇", "上司村", "花果山村"), "没有“花果山村”"),
            (("蟠龙镇", "上司村", "140429102202"), "没有“140429102202”"),
            (("河北省武乡县蟠龙镇",), "没有“河北省武乡县蟠龙镇”"),
            (("140429999",), "没有“140429999”"),
            (("丰州镇", "140429102201"), "丰州镇没有“140429102201”"),
            (("", " "), "没有写属地"),
            ((), "没有写属地"),
            (("东沟村" * 5000,), "没有"),
            (("1" * 10_000,), "没有"),
        ],
        ids=lambda value: str(value)[:20],
    )
    def test_a_place_that_is_not_known(self, areas: AreaDirectory, parts: tuple[str, ...], said: str) -> None:
        fault = areas.find(*parts)
        assert isinstance(fault, Fault)
        assert said in fault.reason.zh

    def test_a_place_that_may_be_two(self) -> None:
        directory = AreaDirectory([Area("140429", "甲县"), Area("140429101", "东镇"), Area("140429102", "西镇"),
                                   Area("140429101201", "石门村"), Area("140429102201", "石门村")])  # fmt: skip
        fault = directory.find("石门村")
        assert isinstance(fault, Fault)
        assert "石门村(140429101201)、石门村(140429102201)" in fault.reason.zh
        assert directory.find("西镇", "石门村") == directory.find("甲县", "西镇石门村") == "140429102201"

    @given(st.lists(st.text("武乡县蟠龙镇上司村东沟三组号1", max_size=12), max_size=3))
    def test_what_is_found_is_named(self, parts: list[str]) -> None:
        directory = AreaDirectory.load(bundled("ledgers") / "areas.yaml")
        found = directory.find(*parts)
        if isinstance(found, str):
            last = {"140429": "武乡", "140429102": "蟠龙", "140429102201": "上司村", "140429100201": "东沟"}[
                found
            ]
            assert last in "".join(parts)


class TestWordsOfOnesOwn:
    """What an office adds to the words that come along."""

    def test_they_are_read_besides_the_others(self, tmp_path: Path, areas: AreaDirectory) -> None:
        words = tmp_path / "own.yaml"
        words.write_text("dispute_types: {neighbour: {names: [扯皮]}}\nempty: [没填]\n", encoding="utf-8")
        path = save_text(tmp_path / "12345.csv", row(诉求分类="扯皮", 来电人="没填"), row(工单编号="W2"))
        [reading] = whole(LEDGERS.read_ledgers([path], areas=areas, words=words))
        assert [item.facts["dispute_type"] for item in reading.rows] == ["neighbour", "labour"]
        assert reading.rows[0].notes == ()
        assert reading.rows[0].parties == ()

    @pytest.mark.parametrize(
        "text", ["dispute_types: {nieghbour: {names: [扯皮]}}\n", "emty: [没填]\n", "signs: {x: [y]}\n"]
    )
    def test_what_nobody_knows_is_found(self, tmp_path: Path, text: str) -> None:
        words = tmp_path / "own.yaml"
        words.write_text(text, encoding="utf-8")
        with pytest.raises(DefinitionError) as error:
            whole(LEDGERS.read_ledgers([], areas=tmp_path / "none.yaml", words=words))
        assert error.value.findings


class TestCheck:
    """``jiefen check`` knows the files that ledgers are read by."""

    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("areas:\n  - {code: '140429', name: 武乡县}\n", []),
            ("areas:\n  - {code: '14042x', name: 武乡县}\n", ["areas"]),
            ("empty: [没填]\n", []),
            ("emty: [没填]\nditto: [同前]\n", ["ledger-words"]),
            ("area:\n  - {code: '140429', name: 武乡县}\n", ["areas"]),
            ("ledger: own\nsource: x\n", ["ledger-layout"]),
        ],
    )
    def test_each_kind_is_checked(self, tmp_path: Path, text: str, codes: list[str]) -> None:
        path = tmp_path / "file.yaml"
        path.write_text(text, encoding="utf-8")
        assert [finding.code for finding in check([path]).findings] == codes

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("emty: [没填]\n", "did you mean 'empty'"),
            ("dispute_types: {neighbour: {nams: [扯皮]}}\n", "did you mean 'names'"),
            ("dispute_types: {neighbor: {names: [扯皮]}}\n", "did you mean 'neighbour'"),
            ("areas:\n  - {cod: '140429', name: 武乡县}\n", "did you mean 'code'"),
            ("ledger: own\nsorce: x\n", "did you mean 'source'"),
            ("empty: [没填]\nqqqqqq: 1\nareas: []\n", "there are areas"),
        ],
    )
    def test_a_key_that_is_misspelt_is_told_with_the_nearest(
        self, tmp_path: Path, text: str, said: str
    ) -> None:
        path = tmp_path / "file.yaml"
        path.write_text(text, encoding="utf-8")
        [finding] = check([path]).findings
        assert said in finding.hint

    def test_another_file_is_none_of_them(self, tmp_path: Path) -> None:
        path = tmp_path / "file.yaml"
        path.write_text("hello: world\n", encoding="utf-8")
        assert LEDGERS.check(path, lambda: None) is None

    @pytest.mark.parametrize(
        ("old", "new", "said", "hint"),
        [
            ("source: visit_ledger", "source: visit_ledgr", "no value visit_ledgr", "'visit_ledger'"),
            ("amount:", "amonut:", "no fact amonut", "'amount'"),
            ("persons: {read: count", "persons: {read: money", "of the type integer", "count"),
            ("persons: {read: count", "colour: {read: count", "no ledger sets", "leave it out"),
            ("求决: claim", "求决: cliam", "no value cliam", "'claim'"),
            ("process: enquiry", "process: enqury", "no process enqury", "'enquiry'"),
            ("fact: request_kind", "fact: request_knd", "no fact request_knd", "'request_kind'"),
        ],
    )
    def test_what_a_layout_names_and_nobody_knows(
        self, tmp_path: Path, old: str, new: str, said: str, hint: str
    ) -> None:
        path = tmp_path / "own.yaml"
        shutil.copy(LEDGERS.folder / "visit_ledger.yaml", path)
        assert check([path]).findings == ()
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        [finding] = check([path]).findings
        assert (finding.code, said in finding.message, hint in finding.hint) == ("ledger-name", True, True)
        assert finding.line is not None

    def test_the_words_that_come_along(self, tmp_path: Path) -> None:
        path = tmp_path / "words.yaml"
        shutil.copy(LEDGERS.folder / "words.yaml", path)
        assert check([path]).findings == ()
        path.write_text(path.read_text("utf-8").replace("within_days", "within_day"), "utf-8")
        [finding] = check([path]).findings
        assert (finding.code, "did you mean 'within_days'" in finding.hint) == ("ledger-words", True)

    def test_a_rulebook_that_cannot_be_loaded_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "own.yaml"
        shutil.copy(LEDGERS.folder / "visit_ledger.yaml", path)
        [finding] = check([path], rules=tmp_path / "nowhere").findings
        assert (finding.code, finding.severity) == ("names-unchecked", "warning")

    def test_the_processes_of_models_that_are_checked_with_it(self, tmp_path: Path) -> None:
        path = tmp_path / "own.yaml"
        text = (LEDGERS.folder / "visit_ledger.yaml").read_text(encoding="utf-8")
        path.write_text(text.replace("process: enquiry", "process: claim", 1), encoding="utf-8")
        assert [finding.code for finding in check([path]).findings] == ["ledger-name"]
        model = Path(__file__).parents[2] / "small/processes/claim.bpmn"
        assert str(path) not in {finding.file for finding in check([path, model]).findings}
