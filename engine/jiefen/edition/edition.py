"""版本: an immutable, content-hashed set of processes, rulebook and calendars. A case runs on one from start to end."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import msgspec

from jiefen.areas import ancestors, normalise_area
from jiefen.bundled import bundled
from jiefen.errors import DatabaseError, DefinitionError, NotFound
from jiefen.notation.labels import suggestion
from jiefen.periods import Calendar, Holiday, load_calendar, with_local
from jiefen.process import Names, Processes, Source
from jiefen.rules import Rulebook, RuleView, load_rulebook

LocalHolidays: TypeAlias = Mapping[str, tuple[Holiday, ...]]

_PROCESSES, _RULES, _CALENDARS = "processes", "rules", "calendars"
_MESSAGE = "message:"


@dataclass(frozen=True)
class Edition:
    """Processes, rulebook and calendars that were loaded and checked together.

    Attributes:
        digest: SHA-256 over every file; two folders with the same content are the same edition.
        files: the text of every file by its path, ``processes/…`` and ``rules/…``.
        local: holidays that areas have besides the nation's, by area (全国年节及纪念日放假办法第四条).
    """

    digest: str
    files: Mapping[str, bytes] = field(repr=False)
    processes: Processes
    rulebook: Rulebook
    calendar: Calendar
    local: LocalHolidays = field(default_factory=dict, repr=False)
    _calendars: dict[tuple[str, ...], Calendar] = field(default_factory=dict, repr=False, compare=False)

    def view(self, area: str | None) -> RuleView:
        """The rules in force in an area."""
        return self.rulebook.view(area)

    def calendar_in(self, area: str | None) -> Calendar:
        """The calendar that holds in an area: the nation's, with the holidays of the area and of those above it."""
        return calendar_in(self.calendar, self.local, area, self._calendars)

    def require_message(self, name: str) -> None:
        """Make sure that a message of that name means something: a process knows it, or a fact is set by it.

        Raises:
            NotFound: it means nothing; the message names the nearest.
        """
        facts = self.rulebook.vocabulary.facts.values()
        known = self.processes.messages | {
            way.removeprefix(_MESSAGE) for fact in facts for way in fact.set_by if way.startswith(_MESSAGE)
        }
        if name not in known:
            raise NotFound(f"no process and no fact knows a message {name!r}; {suggestion(name, known)}")

    def pack(self) -> bytes:
        """The edition as bytes, to be kept beside the cases that run on it."""
        return zlib.compress(
            msgspec.json.encode({path: text.decode() for path, text in self.files.items()}), 9
        )


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
    files = _read(processes or bundled(_PROCESSES), _PROCESSES, ("*.bpmn",))
    if not files:
        raise DefinitionError(f"there is no .bpmn file in {processes}; name the folder that holds the models")
    return _under_rules(files, rules or bundled(_RULES))


def _under_rules(processes: Mapping[str, bytes], root: Path) -> Edition:
    files = {**processes, **_read(root, _RULES, ("*.yaml", "*.yml"))}
    calendars = root / _CALENDARS
    if not calendars.is_dir():
        # Holidays are the same for everybody: a rulebook need not carry its own.
        calendars = bundled(_RULES) / _CALENDARS
        files |= _read(calendars, f"{_RULES}/{_CALENDARS}", ("*.yaml",))
    # Stories name rule files: where an installation keeps its own is nobody's business.
    return _build(files, root, calendars, Path(_RULES) if root == bundled(_RULES) else None)


def unpack_edition(content: bytes) -> Edition:
    """An edition as :meth:`Edition.pack` left it.

    Raises:
        DatabaseError: when the content is damaged.
        DefinitionError: when this version of the library no longer accepts it.
    """
    try:
        texts = msgspec.json.decode(zlib.decompress(content), type=dict[str, str])
    except (zlib.error, msgspec.DecodeError) as error:
        raise DatabaseError(
            f"an edition kept in the database is damaged ({error}); restore a backup"
        ) from error
    files = {path: text.encode() for path, text in texts.items()}
    with tempfile.TemporaryDirectory(prefix="jiefen-") as folder:
        for path, text in files.items():
            target = (Path(folder) / path).resolve()
            if not target.is_relative_to(Path(folder).resolve()):
                raise DatabaseError(f"an edition kept in the database names a file outside itself: {path!r}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        return _build(files, Path(folder) / _RULES, Path(folder) / _RULES / _CALENDARS, Path(_RULES))


def _build(files: Mapping[str, bytes], rules: Path, calendars: Path, shown: Path | None) -> Edition:
    rulebook = load_rulebook(rules, shown)
    processes = Processes.load(
        [Source(path, text) for path, text in files.items() if path.startswith(_PROCESSES)],
        names_of(rulebook),
    )
    digest = sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{len(files[path])}\0".encode())
        digest.update(files[path])
    calendar = load_calendar(calendars)
    local = load_local_holidays(rules, calendars)
    return Edition(digest.hexdigest(), files, processes, rulebook, calendar, local)


def load_local_holidays(rules: Path, calendars: Path) -> LocalHolidays:
    """The holidays in the folders ``calendars`` of the layers of a rulebook, by area.

    Raises:
        RuleError: with every finding, when a file is wrong.
    """
    local = {}
    for folder in sorted(rules.glob(f"*/{_CALENDARS}")):
        if folder.parent.name.isdigit():
            local[normalise_area(folder.parent.name)] = load_calendar(calendars, folder).local
    return local


def calendar_in(
    calendar: Calendar,
    local: LocalHolidays,
    area: str | None,
    kept: dict[tuple[str, ...], Calendar] | None = None,
) -> Calendar:
    """``calendar`` with the local holidays of an area and of those above it; looked up in ``kept``, when given."""
    layers = tuple(code for code in ancestors(area) if code in local) if area is not None and local else ()
    if not layers:
        return calendar
    name = (calendar.digest, *layers)
    kept = {} if kept is None else kept
    if name not in kept:
        kept[name] = with_local(calendar, [holiday for code in layers for holiday in local[code]])
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
        values={name: fact.values.keys() for name, fact in rulebook.vocabulary.facts.items() if fact.values},
    )


def _read(folder: Path, name: str, patterns: tuple[str, ...]) -> dict[str, bytes]:
    if not folder.is_dir():
        raise DefinitionError(f"the folder {folder} does not exist; name the folder that holds the {name}")
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for pattern in patterns
        for path in sorted(folder.rglob(pattern))
        if "tests" not in path.relative_to(folder).parts
    }
