"""附件: papers, pictures and recordings of a case."""

from __future__ import annotations

import logging
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.case.arguments import check_count, check_id, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.commands.acting import beside, keep, kept_of, recording_of
from jiefen.commands.binding import acting_as
from jiefen.commands.lookup import locked_case
from jiefen.errors import AlreadyDone, Conflict, FactError, FileError, NotFound
from jiefen.notation.texts import shown, written
from jiefen.outside.files import digest_of
from jiefen.record.actor import SYSTEM, Actor
from jiefen.record.counter.attachments import Attachment, FilesChecked
from jiefen.record.counter.content import file_name, kind_of
from jiefen.record.counter.kept import Kept
from jiefen.record.kinds import FileFault, Happening
from jiefen.store.counter import files as store

logger = logging.getLogger("jiefen.files")
#: A file may have so many bytes, and a case so many files.
MOST_BYTES: Final = 20_000_000
MOST_FILES: Final = 1_000
_COLUMNS: Final = (
    "seq", "name", "digest", "media", "size", "at", "by", "withdrawn_at", "withdrawn_by", "reason", "fault",
)  # fmt: skip


class Attachments:
    """The files of cases: ``engine.attachments``. They are read by who may work on the case, and never run."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @acting_as("attachments.add")
    def add(
        self, case: int, name: str, content: bytes, *, by: Actor, session: HostTransaction = None
    ) -> Attachment:
        """Attach a file. The same bytes under the same name again give that attachment back.

        Args:
            name: of the file, with the ending that its content has; no folders.
            content: a PDF, OFD, docx or xlsx without macros, a picture, a recording or plain text, at most 20 MB.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            FactError: the name or the content cannot be.
            Conflict: the case has as many files as it can have.
            FileError: the store of files cannot be written.
        """
        called = file_name(name)
        if not isinstance(content, bytes):
            raise FactError(f"content={shown(type(content).__name__)} is not bytes; read the file first")
        kind = kind_of(called, content, MOST_BYTES)
        digest = digest_of(content)
        if self._runtime.files is not None:
            # Before the transaction, so that none waits for a disk or a net; bytes that nothing names are no harm.
            with kept_of(self._runtime, case, by, session):
                pass
            self._runtime.files.keep(digest, content)
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            if self._runtime.files is None:
                store.DatabaseFiles(connection).keep(digest, content)
            for row in store.same(connection, case, digest):
                if row.name == called:
                    return _attachment(row)
            seq = store.last(connection, case) + 1
            if seq > MOST_FILES:
                raise Conflict(
                    f"case {case} has {MOST_FILES} files, as many as it can have; join pictures to one PDF",
                    zh=f"本案附件已有 {MOST_FILES} 个,请合并后上传",
                )
            made = Attachment(
                case=case, seq=seq, name=called, digest=digest, media=kind.media, size=len(content),
                at=recording.now, by=by.id,
            )  # fmt: skip
            recording.changes.counter[Kept.ATTACHMENT] = [_row(made)]
            recording.note(Happening.ATTACHED, str(seq), digest=digest, size=made.size, media=made.media)
            keep(connection, recording)
            return made

    def of(
        self, case: int, *, by: Actor, after: int = 0, limit: int = 100, session: HostTransaction = None
    ) -> list[Attachment]:
        """The files of a case by their number, also those that were withdrawn; page with ``after=found[-1].seq``.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            FactError: an id or a page that cannot be.
        """
        check_page(after, limit)
        with kept_of(self._runtime, case, by, session) as (connection, _):
            return [_attachment(row) for row in store.of_case(connection, case, after, limit)]

    def read(self, case: int, seq: int, *, by: Actor, session: HostTransaction = None) -> bytes:
        """The bytes of a file, once they are known to be those that were attached.

        Whoever hands them to a browser sends ``Attachment.media`` with ``nosniff``, for download.

        Raises:
            NotFound: there is no such case or file.
            NotAllowed: the actor is recused from the case, acts for another area, or is accused in it.
            AlreadyDone: the file was withdrawn.
            FileError: its bytes are missing or changed, or the store cannot be read.
        """
        check_id(seq, "attachment")
        files = self._runtime.files
        with kept_of(self._runtime, case, by, session) as (connection, _):
            row = _standing(_one(connection, case, seq))
            content = store.DatabaseFiles(connection).read(row.digest) if files is None else None
        if files is not None:
            content = files.read(row.digest)
        fault = _fault(row.digest, content)
        if content is None or fault is not None:
            raise _damaged(row, fault)
        return content

    @acting_as("attachments.withdraw")
    def withdraw(
        self, case: int, seq: int, *, reason: str, by: Actor, session: HostTransaction = None
    ) -> Attachment:
        """Take a file out of a case, for example one of another matter. Nobody reads it any more; the journal keeps it.

        Raises:
            NotFound: there is no such case or file.
            NotAllowed: the actor is recused from the case, acts for another area, or is accused in it.
            AlreadyDone: it was withdrawn before.
            FactError: the reason says nothing.
        """
        check_id(seq, "attachment")
        why = written(reason, "reason")
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            row = _standing(_one(connection, case, seq))
            changed = dict(row._mapping) | {
                "withdrawn_at": recording.now, "withdrawn_by": by.id, "reason": why,
            }  # fmt: skip
            recording.changes.counter[Kept.ATTACHMENT] = [changed]
            recording.note(Happening.ATTACHMENT_WITHDRAWN, str(seq), digest=row.digest, reason=why)
            keep(connection, recording)
            return _attachment(_one(connection, case, seq))

    def check(self, *, after: str = "", limit: int = 100, session: HostTransaction = None) -> FilesChecked:
        """Read stored files and compare them with their digests; what is wrong is told in the journal of its cases.

        Each file is read once, however many cases have it. What is whole again is told as well.

        Args:
            after: the digest to go on after, as the page before says.

        Raises:
            FactError: a page that cannot be.
            FileError: the store cannot be read.
        """
        check_count(limit)
        if not isinstance(after, str):
            raise FactError(f"after={shown(after)} is no digest; give that of the page before")
        with self._runtime.reading(session) as connection:
            page = store.digests(connection, after, limit)
        faulty: list[Attachment] = []
        for digest in page:
            fault, rows = self._look(digest, session)
            faulty += [_attachment(row) for row in rows if fault is not None]
        return FilesChecked(
            looked=len(page), faulty=tuple(faulty), after=page[-1] if len(page) == limit else None
        )

    def _look(self, digest: str, session: HostTransaction) -> tuple[FileFault | None, list[Row[Any]]]:
        """What is wrong with the bytes of a digest, and the attachments that have them, as they are marked then."""
        files = self._runtime.files
        with self._runtime.reading(session) as connection:
            content = store.DatabaseFiles(connection).read(digest) if files is None else None
            rows = store.with_digest(connection, digest)
        if files is not None:
            content = files.read(digest)
        fault = _fault(digest, content)
        wrong = sorted({row.case_id for row in rows if row.fault != fault})
        for case in wrong:
            with self._runtime.writing(session) as connection:
                recording = recording_of(self._runtime, locked_case(connection, case), SYSTEM)
                marked = [
                    dict(row._mapping) | {"fault": str(fault) if fault else None}
                    for row in store.with_digest(connection, digest)
                    if row.case_id == case
                ]
                recording.changes.counter[Kept.ATTACHMENT] = marked
                for row in marked:
                    recording.note(
                        Happening.FILE_CHECKED, str(row["seq"]), digest=digest, fault=fault and str(fault)
                    )
                keep(connection, recording)
        if wrong:
            logger.warning("file %s of %d cases is %s", digest, len(wrong), fault or "whole again")
        with self._runtime.reading(session) as connection:
            return fault, list(store.with_digest(connection, digest))


def _fault(digest: str, content: bytes | None) -> FileFault | None:
    if content is None:
        return FileFault.MISSING
    return FileFault.CHANGED if digest_of(content) != digest else None


def _damaged(row: Row[Any], fault: FileFault | None) -> FileError:
    gone = fault is FileFault.MISSING
    return FileError(
        f"the bytes of attachment {row.seq} of case {row.case_id} ({row.digest[:12]}…) are "
        f"{'missing from the store' if gone else 'not those that were attached'}; restore them from a backup, or "
        "attach the file again",
        zh=f"附件 {row.seq} {'在存储中已丢失' if gone else '内容已被改动'},请从备份恢复,或者重新上传",
    )


def _one(connection: Connection, case: int, seq: int) -> Row[Any]:
    row = store.one(connection, case, seq)
    if row is None:
        raise NotFound(
            f"case {case} has no attachment {seq}; list them with `jiefen attachments {case}`",
            zh=f"本案没有 {seq} 号附件",
        )
    return row


def _standing(row: Row[Any]) -> Row[Any]:
    if row.withdrawn_at is not None:
        raise AlreadyDone(
            f"attachment {row.seq} of case {row.case_id} was withdrawn by {row.withdrawn_by}",
            zh=f"{row.seq} 号附件已经撤出",
        )
    return row


def _row(made: Attachment) -> dict[str, Any]:
    return {"case_id": made.case} | {name: getattr(made, name) for name in _COLUMNS}


def _attachment(row: Any) -> Attachment:
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["fault"] = FileFault(row.fault) if row.fault else None
    return Attachment(case=row.case_id, **values)
