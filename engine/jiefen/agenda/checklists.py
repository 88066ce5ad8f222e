"""清单: the checklists of a case as they stand, and what is told of what is missing when a visit is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from jiefen.notation.labels import Label
from jiefen.record.counter.checklists import Checked, Tick
from jiefen.record.kinds import AppointmentForm, Happening
from jiefen.record.notice import Found, Notice
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.rules import Checklist, Per, RuleView
from jiefen.store.counter.ticks import ONCE

_TITLE: Final = Label("走访清单未完成:{title}", "Not all of the checklist was done: {title}")


def round_of(rule: Checklist, visit: date) -> str:
    """By which name the ticks of a list are kept."""
    return visit.isoformat() if rule.per is Per.VISIT else ONCE


def standing(
    rule: Checklist, case: int, facts: Mapping[str, object], visit: date, rows: Iterable[Any]
) -> Checked:
    """A checklist of a case as it stands, for the visit of a day where it is one of visits.

    Args:
        rows: everything that was ticked in the case.
    """
    name = round_of(rule, visit)
    said = {row.item: row for row in rows if (row.checklist, row.round) == (rule.id, name)}
    ticks = []
    for item in rule.for_case(facts):
        row = said.get(item.id)
        known = {"done": row.done, "by": row.by, "at": row.at, "note": row.note} if row is not None else {}
        ticks.append(Tick(item=item.id, title=item.title, **known))
    return Checked(
        case=case,
        checklist=rule.id,
        title=rule.title,
        visit=visit if rule.per is Per.VISIT else None,
        ticks=tuple(ticks),
    )


def visit_over(
    recording: Recording,
    view: RuleView,
    facts: Mapping[str, object],
    rows: Sequence[Any],
    form: AppointmentForm,
    visit: date,
    persons: Sequence[str],
    area: str | None,
) -> None:
    """A visit was held: what its checklists miss is written down, and told to who was there.

    These are the lists that the rules ask for after such a visit, and those that somebody has begun.
    """
    for rule in view.checklists.values():
        if rule.per is Per.VISIT and rule.in_force(visit):
            now = standing(rule, recording.case_id, facts, visit, rows)
            if now.missing and (form in rule.visits or now.begun):
                tell_missing(recording, now, persons, area)


def tell_missing(recording: Recording, now: Checked, persons: Sequence[str], area: str | None) -> None:
    """Write down what a checklist misses, and tell it to some persons."""
    missing, day = [one.item for one in now.missing], now.visit.isoformat() if now.visit else None
    titles = [dict(one.title) for one in now.missing]
    recording.note(
        Happening.CHECKLIST_MISSING, now.checklist, title=now.title, missing_items=titles, visit=day
    )
    title = _TITLE.format(title=now.title)
    about = {"checklist": now.checklist, "missing": missing, "visit": day}
    found = Found(holders=tuple(persons))
    told = Notice(about=about, title=title, action="checklist", to=None, area=area, found=found)
    recording.tell(Ref.told_of_checklist(now.checklist, recording.revision), told)
