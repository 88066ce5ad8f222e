"""要素词表: which facts a case can have, and which values each of them can take.

Values are plain: ``bool``, ``int``, ``Decimal`` (money, yuan with at most two decimals), ``date``, ``str``
(text and choice), ``tuple`` of ``str`` (list), and ``None`` for a fact that was set to nothing (*null*).
A fact that was never set is *missing*: it is simply not in the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NoReturn

from jiefen.errors import FactError
from jiefen.notation.labels import Label, Language, plain, suggestion
from jiefen.notation.patterns import TextPattern
from jiefen.notation.texts import shown, visible
from jiefen.periods import Period
from jiefen.record.kinds import Grade

#: Longest text of a fact that declares no ``max_length``.
MAX_TEXT: Final = 10_000
#: Longest list of a fact that declares no ``max_items``.
MAX_ITEMS: Final = 1_000
#: Texts that are conditions of their own and so cannot be values of a choice.
RESERVED: Final = frozenset({"missing", "null", "true", "false", "-"})

#: The ways of setting a fact by which somebody says it.
_SAID: Final = frozenset({"intake", "form", "message"})
#: A text that may not be longer is a number or a name of something, and no prose.
_OF_A_NUMBER: Final = 64
_CENT = Decimal("0.01")
#: Whole numbers are kept in JSON, and read by programs that know 64 bits.
_MOST_INTEGER = 2**63 - 1
#: How many values of a choice a message names.
_SHOWN = 12
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class FactType(StrEnum):
    """What kind of value a fact has."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    TEXT = "text"
    CHOICE = "choice"
    LIST = "list"


_IN_WORDS = {
    FactType.BOOLEAN: Label("是或否", "true or false"),
    FactType.MONEY: Label("以元为单位、至多两位小数的金额", "an amount in yuan with at most two decimals"),
    FactType.DATE: Label("形如 2026-03-01 的日期", "a date such as 2026-03-01"),
}


