"""对外投递: what goes to outside systems, while somebody looks after it: cancelled, tried again, told how it goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.case.arguments import check_actor, check_id, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.state.withdrawal import STATUTORY, cancel
from jiefen.case.step import Step
from jiefen.clock import china_date, china_minute
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.binding import acting_as
from jiefen.errors import AlreadyDone, Conflict, FactError, NotFound
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import MOST_ID, text_problem, written
from jiefen.people.authority import require_act
from jiefen.record.actor import Actor
from jiefen.record.kinds import EntryKind, EntryStatus, Happening
from jiefen.record.rows import CaseRow
from jiefen.store import agenda as store
from jiefen.store.cases import deadlines_and_message

#: What comes before the key of a status in the journal, so that it is no key of a message.
_STATUS = "status:"
#: Their word for how it goes may be so long.
_MOST_STATUS = 200


class Outside:
    """What goes to outside systems: ``engine.outside``. :meth:`Engine.deliveries` lists it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @acting_as("outside.note_status")
    def note_status(
        self,
        delivery_id: int,
        status: str,
        *,
        key: str,
        by: Actor | None = None,
        session: HostTransaction = None,
    ) -> bool:
        """Keep in the journal how the outside says that it goes with a delivery: signed, handed on, in work.

        It is no answer: the case goes on waiting. The same ``key`` twice is once; whether it is new.

        Args:
            status: their word for it, of 1 to 200 characters.
            by: who brings it; the program of the engine when absent.

        Raises:
            NotFound: there never was such a delivery.
            NotAllowed: the actor may not act in the place of the case.
            FactError: the status or the key is none.
        """
        check_id(delivery_id, "delivery")
        check_key(key, "key of a status")
        wrong = text_problem(status, _MOST_STATUS)
        if wrong is not None:
            raise FactError(f"the status cannot be used: {wrong}")
        known = f"{_STATUS}{key}"[:MOST_ID]
        with self._open(delivery_id, by, session) as (connection, entry, row, actor):
            if deadlines_and_message(connection, row.id, known)[1]:
                return False
            recording = recording_of(self._runtime, row, actor)
            recording.note(Happening.DELIVERY_STATUS, entry.topic, known, ref=entry.ref, status=status)
            keep(connection, recording)
            return True

    @acting_as("outside.retry")
    def retry(self, delivery_id: int, *, by: Actor | None = None, session: HostTransaction = None) -> None:
        """Let a delivery be sent at the next sweep, whatever it waits for: one that is dead, or that was put off.

        Args:
            by: who asks for it; the program of the engine when absent.

        Raises:
            NotFound: there never was such a delivery.
            AlreadyDone: it was answered or withdrawn.
            Conflict: it has been sent and waits for its answer, or no adapter carries its topic yet.
            NotAllowed: the actor may not act in the place of the case.
        """
        check_id(delivery_id, "delivery")
        with self._open(delivery_id, by, session) as (connection, entry, row, actor):
            _require_open(entry)
            if entry.status in (EntryStatus.SENT, EntryStatus.PARKED):
                why = "was sent, and its answer is awaited: answer it, or cancel it"
                if entry.status == EntryStatus.PARKED:
                    why = "is parked: no adapter carries its topic; open an engine with one, or answer it by hand"
                raise Conflict(f"delivery {entry.id} ({entry.topic}) {why}")
            recording = recording_of(self._runtime, row, actor)
            at = recording.now
            recording.keep(entry, status=str(EntryStatus.PENDING), next_try_at=at, attempts=0, error=None)
            recording.note(Happening.RETRIED, str(entry.kind), ref=entry.ref)
            keep(connection, recording)

    @acting_as("outside.cancel")
    def cancel(
        self,
        delivery_id: int,
        *,
        reason: str,
        by: Actor,
        error: str | None = None,
        session: HostTransaction = None,
    ) -> None:
        """Take a delivery back. What may have reached the outside is followed by a delivery that cancels it.

        Args:
            error: of one whose answer the case waits for: by which error of its topic the case goes on.

        Raises:
            NotFound: there never was such a delivery.
            AlreadyDone: it was answered or withdrawn.
            Conflict: the case waits for its answer, and the topic has no error by which it could go on; or the law
                requires the delivery.
            FactError: the reason says nothing; or the case waits, and ``error`` is none of the topic's.
            NotAllowed: the actor may not act in the place of the case.
        """
        check_id(delivery_id, "delivery")
        why = written(reason, "reason")
        with self._open(delivery_id, by, session) as (connection, entry, _, actor):
            _require_open(entry)
            now = self._runtime.clock.now()
            claim = store.claim(connection, delivery_id)
            assert claim is not None
            step = self._runtime.step(connection, claim.case, claim.deadlines, now, actor.id)
            known, step = step, after_due_entries(self._runtime, connection, step)
            if step is not known:
                # What was due may have withdrawn it.
                entry = store.entry(connection, delivery_id)
                _require_open(entry)
            code = _error_of(step, entry, error)
            gone = entry.carried_at is not None
            step.recording.finish(entry, EntryStatus.WITHDRAWN)
            step.recording.note(
                Happening.DELIVERY_CANCELLED, entry.topic, ref=entry.ref, reason=why, gone=gone
            )
            if gone:
                cancel(step.recording, entry)
            if code is not None:
                step.fail(entry.data["token"], code, entry.topic)
            step.save(connection)

    @contextmanager
    def _open(
        self, delivery_id: int, by: Actor | None, session: HostTransaction
    ) -> Iterator[tuple[Connection, Any, CaseRow, Actor]]:
        """A delivery and its locked case, for somebody who may act there."""
        runtime = self._runtime
        actor = check_actor(by) if by is not None else runtime.program
        with runtime.writing(session) as connection:
            claim = store.claim(connection, delivery_id)
            if claim is None or claim.entry.kind != EntryKind.DELIVERY:
                raise NotFound(
                    f"there is no delivery {delivery_id}; take the id of one that deliveries() has listed"
                )
            what = f"delivery {delivery_id} ({claim.entry.topic})"
            require_act(actor, claim.case.area, what, on=china_date(runtime.clock.now()))
            yield connection, claim.entry, claim.case, actor


