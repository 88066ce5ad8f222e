"""期限 and 催办梯级: deadlines with their dated versions, and the ladders that climb beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from jiefen.areas import Level
from jiefen.errors import NotFound
from jiefen.notation.labels import Label
from jiefen.periods import Ends, FirstDay, Period, Roll, Span
from jiefen.rules.model.conditions import holding
from jiefen.rules.model.rule import Citation, Place, Rule
from jiefen.rules.model.unary import Test

#: From the grid upwards.
_LEVELS: Final = tuple(Level)


class Side(StrEnum):
    """A ``duty`` of an organ or a ``right`` of a party: their expiry means different things."""

    DUTY = "duty"
    RIGHT = "right"


class Direction(StrEnum):
    """``before``: the last day lies before the day of the anchor, as for a notice before a hearing."""

    AFTER = "after"
    BEFORE = "before"


class Expiry(StrEnum):
    """期满后果: what the law attaches to the end of a deadline."""

    DEEMED_ACCEPTED = "deemed_accepted"
    DEEMED_FAILED = "deemed_failed"
    DEEMED_ABANDONED = "deemed_abandoned"
    DEEMED_WITHDRAWN = "deemed_withdrawn"
    RIGHT_TO_SUE = "right_to_sue"
    RIGHT_TO_ARBITRATE = "right_to_arbitrate"
    RIGHT_TO_RECONSIDERATION = "right_to_reconsideration"
    RIGHT_TO_HIGHER_ORGAN = "right_to_higher_organ"
    BECOMES_FINAL = "becomes_final"
    ENFORCEABLE = "enforceable"
    RIGHT_LOST = "right_lost"
    TIME_BARRED = "time_barred"
    NEXT_PROCEDURE = "next_procedure"
    LIABILITY = "liability"
    SUPERVISE = "supervise"
    NOT_STATED = "not_stated"


#: Ends from which on one may go elsewhere.
OPENING: Final = frozenset(
    {
        Expiry.RIGHT_TO_SUE,
        Expiry.RIGHT_TO_ARBITRATE,
        Expiry.RIGHT_TO_RECONSIDERATION,
        Expiry.RIGHT_TO_HIGHER_ORGAN,
    }
)


class NoticeForm(StrEnum):
    """How somebody is told."""

    WRITTEN = "written"
    TOLD = "told"


class Effect(StrEnum):
    """What a ground does: 中止 (a deadline goes on later), 中断 (it starts again), 急办 (something goes first)."""

    SUSPEND = "suspend"
    INTERRUPT = "interrupt"
    URGE = "urge"


class Sender(StrEnum):
    """Who really gives a message."""

    PARTY = "party"
    CLERK = "clerk"
    COURT = "court"
    COMMISSION = "commission"
    ORGAN = "organ"
    POLICE = "police"
    MEDIATOR = "mediator"
    PROCURATORATE = "procuratorate"
    SYSTEM = "system"

    @property
    def label(self) -> Label:
        """The word for people."""
        return Label(_SENDERS[self.value], self.value)


_SENDERS: Final = {
    "party": "当事人",
    "clerk": "登记人员",
    "court": "法院",
    "commission": "仲裁机构",
    "organ": "机关",
    "police": "公安机关",
    "mediator": "调解员",
    "procuratorate": "检察院",
    "system": "其他系统",
}


#: The calls of the engine that reach milestones, where the rules have one for them.
CALLS: Final = frozenset({"bind_leader", "close_by", "leading.plan", "leading.report"})


@dataclass(frozen=True, slots=True)
class Milestone:
    """节点: a moment with legal meaning.

    Attributes:
        known_by: the date fact that says when it was: the milestone is reached on that day as soon as somebody says it.
        empties: facts that say what is over by it, each with the value: where a case has that one, it has none then.
        rated: whether a party may rate what was served or told then; not what a court or arbitrator has decided.
        call: the call of the engine that reaches it, after looking at who may; nobody records it by hand.
    """

    id: str
    title: Label
    known_by: str | None = None
    rated: bool = False
    call: str | None = None
    empties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """消息: what may come to a case from outside.

    Attributes:
        senders: who really gives it.
        carries: the facts that it brings.
        reaches: the milestone that is reached when it comes, whatever the model waits for.
        date: the fact among ``carries`` that says on which day; ``None``: the day it came.
        will: whether it declares what a party wants: it is theirs to give, or an office's to record.
    """

    id: str
    title: Label
    senders: tuple[Sender, ...]
    carries: tuple[str, ...] = ()
    reaches: str | None = None
    date: str | None = None
    will: bool = False


class Action(StrEnum):
    """What a rung does."""

    WARN = "warn"
    REMIND = "remind"
    SUPERVISE = "supervise"
    SUPERVISE_LIST = "supervise_list"
    CIRCULAR = "circular"
    RECTIFY = "rectify"
    INTERVIEW = "interview"
    DISCIPLINE = "discipline"
    ESCALATE = "escalate"


#: What one office does to another that stands below it; the rest warns, or goes upwards.
PRESSING: Final = frozenset(
    {
        Action.REMIND,
        Action.SUPERVISE,
        Action.SUPERVISE_LIST,
        Action.CIRCULAR,
        Action.RECTIFY,
        Action.INTERVIEW,
    }
)


class Administers(StrEnum):
    """三员: what somebody keeps of the platform; nobody keeps two of these, and none of them works on cases."""

    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Role:
    """岗位: who acts.

    Attributes:
        level: ``None`` for somebody outside the organisation.
        deputies: ids of the roles that may stand in.
        head: role of the person at its head; ``None`` for a role that is a head itself, or whose head nobody names.
        above: role of the competent level above it.
        presses: what it may do to offices that do not stand under it, as its law has it; whoever stands under it it
            may press in every way.
        assigns: roles whose tasks it gives to persons, though it does not stand over them.
        corrects: whether it puts the record of a whole case right: opens it again, voids, merges, splits or moves it.
        binds_leaders: whether it may give a case a leader (包案).
        gives_area: whether a case that has no area is its own until it gives it one.
        administers: what it keeps of the platform; then it is no office, and has nothing to do with cases.
    """

    id: str
    title: Label
    level: Level | None = None
    deputies: tuple[str, ...] = ()
    head: str | None = None
    above: str | None = None
    presses: tuple[Action, ...] = ()
    assigns: tuple[str, ...] = ()
    corrects: bool = False
    binds_leaders: bool = False
    gives_area: bool = False
    administers: Administers | None = None

    @property
    def is_office(self) -> bool:
        """Whether it is an office that works on cases: neither somebody outside, nor an administrator."""
        return self.level is not None and self.administers is None

    def stands_higher(self, level: Level | None) -> bool:
        """Whether it is an office of a higher level."""
        if self.level is None or level is None:
            return False
        return _LEVELS.index(self.level) > _LEVELS.index(level)

    def may_press(self, pressed: Role) -> bool:
        """Whether it may press another one: neither the same post, nor below it, nor of a lower level."""
        if self.id == pressed.id or self.id in pressed.deputies or pressed.id in (self.head, self.above):
            return False
        if self.level is None or pressed.level is None:
            return True
        return _LEVELS.index(self.level) >= _LEVELS.index(pressed.level)


@dataclass(frozen=True, slots=True)
class Ground:
    """事由: why a deadline may be suspended or interrupted, or what may be done first while hardly any of it is left.

    Attributes:
        milestones: of a ground that interrupts: reaching one of them is such a ground by itself; of one that urges:
            what uses the rights that it is for. None for one that suspends, since nothing would say when that ends.
        at_most: of a ground that suspends: so much of one suspension does not count, and what goes beyond does
            (案件审理期限规定第九条第五项: 一个月之内的期间), ``None``: all of it; of one that urges: it holds while no
            more than this is left.
    """

    id: str
    title: Label
    effect: Effect
    milestones: tuple[str, ...] = ()
    at_most: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What the law says of extending, first or further; whatever is ``None`` or empty it does not say.

    Attributes:
        length: the most by which one extension lengthens.
        times: the most extensions of this kind; a further one (还需要延长的) comes after them.
        total: the most for the deadline and its extensions together, up to this kind.
        ground: as the article writes it (情况复杂); must then be recorded.
        approver: role that decides.
        notice_to: roles that must be told, in ``notice_form``.
    """

    length: Period | None = None
    times: int | None = None
    total: Period | None = None
    ground: str | None = None
    approver: str | None = None
    notice_to: tuple[str, ...] = ()
    notice_form: NoticeForm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe:
    """稳妥日: why a party does well to act before the last day, where the law can be read in two ways.

    What follows from the end goes by the later day; the party is shown the earlier one.

    Attributes:
        unrolled: the last day without its roll over holidays, because the text has none.
        wait: id of the time to wait at whose end the right begins; it is counted from that end without its roll.
        before: id of a deadline that ends earlier and is the safe one to keep, because this way may be closed.
        why: the reason, for the party.
    """

    unrolled: bool = False
    wait: str | None = None
    before: str | None = None
    why: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Revival:
    """恢复: what lets a deadline run again that an act has met, because the act came to nothing.

    Attributes:
        by: milestone that revives it: the request was withdrawn, or refused.
        ground: the ground on which it starts again, as after an interruption; ``None``: what is left of the period goes
            on, as if the act had not been done.
        from_act: it starts again from the day of the act, not from that of ``by``.
    """

    by: str
    ground: str | None = None
    from_act: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineVersion:
    """A deadline as the law has it from ``since`` to ``until`` (last day; ``None``: still).

    Attributes:
        holder_fact: the choice fact that names the role which owes it or has it, where the case says so; ``holder`` is
            that of the other cases.
        anchor: milestone from which it runs; ``date_fact`` carries its day, else the day the milestone
            was reached.
        when: conditions on facts; the deadline runs only for cases that meet them all.
        matters: the kinds of matter in which one asks for what starts it, where ``when`` names none; it runs whatever
            the kind.
        meanwhile: what the law says of the time before its milestone is reached, where it says something.
        length: the period, in the unit of the law.
        stops, cancels: milestones that meet it, and that end it unmet.
        revivals: what lets it run again after it was met.
        extensions: how it may be extended, in this order; empty: not at all.
        suspensions, interruptions: ids of grounds.
        suspends_in_last: a ground suspends only within this last part of the period, which then ends as long
            after the ground has gone (MFD 194); ``None``: at any time, and what is left goes on.
        late_grounds: if any, these alone suspend only within the last part, and what is left goes on after them; the
            others suspend at any time (国家赔偿法第三十九条).
        within: id of the clock of the whole case that runs beside this step.
        safe: where the law can be read in two ways, the earlier day that a party does well to keep.
    """

    since: date
    until: date | None = None
    kind: Side
    holder: str | None = None
    holder_fact: str | None = None
    anchor: str
    date_fact: str | None = None
    when: Mapping[str, Test]
    matters: tuple[str, ...] = ()
    meanwhile: Label | None = None
    length: Period
    first_day: FirstDay = FirstDay.EXCLUDED
    roll: Roll = Roll.NONE
    ends: Ends = Ends.MIDNIGHT
    direction: Direction = Direction.AFTER
    stops: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    revivals: tuple[Revival, ...] = ()
    extensions: tuple[Extension, ...] = ()
    suspensions: tuple[str, ...] = ()
    interruptions: tuple[str, ...] = ()
    suspends_in_last: Period | None = None
    late_grounds: tuple[str, ...] = ()
    on_expiry: Expiry
    expiry_milestone: str | None = None
    ladder: str | None = None
    within: str | None = None
    safe: Safe | None = None
    because: tuple[Citation, ...]
    place: Place

    @property
    def span(self) -> Span:
        """The days on which it is the law."""
        return Span(self.since, self.until)

    @property
    def reads(self) -> frozenset[str]:
        """The facts on which it depends whether it runs, from which day, and who holds it."""
        named = (self.date_fact, self.holder_fact)
        return frozenset(self.when) | {name for name in named if name is not None}

    @property
    def loses_nothing(self) -> bool:
        """Whether its end costs nobody a right: the next procedure goes on, or one may go elsewhere from then on.

        A right that nothing meets and whose end opens another way is a time to wait (民事诉讼法第一百二十七条第七项).
        """
        waiting = not self.stops and self.on_expiry in OPENING
        return waiting or self.on_expiry is Expiry.NEXT_PROCEDURE

    @property
    def backwards(self) -> bool:
        """Whether the period is counted back from the day of the anchor."""
        return self.direction is Direction.BEFORE

    def extension_after(self, granted: int) -> Extension | None:
        """What the law says of one more extension after ``granted`` of them; ``None`` when it knows no more."""
        for law in self.extensions:
            if law.times is None or granted < law.times:
                return law
            granted -= law.times
        return None

    def late_alone(self, ground: str) -> bool:
        """Whether an obstacle on this ground suspends only in the last part of the period."""
        return self.suspends_in_last is not None and (not self.late_grounds or ground in self.late_grounds)

    def applies(self, facts: Mapping[str, object]) -> bool:
        """Whether the deadline runs for a case with these facts (plain values)."""
        return holding(self.when, facts)


