"""Deliveries keep when they were carried and until when their answer should come."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("jiefen_case", sa.Column("assumed", _JSON))
    op.add_column("jiefen_agenda", sa.Column("carried_at", sa.DateTime(timezone=True)))
    op.add_column("jiefen_agenda", sa.Column("answer_by", sa.DateTime(timezone=True)))
    # Of what was tried or sent before, nobody knows when; that it was carried is what matters.
    op.execute(
        "UPDATE jiefen_agenda SET carried_at = at WHERE topic IS NOT NULL AND (attempts > 0 OR status = 'sent')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM jiefen_agenda WHERE status IN ('answered', 'withdrawn')")
    op.drop_column("jiefen_case", "assumed")
    op.drop_column("jiefen_agenda", "answer_by")
    op.drop_column("jiefen_agenda", "carried_at")
