"""Errors as problem documents (RFC 9457), in Chinese or English, with nothing of what others have said.

What the engine refuses is told in its own words, which name what is near. What is a fault of ours is told by its kind
alone; the log has its class and the number of the call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from jiefen import (
    AlreadyDone,
    Conflict,
    DatabaseError,
    DefinitionError,
    FactError,
    FileError,
    JiefenError,
    LedgerError,
    MissingExtra,
    NotAllowed,
    NotFound,
    PeriodError,
    UnknownValue,
)
from jiefen_web.api.words import Language, Words, asked_for, pick

_LOG: Final = logging.getLogger("jiefen.http")
MEDIA: Final = "application/problem+json"
#: Seconds after which to come again when the database is locked or away.
_COME_AGAIN: Final = "5"
_MOST_ERRORS: Final = 20

#: Every kind of problem: the status it comes with, and its title.
KINDS: Final[Mapping[str, tuple[int, Words]]] = {
    "malformed": (400, ("请求无法读取", "The request cannot be read")),
    "not-authenticated": (401, ("未能确认来者身份", "Nobody knows who calls")),
    "not-allowed": (403, ("无权办理", "Not allowed")),
    "not-found": (404, ("没有此项", "Not found")),
    "method": (405, ("此地址不支持该方法", "The method is none of this address")),
    "conflict": (409, ("情况已有变化", "It has changed meanwhile")),
    "already-done": (409, ("已经办过", "Already done")),
    "changed": (412, ("案件已有变化", "The case has changed")),
    "too-large": (413, ("请求过大", "The request is too large")),
    "media-type": (415, ("不支持的内容类型", "The type of the content is none that is read")),
    "facts": (422, ("所填内容有误", "What was given cannot be used")),
    "unknown-value": (422, ("没有此值", "There is no such value")),
    "period": (422, ("期限无法计算", "A period cannot be computed")),
    "too-often": (429, ("调用过于频繁", "Too many calls")),
    "internal": (500, ("内部错误", "A fault of the server")),
    "definition": (500, ("规则或者流程有误", "A rule or model is wrong")),
    "not-installed": (501, ("未安装此部分", "This part is not installed")),
    "database": (503, ("数据库暂时不可用", "The database cannot be used now")),
}
#: Of which kind an error of the engine is; the first that fits counts.
_OF_ERRORS: Final[Sequence[tuple[type[JiefenError], str]]] = (
    (UnknownValue, "unknown-value"),
    (FactError, "facts"),
    (LedgerError, "facts"),
    (PeriodError, "period"),
    (NotFound, "not-found"),
    (NotAllowed, "not-allowed"),
    (AlreadyDone, "already-done"),
    (Conflict, "conflict"),
    (DefinitionError, "definition"),
    (FileError, "internal"),
    (DatabaseError, "database"),
    (MissingExtra, "not-installed"),
)
#: Of these nothing but the kind is told: their texts are for whoever runs the server.
_UNTOLD: Final = frozenset({"internal", "definition", "database"})


class WrongField(BaseModel):
    """What is wrong with one field of a request."""

    where: str = Field(description="The way to the field, for example body.facts", examples=["body.key"])
    what: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:jiefen:problem:not-found"])
    title: str
    status: int
    detail: str | None = None
    fact: str | None = Field(
        default=None, description="The fact that it is about, to mark its field in a form"
    )
    errors: list[WrongField] | None = None


class Refusal(Exception):
    """The interface itself refuses a call.

    Args:
        kind: one of :data:`KINDS`.
        detail: what happened and how to mend it.
    """

    def __init__(self, kind: str, detail: Words, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail[1])
        self.kind, self.detail, self.headers = kind, detail, dict(headers or {})


def problem(
    kind: str,
    language: Language,
    detail: str | None = None,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """The answer that tells a problem."""
    status, title = KINDS[kind]
    told = {"type": f"urn:jiefen:problem:{kind}", "title": pick(title, language), "status": status}
    told |= {"detail": detail} if detail is not None else {}
    told |= {name: value for name, value in more.items() if value is not None}
    base = {"Content-Language": language, "Cache-Control": "no-store"}
    return Response(msgspec.json.encode(told), status, base | dict(headers or {}), MEDIA)


def of_engine(error: JiefenError, language: Language) -> Response:
    """What an error of the engine comes to."""
    kind = next((kind for cls, kind in _OF_ERRORS if isinstance(error, cls)), "internal")
    headers = {"Retry-After": _COME_AGAIN} if kind == "database" else {}
    if kind in _UNTOLD:
        _LOG.error("a call failed: %s", type(error).__name__)
        return problem(kind, language, headers=headers)
    fact = error.fact if isinstance(error, FactError) else None
    return problem(kind, language, error.text(language), headers, fact=fact)


def language_of(request: Request) -> Language:
    """The language of whoever asks."""
    return asked_for(request.headers.get("accept-language"))


def tell_problems(app: FastAPI) -> None:
    """Let every error of an application become a problem document."""

    def engine(request: Request, error: Exception) -> Response:
        assert isinstance(error, JiefenError)
        return of_engine(error, language_of(request))

    def refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        language = language_of(request)
        return problem(error.kind, language, pick(error.detail, language), error.headers)

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return _invalid(error.errors(), language_of(request))

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = {404: "not-found", 405: "method", 415: "media-type"}.get(error.status_code, "malformed")
        return problem(kind, language_of(request), headers=error.headers)

    def fault(request: Request, error: Exception) -> Response:
        _LOG.error("a call failed: %s", type(error).__name__)
        return problem("internal", language_of(request))

    handlers: Mapping[type[Exception], Callable[[Request, Exception], Response]] = {
        JiefenError: engine,
        Refusal: refusal,
        RequestValidationError: invalid,
        HTTPException: http,
        Exception: fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _invalid(errors: Sequence[Mapping[str, Any]], language: Language) -> Response:
    """What is wrong with the fields of a request, without what stands in them."""
    if any(one["type"] == "json_invalid" for one in errors):
        return problem("malformed", language, pick(("正文不是 JSON", "the body is no JSON"), language))
    fields = [
        {"where": ".".join(map(str, one["loc"])), "what": str(one["msg"])} for one in errors[:_MOST_ERRORS]
    ]
    detail = pick(("以下字段有误", "these fields cannot be used"), language)
    return problem("facts", language, detail, errors=fields)


#: What every operation may answer besides what it is for.
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 403, 404, 409, 412, 413, 422, 429, 503)
}