@dataclass(frozen=True, kw_only=True)
class DeadlineRule(Rule):
    """A deadline: its versions, oldest first, which never overlap."""

    versions: tuple[DeadlineVersion, ...]

    def version_on(self, day: date) -> DeadlineVersion | None:
        """The version in force on ``day``, the day of the anchor; ``None`` when none is."""
        return next((version for version in reversed(self.versions) if day in version.span), None)

    def version_at(self, day: date) -> DeadlineVersion:
        """The version in force on ``day``, the day of the anchor.

        Raises:
            NotFound: no version is in force on that day.
        """
        version = self.version_on(day)
        if version is not None:
            return version
        spans = ", ".join(f"{one.since} to {one.until or 'today'}" for one in self.versions)
        raise NotFound(
            f"deadline {self.id!r} ({self.title}) has no version for {day}; it has {spans} ({self.place})"
        )


class Relative(StrEnum):
    """The people that a rung means, by how they stand to the role that owes or has the deadline or task."""

    HOLDER = "holder"
    HEAD = "holder_head"
    ABOVE = "holder_above"
    #: Of a claimed task alone: the person who has claimed it, in the role that the task is for.
    CLAIMER = "claimer"
    #: Of a deadline alone: the person who leads the case (包案); whoever holds the deadline where nobody does.
    LEADER = "leader"


