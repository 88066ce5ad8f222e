"""The format of the rule files, declared once: the check of a file and its JSON Schema come from here.

What this says about single values is the outer form only; conditions, outputs and references are read
with the vocabulary.
"""

from __future__ import annotations

from typing import Final

from jiefen.notation.shapes import Entries, Field, Record, Shape, Text
from jiefen.rules.format.deadlines import DEADLINE, LADDER
from jiefen.rules.format.documents import DOCUMENT
from jiefen.rules.format.rules import (
    ASSIGNMENT,
    AUTHORITY,
    CHECKLIST,
    FIGURE,
    GRADE,
    GRADING,
    GUARD,
    PATTERN,
    ROUTINE,
    TABLE,
)
from jiefen.rules.format.vocabularies import FACT, GROUND, MESSAGE, MILESTONE, ROLE, TOPIC_ENTRY
from jiefen.rules.format.words import CITATION, COMMON, ID, NAME, SPAN
from jiefen.rules.model.rule import Kind

DEFAULTS: Final = Record(
    {
        "law": CITATION.fields["law"],
        "version": CITATION.fields["version"],
        "from": SPAN["from"],
        "to": SPAN["to"],
        "owner": COMMON["owner"],
        "confidence": COMMON["confidence"],
    },
    "defaults",
)
#: Sections of files at the top of a rulebook: what may be named.
VOCABULARIES: Final[dict[str, Record]] = {
    "facts": FACT,
    "milestones": MILESTONE,
    "roles": ROLE,
    "grounds": GROUND,
    "messages": MESSAGE,
    "topics": TOPIC_ENTRY,
}
#: Sections of files in a layer: the rules.
RULES: Final[dict[Kind, Record]] = {
    Kind.TABLE: TABLE,
    Kind.DEADLINE: DEADLINE,
    Kind.LADDER: LADDER,
    Kind.GRADING: GRADING,
    Kind.ASSIGNMENT: ASSIGNMENT,
    Kind.PATTERN: PATTERN,
    Kind.ROUTINE: ROUTINE,
    Kind.GUARD: GUARD,
    Kind.FIGURE: FIGURE,
    Kind.CHECKLIST: CHECKLIST,
    Kind.GRADE: GRADE,
    Kind.AUTHORITY: AUTHORITY,
    Kind.DOCUMENT: DOCUMENT,
}
#: What a section was called before; it is read all the same, with a warning, since editions are kept for good.
RENAMED: Final = {"duties": Kind.ROUTINE}


def key_of(section: str) -> Text:
    """What the names in a section look like."""
    return NAME if section in VOCABULARIES and section not in ("messages", "topics") else ID


def rule_file() -> Record:
    """The whole of a rule file: any of its sections."""
    fields: dict[str, Field] = {
        "defaults": Field(DEFAULTS, "for every rule of the file that does not say its own")
    }
    sections: dict[str, Shape] = {**VOCABULARIES, **{kind.value: shape for kind, shape in RULES.items()}}
    for name, shape in sections.items():
        key = key_of(name)
        fields[name] = Field(Entries(shape, key), f"{name} by id")
    return Record(fields, "a rule file")
