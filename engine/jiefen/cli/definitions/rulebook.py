"""What a designer asks: ``check``, ``messages``, ``topics`` and ``rules check | test | list | starts | schema``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jiefen.areas import normalise_area
from jiefen.cli.frame.findings import show_findings
from jiefen.cli.frame.options import ON_RULES, Area, Json, Language, Settings, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_json, show_table
from jiefen.cli.frame.program import ExitCode

if TYPE_CHECKING:
    from jiefen.designer.starts import Starts
    from jiefen.rules import Authority, Message, Rule, Topic

RuleKind = Literal[
    "tables",
    "deadlines",
    "ladders",
    "gradings",
    "assignments",
    "patterns",
    "routines",
    "guards",
    "documents",
    "figures",
    "checklists",
    "grades",
    "authority",
]  # the sections of a rule file; a test holds them against jiefen.rules

_SIDES: dict[str, Words] = {"duty": ("办理期限", "duty"), "right": ("权利期限", "right")}

app = typer.Typer()
rules_app = typer.Typer(
    no_args_is_help=True, help="Check, test and list the rulebook; write its JSON Schemas."
)
app.add_typer(rules_app, name="rules")


@app.command("check")
@with_settings("processes", *ON_RULES)
def check(
    settings: Settings,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Files and folders; none: the edition in use."),
    ] = None,
    json: Json = False,
) -> None:
    """Say what is wrong with models and rules, ours or another engine's.

    Each finding names file, line and element, and how to mend it. Ends with 1 when one of them is an error.
    """
    from jiefen.designer.cards import shipped_cards
    from jiefen.designer.check import check as check_files

    edition = [settings.processes_folder, settings.rules_folder]
    if settings.rules_given is None:  # what the cards name is the bundled rulebook's
        edition += shipped_cards()
    report = check_files(paths or edition, rules=settings.rules_given)
    show_findings(report.findings, report.files, settings.language, json=json)


@app.command("test")
@with_settings("processes", *ON_RULES)
def scenarios(
    settings: Settings,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Scenario files, or folders of them.")
    ],
    json: Json = False,
) -> None:
    """Run cases told as given, when and then, on a simulated clock."""
    from jiefen.testing import run_scenarios

    results = [
        result
        for path in paths
        for result in run_scenarios(path, processes=settings.processes_folder, rules=settings.rules_folder)
    ]
    failed = [result for result in results if not result.passed]
    if json:
        show_json(
            [
                {
                    "name": result.scenario.name,
                    "file": result.scenario.file,
                    "line": result.scenario.line,
                    "passed": result.passed,
                    "problems": result.problems,
                }
                for result in results
            ]
        )
    else:
        for result in failed:
            say(f"{result.scenario.file}:{result.scenario.line}: {result.scenario.name}")
            for problem in result.problems:
                say(f"  {problem}")
        words: Words = ("{n} 个场景,{failed} 个不通过", "{n} scenarios, {failed} failed")
        say(pick(words, settings.language).format(n=len(results), failed=len(failed)))
    if failed or not results:
        raise typer.Exit(ExitCode.REFUSED)


@rules_app.command("authority")
@with_settings(*ON_RULES)
def authority(settings: Settings, area: Area = None, json: Json = False) -> None:
    """List who may do what in an area: each act with those of whom one is enough."""
    rulebook = settings.rulebook()
    here = normalise_area(area) if area is not None else None
    rows = [one for _, one in sorted(rulebook.view(here).authority.items())]
    if json:
        names = ("title", "by", "only", "reason", "four_eyes")
        show_json([{"act": one.id} | {name: getattr(one, name) for name in names} for one in rows])
        return
    said = [
        (
            one.id,
            pick((one.title.zh, one.title.en), settings.language),
            ", ".join(one.by),
            _asked(one, settings.language),
        )
        for one in rows
    ]
    show_table(settings.language, [("事项", "act"), ("名称", "title"), ("由谁", "by"), ("", "")], said)


def _asked(row: Authority, language: Language) -> str:
    """What a row asks for besides, in words."""
    reason: Words = ("须说明理由", "a reason")
    two: Words = ("须两人办理", "two persons")
    only: Words = ("只限 {roles}", "only {roles}")
    asked = [pick(only, language).format(roles=", ".join(row.only))] if row.only else []
    asked += [pick(reason, language)] if row.reason else []
    asked += [pick(two, language)] if row.four_eyes else []
    return ", ".join(asked)


@app.command("messages")
@with_settings(*ON_RULES)
def messages(settings: Settings, json: Json = False) -> None:
    """List the messages that may come to a case: who gives them, what they bring, what they reach by themselves.

    `jiefen message NAME --case ID` records one.
    """
    book = settings.rulebook()
    if json:
        show_json([_message(message) for message in book.messages.values()])
        return
    language, facts, milestones = settings.language, book.vocabulary.facts, book.milestones
    headings = [
        ("消息", "message"), ("名称", "title"), ("来自", "from"), ("带来的要素", "brings"), ("到达节点", "reaches"),
        ("日期", "on"),
    ]  # fmt: skip

    def fact(name: str) -> str:
        return f"{name} {facts[name].title.text(language)}"

    show_table(
        language,
        headings,
        [
            (
                message.id,
                message.title.text(language),
                tuple(sender.label.text(language) for sender in message.senders),
                tuple(map(fact, message.carries)),
                message.reaches and f"{message.reaches} {milestones[message.reaches].title.text(language)}",
                message.date and fact(message.date),
            )
            for message in book.messages.values()
        ],
    )


@app.command("topics")
@with_settings(*ON_RULES)
def topics(settings: Settings, json: Json = False) -> None:
    """List what a case may send to the outside: what it carries, what an answer may say, how long one is awaited."""
    book = settings.rulebook()
    if json:
        show_json([_topic(topic) for topic in book.topics.values()])
        return
    headings = [
        ("主题", "topic"), ("名称", "title"), ("内容", "carries"), ("答复可填", "answers"), ("答复可报错", "errors"),
        ("等候答复", "term"), ("涉个人信息", "personal"),
    ]  # fmt: skip
    yes = pick(("是", "yes"), settings.language)
    said = [
        (
            topic.id,
            topic.title.text(settings.language),
            tuple(sorted(topic.carries)),
            tuple(sorted(topic.answers)),
            tuple(sorted(topic.errors)),
            str(topic.term) if topic.term is not None else None,
            yes if topic.personal else None,
        )
        for topic in book.topics.values()
    ]
    show_table(settings.language, headings, said)


@rules_app.command("check")
@with_settings(*ON_RULES)
def rules_check(
    settings: Settings,
    laws: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Look articles and figures up in these law texts.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check the rulebook: schema, vocabulary, dates, gaps, overlaps, layers, guards, and the law texts if given."""
    from jiefen.designer.check import check as check_files
    from jiefen.findings import errors_in
    from jiefen.rules import check_against_laws

    report = check_files([settings.rules_folder])
    findings = list(report.findings)
    if laws is not None and not errors_in(findings):
        findings += check_against_laws(settings.rulebook(), laws)
    show_findings(findings, report.files, settings.language, json=json)


