"""The format of the rule files, declared once: the check of a file and its JSON Schema come from here.

What this says about single values is the outer form only; conditions, outputs and references are read
with the vocabulary.
"""

from __future__ import annotations

from typing import Final

from jiefen.areas import Level
from jiefen.notation.shapes import (
    Boolean,
    Day,
    Either,
    Entries,
    Field,
    Listed,
    Number,
    Record,
    Scalar,
    Shape,
    Text,
    Word,
)  # fmt: skip
from jiefen.periods import Ends, FirstDay
from jiefen.record.kinds import AppointmentForm, CaseStatus, ContactForm, Grade, LinkKind, Satisfaction
from jiefen.rules.model.deadlines import (
    CALLS,
    PRESSING,
    Action,
    Administers,
    Direction,
    Effect,
    Expiry,
    NoticeForm,
    Sender,
    Side,
)  # fmt: skip
from jiefen.rules.model.practice import (
    SELECTING,
    AssignmentKind,
    Better,
    Every,
    HolidayPolicy,
    Mode,
    Per,
    Unit,
)  # fmt: skip
from jiefen.rules.model.rule import Confidence, Kind
from jiefen.rules.model.tables import Aggregate, Hit
from jiefen.rules.model.vocabulary import FactType

_WORDS = r"[a-z][a-z0-9_]*"
ID: Final = Text(rf"{_WORDS}(\.{_WORDS})*", "petition.handle", "an id of small letters, digits, _ and .")
NAME: Final = Text(_WORDS, "dispute_type", "a name of small letters, digits and _")


def _name_of(vocabulary: str) -> Text:
    return Text(NAME.form, NAME.example, NAME.about, names=vocabulary)


_FACT, _MILESTONE, _ROLE, _GROUND = map(_name_of, ("facts", "milestones", "roles", "grounds"))
#: A role, or whoever stands so to the role that owes or has a deadline.
_ADDRESSEE = Text(NAME.form, "holder", NAME.about, names="addressees")
_TEXT = Text()
_TOPIC = Text(rf"{_WORDS}(\.{_WORDS})*|\*", "report.urgent", "the topic of a delivery, or '*'")
_PERIOD = Text(r"[0-9]{1,4} ?(d|wd|h|mo|y)", "60 d, 5 wd, 24 h, 3 mo or 2 y", "a length of time")
_ARTICLE = Text(
    r"第[〇零一二三四五六七八九十百千]+条(之[一二三四五六七八九十]+)?(第[一二三四五六七八九十]+款)?"
    r"(第[（(]?[一二三四五六七八九十]+[）)]?项)?",
    "第三十四条 or 第二十三条第三款",
    "an article as a lawyer writes it",
)
_TIME = Text(r"([01][0-9]|2[0-3]):[0-5][0-9]", "'09:00'", "a time of day")
_SET_BY = Text(
    r"intake|form|engine|message|(message|table|milestone|earlier|earlier_deadline):[a-z][a-z0-9_.]*",
    "form",
    "who sets a fact",
)
LABEL: Final = Record(
    {"zh": Field(_TEXT, "in Chinese", needed=True), "en": Field(_TEXT, "in English", needed=True)},
    "a label",
)
_LEVEL = Word.of(Level)
_CONDITIONS = Entries(Scalar(), _FACT)
_VALUES = Entries(Scalar(), _FACT, least=1)

_NAMED = {"id": Field(NAME, "name", needed=True), "title": Field(LABEL, "名称", needed=True)}
CITATION: Final = Record(
    {
        "law": Field(_TEXT, "title of the law, as its file is named: 信访工作条例"),
        "version": Field(Number(1949, 2100), "year of the text: 2022"),
        "article": Field(_ARTICLE, "第三十四条"),
        "figure": Field(Listed(_TEXT, alone=True, least=1), "the number as the article writes it: 六十日"),
        "policy": Field(LABEL, "who decided it, where it is our choice and not law"),
    },
    "a citation",
)
_BECAUSE = Field(Listed(CITATION, alone=True, least=1), "依据: law, version, article, figure; or policy")
_SPAN = {
    "from": Field(Day(), "施行: first day in force"),
    "to": Field(Day(), "失效: last day in force"),
}
_COMMON = {
    "title": Field(LABEL, "名称 {zh: …, en: …}", needed=True),
    "ref": Field(_TEXT, "id of the research row: XF-05"),
    "because": _BECAUSE,
    **_SPAN,
    "successor": Field(_TEXT, "the rule that follows after `to`, or none"),
    "owner": Field(_TEXT, "责任人: who keeps the rule true"),
    "confidence": Field(Word.of(Confidence), "V read, V2 excerpt, L local, M unverified, policy our choice"),
    "active": Field(Boolean(), "true unless said"),
    "inactive_because": Field(LABEL, "why it is not active"),
    "note": Field(_TEXT, "for the next reader"),
    "override": Field(Boolean(), "true: replaces the rule of this id in the layers above"),
    "locked": Field(Boolean(), "true: no lower layer may override it"),
}


