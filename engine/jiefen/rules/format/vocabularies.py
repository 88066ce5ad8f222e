"""The vocabularies of a rulebook: facts, milestones, messages, topics, roles and grounds."""

from __future__ import annotations

from typing import Final

from jiefen.notation.shapes import Boolean, Entries, Field, Listed, Number, Record, Scalar, Text, Word
from jiefen.record.kinds import Grade
from jiefen.rules.format.words import (
    FACT_NAME,
    LABEL,
    LEVEL,
    MILESTONE_NAME,
    NAME,
    PERIOD,
    ROLE_NAME,
    SET_BY,
    TEXT,
)
from jiefen.rules.model.deadlines import CALLS, PRESSING, Administers, Effect, Sender
from jiefen.rules.model.vocabulary import FactType

FACT: Final = Record(
    {
        "type": Field(Word.of(FactType), "boolean, integer, money, date, text, choice or list", needed=True),
        "title": Field(LABEL, "名称 {zh: …, en: …}", needed=True),
        "set_by": Field(Listed(SET_BY, least=1), "who may set it", needed=True),
        "values": Field(Entries(LABEL, NAME, least=1), "the values of a choice with their labels"),
        "of": Field(Word(("text", "choice")), "what a list is made of"),
        "minimum": Field(Scalar(listed=False, null=False), "smallest value"),
        "maximum": Field(Scalar(listed=False, null=False), "greatest value"),
        "max_length": Field(Number(1, 100_000), "most characters of a text"),
        "max_items": Field(Number(1, 10_000), "most items of a list"),
        "pattern": Field(TEXT, "regular expression that the whole text must match"),
        "grade": Field(Word.of(Grade), "密级: open, personal, sensitive or sealed; open unless said"),
        "personal": Field(Boolean(), "true: grade: personal, as it was written before there were grades"),
        "lasting": Field(Boolean(), "true: it stays when a case is opened again, whoever has set it"),
        "reason": Field(NAME, "the fact that must say why, where somebody says that this one is false"),
    },
    "a fact",
)
MILESTONE: Final = Record(
    {
        "title": Field(LABEL, "名称", needed=True),
        "known_by": Field(FACT_NAME, "date fact; once it is said, the milestone is reached on that day"),
        "rated": Field(
            Boolean(), "true: a party may rate what was served or told then (不得用于司法、仲裁裁决)"
        ),
        "empties": Field(
            Entries(NAME, FACT_NAME, least=1),
            "choices that are over then: emptied where they have this value",
        ),
        "call": Field(Word(tuple(sorted(CALLS))), "call of the engine that reaches it, for who may"),
    },
    "a milestone",
)
MESSAGE: Final = Record(
    {
        "title": Field(LABEL, "名称", needed=True),
        "from": Field(Listed(Word.of(Sender), least=1), "who really gives it", needed=True),
        "carries": Field(Listed(FACT_NAME), "facts that it brings; their set_by allows it"),
        "reaches": Field(
            MILESTONE_NAME, "milestone that is reached when it comes, whatever the model waits for"
        ),
        "date": Field(FACT_NAME, "fact among carries that says on which day; absent: the day it came"),
        "will": Field(
            Boolean(), "true: it declares what a party wants 意思表示; no program may give it alone"
        ),
    },
    "a message",
)
TOPIC_ENTRY: Final = Record(
    {
        "title": Field(LABEL, "名称", needed=True),
        "carries": Field(
            Listed(NAME),
            "what its deliveries hold: facts, or names of their own; what a model sends is among them",
        ),
        "answers": Field(Listed(FACT_NAME), "facts that an answer may set; absent: it sets none"),
        "errors": Field(Listed(NAME), "codes of BPMN errors that an answer may give; absent: none"),
        "sources": Field(
            Listed(NAME, least=1),
            "values of the fact source: their system is told what becomes of its matters",
        ),
        "upon": Field(
            Listed(MILESTONE_NAME, least=1),
            "milestones that it is told; extended: also a deadline that was extended",
        ),
        "term": Field(PERIOD, "how long an answer may be awaited before it is an incident; absent: for ever"),
        "personal": Field(Boolean(), "true: what it carries names people, or is in their words"),
    },
    "a topic",
)
ROLE: Final = Record(
    {
        "title": Field(LABEL, "名称", needed=True),
        "level": Field(LEVEL, "层级; none for somebody outside the organisation"),
        "deputies": Field(Listed(ROLE_NAME), "roles that may stand in"),
        "head": Field(ROLE_NAME, "role at its head; none for one that is a head itself"),
        "above": Field(ROLE_NAME, "role of the competent level above it"),
        "presses": Field(
            Listed(Word(tuple(sorted(PRESSING))), least=1),
            "what it may do by hand to offices that do not stand under it, as its law has it",
        ),
        "binds_leaders": Field(Boolean(), "whether it may give a case a leader 包案"),
        "gives_area": Field(
            Boolean(), "whether a case without an area is its own until it gives it one 定属地"
        ),
        "assigns": Field(
            Listed(ROLE_NAME, least=1), "roles whose tasks it gives to persons, itself among them"
        ),
        "corrects": Field(Boolean(), "true: it opens cases again, voids, merges, splits and moves them"),
        "administers": Field(
            Word.of(Administers), "system, security or audit: it keeps the platform 三员, no case"
        ),
    },
    "a role",
)
GROUND: Final = Record(
    {
        "title": Field(LABEL, "名称", needed=True),
        "effect": Field(Word.of(Effect), "suspend 中止, interrupt 中断, or urge 急办", needed=True),
        "milestones": Field(
            Listed(MILESTONE_NAME), "milestones that are this ground, or use the right; not with suspend"
        ),
        "at_most": Field(
            Text(r"[1-9][0-9]{0,3} ?(d|mo|y)", "30 d, 1 mo or 1 y", "a length of calendar time"),
            "suspend: so much of one suspension does not count; urge: no more than this is left",
        ),
    },
    "a ground",
)
