"""How what happens at the counter is told. What somebody wrote there is not told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jiefen.notation.labels import Label, Language
from jiefen.record.kinds import FileFault, Happening, Satisfaction
from jiefen.record.values import Entry

COUNTER: Final[Mapping[Happening, Label]] = {
    Happening.NOTED: Label("{actor} 写备注 {subject}", "{actor} wrote note {subject}"),
    Happening.CODE_ISSUED: Label(
        "{actor} 发放新查询码,原码作废{reason}", "{actor} issued a new code; the one before is void{reason}"
    ),
    Happening.RATED: Label(
        "当事人评价“{of}”({on}):{grade}{review}", "A party rates “{of}” ({on}): {grade}{review}"
    ),
    Happening.ATTACHED: Label(
        "{actor} 上传附件 {subject}({media},{size} 字节,SHA-256 {digest})",
        "{actor} attached file {subject} ({media}, {size} bytes, SHA-256 {digest})",
    ),
    Happening.ATTACHMENT_WITHDRAWN: Label(
        "{actor} 撤出附件 {subject}{reason}", "{actor} withdrew file {subject}{reason}"
    ),
    Happening.FILE_CHECKED: Label("核查附件 {subject}:{fault}", "File {subject} was checked: {fault}"),
}
_FAULTS: Final[Mapping[FileFault | None, Label]] = {
    FileFault.MISSING: Label("存储中已丢失", "its bytes are missing"),
    FileFault.CHANGED: Label("内容已被改动", "its bytes are not those that were attached"),
    None: Label("已恢复完好", "whole again"),
}
GRADES: Final[Mapping[Satisfaction, Label]] = {
    Satisfaction.SATISFIED: Label("满意", "satisfied"),
    Satisfaction.FAIR: Label("基本满意", "fairly satisfied"),
    Satisfaction.DISSATISFIED: Label("不满意", "dissatisfied"),
}
_REVIEW: Final = Label(",请上一级复核", "; the office above is asked to review it")


def counter_values(entry: Entry, language: Language) -> dict[str, Any]:
    """The words that the sentences of the counter need."""
    data, reason = entry.data, entry.data.get("reason")
    values: dict[str, Any] = {"reason": ""}
    if reason:
        values["reason"] = f"({reason})" if language == "zh" else f" ({reason})"
    if entry.kind is Happening.FILE_CHECKED:
        fault = data.get("fault")
        values["fault"] = _FAULTS[FileFault(fault) if fault else None].text(language)
    if entry.kind is Happening.RATED:
        values["of"] = data["title"][language]
        values["grade"] = GRADES[Satisfaction(data["grade"])].text(language)
        values["review"] = _REVIEW.text(language) if data.get("review") else ""
    return values
