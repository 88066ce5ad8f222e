"""A hotline ticket and its case in one transaction: both are kept, or neither; the same ticket twice is one case.

    python examples/host_transaction.py

It prints::

    2026030200017: case 1, Mediation
    2026030200017: case 1, Mediation
    2026030200018: refused, fact 'dispute_type' …: 'wall' is not one of its values; …
    tickets kept: 1, cases: 1
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from jiefen import Actor, Case, Engine, FactError

HOTLINE = Actor("hotline-import")


class Base(DeclarativeBase):
    """The host's own tables."""


class Ticket(Base):
    """What the host keeps of a call."""

    __tablename__ = "ticket"
    number: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.BigInteger)


def take(engine: Engine, session: Session, number: str, facts: Mapping[str, object]) -> Case:
    """Keep a ticket and open its case, in the transaction of ``session``."""
    case = engine.open_case("dispute", facts, key=f"12345:{number}", by=HOTLINE, session=session)
    session.merge(Ticket(number=number, case_id=case.id))
    return case


def main() -> None:
    """Take three tickets: a good one, the same again, and one with a mistake."""
    neighbours = {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201"}
    calls = [
        ("2026030200017", neighbours),
        ("2026030200017", neighbours),
        ("2026030200018", neighbours | {"dispute_type": "wall"}),
    ]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'platform.db'}"
        database = sa.create_engine(url)
        Base.metadata.create_all(database)
        with Engine.open(url) as engine:
            stage = engine.edition.rulebook.vocabulary.fact("stage")
            for number, facts in calls:
                try:
                    with Session(database) as session, session.begin():
                        case = take(engine, session, number, facts)
                except FactError as error:
                    print(f"{number}: refused, {error}")
                else:
                    print(f"{number}: case {case.id}, {stage.values[str(case.stage)].en}")
            with Session(database) as session:
                tickets = session.scalar(sa.select(sa.func.count()).select_from(Ticket))
            print(f"tickets kept: {tickets}, cases: {len(engine.cases())}")
        database.dispose()


if __name__ == "__main__":
    main()
