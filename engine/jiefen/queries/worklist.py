"""我的待办: what somebody may do now, what is due first before the rest; and how much there is to do."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.areas import EVERYWHERE, normalise_area
from jiefen.case.arguments import check_actor, check_id, check_page, filters
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import task_seen
from jiefen.clock import china_date
from jiefen.commands.filters import require_role as require_known_role
from jiefen.errors import FactError, NotAllowed, NotFound
from jiefen.notation.texts import person_id, shown
from jiefen.people.authority import acts_in, with_deputies
from jiefen.people.confidential import CONFIDENTIAL, confidential_elements, refuse_accused, terms_of
from jiefen.record.actor import Actor
from jiefen.record.desk.parties import Party, masked, masked_title
from jiefen.record.desk.work import Why, WorkItem
from jiefen.record.rows import FAR, roles_of
from jiefen.record.values import Task
from jiefen.store import reading
from jiefen.store.desk import parties, worklists
from jiefen.story.snapshots import party_snapshot, task_of

_MOMENT: Final = timedelta(microseconds=1)
#: More alternatives no database takes in one condition.
_MOST_AREAS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many tasks are open for a role in an area.

    Attributes:
        claimed: how many of them somebody has claimed.
        overdue: how many of them are over, or lie in a case with a deadline that has expired and nobody has met.
    """

    role: str
    area: str | None
    open: int
    claimed: int
    overdue: int


def worklist(
    runtime: Runtime,
    *,
    by: Actor,
    after: str | None = None,
    limit: int = 20,
    session: HostTransaction = None,
) -> list[WorkItem]:
    """The tasks that somebody may do now: what they have claimed, and what is free for the posts they hold today.

    Exactly what :meth:`claim` would let them have: as a deputy, for the areas of their posts, and without what they
    must keep away from. What is due first comes first; page with ``after=items[-1].token``.

    Raises:
        FactError: no actor, a page that cannot be, or more than a hundred areas in which they hold posts.
    """
    check_actor(by)
    check_page(0, limit)
    begin = _read_token(after) if after is not None else None
    now = runtime.clock.now()
    looker = _looker(runtime, by, china_date(now))
    found: list[Row[Any]] = []
    with runtime.reading(session) as connection:
        seen = runtime.seen(connection)
        while len(found) < limit:
            rows = worklists.work(connection, looker, begin, limit, seen)
            # What is kept from them in cases of an edition that was not loaded yet shows only now.
            found += [row for row in rows if _may_see(runtime, connection, row, by, looker.on)]
            if len(rows) < limit:
                break
            begin = (rows[-1].next_due, rows[-1].id)
        found = found[:limit]
        cases = sorted({row.case_id for row in found})
        people: dict[int, list[Party]] = {}
        for row in parties.of_cases(connection, cases) if cases else ():
            people.setdefault(row.case_id, []).append(party_snapshot(row))
        roles = by.roles_on(looker.on)
        return [_item(runtime, connection, row, by.id, roles, people, now) for row in found]


def task(runtime: Runtime, task_id: int, *, session: HostTransaction = None) -> Task:
    """One task, whatever became of it.

    Raises:
        NotFound: there is none with this id.
    """
    check_id(task_id, "task")
    with runtime.reading(session) as connection:
        row = reading.task(connection, task_id, runtime.seen(connection))
        if row is None:
            raise NotFound(f"there is no task {task_id}; list the open ones with `jiefen tasks` (tasks())")
        return task_seen(task_of(row), row)


def workload(
    runtime: Runtime, *, area: str | None = None, role: str | None = None, session: HostTransaction = None
) -> list[Load]:
    """How many tasks are open, by role and area; a task for several roles counts for each of them.

    Raises:
        FactError: the area is none.
        UnknownValue: no edition in use knows the role; the message names the nearest.
    """
    filters(role=role)
    inside = normalise_area(area) if area is not None else None
    counts: dict[tuple[str, str | None], list[int]] = {}
    with runtime.reading(session) as connection:
        require_known_role(runtime, connection, role)
        for row in worklists.load(connection, inside, runtime.clock.now(), runtime.seen(connection)):
            for one in roles_of(row.roles):
                if role in (None, one):
                    count = counts.setdefault((one, row.area), [0, 0, 0])
                    for number, name in enumerate(("open", "claimed", "overdue")):
                        count[number] += getattr(row, name)
    return [
        Load(role=one, area=where, open=count[0], claimed=count[1], overdue=count[2])
        for (one, where), count in sorted(counts.items(), key=lambda item: (item[0][1] or "", item[0][0]))
    ]


