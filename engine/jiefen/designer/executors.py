"""Who acts on the rules of each kind, so that a check can tell a rule that would never do anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from jiefen.agenda.checklists import standing
from jiefen.agenda.routines import run_occurrence
from jiefen.case.classification import reasons_to_keep, recognise, responsible
from jiefen.case.environment import CaseEnvironment
from jiefen.case.pressing import Pressing
from jiefen.case.step import Step
from jiefen.deadlines.docket import Docket
from jiefen.documents.documents import Documents
from jiefen.people.authority import require_act
from jiefen.queries.figures import figures
from jiefen.rules import Kind

#: Guards are not here: they are proved, not run.
EXECUTORS: Final[Mapping[Kind, Callable[..., Any]]] = MappingProxyType(
    {
        Kind.TABLE: CaseEnvironment.decide,
        Kind.DEADLINE: Docket.milestone,
        Kind.LADDER: Pressing.rung,
        Kind.GRADING: Step.save,
        Kind.ASSIGNMENT: responsible,
        Kind.PATTERN: recognise,
        Kind.ROUTINE: run_occurrence,
        Kind.FIGURE: figures,
        Kind.CHECKLIST: standing,
        Kind.GRADE: reasons_to_keep,
        Kind.AUTHORITY: require_act,
        Kind.DOCUMENT: Documents.make,
    }
)
