"""Outside: secret addresses of diaries; documents of cases, their numbers, and on whom they were served; records that
are encrypted later, and words that are taken out of them; calls
over a network.
"""

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
    _guard_journal(op.get_bind().dialect.name, _ERASED | _REPLACED)
    _index_agreements()
    _make_calls()


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_jiefen_agenda_agreements", "jiefen_agenda")
    _drop_documents()
    _guard_journal(op.get_bind().dialect.name, _ERASED)
    op.drop_table("jiefen_caller_key")
    op.drop_table("jiefen_call")
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


#: What never changes in an entry.
_FIXED = ("id", "case_id", "at", "actor", "kind", "subject", "message_key", "seq", "digest", "covers", "hash")
_REFUSED = (
    "the journal is kept as it was written; only erasing, which leaves an entry of its own, takes data out"
)
#: By the kind of the later entry that tells of it: what the data give way to, on each database.
_ERASED = {
    "erased": {
        "sqlite": "json(new.data) = json_object('erased', told.seq)",
        "postgresql": "new.data = jsonb_build_object('erased', told.seq)",
    }
}
_WITHIN = {
    "sqlite": """json_extract(new.data, '$."~in"') = told.seq""",
    "postgresql": "new.data -> '~in' = to_jsonb(told.seq)",
}
_REPLACED = {"encrypted": _WITHIN, "redacted": _WITHIN}


def _guard_journal(dialect: str, known: dict[str, dict[str, str]]) -> None:
    """Refuse every change of an entry but those that a later one tells of."""
    same = "IS NOT DISTINCT FROM" if dialect == "postgresql" else "IS"
    fixed = " AND ".join(f"new.{name} {same} old.{name}" for name in _FIXED)
    ways = " OR ".join(
        f"(told.kind = '{kind}' AND new.salt IS NULL AND {stands[dialect]})" for kind, stands in known.items()
    )
    unsalted = (
        f"(told.kind IN ({', '.join(map(repr, known))}) AND new.data = old.data AND new.salt {same} old.salt)"
    )
    told = (
        "EXISTS (SELECT 1 FROM jiefen_journal AS told WHERE told.case_id = old.case_id AND told.seq > old.seq "  # noqa: S608
        f"AND ({ways} OR {unsalted})) AND (new.covers_salt IS NULL OR new.covers_salt {same} old.covers_salt)"
    )
    if dialect == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION jiefen_journal_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {fixed} AND {told} THEN RETURN new; END IF; "
            f"RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        return
    op.execute("DROP TRIGGER jiefen_journal_changed")
    op.execute(
        "CREATE TRIGGER jiefen_journal_changed BEFORE UPDATE ON jiefen_journal "
        f"WHEN NOT ({fixed} AND {told}) BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )


def _index_agreements() -> None:
    """What waits for a second person is found without a look through the agenda."""
    kept = sa.text("kind = 'agreement'")
    op.create_index(
        "ix_jiefen_agenda_agreements", "jiefen_agenda", ["id"], postgresql_where=kept, sqlite_where=kept
    )


def _make_calls() -> None:
    op.create_table(
        "jiefen_call",
        sa.Column("caller", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_jiefen_call"),
    )
    op.create_index("ix_jiefen_call_until", "jiefen_call", ["until"])
    op.create_table(
        "jiefen_caller_key",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("used_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_jiefen_caller_key"),
    )
