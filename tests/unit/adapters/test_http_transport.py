"""The transport http, against a server on loopback that has bad days."""

from __future__ import annotations

import hashlib
import hmac
import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from jiefen import Answer, DefinitionError, DeliveryPostponed, DeliveryRefused, FixedClock
from jiefen_adapters.cards import CardAdapter
from jiefen_adapters.transports import NotReachedError
from tests.support.toxic import Asked, Toxic, said
from tests.unit.adapters.card_files import card
from tests.unit.adapters.test_cards import delivery

SECRET = "s3cr3t-token"


@pytest.fixture
def court() -> Iterator[Toxic]:
    with Toxic() as server:
        yield server


def adapter(folder: Path, server: Toxic, clock: FixedClock | None = None, **replaced: str) -> CardAdapter:
    made = card(folder, **{"ADDRESS": server.address, **replaced})
    return CardAdapter(made, clock=clock or FixedClock(date(2026, 3, 2)))


def test_a_delivery_goes_out_under_its_key_and_their_answer_is_that_of_the_case(
    tmp_path: Path, court: Toxic
) -> None:
    court.answer = lambda _: said(200, {"code": "0", "data": {"appliedOn": "20260303"}})
    assert adapter(tmp_path, court).send(delivery()) == Answer({"confirmation_applied_on": "2026-03-03"})
    [asked] = court.asked
    assert (asked.method, asked.path) == ("POST", "/applications")
    assert asked.headers["Idempotency-Key"] == "jiefen:17:token/4"
    assert asked.headers["Content-Type"] == "application/json"


def test_a_cancellation_names_what_it_cancels_in_its_path(tmp_path: Path, court: Toxic) -> None:
    from dataclasses import replace

    taken_back = replace(
        delivery("court.judicial_confirmation.cancelled"),
        key="jiefen:17:cancelled/token/4",
        cancels="jiefen:17:token/4",
    )
    assert adapter(tmp_path, court).send(taken_back) == Answer()
    assert (court.asked[0].method, court.asked[0].path) == ("DELETE", "/applications/jiefen%3A17%3Atoken%2F4")


@pytest.mark.parametrize(("status", "expected"), [
    (200, None), (201, None), (500, NotReachedError), (502, NotReachedError), (503, NotReachedError),
    (429, NotReachedError), (408, NotReachedError), (401, NotReachedError), (403, NotReachedError),
    (400, DeliveryRefused), (404, DeliveryRefused), (422, DeliveryRefused), (301, DeliveryRefused),
    (307, DeliveryRefused),
])  # fmt: skip
def test_only_what_may_be_is_tried_again(tmp_path: Path, court: Toxic, status: int, expected: Any) -> None:
    court.answer = lambda _: said(
        status, {"code": "0"} if status < 300 else {}, Location="http://elsewhere.example/"
    )
    if expected is None:
        assert adapter(tmp_path, court).send(delivery()) == Answer()
        return
    with pytest.raises(expected, match=str(status)):
        adapter(tmp_path, court).send(delivery())
    assert len(court.asked) == 1


def test_when_they_say_when_to_come_again_it_waits_until_then(tmp_path: Path, court: Toxic) -> None:
    clock = FixedClock(date(2026, 3, 2))
    for text, wait in (
        ("120", timedelta(minutes=2)),
        (format_datetime(clock.now().astimezone(UTC) + timedelta(hours=1), usegmt=True), timedelta(hours=1)),
        ("999999999", timedelta(days=1)),
    ):
        court.answer = lambda _, text=text: said(503, {}, Retry_After=text)  # type: ignore[misc]
        with pytest.raises(DeliveryPostponed) as error:
            adapter(tmp_path, court, clock).send(delivery())
        assert error.value.until == clock.now() + wait


def test_a_slow_server_is_not_waited_for(tmp_path: Path, court: Toxic) -> None:
    court.slow = 1.5
    with pytest.raises(NotReachedError, match="ReadTimeout"):
        adapter(tmp_path, court, **{"timeout: 2": "timeout: 1"}).send(delivery())


def test_fifty_megabytes_are_not_read(tmp_path: Path, court: Toxic) -> None:
    court.answer = lambda _: (200, {"Content-Type": "application/json"}, b"x" * 50_000_000)
    with pytest.raises(NotReachedError, match="more than 1000000 bytes"):
        adapter(tmp_path, court).send(delivery())


def test_nobody_there_is_tried_again(tmp_path: Path) -> None:
    with Toxic() as gone:
        pass
    with pytest.raises(NotReachedError, match="ConnectError"):
        adapter(tmp_path, gone).send(delivery())


