"""一案一码: what a party sees by the code of their case, and says of it. Nothing but the code is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from jiefen import FactError, NotFound, PartyStatus, Rating
from jiefen_web.api.answers import answer
from jiefen_web.api.calling import served
from jiefen_web.api.problems import language_of
from jiefen_web.api.routes.parameters import Body

router = APIRouter(prefix="/c")

Code = Annotated[
    str, Path(max_length=100, description="The code of the case", examples=["PHTY-KEF4-7C4X-37HR"])
]


class Standing(BaseModel):
    """How a case stands, in sentences and as data."""

    lines: list[str]
    status: PartyStatus


class Said(Body):
    """How content a party is with what was served on them, or with how the case ended."""

    grade: str = Field(examples=["satisfied"])
    of: str | None = Field(
        default=None, description="The `id` of what is rated; what was served last when absent"
    )
    comment: str | None = None


@router.get(
    "/{code}", operation_id="by_code", response_model=Standing, summary="凭码查询 · How my case stands"
)
def by_code(request: Request, code: Code) -> Response:
    """It names nobody, and tells nothing of other parties. With `Accept: text/plain`, sentences alone."""
    with _trying(request):
        status = served(request).engine.by_code(code)
    language = language_of(request)
    lines = status.lines(language)
    headers = {"Content-Language": language, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    if request.headers.get("accept", "").startswith("text/plain"):
        return Response("\n".join(lines) + "\n", headers=headers, media_type="text/plain; charset=utf-8")
    return answer({"lines": lines, "status": status}, headers=headers)


@router.post(
    "/{code}/rating", operation_id="rate", response_model=Rating, summary="评价 · Rate how it was handled"
)
def rate(request: Request, code: Code, body: Said) -> Response:
    """Each decision once."""
    with _trying(request):
        return answer(served(request).engine.rate(code, body.grade, of=body.of, comment=body.comment))


@contextmanager
def _trying(request: Request) -> Iterator[None]:
    """Let an address try codes: some in a minute, and few that are wrong."""
    limits = served(request).limits
    address = request.client.host if request.client is not None else "-"
    limits.by_code(address)
    try:
        yield
    except (NotFound, FactError):
        limits.wrong_code(address)
        raise
