"""What people are told about a deadline, and what a rung of any ladder adds to a notice."""

from __future__ import annotations

from typing import Any

from jiefen.deadlines.running import RunningDeadline
from jiefen.record.notice import Notice
from jiefen.rules import Rung


def deadline_notice(deadline: RunningDeadline, to: str | None, area: str | None, **more: Any) -> Notice:
    """Tell the role ``to`` something about a deadline of a case in ``area``.

    ``to`` is ``None`` where the rule names nobody: whoever is responsible for the case in that area is meant. ``more``
    are fields of the notice, of what a rung says for one; ``about`` adds to what it is about.
    """
    about = {
        "deadline": deadline.rule.id,
        "due_on": deadline.due_on.isoformat() if deadline.due_on else None,
        "provisional": deadline.provisional,
        **({"safe_on": deadline.safe_on.isoformat()} if deadline.safe_on else {}),
        **more.pop("about", {}),
    }
    return Notice(about=about, title=deadline.rule.title, to=to, area=area, **more)


def rung_fields(rung: Rung, ladder: str | None) -> dict[str, Any]:
    """The fields of a notice that a rung decides, but for the role that it tells."""
    return {
        "action": str(rung.action),
        "level": str(rung.level) if rung.level else None,
        "by": rung.by,
        "reply": str(rung.reply) if rung.reply else None,
        "urgent": rung.urgent,
        "ladder": ladder,
        "rung": rung.id,
    }
