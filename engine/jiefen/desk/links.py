"""关联: how cases belong together, and who decides whether two of them are one matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.areas import normalise_area
from jiefen.case.arguments import check_actor, check_choice, check_id, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.lookup import case_row, locked_case
from jiefen.errors import Conflict, FactError, NotFound
from jiefen.notation.texts import written
from jiefen.people.authority import refuse_recused, require_act
from jiefen.record.actor import Actor
from jiefen.record.desk.links import Link
from jiefen.record.desk.parties import Party, outline
from jiefen.record.kinds import Happening, LinkKind
from jiefen.record.recording import Recording
from jiefen.store.desk import links as store
from jiefen.store.desk.parties import row_of
from jiefen.story.snapshots import link_of

#: What people may say by hand; the others come with what is done to the cases.
_BY_HAND = (
    LinkKind.REPEAT,
    LinkKind.PROBABLE_REPEAT,
    LinkKind.REBOUND_OF,
    LinkKind.CHILD_OF,
    LinkKind.RELATED,
)
#: What an import proposes, and what people have decided about it.
_SAME_MATTER = (LinkKind.PROBABLE_REPEAT, LinkKind.REPEAT, LinkKind.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two locked cases, and what is recorded of each."""

    connection: Connection
    one: Recording
    other: Recording

    def note(self, kind: Happening, **data: Any) -> None:
        """Say in the journals of both what was done, each about the other."""
        self.one.note(kind, str(self.other.case_id), **data)
        self.other.note(kind, str(self.one.case_id), **data, here=False)

    def keep(self) -> None:
        """Write what was recorded of both."""
        for recording in sorted((self.one, self.other), key=lambda item: item.case_id):
            keep(self.connection, recording)


def link(
    runtime: Runtime,
    case: int,
    other: int,
    *,
    kind: LinkKind | str,
    reason: str,
    by: Actor,
    session: HostTransaction = None,
) -> Link:
    """Link a case to another one. The same link again changes nothing.

    Args:
        kind: what ``case`` is to ``other``: its ``repeat``, a ``probable_repeat`` for somebody to decide,
            ``rebound_of`` it, ``child_of`` it (one project, many households), or ``related``.

    Raises:
        NotFound: one of the cases is not there.
        NotAllowed: the actor acts for another area, or is recused from one of them.
        Conflict: a case cannot be a part of itself, of one of its own parts, or of two cases.
        FactError: there is no such kind, it is one that comes by itself, or the reason says nothing.
    """
    known = _kind(kind)
    if known not in _BY_HAND:
        raise FactError(
            f"a link {known.value} comes with what is done to the cases; by hand there are {', '.join(_BY_HAND)}"
        )
    why = written(reason, "reason")
    with pair_of(runtime, case, other, by, session) as pair:
        before = store.between(pair.connection, case, other)
        if known not in before:
            if known is LinkKind.CHILD_OF:
                _refuse_circle(pair.connection, case, other)
            add(pair, known, why)
            pair.keep()
            before = store.between(pair.connection, case, other)
        return link_of(before[known])


def unlink(
    runtime: Runtime,
    case: int,
    other: int,
    *,
    kind: LinkKind | str,
    reason: str,
    by: Actor,
    session: HostTransaction = None,
) -> None:
    """Take a link back that was made by hand; the journals of both keep that it was there.

    Raises:
        NotFound: one of the cases, or the link, is not there.
        NotAllowed, FactError: as for :meth:`link`.
    """
    known, why = _kind(kind), written(reason, "reason")
    if known not in (*_BY_HAND, LinkKind.DIFFERENT):
        raise FactError(f"a link {known.value} tells what was done to the cases; it stays")
    with pair_of(runtime, case, other, by, session) as pair:
        if known not in store.between(pair.connection, case, other):
            raise _no_link(case, other, known)
        pair.one.changes.unlinked.append((other, known.value))
        pair.note(Happening.UNLINKED, link=known.value, reason=why)
        pair.keep()


def links(runtime: Runtime, case: int, *, session: HostTransaction = None) -> tuple[Link, ...]:
    """The links from a case and to it, oldest first.

    Raises:
        NotFound: there is no such case.
    """
    check_id(case, "case")
    with runtime.reading(session) as connection:
        seen = runtime.seen(connection)
        case_row(connection, case, seen)
        return tuple(link_of(row) for row in store.links(connection, case, seen))


def probable_repeats(
    runtime: Runtime,
    *,
    area: str | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Link]:
    """疑似重复件: what may be one matter and waits for a person to say so; page with ``after=found[-1].id``.

    Raises:
        FactError: an area or a page that cannot be.
    """
    check_page(after, limit)
    within = normalise_area(area) if area is not None else None
    with runtime.reading(session) as connection:
        seen = runtime.seen(connection)
        return [link_of(row) for row in store.undecided(connection, within, after, limit, seen)]


