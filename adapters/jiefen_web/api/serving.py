"""A server in a thread of its own, beside whatever else the process does."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
import time
from types import TracebackType
from typing import Final, Self

import uvicorn
from fastapi import FastAPI

from jiefen import FactError

_LOG: Final = logging.getLogger("jiefen.http")
_BACKLOG: Final = 128
_MOST_PORT: Final = 65_535
#: Seconds that calls in work have when the server ends.
_LAST: Final = 10


class Serving:
    """Serves an application while the block runs; calls in work are finished when it ends.

    Args:
        address: ``HOST:PORT``; port 0 takes any free one.

    Raises:
        FactError: it is no address, or cannot be listened to.
    """

    def __init__(self, app: FastAPI, address: str) -> None:
        host, _, port = address.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isdigit() or int(port) > _MOST_PORT:
            raise FactError(f"{address!r} is no address to listen to; write for example 127.0.0.1:8080")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._app = app
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, int(port)))
            self._socket.listen(_BACKLOG)
        except OSError as error:
            self._socket.close()
            raise FactError(
                f"{address} cannot be listened to ({error.strerror or 'no such host'}); name another port or host"
            ) from error
        self.loopback = _is_loopback(host)
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(
            # Its own log of calls would hold the codes of cases, which stand in addresses.
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=_LAST,
            )
        )
        self._thread = threading.Thread(target=self._run, name="jiefen-http")

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        _LOG.info("listening on %s", self.url)
        if not self.loopback:
            _LOG.warning(
                "not on this machine alone: what is sent is not encrypted here; put a proxy with TLS before it"
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        served = getattr(self._app.state, "jiefen", None)
        if served is not None:
            served.stopping.set()
        self._server.should_exit = True
        self._thread.join()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
