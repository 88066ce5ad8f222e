"""Authority, reading and proof: every case has a grade, its journal is a chain, and recurring work is a routine."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from jiefen.record.chain import CASE_COLUMNS, OWN, START, Head, LinkedRow, covered, link
from jiefen.record.rows import JournalRow
from jiefen.store.schema import Id, Instant, Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Grade the cases; chain their journals, and say that they were not chained when they were written."""
    _grade_cases(op.get_bind())
    _name_readers()
    _keep_what_is_read()
    _write_refusals()
    _make_chain()
    _make_keys()
    _rename_routines("duty", "routine")
    _keep_history(op.get_bind().dialect.name)


def downgrade() -> None:
    """Take chains and grades away."""
    _rename_routines("routine", "duty")
    _release_history(op.get_bind().dialect.name)
    _drop_keys()
    op.drop_index("ix_jiefen_journal_led", "jiefen_journal")
    _drop_chain()
    op.drop_table("jiefen_read")
    op.drop_table("jiefen_reader")
    op.drop_table("jiefen_refusal")
    for name in ("graded_by_hand", "grade"):
        op.drop_column("jiefen_case", name)


#: Texts whose columns were made for so many characters; what is encrypted is longer.
_WIDENED = {
    "jiefen_party": {
        "name": 200, "phone": 32, "contact": 200, "address": 300, "service_address": 300, "id_number": 32,
    },
    "jiefen_appointment": {"place": 300},
    "jiefen_attachment": {"name": 200},
}  # fmt: skip


