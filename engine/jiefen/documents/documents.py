"""文书: made by the rules once nothing is missing, numbered without gaps, signed, void, read."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy.engine import Connection

from jiefen.areas import EVERYWHERE, area_at, normalise_area
from jiefen.case.arguments import check_choice, check_day, check_id, check_page
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import beside, keep, kept_of
from jiefen.commands.binding import acting_as
from jiefen.documents import serving
from jiefen.documents.asking import lacking, office_called, rule_called, rule_of, said_of
from jiefen.documents.docx import as_docx
from jiefen.documents.filling import Matter, Written, draft
from jiefen.documents.pdf import as_pdf
from jiefen.documents.setting import as_text
from jiefen.edition.edition import Edition
from jiefen.errors import AlreadyDone, Conflict, FactError, FileError, MissingExtra, NotFound
from jiefen.notation.blanks import filled
from jiefen.notation.labels import Label, Language, suggestion
from jiefen.notation.texts import shown, written
from jiefen.outside.files import digest_of
from jiefen.people.authority import acts_in, require_role, with_deputies
from jiefen.record.actor import Actor
from jiefen.record.counter.documents import (
    Addressed,
    Document,
    DocumentKind,
    DocumentStatus,
    Drafted,
    Service,
    ServiceWay,
)
from jiefen.record.counter.kept import Kept
from jiefen.record.kinds import CaseStatus, Happening
from jiefen.rules import DocumentRule, Role, reasons
from jiefen.store import reading
from jiefen.store.counter import documents as store
from jiefen.store.desk import parties as party_store
from jiefen.story.snapshots import party_snapshot

#: A case has at most so many documents.
_MOST: Final = 1_000
_GONE: Final = (CaseStatus.MERGED, CaseStatus.VOIDED)
_PARTY: Final = "party"
_COLUMNS: Final = (
    "seq", "kind", "number", "version", "party", "office", "digests", "made_at", "made_by", "signed_at", "signed_by",
    "voided_at", "voided_by", "reason",
)  # fmt: skip


class Documents:
    """The documents of cases: ``engine.documents``. Which there are, the rules say."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def kinds(self, area: str | None = None) -> list[DocumentKind]:
        """The kinds of documents that may be made in an area today.

        Args:
            area: its code; those of the whole country when absent.

        Raises:
            FactError: it is no area code.
        """
        here = normalise_area(area) if area is not None else None
        today = china_date(self._runtime.clock.now())
        known = self._runtime.edition.view(here).documents
        return [_kind(rule) for rule in known.values() if rule.in_force(today)]

    def draft(
        self,
        case: int,
        kind: str,
        *,
        by: Actor,
        party: int | None = None,
        content: Mapping[str, str] | None = None,
        office: str | None = None,
        language: Language = "zh",
        session: HostTransaction = None,
    ) -> Drafted:
        """How a document would read, and what it still lacks; nothing is written.

        Args:
            kind, party, content, office: as for :meth:`make`.
            language: ``zh``, in which it is made, or ``en`` to read it.

        Raises:
            NotFound: there is no such case or party.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            UnknownValue: the rules have no such kind; the message names the nearest.
            FactError: something given cannot be.
        """
        check_choice(language, "language of documents", ("zh", "en"))
        said, name = said_of(content), office_called(office)
        with kept_of(self._runtime, case, by, session) as (connection, row):
            edition = self._runtime.edition_of(connection, row.edition)
            rule = rule_called(edition, row.area, kind, china_date(self._runtime.clock.now()))
            matter = self._matter(
                connection, edition, row, rule, party, said, name or rule.organ.text(language)
            )
            told, _ = draft(rule, matter, language)
            return told

    @acting_as("documents.make")
    def make(
        self,
        case: int,
        kind: str,
        *,
        by: Actor,
        party: int | None = None,
        content: Mapping[str, str] | None = None,
        office: str | None = None,
        replaces: int | None = None,
        session: HostTransaction = None,
    ) -> Document:
        """Make a document: what must be in it is looked at first, then it gets its number.

        Args:
            kind: its id in the rules; :meth:`kinds` lists them.
            party: whom it is for, by their number in the case; for kinds with one for each party.
            content: what the kind asks to be said, by name.
            office: how the office is called in it; as the kind says when absent.
            replaces: the number in the case of one that was made and not signed: this is its next version, and has its
                number.

        Raises:
            NotFound: there is no such case, party or document.
            NotAllowed: the actor holds none of the roles that make it there, is recused or accused in the case.
            UnknownValue: the rules have no such kind; the message names the nearest.
            FactError: something must be in it and is missing; the message names it with the article.
            Conflict: the case was merged or is void, or has as many documents as it can have; or the one that it is to
                replace is of another kind, or for somebody else.
            AlreadyDone: the one that it is to replace was signed, or is void.
        """
        said, name = said_of(content), office_called(office)
        with beside(self._runtime, case, by, session) as (connection, recording, locked):
            if locked.status in _GONE:
                raise Conflict(
                    f"case {case} is {locked.status}; make it in the case that goes on",
                    zh=f"{case} 号案已并入他案或者作废",
                )
            edition = self._runtime.edition_of(connection, locked.edition)
            today = china_date(recording.now)
            rule = rule_called(edition, locked.area, kind, today)
            roles = edition.rulebook.roles
            what = f"making {rule.id} ({rule.title})"
            require_role(by, rule.made_by, locked.area, roles, what, on=today)
            called = name or rule.organ.zh
            matter = self._matter(connection, edition, locked, rule, party, said, called)
            told, _ = draft(rule, matter, "zh")
            if told.missing:
                raise lacking(rule, told.missing, edition)
            before = None if replaces is None else _replaced(connection, case, replaces, rule, party)
            seq = before.seq if before is not None else store.last(connection, case) + 1
            if seq > _MOST:
                raise Conflict(
                    f"case {case} has {_MOST} documents, as many as it can have", zh="本案文书过多"
                )
            number = before.number if before is not None else None
            if number is None and rule.number is not None:
                number = _next_number(connection, rule, by, locked.area, roles, today)
            matter = matter.numbered(number)
            _, lines = draft(rule, matter, "zh")
            forms = _forms(rule, matter, lines)
            made = Document(
                case=case, seq=seq, kind=rule.id, title=rule.title, number=number,
                version=before.version + 1 if before is not None else 1, party=party, office=called,
                status=DocumentStatus.MADE, digests={form: digest_of(kept) for form, kept in forms.items()},
                made_at=recording.now, made_by=by.id,
            )  # fmt: skip
            recording.changes.counter[Kept.DOCUMENT] = [_row(made)]
            recording.changes.counter[Kept.DOCUMENT_FILE] = [
                {
                    "case_id": case, "document": seq, "version": made.version, "form": form,
                    "content": b64encode(kept).decode(),
                }
                for form, kept in forms.items()
            ]  # fmt: skip
            recording.note(
                Happening.DOCUMENT_MADE, str(seq), document=rule.id, title=rule.title, number=number,
                version=made.version, party=party, digests=made.digests,
            )  # fmt: skip
            keep(connection, recording)
            return made

    @acting_as("documents.sign")
    def sign(
        self, case: int, seq: int, *, by: Actor, proof: int | None = None, session: HostTransaction = None
    ) -> Document:
        """Sign a document 签发; it does not change any more. What parties sign on paper an office records.

        Args:
            proof: the attachment that shows the signatures, by its number in the case.

        Raises:
            NotFound: there is no such case, document or attachment.
            NotAllowed: the actor holds none of the roles that sign it there, is recused or accused in the case.
            AlreadyDone: it was signed before, or is void.
            Conflict: its kind is signed by nobody.
            FactError: the parties sign it, and nothing shows that.
        """
        check_id(seq, "document")
        with beside(self._runtime, case, by, session) as (connection, recording, locked):
            before = _standing(connection, case, seq)
            if before.status is DocumentStatus.SIGNED:
                raise AlreadyDone(
                    f"document {seq} of case {case} was signed by {before.signed_by}", zh="该文书已经签发"
                )
            edition = self._runtime.edition_of(connection, locked.edition)
            rule = rule_of(edition, locked.area, before)
            if not rule.signed_by:
                raise Conflict(f"{rule.id} ({rule.title}) is signed by nobody", zh="该类文书不需要签发")
            if _PARTY in rule.signed_by:
                if proof is None:
                    raise FactError(
                        f"{rule.id} ({rule.title}) is signed by the parties; attach the signed paper and give its "
                        "number as proof=",
                        zh="该文书由当事人签名,请上传签名件并写明附件号",
                    )
            else:
                what = f"signing {rule.id} ({rule.title})"
                today = china_date(recording.now)
                require_role(by, rule.signed_by, locked.area, edition.rulebook.roles, what, on=today)
            serving.require_proof(connection, case, proof)
            signed = replace(before, status=DocumentStatus.SIGNED, signed_at=recording.now, signed_by=by.id)
            recording.changes.counter[Kept.DOCUMENT] = [_row(signed)]
            recording.note(
                Happening.DOCUMENT_SIGNED, str(seq), title=before.title, number=before.number, proof=proof
            )
            keep(connection, recording)
            return signed

    @acting_as("documents.void")
    def void(
        self, case: int, seq: int, *, reason: str, by: Actor, session: HostTransaction = None
    ) -> Document:
        """Void a document. Its number stays with it: no other gets it.

        Raises:
            NotFound: there is no such case or document.
            NotAllowed: the actor is recused from the case, acts elsewhere, or is accused in it.
            AlreadyDone: it is void.
            Conflict: it was served on somebody, who may go by it: make another one that says what holds.
            FactError: the reason says nothing.
        """
        check_id(seq, "document")
        why = written(reason, "reason")
        with beside(self._runtime, case, by, session) as (connection, recording, _):
            before = _standing(connection, case, seq)
            if any(row.document == seq for row in store.services(connection, case)):
                raise Conflict(
                    f"document {seq} of case {case} was served; a party may go by it, so make another one that says "
                    "what holds",
                    zh="该文书已经送达,不能作废;请另行制作更正文书",
                )
            gone = replace(
                before,
                status=DocumentStatus.VOIDED,
                voided_at=recording.now,
                voided_by=by.id,
                reason=why,
            )
            recording.changes.counter[Kept.DOCUMENT] = [_row(gone)]
            recording.note(
                Happening.DOCUMENT_VOIDED, str(seq), title=before.title, number=before.number, reason=why
            )
            keep(connection, recording)
            return gone

    @acting_as("documents.serve")
    def serve(
        self,
        case: int,
        seq: int,
        party: int,
        *,
        way: ServiceWay | str,
        day: date,
        by: Actor,
        proof: int | None = None,
        note: str | None = None,
        session: HostTransaction = None,
    ) -> Service:
        """Record that a document was served on a party 送达; what runs from it starts on the day on which it counts.

        Each party has a day of its own, and the periods that run for it are told with their last days. Where several
        are served, the deadline of the case runs from the last of them, so that nobody's is cut short.

        Args:
            party: on whom, by their number in the case.
            way: ``direct``, ``left``, ``refused``, ``electronic``, ``post``, ``entrusted`` or ``public_notice``.
            day: the day in China on which it was signed for, left, arrived, stands on the receipt, or was published.
            proof: the attachment that shows it, by its number in the case; asked for but when it was signed for.
            note: what happened, where the way asks for it: the witness, how they agreed, why it was published.

        Raises:
            NotFound: there is no such case, document, party or attachment.
            NotAllowed: the actor is recused from the case, acts elsewhere, or is accused in it.
            AlreadyDone: it was served on them before, or is void.
            Conflict: it is not signed yet, or its kind is not served, or not in that way.
            FactError: the day cannot be, or what must show it is missing.
        """
        check_id(seq, "document")
        check_id(party, "party")
        chosen = ServiceWay(check_choice(way, "way of service", ServiceWay))
        on, what = check_day(day, "day"), written(note, "note") if note is not None else None
        asked = serving.Asked(party=party, way=chosen, day=on, proof=proof, note=what)
        with serving.serving(self._runtime, case, by, session) as (step, row, connection):
            before = _standing(connection, case, seq)
            rule = rule_of(step.edition, row.area, before)
            matter = self._matter(connection, step.edition, row, rule, party, {}, before.office, anybody=True)
            return serving.serve(step, connection, before, rule, matter, asked)

    def of(
        self, case: int, *, by: Actor, after: int = 0, limit: int = 100, session: HostTransaction = None
    ) -> list[Document]:
        """The documents of a case by their number, void ones too; page with ``after=found[-1].seq``.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            FactError: an id or a page that cannot be.
        """
        check_page(after, limit)
        with kept_of(self._runtime, case, by, session) as (connection, _):
            return [_document(row) for row in store.of_case(connection, case, after, limit)]

    def services(self, case: int, *, by: Actor, session: HostTransaction = None) -> list[Service]:
        """On whom the documents of a case were served, by document and party, each with the last days that run from it.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
        """
        with kept_of(self._runtime, case, by, session) as (connection, row):
            edition = self._runtime.edition_of(connection, row.edition)
            found = store.services(connection, case)
            made = {one.seq: one for one in store.of_case(connection, case, 0, _MOST)} if found else {}
            told = []
            for one in found:
                rule = edition.view(row.area).documents.get(made[one.document].kind)
                starts = rule.starts if rule is not None else None
                matter = self._bare(edition, row)
                told.append(serving.service_of(one, starts, matter))
            return told

    def read(
        self,
        case: int,
        seq: int,
        *,
        by: Actor,
        form: str = "txt",
        version: int | None = None,
        session: HostTransaction = None,
    ) -> bytes:
        """What a document says, once it is known to be what was made.

        Args:
            form: ``txt``, in UTF-8; ``docx``, kept where the extra ``documents`` was installed when it was made; or
                ``pdf``, which LibreOffice makes of the DOCX each time, outside of any transaction of the engine.
            version: the last one when absent.

        Raises:
            NotFound: there is no such case, document or version, or it was not kept in that form.
            NotAllowed: the actor is recused from the case, acts for another area, or is accused in it.
            FactError: there is no such form.
            FileError: what is kept was changed; or a PDF is asked for and cannot be made here.
        """
        check_id(seq, "document")
        check_choice(form, "form of documents", FORMS)
        if version is not None:
            check_id(version, "version")
        taken = "docx" if form == "pdf" else form
        with kept_of(self._runtime, case, by, session) as (connection, _):
            row = _one(connection, case, seq)
            wanted = row.version if version is None else version
            kept = store.content(connection, case, seq, wanted, taken)
        if kept is None:
            raise NotFound(
                f"document {seq} of case {case} is not kept as {taken} in version {wanted}",
                zh=f"{seq} 号文书没有 {taken} 格式的第 {wanted} 版",
            )
        content = b64decode(kept)
        if wanted == row.version and digest_of(content) != row.digests[taken]:
            raise FileError(
                f"document {seq} of case {case} is not what was made; restore the table jiefen_document_file from a "
                "backup, and find out who can write to it",
                zh=f"{seq} 号文书的内容已被改动,请从备份恢复",
            )
        return as_pdf(content) if form == "pdf" else content

    def _bare(self, edition: Edition, row: Any) -> Matter:
        """What the periods of a case are worked out from."""
        facts = edition.rulebook.vocabulary.from_json(row.facts)
        return Matter(
            case=row.id, edition=edition, area=row.area, facts=facts, parties=(), deadlines=(),
            now=self._runtime.clock.now(), said={},
        )  # fmt: skip

    def _matter(
        self,
        connection: Connection,
        edition: Edition,
        row: Any,
        rule: DocumentRule,
        party: int | None,
        said: Mapping[str, str],
        office: str,
        *,
        anybody: bool = False,
    ) -> Matter:
        people = [party_snapshot(one) for one in party_store.of_cases(connection, [row.id])]
        chosen = None
        if party is not None:
            check_id(party, "party")
            if rule.addressed is Addressed.CASE and not anybody:
                raise FactError(
                    f"{rule.id} ({rule.title}) is made once for the case; leave party out",
                    zh="该文书一案一份,不填当事人",
                )
            chosen = next((one for one in people if one.seq == party), None)
            if chosen is None:
                known = ", ".join(str(one.seq) for one in people) or "none"
                raise NotFound(
                    f"case {row.id} has no party {party}; there are {known} (jiefen party list {row.id})",
                    zh=f"本案没有 {party} 号当事人",
                )
        elif rule.addressed is Addressed.PARTY:
            raise FactError(
                f"{rule.id} ({rule.title}) is made for each party; say for whom with party= (parties.of lists them)",
                zh="该文书一人一份,请写明当事人的号码",
            )
        unknown = sorted(set(said) - {one.id for one in rule.contents if one.is_said})
        if unknown:
            asks = [one.id for one in rule.contents if one.is_said]
            raise FactError(
                f"{rule.id} ({rule.title}) asks for nothing called {shown(unknown[0])}; {suggestion(unknown[0], asks)}",
                zh=f"该文书没有 {shown(unknown[0])} 这一项",
            )
        running = reading.deadlines(connection, row.id)
        return replace(
            self._bare(edition, row), parties=tuple(people), deadlines=tuple(running), said=said, party=chosen,
            office=office,
        )  # fmt: skip


