"""A small rulebook of its own for every test: write files, then read, check or load them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

FACTS = """
facts:
  kind:
    type: choice
    title: {zh: 类型, en: Kind}
    set_by: [intake]
    values:
      labour: {zh: 劳动, en: Labour}
      lending: {zh: 借贷, en: Lending}
      family: {zh: 家庭, en: Family}
  amount: {type: money, title: {zh: 金额, en: Amount}, set_by: [intake], minimum: 0, maximum: 1000000}
  persons: {type: integer, title: {zh: 人数, en: Persons}, set_by: [intake], minimum: 1, maximum: 100}
  urgent: {type: boolean, title: {zh: 紧急, en: Urgent}, set_by: [intake]}
  since: {type: date, title: {zh: 日期, en: Date}, set_by: [intake]}
  area: {type: text, title: {zh: 区划, en: Area}, set_by: [intake], max_length: 20}
  name: {type: text, title: {zh: 姓名, en: Name}, set_by: [intake], personal: true}
  seats:
    type: list
    of: choice
    title: {zh: 席位, en: Seats}
    set_by: [form]
    values: {police: {zh: 派出所, en: Police}, court: {zh: 法庭, en: Court}, grid: {zh: 网格, en: Grid}}
  way:
    type: choice
    title: {zh: 渠道, en: Way}
    set_by: ['table:way']
    values: {court: {zh: 法院, en: Court}, board: {zh: 仲裁, en: Board}, talk: {zh: 调解, en: Talk}}
  ways:
    type: list
    of: choice
    title: {zh: 各渠道, en: Ways}
    set_by: [engine]
    values: {court: {zh: 法院, en: Court}, board: {zh: 仲裁, en: Board}, talk: {zh: 调解, en: Talk}}
  score: {type: integer, title: {zh: 分数, en: Score}, set_by: [engine]}
"""
WORDS = """
milestones:
  accepted: {title: {zh: 受理, en: Accepted}}
  served: {title: {zh: 送达, en: Served}}
  answered: {title: {zh: 答复, en: Answered}}
roles:
  clerk: {title: {zh: 办事员, en: Clerk}, level: township}
  head: {title: {zh: 负责人, en: Head}, level: county, deputies: [clerk]}
grounds:
  hearing: {title: {zh: 听证, en: Hearing}, effect: suspend}
  request: {title: {zh: 申请, en: Request}, effect: interrupt}
"""
#: A table that sets `way`, so that the vocabulary of the small rulebook is sound.
TABLE = """
tables:
  way:
    title: {zh: 渠道, en: Way}
    hit: unique
    inputs: [kind]
    requires: [kind]
    outputs: [way]
    from: 2020-01-01
    owner: 测试
    confidence: V
    rows:
      - {id: work, when: {kind: labour}, then: {way: board}, because: {law: 小法, version: 2020, article: 第三条}}
      - {id: money, when: {kind: lending}, then: {way: court}, because: {law: 小法, version: 2020, article: 第四条}}
      - {id: home, when: {kind: family}, then: {way: talk}, because: {law: 小法, version: 2020, article: 第五条}}
"""


class Book:
    """A folder of rule files under a temporary path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> Path:
        """Write one file; indentation that all lines share is taken off."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return file


@pytest.fixture
def empty_book(tmp_path: Path) -> Book:
    """A folder without any file."""
    return Book(tmp_path / "book")


@pytest.fixture
def book(empty_book: Book) -> Book:
    """A sound small rulebook: facts, words and one table."""
    empty_book.write("facts.yaml", FACTS)
    empty_book.write("words.yaml", WORDS)
    empty_book.write("nation/way.yaml", TABLE)
    return empty_book


@pytest.fixture
def codes(book: Book) -> Callable[[], list[str]]:
    """The codes of everything that a check of the book finds."""
    from jiefen.rules import check_rulebook

    return lambda: [finding.code for finding in check_rulebook(book.root)]
