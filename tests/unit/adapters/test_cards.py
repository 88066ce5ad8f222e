"""System cards: what is wrong with one is said, and what they map arrives on the other side as it was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from jiefen import Answer, DefinitionError, Delivery, DeliveryPostponed, DeliveryRefused, FixedClock
from jiefen_adapters.cards import CARDS, CardAdapter, UnusableDocument, card_named, take, types_of
from jiefen_adapters.cards.outgoing import AgainError, answer_of, message_of
from jiefen_adapters.transports import Answered, Message
from tests.unit.adapters.card_files import COURT, card, findings, named, written

CHINA = ZoneInfo("Asia/Shanghai")


def delivery(topic: str = "court.judicial_confirmation", **inputs: Any) -> Delivery:
    carried = {"agreed_on": "2026-03-02", "area": "140429102201"} | inputs
    return Delivery(
        id=7, case=17, key="jiefen:17:token/4", topic=topic, status="pending", attempts=0, error=None,
        at=datetime(2026, 3, 2, 9, tzinfo=CHINA), payload={"token": 4, "inputs": carried},
    )  # fmt: skip


def answered(body: object, *, good: bool = True, status: str = "HTTP 200") -> Answered:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Answered(good=good, status=status, content_type="application/json", body=raw)


def test_the_cards_that_come_along_are_sound() -> None:
    assert CARDS.shipped()
    for name, path in CARDS.shipped().items():
        assert findings(path) == []
        assert card_named(name).name == name


@pytest.mark.parametrize(("old", "new", "code"), [
    ("transport: http", "transport: htp", "unknown-word"),
    ("card: court", "card: courts", "card-name"),
    ("  timeout: 2", "  timeot: 2", "unknown-key"),
    ("request: {path: /applications}", "request: {}", "missing-key"),
    ("  court.judicial_confirmation:", "  court.judicial_confrmation:", "unknown-topic"),
    ("from: agreed_on,", "from: agreed_no,", "not-carried"),
    ("'4001': not_taken", "'4001': not_token", "unknown-error"),
    ("facts: {confirmation_applied_on: {from: data", "facts: {outcome: {from: data", "not-answered"),
    ("message: court.confirmation_ruled", "message: court.confirmation_rued", "unknown-message"),
    ("facts: {served_on: {from", "facts: {area: {from", "not-set-by"),
    ("facts: {served_on: {from", "facts: {served: {from", "unknown-fact"),
    ("kind: {value: confirmation}", "kind: {value: x, from: area}", "one-origin"),
    ("    case: caseNo\n", "", "missing-key"),
    ("    delivery: applicationNo\n    facts", "    facts", "missing-key"),
    ("    status: word\n", "", "missing-key"),
    ("gives: status", "gives: case", "missing-key"),
    ("    map: {of: cancels}", "    map: {of: cancelled}", "not-carried"),
])  # fmt: skip
def test_what_is_wrong_with_a_card_is_said_at_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert findings(written(tmp_path)) == []
    found = findings(written(tmp_path, **{old: new}))
    assert code in [one.code for one in found]
    assert all(one.line and one.hint for one in found)


def test_a_system_is_given_personal_data_only_where_its_card_says_so(tmp_path: Path) -> None:
    text = COURT.replace("  court.judicial_confirmation.cancelled:", "  police.report.cancelled:")
    [found] = findings(written(tmp_path, text))
    assert found.code == "personal-data"
    assert findings(written(tmp_path, text, **{"transport: http": "personal: true\ntransport: http"})) == []


def test_every_value_of_a_choice_must_mean_something_over_there(tmp_path: Path) -> None:
    text = COURT.replace("court.judicial_confirmation:", "ledger.mediator_allowance:")
    text = text.replace(
        "kind: {value: confirmation}", "kind: {from: outcome, values: {agreed: '1', agred: '2'}}"
    )
    text = text[: text.index("    answer:")].replace("court\n", "court\npersonal: true\n", 1)
    codes = [one.code for one in findings(written(tmp_path, text))]
    assert codes.count("unknown-value") == 1
    assert "values-missing" in codes


def test_what_goes_out_has_their_fields_and_their_dates(tmp_path: Path) -> None:
    message = message_of(card(tmp_path), delivery())
    assert msgspec.json.decode(message.body) == {
        "number": "jiefen:17:token/4", "agreedOn": "20260302", "place": {"code": "140429102201"},
        "kind": "confirmation",
    }  # fmt: skip
    assert (message.content_type, message.key) == ("application/json", "jiefen:17:token/4")
    bare = message_of(card(tmp_path), delivery(agreed_on=None))
    assert "agreedOn" not in msgspec.json.decode(bare.body)
    with pytest.raises(DeliveryRefused, match=r"place\.code is needed"):
        message_of(card(tmp_path), delivery(area=None))


def test_xml_goes_out_and_is_read_in_the_characters_of_the_card(tmp_path: Path) -> None:
    changed = {"    request: {path: /applications}": "    format: xml\n    root: Apply\n    request: {path: /a}",
               "transport: http": "encoding: gb18030\ntransport: http",
               "good: {code: ['0']}": "good: {Reply.code: ['0']}", "again: {code: ['99']}": "again: {Reply.code: 99}",
               "errors: {code:": "errors: {Reply.code:", "from: data.appliedOn": "from: Reply.day"}  # fmt: skip
    court = card(tmp_path, **changed)
    message = message_of(court, delivery(area="榆次区"))
    assert message.content_type == "application/xml; charset=gb18030"
    assert "<code>榆次区</code>" in message.body.decode("gb18030")
    raw = "<?xml version='1.0' encoding='GBK'?><Reply><code>0</code><day>20260303</day><say>好</say></Reply>"
    reply = replace(answered(raw.encode("gb18030")), content_type="text/xml")
    assert answer_of(court, "court.judicial_confirmation", reply) == Answer(
        {"confirmation_applied_on": "2026-03-03"}
    )


@pytest.mark.parametrize(("body", "good", "expected"), [
    ({"code": 0, "data": {"appliedOn": "20260303"}}, True, Answer({"confirmation_applied_on": "2026-03-03"})),
    ({"code": "0"}, True, Answer()),
    ({"code": "4001"}, True, Answer(error="not_taken")),
    ({"code": "4001"}, False, Answer(error="not_taken")),
    ({"code": "99"}, True, AgainError),
    ({"code": "5"}, True, DeliveryRefused),
    ({"kode": "0"}, True, DeliveryRefused),
    ({"code": "0", "data": {"appliedOn": "3 March"}}, True, DeliveryRefused),
    (b"<html>gateway</html>", True, AgainError),
    (b"<html>gateway</html>", False, DeliveryRefused),
    (b"x" * 1_000_001, True, AgainError),
    ("张三".encode("gb18030"), True, AgainError),
])  # fmt: skip
def test_what_they_answer_is_read_as_the_card_says(
    tmp_path: Path, body: Any, good: bool, expected: Any
) -> None:
    court = card(tmp_path)
    if isinstance(expected, Answer):
        assert answer_of(court, "court.judicial_confirmation", answered(body, good=good)) == expected
    else:
        with pytest.raises(expected):
            answer_of(court, "court.judicial_confirmation", answered(body, good=good))


def test_a_refusal_tells_their_code_and_nothing_else_of_what_they_said(tmp_path: Path) -> None:
    for said in ("张三欠款", "13800138000", "110101199001011234"):
        with pytest.raises(DeliveryRefused) as error:
            answer_of(card(tmp_path), "court.judicial_confirmation", answered({"code": said, "msg": said}))
        assert said not in str(error.value)
    with pytest.raises(DeliveryRefused, match="code=E-77"):
        answer_of(card(tmp_path), "court.judicial_confirmation", answered({"code": "E-77", "msg": "张三"}))


EVENT = {
    "type": "EVENT", "eventId": "E1", "title": "水渠", "content": "两户争水", "gridCode": "140429102201001",
    "reportTime": "2026-03-02 08:30:00", "category": "0101", "reporter": {"name": "张三", "phone": "13800138000"},
}  # fmt: skip


def test_what_comes_in_is_a_case_with_our_facts() -> None:
    grid = card_named("grid_platform")
    facts: Any = named().facts
    [one] = take(grid, msgspec.json.encode(EVENT), "application/json", types=types_of(facts))
    assert (one.gives, one.number, one.process) == ("case", "grid_platform:E1", "dispute")
    assert one.facts == {
        "source": "grid", "source_ref": "E1", "title": "水渠", "description": "两户争水", "area": "140429102201001",
        "received_on": "2026-03-02", "dispute_type": "neighbour",
    }  # fmt: skip
    assert one.parties == ({"part": "applicant", "name": "张三", "phone": "13800138000"},)
    assert "张三" not in repr(one)
    [rebound] = take(grid, msgspec.json.encode(EVENT | {"type": "REBOUND"}))
    assert (rebound.gives, rebound.message, rebound.number) == (
        "message",
        "case.rebounded",
        "grid_platform:E1",
    )


@pytest.mark.parametrize(("raw", "why"), [
    (b"{", "no JSON"),
    (b"<a>", "no XML"),
    (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "DOCTYPE|entity"),
    (b"[" * 50 + b"]" * 50, "nested"),
    (b"[" * 100_000, "no JSON"),
    (b"{}", "renamed"),
    (msgspec.json.encode(EVENT | {"type": "OTHER"}), "renamed"),
    (msgspec.json.encode({"type": "EVENT", "id": "E1"}), "missing"),
    (msgspec.json.encode(EVENT | {"reportTime": "yesterday"}), "not written as"),
    ("{\"type\": \"张三\"}".encode("gb18030"), "gb18030"),
    (b"x" * 1_000_001, "bytes"),
])  # fmt: skip
def test_garbage_is_refused_in_words_that_quote_nothing(raw: bytes, why: str) -> None:
    with pytest.raises(UnusableDocument, match=why) as error:
        take(card_named("grid_platform"), raw)
    assert "张三" not in str(error.value)
    assert error.value.zh


class Wire:
    """A transport that does as it is told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.fails: Exception | None = None

    def carry(self, message: Message) -> Answered:
        self.sent.append(message.key)
        if self.fails is not None:
            raise self.fails
        return answered({"code": "0"})


