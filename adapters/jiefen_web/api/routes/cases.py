"""Cases: opened, found, read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field

from jiefen import Case, Deadline, Entry, Link, Party, Question
from jiefen_web.api.answers import Page, answer, of_case, page
from jiefen_web.api.calling import Calling
from jiefen_web.api.routes.parameters import After, Area, Body, CaseId, Limit

router = APIRouter(prefix="/v1/cases", tags=["cases"])

_WALL: dict[str, Any] = {
    "process": "dispute",
    "key": "walk-in:2026-0017",
    "facts": {"source": "walk_in", "dispute_type": "neighbour", "area": "140429102201", "title": "院墙越界"},
    "parties": [{"part": "applicant", "name": "张三", "phone": "13800000001"}],
}


class NewParty(Body):
    """Somebody whom a case is about, or who speaks for them."""

    part: str = Field(examples=["applicant"])
    name: str = Field(examples=["张三"])
    phone: str | None = None
    id_number: str | None = None
    service_address: str | None = None
    represents: int | None = Field(
        default=None, description="The number of the party that they speak for, from 1"
    )


class NewCase(Body):
    """A matter that comes in."""

    process: str = Field(default="dispute", examples=["dispute"])
    key: str = Field(
        description="Its number in the register that it comes from: the same again opens nothing twice"
    )
    facts: dict[str, Any]
    parties: list[NewParty] = Field(default=[])

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_WALL]})


@router.post(
    "", operation_id="open_case", status_code=201, response_model=Case, summary="登记来件 · Open a case"
)
def open_case(call: Calling, request: Request, body: NewCase) -> Response:
    """A key that comes again with the same content gives the case that is there; `code` is said this once."""
    parties = [one.model_dump(exclude_none=True) for one in body.parties]
    case = call.do(call.engine.open_case, body.process, body.facts, key=body.key, parties=parties)
    place = f"{request.scope.get('root_path', '')}{router.prefix}/{case.id}"
    return of_case(case, 201, {"Location": place})


@router.get("", operation_id="list_cases", response_model=Page[Case], summary="案件列表 · List cases")
def list_cases(
    call: Calling,
    request: Request,
    status: Annotated[str | None, Query(examples=["open"])] = None,
    area: Area = None,
    stage: str | None = None,
    level: str | None = None,
    colour: str | None = None,
    dispute_type: str | None = None,
    outcome: str | None = None,
    process: str | None = None,
    key: str | None = None,
    leader: str | None = None,
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Those that the caller may read, in the order of their ids."""
    found = call.reader.cases(
        status=status, area=area, stage=stage, level=level, colour=colour, dispute_type=dispute_type,
        outcome=outcome, process=process, key=key, leader=leader, after=after, limit=limit,
    )  # fmt: skip
    return page(request, found, limit, found[-1].id if found else None)


@router.get("/{case}", operation_id="read_case", response_model=Case, summary="查看案件 · Read a case")
def read_case(call: Calling, case: CaseId) -> Response:
    """Facts that the caller need not know are left out; `withheld` says how many."""
    return of_case(call.reader.case(case))


@router.get(
    "/{case}/history", operation_id="read_history", response_model=Page[Entry], summary="流水 · What happened"
)
def read_history(
    call: Calling, request: Request, case: CaseId, after: After = 0, limit: Limit = 100
) -> Response:
    """The journal of a case in order; `***` stands for what the caller need not know."""
    found = call.reader.history(case, after=after, limit=limit)
    return page(request, found, limit, found[-1].id if found else None)


@router.get(
    "/{case}/explanation",
    operation_id="explain_case",
    response_model=dict[str, Any],
    summary="来龙去脉 · Why it went this way",
)
def explain_case(call: Calling, case: CaseId) -> Response:
    """Every decision with rule, version and article, and every date with how it was counted."""
    told = call.reader.explain(case)
    return answer(told.as_dict() | {"text": told.text(call.language)})


@router.get(
    "/{case}/questions",
    operation_id="open_questions",
    response_model=list[Question],
    summary="应问事项 · What should be asked",
)
def open_questions(call: Calling, case: CaseId) -> Response:
    """Missing facts and messages on which a right or the route depends, the most urgent first."""
    return answer(call.reader.open_questions(case))


@router.get(
    "/{case}/deadlines",
    operation_id="list_deadlines",
    response_model=list[Deadline],
    summary="期限 · Deadlines of a case",
)
def list_deadlines(call: Calling, case: CaseId) -> Response:
    """Every deadline that the case has or had, the oldest first."""
    return answer(call.reader.deadlines(case))


@router.get(
    "/{case}/parties", operation_id="list_parties", response_model=list[Party], summary="当事人 · Its people"
)
def list_parties(call: Calling, case: CaseId) -> Response:
    """Numbers of identity cards are masked for who need not know them."""
    return answer(call.reader.parties.of(case))


@router.get(
    "/{case}/links", operation_id="list_links", response_model=list[Link], summary="关联案件 · Its links"
)
def list_links(call: Calling, case: CaseId) -> Response:
    """The cases that it belongs together with."""
    return answer(call.reader.links(case))
