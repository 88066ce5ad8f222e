"""检举控告、举报奖励: who has reported is known to nobody but two persons together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.case.arguments import check_actor, check_flag
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import beside, keep, kept_of, require_in
from jiefen.commands.binding import acting_as
from jiefen.errors import Conflict, KeysError, NotFound
from jiefen.notation.labels import Label
from jiefen.notation.texts import person_id, written
from jiefen.record.actor import Actor
from jiefen.record.counter.codes import new_code, read_code
from jiefen.record.counter.reporters import Asked, Reporter
from jiefen.record.desk.parties import Party, dumped, party_of
from jiefen.record.kinds import Happening
from jiefen.record.notice import Notice
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.record.rows import CaseRow
from jiefen.store.desk.movements import last_entry
from jiefen.store.sealing.reporters import Reporters as Kept

#: So long who has asked waits for the other one.
_TOGETHER: Final = timedelta(days=7)
_TITLE: Final = Label("举报人身份已由两人共同开启", "Two persons have opened who has reported")


class Reporters:
    """Who has reported a matter: ``engine.reporters``. The database must have keys."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @acting_as("reporters.keep")
    def keep(self, case: int, person: Party | Mapping[str, Any], *, praise: bool = False, by: Actor) -> str:
        """Keep who has reported a case, apart from it. Their passphrase (口令) is told once: with it they ask for a
        reward, and need no name.

        It is a transaction of its own, and nothing of it is noted in the case: what was written at the same instant
        would say whose it is. Do it after the case was opened, not in the same breath.

        Args:
            person: as a party; the ``part`` may be left out.
            praise: they agree to be praised by name in public.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            Conflict: it is known already who has reported it.
            FactError: something in the person cannot be.
            KeysError: the database has no keys.
        """
        check_flag(praise, "praise")
        lacks_part = isinstance(person, Mapping) and "part" not in person
        told = (
            {"part": "applicant", **dict(person)} if lacks_part and not isinstance(person, Party) else person
        )
        now = self._runtime.clock.now()
        who = party_of(told, today=china_date(now))
        code = new_code()
        self._require(case, by)
        with self._runtime.writing() as connection:
            about = {"person": dumped(who), "praise": praise}
            if not self._kept(connection, now).keep(case, read_code(code), about, china_date(now)):
                raise Conflict(
                    f"it is kept already who has reported case {case}; two persons can open it",
                    zh="本案举报人身份已封存;可由两人共同开启",
                )
        return code

    @acting_as("reporters.matter")
    def matter(self, passphrase: str, *, by: Actor) -> int:
        """The case whose reporter knows a passphrase, for an office that pays a reward; not who they are.

        Raises:
            NotFound: nobody has this passphrase.
            NotAllowed: the actor is recused from the case, acts for another area, or is accused in it.
            FactError: it cannot be a passphrase, or has a slip of the pen.
            KeysError: the database has no keys.
        """
        check_actor(by)
        plain = read_code(passphrase)
        with self._runtime.writing() as connection:
            case = self._kept(connection, self._runtime.clock.now()).case_with(plain)
        if case is None:
            raise NotFound(
                "no reporter has this passphrase; compare it with the paper", zh="口令不存在,请对照凭条核对"
            )
        self._require(case, by)
        return case

    @acting_as("reporters.ask")
    def ask(self, case: int, *, reason: str, by: Actor, session: HostTransaction = None) -> Asked:
        """Ask to open who has reported a case; another person has to do it with :meth:`open` within a week.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, is accused in it, or holds no office that
                corrects cases there.
            FactError: the reason says nothing.
        """
        why = written(reason, "reason")
        with self._opening(case, by, session) as (connection, recording, _):
            recording.note(Happening.REPORTER_ASKED, person_id(by.id), reason=why)
            keep(connection, recording)
        return Asked(case=case, by=person_id(by.id))

    @acting_as("reporters.open")
    def open(
        self, case: int, *, reason: str, by: Actor, praise: bool = False, session: HostTransaction = None
    ) -> Reporter:
        """Open who has reported a case, as the second of two persons. It is noted in the case, and told.

        Args:
            praise: it is to name them in public: then nothing is opened unless they have agreed to it.

        Raises:
            NotFound: there is no such case, or nobody is kept who has reported it.
            NotAllowed: as for :meth:`ask`.
            Conflict: nobody has asked for it in the last seven days, or it was the same person; or they are to be
                named in public, and have not agreed to it.
            FactError: the reason says nothing.
            KeysError: the database has no keys.
        """
        why = written(reason, "reason")
        check_flag(praise, "praise")
        with self._opening(case, by, session) as (connection, recording, row):
            other = self._asked(connection, case, recording.now)
            if other is None or other == person_id(by.id):
                raise Conflict(
                    f"who has reported case {case} is opened by two persons: one asks for it, and another one opens it "
                    f"within {_TOGETHER.days} days",
                    zh="举报人身份须由两人共同开启:一人申请,另一人在七日内开启",
                )
            found = self._kept(connection, recording.now).of_case(case)
            if found is None:
                raise NotFound(f"it is not kept who has reported case {case}", zh="本案没有封存的举报人身份")
            if praise and not found["praise"]:
                raise Conflict(
                    f"whoever has reported case {case} has not agreed to be praised by name; praise without the name",
                    zh="举报人未同意公开表扬,不得公开其身份;可以不署名表扬",
                )
            recording.note(Happening.REPORTER_OPENED, person_id(by.id), other=other, reason=why)
            self._tell(recording, row, other, person_id(by.id))
            keep(connection, recording)
            return Reporter(
                case=case, person=party_of(_without_number(found["person"])), praise=found["praise"]
            )

    # --- inside -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _opening(
        self, case: int, by: Actor, session: HostTransaction
    ) -> Iterator[tuple[Connection, Recording, CaseRow]]:
        with beside(self._runtime, case, by, session) as (connection, recording, row):
            yield connection, recording, row

    def _require(self, case: int, by: Actor) -> None:
        with kept_of(self._runtime, case, by, None) as (connection, row):
            require_in(self._runtime, connection, row, by)

    def _kept(self, connection: Connection, now: datetime) -> Kept:
        ring = self._runtime.database.ring
        if ring is None:
            raise KeysError(
                "who has reported is kept encrypted or not at all; open the database with keys= (JIEFEN_KEYS)",
                zh="举报人身份只能加密保存;请为数据库配置密钥",
            )
        return Kept(connection, ring, now)

    def _asked(self, connection: Connection, case: int, now: datetime) -> str | None:
        kinds = (Happening.REPORTER_ASKED, Happening.REPORTER_OPENED)
        last: Row[Any] | None = last_entry(connection, case, kinds)
        if last is None or last.kind != Happening.REPORTER_ASKED or last.at < now - _TOGETHER:
            return None
        return str(last.subject)

    def _tell(self, recording: Recording, row: CaseRow, asked: str, opened: str) -> None:
        """Tell the offices that correct cases there: who opens it must not be the only one who knows."""
        offices = [one.id for one in self._runtime.edition.rulebook.roles.values() if one.corrects]
        about = {"asked": asked, "opened": opened}
        for role in sorted(offices):
            told = Notice(about=about, title=_TITLE, action="reporter_opened", to=role, area=row.area)
            recording.tell(Ref.told_at_desk("reporter", recording.revision, role), told)


def _without_number(person: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in person.items() if name != "seq"}