def _rule(what: str, **fields: Field) -> Record:
    return Record({**_COMMON, **fields}, what)


FACT: Final = Record(
    {
        "type": Field(Word.of(FactType), "boolean, integer, money, date, text, choice or list", needed=True),
        "title": Field(LABEL, "名称 {zh: …, en: …}", needed=True),
        "set_by": Field(Listed(_SET_BY, least=1), "who may set it", needed=True),
        "values": Field(Entries(LABEL, NAME, least=1), "the values of a choice with their labels"),
        "of": Field(Word(("text", "choice")), "what a list is made of"),
        "minimum": Field(Scalar(listed=False, null=False), "smallest value"),
        "maximum": Field(Scalar(listed=False, null=False), "greatest value"),
        "max_length": Field(Number(1, 100_000), "most characters of a text"),
        "max_items": Field(Number(1, 10_000), "most items of a list"),
        "pattern": Field(_TEXT, "regular expression that the whole text must match"),
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
        "known_by": Field(_FACT, "date fact; once it is said, the milestone is reached on that day"),
        "rated": Field(
            Boolean(), "true: a party may rate what was served or told then (不得用于司法、仲裁裁决)"
        ),
        "call": Field(Word(tuple(sorted(CALLS))), "call of the engine that reaches it, for who may"),
    },
    "a milestone",
)
MESSAGE: Final = Record(
    {
        "title": Field(LABEL, "名称", needed=True),
        "from": Field(Listed(Word.of(Sender), least=1), "who really gives it", needed=True),
        "carries": Field(Listed(_FACT), "facts that it brings; their set_by allows it"),
        "reaches": Field(_MILESTONE, "milestone that is reached when it comes, whatever the model waits for"),
        "date": Field(_FACT, "fact among carries that says on which day; absent: the day it came"),
        "will": Field(
            Boolean(), "true: it declares what a party wants 意思表示; no program may give it alone"
        ),
    },
    "a message",
)
ROLE: Final = Record(
    {
        "title": Field(LABEL, "名称", needed=True),
        "level": Field(_LEVEL, "层级; none for somebody outside the organisation"),
        "deputies": Field(Listed(_ROLE), "roles that may stand in"),
        "head": Field(_ROLE, "role at its head; none for one that is a head itself"),
        "above": Field(_ROLE, "role of the competent level above it"),
        "presses": Field(
            Listed(Word(tuple(sorted(PRESSING))), least=1),
            "what it may do by hand to offices that do not stand under it, as its law has it",
        ),
        "binds_leaders": Field(Boolean(), "whether it may give a case a leader 包案"),
        "gives_area": Field(
            Boolean(), "whether a case without an area is its own until it gives it one 定属地"
        ),
        "assigns": Field(Listed(_ROLE, least=1), "roles whose tasks it gives to persons, itself among them"),
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
            Listed(_MILESTONE), "milestones that are this ground, or use the right; not with suspend"
        ),
        "at_most": Field(
            Text(r"[1-9][0-9]{0,3} ?(d|mo|y)", "30 d, 1 mo or 1 y", "a length of calendar time"),
            "suspend: so much of one suspension does not count; urge: no more than this is left",
        ),
    },
    "a ground",
)

_OF_ROW: Final = (
    "ref", "because", "from", "to", "successor", "confidence", "active", "inactive_because", "note",
)  # fmt: skip
ROW: Final = Record(
    {
        "id": Field(NAME, "name of the row, unique in its table", needed=True),
        "when": Field(_CONDITIONS, "conditions per input; absent ones do not matter", needed=True),
        "then": Field(_VALUES, "a value per output", needed=True),
        "title": Field(LABEL, "名称"),
        **{name: _COMMON[name] for name in _OF_ROW},
    },
    "a row",
)
TABLE: Final = _rule(
    "a table",
    hit=Field(Word.of(Hit), "unique, first, priority or collect", needed=True),
    aggregate=Field(Word.of(Aggregate), "with collect: one number instead of a list"),
    inputs=Field(Listed(_FACT, least=1), "facts it reads, in the order of its columns", needed=True),
    requires=Field(Listed(_FACT), "inputs that must be known"),
    outputs=Field(
        Either(Entries(Listed(Scalar(listed=False), least=1), _FACT, least=1), Listed(_FACT, least=1)),
        "facts it sets; as a mapping also their values in order of priority",
        needed=True,
    ),
    default=Field(_VALUES, "what comes out when no row matches"),
    rows=Field(Listed(ROW, least=1), "the rows", needed=True),
)

