"""The words of the rule files: names, periods, articles, labels, citations, and what every rule may say."""

from __future__ import annotations

from typing import Final

from jiefen.areas import Level
from jiefen.notation.shapes import Boolean, Day, Entries, Field, Listed, Number, Record, Scalar, Text, Word
from jiefen.rules.model.rule import Confidence

WORDS = r"[a-z][a-z0-9_]*"
ID: Final = Text(rf"{WORDS}(\.{WORDS})*", "petition.handle", "an id of small letters, digits, _ and .")
NAME: Final = Text(WORDS, "dispute_type", "a name of small letters, digits and _")


def name_of(vocabulary: str) -> Text:
    return Text(NAME.form, NAME.example, NAME.about, names=vocabulary)


FACT_NAME, MILESTONE_NAME, ROLE_NAME, GROUND_NAME = map(name_of, ("facts", "milestones", "roles", "grounds"))
#: A role, or whoever stands so to the role that owes or has a deadline.
ADDRESSEE = Text(NAME.form, "holder", NAME.about, names="addressees")
TEXT = Text()
TOPIC = Text(rf"{WORDS}(\.{WORDS})*|\*", "report.urgent", "the topic of a delivery, or '*'")
PERIOD = Text(r"[0-9]{1,4} ?(d|wd|h|mo|y)", "60 d, 5 wd, 24 h, 3 mo or 2 y", "a length of time")
ARTICLE = Text(
    r"第[〇零一二三四五六七八九十百千]+条(之[一二三四五六七八九十]+)?(第[一二三四五六七八九十]+款)?"
    r"(第[（(]?[一二三四五六七八九十]+[）)]?项)?",
    "第三十四条 or 第二十三条第三款",
    "an article as a lawyer writes it",
)
TIME = Text(r"([01][0-9]|2[0-3]):[0-5][0-9]", "'09:00'", "a time of day")
SET_BY = Text(
    r"intake|form|engine|message|(message|table|milestone|earlier|earlier_deadline):[a-z][a-z0-9_.]*",
    "form",
    "who sets a fact",
)
LABEL: Final = Record(
    {"zh": Field(TEXT, "in Chinese", needed=True), "en": Field(TEXT, "in English", needed=True)},
    "a label",
)
LEVEL = Word.of(Level)
CONDITIONS = Entries(Scalar(), FACT_NAME)
VALUES = Entries(Scalar(), FACT_NAME, least=1)

NAMED = {"id": Field(NAME, "name", needed=True), "title": Field(LABEL, "名称", needed=True)}
CITATION: Final = Record(
    {
        "law": Field(TEXT, "title of the law, as its file is named: 信访工作条例"),
        "version": Field(Number(1949, 2100), "year of the text: 2022"),
        "article": Field(ARTICLE, "第三十四条"),
        "figure": Field(Listed(TEXT, alone=True, least=1), "the number as the article writes it: 六十日"),
        "policy": Field(LABEL, "who decided it, where it is our choice and not law"),
    },
    "a citation",
)
BECAUSE = Field(Listed(CITATION, alone=True, least=1), "依据: law, version, article, figure; or policy")
SPAN = {
    "from": Field(Day(), "施行: first day in force"),
    "to": Field(Day(), "失效: last day in force"),
}
COMMON = {
    "title": Field(LABEL, "名称 {zh: …, en: …}", needed=True),
    "ref": Field(TEXT, "id of the research row: XF-05"),
    "because": BECAUSE,
    **SPAN,
    "successor": Field(TEXT, "the rule that follows after `to`, or none"),
    "owner": Field(TEXT, "责任人: who keeps the rule true"),
    "confidence": Field(Word.of(Confidence), "V read, V2 excerpt, L local, M unverified, policy our choice"),
    "active": Field(Boolean(), "true unless said"),
    "inactive_because": Field(LABEL, "why it is not active"),
    "note": Field(TEXT, "for the next reader"),
    "override": Field(Boolean(), "true: replaces the rule of this id in the layers above"),
    "locked": Field(Boolean(), "true: no lower layer may override it"),
}


def a_rule(what: str, **fields: Field) -> Record:
    return Record({**COMMON, **fields}, what)
