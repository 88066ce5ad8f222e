"""When and where an official meets the people of a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jiefen.clock import CHINA, china_date
from jiefen.errors import FactError
from jiefen.notation.texts import shown
from jiefen.record.kinds import AppointmentForm, AppointmentStatus, Grade, MissedBy

#: Nobody books so far ahead, in days.
_FARTHEST = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """接访、下访、约访、带案下访: an official and people of a case meet.

    Attributes:
        seq: its number in the case, from 1.
        official: who meets them; a staff number.
        staff: who is there besides, by staff number.
        parties: the parties that are asked to come, by their number in the case.
        area: where it is.
        starts_at: when it begins, in the zone in which it was made.
        minutes: how long it takes.
        moves: how often it was moved.
        missed_by: who was not there.
        reason: why it was moved last, missed or cancelled.
        result: what came of it, for the office.
    """

    case: int
    seq: int
    form: AppointmentForm
    official: str
    staff: tuple[str, ...] = ()
    parties: tuple[int, ...] = ()
    area: str | None
    place: str
    starts_at: datetime
    minutes: int
    status: AppointmentStatus
    moves: int = 0
    missed_by: MissedBy | None = None
    reason: str | None = None
    result: str | None = field(default=None, repr=False)

    @property
    def day(self) -> date:
        """The day in China on which it begins."""
        return china_date(self.starts_at)

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """An appointment in a list over cases.

    Attributes:
        key: of the case.
        title: how its matter is called, without the names and numbers of people.
        grade: how closely the case is kept.
        away_until: the last day of an absence of the official that includes the day; ``None``: they are there.
        token: where the next page begins.
    """

    appointment: Appointment
    key: str
    title: str | None
    grade: Grade
    away_until: date | None
    token: str


def meeting_time(value: object, now: datetime) -> datetime:
    """When an appointment is to begin.

    Raises:
        FactError: it is no instant with a zone, or lies in the past or too far ahead.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise FactError(
            f"at={shown(value)} is no instant with a time zone; give for example "
            "datetime(2026, 3, 5, 9, 30, tzinfo=ZoneInfo('Asia/Shanghai'))",
            zh="请写明日期、时间和时区",
        )
    try:
        begins = value.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise FactError(f"at={shown(value)} leaves the calendar", zh="时间不能用") from error
    if not now <= begins <= now + timedelta(days=_FARTHEST):
        raise FactError(
            f"at={value.isoformat()} is over, or more than {_FARTHEST} days ahead; a meeting that has been is logged "
            "as a contact (log_contact)",
            zh=f"时间已过,或者超过 {_FARTHEST} 天;已经进行的接访请登记为接访记录",
        )
    return value


def zone_name(instant: datetime) -> str:
    """The zone of an instant as it is kept: its name, else its difference from UTC."""
    zone = instant.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    return CHINA.key if instant.utcoffset() == timedelta(hours=8) else f"{instant:%z}"


def zone_of(name: str) -> tzinfo:
    """The zone that :func:`zone_name` kept; UTC where this machine does not know it."""
    try:
        if name[0] in "+-":
            return timezone(timedelta(hours=int(name[:3]), minutes=int(name[0] + name[3:5])))
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
