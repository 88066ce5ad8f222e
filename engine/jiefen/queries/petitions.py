"""信访情况年度报告: what a petition office reports every year, from what is recorded.

Source: 信访工作条例 第四十一条第一款.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from jiefen.areas import digits_of, level_beneath, normalise_area
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.edition.edition import Edition
from jiefen.errors import FactError
from jiefen.notation.labels import Label, Language
from jiefen.notation.texts import shown
from jiefen.queries.figures import Figure, figures
from jiefen.record.desk.measures import Counting, Measure
from jiefen.record.desk.terms import terms
from jiefen.record.kinds import CaseStatus, SupervisionStatus
from jiefen.rules import Action
from jiefen.store.desk import figures as store
from jiefen.store.desk.index import found_by
from jiefen.story.sentences import ACTIONS

#: Which cases are petitions, and by which day they fall into a year.
_PETITIONS: Final = Counting(day="received_on", when=Measure(reached=("petition_registered",)))
_COLUMNS: Final = ("dispute_type",)
_FACTS: Final = ("matter_type", "raised_by", "source")
_UNITS: Final = "accused_units"
_STEPS: Final = (
    "petition_accepted", "petition_not_accepted", "petitioner_told", "suggestion_answered", "petition_opinion_served",
    "petition_review_requested", "petition_recheck_requested", "petition_concluded", "petition_overdue",
)  # fmt: skip
_PASSED_ON: Final = "petition_transferred"
#: What an office proposes, and does not order.
_PROPOSALS: Final = frozenset({Action.DISCIPLINE, Action.RECTIFY})
_STATUS: Final[Mapping[str, Label]] = {
    CaseStatus.OPEN: Label("办理中", "open"),
    CaseStatus.ENDED: Label("已办结", "ended"),
    CaseStatus.MERGED: Label("并入其他案件", "merged"),
    CaseStatus.VOIDED: Label("作废(以下各项不计)", "voided (not counted below)"),
}
_ANSWERS: Final[Mapping[str, Label]] = {
    SupervisionStatus.OPEN: Label("待答复", "not answered"),
    SupervisionStatus.ANSWERED: Label("已答复", "answered"),
    SupervisionStatus.ACCEPTED: Label("采纳", "accepted"),
    SupervisionStatus.WITHDRAWN: Label("撤回", "withdrawn"),
}
_BY_HAND: Final = Label("(系统没有登记,请补充)", "(not recorded here; to be added)")
_NOT_SAID: Final = Label("未注明", "not said")
_RECEIVED: Final = Label("收到的信访事项", "Petitions received")
_COMPLAINED_OF: Final = Label("被投诉的机关、单位", "Bodies complained of")
_ORDERS: Final = Label("派单", "Orders to departments")
_OTHER: Final = "(其他单位 others)"
_OWN: Final = Label(
    "改进工作、完善政策的建议及采纳情况", "Proposals on work and policy, and what became of them"
)
_SECTIONS: Final = (
    Label(
        "数据统计、涉及领域、被投诉较多的机关和单位(第一项)", "Numbers, fields, bodies complained of (item 1)"
    ),
    Label("转送、交办、督办情况(第二项)", "Passed on, assigned, supervised (item 2)"),
    Label("建议以及被采纳情况(第三项)", "Proposals, and which were accepted (item 3)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A number of a report.

    Attributes:
        group: what it is told by, such as the field of the matter; ``None``: it stands by itself.
        number: ``None``: nothing of the kind is recorded, and somebody has to add it.
    """

    group: Label | None
    title: Label
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSection:
    """What one item of the article asks for."""

    title: Label
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PetitionReport:
    """The numbers of an annual petition report.

    Attributes:
        until: the last day that is counted: of the year, or today.
        figures: those of the rules, of the same period.
    """

    year: int
    area: str | None
    until: date
    sections: tuple[ReportSection, ...]
    figures: tuple[Figure, ...]

    def text(self, language: Language = "zh") -> str:
        """The report as a document in Markdown, to be completed and signed by the office."""
        return "\n".join(_written(self, language)) + "\n"


def petition_report(
    runtime: Runtime, year: int, *, area: str | None = None, session: HostTransaction = None
) -> PetitionReport:
    """What the annual petition report of an area has to hold, of the petitions that were received in a year.

    What the engine has no record of stands there without a number, so that nobody takes it for none.

    Raises:
        FactError: a year that has not begun, or an area that cannot be.
    """
    today = china_date(runtime.clock.now())
    if not isinstance(year, int) or isinstance(year, bool) or not 1900 <= year <= today.year:
        raise FactError(f"year={shown(year)} is none that has begun; give one up to {today.year}")
    since, until = date(year, 1, 1), min(date(year, 12, 31), today)
    inside = normalise_area(area) if area is not None else None
    found: dict[str, list[tuple[str, int]]] = {}
    with runtime.reading(session) as connection:
        rows = store.groups(
            connection, _PETITIONS, since, until, inside, runtime.clock.now(), runtime.seen(connection),
            columns=_COLUMNS, facts=_FACTS, lists=(_UNITS,), milestones=(*_STEPS, _PASSED_ON),
            digits=digits_of(level_beneath(inside)),
        )  # fmt: skip
        numbers: dict[str, Counter[str]] = {}
        units = _units(runtime)
        for row in rows:
            # A body that is no role of the rules cannot be named where only its digest is kept open.
            other = row.value if runtime.database.ring is None else _OTHER
            value = units.get(row.value, other) if row.what == _UNITS else row.value
            numbers.setdefault(row.what, Counter())[value] += row.number
        for what, counted_of in numbers.items():
            found[what] = sorted(counted_of.items(), key=lambda one: (-one[1], one[0]))
        counted = figures(runtime, since=since, until=until, area=inside, session=connection)
    return PetitionReport(
        year=year,
        area=inside,
        until=until,
        sections=_sections(_Rows(found, runtime.edition)),
        figures=tuple(counted),
    )


