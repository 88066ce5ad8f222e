"""The words of the interface in Chinese and English: its parts, and the titles of its problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["zh", "en"]
#: A text in Chinese and English.
Words = tuple[str, str]

#: The parts of the interface, which are the tags of its operations: what a caller may be kept to.
PARTS: Final[Mapping[str, Words]] = {
    "cases": ("案件", "Cases"),
    "tasks": ("待办", "Tasks"),
    "messages": ("消息", "Messages"),
    "deadlines": ("期限", "Deadlines"),
    "records": ("案卷", "The record of a case"),
    "orders": ("派单、吹哨、督办", "Orders, whistles and supervisions"),
    "figures": ("查找和指标", "Search and figures"),
    "feed": ("动态", "The feed"),
    "events": ("CloudEvents 事件", "CloudEvents"),
    "intake": ("导入和对外投递", "Intake and deliveries"),
}


def pick(words: Words, language: Language) -> str:
    """The text in a language."""
    return words[language == "en"]


def asked_for(accepted: str | None) -> Language:
    """The language that ``Accept-Language`` asks for: Chinese, unless English is wanted more."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in (accepted or "").split(",")[:20]:
        name, _, rest = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(rest))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return min(max(float(value), 0.0), 1.0) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
