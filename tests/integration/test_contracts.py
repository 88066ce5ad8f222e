"""The transport http, folders and what cards take in keep what everything must that meets the outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jiefen import Actor, Engine, FixedClock
from jiefen.record.kinds import Happening
from jiefen.testing import AdapterContract, IntakeContract
from jiefen_adapters.cards import CardAdapter, Given, Outcome, UnusableDocument, card_named, give, take
from jiefen_adapters.folder import FolderAdapter, file_name
from tests.integration.conftest import Opener
from tests.support.toxic import Toxic, said
from tests.unit.adapters.card_files import card
from tests.unit.adapters.test_cards import EVENT

CARD = """
card: court
title: {zh: 法院, en: Court}
transport: http
settings:
  address: ADDRESS
  timeout: 1
  auth: {bearer: {env: COURT_TOKEN}}
out:
  court:
    request: {path: /in}
    map: {sum: {from: amount, needed: true}, who: name}
    answer: {good: {code: ['0']}}
  court.cancelled:
    request: {method: DELETE, path: '/in/{of}'}
    map: {of: cancels}
"""


class TestHttp(AdapterContract):
    """A card over HTTP."""

    cancels = True
    secrets = ("s3cr3t-token",)

    @pytest.fixture(autouse=True)
    def _outside(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setenv("COURT_TOKEN", "s3cr3t-token")
        self.folder, self.clock = tmp_path, FixedClock(date(2026, 3, 2))
        self.servers: list[Toxic] = []
        self.server = self.serve()
        yield
        for server in self.servers:
            server.__exit__(None, None, None)

    def serve(self) -> Toxic:
        server = Toxic().__enter__()
        self.servers.append(server)
        return server

    def adapter(self) -> CardAdapter:
        return CardAdapter(card(self.folder, CARD, ADDRESS=self.server.address), clock=self.clock)

    def arrived(self) -> int:
        return len(self.server.taken)

    def bad_day(self, kind: str) -> CardAdapter | None:
        self.server = server = self.serve()
        server.takes = kind in ("done", "slow", "garbage", "huge", "garbled")
        bodies: dict[str, Any] = {
            "broken": said(500, {}), "done": said(500, {"who": "张三"}), "refuses": said(422, {"who": "张三"}),
            "elsewhere": said(302, {}, Location="/"), "within": said(200, {"code": "1", "msg": "张三"}),
            "renamed": said(200, {"kode": "0"}), "garbage": (200, {}, "<html>张三".encode()),
            "huge": (200, {"Content-Type": "application/json"}, b"x" * 2_000_000),
            "garbled": (200, {"Content-Type": "application/json"}, '{"code": "成功"}'.encode("gb18030")),
        }  # fmt: skip
        if kind == "slow":
            server.slow = 1.5
        elif kind == "down":
            made = self.adapter()
            server.__exit__(None, None, None)
            self.servers.remove(server)
            return made
        else:
            server.answer = lambda _: bodies[kind]
        return self.adapter()

    def good_day(self) -> None:
        if self.server not in self.servers:  # it was down, and comes back where it was
            port = int(self.server.address.rpartition(":")[2])
            self.server = Toxic(port=port).__enter__()
            self.servers.append(self.server)
        self.server.answer, self.server.slow, self.server.takes = lambda _: said(), 0, True


class TestFolder(AdapterContract):
    """A folder."""

    cancels = True

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.outbox = tmp_path / "out" / "court"
        self.days = 0

    def adapter(self) -> FolderAdapter:
        return FolderAdapter(self.outbox)

    def arrived(self) -> int:
        return len(list(self.outbox.glob("*.json")))

    def bad_day(self, kind: str) -> FolderAdapter | None:
        """A file lies where the folder should be: nothing can be written."""
        if kind != "down":
            return None
        self.days += 1
        self.outbox = self.outbox.with_name(f"court{self.days}")
        self.outbox.parent.mkdir(parents=True, exist_ok=True)
        self.outbox.write_bytes(b"")
        return self.adapter()

    def good_day(self) -> None:
        self.outbox.unlink()


class TestCards(IntakeContract):
    """What comes by a card, as a server hands it on."""

    @pytest.fixture(autouse=True)
    def _engine(self, opener: Opener) -> None:
        self.opener = opener

    def begin(self) -> None:
        self.engine: Engine = self.opener(processes=None, rules=None)
        self.lies: list[bytes] = []
        self.given: list[Given] = []
        self.unusable = 0

    def document(self, key: str, name: str = "张三") -> bytes:
        return msgspec.json.encode(
            EVENT | {"eventId": key, "reporter": {"name": name}, "title": f"事项{key * 9}"}
        )

    def lay(self, name: str, document: bytes) -> None:
        self.lies.append(document)

    def collect(self) -> None:
        for document in self.lies:
            try:
                self.given += give(self.engine, take(card_named("grid_platform"), document))
            except UnusableDocument:
                self.unusable += 1
        self.lies.clear()

    def taken(self) -> int:
        cases = self.engine.cases()
        opened = [
            one for case in cases for one in self.engine.history(case.id) if one.kind is Happening.OPENED
        ]
        assert len(opened) == len(cases)
        return len(cases)

    def refused(self) -> int:
        return self.unusable + len([one for one in self.given if one.outcome is Outcome.REFUSED])


class TestAnswersInAFolder(IntakeContract):
    """Answers to deliveries, as files."""

    @pytest.fixture(autouse=True)
    def _folder(self, opener: Opener, tmp_path: Path) -> None:
        self.opener, self.inbox = opener, tmp_path / "in"

    def begin(self) -> None:
        self.inbox.mkdir()
        adapter = FolderAdapter(self.inbox.with_name("out"), self.inbox)
        self.adapter = adapter
        self.engine: Engine = self.opener(adapters={"court": adapter})
        self.names: dict[str, str] = {}
        for key in ("1", "2"):
            facts = {"amount": 60_000, "received_on": date(2026, 3, 2), "area": "140429102"}
            clerk = Actor("c-1", frozenset({"clerk"}), "140429102")
            case = self.engine.open_case("claim", facts, key=key, by=clerk).id
            self.engine.complete(self.engine.tasks(case=case)[0].id, {}, by=clerk)
            self.engine.sweep()
            [delivery] = self.engine.deliveries(case=case, topic="court")
            self.names[key] = file_name(delivery.key)

    def document(self, key: str, name: str = "张三") -> bytes:
        self.next = self.names[key]
        return msgspec.json.encode({"facts": {"outcome": "agreed"}})

    def lay(self, name: str, document: bytes) -> None:
        known = document.startswith(b'{"facts"') and document.endswith(b"}}")
        (self.inbox / (self.next if known else f"{name}.json")).write_bytes(document)

    def lay_half(self, name: str, document: bytes) -> bool:
        (self.inbox / f".{self.next}.part").write_bytes(document)
        return True

    def collect(self) -> None:
        self.adapter.collect(self.engine)

    def taken(self) -> int:
        cases = self.engine.cases()
        told = [one for case in cases for one in self.engine.history(case.id)]
        return len([one for one in told if one.kind is Happening.DELIVERY_ARRIVED])

    def refused(self) -> int:
        failed = self.inbox / "failed"
        return len(list(failed.glob("*.reason*.txt"))) if failed.is_dir() else 0
