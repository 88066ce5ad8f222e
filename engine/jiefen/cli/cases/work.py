"""Cases and tasks: ``open``, ``cases``, ``case``, ``deadlines``, ``questions``, ``tasks`` …"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jiefen.cli.cases.around import say_around
from jiefen.cli.cases.questions import question_data, say_questions, show_questions
from jiefen.cli.frame.given import Facts, FactsFile, Parties, given_facts, given_party
from jiefen.cli.frame.options import (
    MAX_ID,
    ON_DATABASE,
    ActorArea,
    After,
    Area,
    By,
    CaseId,
    Json,
    Language,
    Limit,
    Roles,
    Settings,
    actor,
    with_settings,
)
from jiefen.cli.frame.output import (
    STATUS,
    Words,
    label,
    last_day,
    more,
    pick,
    say,
    show_json,
    show_table,
    tell_doubts,
)
from jiefen.errors import NotFound
from jiefen.record.desk.parties import dumped, masked

if TYPE_CHECKING:
    from jiefen import Case, Deadline, Engine, Task
    from jiefen.rules import Vocabulary
    from jiefen.story.explain import Explanation
    from jiefen.story.uncounted import Uncounted

app = typer.Typer()

TaskId = Annotated[int, typer.Argument(metavar="TASK", min=1, max=MAX_ID, help="Id of the task.")]

_KIND: dict[str, Words] = {"duty": ("办理期限", "duty"), "right": ("权利期限", "right")}


@app.command("open")
@with_settings(*ON_DATABASE)
def open_case(
    settings: Settings,
    process: Annotated[str, typer.Argument(metavar="PROCESS", help="For example dispute or petition.")],
    by: By,
    key: Annotated[str, typer.Option("--key", help="What makes the matter the same matter; twice is once.")],
    fact: Facts = None,
    facts: FactsFile = None,
    party: Parties = None,
    role: Roles = None,
    area: Annotated[
        str | None, typer.Option("--area", metavar="CODE", help="Area of the case (the fact area).")
    ] = None,
    json: Json = False,
) -> None:
    """Open a case. A key that comes again with the same facts gives that case back and changes nothing."""
    with settings.engine(create=True) as engine:
        given = given_facts(fact, facts, engine.edition.rulebook.vocabulary)
        if area is not None:
            given.setdefault("area", area)
        people = [given_party(one) for one in party or ()]
        case = engine.open_case(process, given, key=key, by=actor(by, role, area), parties=people)
        _show_case(settings, engine, case, json)
        tell_doubts(settings.language, engine.parties.of(case.id) if people else ())


@app.command("cases")
@with_settings(*ON_DATABASE)
def cases(
    settings: Settings,
    status: Annotated[
        Literal["open", "ended", "merged", "voided"] | None, typer.Option(help="Whether it still runs.")
    ] = None,
    area: Area = None,
    stage: Annotated[str | None, typer.Option(help="For example mediation.")] = None,
    level: Annotated[str | None, typer.Option(help="For example township.")] = None,
    colour: Annotated[str | None, typer.Option(help="For example red.")] = None,
    dispute_type: Annotated[
        str | None, typer.Option("--type", help="Dispute type, for example labour.")
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="For example agreed.")] = None,
    process: Annotated[str | None, typer.Option(help="For example petition.")] = None,
    key: Annotated[str | None, typer.Option(help="The key the case was opened with.")] = None,
    leader: Annotated[
        str | None, typer.Option(metavar="WHO", help="Cases that this leader answers for (包案).")
    ] = None,
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List cases in the order of their ids; an area includes what lies inside it. Shows no personal data."""
    choices: dict[str, Any] = {
        "stage": stage,
        "level": level,
        "colour": colour,
        "dispute_type": dispute_type,
        "outcome": outcome,
    }
    with settings.reading() as engine:
        found = engine.cases(
            status=status,
            area=area,
            process=process,
            key=key,
            leader=leader,
            after=after,
            limit=limit,
            **choices,
        )
        if json:
            show_json([_case_data(case) for case in found])
            return
        language, vocabulary = settings.language, engine.edition.rulebook.vocabulary
        headings = [
            ("编号", "id"), ("登记号", "key"), ("状态", "status"), ("阶段", "stage"), ("层级", "level"),
            ("颜色", "colour"), ("纠纷类型", "type"), ("结果", "outcome"), ("属地", "area"), ("立案", "opened"),
        ]  # fmt: skip
        show_table(language, headings, [_case_row(case, vocabulary, language) for case in found])
        more(found, limit, language)


