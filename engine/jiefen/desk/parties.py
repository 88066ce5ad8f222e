"""当事人: the people of a case, as records beside its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from jiefen.case.arguments import check_day, check_id
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import party_seen
from jiefen.clock import china_date
from jiefen.commands.acting import beside, keep
from jiefen.commands.binding import acting_as
from jiefen.commands.lookup import case_row
from jiefen.errors import Conflict, FactError, NotFound
from jiefen.notation.texts import written
from jiefen.record.actor import Actor
from jiefen.record.desk.parties import (
    MOST_PARTIES,
    Party,
    changed_fields,
    dumped,
    outline,
    party_of,
    require_represented,
)
from jiefen.record.kinds import Happening
from jiefen.store.desk import parties as store
from jiefen.story.snapshots import party_snapshot


class Parties:
    """The parties of cases: ``engine.parties``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def of(self, case: int, *, session: HostTransaction = None) -> tuple[Party, ...]:
        """The parties of a case by their number, those that are over as well.

        Raises:
            NotFound: there is no such case.
        """
        check_id(case, "case")
        with self._runtime.reading(session) as connection:
            row = case_row(connection, case, self._runtime.seen(connection))
            return tuple(party_seen(one, row) for one in _of(connection, case).values())

    @acting_as("parties.add")
    def add(
        self, case: int, party: Party | Mapping[str, Any], *, by: Actor, session: HostTransaction = None
    ) -> Party:
        """Add somebody to a case.

        Args:
            party: a mapping with ``part`` and ``name``, or a :class:`~jiefen.Party`; its number is the next one.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, or acts for another area.
            FactError: something in the party cannot be.
            Conflict: the case has as many parties as one can have.
        """
        given = party_of(party, today=self._today())
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            known = _of(connection, case)
            if len(known) >= MOST_PARTIES:
                raise Conflict(
                    f"case {case} has {MOST_PARTIES} parties; give a larger group as one with `persons`",
                    zh=f"本案当事人已有 {MOST_PARTIES} 个;更大的群体请作为一个当事人并写明人数",
                )
            one = replace(given, seq=max(known, default=0) + 1)
            require_represented([*known.values(), one])
            recording.changes.parties.append(store.row_of(case, one))
            recording.note(Happening.PARTY_ADDED, str(one.seq), party=outline(one))
            keep(connection, recording)
            return one

    @acting_as("parties.change")
    def change(
        self,
        case: int,
        party: int,
        changes: Mapping[str, Any],
        *,
        reason: str,
        by: Actor,
        session: HostTransaction = None,
    ) -> Party:
        """Correct what is known of a party. What is as it was changes nothing; ``None`` takes a value away.

        Args:
            party: its number in the case.
            changes: the new values by name.

        Raises:
            NotFound: there is no such case, or it has no such party.
            NotAllowed: the actor is recused from it, or acts for another area.
            FactError: a value cannot be, or the reason says nothing.
        """
        why = written(reason, "reason")
        if not isinstance(changes, Mapping):
            raise FactError(
                f"changes are a {type(changes).__name__}; give a mapping such as {{'phone': '138…'}}"
            )
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            known = _of(connection, case)
            before = _party(known, case, party)
            said = dumped(before)
            said.pop("seq")
            after = replace(party_of(said | dict(changes), today=self._today()), seq=before.seq)
            if after == before:
                return before
            require_represented((known | {party: after}).values())
            recording.changes.parties.append(store.row_of(case, after))
            recording.note(
                Happening.PARTY_CHANGED,
                str(party),
                party=outline(after),
                fields=changed_fields(before, after),
                reason=why,
            )
            keep(connection, recording)
            return after

    @acting_as("parties.end")
    def end(
        self,
        case: int,
        party: int,
        *,
        reason: str,
        by: Actor,
        on: date | None = None,
        session: HostTransaction = None,
    ) -> Party:
        """Somebody has the part no longer: an agent whose power has ended, a party that has left.

        Args:
            on: the last day of the part, in China; today when absent.

        Raises:
            NotFound, NotAllowed, FactError: as for :meth:`change`.
        """
        day = check_day(on, "on") if on is not None else self._today()
        return self.change(case, party, {"ended": day}, reason=reason, by=by, session=session)

    def _today(self) -> date:
        return china_date(self._runtime.clock.now())


def _of(connection: Connection, case: int) -> dict[int, Party]:
    rows = store.of_cases(connection, [case])
    return {row.seq: party_snapshot(row) for row in rows}


def _party(known: Mapping[int, Party], case: int, party: int) -> Party:
    check_id(party, "party")
    if party not in known:
        listed = ", ".join(map(str, known)) or "none"
        raise NotFound(f"case {case} has no party {party}; it has {listed}", zh=f"本案没有 {party} 号当事人")
    return known[party]
