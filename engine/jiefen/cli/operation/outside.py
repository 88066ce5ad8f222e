"""The outside: ``deliveries`` with ``show``, ``retry`` and ``cancel``, and ``adapters list | try``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ON_RULES,
    ActorArea,
    After,
    By,
    ByWhoever,
    Json,
    Limit,
    Roles,
    Settings,
    actor,
    named,
    with_settings,
)
from jiefen.cli.frame.output import Words, cell, more, pick, say, show_json, show_table
from jiefen.cli.frame.program import ExitCode
from jiefen.errors import NotFound

if TYPE_CHECKING:
    from jiefen import Delivery

app = typer.Typer()
deliveries_app = typer.Typer(help="List deliveries to outside systems; show, retry and cancel one.")
adapters_app = typer.Typer(no_args_is_help=True, help="List the system cards that come along; try one.")
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(adapters_app, name="adapters")

DeliveryId = Annotated[int, typer.Argument(metavar="DELIVERY", min=1, max=MAX_ID, help="Id of the delivery.")]
Status = Literal["parked", "pending", "sent", "incident", "answered", "withdrawn"]


@deliveries_app.callback(invoke_without_command=True)
@with_settings(*ON_DATABASE)
def deliveries(
    settings: Settings,
    status: Annotated[
        Status | None, typer.Option(help="What has become of it; parked, or all of a case, when absent.")
    ] = None,
    case: Annotated[
        int | None, typer.Option(metavar="ID", min=1, max=MAX_ID, help="Those of one case.")
    ] = None,
    topic: Annotated[str | None, typer.Option(metavar="TOPIC", help="Those of one topic.")] = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List deliveries to outside systems; parked ones have no adapter and wait for `jiefen answer`."""
    if settings.subcommand is not None:
        return
    with settings.reading() as engine:
        found = engine.deliveries(status=status, case=case, topic=topic, after=after, limit=limit)
    if json:
        show_json(found)
        return
    headings = [
        ("编号", "id"), ("案件", "case"), ("主题", "topic"), ("幂等键", "key"), ("状态", "status"),
        ("次数", "attempts"), ("时间", "at"), ("答复期限", "answer by"), ("逾期", "overdue"), ("错误", "error"),
    ]  # fmt: skip
    late = pick(("逾期", "overdue"), settings.language)
    rows = [
        (
            d.id, d.case, d.topic, d.key, d.status, d.attempts, d.at, d.answer_by,
            late if d.overdue else None, d.error,
        )
        for d in found
    ]  # fmt: skip
    show_table(settings.language, headings, rows)
    more(found, limit, settings.language)


@deliveries_app.command("show")
@with_settings(*ON_DATABASE)
def show(
    settings: Settings,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key of the delivery, as the outside knows it.")],
    json: Json = False,
) -> None:
    """Show one delivery with the whole text of its error; what it holds only with --json."""
    with settings.reading() as engine:
        found = engine.deliveries(key=key, limit=1)
    if not found:
        raise NotFound(f"there is no delivery with the key {key}; list them with `jiefen deliveries`")
    one: Delivery = found[0]
    if json:
        show_json(one)
        return
    words: Words = (
        "投递 {id}:{topic},案件 {case},{status};自 {at},已试 {attempts} 次\n{error}",
        "delivery {id}: {topic} of case {case}, {status}; since {at}, tried {attempts} times\n{error}",
    )
    said = {
        "id": one.id,
        "topic": one.topic,
        "case": one.case,
        "status": one.status,
        "attempts": one.attempts,
    }
    say(pick(words, settings.language).format(**said, at=cell(one.at), error=one.error or "").rstrip())


@deliveries_app.command("retry")
@with_settings(*ON_DATABASE)
def retry(
    settings: Settings,
    id: DeliveryId,
    by: ByWhoever = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Let a delivery be sent at the next sweep: one that is dead, or that was put off."""
    with settings.engine() as engine:
        engine.outside.retry(id, by=named(by, role, area))
    say(pick(("投递 {id} 将重新送出", "delivery {id} goes out again"), settings.language).format(id=id))


@deliveries_app.command("cancel")
@with_settings(*ON_DATABASE)
def cancel(
    settings: Settings,
    id: DeliveryId,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why.")],
    by: By,
    error: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="By which error of the topic a case goes on that waits for the answer."
        ),
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
) -> None:
    """Take a delivery back; the outside is told where it may have it."""
    with settings.engine() as engine:
        engine.outside.cancel(id, reason=reason, error=error, by=actor(by, role, area))
    say(pick(("投递 {id} 已撤回", "delivery {id} is cancelled"), settings.language).format(id=id))


@adapters_app.command("list")
@with_settings(*ON_RULES)
def cards(settings: Settings, json: Json = False) -> None:
    """List the system cards that come along, with their files: copy one and put your fields into it."""
    from jiefen.notation.yaml import load
    from jiefen.outside.cards import card_reader

    found = [(name, path, load(path).data) for name, path in card_reader().shipped().items()]
    if json:
        show_json(
            [
                {
                    "card": name, "title": data["title"], "transport": data["transport"], "file": str(path),
                    "out": sorted(data.get("out", {})), "in": sorted(data.get("in", {})),
                }
                for name, path, data in found
            ]
        )  # fmt: skip
        return
    headings = [
        ("卡片", "card"), ("名称", "title"), ("方式", "transport"), ("送出", "out"), ("接收", "in"), ("文件", "file"),
    ]  # fmt: skip
    rows = [
        (
            name, data["title"][settings.language], data["transport"], tuple(data.get("out", {})),
            tuple(data.get("in", {})), str(path),
        )
        for name, path, data in found
    ]  # fmt: skip
    show_table(settings.language, headings, rows)


@adapters_app.command("try")
@with_settings(*ON_RULES)
def try_card(
    settings: Settings,
    card: Annotated[str, typer.Argument(metavar="CARD", help="Name of a card, or the path of its file.")],
    topic: Annotated[
        str | None,
        typer.Option(metavar="TOPIC", help="What to send; the first topic of the card when absent."),
    ] = None,
    json: Json = False,
) -> None:
    """Send one delivery with invented data, and say what was sent and what came back. Secrets are masked.

    Ends with 1 when a delivery would not have gone well.
    """
    from jiefen.outside.cards import CardNames, card_reader

    rules = settings.rulebook()
    names = CardNames(rules.topics, rules.messages, rules.vocabulary.facts, None)
    name = str(Path(card)) if "/" in card else card
    trial = card_reader().trial(name, topic, names)
    if json:
        show_json(trial)
    else:
        words: Words = (
            "主题 {topic},幂等键 {key}\n送出:\n{sent}\n返回:{status}\n{received}\n结果:{meaning}",
            "topic {topic}, key {key}\nsent:\n{sent}\ncame back: {status}\n{received}\nresult: {meaning}",
        )
        said = {"topic": trial.topic, "key": trial.key, "sent": trial.sent, "meaning": trial.meaning}
        came = {"status": trial.status or "-", "received": trial.received or ""}
        say(pick(words, settings.language).format(**said, **came))
    if not trial.well:
        raise typer.Exit(ExitCode.REFUSED)
