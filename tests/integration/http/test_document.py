"""The OpenAPI document against the server: whatever it allows is answered as it says, and nothing breaks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jiefen_web.api.words import PARTS
from tests.integration.http.conftest import Server, key_of
from tests.integration.http.test_calling import opened

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: They wait or go on for ever; they have tests of their own.
LONG = {"feed", "stream_feed"}


def test_nothing_breaks_it(server: Server) -> None:
    with server.by("tireless") as client:
        for number in range(3):
            opened(client, f"k{number}")
        task = client.get("/v1/tasks").json()["items"][0]["id"]
        assert task == 1  # what is drawn as an id of a task is often one
    document = schemathesis.openapi.from_url(f"{server.url}/v1/openapi.json")
    tried = set()
    for result in document.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        if name in LONG:
            continue
        tried.add(name)

        @settings(
            max_examples=8, derandomize=True, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            answer = case.call(headers={"Jiefen-Key": key_of("tireless")})
            if answer.status_code != 429:  # codes are tried too often
                case.validate_response(answer, checks=CHECKS)

        holds()
    assert len(tried) > 40


def test_the_document_is_whole(server: Server) -> None:
    with server.by(None) as client:
        document = client.get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    names = []
    for path, operations in document["paths"].items():
        for operation in operations.values():
            names.append(operation["operationId"])
            assert operation["summary"], path
            if path.startswith("/v1") and not path.startswith("/v1/calendars"):
                assert {"key": []} in operation["security"], path
                assert set(operation["tags"]) <= set(PARTS), path
                assert " · " in operation["summary"], path
                assert operation["responses"]["401"]["content"].keys() == {"application/problem+json"}
    assert len(names) == len(set(names))
    assert {tag["name"] for tag in document["tags"]} == set(PARTS)
    used = {
        tag for path in document["paths"].values() for one in path.values() for tag in one.get("tags", ())
    }
    assert used == set(PARTS)
    assert {"/healthz", "/readyz", "/c/{code}", "/c/{code}/rating"} <= set(document["paths"])
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named <= set(schemas), "what is named is there, or no client can be made"
    assert {"Problem", "WrongField"} <= named


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_no_page_loads_something_from_elsewhere(server: Server, path: str) -> None:
    with server.by(None) as client:
        assert client.get(path).status_code == 404
