"""Deadlines and the ladders that press them."""

from __future__ import annotations

from typing import Final

from jiefen.notation.shapes import Boolean, Field, Listed, Number, Record, Word
from jiefen.periods import Ends, FirstDay
from jiefen.record.kinds import Satisfaction
from jiefen.rules.format.words import (
    ADDRESSEE,
    BECAUSE,
    CONDITIONS,
    FACT_NAME,
    GROUND_NAME,
    ID,
    LABEL,
    LEVEL,
    MILESTONE_NAME,
    NAME,
    PERIOD,
    ROLE_NAME,
    SPAN,
    TEXT,
    TOPIC,
    a_rule,
)
from jiefen.rules.model.deadlines import Action, Direction, Expiry, NoticeForm, Side

_NOTICE = Record(
    {
        "to": Field(Listed(ROLE_NAME, least=1), "roles that must be told", needed=True),
        "form": Field(Word.of(NoticeForm), "written or told", needed=True),
    },
    "a notice",
)
EXTENSION: Final = Record(
    {
        "length": Field(PERIOD, "the most by which one extension lengthens"),
        "times": Field(Number(1, 100), "the most extensions; in a list each but the last needs it"),
        "total": Field(PERIOD, "the most with all extensions up to this one"),
        "ground": Field(TEXT, "ground as the article writes it: 情况复杂"),
        "approver": Field(ROLE_NAME, "role that decides"),
        "notice": Field(_NOTICE, "who must be told"),
    },
    "an extension",
)
REVIVAL: Final = Record(
    {
        "by": Field(MILESTONE_NAME, "milestone that shows that the act came to nothing", needed=True),
        "ground": Field(
            GROUND_NAME, "ground on which it starts again; absent: what is left of the period goes on"
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
    "holder": Field(ROLE_NAME, "role that owes it or has it"),
    "holder_fact": Field(
        FACT_NAME, "choice fact whose value is the role that owes it or has it; holder is who else it is"
    ),
    "anchor": Field(MILESTONE_NAME, "milestone from which it runs"),
    "date": Field(FACT_NAME, "fact that carries the day of the anchor"),
    "meanwhile": Field(LABEL, "what holds while its milestone has not been reached"),
    "matters": Field(
        Listed(NAME, least=1), "dispute types in which one asks for what starts it; it runs whatever the type"
    ),
    "when": Field(CONDITIONS, "conditions on facts; absent: always"),
    "length": Field(PERIOD, "60 d, 5 wd, 24 h, 3 mo, 2 y"),
    "first_day": Field(Word.of(FirstDay), "whether the day of the anchor counts; excluded unless said"),
    "roll": Field(Word(("none", "next_working_day")), "末日为节假日时是否顺延; none unless said"),
    "ends": Field(Word.of(Ends), "when the last day ends; midnight unless said"),
    "direction": Field(Word.of(Direction), "before: counted back from the anchor; after unless said"),
    "stops": Field(Listed(MILESTONE_NAME), "milestones that meet it"),
    "cancels": Field(Listed(MILESTONE_NAME), "milestones that end it unmet"),
    "revivals": Field(Listed(REVIVAL, least=1), "恢复: what lets it run again after an act has met it"),
    "extension": Field(
        Listed(EXTENSION, alone=True, least=1),
        "how it may be extended; a list for what the law says of the first, then of a further one; absent: not at all",
    ),
    "suspensions": Field(Listed(GROUND_NAME), "grounds that suspend it"),
    "interruptions": Field(Listed(GROUND_NAME), "grounds after which it starts again"),
    "suspends_in_last": Field(
        PERIOD, "grounds suspend only in this last part, and it ends so long after them"
    ),
    "late_grounds": Field(
        Listed(GROUND_NAME, least=1),
        "with suspends_in_last: these alone suspend only in the last part, and what is left goes on after them",
    ),
    "on_expiry": Field(Word.of(Expiry), "期满后果"),
    "expiry_milestone": Field(MILESTONE_NAME, "milestone reached on expiry"),
    "ladder": Field(ID, "ladder that climbs beside it"),
    "within": Field(ID, "deadline of the whole case that runs beside this step"),
    "safe": Field(
        SAFE, "稳妥日: the earlier day that a party does well to keep where the law can be read in two ways"
    ),
}
VERSION: Final = Record({**_RUNNING, **SPAN, "because": BECAUSE}, "a version")
DEADLINE: Final = a_rule(
    "a deadline",
    **_RUNNING,
    versions=Field(Listed(VERSION, least=1), "what differs from date to date; the rest stands above"),
)
RUNG: Final = Record(
    {
        "id": Field(NAME, "name of the rung, unique in its ladder", needed=True),
        "before": Field(PERIOD, "how long before the due date"),
        "after": Field(PERIOD, "how long after the due date; 0 d is the day itself"),
        "to": Field(
            ADDRESSEE, "who is told: a role; or holder, holder_head, holder_above, claimer", needed=True
        ),
        "level": Field(LEVEL, "where to look for the role"),
        "action": Field(Word.of(Action), "what it does", needed=True),
        "by": Field(ADDRESSEE, "who acts, written like to"),
        "reply": Field(PERIOD, "time for a written answer"),
        "urgent": Field(Boolean(), "also outside working hours"),
    },
    "a rung",
)
LADDER: Final = a_rule(
    "a ladder",
    rungs=Field(Listed(RUNG, least=1), "the rungs, earliest first", needed=True),
    unclaimed=Field(
        Listed(ROLE_NAME, alone=True, least=1),
        "for open tasks of these roles that nobody has claimed; the rungs count from when the task was opened",
    ),
    claimed=Field(
        Listed(ROLE_NAME, alone=True, least=1),
        "for open tasks of these roles that somebody has claimed; the rungs count from the claim",
    ),
    unanswered=Field(
        Listed(TOPIC, alone=True, least=1),
        "for deliveries of these topics, '*' for the rest, that were sent and not answered; the rungs count from then",
    ),
    unmoved=Field(
        ROLE_NAME,
        "for open cases in which nothing moves; the rungs count from the last movement; the role holds those in which "
        "nobody has a task",
    ),
    rated=Field(
        Listed(Word.of(Satisfaction), alone=True, least=1),
        "for ratings of these grades by a party; the one rung says who looks at the matter again, and until when",
    ),
)
