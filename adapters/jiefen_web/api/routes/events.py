"""CloudEvents 1.0 in, structured or binary: a matter, or a message to a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, ValidationError

from jiefen import NotFound, Received
from jiefen_web.api.answers import answer
from jiefen_web.api.calling import Call, Calling
from jiefen_web.api.limits import BODY
from jiefen_web.api.problems import Refusal
from jiefen_web.api.routes.cases import NewParty
from jiefen_web.api.routes.parameters import MAX_ID, Body

router = APIRouter(prefix="/v1/events", tags=["events"])

#: The types that are understood: a matter that comes in, and a message, whose name follows.
OPENS: Final = "jiefen.case"
SAYS: Final = "jiefen.message."
_STRUCTURED: Final = "application/cloudevents+json"
_JSON: Final = "application/json"
_MOST_KEY: Final = 200

_MATTER: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "type": OPENS,
    "source": "/grid/140429",
    "id": "2026-0017",
    "datacontenttype": _JSON,
    "data": {"facts": {"source": "grid", "dispute_type": "neighbour", "area": "140429102201"}},
}
_REQUEST: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        _STRUCTURED: {
            "schema": {
                "type": "object",
                "required": ["specversion", "type", "source", "id"],
                "properties": {
                    **{
                        name: {"type": "string"}
                        for name in ("specversion", "type", "source", "id", "subject")
                    },
                    "data": {"type": "object"},
                },
            },
            "examples": {"matter": {"value": _MATTER}},
        },
    },
}


class Matter(Body):
    """The data of a matter."""

    process: str = "dispute"
    facts: dict[str, Any]
    parties: list[NewParty] = Field(default=[])


class Said(Body):
    """The data of a message."""

    facts: dict[str, Any] | None = None
    party: int | None = Field(default=None, ge=1)


class Taken(BaseModel):
    """What became of an event."""

    case: int
    received: Received | None = Field(description="What became of a message; null: it opened the case")


@router.post(
    "",
    operation_id="take_event",
    response_model=Taken,
    openapi_extra={"requestBody": _REQUEST},
    summary="CloudEvents 事件 · An event",
)
def take_event(call: Calling, request: Request) -> Response:
    """`source` and `id` are its key: the same again does nothing. A message says its case in `subject`: id or key."""
    attributes, data = _event(request)
    key = f"{attributes['source']}#{attributes['id']}"
    if len(key) > _MOST_KEY:
        raise Refusal(
            "facts", ("source 与 id 合计过长", f"source and id have more than {_MOST_KEY} characters")
        )
    kind = str(attributes["type"])
    try:
        if kind == OPENS:
            matter = Matter.model_validate(data)
            parties = [one.model_dump(exclude_none=True) for one in matter.parties]
            opened = call.do(call.engine.open_case, matter.process, matter.facts, key=key, parties=parties)
            return answer({"case": opened.id, "received": None})
        if kind.startswith(SAYS):
            said = Said.model_validate(data or {})
            case = _case(call, attributes.get("subject"))
            name = kind.removeprefix(SAYS)
            received = call.do(
                call.engine.receive, name, case=case, key=key, facts=said.facts, party=said.party
            )
            return answer({"case": case, "received": received})
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()}))
        raise Refusal("facts", (f"data 中有误:{fields}", f"of data these cannot be used: {fields}")) from None
    raise Refusal(
        "unknown-value",
        (
            f"不认识的事件类型;可用 {OPENS}、{SAYS}…",
            f"the type of the event is neither {OPENS} nor {SAYS}NAME",
        ),
    )


def _event(request: Request) -> tuple[Mapping[str, Any], Any]:
    """The attributes of an event, and its data."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (_STRUCTURED, _JSON):
        raise Refusal(
            "media-type",
            ("请用 application/cloudevents+json", f"send {_STRUCTURED}, or ce- headers with JSON"),
        )
    headers = {name.lower(): value for name, value in request.headers.items()}
    if media == _STRUCTURED:
        headers = {name: value for name, value in headers.items() if not name.startswith("ce-")}
    elif "ce-specversion" not in headers:
        raise Refusal("malformed", ("缺少 ce-specversion", "there is no header ce-specversion"))
    try:
        event = from_http(HTTPMessage(headers, request.scope.get(BODY, b"")), JSONFormat())
        data = event.get_data()
        if isinstance(data, str | bytes):
            data = msgspec.json.decode(data)
    except (CloudEventValidationError, ValueError, TypeError, KeyError, AttributeError, msgspec.DecodeError):
        raise Refusal(
            "malformed", ("不是 CloudEvents 1.0 事件", "this is no event of CloudEvents 1.0")
        ) from None
    attributes = event.get_attributes()
    if attributes.get("specversion") != "1.0":
        raise Refusal("malformed", ("只支持 CloudEvents 1.0", "only CloudEvents 1.0 is understood"))
    return attributes, data


def _case(call: Call, subject: object) -> int:
    """The case that a message is for: by its id, or by its key among those that the caller may read."""
    text = str(subject or "")
    if text.isascii() and text.isdigit() and 0 < int(text) <= MAX_ID:
        return int(text)
    found = call.reader.cases(key=text, limit=1) if text else []
    if not found:
        raise NotFound(
            "no case has the key that `subject` says; give the id of a case, or its key",
            zh="subject 所指的案件不存在;请写案件编号或者登记号",
        )
    return found[0].id
