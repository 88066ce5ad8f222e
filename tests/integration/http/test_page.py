"""docs/http.md is true: its requests are sent, and answered as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jiefen_web.api.problems import KINDS
from tests.integration.http.conftest import Server, key_of

PAGE = (Path(__file__).parents[3] / "docs/http.md").read_text(encoding="utf-8")


def test_every_request_is_answered_as_the_page_says(server: Server) -> None:
    found = re.findall(r"^```http\n(.*?)^```\n\n```json\n(\d+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == PAGE.count("```http")
    assert found
    with server.by(None) as client:
        for request, status, expected in found:
            head, _, body = request.partition("\n\n")
            (method, path), *lines = (line.split(" ", 1) for line in head.strip().splitlines())
            headers = {name.rstrip(":"): value for name, value in lines}
            headers = {
                name: re.sub(r"\{(.+)\}", lambda one: key_of(one[1]), text) for name, text in headers.items()
            }
            content = body.encode() if body.strip() else None
            if content is not None:
                headers.setdefault("Content-Type", "application/json")
            answer = client.request(method, path, headers=headers, content=content)
            assert answer.status_code == int(status), (request, answer.text)
            subset(json.loads(answer.text), expected, request)


def subset(value: object, expected: str, request: str) -> None:
    """Hold an answer against what the page shows of it: a field that is shown has to be there."""
    if "…" not in expected:
        assert value == json.loads(expected), request
        return
    shown = re.sub(r",\s*…(?=\s*[}\]])", "", expected)
    shown = re.sub(r":\s*…", ': "…"', shown)
    compare(value, json.loads(shown), request)


def compare(value: object, shown: object, request: str) -> None:
    if isinstance(shown, dict):
        assert isinstance(value, dict), request
        for name, one in shown.items():
            assert name in value, (request, name, value)
            compare(value[name], one, request)
    elif isinstance(shown, list):
        assert isinstance(value, list), request
        assert len(value) == len(shown), (request, value)
        for one, other in zip(value, shown, strict=True):
            compare(one, other, request)
    elif isinstance(shown, str) and "…" in shown:
        pattern = ".*".join(map(re.escape, shown.split("…")))
        assert re.fullmatch(pattern, str(value), re.DOTALL), (request, shown, value)
    else:
        assert value == shown, (request, shown, value)


def test_every_problem_is_told() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", PAGE, re.MULTILINE))
    assert rows == {name: str(status) for name, (status, _) in KINDS.items()}
