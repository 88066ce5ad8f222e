"""登记: matters from ledgers and other registers become cases; none is lost, and none is opened twice.

A matter is known by its key, and by itself. A row that comes again is compared with what its case was opened with and
with what it is now, and what differs from both is told. What may be the same matter under another key is linked for a
person to decide, never swallowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.case.arguments import check_actor, check_facts, check_key, facts_set_by
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.binding import note_refusal
from jiefen.commands.cases import open_within
from jiefen.commands.lookup import locked_case
from jiefen.desk import links as linking
from jiefen.desk import opening
from jiefen.desk.opening import require_by_itself
from jiefen.desk.oversight.leading import bind_by_ledger
from jiefen.errors import DatabaseError, FactError, JiefenError, NotAllowed
from jiefen.outside.ledgers import Reading, ledger_adapter
from jiefen.people.authority import doing
from jiefen.people.directory import Organisation
from jiefen.record.actor import Actor
from jiefen.record.desk.intake import Intake, Owner, Taken, owners_of
from jiefen.record.desk.likeness import Sameness, likeness
from jiefen.record.desk.parties import Party, changed_fields, outline, parties_of
from jiefen.record.kinds import CaseStatus, ContactForm, Happening, LinkKind
from jiefen.store import reading
from jiefen.store.desk import parties as people_store
from jiefen.store.desk import rows as store
from jiefen.story.snapshots import party_snapshot

#: Under one number, with other people, a title that shares less is another matter.
_UNLIKE: Final = 0.3
#: Why an intake links cases.
_SAME_NUMBER: Final = "另一事项用了同一编号 / another matter under the same number"
_REBOUND: Final = "台账写明反弹 / the ledger says that it came up again"
#: How the keys of later matters end that came under the key of another one: ``key~2``.
_AGAIN: Final = "~"


def intake(
    runtime: Runtime,
    rows: Iterable[Any],
    layout: str | Path | None = None,
    *,
    areas: Path | None = None,
    process: str = "dispute",
    by: Actor,
    year: int | None = None,
    words: Path | None = None,
    session: HostTransaction = None,
) -> Iterator[Taken]:
    """Take matters in, one transaction each, and tell of each what became of it, in their order.

    Taking the same rows in again opens nothing twice, so an intake that was broken off is simply done again. A row is
    taken in when its answer is asked for: go through them all.

    Args:
        rows: with ``key``, ``facts``, ``parties``, ``rebound`` and ``owners`` (:class:`~jiefen.IntakeRow`, or what a
            ledger adapter reads); with ``layout``: mappings from heading to cell.
        layout: the name or the file of the layout of a ledger, by which the installed adapter reads the rows.
        areas: with ``layout``, the file of areas and their codes.
        year: with ``layout``, the year of dates that are written without one.
        words: with ``layout``, the file of words that the office uses besides those that the adapter knows.

    Raises:
        NotFound: there is no such process.
        FactError: no actor, or rows that are none.
        LedgerError: the rows are not of this layout.
        DefinitionError: the layout, the areas or the words are wrong.
        DatabaseError: the database cannot be written; what was told before stays.
    """
    check_actor(by)
    runtime.edition.processes.require(check_key(process, "name of a process"))
    if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
        raise FactError(f"rows are a {type(rows).__name__}; give rows one after the other")
    if layout is None:
        return (_taken(runtime, row, process, by, session) for row in rows)
    if areas is None:
        raise FactError("a layout needs areas=, the file of areas and their codes")
    read = ledger_adapter().read_rows(_mappings(rows), layout=layout, areas=areas, year=year, words=words)
    return _read(runtime, read, process, by, session)


def _mappings(rows: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise FactError(f"row {number} is a {type(row).__name__}; give mappings from heading to cell")
        yield row


def _read(
    runtime: Runtime, read: Reading, process: str, by: Actor, session: HostTransaction
) -> Iterator[Taken]:
    """The rows of a ledger as they come, what cannot be read between them."""
    for row in read.rows:
        yield from _unreadable(read)
        yield _taken(runtime, row, process, by, session)
    yield from _unreadable(read)


def _unreadable(read: Reading) -> Iterator[Taken]:
    rejects, read.rejects[:] = list(read.rejects), []
    for reject in rejects:
        said = "; ".join(f"{one.column}: {one.fault.reason.en}" for one in reject.wrong)
        zh = ";".join(f"{one.column}:{one.fault.reason.zh}" for one in reject.wrong)
        yield Taken(row=reject, outcome=Intake.REFUSED, error=FactError(said, zh=zh))


def _taken(runtime: Runtime, row: Any, process: str, by: Actor, session: HostTransaction) -> Taken:
    try:
        # Each row is taken when it is asked for, after the call has given the rows back.
        with runtime.writing(session) as connection, doing("intake", runtime.edition.rulebook):
            return _Taking(runtime, connection, getattr(row, "process", None) or process, by).take(row)
    except DatabaseError:
        raise
    except JiefenError as error:
        if isinstance(error, NotAllowed):
            note_refusal(runtime, "intake", by, None, error, session)
        return Taken(row=row, outcome=Intake.REFUSED, error=error)


class _Taking:
    """One matter, in one transaction."""

    def __init__(self, runtime: Runtime, connection: Connection, process: str, by: Actor) -> None:
        self._runtime, self._connection, self._process, self._by = runtime, connection, process, by

    def take(self, row: Any) -> Taken:
        """Find the case of a matter, or open one."""
        key = check_key(getattr(row, "key", None), "key of a row")
        facts = check_facts(row.facts)
        parties = parties_of(list(row.parties), today=china_date(self._runtime.clock.now()))
        owners, said = owners_of(getattr(row, "owners", {})), self._dumped(facts)
        chain = store.cases_with_key(self._connection, key, _AGAIN)
        for case in reversed(chain):
            before, people = self._opened_with(case.id), self._people(case.id)
            titles = [before.get("title"), case.facts.get("title")]
            if not _another(titles, people, said, parties):
                taken = self._known(row, case, before, people, said, parties, owners, chain)
                return self._see_to(taken, owners) if taken.outcome.opens else taken
        opened = self._open(_next(key, chain) if chain else key, facts, parties)
        alike = opening.alike(self._runtime, self._connection, opened, facts, parties)
        if alike:
            opening.link_alike(self._runtime, self._connection, opened, alike, self._by)
        if chain:
            self._link(opened, chain[-1].id, LinkKind.RELATED, _SAME_NUMBER)
            others = (chain[-1].id, *(one for one in alike if one != chain[-1].id))
            taken = Taken(row=row, outcome=Intake.ANOTHER, case=opened, others=others)
        else:
            outcome = Intake.REPEAT if alike else Intake.OPENED
            taken = Taken(row=row, outcome=outcome, case=opened, others=tuple(alike))
        return self._see_to(taken, owners)

    def _see_to(self, taken: Taken, owners: Mapping[Owner, str]) -> Taken:
        """Keep of a case that was opened who sees to it: bind its leader, log the visit, note the others."""
        if taken.case is None or not owners:
            return taken
        connection, case, by = self._connection, taken.case, self._by
        named = {str(owner): who for owner, who in owners.items()}
        leader, visitor = owners.get(Owner.LEADER), owners.get(Owner.VISITOR)
        opened = locked_case(connection, case)
        recording = recording_of(self._runtime, opened, by)
        recording.note(Happening.OWNERS_NAMED, None, owners=named)
        if visitor is not None:
            recording.note(
                Happening.CONTACT,
                ContactForm.FIELD_VISIT.value,
                note=f"走访人:{visitor}",
                leader=visitor == leader,
            )
        keep(connection, recording)
        if leader is None or opened.status != CaseStatus.OPEN:
            return taken
        if not self._holds_a_post(leader):
            return replace(taken, unbound=leader)
        bind_by_ledger(self._runtime, connection, case, leader, by)
        return taken

    def _holds_a_post(self, person: str) -> bool:
        directory, today = self._runtime.directory(self._connection), china_date(self._runtime.clock.now())
        return isinstance(directory, Organisation) and any(
            post.holder == person and post.held(today) for post in directory.posts
        )

    def _known(
        self,
        row: Any,
        case: Row[Any],
        before: Mapping[str, Any],
        people: Sequence[Party],
        said: Mapping[str, Any],
        parties: Sequence[Party],
        owners: Mapping[Owner, str],
        chain: Sequence[Row[Any]],
    ) -> Taken:
        now = case if case.status != CaseStatus.MERGED else store.goes_on_in(self._connection, case.id)
        if now.status == CaseStatus.VOIDED:
            return Taken(row=row, outcome=Intake.VOIDED, case=now.id)
        if getattr(row, "rebound", False) and now.status == CaseStatus.ENDED:
            opened = self._open(_next(str(row.key), chain), row.facts, parties)
            self._link(opened, now.id, LinkKind.REBOUND_OF, _REBOUND)
            return Taken(row=row, outcome=Intake.REBOUNDED, case=opened, others=(now.id,))
        missing, names = object(), []
        for name in sorted({*before, *said}):
            mine = said.get(name, missing)
            if mine not in (before.get(name, missing), now.facts.get(name, missing)):
                names.append(name)
        people_differ = self._people_differ(case.id, people, parties)
        if people_differ:
            names.append("parties")
        # An entry holds no values of people. It is not written again for what it says already, but when the row says
        # what it said before: also that nothing differs any more. Of a row whose case was merged it names the row.
        about = {} if now.id == case.id else {"row": str(row.key)}
        told: dict[str, Any] = {
            "names": list(names),
            "said": {name: said.get(name) for name in names if name != "parties"},
        }
        if people_differ:
            told["parties"] = people_differ
        last = store.last_told(self._connection, case.id, now.id, str(row.key), Happening.INTAKE_DIFFERS)
        if (names or (last is not None and last["names"])) and last != told | about:
            self._note(now.id, Happening.INTAKE_DIFFERS, told | about)
        if owners and self._note_owners(row, case.id, now, owners, about):
            names.append("owners")
        outcome = Intake.CHANGED if names else Intake.KNOWN
        return Taken(row=row, outcome=outcome, case=now.id, differs=tuple(names))

    def _note_owners(
        self, row: Any, case: int, now: Row[Any], owners: Mapping[Owner, str], about: Mapping[str, Any]
    ) -> bool:
        """Note who sees to a matter now by its register, when that is not who did; its leader is bound by a person."""
        last = store.last_told(self._connection, case, now.id, str(row.key), Happening.OWNERS_NAMED)
        named = {str(owner): who for owner, who in owners.items()}
        if last is not None and last["owners"] == named:
            return False
        self._note(now.id, Happening.OWNERS_NAMED, {"owners": named, **about})
        return True

    def _note(self, case: int, kind: Happening, data: Mapping[str, Any]) -> None:
        recording = recording_of(self._runtime, locked_case(self._connection, case), self._by)
        recording.note(kind, None, **data)
        keep(self._connection, recording)

    def _people_differ(
        self, case: int, people: Sequence[Party], said: Sequence[Party]
    ) -> list[dict[str, Any]]:
        """The parties that a row gives otherwise than the case had them when it was opened, and than it has them now.

        Of each its outline and the names of the fields; with no fields it is in one of the two only.
        """
        if people_store.opened_with(self._connection, case) == people_store.opened_as(self._connection, said):
            return []
        differ = []
        for mine, theirs in zip_longest(said, people):
            if mine is None or theirs is None:
                differ.append(outline(mine or theirs) | {"fields": []})
            elif fields := changed_fields(theirs, mine):
                differ.append(outline(theirs) | {"fields": fields})
        return differ

    def _people(self, case: int) -> list[Party]:
        return [party_snapshot(row) for row in people_store.of_cases(self._connection, [case])]

    def _open(self, key: str, facts: Mapping[str, Any], parties: Sequence[Party]) -> int:
        require_by_itself(self._runtime, self._process)
        return open_within(
            self._runtime, self._connection, self._process, facts, key=key, by=self._by, parties=parties,
            asks=True,
        ).id  # fmt: skip

    def _link(self, case: int, other: int, kind: LinkKind, reason: str) -> None:
        with linking.pair_of(self._runtime, case, other, self._by, self._connection) as pair:
            linking.add(pair, kind, reason)
            pair.keep()

    def _dumped(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        vocabulary = self._runtime.edition.rulebook.vocabulary
        return vocabulary.dump(facts_set_by(facts, vocabulary, ("intake",)))

    def _opened_with(self, case: int) -> Mapping[str, Any]:
        entry = reading.opening(self._connection, case)
        opened = entry is not None and entry.kind == Happening.OPENED
        facts: Mapping[str, Any] = entry.data.get("facts", {}) if entry is not None and opened else {}
        return facts


def _another(
    titles: Iterable[object], people: Sequence[Party], said: Mapping[str, Any], parties: Sequence[Party]
) -> bool:
    """Whether a row is of another matter than the case that has its key: other people, and other words.

    Args:
        titles: what the case was called when it was opened, and what it is called now.
    """
    same_words = max(likeness(str(title or ""), str(said.get("title") or "")) for title in titles)
    if not people or not parties:
        return same_words < _UNLIKE
    return same_words < opening.ALIKE and not opening.share(people, parties, at_least=Sameness.SAME)


def _next(key: str, chain: Sequence[Any]) -> str:
    return f"{key}{_AGAIN}{len(chain) + 1}"
