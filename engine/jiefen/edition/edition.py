"""版本: an immutable, content-hashed set of processes, rulebook and calendars. A case runs on one from start to end."""

from __future__ import annotations

import os
import tempfile
import threading
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from jiefen.areas import ancestors, normalise_area
from jiefen.bundled import bundled
from jiefen.collection import without_collection
from jiefen.errors import DatabaseError, DefinitionError, NotFound
from jiefen.findings import Finding
from jiefen.notation.files import UnusableFile, read_plain
from jiefen.notation.labels import suggestion
from jiefen.periods import Calendar, Holiday, OfficeHours, load_calendar, load_hours, with_local
from jiefen.process import MAX_MODEL_BYTES, Act, Names, Processes, Source
from jiefen.rules import MAX_RULE_BYTES, DeadlineRule, Rulebook, RuleView, load_rulebook

LocalHolidays: TypeAlias = Mapping[str, tuple[Holiday, ...]]
#: By area; those of the nation under the empty text.
Hours: TypeAlias = Mapping[str, OfficeHours]

#: An edition may hold so many files, and so many bytes together; the bundled one has 70 files and 1 MB.
MAX_FILES: Final = 2_000
MAX_BYTES: Final = 16_000_000
#: What is unpacked out of a database may be so large: JSON writes a line end in two bytes, and a quote as well.
_MAX_UNPACKED: Final = 2 * MAX_BYTES
#: Names of files as the file systems take them, in bytes, and folders in folders.
_LONGEST_NAME: Final = 255
_DEEPEST: Final = 12
_PROCESSES, _RULES, _CALENDARS = "processes", "rules", "calendars"
_MESSAGE = "message:"


class _Raw(msgspec.Struct, frozen=True):
    """A file that is not UTF-8, such as a model saved as GBK; JSON carries its bytes as base64."""

    base64: bytes


@dataclass(frozen=True)
class Edition:
    """Processes, rulebook and calendars that were loaded and checked together.

    Attributes:
        digest: SHA-256 over every file; two folders with the same content are the same edition.
        files: the text of every file by its path, ``processes/…`` and ``rules/…``.
        local: holidays that areas have besides the nation's, by area (全国年节及纪念日放假办法第四条).
        hours: when offices are open, by area.
    """

    digest: str
    files: Mapping[str, bytes] = field(repr=False)
    processes: Processes
    rulebook: Rulebook
    calendar: Calendar
    local: LocalHolidays = field(default_factory=dict, repr=False)
    hours: Hours = field(default_factory=dict, repr=False)
    _calendars: dict[tuple[object, ...], Calendar] = field(default_factory=dict, repr=False, compare=False)

    def view(self, area: str | None) -> RuleView:
        """The rules in force in an area."""
        return self.rulebook.view(area)

    def calendar_in(self, area: str | None) -> Calendar:
        """The calendar that holds in an area: the nation's, with the holidays of the area and of those above it.

        Its office hours are those of the nearest of them that says any.
        """
        return calendar_in(self.calendar, self.local, self.hours, area, self._calendars)

    @property
    def messages(self) -> Collection[str]:
        """The names of the messages that may come: those of the rulebook.

        Where it declares none: those that a process knows, or that set a fact.
        """
        declared = self.rulebook.messages.keys()
        facts = self.rulebook.vocabulary.facts.values()
        return declared or self.processes.messages | {
            way.removeprefix(_MESSAGE) for fact in facts for way in fact.set_by if way.startswith(_MESSAGE)
        }

    def require_message(self, name: str) -> None:
        """Make sure that a message of that name means something.

        Raises:
            NotFound: it means nothing; the message names the nearest.
        """
        if name not in self.messages:
            raise NotFound(f"there is no message {name!r}; {suggestion(name, self.messages)}")

    def pack(self) -> bytes:
        """The edition as bytes, to be kept beside the cases that run on it."""
        return zlib.compress(
            msgspec.json.encode({path: _carried(text) for path, text in self.files.items()}), 9
        )


def _carried(text: bytes) -> str | _Raw:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return _Raw(text)


def with_rules(edition: Edition, rules: Path) -> Edition:
    """The processes of an edition under the rulebook and the calendars of another folder.

    Raises:
        DefinitionError: with every finding, when a rule file is wrong or a process refers to what the rules lack.
    """
    processes = {path: text for path, text in edition.files.items() if path.startswith(f"{_PROCESSES}/")}
    return _under_rules(processes, rules)


def load_edition(processes: Path | None = None, rules: Path | None = None) -> Edition:
    """Load an edition from folders; the bundled ones where none is given.

    Raises:
        DefinitionError: with every finding, when a file is wrong; nothing is loaded then.
    """
    files = _read(processes or bundled(_PROCESSES), _PROCESSES, (".bpmn",), MAX_MODEL_BYTES)
    if not files:
        raise DefinitionError(f"there is no .bpmn file in {processes}; name the folder that holds the models")
    return _under_rules(files, rules or bundled(_RULES))


