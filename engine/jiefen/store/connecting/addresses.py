"""Addresses of databases: understood, and shown without their secrets."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import make_url

from jiefen.errors import DatabaseError

#: Parts of the query of an address that may be shown; of every other one only that it is there.
_SHOWN: Final = frozenset(
    {"mode", "uri", "cache", "timeout", "host", "port", "sslmode", "application_name", "connect_timeout",
     "target_session_attrs", "dbname", "user"}
)  # fmt: skip


def parsed(url: str) -> sa.URL:
    """The parts of an address; ``postgresql`` means the driver psycopg.

    Raises:
        DatabaseError: it cannot be understood.
    """
    if not isinstance(url, str):
        raise DatabaseError(
            f"the address of a database is a text, not a {type(url).__name__}; write for example sqlite:///cases.db"
        )
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        address.get_backend_name()
    except (exc.ArgumentError, exc.NoSuchModuleError, ValueError) as error:
        scheme = url.partition(":")[0][:20]
        why = error if isinstance(error, exc.NoSuchModuleError) else "it is no address"
        raise DatabaseError(
            f"the database address {scheme + ':…'!r} cannot be used: {why}; "
            "write for example sqlite:///cases.db or postgresql+psycopg://user@host/name"
        ) from None
    return address


def masked(address: sa.URL) -> str:
    """The address as people may see it: no password, and of its query only what is known to be no secret."""
    query = {
        name: value if name in _SHOWN else ("***" if isinstance(value, str) else tuple("***" for _ in value))
        for name, value in address.query.items()
    }
    return address.set(query=query).render_as_string(hide_password=True)
