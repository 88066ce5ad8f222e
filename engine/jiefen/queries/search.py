"""查询: cases over all by what is known of them, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.case.arguments import MAX_ID, check_actor, check_choice, check_flag, check_page, filters
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import Viewer
from jiefen.clock import china_date
from jiefen.commands.filters import (
    known_fact,
    require_process,
    require_value,
    values_in_use,
)
from jiefen.errors import FactError
from jiefen.notation.texts import shown
from jiefen.queries.asked import choice, fact_is, facts_of, instants, somebody, words_of
from jiefen.queries.dues import set_by
from jiefen.record.actor import Actor
from jiefen.record.desk.found import Between, Hit, Hits, SearchOrder
from jiefen.record.desk.parties import Party, masked, masked_title
from jiefen.record.kinds import CaseStatus, Grade, Part
from jiefen.store.desk import parties
from jiefen.store.desk import search as store
from jiefen.store.schema import FACT_COLUMNS
from jiefen.store.viewing.seen import Seen
from jiefen.story.snapshots import case_of, party_snapshot

_MOMENT: Final = timedelta(microseconds=1)
#: Lengths of the codes of areas, from province to grid.
_LEVELS: Final = (2, 4, 6, 9, 12, 15)
_COUNTY: Final = 6


def search(
    runtime: Runtime,
    text: str | None = None,
    *,
    facts: Mapping[str, Any] | None = None,
    party: str | None = None,
    part: Part | str | None = None,
    area: str | None = None,
    status: str | None = None,
    process: str | None = None,
    leader: str | None = None,
    holder: str | None = None,
    law: str | None = None,
    opened: Between | None = None,
    updated: Between | None = None,
    ended: Between | None = None,
    overdue: bool = False,
    order: SearchOrder | str = SearchOrder.NEWEST,
    facets: bool = False,
    unmasked: bool = False,
    by: Actor | None = None,
    after: str | None = None,
    limit: int = 50,
    session: HostTransaction = None,
) -> Hits:
    """Cases of which everything holds that is asked, in an order, a page at a time.

    Args:
        text: words, with blanks between them, that all stand in the title, the description or the name of a party.
            A word has at least two characters; blanks, width and case do not matter, and no sign is a wildcard.
        facts: facts with the value they have (of a list: one that it holds), or a :class:`~jiefen.Between` for days,
            amounts and numbers. ``stage``, ``level``, ``colour``, ``dispute_type``, ``outcome`` and ``source`` are
            such facts.
        party: somebody in the case: a whole name, a telephone number or its last four to six digits, or the number of
            a card.
        part: as what they are in it.
        area: of the case, with what lies inside it.
        holder: only open cases with a deadline that nobody has met and this role owes or has.
        law: only open cases with a deadline that nobody has met and this law sets, by its name.
        opened, updated, ended: days in China. ``updated`` looks through what the rest of the search leaves.
        overdue: only open cases with a deadline that has expired and was not met.
        order: ``newest``, ``oldest``, ``due`` (by the next running deadline) or ``colour`` (the gravest first).
        facets: count them too: how many in all, and of each area, type, stage and so on.
        unmasked: give the parties as they are, and the facts that are not open; who may see that is for the
            host to know. The title is always given, masked like the parties.
        by: who looks. They find, and the counts hold, only what they may read (:meth:`as_`). Without it, everything is
            found.
        after: the ``token`` of the last item of the page before, of the same search.

    Raises:
        UnknownValue: there is no such status, order or part, or no edition in use knows the process, the role or the
            law.
        FactError: a fact, a value, a day, an area or a page that cannot be; a word of one character; or a token of
            another search.
    """
    check_page(0, limit)
    filters(process=process, leader=leader, holder=holder, law=law)
    if by is not None:
        check_actor(by)
        runtime = runtime.viewed_by(runtime.viewer or Viewer(by))
    how = SearchOrder(check_choice(order, "order of cases", SearchOrder))
    for name, flag in (("overdue", overdue), ("facets", facets), ("unmasked", unmasked)):
        check_flag(flag, name)
    if status is not None:
        check_choice(status, "status of cases", CaseStatus)
    spans = [("opened_at", opened), ("updated_at", updated), ("ended_at", ended)]
    columns: dict[str, str | None] = {"status": status, "process": process, "leader": leader}
    asked, inside = dict(facts_of(facts)), area
    if "area" in asked:
        inside = asked.pop("area") if area is None else area
    words, person = words_of(text), somebody(party, part)
    with runtime.reading(session) as connection:
        require_process(runtime, connection, process)
        by_value: list[store.FactIs] = []
        for name, value in sorted(asked.items()):
            fact = known_fact(runtime, connection, name)
            if name in FACT_COLUMNS:
                require_value(runtime, connection, name, choice(fact, value))
                columns[name] = str(value)
            else:
                by_value.append(fact_is(partial(require_value, runtime, connection, name), fact, value))
        wanted = store.Wanted(
            columns=tuple((name, str(value)) for name, value in columns.items() if value is not None),
            area=normalise_area(inside) if inside is not None else None,
            spans=tuple((name, *instants(name, span)) for name, span in spans if span is not None),
            facts=tuple(by_value),
            party=person,
            words=words,
            overdue=overdue,
            set_by=set_by(runtime, connection, holder, law),
        )
        seen = runtime.seen(connection)
        whose = runtime.viewer.actor.id if runtime.viewer is not None else ""
        mark = f"{how}.{sha256(f'{whose}{wanted!r}'.encode()).hexdigest()[:12]}"
        place = _read_token(after, mark) if after is not None else None
        rows = _page(runtime, connection, wanted, how, place, limit, seen)
        now = runtime.clock.now()
        people: dict[int, list[Party]] = {}
        for one in parties.of_cases(connection, [row.id for row, _ in rows]) if rows else ():
            people.setdefault(one.case_id, []).append(party_snapshot(one))
        items = tuple(
            _hit(runtime, connection, row, people.get(row.id, ()), f"{mark}/{token}", now, unmasked)
            for row, token in rows
        )
        found = store.counts(connection, wanted, _level(wanted.area), seen) if facets else {}
    count = sum(many for _, many in found["status"]) if facets else None
    return Hits(
        items=items,
        count=min(count, store.MOST_COUNTED) if count is not None else None,
        all_counted=count is not None and count <= store.MOST_COUNTED,
        facets={name: dict(values) for name, values in found.items()},
    )


def _page(
    runtime: Runtime,
    connection: Connection,
    wanted: store.Wanted,
    order: SearchOrder,
    place: tuple[str, int] | None,
    limit: int,
    seen: Seen,
) -> list[tuple[Row[Any], str]]:
    """The cases of a page, each with its place in the order."""
    if order in (SearchOrder.NEWEST, SearchOrder.OLDEST):
        oldest = order is SearchOrder.OLDEST
        found = store.by_id(connection, wanted, place[1] if place is not None else None, limit, oldest, seen)
        return [(row, f"/{row.id}") for row in found]
    if order is SearchOrder.COLOUR:
        colours = values_in_use(runtime, connection, "colour")[::-1]
        at = (int(place[0]), place[1]) if place is not None else None
        return [
            (row, f"{row.rank}/{row.id}")
            for row in store.by_colour(connection, wanted, colours, at, limit, seen)
        ]
    rows: list[tuple[Row[Any], str]] = []
    if place is None or place[0]:
        due = (datetime.fromisoformat(place[0]), place[1]) if place is not None else None
        dues = store.by_due(connection, wanted, due, limit, seen)
        rows = [(row, f"{row.next_due.astimezone(UTC).isoformat()}/{row.id}") for row in dues]
    if len(rows) < limit:
        before = place[1] if place is not None and not place[0] else None
        rest = store.not_due(connection, wanted, before, limit - len(rows), seen)
        rows += [(row, f"/{row.id}") for row in rest]
    return rows


def _hit(
    runtime: Runtime,
    connection: Connection,
    row: Row[Any],
    people: Sequence[Party],
    token: str,
    now: datetime,
    unmasked: bool,
) -> Hit:
    title, due_at = row.facts.get("title"), row.next_due
    edition = runtime.edition_of(connection, row.edition)
    case = case_of(row, edition)
    if not unmasked:
        title, people = masked_title(title, people), tuple(map(masked, people))
        known = edition.rulebook.vocabulary.facts
        shown = {
            name: value
            for name, value in case.facts.items()
            if name not in known or known[name].grade is Grade.OPEN
        }
        case = replace(case, facts=shown)
    return Hit(
        case=case,
        title=title if isinstance(title, str) else None,
        parties=tuple(people),
        due_at=due_at,
        # A last day ends as the next one begins.
        days_left=(china_date(due_at - _MOMENT) - china_date(now)).days if due_at is not None else None,
        token=token,
    )


def _level(area: str | None) -> int:
    """How many digits tell apart what lies directly in an area; without one, counties."""
    known = len(area) if area is not None else _COUNTY - 1
    return next((level for level in _LEVELS if level > known), _LEVELS[-1])


def _read_token(token: object, mark: str) -> tuple[str, int]:
    """The place at which a page begins."""
    if not isinstance(token, str) or token.count("/") != 2:
        raise FactError(
            f"after={shown(token)} is no token of a search; give that of the last item seen, or leave it out"
        )
    whose, place, id = token.split("/")
    if whose != mark:
        raise FactError(
            "after= is a token of another search; give one of the same words, filters and order, or leave it out",
            zh="分页标记属于另一次查询;请用同样的条件和顺序,或者从第一页开始",
        )
    order = mark.partition(".")[0]
    if _is_place(order, place) and id.isascii() and id.isdigit() and len(id) < 20 and int(id) <= MAX_ID:
        return place, int(id)
    raise FactError(f"after={shown(token)} is no token of a search; give that of the last item seen")


def _is_place(order: str, place: str) -> bool:
    if order == SearchOrder.COLOUR:
        return len(place) < 4 and place.isascii() and place.isdigit()
    if order in (SearchOrder.NEWEST, SearchOrder.OLDEST) or not place:
        return not place
    try:
        return datetime.fromisoformat(place).tzinfo is not None
    except ValueError:
        return False
