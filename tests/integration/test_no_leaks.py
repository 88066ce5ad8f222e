"""What is known of people stands in no log, error, incident, ``repr`` or feed, over a life in which much goes wrong.

An error says to whoever made a call what they gave and why it cannot be; what is kept it never says.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from jiefen import Actor, Engine, FixedClock, JiefenError
from jiefen.cli.root import app
from tests.integration.conftest import make_tables
from tests.support.databases import Databases

NAME, OTHER, PHONE, CARD, TALE = (
    "王小花花",
    "被告张三三",
    "13912345678",
    "11010519491231002X",
    "举报人身份暴露",
)
#: Marks of people; the last digits of a telephone are shown on purpose, the whole of it nowhere.
MARKS = (NAME, OTHER, PHONE, CARD, TALE)
#: What is typed in calls that are refused: whoever has typed it is told what was wrong, and nobody else.
TYPED_NAME, TYPED_PHONE, TYPED_CARD = "赵六六六", "13700001234", "110105194912310011"
AREA = "140429102201"
CENTRE = Actor("0412", frozenset({"township_coordinator"}), "140429")
FACTS = {
    "source": "walk_in", "dispute_type": "neighbour", "area": AREA, "title": "砌墙堵路", "description": TALE,
}  # fmt: skip
PEOPLE = [
    {"part": "applicant", "name": NAME, "phone": PHONE, "id_number": CARD, "address": f"{NAME}家"},
    {"part": "respondent", "name": OTHER},
]
ANSWERS: dict[str, dict[str, Any]] = {
    "ask_consent": {}, "assign_mediator": {}, "mediate_village": {"outcome": "agreed"},
    "sign_agreement": {"outcome": "agreed"}, "offer": {"wants_confirmation": True},
}  # fmt: skip


class Court:
    """An adapter that fails, and says in its error all that it was given."""

    def send(self, delivery: Any) -> None:
        raise RuntimeError(f"the court said no to {delivery.payload} of {NAME} {PHONE}")


def holding(text: object) -> list[str]:
    return [mark for mark in MARKS if mark in str(text)]


@pytest.fixture
def url(sqlite: Databases) -> str:
    return sqlite.prepared(make_tables)


@pytest.fixture
def engine(url: str, clock: FixedClock) -> Iterator[Engine]:
    topics = ("court.judicial_confirmation", "notice", "alert", "report")
    with Engine.open(url, clock=clock, adapters=dict.fromkeys(topics, Court())) as one:
        yield one


def lived(engine: Engine, clock: FixedClock) -> int:
    """A case that goes to court, whose adapter fails until somebody has to look, with all that is written beside it."""
    case = engine.open_case("dispute", FACTS, key="k-1", by=CENTRE, parties=PEOPLE).id
    for element, answer in ANSWERS.items():
        [task] = [one for one in engine.tasks(case=case) if one.element == element]
        engine.complete(task.id, answer, by=Actor("m", frozenset(task.roles), AREA))
    engine.notes.add(case, f"{NAME}来电", by=CENTRE)
    at = clock.now() + timedelta(days=2)
    engine.appointments.book(case, "reception", at=at, place="大厅", official="l-1", by=CENTRE)
    engine.attachments.add(case, f"{NAME}.pdf", b"%PDF-1.7", by=CENTRE)
    for _ in range(12):
        clock.advance(timedelta(days=1))
        engine.sweep()
    return case


def wrong(engine: Engine, case: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """Calls that are refused, each with somebody in it of whom nothing is kept."""
    opened = lambda **more: engine.open_case("dispute", FACTS | more, key="k-2", by=CENTRE)  # noqa: E731
    other = engine.open_case("dispute", FACTS | {"title": "别的"}, key="k-9", by=CENTRE).id
    task = engine.tasks(case=other)[0].id
    yield "too long a source", lambda: opened(source_ref=TYPED_CARD * 5)
    yield "an unknown fact", lambda: opened(titel=TYPED_NAME)
    yield "a key that is used", lambda: engine.open_case("petition", FACTS, key="k-1", by=CENTRE)
    yield (
        "other facts under a key",
        lambda: engine.open_case("dispute", FACTS | {"title": TYPED_NAME}, key="k-1", by=CENTRE),
    )
    yield "too long a name", lambda: opened(title=TYPED_NAME * 600)
    yield "no day", lambda: opened(occurred_on=TYPED_NAME)
    yield "no choice", lambda: opened(dispute_type=TYPED_NAME)
    yield "no amount", lambda: opened(amount=TYPED_PHONE + TYPED_NAME)
    yield "no flag", lambda: opened(violence=TYPED_NAME)
    yield "no area", lambda: opened(area=TYPED_CARD)
    yield (
        "a wrong card",
        lambda: engine.parties.add(
            case, {"part": "agent", "name": TYPED_NAME, "id_number": TYPED_CARD[:-1] + "Z"}, by=CENTRE
        ),
    )
    yield (
        "a wrong telephone",
        lambda: engine.parties.add(
            case, {"part": "agent", "name": TYPED_NAME, "phone": TYPED_NAME}, by=CENTRE
        ),
    )
    yield (
        "a field that is none",
        lambda: engine.parties.add(
            case, {"part": "agent", "name": TYPED_NAME, "adress": TYPED_NAME}, by=CENTRE
        ),
    )
    yield "no part", lambda: engine.parties.add(case, {"part": TYPED_NAME, "name": TYPED_NAME}, by=CENTRE)
    yield (
        "a message",
        lambda: engine.message("party.withdrew", facts={"nmae": TYPED_NAME}, case=case, key="m", by=CENTRE),
    )
    yield "a search", lambda: engine.search(facts={"dispute_type": TYPED_NAME})
    yield "a code", lambda: engine.by_code(TYPED_NAME)
    yield (
        "a place",
        lambda: engine.appointments.book(
            case, TYPED_NAME, at=datetime(2027, 1, 1, tzinfo=UTC), place="厅", official="l", by=CENTRE
        ),
    )
    yield "a task", lambda: engine.complete(task, {"nmae": TYPED_NAME}, by=CENTRE)
    yield (
        "somebody from elsewhere",
        lambda: engine.notes.add(case, TYPED_NAME, by=Actor("x", frozenset({"land_officer"}), "110101")),
    )


def refusal(call: Callable[[], object]) -> JiefenError | None:
    try:
        call()
    except JiefenError as error:
        return error
    return None


def test_logs_errors_and_what_is_printed_hold_nobody(
    engine: Engine,
    url: str,
    clock: FixedClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    case = lived(engine, clock)
    found: dict[str, list[str]] = {}
    for name, call in wrong(engine, case):
        error = refusal(call)
        assert error is not None, f"{name} is not refused"
        found[f"error: {name}"] = holding([str(error), repr(error), error.text("zh"), error.text("en")])
        lines = traceback.format_exception(error)
        found[f"traceback: {name}"] = holding(
            [line for line in lines if not line.lstrip().startswith("File")]
        )
    incidents = engine.incidents()
    assert incidents
    found["incidents"] = holding(incidents)
    found["lag"] = holding(engine.lag())
    for status in ("pending", "parked", "sent", "incident"):
        found[f"deliveries {status}"] = holding(engine.deliveries(status=status))
    for name, value in {
        "case": engine.case(case), "cases": engine.cases(), "tasks": engine.tasks(), "history": engine.history(case),
        "feed": engine.feed(limit=1000), "explain": engine.explain(case), "parties": engine.parties.of(case),
        "notes": engine.notes.of(case, by=CENTRE), "attachments": engine.attachments.of(case, by=CENTRE),
        "appointments": engine.appointments.of(case, by=CENTRE), "search": engine.search("砌墙"),
        "status": engine.as_(CENTRE).status(case), "refusals": [one.why for one in engine.refusals()],
    }.items():  # fmt: skip
        found[f"repr: {name}"] = holding(repr(value))
    found["feed data"] = holding(
        [one.data for one in engine.feed(limit=1000).entries if one.kind != "opened"]
    )
    for language in ("zh", "en"):
        found[f"story {language}"] = holding(engine.explain(case).text(language))  # type: ignore[arg-type]
    typed = (TYPED_NAME, TYPED_PHONE, TYPED_CARD)
    found["log"] = holding(caplog.text) + [mark for mark in typed if mark in caplog.text]
    found["refusals"] = [mark for mark in typed if mark in str([one.why for one in engine.refusals()])]
    monkeypatch.setenv("JIEFEN_DB", url)
    for words in (
        ["cases"], ["cases", "--json"], ["tasks"], ["tasks", "--json"], ["deliveries", "--status", "incident"],
        ["incidents"], ["incidents", "--json"], ["search", "砌墙"], ["due"], ["feed"], ["explain", str(case)],
        ["history", str(case)], ["worklist", "--by", "0412", "--role", "township_coordinator", "--area", "140429"],
    ):  # fmt: skip
        result = CliRunner().invoke(app, words)
        found[f"jiefen {' '.join(words)}"] = holding(result.output)
    held = [f"{name}: {', '.join(marks)}" for name, marks in found.items() if marks]
    assert held == [], "\n".join(held)
