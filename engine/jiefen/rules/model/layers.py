"""只严不宽: a lower layer may be stricter than those above it, never looser. Only what can be proved passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from itertools import pairwise
from math import inf

from jiefen.findings import Finding
from jiefen.periods import Ends, FirstDay, Period, Roll, Unit
from jiefen.rules.model.deadlines import (
    Action,
    DeadlineRule,
    DeadlineVersion,
    Extension,
    Ladder,
    NoticeForm,
    Rung,
    Side,
)
from jiefen.rules.model.guards import Authority
from jiefen.rules.model.practice import Checklist, DocumentRule
from jiefen.rules.model.rule import Rule

#: Shortest and longest number of calendar days that a length can span.
Span = tuple[float, float]
Ladders = Callable[[str | None], Ladder | None]
#: From the mildest to the hardest (信访工作条例 art. 39, 40).
_STRENGTH = (
    Action.WARN, Action.REMIND, Action.SUPERVISE, Action.SUPERVISE_LIST, Action.CIRCULAR, Action.RECTIFY,
    Action.INTERVIEW, Action.DISCIPLINE,
)  # fmt: skip


def looser(local: Rule, above: Rule, local_ladder: Ladders, ladder_above: Ladders) -> Iterator[Finding]:
    """Where ``local``, which overrides ``above``, is looser than it, or cannot be shown to be as strict.

    Args:
        local_ladder, ladder_above: find a ladder by id in the view of the lower layer, and of the layers
            above.
    """
    if isinstance(local, DeadlineRule) and isinstance(above, DeadlineRule):
        for version in local.versions:
            for other in above.versions:
                if version.span.overlaps(other.span):
                    for what, hint in _version(version, other, local_ladder, ladder_above):
                        yield version.place.finding(
                            "looser-layer", f"{local.id}: {what}", hint, element=local.id
                        )
    elif isinstance(local, Ladder) and isinstance(above, Ladder):
        for what, hint in _ladder(local, above):
            yield local.place.finding("looser-layer", f"{local.id}: {what}", hint, element=local.id)
    elif isinstance(local, Authority) and isinstance(above, Authority):
        for what, hint in _authority(local, above):
            yield local.place.finding("looser-layer", f"{local.id}: {what}", hint, element=local.id)
    elif isinstance(local, Checklist) and isinstance(above, Checklist) and _leaves_out(local, above):
        yield local.place.finding(
            "looser-layer",
            f"{local.id}: it leaves out items, visits or cases of the list above",
            "keep what stands above, and write further items",
            element=local.id,
        )
    elif isinstance(local, DocumentRule) and isinstance(above, DocumentRule):
        for what, hint in _document(local, above):
            yield local.place.finding("looser-layer", f"{local.id}: {what}", hint, element=local.id)


def _document(local: DocumentRule, above: DocumentRule) -> Iterator[tuple[str, str]]:
    """A lower layer words a document otherwise; it leaves nothing out, and lets nobody else make or sign it."""
    own = {one.id: one for one in local.contents}
    for one in above.contents:
        mine = own.get(one.id)
        if mine is None or mine.fills != one.fills or (mine.optional and not one.optional):
            yield f"it need not hold {one.id}, which it must above", "keep that content as it is above"
    for name in ("made_by", "signed_by"):
        mine, theirs = getattr(local, name), getattr(above, name)
        if not set(mine) <= set(theirs) or bool(mine) != bool(theirs):
            yield (
                f"{name} is {', '.join(mine) or 'nobody'}",
                f"name only those of {', '.join(theirs) or 'nobody'}",
            )
    for name in ("addressed", "served", "starts"):
        if getattr(local, name) != getattr(above, name):
            yield f"{name} is not as above", f"write {name}: {getattr(above, name)}"
    if not set(local.ways) <= set(above.ways):
        yield "it is served in more ways than above", f"name only those of {', '.join(above.ways)}"
    if above.number is not None and local.number is None:
        yield "it has no number", f"write a number; above it is {above.number}"


def _authority(local: Authority, above: Authority) -> Iterator[tuple[str, str]]:
    more = [one for one in local.by if one not in above.by]
    if more:
        hint = f"name only those of {', '.join(above.by)}; for some offices of them write only: [role]"
        yield f"it lets {', '.join(more)} do it", hint
    if above.only and not (local.only and {*local.only} <= {*above.only}):
        yield "it is kept to fewer offices above", f"write only: with some of {', '.join(above.only)}"
    if above.reason and not local.reason:
        yield "it asks for no reason", "write reason: true"
    if above.four_eyes and not local.four_eyes:
        yield "it asks for no second person", f"write four_eyes: true, agree_within: {above.agree_within}"


def _leaves_out(local: Checklist, above: Checklist) -> bool:
    kept = all(item in local.items for item in above.items) and {*above.visits} <= {*local.visits}
    return not kept or (local.per, local.when) != (above.per, above.when)


def _version(
    local: DeadlineVersion, above: DeadlineVersion, local_ladder: Ladders, ladder_above: Ladders
) -> Iterator[tuple[str, str]]:
    duty = above.kind is Side.DUTY
    for name in (
        "kind", "holder_fact", "anchor", "on_expiry", "direction", "date_fact", "suspends_in_last", "late_grounds",
    ):  # fmt: skip
        if getattr(local, name) != getattr(above, name):
            yield (
                f"{name} is {getattr(local, name)}, above it is {getattr(above, name)}",
                f"keep {name} as it is above",
            )
    for name in ("holder", "expiry_milestone"):
        mine, theirs = getattr(local, name), getattr(above, name)
        # What stands open above may be said below; but that a right ends in something is no area's to say.
        if mine != theirs and (theirs is not None or (name == "expiry_milestone" and not duty)):
            yield (
                f"{name} is {mine or 'missing'}, above it is {theirs or 'missing'}",
                f"write {name}: {theirs}" if theirs else f"leave {name} out",
            )
    if not set(local.when.items()) <= set(above.when.items()):
        yield "it runs under other conditions than above", "leave `when` as it is above, or drop conditions"
    if not duty and not set(above.revivals) <= set(local.revivals):
        yield "less revives it than above", "keep revivals as they are above; more are allowed"
    if above.safe is not None and local.safe != above.safe:
        yield "it does not show the safe day as above", "keep safe as it is above"
    yield from _length(local, above, duty=duty)
    if duty:
        yield from _extensions(local, above)
    yield from _day_rules(local, above, duty=duty)
    for name in ("suspensions", "interruptions"):
        mine, theirs = set(getattr(local, name)), set(getattr(above, name))
        if not (mine <= theirs if duty else mine >= theirs):
            more = "more" if duty else "fewer"
            yield f"it has {more} {name} than above", f"write {name}: [{', '.join(sorted(theirs))}]"
    if duty and not {*local.stops, *local.cancels} <= {*above.stops, *above.cancels}:
        yield "it ends at milestones that do not end it above", f"write stops: [{', '.join(above.stops)}]"
    ladder, higher = local_ladder(local.ladder), ladder_above(above.ladder)
    if higher is not None and (ladder is None or ladder.id != higher.id):
        looser = list(_fewer(ladder.rungs if ladder else (), higher.rungs))
        if looser:
            yield (
                f"its ladder is looser than {higher.id} above: {'; '.join(looser)}",
                f"use ladder: {higher.id}, or write the rungs as they are there; more and earlier ones are allowed",
            )


def _length(local: DeadlineVersion, above: DeadlineVersion, *, duty: bool) -> Iterator[tuple[str, str]]:
    """Length and extensions count together: 30+60 is as strict as 60+30."""
    units = {period.unit for version in (local, above) for period in _periods(version)}
    exact, clock = len(units) == 1, Unit.HOUR in units
    measure = _number if exact else partial(span, clock=clock)
    mine, theirs = total(local, measure), total(above, measure)
    if mine == theirs and local.length.unit is above.length.unit:
        return
    low, high = (mine, theirs) if duty else (theirs, mine)
    if low[1] <= high[0]:
        return
    word = "longer" if duty else "shorter"
    if low[0] > high[1] or exact:
        yield (
            f"with extensions it is {word} than above: {_said(local)} against {_said(above)}",
            "a duty may only be shortened and a right only lengthened",
        )
    else:
        yield (
            f"{_said(local)} and {_said(above)} cannot be compared for every date",
            f"write it in the unit that stands above, {above.length}",
        )


def _extensions(local: DeadlineVersion, above: DeadlineVersion) -> Iterator[tuple[str, str]]:
    """Each extension of a duty is granted as above: by the same role, on the same ground, and told to as many.

    What another must grant later is not for the first to grant, whatever both make together.
    """
    if not above.extensions:  # that there are none is told by the lengths
        return
    asked: set[tuple[str, str]] = set()
    granted = 0
    for own in local.extensions:
        times = range(granted, granted + (own.times or 1))
        laws = [above.extension_after(before) or above.extensions[-1] for before in times]
        for law in [*laws, *(above.extensions[-1:] if own.times is None else ())]:
            asked.update(_granted(own, law))
        granted += own.times or 1
    yield from sorted(asked)
    for at, (law, following) in enumerate(pairwise(above.extensions), start=1):
        if law.approver != following.approver:
            count = sum(one.times or 0 for one in above.extensions[:at])
            mine = replace(local, extensions=_first(local.extensions, count))
            upto = replace(above, extensions=above.extensions[:at])
            yield from _length(mine, upto, duty=True)


def _granted(own: Extension, law: Extension) -> Iterator[tuple[str, str]]:
    """Where an extension is granted more easily than above."""
    for name in ("approver", "ground"):
        mine, theirs = getattr(own, name), getattr(law, name)
        if theirs is not None and mine != theirs:
            yield (
                f"the {name} of an extension is {mine or 'missing'}, above it is {theirs}",
                f"write {name}: {theirs} in extension",
            )
    told = set(law.notice_to) <= set(own.notice_to)
    if not told or (law.notice_form is NoticeForm.WRITTEN and own.notice_form is not NoticeForm.WRITTEN):
        notice = f"notice: {{to: [{', '.join(law.notice_to)}], form: {law.notice_form}}}"
        yield "an extension is told to fewer than above, or not in writing", f"write {notice} in extension"


def _first(extensions: tuple[Extension, ...], count: int) -> tuple[Extension, ...]:
    """What the first ``count`` extensions may be."""
    found: list[Extension] = []
    for one in extensions:
        times = count if one.times is None else min(one.times, count)
        if times:
            found.append(replace(one, times=times))
        count -= times
    return tuple(found)


def _periods(version: DeadlineVersion) -> Iterator[Period]:
    yield version.length
    for extension in version.extensions:
        if extension.length is not None:
            yield extension.length
        if extension.total is not None:
            yield extension.total


def _number(period: Period) -> Span:
    return period.length, period.length


def total(version: DeadlineVersion, measure: Callable[[Period], Span]) -> Span:
    """What the deadline and all its extensions take, each measured; endless when the law sets no limit."""
    low, high = measure(version.length)
    for extension in version.extensions:
        if extension.total is not None:
            low, high = measure(extension.total)
        elif extension.length is None or extension.times is None:
            return inf, inf
        else:
            more = measure(extension.length)
            low, high = low + more[0] * extension.times, high + more[1] * extension.times
    return low, high


def _said(version: DeadlineVersion) -> str:
    said = str(version.length)
    for extension in version.extensions:
        times = extension.times if extension.times is not None else "any number"
        more = f"{said} + {times} × {extension.length or 'any length'}"
        said = f"{extension.total} in all" if extension.total is not None else more
    return said


def span(period: Period, *, clock: bool = False) -> Span:
    """The fewest and the most calendar days that ``period`` can take.

    Working days: at best each of them is one calendar day; at worst weekends and, in every three weeks,
    one of the long holidays (nine days off) lie between.

    Args:
        clock: measure from hour to hour, for comparison with hours. A period of days ends at the end of its
            last day, so one day takes from 24 hours to nearly 48.
    """
    count = period.length
    if period.unit is Unit.HOUR:
        return count / 24, count / 24
    if period.unit is Unit.DAY:
        shortest, longest = float(count), float(count)
    elif period.unit is Unit.WORKING_DAY:
        shortest, longest = float(count), count * 7 / 5 + 2 + 9 * (1 + count // 15)
    else:
        shortest, longest = _days_of_months(12 * count if period.unit is Unit.YEAR else count)
    return shortest, longest + (1 if clock else 0)


@cache
def _days_of_months(count: int) -> Span:
    """The fewest and the most days that ``count`` months in a row can have, over one turn of the calendar.

    From 31 January to the last of February are as many days as February has: shortened ends add nothing.
    """
    firsts = [date(2000 + at // 12, at % 12 + 1, 1).toordinal() for at in range(400 * 12 + count)]
    lengths = [end - start for start, end in zip(firsts, firsts[count:], strict=False)]
    return min(lengths), max(lengths)


def _day_rules(local: DeadlineVersion, above: DeadlineVersion, *, duty: bool) -> Iterator[tuple[str, str]]:
    """First day, roll and end of the day: each moves the due date, so it may move only to the strict side."""
    later = {
        "first_day": local.first_day is FirstDay.EXCLUDED and above.first_day is FirstDay.INCLUDED,
        "roll": local.roll is Roll.NEXT_WORKING_DAY and above.roll is Roll.NONE,
        "ends": local.ends is Ends.MIDNIGHT and above.ends is Ends.CLOSE_OF_BUSINESS,
    }
    for name, is_later in later.items():
        differs = getattr(local, name) is not getattr(above, name)
        if differs and is_later == duty:
            yield (
                f"{name}: {getattr(local, name)} makes it looser than above",
                f"write {name}: {getattr(above, name)}",
            )


def _ladder(local: Ladder, above: Ladder) -> Iterator[tuple[str, str]]:
    looser = list(_fewer(local.rungs, above.rungs))
    if looser:
        yield (
            f"it is looser than the ladder above: {'; '.join(looser)}",
            "write the rungs as they are above; more, earlier and stronger ones are allowed",
        )
    if local.unmoved != above.unmoved:
        yield (
            "it is not for the same cases as the ladder above",
            f"write unmoved: {above.unmoved}" if above.unmoved else "remove unmoved:, or choose another id",
        )
    for field, what in (
        ("unclaimed", "unclaimed tasks"), ("claimed", "claimed tasks"), ("unanswered", "unanswered deliveries"),
        ("rated", "ratings"),
    ):  # fmt: skip
        own, needed = getattr(local, field), getattr(above, field)
        if set(needed) - set(own) or bool(own) != bool(needed):
            yield (
                f"it is not for the same {what} as the ladder above",
                f"write {field}: [{', '.join(needed)}], more are allowed"
                if needed
                else f"remove {field}:, or choose another id",
            )


def _fewer(local: tuple[Rung, ...], above: tuple[Rung, ...]) -> Iterator[str]:
    """What becomes of the rungs above: each must be there, at least as strict; further ones may stand beside it."""
    for rung in above:
        compared = [(own.id != rung.id, list(_looser_than(own, rung))) for own in local]
        if any(not reasons for _, reasons in compared):
            continue
        said = f"rung {rung.id!r} ({'-' if rung.before else '+'}{rung.offset} {rung.action})"
        # The one that was meant: of the same name, else one that differs in a single thing.
        meant = [reasons for other, reasons in compared if not other or len(reasons) == 1]
        nearest = min(compared, key=lambda pair: (pair[0], len(pair[1])))[1] if meant else None
        yield f"{said}: it {' and '.join(nearest)}" if nearest else f"{said} is missing"


def _looser_than(own: Rung, rung: Rung) -> Iterator[str]:
    """In what ``own`` does less than ``rung``, reaches or is done by somebody else, or comes later."""
    if (own.role, own.level) != (rung.role, rung.level):
        yield f"is told to {_addressee(own)} instead of {_addressee(rung)}"
    if not _as_strong(own.action, rung.action):
        yield f"does {own.action} instead of {rung.action}"
    if rung.by is not None and own.by != rung.by:
        yield f"is done by {own.by or 'nobody'} instead of {rung.by}"
    if rung.urgent and not own.urgent:
        yield "waits for working hours"
    if rung.reply is not None and (own.reply is None or not _at_most(own.reply, rung.reply)):
        yield f"asks for {'no answer' if own.reply is None else f'an answer within {own.reply}'}, not {rung.reply}"
    if not _as_early(own, rung):
        yield f"comes later, at {'-' if own.before else '+'}{own.offset}"


def _addressee(rung: Rung) -> str:
    return f"{rung.role} at the level {rung.level}" if rung.level else rung.role


def _as_strong(own: Action, above: Action) -> bool:
    """Whether an action presses at least as hard; telling somebody higher is only as strong as itself."""
    if own is above:
        return True
    return own in _STRENGTH and above in _STRENGTH and _STRENGTH.index(own) > _STRENGTH.index(above)


def _as_early(own: Rung, rung: Rung) -> bool:
    if own.before != rung.before:
        return own.before
    return _at_most(rung.offset, own.offset) if rung.before else _at_most(own.offset, rung.offset)


def _at_most(one: Period, other: Period) -> bool:
    if one.unit is other.unit:
        return one.length <= other.length
    clock = Unit.HOUR in (one.unit, other.unit)
    return span(one, clock=clock)[1] <= span(other, clock=clock)[0]


def composed(local: DeadlineRule, above: DeadlineRule) -> tuple[DeadlineVersion, ...]:
    """The versions of ``local``, and those of ``above`` for the days that ``local`` does not speak of."""
    day = timedelta(days=1)
    versions = list(local.versions)
    first = min(version.since for version in local.versions)
    last = (
        None
        if any(version.until is None for version in local.versions)
        else max(version.until for version in local.versions if version.until is not None)
    )
    for version in above.versions:
        if version.since < first:
            end = first - day if version.until is None else min(version.until, first - day)
            versions.append(replace(version, until=end))
        if last is not None and (version.until is None or version.until > last):
            versions.append(replace(version, since=max(version.since, last + day)))
    return tuple(sorted(versions, key=lambda version: version.since))
