"""The people around a case at the command line: directory, supervisions, leaders, recusal, contacts, the journal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jiefen import EVERYWHERE, Actor, Engine, FixedClock
from jiefen.cli.frame.options import Settings
from jiefen.cli.root import app
from jiefen.clock import SystemClock
from tests.integration.conftest import Opener
from tests.integration.watch import found, staff

DIRECTORY = str(Path(__file__).parents[2] / "examples" / "directory.yaml")
TOWN = "140429102"
#: As whom a leader is bound.
MEETING = ("--role", "joint_meeting_office", "--area", "everywhere")
Run = Callable[..., Result]


@pytest.fixture
def run(url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on the bundled edition; it must end with 0 unless another code is expected."""
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now().astimezone(UTC))

    def call(*arguments: object, ends: int = 0) -> Result:
        result = CliRunner().invoke(app, ["--db", url, "--lang", "en", *map(str, arguments)])
        assert result.exit_code == ends, (arguments, result.output)
        if ends:
            assert result.stderr.startswith("jiefen: ")
        return result

    return call


def data(result: Result) -> Any:
    return json.loads(result.stdout)


class TestDirectory:
    def test_a_file_is_checked_before_it_is_loaded(self, run: Run, opener: Opener, tmp_path: Path) -> None:
        opener()
        assert "nothing is wrong" in run("directory", "check", DIRECTORY).stdout
        broken = tmp_path / "broken.yaml"
        broken.write_text(
            Path(DIRECTORY)
            .read_text(encoding="utf-8")
            .replace("role: petition_officer", "role: petition_officr")
        )
        told = run_check(broken)
        assert told.exit_code == 1
        [finding] = json.loads(told.stdout)
        assert (finding["code"], finding["hint"]) == ("unknown-role", "did you mean 'petition_officer'?")
        run("directory", "load", broken, ends=1)
        run("directory", "show", ends=4)
        assert "loaded 9 units and 25 posts" in run("directory", "load", DIRECTORY).stdout

    def test_posts_are_shown_by_area_role_and_day(self, run: Run, opener: Opener) -> None:
        opener()
        run("directory", "load", DIRECTORY)
        everything = data(run("directory", "show", "--json"))
        assert (len(everything["units"]), len(everything["posts"])) == (9, 25)
        assert everything["superiors"]["grid_worker"] == "grid_chief"
        chiefs = ("directory", "show", "--role", "grid_chief", "--area", "140429102201000")
        assert {post["holder"] for post in data(run(*chiefs, "--json"))["posts"]} == {
            "w-1001",
            "w-1004",
            "w-1002",
        }
        then = data(run(*chiefs, "--on", "2026-03-02", "--json"))["posts"]
        assert {post["holder"] for post in then} == {"w-1001", "w-1002"}
        # An exclusive grid belongs to the unit that it says, not to the one in its code.
        town = data(run("directory", "show", "--role", "grid_chief", "--area", TOWN, "--json"))["posts"]
        assert "s-2001" in {post["holder"] for post in town}
        text = run("directory", "show", "--area", TOWN).stdout
        assert "t-4002 (deputy)" in text
        assert "Example Township" in text
        assert "did you mean 'grid_chief'" in run("directory", "show", "--role", "grid_chef", ends=4).stderr

    def test_who_is_told(self, run: Run, opener: Opener) -> None:
        opener()
        assert (
            "jiefen directory load FILE"
            in run("directory", "who", "village_head", "--area", TOWN, ends=4).stderr
        )
        run("directory", "load", DIRECTORY)
        asked = ("directory", "who", "village_head", "--area", "140429102201001", "--on", "2026-03-02")
        told = data(run(*asked, "--json"))
        assert told["told"] == {"role": "village_head", "holders": ["v-3001"], "deputies": False}
        assert [step["role"] for step in told["way_up"]][:3] == [
            "village_head",
            "township_coordinator",
            "township_leader",
        ]
        assert told["way_up"][0]["deputies"] == ["v-3101"]
        assert told["way_up"][1]["deputies"] == ["t-4002"]
        assert told["vacant"] == []
        text = run(*asked).stdout
        assert "told: v-3001 (Village head)" in text

    def test_who_is_told_of_a_vacant_post(self, run: Run, opener: Opener) -> None:
        opener()
        run("directory", "load", DIRECTORY)
        asked = ("directory", "who", "grid_worker", "--area", "140429102202001")
        told = data(run(*asked, "--json"))
        assert [seat["role"] for seat in told["vacant"]] == ["grid_worker"]
        assert told["told"] == {"role": "grid_chief", "holders": ["w-1003"], "deputies": True}
        assert "vacant" in run(*asked).stdout
        outside = run("directory", "who", "party", "--area", TOWN)
        assert "outside of the organisation" in outside.stdout
        run("directory", "who", "village_hed", "--area", TOWN, ends=4)
        run("directory", "who", "village_head", "--area", "x", ends=1)

    def test_vacancies(self, run: Run, opener: Opener) -> None:
        opener()
        run("directory", "load", DIRECTORY)
        found = data(run("directory", "vacancies", "--area", TOWN, "--json"))
        assert {
            "area": "140429102202001",
            "role": "grid_worker",
            "told": "grid_chief",
            "holders": ["w-1003"],
        } in found
        assert not [one for one in found if one["role"] == "village_head"]
        earlier = data(
            run("directory", "vacancies", "--area", "140429102202", "--on", "2023-01-01", "--json")
        )
        assert {"grid_worker", "grid_chief"} <= {one["role"] for one in earlier}
        assert "West Village grid" in run("directory", "vacancies").stdout


