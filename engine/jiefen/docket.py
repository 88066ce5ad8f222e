"""The deadlines of one case taken together: what a milestone starts and stops, what expires, what is due when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from jiefen.cases import SYSTEM, DeadlineStatus, Happening
from jiefen.clock import china_date
from jiefen.deadlines import RunningDeadline, rungs_of, start
from jiefen.editions import Edition
from jiefen.errors import NotFound
from jiefen.recording import NOTICE, Recording
from jiefen.rules import DeadlineRule, RuleView, Rung, Side


class Docket:
    """The open deadlines of a case in work.

    Args:
        rows: the rows of the deadlines that can still change.
        started: how many deadlines the case has had so far; numbers the next one.
    """

    def __init__(
        self, edition: Edition, view: RuleView, rows: Iterable[Any], started: int, recording: Recording
    ) -> None:
        self.view = view
        self.calendar = edition.calendar
        self.started = started
        self._recording = recording
        self._touched: set[int] = set()
        self.deadlines = [self._restore(row) for row in rows]

    def due_of(self, rule_id: str) -> datetime | None:
        """When the running deadline of a rule is over; ``None`` when none runs."""
        for deadline in reversed(self.deadlines):
            if deadline.rule.id == rule_id and deadline.live:
                return deadline.due_at
        return None

    def get(self, seq: int) -> RunningDeadline | None:
        """The open deadline of that number."""
        return next((item for item in self.deadlines if item.seq == seq), None)

    def milestone(self, milestone: str, day: date, facts: Mapping[str, object]) -> None:
        """A milestone was reached on ``day``: stop what it stops, start what runs from it."""
        for deadline in self.deadlines:
            if milestone in deadline.version.stops:
                self._stop(deadline, milestone, day)
            elif milestone in deadline.version.cancels and deadline.live:
                self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, milestone)
        for rule in self.view.anchored_at(milestone):
            self._start(rule, milestone, day, facts)

    def expire(self, deadline: RunningDeadline) -> datetime | None:
        """The instant of a deadline has come: end it, or say when to look again.

        A date beyond the published holidays is only an estimate, and nobody loses a right by an estimate: such a
        deadline is looked at again when by every possible calendar it is over.
        """
        answer = deadline.derive(self.calendar)
        self._touched.add(deadline.seq)
        over = answer.latest_instant if answer is not None else None
        if over is not None and over > self._recording.now:
            return over
        self._close(
            deadline,
            DeadlineStatus.EXPIRED,
            Happening.DEADLINE_EXPIRED,
            SYSTEM.id,
            on_expiry=str(deadline.version.on_expiry),
        )
        return None

    def fire(self, deadline: RunningDeadline, rung: Rung, area: str | None) -> None:
        """Tell whom a rung names."""
        title = deadline.rule.title
        notice = {
            "deadline": deadline.rule.id,
            "title": {"zh": title.zh, "en": title.en},
            "due_on": _iso(deadline.due_on),
            "provisional": deadline.provisional,
            "action": str(rung.action),
            "to": rung.role,
            "level": str(rung.level) if rung.level else None,
            "area": area,
            "by": rung.by,
            "reply": str(rung.reply) if rung.reply else None,
        }
        self._recording.note(Happening.RUNG, f"{deadline.rule.id}/{rung.id}", seq=deadline.seq, **notice)
        self._recording.deliver(f"rung/{deadline.seq}/{rung.id}", NOTICE, notice)

    def rung(self, deadline: RunningDeadline, rung_id: str) -> Rung | None:
        """The rung of that id on the ladder of a deadline."""
        ladder = self.view.ladders.get(deadline.version.ladder or "")
        return next((item for item in ladder.rungs if item.id == rung_id), None) if ladder else None

    def end_of_case(self) -> None:
        """Duties that still run are no longer owed; the rights of the parties keep running."""
        for deadline in self.deadlines:
            if deadline.live and deadline.version.kind is Side.DUTY:
                self._close(deadline, DeadlineStatus.CANCELLED, Happening.DEADLINE_CANCELLED, "ended")

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the deadlines that this step changed."""
        return [self._row(item) for item in self.deadlines if item.seq in self._touched]

    def _start(self, rule: DeadlineRule, milestone: str, day: date, facts: Mapping[str, object]) -> None:
        now = self._recording.now
        deadline = start(self.started + 1, rule, milestone, day, facts, now, self.calendar)
        if deadline is None:
            return
        for earlier in self.deadlines:
            if earlier.rule.id == rule.id and earlier.live:
                self._close(earlier, DeadlineStatus.SUPERSEDED, Happening.DEADLINE_SUPERSEDED, milestone)
        self.started += 1
        self.deadlines.append(deadline)
        self._recording.note(
            Happening.DEADLINE_STARTED,
            rule.id,
            seq=deadline.seq,
            anchor=milestone,
            anchored_on=_iso(china_date(deadline.anchored_at)),
            version=_iso(deadline.version.since),
            length=str(deadline.version.length),
            due_on=_iso(deadline.due_on),
            provisional=deadline.provisional,
            calendar=deadline.calendar,
        )
        self._plan(deadline)

    def _stop(self, deadline: RunningDeadline, milestone: str, day: date) -> None:
        in_time = deadline.due_on is None or day <= deadline.due_on
        if in_time and deadline.status in (
            DeadlineStatus.RUNNING,
            DeadlineStatus.SUSPENDED,
            DeadlineStatus.EXPIRED,
        ):
            # Also when the clock had seen it expire: what counts is the day of the act, not the day it was recorded.
            self._close(deadline, DeadlineStatus.MET, Happening.DEADLINE_MET, milestone, on=_iso(day))
        elif deadline.live:
            self._close(deadline, DeadlineStatus.EXPIRED, Happening.DEADLINE_EXPIRED, milestone, on=_iso(day))
        elif deadline.status is DeadlineStatus.EXPIRED and deadline.closed_by == SYSTEM.id:
            # Done late: the expiry stands, but nobody need be pressed any more.
            deadline.closed_by = milestone
            self._unplan(deadline)

    def _close(
        self, deadline: RunningDeadline, status: DeadlineStatus, kind: Happening, by: str, **data: Any
    ) -> None:
        deadline.close(status, self._recording.now, by)
        self._touched.add(deadline.seq)
        if not (status is DeadlineStatus.EXPIRED and by == SYSTEM.id):
            self._unplan(
                deadline
            )  # an unmet duty keeps its ladder: it goes on climbing until the act is done
        self._recording.note(
            kind, deadline.rule.id, seq=deadline.seq, by=by, due_on=_iso(deadline.due_on), **data
        )

    def _plan(self, deadline: RunningDeadline) -> None:
        self._touched.add(deadline.seq)
        if deadline.due_at is None:
            return
        self._recording.plan("expiry", str(deadline.seq), deadline.due_at)
        for rung, at in rungs_of(
            deadline, self.view.ladders.get(deadline.version.ladder or ""), self.calendar
        ):
            # A warning whose time had passed before the deadline was even known would only be noise.
            if at >= self._recording.now or not rung.before:
                self._recording.plan("rung", f"{deadline.seq}/{rung.id}", at)

    def _unplan(self, deadline: RunningDeadline) -> None:
        self._touched.add(deadline.seq)
        self._recording.unplan("expiry", str(deadline.seq))
        ladder = self.view.ladders.get(deadline.version.ladder or "")
        for rung in ladder.rungs if ladder else ():
            self._recording.unplan("rung", f"{deadline.seq}/{rung.id}")

    def _restore(self, row: Any) -> RunningDeadline:
        rule = self.view.deadlines.get(row.rule)
        version = next((one for one in rule.versions if one.since == row.version), None) if rule else None
        if rule is None or version is None:
            raise NotFound(
                f"case {self._recording.case_id} has a deadline by rule {row.rule} of {row.version}, which its "
                "edition lacks in this area; the edition kept in the database is damaged"
            )
        return RunningDeadline(
            seq=row.seq,
            rule=rule,
            version=version,
            anchor=row.anchor,
            anchored_at=row.anchored_at,
            started_at=row.started_at,
            status=DeadlineStatus(row.status),
            extensions=list(row.extensions),
            suspensions=list(row.suspensions),
            due_on=row.due_on,
            due_at=row.due_at,
            provisional=row.provisional,
            calendar=row.calendar,
            closed_at=row.closed_at,
            closed_by=row.closed_by,
        )

    def _row(self, deadline: RunningDeadline) -> dict[str, Any]:
        return {
            "case_id": self._recording.case_id,
            "seq": deadline.seq,
            "rule": deadline.rule.id,
            "version": deadline.version.since,
            "kind": str(deadline.version.kind),
            "status": str(deadline.status),
            "anchor": deadline.anchor,
            "anchored_at": deadline.anchored_at,
            "due_on": deadline.due_on,
            "due_at": deadline.due_at,
            "provisional": deadline.provisional,
            "extensions": deadline.extensions,
            "suspensions": deadline.suspensions,
            "calendar": deadline.calendar,
            "started_at": deadline.started_at,
            "closed_at": deadline.closed_at,
            "closed_by": deadline.closed_by,
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
