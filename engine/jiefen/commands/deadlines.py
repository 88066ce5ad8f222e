"""What people do to deadlines: extend, suspend, resume, interrupt, correct the day one runs from, record a milestone.

Each act is looked at against the article first: its grounds, its limits, who decides, and until when. An act that the
law does not allow changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jiefen.agenda.sweep import caught_up
from jiefen.case.arguments import a_key, an_actor, an_id
from jiefen.case.runtime import Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date, legal_day
from jiefen.commands.recompute import Recomputation, recompute
from jiefen.deadlines.docket import INTERRUPTION, Docket
from jiefen.deadlines.running import RunningDeadline, end_of, instant_of, last_part
from jiefen.errors import Conflict, FactError, NotAllowed, NotFound, PeriodError
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import written
from jiefen.people.authority import require_role
from jiefen.periods import Period, Unit
from jiefen.record.actor import Actor
from jiefen.record.kinds import DeadlineStatus
from jiefen.record.values import Deadline
from jiefen.rules import Effect, Extension, Ground, Side
from jiefen.store import cases as store
from jiefen.story.snapshots import deadline_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    HostTransaction = Session | Connection | None

#: A ground or a reference to a record may be so long; it goes into the journal.
_LONGEST_TEXT = 500


class DeadlineActs:
    """The acts on deadlines that :class:`jiefen.Engine` offers; each is one transaction, or part of the host's."""

    _runtime: Runtime

    def extend(
        self,
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
        asked = length if isinstance(length, Period) else Period.parse(written(length, "length"))

        def act(step: Step) -> RunningDeadline:
            found = _found(step.docket, deadline)
            what = f"extending {_named(found)}" + (" once more" if found.extensions else "")
            if not found.version.extensions or found.version.backwards:
                raise NotAllowed(
                    f"{_named(found)} cannot be extended: {_article(found)} does not provide for it"
                )
            _not_over(step, found, "extended")
            law = _within_limits(step, found, asked)
            if law.ground and not _text(ground, "ground"):
                raise NotAllowed(
                    f"{what} needs the ground that {_article(found)} names, {law.ground}; say what it is in this case"
                )
            _approved(step, found, law, by, consent, what)
            extension: dict[str, Any] = {
                "length": str(asked), "ground": ground, "approver": law.approver, "by": by.id,
                "at": step.now().astimezone(UTC).isoformat(),
            }  # fmt: skip
            if consent:
                extension["consent"] = _text(consent, "consent")
            step.docket.extend(found, extension)
            return found

        return _done(self._runtime, case_id, by, session, act)

    def suspend(
        self,
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
            found = _found(step.docket, deadline)
            _ground(step, found, ground, Effect.SUSPEND)
            if found.status is DeadlineStatus.SUSPENDED:
                last = found.suspensions[-1]
                raise Conflict(
                    f"{_named(found)} is suspended since {last['from']} ({last['ground']}); resume it first"
                )
            begin = _moment(step, found, since)
            if not (step.docket.stands(found) and step.docket.in_time(found, begin)):
                raise Conflict(
                    f"{_named(found)} was over on {found.due_on}; it cannot be suspended from {begin} on, after that"
                )
            if legal_day(begin) < found.anchored_on:
                raise PeriodError(
                    f"{begin} lies before {found.anchored_on}, the day from which {_named(found)} runs; correct it"
                )
            last_to = found.suspensions[-1]["to"] if found.suspensions else None
            if last_to is not None and begin.isoformat() < last_to:
                raise PeriodError(
                    f"{begin} lies within an earlier suspension of {_named(found)}, which lasted until {last_to}; "
                    "give a later day"
                )
            part = last_part(found, step.docket.calendar)
            if part is not None and china_date(step.now()) <= part:
                raise NotAllowed(
                    f"{_named(found)} is suspended only in its last {found.version.suspends_in_last}, after {part} "
                    f"({_article(found)}); record the obstacle then, if it still lasts"
                )
            step.docket.suspend(found, ground, begin)
            return found

        return _done(self._runtime, case_id, by, session, act)

    def resume(
        self,
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

        def act(step: Step) -> RunningDeadline:
            found = _found(step.docket, deadline)
            if found.status is not DeadlineStatus.SUSPENDED:
                raise Conflict(
                    f"{_named(found)} is not suspended, so it cannot be resumed; it is {found.status}"
                )
            day, begun = _moment(step, found, on), found.suspensions[-1]["from"]
            if day.isoformat() < begun:
                raise PeriodError(
                    f"the suspension of {_named(found)} began on {begun} and cannot end before that, on {day}"
                )
            step.docket.resume(found, _counting_again(step, found, day))
            return found

        return _done(self._runtime, case_id, by, session, act)

    def interrupt(
        self,
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

        def act(step: Step) -> RunningDeadline:
            docket = step.docket
            found = _found(docket, deadline)
            _ground(step, found, ground, Effect.INTERRUPT)
            moment = _moment(step, found, on)
            day = legal_day(moment)
            if day == found.anchored_on:
                return found
            _interrupts(found, day, found.due_on, in_time=docket.stands(found) and docket.in_time(found, day))
            return docket.interrupt(found, ground, instant_of(moment, step.now()))

        return _done(self._runtime, case_id, by, session, act)

    def correct_anchor(
        self,
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

        with _acting(self._runtime, case_id, by, session) as (step, area, connection):
            docket = step.docket
            found = _found(docket, deadline)
            if not docket.stands(found):
                raise Conflict(f"{_named(found)} is {found.status}; the day it ran from no longer matters")
            moment = _moment(step, found, on, future=found.version.backwards)
            at = instant_of(moment, step.now())
            day, fact = china_date(at), found.version.date_fact
            if at == found.anchored_at or (day == found.anchored_on and not found.in_hours):
                return _as_it_stands(step, found, area)
            _known(step, day)
            if found.anchor.startswith(INTERRUPTION):
                row = store.interrupted(connection, case_id, found.seq, found.rule.id)
                before = docket.restore(row)
                _interrupts(before, day, row.due_on, in_time=row.due_on is None or day <= row.due_on)
            if fact is not None and step.facts().get(fact) == found.anchored_on:
                step.assign(fact, day)
            return _as_it_stands(step, docket.correct(found, at, step.facts()), area)

    def milestone(
        self,
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
                need; absent: now. The fact that carries the day of a deadline that runs from it (``served_on`` for a
                service) becomes this day.

        Returns:
            The deadlines that it changed, those that it started among them, by their number in the case.

        Raises:
            NotFound: there is no such case, or the rules that it runs on know no such milestone.
            FactError: ``on`` lies in the future or before the known years, or is a day where hours are counted.
            PeriodError: ``on`` has no time zone.
            NotAllowed: the actor has no name, or acts for another area.
        """
        with _acting(self._runtime, case_id, by, session) as (step, area, _):
            known = step.edition.rulebook.milestones
            a_key(milestone, "milestone")
            if milestone not in known:
                raise NotFound(f"no milestone {milestone!r}: {suggestion(milestone, known)}")
            moment = step.now() if on is None else _with_zone(on)
            today, day = china_date(step.now()), legal_day(moment)
            if day > today or (isinstance(moment, datetime) and moment > step.now()):
                raise FactError(f"{on} lies in the future; record {milestone} when it has been reached")
            _known(step, day)
            if not isinstance(moment, datetime) and day != today and step.docket.counts_hours(milestone):
                raise FactError(
                    f"{milestone} starts or meets a deadline that is counted in hours; give the instant at which it "
                    f"was reached, for example {day}T15:20+08:00"
                )
            for rule in step.docket.view.anchored_at(milestone):
                for version in rule.versions:
                    # An older service date must not stand for this one; a hearing to come keeps its own day.
                    if version.date_fact is not None and not version.backwards:
                        step.assign(version.date_fact, day)
            step.reach(milestone, moment)
            changed = step.docket.changed
            return [_as_it_stands(step, deadline, area) for deadline in changed]

    def recompute(
        self,
        *,
        calendar: Path | str | None = None,
        rules: Path | str | None = None,
        dry_run: bool = True,
        by: Actor,
    ) -> Recomputation:
        """Say which deadlines would move by another calendar or rulebook; without ``dry_run``, move them.

        Applying a rulebook takes every case over to it, except for its process: what is decided and what begins to run
        from now on goes by the new rules, too. The journal keeps the change (``rules_changed``).

        Args:
            calendar: a folder of year files; the newest calendar known when absent.
            rules: a folder with another rulebook; each case's own rules when absent.

        Raises:
            RuleError, PeriodError: as :func:`jiefen.commands.recompute.recompute` says; nothing is changed then.
        """
        year_files = Path(calendar) if calendar is not None else None
        rulebook = Path(rules) if rules is not None else None
        return recompute(self._runtime, calendar=year_files, rules=rulebook, dry_run=dry_run, by=by)


# --- inside -------------------------------------------------------------------------------------------------------


def _done(
    runtime: Runtime,
    case_id: int,
    by: Actor,
    session: HostTransaction,
    act: Callable[[Step], RunningDeadline],
) -> Deadline:
    """Do an act on a deadline of a case; the deadline as it stands then."""
    with _acting(runtime, case_id, by, session) as (step, area, _):
        return _as_it_stands(step, act(step), area)


def _as_it_stands(step: Step, deadline: RunningDeadline, area: str | None) -> Deadline:
    row = SimpleNamespace(**step.docket.row(deadline))
    return deadline_of(row, step.docket.rulebook(deadline), area, step.now())


@contextmanager
def _acting(
    runtime: Runtime, case_id: int, by: Actor, session: HostTransaction
) -> Iterator[tuple[Step, str | None, Connection]]:
    """A step of a case by a person, in one transaction, and the area of the case; kept when the block ends well."""
    an_id(case_id, "case")
    an_actor(by)
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        row = store.lock_case(connection, case_id)
        if row is None:
            raise NotFound(
                f"there is no case {case_id}; list them with `jiefen cases` (cases()), or look one up by its key"
            )
        step = runtime.step(connection, row, store.open_deadlines(connection, case_id), now, by.id)
        require_role(by, (), row.area, step.edition.rulebook.roles, f"case {case_id}")
        step = caught_up(runtime, connection, step)
        yield step, row.area, connection
        if step.docket.changed or step.recording.changes.journal:
            step.save(connection)


def _found(docket: Docket, which: str | int) -> RunningDeadline:
    """The open deadline of a number, or of a rule; one that runs before one that has expired."""
    if isinstance(which, str):
        docket.view.deadline(which)
        of_rule = [item for item in docket.deadlines if item.rule.id == which]
        found = next((item for item in reversed(of_rule) if item.live), of_rule[-1] if of_rule else None)
    else:
        found = docket.get(which)
    if found is None:
        listed = ", ".join(f"{item.seq} ({item.rule.id})" for item in docket.deadlines) or "none"
        raise NotFound(f"the case has no open deadline {which!r}; open are {listed}")
    return found


def _known(step: Step, day: date) -> None:
    """Refuse a day of which no calendar tells whether it was worked; it is a slip of the pen."""
    first = step.docket.calendar.known_from
    if day < first:
        raise FactError(f"{day} lies before {first}, the first day whose holidays are known; correct the day")


def _interrupts(deadline: RunningDeadline, day: date, due_on: date | None, *, in_time: bool) -> None:
    """Refuse an act that cannot interrupt a limitation period: before it began, or after it was over."""
    if day < deadline.anchored_on:
        raise PeriodError(
            f"{_named(deadline)} runs from {deadline.anchored_on}; an act on {day}, before that, interrupts nothing"
        )
    if not in_time:
        raise Conflict(
            f"{_named(deadline)} was over on {due_on}; an act on {day}, after that, interrupts nothing"
        )


def _not_over(step: Step, deadline: RunningDeadline, done: str) -> None:
    expired = deadline.status is DeadlineStatus.EXPIRED
    if expired or (
        deadline.status is DeadlineStatus.RUNNING and step.docket.end(deadline).latest_at <= step.now()
    ):
        raise Conflict(f"{_named(deadline)} expired on {deadline.due_on}; after that it cannot be {done}")


def _within_limits(step: Step, deadline: RunningDeadline, asked: Period) -> Extension:
    """What the law says of this extension, the first or a further one; refused is what is longer or more often."""
    article, granted = _sources(deadline), len(deadline.extensions)
    law = deadline.version.extension_after(granted)
    if asked.length == 0:
        raise PeriodError("an extension of nothing changes nothing; give a length such as '30 d'")
    if law is None:
        times = "once" if granted == 1 else f"{granted} times"
        raise NotAllowed(f"{_named(deadline)} may be extended {times} ({article}), and has been")
    if law.length is not None and (asked.unit is not law.length.unit or asked.length > law.length.length):
        which = "at a time" if len(deadline.version.extensions) == 1 else "this time"
        raise NotAllowed(
            f"{_named(deadline)} may be extended by at most {law.length} {which} ({article}), not by {asked}"
        )
    if deadline.in_hours != (asked.unit is Unit.HOUR):
        raise PeriodError(
            f"{_named(deadline)} is counted in {deadline.version.length.unit} and cannot be extended by {asked}"
        )
    if law.total is not None:
        longer = [*deadline.extensions, {"length": str(asked)}]
        whole = replace(deadline.version, length=law.total)
        wanted = replace(deadline, extensions=longer, suspensions=[])
        most = replace(deadline, version=whole, extensions=[], suspensions=[])
        calendar = step.docket.calendar
        if end_of(wanted, calendar).latest_on > end_of(most, calendar).latest_on:
            raise NotAllowed(
                f"{_named(deadline)} may last {law.total} with all extensions ({article}); {asked} more is too much"
            )
    return law


def _approved(
    step: Step, deadline: RunningDeadline, law: Extension, by: Actor, consent: str | None, what: str
) -> None:
    """Let only those extend a deadline whom the article names; parties agree, and whoever handles it records it."""
    roles = step.docket.rulebook(deadline).roles
    approver = roles.get(law.approver) if law.approver is not None else None
    if approver is None:
        return
    if approver.level is not None:
        require_role(by, (approver.id,), step.docket.area, roles, what)
        return
    if not _text(consent, "consent"):
        raise NotAllowed(
            f"{what} needs the consent of {approver.title} ({_article(deadline)}); say where it is recorded"
        )
    holder = deadline.version.holder
    require_role(by, (holder,) if holder else (), step.docket.area, roles, what)


def _ground(step: Step, deadline: RunningDeadline, name: str, effect: Effect) -> None:
    """Refuse a ground that is unknown, of the other kind, or not one that the article names for this deadline."""
    version, known = deadline.version, step.docket.rulebook(deadline).grounds
    allowed = version.suspensions if effect is Effect.SUSPEND else version.interruptions
    done = "suspended" if effect is Effect.SUSPEND else "interrupted"
    if not allowed:
        fixed = effect is Effect.INTERRUPT and version.kind is Side.RIGHT
        why = "it is a fixed period and keeps running" if fixed else "it names no ground for that"
        raise NotAllowed(f"{_named(deadline)} cannot be {done} ({_article(deadline)}): {why}")
    if not name:
        raise NotAllowed(f"{_named(deadline)} is {done} only for a legal ground: {_listed(allowed, known)}")
    if a_key(name, "ground") not in known:
        raise NotFound(f"there is no ground {name!r}; {suggestion(name, allowed)}")
    if name not in allowed:
        raise NotAllowed(
            f"{name} ({known[name].title}) is no ground on which {_named(deadline)} is {done} "
            f"({_article(deadline)}); grounds are {_listed(allowed, known)}"
        )


def _counting_again(step: Step, deadline: RunningDeadline, moment: date | datetime) -> date | datetime:
    """``moment``, or when the time was over that the ground of the suspension lets not count, if that is earlier."""
    until = step.docket.stands_still_until(deadline)
    if until is None:
        return moment
    if isinstance(until, datetime):
        return min(instant_of(moment, step.now()), until)
    return min(legal_day(moment), until)


def _moment(
    step: Step, deadline: RunningDeadline, given: date | datetime | None, *, future: bool = False
) -> date | datetime:
    """A moment in the terms of the deadline: a legal day, or an instant in UTC where it is counted in hours."""
    now = step.now()
    if given is None:
        return now.astimezone(UTC) if deadline.in_hours else china_date(now)
    given = _with_zone(given)
    moment: date | datetime
    if deadline.in_hours:
        if not isinstance(given, datetime):
            raise PeriodError(f"{_named(deadline)} is counted in hours; give an instant instead of {given}")
        moment, late = given.astimezone(UTC), given > now
    else:
        moment = legal_day(given)
        late = moment > china_date(now)
    if late and not future:
        raise FactError(
            f"{given} lies in the future; record what has happened, on the day it happened or later"
        )
    return moment


def _with_zone(given: date | datetime) -> date | datetime:
    if isinstance(given, datetime) and given.tzinfo is None:
        raise PeriodError(f"{given} has no time zone; give one, for example +08:00")
    if not isinstance(given, date):
        raise PeriodError(f"{given!r} is no day and no instant; give a date, or a datetime with its zone")
    return given


def _text(value: str | None, what: str) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return written(value, what, _LONGEST_TEXT).strip()


def _named(deadline: RunningDeadline) -> str:
    return f"{deadline.rule.id} ({deadline.rule.title})"


def _article(deadline: RunningDeadline) -> str:
    return deadline.version.because[0].text("zh")


def _sources(deadline: RunningDeadline) -> str:
    """The articles from which the numbers come: the length may stand in one, an extension in another."""
    quoted = [citation.text("zh") for citation in deadline.version.because if citation.figures]
    return "; ".join(quoted) or _article(deadline)


def _listed(names: tuple[str, ...], known: Mapping[str, Ground]) -> str:
    return ", ".join(f"{name} ({known[name].title})" for name in names)
