"""A small server of IMAP on loopback: one user, folders of mails, what a client of a mailbox asks for."""

from __future__ import annotations

import re
import socketserver
import threading
from typing import Any, Self


class FakeImap:
    """Runs while it is entered.

    Attributes:
        folders: the mails of each folder by their ids.
    """

    def __init__(self, user: str = "jiefen", password: str = "s3cret") -> None:
        self.user, self.password = user, password
        self.folders: dict[str, dict[int, bytes]] = {"INBOX": {}}
        self.fetched: list[int] = []
        self._next = 1
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                _Session(fake, self.rfile, self.wfile).run()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, mail: bytes, folder: str = "INBOX") -> int:
        number, self._next = self._next, self._next + 1
        self.folders.setdefault(folder, {})[number] = mail
        return number


class _Session:
    def __init__(self, fake: FakeImap, rfile: Any, wfile: Any) -> None:
        self._fake, self._rfile, self._wfile = fake, rfile, wfile
        self._folder, self._deleted = "INBOX", set[int]()

    def run(self) -> None:
        self._say(b"* OK fake IMAP4rev1")
        for line in self._rfile:
            tag, _, rest = line.strip().decode().partition(" ")
            command, _, arguments = rest.partition(" ")
            if command.upper() == "UID":
                command, _, arguments = arguments.partition(" ")
            words = [one.strip('"') for one in re.findall(r'"[^"]*"|\([^)]*\)|\S+', arguments)]
            done = getattr(self, f"_{command.lower()}", None)
            said = done(words) if done is not None else "BAD unknown"
            self._say(f"{tag} {said}".encode())
            if command.upper() == "LOGOUT":
                return

    def _say(self, line: bytes) -> None:
        self._wfile.write(line + b"\r\n")
        self._wfile.flush()

    def _mails(self) -> dict[int, bytes]:
        return self._fake.folders[self._folder]

    def _capability(self, _: list[str]) -> str:
        self._say(b"* CAPABILITY IMAP4rev1")
        return "OK done"

    def _login(self, words: list[str]) -> str:
        return "OK done" if words == [self._fake.user, self._fake.password] else "NO wrong"

    def _select(self, words: list[str]) -> str:
        if words[0] not in self._fake.folders:
            return "NO there is none"
        self._folder = words[0]
        self._say(b"* %d EXISTS" % len(self._mails()))
        return "OK [READ-WRITE] done"

    def _list(self, words: list[str]) -> str:
        if words[1] in self._fake.folders:
            self._say(f'* LIST () "/" "{words[1]}"'.encode())
        return "OK done"

    def _create(self, words: list[str]) -> str:
        self._fake.folders[words[0]] = {}
        return "OK done"

    def _search(self, words: list[str]) -> str:
        found = sorted(self._mails())
        wanted = " ".join(words)
        if (only := re.search(r"UID (\d+)", wanted)) is not None:
            found = [one for one in found if one == int(only[1])]
        self._say(b"* SEARCH " + " ".join(map(str, found)).encode())
        return "OK done"

    def _fetch(self, words: list[str]) -> str:
        header = "HEADER" in " ".join(words[1:])
        for number in map(int, words[0].split(",")):
            mail = self._mails().get(number)
            if mail is None:
                continue
            if not header:
                self._fake.fetched.append(number)
            part = mail.split(b"\r\n\r\n")[0] + b"\r\n\r\n" if header else mail
            name = "BODY[HEADER]" if header else "BODY[]"
            told = (
                f"* {number} FETCH (UID {number} FLAGS () RFC822.SIZE {len(mail)} {name} {{{len(part)}}}\r\n"
            )
            self._wfile.write(told.encode() + part + b")\r\n")
        return "OK done"

    def _copy(self, words: list[str]) -> str:
        for number in map(int, words[0].split(",")):
            self._fake.put(self._mails()[number], words[1])
        return "OK done"

    def _store(self, words: list[str]) -> str:
        self._deleted |= set(map(int, words[0].split(",")))
        return "OK done"

    def _expunge(self, _: list[str]) -> str:
        for number in self._deleted:
            self._mails().pop(number, None)
        return "OK done"

    def _noop(self, _: list[str]) -> str:
        return "OK done"

    def _logout(self, _: list[str]) -> str:
        self._say(b"* BYE")
        return "OK done"
