"""Chinese numerals, places in a law, and citations held against the law's text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.findings import Severity
from jiefen.periods import Period, Unit
from jiefen.periods.figures import ArticleNumber, article_number, lengths_in, number, says
from jiefen.rules import check_against_laws, load_rulebook

SMALL_LAW = """
# 小法

2020年1月1日起施行

## 第一章 总则

第一条 为了试验,制定本法。

第二十条 机关应当自收到之日起十五日内登记。

情况复杂的,经负责人批准,可以延长,延长期限不得超过三十日。

第二十条之一 有下列情形之一的,应当受理:

（一）在二个月内提出的;

（二）在5个工作日内补正的。

其他情形,由机关决定。

## 第二章 附则

第一百零三条　本法自公布之日起施行,期限为一年。

第一百零四条 期间自第五日起算,逾15日的,由六十五人作证。
"""
_DIGITS = "零一二三四五六七八九"


def written(value: int) -> str:
    """A number as Chinese law writes it."""
    text, zero = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            text += (
                ("零" if zero and text else "")
                + ("" if digit == 1 and unit == "十" and not text else _DIGITS[digit])
                + unit
            )
            zero = False
        else:
            zero = bool(text)
    return text


@given(st.integers(1, 9999))
def test_every_numeral_is_read(value: int) -> None:
    assert number(written(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零三", 103),
        ("一百一十八", 118),
        ("两", 2),
        ("二〇二六", 2026),
        ("60", 60),
    ],
)
def test_numerals_of_the_laws_are_read(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("第六十二条", ArticleNumber(62)),
        ("第二十条之一", ArticleNumber(20, after=1)),
        ("第二十三条第三款", ArticleNumber(23, paragraph=3)),
        ("第三十一条第六项", ArticleNumber(31, item=6)),
        ("第一百二十七条第一款第（二）项", ArticleNumber(127, paragraph=1, item=2)),
    ],
)
def test_places_are_read_as_lawyers_write_them(text: str, place: ArticleNumber) -> None:
    assert article_number(text) == place


@pytest.mark.parametrize("text", ["34", "第34条", "六十二条", "第条", "第六十二条 "])
def test_other_ways_to_name_an_article_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not name an article"):
        article_number(text)


@pytest.mark.parametrize(
    ("figure", "length", "answer"),
    [
        ("六十日", "60 d", True),
        ("自受理之日起六十日内", "60 d", True),
        ("五日", "5 wd", True),
        ("5个工作日", "5 wd", True),
        ("五个工作日", "5 d", False),
        ("六十日", "30 d", False),
        ("三个月", "3 mo", True),
        ("一年", "12 mo", True),
        ("十二个月", "1 y", True),
        ("半年", "6 mo", True),
        ("六个月", "180 d", False),
        ("七十二小时", "72 h", True),
        ("二年", "2 y", True),
        ("及时", "24 h", None),
    ],
)
def test_figures_are_held_against_lengths(figure: str, length: str, answer: bool | None) -> None:
    assert says((figure,), Period.parse(length)) is answer


def test_a_figure_may_hold_several_lengths() -> None:
    assert list(lengths_in("六十日,延长三十日")) == [
        (60, (Unit.DAY, Unit.WORKING_DAY)),
        (30, (Unit.DAY, Unit.WORKING_DAY)),
    ]


@pytest.fixture
def cite(book: Any, tmp_path: Path) -> Callable[[str], list[str]]:
    """What is found about a rule that rests on one citation of the small law."""
    laws = tmp_path / "laws"
    laws.mkdir()
    (laws / "小法-2020.md").write_text(SMALL_LAW, encoding="utf-8")
    (laws / "大法-2020.md").write_text("# 大法\n\n第一条 略。\n", encoding="utf-8")
    (book.root / "nation/way.yaml").write_text("{}\n")
    (book.root / "facts.yaml").write_text("facts: {}\n")

    def check(citation: str) -> list[str]:
        book.write(
            "nation/a.yaml",
            f"ladders:\n  a: {{title: {{zh: 甲, en: A}}, from: 2020-01-01, owner: o, confidence: V,\n"
            f"    because: {citation}, rungs: [{{id: x, after: 1 d, to: clerk, action: warn}}]}}\n",
        )
        found = check_against_laws(load_rulebook(book.root), laws)
        assert all((finding.line, finding.column) == (3, 5) for finding in found)
        return [f"{finding.code}: {finding.message} {finding.hint}" for finding in found]

    return check


@pytest.mark.parametrize(
    "citation",
    [
        "{law: 小法, version: 2020, article: 第二十条, figure: 十五日}",
        "{law: 小法, version: 2020, article: 第二十条, figure: [十五日内, 三十日]}",
        "{law: 小法, version: 2020, article: 第二十条第二款, figure: 三十日}",
        "{law: 小法, version: 2020, article: 第二十条之一, figure: [二个月内, 5个工作日]}",
        "{law: 小法, version: 2020, article: 第二十条之一第二项, figure: 5个工作日}",
        "{law: 小法, version: 2020, article: 第二十条之一第一款第（一）项, figure: 二个月}",
        "{law: 小法, version: 2020, article: 第二十条之一第二款}",
        "{law: 小法, version: 2020, article: 第一百零三条, figure: 一年}",
    ],
)
def test_a_citation_that_the_law_bears_out_is_clean(cite: Callable[[str], list[str]], citation: str) -> None:
    assert cite(citation) == []


@pytest.mark.parametrize(
    ("citation", "code", "words"),
    [
        ("{law: 小法, version: 2020, article: 第二十一条}", "article-missing", "小法-2020 has no 第二十一条"),
        ("{law: 小法, version: 2020, article: 第二十条之二}", "article-missing", "has no 第二十条之二"),
        ("{law: 小法, version: 2020, article: 第二十条第三款}", "article-missing", "has no 第二十条第三款"),
        ("{law: 小法, version: 2020, article: 第二十条第一项}", "article-missing", "has no"),
        (
            "{law: 小法, version: 2020, article: 第二十条, figure: 六十日}",
            "figure-missing",
            "does not say '六十日'",
        ),
        (
            "{law: 小法, version: 2020, article: 第二十条第一款, figure: 三十日}",
            "figure-missing",
            "stands in 第二十条",
        ),
        (
            "{law: 小法, version: 2020, article: 第一条, figure: 二个月}",
            "figure-missing",
            "stands in 第二十条之一",
        ),
        ("{law: 小法, version: 2021, article: 第一条}", "law-text-missing", "did you mean '小法-2020'"),
    ],
)
def test_a_citation_that_the_law_does_not_bear_out_is_told(
    cite: Callable[[str], list[str]], citation: str, code: str, words: str
) -> None:
    (found,) = cite(citation)
    assert found.startswith(code)
    assert words in found


@pytest.mark.parametrize(
    ("article", "figure"),
    [
        ("第二十条第一款", "五日"),
        ("第二十条第二款", "十日"),
        ("第一百零四条", "五日"),
        ("第一百零四条", "5日"),
        ("第一百零四条", "六十"),
    ],
)
def test_a_part_of_another_number_is_not_the_figure(
    cite: Callable[[str], list[str]], article: str, figure: str
) -> None:
    (found,) = cite(f"{{law: 小法, version: 2020, article: {article}, figure: {figure!r}}}")
    assert found.startswith("figure-missing")


def test_a_figure_holds_a_number(cite: Callable[[str], list[str]]) -> None:
    (found,) = cite("{law: 小法, version: 2020, article: 第二十条, figure: 日内}")
    assert found.startswith("figure-without-number")


@pytest.mark.parametrize(
    ("confidence", "because", "code"),
    [
        ("V", "{law: 小法, version: 2020, article: 第二十条, figure: 十五日}", []),
        ("V", "{law: 小法, version: 2020, article: 第二十条}", ["figure-not-quoted"]),
        ("V", "[{law: 小法, version: 2020, article: 第二十条}, POLICY]", ["figure-not-quoted"]),
        (
            "V",
            "[{law: 小法, version: 2020, article: 第二十条, figure: 三十日}, POLICY]",
            ["figure-not-quoted"],
        ),
        ("policy", "[{law: 小法, version: 2020, article: 第二十条}, POLICY]", []),
    ],
)
def test_a_deadline_read_in_the_law_quotes_its_length(
    book: Any, tmp_path: Path, confidence: str, because: str, code: list[str]
) -> None:
    (tmp_path / "小法-2020.md").write_text(SMALL_LAW, encoding="utf-8")
    (book.root / "nation/way.yaml").write_text("{}\n")
    (book.root / "facts.yaml").write_text("facts: {}\n")
    because = because.replace("POLICY", "{policy: {zh: 甲, en: A}}")
    book.write(
        "nation/d.yaml",
        f"deadlines:\n  d: {{title: {{zh: 甲, en: A}}, from: 2020-01-01, owner: o, confidence: {confidence},\n"
        f"    because: {because}, kind: duty, anchor: accepted, length: 15 d, on_expiry: supervise}}\n",
    )
    assert [one.code for one in check_against_laws(load_rulebook(book.root), tmp_path)] == code


def test_a_law_without_a_text_is_a_warning(book: Any, tmp_path: Path) -> None:
    findings = check_against_laws(load_rulebook(book.root), tmp_path)
    assert [(finding.code, finding.severity) for finding in findings] == [
        ("law-text-missing", Severity.WARNING)
    ]


def test_rows_and_versions_are_looked_up_too(book: Any, tmp_path: Path) -> None:
    (tmp_path / "小法-2020.md").write_text(SMALL_LAW, encoding="utf-8")
    elements = {finding.element for finding in check_against_laws(load_rulebook(book.root), tmp_path)}
    assert elements == {"way/work", "way/money", "way/home"}
