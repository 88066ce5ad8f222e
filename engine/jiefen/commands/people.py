"""The calls of the engine that concern the people around a case: who is pressed, who leads, who must keep out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.areas import normalise_area
from jiefen.case.arguments import a_page, an_actor, an_id, filters
from jiefen.case.runtime import Runtime
from jiefen.errors import AlreadyDone, Conflict, FactError, NotAllowed, NotFound
from jiefen.notation.texts import MOST_ID, named, written
from jiefen.people.authority import require_role
from jiefen.people.directory import Organisation
from jiefen.people.directory_file import load_directory
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus, ContactForm, Happening
from jiefen.record.recording import Recording
from jiefen.record.values import Case, Supervision
from jiefen.store import agenda, reading
from jiefen.store import cases as case_store
from jiefen.store import oversight as store
from jiefen.story.snapshots import case_of, supervision_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_OVERDUE: Final = "overdue"


def refuse_recused(case: Row[Any], person: str) -> None:
    """Keep who has a direct interest away from a case (信访工作条例 art. 28 ¶3).

    Raises:
        NotAllowed: the person is recused.
    """
    if person in (case.recused or ()):
        raise NotAllowed(
            f"{person} is recused from case {case.id} and may not work on it (信访工作条例第二十八条第三款); "
            "give it to somebody else"
        )


class Oversight:
    """督办、包案、回避: part of :class:`~jiefen.Engine`."""

    _runtime: Runtime

    def load_directory(
        self, path: Path | str, *, session: Session | Connection | None = None
    ) -> Organisation:
        """Load a directory file into the database in the place of the one before; every worker uses it from then on.

        A worker that runs already notices within a minute. An engine opened with a directory of its own keeps that.

        Raises:
            RuleError: with every finding; the one before stays.
            FactError: ``path`` is no path.
        """
        runtime = self._runtime
        organisation = load_directory(path, runtime.edition.rulebook.roles)
        with runtime.writing(session) as connection:
            runtime.posts.keep(connection, organisation, runtime.clock.now())
        return organisation

    def supervisions(
        self,
        *,
        status: str = "open",
        case: int | None = None,
        area: str | None = None,
        role: str | None = None,
        after: int = 0,
        limit: int = 100,
        session: Session | Connection | None = None,
    ) -> list[Supervision]:
        """What somebody was pressed for, ``open``, ``overdue`` or ``answered``; page with ``after=found[-1].id``.

        Args:
            area: includes what lies inside it.
            role: who must answer.

        Raises:
            NotFound: there is no such status.
            FactError: an id, a page or a filter that cannot be.
        """
        a_page(after, limit)
        filters(role=role)
        if case is not None:
            an_id(case, "case")
        if status not in ("open", _OVERDUE, "answered", "withdrawn"):
            raise NotFound(
                f"there is no status {status!r} of supervisions; ask for open, overdue, answered or withdrawn"
            )
        now = self._runtime.clock.now()
        with self._runtime.reading(session) as connection:
            rows = store.supervisions(
                connection,
                status="open" if status == _OVERDUE else status,
                overdue_at=now if status == _OVERDUE else None,
                case_id=case,
                area=normalise_area(area) if area is not None else None,
                role=role,
                after=after,
                limit=limit,
            )
            return [supervision_of(row, now) for row in rows]

    def answer_supervision(
        self, case: int, ref: str, text: str, *, by: Actor, session: Session | Connection | None = None
    ) -> Supervision:
        """Answer a supervision in writing; the answer is kept in the journal. It may be late, and after the case.

        Args:
            by: one of its holders, or somebody with its role or a deputy's.

        Raises:
            NotFound: no such case, or no such supervision.
            AlreadyDone: it was answered before.
            NotAllowed: somebody else must answer.
            FactError: the text is empty or too long, or the id or the ref cannot be one.
        """
        an_id(case, "case")
        an_actor(by)
        written(ref, "ref of the supervision", MOST_ID)
        written(text, "answer")
        runtime = self._runtime
        now = runtime.clock.now()
        with runtime.writing(session) as connection:
            row = _locked(connection, case)
            found = store.supervision(connection, case, ref)
            if found is None:
                raise NotFound(
                    f"case {case} has no supervision {ref!r}; list them with `jiefen supervisions --case {case}` "
                    f"(supervisions(case={case}))"
                )
            if found.status == "answered":
                when = found.answered_at.isoformat(timespec="minutes")
                raise AlreadyDone(
                    f"supervision {ref} of case {case} was answered at {when} by {found.answered_by}"
                )
            refuse_recused(row, by.id)
            if by.id not in found.holders:
                roles = runtime.edition_of(connection, row.edition).rulebook.roles
                require_role(by, [found.role], found.area, roles, f"the answer to supervision {ref}")
            store.answer(connection, found.id, now, by.id)
            agenda.remove(connection, case, "reply", ref)
            self._note(connection, row, by, Happening.SUPERVISION_ANSWERED, ref, text=text, title=found.title)
            answered = store.supervision(connection, case, ref)
            assert answered is not None
            return supervision_of(answered, now)

    def bind_leader(
        self, case: int, leader: str, *, by: Actor, session: Session | Connection | None = None
    ) -> Case:
        """包案: bind a leader to a case until it is closed; they are told of every deadline that expires.

        Binding another one releases the one before; the same one again changes nothing.

        Args:
            leader: the host's name for the person, as in :class:`~jiefen.Actor`.

        Raises:
            NotFound: there is no such case.
            Conflict: it has ended.
            NotAllowed: the leader is recused from it.
            FactError: the id of the leader or of the case cannot be one.
        """
        an_id(case, "case")
        an_actor(by)
        leader = named(leader, "leader")
        with self._runtime.writing(session) as connection:
            row = _locked(connection, case)
            if row.status == CaseStatus.ENDED:
                raise Conflict(f"case {case} has ended; there is nothing left to lead")
            refuse_recused(row, leader)
            if row.leader != leader:
                store.change_case(
                    connection, row, {"leader": leader, "updated_at": self._runtime.clock.now()}
                )
                self._note(connection, row, by, Happening.LEADER_BOUND, leader, before=row.leader)
            return self._read(connection, case)

    def log_contact(
        self,
        case: int,
        form: ContactForm | str,
        note: str,
        *,
        by: Actor,
        session: Session | Connection | None = None,
    ) -> None:
        """Log that somebody met the people of a case: 接访, 下访, 约访, 回访, 劝访 or by telephone.

        A contact is a record and nothing else: it neither moves the case nor blocks a petition. Follow-up visits are
        logged after a case has ended.

        Raises:
            NotFound: there is no such case.
            FactError: there is no such form, the note is empty or too long, or the id cannot be one.
            NotAllowed: the actor is recused from the case.
        """
        an_id(case, "case")
        an_actor(by)
        written(note, "note")
        try:
            known = ContactForm(form)
        except ValueError:
            forms = ", ".join(f"{one.value} {one.zh}" for one in ContactForm)
            raise FactError(f"there is no form of contact {form!r}; there are {forms}") from None
        with self._runtime.writing(session) as connection:
            row = _locked(connection, case)
            refuse_recused(row, by.id)
            self._note(
                connection, row, by, Happening.CONTACT, known.value, note=note, leader=row.leader == by.id
            )

    def recuse(
        self, case: int, person: str, *, reason: str, by: Actor, session: Session | Connection | None = None
    ) -> Case:
        """回避: keep somebody with a direct interest away from a case (信访工作条例 art. 28 ¶3).

        They can claim and complete no task of it any more, are told nothing, and lead it no longer; what they had
        claimed is open to others again and escalates like anything unclaimed. What waits to be told to them, and what
        they must answer for, goes to who stands in, as if their post were vacant.

        Raises:
            NotFound: there is no such case.
            FactError: the reason is empty or too long, or the id of the person or of the case cannot be one.
        """
        an_id(case, "case")
        an_actor(by)
        person = named(person, "person who is recused")
        written(reason, "reason")
        runtime = self._runtime
        with runtime.writing(session) as connection:
            row = _locked(connection, case)
            before = list(row.recused or ())
            if person not in before:
                values: dict[str, Any] = {"recused": [*before, person]}
                if row.leader == person:
                    values["leader"] = None
                    self._note(connection, row, by, Happening.LEADER_RELEASED, person)
                self._note(connection, row, by, Happening.RECUSED, person, reason=reason)
                store.change_case(connection, row, values)
                released = store.release_tasks(connection, case, person)
                row = _locked(connection, case)
                deadlines = case_store.open_deadlines(connection, case)
                step = runtime.step(connection, row, deadlines, runtime.clock.now(), by.id)
                step.watch_again(released)
                step.pass_on(connection, person)
                step.save(connection)
            return self._read(connection, case)

    def _note(
        self, connection: Connection, row: Row[Any], by: Actor, kind: Happening, subject: str, **data: Any
    ) -> None:
        entry = Recording(row.id, self._runtime.clock.now(), by.id, ()).note(kind, subject, **data)
        reading.write_journal(connection, entry)

    def _read(self, connection: Connection, case: int) -> Case:
        row = reading.case(connection, case)
        assert row is not None
        return case_of(row, self._runtime.edition_of(connection, row.edition))


def _locked(connection: Connection, case: int) -> Row[Any]:
    row = case_store.lock_case(connection, case)
    if row is None:
        raise NotFound(
            f"there is no case {case}; list them with `jiefen cases` (cases()), or look one up by its key"
        )
    return row
