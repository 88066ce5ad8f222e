"""The calendar agrees with an independent one on every day since 2007, and says what it does not know."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import CalendarUnknown, PeriodError, RuleError
from jiefen.periods import (
    Calendar,
    Holiday,
    calendars,
    check_calendars,
    import_year,
    load_calendar,
    with_local,
)

CALENDAR = calendars()
DAYS = st.dates(CALENDAR.known_from, CALENDAR.known_through)
MAKEUP = {
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


def test_every_day_agrees_with_another_calendar() -> None:
    day, differences = date(2007, 1, 1), []
    while day <= CALENDAR.known_through:
        if CALENDAR.is_working_day(day) != chinese_calendar.is_workday(day):
            differences.append(day)
        day += timedelta(days=1)
    assert differences == []


@pytest.mark.parametrize("year", sorted(MAKEUP))
def test_makeup_working_days(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(362)]
    found = [f"{day:%m-%d}" for day in days if CALENDAR.is_makeup_workday(day)]
    assert found == MAKEUP[year].split()


def test_a_plan_may_touch_the_december_before() -> None:
    assert CALENDAR.is_makeup_workday(date(2018, 12, 29))
    assert CALENDAR.is_day_off(date(2018, 12, 31))


def test_what_is_known_ends_before_the_year_does() -> None:
    assert (CALENDAR.known_from, CALENDAR.known_through) == (date(2007, 1, 1), date(2026, 12, 28))
    assert CALENDAR.covers(date(2026, 12, 28))
    assert not CALENDAR.covers(date(2026, 12, 29))


def test_revisions_are_counted() -> None:
    revisions = {plan.year: plan.revision for plan in CALENDAR.plans}
    assert [revisions[year] for year in (2018, 2019, 2020, 2026)] == [1, 2, 2, 1]


@pytest.mark.parametrize(
    "ask", [Calendar.is_working_day, Calendar.is_day_off, Calendar.why, Calendar.next_working_day]
)
def test_beyond_what_is_known_it_does_not_guess(ask: Callable[[Calendar, date], object]) -> None:
    # The plan of 2019 moved 29 and 31 December 2018: until it came, that of 2018 would have been wrong.
    for day in (date(2026, 12, 29), date(2026, 12, 31), date(2027, 1, 4)):
        with pytest.raises(CalendarUnknown, match="2027"):
            ask(CALENDAR, day)
    with pytest.raises(PeriodError, match="2007-01-01"):
        ask(CALENDAR, date(2006, 12, 31))


def test_counting_ends_where_knowing_ends() -> None:
    last = CALENDAR.known_through
    assert CALENDAR.working_days_between(last, last + timedelta(days=1)) == 1
    assert CALENDAR.add_working_days(last - timedelta(days=1), 1) == last == date(2026, 12, 28)
    assert CALENDAR.add_working_days(last + timedelta(days=1), -1) == last
    for ask in (
        lambda: CALENDAR.working_days_between(last, last + timedelta(days=2)),
        lambda: CALENDAR.add_working_days(last, 1),
        lambda: CALENDAR.add_working_days(last + timedelta(days=2), -1),
    ):
        with pytest.raises(CalendarUnknown, match="2027"):
            ask()


def test_it_says_why() -> None:
    told = {
        day: CALENDAR.why(day) for day in map(date.fromisoformat, ("2026-10-01", "2026-10-10", "2026-10-17"))
    }
    assert list(told.values()) == ["国庆节放假", "国庆节调休上班", "周末"]
    assert CALENDAR.why(date(2026, 10, 10), "en") == "worked in lieu for 国庆节"
    assert CALENDAR.why(date(2020, 2, 3), "en") == "working day"


@given(DAYS, st.integers(-300, 300))
def test_adding_is_undone_by_counting(day: date, number: int) -> None:
    try:
        other = CALENDAR.add_working_days(day, number)
    except PeriodError:
        return
    if number > 0:
        assert CALENDAR.working_days_between(day + timedelta(days=1), other + timedelta(days=1)) == number
    elif number < 0:
        assert CALENDAR.working_days_between(other, day) == -number
    else:
        assert other == day


@given(DAYS, DAYS, DAYS)
def test_counting_adds_up(one: date, two: date, three: date) -> None:
    between = CALENDAR.working_days_between
    assert between(one, two) + between(two, three) == between(one, three)


@given(DAYS)
def test_the_next_working_day_is_worked_and_nearest(day: date) -> None:
    after = CALENDAR.next_working_day(day)
    assert day <= after
    assert CALENDAR.is_working_day(after)
    assert CALENDAR.working_days_between(day, after) == 0


def test_local_holidays_lie_over_the_nation_and_change_the_digest() -> None:
    local = with_local(CALENDAR, [Holiday("泼水节", (date(2026, 4, 13), date(2026, 4, 14)))])
    assert local.is_day_off(date(2026, 4, 13))
    assert local.digest != CALENDAR.digest
    assert CALENDAR.is_working_day(date(2026, 4, 13))
    assert local.working_days_between(date(2026, 4, 13), date(2026, 4, 18)) == 3


def test_years_must_follow_each_other() -> None:
    with pytest.raises(PeriodError, match="consecutive"):
        Calendar((CALENDAR.plans[0], CALENDAR.plans[2]))


GOOD = "year: 2026\nrevision: 1\npapers: [x]\nholidays:\n  - {name: 元旦, days_off: [2026-01-01]}\n"


class TestFiles:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[]", "mapping"),
            ("year: soon", "year"),
            (GOOD.replace("revision: 1", "revision: 0"), "revision"),
            (GOOD.replace("papers: [x]", "papers: []"), "papers"),
            (GOOD + "extra: 1\n", "extra"),
            (GOOD.replace("revision: 1", "revision: true"), "revision"),
            (GOOD.replace("papers: [x]", "papers: x"), "papers"),
            (GOOD.replace("papers: [x]", "papers: [' ']"), "papers"),
            (GOOD.replace("name: 元旦, ", ""), "name"),
            (GOOD.replace("元旦", "''"), "name"),
            (GOOD.replace("[2026-01-01]", "[]"), "no day"),
            (GOOD.replace("[2026-01-01]", "[{from: 2026-01-01, to: 2026-01-02, till: 1}]"), "no run"),
            (GOOD.replace("[2026-01-01]", "[{from: 2026-01-01}]"), "no run"),
            (GOOD.replace("2026-01-01", "2026-02-30"), "2026-02-30"),
            (GOOD.replace("2026-01-01", "2027-01-01"), "belong"),
            (GOOD.replace("[2026-01-01]", "[2026-01-01], makeup: [2026-01-01]"), "twice"),
            (GOOD.replace("[2026-01-01]", "2026-01-01"), "no list"),
            (GOOD.replace("[2026-01-01]", "[{from: 2026-01-05, to: 2026-01-01}]"), "no run"),
            (GOOD.replace("days_off:", "off:"), "off"),
            (GOOD + "year: 2026\n", "year"),
            ("\tyear: 2026", "tab"),
        ],
    )
    def test_a_wrong_file_is_refused_with_its_line(self, tmp_path: Path, text: str, said: str) -> None:
        (tmp_path / "2026.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(RuleError, match=said) as error:
            load_calendar(tmp_path)
        finding = error.value.findings[0]
        assert finding.line is not None
        assert finding.hint
        assert check_calendars(tmp_path) == list(error.value.findings)

    def test_a_good_one_loads(self, tmp_path: Path) -> None:
        (tmp_path / "2026.yaml").write_text(GOOD, encoding="utf-8")
        assert load_calendar(tmp_path).is_day_off(date(2026, 1, 1))

    def test_a_missing_year_and_a_wrong_name_and_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match="import a year"):
            load_calendar(tmp_path)
        (tmp_path / "2024.yaml").write_text(GOOD.replace("2026", "2024"), encoding="utf-8")
        (tmp_path / "2027.yaml").write_text(GOOD, encoding="utf-8")
        codes = {finding.code for finding in check_calendars(tmp_path)}
        assert codes == {"calendar-year", "calendar-gap"}


class TestImport:
    def source(self, folder: Path, **changes: object) -> Path:
        days = [
            {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
            {"name": "元旦", "date": "2026-12-31", "isOffDay": True},
            {"name": "元旦", "date": "2027-01-09", "isOffDay": False},
        ]
        path = folder / "2027.json"
        path.write_text(
            json.dumps({"year": 2027, "papers": ["p1"], "days": days} | changes), encoding="utf-8"
        )
        return path

    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "calendars"
        folder.mkdir()
        (folder / "2026.yaml").write_text(GOOD, encoding="utf-8")
        return folder

    def test_a_new_year(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        import_year(self.source(tmp_path), folder)
        calendar = load_calendar(folder)
        assert calendar.known_through.year == 2027
        assert calendar.is_makeup_workday(date(2027, 1, 9))
        assert calendar.is_day_off(date(2026, 12, 31))

    def test_the_same_again_changes_nothing_and_a_change_is_a_revision(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        target = import_year(self.source(tmp_path), folder)
        before = target.read_text(encoding="utf-8")
        assert import_year(self.source(tmp_path), folder).read_text(encoding="utf-8") == before
        days = [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]
        import_year(self.source(tmp_path, days=days), folder)
        assert load_calendar(folder).plans[-1].revision == 2

    @pytest.mark.parametrize(
        "changes",
        [
            {"days": []},
            {"papers": []},
            {"days": [{"name": "x", "date": "2027-02-30", "isOffDay": True}]},
            {"days": [{"name": "x", "date": "2031-01-01", "isOffDay": True}]},
            {"days": [{"date": "2027-01-01"}]},
            {"days": 7},
            {"year": "soon"},
            {"year": "2027"},
            {"papers": "https://example.org"},
            {"papers": [7]},
            {"papers": [""]},
            {"papers": ["\ud800"]},
            {"papers": ["a\x7fb"]},
            {"papers": ["a\x85b"]},
            {"days": [{"name": "元旦\x85二", "date": "2027-01-01", "isOffDay": True}]},
            {"days": [{"name": "元\ud800旦", "date": "2027-01-01", "isOffDay": True}]},
            {"days": [{"name": "x", "date": "2027-W01-1", "isOffDay": True}]},
            {"days": ["2027-01-01"]},
            {"year": -5},
            {"year": 10**300},
            {"year": True},
            {"days": [{"name": "x", "date": "2027-01-01", "isOffDay": "false"}]},
            {"days": [{"name": "x", "date": "20270101", "isOffDay": True}]},
            {"days": [{"name": " ", "date": "2027-01-01", "isOffDay": True}]},
            {"days": [{"name": 7, "date": "2027-01-01", "isOffDay": True}]},
            {"days": [{"name": "x", "date": "2027-01-01", "isOffDay": True}] * 2},
            {"days": [{"name": "x", "date": "2027-01-01", "isOffDay": bool(n)} for n in (0, 1)]},
            {"days": [{"name": "x", "date": "2026-11-01", "isOffDay": True}]},
            {"days": [{"name": "x", "date": "2028-01-01", "isOffDay": True}]},
            {"year": 2029, "days": [{"name": "x", "date": "2029-01-01", "isOffDay": True}]},
            {"year": 2024, "days": [{"name": "x", "date": "2024-01-01", "isOffDay": True}]},
        ],
    )
    def test_what_is_no_plan_is_refused_and_nothing_is_written(
        self, tmp_path: Path, changes: dict[str, object]
    ) -> None:
        folder = self.folder(tmp_path)
        with pytest.raises(RuleError, match=r"2027\.json"):
            import_year(self.source(tmp_path, **changes), folder)
        assert [path.name for path in folder.iterdir()] == ["2026.yaml"]

    @pytest.mark.parametrize(
        "text",
        ["", "[]", "{}", "[" * 100_000, "\x00", '{"year": 2026, "year": 2027, "papers": ["p"], "days": []}'],
    )
    def test_what_is_no_json_of_a_plan(self, tmp_path: Path, text: str) -> None:
        folder, source = self.folder(tmp_path), tmp_path / "2027.json"
        source.write_text(text, encoding="utf-8")
        with pytest.raises(RuleError, match=r"2027\.json.*does not have the form"):
            import_year(source, folder)
        with pytest.raises(RuleError, match="does not have the form"):
            import_year(tmp_path / "none.json", folder)

    def test_a_good_file_is_not_replaced_by_one_that_cannot_be_loaded(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        before = import_year(self.source(tmp_path), folder).read_bytes()
        twice = [{"name": "x", "date": "2027-01-01", "isOffDay": off} for off in (True, False)]
        with pytest.raises(RuleError, match=r"2027\.json.*2027-01-01 stands twice"):
            import_year(self.source(tmp_path, days=twice), folder)
        assert {path.name for path in folder.iterdir()} == {"2026.yaml", "2027.yaml"}
        assert (folder / "2027.yaml").read_bytes() == before

    def test_a_folder_that_is_not_there_and_one_that_cannot_be_written_to(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(RuleError, match="does not exist"):
            import_year(self.source(tmp_path), tmp_path / "none")
        folder = self.folder(tmp_path)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(RuleError, match="No space left"):
            import_year(self.source(tmp_path), folder)
        assert [path.name for path in folder.iterdir()] == ["2026.yaml"]

    @pytest.mark.parametrize(
        "name", ["yes", "No", "元旦", "off", "1", "国庆节、中秋节", "春节(初一)", "a: b", "#1"]
    )
    @pytest.mark.parametrize(
        "paper", ["https://example.org/a?b=1", "国办发明电: 2026 #7", "yes", "- x", "\"'\\"]
    )
    def test_what_is_imported_can_be_loaded(self, tmp_path: Path, name: str, paper: str) -> None:
        folder = self.folder(tmp_path)
        days = [{"name": name, "date": "2027-01-01", "isOffDay": True}]
        import_year(self.source(tmp_path, days=days, papers=[paper]), folder)
        plan = load_calendar(folder).plans[-1]
        assert (plan.papers, [holiday.name for holiday in plan.holidays]) == ((paper,), [name])

    def test_a_broken_file_is_replaced_by_a_good_import(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        (folder / "2027.yaml").write_text("year: [", encoding="utf-8")
        import_year(self.source(tmp_path), folder)
        assert load_calendar(folder).known_through.year == 2027
