"""What ``jiefen check`` says: any files and folders, answered for one by one, with findings and never an exception.

Models are checked together with the models beside them, because they call each other, and against the names of a
rulebook; a directory of people against its roles. A rule file is checked as part of the rulebook it lies in: the
nearest folder above it that holds ``facts.yaml``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from jiefen.bundled import bundled
from jiefen.designer.cards import check_card_file, shipped_cards
from jiefen.designer.documents import check_layouts
from jiefen.designer.executors import EXECUTORS
from jiefen.designer.figures import of_no_process
from jiefen.designer.ledgers import check_ledger_file
from jiefen.designer.starts import find_starts, unstarted
from jiefen.edition.edition import names_of
from jiefen.errors import DefinitionError
from jiefen.findings import Finding, Severity, errors_in
from jiefen.notation.files import Problem, UnusableFile, read_plain
from jiefen.notation.yaml import load
from jiefen.people.directory_file import check_directory
from jiefen.periods import check_calendars
from jiefen.process import UNCHECKED, Names, Processes, Source
from jiefen.process import check as check_models
from jiefen.rules import Kind as RuleKind
from jiefen.rules import check_rulebook, load_rulebook

#: No file that people write is larger; larger ones are not even read.
MAX_BYTES: Final = 16_000_000
#: The file that makes a folder a rulebook.
VOCABULARY: Final = "facts.yaml"
#: The sections of a file that says who holds which post.
DIRECTORY: Final = frozenset({"units", "posts", "superiors"})
#: The folder of a layer that holds its holiday calendars.
CALENDARS: Final = "calendars"

FileKind = Literal["model", "yaml"]

_MODELS: Final = (".bpmn", ".bpmn2", ".bpmn20.xml", ".bpmn.xml")
_YAML: Final = (".yaml", ".yml")
_CODES: Final[Mapping[Problem, str]] = {
    "unreadable": "unreadable-file",
    "not-a-file": "not-a-file",
    "too-big": "too-large",
}
_NOT_OURS: Final = frozenset({"node_modules", "__pycache__"})
_RULE_SECTIONS: Final = frozenset(
    {*RuleKind, "facts", "milestones", "messages", "topics", "roles", "grounds", "tests"}
)


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        files: every file that was looked at, as it was named.
        findings: in the order of the files, then of the lines.
    """

    files: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> tuple[str, ...]:
        """The files about which there is nothing to say."""
        found = {finding.file for finding in self.findings}
        return tuple(name for name in self.files if name not in found)


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    path: Path
    kind: FileKind


