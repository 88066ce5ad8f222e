"""How closely a case is kept, and who may read one that is: ``grade``, ``let-read`` and so on."""

from __future__ import annotations

from typing import Annotated

import typer

from jiefen.cli.frame.options import (
    ON_DATABASE,
    ActorArea,
    By,
    CaseId,
    Json,
    Reason,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table

app = typer.Typer()
_HEADINGS: list[Words] = [
    ("人员", "person"), ("指定人", "named by"), ("理由", "reason"), ("自", "since"), ("至", "until"),
]  # fmt: skip

Person = Annotated[str, typer.Argument(metavar="PERSON", help="Staff number of who may read it.")]


@app.command("grade")
@with_settings(*ON_DATABASE)
def grade(
    settings: Settings,
    case: CaseId,
    grade: Annotated[str, typer.Argument(metavar="GRADE", help="open, personal, sensitive or sealed.")],
    reason: Reason,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Keep a case more closely than its facts ask for, or less (定密)."""
    with settings.engine() as engine:
        found = engine.grades.set(case, grade, reason=reason, by=actor(by, role, area))
    if json:
        show_json({"case": found.id, "grade": found.grade})
        return
    words: Words = ("案件 {case} 的密级:{grade}", "case {case} is {grade}")
    shown = found.grade.zh if settings.language == "zh" else found.grade.value
    say(pick(words, settings.language).format(case=case, grade=shown))


@app.command("let-read")
@with_settings(*ON_DATABASE)
def let_read(
    settings: Settings,
    case: CaseId,
    person: Person,
    reason: Reason,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Let somebody read a case that is kept closely, though they do not work on it (知悉范围)."""
    with settings.engine() as engine:
        found = engine.grades.let_read(case, person, reason=reason, by=actor(by, role, area))
    if json:
        show_json(found)
        return
    words: Words = ("{person} 可以查阅案件 {case}", "{person} may read case {case}")
    say(pick(words, settings.language).format(person=found.person, case=case))


@app.command("withdraw-reader")
@with_settings(*ON_DATABASE)
def withdraw_reader(
    settings: Settings,
    case: CaseId,
    person: Person,
    reason: Reason,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Take back that somebody may read a case."""
    with settings.engine() as engine:
        found = engine.grades.withdraw(case, person, reason=reason, by=actor(by, role, area))
    if json:
        show_json(found)
        return
    words: Words = (
        "{person} 不再因此查阅案件 {case}",
        "{person} is no longer among those who may read case {case}",
    )
    say(pick(words, settings.language).format(person=found[0].person, case=case))


@app.command("readers")
@with_settings(*ON_DATABASE)
def readers(
    settings: Settings,
    case: CaseId,
    by: By,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """List whom somebody has let read a case, also those who may not any more."""
    with settings.engine() as engine:
        found = engine.grades.readers(case, by=actor(by, role, area))
    if json:
        show_json(found)
        return
    show_table(
        settings.language,
        _HEADINGS,
        [
            (one.person, one.named_by, one.reason, f"{one.at:%Y-%m-%d}",
             f"{one.withdrawn_at:%Y-%m-%d}" if one.withdrawn_at else "")
            for one in found
        ],
    )  # fmt: skip
