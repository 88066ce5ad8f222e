"""Listening: a program is called when something has happened in a case, in the process in which it was written."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction

from jiefen.case.arguments import check_choice
from jiefen.case.runtime import Runtime
from jiefen.errors import FactError
from jiefen.notation.texts import shown
from jiefen.record.kinds import Happening
from jiefen.record.values import Entry
from jiefen.story.snapshots import entry_of


def on(runtime: Runtime, kind: Happening | str, tell: Callable[[Entry], object]) -> Callable[[], None]:
    """Call ``tell`` with each entry of a kind that this engine writes, after it is kept, in the same thread.

    What a transaction has taken back is never told. In a host's ``Session`` it is told when that ends; a ``Connection``
    does not say when it has ended, so that the next call of this engine tells it. What ``tell`` raises breaks nothing:
    the logger ``jiefen.listening`` says so. What other processes write, and what was written while this one did not
    run, is in the feed.

    Args:
        kind: such as ``deadline_at_risk``, ``deadline_expired`` or ``ended``.

    Returns:
        What ends it.

    Raises:
        UnknownValue: there is no such kind of entry; the message names the nearest.
        FactError: ``tell`` cannot be called, or is a coroutine function, which nobody would await.
    """
    wanted = check_choice(kind, "kind of entries", Happening)
    if not callable(tell) or iscoroutinefunction(tell):
        raise FactError(f"tell={shown(tell)} is no function that can be called; give one that takes an entry")
    return runtime.listeners.add(str(wanted), lambda row: tell(entry_of(row)))
