"""CloudEvents 1.0 come in, structured and binary: matters, and messages to cases."""

from __future__ import annotations

import json
from typing import Any

import httpx
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from tests.integration.http.conftest import Server
from tests.integration.http.test_calling import WALL, opened, problem


def event(kind: str, data: Any, **more: Any) -> CloudEvent:
    attributes = {"type": kind, "source": "/grid/140429", "id": "17", "specversion": "1.0"} | more
    return CloudEvent(attributes=attributes | {"datacontenttype": "application/json"}, data=data)


def send(client: httpx.Client, made: CloudEvent, *, binary: bool = False) -> httpx.Response:
    message = to_binary_event(made) if binary else to_structured_event(made)
    return client.post("/v1/events", headers=dict(message.headers), content=message.body)


def test_a_matter_comes_once_in_either_form(server: Server) -> None:
    data = {"facts": WALL, "parties": [{"part": "applicant", "name": "张三"}]}
    with server.by("0412") as clerk:
        first = send(clerk, event("jiefen.case", data))
        assert first.status_code == 200, first.text
        assert send(clerk, event("jiefen.case", data), binary=True).json() == first.json()
        case = server.engine.case(first.json()["case"])
        assert case.key == "/grid/140429#17"
        problem(send(clerk, event("jiefen.case", {"facts": {**WALL, "title": "另一件"}})), 409, "conflict")


def test_a_message_finds_its_case(server: Server) -> None:
    with server.by("0412") as clerk, server.by("0700") as there:
        case = opened(clerk, "walk-in:1")["id"]
        urgent = {"facts": {"urgent": True}}
        for subject, received in ((str(case), "caught"), ("walk-in:1", "repeated")):
            told = send(clerk, event("jiefen.message.matter.urgent", urgent, subject=subject), binary=True)
            assert told.json() == {"case": case, "received": received}, told.text
        assert server.engine.case(case).facts["urgent"] is True
        problem(
            send(there, event("jiefen.message.matter.urgent", urgent, subject="walk-in:1")), 404, "not-found"
        )
        problem(send(clerk, event("jiefen.message.matter.urgent", urgent)), 404, "not-found")


def test_what_is_no_event_is_refused(server: Server) -> None:
    with server.by("0412") as clerk:
        problem(send(clerk, event("county.flood", {})), 422, "unknown-value")
        problem(send(clerk, event("jiefen.case", {"fatcs": {}})), 422, "facts")
        problem(send(clerk, event("jiefen.case", {"facts": WALL}, source="x" * 300)), 422, "facts")
        structured = {"Content-Type": "application/cloudevents+json"}
        good = {
            "specversion": "1.0",
            "type": "jiefen.case",
            "source": "/g",
            "id": "1",
            "data": {"facts": WALL},
        }
        spoilt: list[dict[str, Any]] = [{"specversion": "0.3"}, {"id": None}, {"time": "soon"}]
        bodies = [b"{", b"[]", b"5", b"\xff", b"{}", *(json.dumps(good | one).encode() for one in spoilt)]
        for wrong in bodies:
            answer = clerk.post("/v1/events", headers=structured, content=wrong)
            assert answer.status_code in (400, 422), (wrong, answer.text)
        batch = {"Content-Type": "application/cloudevents-batch+json"}
        problem(clerk.post("/v1/events", headers=batch, content=b"[]"), 415, "media-type")
        plain = clerk.post("/v1/events", headers={"Content-Type": "application/json"}, content=b"{}")
        problem(plain, 400, "malformed")
        assert (
            clerk.post("/v1/events", headers=structured, content=json.dumps(good).encode()).status_code == 200
        )
