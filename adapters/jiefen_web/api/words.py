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
