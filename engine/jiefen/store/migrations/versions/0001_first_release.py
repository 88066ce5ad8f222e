"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "jiefen_calendar",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", _INSTANT, nullable=False),
        sa.Column("plans", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_jiefen_calendar")),
    )
    op.create_table(
        "jiefen_directory",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", _INSTANT, nullable=False),
        sa.Column("units", _JSON, nullable=False),
        sa.Column("superiors", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jiefen_directory")),
    )
    op.create_table(
        "jiefen_duty",
        sa.Column("id", _ID, nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("nominal_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("items", _JSON, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jiefen_duty")),
        sa.UniqueConstraint("rule", "area", "at", name=op.f("uq_jiefen_duty_rule_area_at")),
    )
    op.create_index(
        op.f("ix_jiefen_duty_status_area_id"), "jiefen_duty", ["status", "area", "id"], unique=False
    )
    op.create_table(
        "jiefen_edition",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", _INSTANT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_jiefen_edition")),
    )
    op.create_table(
        "jiefen_post",
        sa.Column("id", _ID, nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("deputy", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jiefen_post")),
    )
    op.create_index(op.f("ix_jiefen_post_holder"), "jiefen_post", ["holder"], unique=False)
    op.create_table(
        "jiefen_case",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("edition", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=True),
        sa.Column("stage", sa.String(length=64), nullable=True),
        sa.Column("level", sa.String(length=64), nullable=True),
        sa.Column("colour", sa.String(length=64), nullable=True),
        sa.Column("dispute_type", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("deadlines_started", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leader", sa.String(length=200), nullable=True),
        sa.Column("recused", _JSON, nullable=True),
        sa.ForeignKeyConstraint(["edition"], ["jiefen_edition.digest"], name=op.f("fk_jiefen_case_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jiefen_case")),
        sa.UniqueConstraint("key", name=op.f("uq_jiefen_case_key")),
    )
    op.create_index(
        op.f("ix_jiefen_case_status_area_id"), "jiefen_case", ["status", "area", "id"], unique=False
    )
    op.create_table(
        "jiefen_agenda",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("next_try_at", _INSTANT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("case_id", _ID, nullable=True),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=True),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["jiefen_case.id"], name=op.f("fk_jiefen_agenda_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jiefen_agenda")),
        sa.UniqueConstraint("case_id", "kind", "ref", name=op.f("uq_jiefen_agenda_case_id_kind_ref")),
    )
    op.create_index(
        op.f("ix_jiefen_agenda_status_next_try_at_id"),
        "jiefen_agenda",
        ["status", "next_try_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_jiefen_agenda_kind_ref",
        "jiefen_agenda",
        ["kind", "ref"],
        unique=True,
        postgresql_where=sa.text("case_id IS NULL"),
        sqlite_where=sa.text("case_id IS NULL"),
    )
    op.create_table(
        "jiefen_deadline",
        sa.Column("case_id", _ID, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("anchor", sa.String(length=200), nullable=False),
        sa.Column("anchored_at", _INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("extensions", _JSON, nullable=False),
        sa.Column("suspensions", _JSON, nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["jiefen_case.id"], name=op.f("fk_jiefen_deadline_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_jiefen_deadline")),
    )
    op.create_index(
        op.f("ix_jiefen_deadline_status_due_at"), "jiefen_deadline", ["status", "due_at"], unique=False
    )
    op.create_table(
        "jiefen_journal",
        sa.Column("id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=True),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("message_key", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["jiefen_case.id"], name=op.f("fk_jiefen_journal_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jiefen_journal")),
        sa.UniqueConstraint("case_id", "message_key", name=op.f("uq_jiefen_journal_case_id_message_key")),
    )
    op.create_index(op.f("ix_jiefen_journal_case_id_id"), "jiefen_journal", ["case_id", "id"], unique=False)
    op.create_table(
        "jiefen_rung",
        sa.Column("case_id", _ID, autoincrement=False, nullable=False),
        sa.Column("deadline", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rung", sa.String(length=100), nullable=False),
        sa.Column("fired_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["jiefen_case.id"], name=op.f("fk_jiefen_rung_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "deadline", "rung", name=op.f("pk_jiefen_rung")),
    )
    op.create_table(
        "jiefen_supervision",
        sa.Column("id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("title", _JSON, nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=True),
        sa.Column("holders", _JSON, nullable=False),
        sa.Column("by_role", sa.String(length=200), nullable=True),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("reply_at", _INSTANT, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["jiefen_case.id"], name=op.f("fk_jiefen_supervision_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jiefen_supervision")),
        sa.UniqueConstraint("case_id", "ref", name=op.f("uq_jiefen_supervision_case_id_ref")),
    )
    op.create_index(
        op.f("ix_jiefen_supervision_status_id"), "jiefen_supervision", ["status", "id"], unique=False
    )
    op.create_table(
        "jiefen_task",
        sa.Column("id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=True),
        sa.Column("roles", sa.String(length=500), nullable=False),
        sa.Column("assignee", sa.String(length=200), nullable=True),
        sa.Column("seat", sa.String(length=100), nullable=True),
        sa.Column("form", sa.String(length=200), nullable=True),
        sa.Column("locals", _JSON, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("finished_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["jiefen_case.id"], name=op.f("fk_jiefen_task_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jiefen_task")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_jiefen_task_case_id_key")),
    )
    op.create_index(
        op.f("ix_jiefen_task_status_area_id"), "jiefen_task", ["status", "area", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_jiefen_task_status_area_id"), table_name="jiefen_task")
    op.drop_table("jiefen_task")
    op.drop_index(op.f("ix_jiefen_supervision_status_id"), table_name="jiefen_supervision")
    op.drop_table("jiefen_supervision")
    op.drop_table("jiefen_rung")
    op.drop_index(op.f("ix_jiefen_journal_case_id_id"), table_name="jiefen_journal")
    op.drop_table("jiefen_journal")
    op.drop_index(op.f("ix_jiefen_deadline_status_due_at"), table_name="jiefen_deadline")
    op.drop_table("jiefen_deadline")
    op.drop_index(
        "uq_jiefen_agenda_kind_ref",
        table_name="jiefen_agenda",
        postgresql_where=sa.text("case_id IS NULL"),
        sqlite_where=sa.text("case_id IS NULL"),
    )
    op.drop_index(op.f("ix_jiefen_agenda_status_next_try_at_id"), table_name="jiefen_agenda")
    op.drop_table("jiefen_agenda")
    op.drop_index(op.f("ix_jiefen_case_status_area_id"), table_name="jiefen_case")
    op.drop_table("jiefen_case")
    op.drop_index(op.f("ix_jiefen_post_holder"), table_name="jiefen_post")
    op.drop_table("jiefen_post")
    op.drop_table("jiefen_edition")
    op.drop_index(op.f("ix_jiefen_duty_status_area_id"), table_name="jiefen_duty")
    op.drop_table("jiefen_duty")
    op.drop_table("jiefen_directory")
    op.drop_table("jiefen_calendar")
