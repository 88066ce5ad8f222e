"""The people of a case, and how cases belong together; on both databases."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from typer.testing import CliRunner

from jiefen import EVERYWHERE, Actor, Conflict, Engine, FactError, Happening, LinkKind, NotAllowed, NotFound
from jiefen.cli.root import app
from tests.integration.conftest import CLERK, HEAD, SMALL, Opener

FACTS = {"received_on": "2026-03-02", "area": "140429102"}
ZHANG = {"part": "applicant", "name": "张三", "phone": "13800000001"}
LI = {"part": "respondent", "name": "李四"}
ELSEWHERE = Actor("0900", frozenset({"clerk", "township_coordinator"}), "370700")
#: Whoever does it at the command line.
WHO = ("--by", "0412", "--role", "clerk", "--role", "township_coordinator", "--area", "everywhere")


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener()


def opened(engine: Engine, key: str = "k1", **more: Any) -> int:
    return engine.open_case("claim", FACTS, key=key, by=CLERK, **more).id


def kinds(engine: Engine, case: int) -> list[Happening]:
    return [entry.kind for entry in engine.history(case)]


class TestParties:
    def test_they_come_with_the_case_and_are_kept_in_its_journal(self, engine: Engine) -> None:
        case = opened(engine, parties=[ZHANG, LI])
        assert [(one.seq, one.part, one.name) for one in engine.parties.of(case)] == [
            (1, "applicant", "张三"),
            (2, "respondent", "李四"),
        ]
        assert engine.history(case)[0].data["parties"] == [
            {"seq": 1, "part": "applicant"},
            {"seq": 2, "part": "respondent"},
        ]

    def test_a_key_that_comes_again_with_other_people_is_another_matter(self, engine: Engine) -> None:
        case = opened(engine, parties=[ZHANG])
        assert opened(engine, parties=[dict(ZHANG)]) == case
        for others in ([LI], [], [ZHANG, LI]):
            with pytest.raises(Conflict, match="parties") as error:
                opened(engine, parties=others)
            assert "李四" not in str(error.value)

    def test_they_are_added_and_corrected_with_a_trace(self, engine: Engine) -> None:
        case = opened(engine, parties=[ZHANG])
        revision = engine.case(case).revision
        agent = engine.parties.add(case, {"part": "agent", "name": "赵五", "represents": 1}, by=CLERK)
        assert agent.seq == 2
        changed = engine.parties.change(case, 1, {"phone": "13900000009"}, reason="换号", by=CLERK)
        assert (changed.name, changed.phone) == ("张三", "13900000009")
        assert engine.parties.of(case) == (changed, agent)
        entry = engine.history(case)[-1]
        assert (entry.kind, entry.subject, entry.data["reason"]) == ("party_changed", "1", "换号")
        assert (entry.data["party"], entry.data["fields"]) == ({"seq": 1, "part": "applicant"}, ["phone"])
        assert "1 申请人,电话(换号)" in engine.explain(case).text("zh")
        assert engine.case(case).revision == revision + 2

    def test_the_same_again_changes_nothing(self, engine: Engine) -> None:
        case = opened(engine, parties=[ZHANG])
        before = engine.history(case)
        engine.parties.change(case, 1, {"phone": "13800000001"}, reason="核对", by=CLERK)
        assert engine.history(case) == before

    def test_a_part_ends(self, engine: Engine) -> None:
        case = opened(engine, parties=[ZHANG])
        assert str(engine.parties.end(case, 1, reason="撤回委托", by=CLERK).ended) == "2026-03-02"

    def test_a_part_does_not_end_before_it_begins(self, engine: Engine) -> None:
        case = opened(engine, parties=[{**ZHANG, "since": "2026-03-10"}])
        with pytest.raises(FactError, match="before since=2026-03-10"):
            engine.parties.end(case, 1, reason="撤回委托", by=CLERK)

    def test_nobody_who_is_spoken_for_speaks_for_another(self, engine: Engine) -> None:
        case = opened(engine, parties=[ZHANG, {"part": "agent", "name": "赵五", "represents": 1}, LI])
        with pytest.raises(FactError, match="party 2 has represents=1"):
            engine.parties.change(case, 1, {"part": "agent", "represents": 3}, reason="误登", by=CLERK)
        assert engine.parties.of(case)[0].part == "applicant"

    def test_nobody_is_read_in_the_journal_or_the_feed(self, engine: Engine) -> None:
        card = "11010519491231002X"
        said = {
            "name": "王小丫",
            "phone": "13811112222",
            "contact": "微信wxy",
            "address": "上司村9号",
            "id_number": card,
        }
        case = opened(engine, parties=[{"part": "applicant", **said}])
        engine.parties.add(case, {"part": "respondent", **said}, by=CLERK)
        new = {name: f"{value}甲" for name, value in said.items() if name != "id_number"}
        engine.parties.change(case, 1, {**new, "id_number": None}, reason="核对证件", by=CLERK)
        engine.merge(case, opened(engine, "k2"), reason="同一事项", by=HEAD)
        read = repr([entry.data for entry in (*engine.history(case), *engine.feed().entries)])
        assert "party_changed" in repr(engine.history(case))
        for value in said.values():
            assert value not in read

    def test_a_name_that_has_no_room_when_written_out_is_refused_with_words(self, engine: Engine) -> None:
        for wrong in ({"name": "ﷺ" * 200}, {"id_number": "ﷺ" * 32}):
            with pytest.raises(FactError, match="plain characters"):
                opened(engine, parties=[ZHANG | wrong])

    def test_what_should_be_looked_at_again_stands_in_the_story(self, engine: Engine) -> None:
        case = opened(engine, parties=[{**ZHANG, "phone": "1380000001"}])
        engine.parties.add(case, {"part": "respondent", "name": "Ann", "id_number": "G12345678"}, by=CLERK)
        engine.parties.change(case, 1, {"phone": "13800000001"}, reason="回拨核实", by=CLERK)
        told = engine.explain(case)
        zh, en = told.text("zh"), told.text("en")
        assert "1 号当事人的电话待核实" in zh
        assert "2 号当事人的证件号码待核实" in zh
        assert "to be checked of party 1: telephone" in en
        assert [one.doubts for one in engine.parties.of(case)] == [(), ("id_number",)]
        assert "G12345678" not in zh + en
        assert "1380000001" not in zh + en

    def test_nobody_is_born_tomorrow(self, engine: Engine) -> None:
        with pytest.raises(FactError, match="not born yet"):
            opened(engine, parties=[{**ZHANG, "id_number": "110105202603030005"}])

    def test_people_who_share_a_telephone_are_two_when_cases_are_merged(self, engine: Engine) -> None:
        wife = {"part": "applicant", "name": "王秀英", "phone": "13800000001"}
        one, other = opened(engine, parties=[ZHANG]), opened(engine, "k2", parties=[wife])
        engine.merge(one, other, reason="同一事项", by=HEAD)
        assert [item.name for item in engine.parties.of(other)] == ["王秀英", "张三"]

    def test_who_may_not(self, engine: Engine) -> None:
        case = opened(engine, parties=[ZHANG])
        with pytest.raises(NotAllowed, match="area"):
            engine.parties.add(case, LI, by=ELSEWHERE)
        engine.recuse(case, CLERK.id, reason="近亲属", by=Actor("head", frozenset({"head"}), EVERYWHERE))
        with pytest.raises(NotAllowed, match="recused"):
            engine.parties.add(case, LI, by=CLERK)
        with pytest.raises(NotFound, match="no party 7"):
            engine.parties.end(case, 7, reason="无", by=Actor("0413", frozenset({"clerk"}), EVERYWHERE))

    def test_a_story_names_nobody(self, engine: Engine) -> None:
        case = opened(engine, parties=[ZHANG])
        engine.parties.add(case, LI, by=CLERK)
        for language in ("zh", "en"):
            told = engine.explain(case).text(language)
            assert "李四" not in told
            assert ("被申请人" if language == "zh" else "respondent") in told


class TestLinks:
    @pytest.fixture
    def two(self, engine: Engine) -> tuple[int, int]:
        return opened(engine), opened(engine, "k2")

    def test_both_cases_tell_it(self, engine: Engine, two: tuple[int, int]) -> None:
        one, other = two
        link = engine.link(one, other, kind="关联", reason="同一工地", by=CLERK)
        assert (link.case, link.other, link.kind, link.by) == (one, other, LinkKind.RELATED, CLERK.id)
        assert engine.links(one) == engine.links(other) == (link,)
        assert engine.link(one, other, kind="related", reason="同一工地", by=CLERK) == link
        for case, said in ((one, f"related to case {other}"), (other, f"related to case {one}")):
            assert kinds(engine, case).count(Happening.LINKED) == 1
            assert said in engine.explain(case).text("en")

    def test_it_is_taken_back_and_stays_in_the_journal(self, engine: Engine, two: tuple[int, int]) -> None:
        one, other = two
        engine.link(one, other, kind="related", reason="同一工地", by=CLERK)
        engine.unlink(one, other, kind="related", reason="误关联", by=CLERK)
        assert engine.links(one) == ()
        assert [kinds(engine, case)[-2:] for case in two] == [[Happening.LINKED, Happening.UNLINKED]] * 2
        with pytest.raises(NotFound, match="not linked"):
            engine.unlink(one, other, kind="related", reason="误关联", by=CLERK)

    def test_somebody_decides_whether_a_repeat_is_one(self, engine: Engine, two: tuple[int, int]) -> None:
        one, other = two
        with pytest.raises(NotFound, match="probable_repeat"):
            engine.decide_repeat(one, other, same=True, reason="同一事项", by=CLERK)
        engine.link(one, other, kind="probable_repeat", reason="同名同事", by=CLERK)
        assert [item.case for item in engine.probable_repeats()] == [one]
        assert engine.probable_repeats(area="370700") == []
        assert [item.case for item in engine.probable_repeats(area="1404")] == [one]
        assert (
            engine.decide_repeat(one, other, same=False, reason="两笔钱", by=CLERK).kind is LinkKind.DIFFERENT
        )
        assert engine.probable_repeats() == []
        assert engine.decide_repeat(one, other, same=True, reason="查实", by=CLERK).kind is LinkKind.REPEAT
        assert [item.kind for item in engine.links(one)] == [LinkKind.REPEAT]

    def test_a_part_belongs_to_one_whole_and_never_to_itself(
        self, engine: Engine, two: tuple[int, int]
    ) -> None:
        one, other = two
        third = opened(engine, "k3")
        engine.link(one, other, kind="child_of", reason="同一项目", by=CLERK)
        engine.link(other, third, kind="child_of", reason="同一项目", by=CLERK)
        with pytest.raises(Conflict, match="part of case"):
            engine.link(third, one, kind="child_of", reason="绕圈", by=CLERK)
        with pytest.raises(Conflict, match="already"):
            engine.link(one, third, kind="child_of", reason="第二个", by=CLERK)
        with pytest.raises(Conflict, match="named twice"):
            engine.link(one, one, kind="related", reason="自己", by=CLERK)

    def test_what_comes_by_itself_is_not_said_by_hand(self, engine: Engine, two: tuple[int, int]) -> None:
        with pytest.raises(FactError, match="merged_into comes with"):
            engine.link(*two, kind="merged_into", reason="并", by=CLERK)
        with pytest.raises(FactError, match="did you mean 'related'"):
            engine.link(*two, kind="relatd", reason="并", by=CLERK)

    def test_who_may_not(self, engine: Engine, two: tuple[int, int]) -> None:
        with pytest.raises(NotAllowed, match="area"):
            engine.link(*two, kind="related", reason="同一工地", by=ELSEWHERE)

    def test_two_people_link_the_same_cases_at_once_in_both_orders(
        self, engine: Engine, two: tuple[int, int]
    ) -> None:
        one, other = two
        failed: list[BaseException] = []

        def linked(first: int, second: int) -> None:
            try:
                for _ in range(5):
                    engine.link(first, second, kind="related", reason="同一工地", by=CLERK)
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=linked, args=pair) for pair in ((one, other), (other, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert failed == []
        assert sorted((item.case, item.other) for item in engine.links(one)) == [(one, other), (other, one)]


class TestCommands:
    @pytest.fixture(autouse=True)
    def _there(self, engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JIEFEN_DB", url)
        monkeypatch.setenv("JIEFEN_PROCESSES", str(SMALL / "processes"))
        monkeypatch.setenv("JIEFEN_RULES", str(SMALL / "rules"))
        monkeypatch.setenv("JIEFEN_LANG", "zh")
        opened(engine, parties=[ZHANG])
        opened(engine, "k2")

    def run(self, *words: object, ends: int = 0) -> str:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == ends, result.output
        return result.output

    def test_parties(self) -> None:
        self.run("party", "add", 1, "被申请人,name=李四,phone=13900000002", *WHO)
        assert "李*" in self.run("party", "list", 1)
        assert "李四" in self.run("party", "list", 1, "--plain")
        self.run("party", "change", 1, 2, "phone=13900000003", *WHO, "--reason", "换号")
        plain = json.loads(self.run("party", "list", 1, "--plain", "--json"))
        assert plain[1]["phone"] == "13900000003"
        assert "被申请人  李*" in self.run("case", 1)
        assert "没有" in self.run("party", "add", 1, "x,name=李四", *WHO, ends=1)

    def test_links(self) -> None:
        self.run("link", 1, 2, "--kind", "probable_repeat", *WHO, "--reason", "同名")
        assert "疑似与 2 号案重复" in self.run("repeats")
        self.run("repeats", "decide", 1, 2, "--same", *WHO, "--reason", "同一事项")
        assert "是 2 号案的重复件" in self.run("case", 1)
        assert "1 号案是本案的重复件" in self.run("links", 2)
        self.run("unlink", 1, 2, "--kind", "repeat", *WHO, "--reason", "误")
        assert json.loads(self.run("links", 1, "--json")) == []
