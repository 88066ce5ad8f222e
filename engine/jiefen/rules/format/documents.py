"""The format of the kinds of documents."""

from __future__ import annotations

from typing import Final

from jiefen.notation.shapes import Boolean, Entries, Field, Listed, Record, Text, Word
from jiefen.record.counter.documents import Addressed, ServiceWay
from jiefen.rules.format.words import (
    BECAUSE,
    CONDITIONS,
    LABEL,
    MILESTONE_NAME,
    NAME,
    ROLE_NAME,
    TEXT,
    a_rule,
)
from jiefen.rules.model.practice import LineKind

_BLANK: Final = Text(
    r"[a-z][a-z0-9_]*([.:][a-z0-9_.]+)?", "accepted_on, party.name or due:petition.handle", "a blank"
)
_CONTENT: Final = Record(
    {
        "title": Field(LABEL, "名称", needed=True),
        "fills": Field(_BLANK, "the blank that holds it; absent: whoever makes the document says it"),
        "default": Field(_BLANK, "the blank that says it where nobody does"),
        "optional": Field(Boolean(), "true: it may be missing"),
        "because": BECAUSE,
    },
    "what must be in a document",
)
_LINE: Final = Record(
    {
        "zh": Field(TEXT, "in Chinese, with blanks {…}", needed=True),
        "en": Field(TEXT, "in English, with the same blanks", needed=True),
        "as": Field(Word.of(LineKind), "text, heading or plain; text unless said"),
        "when": Field(CONDITIONS, "its cases; absent: all"),
        "optional": Field(Boolean(), "true: left out where a blank of it has no value"),
    },
    "a line",
)
DOCUMENT: Final = a_rule(
    "a kind of document",
    made_by=Field(Listed(ROLE_NAME, least=1), "roles that may make it", needed=True),
    signed_by=Field(Listed(ROLE_NAME, least=1), "roles that must sign it; [party]: the parties, on paper"),
    number=Field(TEXT, "文号: {place}信受〔{year}〕{n}号; absent: it has none"),
    organ=Field(LABEL, "how the office is called in it, unless its name is said", needed=True),
    addressed=Field(Word.of(Addressed), "party: one for each party; case: one for all; party unless said"),
    layout=Field(NAME, "the layout of its DOCX; notice unless said"),
    served=Field(Boolean(), "true: it is served on somebody"),
    starts=Field(MILESTONE_NAME, "the milestone that its service reaches"),
    ways=Field(Listed(Word.of(ServiceWay), least=1), "the ways in which it may be served; absent: all"),
    contents=Field(Entries(_CONTENT, NAME, least=1), "what must be in it, by name", needed=True),
    lines=Field(Listed(_LINE, least=1), "its wording", needed=True),
)
