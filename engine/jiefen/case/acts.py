"""What is done to a deadline, by a call or by an approval in a model: extended, suspended, resumed, interrupted.

Each act is looked at against the article first: its grounds, its limits, who decides, and until when. An act that the
law does not allow is refused, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from jiefen.case.arguments import check_key
from jiefen.clock import china_date, legal_day
from jiefen.deadlines.docket import Docket
from jiefen.deadlines.end import end_of, last_part
from jiefen.deadlines.planning import Register
from jiefen.deadlines.running import RunningDeadline, instant_of
from jiefen.errors import Conflict, FactError, NotAllowed, NotFound, PeriodError
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.texts import MOST_ID, shown, written
from jiefen.people.authority import doing, require_act, require_area, require_role
from jiefen.periods import Period, Unit
from jiefen.process import Act, Element
from jiefen.record.actor import Actor
from jiefen.record.kinds import DeadlineStatus
from jiefen.rules import Effect, Extension, Ground, Side, Who

#: A ground or a reference to a record may be so long; it goes into the journal.
_LONGEST_TEXT = 500
#: Any day that somebody means; days beyond them cannot even be told in every time zone.
_YEARS = range(1900, 3000)


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
    _permit(register, found, by, what)
    if not found.version.extensions or found.version.backwards:
        raise NotAllowed(
            f"{title_of(found)} cannot be extended: {article_of(found)} does not provide for it",
            zh=f"{_zh(found)}不能延长:{article_of(found)}没有规定延长",
        )
    require_not_over(register, found)
    asked = _asked(found, length)
    law = lawful_extension(register, found, asked)
    if law.ground and not ground:
        raise NotAllowed(
            f"{what} needs the ground that {article_of(found)} names, {law.ground}; say what it is in this case",
            zh=f"延长{_zh(found)}须有{article_of(found)}规定的事由({law.ground});请写明本案的具体情况",
        )
    require_consent(register, found, law, consent, what)
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
            f"{article_of(deadline)} does not say by how much {title_of(deadline)} is extended; give the length",
            zh=f"{article_of(deadline)}没有规定{_zh(deadline)}延长多久;请写明长度",
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
            f"{title_of(found)} is suspended since {last['from']} ({last['ground']}); resume it first",
            zh=f"{_zh(found)}自 {last['from']} 起已经中止;请先恢复",
        )
    begin = moment_of(register, found, since)
    if not (found.is_effective and register.in_time(found, begin)):
        raise Conflict(
            f"{title_of(found)} was over on {found.due_on}; it cannot be suspended from {begin} on, after that",
            zh=f"{_zh(found)}已于 {found.due_on} 届满,不能自 {begin} 起中止",
        )
    if legal_day(begin) < found.anchored_on:
        raise PeriodError(
            f"{begin} lies before {found.anchored_on}, the day from which {title_of(found)} runs; correct it",
            zh=f"{begin} 早于{_zh(found)}的起算日 {found.anchored_on};请更正",
        )
    last_to = found.suspensions[-1]["to"] if found.suspensions else None
    if last_to is not None and begin.isoformat() < last_to:
        raise PeriodError(
            f"{begin} lies within an earlier suspension of {title_of(found)}, which lasted until {last_to}; "
            "give a later day",
            zh=f"{begin} 还在{_zh(found)}上一次中止之内(至 {last_to});请写更晚的日期",
        )
    last_of, part = found.version.suspends_in_last, last_part(found, ground, register.calendar)
    if last_of is not None and part is not None and china_date(register.recording.now) <= part:
        raise NotAllowed(
            f"{title_of(found)} is suspended only in its last {last_of}, after {part} "
            f"({article_of(found)}); record the obstacle then, if it still lasts",
            zh=f"{_zh(found)}只在最后{last_of.text('zh')}内中止({article_of(found)}),"
            f"即 {part} 之后;届时障碍仍在的,再行记录",
        )
    docket.suspend(found, ground, begin)
    return found


def resume(docket: Docket, which: str | int, on: date | datetime | None = None) -> RunningDeadline:
    """Let a suspended deadline go on; see :func:`jiefen.commands.deadlines.resume`."""
    register = docket.register
    found = open_deadline(register, which)
    if found.status is not DeadlineStatus.SUSPENDED:
        raise Conflict(
            f"{title_of(found)} is not suspended, so it cannot be resumed; it is {found.status}",
            zh=f"{_zh(found)}没有中止,不能恢复",
        )
    day, begun = moment_of(register, found, on), found.suspensions[-1]["from"]
    if day.isoformat() < begun:
        raise PeriodError(
            f"the suspension of {title_of(found)} began on {begun} and cannot end before that, on {day}",
            zh=f"{_zh(found)}自 {begun} 起中止,不能在此之前({day})恢复",
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


# --- what an article lets people do ---------------------------------------------------------------------------------


def open_deadline(register: Register, which: str | int) -> RunningDeadline:
    """The open deadline of a number, or of a rule; one that runs before one that has expired."""
    if isinstance(which, bool) or not isinstance(which, str | int):
        raise FactError(
            f"{shown(which)} is no deadline; give the rule, or the number of a deadline in its case",
            zh=f"没有期限 {shown(which)}",
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
        raise NotFound(
            f"the case has no open deadline {shown(which)}; open are {listed}",
            zh=f"本案没有进行中的期限 {shown(which)};进行中的有:"
            + ("、".join(f"{item.seq} {item.rule.title.zh}" for item in register.deadlines) or "无"),
        )
    return found


def require_known_day(register: Register, day: date) -> None:
    """Refuse a day of which no calendar tells whether it was worked; it is a slip of the pen."""
    first = register.calendar.known_from
    if day < first:
        raise FactError(
            f"{day} lies before {first}, the first day whose holidays are known; correct the day",
            zh=f"{day} 早于已知节假日安排的第一天 {first};请更正日期",
        )


def require_interruption(deadline: RunningDeadline, day: date, due_on: date | None, *, in_time: bool) -> None:
    """Refuse an act that cannot interrupt a limitation period: before it began, or after it was over."""
    if day < deadline.anchored_on:
        raise PeriodError(
            f"{title_of(deadline)} runs from {deadline.anchored_on}; an act on {day}, before that, interrupts nothing",
            zh=f"{_zh(deadline)}自 {deadline.anchored_on} 起算,在此之前({day})的行为不发生中断",
        )
    if not in_time:
        raise Conflict(
            f"{title_of(deadline)} was over on {due_on}; an act on {day}, after that, interrupts nothing",
            zh=f"{_zh(deadline)}已于 {due_on} 届满,此后({day})的行为不发生中断",
        )


def require_not_over(register: Register, deadline: RunningDeadline) -> None:
    expired = deadline.status is DeadlineStatus.EXPIRED
    if expired or (
        deadline.status is DeadlineStatus.RUNNING
        and register.end(deadline).latest_at <= register.recording.now
    ):
        raise Conflict(
            f"{title_of(deadline)} expired on {deadline.due_on}; after that it cannot be extended",
            zh=f"{_zh(deadline)}已于 {deadline.due_on} 届满,不能再延长",
        )


def lawful_extension(register: Register, deadline: RunningDeadline, asked: Period) -> Extension:
    """What the law says of this extension, the first or a further one; refused is what is longer or more often."""
    article, granted = _sources(deadline), len(deadline.extensions)
    law = deadline.version.extension_after(granted)
    if asked.length == 0:
        raise PeriodError(
            "an extension of nothing changes nothing; give a length such as '30 d'",
            zh="延长的长度不能为零;请写例如 30 d",
        )
    if law is None:
        times = "once" if granted == 1 else f"{granted} times"
        raise NotAllowed(
            f"{title_of(deadline)} may be extended {times} ({article}), and has been",
            zh=f"{_zh(deadline)}可以延长 {granted} 次({article}),已经延长过了",
        )
    if law.length is not None and (asked.unit is not law.length.unit or asked.length > law.length.length):
        which = "at a time" if len(deadline.version.extensions) == 1 else "this time"
        raise NotAllowed(
            f"{title_of(deadline)} may be extended by at most {law.length} {which} ({article}), not by {asked}",
            zh=f"{_zh(deadline)}一次至多延长{law.length.text('zh')}({article}),不能延长{asked.text('zh')}",
        )
    if deadline.in_hours != (asked.unit is Unit.HOUR):
        raise PeriodError(
            f"{title_of(deadline)} is counted in {deadline.version.length.unit} and cannot be extended by {asked}",
            zh=f"{_zh(deadline)}的计算单位不同,不能延长{asked.text('zh')}",
        )
    if law.total is not None:
        longer = [*deadline.extensions, {"length": str(asked)}]
        whole = replace(deadline.version, length=law.total)
        wanted = replace(deadline, extensions=longer, suspensions=[])
        most = replace(deadline, version=whole, extensions=[], suspensions=[])
        calendar = register.calendar
        if end_of(wanted, calendar).latest_on > end_of(most, calendar).latest_on:
            raise NotAllowed(
                f"{title_of(deadline)} may last {law.total} with all extensions ({article}); {asked} more is too much",
                zh=f"{_zh(deadline)}连同延长最长{law.total.text('zh')}({article});再延长{asked.text('zh')}就超过了",
            )
    return law


def _permit(register: Register, deadline: RunningDeadline, by: Actor, what: str) -> None:
    today = china_date(register.recording.now)
    tests = {Who.APPROVES: partial(_approves, register, deadline, what, today)}
    with doing("extend", register.rulebook(deadline)):
        require_act(by, register.area, what, on=today, tests=tests, act="extend")


def _approves(register: Register, deadline: RunningDeadline, what: str, today: date, by: Actor) -> None:
    """Those that the article names extend a deadline; where parties agree, whoever handles it records it."""
    roles, law = register.rulebook(deadline).roles, deadline.version.extension_after(len(deadline.extensions))
    approver = roles.get(law.approver) if law is not None and law.approver is not None else None
    if approver is not None and approver.level is not None:
        require_role(by, (approver.id,), register.area, roles, what, on=today)
    elif approver is not None and deadline.version.holder is not None:
        require_role(by, (deadline.version.holder,), register.area, roles, what, on=today)
    else:
        require_area(by, register.area, roles, what, on=today)


def require_consent(
    register: Register, deadline: RunningDeadline, law: Extension, consent: str | None, what: str
) -> None:
    """Where the parties agree to an extension, it says where that is recorded."""
    roles = register.rulebook(deadline).roles
    approver = roles.get(law.approver) if law.approver is not None else None
    if approver is not None and approver.level is None and not consent:
        raise NotAllowed(
            f"{what} needs the consent of {approver.title} ({article_of(deadline)}); say where it is recorded",
            zh=f"延长{_zh(deadline)}须经{approver.title.zh}同意({article_of(deadline)});请写明同意记录在何处",
        )


def require_ground(register: Register, deadline: RunningDeadline, name: str, effect: Effect) -> None:
    """Refuse a ground that is unknown, of the other kind, or not one that the article names for this deadline."""
    version, known = deadline.version, register.rulebook(deadline).grounds
    allowed = version.suspensions if effect is Effect.SUSPEND else version.interruptions
    done = Label("中止", "suspended") if effect is Effect.SUSPEND else Label("中断", "interrupted")
    if not allowed:
        fixed = effect is Effect.INTERRUPT and version.kind is Side.RIGHT
        why = Label("没有规定这样的事由", "it names no ground for that")
        if fixed:
            why = Label("属于不变期间", "it is a fixed period and keeps running")
        raise NotAllowed(
            f"{title_of(deadline)} cannot be {done.en} ({article_of(deadline)}): {why.en}",
            zh=f"{_zh(deadline)}不能{done.zh}({article_of(deadline)}):{why.zh}",
        )
    grounds = "、".join(known[one].title.zh for one in allowed)
    if not name:
        raise NotAllowed(
            f"{title_of(deadline)} is {done.en} only for a legal ground: {_listed(allowed, known)}",
            zh=f"{_zh(deadline)}只因法定事由{done.zh}:{grounds}",
        )
    if check_key(name, "ground") not in known:
        raise NotFound(
            f"there is no ground {name!r}; {suggestion(name, allowed)}",
            zh=f"没有 {name!r} 这个事由;可以是:{grounds}",
        )
    if name not in allowed:
        raise NotAllowed(
            f"{name} ({known[name].title}) is no ground on which {title_of(deadline)} is {done.en} "
            f"({article_of(deadline)}); grounds are {_listed(allowed, known)}",
            zh=f"“{known[name].title.zh}”不是{_zh(deadline)}{done.zh}的事由({article_of(deadline)});"
            f"可以是:{grounds}",
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
            raise PeriodError(
                f"{title_of(deadline)} is counted in hours; give an instant instead of {given}",
                zh=f"{_zh(deadline)}以小时计算;请写明时刻而不是 {given}",
            )
        moment, late = given.astimezone(UTC), given > now
    else:
        moment = legal_day(given)
        late = moment > china_date(now)
    if late and not future:
        raise FactError(
            f"{given} lies in the future; record what has happened, on the day it happened or later",
            zh=f"{given} 还没有到;请在事情发生以后记录",
        )
    return moment


def with_zone(given: date | datetime) -> date | datetime:
    if isinstance(given, datetime) and given.tzinfo is None:
        raise PeriodError(
            f"{given} has no time zone; give one, for example +08:00",
            zh=f"{given} 没有时区;请加上,例如 +08:00",
        )
    if not isinstance(given, date):
        raise PeriodError(
            f"{shown(given)} is no day and no instant; give a date such as datetime.date(2026, 3, 2), or a datetime "
            "with its zone",
            zh=f"{shown(given)} 不是日期也不是时刻",
        )
    if given.year not in _YEARS:
        raise FactError(
            f"{given} lies outside the years in which anything is counted; correct the day",
            zh=f"{given} 不在可以计算的年份之内;请更正日期",
        )
    return given


def text_or_none(value: str | None, what: str) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return written(value, what, _LONGEST_TEXT).strip()


def title_of(deadline: RunningDeadline) -> str:
    return f"{deadline.rule.id} ({deadline.rule.title})"


def _zh(deadline: RunningDeadline) -> str:
    return f"“{deadline.rule.title.zh}”"


def article_of(deadline: RunningDeadline) -> str:
    return deadline.version.because[0].text("zh")


def _sources(deadline: RunningDeadline) -> str:
    """The articles from which the numbers come: the length may stand in one, an extension in another."""
    quoted = [citation.text("zh") for citation in deadline.version.because if citation.figures]
    return "; ".join(quoted) or article_of(deadline)


def _listed(names: tuple[str, ...], known: Mapping[str, Ground]) -> str:
    return ", ".join(f"{name} ({known[name].title})" for name in names)
