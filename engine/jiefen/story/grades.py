"""How it is told how closely a case is kept, and who may read it all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jiefen.notation.labels import Label, Language
from jiefen.record.kinds import Grade, Happening
from jiefen.record.values import Entry
from jiefen.rules import GradeRule

GRADES: Final[Mapping[Happening, Label]] = {
    Happening.GRADE_RAISED: Label(
        "密级由“{before}”提高为“{subject}”{why}", "Grade raised from {before} to {subject}{why}"
    ),
    Happening.GRADE_LOWERED: Label(
        "密级由“{before}”降为“{subject}”{why}", "Grade lowered from {before} to {subject}{why}"
    ),
    Happening.READER_NAMED: Label(
        "{actor} 将 {subject} 列入知悉范围{why}", "{actor} let {subject} read the case{why}"
    ),
    Happening.HELD: Label("{actor} 决定本案材料不得删除{why}", "{actor} forbade erasing the case{why}"),
    Happening.HOLD_LIFTED: Label(
        "{actor} 解除不得删除的决定{why}", "{actor} allowed erasing the case again{why}"
    ),
    Happening.ERASED: Label("{actor} 删除了本案的个人信息{why}", "{actor} erased what was known of people{why}"),
    Happening.REDACTED: Label("{actor} 删除了本案中的有关内容{why}", "{actor} took something out of the case{why}"),
    Happening.ENCRYPTED: Label("本案此前的记录已加密", "What was kept of the case until then was encrypted"),
    Happening.EXPORTED: Label(
        "{actor} 向当事人提供其个人信息{why}", "{actor} gave a party what is kept about them{why}"
    ),
    Happening.REPORTER_ASKED: Label(
        "{actor} 申请开启举报人身份{why}", "{actor} asked to open who has reported{why}"
    ),
    Happening.REPORTER_OPENED: Label(
        "{actor} 与 {other} 共同开启举报人身份{why}", "{actor} and {other} opened who has reported{why}"
    ),
    Happening.READER_WITHDRAWN: Label(
        "{actor} 将 {subject} 移出知悉范围{why}", "{actor} no longer lets {subject} read the case{why}"
    ),
}  # fmt: skip
#: The reasons that no rule gives: a model does, or the matter of an order.
_OTHERS: Final[Mapping[str, Label]] = {
    "confidential": Label("有被检举控告的人员或者单位", "somebody is accused"),
    "matter": Label("所涉事项的密级", "the grade of the matter"),
}


#: What is told of an entry whose data was erased.
ERASED: Final = Label("(内容已删除)", "(what it told was erased)")


def grade_values(entry: Entry, rules: Mapping[str, GradeRule], language: Language) -> dict[str, Any]:
    """The words that these sentences need."""
    said = entry.data.get("reason")
    if said is None:
        reasons = entry.data.get("reasons") or ()
        titles = [rules[one].title if one in rules else _OTHERS.get(one, Label(one, one)) for one in reasons]
        said = ("、" if language == "zh" else ", ").join(title.text(language) for title in titles)
    values: dict[str, Any] = {"why": "" if not said else f"({said})" if language == "zh" else f" ({said})"}
    values["other"] = entry.data.get("other")
    if entry.kind in (Happening.GRADE_RAISED, Happening.GRADE_LOWERED):
        values |= {
            "subject": _grade(entry.subject, language),
            "before": _grade(entry.data["before"], language),
        }
    return values


def _grade(value: object, language: Language) -> str:
    grade = Grade(str(value))
    return grade.zh if language == "zh" else grade.value