#: The forms in which documents are kept.
FORMS: Final = ("txt", "docx", "pdf")


def _forms(rule: DocumentRule, matter: Matter, lines: list[Written]) -> dict[str, bytes]:
    """What is kept: plain text always, and DOCX where the library for it is installed."""
    forms = {"txt": as_text(rule, matter, lines, "zh").encode()}
    with suppress(MissingExtra):
        forms["docx"] = as_docx(rule, matter, lines)
    return forms


def _replaced(connection: Connection, case: int, seq: int, rule: DocumentRule, party: int | None) -> Document:
    before = _standing(connection, case, check_id(seq, "document"))
    if before.status is DocumentStatus.SIGNED:
        raise AlreadyDone(
            f"document {seq} of case {case} is signed; void it and make another one",
            zh="该文书已经签发,不能更改;请作废后重新制作",
        )
    if (before.kind, before.party) != (rule.id, party):
        raise Conflict(
            f"document {seq} of case {case} is {before.kind} for party {before.party}; make another document",
            zh="要更换的文书不是同一种或者不是给同一当事人的",
        )
    return before


def _next_number(
    connection: Connection,
    rule: DocumentRule,
    by: Actor,
    area: str | None,
    roles: Mapping[str, Role],
    today: date,
) -> str:
    """The number of an office in its row of the year; the office is that of the post by which it is made."""
    assert rule.number is not None
    enough = with_deputies(rule.made_by, roles)
    post = next(one for one in by.held(today) if one.role in enough and acts_in(one, area, roles))
    place = area if post.area in (None, EVERYWHERE) else normalise_area(str(post.area))
    level = roles[post.role].level if post.role in roles else None
    if place is not None and level is not None:
        place = area_at(place, level) or place
    office = f"{post.role}@{place or ''}"
    number = store.next_number(connection, office, rule.number, today.year)
    return filled(rule.number, {"place": place or "", "year": str(today.year), "n": str(number)})