def _under_rules(processes: Mapping[str, bytes], root: Path) -> Edition:
    files = {**processes, **_read(root, _RULES, (".yaml", ".yml", ".docx"), MAX_RULE_BYTES)}
    calendars = root / _CALENDARS
    if not calendars.is_dir():
        # Holidays are the same for everybody: a rulebook need not carry its own.
        calendars = bundled(_RULES) / _CALENDARS
        files |= _read(calendars, f"{_RULES}/{_CALENDARS}", (".yaml",), MAX_RULE_BYTES)
    # Stories name rule files: where an installation keeps its own is nobody's business.
    shown = Path(_RULES) if root == bundled(_RULES) else None
    return _kept((_digest(files), str(shown or root)), lambda: _build(files, root, calendars, shown))


def unpack_edition(content: bytes, digest: str) -> Edition:
    """An edition as :meth:`Edition.pack` left it.

    Args:
        digest: the digest that it was kept under. Rules that were changed where they are kept are never used.

    Raises:
        DatabaseError: when the content is damaged, larger than any edition, or another one than ``digest`` says.
        DefinitionError: when this version of the library no longer accepts it.
    """
    files = _unpacked(content)
    found = _digest(files)
    if found != digest:
        raise DatabaseError(
            f"the edition {digest[:12]} kept in the database was changed: what lies there is {found[:12]}; "
            "restore the table jiefen_edition from a backup, and find out who can write to it"
        )
    return _kept((digest, _RULES), lambda: _build_unpacked(files))


def digest_of_kept(content: bytes) -> str:
    """The digest of an edition as :meth:`Edition.pack` left it; nothing is built.

    Raises:
        DatabaseError: the content is damaged, or larger than any edition.
    """
    return _digest(_unpacked(content))


def _build_unpacked(files: Mapping[str, bytes]) -> Edition:
    _check_names(files)
    with tempfile.TemporaryDirectory(prefix="jiefen-") as folder:
        for path, text in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        rules = Path(folder) / _RULES
        return _build(files, rules, rules / _CALENDARS, Path(_RULES))


