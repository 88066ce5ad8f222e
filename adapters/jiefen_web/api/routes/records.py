"""What is put right, moved, merged, split or voided in the record of a case; its people and notes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from jiefen import Case, Note, Party
from jiefen_web.api.answers import Page, answer, of_case, page
from jiefen_web.api.calling import Calling
from jiefen_web.api.routes.cases import NewParty
from jiefen_web.api.routes.parameters import MAX_ID, After, Body, CaseId, Limit

router = APIRouter(prefix="/v1/cases/{case}", tags=["records"])

Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Number = Annotated[int, Path(ge=1, le=10_000, description="The number of the party")]
Evidence = Annotated[
    str | None, Field(description="What shows it, where a right of a party would be shortened or taken away")
]


class Reason(Body):
    """Why."""

    reason: str


class Correction(Reason):
    """Facts as they should have been; `null` takes one away."""

    facts: dict[str, Any] = Field(examples=[{"amount": "9000.00"}])
    evidence: Evidence = None


class Move(Reason):
    """To which area a case belongs."""

    area: str = Field(examples=["140429103201"])
    evidence: Evidence = None


class Merge(Reason):
    """In which case it goes on."""

    into: Id
    evidence: Evidence = None


class Voiding(Reason):
    """Why it was a mistake to enter it."""

    evidence: Evidence = None


class Reopening(Reason):
    """Why it is opened again, and when the party came back; today when absent."""

    on: date | None = None


class NewShare(Body):
    """What becomes a case of its own."""

    key: str
    facts: dict[str, Any] = Field(default={})
    parties: list[Id] | None = None


class Split(Reason):
    """The cases that are made of one."""

    shares: list[NewShare]


class PartyChange(Reason):
    """What changes of a party."""

    changes: dict[str, Any] = Field(examples=[{"phone": "13800000009"}])


class PartyEnd(Reason):
    """Why a party is none any more, and since when; today when absent."""

    on: date | None = None


class NewNote(Body):
    """A note of the office for itself."""

    text: str
    corrects: Id | None = Field(default=None, description="The number of the note that it puts right")


@router.post(
    "/correction", operation_id="correct_case", response_model=Case, summary="更正 · Put facts right"
)
def correct_case(call: Calling, case: CaseId, body: Correction) -> Response:
    """Deadlines run from the true days; what the process has decided stays decided."""
    return of_case(call.do(call.engine.correct, case, body.facts, reason=body.reason, evidence=body.evidence))


@router.post("/move", operation_id="move_case", response_model=Case, summary="移送属地 · Move a case")
def move_case(call: Calling, case: CaseId, body: Move) -> Response:
    """To the area that it belongs to, by an office over both."""
    return of_case(call.do(call.engine.move, case, body.area, reason=body.reason, evidence=body.evidence))


@router.post("/merge", operation_id="merge_case", response_model=Case, summary="并案 · Merge a case")
def merge_case(call: Calling, case: CaseId, body: Merge) -> Response:
    """It goes on in another one, which is the answer."""
    return of_case(call.do(call.engine.merge, case, body.into, reason=body.reason, evidence=body.evidence))


@router.post("/void", operation_id="void_case", response_model=Case, summary="作废 · Void a case")
def void_case(call: Calling, case: CaseId, body: Voiding) -> Response:
    """It was entered by mistake."""
    return of_case(call.do(call.engine.void, case, reason=body.reason, evidence=body.evidence))


@router.post(
    "/reopening", operation_id="reopen_case", response_model=Case, summary="重新办理 · Open it again"
)
def reopen_case(call: Calling, case: CaseId, body: Reopening) -> Response:
    """Its process begins anew in the same case."""
    return of_case(call.do(call.engine.reopen, case, reason=body.reason, on=body.on))


@router.post("/split", operation_id="split_case", response_model=list[Case], summary="分案 · Split a case")
def split_case(call: Calling, case: CaseId, body: Split) -> Response:
    """The new cases are the answer."""
    shares = [one.model_dump() for one in body.shares]
    return answer(call.do(call.engine.split, case, shares, reason=body.reason))


@router.post(
    "/parties",
    operation_id="add_party",
    status_code=201,
    response_model=Party,
    summary="增加当事人 · Add a party",
)
def add_party(call: Calling, case: CaseId, body: NewParty) -> Response:
    """Its number is that of the order in which they came."""
    return answer(call.do(call.engine.parties.add, case, body.model_dump(exclude_none=True)), 201)


@router.patch(
    "/parties/{number}",
    operation_id="change_party",
    response_model=Party,
    summary="更改当事人 · Change a party",
)
def change_party(call: Calling, case: CaseId, number: Number, body: PartyChange) -> Response:
    """The journal keeps what was there before."""
    changed = call.do(call.engine.parties.change, case, number, body.changes, reason=body.reason)
    return answer(changed)


@router.post(
    "/parties/{number}/end",
    operation_id="end_party",
    response_model=Party,
    summary="当事人退出 · End a party",
)
def end_party(call: Calling, case: CaseId, number: Number, body: PartyEnd) -> Response:
    """They are a party no more."""
    return answer(call.do(call.engine.parties.end, case, number, reason=body.reason, on=body.on))


@router.get("/notes", operation_id="list_notes", response_model=Page[Note], summary="内部记录 · Notes")
def list_notes(
    call: Calling, request: Request, case: CaseId, after: After = 0, limit: Limit = 100
) -> Response:
    """What the office has written for itself."""
    found = call.reader.notes.of(case, after=after, limit=limit)
    return page(request, found, limit, found[-1].seq if found else None)


@router.post(
    "/notes",
    operation_id="add_note",
    status_code=201,
    response_model=Note,
    summary="写内部记录 · Write a note",
)
def add_note(call: Calling, case: CaseId, body: NewNote) -> Response:
    """None is changed or taken away; one puts another right."""
    return answer(call.do(call.engine.notes.add, case, body.text, corrects=body.corrects), 201)
