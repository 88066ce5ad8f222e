"""当事人: who a case is about and who speaks for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any, Final

from jiefen.errors import FactError
from jiefen.notation.labels import Label, did_you_mean
from jiefen.notation.texts import shown, text_problem, visible
from jiefen.record.desk.keys import (
    LONGEST_ID_KEY,
    LONGEST_NAME_KEY,
    id_key,
    id_problem,
    is_id_doubtful,
    is_phone_doubtful,
    name_key,
    phone_key,
)
from jiefen.record.kinds import Part

#: The most characters that each of the texts may have.
LONGEST: Final[Mapping[str, int]] = {
    "name": 200, "phone": 32, "contact": 200, "address": 300, "service_address": 300, "id_number": 32,
}  # fmt: skip
#: A case has at most so many parties; a larger group is one party with its number of persons.
MOST_PARTIES: Final = 500
_MOST_PERSONS: Final = 100_000
_NO_CARD: Final[Mapping[str, Label]] = {
    "short": Label("证件号码位数太少;请核对", "no document has a number of so few characters; copy it again"),
    "birth": Label(
        "证件号码有误:该日期在今天之后;请核对",
        "no number of an identity card: it would be of somebody who is not born yet; copy it again",
    ),
    "check": Label(
        "证件号码有误:校验位或者出生日期不对(GB 11643、GB 32100);请核对",
        "no number of an identity card: its last character or the day of birth in it cannot be (GB 11643; GB 32100 for "
        "organisations); copy it again",
    ),
}
_NO_DIGIT: Final = Label(
    "电话号码里没有数字;没有电话的不填,其他联系方式填在 contact",
    "there is no digit in it; leave it out, or say under `contact` how else to reach them",
)
#: The name of somebody who gives none.
_NAMELESS: Final = "匿名"
#: A mobile number or the number of a card, within a text.
_NUMBERS: Final = re.compile(r"(?<![0-9])(1[3-9][0-9]{9}|[1-9][0-9]{16}[0-9Xx])(?![0-9])")
#: A telephone number that is shorter is not shown at all where people are masked.
_SHOWN_DIGITS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody who has a part in a case.

    Attributes:
        seq: its number in the case, from 1; 0 for one that is not kept yet.
        part: as what: the side that asks, the other side, or somebody who speaks for one of them.
        name: as it is written; of a group, of the one who is named.
        phone, contact: how to reach them by telephone, and in any other way.
        address, service_address: where they live, and where papers are served (送达地址).
        id_number: number of the identity card, or the unified code of an organisation.
        persons: how many they are.
        represents: the number of the party that a representative, guardian or agent speaks for.
        since, ended: legal days in China from which, and until which, they have the part.
    """

    seq: int = 0
    part: Part
    name: str
    phone: str | None = None
    contact: str | None = None
    address: str | None = None
    service_address: str | None = None
    id_number: str | None = None
    persons: int | None = None
    represents: int | None = None
    since: date | None = None
    ended: date | None = None

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is kept as it was said and should be looked at again: ``phone``, a number that cannot be dialled as it
        is; ``id_number``, one that nothing in it tells to be right (a passport, an old card)."""
        number = id_key(self.id_number)
        doubtful = {
            "phone": self.phone is not None and is_phone_doubtful(self.phone),
            "id_number": number is not None and is_id_doubtful(number),
        }
        return tuple(name for name, there in doubtful.items() if there)

    def __repr__(self) -> str:
        """Without personal data: it gets into logs and tracebacks."""
        return f"Party(seq={self.seq}, part={self.part.value!r})"


def parties_of(given: object, *, today: date | None = None) -> tuple[Party, ...]:
    """Parties as a caller gives them, numbered from 1 in their order.

    Args:
        today: the day in China; see :func:`party_of`.

    Raises:
        FactError: they are no list, are too many, one of them cannot be, or one speaks for a number that is not there.
    """
    if not isinstance(given, list | tuple) or len(given) > MOST_PARTIES:
        raise FactError(
            f"parties are given as {type(given).__name__}; give a list of at most {MOST_PARTIES}",
            zh="当事人应是一个列表",
        )
    found = tuple(replace(party_of(one, today=today), seq=seq) for seq, one in enumerate(given, 1))
    require_represented(found)
    return found


def require_represented(parties: Iterable[Party]) -> None:
    """Refuse parties of a case of which one speaks for nobody it could speak for.

    Raises:
        FactError: the one it speaks for is not there, is itself, or speaks for somebody else.
    """
    known = {one.seq: one for one in parties}
    for one in known.values():
        if one.represents is None:
            continue
        of = known.get(one.represents)
        if not one.part.speaks_for_another or of is None or of is one or of.part.speaks_for_another:
            raise FactError(
                f"party {one.seq} has represents={one.represents}: a representative, guardian or agent names the "
                "number of the party they speak for, and that one speaks for nobody else",
                zh=f"{one.seq} 号当事人:代表、监护人、代理人要写明为哪一号当事人,且该当事人不代表他人",
                fact="represents",
            )


def dumped(party: Party) -> dict[str, Any]:
    """A party as JSON carries it, without what is not said."""
    said = {name: getattr(party, name) for name in ("seq", *_FIELDS)}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}
    return {
        name: str(value) if name == "part" else value for name, value in plain.items() if value is not None
    }


def outline(party: Party) -> dict[str, Any]:
    """What a journal says of a party: its number and its part, what of it is in doubt, and nothing of who it is."""
    said = {"seq": party.seq, "part": str(party.part)}
    return said | {"doubts": list(party.doubts)} if party.doubts else said


def digest(party: Party) -> str:
    """A digest of everything that is said of a party, to tell whether it is the same that came before."""
    said = json.dumps(dumped(party), ensure_ascii=False, sort_keys=True)
    return sha256(said.encode()).hexdigest()


def changed_fields(before: Party, after: Party) -> list[str]:
    """The names of what two records of a party say otherwise."""
    return [name for name in _FIELDS if getattr(before, name) != getattr(after, name)]


def masked(party: Party) -> Party:
    """The party as somebody sees it who may not know who it is: 张*, 138****0001."""
    phone = phone_key(party.phone)
    hidden = f"{phone[:3]}****{phone[-4:]}" if phone is not None and len(phone) > _SHOWN_DIGITS else None
    return Party(
        seq=party.seq,
        part=party.part,
        name=f"{party.name[:1]}*",
        phone=hidden,
        persons=party.persons,
        represents=party.represents,
        since=party.since,
        ended=party.ended,
    )


def masked_title(title: object, people: Iterable[Party]) -> str | None:
    """How a matter is called, as lists show it: without the names of its parties, telephones and cards in it."""
    if not isinstance(title, str):
        return None
    names = {name: f"{name[:1]}*" for one in people for name in (one.name, "".join(one.name.split()))}
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1 and name != _NAMELESS:
            title = title.replace(name, names[name])
    return _NUMBERS.sub(lambda found: f"{found[0][:3]}****{found[0][-4:]}", title)


def party_of(given: object, *, today: date | None = None) -> Party:
    """A party as a caller gives it: a mapping with ``part`` and ``name``, or a :class:`Party`.

    Args:
        today: the day in China after which nobody was born; not looked at when absent.

    Raises:
        FactError: something in it cannot be; the message names it, and not what it holds.
    """
    if isinstance(given, Party):
        given = {name: getattr(given, name) for name in _FIELDS if getattr(given, name) is not None}
    if not isinstance(given, Mapping):
        raise FactError(
            f"a party is given as {type(given).__name__}; give a mapping such as "
            "{'part': 'applicant', 'name': '张三'}"
        )
    for name in given:
        if name not in _FIELDS:
            near = did_you_mean(str(name), _FIELDS) or f"known are {', '.join(_FIELDS)}"
            raise FactError(f"a party has no {shown(name)}; {near}", zh=f"当事人没有 {shown(name)} 这一项")
    part = given.get("part")
    try:
        part = Part(str(part))
    except ValueError:
        near = did_you_mean(str(part), list(map(str, Part))) or f"there are {', '.join(Part)}"
        raise FactError(
            f"{shown(part)} is no part of a party; {near}",
            zh=f"没有 {shown(part)} 这种当事人身份",
            fact="part",
        ) from None
    texts = {name: _text(given, name, most) for name, most in LONGEST.items()}
    name = texts["name"]
    if name is None:
        raise FactError(
            "a party needs a name; say 匿名 where nobody is named", zh="当事人须有姓名或者名称;不留名的写匿名"
        )
    _check_keys(name, texts["id_number"])
    for field in ("phone", "id_number"):
        wrong = number_problem(field, texts[field] or "", today)
        if wrong is not None:
            raise FactError(f"the {field} of a party is none: {wrong.en}", zh=wrong.zh, fact=field)
    since, ended = _day(given, "since"), _day(given, "ended")
    if since is not None and ended is not None and ended < since:
        raise FactError(
            f"ended={ended} of a party lies before since={since}; correct one of the two days",
            zh=f"当事人的终止日期 {ended} 早于起始日期 {since};请核对",
            fact="ended",
        )
    return Party(
        part=part,
        name=name,
        phone=texts["phone"],
        contact=texts["contact"],
        address=texts["address"],
        service_address=texts["service_address"],
        id_number=texts["id_number"],
        persons=_number(given, "persons", _MOST_PERSONS),
        represents=_number(given, "represents", _MOST_PERSONS),
        since=since,
        ended=ended,
    )


def number_problem(field: str, text: str, today: date | None = None) -> Label | None:
    """Why a telephone number or the number of a card cannot be one, and how to mend it; ``None`` when it can.

    Args:
        field: ``phone`` or ``id_number``.
        today: as for :func:`party_of`.
    """
    if field == "id_number":
        return _NO_CARD.get(id_problem(id_key(text) or "", today) or "")
    return _NO_DIGIT if text and not any(sign.isdecimal() for sign in text) else None


_FIELDS: Final = (
    "part", "name", "phone", "contact", "address", "service_address", "id_number", "persons", "represents", "since",
    "ended",
)  # fmt: skip


def _text(given: Mapping[str, Any], name: str, most: int) -> str | None:
    value = given.get(name)
    if value is None or (isinstance(value, str) and not visible(value).strip()):
        return None
    value = visible(value).strip() if isinstance(value, str) else value
    wrong = text_problem(value, most)
    if wrong is not None:
        raise FactError(
            f"the {name} of a party cannot be used: {wrong}; write 1 to {most} characters",
            zh=f"当事人的这一项不能用;请写 1 至 {most} 个字",
            fact=name,
        )
    return str(value)


def _check_keys(name: str, id_number: str | None) -> None:
    """Refuse what cannot be compared."""
    number = id_key(id_number) or ""
    for field, key, most in (
        ("name", name_key(name), LONGEST_NAME_KEY),
        ("id_number", number, LONGEST_ID_KEY),
    ):
        if len(key) > most:
            raise FactError(
                f"the {field} of a party has signs in it that stand for whole words, and comes to {len(key)} "
                f"characters when they are written out; there may be {most}: write it in plain characters",
                zh=f"当事人的这一项含有合成字符,展开后有 {len(key)} 个字,超过 {most} 个;请用普通文字书写",
                fact=field,
            )


def _number(given: Mapping[str, Any], name: str, most: int) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise FactError(
            f"{name}={shown(value)} of a party is no whole number from 1 to {most}",
            zh=f"当事人的这一项须为 1 至 {most} 的整数",
            fact=name,
        )
    return value


def _day(given: Mapping[str, Any], name: str) -> date | None:
    value = given.get(name)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif value is None or type(value) is date:
        return value
    raise FactError(
        f"{name}={shown(value)} of a party is no day; give a date such as 2026-03-01",
        zh="当事人的日期请写成 2026-03-01 的样子",
        fact=name,
    )
