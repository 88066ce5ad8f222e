"""督办台账: what was pressed for, by whom, whom, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Final

from jiefen import Supervision, SupervisionStatus
from jiefen_adapters.reports.tables import PAGE, Asked, Column, Report, Row, Table, Words, last_day, pages

_STATUS: Final[dict[SupervisionStatus, Words]] = {
    SupervisionStatus.OPEN: ("待答复", "not answered"),
    SupervisionStatus.ANSWERED: ("已答复待审核", "answered"),
    SupervisionStatus.ACCEPTED: ("已销号", "accepted"),
    SupervisionStatus.WITHDRAWN: ("已撤销", "withdrawn"),
}
_COLUMNS: Final[tuple[tuple[Words, int], ...]] = (
    (("序号", "no."), 8), (("案件", "case"), 9), (("属地", "area"), 20), (("督办方式", "measure"), 12),
    (("督办事项", "about"), 26), (("督办单位", "by"), 16), (("被督办岗位", "who answers"), 16),
    (("责任人", "persons"), 12), (("发出时间", "sent"), 17), (("答复时限", "reply by"), 14),
    (("答复时间", "answered"), 17), (("状态", "status"), 16), (("是否逾期", "overdue"), 12),
)  # fmt: skip
_SUMMARY: Final[tuple[tuple[Words, int], ...]] = (
    (("被督办岗位", "who answers"), 30), (("件数", "letters"), 10), (("待答复", "not answered"), 12),
    (("逾期未答复", "overdue"), 12),
)  # fmt: skip


def supervision_list(asked: Asked) -> Report:
    """Every supervision of an area that may be read, the open ones first, and how many each office has.

    Raises:
        FactError: an area that cannot be.
    """
    counts: Counter[tuple[str, str]] = Counter()

    def columns(of: tuple[tuple[Words, int], ...]) -> tuple[Column, ...]:
        return tuple(Column(asked.say(words), width) for words, width in of)

    return Report(
        title=asked.say(("督办台账", "Supervision letters")),
        lines=(
            asked.say(
                (f"属地:{asked.place()}。截至:{asked.today}。", f"Area: {asked.place()}. As of {asked.today}.")
            ),
        ),
        tables=(
            Table(
                asked.say(("按被督办岗位汇总", "By office")), columns(_SUMMARY), partial(_sums, asked, counts),
                sums_up=True,
            ),
            Table(asked.say(("督办明细", "Letters")), columns(_COLUMNS), partial(_letters, asked, counts)),
        ),
        lying=True,
    )  # fmt: skip


def _letters(asked: Asked, counts: Counter[tuple[str, str]]) -> Iterator[Row]:
    number = 0
    for status in SupervisionStatus:
        for one in pages(
            lambda after, status=status: asked.reader.supervisions(  # type: ignore[misc]
                status=status, area=asked.area, after=after or 0, limit=PAGE
            ),
            lambda one: one.id,
        ):
            number += 1
            counts[one.role, "all"] += 1
            counts[one.role, "open"] += one.status is SupervisionStatus.OPEN
            counts[one.role, "overdue"] += one.overdue
            yield (number, *_letter(asked, one))


def _letter(asked: Asked, one: Supervision) -> Row:
    return (
        one.case, one.area, asked.text(one.action_title), asked.text(one.title),
        asked.role(one.by) or asked.say(("系统", "the engine")), asked.role(one.role), "、".join(one.holders),
        one.opened_at, last_day(one.reply_at), one.answered_at, asked.say(_STATUS[one.status]),
        asked.say(("是", "yes")) if one.overdue else asked.say(("否", "no")),
    )  # fmt: skip


def _sums(asked: Asked, counts: Counter[tuple[str, str]]) -> Iterator[Row]:
    for role in sorted({role for role, _ in counts}):
        yield asked.role(role), *(counts[role, what] for what in ("all", "open", "overdue"))
