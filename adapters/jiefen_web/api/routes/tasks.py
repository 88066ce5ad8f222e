"""Tasks: listed, taken, done, given on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from jiefen import Case, Task, WorkItem
from jiefen_web.api.answers import Page, answer, of_case, page
from jiefen_web.api.calling import Calling
from jiefen_web.api.routes.parameters import MAX_ID, After, AfterToken, Area, Body, Limit, TaskId

router = APIRouter(prefix="/v1", tags=["tasks"])


class Answers(Body):
    """What the form of a task asks for."""

    facts: dict[str, Any] = Field(default={}, examples=[{"refuses_mediation": False}])


class GivenBack(Body):
    """Why a task is given back."""

    why: str | None = Field(
        default=None, description="Asked of whoever gives back what somebody else has claimed"
    )


class Handed(Body):
    """To whom a task is given, and why."""

    to: str = Field(description="A staff number of the directory", examples=["0618"])
    reason: str


@router.get("/tasks", operation_id="list_tasks", response_model=Page[Task], summary="待办列表 · List tasks")
def list_tasks(
    call: Calling,
    request: Request,
    role: str | None = None,
    area: Area = None,
    case: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    assignee: str | None = None,
    status: str = "open",
    after: After = 0,
    limit: Limit = 100,
) -> Response:
    """Those of cases that the caller may read, in the order of their ids."""
    found = call.reader.tasks(
        role=role, area=area, case=case, assignee=assignee, status=status, after=after, limit=limit
    )
    return page(request, found, limit, found[-1].id if found else None)


@router.get(
    "/worklist", operation_id="worklist", response_model=Page[WorkItem], summary="我的待办 · My worklist"
)
def worklist(call: Calling, request: Request, after: AfterToken = None, limit: Limit = 20) -> Response:
    """What the caller may take, or has taken: what is due first at the front."""
    found = call.reader.worklist(after=after, limit=limit)
    return page(request, found, limit, found[-1].token if found else None)


@router.get("/tasks/{task}", operation_id="read_task", response_model=Task, summary="查看待办 · Read a task")
def read_task(call: Calling, task: TaskId) -> Response:
    """One task."""
    return answer(call.reader.task(task))


@router.post(
    "/tasks/{task}/claim", operation_id="claim_task", response_model=Task, summary="签收 · Claim a task"
)
def claim_task(call: Calling, task: TaskId) -> Response:
    """Bind it to the caller; their own again changes nothing."""
    return answer(call.do(call.engine.claim, task))


@router.post(
    "/tasks/{task}/release",
    operation_id="release_task",
    response_model=Task,
    summary="退回 · Give a task back",
)
def release_task(call: Calling, task: TaskId, body: GivenBack) -> Response:
    """Let others claim it."""
    return answer(call.do(call.engine.release, task, why=body.why))


@router.post(
    "/tasks/{task}/completion",
    operation_id="complete_task",
    response_model=Case,
    summary="办结 · Complete a task",
)
def complete_task(call: Calling, task: TaskId, body: Answers) -> Response:
    """What is answered becomes facts of the case, which goes on until everything waits again."""
    return of_case(call.do(call.engine.complete, task, body.facts))


@router.post(
    "/tasks/{task}/reassignment",
    operation_id="reassign_task",
    response_model=Task,
    summary="改派 · Give a task to somebody",
)
def reassign_task(call: Calling, task: TaskId, body: Handed) -> Response:
    """To somebody who could claim it: the loaded directory says their posts."""
    return answer(call.do(call.engine.reassign, task, body.to, reason=body.reason))