def decide_repeat(
    runtime: Runtime,
    case: int,
    other: int,
    *,
    same: bool,
    reason: str,
    by: Actor,
    session: HostTransaction = None,
) -> Link:
    """Say whether a probable repeat is the same matter as the other case. Saying the same again changes nothing.

    A repeat stays a case of its own until somebody merges the two; one that is different is not proposed again.

    Raises:
        NotFound: one of the cases is not there, or nobody has proposed that they are one matter.
        NotAllowed, FactError: as for :meth:`link`.
    """
    if not isinstance(same, bool):
        raise FactError("same= is neither True nor False; say which")
    why, wanted = written(reason, "reason"), LinkKind.REPEAT if same else LinkKind.DIFFERENT
    with pair_of(runtime, case, other, by, session) as pair:
        before = store.between(pair.connection, case, other)
        proposed = [kind for kind in _SAME_MATTER if kind in before]
        if not proposed:
            raise _no_link(case, other, LinkKind.PROBABLE_REPEAT)
        if wanted not in before:
            pair.one.changes.unlinked += [(other, kind.value) for kind in proposed]
            add(pair, wanted, why)
            pair.keep()
            before = store.between(pair.connection, case, other)
        return link_of(before[wanted])


@contextmanager
def pair_of(
    runtime: Runtime,
    case: int,
    other: int,
    by: Actor,
    session: HostTransaction,
    correcting: str | None = None,
    along: Callable[[Connection], Iterable[int]] = lambda _: (),
) -> Iterator[Pair]:
    """Two cases, locked in the order of their ids so that two callers never wait for each other.

    Args:
        correcting: what is done to whole cases, which is for the centre of the place and for offices above.
        along: the cases that are locked with them.
    """
    check_id(case, "case")
    check_id(other, "case")
    check_actor(by)
    if case == other:
        raise Conflict(
            f"case {case} is named twice; name another case beside it", zh="两处是同一个案号;请填写另一个案件"
        )
    with runtime.writing(session) as connection:
        rows = {one: locked_case(connection, one) for one in sorted({case, other, *along(connection)})}
        for one, row in [(one, rows[one]) for one in (case, other)]:
            refuse_recused(row, by.id)
            today = china_date(runtime.clock.now())
            what = f"case {one}" if correcting is None else f"{correcting} case {one}"
            require_act(by, row.area, what, on=today)
        yield Pair(connection, *(recording_of(runtime, rows[one], by) for one in (case, other)))


def add(pair: Pair, kind: LinkKind, reason: str | None) -> None:
    """Record a link from the first case of a pair to the second."""
    _record(pair.one, pair.other.case_id, kind, reason)
    if kind in store.BELOW:
        pair.other.changes.case["has_parts"] = True
    pair.note(Happening.LINKED, link=kind.value, reason=reason)


def propose(recording: Recording, other: int, kind: LinkKind, reason: str) -> None:
    """Record a link to a case in which nothing happens by it."""
    _record(recording, other, kind, reason)
    recording.note(Happening.LINKED, str(other), link=kind.value, reason=reason)


def _record(recording: Recording, other: int, kind: LinkKind, reason: str | None) -> None:
    row = {"case_id": recording.case_id, "other_id": other, "at": recording.now, "by": recording.actor}
    recording.changes.links.append(store.values(row | {"reason": reason, "kind": kind.value}))


def add_party(recording: Recording, party: Party) -> None:
    """Record somebody of another case as a party of this one, by the number that they have here."""
    recording.changes.parties.append(row_of(recording.case_id, party))
    recording.note(Happening.PARTY_ADDED, str(party.seq), party=outline(party))


def _kind(kind: LinkKind | str) -> LinkKind:
    try:
        return LinkKind(kind if isinstance(kind, str) else "")
    except ValueError:
        return LinkKind(check_choice(kind, "kind of links", LinkKind))


def _refuse_circle(connection: Connection, case: int, other: int) -> None:
    above = store.parents(connection, case)
    if above:
        raise Conflict(
            f"case {case} is a part of case {above[0]} already; take that link back first",
            zh=f"本案已是 {above[0]} 号案的子件;请先解除",
        )
    if case in store.parents(connection, other):
        raise Conflict(
            f"case {other} is itself a part of case {case}; turn the link round",
            zh=f"{other} 号案本身是本案的子件",
        )


def _no_link(case: int, other: int, kind: LinkKind) -> NotFound:
    return NotFound(
        f"case {case} is not linked to case {other} as {kind.value}; `jiefen links {case}` (links()) lists its links",
        zh=f"{case} 号案与 {other} 号案没有这样的关联({kind.zh})",
    )
