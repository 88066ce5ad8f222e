"""What is kept about one person: given to them, and taken out; and words that should never have been written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jiefen import EVERYWHERE, Actor, Conflict, Engine, FactError, FileKeys, FixedClock, NotAllowed
from jiefen.cli.root import app
from tests.integration.test_erasing import erase, office
from tests.integration.test_keys import CARD, FACTS, MATTER, NAME, OTHER, PEOPLE, PHONE, lived, rows_of, spelt
from tests.integration.test_marks import holding

CLERK = Actor("0412", frozenset({"village_mediator"}), EVERYWHERE)
SHE, HE = {"id_number": CARD}, {"name": OTHER, "phone": "13800000000"}


@pytest.fixture(params=[False, True], ids=["open", "encrypted"])
def engine(request: pytest.FixtureRequest, database_url: str, clock: FixedClock, tmp_path: Path) -> Any:
    keys = FileKeys.create(tmp_path / "keys.yaml") if request.param else None
    with Engine.open(database_url, clock=clock, keys=keys) as opened:
        yield opened


def test_words_are_taken_out_of_everything_and_the_rest_is_read_as_before(
    engine: Engine, database_url: str
) -> None:
    case, by = lived(engine).id, office(engine)
    before = engine.history(case, limit=1000)
    assert engine.records.redact(case, "听邻居", reason="误录他人", by=by) == 2
    assert engine.case(case).facts["description"] == "***说过的话"
    whole = rows_of(database_url)
    assert not spelt("听邻居", whole)
    after = engine.history(case, limit=1000)
    assert [one.kind for one in after] == [*(one.kind for one in before), "redacted"]
    assert after[0].data == before[0].data | {
        "facts": before[0].data["facts"] | {"description": "***说过的话"}
    }
    assert "删除了本案中的有关内容(误录他人)" in engine.explain(case).text("zh")
    assert engine.search(text="听邻居").items == ()
    assert engine.audit.verify().faults == ()
    assert holding("听邻居", database_url, log=False) == [] or "postgresql" in database_url
    # Other words afterwards: what gave way before comes along, and nothing is taken out twice.
    assert engine.records.redact(case, "先去看", reason="误录", by=by) > 0
    assert engine.records.redact(case, "先去看", reason="误录", by=by) == 0
    assert engine.audit.verify().faults == ()
    [task, *_] = engine.tasks(case=case)
    engine.claim(task.id, by=Actor("0777", frozenset({"village_mediator"}), EVERYWHERE))
    engine.void(case, reason="误登", by=by)
    assert engine.audit.verify().faults == ()
    erase(engine, case, reason="到期", by=by)
    assert engine.audit.verify().faults == ()


def test_what_an_open_case_needs_stays_and_a_hold_keeps_all(engine: Engine) -> None:
    case, by = lived(engine).id, office(engine)
    for needed in (NAME, PHONE, OTHER, "5678"):
        with pytest.raises(Conflict, match="needs how party"):
            engine.records.redact(case, needed, reason="申请", by=by)
    with pytest.raises(FactError, match="one character"):
        engine.records.redact(case, "听", reason="申请", by=by)
    with pytest.raises(NotAllowed):
        engine.records.redact(case, "听邻居", reason="申请", by=CLERK)
    engine.records.hold(case, reason="诉讼", by=CLERK)
    with pytest.raises(Conflict, match="is held"):
        engine.records.redact(case, "听邻居", reason="申请", by=by)
    assert engine.case(case).facts["description"] == "听邻居说过的话"


def test_a_person_gets_what_is_kept_about_them_and_not_what_is_kept_about_others(engine: Engine) -> None:
    case, by = lived(engine).id, office(engine)
    found = engine.records.export_subject(SHE, reason="本人申请", by=by)
    [one] = found.cases
    assert (one.case, one.parties[0]["name"], one.parties[0]["phone"]) == (case, NAME, PHONE)
    assert MATTER in [value for title, value in one.facts.items() if title.zh == "事由"]
    assert OTHER not in found.text("zh").replace(MATTER, "")
    assert f"{case} 号案" in found.text("zh")
    assert f"Case {case}" in found.text("en")
    assert json.dumps(found.as_dict())
    assert engine.history(case, limit=1000)[-1].kind == "exported"
    assert "提供其个人信息(本人申请)" in engine.explain(case).text("zh")
    nobody = engine.records.export_subject({"id_number": "110101199003071153"}, reason="本人申请", by=by)
    assert (nobody.cases, "没有保存" in nobody.text("zh"), "Nothing" in nobody.text("en")) == ((), True, True)
    assert engine.audit.verify().faults == ()


def test_the_other_side_learns_nothing_of_a_case_that_is_kept_closely(engine: Engine) -> None:
    by = office(engine)
    people = [PEOPLE[0], {"part": "respondent", **HE}]
    plain = engine.open_case("dispute", FACTS, key="a", by=CLERK, parties=people).id
    close = engine.open_case(
        "dispute", FACTS | {"dispute_type": "family", "violence": True}, key="b", by=CLERK, parties=people
    ).id
    found = engine.records.export_subject(HE, reason="本人申请", by=by)
    assert ([one.case for one in found.cases], found.withheld) == ([plain], (close,))
    assert found.cases[0].facts == {}
    assert NAME not in found.text("zh")
    assert str(close) not in json.dumps(found.as_dict()["cases"][0]["case"])
    hers = engine.records.export_subject(SHE, reason="本人申请", by=by)
    assert {one.case for one in hers.cases} == {plain, close}


def test_an_export_asked_by_the_wrong_person_is_refused_and_seen(engine: Engine) -> None:
    lived(engine)
    elsewhere = Actor("9001", office(engine).roles, "15")
    for wrong in (CLERK, elsewhere):
        with pytest.raises(NotAllowed):
            engine.records.export_subject(SHE, reason="好奇", by=wrong)
    assert [one.actor for one in engine.refusals(act="records.export_subject")] == ["0412", "9001"]
    for nobody in ({"name": NAME}, {"phone": PHONE}, {}):
        with pytest.raises(FactError):
            engine.records.export_subject(nobody, reason="好奇", by=office(engine))


def test_a_person_is_taken_out_of_what_is_over_and_told_where_they_stay(
    engine: Engine, database_url: str
) -> None:
    by = office(engine)
    over, held, still = lived(engine).id, 0, 0
    held, still = (
        engine.open_case("dispute", FACTS, key=key, by=CLERK, parties=PEOPLE).id for key in ("b", "c")
    )
    for case in (over, held):
        engine.void(case, reason="误登", by=by)
    engine.records.hold(held, reason="诉讼", by=CLERK)
    done = engine.records.forget(SHE, reason="本人申请", by=by)
    assert (done.cases, set(done.kept)) == ((over,), {held, still})
    assert "is held" in done.kept[held].en
    assert "尚在办理中" in done.kept[still].zh
    she, he = engine.parties.of(over)
    assert (she.name, she.id_number, he.name) == ("***", "***", OTHER)
    assert [one.case.id for one in engine.search(party=CARD).items] == [still, held]
    assert engine.parties.of(still)[0].name == NAME
    assert engine.audit.verify().faults == ()
    assert engine.records.forget(SHE, reason="本人申请", by=by).cases == ()
    with pytest.raises(NotAllowed):
        engine.records.forget(SHE, reason="好奇", by=CLERK)


def test_the_commands(sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    with Engine.open(sqlite_url, clock=clock) as engine:
        case, by = lived(engine).id, office(engine)
        engine.void(case, reason="误登", by=by)
    monkeypatch.setenv("JIEFEN_DB", sqlite_url)
    monkeypatch.setenv("JIEFEN_LANG", "en")
    who = ["--by", "7001", "--area", "14", "--reason", "本人申请"]
    for role in sorted(by.roles):
        who += ["--role", role]
    run = CliRunner()
    assert NAME in run.invoke(app, ["export-subject", "--id-number", CARD, *who]).stdout
    told = json.loads(run.invoke(app, ["export-subject", "--id-number", CARD, "--json", *who]).stdout)
    assert [one["case"] for one in told["cases"]] == [case]
    assert run.invoke(app, ["redact", str(case), "听邻居", *who]).stdout.startswith("taken out of ")
    assert json.loads(run.invoke(app, ["redact", str(case), "听邻居", "--json", *who]).stdout) == {
        "case": case, "places": 0,
    }  # fmt: skip
    assert "taken out of 1 cases" in run.invoke(app, ["forget", "--id-number", CARD, *who]).stdout
    other = ["--name", OTHER, "--phone", "13800000001", "--json", *who]
    assert json.loads(run.invoke(app, ["forget", *other]).stdout) == {"cases": [], "kept": {}}
