"""催办升级: what presses on although no deadline of the law does: tasks nobody claims or finishes, deliveries and
supervisions nobody answers; and what the leader of a case is told (包案), or who is told in their place.

Which people it reaches, and when, is the business of :mod:`jiefen.people.addressing`, as for every other notice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.areas import Level
from jiefen.clock import CHINA, china_date
from jiefen.deadlines.ladder import rung_time
from jiefen.deadlines.notices import rung_fields
from jiefen.notation.labels import Label
from jiefen.people.confidential import CONFIDENTIAL, UNNAMED
from jiefen.people.finder import Finder
from jiefen.periods import Calendar, Period, Roll, Unit, due
from jiefen.process import Wait
from jiefen.record.kinds import Happening
from jiefen.record.notice import Found, Notice
from jiefen.record.recording import ALERT, NOTICE, Recording
from jiefen.record.refs import Ref
from jiefen.rules import RELATIVES, Ladder, Relative, Role, RuleView, Rung
from jiefen.store import cases
from jiefen.store.desk.movements import last_entry

_NOT_MISSED: Final = Label("所依据的逾期并未发生", "the date that it rests on was not missed")
_LED: Final = Label("领导包案", "A case with a leader")


@dataclass(frozen=True, slots=True)
class _Climb:
    """One round on the ladder of a task.

    Attributes:
        since: when the task was opened to everybody, or claimed.
        round: the revision of the case at that time.
        claimer: who has claimed it.
    """

    since: datetime
    round: int
    claimer: str | None = None


def watch_task(
    wait: Wait, opened: datetime, view: RuleView, calendar: Calendar, recording: Recording
) -> None:
    """Put the first rung for a task on the agenda, if its roles have a ladder for that.

    There is one entry per task: a claim takes the place of what presses for somebody to claim it. A task that is given
    back starts at the first rung again: what is told in that round has names of its own, since receivers drop what
    they have seen.
    """
    if wait.assignee is None:
        watch_unclaimed(wait.key, wait.roles, opened, view, calendar, recording)
    else:
        since = _at_leisure(opened, wait.due_at)
        watch_claimed(wait.key, wait.roles, wait.assignee, since, view, calendar, recording)


def _at_leisure(since: datetime, due_at: datetime | None) -> datetime:
    """Until when nobody need be pressed for a task that they have had since then."""
    return since if due_at is None else max(since, due_at)


def watch_unclaimed(
    key: int,
    roles: Sequence[str],
    opened: datetime,
    view: RuleView,
    calendar: Calendar,
    recording: Recording,
) -> None:
    """Press for a task of these roles until somebody claims it."""
    ladder = view.unclaimed(roles, china_date(opened))
    if ladder is not None:
        _plan(key, ladder, ladder.rungs, _Climb(opened, recording.revision), calendar, recording)


def watch_claimed(
    key: int,
    roles: Sequence[str],
    claimer: str,
    since: datetime,
    view: RuleView,
    calendar: Calendar,
    recording: Recording,
) -> None:
    """Press for a task of these roles until who has claimed it has done it, or gives it back.

    Args:
        since: when it was claimed, or is due if that is later: whoever waits for its day sits on nothing.
    """
    ladder = view.claimed(roles, china_date(since))
    if ladder is None:
        recording.unplan(Ref.task(key))
    else:
        _plan(key, ladder, ladder.rungs, _Climb(since, recording.revision, claimer), calendar, recording)


def press_task(
    wait: Wait,
    data: Mapping[str, Any],
    view: RuleView,
    area: str | None,
    calendar: Calendar,
    recording: Recording,
    roles: Mapping[str, Role],
) -> None:
    """Nobody has claimed a task, or whoever did has not done it, for so long as a rung says: tell the office that the
    rung names, and plan the next rung."""
    climb = _Climb(datetime.fromisoformat(data["opened"]), data.get("round", 0), data.get("claimer"))
    ladder = view.ladders.get(data["ladder"])
    rung = next((one for one in ladder.rungs if one.id == data["rung"]), None) if ladder is not None else None
    pressed = (ladder.unclaimed or ladder.claimed) if ladder is not None else ()
    role = next((one for one in wait.roles if one in pressed), None)
    if climb.claimer is not None and _at_leisure(climb.since, wait.due_at) > climb.since:
        # Its due date has moved since.
        climb, role = replace(climb, since=_at_leisure(climb.since, wait.due_at)), None
    if ladder is None or rung is None or role is None:
        # The case has moved to an area with other ladders, or the task to other roles or another day.
        if climb.claimer is None:
            watch_task(wait, climb.since, view, calendar, recording)
        else:
            watch_claimed(wait.key, wait.roles, climb.claimer, climb.since, view, calendar, recording)
        return
    found = Found(holders=(climb.claimer,)) if climb.claimer and rung.role == Relative.CLAIMER else None
    rung = rung.meant(role, roles)
    happening = Happening.TASK_UNCLAIMED if climb.claimer is None else Happening.TASK_UNFINISHED
    since = {"token": wait.key, "name": wait.element.name, "opened": data["opened"]}
    since |= {} if climb.claimer is None else {"claimer": climb.claimer}
    recording.note(happening, wait.element.id, to=rung.role, action=str(rung.action), by=rung.by, **since)
    secret = CONFIDENTIAL in wait.element.properties
    title = UNNAMED if secret else Label(wait.element.name, wait.element.name)
    told = Notice(
        about={"task": None if secret else wait.element.id, "key": wait.key}, title=title, to=rung.role, area=area,
        confidential=secret, found=found, **rung_fields(rung, ladder.id),
    )  # fmt: skip
    recording.tell(Ref.told_of_task(wait.key, climb.round, rung.id), told)
    _plan(wait.key, ladder, ladder.after(rung.id), climb, calendar, recording)


def watch_answer(
    ref: str,
    topic: str,
    name: str,
    confidential: bool,
    view: RuleView,
    calendar: Calendar,
    recording: Recording,
) -> datetime | None:
    """A delivery was sent: put the first rung of its ladder on the agenda. Until when its answer should come by that.

    Args:
        name: of what sent it, for people.
    """
    ladder = view.unanswered(topic, china_date(recording.now))
    if ladder is None:
        return None
    about = {
        "topic": topic, "name": name, "sent_at": recording.now.isoformat(), "ladder": ladder.id,
        "confidential": confidential,
    }  # fmt: skip
    return _plan_answer(ref, about, ladder.rungs[0], calendar, recording)


def press_for_delivery(
    ref: str,
    data: Mapping[str, Any],
    view: RuleView,
    area: str | None,
    calendar: Calendar,
    recording: Recording,
) -> None:
    """A delivery was sent, and for so long as a rung says no answer has come: tell its role, and plan the next rung."""
    ladder = view.ladders.get(data["ladder"])
    rung = next((one for one in ladder.rungs if one.id == data["rung"]), None) if ladder is not None else None
    if ladder is None or rung is None:
        # The case has moved to an area with other ladders.
        watch_answer(ref, data["topic"], data["name"], data["confidential"], view, calendar, recording)
        return
    recording.note(
        Happening.DELIVERY_UNANSWERED,
        data["topic"],
        ref=ref,
        name=data["name"],
        sent_at=data["sent_at"],
        to=rung.role,
        action=str(rung.action),
        by=rung.by,
    )
    secret = data["confidential"]
    name = UNNAMED if secret else Label(data["name"], data["name"])
    told = Notice(
        about={"delivery": ref, "topic": None if secret else data["topic"], "sent_at": data["sent_at"]},
        title=Label(f"未收到答复:{name.zh}", f"No answer yet: {name.en}"), to=rung.role, area=area,
        confidential=secret, **rung_fields(rung, ladder.id),
    )  # fmt: skip
    recording.tell(Ref.told_of_delivery(ref, rung.id), told)
    for later in ladder.after(rung.id)[:1]:
        about = {name: data[name] for name in ("topic", "name", "sent_at", "ladder", "confidential")}
        _plan_answer(ref, about, later, calendar, recording)


def term_of(term: Period, sent: datetime, calendar: Calendar) -> datetime:
    """When a time that began as something was sent is over: hours from then, days at the end of the last one."""
    if term.unit is Unit.HOUR:
        return sent + timedelta(hours=term.length)
    last = due(term, china_date(sent), calendar, roll=Roll.NONE).due
    return datetime.combine(last + timedelta(days=1), time(0), CHINA)


def tell_dead(entry: Any, title: Label, why: Label, area: str | None, recording: Recording) -> None:
    """A delivery waits for a person: tell whoever is responsible for the case. What tells people tells of itself only
    in the journal, or it would go round for ever."""
    recording.note(Happening.DELIVERY_DEAD, entry.topic, ref=entry.ref, why=why)
    if entry.topic in (NOTICE, ALERT):
        return
    secret = bool((entry.data or {}).get("confidential"))
    name = UNNAMED if secret else title
    told = Notice(
        about={"delivery": entry.ref, "topic": None if secret else entry.topic},
        title=Label(f"对外投递需处理:{name.zh}", f"Look after what was to go out: {name.en}"),
        action="incident", to=None, area=area, confidential=secret,
    )  # fmt: skip
    recording.tell(Ref.told_of_dead(entry.ref, recording.revision), told)


def _plan_answer(
    ref: str, about: Mapping[str, Any], rung: Rung, calendar: Calendar, recording: Recording
) -> datetime:
    sent = datetime.fromisoformat(about["sent_at"])
    at = rung_time(rung, china_date(sent), sent, calendar)
    recording.plan(Ref.sent_delivery(ref), at, data={**about, "rung": rung.id})
    return at


def _plan(
    key: int,
    ladder: Ladder,
    rungs: Sequence[Rung],
    climb: _Climb,
    calendar: Calendar,
    recording: Recording,
) -> None:
    """Plan the first of ``rungs`` for a task."""
    if rungs:
        at = rung_time(rungs[0], china_date(climb.since), climb.since, calendar)
        data = {
            "ladder": ladder.id,
            "rung": rungs[0].id,
            "opened": climb.since.isoformat(),
            "round": climb.round,
        }
        recording.plan(Ref.task(key), at, data=data | ({"claimer": climb.claimer} if climb.claimer else {}))


def press_for_answer(
    ref: str, data: Mapping[str, Any], view: RuleView, finder: Finder, recording: Recording
) -> None:
    """A supervision was not answered in time: tell who acts at the next rung, else the superior of who has acted.

    Never the office that has failed to answer; where nobody else is found, an alert is left. It climbs once: the rungs
    of the ladder come by themselves, and the supervision stays open until it is answered.
    """
    ladder = view.ladders.get(data.get("ladder") or "")
    later = ladder.after(data["rung"]) if ladder is not None else ()
    failed = list(data.get("roles") or [data["role"]])
    rule = view.deadlines.get(data.get("deadline") or "")
    holder = rule.versions[-1].holder if rule is not None else None
    actors = (finder.meant(rung, holder).by for rung in later)
    actor = next((one for one in actors if one not in (None, *failed)), None)
    level: Level | None = None
    if actor is None:
        here = data["by"] or data["role"]
        above = finder.over(here, data["area"], failed)
        if above is not None:
            actor, level = above.role, above.level
        elif here not in failed:
            actor = here
    recording.note(Happening.SUPERVISION_UNANSWERED, ref, to=actor, role=data["role"], title=data["title"])
    known = {name: data[name] for name in ("deadline", "task", "due_on", "provisional") if name in data}
    told = Notice(
        about=known | {"supervision": ref}, title=data["title"], action="unanswered", to=actor,
        level=str(level) if level else None, area=data["area"], supervised=tuple(failed),
    )  # fmt: skip
    unanswered = Ref.told_unanswered(ref)
    if actor is not None:
        recording.tell(unanswered, told)
    else:
        about = {"title": dict(told.title), "action": told.action, "area": told.area}
        recording.deliver(
            Ref.alert(unanswered.name), ALERT, {"notice": unanswered.name, "vacant": [], **about}
        )


def ask_for_review(
    ref: Ref,
    ladder: Ladder,
    decider: str | None,
    title: Label,
    about: Mapping[str, Any],
    area: str | None,
    finder: Finder,
    roles: Mapping[str, Role],
    recording: Recording,
) -> None:
    """Tell the office that the ladder names to look at it again, and to answer; nobody reviews what they decided.

    Where nothing says who stands over the office that decided, an alert is left.

    Args:
        decider: the role whose decision was rated, where it is known; else the department in charge of the case.
    """
    if decider is None:
        department = finder.responsible()
        decider = department[0] if department is not None else None
    rung = ladder.rungs[0].meant(decider, roles)
    fields, to = rung_fields(rung, ladder.id), rung.role
    if to in RELATIVES or to == decider:
        above = finder.over(decider, area, {decider}) if decider is not None else None
        if above is None:
            left = {"title": dict(title), "action": fields["action"], "area": area}
            recording.deliver(Ref.alert(ref.name), ALERT, {"notice": ref.name, "vacant": [], **left})
            return
        to, fields["level"] = above.role, str(above.level) if above.level else None
    supervised = (decider,) if decider is not None else ()
    told = Notice(about=about, title=title, to=to, area=area, supervised=supervised, **fields)
    recording.tell(ref, told)


def leader_of(
    leader: str | None,
    connection: Connection,
    finder: Callable[[], Finder],
    area: str | None,
    recording: Recording,
    rung: Rung,
) -> str | None:
    """The leader that a rung tells; ``None`` where it means somebody else, or nobody leads.

    A leader who holds no post any more is told nothing: who bound them is, so that somebody else takes over, and who
    holds the deadline is told in their place.
    """
    if leader is None or rung.role != Relative.LEADER:
        return None
    if finder().in_office(leader):
        return leader
    tell_binder(connection, leader, area, recording)
    return None


def tell_binder(connection: Connection, leader: str, area: str | None, recording: Recording) -> None:
    """Tell the office that bound a leader that they can lead no longer; once in a step."""
    ref = Ref.told_of_order("leader_gone", recording.revision)
    if ref.name in recording.told:
        return
    entry = last_entry(connection, recording.case_id, [Happening.LEADER_BOUND])
    office = entry.data.get("by") if entry is not None else None
    recording.note(Happening.LEADER_GONE, leader, to=office)
    if office is not None:
        told = Notice(about={"leader": leader}, title=_LED, action="leader_gone", to=office, area=area)
        recording.tell(ref, told)


def tell_person(
    person: str, action: str, about: Mapping[str, Any], area: str | None, recording: Recording
) -> None:
    """Tell somebody who leads, or led, a case what has been decided."""
    told = Notice(about=about, title=_LED, action=action, to=None, area=area, found=Found(holders=(person,)))
    recording.tell(Ref.told_of_order(action, recording.revision), told)


def tell_asker(
    recording: Recording, asked: Mapping[str, Any], action: str, area: str | None, about: Mapping[str, Any]
) -> None:
    """Tell somebody what has become of the act that they had asked another one to agree to."""
    told = Notice(
        about={"act": asked["act"], **about}, title=Label.of(asked["title"]), action=action, to=None, area=area,
        found=Found(holders=(asked["by"]["id"],)),
    )  # fmt: skip
    recording.tell(Ref.told_at_desk(action, recording.revision, asked["act"]), told)


def tell_leader(leader: str, area: str | None, recording: Recording, titles: Mapping[str, Label]) -> None:
    """包案: the leader of a case is told of every deadline that expires.

    Args:
        area: of the case: whoever is told in the leader's stead is looked for there.
        titles: of the deadlines, by the id of their rule.
    """
    for entry in list(recording.changes.journal):
        if entry.kind == Happening.DEADLINE_EXPIRED:
            rule, data = entry.subject or "", entry.data
            told = Notice(
                about={"deadline": rule, "due_on": data.get("due_on")},
                title=titles[rule],
                action="expired", to=None, area=area, found=Found(holders=(leader,)),
            )  # fmt: skip
            # A deadline that is reopened may expire again: another notice.
            recording.tell(Ref.told_to_leader(data["seq"], recording.revision), told)


def take_back(recording: Recording, supervision: Row[Any], why: Label) -> None:
    """What somebody was pressed for rests on nothing any more: they are told that no answer is needed."""
    recording.note(
        Happening.SUPERVISION_TAKEN_BACK,
        supervision.ref,
        title=supervision.title,
        role=supervision.role,
        why=why,
    )
    told = Notice(
        about={"supervision": supervision.ref, "reason": dict(why)}, title=supervision.title, action="withdrawn",
        to=supervision.role, area=supervision.area, by=supervision.by_role,
        found=Found(holders=tuple(supervision.holders)),
    )  # fmt: skip
    recording.tell(Ref.told_of_answer(supervision.ref, "withdrawn", recording.revision), told)


def take_back_pressing(connection: Connection, recording: Recording) -> None:
    """Tell of every supervision that ends because what it presses for has not expired when it seemed to."""
    for seq, since in dict(recording.changes.reopened).items():
        for supervision in cases.pressing(connection, recording.case_id, seq, since):
            take_back(recording, supervision, _NOT_MISSED)
