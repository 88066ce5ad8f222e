"""What must be true of a rulebook as a whole before a case may run on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from jiefen.findings import Finding, Severity
from jiefen.notation.labels import suggestion
from jiefen.periods.figures import says
from jiefen.rules.build.prove import broken_guards
from jiefen.rules.build.reading import Reading
from jiefen.rules.model.deadlines import (
    PRESSING,
    DeadlineRule,
    DeadlineVersion,
    Ladder,
    Relative,
    Role,
    Side,
    role_meant,
)
from jiefen.rules.model.layers import Ladders, looser
from jiefen.rules.model.rule import NATION, Citation, Kind, Place, Rule, layers_of
from jiefen.rules.model.tables import Table
from jiefen.rules.model.view import RuleView
from jiefen.rules.model.vocabulary import Fact

_DAY = timedelta(days=1)


def verify(reading: Reading) -> list[Finding]:
    """Every finding about how the rules of a rulebook go together."""
    findings = [
        *_references(reading),
        *_set_by(reading),
        *_cycles(reading),
        *_waits(reading),
        *_unclaimed(reading),
        *_topics(reading),
    ]
    for rules in reading.layers.values():
        for rule in (rule for kind in rules.values() for rule in kind.values()):
            findings += _spans(rule, reading)
            if isinstance(rule, DeadlineRule):
                findings += _figures(rule)
    findings += _overrides(reading)
    proved: set[tuple[int, int]] = set()
    # All views are kept until the end: what was proved is known by the identity of the rules.
    views = [RuleView(area, reading.layers) for area in sorted({NATION, *reading.layers})]
    pressed: set[tuple[Place, str, Place]] = set()
    for view in views:
        findings += broken_guards(view, proved)
        findings += _pressed(view, reading.words.roles, reading.words.facts.facts, pressed)
    return findings


def _visible(reading: Reading, layer: str, kind: Kind) -> dict[str, Rule]:
    """The rules of a kind that a layer can name: its own and those above."""
    return {
        id: rule for one in layers_of(layer) for id, rule in reading.layers.get(one, {}).get(kind, {}).items()
    }


def _references(reading: Reading) -> Iterator[Finding]:
    known: dict[tuple[str, Kind], dict[str, Rule]] = {}
    for reference in reading.references:
        key = reference.layer, reference.kind
        visible = known[key] = known.get(key) or _visible(reading, *key)
        what = reference.kind.value.removesuffix("s")
        if reference.id not in visible:
            if _declared(reading, reference.layer, reference.kind, reference.id):
                continue
            yield reference.place.finding(
                f"unknown-{what}",
                f"{what} {reference.id!r} does not exist in this layer or above",
                suggestion(reference.id, visible),
                element=reference.by,
            )
        elif not visible[reference.id].active and _is_active(reading, reference.layer, reference.by):
            yield reference.place.finding(
                f"inactive-{what}",
                f"{what} {reference.id!r} is not active",
                "make it active, or name another one",
                element=reference.by,
            )


def _unclaimed(reading: Reading) -> Iterator[Finding]:
    """Ladders for tasks or deliveries that a deadline names, or that share a role or topic at the same time."""
    for reference in reading.references:
        if reference.kind is Kind.LADDER:
            ladder = _visible(reading, reference.layer, Kind.LADDER).get(reference.id)
            if isinstance(ladder, Ladder) and not ladder.for_deadlines:
                cases_or_tasks = "cases" if ladder.unmoved else "tasks"
                what = "ratings" if ladder.rated else cases_or_tasks
                what = "unanswered deliveries" if ladder.unanswered else what
                yield reference.place.finding(
                    "wrong-ladder",
                    f"ladder {reference.id!r} is for {what}, not for deadlines",
                    "name another ladder",
                    element=reference.by,
                )
    for layer, rules in sorted(reading.layers.items()):
        ladders = _visible(reading, layer, Kind.LADDER)
        for rule in rules.get(Kind.LADDER, {}).values():
            for other in ladders.values():
                named_first = other.layer != rule.layer or rule.id > other.id
                if named_first and rule.active and other.active and rule.span.overlaps(other.span):
                    yield from _shared(rule, other)


def _topics(reading: Reading) -> Iterator[Finding]:
    """Ladders for topics that nobody has declared; a rulebook that declares none leaves them to its models."""
    known = reading.words.topics
    for rules in reading.layers.values() if known else ():
        for rule in rules.get(Kind.LADDER, {}).values():
            for topic in rule.unanswered if isinstance(rule, Ladder) else ():
                if topic != "*" and topic not in known and topic not in reading.words.broken:
                    message = f"there is no topic {topic!r}"
                    yield rule.place.finding(
                        "unknown-topic", message, suggestion(topic, known), element=rule.id
                    )


def _shared(rule: Rule, other: Rule) -> Iterator[Finding]:
    assert isinstance(rule, Ladder)
    assert isinstance(other, Ladder)
    shared = [f"unclaimed tasks of {role!r}" for role in sorted({*rule.unclaimed} & {*other.unclaimed})]
    shared += [f"claimed tasks of {role!r}" for role in sorted({*rule.claimed} & {*other.claimed})]
    shared += [f"deliveries of {topic!r}" for topic in sorted({*rule.unanswered} & {*other.unanswered})]
    shared += ["cases that do not move"] if rule.unmoved and other.unmoved else []
    shared += [f"ratings {grade!r}" for grade in sorted({*rule.rated} & {*other.rated})]
    for what in shared:
        yield rule.place.finding(
            "ladder-twice",
            f"{what} climb {rule.id!r} and {other.id!r} ({other.place})",
            "leave them to one of the two; a lower layer overrides the ladder above by its id",
            element=rule.id,
        )


def _pressed(
    view: RuleView,
    roles: Mapping[str, Role],
    facts: Mapping[str, Fact],
    seen: set[tuple[Place, str, Place]],
) -> Iterator[Finding]:
    """Rungs that press somebody else than who owes the deadline, reach nobody, or are done by somebody below."""
    for rule in view.deadlines.values():
        for version in rule.versions:
            ladder = view.ladders.get(version.ladder or "")
            key = (version.place, version.holder or "", ladder.place) if ladder is not None else None
            if ladder is not None and key is not None and key not in seen:
                seen.add(key)
                beside = f"deadline {rule.id!r}"
                for holder in _holders(version, facts):
                    held = replace(version, holder=holder)
                    for finding in (
                        *_wrong_first(ladder, held, beside, roles),
                        *_wrong_rungs(ladder, holder, beside, roles),
                    ):
                        yield version.place.finding(*finding, element=rule.id)
    for ladder in view.ladders.values():
        waiting = (ladder.unmoved,) if ladder.unmoved else (None,) if ladder.unanswered else ()
        for role in ladder.unclaimed or ladder.claimed or waiting:
            key = (ladder.place, role or "", ladder.place)
            if key not in seen:
                seen.add(key)
                beside = f"tasks of {role!r}" if role else "deliveries"
                beside = "cases that do not move" if ladder.unmoved else beside
                for finding in _wrong_rungs(ladder, role, beside, roles):
                    yield ladder.place.finding(*finding, element=ladder.id)


def _holders(version: DeadlineVersion, facts: Mapping[str, Fact]) -> Iterator[str | None]:
    """Every role that may hold a deadline."""
    yield version.holder
    named = facts.get(version.holder_fact or "")
    yield from (value for value in (named.values if named is not None else ()) if value != version.holder)


def _wrong_first(
    ladder: Ladder, version: DeadlineVersion, beside: str, roles: Mapping[str, Role]
) -> Iterator[tuple[str, str, str]]:
    """A ladder that begins with somebody who does not owe the duty, or never tells who has the right."""
    told = [role_meant(rung.role, version.holder, roles) for rung in ladder.rungs]
    held = roles.get(version.holder or "")
    whoever = {version.holder} | ({"party"} if held is not None and held.level is None else set())
    if version.kind is Side.DUTY and told[0] != version.holder:
        who = f"which {version.holder!r} owes" if version.holder else "of which no holder is named"
        yield (
            "wrong-office",
            f"ladder {ladder.id!r} presses {told[0]!r} first for {beside}, {who}",
            f"write to: {Relative.HOLDER} for rung {ladder.rungs[0].id!r}, or name another ladder"
            if version.holder
            else "name the holder of the deadline",
        )
    elif version.kind is Side.RIGHT and not whoever & {*told}:
        yield (
            "holder-not-told",
            f"ladder {ladder.id!r} never tells {version.holder!r}, whose right {beside} is",
            f"write to: {Relative.HOLDER} for its first rung",
        )


def _wrong_rungs(
    ladder: Ladder, holder: str | None, beside: str, roles: Mapping[str, Role]
) -> Iterator[tuple[str, str, str]]:
    """Rungs that mean nobody beside what ``holder`` owes, or are done by an office not above the pressed one."""
    for rung in ladder.rungs:
        told = role_meant(rung.role, holder, roles)
        by = role_meant(rung.by, holder, roles) if rung.by is not None else None
        for word, meant in ((rung.role, told), (rung.by, by)):
            if word is not None and meant is None:
                key = "head" if word == Relative.HEAD else "above"
                yield (
                    "nobody-meant",
                    f"rung {rung.id!r} of ladder {ladder.id!r} means {word} for {beside}, and "
                    + (f"role {holder!r} has no {key}" if holder else "nobody holds that"),
                    f"give role {holder!r} a {key}: in roles.yaml, or name a role"
                    if holder
                    else "name a role",
                )
        if by is not None and told is not None and rung.action in PRESSING:
            actor, pressed = roles.get(by), roles.get(told)
            if actor is not None and pressed is not None and not actor.may_press(pressed):
                yield (
                    "not-above",
                    f"rung {rung.id!r} of ladder {ladder.id!r} lets {by!r} {rung.action} {told!r} for {beside}, which "
                    "does not stand below it",
                    f"name an office above {told!r}, for example by: {pressed.above or Relative.ABOVE}",
                )


def _declared(reading: Reading, layer: str, kind: Kind, id: str) -> bool:
    """Whether a rule is written down, perhaps wrongly; then that was said already."""
    return any((one, kind, id) in reading.declared for one in layers_of(layer))


def _is_active(reading: Reading, layer: str, id: str) -> bool:
    rules = [rules.get(id) for rules in reading.layers.get(layer, {}).values()]
    return any(rule.active for rule in rules if rule is not None)


def _set_by(reading: Reading) -> Iterator[Finding]:
    """Facts that say they are set by what does not exist, or by a table that never sets them."""
    tables = [table for rules in reading.layers.values() for table in rules.get(Kind.TABLE, {}).values()]
    outputs: dict[str, set[str]] = {}
    broken = {id for layer, kind, id in reading.declared if kind is Kind.TABLE} - {
        table.id for table in tables
    }
    for table in tables:
        if isinstance(table, Table):
            outputs.setdefault(table.id, set()).update(table.outputs)
    facts = reading.words.facts.facts
    words: dict[str, Collection[str]] = {
        "table": outputs,
        "milestone": reading.words.milestones,
        "message": reading.words.messages,
        "earlier": facts,
        "earlier_deadline": {id for _, kind, id in reading.declared if kind is Kind.DEADLINE},
    }
    for fact in facts.values():
        for setter in fact.set_by:
            what, _, id = setter.partition(":")
            known = words.get(what, {})
            place = reading.fact_places[fact.id]
            if id in broken or (what == "message" and not (id and known)):
                continue
            if what in words and id not in known:
                hint = suggestion(id, known)
                message = f"fact {fact.id!r} is set by {what.replace('_', ' ')} {id!r}, which does not exist"
                yield place.finding("unknown-setter", message, hint, element=fact.id)
            elif what == "table" and fact.id not in outputs[id]:
                message = f"fact {fact.id!r} says that table {id!r} sets it, but it is not among its outputs"
                yield place.finding("unknown-setter", message, "correct set_by", element=fact.id)


def _cycles(reading: Reading) -> Iterator[Finding]:
    """Rules that lead back to themselves: successors, and deadlines within deadlines."""
    for layer, rules in reading.layers.items():
        for kind, own in rules.items():
            visible = _visible(reading, layer, kind)
            follows = {id: one.successor for id, one in visible.items() if one.successor}
            within = {
                id: version.within
                for id, one in visible.items()
                if isinstance(one, DeadlineRule)
                for version in one.versions
                if version.within
            }
            for rule in own.values():
                for field, leads in (("successor", follows), ("within", within)):
                    if _returns(rule.id, leads):
                        yield _cycle(rule, field)


def _waits(reading: Reading) -> Iterator[Finding]:
    """Safe days that are counted from the end of a time to wait which the right does not begin with."""
    for layer, rules in reading.layers.items():
        visible = _visible(reading, layer, Kind.DEADLINE)
        for rule in rules[Kind.DEADLINE].values():
            for version in rule.versions if isinstance(rule, DeadlineRule) else ():
                wait = visible.get(version.safe.wait or "") if version.safe else None
                if not isinstance(wait, DeadlineRule):
                    continue
                ends = {one.expiry_milestone for one in wait.versions}
                if version.anchor not in ends:
                    yield version.place.finding(
                        "safe-day",
                        f"it runs from {version.anchor!r}, but {wait.id!r} does not end with that",
                        f"write expiry_milestone: {version.anchor} in {wait.id}, or another wait",
                        element=rule.id,
                    )


def _cycle(rule: Rule, field: str) -> Finding:
    return rule.place.finding(
        "cycle",
        f"{field} leads from {rule.id!r} back to itself",
        f"remove {field} from one of them",
        element=rule.id,
    )


def _returns(start: str, leads: Mapping[str, str]) -> bool:
    at, seen = leads.get(start), {start}
    while at is not None and at not in seen:
        seen.add(at)
        at = leads.get(at)
    return at == start


def _spans(rule: Rule, reading: Reading) -> Iterator[Finding]:
    """Versions that overlap or leave days out, and ends that nothing follows."""
    if isinstance(rule, DeadlineRule):
        yield from _versions(rule)
    if isinstance(rule, Table):
        names = {row.id for row in rule.rows}
        for row in rule.rows:
            yield from _ending(
                row.until if row.until != rule.until else None,
                row.successor,
                names,
                f"{rule.id}/{row.id}",
                row.place,
            )
            if row.since < rule.since or (rule.until and row.since > rule.until):
                yield row.place.finding(
                    "row-outside",
                    f"row {row.id!r} begins on {row.since}, when its table is not in force",
                    f"the table is in force from {rule.since}",
                    element=f"{rule.id}/{row.id}",
                )
    if rule.until is not None or rule.successor is not None:
        layers = layers_of(rule.layer)
        others = {id for layer, kind, id in reading.declared if kind is rule.kind and layer in layers}
        yield from _ending(rule.until, rule.successor, others, rule.id, rule.place)


def _ending(
    until: date | None, successor: str | None, others: set[str], element: str, place: Place
) -> Iterator[Finding]:
    if until is None and successor is not None:
        yield place.finding(
            "successor-without-end",
            f"{element} names a successor but does not end",
            "add `to`, or remove it",
            element=element,
        )
    elif until is not None and successor is None:
        yield place.finding(
            "no-successor",
            f"{element} ends on {until} and nothing is said to follow it",
            "write successor: and the id that follows, or successor: none",
            element=element,
            severity=Severity.WARNING,
        )
    elif successor not in (None, "none") and successor not in others:
        yield place.finding(
            "unknown-successor",
            f"successor {successor!r} does not exist",
            suggestion(str(successor), others),
            element=element,
        )


def _versions(rule: DeadlineRule) -> Iterator[Finding]:
    for one, other in zip(rule.versions, rule.versions[1:], strict=False):
        if one.until is None or one.until >= other.since:
            yield other.place.finding(
                "versions-overlap",
                f"versions of {rule.id!r} overlap: one ends {one.until or 'never'}, the next begins {other.since}",
                f"end the earlier one with to: {other.since - _DAY}",
                element=rule.id,
            )
        elif one.until + _DAY < other.since:
            yield other.place.finding(
                "versions-gap",
                f"no version of {rule.id!r} is in force from {one.until + _DAY} to {other.since - _DAY}",
                f"end the earlier one with to: {other.since - _DAY}",
                element=rule.id,
                severity=Severity.WARNING,
            )


def _figures(rule: DeadlineRule) -> Iterator[Finding]:
    """Lengths that the figures of the article do not say."""
    for version in rule.versions:
        figures = tuple(figure for citation in version.because for figure in citation.figures)
        lengths = [("length", version.length)]
        lengths += [("extension", one.length) for one in version.extensions if one.length is not None]
        lengths += [("total", one.total) for one in version.extensions if one.total is not None]
        for name, period in lengths:
            if says(figures, period) is False and not _is_policy(version.because):
                yield version.place.finding(
                    "figure-differs",
                    f"{name} of {rule.id!r} is {period}, but the article is quoted with {', '.join(figures)}",
                    "correct the one that is wrong, or quote the figure of the other number too",
                    element=rule.id,
                )


def _is_policy(because: tuple[Citation, ...]) -> bool:
    return any(citation.policy is not None for citation in because)


def _overrides(reading: Reading) -> Iterator[Finding]:
    """Rules of a lower layer that stand in for one above."""
    for layer, rules in sorted(reading.layers.items()):
        above = [one for one in layers_of(layer) if one != layer] if layer != NATION else []
        for kind, own in rules.items():
            for rule in own.values():
                upper = next(
                    (
                        found
                        for one in reversed(above)
                        if (found := reading.layers.get(one, {}).get(kind, {}).get(rule.id))
                    ),
                    None,
                )
                yield from _override(rule, upper, reading)


def _override(rule: Rule, upper: Rule | None, reading: Reading) -> Iterator[Finding]:
    if upper is None:
        if rule.override:
            known = _visible(reading, rule.layer, rule.kind)
            hint = suggestion(rule.id, set(known) - {rule.id})
            yield rule.place.finding(
                "nothing-to-override", f"no layer above has {rule.id!r}", hint, element=rule.id
            )
        return
    if upper.locked:
        what = "guard" if upper.kind is Kind.GUARD else "locked rule"
        yield rule.place.finding(
            "locked",
            f"{rule.id!r} overrides a {what} ({upper.place})",
            "remove it: it holds everywhere",
            element=rule.id,
        )
        return
    if not rule.override:
        yield rule.place.finding(
            "override-not-said",
            f"{rule.id!r} already exists in the layer above ({upper.place})",
            "write override: true if it is to replace that one, or choose another id",
            element=rule.id,
        )
    if upper.active and rule.active:
        yield from looser(rule, upper, _ladders(reading, rule.layer), _ladders(reading, upper.layer))


def _ladders(reading: Reading, layer: str) -> Ladders:
    visible = _visible(reading, layer, Kind.LADDER)

    def find(id: str | None) -> Ladder | None:
        rule = visible.get(id) if id is not None else None
        return rule if isinstance(rule, Ladder) else None

    return find
