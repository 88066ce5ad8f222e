"""The application: the engine's calls as routes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from jiefen import Clock, Engine, SystemClock, __version__
from jiefen_web.api.callers import Callers
from jiefen_web.api.callers.keys import ApiKeys
from jiefen_web.api.callers.signed import Signed
from jiefen_web.api.callers.tokens import Provider, Tokens
from jiefen_web.api.calling import Served
from jiefen_web.api.document import described
from jiefen_web.api.limits import BodyLimit, Limits, Streams
from jiefen_web.api.problems import ANSWERS, tell_problems
from jiefen_web.api.routes import (
    cases,
    deadlines,
    events,
    feed,
    figures,
    intake,
    messages,
    orders,
    records,
    tasks,
)
from jiefen_web.api.routes.open import calendars, health, parties
from jiefen_web.api.words import PARTS

_LOG: Final = logging.getLogger("jiefen.http")
#: What a call may send.
MOST_BYTES: Final = 2_000_000
#: A clock that is further behind, in seconds, is no longer ready.
MOST_BEHIND: Final = 900.0


def create(
    engine: Engine,
    *,
    callers: Callers,
    clock: Clock | None = None,
    most_bytes: int = MOST_BYTES,
    most_behind: float = MOST_BEHIND,
) -> FastAPI:
    """An application that serves an engine over HTTP; serve it, or mount it in another one under a prefix.

    The engine stays the host's to close. No page of another origin may call: there is no CORS.

    Args:
        callers: who may call.
        clock: by which keys end; that of the machine when absent.
        most_bytes: what a call may send.
        most_behind: seconds after which ``/readyz`` says that the clock of the engine is behind.
    """
    app = FastAPI(
        title="解纷 Jiefen",
        version=__version__,
        description="Cases, tasks, deadlines and messages of an engine for disputes and petitions.",
        openapi_tags=[{"name": name, "description": f"{zh} {en}"} for name, (zh, en) in PARTS.items()],
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        responses=ANSWERS,
    )
    time_of = clock or SystemClock()
    app.state.jiefen = Served(
        engine=engine,
        clock=time_of,
        callers=callers,
        keys=ApiKeys(callers, time_of, engine),
        signed=Signed(callers, engine),
        tokens=_tokens(callers, engine),
        limits=Limits(),
        streams=Streams(),
        most_behind=most_behind,
        stopping=threading.Event(),
    )
    for part in (
        cases,
        tasks,
        messages,
        deadlines,
        records,
        orders,
        figures,
        feed,
        intake,
        events,
        parties,
        calendars,
        health,
    ):
        app.include_router(part.router)
    app.openapi = described(app)  # type: ignore[method-assign]
    tell_problems(app)
    app.add_middleware(BodyLimit, most=most_bytes)
    app.middleware("http")(_logged)
    return app


def _tokens(callers: Callers, engine: Engine) -> Callable[[], Tokens | None]:
    """What takes tokens; another one when the file names another provider."""
    lock, made = threading.Lock(), dict[str, tuple[Provider, Tokens]]()

    def current() -> Tokens | None:
        provider = callers.provider
        if provider is None:
            return None
        with lock:
            if "it" not in made or made["it"][0] != provider:
                made["it"] = (provider, Tokens(provider, engine))
            return made["it"][1]

    return current


async def _logged(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Say in the log what was called: the form of the address alone, for codes and filters stand in addresses."""
    begun = time.monotonic()
    response = await call_next(request)
    route = request.scope.get("route")
    _LOG.info(
        "%s %s %d %.0f ms %s",
        request.method,
        getattr(route, "path", "-"),
        response.status_code,
        (time.monotonic() - begun) * 1000,
        getattr(request.state, "caller", "-"),
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