def _one(connection: Connection, case: int, seq: int) -> Any:
    row = store.one(connection, case, seq)
    if row is None:
        raise NotFound(
            f"case {case} has no document {seq}; list them with `jiefen documents list {case}`",
            zh=f"本案没有 {seq} 号文书",
        )
    return row


def _standing(connection: Connection, case: int, seq: int) -> Document:
    made = _document(_one(connection, case, seq))
    if made.status is DocumentStatus.VOIDED:
        raise AlreadyDone(
            f"document {seq} of case {case} was made void by {made.voided_by}", zh="该文书已经作废"
        )
    return made


def _row(made: Document) -> dict[str, Any]:
    kept = {name: getattr(made, name) for name in _COLUMNS}
    return {"case_id": made.case, "title": dict(made.title), "status": str(made.status)} | kept


def _document(row: Any) -> Document:
    kept = {name: getattr(row, name) for name in _COLUMNS}
    return Document(case=row.case_id, title=Label.of(row.title), status=DocumentStatus(row.status), **kept)


def _kind(rule: DocumentRule) -> DocumentKind:
    said = [one for one in rule.contents if one.is_said]
    return DocumentKind(
        id=rule.id, title=rule.title, law=reasons(rule.because), made_by=rule.made_by, signed_by=rule.signed_by,
        addressed=rule.addressed, served=rule.served, starts=rule.starts,
        ways=rule.ways if rule.served else (), asks={one.id: one.title for one in said},
        optional=tuple(one.id for one in said if one.optional or one.default is not None),
    )  # fmt: skip
