"""The words of a report: labels from the edition, and a few that only the report needs."""

from __future__ import annotations

from collections.abc import Mapping

from jiefen.edition.edition import Edition
from jiefen.notation.labels import Language
from jiefen.rules import Label
from jiefen.story.sentences import ACTIONS

#: What became of a deadline, in the order of the columns; the tail of the rights reads differently from the duties.
DUTY = {
    "met": Label("按期", "Met"),
    "expired": Label("逾期", "Breached"),
    "overdue": Label("在办逾期", "Overdue"),
    "running": Label("在办", "Running"),
    "suspended": Label("中止中", "On hold"),
    "cancelled": Label("终止", "Cancelled"),
    "superseded": Label("重新起算", "Restarted"),
}
RIGHT = {
    "met": Label("已行使", "Used"),
    "expired": Label("已届满", "Lapsed"),
    "overdue": Label("待确认届满", "Over"),
    "running": Label("仍可行使", "Open"),
    "suspended": Label("中止中", "On hold"),
    "cancelled": Label("不再需要", "Not needed"),
    "superseded": Label("重新起算", "Restarted"),
}
_QUORUM = {
    "met": Label("到席", "quorum"),
    "call_again": Label("再次召集", "called again"),
    "missed": Label("未达", "missed"),
}


class Labels:
    """Names in one language; an id without a label stands for itself."""

    def __init__(self, edition: Edition, language: Language) -> None:
        self._rulebook = edition.rulebook
        self.language = language

    def say(self, zh: str, en: str) -> str:
        """The text in the language of the report."""
        return zh if self.language == "zh" else en

    def value(self, fact: str, value: str | None) -> str:
        """The label of a choice."""
        if value is None:
            return self.say("(无)", "(none)")
        declared = self._rulebook.vocabulary.facts.get(fact)
        return self._of(declared.values if declared else {}, value)

    def values(self, fact: str) -> tuple[str, ...]:
        """The values of a choice in their declared order."""
        return tuple(self._rulebook.vocabulary.facts[fact].values)

    def fact(self, fact: str) -> str:
        """The title of a fact."""
        known = self._rulebook.vocabulary.facts.get(fact)
        return known.title.text(self.language) if known else fact

    def role(self, role: str) -> str:
        """The title of a role."""
        known = self._rulebook.roles.get(role)
        return known.title.text(self.language) if known else role

    def milestone(self, milestone: str) -> str:
        """The title of a milestone."""
        known = self._rulebook.milestones.get(milestone)
        return known.title.text(self.language) if known else milestone

    def action(self, action: str) -> str:
        """What a rung does."""
        return self._of({str(one): label for one, label in ACTIONS.items()}, action)

    def quorum(self, decision: str) -> str:
        """How a call of a joint mediation ended."""
        return self._of(_QUORUM, decision)

    def of(self, label: Label) -> str:
        """A label in the language of the report."""
        return label.text(self.language)

    def _of(self, labels: Mapping[str, Label], key: str) -> str:
        label = labels.get(key)
        return label.text(self.language) if label else key
