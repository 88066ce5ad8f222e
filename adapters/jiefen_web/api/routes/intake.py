"""Matters from other registers, and what comes back from outside systems."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from jiefen import Answer, Delivery, Intake, IntakeRow
from jiefen_web.api.answers import Page, answer, nothing, page
from jiefen_web.api.calling import Calling
from jiefen_web.api.routes.cases import NewParty
from jiefen_web.api.routes.parameters import MAX_ID, After, Body, Limit

router = APIRouter(prefix="/v1", tags=["intake"])


class Row(Body):
    """A matter as another register has it."""

    key: str = Field(examples=["12345:2026030200017"])
    facts: dict[str, Any]
    parties: list[NewParty] = Field(default=[])
    rebound: bool = False
    process: str | None = None
    owners: dict[str, str] = Field(default={}, examples=[{"leader": "0501"}])


class Rows(Body):
    """Matters, at most 500 at once."""

    rows: list[Row] = Field(max_length=500)
    process: str = "dispute"


class TakenIn(BaseModel):
    """What became of a row."""

    key: str
    outcome: Intake
    case: int | None
    others: list[int]
    differs: list[str]
    unbound: str | None
    error: str | None
    fact: str | None = Field(description="The fact that the error is about")


class Returned(Body):
    """What an outside system answers: facts, or the code of an error."""

    facts: dict[str, Any] = Field(default={})
    error: str | None = None


@router.post(
    "/intake", operation_id="take_in", response_model=list[TakenIn], summary="导入 · Take matters in"
)
def take_in(call: Calling, body: Rows) -> Response:
    """Each in a transaction of its own; the same again opens nothing twice."""
    rows = [
        IntakeRow(
            **one.model_dump(exclude={"parties"}),
            parties=[p.model_dump(exclude_none=True) for p in one.parties],
        )
        for one in body.rows
    ]
    taken = [
        {
            "key": row.key,
            "outcome": one.outcome,
            "case": one.case,
            "others": one.others,
            "differs": one.differs,
            "unbound": one.unbound,
            "error": one.error.text(call.language) if one.error is not None else None,
            "fact": getattr(one.error, "fact", None),
        }
        for row, one in zip(rows, call.engine.intake(rows, process=body.process, by=call.actor), strict=True)
    ]
    return answer(taken)


@router.get(
    "/deliveries",
    operation_id="list_deliveries",
    response_model=Page[Delivery],
    summary="对外投递 · Deliveries",
)
def list_deliveries(
    call: Calling,
    request: Request,
    status: Annotated[str, Query(examples=["parked"])] = "parked",
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """What goes out: `parked` has no adapter and waits for somebody to carry it."""
    found = call.reader.deliveries(status=status, after=after, limit=limit)
    return page(request, found, limit, found[-1].id if found else None)


@router.post(
    "/deliveries/{delivery}/answer",
    operation_id="answer_delivery",
    status_code=204,
    summary="答复投递 · Answer a delivery",
)
def answer_delivery(
    call: Calling, delivery: Annotated[int, Path(ge=1, le=MAX_ID)], body: Returned
) -> Response:
    """The case goes on; a second answer is `already-done`."""
    call.do(call.engine.answer, delivery, Answer(body.facts, body.error))
    return nothing()
