"""What offices keep lists of, written from the cases: ``ledger``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from jiefen.cli.frame.options import ON_DATABASE, Area, Settings, with_settings
from jiefen.cli.frame.output import Words, label, last_day, pick, say
from jiefen.cli.frame.sheets import require_sheet, write_sheet
from jiefen.cli.queries.search import STATUS, every_hit
from jiefen.outside.ledgers import BUNDLED, ledger_adapter
from jiefen.record.desk.dispatches import BESIDE
from jiefen.record.desk.found import Between, SearchOrder
from jiefen.record.desk.parties import masked_title
from jiefen.record.kinds import CaseStatus, DeadlineStatus, SupervisionStatus

if TYPE_CHECKING:
    from jiefen import Engine, Reader
    from jiefen.notation.labels import Language

app = typer.Typer()

_PAGE: Final = 500
_DAY = ["%Y-%m-%d"]
Row = Sequence[object]

_PROBLEMS: list[Words] = [
    ("序号", "no."), ("案件编号", "case"), ("登记编号", "key"), ("登记时间", "opened"), ("来源", "source"),
    ("属地", "area"), ("反映人", "party"), ("联系电话", "phone"), ("涉及人数", "persons"), ("反映问题", "problem"),
    ("具体诉求", "what is asked"), ("问题类别", "type"), ("风险等级", "colour"), ("当前环节", "stage"),
    ("办理状态", "status"), ("办理结果", "outcome"), ("包案领导", "leader"),
]  # fmt: skip
_DUTIES: list[Words] = [
    ("序号", "no."), ("案件编号", "case"), ("登记编号", "key"), ("属地", "area"), ("反映问题", "problem"),
    ("责任事项", "duty"), ("责任岗位", "holder"), ("包案领导", "leader"), ("法律依据", "law"), ("条款", "article"),
    ("完成时限", "due"), ("剩余天数", "days"), ("是否逾期", "overdue"),
]  # fmt: skip
_MEASURES: list[Words] = [
    ("序号", "no."), ("案件编号", "case"), ("登记编号", "key"), ("属地", "area"), ("反映问题", "problem"),
    ("整改事项", "about"), ("督办措施", "measure"), ("整改岗位", "who answers"), ("整改责任人", "persons"),
    ("督办岗位", "by"), ("提出时间", "since"), ("答复时限", "reply by"), ("整改状态", "status"),
    ("是否逾期", "overdue"), ("答复时间", "answered"),
]  # fmt: skip
_ANSWERS: dict[SupervisionStatus, Words] = {
    SupervisionStatus.OPEN: ("整改中", "open"),
    SupervisionStatus.ANSWERED: ("已答复待审核", "answered"),
    SupervisionStatus.ACCEPTED: ("已销号", "accepted"),
    SupervisionStatus.WITHDRAWN: ("已撤销", "withdrawn"),
}
_YES_NO: tuple[Words, Words] = (("否", "no"), ("是", "yes"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of which cases a list is."""

    area: str | None
    opened: Between
    unmasked: bool
    language: Language

    @property
    def days(self) -> Between | None:
        """The days on which they were opened, where somebody says any."""
        return self.opened if self.opened != Between() else None


@app.command("ledger")
@with_settings(*ON_DATABASE)
def ledger(
    settings: Settings,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="problems, responsibility, rectification, or the layout of a ledger: visit_ledger…, a YAML file.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", dir_okay=False, help="The sheet: .csv or .xlsx; it is replaced."
        ),
    ],
    area: Area = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=_DAY, metavar="DATE", help="Cases that were opened then or later."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=_DAY, metavar="DATE", help="Cases that were opened then or earlier."),
    ] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="People, and titles that name them, as they are.")
    ] = False,
    areas: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Names of places, for a ledger; else their codes.",
        ),
    ] = None,
) -> None:
    """Write a list that offices keep: of problems, of responsibility, of rectification, or a ledger with its cases.

    A ledger that is imported again opens nothing twice. It holds people as they are.
    """
    require_sheet(out)
    if name in _OF_WHAT_STANDS and (since is not None or until is not None):
        raise typer.BadParameter(
            f"{name} is of what stands now, whenever its case was opened", param_hint="--since"
        )
    language = settings.language
    days = [day.date() if day is not None else None for day in (since, until)]
    asked = _Asked(area, Between(*days), unmasked, language)
    with settings.reading() as engine:
        if name in _LISTS:
            title, words, rows = _LISTS[name]
            headings: Sequence[str] = [pick(one, language) for one in words]
            many = write_sheet(out, pick(title, language), headings, rows(engine, asked))
        else:
            many = ledger_adapter(BUNDLED).export(
                name, out, reader=engine, areas=areas, area=area, opened=asked.days, language=language
            )
    say(pick(("{n} 行 → {file}", "{n} rows → {file}"), language).format(n=many, file=out))