@app.command("case")
@with_settings(*ON_DATABASE)
def case(
    settings: Settings,
    id: CaseId,
    trace: Annotated[bool, typer.Option("--trace", help="Every row of every decision, and why.")] = False,
    json: Json = False,
) -> None:
    """Tell the story of a case: every route and every date, with rule, version and article."""
    with settings.reading() as engine:
        explanation = engine.explain(id)
        asked = engine.open_questions(id)
        parties, links = engine.parties.of(id), engine.links(id)
        if not json:
            say(explanation.text(settings.language, traces=trace))
            say_around(id, parties, links, settings.language)
            say_questions(asked, settings.language)
            return
        told = explanation.as_dict()
        if not trace:
            told["routes"] = [{k: v for k, v in route.items() if k != "trace"} for route in told["routes"]]
        journal = [{"id": e.id, "at": e.at, "actor": e.actor, "kind": e.kind, "subject": e.subject, "data": e.data}
                   for e in explanation.journal]  # fmt: skip
        show_json({"case": _case_data(explanation.case, facts=True)} | {k: v for k, v in told.items() if k != "case"}
                  | {"parties": [dumped(masked(one)) for one in parties], "links": links}
                  | {"open_questions": [question_data(one) for one in asked], "journal": journal})  # fmt: skip


@app.command("deadlines")
@with_settings(*ON_DATABASE)
def deadlines(settings: Settings, id: CaseId, json: Json = False) -> None:
    """List the deadlines of a case: the duties of organs and the rights of parties, and which right is lost first."""
    with settings.reading() as engine:
        explanation = engine.explain(id)
    found = explanation.deadlines
    if json:
        missed = [_uncounted_data(one) for one in explanation.uncounted]
        show_json([*(_deadline_data(one, explanation) for one in found), *missed])
        return
    language = settings.language
    headings = [
        ("序号", "no"), ("届满", "due"), ("性质", "kind"), ("期限", "deadline"), ("依据", "law"), ("状态", "status"),
        ("备注", "notes"),
    ]  # fmt: skip
    show_table(language, headings, [_deadline_row(item, language) for item in found])
    for line in (*explanation.not_computed(language), *explanation.most_urgent(language)):
        say(line)


@app.command("questions")
@with_settings(*ON_DATABASE)
def questions(settings: Settings, id: CaseId, json: Json = False) -> None:
    """List what is still to be asked: missing facts and notices on which a right or the route depends.

    The most urgent comes first: by the day on which a right may be lost. Answer a fact with the form of a task
    (`jiefen complete`), a message with `jiefen message`.
    """
    with settings.reading() as engine:
        found = engine.open_questions(id)
    if json:
        show_json([question_data(one) for one in found])
    else:
        show_questions(found, settings.language)


