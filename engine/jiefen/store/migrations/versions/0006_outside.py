"""Outside: secret addresses of diaries; documents of cases, their numbers, and on whom they were served."""

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
    _make_documents()


def downgrade() -> None:
    """Take them away."""
    _drop_documents()
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


def _of_case() -> "sa.Column[int]":
    case = sa.ForeignKey("jiefen_case.id", ondelete="CASCADE")
    return sa.Column("case_id", Id, case, primary_key=True, autoincrement=False)


def _in_case(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _make_documents() -> None:
    op.create_table(
        "jiefen_document",
        _of_case(),
        _in_case("seq"),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("number", sa.String(200)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("party", sa.Integer),
        sa.Column("office", sa.String(200), nullable=False),
        sa.Column("digests", Json, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("signed_at", Instant),
        sa.Column("signed_by", sa.String(200)),
        sa.Column("voided_at", Instant),
        sa.Column("voided_by", sa.String(200)),
        sa.Column("reason", sa.Text),
    )
    op.create_table(
        "jiefen_document_file",
        _of_case(),
        _in_case("document"),
        _in_case("version"),
        sa.Column("form", sa.String(16), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "jiefen_service",
        _of_case(),
        _in_case("document"),
        _in_case("party"),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("served_on", sa.Date, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("proof", sa.Integer),
        sa.Column("note", sa.Text),
        sa.Column("reached", sa.Boolean, nullable=False),
    )
    op.create_table(
        "jiefen_document_row",
        sa.Column("office", sa.String(200), primary_key=True),
        sa.Column("scheme", sa.String(200), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _drop_documents() -> None:
    for name in ("document_row", "service", "document_file", "document"):
        op.drop_table(f"jiefen_{name}")
