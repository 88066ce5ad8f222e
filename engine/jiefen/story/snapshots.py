"""From rows to the read models of :mod:`jiefen.record.values`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.engine import Row

from jiefen.clock import china_date
from jiefen.edition.edition import Edition
from jiefen.notation.labels import Label
from jiefen.record.desk.links import Link
from jiefen.record.desk.parties import Party
from jiefen.record.kinds import (
    CaseStatus,
    DeadlineStatus,
    Grade,
    Happening,
    LinkKind,
    Part,
    SupervisionStatus,
    TaskStatus,
)
from jiefen.record.rows import CaseRow, DeadlineRow, roles_of
from jiefen.record.values import Case, Deadline, Entry, Incident, Supervision, Task
from jiefen.rules import Action, DeadlineVersion, Rulebook, Side
from jiefen.story.sentences import ACTIONS


def case_of(row: CaseRow | Row[Any], edition: Edition, facts: Mapping[str, object] | None = None) -> Case:
    """A case, its facts in plain values: those of the row, unless the caller has them at hand."""
    return Case(
        id=row.id,
        key=row.key,
        process=row.process,
        edition=row.edition,
        status=CaseStatus(row.status),
        area=row.area,
        stage=row.stage,
        level=row.level,
        colour=row.colour,
        dispute_type=row.dispute_type,
        outcome=row.outcome,
        opened_at=row.opened_at.astimezone(UTC),
        updated_at=row.updated_at.astimezone(UTC),
        ended_at=row.ended_at.astimezone(UTC) if row.ended_at else None,
        revision=row.revision,
        grade=Grade(row.grade),
        leader=row.leader,
        facts=edition.rulebook.vocabulary.from_json(row.facts) if facts is None else dict(facts),
    )


def task_of(row: Row[Any]) -> Task:
    """A task."""
    return Task(
        id=row.id,
        case=row.case_id,
        element=row.element,
        process=row.process,
        name=row.name,
        roles=roles_of(row.roles),
        area=row.area,
        assignee=row.assignee,
        seat=row.seat,
        form=row.form,
        locals=row.locals,
        due_at=row.due_at,
        status=TaskStatus(row.status),
        opened_at=row.opened_at,
        finished_at=row.finished_at,
        finished_by=row.finished_by,
    )


def deadline_of(
    row: DeadlineRow, rulebook: Rulebook, area: str | None, now: datetime, facts: Mapping[str, object]
) -> Deadline:
    """A deadline, with the title and article of the version of the rule that gave it.

    Args:
        rulebook: that of the deadline's own edition.
        facts: of the case, in plain values.

    Raises:
        NotFound: no layer of the rulebook has that rule.
    """
    rule, version = rulebook.deadline(row.rule, row.version, china_date(row.anchored_at), area)
    citation = version.because[0]
    return Deadline(
        case=row.case_id,
        status=DeadlineStatus(row.status),
        title=rule.title,
        law=citation.law or "",
        article=citation.article or "",
        holder=row.holder or version.holder,
        on_expiry=str(version.on_expiry),
        losing=_loses(version, rulebook),
        within=version.within,
        safe_because=version.safe.why if version.safe is not None and row.safe_on is not None else None,
        fits=row.status not in _LIVE or rulebook.starts(area).fits(version, facts),
        overdue=row.status == DeadlineStatus.RUNNING
        and not row.provisional
        and row.due_at is not None
        and row.due_at <= now,
        extensions=tuple(row.extensions),
        suspensions=tuple(row.suspensions),
        **{name: getattr(row, name) for name in _AS_KEPT},
    )


_LIVE: Final = (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED)
#: What callers see of a deadline as it is kept.
_AS_KEPT: Final = (
    "seq", "rule", "version", "edition", "kind", "anchor", "anchored_at", "due_on", "due_at", "provisional", "safe_on",
    "started_at", "closed_at", "closed_by",
)  # fmt: skip


def _loses(version: DeadlineVersion, rulebook: Rulebook) -> bool:
    """Whether a party, somebody outside the organisation, loses something when the period passes unused."""
    holder = rulebook.roles.get(version.holder or "")
    if version.kind is not Side.RIGHT or (holder is not None and holder.level is not None):
        return False
    return not version.loses_nothing


def entry_of(row: Row[Any]) -> Entry:
    """An entry of the journal."""
    return Entry(
        id=row.id,
        case=row.case_id,
        at=row.at,
        actor=row.actor,
        kind=Happening(row.kind),
        subject=row.subject,
        data=row.data,
    )


def supervision_of(row: Row[Any], now: datetime) -> Supervision:
    """A supervision."""
    return Supervision(
        id=row.id,
        case=row.case_id,
        ref=row.ref,
        action=row.action,
        action_title=ACTIONS[Action(row.action)],
        title=Label.of(row.title),
        role=row.role,
        area=row.area,
        holders=tuple(row.holders),
        by=row.by_role,
        opened_at=row.opened_at,
        reply_at=row.reply_at,
        status=SupervisionStatus(row.status),
        overdue=row.status == SupervisionStatus.OPEN and row.reply_at is not None and row.reply_at <= now,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
    )


def incident_of(row: Row[Any]) -> Incident:
    """An incident from its entry on the agenda."""
    return Incident(
        id=row.id,
        case=row.case_id,
        kind=row.kind,
        ref=row.ref,
        at=row.at,
        attempts=row.attempts,
        error=row.error or "",
    )


def party_snapshot(row: Any) -> Party:
    """A party of a case."""
    kept = {name: getattr(row, name) for name in Party.__slots__ if name != "part"}
    return Party(part=Part(row.part), **kept)


def link_of(row: Any) -> Link:
    """A link between two cases."""
    return Link(
        id=row.id,
        case=row.case_id,
        other=row.other_id,
        kind=LinkKind(row.kind),
        at=row.at.astimezone(UTC),
        by=row.by,
        reason=row.reason,
    )
