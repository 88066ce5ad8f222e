"""Deliveries keep when they were carried and until when their answer should come; the clock takes turns between cases,
and notices that it was wrong. A case keeps its milestones, and messages that came too early."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_FAILING = "status = 'pending' AND attempts > 0"
_PARTIAL = {
    "ix_jiefen_agenda_failing": ("jiefen_agenda", ["next_try_at"], _FAILING),
    "ix_jiefen_agenda_expiries": (
        "jiefen_agenda", ["next_try_at", "id"], "status = 'pending' AND kind = 'expiry'",
    ),
    "ix_jiefen_agenda_case": (
        "jiefen_agenda", ["case_id", "next_try_at", "kind", "id"], "status = 'pending' AND topic IS NULL",
    ),
    "ix_jiefen_deadline_expired": ("jiefen_deadline", ["status", "closed_at"], "status = 'expired'"),
    "ix_jiefen_case_leader": ("jiefen_case", ["leader", "id"], "leader IS NOT NULL"),
    "ix_jiefen_task_assignee": ("jiefen_task", ["assignee", "id"], "assignee IS NOT NULL"),
}  # fmt: skip
_WHOLE = [
    ("jiefen_case", ["dispute_type", "area", "opened_at"]),
    ("jiefen_case", ["area", "opened_at"]),
    *(("jiefen_case", [column, "id"]) for column in ("stage", "level", "colour", "outcome", "process")),
    ("jiefen_agenda", ["status", "id"]),
]


_CASES = sa.table("jiefen_case", sa.column("id"), sa.column("reached", _JSON))
_JOURNAL = sa.table(
    "jiefen_journal", *map(sa.column, ("id", "case_id", "at", "kind", "subject")), sa.column("data", _JSON)
)
#: So many entries of the journal are read at a time.
_PAGE = 1_000
_CHINA = timezone(timedelta(hours=8))


def _keep_milestones(connection: sa.Connection) -> None:
    """What each case has reached, and in which order, as its journal tells."""
    of = _JOURNAL.c
    entries = sa.select(of.case_id, of.id, of.at, of.kind, of.subject, of.data).where(
        of.kind.in_(("milestone", "stage"))
    )
    case, entry = 0, 0
    reached: dict[str, tuple[str, int]] = {}
    while True:
        later = sa.or_(of.case_id > case, sa.and_(of.case_id == case, of.id > entry))
        page = connection.execute(entries.where(later).order_by(of.case_id, of.id).limit(_PAGE)).all()
        for row in page:
            if row.case_id != case:
                _keep(connection, case, reached)
                case, reached = row.case_id, {}
            entry, order = row.id, 1 + max((number for _, number in reached.values()), default=0)
            if row.kind == "stage":
                reached[":stage"] = ("", order)
            elif row.subject:
                reached[row.subject] = (_day(row), order)
        if len(page) < _PAGE:
            _keep(connection, case, reached)
            return


def _day(row: Any) -> str:
    data = json.loads(row.data) if isinstance(row.data, str) else row.data
    if data.get("on"):
        return str(data["on"])
    at = datetime.fromisoformat(str(row.at))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(_CHINA).date().isoformat()


def _keep(connection: sa.Connection, case: int, reached: dict[str, tuple[str, int]]) -> None:
    if reached:
        connection.execute(sa.update(_CASES).where(_CASES.c.id == case).values(reached=reached))


def upgrade() -> None:
    op.add_column("jiefen_case", sa.Column("assumed", _JSON))
    op.add_column("jiefen_deadline", sa.Column("safe_on", sa.Date()))
    op.add_column("jiefen_case", sa.Column("reached", _JSON))
    op.add_column("jiefen_case", sa.Column("kept_messages", _JSON))
    _keep_milestones(op.get_bind())
    op.add_column("jiefen_agenda", sa.Column("carried_at", sa.DateTime(timezone=True)))
    op.add_column("jiefen_agenda", sa.Column("answer_by", sa.DateTime(timezone=True)))
    # Of what was tried or sent before, nobody knows when; that it was carried is what matters.
    op.execute(
        "UPDATE jiefen_agenda SET carried_at = at WHERE topic IS NOT NULL AND (attempts > 0 OR status = 'sent')"
    )
    op.drop_index("ix_jiefen_agenda_failing", table_name="jiefen_agenda")
    for name, (table, columns, where) in _PARTIAL.items():
        op.create_index(name, table, columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
    for table, columns in _WHOLE:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade() -> None:
    for table, columns in _WHOLE:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table_name=table)
    for name, (table, _, _) in _PARTIAL.items():
        op.drop_index(name, table_name=table)
    failing = sa.text(_FAILING)
    op.create_index(
        "ix_jiefen_agenda_failing", "jiefen_agenda", ["id"], postgresql_where=failing, sqlite_where=failing
    )
    op.execute("DELETE FROM jiefen_agenda WHERE status IN ('answered', 'withdrawn')")
    op.drop_column("jiefen_deadline", "safe_on")
    op.drop_column("jiefen_case", "kept_messages")
    op.drop_column("jiefen_case", "reached")
    op.drop_column("jiefen_case", "assumed")
    op.drop_column("jiefen_agenda", "answer_by")
    op.drop_column("jiefen_agenda", "carried_at")
