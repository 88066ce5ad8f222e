"""Tables, grading, assignment, patterns, routines, guards, figures, checklists, authority and grades."""

from __future__ import annotations

from typing import Final

from jiefen.notation.shapes import Boolean, Either, Entries, Field, Listed, Number, Record, Scalar, Word
from jiefen.record.kinds import AppointmentForm, CaseStatus, ContactForm, LinkKind, Satisfaction
from jiefen.rules.format.words import (
    COMMON,
    CONDITIONS,
    FACT_NAME,
    ID,
    LABEL,
    LEVEL,
    MILESTONE_NAME,
    NAME,
    NAMED,
    PERIOD,
    ROLE_NAME,
    TIME,
    VALUES,
    a_rule,
)
from jiefen.rules.model.practice import (
    SELECTING,
    AssignmentKind,
    Better,
    Every,
    HolidayPolicy,
    Mode,
    Per,
    Unit,
)
from jiefen.rules.model.tables import Aggregate, Hit

_OF_ROW: Final = (
    "ref", "because", "from", "to", "successor", "confidence", "active", "inactive_because", "note",
)  # fmt: skip
ROW: Final = Record(
    {
        "id": Field(NAME, "name of the row, unique in its table", needed=True),
        "when": Field(CONDITIONS, "conditions per input; absent ones do not matter", needed=True),
        "then": Field(VALUES, "a value per output", needed=True),
        "title": Field(LABEL, "名称"),
        **{name: COMMON[name] for name in _OF_ROW},
    },
    "a row",
)
TABLE: Final = a_rule(
    "a table",
    hit=Field(Word.of(Hit), "unique, first, priority or collect", needed=True),
    aggregate=Field(Word.of(Aggregate), "with collect: one number instead of a list"),
    inputs=Field(Listed(FACT_NAME, least=1), "facts it reads, in the order of its columns", needed=True),
    requires=Field(Listed(FACT_NAME), "inputs that must be known"),
    outputs=Field(
        Either(
            Entries(Listed(Scalar(listed=False), least=1), FACT_NAME, least=1), Listed(FACT_NAME, least=1)
        ),
        "facts it sets; as a mapping also their values in order of priority",
        needed=True,
    ),
    default=Field(VALUES, "what comes out when no row matches"),
    rows=Field(Listed(ROW, least=1), "the rows", needed=True),
)

