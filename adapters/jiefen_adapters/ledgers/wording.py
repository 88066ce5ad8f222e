"""What a clerk is told: the same thing in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from jiefen import LedgerError


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence in Chinese and in English."""

    zh: str
    en: str

    def text(self, language: Literal["zh", "en"]) -> str:
        """The sentence in one language."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value cannot be used, and how to mend it."""

    reason: Text
    mend: Text


def unreadable(path: Path, zh: str, en: str) -> LedgerError:
    """The error for a file as a whole: both sentences say what is wrong and how to mend it."""
    return LedgerError(f"{path}: {Text(zh, en)}")
