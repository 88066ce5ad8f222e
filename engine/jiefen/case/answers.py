"""What the answer to a task may set: what its form asks for, or what its output parameters read. Nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from jiefen.case.arguments import MAX_ID, check_facts, facts_set_by
from jiefen.errors import FactError
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import MOST_TEXT, shown, text_problem, visible
from jiefen.process import Element, Wait
from jiefen.rules import Vocabulary

#: The fact by which a task says how it went; a task whose model declares nothing may be answered with it.
OUTCOME: Final = "outcome"
#: A list in an answer to a task with output parameters has at most so many items.
_MOST_ITEMS: Final = 1_000


def task_answer(wait: Wait, answer: object, vocabulary: Vocabulary) -> Mapping[str, object]:
    """The answer to a task in plain values, after a look at what its model asks for.

    A form asks for the facts of the property ``asks``, and for an outcome where the model knows some (``outcomes``).
    Output parameters take what their expressions read. A task whose model says nothing of this takes an outcome alone.

    Raises:
        FactError: the answer is no mapping, says what is not asked for, or a value cannot be one.
    """
    given, element = check_facts(answer), wait.element
    asked = asked_by(element)
    if wait.mapped:
        _refuse_others(element, given, asked | wait.reads)
        return {name: _plain(value, name) for name, value in given.items()}
    facts = facts_set_by(given, vocabulary, ("form",))
    declared = element.properties.keys() & {"asks", "outcomes"}
    _refuse_others(element, given, asked if declared else frozenset({OUTCOME}))
    return facts


def require_said(element: Element, facts: Mapping[str, object], vocabulary: Vocabulary) -> None:
    """Refuse to complete a task while a fact of its property ``requires`` is not said, in its answer or before.

    Raises:
        FactError: one is missing or null; the message names them all.
    """
    unsaid = _unsaid(element, "requires", facts)
    if unsaid:
        titles = {name: vocabulary.fact(name).title for name in unsaid}
        listed = ", ".join(f"{name} ({title.en})" for name, title in titles.items())
        raise FactError(
            f"{element.name} [{element.id}] is not done without {listed}; say it in the answer",
            zh=f"“{element.name}”还缺:{'、'.join(title.zh for title in titles.values())};填写后才能办结",
            fact=unsaid[0] if len(unsaid) == 1 else None,
        )


def require_known_outcome(element: Element, answer: Mapping[str, object]) -> None:
    """Refuse an outcome outside the property ``outcomes``: the model has no way for it. Null is no outcome.

    Raises:
        FactError: it is none of them; the message names them.
    """
    said, known = answer.get("outcome"), element.properties.get("outcomes")
    if said is None or known is None:
        return
    values = [value.strip() for value in known.split(",")]
    if said not in values:
        raise FactError(
            f"{element.name} [{element.id}] does not know the outcome {said!r}; it takes {', '.join(values)}",
            zh=f"“{element.name}”没有 {said!r} 这个结果;可填 {'、'.join(values)}",
            fact="outcome",
        )


def missing_contents(element: Element, facts: Mapping[str, object]) -> list[str]:
    """What the paper of a task must contain (property ``contents``) and nobody has said, in its answer or before."""
    return _unsaid(element, "contents", facts)


def _unsaid(element: Element, listed: str, facts: Mapping[str, object]) -> list[str]:
    names = element.properties.get(listed, "").replace(",", " ").split()
    return [name for name in names if facts.get(name) in (None, "", ())]


def asked_by(element: Element) -> frozenset[str]:
    """The facts that the form of a task asks for."""
    asked = frozenset(element.properties.get("asks", "").replace(",", " ").split())
    return asked | {OUTCOME} if "outcomes" in element.properties else asked


def _refuse_others(element: Element, given: Mapping[str, Any], asked: frozenset[str]) -> None:
    for name in given:
        if name not in asked:
            hint = f"it asks for {', '.join(sorted(asked))}; " if asked else "it asks for nothing; "
            near = suggestion(name, asked)
            raise FactError(
                f"{element.name} [{element.id}]: this form does not ask for {shown(name)}; "
                + (near if near.startswith("did you mean") else f"{hint}leave it out"),
                zh=f"“{element.name}”的表单没有 {shown(name)} 这一项",
                fact=name,
            )


def _plain(value: object, name: str) -> object:
    """A value that expressions can work with; facts are looked at by the vocabulary once they are computed."""
    if value is None or isinstance(value, bool) or (isinstance(value, date) and type(value) is date):
        return value
    if isinstance(value, int) and abs(value) <= MAX_ID:
        return value
    if isinstance(value, float | Decimal):
        exact = Decimal(value)
        if exact.is_finite() and abs(exact) <= MAX_ID:
            return value
    if isinstance(value, str) and (not value or text_problem("x" + value, MOST_TEXT) is None):
        return visible(value)
    if isinstance(value, list | tuple) and len(value) <= _MOST_ITEMS:
        items = [_plain(item, name) for item in value]
        if not any(isinstance(item, list) for item in items):
            return items
    raise FactError(
        f"the answer gives {shown(name)} as {shown(value)}, with which a model cannot compute; "
        "give a truth value, a number, a date, a text, or a list of these",
        zh=f"所填 {shown(name)} 不是是非、数、日期、文字或者它们的列表",
        fact=name,
    )