def test_the_wrong_characters_are_told(tmp_path: Path, court: Toxic) -> None:
    court.answer = lambda _: (200, {"Content-Type": "application/json"}, '{"msg": "成功"}'.encode("gb18030"))
    with pytest.raises(Exception, match="gb18030"):
        adapter(tmp_path, court).send(delivery())


def signed(asked: Asked, secret: bytes) -> str:
    lines = [
        asked.headers["X-App-Id"], asked.method, asked.path, asked.headers["X-Timestamp"], asked.headers["X-Nonce"],
        hashlib.sha256(asked.body).hexdigest(),
    ]  # fmt: skip
    return hmac.new(secret, "\n".join(lines).encode(), "sha256").hexdigest()


def test_requests_are_signed_with_time_and_nonce_and_a_clock_that_is_off_is_told(
    tmp_path: Path, court: Toxic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURT_SECRET", SECRET)
    clock = FixedClock(datetime(2026, 3, 2, 1, tzinfo=UTC))
    auth = "timeout: 2\n  auth: {hmac: {secret: {env: COURT_SECRET}, id: town}}"
    signing = adapter(tmp_path, court, clock, **{"timeout: 2": auth})
    signing.send(delivery())
    signing.send(delivery())
    first, second = court.asked
    assert first.headers["X-Signature"] == signed(first, SECRET.encode())
    assert first.headers["X-Timestamp"] == str(int(clock.now().timestamp()))
    assert first.headers["X-Nonce"] != second.headers["X-Nonce"]
    theirs = format_datetime(clock.now().astimezone(UTC) + timedelta(minutes=5), usegmt=True)
    court.answer = lambda _: said(401, {}, Date=theirs)
    with pytest.raises(
        NotReachedError, match=r"does not let us in \(HTTP 401\); our clock is 300 s behind theirs"
    ):
        signing.send(delivery())


@pytest.mark.parametrize(("auth", "header"), [
    ("{bearer: {env: COURT_SECRET}}", f"Bearer {SECRET}"),
    ("{basic: {user: town, password: {env: COURT_SECRET}}}", "Basic dG93bjpzM2NyM3QtdG9rZW4="),
])  # fmt: skip
def test_secrets_come_from_the_environment_and_are_never_told(
    tmp_path: Path,
    court: Toxic,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    auth: str,
    header: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    known = {"timeout: 2": f"timeout: 2\n  auth: {auth}"}
    with pytest.raises(DefinitionError, match="COURT_SECRET is not in the environment"):
        adapter(tmp_path, court, **known)
    monkeypatch.setenv("COURT_SECRET", SECRET)
    court.answer = lambda _: said(403, {"token": SECRET})
    with pytest.raises(NotReachedError) as error:
        adapter(tmp_path, court, **known).send(delivery(name="张三"))
    assert court.asked[0].headers["Authorization"] == header
    told = caplog.text + str(error.value) + repr(error.value.__cause__)
    assert SECRET not in told
    assert "dG93bjpzM2NyM3QtdG9rZW4=" not in told
    assert "张三" not in told


def _tls(authority: trustme.CA, folder: Path, expires: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown = authority.issue_cert("localhost", not_before=datetime(2020, 1, 1, tzinfo=UTC), not_after=expires)
    shown.configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return context


def test_both_sides_show_their_certificates(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = _tls(authority, tmp_path)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("town").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "town.pem"))
    trusts = f"timeout: 2\n  authority: {tmp_path}/ca.pem"
    with Toxic(context=context) as court:
        shows = {"timeout: 2": f"{trusts}\n  certificate: {{file: {tmp_path}/town.pem}}"}
        assert adapter(tmp_path, court, **shows).send(delivery()) == Answer()
        with pytest.raises(NotReachedError):
            adapter(tmp_path, court, **{"timeout: 2": trusts}).send(delivery())


def test_an_expired_certificate_is_told_as_that(tmp_path: Path) -> None:
    authority = trustme.CA()
    with Toxic(context=_tls(authority, tmp_path, datetime(2021, 1, 1, tzinfo=UTC))) as court:
        trusts = {"timeout: 2": f"timeout: 2\n  authority: {tmp_path}/ca.pem"}
        with pytest.raises(NotReachedError, match="certificate has expired"):
            adapter(tmp_path, court, **trusts).send(delivery())


@pytest.mark.parametrize("address", ["ftp://x", "https://user:pass@x", "https://x/?token=1", "court"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(DefinitionError, match="address"):
        CardAdapter(card(tmp_path, ADDRESS=address))
