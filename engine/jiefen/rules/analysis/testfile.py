"""What a file of tests beside the rules looks like."""

from __future__ import annotations

from typing import Final

from jiefen.notation.shapes import Day, Entries, Field, Listed, Record, Scalar, Text
from jiefen.rules.format.words import ID, NAME

_FACT = Text(NAME.form, NAME.example, NAME.about, names="facts")

CASE: Final = Record(
    {
        "name": Field(Text(), "what the test says", needed=True),
        "table": Field(ID, "table to ask"),
        "deadline": Field(ID, "or deadline"),
        "grading": Field(ID, "or grading"),
        "assignment": Field(ID, "or assignment"),
        "as_of": Field(Day(), "the day whose rules apply"),
        "start": Field(Day(), "deadline: the day of the anchor"),
        "area": Field(Text(r"[0-9]{2,15}", "'140429'", "an area code in quotes"), "absent: the nation"),
        "given": Field(Entries(Scalar(), _FACT), "the facts", needed=True),
        "expect": Field(Entries(Scalar(), NAME, least=1), "what must come out", needed=True),
        "row": Field(Listed(NAME, alone=True, least=1), "the row that decides; none: no row"),
    },
    "a test",
)
TESTS: Final = Record({"tests": Field(Listed(CASE, least=1), "the tests", needed=True)}, "a file of tests")
