"""What stands in the blanks of a document, and what is missing before it can be made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from jiefen.clock import china_date
from jiefen.deadlines.end import end_of
from jiefen.deadlines.running import instant_of, start
from jiefen.edition.edition import Edition
from jiefen.errors import PeriodError
from jiefen.notation.blanks import blanks_of, filled, full_width
from jiefen.notation.labels import Label, Language
from jiefen.record.counter.documents import Drafted, LastDay, Missing
from jiefen.record.desk.parties import Party
from jiefen.record.kinds import Part
from jiefen.record.rows import DeadlineRow
from jiefen.rules import Content, DocumentRule, Fact, FactType, Line, LineKind, Side, holding

#: What the blanks of a document are called that name no fact.
TITLES: Final[Mapping[str, Label]] = {
    "case.id": Label("案件编号", "number of the case"),
    "case.title": Label("事由", "matter"),
    "document.day": Label("制作日期", "day on which it is made"),
    "document.number": Label("文号", "number"),
    "document.office": Label("制作单位", "office"),
    "document.title": Label("文书名称", "title"),
    "parties.applicants": Label("申请人、信访人", "side that asks"),
    "parties.everybody": Label("当事人的基本情况", "who the parties are"),
    "parties.respondents": Label("被申请人、被反映人", "other side"),
    "party.address": Label("当事人住址", "address of the party"),
    "party.contact": Label("当事人联系方式", "how to reach the party"),
    "party.id_number": Label("当事人证件号码", "number of the party's card"),
    "party.name": Label("当事人姓名(名称)", "name of the party"),
    "party.part": Label("当事人身份", "part of the party"),
    "party.phone": Label("当事人电话", "telephone of the party"),
    "party.service_address": Label("送达地址", "address for service"),
}
_OF_DEADLINES: Final[Mapping[str, Label]] = {
    "due": Label("“{title}”的届满日", "the last day of “{title}”"),
    "last": Label("“{title}”自今日起的届满日", "the last day of “{title}” from today"),
    "length": Label("“{title}”的长度", "the length of “{title}”"),
}
_PARTS: Final[Mapping[Part, Label]] = {
    Part.APPLICANT: Label("申请人", "Applicant"),
    Part.RESPONDENT: Label("被申请人", "Respondent"),
    Part.THIRD_PARTY: Label("第三人", "Third party"),
    Part.REPRESENTATIVE: Label("代表人", "Representative"),
    Part.GUARDIAN: Label("法定代理人", "Guardian"),
    Part.AGENT: Label("委托代理人", "Agent"),
}
_TOLD: Final[tuple[tuple[str, Label], ...]] = (
    ("id_number", Label("证件号码", "card")),
    ("phone", Label("电话", "telephone")),
    ("address", Label("住址", "address")),
)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a document is filled from: the case as it stands in the transaction.

    Attributes:
        facts: in plain values, by the vocabulary of ``edition``.
        party: the one whom it is for.
        said: what whoever makes it says, by name.
    """

    case: int
    edition: Edition
    area: str | None
    facts: Mapping[str, object]
    parties: Sequence[Party]
    deadlines: Sequence[DeadlineRow]
    now: datetime
    said: Mapping[str, str]
    party: Party | None = None
    number: str | None = None
    office: str = ""

    @property
    def day(self) -> date:
        """Today, in China."""
        return china_date(self.now)

    def numbered(self, number: str | None) -> Matter:
        """The same, once its number is known."""
        return replace(self, number=number)


@dataclass(frozen=True, slots=True)
class Written:
    """A line as it stands in a document."""

    kind: LineKind
    text: str


def draft(rule: DocumentRule, matter: Matter, language: Language) -> tuple[Drafted, list[Written]]:
    """How a document reads, and its lines with how they stand."""
    values = {blank: value_of(rule, matter, blank, language) for blank in _asked(rule, matter)}
    lines = [
        Written(line.kind, part)
        for line in _standing(rule, matter, values)
        for part in _filled(line, values, language)
    ]
    missing = tuple(_missing(rule, matter, values))
    told = Drafted(kind=rule.id, title=rule.title, lines=tuple(one.text for one in lines), missing=missing)
    return told, lines


def _asked(rule: DocumentRule, matter: Matter) -> dict[str, None]:
    """Every blank that may be asked for."""
    lines = [line for line in rule.lines if holding(line.when, matter.facts)]
    blanks = [blank for line in lines for blank in blanks_of(line.text.zh)]
    return dict.fromkeys([*blanks, *(one.fills for one in rule.contents)])


def _standing(rule: DocumentRule, matter: Matter, values: Mapping[str, str | None]) -> Iterator[Line]:
    for line in rule.lines:
        lacks = any(values[blank] is None for blank in line.blanks) if line.optional else False
        if not lacks and holding(line.when, matter.facts):
            yield line


def _filled(line: Line, values: Mapping[str, str | None], language: Language) -> Iterator[str]:
    known = {blank: value or "____" for blank, value in values.items()}
    for text in filled(_worded(line, language), known).split("\n"):
        if text.strip():
            yield text.strip()


def _worded(line: Line, language: Language) -> str:
    return full_width(line.text.zh) if language == "zh" else line.text.en


def _missing(rule: DocumentRule, matter: Matter, values: Mapping[str, str | None]) -> Iterator[Missing]:
    contents = {one.fills: one for one in rule.contents}
    needed = {one.fills: None for one in rule.contents if not one.optional}
    needed |= {blank: None for line in _standing(rule, matter, values) for blank in line.blanks}
    for blank in needed:
        if values[blank] is None:
            content = contents.get(blank)
            yield Missing(blank=blank, title=_title(matter, blank, content), law=_law(content))


