"""The layouts of documents: each can be filled, and each that a kind of document names is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jiefen.bundled import bundled
from jiefen.documents.docx import try_layout
from jiefen.errors import Conflict, MissingExtra
from jiefen.findings import Finding, Severity
from jiefen.notation.files import UnusableFile, read_plain
from jiefen.notation.labels import suggestion
from jiefen.rules import MAX_RULE_BYTES, DocumentRule, Rulebook

FOLDER: Final = "documents"


def check_layouts(root: Path, rulebook: Rulebook) -> Iterator[Finding]:
    """What is wrong with the layouts of a rulebook, and with what its kinds of documents name of them."""
    own = sorted(root.glob(f"*/{FOLDER}/*.docx"))
    shipped = bundled("rules").glob(f"nation/{FOLDER}/*.docx")
    known = {path.stem for path in (*own, *shipped)}
    for rule in rulebook.rules():
        if isinstance(rule, DocumentRule) and rule.layout not in known:
            message = f"there is no layout {rule.layout!r}"
            yield rule.place.finding(
                "unknown-layout", message, suggestion(rule.layout, known), element=rule.id
            )
    for path in own:
        try:
            try_layout(read_plain(path, MAX_RULE_BYTES), path.name)
        except UnusableFile as error:
            yield Finding(file=str(path), code=error.problem, message=error.message, hint=error.hint)
        except MissingExtra as error:
            hint, severity = "install it to have layouts checked", Severity.NOTE
            yield Finding(
                file=str(path), code="not-checked", message=str(error), hint=hint, severity=severity
            )
        except Conflict as error:
            yield Finding(file=str(path), code="bad-layout", message=str(error), hint="correct the layout")