def _check_names(files: Mapping[str, bytes]) -> None:
    """Make sure that files can be written under their names, all of them inside the edition."""
    folders: set[str] = set()
    for path in files:
        parts = path.split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts):
            raise DatabaseError(f"an edition kept in the database names a file outside itself: {path[:80]!r}")
        if len(parts) > _DEEPEST or any(len(part.encode()) > _LONGEST_NAME for part in parts):
            raise _damaged(f"no file can be called {path[:80]!r}")
        folders |= {"/".join(parts[:end]) for end in range(1, len(parts))}
    if both := folders & files.keys():
        raise _damaged(f"{min(both)[:80]!r} is a file and a folder")


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The files of an edition, when they are no more and no larger than those of any edition."""
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(content, _MAX_UNPACKED)
        if not stream.eof:
            raise _damaged("it is cut off" if not stream.unconsumed_tail else "it is larger than any edition")
        kept = msgspec.json.decode(text, type=dict[str, str | _Raw])
    except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(str(error)) from error
    if len(kept) > MAX_FILES:
        raise _damaged(f"it holds {len(kept)} files")
    return {path: text.encode() if isinstance(text, str) else text.base64 for path, text in kept.items()}


def _damaged(reason: str) -> DatabaseError:
    return DatabaseError(f"an edition kept in the database is damaged ({reason}); restore a backup")


def _digest(files: Mapping[str, bytes]) -> str:
    digest = sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{len(files[path])}\0".encode())
        digest.update(files[path])
    return digest.hexdigest()


def _kept(name: tuple[str, str], build: Callable[[], Edition]) -> Edition:
    """The edition of that digest whose rule files are called so; it is compiled once in a process."""
    with _compiling:
        edition = _compiled.pop(name, None)
        if edition is None:
            with without_collection():
                edition = build()
        _compiled[name] = edition
        if len(_compiled) > _MOST_COMPILED:
            del _compiled[next(iter(_compiled))]
        return edition


#: The editions that were compiled last; they are immutable, and engines share them.
_compiled: Final[dict[tuple[str, str], Edition]] = {}
_compiling: Final = threading.Lock()
_MOST_COMPILED: Final = 4


def _build(files: Mapping[str, bytes], rules: Path, calendars: Path, shown: Path | None) -> Edition:
    rulebook = load_rulebook(rules, shown)
    processes = Processes.load(
        [Source(path, text) for path, text in files.items() if path.startswith(_PROCESSES)],
        names_of(rulebook),
    )
    calendar = load_calendar(calendars)
    local, hours = load_local_holidays(rules, calendars), load_office_hours(rules, calendars)
    return Edition(_digest(files), files, processes, rulebook, calendar, local, hours)


def load_local_holidays(rules: Path, calendars: Path) -> LocalHolidays:
    """The holidays in the folders ``calendars`` of the layers of a rulebook, by area.

    Raises:
        RuleError: with every finding, when a file is wrong.
    """
    return {area: load_calendar(calendars, folder).local for area, folder in _of_layers(rules)}


def load_office_hours(rules: Path, calendars: Path) -> Hours:
    """The office hours of the nation and of the layers of a rulebook, by area.

    Raises:
        RuleError: with every finding, when a file is wrong.
    """
    said = {area: load_hours(folder) for area, folder in (("", calendars), *_of_layers(rules))}
    return {area: hours for area, hours in said.items() if hours is not None}


def _of_layers(rules: Path) -> list[tuple[str, Path]]:
    """The folders of calendars that layers have, by area."""
    folders = sorted(rules.glob(f"*/{_CALENDARS}"))
    return [(normalise_area(one.parent.name), one) for one in folders if one.parent.name.isdigit()]


def calendar_in(
    calendar: Calendar,
    local: LocalHolidays,
    hours: Hours,
    area: str | None,
    kept: dict[tuple[object, ...], Calendar],
) -> Calendar:
    """``calendar`` with the local holidays and hours of an area and of those above it; made once, in ``kept``."""
    within = ancestors(area) if area is not None and (local or len(hours) > 1) else ()
    layers = tuple(code for code in within if code in local)
    here = next((hours[code] for code in (*reversed(within), "") if code in hours), calendar.hours)
    if not layers and here == calendar.hours:
        return calendar
    name = (calendar.digest, *layers, here)
    if name not in kept:
        kept[name] = with_local(calendar, [holiday for code in layers for holiday in local[code]], here)
    return kept[name]


def names_of(rulebook: Rulebook) -> Names:
    """What models may refer to under a rulebook."""
    view = rulebook.view(None)
    return Names(
        facts=rulebook.vocabulary.facts.keys(),
        tables=view.tables.keys(),
        deadlines=view.deadlines.keys(),
        roles=rulebook.roles.keys(),
        milestones=rulebook.milestones.keys(),
        acts={rule.id: _acts(rule) for rule in view.deadlines.values()},
        types={name: str(fact.type) for name, fact in rulebook.vocabulary.facts.items()},
        messages=rulebook.messages.keys() or None,
        topics={topic.id: topic.carries for topic in rulebook.topics.values()} or None,
        values={name: fact.values.keys() for name, fact in rulebook.vocabulary.facts.items() if fact.values},
    )


def _acts(rule: DeadlineRule) -> Mapping[str, Collection[str]]:
    """What the law lets people do to a deadline, by any of its versions, each with its grounds."""
    suspensions = {ground for version in rule.versions for ground in version.suspensions}
    interruptions = {ground for version in rule.versions for ground in version.interruptions}
    extended = {str(Act.EXTEND): ()} if any(version.extensions for version in rule.versions) else {}
    return {
        **extended,
        **({str(Act.SUSPEND): suspensions} if suspensions else {}),
        **({str(Act.INTERRUPT): interruptions} if interruptions else {}),
    }


def _read(folder: Path, name: str, extensions: tuple[str, ...], max_bytes: int) -> dict[str, bytes]:
    """The files of a folder and of those below it, by their path in the edition; hidden ones and tests stay out.

    Raises:
        DefinitionError: with every finding: a file is no plain file or too large, or all of them together are.
    """
    if not folder.is_dir():
        raise DefinitionError(f"the folder {folder} does not exist; name the folder that holds the {name}")
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    left = MAX_BYTES
    for path in _walk(folder, extensions, findings):
        try:
            text = read_plain(path, max_bytes)
        except UnusableFile as error:
            findings.append(_finding(path, error.problem, error.message, error.hint))
            continue
        left -= len(text)
        if left < 0 or len(files) == MAX_FILES:
            message = f"the {name} are more than {MAX_FILES} files or {MAX_BYTES:,} bytes together"
            findings.append(_finding(folder, "too-big", message, "name the folder that holds them alone"))
            break
        files[f"{name}/{path.relative_to(folder).as_posix()}"] = text
    if findings:
        raise DefinitionError(f"the {name} in {folder} cannot be used", findings)
    return files


def _walk(folder: Path, extensions: tuple[str, ...], findings: list[Finding]) -> Iterator[Path]:
    for here, subfolders, names in os.walk(folder):
        # Folders that begin with a dot belong to other programs: a mounted volume keeps its older contents there.
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".") and name != "tests")
        for name in sorted(names):
            if name.endswith(extensions) and not name.startswith("."):
                yield Path(here) / name
        for linked in (Path(here) / name for name in subfolders):
            if linked.is_symlink():
                message = "the folder is a link to another one, which is not followed"
                findings.append(_finding(linked, "linked-folder", message, "copy what is needed"))


def _finding(path: Path, code: str, message: str, hint: str) -> Finding:
    return Finding(file=str(path), code=code, message=message, hint=hint)
