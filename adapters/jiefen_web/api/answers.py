"""What calls answer: JSON of the engine's own values, revisions as tags, pages with a link to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from fastapi import Request, Response
from pydantic import BaseModel, Field

from jiefen import Case

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Part of a list."""

    items: list[T]
    next: str | None = Field(description="Give it as `after` for the next page; null: this is the last one")


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value in JSON. Instants are RFC 3339 with their zone, days ISO 8601, money text."""
    kept = {"Cache-Control": "no-store"} | dict(headers or {})
    return Response(msgspec.json.encode(value, enc_hook=plain), status, kept, "application/json")


def nothing() -> Response:
    """Done, with nothing to say."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def of_case(case: Case, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A case, with its revision as its tag."""
    return answer(case, status, {"ETag": tag(case.revision)} | dict(headers or {}))


def tag(revision: int) -> str:
    """The tag of a revision (RFC 9110)."""
    return f'"{revision}"'


def page(request: Request, items: Sequence[object], limit: int, token: object) -> Response:
    """A page, and where the next one is (RFC 8288) when this one is full.

    Args:
        token: where the next one begins.
    """
    following = str(token) if len(items) == limit else None
    headers = {}
    if following is not None:
        headers["Link"] = f'<{request.url.include_query_params(after=following)}>; rel="next"'
    return answer({"items": items, "next": following}, headers=headers)


def plain(value: object) -> Any:
    """The form in JSON of what has none of its own."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
