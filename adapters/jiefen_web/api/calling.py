"""A call: who makes it, as whom the engine is asked, in which language.

Nobody is anonymous: whatever reads goes through ``engine.as_(actor)``, whatever writes says ``by=actor``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyHeader

from jiefen import Actor, Clock, Engine, Reader
from jiefen_web.api.callers import Caller
from jiefen_web.api.callers.keys import ApiKeys
from jiefen_web.api.limits import Limits, Streams
from jiefen_web.api.problems import Refusal, language_of
from jiefen_web.api.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What an application serves: an engine, to whom, how often."""

    engine: Engine
    clock: Clock
    keys: ApiKeys
    limits: Limits
    streams: Streams
    most_behind: float
    #: Set when the server is about to end: whoever waits is let go.
    stopping: threading.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of somebody who is known."""

    engine: Engine
    caller: Caller
    actor: Actor
    because: str | None
    language: Language
    stopping: threading.Event
    #: Whether the caller may still call.
    holds: Callable[[], bool]

    @property
    def reader(self) -> Reader:
        """What they may read."""
        return self.engine.as_(self.actor, because=self.because)


def served(request: Request) -> Served:
    """What the application serves."""
    found: Served = request.app.state.jiefen
    return found


_KEY = APIKeyHeader(
    name="Jiefen-Key",
    scheme_name="key",
    description="An API key, from `jiefen callers key`",
    auto_error=False,
)


def calling(
    request: Request,
    key: Annotated[str | None, Security(_KEY)] = None,
    jiefen_actor: Annotated[
        str | None, Header(description="The staff number of who acts, from a program that speaks for people")
    ] = None,
    jiefen_because: Annotated[
        str | None, Header(description="Why a case that is sealed is read; percent-encoded UTF-8")
    ] = None,
) -> Call:
    """Whose call it is.

    Raises:
        Refusal: nobody knows who calls, they have called too often, or this part is not for them.
    """
    serving = served(request)
    address = request.client.host if request.client is not None else "-"
    serving.limits.require_known(address)
    caller = serving.keys.caller(key) if key is not None else None
    if caller is None:
        serving.limits.unknown(address)
        raise Refusal(
            "not-authenticated",
            ("请在 Jiefen-Key 中给出有效的密钥", "give a key that holds in the header Jiefen-Key"),
            {"WWW-Authenticate": 'Jiefen-Key realm="jiefen"'},
        )
    request.state.caller = caller.id
    serving.limits.call(caller)
    parts = frozenset(request.scope["route"].tags)
    if caller.only is not None and not parts & caller.only:
        raise Refusal(
            "not-allowed",
            (
                f"{caller.id} 不能使用这一部分",
                f"this part of the interface is not for {caller.id} (only: in the file)",
            ),
        )
    if jiefen_actor is not None and not caller.speaks_for_people:
        raise Refusal(
            "not-allowed",
            (
                f"{caller.id} 不能代他人办理",
                f"{caller.id} speaks for nobody else (speaks_for_people in the file)",
            ),
        )
    return Call(
        engine=serving.engine,
        caller=caller,
        actor=caller.actor(serving.engine, unquote(jiefen_actor) if jiefen_actor is not None else None),
        because=unquote(jiefen_because) if jiefen_because is not None else None,
        language=language_of(request),
        stopping=serving.stopping,
        holds=lambda: key is not None and serving.keys.caller(key) == caller,
    )


Calling = Annotated[Call, Depends(calling)]
