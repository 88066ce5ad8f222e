"""Which cases there are: ``search``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jiefen.cli.frame.given import day_of, given_facts
from jiefen.cli.frame.options import ON_DATABASE, Area, Json, Roles, Settings, actor, with_settings
from jiefen.cli.frame.output import Words, label, last_day, pick, say, show_json, show_table
from jiefen.cli.frame.sheets import Out, require_sheet, write_sheet
from jiefen.record.desk.found import Between, SearchOrder
from jiefen.record.kinds import CaseStatus, Part

if TYPE_CHECKING:
    from jiefen import Engine, Hit, Hits, Reader
    from jiefen.notation.labels import Language
    from jiefen.rules import Vocabulary

app = typer.Typer()

#: What stands between the two ends of a range.
_TO = ".."
_PAGE = 500

_HEADINGS: list[Words] = [
    ("案件编号", "case"), ("登记编号", "key"), ("登记时间", "opened"), ("来源", "source"), ("属地", "area"),
    ("事由", "matter"), ("纠纷类型", "type"), ("当事人", "party"), ("联系电话", "phone"), ("颜色", "colour"),
    ("环节", "stage"), ("状态", "status"), ("结果", "outcome"), ("包案领导", "leader"), ("届满", "due"),
    ("剩余天数", "days"),
]  # fmt: skip
#: What a table on a screen has room for.
_ON_SCREEN = (0, 2, 4, 5, 6, 7, 9, 10, 11, 14, 15)
#: How a case stands.
STATUS: dict[CaseStatus, Words] = {
    CaseStatus.OPEN: ("办理中", "open"),
    CaseStatus.ENDED: ("已办结", "ended"),
    CaseStatus.MERGED: ("已并案", "merged"),
    CaseStatus.VOIDED: ("已作废", "voided"),
}

Days = Annotated[
    str | None, typer.Option(metavar="FROM..TO", help="Days, one of which may be left out: 2026-01-01..")
]


@app.command("search")
@with_settings(*ON_DATABASE)
def search(
    settings: Settings,
    text: Annotated[
        str | None,
        typer.Argument(metavar="WORDS", help="Words of the matter or of names, two characters or more."),
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(
            "--fact", metavar="NAME=VALUE", help="A fact, or a range of it: amount=500..2000; repeat it."
        ),
    ] = None,
    party: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="A name, a telephone or its last four digits, a card number."),
    ] = None,
    part: Annotated[Part | None, typer.Option(help="As what they are in it.")] = None,
    area: Area = None,
    status: Annotated[CaseStatus | None, typer.Option(help="Only these.")] = None,
    process: Annotated[str | None, typer.Option(metavar="ID", help="Only by this process.")] = None,
    leader: Annotated[str | None, typer.Option(metavar="WHO", help="Who leads it (包案领导).")] = None,
    holder: Annotated[
        str | None, typer.Option(metavar="ROLE", help="Who owes or has what nobody has met.")
    ] = None,
    law: Annotated[str | None, typer.Option(metavar="NAME", help="Which sets what nobody has met.")] = None,
    opened: Days = None,
    updated: Days = None,
    ended: Days = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Something has expired.")] = False,
    order: Annotated[SearchOrder, typer.Option(help="What comes first.")] = SearchOrder.NEWEST,
    facets: Annotated[bool, typer.Option("--facets", help="How many there are of each kind.")] = False,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHO", help="Who looks: only what they may see.")
    ] = None,
    role: Roles = None,
    acts_in: Annotated[
        str | None, typer.Option("--by-area", metavar="CODE", help="Area their roles are held for.")
    ] = None,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="People as they are.")] = False,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="TOKEN", help="Start after this token, of the page before."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=1_000, help="At most so many.", show_default="50; a sheet holds all"),
    ] = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Find cases by words, facts, people, days, places and what is due."""
    if out is not None:
        require_sheet(out)
    language = settings.language
    with settings.reading() as engine:
        vocabulary = engine.edition.rulebook.vocabulary
        asked: dict[str, Any] = {
            "text": text, "facts": _facts(fact, vocabulary), "party": party, "part": part, "area": area,
            "status": status, "process": process, "leader": leader, "holder": holder, "law": law,
            "opened": _days(opened, "--opened"), "updated": _days(updated, "--updated"),
            "ended": _days(ended, "--ended"), "overdue": overdue, "order": order, "unmasked": unmasked,
            "by": actor(by, role, acts_in) if by is not None else None,
        }  # fmt: skip
        if out is not None:
            headings = [pick(words, language) for words in _HEADINGS]
            rows = (_row(hit, vocabulary, language) for hit in every_hit(engine, asked, after, limit))
            many = write_sheet(out, pick(("案件", "cases"), language), headings, rows)
            say(pick(("{n} 件 → {file}", "{n} cases → {file}"), language).format(n=many, file=out))
            return
        most = limit if limit is not None else 50
        found = engine.search(**asked, facets=facets, after=after, limit=most)
    if json:
        show_json(found)
        return
    rows_shown = [_row(hit, vocabulary, language) for hit in found.items]
    show_table(
        language,
        [_HEADINGS[at] for at in _ON_SCREEN],
        [["" if row[at] is None else row[at] for at in _ON_SCREEN] for row in rows_shown],
    )
    if facets:
        _show_facets(found, vocabulary, language)
    if len(found.items) == most:
        words = ("还有更多:--after {token}", "there is more: --after {token}")
        say(pick(words, language).format(token=found.items[-1].token), err=True)