@app.command("tasks")
@with_settings(*ON_DATABASE)
def tasks(
    settings: Settings,
    role: Annotated[str | None, typer.Option(help="Tasks for this role.")] = None,
    area: Area = None,
    case: Annotated[
        int | None, typer.Option("--case", min=1, max=MAX_ID, metavar="CASE", help="Tasks of one case.")
    ] = None,
    assignee: Annotated[
        str | None, typer.Option(metavar="WHO", help="Tasks that somebody has claimed.")
    ] = None,
    status: Annotated[
        Literal["open", "completed", "withdrawn"], typer.Option(help="What became of it.")
    ] = "open",
    after: After = 0,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List tasks in the order of their ids."""
    from jiefen.notation.labels import suggestion

    with settings.reading() as engine:
        found = engine.tasks(
            role=role, area=area, case=case, assignee=assignee, status=status, after=after, limit=limit
        )
        if role is not None and not found and role not in engine.edition.rulebook.roles:
            raise NotFound(f"there is no role {role!r}; {suggestion(role, engine.edition.rulebook.roles)}")
    if json:
        show_json(found)
        return
    language = settings.language
    headings = [
        ("编号", "id"), ("案件", "case"), ("待办", "task"), ("岗位", "roles"), ("席位", "seat"), ("属地", "area"),
        ("签收人", "assignee"), ("期限", "due"), ("状态", "status"),
    ]  # fmt: skip
    show_table(
        language,
        headings,
        [
            (
                t.id,
                t.case,
                t.name,
                t.roles,
                t.seat,
                t.area,
                t.assignee,
                last_day(t.due_at),
                pick(STATUS[t.status], language),
            )
            for t in found
        ],
    )
    more(found, limit, language)


@app.command("claim")
@with_settings(*ON_DATABASE)
def claim(
    settings: Settings, id: TaskId, by: By, role: Roles = None, area: ActorArea = None, json: Json = False
) -> None:
    """Bind an open task to a person; claiming one's own task again changes nothing."""
    with settings.engine() as engine:
        task = engine.claim(id, by=actor(by, role, area))
    if json:
        show_json(task)
    else:
        words = ("待办 {id}({name})由 {who} 签收", "task {id} ({name}) is claimed by {who}")
        say(pick(words, settings.language).format(id=task.id, name=task.name, who=task.assignee))


@app.command("release")
@with_settings(*ON_DATABASE)
def release(
    settings: Settings,
    id: TaskId,
    by: By,
    why: Annotated[
        str | None, typer.Option("--why", help="Why; needed from anybody but who has claimed it.")
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Give a claimed task back, so that others may claim it: by who has claimed it, or by whoever stands over them."""
    with settings.engine() as engine:
        task = engine.release(id, by=actor(by, role, area), why=why)
    if json:
        show_json(task)
    else:
        words = ("待办 {id}({name})已退回,待签收", "task {id} ({name}) is open to others again")
        say(pick(words, settings.language).format(id=task.id, name=task.name))


@app.command("complete")
@with_settings(*ON_DATABASE)
def complete(
    settings: Settings,
    id: TaskId,
    by: By,
    fact: Facts = None,
    facts: FactsFile = None,
    role: Roles = None,
    area: ActorArea = None,
    json: Json = False,
) -> None:
    """Complete a task; the answer becomes facts of the case, and the case goes on."""
    with settings.engine() as engine:
        given = given_facts(fact, facts, engine.edition.rulebook.vocabulary)
        _show_case(settings, engine, engine.complete(id, given, by=actor(by, role, area)), json)


@app.command("message")
@with_settings(*ON_DATABASE)
def message(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="NAME", help="For example court.ruling_served.")],
    case: Annotated[int, typer.Option("--case", min=1, max=MAX_ID, metavar="CASE", help="Id of the case.")],
    key: Annotated[str, typer.Option("--key", help="What makes it the same message; twice is once.")],
    fact: Facts = None,
    facts: FactsFile = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="WHO", help="Who hands it in or records it, if a person does."),
    ] = None,
    role: Roles = None,
    area: ActorArea = None,
    party: Annotated[
        int | None,
        typer.Option("--party", min=1, max=MAX_ID, metavar="NUMBER", help="The party that says it."),
    ] = None,
    code: Annotated[
        str | None, typer.Option("--code", metavar="CODE", help="Of the case: the party says it themselves.")
    ] = None,
    json: Json = False,
) -> None:
    """Take a message from outside for a case. What a party wants (will) needs --code, or --by with an office."""
    from jiefen import Actor

    if code is not None and by is not None:
        raise typer.BadParameter(
            "whoever has the code says it themselves; leave out --by", param_hint="--code"
        )
    with settings.engine() as engine:
        given = given_facts(fact, facts, engine.edition.rulebook.vocabulary)
        sender = actor(by, role, area) if by is not None else None
        sender = Actor.party(code, party) if code is not None else sender
        number = party if code is None else None
        received = engine.receive(name, case=case, key=key, facts=given, by=sender, party=number)
        if json:
            caught = received == "caught"
            show_json({"case": case, "message": name, "key": key, "caught": caught, "received": received})
            return
    say(pick(_RECEIVED[received], settings.language).format(id=case, name=name))


_RECEIVED: Mapping[str, Words] = {
    "caught": ("案件 {id} 收到消息 {name},流程已继续", "case {id} was waiting for {name} and goes on"),
    "kept": (
        "案件 {id} 收到消息 {name}:流程尚未到此,先予保存",
        "case {id} has {name}: it is kept until the process gets there",
    ),
    "noted": (
        "案件 {id} 收到消息 {name}:已记录,无人等候",
        "case {id} has {name}: noted, nothing waits for it",
    ),
    "repeated": ("案件 {id} 此前已收到消息 {name}", "case {id} has had {name} before"),
}


#: What is said of a case when it is opened, and kept nowhere or elsewhere.
_SAID_ONCE = ("code", "alike", "unknown_area")


def _case_data(case: Case, *, facts: bool = False) -> dict[str, Any]:
    """A case for JSON; facts hold personal data, so only who asks for one case gets them."""
    names = [name for name in case.__dataclass_fields__ if facts or name != "facts"]
    if case.code is None:
        names = [name for name in names if name not in _SAID_ONCE]
    return {name: getattr(case, name) for name in names}


def _show_case(settings: Settings, engine: Engine, case: Case, json: bool) -> None:
    if json:
        show_json(_case_data(case, facts=True))
        return
    language, vocabulary = settings.language, engine.edition.rulebook.vocabulary
    words = ("案件 {id}({key}){told}", "case {id} ({key}) {told}")
    facts = ("stage", "level", "colour", "outcome")
    told = [pick(STATUS[case.status], language)]
    told += [label(vocabulary, fact, getattr(case, fact), language) for fact in facts]
    say(pick(words, language).format(id=case.id, key=case.key, told=" · ".join(filter(None, told))))
    if case.code is not None:
        words = ("  查询码 {code}(只显示一次,请交给当事人)", "  code for the party {code} (shown this once)")
        say(pick(words, language).format(code=case.code))
    if case.unknown_area:
        words = (
            "  通讯录里没有属地 {area},请核对(jiefen move)",
            "  the directory has no unit {area}: check it (jiefen move)",
        )
        say(pick(words, language).format(area=case.area))
    for other in case.alike:
        words = (
            "  疑似与 {other} 号案重复,请认定(jiefen repeats decide {id} {other})",
            "  perhaps a repeat of case {other}: decide it (jiefen repeats decide {id} {other})",
        )
        say(pick(words, language).format(id=case.id, other=other))
    open_tasks: list[Task] = engine.tasks(case=case.id)
    for task in open_tasks:
        words = ("  待办 {id} {name}({roles})", "  task {id} {name} ({roles})")
        say(
            pick(words, language).format(
                id=task.id, name=task.name, roles=", ".join(task.roles) or task.assignee
            )
        )


def _case_row(case: Case, vocabulary: Vocabulary, language: Language) -> tuple[object, ...]:
    labels = [
        label(vocabulary, fact, getattr(case, fact), language)
        for fact in ("stage", "level", "colour", "dispute_type", "outcome")
    ]
    return (case.id, case.key, pick(STATUS[case.status], language), *labels, case.area, case.opened_at)


def _deadline_data(item: Deadline, told: Explanation) -> dict[str, Any]:
    """A deadline for JSON, whether it is the right that is lost first, and one for which legal aid may come first."""
    data = {name: getattr(item, name) for name in item.__dataclass_fields__}
    return data | {"earliest_right": item == told.earliest_right, "legal_aid_first": item == told.aided}


def _uncounted_data(item: Uncounted) -> dict[str, Any]:
    """A period that is not computed, for JSON: it stands among the deadlines, without a day on which it ends."""
    data = {name: getattr(item, name) for name in item.__dataclass_fields__}
    return data | {"status": "not_computed", "due_on": None}


def _deadline_row(item: Deadline, language: Language) -> tuple[object, ...]:
    notes = []
    if item.overdue:
        notes.append(pick(("逾期", "overdue"), language))
    if not item.fits:
        notes.append(pick(("与现有案件要素不符", "no longer fits the facts"), language))
    if item.provisional:
        notes.append(pick(("暂定:节假日安排未公布", "provisional: holidays not published yet"), language))
    if item.safety is not None:
        notes.append(item.safety.text(language))
    law = f"《{item.law}》{item.article}" if item.law else ""
    return (
        item.seq,
        item.due_on,
        pick(_KIND[item.kind], language),
        item.title[language],
        law,
        pick(STATUS[item.status], language),
        notes,
    )
