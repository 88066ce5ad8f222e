"""The transport mail, against a server of SMTP and a mailbox on loopback that have bad days."""

from __future__ import annotations

import json
import logging
import ssl
import sys
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from jiefen import DefinitionError, DeliveryRefused, Engine, FixedClock, MissingExtra
from jiefen.testing import AdapterContract
from jiefen_adapters.cards import CardAdapter, load_card
from jiefen_adapters.transports import NotReachedError
from tests.support.imap import FakeImap
from tests.unit.adapters.test_cards import delivery

CARD = """
card: bureau
title: {zh: 某局, en: A bureau}
transport: mail
settings:
  server: SERVER
  security: none
  sender: centre@county.example
  timeout: 5
  MORE
personal: true
out:
  court.judicial_confirmation:
    request: {to: desk@bureau.example, subject: '申请 {number}', file: 'a-{place.code}.json'}
    map: {number: key, place.code: {from: area, needed: true}}
    answer: {later: true}
  court.judicial_confirmation.cancelled:
    request: {to: [desk@bureau.example, second@bureau.example]}
    map: {of: cancels}
in:
  event:
    gives: case
    when: {type: [EVENT]}
    key: id
    number: id
    facts: {source: {value: walk_in}, title: title, area: area, dispute_type: {value: neighbour}}
  letter:
    gives: case
    when: {kind: [mail]}
    key: messageId
    number: messageId
    facts:
      source: {value: walk_in}
      title: subject
      description: text
      area: {value: '140429102'}
      dispute_type: {value: other}
"""
MAILBOX = """mailbox:
    server: IMAP
    security: none
    user: jiefen
    password: {env: BUREAU_PASSWORD}
    senders: [desk@bureau.example]"""


