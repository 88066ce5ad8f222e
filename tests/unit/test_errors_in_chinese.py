"""What a clerk meets at a form is said in Chinese as well, and names the fact that a form should mark."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import jiefen
from jiefen.errors import FactError, NotFound
from jiefen.notation.labels import Label
from jiefen.notation.patterns import TextPattern
from jiefen.record.kinds import Grade
from jiefen.rules import Fact, FactType, Vocabulary

TITLE = Label("事项", "Matter")
VOCABULARY = Vocabulary(
    {
        fact.id: fact
        for fact in (
            Fact(
                id="kind", type=FactType.CHOICE, title=TITLE, values={"labour": Label("劳动争议", "Labour")}
            ),
            Fact(id="urgent", type=FactType.BOOLEAN, title=TITLE),
            Fact(id="persons", type=FactType.INTEGER, title=TITLE, minimum=1, maximum=9),
            Fact(id="amount", type=FactType.MONEY, title=TITLE, minimum=Decimal(0)),
            Fact(id="told_on", type=FactType.DATE, title=TITLE),
            Fact(id="name", type=FactType.TEXT, title=TITLE, max_length=3, grade=Grade.PERSONAL),
            Fact(id="number", type=FactType.TEXT, title=TITLE, pattern=TextPattern("[0-9]+")),
            Fact(id="items", type=FactType.LIST, title=TITLE, max_items=1),
        )
    }
)


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("kind", "labor", "可选 劳动争议(labour)"),
        ("urgent", "yes", "不是是或否"),
        ("persons", "many", "不是整数"),
        ("persons", 0, "小于最小值 1"),
        ("persons", 10, "大于最大值 9"),
        ("persons", 2**70, "位数过多"),
        ("amount", "much", "至多两位小数"),
        ("amount", Decimal("1.001"), "至多两位小数"),
        ("told_on", "yesterday", "2026-03-01"),
        ("told_on", "2026-02-30", "不是日历上的日期"),
        ("name", 5, "不是文字"),
        ("name", "太长的名", "最多 3 个字"),
        ("name", "a\0", "数据库不能保存"),
        ("number", "一", "不符合格式"),
        ("items", "one", "不是列表"),
        ("items", ["a", "b"], "最多 1 项"),
    ],
)
def test_a_value_that_does_not_fit(fact: str, value: Any, said: str) -> None:
    with pytest.raises(FactError) as error:
        VOCABULARY.from_json({fact: value})
    assert error.value.fact == fact
    told = error.value.text("zh")
    assert told.startswith("“事项”: ")
    assert said in told
    assert error.value.text("en") == str(error.value) != told


def test_personal_data_is_not_repeated() -> None:
    with pytest.raises(FactError) as error:
        VOCABULARY.check("name", "张三李四")
    assert "张三" not in error.value.text("zh") + str(error.value)


def test_what_is_said_in_english_alone_is_said_in_english() -> None:
    assert NotFound("there is no case 5").text("zh") == "there is no case 5"
    assert FactError("said", zh="说了", fact="x").text("en") == "said"


def test_a_day_is_no_error() -> None:
    assert VOCABULARY.check("told_on", date(2026, 3, 1)) == date(2026, 3, 1)


REFUSALS = {"FactError", "PeriodError", "NotFound", "NotAllowed", "Conflict", "AlreadyDone"}
#: What a clerk reaches from a form; every refusal there is said in Chinese.
AT_A_FORM = (
    "case/acts.py",
    "case/answers.py",
    "people/confidential.py",
    "people/authority.py",
    "commands/tasks.py",
)


@pytest.mark.parametrize("module", AT_A_FORM)
def test_every_refusal_at_a_form_is_said_in_chinese(module: str) -> None:
    text = (Path(jiefen.__file__).parent / module).read_text(encoding="utf-8")
    # Wherever one is made: it may be raised elsewhere.
    made = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    calls = [node for node in made if isinstance(node.func, ast.Name) and node.func.id in REFUSALS]
    assert calls
    silent = [node.lineno for node in calls if "zh" not in {word.arg for word in node.keywords}]
    assert silent == []