RELATIVES: Final = frozenset(Relative)


def role_meant(word: str, holder: str | None, roles: Mapping[str, Role]) -> str | None:
    """The role that a word of a rung means: itself, or the one that stands so to ``holder``; ``None``: no such role."""
    if word not in RELATIVES:
        return word
    own = roles.get(holder) if holder is not None else None
    if own is None or word in (Relative.HOLDER, Relative.CLAIMER, Relative.LEADER):
        return holder
    return own.head if word == Relative.HEAD else own.above


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder.

    Attributes:
        offset: how far from the due date, before it when ``before``, else after it.
        role: who is told, looked for at ``level`` (``None``: the level of the role itself): a role, or a
            :class:`Relative`.
        by: who acts, written in the same way; ``None``: the engine on its own.
        reply: time for a written answer; ``None``: none is asked for.
        urgent: also outside working hours.
    """

    id: str
    offset: Period
    before: bool
    role: str
    level: Level | None = None
    action: Action
    by: str | None = None
    reply: Period | None = None
    urgent: bool = False

    def meant(self, holder: str | None, roles: Mapping[str, Role]) -> Rung:
        """The rung with the roles that its words mean beside what ``holder`` owes or has."""
        by = role_meant(self.by, holder, roles) if self.by is not None else None
        return replace(self, role=role_meant(self.role, holder, roles) or self.role, by=by)


@dataclass(frozen=True, kw_only=True)
class Ladder(Rule):
    """催办梯级: who is told what, when, relative to the due date of a deadline; the earliest rung first.

    Attributes:
        unclaimed: a ladder for open tasks of these roles that nobody has claimed, instead of for deadlines; its rungs
            count from when the task was opened.
        claimed: a ladder for open tasks of these roles that somebody has claimed; its rungs count from the claim.
        unanswered: a ladder for deliveries of these topics (``*``: of every topic that no other ladder names) that were
            sent and not answered; its rungs count from when they were sent.
        unmoved: a ladder for open cases in which nothing has moved; its rungs count from the last movement. It names
            the role that holds those in which nobody has a task. ``None``: it is for something else.
        rated: a ladder for ratings of these grades by a party; its one rung says who looks at what was decided again.
    """

    rungs: tuple[Rung, ...]
    unclaimed: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    rated: tuple[str, ...] = ()
    unmoved: str | None = None

    @property
    def for_deadlines(self) -> bool:
        """Whether it stands beside deadlines."""
        return not (self.unclaimed or self.claimed or self.unanswered or self.unmoved or self.rated)

    def after(self, rung_id: str) -> tuple[Rung, ...]:
        """The rungs that come after the one of that id; none when the ladder has no such rung."""
        ids = [rung.id for rung in self.rungs]
        return self.rungs[ids.index(rung_id) + 1 :] if rung_id in ids else ()
