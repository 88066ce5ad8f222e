"""The desk: parties are records of their own, cases are linked, and readers of the feed keep their place."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiefen.record.desk.keys import LONGEST_NAME_KEY, name_key, phone_key
from jiefen.record.desk.terms import LONGEST_TERM
from jiefen.record.rows import FAR
from jiefen.store.desk.index import fact, rows_of, text, text_row
from jiefen.store.schema import Id, Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


#: The facts in which one party of each side stood.
_FACTS = ("party_name", "party_phone", "other_party")


def upgrade() -> None:
    """Make the tables of the desk, and records of the parties that stood in facts."""
    _make_parties()
    _make_links()
    _make_absences()
    op.create_table(
        "jiefen_cursor",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("after", Id, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
    )
    # The role that a case itself has named for a deadline; none has before.
    op.add_column("jiefen_deadline", sa.Column("holder", sa.String(200)))
    _set_missed_apart()
    _index_what_figures_count()
    _move_parties(op.get_bind())
    _make_counter()
    _watch_movement(op.get_bind())
    _make_index(op.get_bind())
    _order_tasks()


def downgrade() -> None:
    """Take them away; the first party of each side stands in the facts again."""
    for name in reversed(_COUNTER):
        op.drop_table(f"jiefen_{name}")
    op.execute(sa.delete(_AGENDA).where(_AGENDA.c.kind == "unmoved"))
    _move_back(op.get_bind())
    op.drop_index("ix_jiefen_journal_moved", "jiefen_journal")
    op.drop_index("ix_jiefen_deadline_rule_due_on", "jiefen_deadline")
    op.drop_index("ix_jiefen_deadline_missed", "jiefen_deadline")
    op.drop_column("jiefen_deadline", "case_ended_at")
    op.drop_column("jiefen_deadline", "holder")
    _drop_index(op.get_bind())
    op.drop_table("jiefen_cursor")
    for name in ("claimed", "free_township", "free_roles"):
        op.drop_index(f"ix_jiefen_task_{name}", "jiefen_task")
    for name in ("township", "next_due"):
        op.drop_column("jiefen_task", name)
    op.drop_table("jiefen_absence")
    op.drop_column("jiefen_case", "has_parts")
    op.drop_table("jiefen_link")
    op.drop_table("jiefen_party")


_AGENDA = sa.table(
    "jiefen_agenda",
    *(sa.column(name) for name in ("case_id", "kind", "ref", "at", "next_try_at", "status", "attempts")),
    sa.column("data", Json),
)


def _watch_movement(connection: sa.Connection) -> None:
    """Whether anything has moved in the open cases is looked at by the next sweep, where their rules ask for it."""
    case = sa.table("jiefen_case", *(sa.column(name) for name in ("id", "updated_at", "status")))
    looked_at = sa.select(
        case.c.id, sa.literal("unmoved"), sa.literal("case"), case.c.updated_at, case.c.updated_at,
        sa.literal("pending"), sa.literal(0), sa.literal({}, Json),
    ).where(case.c.status == "open")  # fmt: skip
    names = ["case_id", "kind", "ref", "at", "next_try_at", "status", "attempts", "data"]
    connection.execute(sa.insert(_AGENDA).from_select(names, looked_at))


def _index_what_figures_count() -> None:
    op.create_index("ix_jiefen_deadline_rule_due_on", "jiefen_deadline", ["rule", "due_on"])
    moved = sa.text("kind = 'moved'")
    op.create_index(
        "ix_jiefen_journal_moved",
        "jiefen_journal",
        ["case_id", "id"],
        postgresql_where=moved,
        sqlite_where=moved,
    )


def _case() -> sa.Column[int]:
    return sa.Column("case_id", Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), nullable=False)


#: The tables of the counter.
_COUNTER = ("note", "code", "rating", "file", "attachment", "appointment", "tick")


def _make_counter() -> None:
    op.create_table(
        "jiefen_note",
        _case(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("corrects", sa.Integer),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_jiefen_note"),
    )
    op.create_table(
        "jiefen_code",
        _case(),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_jiefen_code"),
        sa.UniqueConstraint("digest", name="uq_jiefen_code_digest"),
    )
    op.create_table(
        "jiefen_rating",
        _case(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("decision", sa.String(200), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("grade", sa.String(16), nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("at", Instant, nullable=False),
        sa.Column("review", sa.String(200)),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_jiefen_rating"),
    )
    _make_files()


def _make_files() -> None:
    op.create_table(
        "jiefen_file",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "jiefen_attachment",
        _case(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("media", sa.String(100), nullable=False),
        sa.Column("size", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("withdrawn_at", Instant),
        sa.Column("withdrawn_by", sa.String(200)),
        sa.Column("reason", sa.Text),
        sa.Column("fault", sa.String(16)),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_jiefen_attachment"),
    )
    op.create_index("ix_jiefen_attachment_digest", "jiefen_attachment", ["digest"])
    _make_appointments()


def _make_ticks() -> None:
    keys = ("checklist", "round", "item")
    op.create_table(
        "jiefen_tick",
        _case(),
        *(sa.Column(name, sa.String(10 if name == "round" else 200), nullable=False) for name in keys),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("case_id", *keys, name="pk_jiefen_tick"),
    )


def _make_appointments() -> None:
    _make_ticks()
    op.create_table(
        "jiefen_appointment",
        _case(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("form", sa.String(16), nullable=False),
        sa.Column("official", sa.String(200), nullable=False),
        sa.Column("staff", Json, nullable=False),
        sa.Column("parties", Json, nullable=False),
        sa.Column("area", sa.String(15)),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("moves", sa.Integer, nullable=False),
        sa.Column("missed_by", sa.String(16)),
        sa.Column("reason", sa.Text),
        sa.Column("result", sa.Text),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_jiefen_appointment"),
    )
    for names in (["starts_at", "case_id", "seq"], ["official", "starts_at"]):
        op.create_index(f"ix_jiefen_appointment_{'_'.join(names)}", "jiefen_appointment", names)


def _make_parties() -> None:
    op.create_table(
        "jiefen_party",
        _case(),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", sa.String(400), nullable=False),
        sa.Column("phone", sa.String(32)),
        sa.Column("phone_key", sa.String(64)),
        sa.Column("contact", sa.String(200)),
        sa.Column("address", sa.String(300)),
        sa.Column("service_address", sa.String(300)),
        sa.Column("id_number", sa.String(32)),
        sa.Column("id_key", sa.String(64)),
        sa.Column("persons", sa.Integer),
        sa.Column("represents", sa.Integer),
        sa.Column("since", sa.Date),
        sa.Column("ended", sa.Date),
        sa.Column("opened_as", sa.String(64)),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_jiefen_party"),
    )
    op.create_index("ix_jiefen_party_name_key_case_id", "jiefen_party", ["name_key", "case_id"])
    for name in ("phone_key", "id_key"):
        given = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_jiefen_party_{name}",
            "jiefen_party",
            [name, "case_id"],
            postgresql_where=given,
            sqlite_where=given,
        )


def _make_absences() -> None:
    op.create_table(
        "jiefen_absence",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("deputy", sa.String(200), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("meant_until", sa.Date, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("ended_by", sa.String(200)),
    )
    for name in ("person", "deputy"):
        op.create_index(f"ix_jiefen_absence_{name}_until", "jiefen_absence", [name, "until"])
    op.create_index("ix_jiefen_absence_until", "jiefen_absence", ["until"])
    claimed = sa.text("assignee IS NOT NULL AND finished_at IS NULL")
    op.create_index(
        "ix_jiefen_task_claimed",
        "jiefen_task",
        ["assignee", "case_id"],
        postgresql_where=claimed,
        sqlite_where=claimed,
    )


def _order_tasks() -> None:
    """Keep beside each open task what is over next in its case, and its township."""
    op.add_column("jiefen_task", sa.Column("next_due", Instant))
    op.add_column("jiefen_task", sa.Column("township", sa.String(9)))
    first = (
        sa.select(sa.func.min(_DEADLINE.c.due_at))
        .where(_DEADLINE.c.case_id == _TASK.c.case_id, _DEADLINE.c.status == "running")
        .scalar_subquery()
    )
    sooner = sa.case(
        (_TASK.c.due_at.is_(None), first), (first.is_(None), _TASK.c.due_at), (_TASK.c.due_at > first, first),
        else_=_TASK.c.due_at,
    )  # fmt: skip
    due = sa.func.coalesce(sooner, sa.literal(FAR, Instant))
    township = sa.func.substr(sa.func.coalesce(_TASK.c.area, ""), 1, 9)
    still_open = sa.update(_TASK).where(_TASK.c.status == "open")
    op.execute(still_open.values(next_due=due, township=township))
    free = sa.text("assignee IS NULL AND finished_at IS NULL")
    for name in ("township", "roles"):
        op.create_index(
            f"ix_jiefen_task_free_{name}",
            "jiefen_task",
            [name, "next_due", "id"],
            postgresql_where=free,
            sqlite_where=free,
        )


def _make_links() -> None:
    op.create_table(
        "jiefen_link",
        sa.Column("id", Id, primary_key=True),
        _case(),
        sa.Column("other_id", Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text),
        sa.UniqueConstraint("case_id", "other_id", "kind", name="uq_jiefen_link_case_id_other_id_kind"),
    )
    op.create_index("ix_jiefen_link_other_id", "jiefen_link", ["other_id"])
    op.add_column(
        "jiefen_case", sa.Column("has_parts", sa.Boolean, nullable=False, server_default=sa.false())
    )
    undecided = sa.text("kind = 'probable_repeat'")
    op.create_index(
        "ix_jiefen_link_undecided",
        "jiefen_link",
        ["kind", "id"],
        postgresql_where=undecided,
        sqlite_where=undecided,
    )


_TASK = sa.table(
    "jiefen_task",
    *(sa.column(name) for name in ("case_id", "status", "area", "township")),
    *(sa.column(name, Instant) for name in ("due_at", "next_due")),
)
_DEADLINE = sa.table(
    "jiefen_deadline", sa.column("case_id"), sa.column("status"), sa.column("due_at", Instant)
)
_CASE = sa.table("jiefen_case", sa.column("id", Id), sa.column("facts", Json))
_PARTY = sa.table(
    "jiefen_party",
    *(sa.column(name) for name in ("case_id", "seq", "part", "name", "name_key", "phone", "phone_key")),
)


def _move_parties(connection: sa.Connection) -> None:
    after = 0
    while rows := connection.execute(
        sa.select(_CASE).where(_CASE.c.id > after).order_by(_CASE.c.id).limit(500)
    ).all():
        for row in rows:
            facts = _facts(row.facts)
            if not any(facts.get(name) for name in _FACTS):
                continue
            found = [
                ("applicant", facts.get("party_name"), facts.get("party_phone")),
                ("respondent", facts.get("other_party"), None),
            ]
            if not found[0][1] and found[0][2]:
                found[0] = ("applicant", "匿名", found[0][2])
            parties = [(part, str(name), phone) for part, name, phone in found if name]
            connection.execute(
                sa.insert(_PARTY),
                [
                    {
                        "case_id": row.id, "seq": seq, "part": part, "name": name,
                        "name_key": name_key(name)[:LONGEST_NAME_KEY], "phone": phone, "phone_key": phone_key(phone),
                    }
                    for seq, (part, name, phone) in enumerate(parties, 1)
                ],
            )  # fmt: skip
            _keep(connection, row.id, {name: value for name, value in facts.items() if name not in _FACTS})
        after = rows[-1].id


def _set_missed_apart() -> None:
    """Say in the deadlines which of them are of cases that are over."""
    op.add_column("jiefen_deadline", sa.Column("case_ended_at", Instant))
    op.execute(
        "UPDATE jiefen_deadline SET case_ended_at = (SELECT coalesce(ended_at, updated_at) FROM jiefen_case "
        "WHERE id = case_id) WHERE case_id IN (SELECT id FROM jiefen_case WHERE status <> 'open')"
    )
    missed = sa.text("status = 'expired' AND case_ended_at IS NULL")
    op.create_index(
        "ix_jiefen_deadline_missed",
        "jiefen_deadline",
        ["status", "due_at", "case_id", "seq"],
        postgresql_where=missed,
        sqlite_where=missed,
    )


#: SQLite finds words in a table beside that of the texts, which triggers keep up to date.
_FULL_TEXT = (
    "CREATE VIRTUAL TABLE jiefen_pairs USING fts5(pairs, content='jiefen_text', content_rowid='case_id', "
    "tokenize='ascii', detail='none', columnsize=0)",
    "CREATE TRIGGER jiefen_text_insert AFTER INSERT ON jiefen_text BEGIN "
    "INSERT INTO jiefen_pairs(rowid, pairs) VALUES (new.case_id, new.pairs); END",
    "CREATE TRIGGER jiefen_text_delete AFTER DELETE ON jiefen_text BEGIN "
    "INSERT INTO jiefen_pairs(jiefen_pairs, rowid, pairs) VALUES ('delete', old.case_id, old.pairs); END",
    "CREATE TRIGGER jiefen_text_update AFTER UPDATE ON jiefen_text BEGIN "
    "INSERT INTO jiefen_pairs(jiefen_pairs, rowid, pairs) VALUES ('delete', old.case_id, old.pairs); "
    "INSERT INTO jiefen_pairs(rowid, pairs) VALUES (new.case_id, new.pairs); END",
)


#: What facts are found by travels in the row of the case; these put it into its table.
_KEEP_TERMS = {
    "sqlite": (
        "CREATE TRIGGER jiefen_case_terms AFTER UPDATE OF terms ON jiefen_case WHEN new.terms IS NOT NULL BEGIN "
        "DELETE FROM jiefen_fact WHERE case_id = new.id AND fact IN (SELECT key FROM json_each(new.terms)); "
        "INSERT INTO jiefen_fact (case_id, fact, value, number) "
        "SELECT new.id, f.key, json_extract(t.value, '$[0]'), json_extract(t.value, '$[1]') "
        "FROM json_each(new.terms) AS f, json_each(f.value) AS t; END",
    ),
    "postgresql": (
        "CREATE FUNCTION jiefen_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "DELETE FROM jiefen_fact WHERE case_id = new.id AND fact IN (SELECT jsonb_object_keys(new.terms)); "
        "INSERT INTO jiefen_fact (case_id, fact, value, number) "
        "SELECT new.id, f.key, t.value->>0, CAST(t.value->>1 AS bigint) "
        "FROM jsonb_each(new.terms) AS f, jsonb_array_elements(f.value) AS t; RETURN NULL; END $$",
        "CREATE TRIGGER jiefen_case_terms AFTER UPDATE OF terms ON jiefen_case FOR EACH ROW "
        "WHEN (new.terms IS NOT NULL) EXECUTE FUNCTION jiefen_keep_terms()",
    ),
}


def _make_index(connection: sa.Connection) -> None:
    """What cases are found by, and what is there to find of the old ones."""
    postgres = connection.dialect.name == "postgresql"
    op.create_table(
        "jiefen_fact",
        _case(),
        sa.Column("fact", sa.String(100), nullable=False),
        sa.Column("value", sa.String(LONGEST_TERM), nullable=False),
        sa.Column("number", sa.BigInteger),
        sa.PrimaryKeyConstraint("case_id", "fact", "value", name="pk_jiefen_fact"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_jiefen_fact_fact_value_case_id", "jiefen_fact", ["fact", "value", "case_id"])
    numeric = sa.text("number IS NOT NULL")
    op.create_index(
        "ix_jiefen_fact_number",
        "jiefen_fact",
        ["fact", "number", "case_id"],
        postgresql_where=numeric,
        sqlite_where=numeric,
    )
    op.create_table(
        "jiefen_text",
        _case(),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("pairs", postgresql.ARRAY(sa.Text) if postgres else sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_jiefen_text"),
    )
    op.add_column("jiefen_case", sa.Column("terms", Json))
    for statement in _KEEP_TERMS[connection.dialect.name]:
        op.execute(statement)
    op.create_index("ix_jiefen_case_opened_at", "jiefen_case", ["opened_at"])
    ended = sa.text("ended_at IS NOT NULL")
    op.create_index(
        "ix_jiefen_case_ended_at", "jiefen_case", ["ended_at"], postgresql_where=ended, sqlite_where=ended
    )
    if postgres:
        op.create_index("ix_jiefen_text_pairs", "jiefen_text", ["pairs"], postgresql_using="gin")
    else:
        for statement in _FULL_TEXT:
            op.execute(statement)
    after = 0
    while rows := connection.execute(
        sa.select(_CASE).where(_CASE.c.id > after).order_by(_CASE.c.id).limit(500)
    ).all():
        after = rows[-1].id
        people: dict[int, list[tuple[str, str | None]]] = {}
        of_them = _PARTY.c.case_id.between(rows[0].id, after)
        for one in connection.execute(sa.select(_PARTY).where(of_them).order_by(_PARTY.c.seq)):
            people.setdefault(one.case_id, []).append((one.name, one.phone_key))
        terms, texts = [], []
        for row in rows:
            facts = _facts(row.facts)
            terms += rows_of(row.id, facts)
            said = text_row(facts, people.get(row.id, ()), connection.dialect.name)
            if said["body"]:
                texts.append({"case_id": row.id, **said})
        if terms:
            connection.execute(sa.insert(fact), terms)
        if texts:
            connection.execute(sa.insert(text), texts)


def _drop_index(connection: sa.Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    op.execute("DROP TRIGGER jiefen_case_terms" + ("" if sqlite else " ON jiefen_case"))
    if not sqlite:
        op.execute("DROP FUNCTION jiefen_keep_terms")
    op.drop_table("jiefen_text")
    if sqlite:
        op.execute("DROP TABLE jiefen_pairs")
    op.drop_table("jiefen_fact")
    op.drop_column("jiefen_case", "terms")
    for name in ("ended_at", "opened_at"):
        op.drop_index(f"ix_jiefen_case_{name}", "jiefen_case")


def _move_back(connection: sa.Connection) -> None:
    query = sa.select(_PARTY).order_by(_PARTY.c.case_id, _PARTY.c.seq.desc())
    back: dict[int, dict[str, str]] = {}
    for row in connection.execute(query):
        said = back.setdefault(row.case_id, {})
        if row.part == "applicant":
            said["party_name"] = row.name[:100]
            if row.phone:
                said["party_phone"] = row.phone
        elif row.part == "respondent":
            said["other_party"] = row.name
    for case, said in back.items():
        facts = _facts(connection.scalar(sa.select(_CASE.c.facts).where(_CASE.c.id == case)))
        _keep(connection, case, facts | said)


def _keep(connection: sa.Connection, case: int, facts: dict[str, Any]) -> None:
    connection.execute(sa.update(_CASE).where(_CASE.c.id == case).values(facts=facts))


def _facts(value: Any) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return facts
