"""A server on loopback that answers as outside systems do on good days and on bad ones."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

#: What a request is answered with: status, headers and body.
Reply = tuple[int, Mapping[str, str], bytes]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        """The body, read as JSON."""
        return json.loads(self.body)


def said(status: int = 200, body: object = None, **headers: str) -> Reply:
    """An answer in JSON."""
    kept = {"Content-Type": "application/json"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return status, kept, json.dumps(body if body is not None else {"code": "0"}, ensure_ascii=False).encode()


@dataclass
class Toxic:
    """A server that remembers what it was asked, and what it took: one thing for each key.

    Attributes:
        answer: gives the answer to a request; replace it for a bad day.
        takes: whether a request counts as taken.
        slow: seconds that it waits before it answers.
        port: where it listens; 0: somewhere.
    """

    answer: Callable[[Asked], Reply] = lambda _: said()
    takes: bool = True
    slow: float = 0
    context: ssl.SSLContext | None = None
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    taken: dict[str, Asked] = field(default_factory=dict)

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                asked = Asked(self.command, self.path, dict(self.headers.items()), self.rfile.read(size))
                owner.asked.append(asked)
                if owner.takes:
                    owner.taken.setdefault(asked.headers.get("Idempotency-Key", ""), asked)
                time.sleep(owner.slow)
                status, headers, body = owner.answer(asked)
                try:
                    self.send_response_only(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # whoever asked did not wait

            do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        if self.context is not None:
            self._server.socket = self.context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http{'s' if self.context else ''}://localhost:{self._server.server_address[1]}"
