"""What an article lets people do to a deadline: its grounds, its limits, who decides, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from jiefen.case.arguments import check_key
from jiefen.clock import china_date, legal_day
from jiefen.deadlines.end import end_of
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline, instant_of
from jiefen.errors import Conflict, FactError, NotAllowed, NotFound, PeriodError
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import shown, written
from jiefen.people.authority import require_area, require_role
from jiefen.periods import Period, Unit
from jiefen.record.actor import Actor
from jiefen.record.kinds import DeadlineStatus
from jiefen.rules import Effect, Extension, Ground, Side

#: A ground or a reference to a record may be so long; it goes into the journal.
_LONGEST_TEXT = 500
#: Any day that somebody means; days beyond them cannot even be told in every time zone.
_YEARS = range(1900, 3000)


def open_deadline(register: Register, which: str | int) -> RunningDeadline:
    """The open deadline of a number, or of a rule; one that runs before one that has expired."""
    if isinstance(which, bool) or not isinstance(which, str | int):
        raise FactError(
            f"{shown(which)} is no deadline; give the rule, or the number of a deadline in its case"
        )
    if isinstance(which, str):
        check_key(which, "rule of a deadline")
        register.view.deadline(which)
        of_rule = [item for item in register.deadlines if item.rule.id == which]
        found = next((item for item in reversed(of_rule) if item.live), of_rule[-1] if of_rule else None)
    else:
        found = register.get(which)
    if found is None:
        listed = ", ".join(f"{item.seq} ({item.rule.id})" for item in register.deadlines) or "none"
        raise NotFound(f"the case has no open deadline {shown(which)}; open are {listed}")
    return found


def require_known_day(register: Register, day: date) -> None:
    """Refuse a day of which no calendar tells whether it was worked; it is a slip of the pen."""
    first = register.calendar.known_from
    if day < first:
        raise FactError(f"{day} lies before {first}, the first day whose holidays are known; correct the day")


def require_interruption(deadline: RunningDeadline, day: date, due_on: date | None, *, in_time: bool) -> None:
    """Refuse an act that cannot interrupt a limitation period: before it began, or after it was over."""
    if day < deadline.anchored_on:
        raise PeriodError(
            f"{title_of(deadline)} runs from {deadline.anchored_on}; an act on {day}, before that, interrupts nothing"
        )
    if not in_time:
        raise Conflict(
            f"{title_of(deadline)} was over on {due_on}; an act on {day}, after that, interrupts nothing"
        )


def require_not_over(register: Register, deadline: RunningDeadline, done: str) -> None:
    expired = deadline.status is DeadlineStatus.EXPIRED
    if expired or (
        deadline.status is DeadlineStatus.RUNNING
        and register.end(deadline).latest_at <= register.recording.now
    ):
        raise Conflict(f"{title_of(deadline)} expired on {deadline.due_on}; after that it cannot be {done}")


def lawful_extension(register: Register, deadline: RunningDeadline, asked: Period) -> Extension:
    """What the law says of this extension, the first or a further one; refused is what is longer or more often."""
    article, granted = _sources(deadline), len(deadline.extensions)
    law = deadline.version.extension_after(granted)
    if asked.length == 0:
        raise PeriodError("an extension of nothing changes nothing; give a length such as '30 d'")
    if law is None:
        times = "once" if granted == 1 else f"{granted} times"
        raise NotAllowed(f"{title_of(deadline)} may be extended {times} ({article}), and has been")
    if law.length is not None and (asked.unit is not law.length.unit or asked.length > law.length.length):
        which = "at a time" if len(deadline.version.extensions) == 1 else "this time"
        raise NotAllowed(
            f"{title_of(deadline)} may be extended by at most {law.length} {which} ({article}), not by {asked}"
        )
    if deadline.in_hours != (asked.unit is Unit.HOUR):
        raise PeriodError(
            f"{title_of(deadline)} is counted in {deadline.version.length.unit} and cannot be extended by {asked}"
        )
    if law.total is not None:
        longer = [*deadline.extensions, {"length": str(asked)}]
        whole = replace(deadline.version, length=law.total)
        wanted = replace(deadline, extensions=longer, suspensions=[])
        most = replace(deadline, version=whole, extensions=[], suspensions=[])
        calendar = register.calendar
        if end_of(wanted, calendar).latest_on > end_of(most, calendar).latest_on:
            raise NotAllowed(
                f"{title_of(deadline)} may last {law.total} with all extensions ({article}); {asked} more is too much"
            )
    return law


def require_approval(
    register: Register, deadline: RunningDeadline, law: Extension, by: Actor, consent: str | None, what: str
) -> None:
    """Only those that the article names may extend a deadline; parties agree, and whoever handles it records it."""
    roles = register.rulebook(deadline).roles
    approver = roles.get(law.approver) if law.approver is not None else None
    if approver is None:
        return
    if approver.level is not None:
        require_role(by, (approver.id,), register.area, roles, what)
        return
    if not consent:
        raise NotAllowed(
            f"{what} needs the consent of {approver.title} ({article_of(deadline)}); say where it is recorded"
        )
    holder = deadline.version.holder
    if holder is None:
        require_area(by, register.area, what)
    else:
        require_role(by, (holder,), register.area, roles, what)


def require_ground(register: Register, deadline: RunningDeadline, name: str, effect: Effect) -> None:
    """Refuse a ground that is unknown, of the other kind, or not one that the article names for this deadline."""
    version, known = deadline.version, register.rulebook(deadline).grounds
    allowed = version.suspensions if effect is Effect.SUSPEND else version.interruptions
    done = "suspended" if effect is Effect.SUSPEND else "interrupted"
    if not allowed:
        fixed = effect is Effect.INTERRUPT and version.kind is Side.RIGHT
        why = "it is a fixed period and keeps running" if fixed else "it names no ground for that"
        raise NotAllowed(f"{title_of(deadline)} cannot be {done} ({article_of(deadline)}): {why}")
    if not name:
        raise NotAllowed(f"{title_of(deadline)} is {done} only for a legal ground: {_listed(allowed, known)}")
    if check_key(name, "ground") not in known:
        raise NotFound(f"there is no ground {name!r}; {suggestion(name, allowed)}")
    if name not in allowed:
        raise NotAllowed(
            f"{name} ({known[name].title}) is no ground on which {title_of(deadline)} is {done} "
            f"({article_of(deadline)}); grounds are {_listed(allowed, known)}"
        )


def counts_again_from(
    register: Register, deadline: RunningDeadline, moment: date | datetime
) -> date | datetime:
    """``moment``, or when the time was over that the ground of the suspension lets not count, if that is earlier."""
    until = register.suspension_ends_at(deadline)
    if until is None:
        return moment
    if isinstance(until, datetime):
        return min(instant_of(moment, register.recording.now), until)
    return min(legal_day(moment), until)


def moment_of(
    register: Register, deadline: RunningDeadline, given: date | datetime | None, *, future: bool = False
) -> date | datetime:
    """A moment in the terms of the deadline: a legal day, or an instant in UTC where it is counted in hours."""
    now = register.recording.now
    if given is None:
        return now.astimezone(UTC) if deadline.in_hours else china_date(now)
    given = with_zone(given)
    moment: date | datetime
    if deadline.in_hours:
        if not isinstance(given, datetime):
            raise PeriodError(f"{title_of(deadline)} is counted in hours; give an instant instead of {given}")
        moment, late = given.astimezone(UTC), given > now
    else:
        moment = legal_day(given)
        late = moment > china_date(now)
    if late and not future:
        raise FactError(
            f"{given} lies in the future; record what has happened, on the day it happened or later"
        )
    return moment


def with_zone(given: date | datetime) -> date | datetime:
    if isinstance(given, datetime) and given.tzinfo is None:
        raise PeriodError(f"{given} has no time zone; give one, for example +08:00")
    if not isinstance(given, date):
        raise PeriodError(
            f"{shown(given)} is no day and no instant; give a date, or a datetime with its zone"
        )
    if given.year not in _YEARS:
        raise FactError(f"{given} lies outside the years in which anything is counted; correct the day")
    return given


def text_or_none(value: str | None, what: str) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return written(value, what, _LONGEST_TEXT).strip()


def title_of(deadline: RunningDeadline) -> str:
    return f"{deadline.rule.id} ({deadline.rule.title})"


def article_of(deadline: RunningDeadline) -> str:
    return deadline.version.because[0].text("zh")


def _sources(deadline: RunningDeadline) -> str:
    """The articles from which the numbers come: the length may stand in one, an extension in another."""
    quoted = [citation.text("zh") for citation in deadline.version.because if citation.figures]
    return "; ".join(quoted) or article_of(deadline)


def _listed(names: tuple[str, ...], known: Mapping[str, Ground]) -> str:
    return ", ".join(f"{name} ({known[name].title})" for name in names)