def _make_keys() -> None:
    op.create_table(
        "jiefen_key",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("wrapped", sa.Text, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
    )
    op.create_table(
        "jiefen_case_key",
        sa.Column(
            "of_case",
            Id,
            sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("wrapped", sa.Text, nullable=False),
    )
    op.create_table(
        "jiefen_reporter",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("of", sa.String(64), nullable=False),
        sa.Column("passphrase", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.UniqueConstraint("of", name="uq_jiefen_reporter_of"),
        sa.UniqueConstraint("passphrase", name="uq_jiefen_reporter_passphrase"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":  # SQLite looks at no length
        for table, columns in _WIDENED.items():
            for name in columns:
                op.alter_column(table, name, type_=sa.Text())


def _drop_keys() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _WIDENED.items():
            for name, length in columns.items():
                op.alter_column(
                    table, name, type_=sa.String(length), postgresql_using=f"left({name}, {length})"
                )
    op.drop_table("jiefen_reporter")
    op.drop_table("jiefen_case_key")
    op.drop_table("jiefen_key")


_LINKED = ("seq", "digest", "salt", "covers", "covers_salt", "hash")
#: How many cases and how many entries are read at a time.
_CASES, _ENTRIES = 200, 1_000
_TYPES = {"seq": sa.Integer(), "covers": Json}


def _make_chain() -> None:
    for name in ("entries", "chained_from"):
        default = "0" if name == "entries" else "1"
        op.add_column("jiefen_case", sa.Column(name, sa.Integer, nullable=False, server_default=default))
    op.add_column("jiefen_case", sa.Column("head", sa.LargeBinary))
    for name in _LINKED:
        op.add_column("jiefen_journal", sa.Column(name, _TYPES.get(name, sa.LargeBinary())))
    connection = op.get_bind()
    metadata = sa.MetaData()
    metadata.reflect(connection, only=["jiefen_case", "jiefen_deadline", "jiefen_journal"], resolve_fks=False)
    tables = (_typed(metadata.tables[f"jiefen_{name}"]) for name in ("case", "deadline", "journal"))
    _Chaining(connection, *tables).run()


def _typed(table: sa.Table) -> sa.TableClause:
    """A table as it is at this migration, with the types by which its values are read and written."""

    def kind(column: sa.Column[Any]) -> Any:
        if isinstance(column.type, sa.DateTime):
            return Instant
        if isinstance(column.type, sa.JSON):
            return Json
        return Id if isinstance(column.type, sa.BigInteger) else column.type

    return sa.table(table.name, *(sa.column(column.name, kind(column)) for column in table.c))


class _Chaining:
    def __init__(
        self,
        connection: sa.Connection,
        case: sa.TableClause,
        deadline: sa.TableClause,
        journal: sa.TableClause,
    ) -> None:
        self._connection = connection
        self._case, self._deadline, self._journal = case, deadline, journal
        self._placed = (
            sa.update(journal)
            .where(journal.c.id == sa.bindparam("id_"))
            .values({name: sa.bindparam(f"{name}_", type_=journal.c[name].type) for name in _LINKED})
        )

    def run(self) -> None:
        """Every case, in the order of their ids."""
        case, deadline, after = self._case.c, self._deadline.c, 0
        wanted = [case.id, *(case[name] for name in (*CASE_COLUMNS, *OWN))]
        while True:
            query = sa.select(*wanted).where(case.id > after).order_by(case.id).limit(_CASES)
            rows = self._connection.execute(query).all()
            if not rows:
                return
            after = rows[-1].id
            deadlines: dict[int, list[Any]] = {row.id: [] for row in rows}
            hanging = sa.select(self._deadline).where(deadline.case_id.in_(deadlines))
            for one in self._connection.execute(hanging.order_by(deadline.case_id, deadline.seq)):
                deadlines[one.case_id].append(one)
            for row in rows:
                self._chain(row, deadlines[row.id])

    def _chain(self, row: Any, deadlines: list[Any]) -> None:
        """One case, some entries at a time: the last of them covers how the case stands."""
        head, entries = Head(0, START), self._entries(row.id, 0)
        while entries:
            following = self._entries(row.id, entries[-1].id)
            written = {} if following else covered(row, {}, deadlines, whole=True)
            linked, head = link([_told(entry) for entry in entries], head, written)
            self._connection.execute(self._placed, list(map(_place, entries, linked)))
            entries = following
        if head.entries:
            ends = {"entries": head.entries, "head": head.hash, "chained_from": head.entries + 1}
            self._connection.execute(sa.update(self._case).where(self._case.c.id == row.id).values(ends))

    def _entries(self, case_id: int, after: int) -> list[Any]:
        journal = self._journal.c
        query = sa.select(self._journal).where(journal.case_id == case_id, journal.id > after)
        return list(self._connection.execute(query.order_by(journal.id).limit(_ENTRIES)))


def _told(entry: Any) -> JournalRow:
    return JournalRow(*(getattr(entry, name) for name in JournalRow._fields))


def _place(entry: Any, linked: LinkedRow) -> dict[str, Any]:
    return {"id_": entry.id} | {f"{name}_": getattr(linked, name) for name in _LINKED}


def _drop_chain() -> None:
    for name in reversed(_LINKED):
        op.drop_column("jiefen_journal", name)
    for name in ("chained_from", "head", "entries"):
        op.drop_column("jiefen_case", name)


_AGENDA = sa.table("jiefen_agenda", sa.column("kind"))


def _rename_routines(before: str, after: str) -> None:
    op.execute(sa.update(_AGENDA).where(_AGENDA.c.kind == before).values(kind=after))
    op.drop_index(f"ix_jiefen_{before}_status_area_id", f"jiefen_{before}")
    op.rename_table(f"jiefen_{before}", f"jiefen_{after}")
    unique = f"uq_jiefen_{before}_rule_area_at", f"uq_jiefen_{after}_rule_area_at"
    if op.get_bind().dialect.name == "postgresql":
        for old, new in ((f"pk_jiefen_{before}", f"pk_jiefen_{after}"), unique):
            op.execute(f"ALTER TABLE jiefen_{after} RENAME CONSTRAINT {old} TO {new}")
        op.execute(f"ALTER SEQUENCE jiefen_{before}_id_seq RENAME TO jiefen_{after}_id_seq")
    else:
        # SQLite cannot rename a constraint: the table is written once more.
        with op.batch_alter_table(f"jiefen_{after}", recreate="always") as table:
            table.drop_constraint(unique[0], type_="unique")
            table.create_unique_constraint(unique[1], ["rule", "area", "at"])
            table.drop_constraint(f"pk_jiefen_{before}", type_="primary")
            table.create_primary_key(f"pk_jiefen_{after}", ["id"])
    op.create_index(f"ix_jiefen_{after}_status_area_id", f"jiefen_{after}", ["status", "area", "id"])


#: What never changes in an entry.
_FIXED = ("id", "case_id", "at", "actor", "kind", "subject", "message_key", "seq", "digest", "covers", "hash")
#: Tables whose rows are known by the digest of what they hold.
_BY_DIGEST = ("edition", "calendar")
_REFUSED = (
    "the journal is kept as it was written; only erasing, which leaves an entry of its own, takes data out"
)
_OF_DIGEST = "what is known by its digest is never changed"
#: Data may give way to the number of a later entry that tells of the erasing, and salts with it.
_ERASING = (
    "EXISTS (SELECT 1 FROM jiefen_journal AS told WHERE told.case_id = old.case_id AND told.kind = 'erased' "
    "AND told.seq > old.seq AND ((new.data = old.data AND new.salt {same} old.salt) "
    "OR (new.salt IS NULL AND {tombstone}))) AND (new.covers_salt IS NULL OR new.covers_salt {same} old.covers_salt)"
)


def _keep_history(dialect: str) -> None:
    """Let the database refuse to change or remove what happened."""
    same = "IS NOT DISTINCT FROM" if dialect == "postgresql" else "IS"
    fixed = " AND ".join(f"new.{name} {same} old.{name}" for name in _FIXED)
    if dialect != "postgresql":
        erasing = _ERASING.format(same=same, tombstone="json(new.data) = json_object('erased', told.seq)")
        op.execute(
            "CREATE TRIGGER jiefen_journal_changed BEFORE UPDATE ON jiefen_journal "
            f"WHEN NOT ({fixed} AND {erasing}) BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
        op.execute(
            "CREATE TRIGGER jiefen_journal_removed BEFORE DELETE ON jiefen_journal "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
        for name in _BY_DIGEST:
            for act, done in (("UPDATE", "changed"), ("DELETE", "removed")):
                op.execute(
                    f"CREATE TRIGGER jiefen_{name}_{done} BEFORE {act} ON jiefen_{name} "
                    f"BEGIN SELECT RAISE(ABORT, '{_OF_DIGEST}'); END"
                )
        return
    erasing = _ERASING.format(same=same, tombstone="new.data = jsonb_build_object('erased', told.seq)")
    refuse = "BEGIN RAISE EXCEPTION '{}' USING ERRCODE = 'restrict_violation'; END"
    op.execute(
        "CREATE FUNCTION jiefen_journal_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {fixed} AND {erasing} THEN RETURN new; END IF; "
        f"RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    for function, reason in (("history", _REFUSED), ("digest", _OF_DIGEST)):
        op.execute(
            f"CREATE FUNCTION jiefen_{function}_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ {refuse.format(reason)} $$"
        )
    op.execute(
        "CREATE TRIGGER jiefen_journal_changed BEFORE UPDATE ON jiefen_journal FOR EACH ROW "
        "EXECUTE FUNCTION jiefen_journal_changed()"
    )
    op.execute(
        "CREATE TRIGGER jiefen_journal_removed BEFORE DELETE ON jiefen_journal FOR EACH ROW "
        "EXECUTE FUNCTION jiefen_history_kept()"
    )
    op.execute(
        "CREATE TRIGGER jiefen_journal_emptied BEFORE TRUNCATE ON jiefen_journal FOR EACH STATEMENT "
        "EXECUTE FUNCTION jiefen_history_kept()"
    )
    for name in _BY_DIGEST:
        op.execute(
            f"CREATE TRIGGER jiefen_{name}_kept BEFORE UPDATE OR DELETE ON jiefen_{name} FOR EACH ROW "
            "EXECUTE FUNCTION jiefen_digest_kept()"
        )


def _release_history(dialect: str) -> None:
    """Let the tables be changed again."""
    if dialect == "postgresql":
        for name in ("journal_changed", "history_kept", "digest_kept"):
            op.execute(f"DROP FUNCTION jiefen_{name} CASCADE")
        return
    for name in ("journal", *_BY_DIGEST):
        for done in ("changed", "removed"):
            op.execute(f"DROP TRIGGER jiefen_{name}_{done}")


#: Facts that make a case sensitive by the rules of the nation, with the values that do.
_SENSITIVE = {
    "violence": "true", "minor_harmed": "true", "minor_involved": "true", "crime_suspected": "true",
    "duty_crime": "true", "matter_type": "accusation", "dispute_type": "suspected_crime accusation",
}  # fmt: skip
#: Facts that make it so whatever they say.
_ANY = ("accused_persons", "accused_units", "patient_died_on")


def _grade_cases(connection: sa.Connection) -> None:
    """Give every case a grade: what its facts say, until its next step looks at the rules of its edition again."""
    op.add_column("jiefen_case", sa.Column("grade", sa.String(16), nullable=False, server_default="personal"))
    op.add_column("jiefen_case", sa.Column("graded_by_hand", Json))
    case = sa.table("jiefen_case", sa.column("grade"), sa.column("facts", Json))
    said = {name: case.c.facts[name].as_string() for name in (*_SENSITIVE, *_ANY)}
    # SQLite gives what is true as 1.
    words = {name: ["true", "1"] if one == "true" else one.split() for name, one in _SENSITIVE.items()}
    ways = [said[name].in_(values) for name, values in words.items()]
    ways += [said[name].is_not(None) & said[name].not_in(["[]", "null"]) for name in _ANY]
    connection.execute(sa.update(case).where(sa.or_(*ways)).values(grade="sensitive"))


def _write_refusals() -> None:
    op.create_table(
        "jiefen_refusal",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("act", sa.String(80), nullable=False),
        sa.Column("case_id", Id),
        sa.Column("why", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jiefen_refusal"),
    )
    op.create_index("ix_jiefen_refusal_actor_at", "jiefen_refusal", ["actor", "at"])
    op.create_index("ix_jiefen_refusal_at", "jiefen_refusal", ["at"])


def _name_readers() -> None:
    op.create_table(
        "jiefen_reader",
        sa.Column("case_id", Id, sa.ForeignKey("jiefen_case.id", ondelete="CASCADE"), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("named_by", sa.String(200), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("withdrawn_at", Instant),
        sa.Column("withdrawn_by", sa.String(200)),
        sa.PrimaryKeyConstraint("case_id", "person", "named_by", name="pk_jiefen_reader"),
    )
    op.create_index("ix_jiefen_reader_person", "jiefen_reader", ["person"])
    bound = sa.text("kind = 'leader_bound'")
    op.create_index(
        "ix_jiefen_journal_led",
        "jiefen_journal",
        ["case_id", "subject"],
        postgresql_where=bound,
        sqlite_where=bound,
    )


def _keep_what_is_read() -> None:
    op.create_table(
        "jiefen_read",
        sa.Column("id", Id, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("case_id", Id, nullable=False),
        sa.Column("grade", sa.String(16), nullable=False),
        sa.Column("area", sa.String(15)),
        sa.Column("refused", sa.Boolean, nullable=False),
        sa.Column("because", sa.Text),
    )
    for columns in (["at"], ["person", "at"], ["case_id", "at"]):
        op.create_index(f"ix_jiefen_read_{'_'.join(columns)}", "jiefen_read", columns)
