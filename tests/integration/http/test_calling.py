"""Who may call: keys, persons and programs, limits; and what is told when something cannot be done."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from jiefen import DefinitionError, Engine, FactError
from jiefen_web.api import Callers, Serving, create
from tests.integration.http.conftest import ELSEWHERE, PLACE, Server, key_of, write_callers

WALL = {"source": "walk_in", "dispute_type": "neighbour", "area": f"{PLACE}201", "title": "院墙"}
Serve = Callable[..., Server]


def opened(client: httpx.Client, key: str = "walk-in:1", **facts: Any) -> dict[str, Any]:
    answer = client.post("/v1/cases", json={"process": "dispute", "key": key, "facts": WALL | facts})
    assert answer.status_code == 201, answer.text
    case: dict[str, Any] = answer.json()
    return case


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (told["type"], told["status"]) == (f"urn:jiefen:problem:{kind}", status)
    return told


class TestKeys:
    def test_nobody_is_anonymous_but_health(self, server: Server) -> None:
        with server.by(None) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            assert client.get("/readyz").json() == {"status": "ready", "behind_seconds": 0.0}
            document = client.get("/v1/openapi.json").json()
            for path, operations in document["paths"].items():
                # A secret stands in the address of these.
                if path in ("/healthz", "/readyz") or path.startswith(("/c/", "/v1/calendars/")):
                    continue
                for method in operations:
                    answer = client.request(method, re.sub(r"\{\w+(:path)?\}", "1", path), json={})
                    if answer.status_code != 429:
                        problem(answer, 401, "not-authenticated")
                        assert answer.headers["www-authenticate"]

    @pytest.mark.parametrize(
        "wrong", ["", "jf_00000000_" + "x" * 36, "jf_99999999_" + "x" * 36, "é", "x" * 5000]
    )
    def test_a_wrong_key_is_nobodys(self, server: Server, wrong: str) -> None:
        with server.by(None) as client:
            answer = client.get("/v1/cases", headers={"Jiefen-Key": wrong.encode()})  # type: ignore[dict-item]
            problem(answer, 401, "not-authenticated")

    def test_a_key_that_is_taken_out_or_over_holds_no_more(self, server: Server) -> None:
        with server.by("0412") as client:
            assert client.get("/v1/cases").status_code == 200
            write_callers(server.file, without="0412")
            problem(client.get("/v1/cases"), 401, "not-authenticated")
            write_callers(server.file, until="2026-03-01")
            problem(client.get("/v1/cases"), 401, "not-authenticated")
            write_callers(server.file, until="2026-03-02")
            assert client.get("/v1/cases").status_code == 200

    def test_a_slip_in_the_file_locks_nobody_out(
        self, server: Server, caplog: pytest.LogCaptureFixture
    ) -> None:
        with server.by("0412") as client, caplog.at_level(logging.INFO, "jiefen.http"):
            server.file.write_text("callers:\n  - id: 5\n", encoding="utf-8")
            assert client.get("/v1/cases").status_code == 200
        assert "the callers stay as they were" in caplog.text
        assert key_of("0412") not in caplog.text

    def test_who_tries_wrong_keys_has_to_wait(self, server: Server) -> None:
        with server.by(None) as client:
            answers = [
                client.get("/v1/tasks", headers={"Jiefen-Key": f"jf_{n:08x}_{'y' * 40}"}) for n in range(25)
            ]
            assert [one.status_code for one in answers] == [401] * 20 + [429] * 5
            assert int(answers[-1].headers["retry-after"]) >= 1

    def test_who_calls_too_often_has_to_wait(self, server: Server) -> None:
        with server.by("hasty") as client:
            codes = [client.get("/v1/cases").status_code for _ in range(3)]
            assert codes == [200, 200, 429]


class TestWhoActs:
    def test_a_person_acts_by_their_posts(self, server: Server) -> None:
        with server.by("0412") as clerk, server.by("0700") as there, server.by("nobody") as nobody:
            case = opened(clerk)
            assert server.engine.history(case["id"])[0].actor == "0412"
            assert clerk.get(f"/v1/cases/{case['id']}").json()["facts"]["title"] == "院墙"
            for other in (there, nobody):
                refused = problem(other.get(f"/v1/cases/{case['id']}"), 404, "not-found")
                absent = problem(other.get("/v1/cases/99999"), 404, "not-found")
                assert refused["detail"] == absent["detail"].replace("99999", str(case["id"]))
                assert other.get("/v1/cases").json() == {"items": [], "next": None}

    def test_a_program_acts_for_itself_or_for_a_person_of_the_directory(
        self, server: Server, tmp_path: Path
    ) -> None:
        directory = tmp_path / "directory.yaml"
        directory.write_text(
            "units:\n  '140429': {title: {zh: 县, en: County}}\n  '140429102': {title: {zh: 镇, en: Township}}\n"
            "posts:\n  - {role: township_coordinator, area: '140429102', holder: '0412'}\n",
            encoding="utf-8",
        )
        server.engine.load_directory(directory)
        with server.by("platform") as platform:
            case = opened(platform)
            assert server.engine.history(case["id"])[0].actor == "program:platform"
            other = opened(platform, "2", area=f"{ELSEWHERE}201")
            seen = platform.get("/v1/cases", headers={"Jiefen-Actor": "0412"}).json()["items"]
            assert [one["id"] for one in seen] == [case["id"]]
            assert len(platform.get("/v1/cases").json()["items"]) == 2
            answer = platform.get(f"/v1/cases/{other['id']}", headers={"Jiefen-Actor": "0412"})
            problem(answer, 404, "not-found")
            problem(platform.get("/v1/cases", headers={"Jiefen-Actor": "program:x"}), 422, "facts")
        with server.by("0412") as person:
            problem(person.get("/v1/cases", headers={"Jiefen-Actor": "0001"}), 403, "not-allowed")

    def test_a_caller_is_kept_to_its_parts(self, server: Server) -> None:
        with server.by("court") as court:
            problem(court.get("/v1/cases"), 403, "not-allowed")
            case = server.engine.open_case("dispute", WALL, key="k", by=court_clerk()).id
            answer = court.post(
                f"/v1/cases/{case}/messages", json={"name": "matter.urgent", "key": "court:1"}
            )
            assert answer.status_code == 200, answer.text
        with server.by("platform") as platform:
            problem(platform.post(f"/v1/cases/{case}/messages", json={}), 403, "not-allowed")

    def test_a_sealed_case_asks_why(self, server: Server) -> None:
        from jiefen import Actor

        clerk = Actor("0412", frozenset({"township_coordinator"}), PLACE)
        chief = Actor("0301", frozenset({"county_petition_office"}), "140429")
        case = server.engine.open_case("dispute", WALL, key="k", by=clerk).id
        for by in (clerk, chief):
            server.engine.grades.let_read(case, "0618", reason="会商", by=by)
        server.engine.grades.set(case, "sealed", reason="受到威胁", by=clerk)
        with server.by("0618") as reader:
            problem(reader.get(f"/v1/cases/{case}"), 404, "not-found")
            answer = reader.get(f"/v1/cases/{case}", headers={"Jiefen-Because": "%E4%BC%9A%E5%95%86"})
            assert answer.status_code == 200
        assert server.engine.audit.reads(person="0618", limit=9)[-1].because == "会商"


def court_clerk() -> Any:
    from jiefen import Actor

    return Actor("0412", frozenset({"township_coordinator"}), PLACE)


class TestProblems:
    def test_they_are_told_in_the_language_of_whoever_asks(self, server: Server) -> None:
        with server.by("0412") as client:
            wrong = {"key": "k", "facts": WALL | {"dispute_type": "neighbor"}}
            chinese = problem(client.post("/v1/cases", json=wrong), 422, "facts")
            english = problem(
                client.post("/v1/cases", json=wrong, headers={"Accept-Language": "en"}), 422, "facts"
            )
            assert chinese["title"] == "所填内容有误"
            assert english["title"] == "What was given cannot be used"
            assert "'neighbour'" in english["detail"]
            assert chinese["fact"] == english["fact"] == "dispute_type"
            unknown = client.get("/v1/cases?status=opne", headers={"Accept-Language": "en-GB, zh;q=0.5"})
            assert "'open'" in problem(unknown, 422, "unknown-value")["detail"]

    def test_a_form_is_told_its_fields_and_nothing_that_was_typed(self, server: Server) -> None:
        with server.by("0412") as client:
            told = problem(client.post("/v1/cases", json={"facts": "张三", "x": 1}), 422, "facts")
            assert {one["where"] for one in told["errors"]} == {"body.key", "body.facts", "body.x"}
            assert "张三" not in str(told)
            problem(
                client.post("/v1/cases", content=b"{", headers={"Content-Type": "application/json"}),
                400,
                "malformed",
            )
            problem(client.get("/v1/nothing"), 404, "not-found")
            problem(client.delete("/v1/cases"), 405, "method")

    def test_a_body_has_a_size(self, serve: Serve) -> None:
        server = serve(most_bytes=2_000)
        with server.by("0412") as client:
            large = {"key": "k", "facts": WALL | {"description": "长" * 2_000}}
            assert problem(client.post("/v1/cases", json=large), 413, "too-large")

            def parts() -> Any:
                for _ in range(30):
                    yield b" " * 100

            streamed = client.post("/v1/cases", content=parts(), headers={"Content-Type": "application/json"})
            assert problem(streamed, 413, "too-large")

    def test_a_clock_that_is_behind_and_a_database_that_is_away_are_told(
        self, serve: Serve, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from datetime import timedelta

        from jiefen import DatabaseError

        server = serve()
        with server.by("0412") as client:
            opened(client)
            clock.advance(timedelta(days=90))
            answer = client.get("/readyz")
            assert (answer.status_code, answer.json()["status"]) == (503, "behind")

            def away(*_: object, **__: object) -> None:
                raise DatabaseError("no server at db.internal")

            monkeypatch.setattr(Engine, "lag", away)
            monkeypatch.setattr(Engine, "claim", away)
            assert client.get("/readyz").json()["status"] == "database"
            gone = client.post("/v1/tasks/1/claim")
            assert "internal" not in problem(gone, 503, "database").get("detail", "")
            assert gone.headers["retry-after"]

    def test_a_fault_tells_nothing_and_no_address_is_logged(
        self, server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise KeyError("张三")

        monkeypatch.setattr(Engine, "claim", broken)
        with server.by("0412") as client, caplog.at_level(logging.INFO):
            told = problem(client.post("/v1/tasks/77/claim?x=张三"), 500, "internal")
            assert "detail" not in told
        ours = [one.getMessage() for one in caplog.records if one.name == "jiefen.http"]
        assert any("a call failed: KeyError" in line for line in ours)
        assert not any("张三" in line or "/77/" in line for line in ours)


class TestServing:
    def test_it_says_when_it_cannot_listen(self, server: Server) -> None:
        app = create(server.engine, callers=Callers(server.file))
        for address in (
            "8080",
            "localhost:",
            "127.0.0.1:99999",
            server.url.removeprefix("http://"),
            "256.1.1.1:0",
        ):
            with pytest.raises(FactError):
                Serving(app, address)

    def test_a_host_mounts_it_under_a_prefix(self, server: Server) -> None:
        from fastapi import FastAPI

        host = FastAPI()
        host.mount("/jiefen", create(server.engine, callers=Callers(server.file)))
        with Serving(host, "127.0.0.1:0") as mounted, httpx.Client(base_url=mounted.url) as client:
            client.headers["Jiefen-Key"] = key_of("0412")
            answer = client.post("/jiefen/v1/cases", json={"key": "m", "facts": WALL})
            assert answer.headers["location"] == f"/jiefen/v1/cases/{answer.json()['id']}"
            client.post("/jiefen/v1/cases", json={"key": "n", "facts": WALL})
            first = client.get("/jiefen/v1/cases?limit=1")
            following = first.links["next"]["url"]
            assert "/jiefen/v1/cases?" in following
            assert client.get(following).json()["items"][0]["key"] == "n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("callers: 5", "a file of callers has a list"),
        ("callers: []\noidc: 5", "oidc has a field that nobody knows"),
        ("callers: []\noidc: {issuer: a, audience: b, jwks: 'https://x', person: sub, claim: g}", "go together"),
        ("callers: []\noidc: {issuer: a, audience: b, jwks: 'http://x', person: sub}", "not fetched over TLS"),
        ("callers: []\noidc: {issuer: a, jwks: 'https://x', person: sub}", "oidc says no audience"),
        ("callers:\n  - {id: a, signs: secret}", "a secret stays in the environment"),
        ("callers:\n  - {id: a, signs: {env: NO_SUCH_VARIABLE}}", "NO_SUCH_VARIABLE is not in the environment"),
        ("callers:\n  - program: true", "a caller has an id"),
        ("callers:\n  - {id: a, pasts: []}", "a caller has no field pasts"),
        ("callers:\n  - {id: a, program: true}", "a program says what it may use"),
        ("callers:\n  - {id: a, program: true, only: [casse]}", "no part casse"),
        ("callers:\n  - {id: a, program: true, only: [cases], posts: []}", "holds no posts"),
        ("callers:\n  - {id: a, speaks_for_people: true}", "speaks for nobody else"),
        ("callers:\n  - {id: 'program:a'}", "program:a"),
        ("callers:\n  - {id: a, per_minute: 0}", "per_minute"),
        ("callers:\n  - {id: a, keys: [{id: '12', hash: x}]}", "a key has an id and a hash"),
        ("callers:\n  - {id: a, keys: [{id: '00000001', hash: secret}]}", "none of argon2id"),
        ("callers:\n  - {id: a, keys: [{id: '00000001', hash: $argon2id$x, until: soon}]}", "until is no day"),
        ("callers:\n  - {id: a, keys: [{id: '00000001', hash: $argon2id$x}, {id: '00000001', hash: $argon2id$y}]}",
         "two keys 00000001"),
        ("callers:\n  - {id: a, posts: [{role: r, aera: '1'}]}", "a post has role"),
        ("callers:\n  - {id: a, posts: [{role: r, area: 'x'}]}", "x"),
        ("callers:\n  - {id: a, posts: 5}", "posts is no list"),
        ("callers:\n  - {id: a, program: 1}", "neither true nor false"),
    ],
)  # fmt: skip
def test_a_file_of_callers_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "callers.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as wrong:
        Callers(file)
    assert said in str(wrong.value)
    assert "callers.yaml:" in str(wrong.value)
