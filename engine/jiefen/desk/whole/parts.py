"""分案、子件: one case becomes several; one decision goes to every part of a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.agenda.catching_up import after_due_entries
from jiefen.case.arguments import check_actor, check_facts, check_id, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.acting import keep, recording_of
from jiefen.commands.cases import open_within
from jiefen.commands.lookup import locked_case, read_case
from jiefen.commands.messages import receive
from jiefen.desk import links as linking
from jiefen.errors import Conflict, DatabaseError, FactError, JiefenError
from jiefen.notation.labels import Label
from jiefen.notation.texts import written
from jiefen.people.authority import refuse_recused, require_act
from jiefen.record.actor import Actor
from jiefen.record.desk.parties import Party
from jiefen.record.desk.parts import Share, Told, shares_of
from jiefen.record.kinds import CaseStatus, Happening, LinkKind, Received
from jiefen.record.notice import Notice
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow
from jiefen.record.values import Case
from jiefen.store import cases as store
from jiefen.store.desk import dispatches as orders
from jiefen.store.desk import links as link_store
from jiefen.store.desk import parties as party_store
from jiefen.story.snapshots import party_snapshot

#: What the new cases are to others as the old one is.
_SHARED: Final = (LinkKind.REPEAT, LinkKind.REBOUND_OF, LinkKind.CHILD_OF, LinkKind.RELATED)
_SPLIT: Final = Label("案件已拆分", "The case was split")
#: So many are named in the journal of the whole; there may be thousands.
_NAMED: Final = 20


def split(
    runtime: Runtime,
    case: int,
    shares: Sequence[Share | Mapping[str, Any]],
    *,
    reason: str,
    by: Actor,
    session: HostTransaction = None,
) -> tuple[Case, ...]:
    """Make cases of their own of what was entered as one; gives the new cases back. The same keys again change nothing.

    Each begins on the process of the case, with what was known of the matter when it came in but for what its share
    says otherwise, with the parties that it names, and with the links that the case has to others. Periods that run
    from receipt run from the day on which the case was received; a right of a party that runs in the case, and whose
    conditions hold for the share, runs there as well, with its own day and all that was done to it. The case itself
    goes on with what is left: correct what it is about.

    Args:
        shares: each a :class:`~jiefen.Share`, or a mapping with ``key`` and, where they differ, ``facts`` and
            ``parties``.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the actor is recused from it, or holds no office that corrects cases there.
        Conflict: it is not open, or is an order; or a key is that of another case.
        FactError: a share cannot be, a party is not there or speaks for one that is left behind, or the reason says
            nothing.
    """
    check_id(case, "case")
    check_actor(by)
    why, wanted = written(reason, "reason"), shares_of(shares)
    for share in wanted:
        check_key(share.key, "key of a share")
        check_facts(share.facts)
    with runtime.writing(session) as connection:
        others = [row.other_id for row in _links(connection, case)]
        rows = {one: locked_case(connection, one) for one in sorted({case, *others})}
        row = rows[case]
        refuse_recused(row, by.id)
        require_act(by, row.area, f"splitting case {case}", on=china_date(runtime.clock.now()))
        known = {share.key: _known(connection, case, share.key) for share in wanted}
        if None in known.values():
            _require_open(row)
            deadlines = store.open_deadlines(connection, case)
            step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
            step = after_due_entries(runtime, connection, step)
            dividing = _Dividing(runtime, connection, step, by, why)
            new = {share.key: dividing.open(share, row) for share in wanted if known[share.key] is None}
            dividing.link(new.values(), rows)
            known |= new
        return tuple(read_case(runtime, connection, one) for one in known.values() if one is not None)


class _Dividing:
    """A case that is being split, in one transaction."""

    def __init__(self, runtime: Runtime, connection: Connection, step: Step, by: Actor, why: str) -> None:
        self._runtime, self._connection, self._by, self._why = runtime, connection, by, why
        self._step, self._case = step, step.recording.case_id
        self._parties = {
            one.seq: one for one in map(party_snapshot, party_store.of_cases(connection, [self._case]))
        }

    def open(self, share: Share, row: CaseRow) -> int:
        """Open the case of a share; every right that runs in the old one and fits it runs there, too."""
        vocabulary = self._runtime.edition.rulebook.vocabulary
        facts = {
            name: value
            for name, value in row.facts.items()
            if value is not None and name in vocabulary.facts and "intake" in vocabulary.facts[name].set_by
        }
        opened = open_within(
            self._runtime, self._connection, row.process, facts | dict(share.facts), key=share.key, by=self._by,
            parties=self._people(share),
        ).id  # fmt: skip
        new = locked_case(self._connection, opened)
        deadlines, now = store.open_deadlines(self._connection, opened), self._step.now()
        step = self._runtime.step(self._connection, new, deadlines, now, self._by.id)
        known = {**self._step.facts(), **step.facts()}
        standing = {item.rule.id for item in step.register.deadlines}
        for right in self._step.register.rights():
            if right.rule.id not in standing and right.version.applies(known):
                step.docket.carry(right)
        step.save(self._connection)
        return opened

    def link(self, new: Any, rows: Mapping[int, CaseRow]) -> None:
        """Tie the new cases to the old one, and to what that one is tied to; tell the party and who is responsible."""
        opened = list(new)
        recordings = {
            one: recording_of(self._runtime, rows.get(one) or locked_case(self._connection, one), self._by)
            for one in (*rows, *opened)
        }
        recordings[self._case] = self._step.recording
        for one in opened:
            pair = linking.Pair(self._connection, recordings[one], recordings[self._case])
            linking.add(pair, LinkKind.SPLIT_FROM, self._why)
            for row in _links(self._connection, self._case):
                pair = linking.Pair(self._connection, recordings[one], recordings[row.other_id])
                linking.add(pair, LinkKind(row.kind), row.reason)
        about: dict[str, Any] = {"cases": opened}
        for role in ("party", self._step.pressing.in_charge()):
            told = Notice(about=about, title=_SPLIT, action="split", to=role, area=self._step.register.area)
            ref = Ref.told_at_desk("split", self._step.recording.revision, role)
            self._step.recording.tell(ref, told)
        for one, recording in sorted(recordings.items()):
            if one != self._case:
                keep(self._connection, recording)
        self._step.save(self._connection)

    def _people(self, share: Share) -> list[Party]:
        chosen = list(self._parties) if share.parties is None else list(dict.fromkeys(share.parties))
        numbers = {seq: number for number, seq in enumerate(chosen, 1)}
        people = []
        for seq in chosen:
            one = self._parties.get(seq)
            if one is None:
                raise FactError(
                    f"case {self._case} has no party {seq}; `jiefen party list {self._case}` lists them",
                    zh=f"本案没有 {seq} 号当事人",
                )
            if one.represents is not None and one.represents not in numbers:
                raise FactError(
                    f"party {seq} speaks for party {one.represents}, which the share {share.key!r} leaves behind",
                    zh=f"{seq} 号当事人代表 {one.represents} 号,请一并列出",
                )
            speaks_for = numbers.get(one.represents) if one.represents is not None else None
            people.append(replace(one, seq=0, represents=speaks_for))
        return people


def decide_all(
    runtime: Runtime,
    case: int,
    name: str,
    *,
    key: str,
    by: Actor,
    facts: Mapping[str, Any] | None = None,
    session: HostTransaction = None,
) -> tuple[Told, ...]:
    """Tell one decision to every part of a whole (一个项目多户): the same message comes to each, once.

    Each part takes it as any message: by its own state, on its own clocks, also where it has ended, since rights of its
    party may run from it. A part that was merged hears it in the case in which it goes on; one that was voided does
    not. A part that refuses it holds up no other. Each is a transaction of its own, so that what was broken off is
    simply done again.

    Args:
        case: the whole; its parts are linked to it by ``child_of``.
        name: of the message that tells the decision, with its ``facts``.
        key: the same key twice is once, in each part.

    Returns:
        What became of it in each part, by id.

    Raises:
        NotFound: there is no such case, or its edition knows no such message.
        NotAllowed: the actor is recused from the whole, or holds no office that corrects cases there.
        FactError: the key is none.
    """
    check_id(case, "case")
    check_actor(by)
    check_key(name, "name of a message")
    check_key(key, "key of a message")
    told = check_facts(facts) if facts is not None else {}
    with runtime.writing(session) as connection:
        row = locked_case(connection, case)
        refuse_recused(row, by.id)
        require_act(
            by, row.area, f"deciding for the parts of case {case}", on=china_date(runtime.clock.now())
        )
        runtime.edition_of(connection, row.edition).require_message(name)
        parts = sorted({link_store.goes_on_in(connection, one) for one in link_store.parts(connection, case)})
    found = [_tell(runtime, part, name, key, told, by, session) for part in parts]
    if any(one.received is not Received.REPEATED for one in found):
        _note(runtime, case, name, found, by, session)
    return tuple(found)


def _tell(
    runtime: Runtime,
    part: int,
    name: str,
    key: str,
    facts: Mapping[str, Any],
    by: Actor,
    session: HostTransaction,
) -> Told:
    try:
        received = receive(runtime, name, case=part, key=key, facts=facts, by=by, session=session)
    except DatabaseError:
        raise
    except JiefenError as error:
        return Told(case=part, error=error)
    return Told(case=part, received=received)


def _note(
    runtime: Runtime, case: int, name: str, found: Sequence[Told], by: Actor, session: HostTransaction
) -> None:
    refused = [one.case for one in found if one.error is not None]
    with runtime.writing(session) as connection:
        recording = recording_of(runtime, locked_case(connection, case), by)
        recording.note(
            Happening.DECIDED_FOR_PARTS, name, told=len(found) - len(refused), parts=refused[:_NAMED],
            refused=len(refused),
        )  # fmt: skip
        keep(connection, recording)


def _links(connection: Connection, case: int) -> list[Any]:
    """The links of a case to others that cases split from it have as well."""
    return [row for row in link_store.links(connection, case) if row.case_id == case and row.kind in _SHARED]


def _known(connection: Connection, case: int, key: str) -> int | None:
    """The case that was split from this one with a key before; ``None``: none has the key.

    Raises:
        Conflict: another case has it.
    """
    known = store.case_with_key(connection, key)
    if known is not None and LinkKind.SPLIT_FROM not in link_store.between(connection, known, case):
        raise Conflict(
            f"the key {key!r} is that of case {known}, which was not split from case {case}; give another one",
            zh="编号已被其他案件使用",
        )
    return known


def _require_open(row: CaseRow) -> None:
    if row.status != CaseStatus.OPEN:
        raise Conflict(
            f"case {row.id} is {row.status}; only an open case is split", zh=f"{row.id} 号案已不在办理中"
        )
    if row.process == orders.PROCESS:
        raise Conflict(
            f"case {row.id} is an order; give another one to the matter (dispatch)", zh="派单不拆分"
        )
