"""The keeping of records, for whoever administers a database and answers for it."""

from __future__ import annotations

from jiefen.case.runtime import Runtime
from jiefen.errors import KeysError
from jiefen.store.sealing import tables


class Records:
    """What the database keeps, and under which keys: ``engine.records``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def rotate_keys(self) -> int:
        """Wrap every data key by the current master key. How many there were that another one had wrapped.

        Cases are worked on meanwhile; a rotation that breaks off is run again. Afterwards nothing in the database needs
        the master keys from before; backups do.

        Raises:
            KeysError: the database has no keys, or a master key from before is lost.
        """
        ring = self._runtime.database.ring
        if ring is None:
            raise KeysError(
                "this database is not encrypted, so there is nothing to rotate; open it with keys="
            )
        with self._runtime.writing() as connection:
            done = tables.rewrap_database(connection, ring.keys)
        after: int | None = 0
        while after is not None:
            with self._runtime.writing() as connection:
                after, changed = tables.rewrap_cases(connection, ring.keys, after)
            done += changed
        return done