@dataclass(slots=True)
class _Check:
    """The files to look at, and what was found while looking for them; keys are absolute paths."""

    files: dict[str, _File] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def of_kind(self, kind: FileKind) -> list[_File]:
        return [file for file in self.files.values() if file.kind == kind]

    def say(self, name: str, code: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> None:
        if name not in self.names:
            self.names.append(name)
        self.findings.append(Finding(file=name, code=code, message=message, hint=hint, severity=severity))


def check(paths: Sequence[Path | str] = (), *, rules: Path | None = None) -> Report:
    """Check files and folders; without any, the bundled edition.

    Args:
        rules: the rulebook whose facts, tables, deadlines and roles models and directories may name; absent: the one
            among ``paths``, else the bundled one.
    """
    if not paths:
        paths = (bundled("processes"), bundled("rules"), *shipped_cards())
    found = _Check()
    for path in paths:
        _collect(found, str(path))
    roots = _by_rulebook(found)
    named = [root for root in roots if root is not None]
    rulebook = rules or (named[0] if len(named) == 1 else bundled("rules"))
    for root, files in roots.items():
        found.findings += _rules(found, root, files, rulebook)
    models = found.of_kind("model")
    if models:
        found.findings += _models(models, _names(found, rulebook))
        if rules is None and rulebook in named and not errors_in(found.findings):
            found.findings += _as_named(found, _starts(found, models, rulebook))
    order = {name: number for number, name in enumerate(found.names)}
    ranked = sorted(
        found.findings, key=lambda item: (order.get(item.file, -1), item.line or 0, item.column or 0)
    )
    return Report(tuple(found.names), tuple(ranked))


# --- finding the files ----------------------------------------------------------------------------------------------


def _collect(found: _Check, given: str) -> None:
    path = Path(given)
    name = _readable(given)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        hint = "check the path; it is looked for from the current folder"
        found.say(name, "missing-file", "there is no such file or folder", hint)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        found.say(name, "unreadable-file", f"it cannot be looked at: {reason}", "check its permissions")
    else:
        if stat.S_ISDIR(mode):
            _collect_folder(found, given)
        elif stat.S_ISREG(mode):
            _collect_file(found, path, name)
        else:
            found.say(name, "not-a-file", "it is no regular file", "name a .bpmn or .yaml file, or a folder")


def _collect_folder(found: _Check, given: str) -> None:
    name = _readable(given)
    found.folders[os.path.abspath(given)] = name
    empty = True

    def unreadable(error: OSError) -> None:
        nonlocal empty
        empty = False
        hint = "check its permissions"
        found.say(
            _readable(str(error.filename)), "unreadable-file", f"it cannot be read: {error.strerror}", hint
        )

    for folder, subfolders, files in os.walk(given, onerror=unreadable):
        subfolders[:] = sorted(sub for sub in subfolders if not sub.startswith(".") and sub not in _NOT_OURS)
        for file in sorted(files):
            if file.lower().endswith((*_MODELS, *_YAML)) and not file.startswith("."):
                empty = False
                _collect(found, os.path.join(folder, file))
    if empty:
        hint = "name the folder that holds the models or the rules"
        found.say(name, "empty-folder", "the folder holds no .bpmn and no .yaml file", hint)


def _collect_file(found: _Check, path: Path, name: str) -> None:
    lower = path.name.lower()
    kind: FileKind | None = None
    if lower.endswith((*_MODELS, ".xml")):
        kind = "model"
    elif lower.endswith(_YAML):
        kind = "yaml"
    if kind is None:
        found.say(name, "wrong-extension", "it is neither a model (.bpmn) nor rules (.yaml)", _rename(path))
        return
    key = os.path.abspath(path)
    if key not in found.files:
        found.files[key] = _File(name, path, kind)
        found.names.append(name)


def _rename(path: Path) -> str:
    if path.suffix.lower() == ".dmn":
        return "DMN tables are not read; write the table in YAML, see rules/README.md"
    try:
        with path.open("rb") as stream:
            start = stream.read(200).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        start = b""
    looks = (
        "if it is a model, rename it to .bpmn" if start.startswith(b"<") else "rename it if it is one of them"
    )
    return f"{looks}, or leave it out"


def _readable(name: str) -> str:
    """A file name that JSON and terminals can carry, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


# --- models ---------------------------------------------------------------------------------------------------------


def _models(files: list[_File], names: Names) -> list[Finding]:
    findings: list[Finding] = []
    sources = []
    for file in files:
        source = _source(file)
        if isinstance(source, Finding):
            findings.append(source)
        else:
            sources.append(source)
    alone = _checked(sources, names)
    beside = _beside(files) if alone else []
    if beside:
        # A model calls others and is called by them. What is wrong only because those were not named is not wrong.
        together = set(_checked([*sources, *beside], names))
        alone = [finding for finding in alone if finding in together]
    return findings + alone


def _starts(found: _Check, models: list[_File], rulebook: Path) -> list[Finding]:
    """Active deadlines that nothing starts, and figures of no process; of a whole edition alone, folders of both."""
    folders = [os.path.join(folder, "") for folder in found.folders]
    if not all(any(os.path.abspath(file.path).startswith(folder) for folder in folders) for file in models):
        return []
    rules = load_rulebook(rulebook)
    sources = [source for source in map(_source, models) if isinstance(source, Source)]
    processes = Processes.load(sources, names_of(rules))
    return [*unstarted(find_starts(rules, processes), rules), *of_no_process(rules, processes.ids)]


def _checked(sources: list[Source], names: Names) -> list[Finding]:
    try:
        return check_models(sources, names)
    except Exception as error:
        if len(sources) == 1:
            return [_bug(sources[0].path, error)]
        return [finding for source in sources for finding in _checked([source], names)]


def _beside(files: list[_File]) -> list[Source]:
    """The models that lie in the same folders as ``files``."""
    named = {os.path.abspath(file.path) for file in files}
    beside = []
    for folder in sorted({Path(os.path.abspath(file.path)).parent for file in files}):
        for path in sorted(folder.glob("*.bpmn")):
            if str(path) not in named and path.is_file():
                source = _source(_File(_readable(str(path)), path, "model"))
                if isinstance(source, Source):
                    beside.append(source)
    return beside


def _source(file: _File) -> Source | Finding:
    try:
        return Source(file.name, read_plain(file.path, MAX_BYTES))
    except UnusableFile as error:
        return Finding(file=file.name, code=_CODES[error.problem], message=error.message, hint=error.hint)


def _names(found: _Check, root: Path) -> Names:
    """What models may name; nothing is checked against a rulebook that cannot be loaded."""
    try:
        return names_of(load_rulebook(root))
    except DefinitionError as error:
        count = len(error.findings)
        message = f"the rulebook cannot be loaded ({count} findings), so what models name was not looked up"
        hint = f"run jiefen check {root}, and mend what it says first"
        name, severity = _readable(str(root)), Severity.WARNING
        found.findings.append(
            Finding(file=name, code="names-unchecked", message=message, hint=hint, severity=severity)
        )
        return UNCHECKED


# --- rules ----------------------------------------------------------------------------------------------------------


def _by_rulebook(found: _Check) -> dict[Path | None, list[_File]]:
    """The YAML files by the rulebook they lie in; ``None`` for those that lie in none."""
    roots: dict[Path | None, list[_File]] = {}
    known: dict[Path, Path | None] = {}
    for file in found.of_kind("yaml"):
        folder = Path(os.path.abspath(file.path)).parent
        if folder not in known:
            known[folder] = next(
                (at for at in (folder, *folder.parents) if (at / VOCABULARY).is_file()), None
            )
        roots.setdefault(known[folder], []).append(file)
    return roots


def _rules(found: _Check, root: Path | None, files: list[_File], rulebook: Path) -> Iterator[Finding]:
    if root is None:
        sources = [source for source in map(_source, found.of_kind("model")) if isinstance(source, Source)]
        for file in files:
            yield from _loose(file, rulebook, sources)
        return
    try:
        said = [*check_rulebook(root, EXECUTORS.keys()), *_calendars(root)]
        if not errors_in(said):
            said += check_layouts(root, load_rulebook(root))
    except Exception as error:
        said = [_bug(str(root / VOCABULARY), error)]
    yield from _as_named(found, said)
    for file in files:
        yield from _empty(file)


def _calendars(root: Path) -> list[Finding]:
    """What is wrong with the nation's calendars and with those of the areas that lie over them."""
    own, known = root / CALENDARS, bundled("rules") / CALENDARS
    # A rulebook need not carry the nation's; its layers are checked over the bundled ones then.
    nation = own if own.is_dir() else known
    said = check_calendars(nation) if nation is own else []
    for overlay in sorted(root.glob(f"*/{CALENDARS}")):
        said += [finding for finding in check_calendars(nation, overlay) if finding not in said]
    return said


def _as_named(found: _Check, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings about what was named, under the names it was given."""
    for finding in findings:
        path = os.path.abspath(finding.file)
        file = found.files.get(path)
        if file is not None:
            yield replace(finding, file=file.name)
            continue
        for folder, name in found.folders.items():
            if path == folder or path.startswith(folder.rstrip(os.sep) + os.sep):
                yield replace(
                    finding,
                    file=_readable(os.path.normpath(os.path.join(name, os.path.relpath(path, folder)))),
                )
                break


def _empty(file: _File) -> Iterator[Finding]:
    try:
        if not read_plain(file.path, MAX_BYTES).strip(b"\xef\xbb\xbf \t\r\n"):
            yield _about(
                file, "empty-file", "the file is empty", "write rules into it, or remove it", Severity.WARNING
            )
    except UnusableFile:
        return  # the rulebook's own reading has said so


def _loose(file: _File, rulebook: Path, models: Sequence[Source]) -> Iterator[Finding]:
    """What can be said of a YAML file that lies in no rulebook."""
    try:
        document = load(file.path, max_bytes=MAX_BYTES)
    except DefinitionError as error:
        yield from (replace(finding, file=file.name) for finding in error.findings)
        return
    if document.data is None:
        yield _about(
            file, "empty-file", "the file is empty", "write rules into it, or leave it out", Severity.ERROR
        )
        return
    keys = set(document.data) if isinstance(document.data, dict) else set()
    if "scenarios" in keys:
        yield from _scenarios(file)
        return
    if keys and (keys <= DIRECTORY or len(DIRECTORY & keys) > 1):
        yield from _directory(file, rulebook)
        return
    card = check_card_file(file.path, file.name, rulebook, models) if "card" in keys else None
    if card is not None:
        yield from card
        return
    sections = sorted(_RULE_SECTIONS & keys)
    # A section of a rulebook is no word of a ledger that somebody misspelt.
    said = None
    if not sections or keys - _RULE_SECTIONS:
        said = check_ledger_file(file.path, file.name, rulebook, models)
    if said is not None:
        yield from said
        return
    holds = f"it holds {', '.join(sections)}, but lies" if sections else "it is sound YAML, but lies"
    yield _about(
        file,
        "no-rulebook",
        f"{holds} in no rulebook: no folder above it has a {VOCABULARY}, so it means nothing to Jiefen",
        f"put it under the folder that holds {VOCABULARY}, for example into nation/",
        Severity.WARNING if sections else Severity.NOTE,
    )


def _directory(file: _File, rulebook: Path) -> Iterator[Finding]:
    try:
        roles = load_rulebook(rulebook).roles
    except DefinitionError as error:
        hint = f"run jiefen check {rulebook}, and mend what it says first"
        message = (
            f"the rulebook cannot be loaded ({len(error.findings)} findings), so roles were not looked up"
        )
        yield _about(file, "names-unchecked", message, hint, Severity.WARNING)
        roles = {}
    for finding in check_directory(file.path, roles or None):
        yield replace(finding, file=file.name)


def _scenarios(file: _File) -> Iterator[Finding]:
    from jiefen.testing import load_scenarios  # it brings the engine with it, and few need it

    try:
        load_scenarios(file.path)
    except DefinitionError as error:
        yield from (replace(finding, file=file.name) for finding in error.findings)


def _about(file: _File, code: str, message: str, hint: str, severity: Severity) -> Finding:
    return Finding(file=file.name, code=code, message=message, hint=hint, severity=severity)


def _bug(name: str, error: Exception) -> Finding:
    return Finding(
        file=name,
        code="checker-failed",
        message=f"checking it failed with {type(error).__name__}: this is a bug in jiefen",
        hint="report it, with the file; whether the file is sound is not known",
    )