def _require_open(entry: Any) -> None:
    if EntryStatus(entry.status).over:
        word = "answered" if entry.status == EntryStatus.ANSWERED else "withdrawn"
        raise AlreadyDone(f"delivery {entry.id} ({entry.topic}) was {word} at {china_minute(entry.at)}")


def _error_of(step: Step, entry: Any, error: str | None) -> str | None:
    """By which error a case goes on that waits for the answer; ``None``: nobody waits."""
    if entry.data.get(STATUTORY):
        raise Conflict(
            f"delivery {entry.id} ({entry.topic}) goes out whatever becomes of the case: the law requires it",
            zh="法律规定必须报送的,不能撤回",
        )
    if entry.data.get("token") is None:
        if error is not None:
            raise FactError(f"nobody waits for an answer to delivery {entry.id}; cancel it without error=")
        return None
    topic = step.edition.rulebook.topics.get(entry.topic)
    errors = topic.errors if topic is not None else frozenset()
    if not errors:
        raise Conflict(
            f"the case waits for the answer to delivery {entry.id} ({entry.topic}), and its topic has no error by "
            "which it could go on without; answer it by hand instead",
            zh="案件正在等候该投递的答复,不能撤回;请登记答复",
        )
    if error not in errors:
        raise FactError(
            f"the case waits for the answer to delivery {entry.id} ({entry.topic}); say by which error it goes on: "
            f"error=, one of {', '.join(sorted(errors))}; {suggestion(str(error), errors)}",
            zh=f"案件正在等候该投递的答复;请选择撤回后如何继续:{'、'.join(sorted(errors))}",
        )
    return error
