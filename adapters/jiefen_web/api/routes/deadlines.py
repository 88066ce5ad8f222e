"""Deadlines: what is due, and what people do to those that run."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from jiefen import Deadline, Due
from jiefen_web.api.answers import Page, answer, page
from jiefen_web.api.calling import Calling
from jiefen_web.api.routes.parameters import AfterToken, Area, Body, CaseId, Limit

router = APIRouter(prefix="/v1", tags=["deadlines"])

Rule = Annotated[str, Path(description="The rule of the deadline", examples=["petition.handle"])]


class Extension(Body):
    """For how much longer, and why."""

    length: str = Field(examples=["30 d"])
    ground: str | None = None
    consent: str | None = Field(
        default=None, description="The consent of the party, where the article asks for it"
    )


class Suspension(Body):
    """Why it stands still, and since when; today when absent."""

    ground: str
    since: date | None = None


class Resumption(Body):
    """From which day it runs on; today when absent."""

    on: date | None = None


class Interruption(Body):
    """Why it begins anew, and on which day; today when absent."""

    ground: str
    on: date | None = None


class Anchor(Body):
    """The true day from which it runs."""

    on: date


class Milestone(Body):
    """Something that has happened; today when no day is said."""

    milestone: str = Field(examples=["judgment_served"])
    on: date | None = None


@router.get("/deadlines", operation_id="list_due", response_model=Page[Due], summary="到期一览 · What is due")
def list_due(
    call: Calling,
    request: Request,
    since: date | None = None,
    until: date | None = None,
    area: Area = None,
    rule: str | None = None,
    holder: str | None = None,
    leader: str | None = None,
    law: str | None = None,
    after: AfterToken = None,
    limit: Limit = 100,
) -> Response:
    """Deadlines of open cases that run or were missed, what is over first at the front; both days are included."""
    found = call.reader.deadlines_due(
        since=since,
        until=until,
        area=area,
        rule=rule,
        holder=holder,
        leader=leader,
        law=law,
        after=after,
        limit=limit,
    )
    return page(request, found, limit, found[-1].token if found else None)


@router.post(
    "/cases/{case}/deadlines/{rule}/extension",
    operation_id="extend_deadline",
    response_model=Deadline,
    summary="延长 · Extend a deadline",
)
def extend_deadline(call: Calling, case: CaseId, rule: Rule, body: Extension) -> Response:
    """As its article allows, by whom it names."""
    extended = call.do(call.engine.extend, case, rule, body.length, ground=body.ground, consent=body.consent)
    return answer(extended)


@router.post(
    "/cases/{case}/deadlines/{rule}/suspension",
    operation_id="suspend_deadline",
    response_model=Deadline,
    summary="中止 · Suspend a deadline",
)
def suspend_deadline(call: Calling, case: CaseId, rule: Rule, body: Suspension) -> Response:
    """It stands still, and has no last day meanwhile."""
    return answer(call.do(call.engine.suspend, case, rule, ground=body.ground, since=body.since))


@router.post(
    "/cases/{case}/deadlines/{rule}/resumption",
    operation_id="resume_deadline",
    response_model=Deadline,
    summary="恢复 · Let a deadline run on",
)
def resume_deadline(call: Calling, case: CaseId, rule: Rule, body: Resumption) -> Response:
    """What stood still runs on."""
    return answer(call.do(call.engine.resume, case, rule, on=body.on))


@router.post(
    "/cases/{case}/deadlines/{rule}/interruption",
    operation_id="interrupt_deadline",
    response_model=Deadline,
    summary="中断 · Let a deadline begin anew",
)
def interrupt_deadline(call: Calling, case: CaseId, rule: Rule, body: Interruption) -> Response:
    """A limitation begins anew."""
    return answer(call.do(call.engine.interrupt, case, rule, ground=body.ground, on=body.on))


@router.post(
    "/cases/{case}/deadlines/{rule}/anchor",
    operation_id="correct_anchor",
    response_model=Deadline,
    summary="更正起算日 · Correct the day it runs from",
)
def correct_anchor(call: Calling, case: CaseId, rule: Rule, body: Anchor) -> Response:
    """It is computed again from the true day."""
    return answer(call.do(call.engine.correct_anchor, case, rule, on=body.on))


@router.post(
    "/cases/{case}/milestones",
    operation_id="record_milestone",
    response_model=list[Deadline],
    summary="登记节点 · Record a milestone",
)
def record_milestone(call: Calling, case: CaseId, body: Milestone) -> Response:
    """What no model sees: it starts and meets deadlines, which are the answer."""
    return answer(call.do(call.engine.milestone, case, body.milestone, on=body.on))