def of(tmp_path: Path, clock: FixedClock, more: str) -> tuple[CardAdapter, Wire]:
    wire = Wire()
    return CardAdapter(
        card(tmp_path, **{"transport: http": f"{more}\ntransport: http"}), clock=clock, wire=wire
    ), wire


def until(adapter: CardAdapter, key: str = "k") -> datetime:
    with pytest.raises(DeliveryPostponed) as error:
        adapter.send(replace(delivery(), key=key))
    return error.value.until.astimezone(CHINA)


def test_nobody_is_disturbed_at_night(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 3, 2, 23, tzinfo=CHINA))
    adapter, wire = of(tmp_path, clock, "quiet: {from: '22:00', to: '06:00'}")
    assert until(adapter) == datetime(2026, 3, 3, 6, tzinfo=CHINA)
    clock.advance(timedelta(hours=4))
    assert until(adapter) == datetime(2026, 3, 3, 6, tzinfo=CHINA)
    clock.advance(timedelta(hours=3))
    assert adapter.send(delivery()) == Answer()
    assert len(wire.sent) == 1


def test_no_more_is_sent_than_they_take_and_the_rest_comes_window_by_window(tmp_path: Path) -> None:
    clock = FixedClock(date(2026, 3, 2))
    adapter, wire = of(tmp_path, clock, "rate: {times: 2, seconds: 60}")
    start = clock.now().astimezone(CHINA)
    adapter.send(delivery())
    adapter.send(delivery())
    waits = [(until(adapter, str(number)) - start).total_seconds() for number in range(4)]
    assert waits == [60, 60, 120, 120]
    clock.advance(timedelta(seconds=60))
    adapter.send(delivery())
    assert len(wire.sent) == 3


def test_a_system_that_does_not_answer_is_one_incident_and_left_alone(tmp_path: Path) -> None:
    clock = FixedClock(date(2026, 3, 2))
    adapter, wire = of(tmp_path, clock, "breaker: {failures: 3, seconds: 60}")
    wire.fails = OSError("down")
    for _ in range(2):
        with pytest.raises(OSError, match="down"):
            adapter.send(delivery())
    with pytest.raises(DeliveryRefused, match="3 failures in a row, the last OSError"):
        adapter.send(delivery())
    for _ in range(100):
        until(adapter)
    assert len(wire.sent) == 3
    clock.advance(timedelta(seconds=61))
    until(adapter)  # one is tried, and the time is doubled
    until(adapter)
    assert len(wire.sent) == 4
    clock.advance(timedelta(seconds=121))
    wire.fails = None
    assert adapter.send(delivery()) == Answer()
    assert adapter.send(delivery()) == Answer()


def test_a_card_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(DefinitionError, match="did you mean 'grid_platform'"):
        card_named("grid_platfrom")
