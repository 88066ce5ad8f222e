"""What waits to be told in a case that is merged: it goes out under the number of the other case, or not at all.

Nobody is told of a case that nobody works on any more. What the other case tells by itself, and what asks for nothing
any more, is withdrawn, and the journal says why. What somebody is just carrying, and what is told of appointments,
which keep their number, goes out as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from sqlalchemy.engine import Connection

from jiefen.case.step import Step
from jiefen.notation.labels import Label
from jiefen.people.addressing import asks_for_an_answer
from jiefen.record.kinds import EntryStatus, Happening
from jiefen.record.notice import Notice
from jiefen.record.recording import NOTICE
from jiefen.record.refs import Ref
from jiefen.rules import Action, Side
from jiefen.store import people as store

_GOES_OVER: Final = "由 {case} 号案发出", "it goes out in case {case}"
_SUPERVISED_THERE: Final = Label("督办已随案移交", "the supervision has gone over with the case")
_TOLD_THERE: Final = Label("并入的案件自行通知", "the other case tells it by itself")
_NO_TASK: Final = Label("该待办已不存在", "the task is gone")
_NOT_OWED: Final = Label("该期限不再计算", "the deadline runs no longer")


class Waiting(NamedTuple):
    """A notice that waits to go out, and its row on the agenda."""

    row: Any
    notice: Notice


class Fate(NamedTuple):
    """What becomes of a notice: why it goes out in the other case or is withdrawn."""

    waiting: Waiting
    goes_over: bool
    why: Label


def waiting_in(connection: Connection, step: Step) -> list[Waiting]:
    """The notices of a case that nobody has begun to carry, the oldest first."""
    now = step.now()
    return [
        Waiting(row, notice)
        for row in store.to_be_told(connection, step.recording.case_id)
        if row.topic == NOTICE and row.carried_at is None and not row.at <= now < row.next_try_at
        if "appointment" not in (notice := Notice.read(row.data)).about
    ]


def fates(
    found: Iterable[Waiting], source: Step, target: Step, had: Collection[str], known: Iterable[Waiting]
) -> list[Fate]:
    """Decide what becomes of the notices of a merged case.

    Args:
        source, target: the merged case, and the other one with what it has taken over.
        had: the rules whose deadlines the other case has had by itself.
        known: what waits there.
    """
    there = {_said(one.notice) for one in known}
    runs = {one.rule.id for one in target.register.deadlines if one.live}
    duties = {one.rule.id for one in source.register.deadlines if one.live and one.version.kind is Side.DUTY}
    zh, en = (text.format(case=target.recording.case_id) for text in _GOES_OVER)
    decided = []
    for one in found:
        deadline = one.notice.about.get("deadline")
        warns, why = one.notice.action == Action.WARN, None
        if asks_for_an_answer(one.notice):
            why = _SUPERVISED_THERE
        elif deadline in had or one.notice.action == "graded" or _said(one.notice) in there:
            why = _TOLD_THERE
        elif "task" in one.notice.about:
            why = _NO_TASK
        elif deadline in duties - runs or (deadline and deadline not in runs and warns):
            why = _NOT_OWED
        decided.append(Fate(one, why is None, why or Label(zh, en)))
    return decided


def tell_there(decided: Iterable[Fate], source: Step, target: Step) -> None:
    """Let the other case tell what goes over, to who holds the posts there."""
    case, area = source.recording.case_id, target.register.area
    for one in decided:
        if one.goes_over:
            row, notice = one.waiting
            about = {**notice.about, "merged_case": case}
            told = replace(notice.without_persons(), about=about, area=area)
            target.recording.tell(Ref.merged(case, row.ref), told)


def withdraw_here(decided: Iterable[Fate], source: Step) -> None:
    """Take everything back that the merged case was to tell, and say in its journal what became of it."""
    for (row, notice), goes_over, why in decided:
        source.recording.finish(row, EntryStatus.WITHDRAWN)
        source.recording.note(
            Happening.NOTICE_PASSED_ON, row.ref, title=notice.title, why=why, goes_over=goes_over
        )


def _said(notice: Notice) -> tuple[object, ...]:
    """What a notice says, and to whom, whichever case says it."""
    meant = notice.without_persons()
    return meant.action, tuple(sorted(meant.title.items())), meant.to, meant.about.get("deadline")
