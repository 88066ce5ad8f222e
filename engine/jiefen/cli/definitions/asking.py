"""Asking the rules without a case: ``decide`` and ``due``; and ``calendar import``, on which ``due`` rests."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jiefen.bundled import bundled
from jiefen.cli.frame.given import Facts, FactsFile, day_of, given_facts, moment_of
from jiefen.cli.frame.options import ON_RULES, Area, Json, Language, Settings, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_json
from jiefen.clock import SystemClock, china_date

if TYPE_CHECKING:
    from jiefen.periods import Calendar, Due
    from jiefen.rules import DeadlineVersion, Rule

app = typer.Typer()
calendar_app = typer.Typer(no_args_is_help=True, help="Holiday calendars.")
app.add_typer(calendar_app, name="calendar")


@app.command("decide")
@with_settings(*ON_RULES)
def decide(
    settings: Settings,
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="Id of a decision table, for example channel.")
    ],
    fact: Facts = None,
    facts: FactsFile = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Under the law of this day; absent: today.")
    ] = None,
    area: Area = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Every row, and why it does or does not apply.")
    ] = False,
    json: Json = False,
) -> None:
    """Ask a decision table what it says about some facts."""
    from jiefen.rules import cited

    rulebook = settings.rulebook()
    view = rulebook.view(area)
    vocabulary = rulebook.vocabulary
    given = vocabulary.from_json(given_facts(fact, facts, vocabulary))
    day = day_of(as_of, "--as-of") if as_of is not None else china_date(SystemClock().now())
    decision = view.table(table).decide(given, day, trace=True)
    assert decision.trace is not None
    won = [line.row for line in decision.trace.rows if line.outcome == "won"]
    language = settings.language
    if json:
        told: dict[str, Any] = {
            "table": decision.table,
            "version": decision.version,
            "as_of": decision.as_of,
            "outputs": decision.outputs,
            "rows": [
                {"row": row.id, "file": row.place.file, "line": row.place.line}
                | {"because": {"zh": cited(row.because, "zh"), "en": cited(row.because, "en")}}
                for row in won
            ],
        }
        show_json(told | ({"trace": decision.trace.as_dict()} if explain else {}))
        return
    for name, value in decision.outputs.items():
        declared = vocabulary.fact(name)
        say(f"{declared.title.text(language)} {name}: {declared.shown(value, language)}")
    for row in won:
        words: Words = ("依据 {law}(行 {row},{place})", "because {law} (row {row}, {place})")
        say(
            "  " + pick(words, language).format(law=cited(row.because, language), row=row.id, place=row.place)
        )
    if not won:
        say("  " + pick(("没有一行符合", "no row matches"), language))
    if explain:
        say(decision.trace.text(language))


@app.command("due")
@with_settings(*ON_RULES)
def due(
    settings: Settings,
    what: Annotated[
        str,
        typer.Argument(
            metavar="RULE|PERIOD", help="Id of a deadline, or a period such as '5 wd' (h, d, wd, mo, y)."
        ),
    ],
    start: Annotated[
        str,
        typer.Option(
            "--from", metavar="DATE", help="The day it runs from; for hours an instant with its zone."
        ),
    ],
    area: Area = None,
    roll: Annotated[
        Literal["none", "next_working_day"] | None,
        typer.Option(help="Of a bare period; a rule carries its own."),
    ] = None,
    public_notice: Annotated[
        bool,
        typer.Option(
            "--public-notice",
            help="--from is the day of publication, the last posting or printing; served 30 days later.",
        ),
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Each skipped day and why.")] = False,
    json: Json = False,
) -> None:
    """Say when a deadline or a period ends: the last day, and whether that is provisional."""
    from jiefen.periods import Unit, served_by_public_notice

    day = moment_of(start, "--from")
    published = day
    if public_notice:
        if isinstance(day, datetime):
            raise typer.BadParameter(
                "a public notice is dated by a day; write for example 2026-03-02", param_hint="--from"
            )
        day = served_by_public_notice(day)
    if what[:1].isdigit():  # ids begin with a letter
        rule, version, answer = None, None, _bare(what, day, roll, _calendar(settings.rules_folder, area))
        safe = None
    elif roll is not None:
        raise typer.BadParameter("a rule carries its own way to roll; leave --roll out", param_hint="--roll")
    else:
        rule, version, answer = _ruled(settings, what, day, area)
        safe = _safe_day(version, day, answer, _calendar(settings.rules_folder, area))
        if public_notice:
            _refuse_notice(version, settings.language)
    ends = answer.instant if answer.period.unit is Unit.HOUR else answer.due
    if not json:
        _tell_due(answer, ends, rule, version, settings.language, explain, safe)
        if public_notice:
            say(f"  {pick(_SERVED, settings.language).format(published=published, served=day)}")
        return
    citation = version.because[0] if version is not None else None
    told: dict[str, Any] = {
        "due": ends,
        "provisional": answer.provisional,
        "earliest": answer.earliest,
        "latest": answer.latest,
        "safe": safe,
        "law": citation.law if citation is not None else None,
        "article": citation.article if citation is not None else None,
    }
    if public_notice:
        told["served"] = day
    show_json(told | (_explained(answer, rule, settings.language) if explain else {}))


def _bare(text: str, day: date | datetime, roll: str | None, calendar: Calendar) -> Due:
    from jiefen.periods import Period, Roll
    from jiefen.periods import due as due_of

    return due_of(Period.parse(text), day, calendar, roll=Roll(roll or "none"))


def _ruled(
    settings: Settings, id: str, day: date | datetime, area: str | None
) -> tuple[Rule, DeadlineVersion, Due]:
    from jiefen.periods import due as due_of

    rule = settings.rulebook().view(area).deadline(id)
    version = rule.version_at(china_date(day) if isinstance(day, datetime) else day)
    answer = due_of(
        version.length,
        day,
        _calendar(settings.rules_folder, area),
        roll=version.roll,
        first_day=version.first_day,
        ends=version.ends,
        backwards=version.backwards,
    )
    return rule, version, answer


def _safe_day(version: DeadlineVersion, day: date | datetime, answer: Due, calendar: Calendar) -> date | None:
    """The last day without a roll that the text does not have, where that is earlier."""
    from jiefen.periods import Roll
    from jiefen.periods import due as due_of

    if version.safe is None or not version.safe.unrolled:
        return None
    unrolled = due_of(
        version.length, day, calendar, roll=Roll.NONE, first_day=version.first_day, ends=version.ends
    ).due
    return unrolled if unrolled < answer.due else None


def _refuse_notice(version: DeadlineVersion, language: Language) -> None:
    """Refuse a rule that, as far as it says so itself, never runs from a service by public notice."""
    from jiefen.rules import MISSING

    procedure = version.when.get("court_procedure")
    if version.backwards:
        raise typer.BadParameter(pick(_BACKWARDS, language), param_hint="--public-notice")
    if procedure is not None and not any(procedure.holds(other) for other in ("ordinary", None, MISSING)):
        raise typer.BadParameter(pick(_SIMPLIFIED, language), param_hint="--public-notice")


def _tell_due(
    answer: Due,
    ends: date | datetime,
    rule: Rule | None,
    version: DeadlineVersion | None,
    language: Language,
    explain: bool,
    safe: date | None,
) -> None:
    from jiefen.record.values import SAFETY
    from jiefen.rules import cited

    last = (
        f"{ends.date()} {ends:%H:%M %z}"
        if isinstance(ends, datetime)
        else f"{ends} {pick(_DAYS[ends.weekday()], language)}"
    )
    if answer.provisional:
        words: Words = (
            "(暂定,最晚 {latest}:放假安排未公布)",
            " (provisional, at the latest {latest}: holidays not published yet)",
        )
        last += pick(words, language).format(latest=answer.latest)
    say(last)
    if safe is not None and version is not None and version.safe is not None:
        say("  " + SAFETY.format(day=safe.isoformat(), why=version.safe.why).text(language))
    if rule is not None and version is not None:
        say(f"  {rule.title.text(language)} {answer.period}: {cited(version.because, language)}")
        if version.when:
            conditions = ", ".join(f"{name}: {test}" for name, test in version.when.items())
            say("  " + pick(("仅适用于 {c}", "only for {c}"), language).format(c=conditions))
    if explain:
        for step in answer.steps(language):
            say(f"  {step.day} {pick(_STEPS[step.kind], language)} {step.why}")


@calendar_app.command("import")
@with_settings(*ON_RULES)
def calendar_import(
    settings: Settings,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help='JSON: {"year", "papers", "days": [{"name", "date", "isOffDay"}]}.'
        ),
    ],
    into: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Where to; absent: calendars/ in the rulebook."),
    ] = None,
) -> None:
    """Take over the holiday plan of a year, or a revision of it, into the calendars of the rulebook."""
    from jiefen.periods import import_year

    say(str(import_year(file, into or settings.rules_folder / "calendars")))


_DAYS: tuple[Words, ...] = (
    ("星期一", "Monday"), ("星期二", "Tuesday"), ("星期三", "Wednesday"), ("星期四", "Thursday"), ("星期五", "Friday"),
    ("星期六", "Saturday"), ("星期日", "Sunday"),
)  # fmt: skip
_SERVED: Words = (
    "公告送达:{published} 最后张贴或者刊登,{served} 视为送达(《民事诉讼法》第九十五条、《民诉法解释》第一百三十八条;"
    "适用简易程序的案件不适用公告送达,第一百四十条)",
    "served by public notice: published on {published}, served on {served} (《民事诉讼法》第九十五条, 《民诉法解释》"
    "第一百三十八条; not in simplified procedure, 第一百四十条)",
)
_BACKWARDS: Words = (
    "该期限自将来之日倒推,不自送达起算;不要写 --public-notice",
    "the rule is counted back from a day to come, not from a service; leave --public-notice out",
)
_SIMPLIFIED: Words = (
    "该期限仅适用于简易程序,而适用简易程序的案件不适用公告送达(《民诉法解释》第一百四十条)",
    "the rule is only for the simplified procedure, in which nothing is served by public notice (《民诉法解释》"
    "第一百四十条)",
)
_STEPS: dict[str, Words] = {
    "start": ("起算", "from"),
    "skipped": ("不计", "not counted"),
    "rolled": ("顺延", "rolled over"),
    "due": ("届满", "due"),
}


def _calendar(root: Path, area: str | None) -> Calendar:
    """The calendar that holds in ``area``, as for a case there.

    A rulebook without calendars of its own goes by the bundled ones, as an edition does.
    """
    from jiefen.edition.edition import calendar_in, load_local_holidays, load_office_hours
    from jiefen.periods import load_calendar

    own = root / "calendars"
    folder = own if own.is_dir() else bundled("rules") / "calendars"
    local, hours = load_local_holidays(root, folder), load_office_hours(root, folder)
    return calendar_in(load_calendar(folder), local, hours, area, {})


def _explained(answer: Due, rule: Rule | None, language: Language) -> dict[str, Any]:
    return {
        "rule": rule.id if rule is not None else None,
        "title": {"zh": rule.title.zh, "en": rule.title.en} if rule is not None else None,
        "period": str(answer.period),
        "from": answer.start,
        "ends_at": answer.instant,
        "reason": answer.reason,
        "steps": [{"day": step.day, "kind": step.kind, "why": step.why} for step in answer.steps(language)],
    }
