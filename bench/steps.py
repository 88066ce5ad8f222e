"""One durable step on SQLite against plain SpiffWorkflow with its JSON serializer in the same kind of file.

Both run the same model with the same facts in one process, turn by turn. Each figure is the fastest of seven steps
around the one named, over several runs: what the machine does besides only ever adds. Whether our own step stays flat
is measured without the other, whose garbage slows both. What the chain of the journal and encryption cost is measured
by leaving them out. The exit code is 1 when a figure of the design is missed.

    python bench/steps.py
"""

from __future__ import annotations

import gc
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from jiefen import EVERYWHERE, Actor, Engine, FileKeys, FixedClock
from jiefen.record.chain import LinkedRow
from jiefen.record.changes import Changes
from jiefen.record.rows import CaseRow
from jiefen.store import cases as store

STEPS = (5, 20, 100, 200)
TASKS = 10
FACTS = 20
CLERK = Actor("clerk", frozenset({"clerk"}), EVERYWHERE)
RULES = "facts:\n  count: {type: integer, title: {zh: 数, en: Count}, set_by: [intake]}\n" + "".join(
    f"  note{number}: {{type: text, title: {{zh: 注, en: Note}}, set_by: [form]}}\n"
    for number in range(FACTS)
)
RULES += "".join(
    f"  row{number}: {{type: text, title: {{zh: 栏, en: Column}}, set_by: [intake]}}\n"
    for number in range(15)
)
ROLES = "roles:\n  clerk: {title: {zh: 经办人, en: Clerk}}\n"
MILESTONES = "milestones:\n" + "".join(
    f"  m{number}: {{title: {{zh: 节点, en: Milestone}}}}\n" for number in range(TASKS)
)


def asks(task: int) -> str:
    """What the form of a task asks for, as a modeler writes it: the facts that :func:`answer` brings there."""
    facts = ",".join(f"note{number}" for number in range(task, FACTS, TASKS))
    return (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="asks" value="{facts}"/>'
        "</camunda:properties></bpmn:extensionElements>"
    )