def _law(content: Content | None) -> str | None:
    if content is None or not content.because:
        return None
    return content.because[0].text("zh")


def _title(matter: Matter, blank: str, content: Content | None) -> Label:
    if content is not None:
        return content.title
    group, of_deadline, rule = blank.partition(":")
    if of_deadline:
        known = matter.edition.view(matter.area).deadlines.get(rule)
        return _OF_DEADLINES[group].format(title=known.title if known is not None else rule)
    if blank in TITLES:
        return TITLES[blank]
    return matter.edition.rulebook.vocabulary.fact(blank).title


def value_of(rule: DocumentRule, matter: Matter, blank: str, language: Language) -> str | None:
    """What stands in a blank; ``None``: nothing is known of it."""
    group, of_deadline, name = blank.partition(":")
    if of_deadline:
        return _of_deadline(matter, group, name, language)
    group, dot, name = blank.partition(".")
    if not dot:
        fact = matter.edition.rulebook.vocabulary.fact(blank)
        return fact_text(fact, matter.facts.get(blank), language)
    if group == "said":
        return _said(rule, matter, name, language)
    if group == "party":
        return _of_party(matter.party, name, language)
    if group == "parties":
        return _of_parties(matter.parties, name, language)
    known = {
        "case.id": str(matter.case),
        "case.title": _plain(matter.facts.get("title")),
        "document.day": day_text(matter.day, language),
        # A draft has none yet; one that is made has.
        "document.number": matter.number if rule.number is None else matter.number or "〔____〕____",
        "document.office": matter.office or None,
        "document.title": rule.title.text(language),
    }
    return known[blank]


def _plain(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _said(rule: DocumentRule, matter: Matter, name: str, language: Language) -> str | None:
    said = matter.said.get(name)
    if said is not None:
        return said
    content = next((one for one in rule.contents if one.fills == f"said.{name}"), None)
    if content is None or content.default is None or content.default == content.fills:
        return None
    return value_of(rule, matter, content.default, language)


def _of_party(party: Party | None, name: str, language: Language) -> str | None:
    if party is None:
        return None
    if name == "part":
        return _PARTS[party.part].text(language)
    if name == "service_address":
        return party.service_address or party.address
    value: str | None = getattr(party, name)
    return value


def _of_parties(parties: Sequence[Party], name: str, language: Language) -> str | None:
    sides = {"applicants": Part.APPLICANT, "respondents": Part.RESPONDENT}
    if name in sides:
        names = [one.name for one in parties if one.part is sides[name]]
        return ("、" if language == "zh" else ", ").join(names) or None
    return "\n".join(_introduced(one, language) for one in parties) or None


def _introduced(party: Party, language: Language) -> str:
    """Who somebody is, as an agreement begins: part, name, card, telephone, address."""
    said = [
        f"{title.text(language)} {value}"
        for name, title in _TOLD
        if (value := getattr(party, name)) is not None
    ]
    if language == "zh":
        return "，".join([f"{_PARTS[party.part].zh}：{party.name}", *said]) + "。"
    return ", ".join([f"{_PARTS[party.part].en}: {party.name}", *said]) + "."


def _of_deadline(matter: Matter, what: str, rule: str, language: Language) -> str | None:
    view = matter.edition.view(matter.area)
    known = view.deadlines.get(rule)
    if what == "due":
        found = [row.due_on for row in matter.deadlines if row.rule == rule and row.due_on is not None]
        return day_text(found[-1], language) if found else None
    if known is None:
        return None
    if what == "length":
        version = known.version_on(matter.day)
        return version.length.text(language) if version is not None else None
    last = last_day(matter, rule, matter.day)
    return day_text(last.due_on, language) if last is not None and last.due_on is not None else None


def last_day(matter: Matter, rule_id: str, day: date) -> LastDay | None:
    """The last day of a period that runs from what happens on ``day``; ``None`` where it does not run in this case."""
    rule = matter.edition.view(matter.area).deadlines.get(rule_id)
    if rule is None:
        return None
    dated = {version.date_fact: day for version in rule.versions if version.date_fact is not None}
    at = max(matter.now, instant_of(day, matter.now))
    for anchor in {version.anchor: None for version in reversed(rule.versions)}:
        running = start(0, rule, anchor, day, {**matter.facts, **dated}, at)
        if running is None:
            continue
        try:
            end = end_of(running, matter.edition.calendar_in(matter.area))
        except PeriodError:
            return LastDay(rule=rule.id, title=rule.title, due_on=None)
        return LastDay(rule=rule.id, title=rule.title, due_on=end.on)
    return None


def rights_from(matter: Matter, milestone: str, day: date) -> tuple[LastDay, ...]:
    """The rights of a party that run from a milestone that is reached on ``day``, each with its last day."""
    rules = matter.edition.view(matter.area).anchored_at(milestone)
    rights = [rule for rule in rules if any(one.kind is Side.RIGHT for one in rule.versions)]
    found = [last_day(matter, rule.id, day) for rule in rights]
    return tuple(one for one in found if one is not None)


def fact_text(fact: Fact, value: object, language: Language) -> str | None:
    """A fact as a document says it."""
    if value is None or value == () or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(_labelled(fact, one, language) for one in value)
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    if isinstance(value, date) and not isinstance(value, datetime):
        return day_text(value, language)
    if fact.type is FactType.MONEY and isinstance(value, Decimal):
        return f"{value:,.2f}元" if language == "zh" else f"{value:,.2f} yuan"
    return _labelled(fact, value, language)


def _labelled(fact: Fact, value: object, language: Language) -> str:
    label = fact.values.get(value) if isinstance(value, str) else None
    return label.text(language) if label is not None else str(value)


def day_text(day: date, language: Language) -> str:
    """A day as a document says it: 2026年3月2日."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
