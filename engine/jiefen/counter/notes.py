"""备注: what an office writes for itself about a case."""

from __future__ import annotations

from jiefen.case.arguments import check_id, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.commands.acting import beside, keep, kept_of
from jiefen.commands.binding import acting_as
from jiefen.errors import NotFound
from jiefen.notation.texts import written
from jiefen.record.actor import Actor
from jiefen.record.counter.kept import Kept
from jiefen.record.counter.notes import Note
from jiefen.record.kinds import Happening
from jiefen.store.counter import notes as store


class Notes:
    """The notes on cases: ``engine.notes``. None is ever changed or taken away; a party sees none."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @acting_as("notes.add")
    def add(
        self,
        case: int,
        text: str,
        *,
        by: Actor,
        corrects: int | None = None,
        session: HostTransaction = None,
    ) -> Note:
        """Write a note. The journal says that it was written, not what is in it.

        Args:
            corrects: the number of a note of the case that this one puts right.

        Raises:
            NotFound: there is no such case, or it has no note of that number.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            FactError: the text says nothing, or is too long.
        """
        said = written(text, "note")
        if corrects is not None:
            check_id(corrects, "note")
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            before = store.last(connection, case)
            if corrects is not None and not 1 <= corrects <= before:
                raise NotFound(
                    f"case {case} has no note {corrects}; it has {before}, numbered from 1",
                    zh=f"本案没有 {corrects} 号备注",
                )
            note = Note(case=case, seq=before + 1, at=recording.now, by=by.id, text=said, corrects=corrects)
            row = {"case_id": case} | {name: getattr(note, name) for name in _COLUMNS}
            recording.changes.counter[Kept.NOTE] = [row]
            recording.note(Happening.NOTED, str(note.seq), corrects=corrects)
            keep(connection, recording)
            return note

    def of(
        self, case: int, *, by: Actor, after: int = 0, limit: int = 100, session: HostTransaction = None
    ) -> list[Note]:
        """The notes on a case by their number, for somebody who may act there; page with ``after=notes[-1].seq``.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            FactError: an id or a page that cannot be.
        """
        check_page(after, limit)
        with kept_of(self._runtime, case, by, session) as (connection, _):
            return [
                Note(
                    case=case,
                    corrected_by=row.corrected_by,
                    **{name: getattr(row, name) for name in _COLUMNS},
                )
                for row in store.of_case(connection, case, after, limit)
            ]


_COLUMNS = ("seq", "at", "by", "text", "corrects")
