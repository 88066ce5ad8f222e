"""Cases are found by what is known of them, and by nothing else; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from jiefen import Actor, Between, Engine, FactError, FixedClock, HeldPost, Hits, SearchOrder, UnknownValue
from tests.integration.conftest import Opener
from tests.support.moments import RECUSER

CLERK = Actor("0412", frozenset({"township_coordinator"}), "140429")
RARE = "\U00020bb7"  # 𠮷, of Extension B
MATTERS: dict[str, dict[str, Any]] = {
    "wall": {
        "title": "东街院墙倒塌纠纷",
        "description": "要求重砌院墙，赔偿５００元",
        "amount": Decimal(500),
    },
    "water": {"title": "水费 收取 不透明", "description": "物业A区每月多收100%", "amount": Decimal("500.50")},
    "land": {"title": "承包地边界", "description": "邻居占地_两垄'\"", "area": "140429103", "urgent": True},
    "rare": {
        "title": f"{RARE}野家宅基地",
        "description": "WiFi基站辐射",
        "received_on": "2026-02-20",
        "urgent": True,
    },
}
PEOPLE: dict[str, list[dict[str, Any]]] = {
    "wall": [{"part": "applicant", "name": "张 三", "phone": "138-0000-1234", "id_number": "E12345678"}],
    "water": [
        {"part": "applicant", "name": "阿依古丽·买买提", "phone": "13900005678"},
        {"part": "respondent", "name": "张三"},
    ],
}


@pytest.fixture
def engine(opener: Opener) -> Engine:
    return opener(processes=None, rules=None)


@pytest.fixture
def cases(engine: Engine) -> dict[str, int]:
    return {name: opened(engine, name) for name in MATTERS}


def opened(engine: Engine, name: str) -> int:
    facts = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102"} | MATTERS[name]
    return engine.open_case("dispute", facts, key=name, by=CLERK, parties=PEOPLE.get(name, ())).id


def keys(engine: Engine, *args: Any, **asked: Any) -> set[str]:
    return {hit.case.key for hit in engine.search(*args, **asked).items}


WORDS: list[tuple[str, set[str]]] = [
    ("院墙", {"wall"}),
    ("纠纷", {"wall"}),
    ("墙倒", {"wall"}),
    ("倒墙", set()),
    ("500", {"wall"}),
    ("５００元", {"wall"}),
    ("水费收取", {"water"}),
    ("水费 透明", {"water"}),
    ("水费 院墙", set()),
    ("a区", {"water"}),
    ("100%", {"water"}),
    ("1%", set()),
    ("地_两", {"land"}),
    ("地%两", set()),
    ("垄'\"", {"land"}),
    (f"{RARE}野", {"rare"}),
    ("wifi", {"rare"}),
    ("ＷＩＦＩ", {"rare"}),
    ("张三", {"wall", "water"}),
    ("古丽・买", {"water"}),
    ("纠纷要求", set()),
    ('"院墙"OR"', set()),
    ("院墙*", set()),
]


def test_words(engine: Engine, cases: dict[str, int]) -> None:
    assert {text: keys(engine, text) for text, _ in WORDS} == dict(WORDS)


def test_a_word_that_tells_nothing_is_refused(engine: Engine) -> None:
    eleven = " ".join(f"一{number}" for number in range(11))
    for text in ("墙", "院墙 墙", RARE, "·", "", "  ", "字" * 201, eleven):
        with pytest.raises(FactError):
            engine.search(text)


ASKED: list[tuple[dict[str, Any], set[str]]] = [
    ({"party": "张三"}, {"wall", "water"}),
    ({"party": "张　三", "part": "respondent"}, {"water"}),
    ({"party": "阿依古丽买买提"}, {"water"}),
    ({"party": "13800001234"}, {"wall"}),
    ({"party": "+86 138 0000 1234"}, {"wall"}),
    ({"party": "1234"}, {"wall"}),
    ({"party": "05678"}, {"water"}),
    ({"party": "95678"}, set()),
    ({"party": "e12345678"}, {"wall"}),
    ({"facts": {"amount": 500}}, {"wall"}),
    ({"facts": {"amount": Decimal("500.5")}}, {"water"}),
    ({"facts": {"amount": Between(500, 500)}}, {"wall"}),
    ({"facts": {"amount": Between(100, None)}}, {"wall", "water"}),
    ({"facts": {"amount": Between(None, Decimal("500.49"))}}, {"wall"}),
    ({"facts": {"received_on": "2026-02-20", "urgent": True}}, {"rare"}),
    ({"facts": {"received_on": Between(None, date(2026, 2, 28))}}, {"rare"}),
    ({"facts": {"urgent": True}}, {"land", "rare"}),
    ({"facts": {"source": "walk_in", "amount": 500}}, {"wall"}),
    ({"facts": {"dispute_type": "labour"}}, set()),
    ({"area": "140429103"}, {"land"}),
    ({"facts": {"area": "140429103"}}, {"land"}),
    ({"area": "140429103000", "text": "院墙"}, set()),
    ({"status": "ended"}, set()),
    ({"opened": Between(date(2026, 3, 2), date(2026, 3, 2))}, set(MATTERS)),
    ({"opened": Between(date(2026, 3, 3))}, set()),
    ({"updated": Between(None, date(2026, 3, 1))}, set()),
    ({"ended": Between(date(2026, 3, 2))}, set()),
    ({"leader": "l-1"}, set()),
]


def test_what_is_asked(engine: Engine, cases: dict[str, int]) -> None:
    for asked, found in ASKED:
        assert keys(engine, **asked) == found, asked


REFUSED: list[dict[str, Any]] = [
    {"party": "123"},
    {"part": "applicant"},
    {"facts": {"nothing": 1}},
    {"facts": {"title": "院墙"}},
    {"facts": {"amount": "much"}},
    {"facts": {"amount": None}},
    {"facts": {"urgent": Between(1, 2)}},
    {"facts": {"amount": Between()}},
    {"facts": {"dispute_type": "labor"}},
    {"facts": {"source": "walkin"}},
    {"opened": date(2026, 3, 2)},
    {"opened": Between(1, 2)},
    {"area": "x"},
    {"after": "1"},
    {"limit": 1001},
]


def test_what_cannot_be_asked_is_refused(engine: Engine) -> None:
    for asked in REFUSED:
        with pytest.raises(FactError):
            engine.search(**asked)


def test_words_that_are_none_are_told(engine: Engine) -> None:
    with pytest.raises(UnknownValue, match="newest"):
        engine.search(order="newst")
    with pytest.raises(UnknownValue, match="open"):
        engine.search(status="opne")


def pages(engine: Engine, limit: int, **asked: Any) -> Iterator[Hits]:
    after = None
    while True:
        page = engine.search(after=after, limit=limit, **asked)
        yield page
        if len(page.items) < limit:
            return
        after = page.items[-1].token


@pytest.mark.parametrize("order", SearchOrder)
def test_pages_give_every_case_once_and_in_order(
    engine: Engine, clock: FixedClock, order: SearchOrder
) -> None:
    cases = {}
    for name in MATTERS:
        cases[name] = opened(engine, name)
        clock.advance(timedelta(days=1))
    engine.void(cases["water"], reason="误登", by=CLERK)
    with engine._runtime.database.writing() as connection:
        for name, colour in (("land", "red"), ("wall", "green"), ("rare", "yellow")):
            connection.execute(
                sa.text("UPDATE jiefen_case SET colour = :colour WHERE key = :key"),
                {"colour": colour, "key": name},
            )
        connection.execute(sa.text("UPDATE jiefen_case SET colour = NULL WHERE key = 'water'"))
    whole = engine.search(order=order).items
    for limit in (1, 2, 3):
        found = [hit.case.key for page in pages(engine, limit, order=order) for hit in page.items]
        assert found == [hit.case.key for hit in whole]
    assert sorted(found) == sorted(MATTERS)
    if order is SearchOrder.NEWEST:
        assert found == ["rare", "land", "water", "wall"]
    elif order is SearchOrder.OLDEST:
        assert found == list(MATTERS)
    elif order is SearchOrder.COLOUR:
        assert found == ["land", "rare", "wall", "water"]
    else:
        dues = [hit.due_at for hit in whole if hit.due_at is not None]
        assert dues == sorted(dues)
        assert found == ["land", "rare", "water", "wall"]


def test_a_page_of_another_search_is_refused(engine: Engine, cases: dict[str, int]) -> None:
    token = engine.search("张三", limit=1).items[0].token
    assert keys(engine, "张三", after=token) == {"wall"}
    for other in ({"text": "院墙"}, {"text": "张三", "order": "due"}, {"text": "张三", "area": "140429102"}):
        with pytest.raises(FactError, match="another search"):
            engine.search(after=token, **other)  # type: ignore[arg-type]


def test_counts(engine: Engine, cases: dict[str, int]) -> None:
    assert engine.search().count is None
    found = engine.search(facts={"dispute_type": "neighbour"}, area="140429", facets=True, limit=1)
    assert (found.count, found.all_counted, len(found.items)) == (4, True, 1)
    assert found.facets["area"] == {"140429102": 3, "140429103": 1}
    assert found.facets["source"] == {"walk_in": 4}
    assert found.facets["status"] == {"open": 4}
    assert set(found.facets) == {"area", "source", "dispute_type", "stage", "status", "colour", "outcome"}
    nothing = engine.search("没有", facets=True)
    assert (nothing.count, nothing.items, nothing.facets["status"]) == (0, (), {})


def test_people_are_masked_unless_asked_for(engine: Engine, cases: dict[str, int]) -> None:
    [hit] = engine.search(party="1234").items
    assert hit.party is not None
    assert (hit.party.name, hit.party.phone, hit.party.id_number) == ("张*", "138****1234", None)
    [open_] = engine.search(party="1234", unmasked=True).items
    assert open_.party is not None
    assert open_.party.name == "张 三"


def test_overdue(engine: Engine, cases: dict[str, int], clock: FixedClock) -> None:
    assert keys(engine, overdue=True) == set()
    clock.advance(timedelta(days=40))
    engine.sweep()
    missed = {one.key for one in engine.deadlines_due(until=date(2026, 4, 10))}
    assert missed
    assert keys(engine, overdue=True) == missed


def test_nobody_finds_what_is_kept_from_them(engine: Engine, cases: dict[str, int]) -> None:
    everything = set(MATTERS)
    assert keys(engine, by=CLERK) == everything
    assert keys(engine, by=Actor("w-1", frozenset({"village_mediator"}), "140429103")) == {"land"}
    assert keys(engine, by=Actor("w-2", frozenset({"grid_worker"}), "140429102201")) == set()
    assert keys(engine, by=Actor("w-3", frozenset({"village_mediator"}), "140430")) == set()
    gone = HeldPost("village_mediator", "140429", until=date(2026, 3, 1))
    assert keys(engine, by=Actor("w-4", posts=(gone,))) == set()
    engine.recuse(cases["wall"], "０５０１", by=RECUSER, reason="近亲属")
    near = Actor("0501", frozenset({"village_mediator"}), "140429")
    assert keys(engine, by=near) == everything - {"wall"}
    found = engine.search("张三", by=near, facets=True)
    assert ([hit.case.key for hit in found.items], found.count) == (["water"], 1)
    assert keys(engine, by=Actor("501", frozenset({"village_mediator"}), "140429")) == everything


def test_the_accused_find_no_report_against_them(engine: Engine) -> None:
    facts = {
        "source": "petition",
        "area": "140429102",
        "title": "举报信",
    }
    against = {"accused_persons": ["0501", "r-2"], "accused_units": ["land_officer"]}
    engine.open_case("petition", facts | against, key="report", by=CLERK)
    office = Actor("0600", frozenset({"petition_officer", "county_petition_office"}), "140429")
    assert keys(engine, by=office) == keys(engine) == {"report"}
    assert keys(engine, by=CLERK) == set()  # who does not work on it need not know
    for accused in (
        Actor("0501", frozenset({"petition_officer"}), "140429"),
        Actor("ｒ-2", frozenset({"petition_officer"}), "140429"),
        Actor("0777", frozenset({"land_officer"}), "140429"),
        Actor("0778", posts=(HeldPost("land_officer", "140429"),)),
    ):
        assert keys(engine, by=accused) == keys(engine, "举报", by=accused) == set()


def test_who_owes_what_is_due_and_by_which_law(
    engine: Engine, cases: dict[str, int], clock: FixedClock
) -> None:
    [due, *_] = engine.deadlines_due(limit=1)
    assert due.deadline.holder is not None
    assert keys(engine, holder=due.deadline.holder) >= {due.key}
    assert keys(engine, law=due.deadline.law, holder=due.deadline.holder) == {"land", "rare"}
    assert {one.key for one in engine.deadlines_due(law=due.deadline.law)} == {"land", "rare"}
    assert keys(engine, law="行政复议法") == keys(engine, holder="procuratorate") == set()
    assert engine.deadlines_due(law="行政复议法") == []
    assert keys(engine, law=due.deadline.law, overdue=True) == set()
    clock.advance(timedelta(days=40))
    engine.sweep()
    assert keys(engine, law=due.deadline.law, overdue=True) == {"land", "rare"}
    for call in (engine.search, engine.deadlines_due):
        with pytest.raises(UnknownValue, match="信访工作条例"):
            call(law="信访条例")
        with pytest.raises(UnknownValue):
            call(holder="nobody_at_all")


def test_what_is_changed_is_found_as_it_is_now(engine: Engine, cases: dict[str, int]) -> None:
    engine.correct(cases["wall"], {"amount": Decimal(7), "title": "西街"}, reason="更正", by=CLERK)
    assert keys(engine, facts={"amount": 500}) == keys(engine, "东街") == set()
    assert keys(engine, facts={"amount": 7}) == keys(engine, "西街") == {"wall"}
    assert keys(engine, "重砌 张三") == {"wall"}
    engine.parties.change(cases["wall"], 1, {"name": "李四", "phone": "13911112222"}, reason="更正", by=CLERK)
    assert keys(engine, "李四") == keys(engine, party="2222") == {"wall"}
    assert keys(engine, "重砌 张三") == keys(engine, party="1234") == set()


def test_few_statements_a_page(engine: Engine, cases: dict[str, int]) -> None:
    engine.search(by=CLERK)
    statements: list[str] = []
    for one in engine._runtime.database.engines:
        sa.event.listen(one, "before_cursor_execute", lambda *call: statements.append(call[2]))
    most: dict[str, int] = {}
    for order in SearchOrder:
        statements.clear()
        found = engine.search(
            "纠纷", facts={"amount": Between(1, 600), "source": "walk_in"}, party="张三", area="140429", order=order,
            facets=True, unmasked=True, by=CLERK,
        )  # fmt: skip
        assert [hit.case.key for hit in found.items] == ["wall"]
        most[order] = len(statements)
    # The editions that are kept, for colours too; the page, in two parts by what is due; its parties; the counts.
    assert most == dict.fromkeys(SearchOrder, 4) | {SearchOrder.DUE: 5, SearchOrder.COLOUR: 5}
