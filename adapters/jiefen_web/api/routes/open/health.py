"""Whether the server lives, and whether it is ready."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from jiefen import DatabaseError
from jiefen_web.api.answers import answer
from jiefen_web.api.calling import served

router = APIRouter()


class Health(BaseModel):
    """The server lives."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether calls can be served."""

    status: Literal["ready", "behind", "database"]
    behind_seconds: float | None


@router.get("/healthz", operation_id="health", response_model=Health, summary="The server lives")
def health() -> Response:
    """For a monitor that starts a dead server again."""
    return answer({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="ready",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "The database is away, or the clock is behind"}},
    summary="Calls can be served",
)
def ready(request: Request) -> Response:
    """For a balancer: the database answers, and what the clock has to do is done."""
    serving = served(request)
    try:
        behind = serving.engine.lag().behind.total_seconds()
    except DatabaseError:
        return answer({"status": "database", "behind_seconds": None}, 503)
    late = behind > serving.most_behind
    return answer({"status": "behind" if late else "ready", "behind_seconds": behind}, 503 if late else 200)
