"""The papers of one petition of the year, made by its offices and left in a folder to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jiefen.areas import EVERYWHERE
from jiefen.engine import Engine
from jiefen.errors import JiefenError
from jiefen.insight.figures import paged
from jiefen.record.actor import Actor
from jiefen.record.counter.documents import Document
from jiefen.record.values import Case

#: So many petitions are tried.
_TRIED: Final = 20
_OFFICER, _ORGAN, _HEAD = (
    Actor(f"papers-{role}", frozenset({role}), EVERYWHERE)
    for role in ("petition_officer", "handling_organ", "handling_organ_head")
)
_ABOVE: Final = {"organ_above": "原办理机关的上一级机关"}


def leave_papers(engine: Engine, folder: Path) -> tuple[Path, ...]:
    """Make the receipt and the opinion of the first petition that was decided, and write them into a folder.

    Returns:
        The files; none where no petition was decided.
    """
    decided = (
        case for case in paged(lambda after: engine.cases(after=after)) if case.facts.get("opinion_text")
    )
    for case, _ in zip(decided, range(_TRIED), strict=False):
        try:
            made = list(_made(engine, case))
        except JiefenError:
            # It was merged, moved to nobody, or nobody who asked is known: another one has papers.
            continue
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(path for one in made for path in _written(engine, one, folder))
    return ()


def _made(engine: Engine, case: Case) -> Iterator[Document]:
    first = next((one.seq for one in engine.parties.of(case.id)), 0)
    yield engine.documents.make(case.id, "petition_receipt", party=first, by=_OFFICER)
    opinion = engine.documents.make(case.id, "petition_opinion", party=first, content=_ABOVE, by=_ORGAN)
    yield engine.documents.sign(case.id, opinion.seq, by=_HEAD)


def _written(engine: Engine, made: Document, folder: Path) -> Iterator[Path]:
    for form in made.digests:
        path = folder / f"{made.case}-{made.seq}-{made.kind}.{form}"
        path.write_bytes(engine.documents.read(made.case, made.seq, by=_ORGAN, form=form))
        yield path