GRADING: Final = a_rule(
    "a grading",
    output=Field(FACT_NAME, "choice fact that gets the colour", needed=True),
    colours=Field(
        Listed(
            Record(
                {
                    "id": Field(NAME, "value of the output", needed=True),
                    "at_least": Field(Number(0, 1_000_000), "score from which it applies", needed=True),
                    "tells": Field(Listed(ROLE_NAME, alone=True), "who is told when a case turns to it"),
                },
                "a colour",
            ),
            least=2,
        ),
        "the colours, highest score first, the last from 0",
        needed=True,
    ),
    indicators=Field(
        Listed(
            Record(
                {
                    **NAMED,
                    "when": Field(CONDITIONS, "conditions under which it counts"),
                    "fact": Field(FACT_NAME, "number that the weight is multiplied with"),
                    "weight": Field(Number(-10_000, 10_000), "points", needed=True),
                    "at_most": Field(Number(1, 1_000_000), "most points"),
                },
                "an indicator",
            ),
            least=1,
        ),
        "the indicators",
        needed=True,
    ),
)
ASSIGNMENT: Final = a_rule(
    "an assignment",
    kind=Field(Word.of(AssignmentKind), "guarantee 包保, department 归口 or body 调解组织", needed=True),
    entries=Field(
        Listed(
            Record(
                {
                    "id": Field(NAME, "name of the entry", needed=True),
                    "title": Field(LABEL, "名称", needed=True),
                    "role": Field(ROLE_NAME, "role", needed=True),
                    "level": Field(LEVEL, "where to look for the role"),
                    "when": Field(CONDITIONS, "conditions; absent: always"),
                },
                "an entry",
            ),
            least=1,
        ),
        "who, in order",
        needed=True,
    ),
)
PATTERN: Final = a_rule(
    "a pattern",
    occurrence=Field(NAME, "value of the fact `occurrence`", needed=True),
    recognise=Field(
        Record(
            {
                "when": Field(CONDITIONS, "conditions on the case"),
                "months": Field(Listed(Number(1, 12), least=1), "months of the year"),
                "count": Field(Number(2, 10_000), "so many cases alike"),
                "within": Field(PERIOD, "within so long"),
                "same": Field(Listed(FACT_NAME, least=1), "facts in which they agree"),
            },
            "how a pattern is recognised",
        ),
        "how it is recognised",
        needed=True,
    ),
    mode=Field(Word.of(Mode), "together, focus, in_advance or at_once", needed=True),
    lead=Field(PERIOD, "how long before the months screening starts"),
)
SELECTION: Final = Record(
    {
        **{
            name: Field(Listed(NAME, alone=True, least=1), f"value or values of the fact {name}")
            for name in SELECTING
        },
        "overdue": Field(Boolean(), "true: only those in which a duty of an organ has passed undone"),
    },
    "a selection of cases",
)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ITEM = {
    "cases": Field(SELECTION, "the open cases of the area that it is about; {}: all of them"),
    "figures": Field(Listed(ID, least=1), "figures of the area, of the period that it closes"),
}
ROUTINE: Final = a_rule(
    "a routine",
    schedule=Field(
        Record(
            {
                "every": Field(Word.of(Every), "day, week, month, quarter or year", needed=True),
                "days": Field(Listed(Scalar(listed=False), least=1), "[monday], [15], [last], ['03-11']"),
                "at": Field(Listed(TIME, least=1), "times of day: ['09:00']"),
                "lasts": Field(Number(1, 366), "how many days it lasts; 1 unless said"),
            },
            "a schedule",
        ),
        "when",
        needed=True,
    ),
    holiday=Field(Word.of(HolidayPolicy), "skip, next_workday, previous_workday or keep", needed=True),
    role=Field(ROLE_NAME, "who does it", needed=True),
    level=Field(LEVEL, "at which level"),
    list=Field(Listed(Record({**NAMED, **_ITEM}, "an item")), "what is left to work through"),
    close_within=Field(PERIOD, "how long after it falls its list should be closed: 3 wd"),
)
GUARD: Final = a_rule(
    "a guard",
    table=Field(ID, "table that it watches"),
    deadlines=Field(Entries(Scalar(), NAME), "or: the deadlines that it watches"),
    where=Field(CONDITIONS, "the cases that it is about"),
    must=Field(Entries(Scalar(), NAME, least=1), "what must hold", needed=True),
)
_ANY_VALUE: Final = Listed(Scalar(listed=False, null=False), alone=True, least=1)
_MEASURES = {
    "facts": Field(
        Entries(_ANY_VALUE, FACT_NAME, least=1), "facts, each with a value, or several of which it has one"
    ),
    "process": Field(Listed(ID, alone=True, least=1), "processes of which it is one"),
    "missed": Field(Listed(ID, alone=True, least=1), "deadlines: one of them was not met in time"),
    "said": Field(Listed(FACT_NAME, alone=True, least=1), "facts of which somebody has said something"),
    "reached": Field(Listed(MILESTONE_NAME, alone=True, least=1), "milestones: it has reached one of them"),
    "status": Field(Listed(Word.of(CaseStatus), alone=True, least=1), "open, ended, merged or voided"),
    "linked": Field(Listed(Word.of(LinkKind), alone=True, least=1), "a link of this kind leads from it"),
    "linked_from": Field(Listed(Word.of(LinkKind), alone=True, least=1), "a link of this kind leads to it"),
    "contacts": Field(Listed(Word.of(ContactForm), alone=True, least=1), "somebody met its people so"),
    "rated": Field(Listed(Word.of(Satisfaction), alone=True, least=1), "its party gave such a grade"),
    "longer_than": Field(Number(1, 10_000), "calendar days: it was open for more, or is"),
}
_UNLESS: Final = Field(Listed(Record(_MEASURES, "a measure"), alone=True, least=1), "none of these may hold")
MEASURE: Final = Record({**_MEASURES, "unless": _UNLESS}, "a measure")
FIGURE: Final = a_rule(
    "a figure",
    deadlines=Field(
        Listed(ID, least=1), "deadlines that are counted: met in time, among those that are over"
    ),
    day=Field(FACT_NAME, "date by which a case falls into a period; absent, or not said: when it was opened"),
    when=Field(MEASURE, "the cases that it is about; absent: all"),
    among=Field(Listed(MEASURE, alone=True, least=1), "those of them that are counted; absent: all"),
    counts=Field(Listed(MEASURE, alone=True, least=1), "the cases that count for it: any of these holds"),
    moves_within=Field(
        Number(1, 10_000), "days after its opening in which a moved case takes its count along"
    ),
    unit=Field(Word.of(Unit), "percent or permille; percent unless said"),
    better=Field(Word.of(Better), "more or fewer; more unless said"),
    left_out=Field(LABEL, "what is not counted, and why", needed=True),
)
CHECKLIST: Final = a_rule(
    "a checklist",
    per=Field(Word.of(Per), "visit: ticked again at each; case: once", needed=True),
    visits=Field(
        Listed(Word.of(AppointmentForm), alone=True, least=1),
        "per: visit; after these what is missing is told, also when nobody has begun the list",
    ),
    when=Field(CONDITIONS, "the cases that it is for; absent: all"),
    items=Field(
        Listed(Record({**NAMED, "when": Field(CONDITIONS, "its cases; absent: all")}, "an item"), least=1),
        "what is to be done or looked at",
        needed=True,
    ),
)
AUTHORITY: Final = a_rule(
    "who may do an act",
    by=Field(Listed(NAME, least=1), "words of Who, or roles: one of them is enough", needed=True),
    only=Field(Listed(NAME, least=1), "roles: whoever does it holds one of them there besides"),
    reason=Field(Boolean(), "true: whoever does it says why"),
    four_eyes=Field(Boolean(), "true: another person who may do it has to agree"),
    agree_within=Field(PERIOD, "so long that one may agree; then it lapses"),
)
GRADE: Final = a_rule(
    "a grade of cases",
    grade=Field(Word(("sensitive", "sealed")), "sensitive or sealed", needed=True),
    when=Field(VALUES, "conditions; all must hold", needed=True),
)
