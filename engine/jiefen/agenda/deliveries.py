"""投递: calls to outside systems, kept until they are known to have arrived."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.agenda.retries import EntryFailed, is_last, put_off
from jiefen.case.arguments import facts_set_by
from jiefen.case.runtime import Runtime
from jiefen.case.state.withdrawal import delivery_key
from jiefen.case.step import Step
from jiefen.clock import china_minute
from jiefen.errors import AlreadyDone, DatabaseError, FactError, NotFound
from jiefen.notation.labels import Label
from jiefen.notation.texts import MOST_ID, shown, text_problem
from jiefen.outside.adapter import Adapter, Collector, Receiver
from jiefen.record.actor import SYSTEM
from jiefen.record.kinds import EntryKind, EntryStatus, Happening
from jiefen.record.values import Answer, Delivery
from jiefen.store import agenda as store
from jiefen.store import cases
from jiefen.store.desk import links

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = logging.getLogger("jiefen.deliveries")

#: So much is kept of what an answer said that its topic may not: names of facts, never values.
_MOST_NAMES: Final = 200


def arrived(runtime: Runtime, delivery: Delivery, answer: Answer | None) -> None:
    """Note that a delivery was carried over, and take its answer if there is one already.

    One that was answered or withdrawn while it was carried stays so.
    """
    wrong = _settle(runtime, delivery.id, answer, None)
    if isinstance(wrong, FactError):
        raise wrong


def failed(runtime: Runtime, connection: Connection, failure: EntryFailed) -> EntryStatus | None:
    """A delivery could not be carried: it waits, or for a person; then its case and who is responsible for it are told.

    Returns how it stands then; ``None``: it waits, and that is no failure.
    """
    now = runtime.clock.now()
    # Whoever works on an entry of a case locks the case first.
    claim = store.claim(connection, failure.entry.id) if is_last(failure) else None
    status = put_off(connection, failure, now)
    if claim is not None and status is EntryStatus.INCIDENT:
        step = runtime.step(connection, claim.case, claim.deadlines, now)
        times, what = failure.left[0], type(failure.cause).__name__
        step.pressing.dead(claim.entry, Label(f"已试 {times} 次,{what}", f"tried {times} times, {what}"))
        step.save(connection)
    return status


def collect(engine: Receiver, adapters: Mapping[str, Adapter], stop: Callable[[], bool]) -> None:
    """Let the adapters that can bring in what came from outside; each once, with all its topics."""
    topics: dict[int, list[str]] = {}
    for topic, adapter in adapters.items():
        topics.setdefault(id(adapter), []).append(topic)
    for own in topics.values():
        adapter = adapters[own[0]]
        if not isinstance(adapter, Collector) or stop():
            continue
        try:
            adapter.collect(engine, topics=own)
        except DatabaseError:
            raise
        except (Exception, SystemExit) as error:  # it must not stop the others; its text may quote anybody
            logger.warning("collecting for %s failed with %s", ", ".join(own), type(error).__name__)


def receive(
    runtime: Runtime,
    delivery_id: int,
    answer: Answer,
    session: Session | Connection | None = None,
    actor: str = SYSTEM.id,
) -> None:
    """Take the answer to a delivery; the delivery is over then.

    Raises:
        NotFound: there never was such a delivery.
        FactError: the answer is none, or a fact of it is unknown, out of its domain or not for messages to set; or it
            says what its topic may not: the journal keeps that it came.
        AlreadyDone: it was answered or withdrawn before; the message says which, and when. The answer changes nothing;
            that one came to a delivery that was withdrawn is kept in the journal, once.
    """
    _check(answer)
    wrong = _settle(runtime, delivery_id, answer, session, actor)
    if wrong is not None:
        raise wrong


def _settle(
    runtime: Runtime,
    delivery_id: int,
    answer: Answer | None,
    session: Session | Connection | None,
    actor: str = SYSTEM.id,
) -> AlreadyDone | FactError | None:
    """Take an answer, or note that a delivery was sent; what to tell whoever answers one that is over, or wrongly."""
    now = runtime.clock.now()
    with runtime.writing(session) as connection:
        onward = _onward(connection, delivery_id) if answer is not None else None
        claim = _claim(connection, delivery_id)
        if EntryStatus(claim.entry.status).over and not _is_late(claim.entry, answer):
            return _over(claim.entry)
        step = runtime.step(connection, claim.case, claim.deadlines, now, actor)
        if answer is not None:
            known, step = step, after_due_entries(runtime, connection, step)
            if step is not known:
                # What was due may have withdrawn it.
                claim = _claim(connection, delivery_id)
        entry, late = claim.entry, _is_late(claim.entry, answer)
        refused = _refused(step, entry, answer) if answer is not None and not late else None
        if refused is not None:
            step.save(connection)
            return refused
        if late and answer is not None:
            _keep_late(step, entry, answer)
        elif answer is None and entry.data.get("token") is not None:
            step.pressing.sent(entry)
        else:
            _take(step, entry, answer or Answer())
        if onward is not None and answer is not None:
            step.recording.note(Happening.FORWARDED, str(onward), name=entry.topic)
            _forward(runtime, connection, onward, entry, answer, actor)
        step.save(connection)
    return _over(entry, onward) if late else None


def _onward(connection: Connection, delivery_id: int) -> int | None:
    """The case in which the merged case of a delivery goes on, locked before that one where its id is the smaller."""
    merged = links.merged_case_of_delivery(connection, delivery_id)
    if merged is None:
        return None
    last = links.goes_on_in(connection, merged[1])
    for case in sorted((merged[0], last)):
        cases.lock_case(connection, case)
    return last


def _forward(
    runtime: Runtime, connection: Connection, case: int, entry: Any, answer: Answer, actor: str
) -> None:
    """An answer for a merged case is told to the other one, which takes from it what it does not know."""
    row = cases.lock_case(connection, case)
    assert row is not None
    deadlines = cases.open_deadlines(connection, case)
    step = runtime.step(connection, row, deadlines, runtime.clock.now(), actor)
    step = after_due_entries(runtime, connection, step)
    said, known = _said(step, answer), step.facts()
    new = {name: value for name, value in said.items() if known.get(name) is None}
    rest = {name: value for name, value in said.items() if name not in new}
    told: dict[str, Any] = {"case": entry.case_id}
    if answer.error is not None:
        told["code"] = answer.error
    if rest:
        told["unused"] = step.edition.rulebook.vocabulary.to_json(rest)
    step.learn(Happening.ANSWER_FORWARDED, entry.topic, new, **told)
    step.save(connection)


def _claim(connection: Connection, delivery_id: int) -> store.Claim:
    claim = store.claim(connection, delivery_id)
    if claim is None or claim.entry.kind != EntryKind.DELIVERY:
        raise NotFound(f"there is no delivery {delivery_id}; take the id of one that deliveries() has listed")
    return claim


def _is_late(entry: Any, answer: Answer | None) -> bool:
    """Whether it is the first answer to a delivery that was withdrawn."""
    withdrawn = EntryStatus(entry.status) is EntryStatus.WITHDRAWN
    return withdrawn and answer is not None and not entry.data.get("answered")


def _check(answer: object) -> None:
    """Refuse what is no answer before anything is looked up."""
    if not isinstance(answer, Answer):
        raise FactError(
            f"an answer is given as {type(answer).__name__}; give Answer({{…}}) or Answer(error=…)"
        )
    if not isinstance(answer.facts, Mapping):
        raise FactError(f"the facts of an answer are a {type(answer.facts).__name__}; give a mapping")
    if answer.error is not None:
        wrong = text_problem(answer.error, MOST_ID)
        if wrong is not None:
            raise FactError(f"the error of an answer is no code of a BPMN error: {wrong}")


def _take(step: Step, entry: Any, answer: Answer) -> None:
    """An open delivery is answered: the case goes on, if it waits for that."""
    token = entry.data.get("token")
    told = {"code": answer.error} if answer.error is not None else {}
    step.recording.finish(entry, EntryStatus.ANSWERED, **told)
    if token is None:
        unused = _known(step, answer)
        step.recording.note(Happening.DELIVERY_ARRIVED, entry.topic, ref=entry.ref, **told, **unused)
    elif answer.error is not None:
        step.fail(token, answer.error, entry.topic)
    else:
        wait = step.waiting(token)
        vocabulary = step.edition.rulebook.vocabulary
        facts = answer.facts if wait.mapped else facts_set_by(answer.facts, vocabulary, ("message", "form"))
        step.complete(wait, facts, Happening.DELIVERY_ARRIVED, entry.topic)


def _refused(step: Step, entry: Any, answer: Answer) -> FactError | None:
    """Why an answer that the case waits for is not taken: its topic may not say it. The journal keeps that it came."""
    topic = step.edition.rulebook.topics.get(entry.topic)
    token = entry.data.get("token")
    if topic is None or token is None:
        return None
    strange = sorted(set(map(str, answer.facts)) - topic.answers)
    if answer.error is not None:
        strange = [answer.error] if answer.error not in topic.errors else []
        known, what = topic.errors, f"with the error {shown(answer.error)}"
    else:
        known, what = topic.answers, f"with {', '.join(map(shown, strange))}"
        strange = [] if step.waiting(token).mapped else strange
    if not strange:
        return None
    step.recording.note(
        Happening.ANSWER_REFUSED, entry.topic, ref=entry.ref, names=", ".join(strange)[:_MOST_NAMES]
    )
    may = ", ".join(sorted(known)) or "nothing but that it has come"
    zh = "、".join(sorted(known)) or "已收到"
    return FactError(
        f"delivery {entry.id} ({entry.topic}) is answered {what}; an answer may say {may}: correct the answer, or add "
        "it to the topic in topics.yaml",
        zh=f"“{topic.title.zh}”的答复只能说明:{zh}",
    )


def _keep_late(step: Step, entry: Any, answer: Answer) -> None:
    """An answer to a delivery that was withdrawn moves nothing; the journal keeps that it came, and what it said."""
    step.recording.keep(entry, data=entry.data | {"answered": step.now().isoformat()})
    told = {"code": answer.error} if answer.error is not None else {}
    step.recording.note(Happening.ANSWER_LATE, entry.topic, ref=entry.ref, **told, **_known(step, answer))


def _known(step: Step, answer: Answer) -> dict[str, Any]:
    """What an answer says that nobody waits for, as far as the vocabulary knows it: kept, but no fact of the case."""
    said = _said(step, answer)
    return {"unused": step.edition.rulebook.vocabulary.to_json(said)} if said else {}


def _said(step: Step, answer: Answer) -> dict[str, object]:
    vocabulary = step.edition.rulebook.vocabulary
    said: dict[str, object] = {}
    for name, value in answer.facts.items():
        try:
            said |= facts_set_by({name: value}, vocabulary, ("message", "form"))
        except FactError:
            continue
    return said


def _over(entry: Any, onward: int | None = None) -> AlreadyDone:
    when = china_minute(entry.at)
    what = f"delivery {entry.id} ({entry.topic})"
    if entry.status == EntryStatus.WITHDRAWN and onward is not None:
        return AlreadyDone(
            f"{what} was withdrawn at {when}: its case goes on in case {onward}, which has the answer now"
        )
    if entry.status == EntryStatus.WITHDRAWN:
        return AlreadyDone(
            f"{what} was withdrawn at {when}: its case no longer waited for it; tell the outside system that it is void"
        )
    code = entry.data.get("code")
    return AlreadyDone(f"{what} was answered at {when}" + (f", with the error {code}" if code else ""))


def delivery_of(entry: Any, now: datetime | None = None) -> Delivery:
    """A delivery from its row on the agenda.

    Args:
        now: by which one is overdue; a worker that carries it does not ask.
    """
    sent = entry.status == EntryStatus.SENT
    overdue = sent and now is not None and entry.answer_by is not None and bool(entry.answer_by <= now)
    return Delivery(
        id=entry.id,
        case=entry.case_id,
        key=delivery_key(entry.case_id, entry.ref),
        topic=entry.topic,
        status=entry.status,
        attempts=entry.attempts,
        error=entry.error,
        at=entry.at,
        cancels=entry.data.get("cancels"),
        carried_at=entry.carried_at,
        answer_by=entry.answer_by,
        overdue=overdue,
        payload=entry.data,
    )