class Server(Controller):
    """Keeps the mails that it takes.

    Attributes:
        answer: what it says to a mail.
    """

    def __init__(self, **options: Any) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 taken"
        self.recipient = "250 ok"
        super().__init__(self, hostname="127.0.0.1", port=0, **options)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    async def handle_RCPT(self, _: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _: SMTP, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.mails.append(BytesParser(policy=default).parsebytes(envelope.content))  # type: ignore[arg-type]
        return self.answer


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    one.start()
    yield one
    one.stop()


def card(folder: Path, server: Server, **replaced: str) -> Any:
    text = CARD
    for before, after in {"SERVER": f"127.0.0.1:{server.port}", "MORE": "", **replaced}.items():
        text = text.replace(before, after)
    (folder / "bureau.yaml").write_text(text, encoding="utf-8")
    return load_card(folder / "bureau.yaml")


def adapter(folder: Path, server: Server, **replaced: str) -> CardAdapter:
    return CardAdapter(card(folder, server, **replaced), clock=FixedClock(date(2026, 3, 2)))


class TestContract(AdapterContract):
    cancels = True

    @pytest.fixture(autouse=True)
    def connected(self, server: Server, tmp_path: Path) -> None:
        self._server, self._folder = server, tmp_path

    def adapter(self) -> Any:
        simpler = {
            "court.judicial_confirmation": "court",
            "number: key, place.code: {from: area, needed: true}": "number: key",
            ", file: 'a-{place.code}.json'": "",
        }
        return adapter(self._folder, self._server, **simpler)

    def arrived(self) -> int:
        return len({str(mail["Message-ID"]) for mail in self._server.mails})


class TestOut:
    def test_a_document_goes_out_as_an_attachment(self, tmp_path: Path, server: Server) -> None:
        assert adapter(tmp_path, server).send(delivery()) is None
        [mail] = server.mails
        assert (mail["From"], mail["To"]) == ("centre@county.example", "desk@bureau.example")
        assert mail["Subject"] == "申请 jiefen:17:token/4"
        assert mail["X-Jiefen-Key"] == "jiefen:17:token/4"
        assert str(mail["Message-ID"]).endswith("@county.example>")
        [paper] = mail.iter_attachments()
        assert paper.get_filename() == "a-140429102201.json"
        assert paper.get_content_type() == "application/json"
        assert json.loads(paper.get_payload(decode=True))["number"] == "jiefen:17:token/4"  # type: ignore[arg-type]

    def test_the_same_key_has_the_same_id(self, tmp_path: Path, server: Server) -> None:
        for _ in range(2):
            adapter(tmp_path, server).send(delivery())
        first, again = server.mails
        assert first["Message-ID"] == again["Message-ID"]

    @pytest.mark.parametrize(
        ("answer", "recipient", "error"),
        [
            ("451 busy", "250 ok", NotReachedError),
            ("452 full", "250 ok", NotReachedError),
            ("250 ok", "450 greylisted", NotReachedError),
            ("554 spam from Zhang", "250 ok", DeliveryRefused),
            ("552 too large", "250 ok", DeliveryRefused),
            ("250 ok", "550 no such user Zhang", DeliveryRefused),
        ],
    )
    def test_only_what_may_be_is_tried_again(
        self, tmp_path: Path, server: Server, answer: str, recipient: str, error: type[Exception]
    ) -> None:
        server.answer, server.recipient = answer, recipient
        with pytest.raises(error) as told:
            adapter(tmp_path, server).send(delivery())
        assert (answer if recipient.startswith("250") else recipient)[:3] in str(told.value)
        assert "Zhang" not in str(told.value)
        assert server.mails == []

    def test_nobody_there_is_tried_again(self, tmp_path: Path) -> None:
        gone = Server()
        gone.start()
        gone.stop()
        with pytest.raises(NotReachedError, match="ConnectionRefusedError"):
            adapter(tmp_path, gone).send(delivery())

    @pytest.mark.parametrize("password", ["right", "wrong"])
    def test_over_tls_with_a_password(
        self, tmp_path: Path, password: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        authority = trustme.CA()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")

        def known(*arguments: Any) -> AuthResult:
            return AuthResult(success=arguments[-1].password == b"right", handled=False)

        one = _Tls(tmp_path / "ca.pem", ssl_context=context, authenticator=known, auth_require_tls=False)
        one.start()
        monkeypatch.setenv("BUREAU_PASSWORD", password)
        more = f"user: centre\n  password: {{env: BUREAU_PASSWORD}}\n  authority: {tmp_path}/ca.pem"
        made = adapter(tmp_path, one, **{"MORE": more, "security: none": "security: tls"})
        try:
            if password == "right":
                made.send(delivery())
                assert len(one.mails) == 1
            else:
                with pytest.raises(NotReachedError, match="SMTP 535") as told:
                    made.send(delivery())
                assert "wrong" not in str(told.value)
            with pytest.raises(NotReachedError, match="SSLCertVerificationError"):
                adapter(tmp_path, one, **{"security: none": "security: tls"}).send(delivery())
        finally:
            one.stop()

    def test_nothing_crosses_a_network_in_the_clear(self, tmp_path: Path, server: Server) -> None:
        with pytest.raises(DefinitionError, match="in the clear"):
            adapter(tmp_path, server, **{f"127.0.0.1:{server.port}": "mail.county.example:25"})
        with pytest.raises(DefinitionError, match="BUREAU_PASSWORD"):
            adapter(tmp_path, server, MORE="password: {env: BUREAU_PASSWORD}")


class _Tls(Server):
    """The same behind TLS from the first byte."""

    def __init__(self, authority: Path, **options: Any) -> None:
        self._authority = authority
        super().__init__(**options)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        import socket

        context = ssl.create_default_context(cafile=str(self._authority))
        with (
            socket.create_connection(("127.0.0.1", self.port), 5) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as over,
        ):
            over.recv(100)


def mail(number: int = 1, *, sender: str = "desk@bureau.example", **more: Any) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "centre@county.example", f"来信 {number}"
    made["Message-ID"] = f"<{number}@bureau.example>"
    made["Date"] = "Mon, 02 Mar 2026 09:00:00 +0800"
    made.set_content(more.get("text", "院墙越界"))
    for name, content in more.get("papers", {}).items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def event(number: str, **more: Any) -> bytes:
    said = {"type": "EVENT", "id": number, "title": "院墙越界", "area": "140429102201"} | more
    return json.dumps(said, ensure_ascii=False).encode()


@pytest.fixture
def box() -> Iterator[FakeImap]:
    with FakeImap() as one:
        yield one


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    with Engine.open(sqlite_url) as one:
        yield one


@pytest.fixture
def reads(
    tmp_path: Path, server: Server, box: FakeImap, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.setenv("BUREAU_PASSWORD", "s3cret")
    made = adapter(tmp_path, server, MORE=MAILBOX.replace("IMAP", f"127.0.0.1:{box.port}"))
    return lambda: made.collect(engine, topics=[])


class TestIn:
    def test_documents_and_letters_become_cases(self, reads: Any, box: FakeImap, engine: Engine) -> None:
        box.put(mail(1, papers={"a.json": event("E-1"), "b.json": event("E-2")}))
        box.put(mail(2, text="请求调解"))
        reads()
        assert [one.key for one in engine.cases()] == [
            "bureau:E-1",
            "bureau:E-2",
            "bureau:<2@bureau.example>",
        ]
        assert engine.cases()[2].facts["description"].strip() == "请求调解"
        assert {name: len(mails) for name, mails in box.folders.items()} == {
            "INBOX": 0,
            "Taken": 2,
            "Rejected": 0,
        }

    def test_what_comes_again_changes_nothing(self, reads: Any, box: FakeImap, engine: Engine) -> None:
        for _ in range(3):
            box.put(mail(1, papers={"a.json": event("E-1")}))
            box.put(mail(2))
            reads()
        assert len(engine.cases()) == 2
        assert len(box.folders["Taken"]) == 6

    @pytest.mark.parametrize(
        "wrong",
        [
            mail(1, sender="somebody@else.example", papers={"a.json": event("E-1")}),
            mail(1, papers={"a.json": b"{no json"}),
            mail(1, papers={"a.json": event("E-1", type="OTHER", id=None)}),
            mail(1, papers={"a.json": event("E-1", area="no area")}),
            mail(1, papers={f"{number}.json": event(f"E-{number}") for number in range(21)}),
            mail(1, papers={"big.bin": b"x" * 1_000_000}),
            b"\r\n\r\n",
            b"From: \xff\xfe\r\nSubject: =?utf-8?b?!!!?=\r\n\r\n\x00",
        ],
        ids=["stranger", "no document", "no entrance", "no area", "many", "large", "empty", "bytes"],
    )
    def test_garbage_goes_to_the_rejected(
        self, reads: Any, box: FakeImap, engine: Engine, wrong: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        box.put(wrong)
        box.put(mail(9, papers={"a.json": event("E-9")}))
        reads()
        assert len(box.folders["Rejected"]) == 1
        assert [one.key for one in engine.cases()] == ["bureau:E-9"]
        assert "院墙" not in caplog.text
        assert "desk@" not in caplog.text

    def test_what_is_too_large_is_not_fetched(self, reads: Any, box: FakeImap) -> None:
        number = box.put(mail(1, papers={"big.bin": b"x" * 1_000_000}))
        reads()
        assert number not in box.fetched

    def test_a_mailbox_that_cannot_be_read_is_told(self, reads: Any, box: FakeImap, engine: Engine) -> None:
        box.password = "another"
        box.put(mail(1))
        with pytest.raises(NotReachedError) as told:
            reads()
        assert "s3cret" not in str(told.value)
        assert len(box.folders["INBOX"]) == 1

    def test_the_sweep_reads_it(
        self, sqlite_url: str, tmp_path: Path, server: Server, box: FakeImap, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BUREAU_PASSWORD", "s3cret")
        made = adapter(tmp_path, server, MORE=MAILBOX.replace("IMAP", f"127.0.0.1:{box.port}"))
        box.put(mail(1, papers={"a.json": event("E-1")}))
        with Engine.open(sqlite_url, adapters=dict.fromkeys(made.topics, made)) as engine:
            engine.sweep()
            assert [one.key for one in engine.cases()] == ["bureau:E-1"]

    def test_without_its_library_it_says_what_to_install(
        self, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BUREAU_PASSWORD", "s3cret")
        monkeypatch.setitem(sys.modules, "imap_tools", None)
        with pytest.raises(MissingExtra, match=r"pip install 'jiefen\[mail\]'"):
            adapter(tmp_path, server, MORE=MAILBOX.replace("IMAP", "127.0.0.1:993"))
        adapter(tmp_path, server).send(delivery())
