"""两人办理: one person asks for an act, another agrees, and it is done as the act of the first one.

Which acts need it stands in ``authority.yaml`` (``four_eyes``). What waits is an entry of the agenda, due when it
lapses; the journal of the case keeps who asked, agreed or refused, and that it lapsed, without what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.case.arguments import check_actor, check_choice, check_id, check_key, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import keep, recording_of, refuse_involved
from jiefen.commands.binding import note_refusal
from jiefen.commands.lookup import locked_case, read_case
from jiefen.errors import AlreadyDone, Conflict, FactError, NeedsAgreement, NotAllowed, NotFound
from jiefen.notation.texts import person_id, shown, written
from jiefen.people.addressing import reply_until
from jiefen.people.authority import doing, permit, require_act
from jiefen.people.directory import Organisation
from jiefen.people.escalation import tell_asker
from jiefen.record.actor import Actor, HeldPost
from jiefen.record.kinds import Happening
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow
from jiefen.record.values import Case
from jiefen.rules import BY_TWO
from jiefen.store import agenda as store
from jiefen.store import reading
from jiefen.store.sealing import erasing

#: Arguments that are days, by their name in every act that two persons can do.
_DAYS: Final = ("on",)
#: So many acts wait in one case at most.
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAct:
    """An act that waits for a second person.

    Attributes:
        arguments: what is asked for, as the call takes it; ``case`` and ``by`` are told beside it.
        by, at: who has asked for it, and when.
        until: when it lapses.
        changed: whether the case is no longer as it was then; everything is looked at again when somebody agrees.
    """

    id: int
    case: int
    act: str
    arguments: Mapping[str, Any]
    by: str
    at: datetime
    until: datetime
    changed: bool


class Pending:
    """What waits for a second person: ``engine.pending``.

    Args:
        calls: has the calls of the engine under their names.
    """

    def __init__(self, runtime: Runtime, calls: object) -> None:
        self._runtime, self._calls = runtime, calls

    def ask(
        self, act: str, arguments: Mapping[str, Any], *, by: Actor, session: HostTransaction = None
    ) -> PendingAct:
        """Ask for an act that two persons do. The same one by the same person again gives back what waits already.

        Args:
            act: the name of the call, for example ``records.erase``.
            arguments: of the call, by name, without ``by``; what :class:`~jiefen.NeedsAgreement` carries.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor may not do it, whoever agreed.
            Conflict: it needs no second person there, or the case does not allow it.
            UnknownValue: two persons cannot do this act together.
            FactError: an argument is of the wrong kind.
        """
        check_choice(act, "act of two persons", sorted(BY_TWO))
        check_actor(by)
        if not isinstance(arguments, Mapping):
            raise FactError(f"arguments={shown(arguments)} are no mapping of names to what the call is given")
        given = _plain(arguments)
        case, runtime = check_id(given.pop("case", None), "case"), self._runtime
        with runtime.writing(session) as connection:
            row = locked_case(connection, case)
            rule = runtime.edition.rulebook.authority(act, row.area)
            if rule is None or not rule.four_eyes or rule.agree_within is None:
                raise Conflict(
                    f"{act} needs no second person in area {row.area or 'none'}; do it",
                    zh="此项无须另一人同意,请直接办理",
                )
            self._try(act, case, given, by, connection)
            for waiting in store.agreements(connection, case, 0, _MOST):
                one = _pending(waiting, row.revision)
                if (one.act, one.by, one.arguments) == (act, by.id, given):
                    return one
            recording = recording_of(runtime, row, by)
            calendar = runtime.edition.calendar_in(row.area)
            until = reply_until(str(rule.agree_within), None, recording.now, calendar)
            ref, title = Ref.agreement(recording.revision), {"zh": rule.title.zh, "en": rule.title.en}
            asked = {
                "act": act, "title": title, "arguments": given, "by": _dumped(by, china_date(recording.now)),
                "at": recording.now.isoformat(), "revision": row.revision + 1,
            }  # fmt: skip
            recording.plan(ref, until, data=asked)
            recording.note(Happening.AGREEMENT_ASKED, act, title=title, until=until.isoformat())
            keep(connection, recording)
            [found] = [one for one in store.agreements(connection, case, 0, _MOST) if one.ref == ref.name]
            return _pending(found, row.revision + 1)

    def of(
        self,
        *,
        by: Actor,
        case: int | None = None,
        after: int = 0,
        limit: int = 100,
        session: HostTransaction = None,
    ) -> list[PendingAct]:
        """What somebody may agree to, and what they have asked for themselves, by id.

        Raises:
            FactError: an id or a page that cannot be.
        """
        check_actor(by)
        check_page(after, limit)
        if case is not None:
            check_id(case, "case")
        found: list[PendingAct] = []
        with self._runtime.reading(session) as connection:
            while rows := store.agreements(connection, case, after, limit):
                cases = reading.cases_by_id(connection, {one.case_id for one in rows})
                found += [
                    _pending(one, cases[one.case_id].revision)
                    for one in rows
                    if self._concerns(connection, cases[one.case_id], one, by)
                ]
                after = rows[-1].id
                if len(rows) < limit or len(found) >= limit:
                    break
        return found[:limit]

    def agree(self, pending_id: int, *, by: Actor, session: HostTransaction = None) -> Case:
        """Agree to an act, as the second person: it is done now, by who has asked for it, if all still allows it.

        What may be done, and by whom, is looked at again for both. Where it cannot be done, nothing is agreed to.

        Raises:
            NotFound: it waits no more, or there never was one.
            AlreadyDone: it has lapsed.
            NotAllowed: it is the actor's own; they may not do it themselves, or keep out of the case; or who has asked
                for it may no more.
            Conflict, FactError: as the act itself says.
        """
        check_id(pending_id, "pending act")
        check_actor(by)
        runtime = self._runtime
        with self._refusals(by, session) as about, runtime.writing(session) as connection:
            row, waiting = self._locked(connection, pending_id)
            one = _pending(waiting, row.revision)
            about += (one.act, one.case)
            with doing(one.act, runtime.edition.rulebook, agreed=True):
                first = self._asker(connection, waiting.data["by"])
                self._require(connection, row, waiting, by)
                permit(runtime.edition.rulebook, one.act, first, china_date(runtime.clock.now()))
                self._end(connection, row, waiting, by, Happening.AGREED)
                given = _meant(one.arguments)
                self._call(one.act)(one.case, **given, by=first, session=connection)
            done = read_case(runtime, connection, one.case)
        if session is None and one.act == "records.erase":
            with runtime.reading() as connection:
                erasing.settle(connection)
        return done

    def refuse(self, pending_id: int, *, reason: str, by: Actor, session: HostTransaction = None) -> None:
        """Do not agree to an act; who has asked for it is told why. Whoever asked takes it back so.

        Raises:
            NotFound, AlreadyDone, NotAllowed: as for :meth:`agree`; but one's own may be taken back.
            FactError: the reason says nothing.
        """
        check_id(pending_id, "pending act")
        check_actor(by)
        why, runtime = written(reason, "reason"), self._runtime
        with self._refusals(by, session) as about, runtime.writing(session) as connection:
            row, waiting = self._locked(connection, pending_id)
            about += (waiting.data["act"], row.id)
            if person_id(by.id) != waiting.data["by"]["id"]:
                with doing(waiting.data["act"], runtime.edition.rulebook, agreed=True):
                    self._require(connection, row, waiting, by)
            self._end(connection, row, waiting, by, Happening.AGREEMENT_REFUSED, reason=why)

    # --- inside -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _refusals(self, by: Actor, session: HostTransaction) -> Iterator[list[Any]]:
        """Write down what is refused, once the transaction is over; the block says of which act and case."""
        about: list[Any] = []
        try:
            yield about
        except NotAllowed as error:
            act, case = about
            note_refusal(self._runtime, act, by, case, error, session)
            raise

    def _call(self, act: str) -> Callable[..., Any]:
        call: Callable[..., Any] = attrgetter(act)(self._calls)
        return call

    def _try(self, act: str, case: int, given: Mapping[str, Any], by: Actor, connection: Connection) -> None:
        """Begin an act up to where it needs a second person, so that nobody is asked for what could never be done."""
        try:
            self._call(act)(case, **_meant(given), by=by, session=connection)
        except NeedsAgreement:
            return
        except TypeError as error:
            raise FactError(f"{act} does not take these arguments: {error}") from None
        raise AssertionError(f"{act} did not ask for a second person")

    def _locked(self, connection: Connection, pending_id: int) -> tuple[CaseRow, Row[Any]]:
        """A case and what waits in it.

        Raises:
            NotFound: it waits no more.
            AlreadyDone: it has lapsed, and no sweep has said so yet.
        """
        found = store.agreement(connection, pending_id)
        if found is not None:
            row = locked_case(connection, found.case_id)
            found = store.agreement(connection, pending_id)
        if found is None:
            raise NotFound(
                f"nothing waits for a second person under {pending_id}; list what does with `jiefen pending` "
                "(pending.of), and see in the history of its case what became of it",
                zh=f"没有编号为 {pending_id} 的待同意事项",
            )
        if found.at <= self._runtime.clock.now():
            raise AlreadyDone(
                f"nobody agreed to {found.data['act']} in time; it lapsed at {found.at}, ask for it again",
                zh="该事项逾期无人同意,已失效;请重新提出",
            )
        return row, found

    def _require(self, connection: Connection, row: Any, waiting: Row[Any], by: Actor) -> None:
        """Let another person who may do an act themselves be the second one."""
        act = waiting.data["act"]
        if person_id(by.id) == waiting.data["by"]["id"]:
            raise NotAllowed(
                f"{by.id} has asked for {act} themselves; another one has to agree",
                zh="不能同意自己提出的事项",
            )
        if by.trusted:
            raise NotAllowed(
                f"{act} is agreed to by a person, and not by the program {by.id}",
                zh="须由人同意,程序不能代为同意",
            )
        refuse_involved(self._runtime, connection, row, by)
        today = china_date(self._runtime.clock.now())
        permit(self._runtime.edition.rulebook, act, by, today)
        require_act(by, row.area, f"agreeing to {act} in case {row.id}", on=today, act=act)

    def _concerns(self, connection: Connection, row: Any, waiting: Row[Any], by: Actor) -> bool:
        if person_id(by.id) == waiting.data["by"]["id"]:
            return True
        if waiting.at <= self._runtime.clock.now():
            return False
        try:
            with doing(waiting.data["act"], self._runtime.edition.rulebook, agreed=True):
                self._require(connection, row, waiting, by)
        except NotAllowed:
            return False
        return True

    def _asker(self, connection: Connection, asked: Mapping[str, Any]) -> Actor:
        """Who has asked for an act, with the posts of then that a directory, where it knows them, still gives them."""
        posts = tuple(
            HeldPost(role, area, since and date.fromisoformat(since), until and date.fromisoformat(until))
            for role, area, since, until in asked["posts"]
        )
        directory = self._runtime.directory(connection)
        known = directory.posts_of(asked["id"]) if isinstance(directory, Organisation) else ()
        if known:
            today = china_date(self._runtime.clock.now())
            now = {(one.role, one.area) for one in known if one.held(today)}
            posts = tuple(one for one in posts if (one.role, one.area) in now)
        return Actor(asked["id"], posts=posts)

    def _end(
        self, connection: Connection, row: CaseRow, waiting: Row[Any], by: Actor, what: Happening, **told: str
    ) -> None:
        """It waits no more; the journal says why, and who has asked is told where it is not done."""
        recording, asked = recording_of(self._runtime, row, by), waiting.data
        recording.unplan(Ref.of(waiting))
        recording.note(what, asked["act"], title=asked["title"], first=asked["by"]["id"], **told)
        if what is Happening.AGREEMENT_REFUSED:
            tell_asker(recording, asked, str(what), row.area, told)
        keep(connection, recording)


def _pending(row: Row[Any], revision: int) -> PendingAct:
    return PendingAct(
        id=row.id,
        case=row.case_id,
        act=row.data["act"],
        arguments=row.data["arguments"],
        by=row.data["by"]["id"],
        at=datetime.fromisoformat(row.data["at"]),
        until=row.at,
        changed=row.data["revision"] != revision,
    )


def _dumped(by: Actor, today: date) -> dict[str, Any]:
    """Who asks, as the agenda keeps them: with what they hold today."""
    days = [(one.role, one.area, one.since, one.until) for one in by.held(today)]
    return {
        "id": person_id(by.id),
        "posts": [[role, area, *(day and day.isoformat() for day in (a, b))] for role, area, a, b in days],
    }


def _plain(value: object) -> Any:
    """An argument as JSON has it.

    Raises:
        FactError: it is nothing that can be kept.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, Mapping):
        return {check_key(name, "name of an argument"): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    raise FactError(
        f"{shown(value)} cannot be kept until another person agrees; give texts, numbers, days, lists"
    )


def _meant(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as a call takes them."""
    try:
        return {
            name: date.fromisoformat(value) if name in _DAYS and isinstance(value, str) else value
            for name, value in given.items()
        }
    except ValueError:
        raise FactError("on= is no day; write it like 2026-03-02") from None