def _looker(runtime: Runtime, by: Actor, today: date) -> worklists.Looker:
    """Somebody as the tables know them."""
    known = runtime.edition.rulebook.roles
    posts: dict[str | None, set[str]] = {}
    unplaced: set[str] = set()
    for post in by.held(today):
        if post.area is None:
            continue
        stands_in = {role for role in known if post.role in with_deputies([role], known)}
        posts.setdefault(_within(post.area), set()).update({post.role, *stands_in})
        if acts_in(post, None, known):
            unplaced |= {post.role, *stands_in}
    if len(posts) > _MOST_AREAS:
        raise FactError(
            f"{by.id} acts in {len(posts)} areas, and a worklist looks into {_MOST_AREAS} at most; ask with fewer "
            "posts, or with one for the area that holds them all",
            zh=f"{by.id} 的岗位涉及 {len(posts)} 个属地,待办清单一次最多查 {_MOST_AREAS} 个;请分次查询",
        )
    kept: dict[tuple[frozenset[str], frozenset[tuple[str, str]]], list[str]] = {}
    for edition in runtime.editions:
        for same in confidential_elements(edition.processes).items():
            kept.setdefault(same, []).append(edition.digest)
    return worklists.Looker(
        person=by.id,
        on=today,
        posts=posts,
        areas={_within(one) for one in by.areas(today)},
        unplaced=unplaced,
        terms=tuple(sorted(terms_of(by, today))),
        kept=tuple(
            worklists.Kept(tuple(sorted(digests)), tuple(sorted(elements)), tuple(sorted(names)))
            for (names, elements), digests in kept.items()
        ),
    )


def _within(area: str) -> str | None:
    """An area as the tables look into it; ``None`` is everywhere."""
    return normalise_area(area) if area != EVERYWHERE else None


def _may_see(runtime: Runtime, connection: Connection, row: Row[Any], by: Actor, on: date) -> bool:
    """Whether nothing keeps somebody away from a task: they are not recused, nor accused in what is confidential."""
    if person_id(by.id) in map(person_id, row.recused or ()):
        return False
    edition = runtime.edition_of(connection, row.edition)
    element = edition.processes.element(row.process, row.element)
    if CONFIDENTIAL in element.properties:
        facts, what = edition.rulebook.vocabulary.from_json(row.facts), f"task {row.id}"
        try:
            refuse_accused(element, facts, by, what, on=on)
        except NotAllowed:
            return False
    return True


def _item(
    runtime: Runtime,
    connection: Connection,
    row: Row[Any],
    person: str,
    roles: Set[str],
    people: Mapping[int, list[Party]],
    now: datetime,
) -> WorkItem:
    due_at = row.next_due if row.next_due < FAR else None
    due = None
    if row.rule is not None and due_at != row.due_at:
        rule = runtime.rulebook_of(connection, row.of_edition).view(row.case_area).deadlines.get(row.rule)
        due = rule.title if rule is not None else None
    why = Why.GROUP
    if row.assignee is not None:
        why = Why.OWN if row.assignee == person else Why.ABSENCE
    if why is Why.GROUP and not roles & set(roles_of(row.roles)):
        why = Why.DEPUTY
    about = people.get(row.case_id, [])
    return WorkItem(
        task=task_of(row),
        why=why,
        title=masked_title(row.facts.get("title"), about),
        party=masked(about[0]) if about else None,
        colour=row.colour,
        due_at=due_at,
        due=due,
        # A last day ends as the next one begins.
        days_left=(china_date(due_at - _MOMENT) - china_date(now)).days if due_at is not None else None,
        token=f"{row.next_due.astimezone(UTC).isoformat()}/{row.id}",
    )


def _read_token(token: object) -> tuple[datetime, int]:
    if isinstance(token, str):
        due, _, id = token.partition("/")
        try:
            instant = datetime.fromisoformat(due)
            if instant.tzinfo is not None and id.isascii() and id.isdigit():
                return instant, int(id)
        except ValueError:
            pass
    raise FactError(
        f"after={shown(token)} is no token of a worklist; give that of the last item seen, or leave it out"
    )
