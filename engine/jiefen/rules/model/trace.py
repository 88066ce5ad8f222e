"""Why a table decided as it did: every row considered, each condition with the value it read.

A trace keeps what was read and which rows held; its lines are worked out when somebody looks at them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from jiefen.notation.labels import Language
from jiefen.rules.model.rule import cited
from jiefen.rules.model.unary import MISSING, Anything, Test, constants
from jiefen.rules.model.vocabulary import Fact

if TYPE_CHECKING:
    from jiefen.rules.model.tables import Row, Table

Outcome = Literal["won", "matched", "failed"]


class ConditionTrace(NamedTuple):
    """One condition as it was read: ``value`` is a plain value, ``None`` for null, :data:`MISSING`."""

    fact: Fact
    test: Test
    value: object
    held: bool


class RowTrace(NamedTuple):
    """One row: ``won``, ``matched`` (but another came first) or ``failed``, with each of its conditions."""

    row: Row
    outcome: Outcome
    conditions: tuple[ConditionTrace, ...]

    @property
    def failed(self) -> tuple[ConditionTrace, ...]:
        """The conditions that did not hold."""
        return tuple(condition for condition in self.conditions if not condition.held)


class Trace:
    """The record of one decision.

    Attributes:
        table: the table; it knows its title, law, file and line.
        read: each input with the value that was read; missing facts are left out.
        as_of: the day whose law was applied.
    """

    __slots__ = ("__dict__", "_considered", "_found", "as_of", "read", "table")

    def __init__(
        self, table: Table, considered: tuple[Row, ...], found: int, facts: Mapping[str, object], as_of: date
    ) -> None:
        self.table, self.as_of = table, as_of
        self._considered, self._found = considered, found
        self.read = {name: facts[name] for name in table.inputs if name in facts}

    @cached_property
    def rows(self) -> tuple[RowTrace, ...]:
        """Every row in force, in the order in which rows win."""
        inputs, found, read = self.table.inputs, self._found, self.read
        winners = found if self.table.hit == "collect" else found & -found
        lines = []
        for at, row in enumerate(self._considered):
            bit = 1 << at
            held = bool(found & bit)
            conditions = []
            for name, test in row.when.items():
                value = read.get(name, MISSING)
                conditions.append(ConditionTrace(inputs[name], test, value, held or test.holds(value)))
            outcome: Outcome = "won" if winners & bit else "matched" if held else "failed"
            lines.append(RowTrace(row, outcome, tuple(conditions)))
        return tuple(lines)

    def as_dict(self) -> dict[str, object]:
        """The trace as plain values for JSON, without personal data."""
        return {
            "table": self.table.id,
            "as_of": self.as_of.isoformat(),
            "file": self.table.place.file,
            "line": self.table.place.line,
            "read": {name: _shown(self.table.inputs[name], value, "en") for name, value in self.read.items()},
            "rows": [
                {
                    "row": line.row.id,
                    "line": line.row.place.line,
                    "outcome": line.outcome,
                    "because": cited(line.row.because, "zh"),
                    "conditions": [
                        {
                            "fact": condition.fact.id,
                            "test": str(condition.test),
                            "value": _shown(condition.fact, condition.value, "en"),
                            "held": condition.held,
                        }
                        for condition in line.conditions
                    ],
                }
                for line in self.rows
            ],
        }

    def text(self, language: Language) -> str:
        """The trace for a person, one line per row."""
        words = _WORDS[language]
        title = self.table.title.text(language)
        lines = [words["head"].format(title=title, id=self.table.id, day=self.as_of, place=self.table.place)]
        if not self._found:
            lines.append(words["none"] if self.table.default is None else words["default"])
        lines += [self._line(row, language) for row in self.rows]
        return "\n".join(lines)

    def _line(self, line: RowTrace, language: Language) -> str:
        words = _WORDS[language]
        if line.outcome == "failed":
            why = words["and"].join(
                words["failed"].format(
                    fact=condition.fact.title.text(language),
                    value=_shown(condition.fact, condition.value, language),
                    test=described(condition.test, condition.fact, language),
                )
                for condition in line.failed
            )
        elif line.outcome == "won":
            why = words["won"].format(law=cited(line.row.because, language))
        else:
            why = words["matched"]
        return f"  {line.row.id} ({line.row.place.line}): {why}"


def described(test: Test, fact: Fact, language: Language) -> str:
    """A condition for a person: as it is written, with the label behind each value of a choice."""
    if isinstance(test, Anything):
        return "任意" if language == "zh" else "anything"
    text = str(test)
    labels = [
        fact.values[value].text(language) for value in map(str, constants(test)) if value in fact.values
    ]
    return f"{text} ({', '.join(labels)})" if labels else text


def _shown(fact: Fact, value: object, language: Language) -> str:
    if value is MISSING:
        return "未填" if language == "zh" else "missing"
    return fact.shown(value, language)


_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "head": "《{title}》{id}，适用 {day} 的规则（{place}）",
        "none": "  没有一行符合，无结果",
        "default": "  没有一行符合，采用默认结果",
        "failed": "{fact}为{value}，要求 {test}",
        "and": "；",
        "won": "符合，采用；依据{law}",
        "matched": "符合，但已有优先的一行",
    },
    "en": {
        "head": "{title} ({id}), rules of {day} ({place})",
        "none": "  no row matches: nothing comes out",
        "default": "  no row matches: the default comes out",
        "failed": "{fact} is {value}, but must be {test}",
        "and": "; ",
        "won": "matches and decides; {law}",
        "matched": "matches, but another row comes first",
    },
}
