"""Whistles to departments: ``whistle``, ``whistles``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    Area,
    By,
    Json,
    Limit,
    OfMatter,
    OpenOrEnded,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, more, show_json, show_table
from jiefen.record.desk.whistles import Whistle

if TYPE_CHECKING:
    from jiefen.engine import Engine
    from jiefen.reading.reader import Reader

app = typer.Typer()

_HEADINGS: list[Words] = [
    ("哨", "whistle"), ("事项", "of case"), ("哨类", "kind"), ("要求", "asked"), ("状态", "state"),
    ("报到单位", "department"), ("报到件", "call"), ("报到", "came"), ("超时", "late"), ("到场", "person"),
    ("评价", "rating"),
]  # fmt: skip


@app.command("whistle")
@with_settings(*ON_DATABASE)
def whistle(
    settings: Settings,
    departments: Annotated[list[str], typer.Argument(metavar="ROLE...", help="The departments to come.")],
    asked: Annotated[str, typer.Option("--ask", metavar="TEXT", help="What they are asked to do there.")],
    key: Annotated[str, typer.Option("--key", metavar="KEY", help="The same key twice is one whistle.")],
    by: By,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="emergency, quick, work or hard: the terms.")
    ] = "work",
    case: Annotated[
        int | None, typer.Option("--case", metavar="CASE", min=1, max=MAX_ID, help="The matter it is for.")
    ] = None,
    there: Annotated[
        str | None,
        typer.Option("--there", metavar="CODE", help="Where it is; that of the matter when absent."),
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Call departments to one place at once (吹哨)."""
    with settings.engine() as engine:
        made = engine.whistle(
            kind=kind, asked=asked, departments=departments, key=key, case=case, area=there,
            by=actor(by, role, area),
        )  # fmt: skip
        _show(engine, settings, [made], json)


@app.command("whistles")
@with_settings(*ON_DATABASE)
def whistles(
    settings: Settings,
    case: OfMatter = None,
    area: Area = None,
    status: OpenOrEnded = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List whistles: who was called, who came, how they stand."""
    with settings.reading() as engine:
        found = engine.whistles(case=case, area=area, status=status, after=after, limit=limit)
        _show(engine, settings, found, json)
    if not json:
        more(found, limit, settings.language)


def _show(engine: Engine | Reader, settings: Settings, found: list[Whistle], json: bool) -> None:
    """A line for each department; what is said of the whistle itself stands in its first one."""
    if json:
        show_json(found)
        return
    language, rulebook = settings.language, engine.edition.rulebook
    names = {id: role.title.text(language) for id, role in rulebook.roles.items()}
    kinds, ratings = (
        {id: label.text(language) for id, label in rulebook.vocabulary.fact(fact).values.items()}
        for fact in ("whistle_kind", "whistle_rating")
    )
    chinese = language == "zh"
    yes = "是" if chinese else "yes"
    rows = [
        (
            *(
                (
                    one.id,
                    one.of or "",
                    kinds[one.kind],
                    one.asked,
                    one.state.zh if chinese else one.state.value,
                )
                if at == 0
                else ("", "", "", "", "")
            ),
            names.get(call.to or "", call.to or ""),
            call.id,
            call.state.zh if chinese else call.state.value,
            yes if call.late else "",
            call.person or "",
            ratings.get(call.rating or "", ""),
        )
        for one in found
        for at, call in enumerate(one.calls)
    ]
    show_table(language, _HEADINGS, rows)
