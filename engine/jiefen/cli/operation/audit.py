"""``jiefen audit``: proof that what is kept is what happened."""

from __future__ import annotations

import typer

app = typer.Typer()
audit_app = typer.Typer(help="Prove that what is kept is what happened.")
app.add_typer(audit_app, name="audit")


@audit_app.command("roles")
def roles() -> None:
    """Print the SQL for PostgreSQL that makes an owner, an application and an auditor, each with what it needs."""
    from jiefen.store.roles import roles_sql

    typer.echo(roles_sql(), nl=False)
