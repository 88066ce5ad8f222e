"""Officials meet the people of cases: booked, moved, held, missed, and asked for when nobody says what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from jiefen import (
    Actor,
    AlreadyDone,
    Appointment,
    AppointmentForm,
    AppointmentStatus,
    Conflict,
    Engine,
    FactError,
    FixedClock,
    Happening,
    MissedBy,
    NotAllowed,
    NotFound,
    UnknownValue,
)  # fmt: skip
from jiefen.cli.root import app
from jiefen.clock import CHINA
from tests.integration.conftest import CLERK, HEAD, SMALL, Opener
from tests.integration.test_engine import FACTS
from tests.support.moments import RECUSER

#: Monday 2 March 2026, 09:00, is now; Thursday is the day.
THURSDAY = datetime(2026, 3, 5, 9, 30, tzinfo=CHINA)
PEOPLE = [{"part": "applicant", "name": "张三", "phone": "13800000001"}]
LEADER, DEPUTY = "l-1", "d-1"
BOTH = Actor("clerk-2", frozenset({"clerk"}), "140429")


@pytest.fixture
def case(engine: Engine) -> int:
    return engine.open_case("claim", FACTS, key="k", by=CLERK, parties=PEOPLE).id


def book(engine: Engine, case: int, **changes: Any) -> Appointment:
    given: dict[str, Any] = {
        "at": THURSDAY,
        "place": "信访接待大厅",
        "official": LEADER,
        "by": CLERK,
    } | changes
    return engine.appointments.book(case, given.pop("form", "reception"), **given)


def told(engine: Engine, state: str) -> list[list[str]]:
    """Who was told that an appointment is in a state."""
    return [
        one.payload["holders"]
        for one in engine.deliveries()
        if one.topic == "notice" and one.payload.get("state") == state
    ]


def kinds(engine: Engine, case: int) -> list[Happening]:
    return [one.kind for one in engine.history(case)]


class TestBooking:
    def test_it_has_a_time_in_its_zone_a_place_and_people(self, engine: Engine, case: int) -> None:
        revision = engine.case(case).revision
        zone = ZoneInfo("Asia/Urumqi")
        made = book(engine, case, at=THURSDAY.astimezone(zone), staff=["s-1"], parties=[1], form="带案下访")
        assert engine.appointments.of(case, by=CLERK) == [made]
        assert (made.form, made.day, made.parties) == (AppointmentForm.LED_VISIT, date(2026, 3, 5), (1,))
        assert f"{made.starts_at:%H:%M}" == "07:30"
        assert engine.case(case).revision == revision + 1
        assert told(engine, "booked") == [[LEADER, "s-1"]]
        assert "张三" not in str(engine.history(case)) + str(engine.deliveries())
        assert "预约带案下访 1 号:2026-03-05 09:30,信访接待大厅,接待人 l-1" in engine.explain(case).text("zh")

    def test_the_party_sees_when_and_where_and_not_with_whom(self, engine: Engine, clock: FixedClock) -> None:
        opened = engine.open_case("claim", FACTS, key="p", by=CLERK)
        assert opened.code
        book(engine, opened.id)
        seen = engine.by_code(opened.code)
        assert "2026-03-05 09:30 接访,地点:信访接待大厅" in seen.lines("zh")
        assert LEADER not in repr(seen)
        clock.set(THURSDAY + timedelta(hours=2))
        assert engine.by_code(opened.code).meetings == ()

    def test_not_on_days_on_which_the_official_is_away(self, engine: Engine, case: int) -> None:
        engine.delegate(
            LEADER, DEPUTY, since=date(2026, 3, 5), until=date(2026, 3, 6), reason="出差", by=Actor(LEADER)
        )
        with pytest.raises(Conflict, match="d-1 stands in") as error:
            book(engine, case)
        assert error.value.zh
        assert "代理" in error.value.zh
        # Late on Wednesday in UTC it is Thursday in China.
        with pytest.raises(Conflict, match="is away"):
            book(engine, case, at=datetime(2026, 3, 4, 20, 0, tzinfo=UTC))
        assert book(engine, case, official=DEPUTY).official == DEPUTY
        assert book(engine, case, at=THURSDAY + timedelta(days=4)).seq == 2

    def test_nobody_is_at_two_places_at_once(self, engine: Engine, case: int) -> None:
        book(engine, case)
        other = engine.open_case("claim", FACTS, key="k2", by=CLERK).id
        for minutes, length in ((0, 30), (29, 10), (-10, 20)):
            with pytest.raises(Conflict, match="meets somebody else"):
                book(engine, other, at=THURSDAY + timedelta(minutes=minutes), minutes=length)
        assert book(engine, other, at=THURSDAY + timedelta(minutes=30)).seq == 1
        engine.appointments.cancel(case, 1, reason="撤诉", by=CLERK)
        assert book(engine, other).seq == 2

    def test_what_cannot_be_is_told(self, engine: Engine, case: int) -> None:
        for wrong, error in (
            ({"at": THURSDAY.replace(tzinfo=None)}, FactError),
            ({"at": datetime(2026, 3, 1, 9, 30, tzinfo=CHINA)}, FactError),
            ({"at": THURSDAY + timedelta(days=400)}, FactError),
            ({"at": "2026-03-05"}, FactError),
            ({"place": " "}, FactError),
            ({"minutes": 0}, FactError),
            ({"form": "tea"}, FactError),
            ({"parties": [9]}, NotFound),
            ({"staff": "s-1"}, FactError),
            ({"by": Actor("0900", frozenset({"clerk"}), "370700")}, NotAllowed),
        ):
            with pytest.raises(error):
                book(engine, case, **wrong)
        engine.recuse(case, LEADER, reason="近亲属", by=RECUSER)
        with pytest.raises(NotAllowed, match="recused"):
            book(engine, case)
        engine.void(case, reason="误登", by=HEAD)
        with pytest.raises(Conflict, match="voided"):
            book(engine, case, official="l-2")
        assert engine.appointments.of(case, by=CLERK) == []


class TestWhatBecomesOfIt:
    def test_it_is_reminded_held_and_counts_as_a_contact(
        self, engine: Engine, case: int, clock: FixedClock
    ) -> None:
        book(engine, case, form="field_visit")
        clock.set(date(2026, 3, 4))
        engine.sweep()
        engine.sweep()
        assert told(engine, "before") == [[LEADER]]
        with pytest.raises(Conflict, match="has not come"):
            engine.appointments.held(case, 1, by=CLERK)
        clock.set(THURSDAY)
        done = engine.appointments.held(case, 1, result="答应修渠", by=CLERK)
        assert (done.status, done.result) == (AppointmentStatus.HELD, "答应修渠")
        assert "修渠" not in str(engine.history(case)) + repr(done)
        [contact] = [one for one in engine.history(case) if one.kind is Happening.CONTACT]
        assert contact.subject == "field_visit"
        clock.advance(timedelta(days=30))
        engine.sweep()
        assert told(engine, "asked") == []
        with pytest.raises(AlreadyDone):
            engine.appointments.missed(case, 1, missed_by="party", reason="未到", by=CLERK)

    def test_moved_it_is_told_and_reminded_anew(self, engine: Engine, case: int, clock: FixedClock) -> None:
        book(engine, case)
        later = THURSDAY + timedelta(days=4)
        moved = engine.appointments.move(case, 1, at=later, official=DEPUTY, reason="领导开会", by=CLERK)
        assert (moved.starts_at, moved.moves, moved.official, moved.reason) == (later, 1, DEPUTY, "领导开会")
        assert told(engine, "moved") == [[DEPUTY, LEADER]]
        clock.set(date(2026, 3, 4))
        engine.sweep()
        assert told(engine, "before") == []
        clock.set(datetime(2026, 3, 6, 10, tzinfo=CHINA))
        engine.sweep()
        assert told(engine, "before") == [[DEPUTY]]
        with pytest.raises(FactError, match="nothing is moved"):
            engine.appointments.move(case, 1, reason="x", by=CLERK)
        assert "改期:2026-03-09 09:30" in engine.explain(case).text("zh")

    def test_nobody_says_and_everybody_is_asked(self, engine: Engine, case: int, clock: FixedClock) -> None:
        book(engine, case)
        for day in range(3, 15):
            clock.set(date(2026, 3, day))
            engine.sweep()
        assert told(engine, "asked") == [[LEADER]]
        assert [LEADER] in told(engine, "above")
        assert len(told(engine, "above")) == 2
        missed = engine.appointments.missed(case, 1, missed_by=MissedBy.OFFICIAL, reason="临时会议", by=CLERK)
        assert missed.status is AppointmentStatus.MISSED
        assert "接待人未到(临时会议)" in engine.explain(case).text("zh")

    def test_an_absence_that_is_known_later_is_told_at_once_and_with_the_reminder(
        self, engine: Engine, case: int, clock: FixedClock
    ) -> None:
        book(engine, case)
        engine.delegate(
            LEADER, DEPUTY, since=date(2026, 3, 5), until=date(2026, 3, 6), reason="出差", by=Actor(LEADER)
        )
        [found] = engine.appointments.find(by=CLERK)
        assert found.away_until == date(2026, 3, 6)
        engine.sweep()
        assert told(engine, "before") == [[LEADER, DEPUTY]]
        clock.set(date(2026, 3, 4))
        engine.sweep()
        assert told(engine, "before") == [[LEADER, DEPUTY]] * 2
        assert "接待人当日不在岗" in engine.explain(case).text("zh")

    def test_also_after_the_case_has_ended(self, engine: Engine, case: int, clock: FixedClock) -> None:
        book(engine, case)
        engine.complete(engine.tasks(case=case)[0].id, {}, by=CLERK)
        clock.set(date(2026, 3, 4))
        engine.sweep()
        assert told(engine, "before") == [[LEADER]]

    def test_whoever_was_to_be_there_is_recused_and_the_office_is_told(
        self, engine: Engine, case: int, clock: FixedClock
    ) -> None:
        book(engine, case)
        engine.recuse(case, LEADER, reason="近亲属", by=RECUSER)
        clock.set(date(2026, 3, 4))
        engine.sweep()
        assert [LEADER] not in told(engine, "before")
        assert len(told(engine, "before")) == 1

    def test_of_a_void_case_it_is_told_once_that_it_is_to_be_cancelled(
        self, engine: Engine, case: int, clock: FixedClock
    ) -> None:
        book(engine, case)
        engine.void(case, reason="误登", by=HEAD)
        for day in range(3, 20):
            clock.set(date(2026, 3, day))
            engine.sweep()
        assert told(engine, "gone") == [[LEADER]]
        assert told(engine, "asked") == []
        assert (
            engine.appointments.cancel(case, 1, reason="误登", by=CLERK).status is AppointmentStatus.CANCELLED
        )


class TestFinding:
    def test_by_area_day_official_and_status(self, engine: Engine, case: int) -> None:
        other = engine.open_case("claim", FACTS | {"area": "140429103201"}, key="k2", by=CLERK).id
        book(engine, case, at=THURSDAY + timedelta(hours=3))
        book(engine, other, official="l-2", by=BOTH)
        book(engine, case, at=THURSDAY + timedelta(days=40))

        def found(**asked: Any) -> list[tuple[int, int]]:
            listed = engine.appointments.find(by=BOTH, **asked)
            return [(one.appointment.case, one.appointment.seq) for one in listed]

        assert found() == [(other, 1), (case, 1)]
        assert found(since=date(2026, 3, 6)) == []
        assert found(since=date(2026, 3, 5), until=date(2026, 3, 5), area="140429102") == [(case, 1)]
        assert found(until=date(2026, 12, 31), official=LEADER) == [(case, 1), (case, 2)]
        engine.appointments.cancel(case, 1, reason="x", by=CLERK)
        assert found(status="planned") == [(other, 1)]
        [first] = engine.appointments.find(by=BOTH, limit=1)
        assert found(after=first.token) == [(case, 1)]
        with pytest.raises(UnknownValue):
            found(status="plan")
        with pytest.raises(FactError):
            found(after="x")

    def test_what_one_may_not_know_is_left_out(self, engine: Engine, case: int) -> None:
        book(engine, case)
        engine.recuse(case, "0431", reason="近亲属", by=RECUSER)
        assert engine.appointments.find(by=Actor("0431")) == []
        assert engine.appointments.find(by=Actor("0900", frozenset({"clerk"}), "370700")) == []
        with pytest.raises(NotAllowed):
            engine.appointments.of(case, by=Actor("0431"))


@pytest.fixture
def run(url: str, opener: Opener) -> Callable[..., str]:
    opener(clock=FixedClock(datetime.now(UTC))).open_case("claim", FACTS, key="k", by=CLERK)

    def run(*arguments: str) -> str:
        where = [
            "--db",
            url,
            "--processes",
            str(SMALL / "processes"),
            "--rules",
            str(SMALL / "rules"),
            "--lang",
            "zh",
        ]
        done = CliRunner().invoke(app, [*arguments, *where], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_at_the_command_line(run: Callable[..., str]) -> None:
    def at(days: int) -> str:
        return f"{datetime.now(CHINA) + timedelta(days=days):%Y-%m-%d}T09:30+08:00"

    by = ("--by", "0412", "--role", "clerk", "--role", "township_coordinator", "--area", "everywhere")
    made = json.loads(
        run("appoint", "1", "接访", "--at", at(3), "--place", "大厅", "--official", "l-1", *by, "--json")
    )
    assert (made["form"], made["status"]) == ("reception", "planned")
    assert "大厅" in run("appointments", *by)
    assert json.loads(run("appointments", *by, "--json"))[0]["appointment"]["official"] == "l-1"
    moved = run("appointments", "move", "1", "1", "--place", "三楼", "--reason", "装修", *by)
    assert "三楼" in moved
    run("appointments", "cancel", "1", "1", "--reason", "撤回", *by)
    assert json.loads(run("appointments", "--case", "1", *by, "--json"))[0]["status"] == "cancelled"
    assert json.loads(run("appointments", "--status", "planned", *by, "--json")) == []
