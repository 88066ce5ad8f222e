"""Calendars under secret addresses, for programs that subscribe to them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from jiefen import NotFound
from jiefen_adapters.calendars import calendar_of
from jiefen_web.api.calling import served
from jiefen_web.api.problems import language_of

router = APIRouter()

MEDIA: Final = "text/calendar"
#: For so many seconds a program need not ask again.
_FRESH: Final = 600


class Calendar(Response):
    """A calendar."""

    media_type = MEDIA


@router.get(
    "/v1/calendars/{token}.ics",
    operation_id="read_calendar",
    response_class=Calendar,
    responses={200: {"content": {MEDIA: {"schema": {"type": "string"}}}, "description": "The calendar"}},
    summary="日程订阅 · A calendar to subscribe to",
)
def read_calendar(
    request: Request,
    token: Annotated[str, Path(max_length=100, description="The secret of the address")],
    lang: Annotated[
        Literal["zh", "en"] | None, Query(description="Its language; as the program asks for when absent")
    ] = None,
) -> Response:
    """Whoever has the address reads it, as far as its person may read it now; it asks for no key."""
    serving = served(request)
    caller = request.client.host if request.client is not None else "-"
    serving.limits.require_known(caller)
    try:
        diary = calendar_of(serving.engine, token, language=lang or language_of(request))
    except NotFound:
        serving.limits.unknown(caller)
        raise
    headers = {
        "Cache-Control": f"private, max-age={_FRESH}",
        "Content-Disposition": 'inline; filename="jiefen.ics"',
        "Vary": "Accept-Language",
    }
    return Calendar(diary, headers=headers)
