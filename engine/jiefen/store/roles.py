"""Roles of PostgreSQL for the tables: who owns them, who works with them, and who only looks whether all is true."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

# With them the metadata is complete.
from jiefen.store import cases, schema  # noqa: F401
from jiefen.store.desk import feed, links  # noqa: F401
from jiefen.store.schema import metadata
from jiefen.store.sealing.covering import columns_of
from jiefen.store.viewing import diaries  # noqa: F401

OWNER: Final = "jiefen_owner"
APPLICATION: Final = "jiefen_application"
AUDITOR: Final = "jiefen_auditor"

#: What the application may do to a table; to every other one all but removing the table.
_NARROW: Final = {
    # Erasing takes data out, and a trigger sees to it that nothing else does.
    "jiefen_journal": ("SELECT", "INSERT", "UPDATE (data, salt, covers_salt)"),
    "jiefen_case": ("SELECT", "INSERT", "UPDATE"),
    "jiefen_edition": ("SELECT", "INSERT"),
    "jiefen_calendar": ("SELECT", "INSERT"),
    "jiefen_version": ("SELECT",),
}
#: What the auditor compares of other tables: no words that people have written.
_COLUMNS: Final = {table.name: columns_of(table) for table in (schema.task, schema.supervision, links.link)}
_WIDE: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
#: What the auditor reads whole: nothing about people but what the journal tells.
_AUDITED: Final = (
    "jiefen_case", "jiefen_deadline", "jiefen_journal", "jiefen_edition", "jiefen_calendar", "jiefen_version",
)  # fmt: skip


def roles_sql() -> str:
    """The statements that make the roles and give each what it needs; they may be run again after every migration."""
    names = [*sorted(table.name for table in metadata.tables.values()), "jiefen_version"]
    numbered = [
        table.name
        for table in metadata.sorted_tables
        if isinstance(table.autoincrement_column, sa.Column) and table.autoincrement_column.name == "id"
    ]
    lines = [
        "-- Run by a superuser, or by who may make roles and owns the tables; again after every new version.",
        "-- The roles cannot log in: GRANT jiefen_application TO the_user_of_your_program;",
        *(
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            for role in (OWNER, APPLICATION, AUDITOR)
        ),
    ]
    for name in names:
        allowed = ", ".join(_NARROW.get(name, _WIDE))
        lines += [
            f"ALTER TABLE {name} OWNER TO {OWNER};",
            f"REVOKE ALL ON {name} FROM PUBLIC, {APPLICATION}, {AUDITOR};",
            f"GRANT {allowed} ON {name} TO {APPLICATION};",
        ]
        if name in _AUDITED:
            lines.append(f"GRANT SELECT ON {name} TO {AUDITOR};")
        elif name in _COLUMNS:
            # Names of columns are quoted: some are words of SQL.
            named = ", ".join(f'"{column}"' for column in _COLUMNS[name])
            lines.append(f"GRANT SELECT ({named}) ON {name} TO {AUDITOR};")
    lines += [f"GRANT USAGE, SELECT ON SEQUENCE {name}_id_seq TO {APPLICATION};" for name in sorted(numbered)]
    return "\n".join(lines) + "\n"
