"""``calendar show``: which holiday plans are known, and through which day."""

from __future__ import annotations

import os

import typer

from jiefen.bundled import bundled
from jiefen.cli.definitions.asking import calendar_app
from jiefen.cli.frame.options import ON_DATABASE, Json, Settings, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table

app = typer.Typer()


@calendar_app.command("show")
@with_settings(*ON_DATABASE)
def show(settings: Settings, json: Json = False) -> None:
    """Show the years whose holidays are known: of the rulebook, or of the database when one is named.

    Running cases go by the newest plan known to their database, wherever it came from.
    """
    from jiefen.periods import load_calendar

    if settings.db or os.environ.get("JIEFEN_DB"):
        with settings.engine() as engine:
            calendar = engine.edition.calendar
    else:
        own = settings.rules_folder / "calendars"
        calendar = load_calendar(own if own.is_dir() else bundled("rules") / "calendars")
    if json:
        plans = [{"year": p.year, "revision": p.revision, "papers": p.papers} for p in calendar.plans]
        known = {"known_from": calendar.known_from, "known_through": calendar.known_through}
        show_json(known | {"digest": calendar.digest, "years": plans})
        return
    language = settings.language
    headings = [("年份", "year"), ("修订", "revision"), ("文件", "papers")]
    show_table(language, headings, [(p.year, p.revision, p.papers) for p in calendar.plans])
    words: Words = (
        "已知 {since} 至 {through};此后的期限为暂定",
        "known from {since} through {through}; what ends later is provisional",
    )
    say(pick(words, language).format(since=calendar.known_from, through=calendar.known_through))