def every_hit(
    engine: Engine | Reader, asked: dict[str, Any], after: str | None, limit: int | None
) -> Iterator[Hit]:
    """Every case that is found, page by page; with ``limit`` no more."""
    left = limit
    while left is None or left > 0:
        most = _PAGE if left is None else min(left, _PAGE)
        page = engine.search(**asked, after=after, limit=most).items
        yield from page
        if len(page) < most:
            return
        after, left = page[-1].token, left - most if left is not None else None


def _row(hit: Hit, vocabulary: Vocabulary, language: Language) -> list[object]:
    case, party = hit.case, hit.party
    source = case.facts.get("source")
    return [
        case.id,
        case.key,
        case.opened_at,
        label(vocabulary, "source", source if isinstance(source, str) else None, language),
        case.area,
        hit.title,
        label(vocabulary, "dispute_type", case.dispute_type, language),
        party.name if party is not None else None,
        party.phone if party is not None else None,
        label(vocabulary, "colour", case.colour, language),
        label(vocabulary, "stage", case.stage, language),
        pick(STATUS[case.status], language),
        label(vocabulary, "outcome", case.outcome, language),
        case.leader,
        last_day(hit.due_at),
        hit.days_left,
    ]


def _show_facets(found: Hits, vocabulary: Vocabulary, language: Language) -> None:
    rows = [
        (
            pick(("状态", "status"), language)
            if name == "status"
            else vocabulary.fact(name).title.text(language),
            pick(STATUS[CaseStatus(value)], language)
            if name == "status" and value is not None
            else label(vocabulary, name, value, language),
            many,
        )
        for name, values in found.facets.items()
        for value, many in values.items()
    ]
    show_table(language, [("分类", "kind"), ("值", "value"), ("件数", "cases")], rows)
    words = ("共 {n} 件", "{n} cases") if found.all_counted else ("多于 {n} 件", "more than {n} cases")
    say(pick(words, language).format(n=found.count))


def _days(text: str | None, option: str) -> Between | None:
    if text is None:
        return None
    first, to, last = text.partition(_TO)
    ends = [day_of(end.strip(), option) if end.strip() else None for end in (first, last if to else first)]
    return Between(*ends)


def _facts(facts: list[str] | None, vocabulary: Vocabulary) -> dict[str, Any]:
    """The facts of ``--fact``; of days, amounts and numbers also a range."""
    from jiefen.rules import FactType

    single, found = [], {}
    for text in facts or ():
        name, _, value = text.partition("=")
        fact = vocabulary.facts.get(name.strip())
        if (
            fact is not None
            and _TO in value
            and fact.type in (FactType.DATE, FactType.MONEY, FactType.INTEGER)
        ):
            first, _, last = value.partition(_TO)
            read = _day if fact.type is FactType.DATE else _number
            found[name.strip()] = Between(
                *(read(end.strip()) if end.strip() else None for end in (first, last))
            )
        else:
            single.append(text)
    return given_facts(single, None, vocabulary) | found


def _day(text: str) -> date:
    return day_of(text, "--fact")


def _number(text: str) -> Decimal | int:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no number", param_hint="--fact") from None
    return int(number) if number.is_finite() and number == int(number) else number
