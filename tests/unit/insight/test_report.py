"""The same report in the terminal and on the page, in both languages, with every text escaped."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from rich.console import Console

from jiefen.edition.edition import Edition
from jiefen.insight.case_sections import PROCEDURES
from jiefen.insight.figures import Records
from jiefen.insight.labels import DUTY, RIGHT, Labels
from jiefen.insight.page import page
from jiefen.insight.report import Intake, Year, build
from jiefen.insight.sheet import Beat, Cell, Column, Grid, Kind, Report, Section, Story, Tile, Tone
from jiefen.insight.story import _beats, worth_telling
from jiefen.insight.terminal import show
from jiefen.notation.labels import Language
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.values import Case
from jiefen.rules import Action, Label
from jiefen.story.sentences import ACTIONS
from tests.support.chance import examples
from tests.unit.insight.records import START, case, deadline, entry, records

YEAR = Year(
    date(2026, 1, 1),
    date(2026, 12, 31),
    (Intake("热线", 9, 6, 2, 1),),
    "rejects.csv",
    {"rung": 3, "timer": 2},
    4,
    1,
)
STORY = Story(
    Label("始末", "Story"),
    "案件 1",
    "…",
    (Beat("2026-01-01", "立案", ("依据",)), Beat("", "办结")),
    ("期限",),
)
NASTY = "<script>alert('x')</script> & \"[bold]\" ]]>"


def shown(report: Report, width: int = 110) -> str:
    out = io.StringIO()
    show(report, Console(file=out, width=width))
    return out.getvalue()


class TestBuilding:
    @examples(25)
    @given(made=records(), language=st.sampled_from(get_args(Language)))
    def test_whatever_happened_it_can_be_shown(
        self, edition: Edition, made: Records, language: Language
    ) -> None:
        report = build(made, YEAR, STORY, Labels(edition, language))
        for section in report.sections:
            for grid in section.grids:
                for row in (*grid.rows, *([grid.total] if grid.total else [])):
                    assert len(row) == len(grid.columns), section.id
        terminal, document = shown(report), html.fromstring(page(report))
        for section in report.sections:
            assert section.title.text(language) in terminal
            assert document.xpath(f"//section[@id='{section.id}']")

    def test_rights_that_were_asked_for_and_used_come_first(self, edition: Edition) -> None:
        lapsed = deadline(1, 1, kind="right", status=DeadlineStatus.EXPIRED, due_on=date(2026, 2, 1))
        used = deadline(1, 2, kind="right", status=DeadlineStatus.MET, due_on=date(2026, 12, 21))
        made = Records((case(1),), {1: (lapsed, used)}, {1: ()}, (), ())
        year = replace(YEAR, asked=((1, ("knew_on",), 1), (1, ("dispute_type",), 2)))
        report = build(made, year, None, Labels(edition, "en"))
        [section] = [one for one in report.sections if one.id == "asked"]
        assert [row[5].text for row in section.grids[0].rows] == ["Used", "Lapsed"]
        assert [row[1].text for row in section.grids[0].rows] == [
            "Dispute type",
            "Knew or should have known on",
        ]
        assert "2 rights began to run by the answers, 1 of them" in section.lead

    @examples(25)
    @given(made=records())
    def test_the_figures_on_top_are_those_of_the_tables(self, edition: Edition, made: Records) -> None:
        report = build(made, YEAR, STORY, Labels(edition, "en"))
        ended = sum(one.status is CaseStatus.ENDED for one in made.cases)
        assert report.tiles[0].figure == str(len(made.cases))
        assert report.tiles[0].note == f"{ended} ended, {len(made.cases) - ended} open"
        totals = {
            section.id: [grid.total for grid in section.grids if grid.total] for section in report.sections
        }
        for name, column in (("stages", 4), ("types", 1), ("channels", 1), ("time", 1)):
            assert totals[name][0][column].text == str(len(made.cases)), name

    def test_all_that_a_report_names_exists(self, edition: Edition) -> None:
        assert set(PROCEDURES) <= set(edition.rulebook.milestones)
        assert set(ACTIONS) == set(Action)
        for words in (DUTY, RIGHT):
            assert set(words) == {*map(str, DeadlineStatus), "overdue"}

    def test_labels_stand_for_ids_and_ids_for_themselves(self, edition: Edition) -> None:
        chinese, english = Labels(edition, "zh"), Labels(edition, "en")
        assert (chinese.value("stage", "trial"), english.value("stage", "trial")) == ("审", "Trial")
        assert chinese.value("stage", None) == "(无)"
        assert english.role("no_such_role") == "no_such_role"


class TestEscaping:
    @pytest.fixture
    def nasty(self) -> Report:
        grid = Grid(
            (Column(NASTY), Column(NASTY, Kind.BAR)), ((Cell(NASTY), Cell(NASTY, Tone.BAD, 0.5)),), NASTY,
            (Cell(NASTY), Cell(NASTY)),
        )  # fmt: skip
        story = Story(Label(NASTY, NASTY), NASTY, NASTY, (Beat(NASTY, NASTY, (NASTY,)),), (NASTY,))
        return Report(
            "zh", NASTY, NASTY, (Tile(NASTY, NASTY, NASTY),), (Section("x", Label(NASTY, NASTY), NASTY, (grid,)),),
            story, NASTY,
        )  # fmt: skip

    def test_no_text_becomes_markup_of_the_page(self, nasty: Report) -> None:
        text = page(nasty)
        document = html.fromstring(text)
        assert "<script" not in text
        assert document.findtext(".//h1") == NASTY
        assert not document.xpath("//@*[starts-with(name(), 'on')]")

    def test_nothing_is_fetched_from_elsewhere(self, nasty: Report) -> None:
        text = page(nasty)
        assert "http" not in text
        assert "url(" not in text
        assert not html.fromstring(text).xpath("//@src | //@href | //link")

    def test_no_text_becomes_markup_of_the_terminal(self, nasty: Report) -> None:
        texts = 1 + 1 + 3 + (2 + 1 + 1 + 2 + 2 + 2) + (2 + 1 + 1 + 3 + 1) + 1
        assert shown(nasty, width=400).count(NASTY) == texts


class TestStory:
    def test_reasons_belong_to_the_line_above_and_a_date_is_told_once(self) -> None:
        lines = [
            "",
            "2026-01-05 09:00  裁量〔起始阶段〕:访",
            "                  依据 《人民调解法》",
            "2026-01-05 09:10  进入阶段:访",
            "2026-01-06 09:00  办结",
            "",
            "期限",
            "  2026-02-01  办理期限",
        ]
        beats, ending = _beats(lines)
        assert beats == (
            Beat("2026-01-05", "裁量〔起始阶段〕:访", ("依据 《人民调解法》",)),
            Beat("", "进入阶段:访"),
            Beat("2026-01-06", "办结"),
        )
        assert ending == ("期限", "  2026-02-01  办理期限")

    def test_the_case_with_more_to_tell_is_told(self) -> None:
        dull, full = case(1, ended_at=START), case(2, ended_at=START)
        journal = [
            entry(2, n, Happening.STAGE, stage) for n, stage in enumerate(("visit", "mediation", "trial"))
        ]
        made = Records((dull, full), {1: (deadline(1, 1),), 2: ()}, {1: (), 2: tuple(journal)}, (), ())
        assert chosen(made) is full
        assert chosen(Records((dull, case(2)), {1: (), 2: ()}, {1: (), 2: ()}, (), ())) is dull


def chosen(made: Records) -> Case | None:
    return worth_telling(made)
