"""From a folder of files to the rules of every layer. Bad input never raises: findings say what is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, Final

from jiefen.areas import Level, normalise_area
from jiefen.errors import FactError, RuleError
from jiefen.findings import Finding, Severity
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.patterns import PatternError, TextPattern
from jiefen.notation.shapes import Entries, Path, Record
from jiefen.notation.yaml import Document, load
from jiefen.periods import Period
from jiefen.record.kinds import Grade
from jiefen.rules.build.builder import (
    Builder,
    Data,
    Reference,
    Words,
    message_of,
    topic_of,
    unanswerable,
)
from jiefen.rules.build.documents import build_document
from jiefen.rules.build.measures import build_figure
from jiefen.rules.build.prove import build_authority, build_guard
from jiefen.rules.build.rules import (
    build_assignment,
    build_checklist,
    build_deadline,
    build_grade,
    build_grading,
    build_ladder,
    build_pattern,
    build_routine,
)
from jiefen.rules.build.tables import build_table
from jiefen.rules.format.file import DEFAULTS, RENAMED, RULES, VOCABULARIES, key_of
from jiefen.rules.model.deadlines import (
    RELATIVES,
    Action,
    Administers,
    Effect,
    Ground,
    Milestone,
    Role,
)
from jiefen.rules.model.rule import NATION, Kind, Place, Rule
from jiefen.rules.model.vocabulary import EXTENDED, RESERVED, Fact, FactType, Vocabulary

#: Largest rule file; a table of 10,000 rows fits.
MAX_RULE_BYTES: Final = 4_000_000
#: Folders that hold no rules; ``calendars`` belongs to the periods.
_OTHER_FOLDERS: Final = frozenset({"schema", "calendars", "tests"})
#: The first two digits of GB/T 2260 codes.
_PROVINCES: Final = frozenset(
    [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
        "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    ]
)  # fmt: skip

#: One function per kind of rule: a kind that is declared in the format and not here cannot be loaded.
BUILDERS: Final[dict[Kind, Callable[[Builder, str, Data, Path], Rule | None]]] = {
    Kind.TABLE: build_table,
    Kind.DEADLINE: build_deadline,
    Kind.LADDER: build_ladder,
    Kind.GRADING: build_grading,
    Kind.ASSIGNMENT: build_assignment,
    Kind.PATTERN: build_pattern,
    Kind.ROUTINE: build_routine,
    Kind.GUARD: build_guard,
    Kind.FIGURE: build_figure,
    Kind.CHECKLIST: build_checklist,
    Kind.GRADE: build_grade,
    Kind.AUTHORITY: build_authority,
    Kind.DOCUMENT: build_document,
}

Layer = dict[Kind, dict[str, Rule]]


@dataclass(slots=True)
class Reading:
    """What was read: the vocabularies, the rules per layer, and everything that is wrong.

    Attributes:
        declared: layer, kind and id of every rule that is written down, also of those that are wrong.
    """

    root: FilePath
    words: Words
    fact_places: dict[str, Place]
    layers: dict[str, Layer] = field(default_factory=dict)
    declared: set[tuple[str, Kind, str]] = field(default_factory=set)
    test_files: list[tuple[str, FilePath]] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _File:
    """A loaded rule file of a layer; ``None`` for the vocabularies at the top."""

    document: Document
    layer: str | None


def read(root: FilePath, shown: FilePath | None = None) -> Reading:
    """Read every rule file under ``root``; findings and places name it ``shown``, when that is given."""
    findings: list[Finding] = []
    files: list[_File] = []
    tests: list[tuple[str, FilePath]] = []
    if not root.is_dir():
        hint = "give the folder that holds facts.yaml and nation/"
        findings.append(
            Finding(file=str(root), code="no-rulebook", message="there is no such folder", hint=hint)
        )
    for path, layer, is_test in _walk(root, findings):
        if is_test:
            tests.append((layer or NATION, path))
            continue
        try:
            document = load(path, max_bytes=MAX_RULE_BYTES)
        except RuleError as error:
            findings.extend(error.findings)
            continue
        if shown is not None:
            document = replace(document, file=str(shown / path.relative_to(root)))
        if _is_mapping(document, findings):
            files.append(_File(document, layer))
    places: dict[str, Place] = {}
    words = _read_words([file.document for file in files if file.layer is None], findings, places)
    reading = Reading(root, words, places, test_files=tests, findings=findings)
    for file in files:
        if file.layer is not None:
            read_rules(reading, file.document, file.layer)
    # A value that several rules share through an alias is wrong in one place only.
    once = {(one.file, one.line, one.column, one.message): one for one in reversed(findings)}
    findings[:] = reversed(once.values())
    return reading


def _is_mapping(document: Document, findings: list[Finding]) -> bool:
    if isinstance(document.data, dict):
        return True
    if document.data is not None:
        findings.append(
            document.finding((), "wrong-type", "the file is not a mapping", "begin with facts:, tables:, …")
        )
    return False


def _walk(root: FilePath, findings: list[Finding]) -> Iterator[tuple[FilePath, str | None, bool]]:
    """Every YAML file with its layer (``None`` at the top) and whether it holds tests, in a stable order."""
    layers: dict[str, str] = {}
    for folder, subfolders, names in os.walk(root):
        here = FilePath(folder)
        parts = here.relative_to(root).parts
        kept = []
        for name in sorted(subfolders):
            if name.startswith(".") or (name in _OTHER_FOLDERS and not (name == "tests" and parts)):
                continue
            if (here / name).is_symlink():
                findings.append(
                    _folder(
                        here / name,
                        "layer-link",
                        "a layer cannot be a link to another folder",
                        "copy what is needed",
                    )
                )
            elif parts and name.isdigit():
                hint = f"move it to {root / name}; layers are nested by their codes, not by folders"
                findings.append(
                    _folder(here / name, "layer-nested", f"area {name} stands inside another layer", hint)
                )
            elif parts or _layer(here / name, name, layers, findings) is not None:
                kept.append(name)
        subfolders[:] = kept
        layer = None if not parts else NATION if parts[0] == "nation" else normalise_area(parts[0])
        for name in sorted(names):
            if name.endswith(".yml"):
                findings.append(
                    _folder(
                        here / name,
                        "file-ignored",
                        "a file .yml is not read",
                        "name it .yaml",
                        Severity.WARNING,
                    )
                )
            elif name.endswith(".yaml"):
                yield here / name, layer, "tests" in parts


def _folder(
    path: FilePath, code: str, message: str, hint: str, severity: Severity = Severity.ERROR
) -> Finding:
    return Finding(file=str(path), code=code, message=message, hint=hint, severity=severity)


def _layer(path: FilePath, name: str, seen: dict[str, str], findings: list[Finding]) -> str | None:
    """The layer of a folder at the top, or ``None`` with the reason reported."""
    if name == "nation":
        return NATION
    if not name.isdigit():
        hint = suggestion(name, ["nation", "calendars", "schema"]) + ", or an area code such as 140429"
        findings.append(
            _folder(path, "unknown-layer", f"folder {name!r} is neither nation nor an area", hint)
        )
        return None
    try:
        area = normalise_area(name)
    except FactError as error:
        findings.append(
            _folder(path, "unknown-layer", str(error), "rename the folder to the code of the area")
        )
        return None
    if area[:2] not in _PROVINCES:
        hint = "the first two digits are the province, for example 14 for 山西"
        findings.append(_folder(path, "unknown-area", f"no province has the code {area[:2]}", hint))
        return None
    if area in seen:
        findings.append(
            _folder(path, "layer-twice", f"{name} and {seen[area]} are the same area", "keep one folder")
        )
        return None
    seen[area] = name
    return area


def _read_words(documents: list[Document], findings: list[Finding], places: dict[str, Place]) -> Words:
    """The vocabularies of all files at the top; ``places`` learns where each fact stands."""
    found: dict[str, dict[str, Any]] = {name: {} for name in VOCABULARIES}
    declared: dict[str, set[str]] = {name: set() for name in VOCABULARIES}
    makers = {
        "facts": _fact,
        "milestones": _milestone,
        "roles": _role,
        "grounds": _ground,
        "messages": message_of,
        "topics": topic_of,
    }
    named: list[tuple[Document, Path, str, str]] = []
    for document in documents:
        for section, entries in document.data.items():
            if section in VOCABULARIES and isinstance(entries, dict):
                declared[section].update(map(str, entries))
            if section not in VOCABULARIES:
                hint = (
                    "move it into nation/ or the folder of an area"
                    if section in {*map(str, RULES), "defaults"}
                    else suggestion(str(section), VOCABULARIES)
                )
                findings.append(
                    document.finding((section,), "unknown-section", f"{section!r} does not belong here", hint)
                )
                continue
            for name, data in _well_formed(document, section, entries, VOCABULARIES[section], findings):
                if name in found[section]:
                    message = f"{section} {name!r} is declared in another file too"
                    findings.append(document.finding((section, name), "duplicate-id", message, "keep one"))
                    continue
                made = makers[section](document, name, data, findings)
                if made is not None:
                    found[section][name] = made
                if section == "facts":
                    places[name] = Place(document.file, *document.position((section, name)))
                named += [
                    (document, (section, name, *path), what, other)
                    for path, what, other in _named(section, data)
                ]
    source = found["facts"].get("source")
    words: dict[str, Any] = {**found, "sources": source.values if source is not None else {}}
    for document, path, what, other in named:
        known = words[f"{what}s"]
        if other not in known and other not in declared.get(f"{what}s", ()):
            message = f"{what} {other!r} is not declared"
            findings.append(document.finding(path, f"unknown-{what}", message, suggestion(other, known)))
        elif what == "fact" and other in known:
            findings += [document.finding(path, *wrong) for wrong in _unfit(path, known[other])]
            milestone = found["milestones"].get(str(path[1])) if "empties" in path else None
            if milestone is not None and (value := milestone.empties[other]) not in known[other].values:
                message = f"{value!r} is no value of fact {other!r}, so it would never be emptied"
                hint = suggestion(value, known[other].values)
                findings.append(document.finding(path, "unknown-value", message, hint))
    broken = {name for section, names in declared.items() for name in names - found[section].keys()}
    return Words(
        Vocabulary(found["facts"]),
        found["milestones"],
        found["roles"],
        found["grounds"],
        found["messages"],
        found["topics"],
        frozenset(broken),
    )


def _well_formed(
    document: Document, section: str, entries: Any, shape: Record, findings: list[Finding]
) -> Iterator[tuple[str, Data]]:
    """The entries of a section that have the right shape; the others are reported."""

    def report(path: Path, code: str, message: str, hint: str) -> None:
        element = str(path[1]) if len(path) > 1 else None
        findings.append(document.finding(path, code, message, hint, element=element))

    key = key_of(section)
    if not isinstance(entries, dict):
        Entries(shape, key).check(entries, (section,), report)
        return
    for name, data in entries.items():
        path: Path = (section, name)
        if key.check(name, path, report) and shape.check(data, path, report):
            yield name, data


def _label(data: Data) -> Label:
    return Label.of(data)


def _named(section: str, data: Data) -> Iterator[tuple[Path, str, str]]:
    """What an entry of a vocabulary names of the vocabularies: where, of which kind, which."""
    for key, what in (
        ("deputies", "role"), ("assigns", "role"), ("milestones", "milestone"), ("carries", "fact"),
        ("answers", "fact"), ("upon", "milestone"), ("sources", "source"),
    ):  # fmt: skip
        if (section, key) == ("topics", "carries"):
            continue  # what a delivery holds may have a name of its own
        for at, name in enumerate(data.get(key, ())):
            if (key, name) != ("upon", EXTENDED):
                yield (key, at), what, name
    for name in data.get("empties", ()):
        yield ("empties", name), "fact", name
    for key, what in (
        ("known_by", "fact"), ("date", "fact"), ("reaches", "milestone"), ("head", "role"), ("above", "role"),
        ("reason", "fact"),
    ):  # fmt: skip
        if key in data:
            yield (key,), what, data[key]


def _unfit(path: Path, fact: Fact) -> Iterator[tuple[str, str, str]]:
    """Why a fact cannot be what a milestone or a message needs it for: code, message and hint."""
    _, name, key, *_ = path
    if key in ("known_by", "date") and fact.type is not FactType.DATE:
        yield "not-a-date", f"fact {fact.id!r} is of type {fact.type}, so it says no day", "name a date fact"
    if key == "reason" and fact.type is not FactType.TEXT:
        yield (
            "not-a-text",
            f"fact {fact.id!r} is of type {fact.type}, so it says no reason",
            "name a text fact",
        )
    if key == "known_by" and not fact.said:
        message = f"nobody says the fact {fact.id!r}, so it would never make {name!r} known"
        yield "never-said", message, "let intake, a form or a message set it, or name another fact"
    if key == "answers":
        yield from unanswerable(fact)
    if key == "carries" and not {"message", f"message:{name}"} & {*fact.set_by}:
        message = f"the fact {fact.id!r} is not for this message to set"
        yield "not-for-messages", message, f"add 'message:{name}' to its set_by, or remove it here"


def _milestone(_document: Document, name: str, data: Data, _findings: list[Finding]) -> Milestone:
    rated, call, empties = data.get("rated", False), data.get("call"), data.get("empties", {})
    return Milestone(name, _label(data["title"]), data.get("known_by"), rated, call, empties)


def _role(document: Document, name: str, data: Data, findings: list[Finding]) -> Role:
    level = Level(data["level"]) if "level" in data else None
    if name in RELATIVES:
        message = f"{name!r} means somebody else for each deadline, so no role can have that name"
        findings.append(document.finding(("roles", name), "reserved-name", message, "choose another name"))
    for key in ("head", "above"):
        if data.get(key) == name:
            message = f"role {name!r} cannot be {key} of itself"
            hint = f"name another role, or remove {key}"
            findings.append(
                document.finding(("roles", name, key), "over-itself", message, hint, element=name)
            )
    if data.get("corrects") and level is None:
        message = f"role {name!r} corrects cases, and has no level: which cases are those of its place?"
        place, hint = ("roles", name, "corrects"), "give it a level, or remove corrects"
        findings.append(document.finding(place, "corrects-nowhere", message, hint, element=name))
    if data.get("gives_area") and not data.get("corrects"):
        message = f"role {name!r} gives cases their area, and does not move them: it does not correct"
        place, hint = ("roles", name, "gives_area"), "add corrects: true, or remove gives_area"
        findings.append(document.finding(place, "gives-no-area", message, hint, element=name))
    administers = Administers(data["administers"]) if "administers" in data else None
    if administers is not None and (more := sorted(set(data) - {"title", "level", "administers"})):
        message = (
            f"role {name!r} keeps the platform ({administers}), so it is no office: remove {', '.join(more)}"
        )
        hint = "an administrator neither works on cases nor stands in for anybody"
        findings.append(
            document.finding(("roles", name, more[0]), "powers-meet", message, hint, element=name)
        )
    deputies = tuple(data.get("deputies", ()))
    presses = tuple(map(Action, data.get("presses", ())))
    assigns = tuple(data.get("assigns", ()))
    title, head, above = _label(data["title"]), data.get("head"), data.get("above")
    corrects, binds, gives = (data.get(mark, False) for mark in ("corrects", "binds_leaders", "gives_area"))
    marks = corrects, binds, gives, administers
    return Role(name, title, level, deputies, head, above, presses, assigns, *marks)


def _ground(document: Document, name: str, data: Data, findings: list[Finding]) -> Ground:
    effect, milestones = Effect(data["effect"]), tuple(data.get("milestones", ()))
    if milestones and effect is Effect.SUSPEND:
        message = f"ground {name!r} suspends, and no milestone would say when that ends"
        hint = "remove milestones; somebody suspends and resumes it"
        findings.append(document.finding(("grounds", name, "milestones"), "ground-milestones", message, hint))
    if "at_most" in data and effect is Effect.INTERRUPT:
        message = (
            f"ground {name!r} interrupts: the period starts again at once, so nothing lasts at most so long"
        )
        hint = "remove at_most; it is for grounds that suspend"
        findings.append(document.finding(("grounds", name, "at_most"), "ground-at-most", message, hint))
    if effect is Effect.URGE and not (milestones and "at_most" in data):
        message = f"ground {name!r} urges, but does not say for which rights and when"
        hint = "name the milestones that use the right, and at_most: the time that may be left"
        findings.append(document.finding(("grounds", name), "ground-urge", message, hint))
    at_most = Period.parse(data["at_most"]) if "at_most" in data else None
    return Ground(name, _label(data["title"]), effect, milestones, at_most)


#: Which fields of a fact belong to which types.
_FIELDS_OF: Final = {
    "values": {FactType.CHOICE, FactType.LIST},
    "of": {FactType.LIST},
    "max_items": {FactType.LIST},
    "minimum": {FactType.INTEGER, FactType.MONEY, FactType.DATE},
    "maximum": {FactType.INTEGER, FactType.MONEY, FactType.DATE},
    "max_length": {FactType.TEXT},
    "pattern": {FactType.TEXT},
    "reason": {FactType.BOOLEAN},
}


def _fact(document: Document, name: str, data: Data, findings: list[Finding]) -> Fact | None:
    before = len(findings)

    def report(key: str, message: str, hint: str) -> None:
        findings.append(document.finding(("facts", name, key), "bad-fact", message, hint, element=name))

    kind = FactType(data["type"])
    for key, kinds in _FIELDS_OF.items():
        if key in data and kind not in kinds:
            report(key, f"a fact of type {kind} has no {key}", "remove it, or change the type")
    wants_values = kind is FactType.CHOICE or (kind is FactType.LIST and data.get("of") == "choice")
    if wants_values != ("values" in data):
        report(
            "values",
            f"fact {name!r} {'lacks' if wants_values else 'cannot have'} values",
            "a choice lists its values",
        )
    for reserved in RESERVED & set(data.get("values", ())):
        report("values", f"{reserved!r} is a condition and cannot be a value", "choose another word")
    if "grade" in data and "personal" in data:
        report("personal", "its grade is said twice", "remove personal; grade says it")
    grade = Grade(data.get("grade", Grade.PERSONAL if data.get("personal") else Grade.OPEN))
    pattern = _pattern(data.get("pattern"), report)
    values = {value: _label(label) for value, label in data.get("values", {}).items()}
    bare = Fact(id=name, type=kind, title=_label(data["title"]))
    bounds: dict[str, Any] = {}
    for key in ("minimum", "maximum"):
        if key in data:
            try:
                bounds[key] = bare.check(data[key])
            except FactError as error:
                report(key, str(error), f"write a value of type {kind}")
    if len(bounds) == 2 and bounds["minimum"] > bounds["maximum"]:
        report("maximum", "the greatest value is below the smallest", "swap them")
    if len(findings) > before:
        return None
    limits = {key: data[key] for key in ("max_length", "max_items") if key in data}
    return Fact(
        id=name,
        type=kind,
        title=bare.title,
        set_by=tuple(data["set_by"]),
        values=values,
        of=FactType(data.get("of", "text")) if kind is FactType.LIST else None,
        pattern=pattern,
        grade=grade,
        lasting=data.get("lasting", False),
        reason=data.get("reason"),
        **bounds,
        **limits,
    )


def _pattern(text: str | None, report: Any) -> TextPattern | None:
    if text is None:
        return None
    try:
        return TextPattern(text)
    except PatternError as error:
        report("pattern", error.message, error.hint)
        return None


def read_rules(reading: Reading, document: Document, layer: str) -> None:
    """The rules of one file of a layer."""
    defaults = document.data.get("defaults", {})
    builder = Builder(document, layer, reading.words, defaults, reading.findings, reading.references)
    if not DEFAULTS.check(defaults, ("defaults",), builder.report):
        builder.defaults = {}
    rules = reading.layers.setdefault(layer, {kind: {} for kind in Kind})
    for section, entries in document.data.items():
        if section == "defaults":
            continue
        if section in RENAMED:
            message = f"{section!r} is an old name; it is read as {RENAMED[section]!r}"
            hint, severity = f"call it {RENAMED[section]}", Severity.WARNING
            reading.findings.append(
                document.finding((section,), "old-name", message, hint, severity=severity)
            )
        elif section not in set(map(str, RULES)):
            hint = (
                "move it into a file at the top of the rulebook"
                if section in VOCABULARIES
                else suggestion(str(section), [*map(str, RULES), "defaults"])
            )
            builder.report((section,), "unknown-section", f"{section!r} does not belong here", hint)
            continue
        kind = RENAMED.get(section) or Kind(section)
        if isinstance(entries, dict):
            reading.declared.update((layer, kind, str(name)) for name in entries)
        for name, data in _well_formed(document, section, entries, RULES[kind], reading.findings):
            builder.element = name
            known = rules[kind].get(name)
            if known is not None:
                builder.report(
                    (section, name),
                    "duplicate-id",
                    f"{name!r} is already declared at {known.place}",
                    "keep one, or rename one",
                )
                continue
            rule = BUILDERS[kind](builder, name, data, (section, name))
            if rule is not None:
                rules[kind][name] = rule
        builder.element = None
