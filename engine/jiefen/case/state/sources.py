"""The system that a matter came from is told what becomes of it, where a topic is there for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jiefen.edition.edition import Edition
from jiefen.record.kinds import Happening
from jiefen.record.recording import Recording, plain
from jiefen.rules import EXTENDED

#: What a topic may carry besides facts: what was reached and on which day; of an extension which deadline, until when.
REACHED, ON, DEADLINE, UNTIL = "reached", "reached_on", "deadline", "due_on"
_HAPPENINGS: Final = (Happening.MILESTONE, Happening.DEADLINE_EXTENDED)


def tell_source(edition: Edition, facts: Mapping[str, object], recording: Recording) -> None:
    """Leave a delivery for each milestone of this step, and each extension, that the source of the case is told.

    A matter without a number of theirs (``source_ref``) is none that they could find.
    """
    topics = edition.rulebook.topics_of(facts.get("source")) if facts.get("source_ref") is not None else ()
    if not topics:
        return
    for entry in [one for one in recording.changes.journal if one.kind in _HAPPENINGS]:
        told = _told(entry.kind, entry.subject, entry.data)
        for topic in topics:
            if told[REACHED] in topic.upon:
                known = {name: facts[name] for name in topic.carries if name in facts}
                inputs = plain(known) | {name: value for name, value in told.items() if name in topic.carries}
                payload = {"element": None, "token": None, "inputs": inputs}
                recording.deliver(recording.next_ref(recording.revision), topic.id, payload)


def _told(kind: str, subject: str | None, data: Mapping[str, Any]) -> dict[str, Any]:
    if kind == Happening.MILESTONE:
        return {REACHED: subject, ON: data.get("on")}
    return {REACHED: EXTENDED, DEADLINE: subject, UNTIL: data.get("due_on")}
