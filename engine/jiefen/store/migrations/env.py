"""Alembic's entry point. Jiefen hands the connection over; there is no alembic.ini."""

from alembic import context

from jiefen.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="jiefen_version",
    render_as_batch=True,
    # A host's own tables live in the same database and are not ours to compare.
    include_name=lambda name, kind, _parents: kind != "table" or str(name).startswith("jiefen_"),
)
context.run_migrations()