_NOTICE = Record(
    {
        "to": Field(Listed(_ROLE, least=1), "roles that must be told", needed=True),
        "form": Field(Word.of(NoticeForm), "written or told", needed=True),
    },
    "a notice",
)
EXTENSION: Final = Record(
    {
        "length": Field(_PERIOD, "the most by which one extension lengthens"),
        "times": Field(Number(1, 100), "the most extensions; in a list each but the last needs it"),
        "total": Field(_PERIOD, "the most with all extensions up to this one"),
        "ground": Field(_TEXT, "ground as the article writes it: 情况复杂"),
        "approver": Field(_ROLE, "role that decides"),
        "notice": Field(_NOTICE, "who must be told"),
    },
    "an extension",
)
REVIVAL: Final = Record(
    {
        "by": Field(_MILESTONE, "milestone that shows that the act came to nothing", needed=True),
        "ground": Field(
            _GROUND, "ground on which it starts again; absent: what is left of the period goes on"
        ),
        "from": Field(
            Word(("end", "act")),
            "with ground: from the day of `by`, or from that of the act; end unless said",
        ),
    },
    "a revival",
)
SAFE: Final = Record(
    {
        "roll": Field(Word(("none",)), "none: the last day without its roll over holidays"),
        "wait": Field(ID, "the time to wait at whose end it begins, taken without its roll"),
        "before": Field(ID, "a deadline that is the safe one to keep"),
        "why": Field(LABEL, "the reason, for the party", needed=True),
    },
    "a safe day",
)
_RUNNING = {
    "kind": Field(Word.of(Side), "duty of an organ or right of a party"),
    "holder": Field(_ROLE, "role that owes it or has it"),
    "holder_fact": Field(
        _FACT, "choice fact whose value is the role that owes it or has it; holder is who else it is"
    ),
    "anchor": Field(_MILESTONE, "milestone from which it runs"),
    "date": Field(_FACT, "fact that carries the day of the anchor"),
    "meanwhile": Field(LABEL, "what holds while its milestone has not been reached"),
    "matters": Field(
        Listed(NAME, least=1), "dispute types in which one asks for what starts it; it runs whatever the type"
    ),
    "when": Field(_CONDITIONS, "conditions on facts; absent: always"),
    "length": Field(_PERIOD, "60 d, 5 wd, 24 h, 3 mo, 2 y"),
    "first_day": Field(Word.of(FirstDay), "whether the day of the anchor counts; excluded unless said"),
    "roll": Field(Word(("none", "next_working_day")), "末日为节假日时是否顺延; none unless said"),
    "ends": Field(Word.of(Ends), "when the last day ends; midnight unless said"),
    "direction": Field(Word.of(Direction), "before: counted back from the anchor; after unless said"),
    "stops": Field(Listed(_MILESTONE), "milestones that meet it"),
    "cancels": Field(Listed(_MILESTONE), "milestones that end it unmet"),
    "revivals": Field(Listed(REVIVAL, least=1), "恢复: what lets it run again after an act has met it"),
    "extension": Field(
        Listed(EXTENSION, alone=True, least=1),
        "how it may be extended; a list for what the law says of the first, then of a further one; absent: not at all",
    ),
    "suspensions": Field(Listed(_GROUND), "grounds that suspend it"),
    "interruptions": Field(Listed(_GROUND), "grounds after which it starts again"),
    "suspends_in_last": Field(
        _PERIOD, "grounds suspend only in this last part, and it ends so long after them"
    ),
    "late_grounds": Field(
        Listed(_GROUND, least=1),
        "with suspends_in_last: these alone suspend only in the last part, and what is left goes on after them",
    ),
    "on_expiry": Field(Word.of(Expiry), "期满后果"),
    "expiry_milestone": Field(_MILESTONE, "milestone reached on expiry"),
    "ladder": Field(ID, "ladder that climbs beside it"),
    "within": Field(ID, "deadline of the whole case that runs beside this step"),
    "safe": Field(
        SAFE, "稳妥日: the earlier day that a party does well to keep where the law can be read in two ways"
    ),
}
VERSION: Final = Record({**_RUNNING, **_SPAN, "because": _BECAUSE}, "a version")
DEADLINE: Final = _rule(
    "a deadline",
    **_RUNNING,
    versions=Field(Listed(VERSION, least=1), "what differs from date to date; the rest stands above"),
)
RUNG: Final = Record(
    {
        "id": Field(NAME, "name of the rung, unique in its ladder", needed=True),
        "before": Field(_PERIOD, "how long before the due date"),
        "after": Field(_PERIOD, "how long after the due date; 0 d is the day itself"),
        "to": Field(
            _ADDRESSEE, "who is told: a role; or holder, holder_head, holder_above, claimer", needed=True
        ),
        "level": Field(_LEVEL, "where to look for the role"),
        "action": Field(Word.of(Action), "what it does", needed=True),
        "by": Field(_ADDRESSEE, "who acts, written like to"),
        "reply": Field(_PERIOD, "time for a written answer"),
        "urgent": Field(Boolean(), "also outside working hours"),
    },
    "a rung",
)
LADDER: Final = _rule(
    "a ladder",
    rungs=Field(Listed(RUNG, least=1), "the rungs, earliest first", needed=True),
    unclaimed=Field(
        Listed(_ROLE, alone=True, least=1),
        "for open tasks of these roles that nobody has claimed; the rungs count from when the task was opened",
    ),
    claimed=Field(
        Listed(_ROLE, alone=True, least=1),
        "for open tasks of these roles that somebody has claimed; the rungs count from the claim",
    ),
    unanswered=Field(
        Listed(_TOPIC, alone=True, least=1),
        "for deliveries of these topics, '*' for the rest, that were sent and not answered; the rungs count from then",
    ),
    unmoved=Field(
        _ROLE,
        "for open cases in which nothing moves; the rungs count from the last movement; the role holds those in which "
        "nobody has a task",
    ),
    rated=Field(
        Listed(Word.of(Satisfaction), alone=True, least=1),
        "for ratings of these grades by a party; the one rung says who looks at the matter again, and until when",
    ),
)

