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
from jiefen.rules import DocumentRule, LineKind

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
    layout = layout_of(matter.edition, matter.area, rule.layout)
    if layout is None:
        raise Conflict(
            f"the rules have no layout {rule.layout!r} for {rule.id}; put {rule.layout}.docx into nation/documents",
            zh=f"规则缺少版式 {rule.layout}.docx",
        )
    known = {
        "title": rule.title.zh,
        "number": matter.number,
        "office": matter.office,
        "day": day_text(matter.day, "zh"),
        "lines": [{"kind": str(one.kind), "text": one.text} for one in lines],
    }
    return _same_each_time(_filled(layout, known, f"{rule.layout}.docx"))


def try_layout(layout: bytes, name: str) -> None:
    """Fill a layout with something of every kind, to see whether it can be.

    Raises:
        MissingExtra: docxtpl is not installed.
        Conflict: it cannot; the message says why.
    """
    lines = [{"kind": str(kind), "text": str(kind)} for kind in LineKind]
    for number in (None, "〔2026〕1号"):
        known = {"title": "title", "number": number, "office": "office", "day": "day", "lines": lines}
        _filled(layout, known, name)


def _filled(layout: bytes, known: Mapping[str, Any], name: str) -> bytes:
    try:
        from docxtpl import DocxTemplate
        from jinja2 import StrictUndefined, TemplateError
        from jinja2.sandbox import SandboxedEnvironment
    except ModuleNotFoundError as error:
        raise MissingExtra.of("setting documents as DOCX", error, "documents") from error
    kept = io.BytesIO()
    try:
        page = DocxTemplate(io.BytesIO(layout))
        page.render(dict(known), SandboxedEnvironment(autoescape=True, undefined=StrictUndefined))
        page.save(kept)
    except (TemplateError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise Conflict(
            f"the layout {name} cannot be filled: {error}; it knows title, number, office, day and lines "
            "(line.kind, line.text)",
            zh=f"版式 {name} 不能填写:可用 title、number、office、day 和 lines",
        ) from error
    return kept.getvalue()


def _same_each_time(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(packed, "w") as after:
        for name in sorted(before.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            after.writestr(zipfile.ZipInfo(name, _DAY), before.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
