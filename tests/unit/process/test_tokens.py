"""Joins that wait for a token that cannot come: what is found by looking at few orders is what all orders show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jiefen.findings import Severity
from jiefen.process.lint import tokens
from jiefen.process.lint.check import examine
from jiefen.process.lint.tokens import Marking, _Game, _is_join, _moved
from jiefen.process.model.elements import Scope
from jiefen.process.model.source import Source
from tests.unit.process.checking import END, NAMES, START, found
from tests.unit.process.drawing import flows, text

BESIDE = '<parallelGateway id="g"/><exclusiveGateway id="x" default="x_b"/><parallelGateway id="j"/>'
#: A loop of a task that ends by ending everything.
LOOP = (
    '<exclusiveGateway id="m"/><userTask id="w" camunda:candidateGroups="clerk"/>'
    '<exclusiveGateway id="l" default="l_m"/>'
    '<endEvent id="all"><terminateEventDefinition/></endEvent>'
)
TASKS = "".join(f'<userTask id="{name}" camunda:candidateGroups="clerk"/>' for name in "ab")


def joins(body: str) -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in found(body) if one.code.startswith("join-")]


def test_a_join_that_never_goes_on_is_found_beside_a_loop_without_end() -> None:
    drawn = START + BESIDE + LOOP + TASKS + END
    drawn += flows("s>g", "g>x", "g>m", "m>w", "w>l", "l>m", "l>all|agreed")
    assert joins(drawn + flows("x>a|agreed", "x>b", "a>j", "b>j", "j>e")) == [
        ("join-starves", Severity.ERROR)
    ]


def test_a_join_that_goes_on_beside_a_loop_without_end_is_not_refused() -> None:
    """One flow of the join comes from a split whose other flow goes round for ever."""
    drawn = (
        START + '<parallelGateway id="g"/><parallelGateway id="h"/><parallelGateway id="j"/>' + TASKS + END
    )
    drawn += '<exclusiveGateway id="m"/><userTask id="w" camunda:candidateGroups="clerk"/>'
    assert joins(drawn + flows("s>g", "g>a", "g>b", "a>j", "b>h", "h>j", "h>m", "m>w", "w>m", "j>e")) == []


def test_a_join_beside_a_loop_without_end_may_starve() -> None:
    drawn = START + BESIDE + TASKS + END + '<exclusiveGateway id="m"/>'
    drawn += flows("s>g", "g>x", "g>j", "x>j|agreed", "x>b", "b>m", "m>a", "a>m", "j>e")
    assert joins(drawn) == [("join-may-starve", Severity.WARNING)]


def test_what_was_not_looked_at_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_MARKINGS", 3)
    drawn = START + '<parallelGateway id="g"/><parallelGateway id="j"/>' + TASKS + END
    assert joins(drawn + flows("s>g", "g>a", "g>b", "a>j", "b>j", "j>e")) == [
        ("join-unchecked", Severity.WARNING)
    ]


class Whole(_Game):
    """The same in every order."""

    def next(self, marking: Marking) -> Iterator[tuple[Marking, str | None]]:
        tokens = Counter(dict(marking))
        for flow, _ in marking:
            node = self.target[flow]
            if not _is_join(node):
                yield from ((_moved(tokens, [flow], way), None) for way in self.ways(node))
            elif taken := self.gathers(node, tokens):
                self.fired.add(node.id)
                yield from ((_moved(tokens, taken, way), node.id) for way in self.ways(node))


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    """A drawing of gateways in any order, with loops, ends, and an end of everything."""
    kinds = draw(st.lists(st.sampled_from(["exclusiveGateway", "parallelGateway"]), min_size=3, max_size=6))
    nodes = [f"n{number}" for number in range(len(kinds))]
    ends = [*nodes, "e", "t"]
    arrows = [("s", "n0")]
    for number, node in enumerate(nodes):
        targets = draw(st.lists(st.sampled_from([*ends[number + 1 :], *ends]), min_size=1, max_size=3))
        arrows += [(node, target) for target in targets]
    body = START + END + '<endEvent id="t"><terminateEventDefinition/></endEvent>'
    body += "".join(f'<{kind} id="{node}"/>' for kind, node in zip(kinds, nodes, strict=True))
    body += "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{one}" targetRef="{other}"/>'
        for number, (one, other) in enumerate(arrows)
    )
    return examine([Source("m.bpmn", text(body))], NAMES)[0][0].body


@given(scopes())
def test_few_orders_show_what_all_orders_show(scope: Scope) -> None:
    few, whole = _Game(scope), Whole(scope)
    assume(whole.play() and few.play() and not whole.cut and not few.cut)
    assert len(few.steps) <= len(whole.steps)
    for node in filter(_is_join, scope.nodes.values()):
        assert few.never(node) == whole.never(node), node.id
        assert few.may_starve(node) == whole.may_starve(node), node.id
