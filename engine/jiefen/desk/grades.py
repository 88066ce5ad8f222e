"""定密: how closely a case is kept, and who may read one that is kept closely though they do not work on it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.case.arguments import check_choice
from jiefen.case.classification import grade_of, reasons_to_keep
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import beside, keep, kept_of, refuse_named
from jiefen.commands.binding import acting_as
from jiefen.commands.lookup import read_case
from jiefen.errors import Conflict, NotFound
from jiefen.notation.texts import named, person_id, shown, written
from jiefen.people.authority import require_act
from jiefen.record.actor import Actor
from jiefen.record.counter.kept import Kept
from jiefen.record.counter.readers import NamedReader
from jiefen.record.kinds import Grade, Happening
from jiefen.record.rows import CaseRow
from jiefen.record.values import Case
from jiefen.store.viewing import readers as store

_COLUMNS: Final = ("person", "named_by", "at", "reason", "withdrawn_at", "withdrawn_by")


class Grades:
    """How closely cases are kept: ``engine.grades``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @acting_as("grades.set")
    def set(
        self, case: int, grade: Grade | str, *, reason: str, by: Actor, session: HostTransaction = None
    ) -> Case:
        """Keep a case more closely than its facts ask for, or less. To what it is already changes nothing.

        Who lowers a grade knows the reasons that are there: one that comes to the case later counts again.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it; or lowers it and
                holds no office that corrects cases there, for a sealed one no higher office.
            FactError: there is no such grade, or the reason says nothing.
        """
        wanted, why = _grade(grade), written(reason, "reason")
        with beside(self._runtime, case, by, session) as (connection, recording, row):
            before = Grade(row.grade)
            if wanted is not before:
                reasons = self._reasons(connection, row)
                lowered = before.above(wanted)
                if lowered:
                    what, sealed = f"lowering the grade of case {case}", before is Grade.SEALED
                    today = china_date(recording.now)
                    require_act(by, row.area, what, on=today, again=sealed, act="grades.lower")
                despite = sorted(reasons) if lowered else []
                by_hand: dict[str, Any] = {"grade": str(wanted), "despite": despite}
                after = grade_of(reasons, by_hand)
                kind = Happening.GRADE_LOWERED if lowered else Happening.GRADE_RAISED
                recording.note(kind, str(after), before=str(before), reason=why)
                recording.changes.case.update(grade=str(after), graded_by_hand=by_hand)
                keep(connection, recording)
            return read_case(self._runtime, connection, case)

    @acting_as("grades.let_read")
    def let_read(
        self, case: int, person: str, *, reason: str, by: Actor, session: HostTransaction = None
    ) -> NamedReader:
        """Let somebody read a case that is kept closely, though they do not work on it.

        A sealed case opens to them once two persons have let them. Letting them again changes nothing.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor, or who should read it, is recused from it or accused in it; or the actor acts for
                another area.
            Conflict: the actor names themselves.
            FactError: it is no person, or the reason says nothing.
        """
        who, why = person_id(named(person, "person")), written(reason, "reason")
        with beside(self._runtime, case, by, session) as (connection, recording, row):
            if who == person_id(by.id):
                raise Conflict(
                    f"{by.id} cannot let themselves read case {case}; somebody else has to",
                    zh="不能将自己列入知悉范围;请由他人办理",
                )
            refuse_named(self._runtime, connection, row, who)
            found = self._named(connection, case, who, person_id(by.id))
            if found is not None and found.withdrawn_at is None:
                return _reader(case, found)
            reader = NamedReader(
                case=case, person=who, named_by=person_id(by.id), at=recording.now, reason=why
            )
            self._keep(recording.changes.counter, reader)
            recording.note(Happening.READER_NAMED, who, reason=why)
            keep(connection, recording)
            return reader

    @acting_as("grades.withdraw")
    def withdraw(
        self, case: int, person: str, *, reason: str, by: Actor, session: HostTransaction = None
    ) -> list[NamedReader]:
        """Take back that somebody may read a case, whoever has let them.

        Raises:
            NotFound: there is no such case, or nobody has let them.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            FactError: it is no person, or the reason says nothing.
        """
        who, why = person_id(named(person, "person")), written(reason, "reason")
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            rows = [row for row in store.of_case(connection, case) if row.person == who]
            open_ones = [row for row in rows if row.withdrawn_at is None]
            if not open_ones:
                raise NotFound(
                    f"{shown(person)} is not among those whom somebody lets read case {case}; "
                    f"list them with `jiefen grade-readers {case}` (grades.readers({case}))",
                    zh=f"{shown(person)} 不在 {case} 号案的知悉范围内",
                )
            gone = {"withdrawn_at": recording.now, "withdrawn_by": by.id}
            withdrawn = [
                NamedReader(case=case, **({name: getattr(row, name) for name in _COLUMNS} | gone))
                for row in open_ones
            ]
            for one in withdrawn:
                self._keep(recording.changes.counter, one)
            recording.note(Happening.READER_WITHDRAWN, who, reason=why)
            keep(connection, recording)
            return withdrawn

    def readers(self, case: int, *, by: Actor, session: HostTransaction = None) -> list[NamedReader]:
        """Whom somebody has let read a case, also those who may not any more.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
        """
        with kept_of(self._runtime, case, by, session) as (connection, _):
            return [_reader(case, row) for row in store.of_case(connection, case)]

    def _reasons(self, connection: Connection, row: CaseRow) -> dict[str, Grade]:
        edition = self._runtime.edition_of(connection, row.edition)
        facts, today = edition.rulebook.vocabulary.from_json(row.facts), china_date(self._runtime.clock.now())
        return reasons_to_keep(edition.processes, edition.view(row.area), facts, today)

    def _named(self, connection: Connection, case: int, person: str, by: str) -> Row[Any] | None:
        rows = store.of_case(connection, case)
        return next((row for row in rows if (row.person, row.named_by) == (person, by)), None)

    def _keep(self, counter: dict[Kept, list[dict[str, Any]]], reader: NamedReader) -> None:
        row = {"case_id": reader.case} | {name: getattr(reader, name) for name in _COLUMNS}
        counter.setdefault(Kept.READER, []).append(row)


def _reader(case: int, row: Row[Any]) -> NamedReader:
    return NamedReader(case=case, **{name: getattr(row, name) for name in _COLUMNS})


def _grade(given: object) -> Grade:
    """A grade, by its word in either language."""
    chinese = {grade.zh: grade.value for grade in Grade}
    return Grade(check_choice(chinese.get(given, given) if isinstance(given, str) else given, "grade", Grade))