@rules_app.command("test")
@with_settings(*ON_RULES)
def rules_test(settings: Settings, json: Json = False) -> None:
    """Run the tests that lie beside the rules; every row of every active table must be reached."""
    from jiefen.rules import run_tests

    report = run_tests(settings.rules_folder)
    failed = [result for result in report.results if result.problems]
    if json:
        show_json(
            {
                "tests": [
                    {
                        "name": result.test.name,
                        "file": result.test.place.file,
                        "line": result.test.place.line,
                        "subject": result.test.subject,
                        "id": result.test.id,
                        "passed": not result.problems,
                        "problems": result.problems,
                    }
                    for result in report.results
                ],
                "rows": report.rows,
                "unreached": report.unreached,
                "passed": report.passed,
            }
        )
    else:
        words: Words = (
            "{n} 个用例,{failed} 个不通过;{rows} 行中 {unreached} 行没有用例",
            "{n} tests, {failed} failed; {unreached} of {rows} rows are reached by none",
        )
        for result in failed:
            say(f"{result.test.place}: {result.test.name}: {'; '.join(result.problems)}")
        for row in report.unreached:
            say(pick(("没有用例到达:{row}", "no test reaches {row}"), settings.language).format(row=row))
        numbers = {"n": len(report.results), "failed": len(failed), "rows": report.rows}
        say(pick(words, settings.language).format(unreached=len(report.unreached), **numbers))
    if not report.passed:
        raise typer.Exit(ExitCode.REFUSED)


@rules_app.command("list")
@with_settings(*ON_RULES)
def rules_list(
    settings: Settings,
    kind: Annotated[RuleKind | None, typer.Option(help="Only rules of this kind.")] = None,
    area: Area = None,
    json: Json = False,
) -> None:
    """List every rule of every layer: what it rests on, since when, and why it is not active.

    With --area, the rules of the layers that the area lies in, without those that a lower one of them overrides.
    """
    rules = settings.rulebook().rules()
    if area is not None:
        rules = _holding(rules, normalise_area(area))
    listed = [_listed(rule) for rule in rules if kind is None or rule.kind == kind]
    if json:
        show_json(listed)
        return
    language = settings.language
    headings = [
        ("规则", "rule"), ("种类", "kind"), ("层", "layer"), ("名称", "title"), ("依据", "law"), ("施行", "from"),
        ("失效", "to"), ("可信度", "confidence"), ("未启用原因", "why not active"),
    ]  # fmt: skip
    show_table(
        language,
        headings,
        [
            (
                rule["id"], rule["kind"], rule["layer"], rule["title"][language],
                rule["because"][language], rule["from"], rule["to"],
                rule["confidence"], rule["inactive_because"] and rule["inactive_because"][language],
            )
            for rule in listed
        ],
    )  # fmt: skip


