"""Systems that sign what they ask, people with tokens, calls that happen once and on what was seen."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from jiefen import FixedClock
from jiefen_web.api.callers.signed import SCHEME, signature
from tests.integration.http.conftest import GRID_SECRET, Server, write_callers
from tests.integration.http.test_calling import WALL, opened, problem

NONCE = "0123456789abcdef"


def signed(
    server: Server,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    time: str = "2026-03-02T01:00:00Z",
    nonce: str = NONCE,
    said: str = "",
    secret: str = GRID_SECRET,
    sent: bytes | None = None,
    actor: str = "",
) -> httpx.Response:
    """Send what the grid platform has signed."""
    made = said or signature(secret, method, path, time, nonce, actor, body)
    given = {"Authorization": f"{SCHEME} caller=grid,time={time},nonce={nonce},signature={made}"}
    given |= {"Content-Type": "application/json"} | ({"Jiefen-Actor": actor} if actor else {})
    content = sent if sent is not None else body
    return httpx.request(method, f"{server.url}{path}", headers=given, content=content, timeout=60)


class TestSigned:
    def test_what_is_signed_is_done_once(self, server: Server) -> None:
        body = json.dumps({"key": "grid:1", "facts": WALL}).encode()
        case = signed(server, "POST", "/v1/cases", body)
        assert case.status_code == 201, case.text
        assert server.engine.history(case.json()["id"])[0].actor == "program:grid"
        again = signed(server, "POST", "/v1/cases", body)
        assert "came before" in str(problem(again, 401, "not-authenticated")) or "已经用过" in again.text
        assert signed(server, "GET", "/v1/cases?limit=5", nonce=NONCE + "2").status_code == 200

    def test_what_was_changed_on_its_way_is_nobodys(self, server: Server) -> None:
        body = json.dumps({"key": "grid:1", "facts": WALL}).encode()
        for wrong in (
            signed(server, "POST", "/v1/cases", body, sent=body.replace(b"grid:1", b"grid:2")),
            signed(server, "GET", "/v1/cases", said="0" * 64),
            signed(server, "GET", "/v1/cases", secret="another secret that is as long as it"),
            signed(server, "GET", "/v1/cases", nonce="short"),
            signed(server, "GET", "/v1/cases", time="yesterday"),
            httpx.get(f"{server.url}/v1/cases", headers={"Authorization": f"{SCHEME} caller=grid"}),
            httpx.get(f"{server.url}/v1/cases", headers={"Authorization": "Basic eDp5"}),
        ):
            problem(wrong, 401, "not-authenticated")
        assert server.engine.cases() == []

    @pytest.mark.parametrize(("off", "status"), [(4, 200), (-4, 200), (6, 401), (-6, 401)])
    def test_a_clock_may_be_five_minutes_off(
        self, server: Server, clock: FixedClock, off: int, status: int
    ) -> None:
        time = f"{clock.now().astimezone(UTC) + timedelta(minutes=off):%Y-%m-%dT%H:%M:%SZ}"
        answer = signed(server, "GET", "/v1/cases", time=time)
        assert answer.status_code == status
        if status == 401:
            assert "2026-03-02T01:00:00Z" in answer.json()["detail"]

    def test_for_whom_it_speaks_is_signed_too(self, server: Server) -> None:
        made = signature(GRID_SECRET, "GET", "/v1/cases", "2026-03-02T01:00:00Z", NONCE, "", b"")
        problem(signed(server, "GET", "/v1/cases", said=made, actor="0301"), 401, "not-authenticated")


class Provider:
    """Stands for an OpenID provider: it has keys, and signs tokens."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        document = json.dumps({"keys": [public | {"kid": "k1", "use": "sig", "alg": "RS256"}]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                self.wfile.write(document)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def token(self, key: Any = None, algorithm: str = "RS256", kid: str = "k1", **claims: Any) -> str:
        now = datetime.now(UTC)
        given = {
            "iss": "https://sso.example",
            "aud": "jiefen",
            "sub": "0412",
            "exp": now + timedelta(minutes=5),
        }
        kept = {name: value for name, value in (given | claims).items() if value is not None}
        return jwt.encode(kept, key or self.key, algorithm=algorithm, headers={"kid": kid})


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


