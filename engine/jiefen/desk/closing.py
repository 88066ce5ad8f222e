"""作废、并案: a case that was entered by mistake is voided; one that is another's matter goes on in that one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.commands.lookup import locked_case, read_case
from jiefen.desk import links as linking
from jiefen.desk.corrections import article_of_right, rights_of, step_of
from jiefen.errors import Conflict, NotAllowed
from jiefen.notation.labels import Label
from jiefen.notation.texts import written
from jiefen.record.actor import Actor
from jiefen.record.desk.likeness import Sameness, sameness
from jiefen.record.kinds import CaseStatus, Happening, LinkKind
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow
from jiefen.record.values import Case
from jiefen.store import cases as store
from jiefen.store import people
from jiefen.store.desk import links as link_store
from jiefen.store.desk import parties as party_store
from jiefen.story.snapshots import party_snapshot

_ELSEWHERE: Final = Label("在并入的案件中继续计算", "it runs in the other case")
_MISTAKE: Final = Label("案件系误登", "the case was entered by mistake")


def void(
    runtime: Runtime,
    case: int,
    *,
    reason: str,
    by: Actor,
    evidence: str | None = None,
    session: HostTransaction = None,
) -> Case:
    """Void a case that was entered by mistake: nobody has to do anything for it any more. It stays readable.

    What the law wants to be reported goes out all the same; what else has gone out is followed by what cancels it. A
    case that is voided already stays as it is.

    Args:
        evidence: what shows the mistake; asked for while a right of a party runs in the case.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it or acts for another area; or a right of a party runs in it, and the
            message names the rule and its article.
        Conflict: it has ended, was merged, or a part of it is still open.
        FactError: the reason or the evidence says nothing.
    """
    why, shown_by = written(reason, "reason"), written(evidence, "evidence") if evidence is not None else None
    with step_of(runtime, case, by, session) as (step, row, connection):
        if row.status != CaseStatus.VOIDED:
            _require_open(row)
            _refuse_open_parts(connection, case)
            rights = rights_of(connection, case)
            if rights and shown_by is None:
                rule = min(rights, key=lambda name: (rights[name] or date.max, name))
                raise _keeps_its_rights(runtime, connection, row, rule, "voiding it")
            step.close(CaseStatus.VOIDED, Happening.VOIDED, None, reason=why, evidence=shown_by)
            _close(step, connection, case, _MISTAKE)
        return read_case(runtime, connection, case)


def merge(
    runtime: Runtime, case: int, into: int, *, reason: str, by: Actor, session: HostTransaction = None
) -> Case:
    """Merge a case into another one that is the same matter; gives the other one back.

    The other case takes over the people that it lacks and what is known here and not there, so that every right that
    runs here runs there from its true day. Messages that come for the merged case go to the other one. Merging the same
    two again changes nothing.

    Raises:
        NotFound: one of the cases is not there.
        NotAllowed: the actor is recused from one of them or acts for another area; or a right of a party that runs here
            would not run there, and the message names it.
        Conflict: one of them has ended or was merged into a third, or a part of it is still open.
        FactError: the reason says nothing.
    """
    why = written(reason, "reason")
    with linking.pair_of(runtime, case, into, by, session) as pair:
        connection = pair.connection
        if link_store.merged_into(connection, case) != into:
            source, target = locked_case(connection, case), locked_case(connection, into)
            _require_open(source)
            _require_open(target)
            _refuse_open_parts(connection, case)
            _take_people(pair, case, into)
            linking.add(pair, LinkKind.MERGED_INTO, why)
            pair.keep()
            rights = rights_of(connection, case)
            _take_facts(runtime, connection, case, into, by, why)
            after = rights_of(connection, into)
            for rule, due in rights.items():
                there = after.get(rule, date.min)
                if there is not None and (due is None or there < due):
                    raise _keeps_its_rights(runtime, connection, source, rule, f"merging it into case {into}")
            step = _step(runtime, connection, case, by)
            step.close(CaseStatus.MERGED, Happening.MERGED, str(into), reason=why)
            _close(step, connection, case, _ELSEWHERE)
        return read_case(runtime, connection, into)


def _step(runtime: Runtime, connection: Connection, case: int, by: Actor) -> Step:
    row, deadlines = locked_case(connection, case), store.open_deadlines(connection, case)
    step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
    return after_due_entries(runtime, connection, step)


def _close(step: Step, connection: Connection, case: int, why: Label) -> None:
    """Let go of everything that the case still wants of somebody, and keep what was recorded."""
    for deadline in step.register.deadlines:
        if deadline.live:
            step.docket.drop(deadline, why, "closed")
    for ref in people.withdraw_supervisions(connection, case):
        step.recording.unplan(Ref.reply(ref))
    step.save(connection)


def _require_open(row: CaseRow) -> None:
    if row.status != CaseStatus.OPEN:
        raise Conflict(
            f"case {row.id} is {row.status}; only an open case is voided or merged",
            zh=f"{row.id} 号案已不在办理中",
        )


def _refuse_open_parts(connection: Connection, case: int) -> None:
    still = [row.id for row in link_store.children(connection, case) if row.status == CaseStatus.OPEN]
    if still:
        raise Conflict(
            f"case {still[0]} is a part of case {case} and still open; close it first, or take the link back",
            zh=f"{still[0]} 号案是本案的子件,尚未办结;请先办结或者解除关联",
        )


def _take_people(pair: linking.Pair, case: int, into: int) -> None:
    theirs = [party_snapshot(row) for row in party_store.of_cases(pair.connection, [into])]
    seq = max((one.seq for one in theirs), default=0)
    for row in party_store.of_cases(pair.connection, [case]):
        one = party_snapshot(row)
        if not any(other.part is one.part and sameness(one, other) is Sameness.SAME for other in theirs):
            seq += 1
            linking.add_party(pair.other, one, seq)


def _take_facts(
    runtime: Runtime, connection: Connection, case: int, into: int, by: Actor, reason: str
) -> None:
    """What is known of the matter here and not there is known there."""
    source = locked_case(connection, case)
    step = _step(runtime, connection, into, by)
    vocabulary = step.edition.rulebook.vocabulary
    known: Mapping[str, Any] = step.facts()
    here = {name: value for name, value in source.facts.items() if name in vocabulary.facts}
    new = {
        name: value
        for name, value in vocabulary.from_json(here).items()
        if value is not None and known.get(name) is None and vocabulary.fact(name).said
    }
    if new:
        step.correct(Happening.CORRECTED, new, reason=reason)
    step.save(connection)


def _keeps_its_rights(
    runtime: Runtime, connection: Connection, row: CaseRow, rule: str, doing: str
) -> NotAllowed:
    title, article = article_of_right(runtime, connection, row, rule)
    return NotAllowed(
        f"the right {rule} of a party runs in case {row.id} ({article}), and {doing} would take it away; correct what "
        "is wrong, or say what shows it (evidence=)",
        zh=f"{row.id} 号案中当事人的权利“{title}”({article})仍在期限内,不能因此消灭",
    )
