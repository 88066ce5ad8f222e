"""Each deadline names the edition whose rule gave it: a case can be taken over to other rules."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FOREIGN_KEY = "fk_jiefen_deadline_edition"


def upgrade() -> None:
    op.add_column("jiefen_deadline", sa.Column("edition", sa.String(length=64)))
    op.execute(
        "UPDATE jiefen_deadline SET edition = "
        "(SELECT edition FROM jiefen_case WHERE jiefen_case.id = jiefen_deadline.case_id)"
    )
    with op.batch_alter_table("jiefen_deadline") as table:
        table.alter_column("edition", existing_type=sa.String(length=64), nullable=False)
        table.create_foreign_key(_FOREIGN_KEY, "jiefen_edition", ["edition"], ["digest"])


def downgrade() -> None:
    with op.batch_alter_table("jiefen_deadline") as table:
        table.drop_constraint(_FOREIGN_KEY, type_="foreignkey")
        table.drop_column("edition")
