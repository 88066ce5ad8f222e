"""What came of work on the records that a database keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jiefen.clock import china_date
from jiefen.notation.labels import Label, Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Encrypted:
    """What was encrypted of a database that had no keys before.

    Attributes:
        cases: so many had something open in them.
        rows: so many rows were encrypted.
        unsound: cases that stay open, because their journal is not as it was written; ``engine.audit.verify`` says
            where.
        after: where to go on; ``None``: nothing lies open any more, but for the unsound ones.
    """

    cases: int
    rows: int
    unsound: tuple[int, ...]
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCase:
    """What one case keeps about somebody.

    Attributes:
        parties: as what they have a part in it, and what is kept of them there, by field.
        facts: what their side has said, by title; none for who has not asked.
        meetings: to which they were asked to come.
    """

    case: int
    area: str | None
    status: str
    opened_at: datetime
    ended_at: datetime | None
    parties: tuple[Mapping[str, Any], ...]
    facts: Mapping[Label, Any]
    meetings: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectExport:
    """What is kept about one person in the cases of the area of who asked.

    Attributes:
        withheld: cases that are kept closely from the side that has not asked; for the office, and not for the person
            (个人信息保护法第四十五条第一款、第十八条第一款).
    """

    at: datetime
    by: str
    cases: tuple[SubjectCase, ...]
    withheld: tuple[int, ...]

    def text(self, language: Language = "zh") -> str:
        """It as a paper for the person, in Markdown."""
        return "\n".join(_written(self, language)) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """It for the person, as JSON carries it."""
        return {
            "at": self.at.isoformat(),
            "cases": [
                {
                    "case": one.case, "area": one.area, "status": one.status, "opened_at": one.opened_at.isoformat(),
                    "ended_at": one.ended_at.isoformat() if one.ended_at else None,
                    "parties": [dict(party) for party in one.parties],
                    "facts": {title.zh: value for title, value in one.facts.items()},
                    "meetings": [dict(meeting) for meeting in one.meetings],
                }
                for one in self.cases
            ],
        }  # fmt: skip


_TITLE: Final = Label("个人信息查阅结果", "What is kept about you")
_CASE: Final = Label("{case} 号案({day} 登记)", "Case {case}, opened on {day}")
_NONE: Final = Label("没有保存有关您的信息。", "Nothing is kept about you.")
_FIELDS: Final[Mapping[str, Label]] = {
    "part": Label("身份", "part"),
    "name": Label("姓名", "name"),
    "phone": Label("电话", "telephone"),
    "contact": Label("其他联系方式", "contact"),
    "address": Label("住址", "address"),
    "service_address": Label("送达地址", "address for service"),
    "id_number": Label("证件号码", "number of the card"),
    "since": Label("自", "since"),
    "ended": Label("至", "until"),
    "at": Label("时间", "at"),
    "form": Label("方式", "form"),
    "place": Label("地点", "place"),
    "status": Label("状态", "status"),
}


def _written(export: SubjectExport, language: Language) -> list[str]:
    lines = [f"# {_TITLE.text(language)}", "", f"{china_date(export.at).isoformat()}"]
    if not export.cases:
        lines += ["", _NONE.text(language)]
    for one in export.cases:
        day = china_date(one.opened_at).isoformat()
        lines += ["", f"## {_CASE.text(language).format(case=one.case, day=day)}", ""]
        for said in (*one.parties, *one.meetings):
            lines.append(
                "- " + "; ".join(f"{_FIELDS[name].text(language)}: {value}" for name, value in said.items())
            )
        lines += [
            f"- {title.text(language)}: {_plain(value, language)}" for title, value in one.facts.items()
        ]
    return lines


def _plain(value: object, language: Language) -> str:
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What came of taking one person out of the cases of an area.

    Attributes:
        cases: out of which they were taken.
        kept: cases in which they stay, each with why.
    """

    cases: tuple[int, ...]
    kept: Mapping[int, Label]
