"""The keeping of records, for whoever administers a database and answers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.case.arguments import check_actor, check_id, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import beside, keep, recording_of
from jiefen.commands.binding import acting_as
from jiefen.commands.lookup import locked_case, read_case
from jiefen.desk.retention.encrypting import encrypt, ring_of
from jiefen.desk.retention.redacting import redact, refuse_needed
from jiefen.desk.retention.subjects import cases_of, export, person_of, words_of
from jiefen.errors import Conflict, FactError, NotAllowed
from jiefen.notation.labels import Label
from jiefen.notation.texts import written
from jiefen.people.authority import refuse_recused, require_act
from jiefen.record.actor import Actor
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.recording import Recording
from jiefen.record.retention.kept import Encrypted, Forgotten, SubjectExport
from jiefen.record.rows import CaseRow, DeadlineRow
from jiefen.record.values import Case
from jiefen.store import reading
from jiefen.store.desk.movements import last_entry
from jiefen.store.sealing import encrypting, erasing, tables
from jiefen.story.snapshots import deadline_of

#: Words that are taken out have at least so many characters.
_SHORTEST: Final = 2


class Records:
    """What the database keeps, under which keys, and until when: ``engine.records``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @acting_as("records.rotate_keys")
    def rotate_keys(self, *, by: Actor | None = None) -> int:
        """Wrap every data key by the current master key. How many there were that another one had wrapped.

        Cases are worked on meanwhile; a rotation that breaks off is run again. Afterwards nothing in the database needs
        the master keys from before; backups do.

        Args:
            by: the security administrator; the program of the engine when absent.

        Raises:
            NotAllowed: it is neither of them.
            KeysError: the database has no keys, or a master key from before is lost.
        """
        actor = check_actor(by) if by is not None else self._runtime.program
        require_act(actor, None, "rotating the keys", on=china_date(self._runtime.clock.now()))
        ring = ring_of(self._runtime, "rotate")
        with self._runtime.writing() as connection:
            done = tables.rewrap_database(connection, ring.keys)
        after: int | None = 0
        while after is not None:
            with self._runtime.writing() as connection:
                after, changed = tables.rewrap_cases(connection, ring.keys, after)
            done += changed
        return done

    def encrypt(self, *, after: int = 0, limit: int = 100) -> Encrypted:
        """Encrypt what was written before the database had keys: some cases behind an id, each in a transaction of its
        own, while everybody works; after the last case what belongs to none. What is encrypted already is passed over.

        The journal of each case says so, and its chain stays whole; a case whose journal is not as it was written is
        left as it is and told. Every program must be opened with the keys before. Afterwards :meth:`rewrite` frees the
        pages of what lay open in them.

        Args:
            after: ``after`` of the call before.

        Raises:
            FactError: a page that cannot be.
            KeysError: the database has no keys.
        """
        check_page(after, limit)
        return encrypt(self._runtime, after, limit)

    def rewrite(self) -> None:
        """Write the tables anew, so that no page holds what was encrypted or erased there: ``VACUUM`` on SQLite,
        ``VACUUM FULL`` of the owner of the tables on PostgreSQL. Everybody waits meanwhile.

        Raises:
            DatabaseError: somebody has a table in use, or whoever asks does not own the tables.
        """
        with self._runtime.reading() as connection:
            encrypting.rewrite(connection)

    @acting_as("records.hold")
    def hold(self, case: int, *, reason: str, by: Actor, session: HostTransaction = None) -> None:
        """Forbid erasing a case: a suit, an inspection or an inquiry needs what is in it. Again changes nothing.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            FactError: the reason says nothing.
        """
        why = written(reason, "reason")
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            if not _held(connection, case):
                recording.note(Happening.HELD, None, reason=why)
                keep(connection, recording)

    @acting_as("records.lift_hold")
    def lift_hold(self, case: int, *, reason: str, by: Actor, session: HostTransaction = None) -> None:
        """Allow erasing a case again. Where it is not held nothing changes.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, or holds no office that corrects cases there.
            FactError: the reason says nothing.
        """
        why = written(reason, "reason")
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            if _held(connection, case):
                recording.note(Happening.HOLD_LIFTED, None, reason=why)
                keep(connection, recording)

    @acting_as("records.erase")
    def erase(self, case: int, *, reason: str, by: Actor, session: HostTransaction = None) -> Case:
        """Erase what a case that is over holds about people: parties, texts, notes, attachments, facts that are kept
        closely, the data of its journal, and its key. Deadlines, areas, days and outcomes stay, and so does the chain
        of its journal, with an entry that tells who did it and why.

        On SQLite the pages are overwritten. Backups and a store of files of the host's are not touched: what was
        encrypted there opens nowhere any more, once the backups of the keys of the database are gone too.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, or holds no office that corrects cases there.
            Conflict: it is open, it is held, or a right or a duty still runs in it; the message names the rule and the
                article.
            FactError: the reason says nothing.
        """
        why = written(reason, "reason")
        check_id(case, "case")
        check_actor(by)
        with self._runtime.writing(session) as connection:
            row = locked_case(connection, case)
            refuse_recused(row, by.id)
            require_act(by, row.area, f"erasing case {case}", on=china_date(self._runtime.clock.now()))
            kept_rows = self._require_over(connection, row)
            recording = recording_of(self._runtime, row, by)
            erasing.forget(connection, case, recording.now)
            edition = self._runtime.edition_of(connection, row.edition)
            known, hidden = edition.rulebook.vocabulary.facts, edition.rulebook.vocabulary.hidden
            gone = [name for name in row.facts if name in hidden or name not in known]
            kept = {name: value for name, value in row.facts.items() if name not in gone}
            recording.changes.case.update(facts=kept, kept_messages=None)
            recording.changes.facts = dict.fromkeys(gone)
            recording.changes.deadlines = [_without_words(one) for one in kept_rows if _has_words(one)]
            recording.note(Happening.ERASED, None, reason=why, facts=dict.fromkeys(gone))
            keep(connection, recording)
            erasing.empty_journal(connection, case, recording.changes.case["entries"])
            found = read_case(self._runtime, connection, case)
        self._settle(session)
        return found

    @acting_as("records.redact")
    def redact(
        self, case: int, words: str, *, reason: str, by: Actor, session: HostTransaction = None
    ) -> int:
        """Take words out of everything that is kept of a case: facts and texts in people's own words, parties, notes,
        notices, and the journal, whose chain stays whole. How many places had them; where there is none nothing
        changes.

        The bytes of attachments are not looked at: withdraw what should not be there. Backups are not touched.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, or holds no office that corrects cases there.
            Conflict: it is held; or it is open, and the words are in how a party is called or reached.
            FactError: the words are fewer than two characters, or the reason says nothing.
        """
        why, gone = written(reason, "reason"), written(words, "words")
        if len(gone) < _SHORTEST:
            raise FactError(f"words={gone!r} is one character, and stands nearly everywhere; give the words")
        with beside(self._runtime, case, by, session) as (connection, recording, row):
            refuse_held(connection, case)
            refuse_needed(connection, case, row.status, [gone])
            done = self._redact(connection, recording, [gone], why)
        self._settle(session)
        return done

    @acting_as("records.forget")
    def forget(self, person: Mapping[str, Any], *, reason: str, by: Actor) -> Forgotten:
        """Take one person out of the cases of an area that are over: how they are called and reached goes from the
        party, and from every text. Others in these cases stay. Each case is a transaction of its own.

        Args:
            person: ``id_number``, or ``name`` and ``phone``.

        Raises:
            FactError: it is nobody, or the reason says nothing.
            NotAllowed: the actor may do it in none of the cases.
        """
        check_actor(by)
        why = written(reason, "reason")
        who = person_of(self._runtime, person)
        with self._runtime.reading() as connection:
            found = cases_of(connection, who)
        done: list[int] = []
        stays: dict[int, Label] = {}
        refused: NotAllowed | None = None
        for case in sorted(found):
            try:
                with beside(self._runtime, case, by, None) as (connection, recording, row):
                    self._require_over(connection, row)
                    self._redact(connection, recording, words_of(found[case]), why)
                done.append(case)
            except NotAllowed as error:
                refused = error
            except Conflict as error:
                stays[case] = Label(error.text("zh"), error.text("en"))
        if refused is not None and not done and not stays:
            raise refused
        self._settle(None)
        return Forgotten(cases=tuple(done), kept=stays)

    @acting_as("records.export_subject")
    def export_subject(
        self, person: Mapping[str, Any], *, reason: str, by: Actor, session: HostTransaction = None
    ) -> SubjectExport:
        """What is kept about one person in the cases of an area, for them (个人信息保护法第四十五条). Each notes it.

        Args:
            person: ``id_number``, or ``name`` and ``phone``; by a name alone somebody else might be meant.

        Raises:
            FactError: it is nobody, or the reason says nothing.
            NotAllowed: the actor may do it in none of the cases.
        """
        check_actor(by)
        return export(self._runtime, person, written(reason, "reason"), by, session)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _redact(self, connection: Connection, recording: Recording, words: Sequence[str], why: str) -> int:
        row = recording.row
        vocabulary = self._runtime.edition_of(connection, row.edition).rulebook.vocabulary
        return redact(connection, recording, words, why, vocabulary, reading.deadlines(connection, row.id))

    def _settle(self, session: HostTransaction) -> None:
        if session is None:
            with self._runtime.reading() as connection:
                erasing.settle(connection)

    def _require_over(self, connection: Connection, row: CaseRow) -> list[DeadlineRow]:
        """The deadlines of a case in which nothing runs any more, and which nobody wants to be kept."""
        if row.status == CaseStatus.OPEN:
            raise Conflict(
                f"case {row.id} is open; it is erased once it is over", zh="本案尚在办理中,不得删除"
            )
        refuse_held(connection, row.id)
        rows = reading.deadlines(connection, row.id)
        for kept in rows:
            if kept.status in (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED):
                edition = self._runtime.edition_of(connection, kept.edition)
                facts = edition.rulebook.vocabulary.from_json(row.facts)
                one = deadline_of(kept, edition.rulebook, row.area, self._runtime.clock.now(), facts)
                raise Conflict(
                    f"{one.title.en} ({one.rule}) still runs in case {row.id} until {one.due_on}, by {one.law} "
                    f"{one.article}; what it needs is not erased",
                    zh=f"本案“{one.title.zh}”尚在进行中(至 {one.due_on},《{one.law}》{one.article}),不得删除",
                )
        return rows


def _has_words(row: DeadlineRow) -> bool:
    return bool(row.extensions or row.suspensions)


def _without_words(row: DeadlineRow) -> DeadlineRow:
    """A deadline without what people have written about its extensions; how long they were stays."""
    plain = [{**one, "ground": None, "consent": None} for one in row.extensions]
    return row._replace(extensions=plain)


def refuse_held(connection: Connection, case: int) -> None:
    """Take nothing out of a case that a suit or an inquiry needs.

    Raises:
        Conflict: it is held.
    """
    if _held(connection, case):
        raise Conflict(
            f"case {case} is held and must not be erased; lift the hold first (lift_hold)",
            zh="本案材料已决定不得删除;请先解除",
        )


def _held(connection: Connection, case: int) -> bool:
    last = last_entry(connection, case, (Happening.HELD, Happening.HOLD_LIFTED))
    return last is not None and last.kind == Happening.HELD