OIDC = """oidc:
  issuer: https://sso.example
  audience: jiefen
  jwks: {jwks}
  person: sub
  claim: groups
  posts:
    centre: {{role: township_coordinator, area: "140429102"}}
    other: {{role: petition_officer, area: "140429103"}}
"""


class TestTokens:
    def test_a_token_says_who_somebody_is_and_what_they_hold(
        self, server: Server, provider: Provider
    ) -> None:
        write_callers(server.file, oidc=OIDC.format(jwks=provider.url))
        with server.by("0412") as clerk, server.by(None) as person:
            case = opened(clerk)["id"]
            for groups, status in (
                (["centre"], 200),
                (["other"], 404),
                (["x", 5], 404),
                ("centre", 200),
                (None, 404),
            ):
                person.headers["Authorization"] = f"Bearer {provider.token(groups=groups)}"
                assert person.get(f"/v1/cases/{case}").status_code == status, groups
            person.headers["Authorization"] = f"Bearer {provider.token(groups=['centre'])}"
            noted = person.post(f"/v1/cases/{case}/notes", json={"text": "东侧"})
            assert noted.json()["by"] == "0412"

    def test_what_is_no_good_token_is_nobodys(self, server: Server, provider: Provider) -> None:
        write_callers(server.file, oidc=OIDC.format(jwks=provider.url))
        past = datetime.now(UTC) - timedelta(minutes=5)
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        wrong = [
            provider.token(exp=past), provider.token(exp=None), provider.token(aud="other"),
            provider.token(iss="https://evil.example"), provider.token(sub=None), provider.token(stranger),
            provider.token(kid="k2"), provider.token("x" * 40, "HS256"), "x.y.z", "x" * 20_000,
            jwt.encode({"sub": "0412", "iss": "https://sso.example", "aud": "jiefen"}, "", algorithm="none"),
        ]  # fmt: skip
        with server.by(None) as person:
            for token in wrong:
                answer = person.get("/v1/cases", headers={"Authorization": f"Bearer {token}"})
                problem(answer, 401, "not-authenticated")

    def test_the_directory_has_the_last_word(
        self, server: Server, provider: Provider, tmp_path: Path
    ) -> None:
        write_callers(server.file, oidc=OIDC.format(jwks=provider.url))
        directory = tmp_path / "directory.yaml"
        directory.write_text(
            "units:\n  '140429': {title: {zh: 县, en: County}}\n  '140429102': {title: {zh: 镇, en: Township}}\n"
            "posts:\n  - {role: township_coordinator, area: '140429102', holder: '0412'}\n",
            encoding="utf-8",
        )
        server.engine.load_directory(directory)
        with server.by(None) as person:
            for sub, seen in (("0412", 1), ("0413", 0)):
                if seen:
                    with server.by("0412") as clerk:
                        opened(clerk)
                token = provider.token(sub=sub, groups=["centre"])
                listed = person.get("/v1/cases", headers={"Authorization": f"Bearer {token}"})
                assert len(listed.json()["items"]) == seen, sub

    def test_a_provider_that_is_away_lets_nobody_in(self, server: Server, provider: Provider) -> None:
        write_callers(server.file, oidc=OIDC.format(jwks="http://127.0.0.1:9/jwks"))
        with server.by(None) as person:
            answer = person.get("/v1/cases", headers={"Authorization": f"Bearer {provider.token()}"})
            problem(answer, 401, "not-authenticated")


