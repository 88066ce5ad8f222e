"""How a document is set as DOCX: by a layout of the rules, which a lower layer may replace by its own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

from jiefen.areas import ancestors, normalise_area
from jiefen.bundled import bundled
from jiefen.documents.filling import Matter, Written, day_text
from jiefen.edition.edition import Edition
from jiefen.errors import Conflict, MissingExtra
from jiefen.rules import DocumentRule

#: Files in the archive that a DOCX is all have this day, so that the same document is the same bytes.
_DAY: Final = (1980, 1, 1, 0, 0, 0)


def layout_of(edition: Edition, area: str | None, name: str) -> bytes | None:
    """The layout of that name in the layer nearest to an area, ``…/documents/NAME.docx``; else the bundled one."""
    found: dict[str, bytes] = {}
    for path, content in edition.files.items():
        root, *folders, file = path.split("/")
        if (root, file) == ("rules", f"{name}.docx") and folders[1:] == ["documents"]:
            layer = folders[0]
            found["" if layer == "nation" else normalise_area(layer)] = content
    for layer in reversed(("", *(ancestors(area) if area else ()))):
        if layer in found:
            return found[layer]
    kept = bundled("rules") / "nation/documents" / f"{name}.docx"
    return kept.read_bytes() if kept.is_file() else None


def as_docx(rule: DocumentRule, matter: Matter, lines: Sequence[Written]) -> bytes:
    """A document as DOCX. The same always gives the same bytes, on the same versions of the libraries.

    Raises:
        MissingExtra: docxtpl is not installed.
        Conflict: the rules have no such layout, or it cannot be filled.
    """
    try:
        from docxtpl import DocxTemplate
        from jinja2 import StrictUndefined, TemplateError
        from jinja2.sandbox import SandboxedEnvironment
    except ModuleNotFoundError as error:
        raise MissingExtra.of("setting documents as DOCX", error, "documents") from error
    layout = layout_of(matter.edition, matter.area, rule.layout)
    if layout is None:
        raise Conflict(
            f"the rules have no layout {rule.layout!r} for {rule.id}; put {rule.layout}.docx into nation/documents",
            zh=f"规则缺少版式 {rule.layout}.docx",
        )
    known: Mapping[str, Any] = {
        "title": rule.title.zh,
        "number": matter.number,
        "office": matter.office,
        "day": day_text(matter.day, "zh"),
        "lines": [{"kind": str(one.kind), "text": one.text} for one in lines],
    }
    page, kept = DocxTemplate(io.BytesIO(layout)), io.BytesIO()
    try:
        page.render(dict(known), SandboxedEnvironment(autoescape=True, undefined=StrictUndefined))
    except TemplateError as error:
        raise Conflict(
            f"the layout {rule.layout}.docx cannot be filled: {error}; run jiefen check",
            zh=f"版式 {rule.layout}.docx 不能填写",
        ) from error
    page.save(kept)
    return _same_each_time(kept.getvalue())


def _same_each_time(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(packed, "w") as after:
        for name in sorted(before.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            after.writestr(zipfile.ZipInfo(name, _DAY), before.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
