"""A case that is driven over HTTP alone: opened, found, taken, done, told."""

from __future__ import annotations

from typing import Any

from tests.integration.http.conftest import PLACE, Server
from tests.integration.http.test_calling import WALL, opened, problem


def test_a_case_is_driven_to_its_end(server: Server) -> None:
    with server.by("0412") as clerk, server.by("0618") as mediator:
        parties = [
            {"part": "applicant", "name": "张三", "phone": "13800000001"},
            {"part": "respondent", "name": "李四"},
        ]
        body = {"process": "dispute", "key": "walk-in:7", "facts": WALL, "parties": parties}
        answer = clerk.post("/v1/cases", json=body)
        case = answer.json()
        assert answer.headers["location"] == f"/v1/cases/{case['id']}"
        assert answer.headers["etag"] == f'"{case["revision"]}"'
        assert case["code"]
        again = clerk.post("/v1/cases", json=body).json()
        assert (again["id"], again["code"]) == (case["id"], None)
        problem(clerk.post("/v1/cases", json=body | {"parties": []}), 409, "conflict")
        assert [one["name"] for one in mediator.get(f"/v1/cases/{case['id']}/parties").json()] == [
            "张三",
            "李四",
        ]

        answers: list[dict[str, Any]] = [
            {"refuses_mediation": False}, {}, {"outcome": "agreed"}, {"outcome": "agreed"},
            {"wants_confirmation": False},
        ]  # fmt: skip
        for facts in answers:
            [item] = mediator.get("/v1/worklist").json()["items"]
            task = item["task"]
            assert task["case"] == case["id"]
            assert mediator.post(f"/v1/tasks/{task['id']}/claim").json()["assignee"] == "0618"
            done = mediator.post(f"/v1/tasks/{task['id']}/completion", json={"facts": facts})
            assert done.status_code == 200, done.text
            assert done.headers["etag"] == f'"{done.json()["revision"]}"'
            problem(
                mediator.post(f"/v1/tasks/{task['id']}/completion", json={"facts": facts}),
                409,
                "already-done",
            )
        assert server.engine.case(case["id"]).facts["outcome"] == "agreed"
        history = clerk.get(f"/v1/cases/{case['id']}/history?limit=1000").json()["items"]
        assert [one["id"] for one in history] == [one.id for one in server.engine.history(case["id"])]
        told = clerk.get(f"/v1/cases/{case['id']}/explanation", headers={"Accept-Language": "en"}).json()
        assert told["text"] == server.engine.explain(case["id"]).text("en")
        deadlines = clerk.get(f"/v1/cases/{case['id']}/deadlines").json()
        assert [one["rule"] for one in deadlines] == [one.rule for one in server.engine.deadlines(case["id"])]
        assert clerk.get(f"/v1/cases/{case['id']}/links").json() == []


def test_pages_lead_from_one_to_the_next(server: Server) -> None:
    with server.by("0412") as clerk:
        ids = [opened(clerk, f"k{n}")["id"] for n in range(5)]
        for path, read in (("/v1/cases", lambda one: one["id"]), ("/v1/tasks", lambda one: one["case"])):
            seen, url = [], f"{path}?limit=2&area={PLACE}"
            while url:
                answer = clerk.get(url)
                seen += [read(one) for one in answer.json()["items"]]
                url = answer.links.get("next", {}).get("url", "")
            assert seen == ids


def test_a_task_is_given_back_and_given_on(server: Server) -> None:
    with server.by("0412") as clerk, server.by("0618") as mediator:
        case = opened(clerk)["id"]
        [task] = clerk.get(f"/v1/tasks?case={case}").json()["items"]
        problem(clerk.post(f"/v1/tasks/{task['id']}/claim"), 403, "not-allowed")
        mediator.post(f"/v1/tasks/{task['id']}/claim")
        given = mediator.post(f"/v1/tasks/{task['id']}/release", json={})
        assert given.json()["assignee"] is None
        answer = clerk.post(f"/v1/tasks/{task['id']}/reassignment", json={"to": "0999", "reason": "顶班"})
        problem(answer, 422, "facts")  # nobody has loaded a directory that says their posts
        assert mediator.get(f"/v1/tasks/{task['id']}").json()["status"] == "open"


def test_a_message_comes_once(server: Server) -> None:
    with server.by("0412") as clerk, server.by("0700") as there:
        case = opened(clerk)["id"]
        body = {"name": "matter.urgent", "key": "phone:1", "facts": {"urgent": True}}
        first = clerk.post(f"/v1/cases/{case}/messages", json=body)
        assert first.json()["received"] in ("caught", "kept", "noted")
        assert clerk.post(f"/v1/cases/{case}/messages", json=body).json() == {"received": "repeated"}
        problem(there.post(f"/v1/cases/{case}/messages", json=body | {"key": "x"}), 403, "not-allowed")
        wrong = clerk.post(f"/v1/cases/{case}/messages", json=body | {"name": "matter.urgnet", "key": "y"})
        assert "matter.urgent" in problem(wrong, 404, "not-found")["detail"]
    assert server.engine.case(case).facts["urgent"] is True
