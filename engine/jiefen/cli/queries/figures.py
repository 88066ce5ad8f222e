"""What the work comes to, in shares: ``figures``, ``figures explain``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.frame.options import ON_DATABASE, Area, Json, Language, Limit, Settings, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_csv, show_json, show_table

if TYPE_CHECKING:
    from jiefen import FigureCase
    from jiefen.rules import FigureRule

app = typer.Typer()
figures_app = typer.Typer()
app.add_typer(figures_app, name="figures")

_DAY = ["%Y-%m-%d"]
Since = Annotated[
    datetime | None,
    typer.Option(formats=_DAY, metavar="DATE", help="From this day on; absent: the first day of the year."),
]
Until = Annotated[
    datetime | None, typer.Option(formats=_DAY, metavar="DATE", help="Up to this day; absent: today.")
]


@figures_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def figures(
    settings: Settings,
    since: Since = None,
    until: Until = None,
    area: Area = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="WHAT", help="month, area (those next beneath), or a level: township."),
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option("--name", metavar="ID", help="Only this figure; repeat it.")
    ] = None,
    json: Json = False,
    sheet: Annotated[bool, typer.Option("--csv", help="CSV for spreadsheets.")] = False,
) -> None:
    """Show the figures of a period as the rules define them, each with what it rests on."""
    if settings.subcommand is not None:
        return
    with settings.reading() as engine:
        found = engine.figures(
            since=since.date() if since is not None else None,
            until=until.date() if until is not None else None,
            area=area,
            by=by,
            names=name or None,
        )
    if json:
        show_json(found)
        return
    language = settings.language
    headings: list[Words] = [
        ("指标", "figure"), ("分组", "group"), ("比率", "rate"), ("分子", "counts"), ("分母", "out of"),
        ("从严比率", "at worst"), ("未计入", "left out"), ("作废", "voided"), ("并案", "merged"), ("依据", "because"),
    ]  # fmt: skip
    rows = [
        (
            one.title.text(language),
            one.group or "",
            f"{one.rate}{one.sign}" if one.rate is not None else "",
            one.numerator,
            one.denominator,
            f"{one.at_worst}{one.sign}" if one.at_worst is not None else "",
            one.left_out,
            one.voided,
            one.merged,
            one.because.text(language),
        )
        for one in found
    ]
    (show_csv if sheet else show_table)(language, headings, rows)


@figures_app.command("explain")
@with_settings(*ON_DATABASE)
def explain(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id of the figure.")],
    since: Since = None,
    until: Until = None,
    area: Area = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="TOKEN", help="Start after this token, of the page before."),
    ] = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """Tell how a figure is counted, and which cases are behind it."""
    with settings.reading() as engine:
        found = engine.figure_cases(
            name,
            since=since.date() if since is not None else None,
            until=until.date() if until is not None else None,
            area=area,
            after=after,
            limit=limit,
        )
        rule = engine.edition.rulebook.view(area).figures[name]
        deadlines = engine.edition.rulebook.view(area).deadlines
    if json:
        show_json(found)
        return
    language = settings.language
    titles = [deadlines[id].title.text(language) for id in rule.counting.deadlines]
    for line in _definition(rule, titles, language):
        say(line)
    headings: list[Words] = [
        ("案件", "case"), ("编号", "key"), ("属地", "area"), ("期限", "deadline"), ("日期", "day"),
        ("状态", "status"), ("计算", "counted"),
    ]  # fmt: skip
    rows = [
        (
            one.case,
            one.key,
            one.area or "",
            "" if one.deadline is None else one.deadline,
            one.day,
            one.status,
            pick(_counted(one), language),
        )
        for one in found
    ]
    show_table(language, headings, rows)
    if len(found) == limit:
        words = ("还有更多:--after {token}", "there is more: --after {token}")
        say(pick(words, language).format(token=found[-1].token), err=True)


def _definition(rule: FigureRule, deadlines: list[str], language: Language) -> list[str]:
    counted: Words = ("按规则所定的案件计算", "cases, as the rule says")
    if deadlines:
        listed = "、".join(deadlines) if language == "zh" else ", ".join(deadlines)
        counted = (
            f"期限届满的:{listed};分子为按期完成的",
            f"those that are over of: {listed}; met in time counts",
        )
    better: Words = (
        ("越低越好", "fewer is better") if rule.better == "fewer" else ("越高越好", "more is better")
    )
    because = [citation.text(language) for citation in rule.because]
    return [
        f"{rule.title.text(language)} ({rule.id}; {pick(better, language)}; {rule.place})",
        f"{pick(('计算', 'counted'), language)}: {pick(counted, language)}",
        f"{pick(('不计入', 'left out'), language)}: {rule.left_out.text(language)}",
        f"{pick(('依据', 'because'), language)}: {'; '.join(because)}",
    ]


def _counted(one: FigureCase) -> Words:
    if one.counts:
        return "分子和分母", "counts"
    return ("仅分母", "counted") if one.counted else ("未计入", "left out")
