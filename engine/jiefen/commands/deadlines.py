"""Reading deadlines, and what people do to them: extend, suspend, resume, interrupt, correct, record a milestone.

Each act is looked at against the article first: see :mod:`jiefen.case.acts`, which does the same for an approval in a
model. An act that the law does not allow changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from jiefen.agenda.services import reach_on
from jiefen.case import acts
from jiefen.case.acts import (
    moment_of,
    open_deadline,
    require_interruption,
    require_known_day,
    title_of,
    with_zone,
)
from jiefen.case.arguments import check_id, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date, legal_day
from jiefen.commands.acting import acting
from jiefen.commands.lookup import case_row, deadlines_of
from jiefen.deadlines.docket import INTERRUPTION
from jiefen.deadlines.running import RunningDeadline, instant_of
from jiefen.errors import Conflict, FactError, NotAllowed, NotFound
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import MOST_ID, written
from jiefen.periods import Period
from jiefen.record.actor import Actor
from jiefen.record.values import Deadline
from jiefen.rules import Milestone
from jiefen.store import cases as store
from jiefen.story.explain import earliest_right as right_lost_first
from jiefen.story.snapshots import deadline_of


def deadlines(runtime: Runtime, case_id: int, *, session: HostTransaction = None) -> list[Deadline]:
    """Every deadline the case has or had, oldest first; the duties of organs and the rights of parties."""
    check_id(case_id, "case")
    now = runtime.clock.now()
    with runtime.reading(session) as connection:
        case = case_row(connection, case_id, runtime.seen(connection))
        return deadlines_of(runtime, connection, case, now)


def earliest_right(runtime: Runtime, case_id: int, *, session: HostTransaction = None) -> Deadline | None:
    """The right of a party that is lost first, whatever stage the case is in; ``None`` when none runs.

    Raises:
        NotFound: there is no such case.
    """
    now = runtime.clock.now()
    return right_lost_first(deadlines(runtime, case_id, session=session), now)


def extend(
    runtime: Runtime,
    case_id: int,
    deadline: str | int,
    length: Period | str,
    *,
    by: Actor,
    ground: str | None = None,
    consent: str | None = None,
    session: HostTransaction = None,
) -> Deadline:
    """Lengthen a running deadline as far as its article allows, and leave the notices that it asks for.

    Args:
        deadline: the rule, or the number of one deadline of the case.
        length: in the unit of the article: ``30 d``, ``1 mo``.
        by: holds the role that decides, or a deputy of it; anybody where the law names none.
        ground: needed where the article names one; kept in the journal.
        consent: where the consent of the parties is recorded, when it is they who decide.

    Raises:
        NotFound: no such case or rule, or no such deadline is open.
        NotAllowed: the law knows no extension; too long, too many; a wrong role; ground or consent is missing.
        Conflict: the deadline has expired.
        PeriodError: the length is no period, or in a unit that cannot be added.
    """
    asked = length if isinstance(length, Period) else Period.parse(written(length, "length", MOST_ID))

    def act(step: Step) -> RunningDeadline:
        return acts.extend(step.docket, deadline, asked, by=by, ground=ground, consent=consent)

    return _done(runtime, case_id, by, session, act, tests=True)


def suspend(
    runtime: Runtime,
    case_id: int,
    deadline: str | int,
    *,
    ground: str,
    by: Actor,
    since: date | datetime | None = None,
    session: HostTransaction = None,
) -> Deadline:
    """Let a deadline stand still (中止) from ``since`` on, the first day that does not count; today if not given.

    Until it is resumed it has no due date, is not overdue and reminds nobody. Each deadline is suspended for
    itself. It is the obstacle that stops the clock, not its recording: a deadline that the clock has seen expire
    since did not, unless something was done about it meanwhile.

    Raises:
        NotFound: no such case, rule or ground, or no such deadline is open.
        NotAllowed: the article does not name this ground, or not at this time.
        Conflict: it is suspended already, or was over before ``since``.
        PeriodError, FactError: ``since`` lies before the anchor, in an earlier suspension, or in the future.
    """

    def act(step: Step) -> RunningDeadline:
        return acts.suspend(step.docket, deadline, ground, since)

    return _done(runtime, case_id, by, session, act)


def resume(
    runtime: Runtime,
    case_id: int,
    deadline: str | int,
    *,
    by: Actor,
    on: date | datetime | None = None,
    session: HostTransaction = None,
) -> Deadline:
    """Let a suspended deadline go on, with ``on`` as the first day that counts again; today if not given.

    ``on`` is the day on which the obstacle went away (原因消除之日起继续计算, 劳动争议调解仲裁法第二十七条).
    Where the ground lets only so much time not count, what goes beyond it counts, also if ``on`` is later.

    Raises:
        NotFound: no such case or rule, or no such deadline is open.
        Conflict: it is not suspended.
        PeriodError, FactError: ``on`` lies before the suspension began, or in the future.
    """

    if on is not None:
        acts.with_zone(on)

    def act(step: Step) -> RunningDeadline:
        return acts.resume(step.docket, deadline, on)

    return _done(runtime, case_id, by, session, act)


def interrupt(
    runtime: Runtime,
    case_id: int,
    deadline: str | int,
    *,
    ground: str,
    by: Actor,
    on: date | datetime | None = None,
    session: HostTransaction = None,
) -> Deadline:
    """Let a limitation period start again (中断) from ``on``, the day of the act; today if not given.

    The old row stays as evidence; the new one is given back. An act on the day from which it runs already changes
    nothing. Where the law lets it start again only when a procedure has ended (民法典第一百九十五条), interrupt
    it once more on that day.

    Raises:
        NotFound: no such case, rule or ground, or no such deadline is open.
        NotAllowed: the article does not name this ground; a fixed period is never interrupted.
        Conflict: the period was over before the act.
        PeriodError, FactError: ``on`` lies before the anchor, or in the future.
    """

    if on is not None:
        acts.with_zone(on)

    def act(step: Step) -> RunningDeadline:
        return acts.interrupt(step.docket, deadline, ground, on)

    return _done(runtime, case_id, by, session, act)


def correct_anchor(
    runtime: Runtime,
    case_id: int,
    deadline: str | int,
    *,
    on: date | datetime,
    by: Actor,
    session: HostTransaction = None,
) -> Deadline:
    """Correct the day that a deadline runs from, for example a service date, and the fact that carries it.

    Every open deadline of the case that runs from the same moment moves with it. Old rows and the rungs that fired
    stay as evidence; extensions and suspensions go over to the new rows. The day of an interruption is corrected
    within the limits of :meth:`interrupt`.

    Args:
        on: the right day; an instant with its zone for a deadline in hours.

    Raises:
        NotFound: no such case or rule, or no such deadline is open.
        Conflict: what was owed has been done; an interruption would come too late.
        PeriodError, FactError: ``on`` lies before the known years, in the future, or outside the fact's domain.
    """

    with acting(runtime, case_id, by, session) as (step, area, connection):
        register = step.register
        found = open_deadline(register, deadline)
        if not found.is_effective:
            raise Conflict(f"{title_of(found)} is {found.status}; the day it ran from no longer matters")
        anchor = step.edition.rulebook.milestones.get(found.anchor)
        if anchor is not None:
            _refuse_called(anchor)
        moment = moment_of(register, found, on, future=found.version.backwards)
        at = instant_of(moment, step.now())
        day, fact = china_date(at), found.version.date_fact
        if at == found.anchored_at or (day == found.anchored_on and not found.in_hours):
            return _as_it_stands(step, found, area)
        require_known_day(step.register, day)
        if found.anchor.startswith(INTERRUPTION):
            row = store.interrupted(connection, case_id, found.seq, found.rule.id)
            before = register.restore(row)
            require_interruption(before, day, row.due_on, in_time=row.due_on is None or day <= row.due_on)
        if fact is not None and step.facts().get(fact) == found.anchored_on:
            step.assign(fact, day)
        return _as_it_stands(step, step.docket.correct(found, at, step.facts()), area)


def milestone(
    runtime: Runtime,
    case_id: int,
    milestone: str,
    *,
    on: date | datetime | None = None,
    by: Actor,
    session: HostTransaction = None,
) -> list[Deadline]:
    """Record that a case has reached a milestone which its process does not see, for example that of a court.

    It does what the milestone of a model does: meets, ends and interrupts deadlines, and starts those whose
    conditions the facts of the case fulfil. Reached again on the same day, it changes no deadline.

    Args:
        on: the legal day in China on which it was reached, or the instant with its zone, which deadlines in hours
            need; absent: now. The fact that makes the milestone known, or that carries the day of its deadlines from
            one procedure to the next (``served_on`` for a service), becomes this day. A fact of the matter
            (``knew_on``) does not: deadlines that run from it do so whenever the milestone was reached.

    Returns:
        The deadlines that it changed, those that it started among them, by their number in the case.

    Raises:
        NotFound: there is no such case, or the rules that it runs on know no such milestone.
        FactError: ``on`` lies in the future, or before the known years while something runs that began later, or is
            a day where hours are counted.
        PeriodError: ``on`` has no time zone.
        NotAllowed: the actor has no name, or acts for another area; or a call of its own reaches the milestone.
    """
    with acting(runtime, case_id, by, session) as (step, area, _):
        known = step.edition.rulebook.milestones
        check_key(milestone, "milestone")
        if milestone not in known:
            raise NotFound(f"no milestone {milestone!r}: {suggestion(milestone, known)}")
        moment = step.now() if on is None else with_zone(on)
        today, day = china_date(step.now()), legal_day(moment)
        if day > today or (isinstance(moment, datetime) and moment > step.now()):
            raise FactError(f"{on} lies in the future; record {milestone} when it has been reached")
        _refuse_called(known[milestone])
        step.register.require_possible(milestone, day)
        if not isinstance(moment, datetime) and day != today and step.register.counts_hours(milestone):
            raise FactError(
                f"{milestone} starts or meets a deadline that is counted in hours; give the instant at which it "
                f"was reached, for example {day}T15:20+08:00"
            )
        reach_on(step, milestone, moment)
        changed = step.register.changed
        return [_as_it_stands(step, deadline, area) for deadline in changed]


def _refuse_called(milestone: Milestone) -> None:
    """Leave to a call what it reaches after looking at who may."""
    if milestone.call is not None:
        raise NotAllowed(
            f"milestone {milestone.id!r} ({milestone.title.en}) is reached by the call {milestone.call} alone, which "
            "looks at who may do it; use that",
            zh=f"“{milestone.title.zh}”只能通过 {milestone.call} 办理",
        )


def _done(
    runtime: Runtime,
    case_id: int,
    by: Actor,
    session: HostTransaction,
    act: Callable[[Step], RunningDeadline],
    *,
    tests: bool = False,
) -> Deadline:
    """Do an act on a deadline of a case; the deadline as it stands then."""
    with acting(runtime, case_id, by, session, tests=tests) as (step, area, _):
        return _as_it_stands(step, act(step), area)


def _as_it_stands(step: Step, deadline: RunningDeadline, area: str | None) -> Deadline:
    row = deadline.row(step.recording.case_id)
    return deadline_of(row, step.register.rulebook(deadline), area, step.now(), step.facts())
