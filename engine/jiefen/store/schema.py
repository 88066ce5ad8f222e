"""The tables. Every name starts with ``jiefen_`` so that a host can keep its own tables beside them.

A change here needs a migration in ``migrations/versions``; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from jiefen.record.kinds import DeadlineStatus, EntryKind, EntryStatus, Happening
from jiefen.store.sealing.types import PartOfJson, SealedJson, SealedText

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(sa.types.TypeDecorator[datetime]):
    """A zone-aware instant, kept in UTC on every database and read back in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)

    # SQLAlchemy's own way from and to the text that SQLite keeps takes three times as long; the text is the same.

    def bind_processor(self, dialect: Dialect) -> Any:
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        # Most instants that one call writes are the one object that is its now.
        last: tuple[datetime | None, str | None] = (None, None)

        def text(value: datetime | None) -> str | None:
            nonlocal last
            before, kept = last
            if value is not before:
                naive = self.process_bind_param(value, dialect)
                kept = None if naive is None else naive.isoformat(" ", "microseconds")
                last = value, kept
            return kept

        return text

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        return lambda text: None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


Json: sa.types.TypeEngine[Any] = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text_of(value: StrEnum) -> sa.ColumnElement[str]:
    """A kind or status as it stands in the text of a statement: a bound value would keep it from a partial index."""
    return sa.literal_column(f"'{value}'", sa.String)


#: Statuses of deadlines that can still change.
STILL_OPEN = [text_of(one) for one in DeadlineStatus if one.can_change]


#: Facts that are also columns of the case, so that lists can be filtered by them.
FACT_COLUMNS = ("stage", "level", "colour", "dispute_type", "outcome")


def of_case(**options: Any) -> sa.Column[int]:
    """The column of a table whose rows belong to a case."""
    return sa.Column("case_id", Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), **options)