GRADING: Final = _rule(
    "a grading",
    output=Field(_FACT, "choice fact that gets the colour", needed=True),
    colours=Field(
        Listed(
            Record(
                {
                    "id": Field(NAME, "value of the output", needed=True),
                    "at_least": Field(Number(0, 1_000_000), "score from which it applies", needed=True),
                    "tells": Field(Listed(_ROLE, alone=True), "who is told when a case turns to it"),
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
                    **_NAMED,
                    "when": Field(_CONDITIONS, "conditions under which it counts"),
                    "fact": Field(_FACT, "number that the weight is multiplied with"),
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
ASSIGNMENT: Final = _rule(
    "an assignment",
    kind=Field(Word.of(AssignmentKind), "guarantee 包保, department 归口 or body 调解组织", needed=True),
    entries=Field(
        Listed(
            Record(
                {
                    "id": Field(NAME, "name of the entry", needed=True),
                    "title": Field(LABEL, "名称", needed=True),
                    "role": Field(_ROLE, "role", needed=True),
                    "level": Field(_LEVEL, "where to look for the role"),
                    "when": Field(_CONDITIONS, "conditions; absent: always"),
                },
                "an entry",
            ),
            least=1,
        ),
        "who, in order",
        needed=True,
    ),
)
PATTERN: Final = _rule(
    "a pattern",
    occurrence=Field(NAME, "value of the fact `occurrence`", needed=True),
    recognise=Field(
        Record(
            {
                "when": Field(_CONDITIONS, "conditions on the case"),
                "months": Field(Listed(Number(1, 12), least=1), "months of the year"),
                "count": Field(Number(2, 10_000), "so many cases alike"),
                "within": Field(_PERIOD, "within so long"),
                "same": Field(Listed(_FACT, least=1), "facts in which they agree"),
            },
            "how a pattern is recognised",
        ),
        "how it is recognised",
        needed=True,
    ),
    mode=Field(Word.of(Mode), "together, focus, in_advance or at_once", needed=True),
    lead=Field(_PERIOD, "how long before the months screening starts"),
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
ROUTINE: Final = _rule(
    "a routine",
    schedule=Field(
        Record(
            {
                "every": Field(Word.of(Every), "day, week, month, quarter or year", needed=True),
                "days": Field(Listed(Scalar(listed=False), least=1), "[monday], [15], [last], ['03-11']"),
                "at": Field(Listed(_TIME, least=1), "times of day: ['09:00']"),
                "lasts": Field(Number(1, 366), "how many days it lasts; 1 unless said"),
            },
            "a schedule",
        ),
        "when",
        needed=True,
    ),
    holiday=Field(Word.of(HolidayPolicy), "skip, next_workday, previous_workday or keep", needed=True),
    role=Field(_ROLE, "who does it", needed=True),
    level=Field(_LEVEL, "at which level"),
    list=Field(Listed(Record({**_NAMED, **_ITEM}, "an item")), "what is left to work through"),
    close_within=Field(_PERIOD, "how long after it falls its list should be closed: 3 wd"),
)
GUARD: Final = _rule(
    "a guard",
    table=Field(ID, "table that it watches"),
    deadlines=Field(Entries(Scalar(), NAME), "or: the deadlines that it watches"),
    where=Field(_CONDITIONS, "the cases that it is about"),
    must=Field(Entries(Scalar(), NAME, least=1), "what must hold", needed=True),
)
_ANY_VALUE: Final = Listed(Scalar(listed=False, null=False), alone=True, least=1)
_MEASURES = {
    "facts": Field(
        Entries(_ANY_VALUE, _FACT, least=1), "facts, each with a value, or several of which it has one"
    ),
    "process": Field(Listed(ID, alone=True, least=1), "processes of which it is one"),
    "missed": Field(Listed(ID, alone=True, least=1), "deadlines: one of them was not met in time"),
    "said": Field(Listed(_FACT, alone=True, least=1), "facts of which somebody has said something"),
    "reached": Field(Listed(_MILESTONE, alone=True, least=1), "milestones: it has reached one of them"),
    "status": Field(Listed(Word.of(CaseStatus), alone=True, least=1), "open, ended, merged or voided"),
    "linked": Field(Listed(Word.of(LinkKind), alone=True, least=1), "a link of this kind leads from it"),
    "linked_from": Field(Listed(Word.of(LinkKind), alone=True, least=1), "a link of this kind leads to it"),
    "contacts": Field(Listed(Word.of(ContactForm), alone=True, least=1), "somebody met its people so"),
    "rated": Field(Listed(Word.of(Satisfaction), alone=True, least=1), "its party gave such a grade"),
    "longer_than": Field(Number(1, 10_000), "calendar days: it was open for more, or is"),
}
_UNLESS: Final = Field(Listed(Record(_MEASURES, "a measure"), alone=True, least=1), "none of these may hold")
MEASURE: Final = Record({**_MEASURES, "unless": _UNLESS}, "a measure")
FIGURE: Final = _rule(
    "a figure",
    deadlines=Field(
        Listed(ID, least=1), "deadlines that are counted: met in time, among those that are over"
    ),
    day=Field(_FACT, "date by which a case falls into a period; absent, or not said: when it was opened"),
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
CHECKLIST: Final = _rule(
    "a checklist",
    per=Field(Word.of(Per), "visit: ticked again at each; case: once", needed=True),
    visits=Field(
        Listed(Word.of(AppointmentForm), alone=True, least=1),
        "per: visit; after these what is missing is told, also when nobody has begun the list",
    ),
    when=Field(_CONDITIONS, "the cases that it is for; absent: all"),
    items=Field(
        Listed(Record({**_NAMED, "when": Field(_CONDITIONS, "its cases; absent: all")}, "an item"), least=1),
        "what is to be done or looked at",
        needed=True,
    ),
)
AUTHORITY: Final = _rule(
    "who may do an act",
    by=Field(Listed(NAME, least=1), "words of Who, or roles: one of them is enough", needed=True),
    reason=Field(Boolean(), "true: whoever does it says why"),
)
GRADE: Final = _rule(
    "a grade of cases",
    grade=Field(Word(("sensitive", "sealed")), "sensitive or sealed", needed=True),
    when=Field(_VALUES, "conditions; all must hold", needed=True),
)

DEFAULTS: Final = Record(
    {
        "law": CITATION.fields["law"],
        "version": CITATION.fields["version"],
        "from": _SPAN["from"],
        "to": _SPAN["to"],
        "owner": _COMMON["owner"],
        "confidence": _COMMON["confidence"],
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
}
#: What a section was called before; it is read all the same, with a warning, since editions are kept for good.
RENAMED: Final = {"duties": Kind.ROUTINE}


def key_of(section: str) -> Text:
    """What the names in a section look like."""
    return NAME if section in VOCABULARIES and section != "messages" else ID


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