@rules_app.command("starts")
@with_settings("processes", *ON_RULES)
def rules_starts(settings: Settings, json: Json = False) -> None:
    """Print what starts each active deadline: an element of a model, a message, a fact, the end of another deadline.

    Ends with 1 when one of them never starts.
    """
    from jiefen.designer.starts import find_starts
    from jiefen.edition.edition import load_edition

    edition = load_edition(settings.processes_folder, settings.rules_folder)
    starts = find_starts(edition.rulebook, edition.processes)
    if json:
        show_json([_starts(one) for one in starts])
    else:
        headings = [
            ("期限", "deadline"), ("名称", "title"), ("类别", "side"), ("起算节点", "runs from"),
            ("由何起算", "started by"), ("何人提供", "given by"), ("无人提供的要素", "facts nobody gives"),
        ]  # fmt: skip
        language = settings.language
        nothing: Words = ("无", "nothing")
        show_table(
            language,
            headings,
            [
                (
                    one.rule.id,
                    one.rule.title.text(language),
                    pick(_SIDES[one.side], language),
                    one.anchors,
                    tuple(f"{each.by.label.text(language)} {each.name}" for each in one.starters)
                    or pick(nothing, language),
                    tuple(dict.fromkeys(giver for each in one.starters for giver in each.given)),
                    one.wanting,
                )
                for one in starts
            ],
        )
    if any(one.nothing for one in starts):
        raise typer.Exit(ExitCode.REFUSED)


@rules_app.command("schema")
@with_settings(*ON_RULES)
def rules_schema(
    settings: Settings,
    into: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Where to; absent: schema/ in the rulebook."),
    ] = None,
) -> None:
    """Write the JSON Schemas (draft 2020-12) with which an editor completes and checks rule files."""
    from jiefen.rules import schema_text, schemas

    folder = into or settings.rules_folder / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (folder / name).write_text(schema_text(schema), encoding="utf-8")
        say(str(folder / name))


def _holding(rules: Iterable[Rule], area: str) -> tuple[Rule, ...]:
    """The rules of the layers of an area; an active one hides those of its id in the layers above."""
    from jiefen.rules import layers_of

    layers = layers_of(area)
    here = sorted((rule for rule in rules if rule.layer in layers), key=lambda rule: layers.index(rule.layer))
    holds = {(rule.kind, rule.id): rule for rule in here if rule.active}
    return tuple(rule for rule in here if not rule.active or holds[rule.kind, rule.id] is rule)


def _message(message: Message) -> dict[str, Any]:
    """A message for the list."""
    return {
        "name": message.id,
        "title": {"zh": message.title.zh, "en": message.title.en},
        "from": message.senders,
        "carries": message.carries,
        "reaches": message.reaches,
        "date": message.date,
    }


def _topic(topic: Topic) -> dict[str, Any]:
    """A topic for the list."""
    return {
        "name": topic.id,
        "title": {"zh": topic.title.zh, "en": topic.title.en},
        "carries": sorted(topic.carries),
        "answers": sorted(topic.answers),
        "errors": sorted(topic.errors),
        "term": str(topic.term) if topic.term is not None else None,
        "personal": topic.personal,
    }


def _starts(one: Starts) -> dict[str, Any]:
    """What starts a deadline, for scripts."""
    return {
        "deadline": one.rule.id,
        "title": {"zh": one.rule.title.zh, "en": one.rule.title.en},
        "layer": one.rule.layer or "nation",
        "kind": one.side,
        "anchors": one.anchors,
        "starters": [
            {
                "by": each.by,
                "name": each.name,
                "title": {"zh": each.title.zh, "en": each.title.en},
                "given_by": each.given,
            }
            for each in one.starters
        ],
        "facts_nobody_gives": one.wanting,
        "starts": not one.nothing,
    }


def _listed(rule: Rule) -> dict[str, Any]:
    """A rule for the list."""
    citation = rule.because[0]
    because = rule.inactive_because
    return {
        "id": rule.id,
        "kind": rule.kind,
        "layer": rule.layer or "nation",
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "law": citation.law,
        "article": citation.article,
        "because": {"zh": citation.text("zh"), "en": citation.text("en")},
        "from": rule.since,
        "to": rule.until,
        "confidence": rule.confidence,
        "active": rule.active,
        "inactive_because": {"zh": because.zh, "en": because.en} if because is not None else None,
        "owner": rule.owner,
        "ref": rule.ref,
        "file": rule.place.file,
        "line": rule.place.line,
    }
