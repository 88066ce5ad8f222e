"""Search, workload, figures and the annual report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from jiefen import Between, FactError, Figure, FigureCase, Hit, Load, PetitionReport
from jiefen_web.api.answers import Page, answer, page
from jiefen_web.api.calling import Calling
from jiefen_web.api.routes.parameters import AfterToken, Area, Body, Limit

router = APIRouter(prefix="/v1", tags=["figures"])


class Days(Body):
    """Days, both included; an end that is absent is open."""

    least: date | None = None
    most: date | None = None


class Search(Body):
    """What is known of a case: everything that is said must hold."""

    text: str | None = Field(
        default=None, description="Words of the title, the description, the name of a party"
    )
    facts: dict[str, Any] | None = Field(
        default=None, description="Values, or `{least, most}`", examples=[{"amount": {"least": "50000"}}]
    )
    party: str | None = Field(default=None, description="A name, a telephone or its last digits, or a card")
    part: str | None = None
    area: str | None = None
    status: str | None = None
    process: str | None = None
    leader: str | None = None
    holder: str | None = None
    law: str | None = None
    opened: Days | None = None
    updated: Days | None = None
    ended: Days | None = None
    overdue: bool = False
    order: str = Field(default="newest", examples=["due"])
    facets: bool = False
    unmasked: bool = False
    after: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=1000)


class Found(Page[Hit]):
    """A page of what was found, and how many there are of each."""

    count: int | None
    all_counted: bool
    facets: dict[str, dict[str, int]]


@router.post("/search", operation_id="search", response_model=Found, summary="查找 · Find cases")
def search(call: Calling, body: Search) -> Response:
    """Names and telephones are asked for in the body, and so stand in no log of addresses."""
    asked: dict[str, Any] = body.model_dump(exclude={"facts", "opened", "updated", "ended"})
    for name in ("opened", "updated", "ended"):
        days: Days | None = getattr(body, name)
        asked[name] = Between(days.least, days.most) if days is not None else None
    if body.facts is not None:
        asked["facts"] = {name: _range(name, value) for name, value in body.facts.items()}
    hits = call.reader.search(**asked)
    more = hits.items[-1].token if len(hits.items) == body.limit else None
    facets = {name: {of or "": many for of, many in each.items()} for name, each in hits.facets.items()}
    return answer(
        {
            "items": hits.items,
            "next": more,
            "count": hits.count,
            "all_counted": hits.all_counted,
            "facets": facets,
        }
    )


def _range(name: str, value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    if not value or not set(value) <= {"least", "most"}:
        raise FactError(
            f"{name} is no range; give {{least, most}}", zh=f"{name} 不是范围;请写 least、most", fact=name
        )
    return Between(*(_end(name, value.get(end)) for end in ("least", "most")))


def _end(name: str, value: object) -> date | Decimal | int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    try:
        return date.fromisoformat(str(value)) if str(value).count("-") > 1 else Decimal(str(value))
    except (ValueError, InvalidOperation):
        raise FactError(
            f"an end of the range of {name} is neither a day nor a number", zh=f"{name} 的范围有误", fact=name
        ) from None


@router.get(
    "/workload", operation_id="workload", response_model=list[Load], summary="工作量 · Open tasks by office"
)
def workload(call: Calling, area: Area = None, role: str | None = None) -> Response:
    """How many are open, claimed and overdue."""
    return answer(call.reader.workload(area=area, role=role))


@router.get("/figures", operation_id="figures", response_model=list[Figure], summary="指标 · Figures")
def figures(
    call: Calling,
    since: date | None = None,
    until: date | None = None,
    area: Area = None,
    by: Annotated[str | None, Query(description="`month`, `area`, or a level", examples=["month"])] = None,
    names: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The shares that the rules define; since the first day of the year unless said."""
    return answer(call.reader.figures(since=since, until=until, area=area, by=by, names=names))


@router.get(
    "/figures/{name}/cases",
    operation_id="figure_cases",
    response_model=Page[FigureCase],
    summary="指标明细 · The cases behind a figure",
)
def figure_cases(
    call: Calling,
    request: Request,
    name: Annotated[str, Path(examples=["petition.done_in_time"])],
    since: date | None = None,
    until: date | None = None,
    area: Area = None,
    after: AfterToken = None,
    limit: Limit = 100,
) -> Response:
    """Which count, and which do not."""
    found = call.reader.figure_cases(name, since=since, until=until, area=area, after=after, limit=limit)
    return page(request, found, limit, found[-1].token if found else None)


@router.get(
    "/petition-report/{year}",
    operation_id="petition_report",
    response_model=PetitionReport,
    summary="信访年度报告 · The annual petition report",
)
def petition_report(
    call: Calling, year: Annotated[int, Path(ge=1900, le=9000)], area: Area = None
) -> Response:
    """What the report of a year has to hold (信访工作条例第四十一条)."""
    return answer(call.reader.petition_report(year, area=area))
