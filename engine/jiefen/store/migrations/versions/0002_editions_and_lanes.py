"""Each deadline names the edition whose rule gave it; the clock and the deliveries have indexes of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FOREIGN_KEY = "fk_jiefen_deadline_edition"
_PARTIAL = {
    "ix_jiefen_agenda_clock": (["next_try_at", "id"], "status = 'pending' AND topic IS NULL"),
    "ix_jiefen_agenda_failing": (["id"], "status = 'pending' AND attempts > 0"),
}


def upgrade() -> None:
    op.add_column("jiefen_deadline", sa.Column("edition", sa.String(length=64)))
    op.execute(
        "UPDATE jiefen_deadline SET edition = "
        "(SELECT edition FROM jiefen_case WHERE jiefen_case.id = jiefen_deadline.case_id)"
    )
    with op.batch_alter_table("jiefen_deadline") as table:
        table.alter_column("edition", existing_type=sa.String(length=64), nullable=False)
        table.create_foreign_key(_FOREIGN_KEY, "jiefen_edition", ["edition"], ["digest"])
    op.drop_index(op.f("ix_jiefen_agenda_status_next_try_at_id"), table_name="jiefen_agenda")
    op.create_index(
        op.f("ix_jiefen_agenda_status_topic_next_try_at_id"),
        "jiefen_agenda",
        ["status", "topic", "next_try_at", "id"],
    )
    for name, (columns, where) in _PARTIAL.items():
        op.create_index(
            name, "jiefen_agenda", columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where)
        )


def downgrade() -> None:
    for name in (*_PARTIAL, op.f("ix_jiefen_agenda_status_topic_next_try_at_id")):
        op.drop_index(name, table_name="jiefen_agenda")
    op.create_index(
        op.f("ix_jiefen_agenda_status_next_try_at_id"), "jiefen_agenda", ["status", "next_try_at", "id"]
    )
    with op.batch_alter_table("jiefen_deadline") as table:
        table.drop_constraint(_FOREIGN_KEY, type_="foreignkey")
        table.drop_column("edition")
