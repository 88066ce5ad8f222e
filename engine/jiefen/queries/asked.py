"""What is asked of a search, as the tables have it; what cannot be is refused before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from jiefen.case.arguments import check_choice, check_day
from jiefen.clock import CHINA
from jiefen.errors import FactError
from jiefen.notation.texts import shown, text_problem
from jiefen.record.desk.found import Between
from jiefen.record.desk.keys import id_key, name_key, phone_key
from jiefen.record.desk.terms import SHORTEST_WORD, TAIL, TEXTS, hundredths, terms
from jiefen.record.kinds import Part
from jiefen.rules import Fact, FactType
from jiefen.store.desk import search as store

#: A search has at most so many words, and a text at most so many characters.
_MOST_WORDS: Final = 10
_LONGEST: Final = 200
#: With more digits a telephone number is whole.
_LONGEST_END: Final = 6
_RANGES: Final = (FactType.DATE, FactType.MONEY, FactType.INTEGER)


def words_of(text: object) -> tuple[str, ...]:
    if text is None:
        return ()
    if not isinstance(text, str) or text_problem(text, _LONGEST) is not None:
        raise FactError(
            f"text={shown(text)} is nothing to look for; give words of at most {_LONGEST} characters in all"
        )
    words = tuple(sorted({name_key(word) for word in text.split()} - {""}))
    if not words or len(words) > _MOST_WORDS:
        raise FactError(f"text={shown(text)} has {len(words)} words; give one to {_MOST_WORDS}")
    for word in words:
        if len(word) < SHORTEST_WORD:
            raise FactError(
                f"{shown(word)} is one character, and nearly every case has it; give words of at least "
                f"{SHORTEST_WORD} characters, or the whole name as party=",
                zh=f"“{word}”只有一个字;请输入至少两个字的词,或者按当事人全名查询",
            )
    return words


def somebody(party: object, part: Part | str | None) -> store.PartyIs | None:
    """By which key somebody is looked for, as what is given looks like a telephone, a card or a name."""
    kind = check_choice(part, "part of a party", Part) if part is not None else None
    if party is None:
        if kind is not None:
            raise FactError(f"part={kind} alone would be nearly every case; say who as well (party=)")
        return None
    if not isinstance(party, str) or text_problem(party, _LONGEST) is not None or not name_key(party):
        raise FactError(f"party={shown(party)} is nobody; give a name, a telephone number or that of a card")
    digits = name_key(party)
    if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_END:
        if len(digits) < TAIL:
            raise FactError(
                f"{len(digits)} digits tell nobody apart; give the last {TAIL} of the telephone number or more",
                zh=f"请至少输入电话号码的后 {TAIL} 位",
            )
        return store.PartyIs(end=digits, name=digits, part=kind)
    phone = phone_key(party) if any(sign.isdigit() for sign in digits) else None
    return store.PartyIs(name=digits, phone=phone, card=id_key(party), part=kind)


def facts_of(facts: object) -> Mapping[str, Any]:
    if facts is None:
        return {}
    if not isinstance(facts, Mapping) or not all(isinstance(name, str) for name in facts):
        raise FactError("facts are no mapping; give the name of each fact and its value, or leave it out")
    return facts


def choice(fact: Fact, value: object) -> str:
    if not isinstance(value, str) or text_problem(value, _LONGEST) is not None:
        raise FactError(f"fact {fact.id!r}: {shown(value)} is no value to look for", fact=fact.id)
    return value


def fact_is(require: Callable[[str], None], fact: Fact, value: object) -> store.FactIs:
    """What is asked of a fact, as the index has it."""
    if fact.id in TEXTS:
        raise FactError(
            f"fact {fact.id!r} is looked for by its words; give them as text=",
            zh=f"“{fact.title.zh}”按文字查询",
            fact=fact.id,
        )
    if isinstance(value, Between):
        return _range(fact, value)
    if value is None:
        raise FactError(f"fact {fact.id!r}: say which value is looked for", fact=fact.id)
    item = (fact.of or FactType.TEXT) if fact.type is FactType.LIST else fact.type
    if item is FactType.CHOICE:
        # Cases of an older edition may have values that the present one has not.
        if fact.type is FactType.LIST and value not in fact.values:
            fact.check((value,))
        require(choice(fact, value))
        plain: object = value
    else:
        plain = fact.from_json((value,) if fact.type is FactType.LIST else value)
    found = terms(plain)
    if not found:
        raise FactError(f"fact {fact.id!r}: {shown(value)} is nothing to look for", fact=fact.id)
    if item in (FactType.MONEY, FactType.INTEGER):
        return store.FactIs(fact.id, least=found[0].number, most=found[0].number)
    return store.FactIs(fact.id, value=found[0].value)


def _range(fact: Fact, value: Between) -> store.FactIs:
    if fact.type not in _RANGES:
        raise FactError(
            f"fact {fact.id!r} is no day, amount or number; give one value instead of a range",
            zh=f"“{fact.title.zh}”不是日期、金额或者数字,不能按范围查询",
            fact=fact.id,
        )
    ends = [fact.from_json(end) for end in (value.least, value.most)]
    if ends == [None, None]:
        raise FactError(f"fact {fact.id!r}: the range has no end; give one at least", fact=fact.id)
    keys = [
        hundredths(end)
        if isinstance(end, int | Decimal)
        else end.isoformat()
        if isinstance(end, date)
        else None
        for end in ends
    ]
    # A fact without a bound on one side is found with any value on that side, if it has one at all.
    return store.FactIs(fact.id, least=keys[0], most=keys[1])


def instants(name: str, span: object) -> tuple[datetime | None, datetime | None]:
    """From the morning of the first day to that after the last, in China."""
    what = name.removesuffix("_at")
    if not isinstance(span, Between):
        raise FactError(f"{what}={shown(span)} is no range; give Between(first day, last day)")
    days = [_day(end, what) for end in (span.least, span.most)]
    first, last = (datetime.combine(day, time(0), CHINA) if day is not None else None for day in days)
    return first, last + timedelta(days=1) if last is not None else None


def _day(day: object, what: str) -> date | None:
    return check_day(day, what) if day is not None else None
