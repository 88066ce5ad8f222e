"""更正: what was entered wrongly is put right, with who, why, and what was there before; a case goes where it belongs.

What follows from a corrected fact is worked out again: deadlines run from the true day, what had expired by a wrong
one is looked at again, the case is graded and assigned again. What the process has decided stays decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.areas import normalise_area
from jiefen.case.arguments import check_actor, check_facts, check_id
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.lookup import locked_case, read_case
from jiefen.errors import FactError, NotAllowed, NotFound
from jiefen.notation.texts import written
from jiefen.people.authority import refuse_recused, require_area
from jiefen.people.directory import Organisation
from jiefen.record.actor import Actor
from jiefen.record.kinds import DeadlineStatus, Happening
from jiefen.record.rows import CaseRow
from jiefen.record.values import Case
from jiefen.rules import Side
from jiefen.store import cases as store
from jiefen.store import people, reading

#: A right that runs, or stands still: nobody takes it away by a correction.
_LIVE = (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED)


def correct(
    runtime: Runtime,
    case: int,
    facts: Mapping[str, Any],
    *,
    reason: str,
    by: Actor,
    evidence: str | None = None,
    session: HostTransaction = None,
) -> Case:
    """Correct facts of a case, also those that it was opened with. What is as it was changes nothing.

    Args:
        facts: the right values, in plain values or as JSON carries them; ``None`` for what is not known after all.
        evidence: what shows the right value, for example a receipt of service and where it is kept. Asked for where
            the correction would end or shorten a right of a party that runs.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it or acts for another area; or a right of a party would be taken away
            without evidence, and the message names the rule and its article.
        FactError: a fact is unknown, out of its domain, the area (:meth:`move` does that), or one that follows from
            others; or the reason says nothing.
    """
    why, shown_by = written(reason, "reason"), written(evidence, "evidence") if evidence is not None else None
    wanted = check_facts(facts)
    with step_of(runtime, case, by, session) as (step, row, connection):
        vocabulary = step.edition.rulebook.vocabulary
        for name in wanted:
            fact = vocabulary.fact(name)
            if name == "area":
                raise FactError("the area of a case is not corrected but moved; use move (jiefen move)", fact=name,
                                zh="属地用移送更改(jiefen move)")  # fmt: skip
            if not fact.said:
                raise FactError(
                    f"fact {name!r} follows from others ({', '.join(fact.set_by)}); correct those",
                    zh=f"“{fact.title.zh}”由其他要素得出;请更正那些要素",
                    fact=name,
                )
        given = vocabulary.from_json(wanted)
        before = step.facts()
        changed = {name: value for name, value in given.items() if before.get(name) != value}
        if changed:
            rights = rights_of(connection, case)
            step.correct(Happening.CORRECTED, changed, reason=why, evidence=shown_by)
            step.save(connection)
            if shown_by is None:
                _refuse_loss(runtime, connection, row, rights)
        return read_case(runtime, connection, case)


def move(
    runtime: Runtime, case: int, area: str, *, reason: str, by: Actor, session: HostTransaction = None
) -> Case:
    """Move a case to the area that it belongs to. To where it is already changes nothing.

    Its tasks are open to the people there, whoever had claimed them; the rules of that area hold for what starts from
    now on; who is responsible is looked up again; and what waits to be told or answered goes to the offices there.

    Raises:
        NotFound: there is no such case, or the directory that is loaded does not have the area.
        NotAllowed: the actor is recused from it, or acts for another area than where the case is.
        FactError: it is no area code, or the reason says nothing.
    """
    why, there = written(reason, "reason"), normalise_area(area)
    with step_of(runtime, case, by, session) as (step, row, connection):
        directory = runtime.directory(connection)
        if isinstance(directory, Organisation) and there not in directory.units:
            raise NotFound(
                f"the directory has no unit {there}; correct the code, or load a directory that has it",
                zh=f"通讯录里没有 {there} 这个单位;请核对代码",
            )
        if row.area != there:
            rights = rights_of(connection, case)
            step.correct(Happening.MOVED, {"area": there}, reason=why)
            claimed = people.claimed(connection, case)
            step.recording.changes.claims.update(dict.fromkeys(claimed))
            step.watch_again(claimed)
            step.pass_on(connection, None)
            step.save(connection)
            _refuse_loss(runtime, connection, row, rights)
        return read_case(runtime, connection, case)


@contextmanager
def step_of(
    runtime: Runtime, case: int, by: Actor, session: HostTransaction
) -> Iterator[tuple[Step, CaseRow, Connection]]:
    """A step of a locked case by somebody who may act there, after what is due."""
    check_id(case, "case")
    check_actor(by)
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        refuse_recused(row, by.id)
        require_area(by, row.area, f"case {case}", on=china_date(runtime.clock.now()))
        deadlines = store.open_deadlines(connection, case)
        step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
        yield after_due_entries(runtime, connection, step), row, connection


def rights_of(connection: Connection, case: int) -> dict[str, Any]:
    """The rights of parties that run in a case, by rule: the latest day of each."""
    found: dict[str, Any] = {}
    for row in reading.deadlines(connection, case):
        if row.kind == Side.RIGHT and row.status in _LIVE:
            found[row.rule] = max(filter(None, (found.get(row.rule), row.due_on)), default=None)
    return found


def _refuse_loss(runtime: Runtime, connection: Connection, row: CaseRow, before: Mapping[str, Any]) -> None:
    """Refuse a correction by which a right that ran is gone, or ends sooner; one that was used is not lost."""
    after, used = rights_of(connection, row.id), set()
    for item in reading.deadlines(connection, row.id):
        if item.status == DeadlineStatus.MET:
            used.add(item.rule)
    for rule, due in before.items():
        still = after.get(rule)
        if rule in used or (rule in after and (still is None or due is None or still >= due)):
            continue
        title, article = article_of_right(runtime, connection, row, rule)
        until = f" (until {due})" if due is not None else ""
        raise NotAllowed(
            f"the correction would take the right {rule}{until} from the party or shorten it ({article}); give "
            "evidence= of the true value, for example where the receipt of service is kept",
            zh=f"这一更正会使当事人的权利“{title}”消灭或者缩短({article});请写明真实情况的证据",
        )


def article_of_right(runtime: Runtime, connection: Connection, row: CaseRow, rule: str) -> tuple[str, str]:
    """What a right is called in Chinese, and the article that gives it."""
    known = runtime.edition_of(connection, row.edition).view(row.area).deadlines.get(rule)
    return (known.title.zh, known.versions[-1].because[0].text("zh")) if known is not None else (rule, rule)
