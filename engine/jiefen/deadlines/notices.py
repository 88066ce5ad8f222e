"""What people are told about a deadline: the payload of a delivery on the topic ``notice``."""

from __future__ import annotations

from typing import Any

from jiefen.deadlines.running import RunningDeadline
from jiefen.rules import Rung


def notice(
    deadline: RunningDeadline, action: str, to: str | None, area: str | None, **more: Any
) -> dict[str, Any]:
    """Tell the role ``to`` something about a deadline of a case in ``area``.

    ``to`` is ``None`` where the rule names nobody: whoever is responsible for the case in that area is meant.
    """
    base: dict[str, Any] = {
        "deadline": deadline.rule.id,
        "title": dict(deadline.rule.title),
        "due_on": deadline.due_on.isoformat() if deadline.due_on else None,
        "provisional": deadline.provisional,
        "action": action,
        "to": to,
        "level": None,
        "area": area,
        "by": None,
        "reply": None,
    }
    return base | more


def rung_notice(deadline: RunningDeadline, rung: Rung, area: str | None) -> dict[str, Any]:
    """What a rung of its ladder tells."""
    return notice(
        deadline,
        str(rung.action),
        rung.role,
        area,
        level=str(rung.level) if rung.level else None,
        by=rung.by,
        reply=str(rung.reply) if rung.reply else None,
        urgent=rung.urgent,
        ladder=deadline.version.ladder,
        rung=rung.id,
    )
