"""What is on for persons and offices, as calendars that another library reads back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from typer.testing import CliRunner

from jiefen import (
    Actor,
    AlreadyDone,
    Diary,
    Engine,
    FactError,
    FixedClock,
    HeldPost,
    NotAllowed,
    NotFound,
)
from jiefen.cli.root import app
from jiefen.clock import CHINA
from jiefen.store.viewing.diaries import address
from jiefen_adapters.calendars import calendar_of, write_calendar
from jiefen_adapters.calendars.entries import Entry, Status
from jiefen_adapters.calendars.writing import calendar_bytes
from tests.integration.conftest import make_tables
from tests.support.chance import examples
from tests.support.databases import Databases

PLACE, COUNTY = "140429102", "140429"
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), PLACE)
PETITIONS = Actor("p-1", frozenset({"petition_officer"}), PLACE)
OFFICE = Actor("o-1", frozenset({"joint_meeting_office"}), COUNTY)
#: Monday 2 March 2026, 09:00, is now.
THURSDAY = datetime(2026, 3, 5, 9, 30, tzinfo=CHINA)
PEOPLE = [{"part": "applicant", "name": "张三丰", "phone": "13800000001"}]


@pytest.fixture
def engine(databases: Databases, clock: FixedClock) -> Iterator[Engine]:
    """The bundled edition, once on each backend."""
    with Engine.open(databases.prepared(make_tables), clock=clock) as one:
        yield one


def case(engine: Engine, key: str = "k", process: str = "dispute", **facts: Any) -> int:
    said = {
        "area": PLACE, "title": "张三丰反映宅基地", "dispute_type": "neighbour", "received_on": date(2026, 3, 2),
    } | facts  # fmt: skip
    return engine.open_case(process, said, key=key, by=CENTRE, parties=PEOPLE).id


def events(content: bytes) -> dict[str, Any]:
    """The entries of a calendar by their ids, read by another library than the one that wrote them."""
    [calendar] = vobject.readComponents(content.decode("utf-8"))
    found = {one.uid.value: one for one in getattr(calendar, "vevent_list", ())}
    assert len(found) == content.count(b"BEGIN:VEVENT")
    for one in found.values():
        assert one.validate(raiseException=True)
    return found


def diary(engine: Engine, by: Actor, **how: Any) -> dict[str, Any]:
    return events(write_calendar(engine.diaries.of(by=by), **how))


def book(engine: Engine, number: int, **how: Any) -> int:
    given: dict[str, Any] = {"at": THURSDAY, "place": "大厅,一楼;东侧", "official": "l-1", "by": CENTRE} | how
    return engine.appointments.book(number, "reception", **given).seq


class TestMeetings:
    def test_whoever_is_there_has_it_with_its_time_in_china(self, engine: Engine) -> None:
        number = case(engine)
        book(engine, number, at=THURSDAY.astimezone(UTC), staff=["s-1"])
        for person in ("l-1", "s-1"):
            [one] = diary(engine, Actor(person, frozenset({"land_officer"}), PLACE)).values()
            assert one.uid.value == f"meeting-{number}-1@jiefen"
            assert one.dtstart.value == THURSDAY
            assert one.dtstart.params["X-VOBJ-ORIGINAL-TZID"] == ["Asia/Shanghai"]
            assert one.location.value == "大厅,一楼;东侧"
            # Calendars are shown around.
            assert one.summary.value == "接访:张*反映宅基地"
            assert one.valarm.trigger.value == -timedelta(hours=1)
        other = Actor("x-1", frozenset({"land_officer"}), PLACE)
        assert diary(engine, other) == {}
        office = engine.diaries.of(by=other, role="land_officer", area=PLACE)
        assert [*events(write_calendar(office))] == [f"meeting-{number}-1@jiefen"]

    def test_a_change_keeps_the_id_and_a_cancellation_stays(self, engine: Engine, clock: FixedClock) -> None:
        number = case(engine)
        book(engine, number)
        leader = Actor("l-1", frozenset({"township_leader"}), PLACE)
        engine.appointments.move(number, 1, at=THURSDAY + timedelta(hours=5), reason="上午开会", by=CENTRE)
        [moved] = diary(engine, leader).values()
        assert (moved.sequence.value, moved.status.value) == ("1", "CONFIRMED")
        assert moved.dtstart.value == THURSDAY + timedelta(hours=5)
        engine.appointments.cancel(number, 1, reason="撤回", by=CENTRE)
        clock.set(THURSDAY + timedelta(days=25))
        [gone] = diary(engine, leader, language="en").values()
        assert gone.uid.value == moved.uid.value
        assert (gone.sequence.value, gone.status.value) == ("2", "CANCELLED")
        assert gone.summary.value == "Reception: 张*反映宅基地 (cancelled)"
        assert not hasattr(gone, "valarm")
        clock.set(THURSDAY + timedelta(days=33))
        assert diary(engine, leader) == {}

    def test_who_is_moved_out_of_it_has_it_no_longer(self, engine: Engine) -> None:
        number = case(engine)
        book(engine, number)
        engine.appointments.move(number, 1, official="l-2", reason="出差", by=CENTRE)
        assert diary(engine, Actor("l-1", frozenset({"land_officer"}), PLACE)) == {}
        assert diary(engine, Actor("l-2", frozenset({"land_officer"}), PLACE))


class TestDeadlines:
    def test_a_post_has_what_it_owes_on_its_last_day(self, engine: Engine) -> None:
        number = case(engine, process="petition", source="walk_in")
        owed = [one for one in engine.deadlines_due() if one.deadline.holder == "petition_officer"]
        assert owed
        found = diary(engine, PETITIONS)
        names = {f"deadline-{one.deadline.case}-{one.deadline.seq}@jiefen": one for one in owed}
        assert names.keys() == {name for name in found if name.startswith("deadline")}
        for name, due in names.items():
            entry = found[name]
            assert entry.dtstart.value == due.deadline.due_on
            assert entry.dtend.value == due.deadline.due_on + timedelta(days=1)
            assert due.deadline.article in entry.description.value
            assert entry.transp.value == "TRANSPARENT"
            assert entry.valarm.trigger.value == -timedelta(hours=15)
            assert entry.sequence.value == str(engine.case(number).revision)
        elsewhere = Actor("p-2", frozenset({"petition_officer"}), "140429103")
        assert not [name for name in diary(engine, elsewhere) if name.startswith("deadline")]

    def test_who_leads_a_case_has_its_deadlines_whoever_owes_them(self, engine: Engine) -> None:
        number = case(engine, process="petition", source="walk_in")
        engine.bind_leader(number, "l-9", by=OFFICE)
        leader = Actor("l-9", frozenset({"land_officer"}), "140429103")
        mine = {name for name in diary(engine, leader) if name.startswith("deadline")}
        assert mine == {
            f"deadline-{number}-{one.deadline.seq}@jiefen" for one in engine.deadlines_due(leader="l-9")
        }
        assert len(mine) > 1
        assert engine.deadlines_due(leader="nobody") == []

    def test_one_that_is_over_says_so_and_one_that_was_met_is_gone(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        number = case(engine, process="petition", source="walk_in")
        first = min(
            (one for one in engine.deadlines_due() if one.deadline.holder == "petition_officer"),
            key=lambda one: one.days_left,
        ).deadline
        assert first.due_at is not None
        clock.set(first.due_at + timedelta(days=2))
        engine.sweep()
        late = diary(engine, PETITIONS)[f"deadline-{number}-{first.seq}@jiefen"]
        assert late.summary.value.endswith("(已逾期)")
        assert not hasattr(late, "valarm")
        engine.void(number, reason="误登", evidence="当事人书面确认", by=CENTRE)
        assert not [name for name in diary(engine, PETITIONS) if name.startswith("deadline")]


class TestDaysOfCases:
    def test_hearings_and_sessions(self, engine: Engine) -> None:
        number = case(engine)
        facts = {"hearing_on": date(2026, 3, 20)} | {
            "session_on": date(2026, 3, 10), "session_time": "14:30", "session_place": "矛调中心",
        }  # fmt: skip
        engine.correct(number, facts, reason="登记", by=CENTRE)
        engine.bind_leader(number, "l-9", by=OFFICE)
        leader = Actor("l-9", frozenset({"land_officer"}), "140429103")
        for content in (
            write_calendar(engine.diaries.of(by=leader)),
            write_calendar(engine.diaries.of(by=CENTRE, role="township_coordinator", area=PLACE)),
        ):
            found = events(content)
            assert found[f"hearing-{number}@jiefen"].dtstart.value == date(2026, 3, 20)
            session = found[f"session-{number}@jiefen"]
            assert session.dtstart.value == datetime(2026, 3, 10, 14, 30, tzinfo=CHINA)
            assert session.location.value == "矛调中心"
            assert session.summary.value == "联合调解:张*反映宅基地"
        before = int(events(content)[f"hearing-{number}@jiefen"].sequence.value)
        engine.correct(number, {"hearing_on": date(2026, 3, 24)}, reason="改期", by=CENTRE)
        after = diary(engine, leader)[f"hearing-{number}@jiefen"]
        assert after.dtstart.value == date(2026, 3, 24)
        assert int(after.sequence.value) > before
        engine.void(number, reason="误登", evidence="当事人书面确认", by=CENTRE)
        office = engine.diaries.of(by=CENTRE, role="township_coordinator", area=PLACE)
        gone = events(write_calendar(office))[f"hearing-{number}@jiefen"]
        assert gone.status.value == "CANCELLED"

    def test_routines_that_come_and_lists_that_are_open(self, engine: Engine, clock: FixedClock) -> None:
        engine.routines.keep(PLACE)
        name = f"routine-monthly_meeting-{PLACE}-20260315@jiefen"
        # The 15th is a Sunday.
        assert diary(engine, CENTRE)[name].dtstart.value == date(2026, 3, 16)
        assert "台账" not in diary(engine, CENTRE)[name].description.value
        clock.set(datetime(2026, 3, 17, 9, tzinfo=CHINA))
        engine.sweep()
        found = diary(engine, CENTRE)
        assert "台账待办结" in found[name].description.value
        assert f"routine-monthly_meeting-{PLACE}-20260415@jiefen" in found
        assert not [one for one in diary(engine, PETITIONS) if "monthly_meeting" in one]


class TestWhatIsKept:
    def test_a_case_that_is_kept_closely_has_its_number_alone(self, engine: Engine) -> None:
        open_case, sensitive = case(engine), case(engine, key="来源-k2", minor_involved=True)
        book(engine, open_case)
        book(engine, sensitive, at=THURSDAY + timedelta(hours=1))
        for one in engine.tasks(case=sensitive):
            assert {*one.roles}
        engine.grades.let_read(sensitive, "l-1", reason="接访", by=CENTRE)
        leader = Actor("l-1", frozenset({"land_officer"}), PLACE)
        kept = diary(engine, leader)[f"meeting-{sensitive}-1@jiefen"]
        assert kept.summary.value == f"接访:{sensitive} 号案"
        assert "来源" not in kept.description.value
        other = Actor("l-3", frozenset({"land_officer"}), PLACE)
        office = events(write_calendar(engine.diaries.of(by=other, role="land_officer", area=PLACE)))
        assert [*office] == [f"meeting-{open_case}-1@jiefen"]
        # What was read of it is in the log.
        assert {one.case for one in engine.audit.reads(person="l-1")} >= {sensitive}

    def test_no_name_telephone_or_card_is_in_it(self, engine: Engine) -> None:
        number = case(engine, title="张三丰(13800000001)反映")
        book(engine, number)
        content = write_calendar(
            engine.diaries.of(by=CENTRE, role="township_coordinator", area=PLACE)
        ).decode()
        whole = content.replace("\r\n ", "")
        assert "三丰" not in whole
        assert "13800000001" not in whole

    @pytest.mark.parametrize(
        ("by", "how", "error"),
        [
            (Actor("n-1"), {}, NotAllowed),
            (Actor("n-1", frozenset({"land_officer"})), {}, NotAllowed),
            (Actor("n-1", posts=(HeldPost("land_officer", PLACE, until=date(2026, 3, 1)),)), {}, NotAllowed),
            (CENTRE, {"role": "petition_officer", "area": PLACE}, NotAllowed),
            (CENTRE, {"role": "township_coordinator", "area": COUNTY}, NotAllowed),
            (CENTRE, {"role": "township_coordinator"}, FactError),
            (CENTRE, {"area": PLACE}, FactError),
            (CENTRE, {"role": "township_coordinator", "area": "14"}, NotAllowed),
            (CENTRE, {"role": "township_coordinator", "area": "x"}, FactError),
        ],
    )  # fmt: skip
    def test_nobody_has_a_diary_without_its_post(
        self, engine: Engine, by: Actor, how: dict[str, Any], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            engine.diaries.of(by=by, **how)

    def test_more_than_a_calendar_takes_is_said(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("jiefen_adapters.calendars.entries.MOST", 2)
        for number in range(4):
            book(engine, case(engine, key=f"k{number}"), at=THURSDAY + timedelta(hours=number))
        found = diary(engine, Actor("l-1", frozenset({"land_officer"}), PLACE))
        assert len(found) == 3
        assert found["more-接访@jiefen"].summary.value == "接访:另有未列入,请在系统中查看"


class TestAddresses:
    def test_whoever_has_the_secret_reads_what_its_person_may_read(self, engine: Engine) -> None:
        number = case(engine)
        book(engine, number, official="c-1")
        made = engine.diaries.issue(by=CENTRE)
        assert made.token is not None
        assert made.token not in repr(made)
        assert [*events(calendar_of(engine, made.token))] == [f"meeting-{number}-1@jiefen"]
        assert [*events(calendar_of(engine, made.token, domain="x.example"))] == [
            f"meeting-{number}-1@x.example"
        ]
        engine.recuse(
            number, "c-1", reason="近亲属", by=Actor("h-1", frozenset({"county_petition_office"}), COUNTY)
        )
        assert events(calendar_of(engine, made.token)) == {}

    def test_the_database_keeps_no_secret(self, engine: Engine) -> None:
        made = engine.diaries.issue(by=CENTRE)
        with engine._runtime.reading() as connection:
            [row] = connection.execute(sa.select(address))
        assert made.token not in str(tuple(row))
        [listed] = engine.diaries.addresses(by=CENTRE)
        assert listed == replace(made, token=None)
        assert engine.diaries.addresses(by=PETITIONS) == []
        assert len({engine.diaries.issue(by=CENTRE).token for _ in range(20)}) == 20
        assert len(str(made.token)) == 43

    def test_it_is_taken_back_by_its_person_or_a_program(self, engine: Engine) -> None:
        for by in (CENTRE, Actor.program("portal")):
            made = engine.diaries.issue(by=CENTRE)
            assert made.token is not None
            with pytest.raises(NotAllowed):
                engine.diaries.revoke(made.id, reason="误发", by=PETITIONS)
            gone = engine.diaries.revoke(made.id, reason="手机遗失", by=by)
            assert gone.revoked_by == by.id
            with pytest.raises(NotFound) as refused:
                engine.diaries.opened(made.token)
            with pytest.raises(NotFound) as absent:
                engine.diaries.opened("x" * 43)
            assert str(refused.value) == str(absent.value)
            with pytest.raises(AlreadyDone):
                engine.diaries.revoke(made.id, reason="再次", by=by)
        with pytest.raises(NotFound):
            engine.diaries.revoke(999, reason="误发", by=CENTRE)

    def test_it_ends_with_its_last_day(self, engine: Engine, clock: FixedClock) -> None:
        short = engine.diaries.issue(by=CENTRE, until=date(2026, 3, 3))
        long = engine.diaries.issue(by=CENTRE)
        assert long.until == date(2027, 3, 3)
        clock.set(datetime(2026, 3, 3, 23, tzinfo=CHINA))
        assert engine.diaries.opened(str(short.token)).person == "c-1"
        clock.set(datetime(2026, 3, 4, 0, 30, tzinfo=CHINA))
        with pytest.raises(NotFound):
            engine.diaries.opened(str(short.token))
        assert engine.diaries.opened(str(long.token))
        clock.set(datetime(2027, 3, 4, 1, tzinfo=CHINA))
        with pytest.raises(NotFound):
            engine.diaries.opened(str(long.token))
        for wrong in (date(2027, 3, 3), date(2029, 1, 1)):
            with pytest.raises(FactError):
                engine.diaries.issue(by=CENTRE, until=wrong)

    def test_it_ends_with_the_post_by_its_days(self, engine: Engine, clock: FixedClock) -> None:
        by = Actor(
            "m-1",
            posts=(
                HeldPost("petition_officer", PLACE, until=date(2026, 3, 10)),
                HeldPost("land_officer", PLACE, until=date(2026, 3, 20)),
            ),
        )
        own, office = (
            engine.diaries.issue(by=by),
            engine.diaries.issue(by=by, role="petition_officer", area=PLACE),
        )
        assert engine.diaries.opened(str(office.token)).office == HeldPost("petition_officer", PLACE)
        assert len(engine.diaries.opened(str(own.token)).posts) == 2
        clock.set(datetime(2026, 3, 11, 9, tzinfo=CHINA))
        assert [one.role for one in engine.diaries.opened(str(own.token)).posts] == ["land_officer"]
        with pytest.raises(NotFound):
            engine.diaries.opened(str(office.token))
        clock.set(datetime(2026, 3, 21, 9, tzinfo=CHINA))
        with pytest.raises(NotFound):
            engine.diaries.opened(str(own.token))

    def test_it_ends_with_the_post_by_the_directory(
        self, engine: Engine, clock: FixedClock, tmp_path: Path
    ) -> None:
        def load(since: str) -> None:
            file = tmp_path / "directory.yaml"
            file.write_text(
                "units:\n"
                f"  '{COUNTY}': {{title: {{zh: 县, en: County}}}}\n"
                f"  '{PLACE}': {{title: {{zh: 镇, en: Township}}}}\n"
                "posts:\n"
                f"  - {{role: township_coordinator, area: '{PLACE}', holder: c-1{since}}}\n",
                encoding="utf-8",
            )
            engine.load_directory(file)

        load("")
        made = engine.diaries.issue(by=CENTRE)
        assert engine.diaries.opened(str(made.token))
        load(", to: 2026-03-04")
        assert engine.diaries.opened(str(made.token))
        clock.set(datetime(2026, 3, 5, 9, tzinfo=CHINA))
        with pytest.raises(NotFound):
            engine.diaries.opened(str(made.token))

    def test_no_program_and_no_party_issues_one(self, engine: Engine) -> None:
        with pytest.raises(NotAllowed):
            engine.diaries.issue(by=Actor.program("portal"))
        with pytest.raises(NotAllowed):
            engine.diaries.issue(by=Actor("c-9"))
        with pytest.raises(NotAllowed):
            engine.diaries.issue(by=CENTRE, role="petition_officer", area=PLACE)

    @pytest.mark.parametrize("wrong", [None, "", 5, b"x", "x" * 200, "汉字", object()])
    def test_nonsense_is_no_address(self, engine: Engine, wrong: Any) -> None:
        with pytest.raises(NotFound):
            engine.diaries.opened(wrong)

    def test_at_the_command_line(self, tmp_path: Path) -> None:
        database = f"sqlite:///{tmp_path}/cases.db"
        Engine.open(database).close()
        who = ["--by", "c-1", "--role", "township_coordinator", "--area", PLACE]

        def run(*words: str) -> str:
            done = CliRunner().invoke(app, ["--db", database, "--lang", "zh", "diaries", *words])
            assert done.exit_code == 0, done.output
            return done.stdout

        said = run("issue", *who)
        assert said.startswith("1 号日程地址(至 ")
        with Engine.open(database) as engine:
            assert calendar_of(engine, said.strip().rpartition(":")[2]).startswith(b"BEGIN:VCALENDAR")
        office = json.loads(run("issue", *who, "--office", f"township_coordinator@{PLACE}", "--json"))
        assert (office["id"], office["role"], len(office["token"])) == (2, "township_coordinator", 43)
        listed = json.loads(run("--by", "c-1", "--json"))
        assert [(one["id"], one["token"]) for one in listed] == [(1, None), (2, None)]
        assert run("revoke", "1", "--by", "c-1", "--reason", "手机遗失") == "1 号日程地址已收回\n"
        assert run("revoke", "2", "--reason", "手机遗失") == "2 号日程地址已收回\n"
        assert "township_coordinator" in run("--by", "c-1")


def test_the_command_writes_it(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/cases.db"
    with Engine.open(database) as engine:
        number = case(engine)
        engine.appointments.book(
            number,
            "reception",
            at=datetime.now(CHINA) + timedelta(days=3),
            place="大厅",
            official="c-1",
            by=CENTRE,
        )
    file = tmp_path / "mine.ics"
    who = ["--by", "c-1", "--role", "township_coordinator", "--area", PLACE]

    def run(*more: str) -> Any:
        options = ["--db", database, "--lang", "zh", "diary", *who, "--out", str(file), *more]
        return CliRunner().invoke(app, options)

    assert run("--domain", "centre.example").stdout.startswith("1 项 → ")
    assert [*events(file.read_bytes())] == [f"meeting-{number}-1@centre.example"]
    assert run("--office", f"township_coordinator@{PLACE}").exit_code == 0
    assert f"meeting-{number}-1@jiefen" in events(file.read_bytes())
    wrong = run("--office", "township_coordinator")
    assert (wrong.exit_code, "岗位@属地代码" in wrong.stderr) == (1, True)


def test_the_deadlines_of_a_leader_at_the_command_line(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/cases.db"
    with Engine.open(database) as engine:
        led, other = (case(engine, key, "petition", source="walk_in") for key in ("k1", "k2"))
        engine.bind_leader(led, "l-9", by=OFFICE)
        assert {one.deadline.case for one in engine.deadlines_due()} == {led, other}
    options = ["--db", database, "deadlines-due", "--leader", "l-9", "--json"]
    found = json.loads(CliRunner().invoke(app, options).stdout)
    assert {one["deadline"]["case"] for one in found} == {led}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@examples(200)
@given(summary=TEXTS, details=st.lists(TEXTS, max_size=3), place=st.none() | TEXTS)
def test_whatever_a_text_holds_comes_back_and_no_line_is_too_long(
    summary: str, details: list[str], place: str | None
) -> None:
    entry = Entry(
        name="meeting-1-1", version=3, kind="接访", summary=summary, details=tuple(details), place=place,
        starts=THURSDAY, ends=THURSDAY + timedelta(hours=1), status=Status.CONFIRMED, alarm=timedelta(hours=1),
    )  # fmt: skip
    content = calendar_bytes([entry], summary, THURSDAY, "zh", "jiefen")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    content.decode("utf-8")
    assert content.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    [event] = Calendar.from_ical(content).walk("VEVENT")
    shown = "".join(
        one for one in summary.replace("\r\n", "\n") if one in "\t\n" or (one >= " " and one != "\x7f")
    )
    assert str(event["summary"]) == shown
    assert str(event["uid"]) == "meeting-1-1@jiefen"
    assert list(vobject.readComponents(content.decode("utf-8")))


def test_long_chinese_texts_are_folded_between_characters() -> None:
    text = "征地补偿安置方案公告后村民多次反映," * 40
    entry = Entry(
        name="deadline-1-1", version=0, kind="期限", summary=text, details=(text, text),
        starts=date(2026, 3, 5), ends=date(2026, 3, 6), status=Status.TENTATIVE,
    )  # fmt: skip
    content = calendar_bytes([entry], "日程", THURSDAY, "zh", "jiefen")
    for line in content.split(b"\r\n"):
        line.decode("utf-8")
        assert len(line) <= 75
    [event] = events(content).values()
    assert event.summary.value == text
    assert event.description.value == f"{text}\n{text}"


def test_a_diary_is_a_value(engine: Engine) -> None:
    found = engine.diaries.of(by=CENTRE)
    assert isinstance(found, Diary)
    assert (found.person, found.office, [post.role for post in found.posts]) == (
        "c-1", None, ["township_coordinator"],
    )  # fmt: skip
