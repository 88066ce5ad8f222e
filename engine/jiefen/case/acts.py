"""What is done to a deadline, by a call or by an approval in a model: extended, suspended, resumed, interrupted.

Each act is looked at against the article first: see :mod:`jiefen.case.limits`. An act that the law does not allow is
refused, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from jiefen.case.limits import (
    article_of,
    counts_again_from,
    lawful_extension,
    moment_of,
    open_deadline,
    require_approval,
    require_ground,
    require_interruption,
    require_not_over,
    text_or_none,
    title_of,
)
from jiefen.clock import china_date, legal_day
from jiefen.deadlines.docket import Docket
from jiefen.deadlines.end import last_part
from jiefen.deadlines.running import RunningDeadline, instant_of
from jiefen.errors import Conflict, NotAllowed, PeriodError
from jiefen.notation.texts import MOST_ID, written
from jiefen.periods import Period
from jiefen.process import Act, Element
from jiefen.record.actor import Actor
from jiefen.record.kinds import DeadlineStatus
from jiefen.rules import Effect


def carry_out(docket: Docket, element: Element, facts: Mapping[str, object], by: Actor) -> None:
    """Do what an element of a model approves or announces, as its properties say.

    Args:
        facts: that have been said; the properties name those that hold the length, the ground and the day.
        by: who completed the task before it.

    Raises:
        NotFound, NotAllowed, Conflict, PeriodError, FactError: the law, or the state of the deadline, forbids it.
    """
    said = element.properties
    act, which = Act(said["act"]), said["deadline"]
    day = facts.get(said.get("date", ""))
    on = day if isinstance(day, date) else None
    if act is Act.EXTEND:
        counted, reason = facts.get(said.get("length", "")), facts.get(said.get("ground", ""))
        given = said.get("length", "")
        length = given if given[:1].isdigit() else counted if isinstance(counted, int) else None
        consent = facts.get(said.get("consent", ""))
        extend(docket, which, length, by=by, ground=_text(reason), consent=_text(consent))
    elif act is Act.SUSPEND:
        suspend(docket, which, said["ground"], on)
    elif act is Act.RESUME:
        resume(docket, which, on)
    else:
        interrupt(docket, which, said["ground"], on)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def extend(
    docket: Docket,
    which: str | int,
    length: Period | str | int | None,
    *,
    by: Actor,
    ground: str | None,
    consent: str | None = None,
) -> RunningDeadline:
    """Lengthen a deadline as far as its article allows.

    Args:
        length: a period; a number, in the unit of the article; ``None``: as much as the article allows.

    Raises:
        NotFound, NotAllowed, Conflict, PeriodError: as for :func:`jiefen.commands.deadlines.extend`.
    """
    register = docket.register
    ground, consent = text_or_none(ground, "ground"), text_or_none(consent, "consent")
    found = open_deadline(register, which)
    what = f"extending {title_of(found)}" + (" once more" if found.extensions else "")
    if not found.version.extensions or found.version.backwards:
        raise NotAllowed(f"{title_of(found)} cannot be extended: {article_of(found)} does not provide for it")
    require_not_over(register, found, "extended")
    asked = _asked(found, length)
    law = lawful_extension(register, found, asked)
    if law.ground and not ground:
        raise NotAllowed(
            f"{what} needs the ground that {article_of(found)} names, {law.ground}; say what it is in this case"
        )
    require_approval(register, found, law, by, consent, what)
    extension: dict[str, Any] = {
        "length": str(asked), "ground": ground, "approver": law.approver, "by": by.id,
        "at": register.recording.now.astimezone(UTC).isoformat(),
    }  # fmt: skip
    if consent:
        extension["consent"] = consent
    docket.extend(found, extension)
    return found


def _asked(deadline: RunningDeadline, length: Period | str | int | None) -> Period:
    """The length of an extension; one that is counted, or left to the article, takes its unit."""
    if isinstance(length, Period):
        return length
    if isinstance(length, str):
        return Period.parse(written(length, "length", MOST_ID))
    law = deadline.version.extension_after(len(deadline.extensions))
    most = law.length if law is not None else None
    if length is None and most is None:
        raise NotAllowed(
            f"{article_of(deadline)} does not say by how much {title_of(deadline)} is extended; give the length"
        )
    unit = most.unit if most is not None else deadline.version.length.unit
    return most if length is None and most is not None else Period(length or 0, unit)


def suspend(
    docket: Docket, which: str | int, ground: str, since: date | datetime | None = None
) -> RunningDeadline:
    """Let a deadline stand still from ``since`` on; see :func:`jiefen.commands.deadlines.suspend`."""
    register = docket.register
    found = open_deadline(register, which)
    require_ground(register, found, ground, Effect.SUSPEND)
    if found.status is DeadlineStatus.SUSPENDED:
        last = found.suspensions[-1]
        raise Conflict(
            f"{title_of(found)} is suspended since {last['from']} ({last['ground']}); resume it first"
        )
    begin = moment_of(register, found, since)
    if not (found.is_effective and register.in_time(found, begin)):
        raise Conflict(
            f"{title_of(found)} was over on {found.due_on}; it cannot be suspended from {begin} on, after that"
        )
    if legal_day(begin) < found.anchored_on:
        raise PeriodError(
            f"{begin} lies before {found.anchored_on}, the day from which {title_of(found)} runs; correct it"
        )
    last_to = found.suspensions[-1]["to"] if found.suspensions else None
    if last_to is not None and begin.isoformat() < last_to:
        raise PeriodError(
            f"{begin} lies within an earlier suspension of {title_of(found)}, which lasted until {last_to}; "
            "give a later day"
        )
    part = last_part(found, register.calendar)
    if part is not None and china_date(register.recording.now) <= part:
        raise NotAllowed(
            f"{title_of(found)} is suspended only in its last {found.version.suspends_in_last}, after {part} "
            f"({article_of(found)}); record the obstacle then, if it still lasts"
        )
    docket.suspend(found, ground, begin)
    return found


def resume(docket: Docket, which: str | int, on: date | datetime | None = None) -> RunningDeadline:
    """Let a suspended deadline go on; see :func:`jiefen.commands.deadlines.resume`."""
    register = docket.register
    found = open_deadline(register, which)
    if found.status is not DeadlineStatus.SUSPENDED:
        raise Conflict(f"{title_of(found)} is not suspended, so it cannot be resumed; it is {found.status}")
    day, begun = moment_of(register, found, on), found.suspensions[-1]["from"]
    if day.isoformat() < begun:
        raise PeriodError(
            f"the suspension of {title_of(found)} began on {begun} and cannot end before that, on {day}"
        )
    docket.resume(found, counts_again_from(register, found, day))
    return found


def interrupt(
    docket: Docket, which: str | int, ground: str, on: date | datetime | None = None
) -> RunningDeadline:
    """Let a limitation period start again; see :func:`jiefen.commands.deadlines.interrupt`."""
    register = docket.register
    found = open_deadline(register, which)
    require_ground(register, found, ground, Effect.INTERRUPT)
    moment = moment_of(register, found, on)
    day = legal_day(moment)
    if day == found.anchored_on:
        return found
    in_time = found.is_effective and register.in_time(found, day)
    require_interruption(found, day, found.due_on, in_time=in_time)
    return docket.interrupt(found, ground, instant_of(moment, register.recording.now))