class _Wrong(Exception):
    """Why a value does not fit; becomes a FactError that names the fact."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.why = Label(zh, en)


def _is_not(kind: FactType, hint: str = "") -> _Wrong:
    words = _IN_WORDS[kind]
    return _Wrong(f"is not {words.en}{hint}", f"不是{words.zh}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of the vocabulary.

    Attributes:
        id: its name in rules, processes and JSON.
        set_by: who may set it: ``intake``, ``form``, ``engine``, ``message``, ``message:<name>``,
            ``table:<id>``, ``milestone:<id>``; and by the earlier case about the same matter (``repeat_of``):
            ``earlier:<fact>`` its fact, ``earlier_deadline:<id>`` whether that deadline runs in it.
        values: the values of a choice, or of the items of a list of choice, in their declared order.
        of: what a list is made of, ``text`` or ``choice``.
        minimum, maximum: bounds, both included, of an integer, money or date.
        grade: how closely its value is kept.
        lasting: it stays when a case is opened again, though only the procedure sets it.
        reason: the fact that must say why, where somebody says that this one is false.
    """

    id: str
    type: FactType
    title: Label
    set_by: tuple[str, ...] = ()
    values: Mapping[str, Label] = field(default_factory=dict)
    of: FactType | None = None
    minimum: int | Decimal | date | None = None
    maximum: int | Decimal | date | None = None
    max_length: int = MAX_TEXT
    max_items: int = MAX_ITEMS
    pattern: TextPattern | None = None
    grade: Grade = Grade.OPEN
    lasting: bool = False
    reason: str | None = None

    @property
    def personal(self) -> bool:
        """Whether its value is never quoted, in no story, trace, list or log: it names people, or is in their words."""
        words = self.type is FactType.TEXT or (self.type is FactType.LIST and self.of is FactType.TEXT)
        return self.grade is Grade.PERSONAL or (words and self.grade is not Grade.OPEN)

    @property
    def of_the_procedure(self) -> bool:
        """Whether it is empty again when a case is opened again: the procedure alone sets it, each time again."""
        return "intake" not in self.set_by and not self.lasting

    @property
    def said(self) -> bool:
        """Whether people say it: at intake, in a form or by a message. The others follow from tables and models."""
        return any(way.partition(":")[0] in _SAID for way in self.set_by)

    @property
    def hidden(self) -> bool:
        """Whether it must not lie open where tables are encrypted: it is kept closely, or people write it in words of
        their own.
        """
        text = self.type is FactType.TEXT and self.pattern is None and self.max_length > _OF_A_NUMBER
        texts = self.type is FactType.LIST and self.of is FactType.TEXT
        return text or texts or self.grade is not Grade.OPEN

    def check(self, value: object) -> object:
        """``value`` in its plain form: money as ``Decimal``, a list as ``tuple``. ``None`` is always allowed.

        Raises:
            FactError: the value has the wrong type or lies outside the domain.
        """
        return self._checked(value, from_text=False)

    def from_json(self, value: object) -> object:
        """``value`` as JSON carries it (dates and money as text) in its plain form.

        Raises:
            FactError: as :meth:`check`.
        """
        return self._checked(value, from_text=True)

    def shown(self, value: object, language: Language) -> str:
        """``value`` for a person: a choice with its label, personal data as ``***``."""
        if value is None:
            return "空" if language == "zh" else "null"
        if self.personal:
            return "***"
        if isinstance(value, tuple):
            return "[" + ", ".join(self._labelled(item, language) for item in value) + "]"
        return self._labelled(value, language)

    def _labelled(self, value: object, language: Language) -> str:
        label = self.values.get(value) if isinstance(value, str) else None
        return f"{label.text(language)} {plain(value)}" if label else plain(value)

    def _checked(self, value: object, *, from_text: bool) -> object:
        if value is None:
            return None
        try:
            if self.type is FactType.LIST:
                return self._list(value)
            return self._scalar(self.type, value, from_text=from_text)
        except _Wrong as wrong:
            self._refuse(value, wrong.why)

    def _refuse(self, value: object, reason: Label) -> NoReturn:
        secret = self.grade is not Grade.OPEN
        given = Label("所填内容", "its value") if secret else Label(shown(value), shown(value))
        raise FactError(
            f"fact {self.id!r} ({self.title}): {given.en} {reason.en}",
            zh=f"“{self.title.zh}”: {given.zh} {reason.zh}",
            fact=self.id,
        ) from None

    def _scalar(self, kind: FactType, value: object, *, from_text: bool) -> object:
        if kind is FactType.CHOICE:
            if not isinstance(value, str) or value not in self.values:
                choices = "、".join(f"{label.zh}({name})" for name, label in [*self.values.items()][:_SHOWN])
                more = "等" if len(self.values) > _SHOWN else ""
                raise _Wrong(
                    f"is not one of its values; {suggestion(_text_of(value), self.values)}",
                    f"不在可选范围内;可选 {choices}{more}",
                )
            return value
        if kind is FactType.TEXT:
            return self._text(value)
        if kind is FactType.BOOLEAN:
            if not isinstance(value, bool):
                raise _is_not(kind)
            return value
        return self._bounded(_ORDERED[kind](value, from_text))

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise _Wrong("is not a text", "不是文字")
        value = visible(value)
        if len(value) > self.max_length:
            raise _Wrong(
                f"has {len(value)} characters; at most {self.max_length} are allowed",
                f"有 {len(value)} 个字;最多 {self.max_length} 个字",
            )
        if _UNSTORABLE.search(value):
            raise _Wrong(
                "holds a NUL or half a surrogate pair, which no database can keep; remove it",
                "含有数据库不能保存的字符;请删去",
            )
        if self.pattern is not None and not self.pattern.matches(value):
            raise _Wrong(f"does not have the form {self.pattern.text}", f"不符合格式 {self.pattern.text}")
        return value

    def _bounded(self, value: int | Decimal | date) -> int | Decimal | date:
        if self.minimum is not None and value < self.minimum:  # type: ignore[operator]
            least = plain(self.minimum)
            raise _Wrong(f"is below the smallest value, {least}", f"小于最小值 {least}")
        if self.maximum is not None and value > self.maximum:  # type: ignore[operator]
            most = plain(self.maximum)
            raise _Wrong(f"is above the greatest value, {most}", f"大于最大值 {most}")
        return value

    def _list(self, value: object) -> tuple[object, ...]:
        if not isinstance(value, list | tuple):
            raise _Wrong("is not a list", "不是列表")
        if len(value) > self.max_items:
            raise _Wrong(
                f"has {len(value)} items; at most {self.max_items} are allowed",
                f"有 {len(value)} 项;最多 {self.max_items} 项",
            )
        item_type = self.of or FactType.TEXT
        return tuple(self._scalar(item_type, item, from_text=False) for item in value)


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def _integer(value: object, _from_text: bool) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Wrong("is not a whole number", "不是整数")
    if abs(value) > _MOST_INTEGER:
        raise _Wrong(
            "has more digits than any count; at most 64 bits are kept", "位数过多;最多保存 64 位整数"
        )
    return value


