"""What somebody sees of all that is kept: conditions on cases, for every statement that lists, counts or finds them.

They stand in the statement itself, so that a page is full, a count tells nothing that a list hides, and what a list
gives is what may be opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from jiefen.store import schema

_case = schema.case.c


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen.

    Attributes:
        conditions: hold of the cases that are; none: of all.
        knows: whether the reader needs to know what is sensitive in a case; ``None``: they know everything.
    """

    conditions: tuple[sa.ColumnElement[bool], ...] = ()
    knows: sa.ColumnElement[bool] | None = None

    @property
    def columns(self) -> tuple[sa.ColumnElement[bool], ...]:
        """What a statement on cases gives besides, to know what of a case is withheld: ``knows``."""
        return () if self.knows is None else (self.knows.label("knows"),)

    def knows_of(self, case_id: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[bool], ...]:
        """What :attr:`columns` gives, about what hangs on a case."""
        if self.knows is None:
            return ()
        here = sa.select(self.knows).select_from(schema.case).where(_case.id == case_id)
        return (here.correlate_except(schema.case).scalar_subquery().label("knows"),)

    def of(self, case_id: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[bool], ...]:
        """The same about what hangs on a case, by the column that says on which; what hangs on none is not seen."""
        if not self.conditions:
            return ()
        return (there_is(schema.case, _case.id == case_id, *self.conditions),)


def there_is(table: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """That a table has a row for the one that is looked at.

    ``EXISTS`` says the same, but lets PostgreSQL look for all such rows at once, of every case that there ever was;
    what has a limit is looked up for the row at hand, by the index of its case.
    """
    one: sa.ColumnElement[int] = sa.literal_column("1")
    found: sa.Select[Any] = sa.select(one).select_from(table).where(*conditions).limit(one)
    return found.correlate_except(table).scalar_subquery().is_not(None)


#: A program sees everything.
EVERYTHING: Final = Seen()
