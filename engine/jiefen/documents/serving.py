"""送达: on whom a document was served, in which way, on which day, and what runs from that day for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection, Row

from jiefen.agenda.services import reach_on
from jiefen.case.arguments import check_id
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.acting import acting, refuse_involved
from jiefen.commands.lookup import case_row
from jiefen.deadlines.running import instant_of
from jiefen.documents.filling import Matter, rights_from
from jiefen.errors import AlreadyDone, Conflict, FactError, NotFound
from jiefen.periods import served_by_public_notice
from jiefen.record.actor import Actor
from jiefen.record.counter.documents import PROVING, Document, DocumentStatus, Service, ServiceWay
from jiefen.record.counter.kept import Kept
from jiefen.record.kinds import Happening
from jiefen.record.refs import Ref
from jiefen.rules import DocumentRule
from jiefen.store.counter import documents as store
from jiefen.store.counter import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A service as somebody records it."""

    party: int
    way: ServiceWay
    day: date
    proof: int | None
    note: str | None


@contextmanager
def serving(
    runtime: Runtime, case: int, by: Actor, session: HostTransaction
) -> Iterator[tuple[Step, Row[Any], Connection]]:
    """A step of a case by somebody who may act there and has no part in it."""
    with acting(runtime, case, by, session) as (step, _, connection):
        row = case_row(connection, case)
        refuse_involved(runtime, connection, row, by)
        yield step, row, connection


def serve(
    step: Step, connection: Connection, made: Document, rule: DocumentRule, matter: Matter, asked: Asked
) -> Service:
    """Record a service, and let start what runs from it, now or on the day on which it counts.

    Raises:
        NotFound, AlreadyDone, Conflict, FactError: as :meth:`jiefen.documents.documents.Documents.serve`.
    """
    _require_servable(made, rule, asked)
    _require_day(step, made, asked)
    require_proof(connection, made.case, asked.proof)
    served = store.services(connection, made.case)
    mine = [one for one in served if one.document == made.seq]
    if any(one.party == asked.party for one in mine):
        raise AlreadyDone(
            f"document {made.seq} of case {made.case} was served on party {asked.party} before",
            zh="该文书已经向该当事人送达",
        )
    counts = served_on(asked.way, asked.day)
    later = [one.served_on for one in mine if one.served_on > counts and one.reached]
    # The deadline of the case runs from the last service, so that nobody's time is cut short.
    reaches = rule.starts is not None and not later
    now = counts <= china_date(step.now())
    row = {
        "case_id": made.case, "document": made.seq, "party": asked.party, "way": str(asked.way), "day": asked.day,
        "served_on": counts, "at": step.now(), "by": step.recording.actor, "proof": asked.proof,
        "note": asked.note, "reached": now or not reaches,
    }  # fmt: skip
    step.recording.changes.counter[Kept.SERVICE] = [row]
    last_days = rights_from(matter, rule.starts, counts) if rule.starts is not None else ()
    step.recording.note(
        Happening.DOCUMENT_SERVED, str(made.seq), title=made.title, number=made.number, party=asked.party,
        way=str(asked.way), day=asked.day.isoformat(), on=counts.isoformat(), proof=asked.proof,
        last_days=[
            {"rule": one.rule, "title": dict(one.title), "due_on": one.due_on.isoformat() if one.due_on else None}
            for one in last_days
        ],
    )  # fmt: skip
    if reaches and rule.starts is not None:
        if now:
            reach_on(step, rule.starts, counts)
        else:
            at = instant_of(counts, step.now())
            about = {"milestone": rule.starts, "on": counts.isoformat()}
            step.recording.plan(Ref.served(made.seq, asked.party), at, data=about)
    return Service(
        case=made.case, document=made.seq, party=asked.party, way=asked.way, day=asked.day, served_on=counts,
        at=step.now(), by=step.recording.actor, proof=asked.proof, note=asked.note, starts=rule.starts,
        last_days=last_days,
    )  # fmt: skip


def served_on(way: ServiceWay, day: date) -> date:
    """The day on which a document counts as served that was handed over, arrived or was published on ``day``."""
    return served_by_public_notice(day) if way is ServiceWay.PUBLIC_NOTICE else day


def service_of(row: Any, starts: str | None, matter: Matter) -> Service:
    """A service from its row, with the last days that run from it by what holds now."""
    return Service(
        case=row.case_id, document=row.document, party=row.party, way=ServiceWay(row.way), day=row.day,
        served_on=row.served_on, at=row.at, by=row.by, proof=row.proof, note=row.note, starts=starts,
        last_days=rights_from(matter, starts, row.served_on) if starts is not None else (),
    )  # fmt: skip


def require_proof(connection: Connection, case: int, proof: object) -> None:
    """What is named as proof is a file of the case that was not withdrawn.

    Raises:
        NotFound: there is none of that number.
    """
    if proof is None:
        return
    row = files.one(connection, case, check_id(proof, "attachment"))
    if row is None or row.withdrawn_at is not None:
        raise NotFound(
            f"case {case} has no attachment {proof}; attach what shows it first (attachments.add)",
            zh=f"本案没有 {proof} 号附件,请先上传证明材料",
        )


def _require_servable(made: Document, rule: DocumentRule, asked: Asked) -> None:
    what = f"document {made.seq} of case {made.case} ({rule.title.en})"
    if not rule.served:
        raise Conflict(f"{what} is not served on anybody", zh="该类文书不需要送达")
    if rule.signed_by and made.status is not DocumentStatus.SIGNED:
        raise Conflict(f"{what} is not signed yet; sign it first", zh="该文书尚未签发,不能送达")
    if made.party is not None and made.party != asked.party:
        raise FactError(
            f"{what} is for party {made.party}, and not for party {asked.party}; make one for them",
            zh=f"该文书是给 {made.party} 号当事人的",
        )
    if asked.way not in rule.ways:
        raise Conflict(
            f"{what} cannot be served by {asked.way}; it may be by {', '.join(rule.ways)}",
            zh=f"该文书不能{asked.way.zh};可以:{'、'.join(one.zh for one in rule.ways)}",
        )
    proving = PROVING[asked.way]
    if proving.note is not None and asked.note is None:
        raise FactError(
            f"service by {asked.way} needs a note: {proving.note.en}; say it with note=",
            zh=f"{asked.way.zh}须写明:{proving.note.zh}",
        )
    if proving.proof and asked.proof is None:
        raise FactError(
            f"service by {asked.way} needs what shows it; attach it and give its number as proof=",
            zh=f"{asked.way.zh}须有证明材料,请上传后写明附件号",
        )


def _require_day(step: Step, made: Document, asked: Asked) -> None:
    today, first = china_date(step.now()), china_date(made.signed_at or made.made_at)
    if not first <= asked.day <= today:
        raise FactError(
            f"day={asked.day} cannot be the day of its service: it was "
            f"{'signed' if made.signed_at else 'made'} on {first}, and today is {today}",
            zh=f"送达日期 {asked.day} 不能用:应在 {first} 至 {today} 之间",
        )
