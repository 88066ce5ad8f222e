"""Outside: secret addresses of diaries."""

import sqlalchemy as sa
from alembic import op

from jiefen.store.schema import Id, Instant, Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of what is outside."""
    _make_diaries()


def downgrade() -> None:
    """Take them away."""
    op.drop_table("jiefen_diary_address")


def _make_diaries() -> None:
    op.create_table(
        "jiefen_diary_address",
        sa.Column("id", Id, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("role", sa.String(200)),
        sa.Column("area", sa.String(15)),
        sa.Column("posts", Json, nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.Column("revoked_by", sa.String(200)),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_jiefen_diary_address"),
        sa.UniqueConstraint("digest", name="uq_jiefen_diary_address_digest"),
    )
    op.create_index("ix_jiefen_diary_address_person_id", "jiefen_diary_address", ["person", "id"])
