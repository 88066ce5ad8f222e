"""A delivery to a court over HTTP that arrives once, although the first answer is lost on the way.

The court stands in this file as a small server: it files an application, keeps the key under which it came, and
breaks the connection before it answers. The engine does not know what became of it, so it sends again, with the same
key.

    python examples/court_adapter.py

It prints::

    sweep 1: {} done, 1 failed
    sweep 2: {'delivery': 1} done, 0 failed
    the court was asked 2 times and has filed 1 application
    applied on 2026-03-02, agreement of 2026-03-02
"""

from __future__ import annotations

import json
import logging
import threading
import urllib.request
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from jiefen import EVERYWHERE, Actor, Answer, Delivery, Engine, FixedClock


class Court(BaseHTTPRequestHandler):
    """Files what comes in, once per key; loses its first answer."""

    filed: dict[str, Any] = {}  # noqa: RUF012 - one server, one register
    asked = 0

    def do_POST(self) -> None:
        """Take an application."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Court.filed.setdefault(self.headers["Idempotency-Key"], body)
        Court.asked += 1
        if Court.asked == 1:
            self.close_connection = True
            return
        answer = json.dumps({"applied_on": body["agreed_on"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class CourtAdapter:
    """Carries applications for judicial confirmation to the court at ``url``."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, delivery: Delivery) -> Answer:
        """File it; any failure is an exception, and the engine tries again later."""
        request = urllib.request.Request(
            self._url,
            data=json.dumps(delivery.payload["inputs"]).encode(),
            headers={"Idempotency-Key": delivery.key, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return Answer({"confirmation_applied_on": json.load(response)["applied_on"]})


def main() -> None:
    """Bring a quarrel to an agreement whose confirmation both sides want."""
    logging.getLogger("jiefen").setLevel(logging.ERROR)  # the engine warns of every failed try
    with HTTPServer(("127.0.0.1", 0), Court) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        adapter = CourtAdapter(f"http://127.0.0.1:{server.server_port}/confirmations")
        run(adapter)
        server.shutdown()


def run(adapter: CourtAdapter) -> None:
    """The case."""
    clock = FixedClock(date(2026, 3, 2))
    with Engine.open("sqlite://", clock=clock, adapters={"court.judicial_confirmation": adapter}) as engine:
        facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
        case = engine.open_case("dispute", facts, key="walk-in:1", by=Actor("0412"))
        agreed = {"outcome": "agreed", "agreed_on": "2026-03-02"}
        for answer in ({}, {}, {"outcome": "agreed"}, agreed, {"wants_confirmation": True}):
            [task] = engine.tasks(case=case.id)
            engine.complete(task.id, answer, by=Actor("0618", frozenset(task.roles), EVERYWHERE))
        for number in (1, 2):
            swept = engine.sweep()
            print(f"sweep {number}: {dict(swept.done)} done, {swept.failed} failed")
            clock.advance(timedelta(minutes=1))
        print(f"the court was asked {Court.asked} times and has filed {len(Court.filed)} application")
        kept = engine.case(case.id).facts
        print(f"applied on {kept['confirmation_applied_on']}, agreement of {kept['agreed_on']}")


if __name__ == "__main__":
    main()
