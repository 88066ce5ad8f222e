"""信访情况年度报告: what art. 41 of the regulations asks a petition office to report each year.

Source: 信访工作条例 第四十一条第一款.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from jiefen import PetitionReport, ReportSection
from jiefen_adapters.reports.tables import Asked, Column, Report, Row, Table, Words

_BY_HAND: Final[Words] = ("(系统没有登记,请补充)", "(not recorded here; to be added)")
_FIGURES: Final[Words] = ("其他应当报告的事项(第四项):考核指标", "Other matters (item 4): figures")


def annual_report(asked: Asked) -> Report:
    """The annual report of an area, of the petitions that were received in a year; the year before when none is said.

    What is recorded nowhere stands there without a number, so that nobody takes it for none.

    Raises:
        FactError: a year that has not begun, or an area that cannot be.
    """
    year = asked.year if asked.year is not None else asked.today.year - 1
    found = asked.reader.petition_report(year, area=asked.area)
    columns = (
        Column(asked.say(("分组", "group")), 24),
        Column(asked.say(("内容", "what")), 44),
        Column(asked.say(("件数", "number")), 22),
    )
    tables = [
        Table(asked.text(section.title), columns, partial(_rows, asked, section))
        for section in found.sections
    ]
    tables.append(Table(asked.say(_FIGURES), _figure_columns(asked), partial(_figures, asked, found)))
    return Report(
        title=asked.say((f"{year}年信访情况年度报告", f"Annual petition report {year}")),
        lines=(
            asked.say(
                (
                    "依据《信访工作条例》第四十一条第一款编制,向本级党委和政府、上一级党委和政府信访部门报告。",
                    "By art. 41 para. 1 of the Regulations on Petition Work, to the party committee and the government "
                    "of the level and to the petition office above.",
                )
            ),
            asked.say(
                (
                    f"属地:{asked.place()}。统计范围:{year}年1月1日至{found.until}收到的信访事项。",
                    f"Area: {asked.place()}. Petitions received from {year}-01-01 through {found.until}.",
                )
            ),
        ),
        tables=tuple(tables),
        ending=(
            asked.say(("需要说明的问题和下一步打算(请补充):", "To be explained, and planned (to be added):")),
            "",
            asked.say(("编制单位(盖章):", "Office (seal):")),
            asked.say(("编制日期:    年  月  日", "Date:")),
        ),
    )


def _rows(asked: Asked, section: ReportSection) -> Iterator[Row]:
    for row in section.rows:
        group = asked.text(row.group) if row.group is not None else None
        yield group, asked.text(row.title), row.number if row.number is not None else asked.say(_BY_HAND)


def _figure_columns(asked: Asked) -> tuple[Column, ...]:
    words: list[tuple[Words, int]] = [
        (("指标", "figure"), 40), (("比率", "rate"), 12), (("从严比率", "at worst"), 12), (("分子", "counts"), 10),
        (("分母", "out of"), 10), (("作废", "voided"), 8), (("并案", "merged"), 8),
    ]  # fmt: skip
    return tuple(Column(asked.say(one), width) for one, width in words)


def _figures(asked: Asked, report: PetitionReport) -> Iterator[Row]:
    for one in report.figures:
        rate, worst = (
            f"{share}{one.sign}" if share is not None else "—" for share in (one.rate, one.at_worst)
        )
        yield asked.text(one.title), rate, worst, one.numerator, one.denominator, one.voided, one.merged
