"""The end of a deadline against a slow definition: one day after the other, each of which counts or does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jiefen.clock import CHINA
from jiefen.deadlines.end import derive, end_of, last_part
from jiefen.deadlines.ladder import rung_time, rungs_of
from jiefen.deadlines.running import RunningDeadline
from jiefen.notation.labels import Label
from jiefen.periods import Calendar, Period, Roll, Unit, add_months, calendars
from jiefen.periods.hours import working_time
from jiefen.record.kinds import DeadlineStatus
from jiefen.rules import (
    Action,
    Citation,
    Confidence,
    DeadlineRule,
    DeadlineVersion,
    Direction,
    Ends,
    Expiry,
    FirstDay,
    Kind,
    Ladder,
    Place,
    Rung,
    Side,
)
from tests.support.moments import counted

CALENDAR = calendars()
DAY = timedelta(days=1)
#: Every end is known: the longest life adds eight years and 400 lost days, and the last published plan is that of 2026.
DAYS = st.dates(date(2010, 1, 1), date(2016, 12, 31))
HERE, WORDS = Place("test.yaml", 1, 1), Label("期限", "Deadline")

Span = tuple[date, date]


def version(length: str, **more: object) -> DeadlineVersion:
    """A version of a rule with this length."""
    base = DeadlineVersion(
        since=date(2000, 1, 1), kind=Side.DUTY, anchor="accepted", when={}, length=Period.parse(length),
        on_expiry=Expiry.SUPERVISE, because=(Citation(place=HERE),), place=HERE,
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def running(
    length: str,
    anchored: date | datetime,
    extensions: list[str] | None = None,
    spans: list[tuple[date | datetime, date | datetime]] | None = None,
    **more: object,
) -> RunningDeadline:
    """A deadline that runs from a day, with extensions and suspensions that are over."""
    one = version(length, **more)
    rule = DeadlineRule(
        id="a", kind=Kind.DEADLINE, layer="", title=WORDS, because=one.because, since=one.since, owner="o",
        confidence=Confidence.POLICY, place=HERE, versions=(one,),
    )  # fmt: skip
    at = (
        anchored if isinstance(anchored, datetime) else datetime.combine(anchored, datetime.min.time(), CHINA)
    )
    return RunningDeadline(
        1,
        rule,
        one,
        "accepted",
        at,
        at,
        extensions=[{"length": extension} for extension in extensions or []],
        suspensions=[
            {"ground": "g", "from": begin.isoformat(), "to": end.isoformat()} for begin, end in spans or []
        ],
    )


def slow_end(deadline: RunningDeadline) -> date:
    """The last day, counted day by day."""
    return counted(
        str(deadline.version.length),
        deadline.anchored_on,
        [extension["length"] for extension in deadline.extensions],
        [(date.fromisoformat(span["from"]), date.fromisoformat(span["to"])) for span in deadline.suspensions],
        CALENDAR,
        roll=deadline.version.roll,
        included=deadline.version.first_day is FirstDay.INCLUDED,
    )


@st.composite
def cut(draw: st.DrawFn, start: date, most: int = 4) -> list[Span]:
    """Suspensions in order that do not overlap; they may touch, be empty, or lie after the end."""
    number = draw(st.integers(0, most))
    offsets = sorted(draw(st.lists(st.integers(0, 400), min_size=2 * number, max_size=2 * number)))
    days = [start + timedelta(days=offset) for offset in offsets]
    return list(zip(days[::2], days[1::2], strict=True))


LENGTHS = st.one_of(
    st.integers(1, 120).map("{} d".format),
    st.integers(1, 90).map("{} wd".format),
    st.integers(1, 14).map("{} mo".format),
    st.integers(1, 2).map("{} y".format),
)


@st.composite
def lives(draw: st.DrawFn, lengths: st.SearchStrategy[str] = LENGTHS) -> RunningDeadline:
    """A deadline of any unit with random extensions and suspensions."""
    anchored = draw(DAYS)
    return running(
        draw(lengths),
        anchored,
        draw(st.lists(lengths, max_size=3)),
        list(draw(cut(anchored))),
        roll=draw(st.sampled_from(Roll)),
        first_day=draw(st.sampled_from(FirstDay)),
    )


class TestEnd:
    @given(lives())
    def test_it_is_what_counting_day_by_day_gives(self, deadline: RunningDeadline) -> None:
        end = end_of(deadline, CALENDAR)
        assert (end.on, end.latest_on, end.provisional) == (slow_end(deadline), end.on, False)
        assert end.at == datetime.combine(end.on + DAY, datetime.min.time(), CHINA)

    @given(lives())
    def test_it_is_never_earlier_than_without_the_suspensions(self, deadline: RunningDeadline) -> None:
        without = replace(deadline, suspensions=[])
        assert end_of(deadline, CALENDAR).on >= end_of(without, CALENDAR).on

    @given(lives(), LENGTHS)
    def test_an_extension_never_makes_it_earlier(self, deadline: RunningDeadline, more: str) -> None:
        longer = replace(deadline, extensions=[*deadline.extensions, {"length": more}])
        assert end_of(longer, CALENDAR).on >= end_of(deadline, CALENDAR).on

    @given(lives(st.integers(1, 60).map("{} d".format)))
    def test_a_day_that_does_not_count_costs_exactly_a_day(self, deadline: RunningDeadline) -> None:
        plain = replace(deadline, suspensions=[], version=replace(deadline.version, roll=Roll.NONE))
        end = end_of(plain, CALENDAR).on
        stopped = [{"ground": "g", "from": end.isoformat(), "to": (end + DAY).isoformat()}]
        assert end_of(replace(plain, suspensions=stopped), CALENDAR).on == end + DAY

    @given(lives())
    def test_a_suspension_after_the_end_changes_nothing(self, deadline: RunningDeadline) -> None:
        plain = replace(deadline, suspensions=[], version=replace(deadline.version, roll=Roll.NONE))
        end = end_of(plain, CALENDAR)
        late = [{"ground": "g", "from": (end.on + DAY).isoformat(), "to": (end.on + 9 * DAY).isoformat()}]
        assert end_of(replace(plain, suspensions=late), CALENDAR) == end

    def test_two_extensions_count_the_first_day_once(self) -> None:
        deadline = running("3 d", date(2015, 3, 2), ["1 mo", "2 d"], first_day=FirstDay.INCLUDED)
        assert end_of(deadline, CALENDAR).on == date(2015, 4, 6)

    def test_it_may_end_at_the_close_of_business(self) -> None:
        deadline = running("5 d", date(2015, 3, 2), spans=[(date(2015, 3, 3), date(2015, 3, 5))],
                           ends=Ends.CLOSE_OF_BUSINESS)  # fmt: skip
        assert end_of(deadline, CALENDAR).at == datetime(2015, 3, 9, 17, 30, tzinfo=CHINA)

    def test_a_period_counted_back_ends_before_its_anchor(self) -> None:
        deadline = running("3 d", date(2015, 3, 10), direction=Direction.BEFORE)
        assert end_of(deadline, CALENDAR).on == date(2015, 3, 7)

    def test_no_length_or_anchor_makes_it_slow(self) -> None:
        spans: list[tuple[date | datetime, date | datetime]] = [
            (date(2011, 1, 1) + n * DAY, date(2011, 1, 1) + (n + 1) * DAY) for n in range(0, 600, 2)
        ]
        deadline = running("2000 wd", date(2010, 12, 1), spans=spans)
        assert end_of(deadline, CALENDAR).on == slow_end(deadline)


class TestProvisional:
    @given(lives(), st.integers(2011, 2020))
    def test_what_is_not_published_yet_lies_between_the_bounds(
        self, deadline: RunningDeadline, year: int
    ) -> None:
        known = Calendar(tuple(plan for plan in CALENDAR.plans if plan.year < year))
        end, true = end_of(deadline, known), slow_end(deadline)
        assert end.on <= true <= end.latest_on
        assert end.at <= end.latest_at
        assert end.provisional or end.on == true

    @given(lives(), st.integers(2011, 2020))
    def test_ends_come_in_order_of_length_whatever_is_published(
        self, deadline: RunningDeadline, year: int
    ) -> None:
        """Also where an end rolls past the last published day: then both bounds come in order, each for itself."""
        known = Calendar(tuple(plan for plan in CALENDAR.plans if plan.year < year))
        plain = replace(deadline, extensions=[])
        length = plain.version.length
        longer = replace(plain.version, length=Period(length.length + 1, length.unit))
        end, later = end_of(plain, known), end_of(replace(plain, version=longer), known)
        assert end.at <= later.at
        assert end.latest_at <= later.latest_at

    def test_a_suspension_in_a_year_that_is_not_published_leaves_both_bounds(self) -> None:
        known = Calendar(tuple(plan for plan in CALENDAR.plans if plan.year < 2016))
        deadline = running("20 wd", date(2015, 12, 20), spans=[(date(2016, 1, 11), date(2016, 2, 15))])
        end = end_of(deadline, known)
        assert end.provisional
        assert end.on <= slow_end(deadline) <= end.latest_on

    def test_calendar_days_that_do_not_roll_need_no_holidays(self) -> None:
        assert not end_of(running("60 d", date(2026, 12, 20)), CALENDAR).provisional

    def test_nobody_is_pressed_before_the_latest_end(self) -> None:
        end = end_of(running("5 wd", date(2026, 12, 30)), CALENDAR)
        assert end.on < end.latest_on
        times = {rung.id: at for rung, at in rungs_of(end, LADDER, CALENDAR)}
        assert times["before"] < end.at
        assert times["after"] >= end.latest_at


def rung(id: str, offset: str, *, before: bool, urgent: bool = True) -> Rung:
    return Rung(
        id=id, offset=Period.parse(offset), before=before, role="clerk", action=Action.WARN, urgent=urgent
    )


LADDER = Ladder(
    id="l", kind=Kind.LADDER, layer="", title=WORDS, because=(), since=date(2000, 1, 1), owner="o",
    confidence=Confidence.POLICY, place=HERE,
    rungs=(rung("before", "1 d", before=True), rung("hours", "4 h", before=True), rung("after", "1 d", before=False)),
)  # fmt: skip


class TestWhole:
    @given(lives(), lives())
    def test_a_step_never_ends_after_the_whole_case(
        self, step: RunningDeadline, whole: RunningDeadline
    ) -> None:
        own, outer = end_of(step, CALENDAR), end_of(whole, CALENDAR)
        end = derive(step, CALENDAR, outer)
        assert end == (own if own.on <= outer.on else outer)
        assert (step.due_on, step.due_at) == (min(own.on, outer.on), min(own.at, outer.at))

    def test_what_is_firm_stays_firm_beside_a_provisional_whole(self) -> None:
        day = date(2026, 11, 2)
        firm, unsure = (end_of(running(length, day), CALENDAR) for length in ("10 d", "60 wd"))
        assert not firm.within(unsure).provisional
        assert unsure.within(firm) == firm


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


class TestHours:
    def test_they_start_with_the_next_full_hour(self) -> None:
        for minute in (0, 20, 59):
            end = end_of(running("24 h", at(9, minute)), CALENDAR)
            assert (end.at, end.on, end.provisional) == (at(10, day=3), date(2026, 3, 3), False)

    @given(
        st.integers(1, 96),
        st.integers(0, 59),
        st.lists(st.integers(0, 96 * 60), min_size=6, max_size=6).map(sorted),
        st.lists(st.integers(1, 24), max_size=2),
    )
    def test_every_hour_touched_by_a_suspension_is_lost(
        self, length: int, minute: int, cuts: list[int], more: list[int]
    ) -> None:
        start = at(0, minute)
        marks = [start + timedelta(minutes=cut) for cut in cuts]
        spans = list(zip(marks[::2], marks[1::2], strict=True))
        deadline = running(f"{length} h", start, [f"{hours} h" for hours in more], list(spans))
        hour = start + timedelta(minutes=60 - minute)
        left = length + sum(more)
        while left:
            after = hour + timedelta(hours=1)
            left -= not any(begin < after and hour < end for begin, end in spans if begin < end)
            hour = after
        assert end_of(deadline, CALENDAR).at == hour

    def test_rungs_in_hours_count_from_the_hour_at_which_it_ends(self) -> None:
        end = end_of(running("24 h", at(9)), CALENDAR)
        times = {rung.id: at for rung, at in rungs_of(end, LADDER, CALENDAR)}
        assert times["hours"] == at(6, day=3)


class TestLastPart:
    """诉讼时效的中止 (民法典第一百九十四条): only in the last six months, and six months after the obstacle it ends."""

    TAIL = Period.parse("6 mo")

    def limitation(self, *spans: Span) -> RunningDeadline:
        return running("3 y", date(2012, 5, 10), spans=list(spans), suspends_in_last=self.TAIL)

    def test_an_obstacle_in_the_last_six_months_leaves_six_months_after_it(self) -> None:
        assert end_of(self.limitation(), CALENDAR).on == date(2015, 5, 10)
        assert last_part(self.limitation(), "hearing", CALENDAR) == date(2014, 11, 10)
        ended = end_of(self.limitation((date(2015, 2, 1), date(2015, 4, 20))), CALENDAR)
        assert ended.on == date(2015, 10, 20)

    def test_an_obstacle_before_them_changes_nothing(self) -> None:
        gone = self.limitation((date(2013, 1, 1), date(2014, 11, 10)))
        assert end_of(gone, CALENDAR).on == date(2015, 5, 10)

    def test_one_that_arose_before_them_and_lasts_into_them_counts(self) -> None:
        lasting = self.limitation((date(2013, 1, 1), date(2014, 11, 11)))
        assert end_of(lasting, CALENDAR).on == date(2015, 5, 11)

    @given(cut(date(2012, 5, 11), 3))
    def test_it_never_ends_earlier_and_leaves_six_months_after_the_last_obstacle(
        self, spans: list[Span]
    ) -> None:
        spans = [(begin + 900 * DAY, end + 900 * DAY) for begin, end in spans]
        end = end_of(self.limitation(*spans), CALENDAR).on
        bounds = [date(2015, 5, 10), *(add_months(over, 6) for _, over in spans)]
        assert date(2015, 5, 10) <= end <= max(bounds)
        assert end in bounds

    def test_other_limitations_may_be_suspended_on_any_day(self) -> None:
        assert last_part(running("1 y", date(2015, 1, 1)), "hearing", CALENDAR) is None


class TestLateGrounds:
    """请求国家赔偿的时效 (国家赔偿法第三十九条): custody never counts, an obstacle only in the last six months."""

    def limitation(self, *spans: tuple[str, date, date]) -> RunningDeadline:
        deadline = running(
            "2 y",
            date(2011, 7, 9),
            suspends_in_last=Period.parse("6 mo"),
            suspensions=("custody", "obstacle"),
            late_grounds=("obstacle",),
        )
        deadline.suspensions += [
            {"ground": ground, "from": begin.isoformat(), "to": end.isoformat()}
            for ground, begin, end in spans
        ]
        return deadline

    def test_what_is_left_goes_on_after_an_obstacle_in_the_last_six_months(self) -> None:
        ended = end_of(self.limitation(("obstacle", date(2013, 1, 1), date(2013, 2, 1))), CALENDAR)
        assert ended.on == date(2013, 7, 31)  # 10 to 31 January do not count

    def test_an_obstacle_before_them_changes_nothing(self) -> None:
        gone = self.limitation(("obstacle", date(2012, 1, 1), date(2013, 1, 10)))
        assert end_of(gone, CALENDAR).on == date(2013, 7, 9)

    def test_custody_does_not_count_on_any_day_and_moves_the_last_six_months(self) -> None:
        deadline = self.limitation(("custody", date(2012, 1, 1), date(2012, 1, 31)))
        assert end_of(deadline, CALENDAR).on == date(2013, 8, 8)
        assert last_part(deadline, "custody", CALENDAR) is None
        assert last_part(deadline, "obstacle", CALENDAR) == date(2013, 2, 8)
        deadline.suspensions.append({"ground": "obstacle", "from": "2013-01-01", "to": "2013-02-11"})
        assert end_of(deadline, CALENDAR).on == date(2013, 8, 10)

    @given(cut(date(2011, 7, 10), 3), st.lists(st.booleans(), min_size=3, max_size=3))
    def test_every_day_that_counts_is_counted_once(self, spans: list[Span], custody: list[bool]) -> None:
        kinds = ["custody" if held else "obstacle" for held in custody]
        named = [(kind, begin, end) for kind, (begin, end) in zip(kinds, spans, strict=False)]
        held = [(begin, end) for kind, begin, end in named if kind == "custody"]
        day = counted("2 y", date(2011, 7, 9), [], held, CALENDAR, roll=Roll.NONE, included=False)
        opens = add_months(day, -6) + DAY
        lost = [
            (begin if kind == "custody" else max(begin, opens), end)
            for kind, begin, end in named
            if kind == "custody" or end > opens
        ]
        slow = counted("2 y", date(2011, 7, 9), [], lost, CALENDAR, roll=Roll.NONE, included=False)
        assert end_of(self.limitation(*named), CALENDAR).on == slow


def test_without_a_running_clock_there_is_no_due_date() -> None:
    deadline = running("5 d", date(2015, 3, 2))
    derive(deadline, CALENDAR)
    deadline.status = DeadlineStatus.SUSPENDED
    assert derive(deadline, CALENDAR) is None
    assert (deadline.due_on, deadline.due_at, deadline.provisional) == (None, None, False)


def in_order_of_months(deadline: RunningDeadline) -> bool:
    """Whether no months follow a part in another unit: months differ in days, so such an end can jump ahead."""
    units = [deadline.version.length.unit, *(Period.parse(one["length"]).unit for one in deadline.extensions)]
    months = Unit.MONTH, Unit.YEAR
    return all(later not in months or earlier is later for earlier, later in pairwise(units))


@given(lives().filter(in_order_of_months))
def test_ends_come_in_order_of_length(deadline: RunningDeadline) -> None:
    one, unit = deadline.version, deadline.version.length.unit
    lengths = [replace(one, length=Period(one.length.length + more, unit)) for more in (0, 1, 5)]
    ends = [end_of(replace(deadline, version=longer), CALENDAR) for longer in lengths]
    assert all(earlier.latest_at <= later.at for earlier, later in pairwise(ends))


class TestRungs:
    """A rung that is not urgent waits for a working day; unpublished years have them from Monday to Friday."""

    @given(st.dates(date(2026, 1, 1), date(2032, 12, 31)), st.integers(0, 30), st.booleans())
    def test_it_is_on_a_day_on_which_notices_are_told(self, due_on: date, days: int, before: bool) -> None:
        end = datetime.combine(due_on, datetime.min.time(), CHINA) + timedelta(days=1)
        at = rung_time(rung("r", f"{days} d", before=before, urgent=False), due_on, end, CALENDAR)
        assert working_time(at, CALENDAR) == at

    def test_a_warning_is_early_enough_also_when_nothing_is_published_yet(self) -> None:
        sunday = date(2031, 3, 16)
        end = datetime(2031, 3, 17, tzinfo=CHINA)
        at = rung_time(rung("r", "1 d", before=True, urgent=False), sunday, end, CALENDAR)
        assert at == datetime(2031, 3, 14, 9, tzinfo=CHINA)
        at = rung_time(rung("r", "6 d", before=False, urgent=False), sunday, end, CALENDAR)
        assert at == datetime(2031, 3, 24, 9, tzinfo=CHINA)