def run_check(file: Path) -> Result:
    return CliRunner().invoke(app, ["--lang", "en", "directory", "check", str(file), "--json"])


class TestSupervisions:
    @pytest.fixture
    def case(self, opener: Opener, url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> int:
        small = Path(__file__).parents[1] / "small"
        monkeypatch.setenv("JIEFEN_PROCESSES", str(small / "processes"))
        monkeypatch.setenv("JIEFEN_RULES", str(small / "rules"))
        engine: Engine = opener(directory=staff())
        clock.set(date(2026, 3, 2))
        case = found(engine)
        for _ in range(10):
            clock.advance(timedelta(days=1))
            engine.sweep()
        return case

    def test_they_are_listed_and_answered(self, run: Run, case: int, clock: FixedClock) -> None:
        listed = data(run("supervisions", "--json"))
        assert listed
        ref, role = listed[0]["ref"], listed[0]["role"]
        assert data(run("supervisions", "--case", case, "--role", role, "--area", "140429", "--json"))
        assert ref in run("supervisions").stdout
        clock.advance(timedelta(days=60))
        assert "overdue" in run("supervisions", "--status", "overdue").stdout
        page = run("supervisions", "--limit", "1")
        assert f"--after {listed[0]['id']}" in page.stderr
        answer = ("supervisions", "answer", case, ref, "--text", "已约定入户时间")
        run(*answer, "--by", "x", ends=1)
        run(*answer, "--by", "x", "--role", role, "--area", "everywhere", "--area", "11", ends=1)
        assert "is answered" in run(*answer, "--by", "x", "--role", role, "--area", "everywhere").stdout
        run(*answer, "--by", "x", "--role", role, "--area", "everywhere", ends=1)
        assert [one["ref"] for one in data(run("supervisions", "--status", "answered", "--json"))] == [ref]

    def test_what_is_not_there(self, run: Run, case: int) -> None:
        missing = run("supervisions", "answer", case, "nothing", "--text", "x", "--by", "x", ends=4)
        assert f"`jiefen supervisions --case {case}`" in missing.stderr
        assert "there is no role" in run("supervisions", "--role", "nobody", ends=4).stderr
        assert run_plain("supervisions", "--status", "bogus").exit_code == 2


def run_plain(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


class TestCase:
    @pytest.fixture
    def case(self, opener: Opener, clock: FixedClock) -> int:
        clock.set(date(2026, 3, 2))
        engine = opener(processes=None, rules=None)
        facts = {"source": "walk_in", "dispute_type": "neighbour", "area": f"{TOWN}201"}
        return engine.open_case("dispute", facts, key="k", by=Actor("c")).id

    def test_a_leader_is_bound(self, run: Run, case: int) -> None:
        assert data(run("cases", "--leader", "t-4010", "--json")) == []
        assert f"case {case} is led by t-4010" in run("lead", case, "t-4010", "--by", "x", *MEETING).stdout
        assert [one["id"] for one in data(run("cases", "--leader", "t-4010", "--json"))] == [case]
        lost = run("lead", case + 1, "t-4010", "--by", "x", *MEETING, ends=4)
        assert "`jiefen cases`" in lost.stderr

    def test_somebody_keeps_out(self, run: Run, case: int) -> None:
        run("recuse", case, "t-4010", "--reason", "亲属", "--by", "x", *MEETING)
        assert (
            "信访工作条例第二十八条第三款"
            in run("lead", case, "t-4010", "--by", "x", *MEETING, ends=1).stderr
        )
        run("recuse", case, "t-4010", "--reason", " ", "--by", "x", ends=1)

    def test_a_contact_is_logged(self, run: Run, case: int) -> None:
        run("contact", case, "下访", "--note", "到户走访", "--by", "v-3001", *MEETING)
        run("contact", case, "telephone", "--note", "电话回访", "--by", "v-3001", *MEETING)
        assert "field_visit 下访" in run("contact", case, "letter", "--note", "x", "--by", "x", ends=1).stderr
        kinds = [
            entry["subject"] for entry in data(run("history", case, "--json")) if entry["kind"] == "contact"
        ]
        assert kinds == ["field_visit", "telephone"]

    def test_the_journal_comes_page_by_page(self, run: Run, case: int) -> None:
        whole = data(run("history", case, "--json"))
        first = run("history", case, "--limit", "2")
        assert f"--after {whole[1]['id']}" in first.stderr
        assert "Case opened" in first.stdout
        rest = data(run("history", case, "--after", whole[1]["id"], "--json"))
        assert rest == whole[2:]
        run("history", case + 1, ends=4)

    def test_the_right_that_is_lost_first(self, run: Run, clock: FixedClock, opener: Opener) -> None:
        engine = opener(processes=None, rules=None)
        clock.set(date(2026, 3, 2))
        facts = {"source": "walk_in", "dispute_type": "labour", "area": f"{TOWN}201"}
        case = engine.open_case("dispute", facts, key="labour", by=Actor("c")).id
        coordinator = Actor("t-4001", frozenset({"township_coordinator"}), EVERYWHERE)
        engine.milestone(case, "labour_award_served", on=date(2026, 3, 2), by=coordinator)
        right = engine.earliest_right(case)
        assert right is not None
        told = data(run("deadlines", case, "--json"))
        assert [one["rule"] for one in told if one["earliest_right"]] == [right.rule]
        text = run("deadlines", case).stdout
        assert "The party's earliest right to end: " in text
        assert "legal aid" not in text
        clock.set(right.due_on or date.max)
        assert "legal aid may be given first" in run("deadlines", case).stdout
        told = data(run("deadlines", case, "--json"))
        assert [one["rule"] for one in told if one["legal_aid_first"]] == [right.rule]


class TestRulesAndCalendar:
    def test_the_rules_of_an_area(self, run: Run) -> None:
        everything = listed("rules", "list", "--json")
        layers = {rule["layer"] for rule in everything}
        assert len(layers) > 2
        here = listed("rules", "list", "--area", "370700", "--json")
        assert {rule["layer"] for rule in here} <= {"nation", "3707", "370700", "37"}
        assert len(here) < len(everything)
        active = [(rule["kind"], rule["id"]) for rule in here if rule["active"]]
        assert len(active) == len(set(active))
        assert CliRunner().invoke(app, ["rules", "list", "--area", "x"]).exit_code == 1

    def test_the_calendar_that_is_known(
        self, run: Run, opener: Opener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("JIEFEN_DB", raising=False)
        engine = opener(processes=None, rules=None)
        known = engine.edition.calendar
        told = listed("calendar", "show", "--json")
        assert (told["known_from"], told["known_through"]) == (
            str(known.known_from),
            str(known.known_through),
        )
        assert [one["year"] for one in told["years"]] == [plan.year for plan in known.plans]
        assert f"through {known.known_through}" in run("calendar", "show").stdout


def listed(*arguments: str) -> Any:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_incident_is_shown_whole(
    run: Run, opener: Opener, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opener(processes=None, rules=None)
    clock.set(date(2026, 3, 2))
    engine.routines.keep(TOWN)

    def broken(*_: object) -> None:
        raise RuntimeError("broken " * 100)

    with monkeypatch.context() as patch:
        patch.setattr("jiefen.agenda.routines.store.insert", broken)
        for _ in range(40):
            clock.advance(timedelta(days=1))
            engine.sweep()
    incident = engine.incidents()[0]
    assert "broken " * 50 in run("incidents", "show", incident.id).stdout
    assert data(run("incidents", "show", incident.id, "--json"))["id"] == incident.id
    assert "`jiefen incidents`" in run("incidents", "show", incident.id + 1000, ends=4).stderr


class TestWholeCases:
    def test_a_case_is_split_told_and_opened_again(self, run: Run) -> None:
        facts = ("--fact", "source=walk_in", "--fact", "dispute_type=neighbour", "--fact", f"area={TOWN}201")
        people = ("--party", "applicant,name=张三", "--party", "applicant,name=李四")
        case = data(run("open", "dispute", "--key", "k", *facts, *people, "--by", "c-1", "--json"))["id"]
        who = ("--by", "c-1", "--role", "township_coordinator", "--area", TOWN)
        share = ("--share", "k/1,title=李四家,parties=2", "--reason", "两户各自的事")
        [new] = data(run("split", case, *share, *who, "--json"))
        assert (new["id"], new["key"]) == (case + 1, "k/1")
        assert f"case {case} was split: {new['id']}" in run("split", case, *share, *who).stdout
        run("split", case, "--share", "k/2,parties=x", "--reason", "两户", *who, ends=1)
        run("link", new["id"], case, "--kind", "child_of", "--reason", "同一项目", *who)
        told = data(run("decide-all", case, "matter.urgent", "--key", "u", *who, "--json"))
        assert [(one["case"], one["error"]) for one in told] == [(new["id"], None)]
        assert "told to 1 parts" in run("decide-all", case, "matter.urgent", "--key", "u", *who).stdout
        run("message", "party.withdrew", "--case", case, "--key", "w", "--by", "w", *MEETING)
        again = data(run("reopen", case, "--reason", "反悔", *who, "--json"))
        assert (again["id"], again["status"]) == (case, "open")
        assert f"case {case} is open again" in run("reopen", case, "--reason", "反悔", *who).stdout


class TestParties:
    def test_what_cannot_be_checked_is_kept_and_said(self, run: Run) -> None:
        who = ("--by", "0412", "--area", "140429102201")
        opened = run(
            "open",
            "dispute",
            "--key",
            "k",
            "--fact",
            "source=walk_in",
            *who,
            "--party",
            "applicant,name=张三,phone=1380000001",
        )
        assert "party 1: telephone is kept" in opened.stderr
        added = run(
            "party",
            "add",
            1,
            "respondent,name=Ann,id_number=G12345678",
            *who,
            "--role",
            "village_mediator",
            "--json",
        )
        assert data(added) == {"seq": 2, "doubts": ["id_number"]}
        assert [one["doubts"] for one in data(run("party", "list", 1, "--json"))] == [
            ["phone"],
            ["id_number"],
        ]
        for wrong in ("phone=abc", "id_number=123", "id_number=110105194912310021"):
            run("party", "add", 1, f"respondent,name=Bob,{wrong}", *who, "--role", "village_mediator", ends=1)


class TestStaffNumbers:
    """Where a directory is loaded, somebody who is named has a staff number there."""

    def test_a_name_is_refused_and_an_office_of_one_person_is_found(self, run: Run, opener: Opener) -> None:
        opener()
        run("open", "dispute", "--key", "k", "--fact", "source=walk_in", "--area", TOWN, "--by", "x")
        by = ("--by", "x", *MEETING)
        assert "led by anybody" in run("lead", 1, "anybody", *by).stdout
        run("directory", "load", DIRECTORY)
        handed = ("--reason", "交接", *by)
        assert "tells who holds an office" in run("lead", 1, "李书记", *handed, ends=4).stderr
        assert "did you mean 't-4010'" in run("lead", 1, "t-401O", *handed, ends=4).stderr
        assert "is held by" in run("lead", 1, "village_head", *handed, ends=4).stderr
        found = run("lead", 1, "township_leader", *handed)
        assert ("t-4010" in found.stderr, "led by t-4010" in found.stdout) == (True, True)

    def test_who_is_to_meet_work_or_stand_in_as_well(self, run: Run, opener: Opener) -> None:
        opener()
        run("open", "dispute", "--key", "k", "--fact", "source=walk_in", "--area", TOWN, "--by", "x")
        run("directory", "load", DIRECTORY)
        centre = ("--role", "township_coordinator", "--area", "everywhere")
        meet = ("appoint", 1, "接访", "--at", "2026-03-09T09:00+08:00", "--place", "大厅", "--by", "x")
        span = (
            "--since",
            "2026-03-02",
            "--until",
            "2026-03-04",
            "--by",
            "t-4001",
            "--reason",
            "出差",
            *centre,
        )
        for wrong in (
            (*meet, "--official", "张主任"),
            (*meet, "--official", "t-4010", "--staff", "张主任"),
            ("reassign", 1, "张主任", "--reason", "分工", "--by", "x", *centre),
            ("delegate", "t-4001", "张主任", *span),
        ):
            assert "no staff number" in run(*wrong, ends=4).stderr
        run(*meet, "--official", "t-4010", *centre)
        moved = ("appointments", "move", 1, 1, "--reason", "r", "--by", "x", *centre)
        assert "no staff number" in run(*moved, "--official", "张主任", ends=4).stderr

    def test_a_role_that_nobody_knows_leaves_no_empty_list(self, run: Run, opener: Opener) -> None:
        opener()
        told = run("work", "--by", "x", "--role", "vilage_mediator", ends=4)
        assert "did you mean 'village_mediator'?" in told.stderr
        assert run("work", "--by", "x", "--role", "village_mediator", "--area", TOWN).stdout


class TestWords:
    def test_what_goes_back_says_what_is_missing_and_by_when(self, run: Run, opener: Opener) -> None:
        opener()
        run("open", "dispute", "--key", "k", "--fact", "source=walk_in", "--area", TOWN, "--by", "x")
        back = ("supervisions", "check", 1, "told/1", "--send-back", "--by", "x")
        assert "--reason TEXT" in run(*back, ends=1).stderr
        assert "--reply-by" in run(*back, "--reason", "缺凭证", ends=1).stderr

    def test_a_case_that_is_named_twice_is_called_that(self, run: Run, opener: Opener) -> None:
        opener()
        run("open", "dispute", "--key", "k", "--fact", "source=walk_in", "--area", TOWN, "--by", "x")
        told = run("merge", 1, 1, "--reason", "同一事项", "--by", "x", ends=1).stderr
        assert ("named twice" in told, "link" in told) == (True, False)

    def test_a_language_that_is_none_is_said(self, opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
        for said, told in (("中文", True), ("zh_CN", False), ("en", False), ("", False)):
            monkeypatch.setenv("JIEFEN_LANG", said)
            result = CliRunner().invoke(app, ["rules", "list", "--help"])
            assert ("JIEFEN_LANG=中文" in result.stderr, result.exit_code) == (told, 0)
            assert Settings().language == ("en" if said == "en" else "zh")
