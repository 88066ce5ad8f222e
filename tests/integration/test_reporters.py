"""检举控告、举报奖励: who has reported is known to nobody but two persons together."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jiefen import (
    EVERYWHERE,
    Actor,
    Conflict,
    Engine,
    FactError,
    FileKeys,
    FixedClock,
    KeysError,
    NotAllowed,
    NotFound,
)
from jiefen.cli.root import app
from tests.conftest import ENCRYPTED
from tests.integration.test_keys import rows_of, spelt

CLERK = Actor("0412", frozenset({"village_mediator"}), EVERYWHERE)
NAME, PHONE = "举报人李四光", "13900001111"
PERSON = {"name": NAME, "phone": PHONE}
FACTS = {
    "source": "walk_in",
    "matter_type": "accusation",
    "area": "140429102201",
    "accused_persons": ["9001"],
}


@pytest.fixture
def master(tmp_path: Path) -> FileKeys:
    return FileKeys.create(tmp_path / "keys.yaml")


@pytest.fixture
def engine(database_url: str, clock: FixedClock, master: FileKeys) -> Any:
    with Engine.open(database_url, clock=clock, keys=master) as opened:
        yield opened


@pytest.fixture
def case(engine: Engine) -> int:
    return engine.open_case("petition", FACTS, key="k1", by=CLERK).id


def office(engine: Engine, person: str) -> Actor:
    """Somebody who holds every office that corrects cases."""
    roles = frozenset(one.id for one in engine.edition.rulebook.roles.values() if one.corrects)
    return Actor(person, roles, "14")


def test_nothing_leads_from_the_case_to_the_reporter(engine: Engine, case: int, database_url: str) -> None:
    before = engine.case(case), engine.history(case)
    code = engine.reporters.keep(case, PERSON, by=CLERK)
    assert (engine.case(case), engine.history(case)) == before
    whole = rows_of(database_url)
    assert not any(spelt(secret, whole) for secret in (NAME, PHONE, code, code.replace("-", "")))
    database = sa.create_engine(database_url)
    with database.connect() as connection:
        [row] = connection.execute(sa.text("SELECT * FROM jiefen_reporter")).mappings()
    database.dispose()
    # A day and no instant, a number of chance, and nothing that stands in another table.
    assert str(row["day"]) == "2026-03-02"
    assert set(row) == {"id", "of", "passphrase", "day", "sealed"}
    others = rows_of(database_url).replace(repr(dict(row)), "")
    assert all(others.count(str(row[name])) <= 1 for name in ("id", "of", "passphrase", "sealed"))
    said = [repr(engine.deliveries(status=one)) for one in ("pending", "parked", "sent")]
    assert not any(NAME in text for text in [*said, repr(engine.feed()), engine.explain(case).text("zh")])
    assert (
        engine.search(party=NAME).items
        == engine.search(party=PHONE).items
        == engine.search(text=NAME).items
        == ()
    )


def test_a_passphrase_gives_the_case_and_no_name(engine: Engine, case: int) -> None:
    code = engine.reporters.keep(case, PERSON, by=CLERK)
    assert engine.reporters.matter(code.lower(), by=CLERK) == case
    wrong = code[:-1] + ("A" if code[-1] != "A" else "C")
    with pytest.raises(FactError, match="slip of the pen"):
        engine.reporters.matter(wrong, by=CLERK)
    with pytest.raises(NotAllowed):
        engine.reporters.matter(code, by=Actor("1", area="11"))
    with pytest.raises(Conflict, match="kept already"):
        engine.reporters.keep(case, PERSON, by=CLERK)


def test_two_persons_open_it_together_and_it_is_noted_and_told(
    engine: Engine, case: int, clock: FixedClock
) -> None:
    engine.reporters.keep(case, PERSON, praise=True, by=CLERK)
    first, second = office(engine, "a1"), office(engine, "b2")
    with pytest.raises(Conflict, match="opened by two persons"):
        engine.reporters.open(case, reason="核实", by=second)
    engine.reporters.ask(case, reason="发放奖励", by=first)
    with pytest.raises(Conflict, match="opened by two persons"):
        engine.reporters.open(case, reason="核实", by=first)
    found = engine.reporters.open(case, reason="核实", by=second)
    assert (found.person.name, found.person.phone, found.praise) == (NAME, PHONE, True)
    assert NAME not in repr(found)
    asked, opened = (one for one in engine.history(case, limit=1000) if one.kind.startswith("reporter_"))
    assert (asked.subject, opened.subject, opened.data["other"]) == ("a1", "b2", "a1")
    assert "b2 与 a1 共同开启举报人身份(核实)" in engine.explain(case).text("zh")
    notices = [one for one in engine.deliveries() if one.payload.get("action") == "reporter_opened"]
    assert notices
    assert NAME not in repr([one.payload for one in notices])
    # Each opening needs two persons again, and who asked a week ago asks again.
    with pytest.raises(Conflict, match="opened by two persons"):
        engine.reporters.open(case, reason="核实", by=second)
    engine.reporters.ask(case, reason="发放奖励", by=first)
    clock.advance(timedelta(days=8))
    with pytest.raises(Conflict, match="opened by two persons"):
        engine.reporters.open(case, reason="核实", by=second)


def test_nobody_is_named_in_public_who_has_not_agreed(engine: Engine, case: int) -> None:
    engine.reporters.keep(case, PERSON, by=CLERK)
    first, second = office(engine, "a1"), office(engine, "b2")
    engine.reporters.ask(case, reason="公开表扬", by=first)
    with pytest.raises(Conflict, match="not agreed to be praised"):
        engine.reporters.open(case, reason="公开表扬", by=second, praise=True)
    assert [one.kind for one in engine.history(case, limit=1000) if one.kind == "reporter_opened"] == []
    assert engine.reporters.open(case, reason="发放奖励", by=second).praise is False


def test_the_accused_the_recused_and_who_has_no_office_open_nothing(engine: Engine, case: int) -> None:
    code = engine.reporters.keep(case, PERSON, by=CLERK)
    engine.reporters.ask(case, reason="发放奖励", by=office(engine, "a1"))
    accused = office(engine, "9001")
    for call in (
        lambda: engine.reporters.open(case, reason="看看", by=accused),
        lambda: engine.reporters.ask(case, reason="看看", by=accused),
        lambda: engine.reporters.matter(code, by=accused),
        lambda: engine.reporters.keep(case, PERSON, by=accused),
        lambda: engine.reporters.open(case, reason="看看", by=CLERK),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_a_case_without_a_reporter_says_so(engine: Engine, case: int) -> None:
    engine.reporters.ask(case, reason="发放奖励", by=office(engine, "a1"))
    with pytest.raises(NotFound, match="not kept"):
        engine.reporters.open(case, reason="核实", by=office(engine, "b2"))


@pytest.mark.skipif(ENCRYPTED, reason="every database has keys here")
def test_without_keys_nobody_is_kept(database_url: str, clock: FixedClock) -> None:
    with Engine.open(database_url, clock=clock) as plain:
        case = plain.open_case("petition", FACTS, key="k1", by=CLERK).id
        with pytest.raises(KeysError, match="encrypted or not at all"):
            plain.reporters.keep(case, PERSON, by=CLERK)


def test_the_commands(
    engine: Engine, case: int, database_url: str, monkeypatch: pytest.MonkeyPatch, master: FileKeys
) -> None:
    monkeypatch.setenv("JIEFEN_DB", database_url)
    monkeypatch.setenv("JIEFEN_KEYS", str(master._path))
    monkeypatch.setenv("JIEFEN_LANG", "en")
    run, number = CliRunner(), str(case)
    by = ["--by", "a1", "--area", "14"]
    for role in sorted(office(engine, "a1").roles):
        by += ["--role", role]
    kept = run.invoke(app, ["reporter", "keep", number, *by], input=f"{NAME}\n{PHONE}\n")
    code = kept.output.split()[-1]
    assert "case " + number in run.invoke(app, ["reporter", "matter", *by], input=code + "\n").output
    assert (
        "another person" in run.invoke(app, ["reporter", "ask", number, "--reason", "发放奖励", *by]).output
    )
    by[1] = "b2"
    opened = run.invoke(app, ["reporter", "open", number, "--reason", "核实", "--json", *by])
    assert json.loads(opened.stdout)["person"]["name"] == NAME
    by[1] = "a1"
    run.invoke(app, ["reporter", "ask", number, "--reason", "发放奖励", *by])
    by[1] = "b2"
    assert PHONE in run.invoke(app, ["reporter", "open", number, "--reason", "核实", *by]).stdout
