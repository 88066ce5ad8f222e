"""周报、月报: what is overdue and what is due soon, who holds it, by office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final

from jiefen import Due
from jiefen_adapters.reports.tables import PAGE, Asked, Column, Report, Row, Table, Words, last_day, pages

_DUTIES: Final[tuple[tuple[Words, int], ...]] = (
    (("序号", "no."), 8), (("案件", "case"), 9), (("登记编号", "key"), 18), (("属地", "area"), 20),
    (("反映问题", "problem"), 30), (("责任事项", "duty"), 24), (("责任岗位", "holder"), 16),
    (("经办人", "at work"), 12), (("包案领导", "leader"), 14), (("依据", "law"), 22), (("最后一日", "last day"), 16),
    (("剩余天数", "days left"), 10),
)  # fmt: skip
_OFFICES: Final[tuple[tuple[Words, int], ...]] = (
    (("责任岗位", "holder"), 24), (("属地", "area"), 18), (("已逾期", "overdue"), 10), (("即将到期", "due soon"), 10),
)  # fmt: skip
_WORK: Final[tuple[tuple[Words, int], ...]] = (
    (("岗位", "role"), 24), (("属地", "area"), 18), (("在办待办", "open tasks"), 12), (("其中已签收", "claimed"), 12),
    (("其中逾期", "overdue"), 12),
)  # fmt: skip
Counts = Counter[tuple[str, str, bool]]


def weekly_list(asked: Asked) -> Report:
    """What is overdue, and what is due within seven days.

    Raises:
        FactError: an area that cannot be.
    """
    return _list(asked, ("矛盾纠纷办理周报", "Weekly list"), 7)


def monthly_list(asked: Asked) -> Report:
    """What is overdue, and what is due within thirty days.

    Raises:
        FactError: an area that cannot be.
    """
    return _list(asked, ("矛盾纠纷办理月报", "Monthly list"), 30)


def _list(asked: Asked, title: Words, days: int) -> Report:
    until, counts, today = asked.today + timedelta(days=days), Counts(), asked.today

    def columns(of: tuple[tuple[Words, int], ...]) -> tuple[Column, ...]:
        return tuple(Column(asked.say(words), width) for words, width in of)

    soon: Words = (f"{days} 日内到期", f"Due within {days} days")
    return Report(
        title=asked.say(title),
        lines=(
            asked.say(
                (
                    f"属地:{asked.place()}。截至:{today};到期统计至:{until}。只含法定和规定由机关办理的事项。",
                    f"Area: {asked.place()}. As of {today}; due through {until}. Duties of offices alone.",
                )
            ),
        ),
        tables=(
            Table(
                asked.say(("按岗位和属地汇总", "By office")), columns(_OFFICES), partial(_offices, asked, counts),
                sums_up=True,
            ),
            Table(
                asked.say(("已逾期", "Overdue")), columns(_DUTIES),
                partial(_duties, asked, counts, None, today - timedelta(days=1)),
            ),
            Table(asked.say(soon), columns(_DUTIES), partial(_duties, asked, counts, today, until)),
            Table(asked.say(("待办分布", "Open tasks")), columns(_WORK), partial(_work, asked)),
        ),
        lying=True,
    )  # fmt: skip


def _duties(asked: Asked, counts: Counts, since: date | None, until: date) -> Iterator[Row]:
    number, at_work = 0, dict[int, list[str]]()
    for due in pages(
        lambda after: asked.reader.deadlines_due(
            since=since, until=until, area=asked.area, after=after, limit=PAGE
        ),
        lambda one: one.token,
    ):
        if due.deadline.kind != "duty":
            continue
        number += 1
        counts[due.deadline.holder or "", due.area or "", since is None] += 1
        yield (number, *_duty(asked, due, _at_work(asked, due.deadline.case, at_work)))


def _duty(asked: Asked, due: Due, at_work: list[str]) -> Row:
    one = due.deadline
    return (
        one.case, due.key, due.area, due.title, asked.text(one.title), asked.role(one.holder), "、".join(at_work),
        due.leader, f"{one.law} {one.article}".strip(), one.due_on or last_day(one.due_at), due.days_left,
    )  # fmt: skip


def _at_work(asked: Asked, case: int, known: dict[int, list[str]]) -> list[str]:
    """Who has claimed what is open in a case."""
    if case not in known:
        known.clear()  # what is due in one case often stands together; all of them are not kept
        tasks = asked.reader.tasks(case=case, limit=PAGE)
        known[case] = sorted({one.assignee for one in tasks if one.assignee is not None})
    return known[case]


def _offices(asked: Asked, counts: Counts) -> Iterator[Row]:
    for role, area in sorted({(role, area) for role, area, _ in counts}):
        named = asked.role(role) if role else asked.say(("(案件未定)", "(not settled)"))
        yield named, area, counts[role, area, True], counts[role, area, False]


def _work(asked: Asked) -> Iterator[Row]:
    for one in asked.reader.workload(area=asked.area):
        yield asked.role(one.role), one.area, one.open, one.claimed, one.overdue
