"""评价不满意: a party is not content with what was decided, and the rules say which office looks at it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jiefen.clock import china_date
from jiefen.deadlines.notices import rung_fields
from jiefen.notation.labels import Label
from jiefen.people.finder import Finder
from jiefen.record.notice import Notice
from jiefen.record.recording import ALERT, Recording
from jiefen.record.refs import Ref
from jiefen.rules import RELATIVES, Ladder, Role, RuleView


def review_asked(view: RuleView, grade: str, recording: Recording) -> Ladder | None:
    """The ladder by which a rating of this grade opens a review; ``None``: it opens none."""
    return view.rated(grade, china_date(recording.now))


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
            left: dict[str, Any] = {"title": dict(title), "action": fields["action"], "area": area}
            recording.deliver(Ref.alert(ref.name), ALERT, {"notice": ref.name, "vacant": [], **left})
            return
        to, fields["level"] = above.role, str(above.level) if above.level else None
    supervised = (decider,) if decider is not None else ()
    told = Notice(about=about, title=title, to=to, area=area, supervised=supervised, **fields)
    recording.tell(ref, told)
