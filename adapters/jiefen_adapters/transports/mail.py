"""Systems that are reached by mail: a document goes out as an attachment, and a mailbox is read for what comes.

SMTP is Python's smtplib, IMAP is imap-tools. Nothing is retried here: the engine's agenda does that, under the same
key, from which the id of the mail is made. What is told of a failure names codes, never what stood in a mail.
"""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from jiefen import Clock, DefinitionError, DeliveryRefused, MissingExtra, shapes
from jiefen_adapters.cards.documents import UnusableDocument
from jiefen_adapters.cards.format import OPEN_OR_SECRET, SECRET
from jiefen_adapters.cards.giving import Outcome, give
from jiefen_adapters.cards.incoming import Incoming, take, take_tree, types_of
from jiefen_adapters.transports import Answered, Message, NotReachedError, secret_of

if TYPE_CHECKING:
    from imap_tools import BaseMailBox, MailMessage

    from jiefen import Engine
    from jiefen_adapters.cards.card import Card

Field, Listed, Number, Record = shapes.Field, shapes.Listed, shapes.Number, shapes.Record
Text, Word = shapes.Text, shapes.Word

logger = logging.getLogger("jiefen.mail")

_ADDRESS: Final = Text(r"[^\s@<>,;]+@[^\s@<>,;]+", "office@county.example", "an address of mail")
_SERVER: Final = Text(r"[^\s:/]+:[0-9]{1,5}", "mail.county.example:465", "host:port")
_SECURITY: Final = Word(("tls", "starttls", "none"))
_MAILBOX: Final = Record(
    {
        "server": Field(_SERVER, "host:port of IMAP", needed=True),
        "security": Field(Word(("tls", "none")), "tls unless said; none on this machine alone"),
        "user": Field(OPEN_OR_SECRET, "whose mailbox it is", needed=True),
        "password": Field(SECRET, "the password", needed=True),
        "folder": Field(Text(), "INBOX unless said"),
        "taken": Field(Text(), "where a mail goes that was read: Taken unless said"),
        "rejected": Field(Text(), "where one goes that was not: Rejected unless said"),
        "senders": Field(
            Listed(_ADDRESS, least=1),
            "whose mails are read; all others are put with the rejected",
            needed=True,
        ),
    },
    "a mailbox",
)
SETTINGS: Final = Record(
    {
        "server": Field(_SERVER, "host:port of SMTP", needed=True),
        "security": Field(_SECURITY, "tls unless said; none on this machine alone"),
        "user": Field(OPEN_OR_SECRET, "who we are over there"),
        "password": Field(SECRET, "the password"),
        "sender": Field(_ADDRESS, "from whom the mails come", needed=True),
        "authority": Field(
            Text(), "a file with the certificates that are trusted, PEM; absent: those of the system"
        ),
        "timeout": Field(Number(1, 300), "seconds for each step; 30 unless said"),
        "mailbox": Field(_MAILBOX, "where what comes in is read"),
    },
    "the settings of mail",
)
REQUEST: Final = Record(
    {
        "to": Field(Listed(_ADDRESS, alone=True, least=1), "to whom it goes", needed=True),
        "subject": Field(Text(), "the subject; {name} is a field of the map; the topic unless said"),
        "file": Field(
            Text(r"[^/\\\s]+", "event-{eventId}.json", "the name of a file"),
            "how the attachment is called; {name} is a field of the map",
        ),
    },
    "a request",
)

_TIMEOUT: Final = 30
#: So many mails are read at once; the rest is for the next time.
_AT_ONCE: Final = 50
_MOST_ATTACHMENTS: Final = 20
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_DOCUMENTS: Final = {"application/json", "text/json", "application/xml", "text/xml"}
_ENDINGS: Final = {".json": "application/json", ".xml": "application/xml"}
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]+")
_TEXT: Final = (
    "附件是解纷系统发出的“{topic}”。请勿直接回复正文;如需答复,按约定格式另发附件。\n"
    "The attachment is “{topic}” of Jiefen. Answer by an attachment in the agreed form.\n"
)


def connect(card: Card, clock: Clock) -> MailWire:
    """Connect to the system of a card; nothing is sent or read yet.

    Raises:
        DefinitionError: a secret is not in the environment, a password would cross a network in the clear, or the
            certificates cannot be read.
        MissingExtra: the card names a mailbox, and imap-tools is not installed.
    """
    if "mailbox" in card.settings:
        try:
            import imap_tools  # noqa: F401 - that it is there is said now, not at the first mail
        except ModuleNotFoundError as error:
            raise MissingExtra.of("a card that reads a mailbox", error, "mail") from error
    return MailWire(card, clock)


