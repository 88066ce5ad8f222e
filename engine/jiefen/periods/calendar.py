"""Which days are worked in China: weekends, the holidays of the yearly plans, and the weekend days worked for them.

The State Council publishes each year's plan in the autumn before; a plan may also move the last days of December of the
year before (2018-12-29 was worked by the plan of 2019). So what is known ends where the last plan ends, a few days
before the end of its year, and nothing beyond is guessed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from hashlib import sha256

from jiefen.errors import CalendarUnknown, PeriodError
from jiefen.periods.statutory import statutory_holiday

#: The last days of a year that the plan of the next year may still move.
_MOVED_BY_NEXT_PLAN = 3
_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of a plan: its days off, and the weekend days that are worked for it."""

    name: str
    off: tuple[date, ...]
    worked: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of one year.

    Attributes:
        revision: 1 for the first paper; one more for each paper that changed it.
        papers: addresses of the State Council papers.
    """

    year: int
    revision: int
    papers: tuple[str, ...]
    holidays: tuple[Holiday, ...]


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When offices are open on a working day, China time.

    Attributes:
        spans: from and to, in order; a break at noon lies between two of them.
    """

    spans: tuple[tuple[time, time], ...] = ((time(9), time(17, 30)),)

    @property
    def opens(self) -> time:
        """When offices open; reminders are given then."""
        return self.spans[0][0]

    @property
    def closes(self) -> time:
        """The end of office hours, by which some acts must be done that day (民法典第二百零三条第二款)."""
        return self.spans[-1][1]