class TestOnce:
    def test_a_key_does_it_once_however_many_send_it(self, server: Server) -> None:
        with server.by("0412") as clerk:
            case = opened(clerk)["id"]
            path, once = f"/v1/cases/{case}/notes", {"Idempotency-Key": "n-1"}

            def note(_: int) -> int:
                return clerk.post(path, json={"text": "东侧"}, headers=once).status_code

            with ThreadPoolExecutor(4) as threads:
                codes = list(threads.map(note, range(4)))
            assert sorted(codes) == [201, 409, 409, 409]
            told = clerk.post(path, json={"text": "东侧"}, headers=once)
            problem(told, 409, "already-done")
            problem(clerk.post(path, json={"text": "西侧"}, headers=once), 409, "conflict")
            assert len(clerk.get(path).json()["items"]) == 1

    def test_what_failed_leaves_the_key_free(self, server: Server) -> None:
        with server.by("0412") as clerk, server.by("0618") as other:
            case = opened(clerk)["id"]
            path, once = f"/v1/cases/{case}/notes", {"Idempotency-Key": "n-1"}
            problem(clerk.post(path, json={"text": " "}, headers=once), 422, "facts")
            assert clerk.post(path, json={"text": "东侧"}, headers=once).status_code == 201
            # The key of somebody else is another one.
            assert other.post(path, json={"text": "东侧"}, headers=once).status_code == 201
            again = clerk.post("/v1/cases", json={"key": "walk-in:1", "facts": WALL}, headers=once)
            assert again.json()["id"] == case  # it has a key of its own

    def test_keys_are_kept_for_a_month(self, server: Server, clock: FixedClock) -> None:
        with server.by("0412") as clerk:
            case = opened(clerk)["id"]
            path, once = f"/v1/cases/{case}/notes", {"Idempotency-Key": "n-1"}
            clerk.post(path, json={"text": "一"}, headers=once)
            clock.advance(timedelta(days=31))
            clerk.post(path, json={"text": "二"}, headers={"Idempotency-Key": "n-2"})
            assert clerk.post(path, json={"text": "三"}, headers=once).status_code == 201


class TestSeen:
    def test_a_case_that_has_changed_is_not_worked_on_unseen(self, server: Server) -> None:
        with server.by("0412") as clerk, server.by("0618") as mediator, server.by("0700") as there:
            case = opened(clerk)["id"]
            record = f"/v1/cases/{case}"
            tag = {"If-Match": clerk.get(record).headers["etag"]}
            fixed = clerk.post(
                f"{record}/correction", json={"facts": {"amount": "5"}, "reason": "漏填"}, headers=tag
            )
            assert fixed.status_code == 200
            stale = clerk.post(
                f"{record}/correction", json={"facts": {"amount": "6"}, "reason": "x"}, headers=tag
            )
            problem(stale, 412, "changed")
            assert server.engine.case(case).facts["amount"] == 5
            [task] = mediator.get(f"/v1/tasks?case={case}").json()["items"]
            done = f"/v1/tasks/{task['id']}/completion"
            answer = {"facts": {"refuses_mediation": False}}
            problem(mediator.post(done, json=answer, headers=tag), 412, "changed")
            now = {"If-Match": fixed.headers["etag"], "Idempotency-Key": "t-1"}
            assert mediator.post(done, json=answer, headers=now).status_code == 200
            problem(mediator.post(done, json=answer, headers=now), 409, "already-done")
            problem(
                clerk.post(f"{record}/notes", json={"text": "x"}, headers={"If-Match": "x"}), 422, "facts"
            )
            # Nobody learns by it that a case is there which they may not see.
            problem(there.post(f"{record}/notes", json={"text": "x"}, headers=tag), 404, "not-found")


def test_when_a_key_was_used_is_kept(server: Server, clock: FixedClock) -> None:
    with server.by("0412") as clerk, server.by("0700") as other:
        clerk.get("/v1/cases")
        clock.advance(timedelta(minutes=30))
        clerk.get("/v1/cases")
        other.get("/v1/cases")
    begun, later = clock.now() - timedelta(minutes=30), clock.now()
    uses = {one.name: one.at for one in server.engine.calls.uses()}
    assert uses == {"0412/00000000": begun, "0700/00000002": later}
    assert [one.name for one in server.engine.calls.uses(after="0412/00000000")] == ["0700/00000002"]


def test_a_database_that_cannot_be_written_refuses_no_key(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from jiefen import DatabaseError

    def away(*_: object) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(type(server.engine.calls), "used", away)
    with server.by("0412") as clerk:
        assert clerk.get("/v1/cases").status_code == 200
    assert "cannot be kept now: DatabaseError" in caplog.text
