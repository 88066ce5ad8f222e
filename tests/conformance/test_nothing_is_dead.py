"""Nothing declared is dead: of every name that rules, models and code declare, somebody reads it.

A name counts as read where what it says has an effect: in a condition, an input, a date, a candidate group, a Python
attribute. Its own declaration, being set and being asked for on a form do not count.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, make_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

from jiefen.notation.expressions import Expression
from jiefen.record import kinds
from jiefen.record.kinds import ContactForm
from jiefen.rules import Grading, Rulebook, Sender, Table, load_rulebook, model

ROOT = Path(__file__).parents[2]
RULES, MODELS = ROOT / "rules", ROOT / "processes"
_CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"

#: Facts that only people read: on forms, in the story of a case, in reports. Each with the reason for keeping it.
FOR_PEOPLE = {
    "hotline_takes": "the answer to a hotline that asks its table before there is a case",
    "inspection_result": "how the complaint ended: whoever helps goes on to enforcement or arbitration",
    "minutes_ref": "evidence: where the minutes of the session are kept",
    "order_applied_by": "who asked for the protection order: the victim, or another in the victim's place",
    "placed_in_shelter": "where the victim is while in danger: whoever visits needs it",
}


#: Members that no code names, and what reads them all the same.
UNNAMED = {
    "Aggregate.MAX": "what is left beside count, sum and min in Decision",
    "AppointmentForm.RECEPTION": "compared by value with what a person says",
    "AssignmentKind.BODY": "beside a department one, whose first entry counts, all entries count",
    "HolidayPolicy.PREVIOUS_WORKDAY": "what is left beside the others in schedule",
    "Mode.AT_ONCE": "kept in the journal: how a pattern is worked",
    "Mode.FOCUS": "kept in the journal: how a pattern is worked",
    "Mode.TOGETHER": "kept in the journal: how a pattern is worked",
    "NoticeForm.TOLD": "what is not written, where layers are compared",
}
UNNAMED |= {
    f"ContactForm.{form.name}": "compared by value with what a person says"
    for form in ContactForm
    if form not in (ContactForm.FIELD_VISIT, ContactForm.APPOINTMENT)
}
UNNAMED |= {
    f"Sender.{sender.name}": "told by the list of messages"
    for sender in Sender
    if sender not in (Sender.SYSTEM, Sender.PARTY)
}


@cache
def sources() -> Mapping[Path, ast.Module]:
    """The Python of the product."""
    files = [*(ROOT / "engine").rglob("*.py"), *(ROOT / "adapters").rglob("*.py")]
    return {path: ast.parse(path.read_text("utf-8")) for path in files if "migrations" not in path.parts}


@cache
def words_of_python() -> frozenset[str]:
    """Every text constant of the product that is no docstring."""
    found = set()
    for tree in sources().values():
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                if (
                    isinstance(child, ast.Constant)
                    and isinstance(child.value, str)
                    and not isinstance(node, ast.Expr)
                ):
                    found.add(child.value)
    return frozenset(found)


@cache
def attributes_read() -> frozenset[str]:
    """Every attribute that the product reads."""
    return frozenset(
        node.attr
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def words_of_rules(rulebook: Rulebook, *, given: bool = False) -> set[str]:
    """What the rules read: of a table its inputs, of the other kinds everything but what they give.

    With ``given`` also what they give: a role that a table names is told something.
    """
    found: set[str] = set()
    for rule in rulebook.rules():
        if isinstance(rule, Table) and not given:
            found |= set(rule.inputs)
            continue
        output = {rule.output} if isinstance(rule, Grading) else set()
        found |= set(_texts(rule, set())) - output
    return found


def _texts(value: object, seen: set[int]) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, Expression):
        yield from value.names
        yield from (str(given) for _, call in value.calls for given in call)
    elif id(value) not in seen:
        seen.add(id(value))
        if isinstance(value, Mapping):
            for key, one in value.items():
                yield from _texts(key, seen)
                yield from _texts(one, seen)
        elif isinstance(value, tuple | list | set | frozenset):
            for item in value:
                yield from _texts(item, seen)
        elif is_dataclass(value) and not isinstance(value, type):
            for field in fields(value):
                yield from _texts(getattr(value, field.name, None), seen)
        elif hasattr(value, "__dict__") and not isinstance(value, type):
            yield from _texts(vars(value), seen)


#: The properties of a model that name a fact or a milestone.
_NAMING = (
    "date",
    "confidential",
    "seat",
    "sits",
    "signs",
    "tells",
    "milestone",
    "length",
    "ground",
    "consent",
)


class Models:
    """What the models read and name, from their files."""

    def __init__(self, folder: Path) -> None:
        self.elements = [
            element
            for path in sorted(folder.glob("*.bpmn"))
            for element in ElementTree.parse(path).getroot().iter()
        ]

    def words(self) -> set[str]:
        """The names in expressions and scripts, in ``date`` and ``confidential``, and the roles of tasks."""
        texts: list[str] = []
        for element in self.elements:
            tag = element.tag.rpartition("}")[2]
            if tag in (
                "conditionExpression",
                "condition",
                "script",
                "timeDate",
                "inputParameter",
                "outputParameter",
            ):
                text = element.text or ""
                texts.append(re.sub(r"(?m)^\s*\w+\s*=(?!=)", "", text) if tag == "script" else text)
            if tag == "property" and element.get("name") in _NAMING:
                texts.append(element.get("value", ""))
            texts += [value for value in element.attrib.values() if value.startswith("${")]
            texts += [element.get(f"{_CAMUNDA}{name}", "") for name in ("candidateGroups", "collection")]
            if tag in ("intermediateThrowEvent", "endEvent"):
                texts.append(element.get("id", ""))
        return {word for text in texts for word in re.findall(r"\w+", text)}

    def messages(self) -> set[str]:
        """The names of messages that something in a model waits for."""
        names = {one.get("id"): one.get("name", "") for one in self.elements if one.tag.endswith("}message")}
        waits = ("receiveTask", "messageEventDefinition")
        refs = [one.get("messageRef") for one in self.elements if one.tag.rpartition("}")[2] in waits]
        return {names[ref] for ref in refs if ref in names}

    def declared_messages(self) -> set[str]:
        """The names of the messages that the models declare."""
        return {one.get("name", "") for one in self.elements if one.tag.endswith("}message")}

    def sent(self) -> set[tuple[str, str]]:
        """Every topic with the names of what its deliveries say; with an empty one for the topic itself."""
        found: set[tuple[str, str]] = set()
        for element in self.elements:
            events = [one for one in element if one.tag.endswith("}messageEventDefinition")]
            inputs = {one.get("name", "") for one in element.iter(f"{_CAMUNDA}inputParameter")}
            topics = {one.get(f"{_CAMUNDA}topic", "") for one in (element, *events)} - {""}
            found |= {(topic, name) for topic in topics for name in {"", *inputs}}
        return found

    def properties(self) -> set[str]:
        """The names of the properties that the models set."""
        return {one.get("name", "") for one in self.elements if one.tag == f"{_CAMUNDA}property"}

    def attributes(self) -> set[str]:
        """The names of Camunda's attributes that the models set."""
        names = (name for one in self.elements for name in one.attrib if name.startswith(_CAMUNDA))
        return {name.removeprefix(_CAMUNDA) for name in names}


