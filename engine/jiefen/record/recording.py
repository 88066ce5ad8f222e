"""What a step collects to be written: entries of the journal, of the agenda, and deliveries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from jiefen.notation.labels import Label
from jiefen.record.changes import Changes
from jiefen.record.kinds import EntryStatus, Happening
from jiefen.record.notice import Notice
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow, JournalRow

#: Topic of the deliveries by which people are told something.
NOTICE = "notice"
#: Topic of the deliveries by which the models report a grave and urgent matter, one per addressee.
REPORT = "report.urgent"
#: Topic of the deliveries by which somebody is told that nobody could be told.
ALERT = "alert"
#: What comes behind the topic of a delivery that is taken back: the outside may have it already.
CANCELLED: Final = ".cancelled"
#: How long a worker may take to carry a delivery before another worker takes it over.
LEASE: Final = timedelta(minutes=10)

_ENTRY: Final = (
    "case_id", "kind", "ref", "at", "next_try_at", "status", "attempts", "topic", "data", "error", "carried_at",
    "answer_by",
)  # fmt: skip


class Recording:
    """The writings of one step on one case. Everything is stamped with the instant and the actor of the step.

    Args:
        row: the case before the step; no other step of the case has the same revision.
    """

    def __init__(self, row: CaseRow, now: datetime, actor: str, topics: Collection[str]) -> None:
        self.row, self.now, self.actor = row, now, actor
        self.case_id, self.revision = row.id, row.revision
        self.changes = Changes()
        self.told: dict[str, Notice] = {}
        self._topics = topics
        self._deliveries = 0

    def note(
        self, kind: Happening, subject: str | None, message_key: str | None = None, **data: Any
    ) -> JournalRow:
        """Append an entry to the journal; gives it back, so that more can be added to its data."""
        for name, value in data.items():
            if isinstance(value, Label):
                data[name] = dict(value)
        entry = JournalRow(self.case_id, self.now, self.actor, str(kind), subject, data, message_key)
        self.changes.journal.append(entry)
        return entry

    def plan(self, ref: Ref, at: datetime, **more: Any) -> None:
        """Put something on the agenda; planning it again moves it."""
        self.changes.agenda.append(
            {
                "case_id": self.case_id,
                "kind": str(ref.kind),
                "ref": ref.name,
                "at": at,
                "next_try_at": at,
                "status": str(EntryStatus.PENDING),
                "attempts": 0,
                "topic": None,
                "data": {},
                "error": None,
                "carried_at": None,
                "answer_by": None,
            }
            | more
        )

    def unplan(self, ref: Ref) -> None:
        """Take something off the agenda, whether it was put there before or in this step."""
        kept = [item for item in self.changes.agenda if (item["kind"], item["ref"]) != (ref.kind, ref.name)]
        if len(kept) == len(self.changes.agenda):
            self.changes.agenda_removed.append(ref)
        self.changes.agenda = kept

    def deliver(
        self, ref: Ref, topic: str, payload: Mapping[str, Any], not_before: datetime | None = None
    ) -> None:
        """Leave a delivery. Without an adapter for its topic it is parked until the host, or an adapter, takes it."""
        status = EntryStatus.PENDING if topic in self._topics else EntryStatus.PARKED
        self.plan(ref, not_before or self.now, topic=topic, data=dict(payload), status=str(status))
        self.note(Happening.DELIVERY, topic, ref=ref.name)

    def tell(self, ref: Ref, notice: Notice) -> None:
        """Leave a notice, which is given its persons at the end of the step."""
        self.deliver(ref, NOTICE, notice.payload())
        self.told[ref.name] = notice

    def keep(self, entry: Any, **changed: Any) -> None:
        """Write an entry of the agenda back as it was read, but for what has changed."""
        row = {name: getattr(entry, name) for name in _ENTRY} | changed
        self.changes.agenda.append(row)

    def finish(self, entry: Any, status: EntryStatus, **told: Any) -> None:
        """A delivery is over, now. Its row stays without what was to be sent, so that a second answer is recognised."""
        if entry.answer_by is not None:
            self.unplan(Ref.sent_delivery(entry.ref))
            self.unplan(Ref.term_of(entry.ref))
        self.keep(entry, at=self.now, next_try_at=self.now, status=str(status), data=told, error=None)

    def reopen(self, seq: int, since: datetime | None) -> None:
        """A deadline has not expired at ``since``: what pressed for it after that is withdrawn, and may come again."""
        self.changes.reopened.append((seq, since or self.now))

    def next_ref(self, revision: int) -> Ref:
        """A name for a delivery that has no token, the same whenever the step is tried again."""
        self._deliveries += 1
        return Ref.sent(revision, self._deliveries)


def plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Values as JSON carries them: dates and money as text."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, bool | int | str | dict) or value is None:
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
