"""Erasing: what a case holds about people goes, and that it was so can still be proved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jiefen import EVERYWHERE, Actor, Case, Conflict, Engine, FileKeys, FixedClock, NotAllowed
from jiefen.cli.root import app
from jiefen.store.connecting.database import open_database
from tests.integration.test_keys import NAME, OTHER, SECRETS, lived, rows_of, spelt

CLERK = Actor("0412", frozenset({"village_mediator"}), EVERYWHERE)


@pytest.fixture(params=[False, True], ids=["open", "encrypted"])
def engine(request: pytest.FixtureRequest, database_url: str, clock: FixedClock, tmp_path: Path) -> Any:
    keys = FileKeys.create(tmp_path / "keys.yaml") if request.param else None
    with Engine.open(database_url, clock=clock, keys=keys) as opened:
        yield opened


def office(engine: Engine) -> Actor:
    """Somebody who holds every office that corrects cases."""
    roles = frozenset(one.id for one in engine.edition.rulebook.roles.values() if one.corrects)
    return Actor("7001", roles, "14")


def erase(engine: Engine, case: int, *, reason: str, by: Actor) -> Case:
    """Two persons do it."""
    asked = engine.pending.ask("records.erase", {"case": case, "reason": reason}, by=by)
    return engine.pending.agree(asked.id, by=Actor("7002", by.roles, by.area))


def over(engine: Engine) -> int:
    """A case that was lived through and is over: nothing runs in it."""
    case = lived(engine).id
    engine.void(case, reason="误登", by=office(engine))
    return case


def test_what_is_erased_is_gone_from_the_tables_and_the_rest_is_still_told(
    engine: Engine, database_url: str
) -> None:
    case, other = over(engine), engine.open_case("dispute", {"source": "walk_in"}, key="z", by=CLERK).id
    engine.attachments.add(case, name="说明.txt", content="不肯来".encode(), by=CLERK)
    before = len(engine.history(case, limit=1000))
    after = erase(engine, case, reason="保存期满", by=office(engine))
    assert engine.pending.of(by=office(engine)) == []
    whole = rows_of(database_url)
    assert [secret for secret in SECRETS if spelt(secret, whole)] == []
    assert "title" not in after.facts
    assert (after.facts["dispute_type"], after.area) == ("neighbour", "140429102201")
    journal = engine.history(case, limit=1000)
    assert len(journal) == before + 3
    assert all(entry.erased or not entry.data for entry in journal[:-1])
    assert journal[0].data == {"erased": len(journal)}
    story = engine.explain(case).text("zh")
    assert "(内容已删除)" in story
    assert "7001 删除了本案的个人信息(保存期满)" in story
    assert "erased" in engine.explain(case).text("en")
    assert engine.explain(case).as_dict()
    assert engine.search(party=NAME).items == engine.search(text=OTHER).items == ()
    assert engine.attachments.of(case, by=CLERK) == []
    proved = engine.audit.verify()
    assert (proved.faults, proved.erased) == ((), before + 2)
    assert engine.case(other).facts["source"] == "walk_in"
    # Once more changes nothing of what is told, and breaks nothing.
    erase(engine, case, reason="再次核对", by=office(engine))
    assert engine.audit.verify().sound


def test_the_pages_of_the_file_are_emptied(sqlite_url: str, clock: FixedClock) -> None:
    with Engine.open(sqlite_url, clock=clock) as engine:
        erase(engine, over(engine), reason="保存期满", by=office(engine))
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert [one for one in SECRETS if one.encode() in raw] == []


def test_the_key_goes_too_and_a_row_of_a_backup_opens_nowhere(
    database_url: str, clock: FixedClock, tmp_path: Path
) -> None:
    with Engine.open(database_url, clock=clock, keys=FileKeys.create(tmp_path / "k.yaml")) as engine:
        case = over(engine)
        database = open_database(database_url)
        wrapped = sa.text("SELECT wrapped FROM jiefen_case_key WHERE of_case = :case")
        with database.engine.connect() as connection:
            before = connection.execute(wrapped, {"case": case}).scalar()
        erase(engine, case, reason="保存期满", by=office(engine))
        with database.engine.connect() as connection:
            assert connection.execute(wrapped, {"case": case}).scalar() not in (None, before)
        database.dispose()


def test_what_is_open_held_or_still_runs_is_not_erased(engine: Engine, clock: FixedClock) -> None:
    case = lived(engine).id
    with pytest.raises(Conflict, match="is open"):
        erase(engine, case, reason="到期", by=office(engine))
    engine.void(case, reason="误登", by=office(engine))
    engine.records.hold(case, reason="诉讼", by=CLERK)
    engine.records.hold(case, reason="诉讼", by=CLERK)
    with pytest.raises(Conflict, match="is held"):
        erase(engine, case, reason="到期", by=office(engine))
    with pytest.raises(NotAllowed):
        engine.records.lift_hold(case, reason="已结", by=CLERK)
    engine.records.lift_hold(case, reason="已结", by=office(engine))
    with pytest.raises(NotAllowed):
        erase(engine, case, reason="到期", by=CLERK)
    erase(engine, case, reason="到期", by=office(engine))


def test_the_commands(sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    with Engine.open(sqlite_url, clock=clock) as engine:
        case, roles = str(over(engine)), sorted(office(engine).roles)
    monkeypatch.setenv("JIEFEN_DB", sqlite_url)
    monkeypatch.setenv("JIEFEN_LANG", "en")
    by = ["--by", "7001", "--area", "14", "--reason", "保存期满"]
    for role in roles:
        by += ["--role", role]
    run = CliRunner()
    assert run.invoke(app, ["hold", case, *by]).stdout == f"case {case} must not be erased\n"
    assert run.invoke(app, ["erase", case, *by]).exit_code == 1
    assert run.invoke(app, ["hold", case, "--lift", *by]).stdout == f"case {case} may be erased again\n"
    assert "asked for as" in run.invoke(app, ["erase", case, *by]).stderr
    second = ["7002" if word == "7001" else word for word in by]
    [asked] = json.loads(run.invoke(app, ["pending", "list", "--json", *_without_reason(second)]).stdout)
    told = json.loads(
        run.invoke(app, ["pending", "agree", str(asked["id"]), "--json", *_without_reason(second)]).stdout
    )
    assert told["case"] == int(case)


def _without_reason(words: list[str]) -> list[str]:
    at = words.index("--reason")
    return words[:at] + words[at + 2 :]