def told_of_topics(page: str) -> set[tuple[str, str]]:
    """What the page of the models tells whoever writes an adapter: every topic, and what its deliveries say."""
    table = page.partition("## What goes out")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| `([\w.]+)` \|(.*)\|$", table)
    said = [(topic, row.partition("; answers ")[0]) for topic, row in rows]
    return {(topic, name) for topic, row in said for name in ("", *re.findall(r"`(\w+)`", row))}


def dead_names(rules: Path, models: Path) -> dict[str, set[str]]:
    """The facts, milestones, roles, grounds, messages, topics and properties that nobody reads.

    A message is read where a model waits for it, and by itself where it reaches a milestone or brings a fact that is
    read. A topic is read by adapters, which know of it from the page of the models, and so is what its deliveries say.
    """
    rulebook, drawn = load_rulebook(rules), Models(models)
    dates = {message.date for message in rulebook.messages.values()}
    dates |= {milestone.known_by for milestone in rulebook.milestones.values()}
    dates |= {name for ground in rulebook.grounds.values() for name in ground.milestones}
    over = {name for role in rulebook.roles.values() for name in (role.head, role.above)}
    words, python = words_of_rules(rulebook) | drawn.words() | dates | over, words_of_python()
    read = words | python
    moot = {
        name
        for name, message in rulebook.messages.items()
        if message.reaches is None and not {name, *message.carries} & (read | drawn.messages())
    }
    told = told_of_topics((models / "README.md").read_text("utf-8"))
    return {
        "facts": set(rulebook.vocabulary.facts) - read,
        "milestones": set(rulebook.milestones) - read,
        "roles": {one.id for one in rulebook.roles.values() if one.administers is None}
        - read
        - words_of_rules(rulebook, given=True),
        "grounds": set(rulebook.grounds) - read,
        "messages": (drawn.declared_messages() - drawn.messages()) | moot,
        "topics": {".".join(filter(None, one)) for one in drawn.sent() ^ told},
        "properties": drawn.properties() - python,
        "attributes": drawn.attributes() - python,
    }


def dead_members(enums: Iterable[type[Enum]], attributes: Collection[str]) -> set[str]:
    """The members of enumerations that no code names."""
    return {
        f"{enum.__name__}.{member.name}" for enum in enums for member in enum if member.name not in attributes
    }


