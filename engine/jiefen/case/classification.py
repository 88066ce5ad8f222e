"""How an area sorts a case and its work: colour, the pattern its occurrence follows, how closely it is kept, and who
is responsible for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from jiefen.case.state.facts import Facts
from jiefen.clock import china_date
from jiefen.edition.edition import Edition
from jiefen.people.confidential import accused_of
from jiefen.periods import Period, Unit, add_months
from jiefen.process import Processes
from jiefen.record.kinds import Grade, Happening
from jiefen.record.notice import Notice
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow
from jiefen.rules import Pattern, RuleView, holding

#: The reason to keep a case closely that its models give, beside those of the rules.
ACCUSED: Final = "confidential"
#: That of an order or a whistle: the matter that it was opened for is kept so.
FROM_MATTER: Final = "matter"
#: How many cases since a date agree with this one in some facts, this one included; no more than so many are counted.
Alike = Callable[[Mapping[str, object], date, int], int]


def keep_pattern(view: RuleView, facts: Facts, recording: Recording, alike: Alike | None) -> None:
    """Keep the pattern that a new case follows, if it follows one, and its occurrence as a fact."""
    pattern = recognise(view, facts.values, china_date(recording.now), alike)
    if pattern is None:
        return
    recording.note(
        Happening.PATTERN,
        pattern.id,
        mode=str(pattern.mode),
        lead=str(pattern.lead) if pattern.lead else None,
        zh=pattern.title.zh,
        en=pattern.title.en,
        facts=facts.take_changed({"occurrence": pattern.occurrence}),
    )


def keep_responsible(view: RuleView, facts: Facts, recording: Recording) -> None:
    """Keep who is responsible for the case, where the facts of this step have changed it."""
    today = china_date(recording.now)
    before = responsible(view, facts.before, today) if recording.revision else {}
    for name, entries in responsible(view, facts.values, today).items():
        if entries != before.get(name):
            recording.note(Happening.ASSIGNED, name, entries=entries)


def keep_colours(view: RuleView, facts: Facts, recording: Recording, area: str | None) -> None:
    """Keep the colours that the gradings in force give the case now, where they have changed, and tell of them."""
    today = china_date(recording.now)
    for grading in view.gradings.values():
        if not grading.in_force(today):
            continue
        grade, before = grading.grade(facts.values), facts.values.get(grading.output)
        if grade.colour != before:
            recording.note(
                Happening.GRADED,
                grade.colour,
                grading=grading.id,
                before=before,
                score=grade.score,
                points=dict(grade.points),
                facts=facts.take({grading.output: grade.colour}),
            )
            for role in grade.tells:
                about = {
                    "grading": grading.id,
                    "colour": grade.colour,
                    "before": before,
                    "score": grade.score,
                }
                notice = Notice(about=about, title=grading.title, action="graded", to=role, area=area)
                recording.tell(Ref.told_of_grade(grading.id, recording.revision, role), notice)


def reasons_to_keep(
    processes: Processes, view: RuleView, facts: Mapping[str, object], day: date
) -> dict[str, Grade]:
    """Why a case is kept more closely than others, with the grade that each reason gives.

    The rules of its area that hold, and that somebody is accused in it, as ``confidential`` of its models says.
    """
    held = {rule.id: rule.grade for rule in view.grades.values() if rule.in_force(day) and rule.holds(facts)}
    accused = accused_of(processes, facts).terms
    return held | ({ACCUSED: Grade.SENSITIVE} if accused else {})


def grade_of(reasons: Mapping[str, Grade], by_hand: Mapping[str, Any] | None) -> Grade:
    """The grade of a case: the strictest of its reasons, and of what a person has set.

    Whoever has lowered it knew the reasons that were there; one that comes to it later counts again.
    """
    known = by_hand["despite"] if by_hand is not None else ()
    given = [grade for reason, grade in reasons.items() if reason not in known]
    lowest = Grade(by_hand["grade"]) if by_hand is not None else Grade.PERSONAL
    return max((lowest, *given), key=lambda grade: grade.rank)


def keep_grade(
    edition: Edition, view: RuleView, facts: Mapping[str, object], row: CaseRow, recording: Recording
) -> Grade:
    """The grade that the facts give the case now; where it has changed, the journal tells of it."""
    reasons = reasons_to_keep(edition.processes, view, facts, china_date(recording.now))
    before, after = Grade(row.grade), grade_of(reasons, row.graded_by_hand)
    if after is not before:
        kind = Happening.GRADE_RAISED if after.above(before) else Happening.GRADE_LOWERED
        recording.note(kind, str(after), before=str(before), reasons=sorted(reasons))
    return after


def recognise(view: RuleView, facts: Mapping[str, object], day: date, alike: Alike | None) -> Pattern | None:
    """The pattern a matter follows: the one intake named, else the first whose signs are there.

    Patterns that count cases are tried only with ``alike``.
    """
    named = facts.get("occurrence")
    for pattern in view.patterns.values():
        if not pattern.in_force(day) or named not in (None, pattern.occurrence):
            continue
        if named is not None or _recognised(pattern, facts, day, alike):
            return pattern
    return None


def _recognised(pattern: Pattern, facts: Mapping[str, object], day: date, alike: Alike | None) -> bool:
    if not holding(pattern.when, facts) or (pattern.months and day.month not in pattern.months):
        return False
    if pattern.count is None:
        return True
    if alike is None or any(facts.get(name) is None for name in pattern.same):
        return False
    since = _before(day, pattern.within) if pattern.within else date.min
    return alike({name: facts[name] for name in pattern.same}, since, pattern.count) >= pattern.count


def _before(day: date, period: Period) -> date:
    if period.unit in (Unit.MONTH, Unit.YEAR):
        return add_months(day, -period.length * (12 if period.unit is Unit.YEAR else 1))
    return day - timedelta(days=period.length)


def responsible(view: RuleView, facts: Mapping[str, object], day: date) -> dict[str, list[dict[str, Any]]]:
    """Who is responsible or competent, by assignment: 四级包保 as a chain upwards, 归口 one, 调解组织 all."""
    return {
        assignment.id: [
            {"entry": entry.id, "role": entry.role, "level": str(entry.level) if entry.level else None}
            for entry in assignment.assign(facts)
        ]
        for assignment in view.assignments.values()
        if assignment.in_force(day)
    }
