"""What the chain of a case covers of the rows that hang on it, each as it is kept: encrypted or not.

A row is covered in aspects, each by all that write it together: what a task was opened as, how it stands, who has
claimed it. What cannot be covered is left out: the words that erasing takes out of a row that stays, what people are
looked up by, the bytes of files, and what only repeats something else. ``docs/proof.md`` describes it to the byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from jiefen.record.chain import plain
from jiefen.record.changes import Changes
from jiefen.store import schema
from jiefen.store.counter.kept import WRITTEN
from jiefen.store.desk import links, parties
from jiefen.store.sealing.types import Blinded, Marked

#: The entry of a case's opening covers this name where every row that hangs on the case is covered. It is another one
#: once more tables are.
EVERY_ROW: Final = "rows:1"


@dataclass(frozen=True, slots=True)
class Aspect:
    """Columns of a table that are covered together, under a name and the row that they are of.

    Attributes:
        key: the columns that tell the rows of one case apart.
        erasable: whether erasing removes the row.
    """

    name: str
    table: sa.Table
    key: tuple[str, ...]
    columns: tuple[str, ...]
    erasable: bool = False

    def name_of(self, row: Mapping[str, Any]) -> str:
        """Under which name a row is covered."""
        return ":".join([self.name, *(str(row[part]) for part in self.key)])

    def value_of(self, row: Mapping[str, Any]) -> dict[str, object]:
        """What is covered of it: what is said, as it is kept."""
        return {name: plain(value) for name in self.columns if (value := _kept(row.get(name))) is not None}


def _kept(value: Any) -> Any:
    return value.value if isinstance(value, Marked) else value


def _whole(name: str, table: sa.Table, key: Sequence[str]) -> Aspect:
    own = tuple(part for part in key if part != "case_id")
    columns = tuple(
        column.name
        for column in table.c
        if column.name not in key and not isinstance(column.type, Blinded | sa.LargeBinary)
    )
    return Aspect(name, table, own, columns, erasable=True)


_TASK = Aspect(
    "task", schema.task, ("key",), ("area", "roles", "status", "due_at", "finished_at", "finished_by")
)
_OPENED = Aspect("opened", schema.task, ("key",), ("process", "element", "name", "seat", "form", "opened_at"))
_CLAIM = Aspect("claim", schema.task, ("key",), ("assignee",))
_SUPERVISION = Aspect("supervision", schema.supervision, ("ref",), ("action", "by_role", "opened_at"))
_ASKED = Aspect("asked", schema.supervision, ("ref",), ("role", "holders", "area"))
_ANSWER = Aspect("answer", schema.supervision, ("ref",), ("status", "reply_at", "answered_at", "answered_by"))
_PARTY = _whole("party", parties.party, ("case_id", "seq"))
_LINK = Aspect("link", links.link, ("other_id", "kind"), ("at", "by"))
_COUNTER: Final = {kept: _whole(str(kept), one.table, one.key) for kept, one in WRITTEN.items()}

#: By table.
ASPECTS: Final[Mapping[sa.Table, tuple[Aspect, ...]]] = {
    schema.task: (_TASK, _OPENED, _CLAIM),
    schema.supervision: (_SUPERVISION, _ASKED, _ANSWER),
    parties.party: (_PARTY,),
    links.link: (_LINK,),
    **{one.table: (one,) for one in _COUNTER.values()},
}
NAMES: Final = frozenset(one.name for found in ASPECTS.values() for one in found)
ERASABLE: Final = frozenset(one.name for found in ASPECTS.values() for one in found if one.erasable)


def columns_of(table: sa.Table) -> tuple[str, ...]:
    """The columns of a table that are looked at: its case, what tells its rows apart, and what is covered."""
    wanted = {"case_id", *(name for one in ASPECTS[table] for name in (*one.key, *one.columns))}
    return tuple(column.name for column in table.c if column.name in wanted)


def covered_rows(changes: Changes, withdrawn: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """What a call leaves of the rows that hang on a case, by the names under which an entry covers them.

    Args:
        changes: what the call writes, as it is kept.
        withdrawn: supervisions that it takes back besides.
    """
    found: dict[str, object] = {}

    def cover(aspect: Aspect, row: Mapping[str, Any]) -> None:
        found[aspect.name_of(row)] = aspect.value_of(row)

    for task in changes.tasks:
        row = task._asdict()
        cover(_TASK, row)
        if task.key in changes.opened:
            cover(_OPENED, row)
            cover(_CLAIM, row)
    for key, person in changes.claims.items():
        cover(_CLAIM, {"key": key, "assignee": person})
    for asked in changes.supervisions:
        for aspect in ASPECTS[schema.supervision]:
            cover(aspect, asked)
    for ref, values in changes.supervised.items():
        cover(_ANSWER, values | {"ref": ref})
    for ref, (role, holders, area) in changes.handed_over.items():
        cover(_ASKED, {"ref": ref, "role": role, "holders": holders, "area": area})
    for answer in withdrawn:
        cover(_ANSWER, answer)
    for one in changes.parties:
        cover(_PARTY, one)
    for other, kind in changes.unlinked:
        found[_LINK.name_of({"other_id": other, "kind": str(kind)})] = None
    for one in changes.links:
        cover(_LINK, one)
    for kept, rows in changes.counter.items():
        for one in rows:
            cover(_COUNTER[kept], one)
    return found