def _units(runtime: Runtime) -> dict[str, str]:
    """The roles by what cases are found by where one is complained of, encrypted or not."""
    ring = runtime.database.ring
    known = [(term.value, id) for id in runtime.edition.rulebook.roles for term in terms(id)]
    return {one: id for value, id in known for one in found_by([value], ring)}


class _Rows:
    """The rows of the sections, from what was counted: value and number for each group."""

    def __init__(self, found: Mapping[str, Sequence[tuple[str, int]]], edition: Edition) -> None:
        self._found, self._rules = found, edition.rulebook

    def of(self, what: str, group: Label, titles: Mapping[str, Label]) -> list[ReportRow]:
        """A row for each value; one without a title stands as it is."""
        return [
            ReportRow(group=group, title=titles.get(value) or _plain(value), number=number)
            for value, number in self._found.get(what, ())
        ]

    def of_fact(self, name: str) -> list[ReportRow]:
        """A row for each value of a fact."""
        fact = self._rules.vocabulary.facts.get(name)
        return self.of(name, fact.title, fact.values) if fact is not None else []

    def reached(self, *names: str) -> list[ReportRow]:
        """How many have reached each of some milestones."""
        numbers, known = dict(self._found.get("reached", ())), self._rules.milestones
        return [_single(known[one].title, numbers.get(one, 0)) for one in names if one in known]

    def all(self) -> list[ReportRow]:
        """Numbers, fields, and bodies complained of."""
        valid = (number for value, number in self._found.get("status", ()) if value != CaseStatus.VOIDED)
        rows = [_single(_RECEIVED, sum(valid)), *self.of("status", Label("状态", "Status"), _STATUS)]
        for name in _FACTS:
            rows += self.of_fact(name)
        rows += [*self.of("area", Label("属地", "Area"), {}), *self.reached(*_STEPS)]
        roles = {id: role.title for id, role in self._rules.roles.items()}
        return [*rows, *self.of_fact("dispute_type"), *self.of(_UNITS, _COMPLAINED_OF, roles)]

    def passed_on(self) -> list[ReportRow]:
        """Passed on, and given to departments."""
        orders = sum(number for _, number in self._found.get("ordered", ()))
        return [*self.reached(_PASSED_ON), _single(_ORDERS, orders)]

    def pressed(self, *, proposals: bool) -> list[ReportRow]:
        """Supervisions, or what was proposed, by what became of them."""
        rows = []
        for value, number in self._found.get("supervised", ()):
            action, _, status = value.partition("/")
            if (action in _PROPOSALS) == proposals:
                rows.append(ReportRow(group=ACTIONS[Action(action)], title=_ANSWERS[status], number=number))
        return rows


def _single(title: Label, number: int | None) -> ReportRow:
    return ReportRow(group=None, title=title, number=number)


def _plain(value: str) -> Label:
    return Label(value, value) if value else _NOT_SAID


def _sections(rows: _Rows) -> tuple[ReportSection, ...]:
    found = (
        rows.all(),
        [*rows.passed_on(), *rows.pressed(proposals=False)],
        # Nothing records what an office proposes to improve: whoever reads it must not take that for none.
        [*rows.pressed(proposals=True), _single(_OWN, None)],
    )
    return tuple(
        ReportSection(title=title, rows=tuple(here)) for title, here in zip(_SECTIONS, found, strict=True)
    )


def _written(report: PetitionReport, language: Language) -> Iterator[str]:
    zh = language == "zh"
    where = report.area or ("全部属地" if zh else "all areas")
    yield f"# {report.year}年信访情况年度报告" if zh else f"# Annual petition report {report.year}"
    yield ""
    yield (
        f"依据:《信访工作条例》第四十一条第一款。属地:{where};统计范围:{report.year}年1月1日至{report.until}收到的信访事项。"
        if zh
        else f"By art. 41 para. 1 of the Regulations on Petition Work. Area: {where}; received until {report.until}."
    )
    for number, section in enumerate(report.sections, 1):
        yield f"\n## {number}. {section.title.text(language)}\n"
        yield "| 分组 | 内容 | 件数 |" if zh else "| group | what | number |"
        yield "| --- | --- | --- |"
        for row in section.rows:
            group = row.group.text(language) if row.group is not None else ""
            said = str(row.number) if row.number is not None else _BY_HAND.text(language)
            yield f"| {_cell(group)} | {_cell(row.title.text(language))} | {said} |"
    last = len(report.sections) + 1
    yield f"\n## {last}. " + (
        "其他应当报告的事项(第四项):考核指标\n" if zh else "Other matters (item 4): figures\n"
    )
    yield (
        "| 指标 | 比率 | 从严比率 | 分子 | 分母 | 作废 | 并案 |"
        if zh
        else "| figure | rate | at worst | counts | out of | voided | merged |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for one in report.figures:
        rate, worst = (
            f"{share}{one.sign}" if share is not None else "—" for share in (one.rate, one.at_worst)
        )
        title = _cell(one.title.text(language))
        yield f"| {title} | {rate} | {worst} | {one.numerator} | {one.denominator} | {one.voided} | {one.merged} |"


def _cell(text: str) -> str:
    """A text inside a table of Markdown, however it was entered."""
    return " ".join(text.split()).replace("|", "\\|")
