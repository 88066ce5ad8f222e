"""``decide``, ``due``, ``rules …``, ``test`` and ``calendar import`` at the command line."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from jiefen import FixedClock
from jiefen.bundled import bundled
from jiefen.cli.definitions.rulebook import RuleKind
from jiefen.cli.root import app
from jiefen.clock import SystemClock
from jiefen.edition.edition import load_edition
from jiefen.rules import Kind
from tests.integration.conftest import SMALL

DUE = {"due", "provisional", "earliest", "latest", "safe", "law", "article"}
LISTED = {
    "id", "kind", "layer", "title", "law", "article", "because", "from", "to", "confidence", "active",
    "inactive_because", "owner", "ref", "file", "line",
}  # fmt: skip

PLAN = {
    "year": 2027,
    "papers": ["https://www.gov.cn/2027"],
    "days": [{"name": "元旦", "date": f"2027-01-0{day}", "isOffDay": True} for day in (1, 2, 3)]
    + [{"name": "春节", "date": f"2027-02-0{day}", "isOffDay": True} for day in range(5, 10)],
}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, clock: FixedClock) -> None:
    monkeypatch.setenv("JIEFEN_LANG", "en")
    monkeypatch.setattr(SystemClock, "now", lambda _: clock.now())


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small rulebook in use."""
    monkeypatch.setenv("JIEFEN_RULES", str(SMALL / "rules"))
    return SMALL / "rules"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small rulebook in use, with calendars, to be changed."""
    shutil.copytree(SMALL / "rules", tmp_path / "rules")
    shutil.copytree(bundled("rules") / "calendars", tmp_path / "rules" / "calendars")
    monkeypatch.setenv("JIEFEN_RULES", str(tmp_path / "rules"))
    return tmp_path / "rules"


def jiefen(*arguments: object, ends: int = 0) -> Any:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == ends, (arguments, result.output)
    return result


def data(*arguments: object, ends: int = 0) -> Any:
    return json.loads(jiefen(*arguments, "--json", ends=ends).stdout)


class TestDecide:
    def test_outputs_rows_and_reasons(self, small: Path) -> None:
        told = data("decide", "route", "--fact", "amount=60000")
        assert told["outputs"] == {"way": "court"}
        assert (told["table"], told["as_of"], told["version"]) == ("route", "2026-03-02", "2020-01-01")
        assert [row["row"] for row in told["rows"]] == ["large"]
        assert told["rows"][0]["because"] == {"zh": "测试", "en": "Test"}
        assert "trace" not in told

    def test_the_trace_when_asked_for(self, small: Path) -> None:
        told = data("decide", "route", "--fact", "amount=60000", "--explain")
        assert [row["outcome"] for row in told["trace"]["rows"]] == ["won", "failed"]
        assert "must be" in jiefen("decide", "route", "--fact", "amount=60000", "--explain").stdout
        assert (
            "要求" in jiefen("decide", "route", "--fact", "amount=60000", "--explain", "--lang", "zh").stdout
        )

    def test_for_people(self, small: Path) -> None:
        assert (
            jiefen("decide", "route", "--fact", "amount=1").stdout.splitlines()[0] == "Way way: Office office"
        )

    def test_nothing_matches(self, small: Path) -> None:
        assert data("decide", "route", "--fact", "amount=null")["outputs"] == {"way": None}
        assert "no row matches" in jiefen("decide", "route", "--fact", "amount=null").stdout

    def test_facts_from_a_file(self, small: Path, tmp_path: Path) -> None:
        (tmp_path / "facts.json").write_text('{"amount": "60000"}')
        assert data("decide", "route", "--facts", tmp_path / "facts.json")["outputs"] == {"way": "court"}

    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (("rout",), 4, "did you mean 'route'"),
            (("route", "--as-of", "2019-12-31"), 4, "2020-01-01"),
            (("route", "--fact", "amount=lots"), 1, "yuan"),
            (("route", "--fact", "amuont=1"), 1, "amount"),
            (("route", "--area", "太行"), 1, "area"),
            (("route", "--as-of", "tomorrow"), 2, "2026-03-01"),
            (("route", "--facts", "none.json"), 1, "none.json"),
        ],
    )
    def test_refused(self, small: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
        assert says in jiefen("decide", *arguments, ends=code).stderr

    def test_a_broken_rulebook_tells_every_finding(self, copy: Path) -> None:
        (copy / "nation" / "more.yaml").write_text("tables: [\n")
        (copy / "nation" / "most.yaml").write_text("tables: yes\n")
        said = jiefen("decide", "route", ends=1).stderr
        assert "more.yaml:" in said
        assert "most.yaml:1:" in said


class TestDue:
    def test_a_rule_carries_its_law(self) -> None:
        # 信访工作条例 34: sixty days from acceptance; 2 October 2026 lies in the National Day holiday.
        told = data("due", "petition.handle", "--from", "2026-08-03")
        assert told == {
            "due": "2026-10-08", "provisional": False, "earliest": "2026-10-08", "latest": "2026-10-08",
            "safe": None, "law": "信访工作条例", "article": "第三十四条",
        }  # fmt: skip

    def test_a_right_that_rolls_by_analogy_says_the_safe_day(self) -> None:
        # 信访工作条例 35 has no roll: thirty days from 2 September end on 2 October, or on the 8th.
        told = data("due", "petition.review_request", "--from", "2026-09-02")
        assert (told["safe"], told["due"]) == ("2026-10-02", "2026-10-08")
        said = jiefen("due", "petition.review_request", "--from", "2026-09-02", "--lang", "zh").stdout
        assert "稳妥起见,应在2026-10-02以前办理:条例没有写末日遇节假日顺延" in said

    def test_a_bare_period_has_none(self) -> None:
        told = data("due", "5 wd", "--from", "2026-09-28")
        assert set(told) == DUE
        assert (told["due"], told["law"], told["article"]) == ("2026-10-10", None, None)

    @pytest.mark.parametrize(
        ("period", "start", "roll", "due"),
        [
            ("60 d", "2026-08-03", "none", "2026-10-02"),
            ("60 d", "2026-08-03", "next_working_day", "2026-10-08"),
            ("1 mo", "2026-01-31", "none", "2026-02-28"),
            ("2 y", "2024-02-29", "none", "2026-02-28"),
            ("5wd", "2026-03-02", "none", "2026-03-09"),
        ],
    )
    def test_every_unit_and_roll(self, period: str, start: str, roll: str, due: str) -> None:
        assert data("due", period, "--from", start, "--roll", roll)["due"] == due

    def test_hours_end_at_an_instant(self) -> None:
        assert data("due", "24 h", "--from", "2026-03-02T09:30+08:00")["due"] == "2026-03-03T10:00:00+08:00"
        assert jiefen("due", "24 h", "--from", "2026-03-02T09:30+08:00").stdout == "2026-03-03 10:00 +0800\n"

    def test_beyond_the_known_years_it_is_provisional(self) -> None:
        told = data("due", "5 wd", "--from", "2099-12-01")
        assert told["provisional"] is True
        assert told["due"] == told["earliest"] < told["latest"]
        said = jiefen("due", "5 wd", "--from", "2099-12-01").stdout
        assert "provisional" in said
        assert told["latest"] in said

    def test_each_skipped_day_is_explained(self) -> None:
        steps = data("due", "5 wd", "--from", "2026-09-28", "--explain")["steps"]
        assert [step["day"] for step in steps if step["kind"] == "skipped"] == [
            f"2026-10-0{n}" for n in range(1, 8)
        ]
        assert "国庆节" in jiefen("due", "5 wd", "--from", "2026-09-28", "--explain").stdout

    def test_a_public_notice_serves_after_thirty_days(self) -> None:
        # 民事诉讼法第九十五条, 第一百七十一条: published 2 March, served 1 April, fifteen days to appeal.
        told = data("due", "trial.appeal_judgment", "--from", "2026-03-02", "--public-notice")
        assert (told["served"], told["due"]) == ("2026-04-01", "2026-04-16")
        said = jiefen("due", "trial.appeal_judgment", "--from", "2026-03-02", "--public-notice").stdout
        assert "published on 2026-03-02, served on 2026-04-01" in said
        explained = data(
            "due", "trial.appeal_judgment", "--from", "2026-03-02", "--public-notice", "--explain"
        )
        assert (explained["served"], explained["from"], explained["steps"][0]["day"]) == ("2026-04-01",) * 3
        # The thirty days go over the end of what is known: they need no plan, the working days after them do.
        told = data("due", "5 wd", "--from", "2026-12-01", "--public-notice")
        assert (told["served"], told["provisional"]) == ("2026-12-31", True)
        jiefen("due", "24 h", "--from", "2026-03-02T09:30+08:00", "--public-notice", ends=2)

    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            # 民诉法解释第一百四十条, by 行政诉讼法第一百零一条 for administrative suits, too.
            ("trial.simplified", "第一百四十条"),
            ("trial.small_claims", "第一百四十条"),
            ("trial.answer_mediation_simplified", "第一百四十条"),
            ("administrative.simplified", "第一百四十条"),
            ("land.notify_hearing", "counted back"),
        ],
    )
    def test_what_is_never_served_by_public_notice(self, rule: str, said: str) -> None:
        assert said in jiefen("due", rule, "--from", "2026-03-02", "--public-notice", ends=2).stderr

    @pytest.mark.parametrize(
        "start",
        [
            "20260302",
            "2026-W10-1",
            "2026-3-2",
            "2026-3-002",
            "２０２６-03-02",
            "2026-02-30",
            "1-01-01",
            "today",
            "",
        ],
    )
    def test_what_is_no_day(self, start: str) -> None:
        assert "2026-03-01" in jiefen("due", "5 d", "--from", start, ends=2).stderr

    @pytest.mark.parametrize(
        "start",
        [
            "2026-W10-1T10:00+08:00", "20260302T1000+0800", "2026-03-02T10+08", "2026-03-02_10:00+08:00",
            "2026-03-02T10:00:00,5+08:00", "2026-03-02T24:00+08:00", "2026-03-02T10:00+08:00:30",
            "２０２６-03-02T10:00+08:00", "2026-03-02T10:00 CST", "0001-01-01T00:00+09:00", "9999-12-31T23:00Z",
        ],
    )  # fmt: skip
    def test_what_is_no_instant(self, start: str) -> None:
        for what in ("24 h", "trial.appeal_judgment"):
            assert "T09:30+08:00" in jiefen("due", what, "--from", start, ends=2).stderr

    @pytest.mark.parametrize(
        "start",
        [
            "2026-03-02T09:30:00+08:00",
            "2026-03-02T01:30Z",
            "2026-03-02 01:30:59.5Z",
            "2026-03-02T10:30+09:00",
        ],
    )
    def test_an_instant_in_any_zone_is_counted_by_the_clock_of_china(self, start: str) -> None:
        assert data("due", "24 h", "--from", start)["due"] == "2026-03-03T10:00:00+08:00"
        # without a zone it could be any
        assert "+08:00" in jiefen("due", "24 h", "--from", "2026-03-02T09:30", ends=1).stderr

    def test_a_day_before_the_known_years(self) -> None:
        for period, start in (
            ("5 d", "2006-12-31"),
            ("24 h", "1990-01-01T10:00+08:00"),
            ("5 wd", "0001-01-01"),
        ):
            assert "2007-01-01" in jiefen("due", period, "--from", start, ends=1).stderr

    def test_a_layers_own_rule(self) -> None:
        assert data("due", "hotline.answer", "--from", "2026-03-02", "--area", "370700")["law"]
        jiefen("due", "hotline.answer", "--from", "2026-03-02", ends=4)

    def test_the_local_holidays_of_all_layers_above_count_as_for_a_case(self, copy: Path) -> None:
        for layer, day in (("65", "2026-03-20"), ("6501", "2026-03-23")):
            (copy / layer / "calendars").mkdir(parents=True)
            (copy / layer / "calendars" / "2026.yaml").write_text(
                f"year: 2026\nrevision: 1\npapers: [paper]\nholidays:\n  - {{name: 节, days_off: [{day}]}}\n",
                encoding="utf-8",
            )
        edition = load_edition(SMALL / "processes", copy)
        for area, last in (("650102", "2026-03-24"), ("652301", "2026-03-23"), ("140400", "2026-03-20")):
            assert data("due", "1 wd", "--from", "2026-03-19", "--area", area)["due"] == last
            calendar = edition.calendar_in(area)
            assert str(calendar.add_working_days(date(2026, 3, 19), 1)) == last

    def test_conditions_are_told(self, copy: Path) -> None:
        text = (copy / "nation" / "small.yaml").read_text(encoding="utf-8")
        changed = text.replace("    length: 60 d\n", "    length: 60 d\n    when: {urgent: true}\n")
        (copy / "nation" / "small.yaml").write_text(changed, encoding="utf-8")
        assert "only for urgent: true" in jiefen("due", "claim.handle", "--from", "2026-08-03").stdout

    def test_a_local_holiday_counts_only_there(self, copy: Path) -> None:
        (copy / "65" / "calendars").mkdir(parents=True)
        (copy / "65" / "calendars" / "2026.yaml").write_text(
            "year: 2026\nrevision: 1\npapers: [paper]\nholidays:\n  - {name: 肉孜节, days_off: [2026-03-20]}\n"
        )
        assert data("due", "1 wd", "--from", "2026-03-19", "--area", "650100")["due"] == "2026-03-23"
        assert data("due", "1 wd", "--from", "2026-03-19", "--area", "140400")["due"] == "2026-03-20"
        assert data("due", "1 wd", "--from", "2026-03-19")["due"] == "2026-03-20"

    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (("60 days", "--from", "2026-03-02"), 1, "60 d"),
            (("60", "--from", "2026-03-02"), 1, "60 d"),
            (("99999 d", "--from", "2026-03-02"), 1, "10000"),
            (("5 wd", "--from", "2006-12-31"), 1, "2007-01-01"),
            (("24 h", "--from", "2026-03-02"), 1, "time of day"),
            (("24 h", "--from", "2026-03-02T09:30"), 1, "+08:00"),
            (("5 wd", "--from", "9999-12-31"), 1, "leaves the calendar"),
            (("petition.handel", "--from", "2026-03-02"), 4, "petition.handle"),
            (("petition.handle", "--from", "2020-03-02"), 4, "2022-05-01"),
            (("petition.handle", "--from", "2026-03-02", "--roll", "none"), 2, "rule"),
            (("5 wd", "--from", "2026-02-30"), 2, "2026-02-30"),
            (("24 h", "--from", "2026-03-02T25:00"), 2, "no instant"),
            (("5 wd",), 2, "--from"),
        ],
    )
    def test_refused(self, arguments: tuple[str, ...], code: int, says: str) -> None:
        assert says in jiefen("due", *arguments, ends=code).stderr


class TestRules:
    def test_the_list_tells_what_each_rests_on(self) -> None:
        listed = data("rules", "list")
        assert all(set(rule) == LISTED for rule in listed)
        [handle] = [rule for rule in listed if (rule["id"], rule["layer"]) == ("petition.handle", "nation")]
        assert (handle["law"], handle["article"], handle["active"]) == ("信访工作条例", "第三十四条", True)
        asleep = [rule for rule in listed if not rule["active"]]
        assert asleep
        assert all(rule["inactive_because"]["zh"] for rule in asleep)

    def test_one_kind(self, small: Path) -> None:
        listed = data("rules", "list", "--kind", "ladders")
        assert {rule["kind"] for rule in listed} == {"ladders"}
        assert "duty" in [rule["id"] for rule in listed]
        assert "claim.handle" in jiefen("rules", "list").stdout

    def test_the_messages_say_what_they_bring_and_reach(self) -> None:
        [review] = [one for one in data("messages") if one["name"] == "petition.review_requested"]
        assert review == {
            "name": "petition.review_requested",
            "title": {"zh": "信访人请求复查", "en": "The petitioner asks for a review"},
            "from": ["party"],
            "carries": ["applied_on"],
            "reaches": "petition_review_requested",
            "date": "applied_on",
        }
        table = jiefen("messages", "--lang", "zh").stdout
        assert "petition_review_requested 收到复查请求" in table
        assert "applied_on 申请日期" in table

    def test_a_rulebook_without_messages_lists_none(self, small: Path) -> None:
        assert data("messages") == []
        assert jiefen("messages").stdout

    def test_every_kind_can_be_asked_for(self) -> None:
        assert set(get_args(RuleKind)) == set(Kind)

    def test_tests_that_fail_and_rows_that_none_reaches(self, copy: Path) -> None:
        report = data("rules", "test", ends=1)
        assert (report["passed"], report["rows"]) == (False, 2)
        assert report["unreached"] == ["nation:route/large", "nation:route/small"]
        (copy / "nation" / "tests").mkdir()
        file = copy / "nation" / "tests" / "route.yaml"
        test = (
            "  - {{name: x, table: route, as_of: 2026-03-01, given: {{amount: {0}}}, expect: {{way: {1}}}}}\n"
        )
        file.write_text("tests:\n" + test.format(60000, "court") + test.format(1, "office"))
        assert data("rules", "test")["passed"] is True
        file.write_text("tests:\n" + test.format(60000, "office"))
        said = jiefen("rules", "test", ends=1).stdout
        assert "route.yaml:2" in said
        assert "expected office" in said
        file.write_text("tests: [\n")
        assert "route.yaml" in jiefen("rules", "test", ends=1).stderr

    def test_check_finds_what_loading_does_not(self, copy: Path) -> None:
        assert data("rules", "check") == []
        text = (copy / "nation" / "small.yaml").read_text(encoding="utf-8")
        (copy / "nation" / "small.yaml").write_text(
            text.replace("['<= 50000', missing]", "'< 50000'"), encoding="utf-8"
        )
        findings = data("rules", "check", ends=1)
        assert any("50000" in finding["message"] + finding["hint"] for finding in findings)

    def test_citations_are_looked_up_in_law_texts(self, copy: Path, tmp_path: Path) -> None:
        text = (copy / "nation" / "small.yaml").read_text(encoding="utf-8")
        cited = "because: {law: 小法, version: 2020, article: 第九条, figure: [六十日, 三十日]}\n    confidence: V\n"
        text = text.replace(
            "because: {policy: {zh: 测试, en: Test}}\n  claim.review", cited + "  claim.review"
        )
        assert cited in text
        (copy / "nation" / "small.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "laws").mkdir()
        law = tmp_path / "laws" / "小法-2020.md"
        law.write_text(
            "# 小法\n\n第九条 应当在六十日内办结；情况复杂的，可以延长三十日。\n", encoding="utf-8"
        )
        assert data("rules", "check", "--laws", tmp_path / "laws") == []
        law.write_text("# 小法\n\n第九条 应当在五十日内办结。\n", encoding="utf-8")
        findings = data("rules", "check", "--laws", tmp_path / "laws", ends=1)
        assert {finding["element"] for finding in findings} == {"claim.handle"}
        assert {finding["file"] for finding in findings} == {str(copy / "nation" / "small.yaml")}

    def test_the_schemas_are_written(self, copy: Path, tmp_path: Path) -> None:
        assert jiefen("rules", "schema").stdout.splitlines() == [
            str(copy / "schema" / name) for name in ("rules.json", "tests.json")
        ]
        jiefen("rules", "schema", "--into", tmp_path / "elsewhere")
        for name in ("rules.json", "tests.json"):
            schema = json.loads((tmp_path / "elsewhere" / name).read_text(encoding="utf-8"))
            assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"

    def test_a_rulebook_that_is_not_there(self) -> None:
        assert "/none" in jiefen("rules", "list", "--rules", "/none", ends=1).stderr


class TestScenarios:
    def arguments(self, path: Path) -> tuple[object, ...]:
        return ("test", path, "--processes", SMALL / "processes", "--rules", SMALL / "rules")

    def test_they_pass(self) -> None:
        results = data(*self.arguments(SMALL / "scenarios"))
        assert results
        assert all(result["passed"] and not result["problems"] for result in results)

    def test_one_that_fails_says_where_and_why(self, tmp_path: Path) -> None:
        file = tmp_path / "one.yaml"
        file.write_text(
            "scenarios:\n  - name: hopeful\n    process: claim\n    start: 2026-03-02\n"
            "    given: {received_on: 2026-03-02}\n    steps: []\n    expect: {status: ended}\n"
        )
        said = jiefen(*self.arguments(file), ends=1).stdout
        assert f"{file}:2: hopeful" in said
        assert "ended" in said
        assert data(*self.arguments(file), ends=1)[0]["passed"] is False

    def test_a_folder_without_any_is_not_a_pass(self, tmp_path: Path) -> None:
        assert jiefen(*self.arguments(tmp_path), ends=1).stdout == "0 scenarios, 0 failed\n"

    def test_what_is_no_scenario_is_found_by_both(self, tmp_path: Path) -> None:
        (tmp_path / "one.yaml").write_text("scenarios:\n  - {nam: x}\n")
        assert "one.yaml:2" in jiefen(*self.arguments(tmp_path / "one.yaml"), ends=1).stderr
        assert {finding["line"] for finding in data("check", tmp_path / "one.yaml", ends=1)} == {2}
        assert data("check", SMALL / "scenarios") == []


class TestCalendars:
    def test_a_new_year_and_its_revision(self, copy: Path, tmp_path: Path) -> None:
        file = tmp_path / "2027.json"
        file.write_text(json.dumps(PLAN), encoding="utf-8")
        assert data("due", "1 wd", "--from", "2027-02-04")["provisional"] is True
        assert jiefen("calendar", "import", file).stdout == f"{copy / 'calendars' / '2027.yaml'}\n"
        told = data("due", "1 wd", "--from", "2027-02-04")
        assert (told["due"], told["provisional"]) == ("2027-02-10", False)
        PLAN2 = PLAN | {"days": [*PLAN["days"], {"name": "春节", "date": "2027-02-10", "isOffDay": True}]}  # type: ignore[misc]
        file.write_text(json.dumps(PLAN2), encoding="utf-8")
        jiefen("calendar", "import", file)
        assert data("due", "1 wd", "--from", "2027-02-04")["due"] == "2027-02-11"
        assert data("check", copy) == []

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"year": 2027, "papers": [], "days": []}', "\0"])
    def test_a_file_that_is_no_plan_changes_nothing(self, copy: Path, tmp_path: Path, content: str) -> None:
        (tmp_path / "x.json").write_text(content)
        assert "x.json" in jiefen("calendar", "import", tmp_path / "x.json", ends=1).stderr
        assert not (copy / "calendars" / "2027.yaml").exists()

    def test_a_missing_file(self) -> None:
        assert "none.json" in jiefen("calendar", "import", "none.json", ends=1).stderr


def test_today_is_a_day_in_china(small: Path, clock: FixedClock) -> None:
    clock.set(date(2026, 3, 2))
    assert data("decide", "route")["as_of"] == "2026-03-02"
