"""From data to kinds of documents: every blank names something that there is, and all that must be in one is in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from jiefen.notation.blanks import blanks_of, stray_brace
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.shapes import Path
from jiefen.record.counter.documents import Addressed, ServiceWay
from jiefen.rules.build.builder import Builder, Data
from jiefen.rules.model.practice import Content, DocumentRule, Line, LineKind
from jiefen.rules.model.rule import Kind

#: What a blank may name besides facts, and what of a deadline, by its rule.
PARTS: Final = (
    "case.id", "case.title", "document.day", "document.number", "document.office", "document.title",
    "parties.applicants", "parties.everybody", "parties.respondents", "party.address", "party.contact",
    "party.id_number", "party.name", "party.part", "party.phone", "party.service_address",
)  # fmt: skip
OF_DEADLINES: Final = ("due", "last", "length")
_NUMBERS: Final = ("n", "place", "year")


def build_document(builder: Builder, id: str, data: Data, path: Path) -> DocumentRule | None:
    """A kind of document."""
    common = builder.common(Kind.DOCUMENT, id, data, path)
    made_by = builder.named(data, "made_by", builder.words.roles, "role", path)
    signed_by = builder.named(data, "signed_by", builder.words.roles, "role", path)
    starts = data.get("starts")
    if starts is not None:
        builder.known(starts, builder.words.milestones, "milestone", (*path, "starts"))
    for key in ("starts", "ways"):
        if key in data and not data.get("served"):
            message = f"{id!r} has {key}, and is not served on anybody"
            builder.report(
                (*path, key), "document-not-served", message, f"write served: true, or remove {key}"
            )
    _number(builder, data.get("number"), (*path, "number"))
    contents = [
        _content(builder, name, one, (*path, "contents", name)) for name, one in data["contents"].items()
    ]
    lines = [_line(builder, one, (*path, "lines", at)) for at, one in enumerate(data["lines"])]
    good = [one for one in lines if one is not None]
    addressed = Addressed(data.get("addressed", Addressed.PARTY))
    _blanks(builder, addressed, {one.id for one in contents}, data, path)
    _in_the_wording(builder, contents, good, path)
    if common is None or len(good) < len(lines):
        return None
    return DocumentRule(
        **common,
        made_by=made_by,
        signed_by=signed_by,
        number=data.get("number"),
        organ=Label.of(data["organ"]),
        addressed=addressed,
        layout=data.get("layout", "notice"),
        served=data.get("served", False),
        starts=starts,
        ways=tuple(map(ServiceWay, data["ways"])) if "ways" in data else tuple(ServiceWay),
        contents=tuple(contents),
        lines=tuple(good),
    )


def _number(builder: Builder, text: str | None, path: Path) -> None:
    """A number names its year and its place in the row, so that no two documents of an office have the same."""
    if text is None:
        return
    blanks = blanks_of(text)
    wrong = [one for one in blanks if one not in _NUMBERS]
    if wrong or stray_brace(text):
        what = wrong[0] if wrong else stray_brace(text)
        builder.report(path, "unknown-blank", f"a number has no {what!r}", suggestion(str(what), _NUMBERS))
    for needed in ("year", "n"):
        if needed not in blanks:
            message = f"the number does not say its {'year' if needed == 'year' else 'place in the row'}"
            builder.report(path, "document-number", message, "write for example 信受〔{year}〕{n}号")


def _content(builder: Builder, name: str, data: Data, path: Path) -> Content:
    fills, default = data.get("fills", f"said.{name}"), data.get("default")
    if default is not None and "fills" in data:
        builder.report(
            (*path, "default"), "content-default", "what a blank holds has no default", "remove it"
        )
    because = builder.citations(data.get("because"), (*path, "because"))
    optional = data.get("optional", False)
    title = Label.of(data["title"])
    return Content(id=name, title=title, fills=fills, default=default, optional=optional, because=because)


def _line(builder: Builder, data: Data, path: Path) -> Line | None:
    when = builder.conditions(data.get("when"), (*path, "when"))
    zh, en = (set(blanks_of(data[language])) for language in ("zh", "en"))
    for language in ("zh", "en"):
        stray = stray_brace(data[language])
        if stray is not None:
            builder.report(
                (*path, language),
                "stray-brace",
                f"a brace at {stray!r} belongs to no blank",
                "write {fact_name}",
            )
    if zh != en:
        missing = sorted(zh ^ en)
        message = f"the Chinese and the English text do not have the same blanks: {', '.join(missing)}"
        builder.report((*path, "en"), "blanks-differ", message, "write the same blanks in both")
    if when is None:
        return None
    text = Label(data["zh"], data["en"])
    kind = LineKind(data.get("as", LineKind.TEXT))
    return Line(text=text, kind=kind, when=when, optional=data.get("optional", False))


def _blanks(builder: Builder, addressed: Addressed, said: Iterable[str], data: Data, path: Path) -> None:
    """Every blank names something that there is."""
    known = [one for one in PARTS if addressed is Addressed.PARTY or not one.startswith("party.")]
    words = {*builder.words.facts.facts, *known, *(f"said.{name}" for name in said)}
    for at, line in enumerate(data["lines"]):
        for blank in blanks_of(line["zh"]):
            _known(builder, blank, words, (*path, "lines", at, "zh"))
    for name, content in data["contents"].items():
        for key in ("fills", "default"):
            if key in content:
                _known(builder, content[key], words, (*path, "contents", name, key))


def _known(builder: Builder, blank: str, words: set[str], path: Path) -> None:
    group, of_deadline, rule = blank.partition(":")
    if of_deadline:
        if group not in OF_DEADLINES:
            hint = suggestion(group, OF_DEADLINES)
            builder.report(path, "unknown-blank", f"nothing of a deadline is called {group!r}", hint)
        builder.refer(Kind.DEADLINE, rule, path)
        return
    if blank not in words and blank not in builder.words.broken:
        message = f"{{{blank}}} is no fact and nothing else that a document knows"
        builder.report(path, "unknown-blank", message, suggestion(blank, words))


def _in_the_wording(builder: Builder, contents: list[Content], lines: list[Line], path: Path) -> None:
    """What must be in a document stands in a line that is never left out while its value is there."""
    standing = {blank for line in lines for blank in line.blanks}
    for one in contents:
        if one.fills not in standing:
            message = f"{one.id!r} must be in it, and no line holds {{{one.fills}}}"
            builder.report(
                (*path, "contents", one.id), "content-missing", message, "add a line with that blank"
            )
