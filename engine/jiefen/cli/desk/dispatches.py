"""Orders to departments: ``dispatch``, ``dispatches``, ``recall``."""

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
    CaseId,
    Json,
    Limit,
    OfMatter,
    OpenOrEnded,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, last_day, more, show_json, show_table
from jiefen.record.desk.dispatches import Dispatch

if TYPE_CHECKING:
    from jiefen.engine import Engine
    from jiefen.reading.reader import Reader

app = typer.Typer()

_HEADINGS: list[Words] = [
    ("派单", "order"), ("事项", "of case"), ("承办单位", "department"), ("要求", "asked"), ("状态", "state"),
    ("退回", "returns"), ("下一期限", "next due"), ("结果", "result"),
]  # fmt: skip


@app.command("dispatch")
@with_settings(*ON_DATABASE)
def dispatch(
    settings: Settings,
    case: CaseId,
    asked: Annotated[str, typer.Option("--ask", metavar="TEXT", help="What is asked for.")],
    key: Annotated[str, typer.Option("--key", metavar="KEY", help="The same key twice is one order.")],
    by: By,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ROLE", help="Who works on it; by the rules when absent.")
    ] = None,
    hard: Annotated[
        str, typer.Option("--hard", metavar="HARD", help="simple, general or complex: the term.")
    ] = "general",
    urgent: Annotated[bool, typer.Option("--urgent", help="To be signed for within the hour.")] = False,
    there: Annotated[
        str | None, typer.Option("--there", metavar="CODE", help="Where it is done, if elsewhere.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Give a matter to a department or to another level (派单)."""
    with settings.engine() as engine:
        made = engine.dispatch(
            case, asked=asked, key=key, to=to, limit=hard, urgent=urgent, area=there, by=actor(by, role, area)
        )
        _show(engine, settings, [made], json)


@app.command("dispatches")
@with_settings(*ON_DATABASE)
def dispatches(
    settings: Settings,
    case: OfMatter = None,
    area: Area = None,
    status: OpenOrEnded = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List orders: who has them, how they stand, what is due next."""
    with settings.reading() as engine:
        found = engine.dispatches(case=case, area=area, status=status, after=after, limit=limit)
        _show(engine, settings, found, json)
    if not json:
        more(found, limit, settings.language)


@app.command("recall")
@with_settings(*ON_DATABASE)
def recall(
    settings: Settings,
    order: Annotated[int, typer.Argument(metavar="ORDER", min=1, max=MAX_ID, help="Id of the order.")],
    by: By,
    reason: Reason,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take an order back (撤单); the department is told."""
    with settings.engine() as engine:
        made = engine.recall(order, reason=reason, by=actor(by, role, area))
        _show(engine, settings, [made], json)


def _show(engine: Engine | Reader, settings: Settings, found: list[Dispatch], json: bool) -> None:
    if json:
        show_json(found)
        return
    language, rulebook = settings.language, engine.edition.rulebook
    names = {id: role.title.text(language) for id, role in rulebook.roles.items()}
    values = rulebook.vocabulary.fact("dispatch_result").values
    results = {id: label.text(language) for id, label in values.items()}
    rows = [
        (
            one.id,
            one.of,
            names.get(one.to or "", one.to or ""),
            one.asked,
            one.state.zh if language == "zh" else one.state.value,
            one.returns,
            last_day(one.due_at),
            results.get(one.result or "", one.result or ""),
        )
        for one in found
    ]
    show_table(language, _HEADINGS, rows)
