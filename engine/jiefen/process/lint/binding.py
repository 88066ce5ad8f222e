"""Compile every expression of a model, and check each name in it against what there is.

Afterwards the model holds compiled expressions and is not changed any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

from jiefen.errors import ExpressionError
from jiefen.findings import Finding
from jiefen.notation.expressions import (
    STANDARD,
    Expression,
    compile_assignments,
    compile_expression,
)
from jiefen.notation.labels import did_you_mean
from jiefen.process.lint.acts import facts_of_act, wrong_act
from jiefen.process.lint.unset import may_be_unset
from jiefen.process.model.elements import Event, Loop, Mapped, Node, Process, Template, Text
from jiefen.process.model.reader import MAX_DEPTH
from jiefen.process.model.report import Report
from jiefen.process.model.times import LEAST, parse_least, parse_timer

#: What a condition that is watched may call: nothing whose answer changes while no fact does.
_TIMELESS: Final = {name: arity for name, arity in STANDARD.items() if name in ("date", "len", "max", "min")}
_COUNTS: Final = frozenset({"nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances", "loopCounter"})
_SCRIPT_FORMATS: Final = frozenset({"", "jiefen"})
_ROLE: Final = re.compile(r"[$#]\{[^}]*\}|[^,]+")
_LANGUAGE: Final = (
    'the language has facts, numbers, "text", lists, == != < <= > >=, and or not in, + - * / // %, '
    "len min max today days_since date deadline"
)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Names:
    """What a model may refer to; ``None`` leaves a kind unchecked.

    Attributes:
        facts: names of facts.
        tables: ids of decision tables.
        deadlines: ids of deadline rules.
        roles: ids of roles.
        milestones: ids of milestones.
        acts: for each deadline, what may be done to it, each with the grounds for it.
        types: the type of each fact.
        messages: names of the messages that a model may wait for.
        topics: what may be sent to the outside, each with the names of what it carries.
        values: the values of each fact that has a list of them.
    """

    facts: Collection[str] | None = None
    tables: Collection[str] | None = None
    deadlines: Collection[str] | None = None
    roles: Collection[str] | None = None
    milestones: Collection[str] | None = None
    acts: Mapping[str, Mapping[str, Collection[str]]] | None = None
    types: Mapping[str, str] | None = None
    messages: Collection[str] | None = None
    topics: Mapping[str, Collection[str]] | None = None
    values: Mapping[str, Collection[str]] | None = None


#: Nothing is checked against anything.
UNCHECKED: Final = Names()


def bind(processes: Iterable[Process], names: Names) -> list[Finding]:
    """Compile the expressions of ``processes``; findings for all that do not compile or name what is not."""
    drawn = list(processes)
    binder = _Binder(names, _passed({process.id: process for process in drawn}))
    # Two processes of one id are refused elsewhere; what else is wrong with them is said all the same.
    for process in drawn:
        for node in process.body.walk():
            binder.node(node)
    for process in drawn:
        for node in process.body.walk():
            binder.unset(node)
    return binder.report.findings


def own_locals(node: Node) -> set[str]:
    """The names that an activity adds for what runs inside it."""
    added = {given.name for given in node.inputs}
    if node.loop:
        added |= {"loopCounter"}
        if node.loop.variable:
            added.add(node.loop.variable)
    return added


def _around(node: Node) -> set[str]:
    """The locals of everything that encloses ``node`` within its process."""
    owner = node.scope.owner
    return (own_locals(owner) | _around(owner)) if owner else set()


def _passed(processes: Mapping[str, Process]) -> dict[str, set[str]]:
    """For each called process, the locals that every one of its callers passes on."""
    calls: dict[str, list[Node]] = {}
    for process in processes.values():
        for node in process.body.walk():
            if node.type == "callActivity":
                calls.setdefault(node.attributes.get("calledElement", "").strip(), []).append(node)
    passed: dict[str, set[str]] = {id: set() for id in processes}
    # Once for each level of calls: what an outer caller passes reaches the innermost process in the last round.
    for _ in range(MAX_DEPTH):
        for id in processes:
            sites = [
                own_locals(node) | _around(node) | passed[node.scope.process.id] for node in calls.get(id, [])
            ]
            passed[id] = set.intersection(*sites) if sites else set()
    return passed


class _Binder:
    def __init__(self, names: Names, passed: Mapping[str, set[str]]) -> None:
        self.names = names
        self.passed = passed
        self.report = Report()

    def attempt(self, node: Node, line: int, compute: Callable[[], _T]) -> _T | None:
        """What ``compute`` gives, or ``None`` and a finding."""
        try:
            return compute()
        except ExpressionError as error:
            unknown = "unknown name" in str(error) or "unknown fact" in str(error)
            hint = "facts are declared in rules/facts.yaml" if unknown else _LANGUAGE
            self.report.error(node, "unknown-name" if unknown else "bad-expression", str(error), hint, line)
            return None

    # --- names

    def visible(self, node: Node, inside: bool = True, extra: Collection[str] = ()) -> Collection[str] | None:
        """The names that an expression of ``node`` may read."""
        if self.names.facts is None:
            return None
        seen = (
            set(self.names.facts) | _around(node) | self.passed.get(node.scope.process.id, set()) | set(extra)
        )
        return seen | own_locals(node) if inside else seen

    def expression(
        self,
        node: Node,
        text: Text | None,
        visible: Collection[str] | None,
        functions: Mapping[str, tuple[int, int]] = STANDARD,
    ) -> Expression | None:
        """A compiled expression whose deadlines exist."""
        if text is None:
            return None
        value, line = text.value, text.line
        expression = self.attempt(node, line, lambda: compile_expression(value, visible, functions))
        if expression:
            self.deadlines(node, line, expression)
        return expression

    def deadlines(self, node: Node, line: int, expression: Expression) -> None:
        """Every deadline that an expression asks for must exist."""
        for name, arguments in expression.calls:
            if name == "deadline":
                self.known(node, line, "deadline", str(arguments[0]), self.names.deadlines)

    def known(self, node: Node, line: int, kind: str, name: str, known: Collection[str] | None) -> None:
        """Find a name that is not there."""
        if known is not None and name not in known:
            hint = did_you_mean(name, known) or f"declare the {kind} in rules/, or correct the name"
            self.report.error(node, f"unknown-{kind}", f"there is no {kind} {name!r}", hint, line)

    def value(self, node: Node, line: int, fact: str, value: str) -> None:
        """Find a value that a fact cannot have."""
        known = (self.names.values or {}).get(fact)
        if known is not None and value not in known:
            hint = did_you_mean(value, known) or f"write one of the values of {fact} in rules/facts.yaml"
            self.report.error(node, "unknown-value", f"the fact {fact!r} has no value {value!r}", hint, line)

    def template(self, node: Node, text: Text | None, visible: Collection[str] | None) -> Template | None:
        """A literal or one ``${expression}``."""
        if text is None:
            return None
        value = text.value.strip()
        if value.startswith(("${", "#{")) and value.endswith("}"):
            return Template(expression=self.expression(node, text, visible))
        if "${" in value or "#{" in value:
            self.report.error(
                node,
                "bad-expression",
                f"{value!r} mixes text and expression",
                'write one expression: ${"text" + name}',
                text.line,
            )
        return Template(literal=value)

    # --- nodes

    def node(self, node: Node) -> None:
        """Everything of a node that is text and means something."""
        visible = self.visible(node)
        for flow in node.outgoing:
            flow.when = self.expression(node, flow.condition, self.visible(node, inside=False))
        self.person(node, visible)
        self.mappings(node)
        if node.loop:
            self.loop(node, node.loop)
        self.events(node)
        self.sent(node)
        if node.type == "scriptTask" and node.script:
            self.script(node, node.script, visible)
        table = node.camunda.get("decisionRef")
        if node.type == "businessRuleTask" and table:
            self.known(node, node.line, "table", table, self.names.tables)
        self.properties(node)
        date = node.properties.get("date")
        if date and node.type in ("intermediateThrowEvent", "endEvent"):
            self.known(node, date.line, "fact", date.value, self.names.facts)

    def properties(self, node: Node) -> None:
        """What the properties of a node name: milestones, facts, and values of facts."""
        milestone = node.properties.get("milestone")
        if milestone is not None:
            self.known(node, milestone.line, "milestone", milestone.value, self.names.milestones)
        elif node.reaches_itself:
            self.known(node, node.line, "milestone", node.id, self.names.milestones)
        if "act" in node.properties:
            self.act(node)
        for fact in ("stage", "level"):
            text = node.properties.get(fact)
            if text is not None:
                self.value(node, text.line, fact, text.value)
        asks = node.properties.get("asks")
        for name in _ROLE.findall(asks.value) if asks else ():
            self.known(node, node.line, "fact", name.strip(), self.names.facts)
        for single in ("sits", "comes", "signs"):
            if single in node.properties:
                self.known(
                    node,
                    node.properties[single].line,
                    "fact",
                    node.properties[single].value,
                    self.names.facts,
                )
        told = node.properties.get("tells")
        for name in told.value.split(",") if told else ():
            self.known(node, told.line if told else node.line, "role", name.strip(), self.names.roles)
        for needed in ("requires", "contents"):
            listed = node.properties.get(needed)
            for name in _ROLE.findall(listed.value) if listed else ():
                self.known(node, node.line, "fact", name.strip(), self.names.facts)
        confidential = node.properties.get("confidential")
        if confidential and confidential.value == "true":
            # As release 0.1 took it: its editions must load for the cases that run on them.
            self.report.warn(
                node,
                "ignored",
                "confidential names no fact, so it is kept from nobody",
                "name the facts that hold who is accused",
                confidential.line,
            )
        elif confidential:
            for name in confidential.value.split(","):
                self.known(node, confidential.line, "fact", name.strip(), self.names.facts)
        outcomes = node.properties.get("outcomes")
        for value in outcomes.value.split(",") if outcomes else ():
            self.value(node, outcomes.line if outcomes else node.line, "outcome", value.strip())

    def act(self, node: Node) -> None:
        """What an element does to a deadline: that there is one, that its article allows it, and the facts for it."""
        report, names = partial(self.report.error, node), self.names
        for code, message, hint, text in wrong_act(node, names.acts):
            report(code, message, hint, text.line)
        for key, wanted in facts_of_act(node):
            text = node.properties[key]
            self.known(node, text.line, "fact", text.value, names.facts)
            known = (names.types or {}).get(text.value)
            if known is not None and known != wanted:
                message = f"{key} names the fact {text.value!r}, which is of type {known}"
                report("wrong-type", message, f"name a fact of type {wanted}", text.line)
        deadline = node.properties.get("deadline")
        if deadline is not None:
            self.known(node, deadline.line, "deadline", deadline.value, names.deadlines)

    def person(self, node: Node, visible: Collection[str] | None) -> None:
        """Who may do a task, with which form, by when."""
        groups = node.camunda.get("candidateGroups", "")
        roles = [Text(part.strip(), node.line) for part in _ROLE.findall(groups) if part.strip()]
        templates = [self.template(node, role, visible) for role in roles]
        node.roles = tuple(template for template in templates if template)
        for role in node.roles:
            if role.literal is not None:
                self.known(node, node.line, "role", role.literal, self.names.roles)
        fields = {name: Text(value, node.line) for name, value in node.camunda.items() if value}
        node.assignee = self.template(node, fields.get("assignee"), visible)
        node.form = self.template(node, fields.get("formKey"), visible)
        node.seat = self.template(node, node.properties.get("seat"), visible)
        due = fields.get("dueDate")
        if due:
            node.due = self.attempt(node, due.line, lambda: parse_timer("timeDate", due.value, visible))
            if node.due and isinstance(node.due.instant, Expression):
                self.deadlines(node, due.line, node.due.instant)

    def unset(self, node: Node) -> None:
        """Warn of a task for which a fact says who may do it, when that may not be known yet."""
        people = [*node.roles, *([node.assignee] if node.assignee else [])]
        if not people:
            return
        local = own_locals(node) | _around(node) | self.passed.get(node.scope.process.id, set())
        unknown: list[str] = []
        for person in people:
            read = person.expression.names - local if person.expression is not None else frozenset()
            doubtful = sorted(fact for fact in read if may_be_unset(node, fact))
            if not doubtful:
                return
            unknown += doubtful
        facts = " and ".join(dict.fromkeys(map(repr, unknown)))
        self.report.warn(
            node,
            "role-may-be-unset",
            f"who may do it is computed from {facts}, and a way leads here on which nothing sets that; "
            "nobody could do the task, so the engine would refuse the step before it",
            "ask for the fact or branch by it before (a gateway with the condition fact != null), or name a role "
            'beside it: candidateGroups="clerk,${fact}"',
        )

    def mappings(self, node: Node) -> None:
        """Input parameters see what is around, output parameters also the answer, whose names are free."""
        outside = self.visible(node, inside=False, extra=own_locals(node) if node.loop else ())
        for given in node.inputs:
            self.mapped(node, given, outside)
            if not given.name.isidentifier():
                self.report.error(
                    node,
                    "bad-name",
                    f"the input parameter {given.name!r} is not a name",
                    "use letters, digits and underscores",
                    given.text.line,
                )
        for given in node.outputs:
            self.mapped(node, given, None)
            self.known(node, given.text.line, "fact", given.name, self.names.facts)

    def mapped(self, node: Node, given: Mapped, visible: Collection[str] | None) -> None:
        """The value of one parameter."""
        given.value = self.template(node, given.text, visible)

    def loop(self, node: Node, loop: Loop) -> None:
        """How often, over what, until when."""
        outside = self.visible(node, inside=False)
        loop.items = self.expression(node, loop.collection, outside)
        loop.count = self.expression(node, loop.cardinality, outside)
        counted = self.visible(node, inside=False, extra=_COUNTS)
        loop.until = self.expression(node, loop.completion, counted)
        loop.again = self.expression(node, loop.condition, counted)

    def events(self, node: Node) -> None:
        """Timers, conditions, and messages that come from outside."""
        throws = node.type in ("endEvent", "intermediateThrowEvent")
        for event in node.events:
            if event.kind == "message" and event.name is not None and not throws:
                self.known(node, event.line, "message", event.name, self.names.messages)
            text = event.text
            if text is None:
                continue
            if event.kind == "conditional":
                event.when = self.expression(node, text, self.visible(node), _TIMELESS)
            elif event.kind == "timer" and event.form:
                timing = partial(parse_timer, event.form, text.value, self.visible(node))
                event.timer = self.attempt(node, text.line, timing)
                self.least(node, event)
                if event.timer and isinstance(event.timer.instant, Expression):
                    self.deadlines(node, text.line, event.timer.instant)

    def sent(self, node: Node) -> None:
        """What a node sends to the outside: on a topic that is there, and nothing that the topic does not carry."""
        topic = node.camunda.get("topic") or (node.event.topic if node.event else None)
        if not topic or self.names.topics is None:
            return
        self.known(node, node.line, "topic", topic, self.names.topics)
        carried = self.names.topics.get(topic)
        for given in node.inputs if carried is not None else ():
            if given.name not in (carried or ()):
                hint = (
                    did_you_mean(given.name, carried or ())
                    or f"add it to carries of {topic} in rules/topics.yaml"
                )
                message = f"the topic {topic!r} does not carry {given.name!r}"
                self.report.error(node, "not-carried", message, hint)

    def least(self, node: Node, event: Event) -> None:
        """Let a cycle come more often than once a minute where its event says so."""
        said, timer = node.properties.get(LEAST), event.timer
        if said is not None and timer is not None and timer.cycle:
            least = self.attempt(node, said.line, lambda: parse_least(said.value))
            event.timer = replace(timer, least=least or timer.least)

    def script(self, node: Node, script: Text, visible: Collection[str] | None) -> None:
        """Assignments in our own language, to facts."""
        language = node.attributes.get("scriptFormat", "").strip().lower()
        if language not in _SCRIPT_FORMATS:
            self.report.error(
                node,
                "script-language",
                f"scripts in {language!r} are not run",
                'write assignments (fact = expression) and set scriptFormat="jiefen"',
                script.line,
            )
            return
        found = self.attempt(node, script.line, lambda: compile_assignments(script.value, visible))
        for line in found or ():
            self.deadlines(node, script.line, line.expression)
            self.known(node, script.line, "fact", line.target, self.names.facts)
        node.assignments = found or ()
