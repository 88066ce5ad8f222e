"""What is kept about one person: given to them, or taken out again (个人信息保护法 arts. 45, 47)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy.engine import Connection, Row

from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.clock import china_date
from jiefen.commands.acting import beside, keep
from jiefen.errors import FactError, NotAllowed
from jiefen.record.actor import Actor
from jiefen.record.desk.keys import id_key, name_key, phone_key
from jiefen.record.desk.parties import Party, party_of
from jiefen.record.kinds import Grade, Happening, Part
from jiefen.record.retention.kept import SubjectCase, SubjectExport
from jiefen.rules import Fact, FactType
from jiefen.store.counter import appointments
from jiefen.store.desk import parties as store

#: Fields of a party in their own words.
_OWN: Final = ("name", "phone", "contact", "address", "service_address", "id_number")


def person_of(runtime: Runtime, given: object) -> Party:
    """Who is meant: by the number of a card, or by name and telephone together.

    Raises:
        FactError: it says neither; by a name alone somebody else might be meant.
    """
    lacks = isinstance(given, Mapping) and "part" not in given
    told = {"part": "applicant", "name": "-", **given} if lacks and isinstance(given, Mapping) else given
    who = party_of(told, today=china_date(runtime.clock.now()))
    if id_key(who.id_number) is None and (phone_key(who.phone) is None or name_key(who.name) in ("", "-")):
        raise FactError(
            "a name alone may be somebody else's; give id_number, or name and phone of the person",
            zh="仅凭姓名无法确认本人;请提供身份证号码,或者姓名和电话",
        )
    return who


def cases_of(connection: Connection, who: Party) -> dict[int, list[Row[Any]]]:
    """The cases in which somebody has a part, by id, with their rows there."""
    found: dict[int, list[Row[Any]]] = {}
    for row in store.rows_of_person(connection, id_key(who.id_number), phone_key(who.phone)):
        same = id_key(who.id_number) is not None and id_key(row.id_number) == id_key(who.id_number)
        if same or (
            phone_key(row.phone) == phone_key(who.phone) and name_key(row.name) == name_key(who.name)
        ):
            found.setdefault(row.case_id, []).append(row)
    return found


def words_of(rows: list[Row[Any]]) -> list[str]:
    """By which words somebody is named in the texts of a case."""
    return sorted({text for row in rows for name in _OWN if (text := row._mapping[name]) and len(text) > 1})


def export(
    runtime: Runtime, person: object, reason: str, by: Actor, session: HostTransaction
) -> SubjectExport:
    """What is kept about somebody in the cases of the area of who asks; each of them notes it."""
    who = person_of(runtime, person)
    with runtime.reading(session) as connection:
        found = cases_of(connection, who)
    cases: list[SubjectCase] = []
    withheld: list[int] = []
    refused: NotAllowed | None = None
    for case in sorted(found):
        try:
            exported = _exported(runtime, case, found[case], reason, by, session)
        except NotAllowed as error:
            refused = error
            continue
        if exported is None:
            withheld.append(case)
        else:
            cases.append(exported)
    if refused is not None and not cases and not withheld:
        raise refused
    return SubjectExport(at=runtime.clock.now(), by=by.id, cases=tuple(cases), withheld=tuple(withheld))


def _exported(
    runtime: Runtime, case: int, rows: list[Row[Any]], reason: str, by: Actor, session: HostTransaction
) -> SubjectCase | None:
    """What one case keeps of somebody; ``None``: it is kept from them."""
    with beside(runtime, case, by, session) as (connection, recording, row):
        asks = any(one.part == Part.APPLICANT for one in rows)
        if not asks and Grade(row.grade).above(Grade.PERSONAL):
            return None
        numbers = {one.seq for one in rows}
        vocabulary = runtime.edition_of(connection, row.edition).rulebook.vocabulary
        facts = {
            vocabulary.facts[name].title: value
            for name, value in row.facts.items()
            if asks and value is not None and name in vocabulary.facts and _theirs(vocabulary.facts[name])
        }
        recording.note(Happening.EXPORTED, None, reason=reason, parties=sorted(numbers))
        keep(connection, recording)
        return SubjectCase(
            case=case, area=row.area, status=row.status, opened_at=row.opened_at, ended_at=row.ended_at,
            parties=tuple(_of_party(one) for one in rows), facts=facts,
            meetings=tuple(_meetings(connection, case, numbers)),
        )  # fmt: skip


def _theirs(fact: Fact) -> bool:
    """Whether a fact is what the side that asks has said, and names nobody else from whom the matter is kept."""
    names_others = fact.type is FactType.LIST and fact.grade is not Grade.OPEN
    return fact.said and fact.grade is not Grade.SEALED and not names_others


def _of_party(row: Row[Any]) -> dict[str, Any]:
    said = {name: row._mapping[name] for name in ("part", *_OWN)}
    days = {name: day.isoformat() for name in ("since", "ended") if (day := row._mapping[name]) is not None}
    return {name: value for name, value in (said | days).items() if value is not None}


def _meetings(connection: Connection, case: int, numbers: set[int]) -> Iterator[dict[str, Any]]:
    for one in appointments.of_case(connection, case):
        if not one.parties or numbers & set(one.parties):
            yield {
                "at": one.starts_at.isoformat(),
                "form": one.form,
                "place": one.place,
                "status": one.status,
            }
