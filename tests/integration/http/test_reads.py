"""Whoever reads over HTTP reads what ``engine.as_`` gives them, and nothing else; each act is done as who calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec
import pytest

from jiefen import Actor, Engine, FixedClock, HeldPost, JiefenError
from jiefen_web.api.answers import plain
from tests.integration.http.conftest import ELSEWHERE, PLACE, Server
from tests.integration.http.test_calling import WALL, opened, problem

COUNTY = "140429"
CENTRE = Actor("0412", frozenset({"township_coordinator"}), PLACE)
CHIEF = Actor("0301", frozenset({"county_petition_office"}), COUNTY)
#: Who reads, and as whom.
WHO: Mapping[str, Actor] = {
    "0412": Actor("0412", posts=(HeldPost("township_coordinator", PLACE),)),
    "0618": Actor(
        "0618", posts=(HeldPost("village_mediator", f"{PLACE}201"), HeldPost("village_head", f"{PLACE}201"))
    ),
    "0700": Actor("0700", posts=(HeldPost("petition_officer", ELSEWHERE),)),
    "nobody": Actor("nobody"),
}
#: Every route that reads: its address, and what it is of the reader.
OF_A_CASE: Mapping[str, Callable[[Any, int], object]] = {
    "": lambda reader, case: reader.case(case),
    "/history?limit=1000": lambda reader, case: reader.history(case),
    "/questions": lambda reader, case: reader.open_questions(case),
    "/deadlines": lambda reader, case: reader.deadlines(case),
    "/parties": lambda reader, case: reader.parties.of(case),
    "/links": lambda reader, case: reader.links(case),
    "/notes": lambda reader, case: reader.notes.of(case),
}
LISTS: Mapping[str, Callable[[Any], object]] = {
    "/cases": lambda reader: reader.cases(),
    "/tasks": lambda reader: reader.tasks(),
    "/worklist": lambda reader: reader.worklist(),
    "/workload": lambda reader: reader.workload(),
    "/deadlines": lambda reader: reader.deadlines_due(),
    "/dispatches": lambda reader: reader.dispatches(),
    "/whistles": lambda reader: reader.whistles(),
    "/supervisions": lambda reader: reader.supervisions(),
    "/deliveries": lambda reader: reader.deliveries(),
    "/figures": lambda reader: reader.figures(),
    "/figures/settled/cases": lambda reader: reader.figure_cases("settled"),
    "/petition-report/2026": lambda reader: reader.petition_report(2026),
    "/feed?limit=1000": lambda reader: reader.feed(limit=1000),
}


def as_json(value: object) -> object:
    return json.loads(msgspec.json.encode(value, enc_hook=plain))


def items(value: Any) -> Any:
    return value["items"] if isinstance(value, dict) and "items" in value else value


@pytest.fixture
def full(server: Server) -> Server:
    """One case of each grade, pressed for, ordered, noted."""
    engine = server.engine
    for name, facts in {"personal": {}, "sensitive": {"minor_involved": True}, "sealed": {}}.items():
        parties = [{"part": "applicant", "name": "张三", "id_number": "11010519491231002X"}]
        case = engine.open_case("dispute", {**WALL, **facts}, key=name, by=CENTRE, parties=parties).id
        engine.supervise(case, "petition_officer", "remind", ground="迟迟未办", reply="3 d", by=CHIEF)
        engine.dispatch(case, to="land_officer", asked="核实", key=f"d-{name}", by=CENTRE)
        engine.notes.add(case, "另有隐情", by=CENTRE)
    engine.grades.set(3 if engine.case(3).key == "sealed" else case, "sealed", reason="受到威胁", by=CENTRE)
    return server


def test_each_reads_what_the_engine_gives_them(full: Server) -> None:
    engine = full.engine
    cases = [one.id for one in engine.cases()]
    with httpx.Client(base_url=full.url, timeout=60) as client:
        for who, actor in WHO.items():
            reader = engine.as_(actor)
            client.headers.update(full.by(who).headers)
            for path, read in LISTS.items():
                told = client.get(f"/v1{path}")
                assert items(told.json()) == as_json(read(reader)), (who, path)
            for case in [*cases, 99_999]:
                for path, of_case in OF_A_CASE.items():
                    told = client.get(f"/v1/cases/{case}{path}")
                    expected, refused = None, None
                    try:
                        expected = of_case(reader, case)
                    except JiefenError as error:
                        refused = error.text("zh")
                    if refused is None:
                        assert items(told.json()) == as_json(expected), (who, path)
                    else:
                        assert problem(told, 404, "not-found")["detail"] == refused, (who, path)
            found = client.post("/v1/search", json={"party": "张三", "facets": True}).json()
            hits = reader.search(party="张三", facets=True)
            assert found["items"] == as_json(hits.items)
            assert found["count"] == hits.count


def test_ranges_and_days_are_searched(server: Server) -> None:
    with server.by("0412") as clerk:
        opened(clerk, "small", amount="100.50")
        large = opened(clerk, "large", amount="90000")["id"]
        body: dict[str, Any] = {"facts": {"amount": {"least": "50000"}}, "opened": {"least": "2026-03-01"}}
        assert [one["case"]["id"] for one in clerk.post("/v1/search", json=body).json()["items"]] == [large]
        first = clerk.post("/v1/search", json={"limit": 1, "order": "oldest"}).json()
        second = clerk.post("/v1/search", json={"limit": 1, "order": "oldest", "after": first["next"]}).json()
        assert second["items"][0]["case"]["id"] == large
        for wrong in ({"amount": {"least": "viel"}}, {"amount": {"from": 5}}, {"amont": "5"}):
            problem(clerk.post("/v1/search", json={"facts": wrong}), 422, "facts")


def test_an_order_is_given_signed_and_recalled(server: Server) -> None:
    with server.by("0412") as centre:
        case = opened(centre, dispute_type="land_contract")["id"]
        body = {"asked": "核实", "key": "d-1"}
        order = centre.post(f"/v1/cases/{case}/dispatches", json=body)
        assert (order.status_code, order.json()["to"]) == (201, "land_officer"), order.text
        assert centre.post(f"/v1/cases/{case}/dispatches", json=body).json()["id"] == order.json()["id"]
        recalled = centre.post(f"/v1/dispatches/{order.json()['id']}/recall", json={"reason": "误派"})
        assert recalled.status_code == 200, recalled.text
        blow = {"kind": "work", "asked": "会办", "departments": ["land_officer"], "key": "w-1", "case": case}
        whistle = centre.post("/v1/whistles", json=blow)
        assert (whistle.status_code, whistle.json()["calls"][0]["state"]) == (201, "sent"), whistle.text


def test_the_record_of_a_case_is_put_right(server: Server, clock: FixedClock) -> None:
    with server.by("0412") as clerk, server.by("0618") as village:
        case = opened(clerk)["id"]
        record = f"/v1/cases/{case}"
        fixed = clerk.post(f"{record}/correction", json={"facts": {"amount": "5.00"}, "reason": "漏填"})
        assert fixed.json()["facts"]["amount"] == "5"
        party = clerk.post(f"{record}/parties", json={"part": "applicant", "name": "张三"})
        assert (party.status_code, party.json()["seq"]) == (201, 1)
        change = {"changes": {"phone": "13800000009"}, "reason": "换号"}
        assert clerk.patch(f"{record}/parties/1", json=change).json()["phone"] == "13800000009"
        assert clerk.post(f"{record}/parties/1/end", json={"reason": "退出"}).json()["ended"]
        assert clerk.post(f"{record}/notes", json={"text": "东侧"}).json()["text"] == "东侧"
        problem(village.post(f"{record}/move", json={"area": ELSEWHERE, "reason": "x"}), 403, "not-allowed")
        problem(clerk.post(f"{record}/void", json={"reason": " "}), 422, "facts")
        other = opened(clerk, "k2")["id"]
        merged = clerk.post(f"/v1/cases/{other}/merge", json={"into": case, "reason": "同一事项"})
        assert merged.json()["id"] == case
        shares = {"shares": [{"key": "part", "facts": {"title": "后院"}}], "reason": "两件事"}
        [part] = clerk.post(f"{record}/split", json=shares).json()
        assert (
            clerk.post(f"/v1/cases/{part['id']}/void", json={"reason": "误登"}).json()["status"] == "voided"
        )


def test_deadlines_are_recorded_and_moved(server: Server) -> None:
    engine: Engine = server.engine
    with server.by("0412") as clerk:
        case = opened(clerk, dispute_type="labour", knew_on="2026-02-10")["id"]
        [rule] = {one.rule for one in engine.deadlines(case)} & {"labour.limitation"}
        paths = f"/v1/cases/{case}/deadlines/{rule}"
        again = clerk.post(f"{paths}/interruption", json={"ground": "demand", "on": "2026-03-01"})
        assert (again.status_code, again.json().get("anchored_at", "")[:10]) == (200, "2026-03-01"), (
            again.text
        )
        problem(clerk.post(f"{paths}/extension", json={"length": "30 d"}), 403, "not-allowed")
        problem(clerk.post(f"/v1/cases/{case}/milestones", json={"milestone": "wished"}), 404, "not-found")
        due = clerk.get("/v1/deadlines?until=2030-01-01&area=140429102").json()["items"]
        assert rule in {one["deadline"]["rule"] for one in due}


def test_rows_of_another_register_are_taken_in(server: Server) -> None:
    rows = [
        {"key": "r:1", "facts": WALL, "parties": [{"part": "applicant", "name": "钱六"}]},
        {"key": "r:2", "facts": {**WALL, "dispute_type": "labor"}},
    ]
    with server.by("0412") as clerk:
        first = clerk.post("/v1/intake", json={"rows": rows}).json()
        assert [(one["outcome"], one["fact"]) for one in first] == [
            ("opened", None),
            ("refused", "dispute_type"),
        ]
        again = clerk.post("/v1/intake", json={"rows": rows[:1]}).json()
        assert [one["outcome"] for one in again] == ["known"]


class TestByCode:
    def test_a_party_sees_how_it_stands(self, server: Server) -> None:
        with server.by("0412") as clerk, server.by(None) as party:
            case = opened(clerk)
            seen = party.get(f"/c/{case['code']}", headers={"Accept-Language": "en"})
            status = server.engine.by_code(case["code"])
            assert seen.json() == as_json({"lines": status.lines("en"), "status": status})
            words = party.get(f"/c/{case['code'].lower()}", headers={"Accept": "text/plain"})
            assert words.text.splitlines() == status.lines("zh")
            assert words.headers["referrer-policy"] == "no-referrer"
            problem(party.post(f"/c/{case['code']}/rating", json={"grade": "satisfied"}), 409, "conflict")

    def test_codes_are_not_to_be_guessed(self, server: Server) -> None:
        with server.by("0412") as clerk, server.by(None) as party:
            code = opened(clerk)["code"]
            answers = [party.get(f"/c/PHTY-KEF4-7C4X-37H{letter}") for letter in "ABCDEFGHJKMNPQ"]
            assert {one.status_code for one in answers[:10]} <= {404, 422}
            assert {one.status_code for one in answers[10:]} == {429}
            assert party.get(f"/c/{code}").status_code == 429


class TestFeed:
    def test_who_waits_is_told_when_something_happens(self, server: Server) -> None:
        with server.by("0412") as clerk:
            assert clerk.get("/v1/feed?wait=0").json()["entries"] == []
            opened(clerk)
            part = clerk.get("/v1/feed?wait=20&kinds=opened").json()
            assert [one["kind"] for one in part["entries"]] == ["opened"]
            problem(clerk.get("/v1/feed?kinds=opend"), 422, "unknown-value")

    def test_a_stream_goes_on_where_it_was(self, server: Server) -> None:
        with server.by("0412") as clerk:
            opened(clerk)
            every = [one.id for one in server.engine.feed().entries]
            first = events(clerk, "/v1/feed/stream", 3)
            assert [int(one["id"]) for one in first] == every[:3]
            assert json.loads(first[0]["data"])["kind"] == first[0]["event"]
            rest = events(clerk, "/v1/feed/stream", len(every) - 3, **{"Last-Event-ID": first[-1]["id"]})
            assert [int(one["id"]) for one in rest] == every[3:]
            problem(clerk.get("/v1/feed/stream", headers={"Last-Event-ID": "x"}), 422, "facts")
            problem(clerk.get("/v1/feed/stream?kinds=opend"), 422, "unknown-value")

    def test_a_stream_tells_what_is_theirs(self, server: Server) -> None:
        with server.by("0412") as clerk, server.by("0700") as there:
            opened(clerk)
            case = opened(clerk, "there", area=f"{ELSEWHERE}201")["id"]
            [one] = events(there, "/v1/feed/stream", 1)
            assert json.loads(one["data"])["case"] == case


def events(client: httpx.Client, path: str, most: int, **headers: str) -> list[dict[str, str]]:
    """The first events of a stream."""
    found: list[dict[str, str]] = []
    one: dict[str, str] = {}
    with client.stream("GET", path, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                one[name] = value
            elif "id" in one:
                found.append(one)
                one = {}
                if len(found) == most:
                    break
    return found


def test_what_goes_out_is_carried_and_answered(server: Server) -> None:
    case = server.engine.open_case("dispute", WALL, key="k", by=CENTRE).id
    server.engine.supervise(case, "petition_officer", "remind", ground="迟迟未办", reply="3 d", by=CHIEF)
    with server.by("register") as program:
        [first, *_] = program.get("/v1/deliveries").json()["items"]
        assert (first["topic"], first["case"]) == ("notice", case)
        assert program.post(f"/v1/deliveries/{first['id']}/answer", json={}).status_code == 204
        problem(program.post(f"/v1/deliveries/{first['id']}/answer", json={}), 409, "already-done")
        problem(program.post("/v1/deliveries/99999/answer", json={}), 404, "not-found")