def _problems(engine: Engine | Reader, asked: _Asked) -> Iterator[Row]:
    vocabulary, language = engine.edition.rulebook.vocabulary, asked.language
    of_fact = partial(label, vocabulary, language=language)
    hits = every_hit(engine, _search(asked) | {"unmasked": asked.unmasked}, None, None)
    number = 0
    for hit in hits:
        case, party = hit.case, hit.party
        if case.status is CaseStatus.VOIDED or case.process in BESIDE:
            continue
        number += 1
        yield (
            number, case.id, case.key, case.opened_at, of_fact("source", _text(case.facts.get("source"))), case.area,
            party.name if party is not None else None, party.phone if party is not None else None,
            case.facts.get("persons"), hit.title, case.facts.get("description"),
            of_fact("dispute_type", case.dispute_type), of_fact("colour", case.colour), of_fact("stage", case.stage),
            pick(STATUS[case.status], language), of_fact("outcome", case.outcome), case.leader,
        )  # fmt: skip


def _duties(engine: Engine | Reader, asked: _Asked) -> Iterator[Row]:
    language, roles = asked.language, engine.edition.rulebook.roles
    number, after = 0, None
    while True:
        page = engine.deadlines_due(area=asked.area, after=after, limit=_PAGE)
        for one in page:
            deadline = one.deadline
            if deadline.kind != "duty":
                continue
            number += 1
            holder = roles.get(deadline.holder or "")
            late = deadline.overdue or deadline.status is DeadlineStatus.EXPIRED
            yield (
                number, deadline.case, one.key, one.area, one.title, deadline.title.text(language),
                holder.title.text(language) if holder is not None else deadline.holder or one.leader, one.leader,
                deadline.law or pick(("工作要求", "policy"), language), deadline.article,
                deadline.due_on or last_day(deadline.due_at), one.days_left,
                pick(_YES_NO[late], language),
            )  # fmt: skip
        if len(page) < _PAGE:
            return
        after = page[-1].token


def _measures(engine: Engine | Reader, asked: _Asked) -> Iterator[Row]:
    language, roles = asked.language, engine.edition.rulebook.roles
    case_of, people_of = cache(engine.case), cache(engine.parties.of)

    def title(role: str | None) -> str | None:
        known = roles.get(role or "")
        return known.title.text(language) if known is not None else role

    number = 0
    for status in SupervisionStatus:
        after = 0
        while True:
            page = engine.supervisions(status=status, area=asked.area, after=after, limit=_PAGE)
            for one in page:
                number += 1
                case = case_of(one.case)
                called = case.facts.get("title")
                if not asked.unmasked:
                    called = masked_title(called, people_of(one.case))
                yield (
                    number, one.case, case.key, one.area, called, one.title.text(language),
                    one.action_title.text(language), title(one.role),
                    "、".join(one.holders), title(one.by), one.opened_at, one.reply_at,
                    pick(_ANSWERS[one.status], language), pick(_YES_NO[one.overdue], language), one.answered_at,
                )  # fmt: skip
            if len(page) < _PAGE:
                break
            after = page[-1].id


def _search(asked: _Asked) -> dict[str, Any]:
    return {"area": asked.area, "opened": asked.days, "order": SearchOrder.OLDEST}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


#: Lists that hold what is to be done now.
_OF_WHAT_STANDS: Final = ("responsibility", "rectification")
_LISTS: dict[str, tuple[Words, list[Words], Callable[[Engine | Reader, _Asked], Iterator[Row]]]] = {
    "problems": (("问题清单", "problems"), _PROBLEMS, _problems),
    "responsibility": (("责任清单", "responsibility"), _DUTIES, _duties),
    "rectification": (("整改清单", "rectification"), _MEASURES, _measures),
}