edition = sa.Table(
    "jiefen_edition",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("loaded_at", Instant, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

# Calendars newer than those of the editions; see ``jiefen.edition.holidays``.
calendar = sa.Table(
    "jiefen_calendar",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("loaded_at", Instant, nullable=False),
    sa.Column("plans", Json, nullable=False),
)

case = sa.Table(
    "jiefen_case",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("process", sa.String(200), nullable=False),
    sa.Column("edition", sa.String(64), sa.ForeignKey("jiefen_edition.digest"), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("area", sa.String(15)),
    sa.Column("stage", sa.String(64)),
    sa.Column("level", sa.String(64)),
    sa.Column("colour", sa.String(64)),
    sa.Column("dispute_type", sa.String(64)),
    sa.Column("outcome", sa.String(64)),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("facts", SealedJson("jiefen_case.facts", "id"), nullable=False),
    sa.Column("state", sa.LargeBinary),
    sa.Column("deadlines_started", sa.Integer, nullable=False, server_default="0"),
    sa.Column("leader", sa.String(200)),
    # Facts that carry the day of a milestone, and that nobody has said: names.
    sa.Column("assumed", Json),
    sa.Column("recused", Json),
    sa.Column("reached", Json),
    sa.Column("kept_messages", SealedJson("jiefen_case.kept_messages", "id")),
    # Whoever ends a case need not look for parts that it never had.
    sa.Column("has_parts", sa.Boolean, nullable=False, server_default=sa.false()),
    # Where the chain of its journal ends, and from which entry on each was chained when it was written.
    sa.Column("entries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("head", sa.LargeBinary),
    sa.Column("chained_from", sa.Integer, nullable=False, server_default="1"),
    # 密级: how closely it is kept; and what a person has set it to, despite which reasons.
    sa.Column("grade", sa.String(16), nullable=False, server_default="personal"),
    sa.Column("graded_by_hand", Json),
    # What the facts that were changed last are found by; a trigger puts it where it is looked for (see desk.index).
    sa.Column("terms", Json),
    sa.Index(None, "status", "area", "id"),
    # For patterns of occurrence: what was opened of a kind in an area since a day.
    sa.Index(None, "dispute_type", "area", "opened_at"),
    sa.Index(None, "area", "opened_at"),
    sa.Index(None, "stage", "id"),
    sa.Index(None, "level", "id"),
    sa.Index(None, "colour", "id"),
    sa.Index(None, "outcome", "id"),
    sa.Index(None, "process", "id"),
)
sa.Index("ix_jiefen_case_opened_at", case.c.opened_at)
_ended = case.c.ended_at.is_not(None)
sa.Index("ix_jiefen_case_ended_at", case.c.ended_at, postgresql_where=_ended, sqlite_where=_ended)
_led = case.c.leader.is_not(None)
sa.Index("ix_jiefen_case_leader", case.c.leader, case.c.id, postgresql_where=_led, sqlite_where=_led)

#: How the matter of a case is called, as its register has it.
TITLE: sa.Label[str] = sa.type_coerce(case.c.facts, PartOfJson("title", "jiefen_case.facts", "id")).label(
    "title"
)

task = sa.Table(
    "jiefen_task",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_case(nullable=False),
    sa.Column("key", sa.Integer, nullable=False),
    sa.Column("process", sa.String(200), nullable=False),
    sa.Column("element", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("area", sa.String(15)),
    sa.Column("roles", sa.String(500), nullable=False),
    sa.Column("assignee", sa.String(200)),
    sa.Column("seat", sa.String(100)),
    sa.Column("form", sa.String(200)),
    sa.Column("locals", SealedJson("jiefen_task.locals", "case_id", "key"), nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.Column("finished_by", sa.String(200)),
    # What a worklist is ordered by, and where it looks; of tasks that were finished before there were any, nothing.
    sa.Column("next_due", Instant),
    sa.Column("township", sa.String(9)),
    sa.UniqueConstraint("case_id", "key"),
    sa.Index(None, "status", "area", "id"),
)
_free = sa.and_(task.c.assignee.is_(None), task.c.finished_at.is_(None))
# What is free in a township, and what is free for the same roles anywhere: what is due first at the front.
for _name in ("township", "roles"):
    sa.Index(
        f"ix_jiefen_task_free_{_name}",
        task.c[_name],
        task.c.next_due,
        task.c.id,
        postgresql_where=_free,
        sqlite_where=_free,
    )
_taken = task.c.assignee.is_not(None)
_claimed = sa.and_(_taken, task.c.finished_at.is_(None))
# What somebody has now, however much they have ever done.
sa.Index(
    "ix_jiefen_task_claimed",
    task.c.assignee,
    task.c.case_id,
    postgresql_where=_claimed,
    sqlite_where=_claimed,
)
sa.Index("ix_jiefen_task_assignee", task.c.assignee, task.c.id, postgresql_where=_taken, sqlite_where=_taken)

deadline = sa.Table(
    "jiefen_deadline",
    metadata,
    of_case(primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rule", sa.String(200), nullable=False),
    sa.Column("version", sa.Date, nullable=False),
    sa.Column("edition", sa.String(64), sa.ForeignKey("jiefen_edition.digest"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("anchor", sa.String(200), nullable=False),
    sa.Column("anchored_at", Instant, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("due_at", Instant),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("safe_on", sa.Date),
    sa.Column("extensions", SealedJson("jiefen_deadline.extensions", "case_id", "seq"), nullable=False),
    sa.Column("suspensions", SealedJson("jiefen_deadline.suspensions", "case_id", "seq"), nullable=False),
    sa.Column("calendar", sa.String(64), nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("closed_at", Instant),
    sa.Column("closed_by", sa.String(200)),
    sa.Column("holder", sa.String(200)),
    # When its case was over: what was missed in the cases of all years only grows.
    sa.Column("case_ended_at", Instant),
    sa.Index(None, "status", "due_at"),
    # For figures: what was due in a period.
    sa.Index(None, "rule", "due_on"),
)
_expired = deadline.c.status == text_of(DeadlineStatus.EXPIRED)
# With the status in it, or SQLite would rather read all that have expired.
sa.Index(
    "ix_jiefen_deadline_expired",
    deadline.c.status,
    deadline.c.closed_at,
    postgresql_where=_expired,
    sqlite_where=_expired,
)
_missed = sa.and_(_expired, deadline.c.case_ended_at.is_(None))
sa.Index(
    "ix_jiefen_deadline_missed",
    deadline.c.status,
    deadline.c.due_at,
    deadline.c.case_id,
    deadline.c.seq,
    postgresql_where=_missed,
    sqlite_where=_missed,
)

rung = sa.Table(
    "jiefen_rung",
    metadata,
    of_case(primary_key=True, autoincrement=False),
    sa.Column("deadline", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rung", sa.String(100), primary_key=True),
    sa.Column("fired_at", Instant, nullable=False),
)

supervision = sa.Table(
    "jiefen_supervision",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_case(nullable=False),
    sa.Column("ref", sa.String(200), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("title", SealedJson("jiefen_supervision.title", "case_id", "ref"), nullable=False),
    sa.Column("role", sa.String(200), nullable=False),
    sa.Column("area", sa.String(15)),
    sa.Column("holders", Json, nullable=False),
    sa.Column("by_role", sa.String(200)),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("reply_at", Instant),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("answered_at", Instant),
    sa.Column("answered_by", sa.String(200)),
    sa.UniqueConstraint("case_id", "ref"),
    sa.Index(None, "status", "id"),
)

# One row: the units and superiors of the directory that was loaded last, and the digest by which workers notice it.
directory = sa.Table(
    "jiefen_directory",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("loaded_at", Instant, nullable=False),
    sa.Column("units", Json, nullable=False),
    sa.Column("superiors", Json, nullable=False),
)

post = sa.Table(
    "jiefen_post",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("role", sa.String(200), nullable=False),
    sa.Column("area", sa.String(15), nullable=False),
    sa.Column("holder", sa.String(200), nullable=False),
    sa.Column("deputy", sa.Boolean, nullable=False),
    sa.Column("since", sa.Date),
    sa.Column("until", sa.Date),
    sa.Index(None, "holder"),
)

agenda = sa.Table(
    "jiefen_agenda",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("next_try_at", Instant, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    of_case(),
    sa.Column("ref", sa.String(200), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("topic", sa.String(200)),
    sa.Column("data", SealedJson("jiefen_agenda.data", "case_id", "kind", "ref"), nullable=False),
    sa.Column("error", SealedText("jiefen_agenda.error", "case_id")),
    # Of deliveries: when one was first given to an adapter, and until when its answer should come.
    sa.Column("carried_at", Instant),
    sa.Column("answer_by", Instant),
    sa.UniqueConstraint("case_id", "kind", "ref"),
    sa.Index(None, "status", "topic", "next_try_at", "id"),
    sa.Index(None, "status", "id"),
)
_pending = agenda.c.status == text_of(EntryStatus.PENDING)
_of_the_clock = sa.and_(_pending, agenda.c.topic.is_(None))
_expiries = sa.and_(_pending, agenda.c.kind == text_of(EntryKind.EXPIRY))
sa.Index(
    "ix_jiefen_agenda_clock",
    agenda.c.next_try_at,
    agenda.c.id,
    postgresql_where=_of_the_clock,
    sqlite_where=_of_the_clock,
)
_agreements = agenda.c.kind == text_of(EntryKind.AGREEMENT)
sa.Index("ix_jiefen_agenda_agreements", agenda.c.id, postgresql_where=_agreements, sqlite_where=_agreements)
_failing = sa.and_(_pending, agenda.c.attempts > 0)
sa.Index("ix_jiefen_agenda_failing", agenda.c.next_try_at, postgresql_where=_failing, sqlite_where=_failing)
sa.Index(
    "ix_jiefen_agenda_expiries",
    agenda.c.next_try_at,
    agenda.c.id,
    postgresql_where=_expiries,
    sqlite_where=_expiries,
)
# What comes next in one case, however much is due in it.
sa.Index(
    "ix_jiefen_agenda_case",
    agenda.c.case_id,
    agenda.c.next_try_at,
    agenda.c.kind,
    agenda.c.id,
    postgresql_where=_of_the_clock,
    sqlite_where=_of_the_clock,
)
# Entries of no case, the routines, are unique among themselves: NULLs are never equal.
sa.Index(
    "uq_jiefen_agenda_kind_ref",
    agenda.c.kind,
    agenda.c.ref,
    unique=True,
    postgresql_where=agenda.c.case_id.is_(None),
    sqlite_where=agenda.c.case_id.is_(None),
)

routine = sa.Table(
    "jiefen_routine",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("rule", sa.String(200), nullable=False),
    sa.Column("area", sa.String(15), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("nominal_on", sa.Date, nullable=False),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("role", sa.String(200), nullable=False),
    sa.Column("items", Json, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("closed_at", Instant),
    sa.Column("closed_by", sa.String(200)),
    sa.UniqueConstraint("rule", "area", "at"),
    sa.Index(None, "status", "area", "id"),
)

journal = sa.Table(
    "jiefen_journal",
    metadata,
    sa.Column("id", Id, primary_key=True),
    of_case(nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(200)),
    sa.Column("data", SealedJson("jiefen_journal.data", "case_id", "seq"), nullable=False),
    sa.Column("message_key", sa.String(200)),
    # The place in the chain of the case; see record.chain.
    sa.Column("seq", sa.Integer),
    sa.Column("digest", sa.LargeBinary),
    sa.Column("salt", sa.LargeBinary),
    sa.Column("covers", Json),
    sa.Column("covers_salt", sa.LargeBinary),
    sa.Column("hash", sa.LargeBinary),
    sa.UniqueConstraint("case_id", "message_key"),
    sa.Index(None, "case_id", "id"),
)
#: What there is to tell of an entry; the rest only proves it.
TELLING = [
    journal.c[name] for name in ("id", "case_id", "at", "actor", "kind", "subject", "data", "message_key")
]
# For who reads: whose a case was to lead.
_bound = journal.c.kind == text_of(Happening.LEADER_BOUND)
sa.Index(
    "ix_jiefen_journal_led",
    journal.c.case_id,
    journal.c.subject,
    postgresql_where=_bound,
    sqlite_where=_bound,
)
# For figures: where a case was before.
_moved = journal.c.kind == text_of(Happening.MOVED)
sa.Index(
    "ix_jiefen_journal_moved", journal.c.case_id, journal.c.id, postgresql_where=_moved, sqlite_where=_moved
)
