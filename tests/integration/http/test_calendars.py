"""A calendar under its secret address, on a real server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jiefen import Actor
from jiefen_web.api.limits import WRONG_KEYS
from tests.integration.http.conftest import PLACE, Server

MANAGER = Actor("c-1", frozenset({"township_coordinator"}), PLACE)


def test_whoever_has_the_address_reads_it_without_a_key(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    engine = server.engine
    facts = {"area": PLACE, "source": "walk_in", "dispute_type": "neighbour", "title": "院墙越界"}
    case = engine.open_case("dispute", facts, key="k", by=MANAGER).id
    at = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
    engine.appointments.book(case, "reception", at=at, place="大厅", official="c-1", by=MANAGER)
    token = engine.diaries.issue(by=MANAGER).token
    assert token is not None
    with server.by(None) as client:
        found = client.get(f"/v1/calendars/{token}.ics")
        assert found.status_code == 200
        assert found.headers["Content-Type"].startswith("text/calendar; charset=utf-8")
        assert found.headers["Cache-Control"].startswith("private")
        assert "SUMMARY:接访:院墙越界" in found.text
        english = client.get(f"/v1/calendars/{token}.ics", params={"lang": "en"})
        assert "SUMMARY:Reception: 院墙越界" in english.text
        [address] = engine.diaries.addresses(by=MANAGER)
        engine.diaries.revoke(address.id, reason="手机遗失", by=MANAGER)
        gone, never = (client.get(f"/v1/calendars/{one}.ics") for one in (token, "x" * 43))
        assert (gone.status_code, gone.json()) == (404, never.json())
    assert token not in caplog.text


def test_an_address_is_not_found_by_trying(server: Server) -> None:
    with server.by(None) as client:
        said = [
            client.get(f"/v1/calendars/{number:043d}.ics").status_code for number in range(WRONG_KEYS + 1)
        ]
    assert {*said[:WRONG_KEYS]} == {404}
    assert said[-1] == 429


@pytest.mark.parametrize("wrong", ["%00", "汉字", "x" * 101, "a%2Fb"])
def test_nonsense_is_refused(server: Server, wrong: str) -> None:
    with server.by(None) as client:
        assert client.get(f"/v1/calendars/{wrong}.ics").status_code in (404, 422)
