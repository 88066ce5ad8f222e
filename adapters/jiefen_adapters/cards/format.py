"""The format of a system card, declared once: the check of a file comes from here.

What this says about single values is the outer form; topics, messages, facts and choices are looked up by
:mod:`jiefen_adapters.cards.checking`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jiefen import shapes

Boolean, Either, Entries, Field, Listed = (
    shapes.Boolean, shapes.Either, shapes.Entries, shapes.Field, shapes.Listed,
)  # fmt: skip
Number, Record, Scalar, Text, Word = shapes.Number, shapes.Record, shapes.Scalar, shapes.Text, shapes.Word

WORDS: Final = r"[a-z][a-z0-9_]*"
NAME: Final = Text(WORDS, "grid_platform", "a name of small letters, digits and _")
DOTTED: Final = Text(rf"{WORDS}(\.{WORDS})*", "court.filing", "an id of small letters, digits, _ and .")
PATH: Final = Text(
    r"[^.\s]+(\.[^.\s]+)*", "data.eventId", "the place of a value, its steps with dots between them"
)
TIME: Final = Text(r"([01][0-9]|2[0-3]):[0-5][0-9]", "'22:00'", "a time of day")
VALUE: Final = Scalar(listed=False, null=False)
LABEL: Final = Record(
    {"zh": Field(Text(), "in Chinese", needed=True), "en": Field(Text(), "in English", needed=True)},
    "a label",
)
SECRET: Final = Record(
    {
        "env": Field(
            Text(r"[A-Za-z_][A-Za-z0-9_]*", "GRID_TOKEN", "the name of a variable"),
            "variable of the environment",
            needed=True,
        )
    },
    "a secret",
)
#: A value that may lie in the environment, and one that must.
OPEN_OR_SECRET: Final = Either(SECRET, Text())

MAPPED: Final = Record(
    {
        "from": Field(PATH, "where the value comes from; or `value`"),
        "value": Field(VALUE, "the same value always"),
        "as": Field(Text(), "how dates and times are written: '%Y-%m-%d', as strftime has it"),
        "values": Field(Entries(VALUE, Text(), least=1), "the values of one side to those of the other"),
        "others": Field(VALUE, "for a value that is not among `values`; absent: it is refused"),
        "absent": Field(VALUE, "where the other side has none; absent: the field is left out"),
        "needed": Field(Boolean(), "true: nothing is sent or taken without it"),
    },
    "a field",
)
#: Where a value comes from alone, or with how it is turned.
SOURCE: Final = Either(MAPPED, PATH)
ACCEPTED: Final = Entries(Listed(VALUE, alone=True, least=1), PATH, least=1)
FORMAT: Final = Word(("json", "xml", "form"))

ANSWER: Final = Record(
    {
        "format": Field(FORMAT, "json or xml; absent: as its content type says"),
        "good": Field(
            ACCEPTED, "what stands where in an answer that is no error, whatever its status: {code: ['0']}"
        ),
        "again": Field(ACCEPTED, "what stands where when it should be tried again"),
        "errors": Field(
            Entries(Entries(NAME, Text(), least=1), PATH), "their codes, by place, to the errors of the topic"
        ),
        "facts": Field(Entries(SOURCE, NAME), "facts of the case from their answer"),
        "later": Field(
            Boolean(), "true: this says only that it has come; what the case waits for comes by `in`"
        ),
    },
    "an answer",
)
PARTY: Final = Record(
    {
        name: Field(SOURCE, about, needed=name in ("part", "name"))
        for name, about in (
            ("part", "as what: applicant, respondent…"), ("name", "the name"), ("phone", "telephone"),
            ("contact", "another way to reach them"), ("address", "where they live"),
            ("service_address", "where papers are served"), ("id_number", "number of the card or code"),
            ("persons", "how many they are"),
        )
    },
    "a party",
)  # fmt: skip
INCOMING: Final = Record(
    {
        "gives": Field(Word(("case", "message", "answer", "status")), "what it is to us", needed=True),
        "when": Field(ACCEPTED, "which of their documents it is: {type: [EVENT]}; absent: every one"),
        "each": Field(PATH, "the list in the document; each of its items is one"),
        "key": Field(
            Listed(PATH, alone=True, least=1),
            "what tells it from every other: the same key again is once",
            needed=True,
        ),
        "number": Field(PATH, "their number of the matter, by which its case is known"),
        "case": Field(PATH, "our number of the case, where they send it back"),
        "delivery": Field(PATH, "our key of the delivery that it answers"),
        "message": Field(DOTTED, "the message of messages.yaml that it is"),
        "process": Field(NAME, "by which a case goes; absent: dispute"),
        "facts": Field(Entries(SOURCE, NAME), "our facts from their fields"),
        "parties": Field(Listed(PARTY), "who the matter is about"),
        "error": Field(SOURCE, "of an answer: the error of the topic"),
        "status": Field(SOURCE, "of a status: their word for it"),
    },
    "something that comes in",
)
RATE: Final = Record(
    {
        "times": Field(Number(1, 100_000), "so many", needed=True),
        "seconds": Field(Number(1, 86_400), "in so many seconds", needed=True),
    },
    "a rate",
)
BREAKER: Final = Record(
    {
        "failures": Field(Number(1, 100), "after so many failures in a row nothing is sent", needed=True),
        "seconds": Field(
            Number(1, 86_400), "for so long; twice as long each time, an hour at most", needed=True
        ),
    },
    "a breaker",
)
QUIET: Final = Record(
    {
        "from": Field(TIME, "from when, in China", needed=True),
        "to": Field(TIME, "until when, also on the next day", needed=True),
    },
    "quiet hours",
)


class Anything:
    """A mapping whose fields the transport knows."""

    def check(self, value: object, path: shapes.Path, report: shapes.Report) -> bool:
        """Whether it is a mapping."""
        if not isinstance(value, dict):
            report(path, "wrong-type", "it is no mapping", "write its fields below it")
        return isinstance(value, dict)

    def schema(self) -> dict[str, object]:
        """As JSON Schema."""
        return {"type": "object"}


def card_shape(transports: tuple[str, ...]) -> shapes.Record:
    """The whole of a card, whatever its transport."""
    out = Record(
        {
            "map": Field(Entries(SOURCE, PATH), "their fields from what the topic carries", needed=True),
            "format": Field(FORMAT, "json unless said"),
            "root": Field(
                Text(r"[A-Za-z_][\w.-]*", "request", "the name of an XML element"),
                "of XML: the outermost element",
            ),
            "request": Field(Anything(), "what the transport has to know: of http method and path"),
            "answer": Field(ANSWER, "how their answer is read; absent: it says that it has come"),
        },
        "something that goes out",
    )
    fields: Mapping[str, shapes.Field] = {
        "card": Field(NAME, "the name of the card, as its file is called", needed=True),
        "title": Field(LABEL, "what people call the system", needed=True),
        "transport": Field(Word(transports), "how it is reached", needed=True),
        "settings": Field(Anything(), "what the transport has to know", needed=True),
        "personal": Field(Boolean(), "true: the system may be given what names people"),
        "encoding": Field(Word(("utf-8", "gb18030")), "of what it sends and takes; utf-8 unless said"),
        "most": Field(Number(1, 100_000_000), "the most bytes of what it sends; 1000000 unless said"),
        "rate": Field(RATE, "how often something may be sent"),
        "breaker": Field(BREAKER, "when it is left alone because it does not answer"),
        "quiet": Field(QUIET, "hours in which nothing is sent"),
        "out": Field(Entries(out, DOTTED), "what goes out, by topic"),
        "in": Field(Entries(INCOMING, NAME), "what comes in, by a name of yours"),
    }
    return Record(dict(fields), "a card")
