"""送达: the day on which a document counts as served has come, and what runs from it starts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.case.step import Step
from jiefen.clock import legal_day
from jiefen.record.counter.kept import Kept
from jiefen.record.refs import Ref
from jiefen.store.counter import documents as store


def reach_on(step: Step, milestone: str, moment: date | datetime) -> None:
    """A case reaches a milestone outside its process, on a day or at an instant that is not to come.

    The fact that makes the milestone known, or that carries the day of its deadlines from one procedure to the next
    (``served_on``), becomes this day.
    """
    known_by, starts = step.edition.rulebook.milestones[milestone].known_by, step.register.starts
    carriers = {known_by: None} if known_by is not None else {}
    for rule in step.register.view.anchored_at(milestone):
        for version in rule.versions:
            # An older service date must not stand for this one; a hearing to come keeps its own day.
            if version.date_fact is not None and not (version.backwards or starts.says_the_day(version)):
                carriers[version.date_fact] = None
    for fact in carriers:
        step.assign(fact, legal_day(moment))
    step.reach(milestone, moment)


def served(step: Step, connection: Connection, ref: Ref, data: Mapping[str, Any]) -> None:
    """A document counts as served today, for example since its public notice has run for thirty days."""
    document, party = ref.service
    row = store.service_of(connection, step.recording.case_id, document, party)
    if row is None or row.reached or row.served_on.isoformat() != data["on"]:
        return
    step.recording.changes.counter[Kept.SERVICE] = [dict(row._mapping) | {"reached": True}]
    reach_on(step, data["milestone"], row.served_on)