def dead_fields(records: Iterable[type], attributes: Collection[str]) -> set[str]:
    """The fields of records that no code reads."""
    return {
        f"{record.__name__}.{one.name}"
        for record in records
        for one in fields(record)  # type: ignore[arg-type]
        if one.name not in attributes
    }


def dead_options(trees: Iterable[ast.Module]) -> set[str]:
    """The options of commands that their command does not look at."""
    found = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                used = {one.id for one in ast.walk(ast.Module(node.body, [])) if isinstance(one, ast.Name)}
                options = [
                    one.arg
                    for one in (*node.args.args, *node.args.kwonlyargs)
                    if one.annotation is not None
                    and "Option" in ast.unparse(one.annotation)
                    and "callback" not in ast.unparse(one.annotation)
                ]
                found |= {f"{node.name} --{name}" for name in options if name not in used}
    return found


def declared(kind: type) -> list[type]:
    """The enumerations, or the records, that the rules and the records declare."""
    rooms = [
        importlib.import_module(f"{model.__name__}.{one.name}")
        for one in pkgutil.iter_modules(model.__path__)
    ]
    return [
        one
        for room in (kinds, *rooms)
        for one in vars(room).values()
        if isinstance(one, type)
        and one.__module__ == room.__name__
        and (issubclass(one, Enum) if kind is Enum else is_dataclass(one))
    ]


@pytest.fixture(scope="module")
def found() -> dict[str, set[str]]:
    """What nobody reads in the bundled rules and models."""
    return dead_names(RULES, MODELS)


@pytest.mark.parametrize(
    "kind", ["milestones", "roles", "grounds", "messages", "topics", "properties", "attributes"]
)
def test_every_name_of_the_pack_is_read(found: dict[str, set[str]], kind: str) -> None:
    assert found[kind] == set()


def test_every_fact_is_read_or_kept_for_people(found: dict[str, set[str]]) -> None:
    assert found["facts"] == set(FOR_PEOPLE), (
        "let something read it, remove it, or say what people need it for"
    )


def test_every_member_of_an_enumeration_is_read() -> None:
    assert dead_members(declared(Enum), attributes_read()) == set(UNNAMED)


def test_every_field_of_a_rule_is_read() -> None:
    assert dead_fields(declared(object), attributes_read()) == set()


def test_every_option_of_a_command_is_read() -> None:
    commands = [tree for path, tree in sources().items() if "cli" in path.parts]
    assert len(commands) > 10
    assert dead_options(commands) == set()


class TestADeadName:
    """The test finds one, of every kind."""

    @pytest.mark.parametrize(
        ("file", "name", "line"),
        [
            ("facts", "never_read", "{type: boolean, title: {zh: 无, en: None}, set_by: [form]}"),
            ("milestones", "never_read", "{title: {zh: 无, en: None}}"),
            ("roles", "never_read", "{title: {zh: 无, en: None}, level: county}"),
            ("messages", "never.read", "{title: {zh: 无, en: None}, from: [party]}"),
        ],
    )
    def test_of_a_vocabulary(self, tmp_path: Path, file: str, name: str, line: str) -> None:
        shutil.copytree(RULES, tmp_path / "rules")
        page = tmp_path / "rules" / f"{file}.yaml"
        page.write_text(page.read_text("utf-8").rstrip() + f"\n  {name}: {line}\n", "utf-8")
        assert name in dead_names(tmp_path / "rules", MODELS)[file]

    @pytest.mark.parametrize(
        ("kind", "old", "new"),
        [
            (
                "properties",
                '<camunda:property name="asks"',
                '<camunda:property name="never_read" value="x" />\\g<0>',
            ),
            ("attributes", " isExecutable=", r' camunda:neverRead="x"\g<0>'),
            ("topics", 'camunda:topic="petition.accusation"', 'camunda:topic="never.read"'),
            ("topics", r'<camunda:inputParameter name="organ"', '<camunda:inputParameter name="never_read"'),
            ("messages", r"<bpmn:process ", r'<bpmn:message id="never" name="never.read" />\g<0>'),
        ],
    )
    def test_of_a_model(self, tmp_path: Path, kind: str, old: str, new: str) -> None:
        shutil.copytree(MODELS, tmp_path / "models")
        page = tmp_path / "models" / "petition.bpmn"
        page.write_text(re.sub(old, new, page.read_text("utf-8"), count=1), "utf-8")
        assert dead_names(RULES, tmp_path / "models")[kind] != set()

    def test_of_the_code(self) -> None:
        colour = Enum("Colour", ["NEVER_READ"])
        assert dead_members([colour], attributes_read()) == {"Colour.NEVER_READ"}
        assert dead_fields([make_dataclass("Rule", ["never_read"])], attributes_read()) == {"Rule.never_read"}
        command = ast.parse("@app.command()\ndef run(all: Annotated[bool, typer.Option()]) -> None: pass")
        assert dead_options([command]) == {"run --all"}
