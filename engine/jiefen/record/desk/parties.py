"""当事人: who a case is about and who speaks for them; and how people are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from jiefen.errors import FactError
from jiefen.notation.labels import did_you_mean
from jiefen.notation.texts import shown, text_problem, visible
from jiefen.record.kinds import Part

#: The most characters that each of the texts may have.
LONGEST: Final[Mapping[str, int]] = {
    "name": 200, "phone": 32, "contact": 200, "address": 300, "service_address": 300, "id_number": 32,
}  # fmt: skip
#: A case has at most so many parties; a larger group is one party with its number of persons.
MOST_PARTIES: Final = 500
_MOST_PERSONS: Final = 100_000
#: A telephone number has at least so many digits; with fewer it tells nobody apart.
_PHONE_DIGITS: Final = 7
#: The ways in which the dot of a name of several words is written.
_DOTS = re.compile("[\u00b7\u2022\u2027\u30fb\u2219\u22c5.．。]")
#: 公民身份号码: seventeen digits and the check character of GB 11643, by the weights of ISO 7064 MOD 11-2.
_ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_WEIGHTS: Final = tuple(2**power % 11 for power in range(17, 0, -1))
_CHECKS: Final = "10X98765432"


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

    def __repr__(self) -> str:
        """Without personal data: it gets into logs and tracebacks."""
        return f"Party(seq={self.seq}, part={self.part.value!r})"


def name_key(name: str) -> str:
    """A name as it is compared: 张三, 张　三 and 张 三 are one, and so are ａｌｉ and Ali.

    Without blanks, invisible characters and the dots between the words of a name, in one width and one case.
    """
    plain = unicodedata.normalize("NFKC", visible(name)).casefold()
    return _DOTS.sub("", "".join(plain.split()))


def phone_key(phone: str | None) -> str | None:
    """The digits of a telephone number; ``None`` where they are too few to tell anybody apart, or masked.

    Of several numbers the first one counts; a country code +86 is left out.
    """
    if phone is None:
        return None
    plain = unicodedata.normalize("NFKC", visible(phone))
    for one in re.split(r"[/、,;]|或", plain):
        if "*" in one:
            continue
        digits = re.sub(r"[^0-9]", "", one)
        if digits.startswith("0086"):
            digits = digits[4:]
        elif len(digits) == len("8613800000000") and digits.startswith("86"):
            digits = digits[2:]
        if len(digits) >= _PHONE_DIGITS:
            return digits
    return None


def id_key(number: str | None) -> str | None:
    """A number of an identity card as it is compared."""
    if number is None:
        return None
    return "".join(unicodedata.normalize("NFKC", visible(number)).upper().split()) or None


def parties_of(given: object) -> tuple[Party, ...]:
    """Parties as a caller gives them, numbered from 1 in their order.

    Raises:
        FactError: they are no list, are too many, one of them cannot be, or one speaks for a number that is not there.
    """
    if not isinstance(given, list | tuple) or len(given) > MOST_PARTIES:
        raise FactError(
            f"parties are given as {type(given).__name__}; give a list of at most {MOST_PARTIES}",
            zh="当事人应是一个列表",
        )
    found = tuple(replace(party_of(one), seq=seq) for seq, one in enumerate(given, 1))
    for one in found:
        require_represented(one, {other.seq: other for other in found})
    return found


def require_represented(party: Party, others: Mapping[int, Party]) -> None:
    """Refuse a party that speaks for nobody it could speak for.

    Raises:
        FactError: the one it speaks for is not there, is itself, or speaks for somebody else.
    """
    if party.represents is None:
        return
    of = others.get(party.represents)
    if not party.part.speaks_for_another or of is None or of.seq == party.seq or of.part.speaks_for_another:
        raise FactError(
            f"represents={party.represents} of a party: a representative, guardian or agent names the number of the "
            "party they speak for",
            zh="代表、监护人、代理人要写明为哪一号当事人",
            fact="represents",
        )


def dumped(party: Party) -> dict[str, Any]:
    """A party as JSON carries it, without what is not said."""
    said = {name: getattr(party, name) for name in ("seq", *_FIELDS)}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}
    return {
        name: str(value) if name == "part" else value for name, value in plain.items() if value is not None
    }


def masked(party: Party) -> Party:
    """The party as somebody sees it who may not know who it is: 张*, 138****0001."""
    phone = phone_key(party.phone)
    hidden = f"{phone[:3]}****{phone[-4:]}" if phone is not None and len(phone) > _PHONE_DIGITS else None
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


def same_person(one: Party, other: Party) -> bool:
    """Whether two records are of one person: by card or telephone where both have one, else by name."""
    for left, right in (
        (id_key(one.id_number), id_key(other.id_number)),
        (phone_key(one.phone), phone_key(other.phone)),
    ):
        if left is not None and right is not None:
            return left == right
    return name_key(one.name) == name_key(other.name)


def party_of(given: object) -> Party:
    """A party as a caller gives it: a mapping with ``part`` and ``name``, or a :class:`Party`.

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
        since=_day(given, "since"),
        ended=_day(given, "ended"),
    )


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
    if name == "id_number":
        _check_id_number(id_key(str(value)) or "")
    return str(value)


def _check_id_number(number: str) -> None:
    """Refuse a number of an identity card whose check character is wrong: it is somebody else's, or nobody's."""
    if len(number) != len("110101199003070000"):
        return
    right = (
        _ID_NUMBER.fullmatch(number)
        and number[-1]
        == _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]
    )
    if not right:
        raise FactError(
            "the id_number of a party is no number of an identity card: its last character does not fit the others "
            "(GB 11643); copy it again",
            zh="身份证号码的校验位不对(GB 11643);请核对",
            fact="id_number",
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
