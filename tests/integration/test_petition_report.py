"""The annual petition report says what is recorded, and of what is not that somebody has to add it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from jiefen import EVERYWHERE, Actor, Engine, FactError, FixedClock, PetitionReport
from jiefen.cli.root import app
from jiefen.clock import CHINA
from tests.conftest import ENCRYPTED
from tests.integration.conftest import Opener

CLERK = Actor(
    "0412", frozenset({"township_coordinator", "petition_officer", "county_petition_office"}), EVERYWHERE
)
COUNTY = "140429"


@pytest.fixture
def engine(opener: Opener, clock: FixedClock) -> Engine:
    clock.set(datetime(2026, 1, 5, 9, tzinfo=CHINA))
    return opener(processes=None, rules=None)


def petition(engine: Engine, key: str, kind: str = "neighbour", **more: Any) -> int:
    facts = {"source": "petition", "dispute_type": kind, "area": "140429102", "received_on": "2026-01-05"}
    case = engine.open_case("dispute", facts | more, key=key, by=CLERK).id
    for milestone in ("petition_registered", "petition_accepted"):
        engine.milestone(case, milestone, on=date(2026, 1, 5), by=CLERK)
    return case


def numbers(report: PetitionReport, section: int) -> dict[tuple[str | None, str], int | None]:
    return {
        (row.group.zh if row.group else None, row.title.zh): row.number
        for row in report.sections[section].rows
    }


@pytest.fixture
def year(engine: Engine, clock: FixedClock) -> Engine:
    """Four petitions, of which one was voided, one is another county's, and one was supervised; and a dispute."""
    first = petition(engine, "a")
    petition(engine, "b", kind="land_contract")
    voided = petition(engine, "c")
    engine.void(voided, reason="误登", evidence="台账第3页", by=CLERK)
    petition(engine, "elsewhere", area="140430102")
    engine.open_case(
        "dispute",
        {"source": "grid", "dispute_type": "neighbour", "area": "140429102", "received_on": "2026-01-05"},
        key="no petition",
        by=CLERK,
    )
    engine.milestone(first, "petition_transferred", on=date(2026, 1, 5), by=CLERK)
    engine.dispatch(first, to="land_officer", asked="核实", key="d", by=CLERK)
    clock.set(date(2026, 5, 1))
    engine.sweep()
    return engine


def test_the_numbers_of_a_county(year: Engine) -> None:
    report = year.petition_report(2026, area=COUNTY)
    first = numbers(report, 0)
    assert first[None, "收到的信访事项"] == 2
    assert first["状态", "作废(以下各项不计)"] == 1
    assert first["来源", "信访"] == 2
    assert first["属地", "140429102"] == 2
    assert first[None, "信访事项受理"] == 2
    kinds = [number for (group, _), number in first.items() if group == "纠纷类型"]
    assert kinds == [1, 1]
    second = numbers(report, 1)
    assert second[None, "信访事项转送交办"] == 1
    assert second[None, "派单"] == 1
    assert all(type(row.number) is int for part in report.sections[:2] for row in part.rows)
    supervised = sum(
        len([one for one in year.supervisions(status=status, limit=1000) if _of_county(year, one.case)])
        for status in ("open", "answered", "accepted", "withdrawn")
    )
    told = [number for (group, _), number in second.items() if group is not None]
    proposed = [number for (group, _), number in numbers(report, 2).items() if group is not None]
    assert sum(filter(None, told + proposed)) == supervised
    assert supervised > 0
    assert numbers(report, 2)[None, "改进工作、完善政策的建议及采纳情况"] is None
    assert report.figures == tuple(year.figures(since=date(2026, 1, 1), until=date(2026, 5, 1), area=COUNTY))


def _of_county(engine: Engine, case: int) -> bool:
    found = engine.case(case)
    return found.process == "dispute" and (found.area or "").startswith(COUNTY) and found.status != "voided"


def test_the_document_says_where_it_stands_and_what_is_to_be_added(year: Engine) -> None:
    text = year.petition_report(2026, area=COUNTY).text()
    assert "# 2026年信访情况年度报告" in text
    assert "第四十一条第一款" in text
    assert "请补充" in text
    assert "| 按期办结率 |" in text
    english = year.petition_report(2026).text("en")
    assert "to be added" in english
    assert "all areas" in english
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")


def test_units_complained_of_are_counted_one_by_one(engine: Engine) -> None:
    role = next(iter(engine.edition.rulebook.roles))
    title = engine.edition.rulebook.roles[role].title.zh
    for key, units in (("a", [role, "某局|办公室"]), ("b", [role])):
        case = petition(engine, key)
        engine.correct(case, {"accused_units": units}, reason="补登", by=CLERK)
    report = engine.petition_report(2026)
    assert numbers(report, 0)["被投诉的机关、单位", title] == 2
    assert ("(其他单位 others)" if ENCRYPTED else "某局\\|办公室") in report.text()


def test_a_year_that_has_not_begun_is_refused(engine: Engine) -> None:
    for wrong in (2027, "2026", True, 0):
        with pytest.raises(FactError, match="year"):
            engine.petition_report(wrong)  # type: ignore[arg-type]
    assert numbers(engine.petition_report(2025), 0)[None, "收到的信访事项"] == 0


def test_on_the_command_line(year: Engine, url: str) -> None:
    runner = CliRunner()
    told = runner.invoke(app, ["--db", url, "--lang", "zh", "petition-report", "2026", "--area", COUNTY])
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("# 2026年信访情况年度报告")
    found = json.loads(runner.invoke(app, ["--db", url, "petition-report", "2026", "--json"]).stdout)
    assert found["year"] == 2026
    assert len(found["sections"]) == 3
