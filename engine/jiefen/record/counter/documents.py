"""文书: what a case leaves on paper, how it stands, and on whom it was served."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from jiefen.notation.labels import Label


class Addressed(StrEnum):
    """For whom a document is made: one for each party, or one for the case."""

    PARTY = "party"
    CASE = "case"


class DocumentStatus(StrEnum):
    """How a document stands: made, signed, or void; a void one keeps its number, which no other gets."""

    MADE = "made"
    SIGNED = "signed"
    VOIDED = "voided"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {"made": "已制作", "signed": "已签发", "voided": "已作废"}[self.value]


class ServiceWay(StrEnum):
    """送达方式: how a document is served, and so from which day it counts (民事诉讼法第八十七条至第九十五条).

    ``direct`` 直接送达: handed over and signed for, on that day (第八十七条、第八十八条). ``left`` 留置送达 and
    ``refused`` 拒签: left where they live before witnesses, or recorded by pictures, on that day (第八十九条).
    ``electronic`` 电子送达: they have agreed, on the day on which it arrives (第九十条). ``post`` 邮寄送达: on the day
    on the receipt (第九十一条). ``entrusted`` 委托送达、转交: handed over by another office, on the day on which they
    sign (第九十一条至第九十四条). ``public_notice`` 公告送达: thirty days after it was published, where no other way
    is possible (第九十五条).
    """

    DIRECT = "direct"
    LEFT = "left"
    REFUSED = "refused"
    ELECTRONIC = "electronic"
    POST = "post"
    ENTRUSTED = "entrusted"
    PUBLIC_NOTICE = "public_notice"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {
            "direct": "直接送达", "left": "留置送达", "refused": "拒绝签收", "electronic": "电子送达",
            "post": "邮寄送达", "entrusted": "委托送达", "public_notice": "公告送达",
        }[self.value]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proving:
    """What a way of service asks for, so that the day stands.

    Attributes:
        proof: a file that shows it.
        note: words on what happened: who was witness, why no other way was possible, that they agreed.
    """

    proof: bool = False
    note: Label | None = None


#: By which words a way of service is proved (民事诉讼法第八十九条、第九十条、第九十五条第二款).
PROVING: Final = {
    ServiceWay.DIRECT: Proving(),
    ServiceWay.LEFT: Proving(
        proof=True, note=Label("拒收事由和见证人", "why it was not taken, and the witness")
    ),
    ServiceWay.REFUSED: Proving(
        proof=True, note=Label("拒收事由和见证人", "why it was not taken, and the witness")
    ),
    ServiceWay.ELECTRONIC: Proving(
        proof=True, note=Label("受送达人同意电子送达的情况", "how they agreed to electronic service")
    ),
    ServiceWay.POST: Proving(proof=True),
    ServiceWay.ENTRUSTED: Proving(note=Label("由谁代为送达", "who handed it over")),
    ServiceWay.PUBLIC_NOTICE: Proving(
        proof=True, note=Label("公告的原因和经过", "why it had to be published, and where it was")
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a document lacks before it can be made.

    Attributes:
        blank: what holds it: a fact, a part of a party, ``said.NAME``.
        law: the article that asks for it; ``None``: the wording needs it.
    """

    blank: str
    title: Label
    law: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """How a document reads, before it is made or as it would.

    Attributes:
        lines: the text, line by line.
        missing: what it lacks; nothing is made while it lacks something.
    """

    kind: str
    title: Label
    lines: tuple[str, ...] = field(repr=False)
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document of a case.

    Attributes:
        seq: its number in the case, from 1.
        number: 文号; ``None``: its kind has none.
        version: how often it was made before it was signed, from 1.
        party: the party it is for, by their number in the case; ``None``: for all.
        office: the office that made it, as it stands in it.
        digests: the SHA-256 of what is kept of it, by form: ``txt``, ``docx``.
        made_by, signed_by, voided_by: who did it; staff numbers.
    """

    case: int
    seq: int
    kind: str
    title: Label
    number: str | None
    version: int
    party: int | None
    office: str
    status: DocumentStatus
    digests: dict[str, str]
    made_at: datetime
    made_by: str
    signed_at: datetime | None = None
    signed_by: str | None = None
    voided_at: datetime | None = None
    voided_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDay:
    """The last day of a period that runs from a service.

    Attributes:
        rule: the rule of the deadline.
        due_on: ``None`` where it cannot be said yet.
    """

    rule: str
    title: Label
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """送达: a document came to a party.

    Attributes:
        document: its number in the case.
        day: on which it was handed over, arrived, or was published.
        served_on: the day on which it counts as served by law; in the future for a public notice that still runs.
        proof: the attachment that shows it, by its number in the case.
        note: what happened; not in the journal.
        starts: the milestone that it reaches on ``served_on``.
        last_days: of what begins to run with it, for this party.
    """

    case: int
    document: int
    party: int
    way: ServiceWay
    day: date
    served_on: date
    at: datetime
    by: str
    proof: int | None = None
    note: str | None = field(default=None, repr=False)
    starts: str | None = None
    last_days: tuple[LastDay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """A kind of document that may be made in an area.

    Attributes:
        law: what it rests on.
        asks: what whoever makes it must say, by name, each with its title; ``optional`` is what may be left out.
    """

    id: str
    title: Label
    law: Label
    made_by: tuple[str, ...]
    signed_by: tuple[str, ...]
    addressed: Addressed
    served: bool
    starts: str | None
    ways: tuple[ServiceWay, ...]
    asks: dict[str, Label]
    optional: tuple[str, ...]
