"""Deliveries keep when they were carried and until when their answer should come; the clock takes turns between cases,
and notices that it was wrong."""

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


def upgrade() -> None:
    op.add_column("jiefen_case", sa.Column("assumed", _JSON))
    op.add_column("jiefen_deadline", sa.Column("safe_on", sa.Date()))
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
    op.drop_column("jiefen_case", "assumed")
    op.drop_column("jiefen_agenda", "answer_by")
    op.drop_column("jiefen_agenda", "carried_at")
