"""What there is to do: ``work`` of somebody, ``workload`` of offices, one ``task``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    Area,
    By,
    Json,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import STATUS, Words, label, last_day, pick, say, show_json, show_table
from jiefen.cli.frame.staff import require_roles
from jiefen.errors import NotFound
from jiefen.record.actor import Actor
from jiefen.record.desk.work import Why

if TYPE_CHECKING:
    from jiefen import Engine, Reader, Task
    from jiefen.notation.labels import Language

app = typer.Typer()

_WHY: dict[Why, Words] = {
    Why.OWN: ("已签收", "own"),
    Why.GROUP: ("本岗位", "group"),
    Why.DEPUTY: ("副职代办", "deputy"),
    Why.ABSENCE: ("代理", "standing in"),
}


@app.command("work")
@with_settings(*ON_DATABASE)
def work(
    settings: Settings,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="TOKEN", help="Start after this token, of the page before."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 20,
    json: Json = False,
) -> None:
    """List what somebody may do now, what is due first before the rest."""
    with settings.engine() as engine:
        require_roles(engine, role)
        who = _somebody(settings, engine, by, role, area)
        found = engine.worklist(by=who, after=after, limit=limit)
        waiting = engine.pending.of(by=who, limit=limit) if after is None and not json else []
        vocabulary = engine.edition.rulebook.vocabulary
    if json:
        show_json(found)
        return
    language = settings.language
    headings: list[Words] = [
        ("待办", "task"), ("案件", "case"), ("事项", "to do"), ("事由", "matter"), ("当事人", "party"),
        ("颜色", "colour"), ("届满", "due"), ("剩余天数", "days"), ("缘由", "why"),
    ]  # fmt: skip
    rows = [
        (
            one.task.id,
            one.task.case,
            one.task.name,
            one.title or "",
            one.party.name if one.party is not None else "",
            label(vocabulary, "colour", one.colour, language),
            last_day(one.due_at),
            "" if one.days_left is None else one.days_left,
            pick(_WHY[one.why], language),
        )
        for one in found
    ]
    show_table(language, headings, rows)
    if len(found) == limit:
        words = ("还有更多:--after {token}", "there is more: --after {token}")
        say(pick(words, language).format(token=found[-1].token), err=True)
    if theirs := [one for one in waiting if one.by != who.id]:
        words = (
            "另有 {n} 件他人提出的事项须您同意或者不同意:jiefen pending list",
            "{n} more that others have asked for wait for you to agree or not: jiefen pending list",
        )
        say(pick(words, language).format(n=len(theirs)))


def _somebody(settings: Settings, engine: Engine, by: str, role: list[str] | None, area: str | None) -> Actor:
    """Somebody with the posts that are given, or else with those that the loaded directory has of them."""
    if role:
        return actor(by, role, area)
    from jiefen.people.directory import Organisation

    directory = engine.directory()
    if not isinstance(directory, Organisation):
        words = (
            "没有载入通讯录,也没有写明岗位(--role):只列出流程指定 {by} 本人办理的待办",
            "no directory is loaded and no --role given: only what a model gives to {by} is listed",
        )
    elif not (posts := directory.posts_of(by)):
        words = (
            "通讯录中没有 {by} 的任职:只列出流程指定其本人办理的待办",
            "the directory knows no post of {by}: only what a model gives to them is listed",
        )
    else:
        if area is not None:
            raise typer.BadParameter(
                "the directory tells where the posts are; give --role with it", param_hint="--area"
            )
        return Actor(by, posts=posts)
    say(pick(words, settings.language).format(by=by), err=True)
    return actor(by, None, area)


@app.command("workload")
@with_settings(*ON_DATABASE)
def workload(
    settings: Settings,
    area: Area = None,
    role: Annotated[str | None, typer.Option(help="Of this role alone.")] = None,
    json: Json = False,
) -> None:
    """Count the open tasks by role and area, and how many of them somebody has claimed, or are over."""
    with settings.reading() as engine:
        found = engine.workload(area=area, role=role)
        roles = engine.edition.rulebook.roles
    if json:
        show_json(found)
        return
    language = settings.language
    rows = [
        (
            roles[one.role].title.text(language) if one.role in roles else one.role,
            one.area or "",
            one.open,
            one.claimed,
            one.overdue,
        )
        for one in found
    ]
    headings: list[Words] = [
        ("岗位", "role"), ("属地", "area"), ("待办", "open"), ("已签收", "claimed"), ("逾期", "overdue"),
    ]  # fmt: skip
    show_table(language, headings, rows)


@app.command("task")
@with_settings(*ON_DATABASE)
def task(
    settings: Settings,
    task: Annotated[int, typer.Argument(metavar="TASK", min=1, max=MAX_ID, help="Id of the task.")],
    json: Json = False,
) -> None:
    """Show one task, whatever became of it."""
    with settings.reading() as engine:
        found = engine.task(task)
        roles = engine.edition.rulebook.roles
        asked = _asked(engine, found, settings.language)
    if json:
        show_json(found)
        return
    language = settings.language
    titles = [roles[one].title.text(language) if one in roles else one for one in found.roles]
    rows = [
        (pick(words, language), value)
        for words, value in (
            (("待办", "task"), found.id),
            (("案件", "case"), found.case),
            (("事项", "to do"), found.name),
            (("岗位", "role"), ("、" if language == "zh" else ", ").join(titles)),
            (("属地", "area"), found.area or ""),
            (("签收人", "claimed by"), found.assignee or ""),
            (("状态", "status"), pick(STATUS[found.status], language)),
            (("填写", "asks for"), asked),
            (("届满", "due"), last_day(found.due_at)),
            (("办结时间", "finished"), found.finished_at or ""),
            (("办结人", "finished by"), found.finished_by or ""),
        )
    ]
    show_table(language, [("栏目", "field"), ("内容", "value")], rows)


def _asked(engine: Engine | Reader, task: Task, language: Language) -> str:
    """What ``complete --fact`` may say of a task by the edition in use; a star marks what must be said."""
    from jiefen.case.answers import asked_by

    try:
        element = engine.edition.processes.element(task.process, task.element)
    except NotFound:
        return ""  # the case keeps an older edition, in which the element has another name
    facts, required = engine.edition.rulebook.vocabulary.facts, element.properties.get("requires", "")
    must = set(required.replace(",", " ").split())
    return "; ".join(
        f"{name}{'*' if name in must else ''} {facts[name].title.text(language)}" if name in facts else name
        for name in sorted(asked_by(element))
    )
