"""The feed: what happens in all cases, in one order, each once; asked for, or sent as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from sse_starlette import EventSourceResponse

from jiefen import Feed
from jiefen_web.api.answers import answer, plain
from jiefen_web.api.calling import Call, Calling, served
from jiefen_web.api.problems import Refusal
from jiefen_web.api.routes.parameters import MAX_ID, After, Limit

router = APIRouter(prefix="/v1/feed", tags=["feed"])

#: Seconds between two looks whether something has happened.
_LOOK: Final = 0.5
#: How long somebody may wait for an answer, in seconds.
MOST_WAIT: Final = 30
#: A stream ends after so many looks, an hour, and is begun again by its reader where it was.
_MOST_LOOKS: Final = 7_200
#: Looks after which it is asked again whether the caller may still call.
_ASK_AGAIN: Final = 20
_PING: Final = 15
_PART: Final = 100

Kinds = Annotated[
    list[str] | None, Query(description="Only these kinds", examples=[["deadline_expired", "ended"]])
]


@router.get("", operation_id="feed", response_model=Feed, summary="动态 · What happens")
async def feed(
    call: Calling,
    after: After = 0,
    kinds: Kinds = None,
    limit: Limit = 100,
    wait: Annotated[int, Query(ge=0, le=MOST_WAIT, description="Seconds to wait for the first entry")] = 0,
) -> Response:
    """Entries after a cursor; `cursor` is where the next part begins, and moves past what is not shown."""
    cursor = after
    for _ in range(1 + int(wait / _LOOK)):
        part = await asyncio.to_thread(call.reader.feed, after=cursor, kinds=kinds, limit=limit)
        cursor = part.cursor
        if part.entries or not wait or call.stopping.is_set():
            break
        await asyncio.sleep(_LOOK)
    return answer(part)


@router.get(
    "/stream",
    operation_id="stream_feed",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"}},
    summary="动态推送 · What happens, as it happens",
)
async def stream_feed(
    call: Calling,
    request: Request,
    after: After = 0,
    kinds: Kinds = None,
    last_event_id: Annotated[str | None, Header(description="Sent by a reader that begins again")] = None,
) -> Response:
    """Server-sent events: `event` is the kind, `id` goes into `Last-Event-ID` to go on behind it."""
    if last_event_id is not None:
        if not last_event_id.isdigit() or int(last_event_id) > MAX_ID:
            raise Refusal("facts", ("Last-Event-ID 不是编号", "Last-Event-ID is none of this feed"))
        after = int(last_event_id)
    await asyncio.to_thread(
        call.reader.feed, after=after, kinds=kinds, limit=1
    )  # what is wrong is told at once
    serving = served(request)
    serving.streams.begin(call.caller.id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_events(call, request, after, kinds), headers=headers, ping=_PING)


async def _events(
    call: Call, request: Request, cursor: int, kinds: list[str] | None
) -> AsyncIterator[dict[str, Any]]:
    serving = served(request)
    try:
        for look in range(_MOST_LOOKS):
            if call.stopping.is_set() or await request.is_disconnected():
                return
            if look % _ASK_AGAIN == _ASK_AGAIN - 1 and not await asyncio.to_thread(call.holds):
                return
            part = await asyncio.to_thread(call.reader.feed, after=cursor, kinds=kinds, limit=_PART)
            for entry in part.entries:
                data = msgspec.json.encode(entry, enc_hook=plain).decode()
                yield {"id": str(entry.id), "event": str(entry.kind), "data": data}
            cursor = part.cursor
            if len(part.entries) < _PART:
                await asyncio.sleep(_LOOK)
    finally:
        serving.streams.end(call.caller.id)
