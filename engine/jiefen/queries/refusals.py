"""What was refused, to whom and why; for the auditor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jiefen.case.arguments import check_count, check_id, check_page, filters
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.errors import FactError
from jiefen.notation.texts import shown
from jiefen.store import refusals as store

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An act that was not allowed.

    Attributes:
        actor: who began it.
        act: as in ``authority.yaml``.
        case: as it was given; there may be none of that number.
        why: what they were told; never the text of a fact.
    """

    id: int
    at: datetime
    actor: str
    act: str
    case: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOften:
    """Somebody who was refused many acts, and when the last time was."""

    actor: str
    times: int
    last: datetime


def refusals(
    runtime: Runtime,
    *,
    actor: str | None = None,
    act: str | None = None,
    case: int | None = None,
    since: datetime | None = None,
    after: int = 0,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[Refusal]:
    """What was refused, in the order of ids; page with ``after=found[-1].id``.

    Args:
        since: an instant with its time zone.

    Raises:
        FactError: a page, an id, a filter or an instant that cannot be.
    """
    check_page(after, limit)
    filters(actor=actor, act=act)
    if case is not None:
        check_id(case, "case")
    if since is not None:
        _check_instant(since)
    wanted = {"actor": actor, "act": act, "case_id": case}
    runtime.refusals.write()
    with runtime.reading(session) as connection:
        given = {name: value for name, value in wanted.items() if value is not None}
        return [
            Refusal(id=row.id, at=row.at, actor=row.actor, act=row.act, case=row.case_id, why=row.why)
            for row in store.found(connection, given, since, after, limit)
        ]


def refused_often(
    runtime: Runtime,
    *,
    since: datetime | None = None,
    least: int = 10,
    limit: int = 100,
    session: HostTransaction = None,
) -> list[RefusedOften]:
    """Who was refused at least so many acts since an instant, in the last seven days when absent; the most often first.

    Raises:
        FactError: a number or an instant that cannot be.
    """
    check_count(least)
    check_page(0, limit)
    begin = _check_instant(since) if since is not None else runtime.clock.now() - _WEEK
    runtime.refusals.write()
    with runtime.reading(session) as connection:
        return [
            RefusedOften(actor=row.actor, times=row.many, last=row.last)
            for row in store.rates(connection, begin, least, limit)
        ]


def _check_instant(since: object) -> datetime:
    if not isinstance(since, datetime) or since.tzinfo is None:
        raise FactError(f"since={shown(since)} is no instant with a time zone; give for example one of UTC")
    return since
