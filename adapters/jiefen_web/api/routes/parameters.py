"""Parameters that routes share."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict

#: Ids are 64-bit integers in every database.
MAX_ID: Final = 2**63 - 1

CaseId = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of the case")]
TaskId = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of the task")]
After = Annotated[int, Query(ge=0, le=MAX_ID, description="`next` of the page before")]
AfterToken = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many")]
Area = Annotated[
    str | None, Query(description="Area code; what lies inside it counts too", examples=["140429102"])
]


class Body(BaseModel):
    """What a call sends; a field that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")