@dataclass(frozen=True)
class Calendar:
    """The working days of the known plans. Immutable; every answer takes constant time.

    Beyond ``known_through`` there is no answer, also for the last days of the last plan: the next may move them.

    Attributes:
        known_from: first day that is known.
        known_through: last day that is known for certain.
        digest: names the days; a due date records by which calendar it was computed.
        hours: when offices are open.
    """

    plans: tuple[Plan, ...]
    local: tuple[Holiday, ...] = ()
    hours: OfficeHours = OfficeHours()
    known_from: date = field(init=False)
    known_through: date = field(init=False)
    digest: str = field(init=False)
    _names: Mapping[date, tuple[str, bool]] = field(init=False, repr=False, compare=False)
    _before: array[int] = field(init=False, repr=False, compare=False)
    _working: array[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        years = [plan.year for plan in self.plans]
        if not years or years != list(range(years[0], years[0] + len(years))):
            raise PeriodError(f"a calendar needs the plans of consecutive years; given are {years}")
        names: dict[date, tuple[str, bool]] = {}
        for holiday in [item for plan in self.plans for item in plan.holidays] + list(self.local):
            names.update((day, (holiday.name, False)) for day in holiday.off)
            names.update((day, (holiday.name, True)) for day in holiday.worked)
        first, last = date(years[0], 1, 1), date(years[-1], 12, 31 - _MOVED_BY_NEXT_PLAN)
        before, working = array("l", [0]), array("l")
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            worked = names[day][1] if day in names else day.weekday() < _SATURDAY
            if worked:
                working.append(offset)
            before.append(len(working))
        put = object.__setattr__  # the class is frozen; what is derived is set once, here
        put(self, "_names", names)
        put(self, "_before", before)
        put(self, "_working", working)
        put(self, "known_from", first)
        put(self, "known_through", last)
        put(self, "digest", _digest(self.plans, self.local))

    def covers(self, day: date) -> bool:
        """Whether it is known for certain if ``day`` is worked."""
        return self.known_from <= day <= self.known_through

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` is worked.

        Raises:
            CalendarUnknown: the day lies after ``known_through``.
            PeriodError: the day lies before ``known_from``.
        """
        offset = self._offset(day)
        return self._before[offset + 1] > self._before[offset]

    def is_day_off(self, day: date) -> bool:
        """Whether ``day`` is a weekend day or holiday that is not worked. Raises as :meth:`is_working_day`."""
        return not self.is_working_day(day)

    def is_makeup_workday(self, day: date) -> bool:
        """Whether ``day`` is a weekend day that a plan makes a working day. Raises as :meth:`is_working_day`."""
        return self.is_working_day(day) and day.weekday() >= _SATURDAY

    def off_for_certain(self, day: date) -> bool:
        """Whether ``day`` is off whatever a plan still to come may say: by a known plan, or by the regulation itself.

        Raises:
            PeriodError: the day lies before ``known_from``.
        """
        if day > self.known_through:
            return statutory_holiday(day) is not None
        return self.is_day_off(day)

    def why(self, day: date, language: str = "zh") -> str:
        """Why ``day`` is or is not worked, for a person. Raises as :meth:`is_working_day`."""
        fixed = statutory_holiday(day) if day > self.known_through else None
        if fixed is not None:
            return f"{fixed}法定放假" if language == "zh" else f"statutory holiday: {fixed}"
        worked = self.is_working_day(day)
        named = self.is_makeup_workday(day) if worked else day in self._names
        name = self._names[day][0] if named else None
        if language == "zh":
            if name is not None:
                return f"{name}调休上班" if worked else f"{name}放假"
            return "工作日" if worked else "周末"
        if name is not None:
            return f"worked in lieu for {name}" if worked else f"holiday: {name}"
        return "working day" if worked else "weekend"

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie in ``start <= day < end``; negative when ``end`` comes first.

        Raises:
            CalendarUnknown, PeriodError: a day between them is not covered.
        """
        return self._count(end) - self._count(start)

    def add_working_days(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day``, or before it when negative; ``day`` itself is not counted.

        With 0, ``day`` itself. Constant time in ``number``.

        Raises:
            CalendarUnknown: the answer lies after ``known_through``.
            PeriodError: it lies before ``known_from``.
        """
        if number == 0:
            return day
        # ``_before`` of the next day counts ``day`` too, if it is worked: it must not be counted going forward.
        index = self._count(day + _DAY) + number - 1 if number > 0 else self._count(day) + number
        if index < 0:
            raise self._too_early(day)
        if index >= len(self._working):
            raise self._too_late(self.known_through + _DAY)
        return self.known_from + timedelta(days=self._working[index])

    def next_working_day(self, day: date) -> date:
        """``day``, or the first working day after it. Raises as :meth:`add_working_days`."""
        offset = self._offset(day)
        index = bisect_left(self._working, offset)
        if index >= len(self._working):
            raise self._too_late(self.known_through + _DAY)
        return self.known_from + timedelta(days=self._working[index])

    def _count(self, day: date) -> int:
        """Working days from the first known day up to, not including, ``day``."""
        if day == self.known_through + _DAY:
            return self._before[-1]
        return self._before[self._offset(day)]

    def _offset(self, day: date) -> int:
        offset = (day - self.known_from).days
        if offset < 0:
            raise self._too_early(day)
        if offset >= len(self._before) - 1:
            raise self._too_late(day)
        return offset

    def _too_early(self, day: date) -> PeriodError:
        return PeriodError(f"{day} lies before {self.known_from}, the first day whose holidays are known")

    def _too_late(self, day: date) -> CalendarUnknown:
        year = self.plans[-1].year + 1
        return CalendarUnknown(
            f"whether {day} is worked is not known: the holiday plan of {year} is not loaded (known through "
            f"{self.known_through}); when the State Council has published it, run 'jiefen calendar import'"
        )


def with_local(
    calendar: Calendar, holidays: Iterable[Holiday] = (), hours: OfficeHours | None = None
) -> Calendar:
    """The calendar of an area with holidays (全国年节及纪念日放假办法 art. 4) or office hours of its own."""
    return Calendar(calendar.plans, (*calendar.local, *holidays), hours or calendar.hours)


def _digest(plans: tuple[Plan, ...], local: tuple[Holiday, ...]) -> str:
    days = sha256()
    for plan in plans:
        days.update(f"{plan.year}.{plan.revision}\n".encode())
    for holiday in [item for plan in plans for item in plan.holidays] + list(local):
        for day in holiday.off:
            days.update(f"-{day}".encode())
        for day in holiday.worked:
            days.update(f"+{day}".encode())
    return days.hexdigest()[:16]