def _money(value: object, from_text: bool) -> Decimal:
    allowed = (int, Decimal, str, float) if from_text else (int, Decimal)
    if isinstance(value, bool) or not isinstance(value, allowed):
        raise _is_not(FactType.MONEY, "; give an int or a Decimal")
    try:
        # repr gives a JSON number back as it was written; the float itself is never calculated with.
        amount = Decimal(repr(value) if isinstance(value, float) else value)
        exact = amount == amount.quantize(_CENT)
    except InvalidOperation:
        exact = False
    if not exact:
        raise _is_not(FactType.MONEY)
    return amount + 0  # there is no debt of -0 yuan


def _date(value: object, from_text: bool) -> date:
    if from_text and isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _Wrong("is not a day of the calendar", "不是日历上的日期") from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _is_not(FactType.DATE)
    return value


_ORDERED: Final[Mapping[FactType, Callable[[object, bool], int | Decimal | date]]] = {
    FactType.INTEGER: _integer,
    FactType.MONEY: _money,
    FactType.DATE: _date,
}


#: What stands among the milestones of a topic for a deadline that was extended.
EXTENDED: Final = "extended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """主题: what may be sent to the outside, and what may come back.

    Attributes:
        carries: what its deliveries hold: facts, or names of their own.
        answers: the facts that an answer may set.
        errors: the codes of BPMN errors that an answer may give.
        sources: the values of the fact ``source`` whose system is told on this topic what becomes of its matters.
        upon: the milestones that it is told, and :data:`EXTENDED`.
        term: how long an answer may be awaited; then it is an incident. ``None``: for ever.
        personal: whether what it carries names people, or is in their words.
    """

    id: str
    title: Label
    carries: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    upon: frozenset[str] = frozenset()
    term: Period | None = None
    personal: bool = False


class Vocabulary:
    """Every fact that a case can have. Nothing else is read or written."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts: Mapping[str, Fact] = MappingProxyType(dict(facts))
        #: The facts whose values JSON cannot carry as they are.
        self._other_in_json = frozenset(
            name
            for name, fact in facts.items()
            if fact.type in (FactType.DATE, FactType.MONEY, FactType.LIST)
        )
        self._hidden = frozenset(name for name, fact in facts.items() if fact.hidden)

    @property
    def hidden(self) -> frozenset[str]:
        """The facts that must not lie open where tables are encrypted, by name."""
        return self._hidden

    def fact(self, name: str) -> Fact:
        """The fact of that name.

        Raises:
            FactError: there is none; the message names the nearest.
        """
        fact = self.facts.get(name)
        if fact is None:
            raise FactError(
                f"fact {shown(name)} is not in the vocabulary; {suggestion(name, self.facts)}",
                zh=f"要素词表中没有 {shown(name)}",
                fact=name,
            )
        return fact

    def check(self, name: str, value: object) -> object:
        """``value`` in its plain form.

        Raises:
            FactError: unknown fact, wrong type, or outside the domain.
        """
        return self.fact(name).check(value)

    def from_json(self, values: Mapping[str, object]) -> dict[str, object]:
        """A mapping of facts as JSON carries it, in plain values.

        Raises:
            FactError: as :meth:`check`.
        """
        return {name: self.fact(name).from_json(value) for name, value in values.items()}

    def load(self, kept: Mapping[str, object]) -> dict[str, object]:
        """What :meth:`dump` gave, in plain values. Only what JSON carries in another form is looked at again.

        Raises:
            FactError: as :meth:`check`, for a fact that JSON carries in another form.
        """
        loaded = dict(kept)
        for name in self._other_in_json & kept.keys():
            loaded[name] = self.facts[name].from_json(kept[name])
        return loaded

    def to_json(self, facts: Mapping[str, object]) -> dict[str, object]:
        """A mapping of plain values as JSON carries it: dates and money as text, lists as lists.

        Raises:
            FactError: as :meth:`check`.
        """
        return {name: _json(self.check(name, value)) for name, value in facts.items()}

    def dump(self, facts: Mapping[str, object]) -> dict[str, object]:
        """As :meth:`to_json`, for values that :meth:`check` gave."""
        dumped = dict(facts)
        for name in self._other_in_json & facts.keys():
            dumped[name] = _json(facts[name])
        return dumped


def _json(value: object) -> object:
    if isinstance(value, Decimal | date):
        return plain(value)
    return list(value) if isinstance(value, tuple) else value
