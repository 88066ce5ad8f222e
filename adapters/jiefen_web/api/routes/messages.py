"""Messages: what comes to a case from outside."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from jiefen import Received
from jiefen_web.api.answers import answer
from jiefen_web.api.calling import Calling
from jiefen_web.api.routes.parameters import Body, CaseId

router = APIRouter(prefix="/v1", tags=["messages"])


class NewMessage(Body):
    """A message to a case."""

    name: str = Field(examples=["matter.urgent"])
    key: str = Field(
        description="Its number where it comes from: the same again does nothing", examples=["court:8831"]
    )
    facts: dict[str, Any] | None = Field(default=None, examples=[{"urgent": True}])
    party: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="For which party an office records it"
    )


class Outcome(BaseModel):
    """What became of a message."""

    received: Received


@router.post(
    "/cases/{case}/messages", operation_id="send_message", response_model=Outcome, summary="消息 · A message"
)
def send_message(call: Calling, case: CaseId, body: NewMessage) -> Response:
    """`caught`: the case went on; `kept`: it waits for it; `noted`: nothing waits; `repeated`: it came before."""
    received = call.do(
        call.engine.receive, body.name, case=case, key=body.key, facts=body.facts, party=body.party
    )
    return answer({"received": received})