class MailWire:
    """One system by mail."""

    def __init__(self, card: Card, clock: Clock) -> None:
        self._card, self._clock = card, clock
        settings = card.settings
        self._timeout = int(settings.get("timeout", _TIMEOUT))
        try:
            self._context = ssl.create_default_context(cafile=settings.get("authority"))
        except OSError as error:  # ssl.SSLError is one
            raise DefinitionError(
                f"{card.name}: the certificates cannot be read ({type(error).__name__}); look at `authority`"
            ) from None
        self._out = _Server(card, settings)
        self._box = _Server(card, settings["mailbox"]) if "mailbox" in settings else None

    def carry(self, message: Message) -> Answered:
        """Send one mail with the document in it.

        The same key gives the same id of the mail, so that whoever gets it twice knows it.

        Raises:
            DeliveryRefused: they do not take it for good, or a field of its subject is missing.
            NotReachedError: nobody took it, this time.
        """
        mail = self._mail(message)
        try:
            with self._smtp() as smtp:
                if self._out.user:
                    smtp.login(self._out.user, self._out.password)
                smtp.send_message(mail)
        except smtplib.SMTPAuthenticationError as error:
            raise NotReachedError(
                f"{self._card.name} does not let us in (SMTP {error.smtp_code}); look at `user` and `password`"
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            raise self._failed(max(code for code, _ in error.recipients.values())) from None
        except smtplib.SMTPResponseException as error:
            raise self._failed(error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotReachedError(f"{self._card.name} cannot be reached: {type(error).__name__}") from None
        return Answered(good=True, status="SMTP 250", content_type="", body=b"")

    def collect(self, engine: Engine) -> None:
        """Read what lies in the mailbox, and give it to the engine. A mail leaves its folder once it was dealt with.

        What comes again changes nothing. A mail of which something is not taken goes to the rejected ones, which the
        log says by numbers.

        Raises:
            DatabaseError: nothing can be written now; what was not given yet stays in the mailbox.
            NotReachedError: the mailbox cannot be read.
        """
        if self._box is None:
            return
        import imaplib

        from imap_tools import ImapToolsError

        try:
            with self._mailbox(self._box) as box:
                self._read(engine, box, self._card.settings["mailbox"])
        except (imaplib.IMAP4.error, ImapToolsError, OSError) as error:
            raise NotReachedError(
                f"the mailbox of {self._card.name} cannot be read: {type(error).__name__}"
            ) from None

    # --- out ---------------------------------------------------------------------------------------------------

    def _smtp(self) -> smtplib.SMTP:
        out = self._out
        if out.security == "tls":
            return smtplib.SMTP_SSL(out.host, out.port, timeout=self._timeout, context=self._context)
        smtp = smtplib.SMTP(out.host, out.port, timeout=self._timeout)
        if out.security == "starttls":
            try:
                smtp.starttls(context=self._context)
            except BaseException:
                smtp.close()
                raise
        return smtp

    def _mail(self, message: Message) -> EmailMessage:
        sender, request = str(self._card.settings["sender"]), message.request
        to = request["to"]
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = sender, ", ".join([to] if isinstance(to, str) else to)
        mail["Subject"] = self._filled(message, str(request.get("subject", message.topic)))
        mail["Date"] = format_datetime(self._clock.now())
        digest = sha256(f"{self._card.name}\0{message.key}".encode()).hexdigest()[:40]
        mail["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
        mail["X-Jiefen-Key"] = _CONTROLS.sub(" ", message.key)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(_TEXT.format(topic=message.topic))
        main, _, sub = message.content_type.partition(";")[0].strip().partition("/")
        ending = ".xml" if sub.endswith("xml") else ".json" if sub.endswith("json") else ".txt"
        name = self._filled(message, str(request.get("file", f"{message.topic}{ending}")))
        mail.add_attachment(message.body, maintype=main, subtype=sub or "octet-stream", filename=name)
        return mail

    def _filled(self, message: Message, text: str) -> str:
        """A text with the fields that it names, on one line."""

        def field(found: re.Match[str]) -> str:
            value = message.fields.get(found[1])
            if not value:
                raise DeliveryRefused(
                    f"{self._card.name}: the mail of {message.topic} needs {found[1]}, which is missing"
                )
            return value

        return _CONTROLS.sub(" ", _BRACES.sub(field, text)).strip()

    def _failed(self, code: int) -> Exception:
        """What a code of theirs comes to: for good, or to be tried again (RFC 5321, 4.2.1)."""
        if 500 <= code < 600:
            return DeliveryRefused(
                f"{self._card.name} does not take the mail (SMTP {code}); look at the address, then retry"
            )
        return NotReachedError(f"{self._card.name} answered SMTP {code}")

    # --- in ----------------------------------------------------------------------------------------------------

    def _mailbox(self, server: _Server) -> BaseMailBox:
        from imap_tools import MailBox, MailBoxUnencrypted

        folder = str(self._card.settings["mailbox"].get("folder", "INBOX"))
        box: BaseMailBox
        if server.security == "tls":
            box = MailBox(server.host, server.port, timeout=self._timeout, ssl_context=self._context)
        else:
            box = MailBoxUnencrypted(server.host, server.port, timeout=self._timeout)
        try:
            return box.login(server.user, server.password, initial_folder=folder)
        except BaseException:
            box.client.shutdown()
            raise

    def _read(self, engine: Engine, box: BaseMailBox, settings: Mapping[str, Any]) -> None:
        from imap_tools import AND

        folders = {
            True: str(settings.get("taken", "Taken")),
            False: str(settings.get("rejected", "Rejected")),
        }
        for folder in folders.values():
            if not box.folder.exists(folder):
                box.folder.create(folder)
        senders = {str(one).lower() for one in settings["senders"]}
        # The sizes first: what is too large is never fetched.
        heads = list(box.fetch(headers_only=True, mark_seen=False, limit=_AT_ONCE, bulk=True))
        counts = {True: 0, False: 0}
        for head in heads:
            taken = False
            if head.uid is None:
                continue
            if head.from_.lower() in senders and head.size_rfc822 <= self._card.most:
                [mail] = box.fetch(AND(uid=head.uid), mark_seen=False)
                taken = self._taken(engine, mail)
            box.move(head.uid, folders[taken])
            counts[taken] += 1
        if counts[False]:
            logger.warning(
                "%s: %d mails were rejected, %d taken", self._card.name, counts[False], counts[True]
            )

    def _taken(self, engine: Engine, mail: MailMessage) -> bool:
        """Whether everything that a mail says was taken, now or before."""
        types = types_of(engine.edition.rulebook.vocabulary.facts)
        try:
            found = list(self._incoming(mail, types))
        except UnusableDocument as error:
            logger.warning(
                "%s: a mail is none that the card knows: %s", self._card.name, type(error).__name__
            )
            return False
        return all(one.outcome is not Outcome.REFUSED for one in give(engine, found))

    def _incoming(self, mail: MailMessage, types: Mapping[str, str]) -> Iterator[Incoming]:
        """What the documents of a mail say; of a mail without any, what it says itself."""
        documents = [
            (one.payload, kind) for one in mail.attachments if (kind := _kind(one.content_type, one.filename))
        ]
        if len(mail.attachments) > _MOST_ATTACHMENTS:
            raise UnusableDocument(
                f"a mail has more than {_MOST_ATTACHMENTS} attachments",
                zh=f"邮件附件超过 {_MOST_ATTACHMENTS} 个",
            )
        for payload, kind in documents:
            yield from take(self._card, payload, kind, types=types)
        if not documents:
            given = str(mail.obj["Message-ID"] or "").strip()
            own = given or f"sha256:{sha256(mail.obj.as_bytes()).hexdigest()}"
            tree = {
                "kind": "mail", "messageId": own, "from": mail.from_, "subject": mail.subject, "text": mail.text,
                "date": mail.date.isoformat(),
            }  # fmt: skip
            yield from take_tree(self._card, tree, types=types)


class _Server:
    """A server of mail, and who we are there.

    Raises:
        DefinitionError: a secret is not in the environment, or a password would cross a network in the clear.
    """

    def __init__(self, card: Card, settings: Mapping[str, Any]) -> None:
        self.host, _, port = str(settings["server"]).rpartition(":")
        self.port, self.security = int(port), str(settings.get("security", "tls"))
        self.user = secret_of(card, settings.get("user", ""))
        self.password = secret_of(card, settings.get("password", ""))
        if self.security == "none" and self.host not in _LOOPBACK:
            raise DefinitionError(
                f"{card.name}: mail to {self.host} would cross the network in the clear; write security: tls"
            )


def _kind(content_type: str, name: str) -> str | None:
    """The type of a document that cards read; ``None`` for any other attachment."""
    if content_type.lower() in _DOCUMENTS:
        return content_type.lower()
    return next((kind for ending, kind in _ENDINGS.items() if name.lower().endswith(ending)), None)
