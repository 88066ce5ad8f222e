"""Orders to departments, whistles, and what somebody is pressed for.

An order is signed for, returned and reported at its tasks: it is a case of its own.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from jiefen import Dispatch, Supervision, Whistle
from jiefen_web.api.answers import Page, answer, page
from jiefen_web.api.calling import Calling
from jiefen_web.api.routes.parameters import MAX_ID, After, Area, Body, CaseId, Limit

router = APIRouter(prefix="/v1", tags=["orders"])

OfCase = Annotated[int | None, Query(ge=1, le=MAX_ID, description="Of this matter alone")]
Status = Annotated[str | None, Query(examples=["open"])]


class Order(Body):
    """What a department is asked to do."""

    asked: str = Field(examples=["到现场核实排水沟归属"])
    key: str
    to: str | None = Field(
        default=None, description="The role; by the rules when absent", examples=["land_officer"]
    )
    limit: str = "general"
    urgent: bool = False
    area: str | None = None


class Recall(Body):
    """Why an order is taken back."""

    reason: str


class Blow(Body):
    """Departments that are called to one place."""

    kind: str = Field(examples=["work"])
    asked: str
    departments: list[str] = Field(examples=[["land_officer", "water_department"]])
    key: str
    case: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
    area: str | None = None


class Pressing(Body):
    """Who is pressed, for what, and by when they answer."""

    role: str = Field(examples=["petition_officer"])
    action: str = Field(examples=["supervise"])
    ground: str
    reply: str | None = Field(default=None, examples=["5 wd"])
    reply_by: date | None = None


class Reply(Body):
    """A written answer."""

    text: str


@router.post(
    "/cases/{case}/dispatches",
    operation_id="dispatch",
    status_code=201,
    response_model=Dispatch,
    summary="派单 · Give an order",
)
def dispatch(call: Calling, case: CaseId, body: Order) -> Response:
    """A key that comes again gives the order that is there."""
    return answer(call.do(call.engine.dispatch, case, **body.model_dump()), 201)


@router.get(
    "/dispatches", operation_id="list_dispatches", response_model=Page[Dispatch], summary="派单一览 · Orders"
)
def list_dispatches(
    call: Calling,
    request: Request,
    case: OfCase = None,
    area: Area = None,
    status: Status = None,
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Who has them, how they stand, what is due next."""
    found = call.reader.dispatches(case=case, area=area, status=status, after=after, limit=limit)
    return page(request, found, limit, found[-1].id if found else None)


@router.post(
    "/dispatches/{order}/recall",
    operation_id="recall",
    response_model=Dispatch,
    summary="撤单 · Take an order back",
)
def recall(call: Calling, order: Annotated[int, Path(ge=1, le=MAX_ID)], body: Recall) -> Response:
    """The department has nothing to do any more."""
    return answer(call.do(call.engine.recall, order, reason=body.reason))


@router.post(
    "/whistles",
    operation_id="whistle",
    status_code=201,
    response_model=Whistle,
    summary="吹哨 · Call departments",
)
def whistle(call: Calling, body: Blow) -> Response:
    """A key that comes again gives the whistle that is there."""
    return answer(call.do(call.engine.whistle, **body.model_dump()), 201)


@router.get(
    "/whistles", operation_id="list_whistles", response_model=Page[Whistle], summary="吹哨一览 · Whistles"
)
def list_whistles(
    call: Calling,
    request: Request,
    case: OfCase = None,
    area: Area = None,
    status: Status = None,
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Who came, who was late, what was decided."""
    found = call.reader.whistles(case=case, area=area, status=status, after=after, limit=limit)
    return page(request, found, limit, found[-1].id if found else None)


@router.get(
    "/supervisions",
    operation_id="list_supervisions",
    response_model=Page[Supervision],
    summary="督办一览 · Supervisions",
)
def list_supervisions(
    call: Calling,
    request: Request,
    status: str = "open",
    case: OfCase = None,
    area: Area = None,
    role: str | None = None,
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """What must be answered in writing."""
    found = call.reader.supervisions(status=status, case=case, area=area, role=role, after=after, limit=limit)
    return page(request, found, limit, found[-1].id if found else None)


@router.post(
    "/cases/{case}/supervisions",
    operation_id="supervise",
    status_code=201,
    response_model=Supervision,
    summary="督办 · Press an office",
)
def supervise(call: Calling, case: CaseId, body: Pressing) -> Response:
    """By who stands over it."""
    pressed = call.do(
        call.engine.supervise,
        case,
        body.role,
        body.action,
        ground=body.ground,
        reply=body.reply,
        reply_by=body.reply_by,
    )
    return answer(pressed, 201)


@router.post(
    "/cases/{case}/supervisions/{ref:path}/answer",
    operation_id="answer_supervision",
    response_model=Supervision,
    summary="答复督办 · Answer in writing",
)
def answer_supervision(call: Calling, case: CaseId, ref: str, body: Reply) -> Response:
    """By who was pressed."""
    return answer(call.do(call.engine.answer_supervision, case, ref, body.text))