def model() -> bytes:
    """A case as the bundled processes draw one: a subprocess that a message can interrupt, and in it, round and round,
    ten tasks, after each a script, a gateway and a milestone.
    """
    nodes = [
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="again"/>',
        '<bpmn:sequenceFlow id="first" sourceRef="s" targetRef="again"/>',
    ]
    before = "again"
    for number in range(TASKS):
        nodes.append(
            f'<bpmn:sequenceFlow id="a{number}" sourceRef="{before}" targetRef="t{number}"/>'
            f'<bpmn:userTask id="t{number}" name="Task {number}" camunda:candidateGroups="clerk">{asks(number)}'
            "</bpmn:userTask>"
            f'<bpmn:sequenceFlow id="b{number}" sourceRef="t{number}" targetRef="x{number}"/>'
            f'<bpmn:scriptTask id="x{number}" scriptFormat="jiefen"><bpmn:script>count = count + 1</bpmn:script>'
            "</bpmn:scriptTask>"
            f'<bpmn:sequenceFlow id="c{number}" sourceRef="x{number}" targetRef="g{number}"/>'
            f'<bpmn:exclusiveGateway id="g{number}" default="d{number}"/>'
            f'<bpmn:sequenceFlow id="o{number}" sourceRef="g{number}" targetRef="e">'
            "<bpmn:conditionExpression>count &gt; 100000</bpmn:conditionExpression></bpmn:sequenceFlow>"
            f'<bpmn:sequenceFlow id="d{number}" sourceRef="g{number}" targetRef="m{number}"/>'
            f'<bpmn:intermediateThrowEvent id="m{number}" name="Milestone {number}"/>'
        )
        before = f"m{number}"
    nodes.append(
        f'<bpmn:sequenceFlow id="back" sourceRef="{before}" targetRef="again"/><bpmn:endEvent id="e"/>'
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://example.org/bench">'
        '<bpmn:message id="withdrawn" name="party.withdrew"/>'
        '<bpmn:process id="row" isExecutable="true"><bpmn:startEvent id="start"/>'
        '<bpmn:sequenceFlow id="in" sourceRef="start" targetRef="work"/>'
        f'<bpmn:subProcess id="work" name="Work">{"".join(nodes)}</bpmn:subProcess>'
        '<bpmn:boundaryEvent id="out" name="Withdrawn" attachedToRef="work">'
        '<bpmn:messageEventDefinition messageRef="withdrawn"/></bpmn:boundaryEvent>'
        '<bpmn:sequenceFlow id="gone" sourceRef="out" targetRef="end2"/><bpmn:endEvent id="end2"/>'
        '<bpmn:sequenceFlow id="done" sourceRef="work" targetRef="end1"/><bpmn:endEvent id="end1"/>'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def intake() -> dict[str, object]:
    """The facts of a ledger row as clerks write them: about two kilobytes."""
    return {"count": 0} | {f"row{number}": "登记的内容," * 12 for number in range(15)}


def answer(step: int) -> dict[str, str]:
    """What the clerk writes at a step: one of twenty facts."""
    return {f"note{step % FACTS}": f"answer of step {step}, a line of text as people write it"}


def definitions(folder: Path) -> dict[str, Path]:
    """The model and what it refers to, in folders."""
    processes, rules = folder / "processes", folder / "rules"
    processes.mkdir()
    rules.mkdir()
    (processes / "row.bpmn").write_bytes(model())
    (rules / "facts.yaml").write_text(RULES, encoding="utf-8")
    (rules / "roles.yaml").write_text(ROLES, encoding="utf-8")
    (rules / "milestones.yaml").write_text(MILESTONES, encoding="utf-8")
    return {"processes": processes, "rules": rules}


class Plain:
    """SpiffWorkflow as its documentation uses it: read, deserialize, run, serialize, write."""

    def __init__(self, folder: Path) -> None:
        self.steps = 0
        parser = BpmnParser()
        parser.add_bpmn_io(BytesIO(model()))
        self.serializer = BpmnWorkflowSerializer()
        self.file = sqlite3.connect(folder / "plain.db", isolation_level=None)
        self.file.execute("PRAGMA journal_mode = WAL")
        self.file.execute("PRAGMA synchronous = NORMAL")
        self.file.execute("CREATE TABLE saved (id INTEGER PRIMARY KEY, state TEXT)")
        workflow = BpmnWorkflow(parser.get_spec("row"), parser.get_subprocess_specs("row"))
        workflow.task_tree.data.update(intake())
        workflow.do_engine_steps()
        self.file.execute("INSERT INTO saved VALUES (1, ?)", (self.serializer.serialize_json(workflow),))

    def step(self) -> None:
        """Complete the task that waits."""
        self.file.execute("BEGIN IMMEDIATE")
        (state,) = self.file.execute("SELECT state FROM saved WHERE id = 1").fetchone()
        workflow = self.serializer.deserialize_json(state)
        task = next(item for item in workflow.get_tasks(state=TaskState.READY) if item.task_spec.manual)
        task.data.update(answer(self.steps))
        self.steps += 1
        task.run()
        workflow.do_engine_steps()
        self.file.execute(
            "UPDATE saved SET state = ? WHERE id = 1", (self.serializer.serialize_json(workflow),)
        )
        self.file.execute("COMMIT")

    def size(self) -> int:
        """Bytes of the saved state."""
        return int(self.file.execute("SELECT length(state) FROM saved").fetchone()[0])


class Ours:
    """The engine, with everything it keeps besides: facts, tasks, journal, revision."""

    def __init__(self, folder: Path, keys: FileKeys | None = None) -> None:
        self.steps = 0
        self.path = folder / "ours.db"
        self.engine = Engine.open(
            f"sqlite:///{self.path}",
            clock=FixedClock(date(2026, 3, 2)),
            keys=keys,
            **definitions(folder),
        )
        self.case = self.engine.open_case("row", intake(), key="1", by=CLERK).id
        self.task = self.engine.tasks(case=self.case)[0].id

    def step(self) -> None:
        """Complete the task that waits."""
        self.engine.complete(self.task, answer(self.steps), by=CLERK)
        self.task += 1
        self.steps += 1

    def size(self) -> int:
        """Bytes of the saved state."""
        with sqlite3.connect(self.path) as file:
            return int(file.execute("SELECT length(state) FROM jiefen_case").fetchone()[0])


def timed(call: Callable[[], None]) -> float:
    """Seconds of one call; garbage, of which the other may have made most, is taken out before it."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    gc.enable()
    return seconds


def measure() -> dict[str, dict[int, tuple[float, int]]]:
    """Seconds around each step, and the size of the state there."""
    found: dict[str, dict[int, tuple[float, int]]] = {"plain": {}, "ours": {}}
    with tempfile.TemporaryDirectory() as name:
        runners: dict[str, Plain | Ours] = {"plain": Plain(Path(name)), "ours": Ours(Path(name))}
        times: dict[str, list[float]] = {"plain": [], "ours": []}
        for number in range(1, max(STEPS) + 4):
            for label, runner in runners.items():
                times[label].append(timed(runner.step))
            for step in STEPS:
                if number == step + 3:
                    for label, runner in runners.items():
                        window = times[label][max(0, step - 4) : step + 3]
                        found[label][step] = (min(window), runner.size())
    return found


def chain() -> float:
    """A step with the chain of the journal against one without, turn by turn in one run."""
    linked = store._link

    def unlinked(row: CaseRow, changes: Changes) -> list[Any]:
        return [LinkedRow(*entry, 0, b"", b"", None, None, b"") for entry in changes.journal]

    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / kind for kind in ("with", "without")]
        for folder in folders:
            folder.mkdir()
        with_chain, without = map(Ours, folders)
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(300):
            store._link = linked
            times[0].append(timed(with_chain.step))
            store._link = unlinked
            times[1].append(timed(without.step))
        store._link = linked
    # The fastest tenth of each: what the machine does besides only ever adds.
    mine, other = (sum(sorted(one)[:30]) for one in times)
    return mine / other


def encryption() -> float:
    """A step with encryption against one without, turn by turn in one run."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / kind for kind in ("with", "without")]
        for folder in folders:
            folder.mkdir()
        encrypted, plain = Ours(folders[0], FileKeys.create(Path(name) / "keys.yaml")), Ours(folders[1])
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(300):
            times[0].append(timed(encrypted.step))
            times[1].append(timed(plain.step))
    mine, other = (sum(sorted(one)[:30]) for one in times)
    return mine / other


def alone() -> dict[int, float]:
    """Seconds of our own steps with nothing else going on."""
    with tempfile.TemporaryDirectory() as name:
        ours = Ours(Path(name))
        times = [timed(ours.step) for _ in range(max(STEPS) + 3)]
        return {step: min(times[max(0, step - 4) : step + 3]) for step in STEPS}


def main() -> int:
    """Print the table; 1 when a figure is missed."""
    runs = [measure() for _ in range(5)]
    best = {
        label: {step: min(run[label][step] for run in runs) for step in STEPS} for label in ("plain", "ours")
    }
    print(f"{'step':>6} {'plain ms':>10} {'ours ms':>10} {'ratio':>8} {'plain B':>10} {'ours B':>8}")
    for step in STEPS:
        plain, ours = best["plain"][step], best["ours"][step]
        print(
            f"{step:>6} {plain[0] * 1e3:>10.2f} {ours[0] * 1e3:>10.2f} {plain[0] / ours[0]:>8.1f} "
            f"{plain[1]:>10} {ours[1]:>8}"
        )
    ratio = {step: best["plain"][step][0] / best["ours"][step][0] for step in STEPS}
    lone = [alone() for _ in range(5)]
    flat = min(run[100] for run in lone) / min(run[5] for run in lone)
    linked = min(chain() for _ in range(3))
    sealed = min(encryption() for _ in range(3))
    figures = {
        "ratio at step 20 >= 5": ratio[20] >= 5,
        "ratio at step 100 >= 18": ratio[100] >= 18,
        f"own step 100 / step 5 = {flat:.2f} <= 1.15": flat <= 1.15,
        f"step with the chain / without = {linked:.3f} <= 1.1": linked <= 1.1,
        f"step with encryption / without = {sealed:.3f} <= 1.25": sealed <= 1.25,
        "state <= 4096 bytes": max(size for _, size in best["ours"].values()) <= 4096,
    }
    print(json.dumps(figures, indent=2))
    return 0 if all(figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
