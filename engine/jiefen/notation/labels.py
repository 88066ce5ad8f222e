"""Words for people: labels in two languages, lists of them, and "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

Language = Literal["zh", "en"]
#: No name that somebody mistypes is longer; comparing a text of megabytes would take minutes.
_LONGEST = 100


@dataclass(frozen=True, slots=True, eq=False)
class Label(Mapping[str, str]):
    """A text for people in Chinese and English.

    It is also a mapping with the keys ``zh`` and ``en``, equal to any other mapping of the same; that is its form in
    JSON, too.
    """

    zh: str
    en: str

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Label:
        """The label of a mapping with ``zh`` and ``en``, as JSON and YAML have it."""
        return cls(texts["zh"], texts["en"])

    def text(self, language: Language) -> str:
        """The text in ``language``."""
        return self.zh if language == "zh" else self.en

    def format(self, **values: Label | str) -> Label:
        """The label with ``{name}`` replaced by the value of that name, in both languages."""
        zh = {name: value.zh if isinstance(value, Label) else value for name, value in values.items()}
        en = {name: value.en if isinstance(value, Label) else value for name, value in values.items()}
        return Label(self.zh.format(**zh), self.en.format(**en))

    def __getitem__(self, key: str) -> str:
        if key == "zh":
            return self.zh
        if key == "en":
            return self.en
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(("zh", "en"))

    def __len__(self) -> int:
        return 2

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Label):
            return self.zh == other.zh and self.en == other.en
        return dict(self) == other if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.zh, self.en))

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the known name that is nearest, or the empty text."""
    near = get_close_matches(name[:_LONGEST], list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint that starts with the nearest known name, or lists what is known when nothing is near."""
    names = sorted(set(known))
    near = did_you_mean(name, names)
    if near:
        return near
    if not names:
        return "none is declared yet"
    shown = ", ".join(names[:12])
    return f"known are {shown}" + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def plain(value: object) -> str:
    """A fact's value as a rule file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return "[" + ", ".join(plain(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
