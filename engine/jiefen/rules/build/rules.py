"""From data to deadlines, ladders, gradings, assignments, patterns, routines and guards."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from jiefen.areas import Level
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.shapes import Path
from jiefen.periods import Ends, FirstDay, Period, Roll, Unit
from jiefen.record.kinds import AppointmentForm, Grade
from jiefen.rules.build.builder import Builder, Data
from jiefen.rules.format.rules import WEEKDAYS
from jiefen.rules.model.deadlines import (
    RELATIVES,
    Action,
    DeadlineRule,
    DeadlineVersion,
    Direction,
    Effect,
    Expiry,
    Extension,
    Ladder,
    NoticeForm,
    Relative,
    Revival,
    Rung,
    Safe,
    Side,
)
from jiefen.rules.model.practice import (
    SELECTING,
    Assignment,
    AssignmentKind,
    CheckItem,
    Checklist,
    Colour,
    Entry,
    Every,
    GradeRule,
    Grading,
    HolidayPolicy,
    Indicator,
    ListItem,
    Mode,
    Pattern,
    Per,
    Routine,
    Selection,
)
from jiefen.rules.model.rule import Kind
from jiefen.rules.model.vocabulary import FactType

_NUMBERS = (FactType.INTEGER, FactType.MONEY)
#: What the rungs of a ladder count from that is not for deadlines.
_BEGINS = {
    "unclaimed": "a task was even opened",
    "claimed": "a task was even claimed",
    "unanswered": "a delivery was even sent",
    "unmoved": "anything has moved",
    "rated": "a party has even rated anything",
}
_RUNNING = ("kind", "anchor", "length", "on_expiry")


def build_deadline(builder: Builder, id: str, data: Data, path: Path) -> DeadlineRule | None:
    """A deadline with its versions; each version is the rule with what the version says differently."""
    listed = "versions" in data
    entries = data["versions"] if listed else [{}]
    shared = {key: value for key, value in data.items() if key != "versions"}
    if listed:
        # What the rule says of itself is in force as long as its versions are.
        starts = [entry["from"] for entry in entries if "from" in entry]
        ends = [entry.get("to") for entry in entries]
        shared = {"from": min(starts, default=None), "because": entries[-1].get("because"), **shared}
        if None not in ends:
            shared = {"to": max(ends), **shared}
        shared = {key: value for key, value in shared.items() if value is not None}
    common = builder.common(Kind.DEADLINE, id, shared, path)
    versions = []
    for at, entry in enumerate(entries):
        here: Path = (*path, "versions", at) if listed else path
        version = _version(
            builder, {**builder.defaults, **data, **entry}, entry if listed else data, here, path
        )
        if version is not None:
            versions.append(version)
    if common is None or len(versions) < len(entries):
        return None
    versions.sort(key=lambda version: version.since)
    return DeadlineRule(**common, versions=tuple(versions))


def _version(builder: Builder, data: Data, own: Data, path: Path, rule: Path) -> DeadlineVersion | None:
    def at(key: str) -> Path:
        """Where a field stands: in the version if it says it, else in the rule."""
        return path if key in own else rule

    words = builder.words
    good = builder.needs(data, ("from", *_RUNNING), path) and builder.ordered(data, path)
    because = builder.citations(data.get("because"), (*at("because"), "because"))
    when = builder.conditions(data.get("when"), (*at("when"), "when"))
    for key in ("anchor", "expiry_milestone"):
        builder.named(data, key, words.milestones, "milestone", at(key))
    builder.named(data, "holder", words.roles, "role", at("holder"))
    builder.holder_fact(data, (*at("holder_fact"), "holder_fact"))
    builder.date_fact(data, (*at("date"), "date"))
    length = builder.period(data, "length", at("length"))
    # Counted backwards, nothing before a day is the day itself: a court sets until when evidence may be given.
    on_the_day = data.get("direction") == "before" and length is not None and length.unit is Unit.DAY
    if length is not None and length.length == 0 and not on_the_day:
        builder.report(
            (*at("length"), "length"),
            "bad-period",
            "a deadline of length 0 would be over before anybody could act",
            "write at least 1: 1 h, 1 d",
        )
    if not good or when is None or length is None or not because:
        return None
    return DeadlineVersion(
        since=data["from"],
        until=data.get("to"),
        kind=Side(data["kind"]),
        holder=data.get("holder"),
        holder_fact=data.get("holder_fact"),
        anchor=data["anchor"],
        date_fact=data.get("date"),
        when=when,
        matters=builder.matters(data, at("matters")),
        meanwhile=builder.label(data.get("meanwhile")),
        length=length,
        first_day=FirstDay(data.get("first_day", FirstDay.EXCLUDED)),
        roll=Roll(data.get("roll", "none")),
        ends=Ends(data.get("ends", Ends.MIDNIGHT)),
        direction=Direction(data.get("direction", Direction.AFTER)),
        stops=builder.named(data, "stops", words.milestones, "milestone", at("stops")),
        cancels=builder.named(data, "cancels", words.milestones, "milestone", at("cancels")),
        revivals=_revivals(builder, data, (*at("revivals"), "revivals")),
        extensions=_extensions(builder, data.get("extension", []), (*at("extension"), "extension")),
        suspensions=builder.grounds(data, "suspensions", Effect.SUSPEND, at("suspensions")),
        interruptions=builder.grounds(data, "interruptions", Effect.INTERRUPT, at("interruptions")),
        suspends_in_last=builder.period(data, "suspends_in_last", at("suspends_in_last")),
        late_grounds=_late_grounds(builder, data, (*at("late_grounds"), "late_grounds")),
        on_expiry=Expiry(data["on_expiry"]),
        expiry_milestone=data.get("expiry_milestone"),
        ladder=builder.refer(Kind.LADDER, data.get("ladder"), (*at("ladder"), "ladder")),
        within=builder.refer(Kind.DEADLINE, data.get("within"), (*at("within"), "within")),
        safe=_safe(builder, data, (*at("safe"), "safe")),
        because=because,
        place=builder.place(path),
    )


def _revivals(builder: Builder, deadline: Data, path: Path) -> tuple[Revival, ...]:
    """What lets a deadline run again that an act has met."""
    found = []
    for at, data in enumerate(deadline.get("revivals", ())):
        here = (*path, at)
        builder.named(data, "by", builder.words.milestones, "milestone", here)
        ground = data.get("ground")
        wrong = {
            "nothing meets it, so nothing revives it": not deadline.get("stops"),
            f"{ground!r} is not among its interruptions": ground is not None
            and ground not in deadline.get("interruptions", ()),
            "it does not start again without a ground": "from" in data and ground is None,
        }
        for message in (message for message, is_wrong in wrong.items() if is_wrong):
            hint = "write stops:, interruptions: and ground: so that they fit, or leave it out"
            builder.report(here, "revival", message, hint)
        found.append(Revival(by=data["by"], ground=ground, from_act=data.get("from") == "act"))
    return tuple(found)


def _late_grounds(builder: Builder, data: Data, path: Path) -> tuple[str, ...]:
    """The grounds that suspend only in the last part, where others suspend on any day."""
    late = tuple(data.get("late_grounds", ()))
    if late and not ("suspends_in_last" in data and set(late) < set(data.get("suspensions", ()))):
        message = (
            "late_grounds are some of the suspensions, and suspends_in_last says how long the last part is"
        )
        builder.report(path, "late-grounds", message, "name both, or leave late_grounds out")
    return late


def _safe(builder: Builder, deadline: Data, path: Path) -> Safe | None:
    """The earlier day that a party does well to keep; only a right has one."""
    data = deadline.get("safe")
    if data is None:
        return None
    unrolled = "roll" in data
    wrong = {
        "only a right of a party has a safe day": deadline["kind"] != Side.RIGHT,
        "it does not say which day is safe": not {"roll", "wait", "before"} & set(data),
        "there is no roll to leave out": unrolled and deadline.get("roll", "none") == "none",
    }
    for message in (message for message, found in wrong.items() if found):
        builder.report(path, "safe-day", message, "write roll: none, wait: or before:, or leave safe out")
    return Safe(
        unrolled=unrolled,
        wait=builder.refer(Kind.DEADLINE, data.get("wait"), (*path, "wait")),
        before=builder.refer(Kind.DEADLINE, data.get("before"), (*path, "before")),
        why=Label.of(data["why"]),
    )


def _extensions(builder: Builder, data: Data | list[Data], path: Path) -> tuple[Extension, ...]:
    """One extension, or what the law says of the first and then of each further one."""
    if not isinstance(data, list):
        return (_extension(builder, data, path),)
    for at, entry in enumerate(data[:-1]):
        if "times" not in entry:
            builder.report(
                (*path, at),
                "extension-unreachable",
                "it may be granted any number of times, so the extension after it never comes",
                "write times: 1",
            )
    return tuple(_extension(builder, entry, (*path, at)) for at, entry in enumerate(data))


def _extension(builder: Builder, data: Data, path: Path) -> Extension:
    roles = builder.words.roles
    builder.named(data, "approver", roles, "role", path)
    notice = data.get("notice")
    return Extension(
        length=builder.period(data, "length", path),
        times=data.get("times"),
        total=builder.period(data, "total", path),
        ground=data.get("ground"),
        approver=data.get("approver"),
        notice_to=builder.named(notice, "to", roles, "role", (*path, "notice")) if notice else (),
        notice_form=NoticeForm(notice["form"]) if notice else None,
    )


def build_ladder(builder: Builder, id: str, data: Data, path: Path) -> Ladder | None:
    """A ladder, its rungs sorted by when they come."""
    common = builder.common(Kind.LADDER, id, data, path)
    entries = data["rungs"]
    builder.unique(entries, (*path, "rungs"), "rung")
    rungs = [_rung(builder, entry, (*path, "rungs", at)) for at, entry in enumerate(entries)]
    for_roles = ("unclaimed", "claimed", "unmoved")
    unclaimed, claimed, _ = (builder.named(data, key, builder.words.roles, "role", path) for key in for_roles)
    if common is None or None in rungs:
        return None
    known = [rung for rung in rungs if rung is not None]
    topics = data.get("unanswered", ())
    unanswered = (topics,) if isinstance(topics, str) else tuple(topics)
    grades = data.get("rated", ())
    rated = (grades,) if isinstance(grades, str) else tuple(grades)
    beside = [key for key in ("unclaimed", "claimed", "unanswered", "unmoved", "rated") if key in data]
    if len(beside) > 1:
        builder.report(
            (*path, beside[-1]),
            "ladder-for-two",
            f"a ladder is for one kind of thing, not for both {beside[0]} and {beside[-1]}",
            "make two ladders of it",
        )
    for at, rung in enumerate(known):
        if rung.before and beside:
            builder.report(
                (*path, "rungs", at),
                "rung-offset",
                f"rung {rung.id!r} comes before {_BEGINS[beside[0]]}",
                "write after: 1 wd",
            )
        if Relative.CLAIMER in (rung.role, rung.by) and not claimed:
            message = f"rung {rung.id!r} means who has claimed a task, and its ladder is for no claimed tasks"
            hint = "write claimed: with the roles of the tasks, or name another addressee"
            builder.report((*path, "rungs", at), "no-claimer", message, hint)
        if rung.by == Relative.LEADER or (rung.role == Relative.LEADER and beside):
            message = f"rung {rung.id!r} means who leads the case: they are told of deadlines alone, and act by none"
            builder.report((*path, "rungs", at), "no-leader", message, "name a role")
    if rated and (len(known) != 1 or known[0].before or known[0].offset.length or known[0].reply is None):
        builder.report(
            (*path, "rungs"),
            "rating-rung",
            "a ladder for ratings needs one rung, which comes at once and asks for an answer; a review that is not "
            "answered climbs by itself",
            "keep one rung, with after: 0 d and reply: 5 wd",
        )
    known.sort(key=lambda rung: (not rung.before, (-1 if rung.before else 1) * rough_days(rung.offset)))
    return Ladder(
        **common, rungs=tuple(known), unclaimed=unclaimed, claimed=claimed, unanswered=unanswered,
        unmoved=data.get("unmoved"),
        rated=rated,
    )  # fmt: skip


def rough_days(period: Period) -> float:
    """About how many calendar days a period is; for putting periods in order, never for a date."""
    days = {Unit.HOUR: 1 / 24, Unit.DAY: 1.0, Unit.WORKING_DAY: 7 / 5, Unit.MONTH: 30.4, Unit.YEAR: 365.25}
    return period.length * days[period.unit]


def _rung(builder: Builder, data: Data, path: Path) -> Rung | None:
    for key in ("to", "by"):
        if data.get(key) not in RELATIVES:
            builder.named(data, key, builder.words.roles, "role", path)
    if ("before" in data) == ("after" in data):
        builder.report(
            path,
            "rung-offset",
            f"rung {data['id']!r} needs before or after, and only one",
            "write before: 10 d",
        )
        return None
    offset = builder.period(data, "before" if "before" in data else "after", path)
    if offset is None:
        return None
    if data["action"] == Action.RECTIFY and not ("reply" in data and "by" in data):
        builder.report(
            (*path, "action"),
            "rung-term",
            f"rung {data['id']!r} orders something to be put right, but not by when, or not who orders it",
            "write reply: 15 d, and by: with the role that acts",
        )
    return Rung(
        id=data["id"],
        offset=offset,
        before="before" in data,
        role=data["to"],
        level=_level(data),
        action=Action(data["action"]),
        by=data.get("by"),
        reply=builder.period(data, "reply", path),
        urgent=data.get("urgent", False),
    )


def _level(data: Data) -> Level | None:
    return Level(data["level"]) if "level" in data else None


def build_grading(builder: Builder, id: str, data: Data, path: Path) -> Grading | None:
    """A grading, its colours from the highest score down to 0."""
    common = builder.common(Kind.GRADING, id, data, path)
    output = builder.known(data["output"], builder.words.facts.facts, "fact", (*path, "output"))
    colours = []
    for at, colour in enumerate(data["colours"]):
        if output is not None:
            builder.known(colour["id"], output.values, "colour", (*path, "colours", at, "id"))
        tells = builder.named(colour, "tells", builder.words.roles, "role", (*path, "colours", at))
        colours.append(Colour(colour["id"], colour["at_least"], tells))
    builder.unique(data["colours"], (*path, "colours"), "colour")
    scores = [colour["at_least"] for colour in data["colours"]]
    if scores != sorted(set(scores), reverse=True) or scores[-1] != 0:
        builder.report(
            (*path, "colours"),
            "colour-order",
            "the colours do not go down from the highest score to 0",
            "sort them; the last has at_least: 0",
        )
    builder.unique(data["indicators"], (*path, "indicators"), "indicator")
    indicators = [
        _indicator(builder, one, (*path, "indicators", at)) for at, one in enumerate(data["indicators"])
    ]
    if common is None or output is None or None in indicators:
        return None
    return Grading(
        **common,
        output=output.id,
        colours=tuple(colours),
        indicators=tuple(one for one in indicators if one is not None),
    )


def _indicator(builder: Builder, data: Data, path: Path) -> Indicator | None:
    when = builder.conditions(data.get("when"), (*path, "when"))
    name = data.get("fact")
    if name is not None:
        fact = builder.known(name, builder.words.facts.facts, "fact", (*path, "fact"))
        if fact is not None and fact.type not in _NUMBERS:
            builder.report(
                (*path, "fact"), "not-a-number", f"fact {name!r} is not a number", "name an integer or money"
            )
    elif not data.get("when"):
        builder.report(
            path,
            "indicator-empty",
            f"indicator {data['id']!r} has neither when nor fact",
            "say when it counts",
        )
    if when is None:
        return None
    return Indicator(
        id=data["id"],
        title=Label.of(data["title"]),
        when=when,
        fact=name,
        weight=data["weight"],
        at_most=data.get("at_most"),
    )


def build_assignment(builder: Builder, id: str, data: Data, path: Path) -> Assignment | None:
    """An assignment."""
    common = builder.common(Kind.ASSIGNMENT, id, data, path)
    builder.unique(data["entries"], (*path, "entries"), "entry")
    entries = []
    for at, one in enumerate(data["entries"]):
        here = (*path, "entries", at)
        builder.named(one, "role", builder.words.roles, "role", here)
        when = builder.conditions(one.get("when"), (*here, "when"))
        if when is not None:
            title = Label.of(one["title"])
            entries.append(Entry(id=one["id"], title=title, role=one["role"], level=_level(one), when=when))
    if common is None:
        return None
    return Assignment(**common, mode=AssignmentKind(data["kind"]), entries=tuple(entries))


def build_pattern(builder: Builder, id: str, data: Data, path: Path) -> Pattern | None:
    """An occurrence pattern."""
    common = builder.common(Kind.PATTERN, id, data, path)
    facts, how, here = builder.words.facts.facts, data["recognise"], (*path, "recognise")
    occurrence = facts.get("occurrence")
    if occurrence is not None:
        builder.known(data["occurrence"], occurrence.values, "occurrence", (*path, "occurrence"))
    if not how:
        builder.report(
            here, "pattern-empty", "nothing says how the pattern is recognised", "add when, months or count"
        )
    if ("count" in how) != ("within" in how):
        builder.report(
            here, "pattern-count", "count and within belong together", "write {count: 5, within: 30 d}"
        )
    if "count" in how and not {"dispute_type", "area"} & set(how.get("same", ())):
        builder.report(
            here,
            "pattern-unbounded",
            "cases are counted that agree neither in dispute_type nor in area: each new case would look at all others",
            "write same: [dispute_type, area]",
        )
    if ("lead" in data) != (data["mode"] == Mode.IN_ADVANCE) or ("lead" in data and "months" not in how):
        builder.report(
            path, "pattern-lead", "lead belongs to mode in_advance with months", "add or remove lead: 30 d"
        )
    when = builder.conditions(how.get("when"), (*here, "when"))
    if common is None or when is None:
        return None
    return Pattern(
        **common,
        occurrence=data["occurrence"],
        when=when,
        months=tuple(how.get("months", ())),
        count=how.get("count"),
        within=builder.period(how, "within", here),
        same=builder.named(how, "same", facts, "fact", here),
        mode=Mode(data["mode"]),
        lead=builder.period(data, "lead", path),
    )


def build_routine(builder: Builder, id: str, data: Data, path: Path) -> Routine | None:
    """A routine."""
    common = builder.common(Kind.ROUTINE, id, data, path)
    schedule = data["schedule"]
    every = Every(schedule["every"])
    here = (*path, "schedule", "days")
    days = []
    if (every is Every.DAY) == ("days" in schedule):
        builder.report(
            (*path, "schedule"),
            "schedule-days",
            f"every {every} {'has no' if every is Every.DAY else 'needs'} `days`",
            _DAYS[every],
        )
    for at, day in enumerate(schedule.get("days", ()) if every is not Every.DAY else ()):
        read = _day(every, day)
        if read is None:
            hint = suggestion(day, WEEKDAYS) if every is Every.WEEK and isinstance(day, str) else _DAYS[every]
            builder.report((*here, at), "schedule-days", f"{day} is not a day of a {every}", hint)
        else:
            days.append(read)
    builder.named(data, "role", builder.words.roles, "role", path)
    builder.unique(data.get("list", []), (*path, "list"), "item")
    items = [
        ListItem(
            id=one["id"],
            title=Label.of(one["title"]),
            cases=_selection(builder, one.get("cases"), (*path, "list", number, "cases")),
            figures=tuple(one.get("figures", ())),
        )
        for number, one in enumerate(data.get("list", ()))
    ]
    for number, item in enumerate(items):
        for at, figure in enumerate(item.figures):
            builder.refer(Kind.FIGURE, figure, (*path, "list", number, "figures", at))
    close_within = builder.period(data, "close_within", path)
    if common is None:
        return None
    return Routine(
        **common,
        every=every,
        days=tuple(days),
        at=tuple(schedule.get("at", ())),
        lasts=schedule.get("lasts", 1),
        holiday=HolidayPolicy(data["holiday"]),
        role=data["role"],
        level=_level(data),
        items=tuple(items),
        close_within=close_within,
    )


def _selection(builder: Builder, data: Data | None, path: Path) -> Selection | None:
    """Which cases an item of a list is about; every value must be one that its fact can have."""
    if data is None:
        return None
    facts = {}
    for name in SELECTING:
        fact = builder.known(name, builder.words.facts.facts, "fact", (*path, name)) if name in data else None
        if fact is not None:
            facts[name] = builder.named(data, name, fact.values, "value", path)
    return Selection(facts=facts, overdue=data.get("overdue", False))


_DAYS: Final = {
    Every.DAY: "remove it; give times with at: ['09:00']",
    Every.WEEK: "write days: [monday]",
    Every.MONTH: "write days: [15] or days: [last]",
    Every.QUARTER: "write the day of the quarter, days: [1] to [92], or days: [last]",
    Every.YEAR: "write days: ['03-11']",
}
_LAST_DAY = {Every.MONTH: 31, Every.QUARTER: 92}


def _day(every: Every, day: object) -> int | tuple[int, int] | None:
    """A day of a schedule; ``None`` when there is no such day."""
    if every is Every.WEEK:
        return WEEKDAYS.index(day) + 1 if day in WEEKDAYS else None
    if every is Every.YEAR:
        if isinstance(day, str) and re.fullmatch(r"[0-9]{2}-[0-9]{2}", day):
            month, number = int(day[:2]), int(day[3:])
            try:
                date(2024, month, number)
            except ValueError:
                return None
            return month, number
        return None
    if day == "last":
        return -1
    return (
        day if isinstance(day, int) and not isinstance(day, bool) and 1 <= day <= _LAST_DAY[every] else None
    )


def build_checklist(builder: Builder, id: str, data: Data, path: Path) -> Checklist | None:
    """A checklist."""
    common = builder.common(Kind.CHECKLIST, id, data, path)
    builder.unique(data["items"], (*path, "items"), "item")
    when = builder.conditions(data.get("when"), (*path, "when"))
    visits = data.get("visits", ())
    visits = (visits,) if isinstance(visits, str) else tuple(visits)
    if visits and data["per"] == Per.CASE:
        builder.report(
            (*path, "visits"), "checklist-visits", "a checklist of a case has no visits", "write per: visit"
        )
    items = []
    for at, one in enumerate(data["items"]):
        fitting = builder.conditions(one.get("when"), (*path, "items", at, "when"))
        if fitting is not None:
            items.append(CheckItem(id=one["id"], title=Label.of(one["title"]), when=fitting))
    if common is None or when is None:
        return None
    return Checklist(
        **common,
        per=Per(data["per"]),
        visits=tuple(AppointmentForm(one) for one in visits),
        when=when,
        items=tuple(items),
    )


def build_grade(builder: Builder, id: str, data: Data, path: Path) -> GradeRule | None:
    """A grade of cases."""
    common = builder.common(Kind.GRADE, id, data, path)
    when = builder.conditions(data["when"], (*path, "when"))
    if common is None or when is None:
        return None
    return GradeRule(**common, grade=Grade(data["grade"]), when=when)
