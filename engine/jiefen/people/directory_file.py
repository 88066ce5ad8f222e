"""The directory as a YAML file: read strictly, checked as a whole, told with file, line and column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jiefen.areas import Level, ancestors, area_level, normalise_area
from jiefen.errors import FactError, RuleError
from jiefen.findings import Finding, Severity, errors_in
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.shapes import Boolean, Day, Entries, Field, Listed, Record, Text
from jiefen.notation.texts import person_id
from jiefen.notation.yaml import Document, load
from jiefen.people.directory import Organisation, Post, Unit
from jiefen.rules import LABEL_SHAPE, NAME_SHAPE, Role

#: A county with a few thousand grids and ten thousand posts stays well below this.
MAX_BYTES: Final = 8_000_000

_LEVELS: Final = tuple(Level)
_AREA = Text(
    r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}",
    "'140429102'",
    "an area code of 2, 4, 6, 9, 12 or 15 digits in quotes",
)
_PERSON = Text(
    r"(?!.*[\x00-\x1f\x7f\ud800-\udfff])\S(.{0,198}\S)?",
    "g-0017",
    "the host's name for a person, at most 200 characters",
)
_REACH = Text(
    r"(?!.*[\x00-\x1f\x7f\ud800-\udfff])\S(.{0,198}\S)?",
    "0355-1234567",
    "how people reach an office, at most 200 characters",
)
_UNIT = Record(
    {
        "title": Field(LABEL_SHAPE, "{zh: …, en: …}", needed=True),
        "exclusive": Field(Boolean(), "专属网格: a grid for one institution (school, factory, hospital)"),
        "under": Field(_AREA, "the unit it belongs to, where its code does not say it"),
        "reach": Field(_REACH, "how people reach its office: telephone, address, days on which it is open"),
        "lies_in": Field(_AREA, "the territorial grid in which an exclusive grid lies"),
    },
    "a unit",
)
_POST = Record(
    {
        "role": Field(NAME_SHAPE, "role of rules/roles.yaml", needed=True),
        "area": Field(Listed(_AREA, alone=True, least=1), "unit or units it is held for", needed=True),
        "holder": Field(_PERSON, "staff number of the person, never a name", needed=True),
        "deputy": Field(Boolean(), "true: stands in while the post is vacant"),
        "from": Field(Day(), "first day in the post; absent: since ever"),
        "to": Field(Day(), "last day in the post; absent: not known yet"),
    },
    "a post",
)
_FILE = Record(
    {
        "units": Field(Entries(_UNIT, _AREA, least=1), "the units by area code", needed=True),
        "superiors": Field(Entries(NAME_SHAPE, NAME_SHAPE), "who is told when nobody holds a role"),
        "posts": Field(Listed(_POST), "who holds which post", needed=True),
    },
    "a directory",
)


def load_directory(path: Path | str, roles: Collection[str] | None = None) -> Organisation:
    """Read a directory file.

    Args:
        roles: the roles that posts and superiors may name; ``None``: not checked.

    Raises:
        RuleError: with every finding, when something is wrong.
        FactError: ``path`` is no path.
    """
    organisation, findings = _read(path, roles)
    if organisation is None:
        raise RuleError(f"the directory {path} cannot be used", findings)
    return organisation


def check_directory(path: Path | str, roles: Collection[str] | None = None) -> list[Finding]:
    """What is wrong with a directory file; see :func:`load_directory`."""
    return _read(path, roles)[1]


def _read(path: object, roles: Collection[str] | None) -> tuple[Organisation | None, list[Finding]]:
    if not isinstance(path, str | Path) or "\0" in str(path):
        raise FactError(
            f"{path!r:.80} is no path of a directory file; give one, for example 'directory.yaml'"
        )
    try:
        document = load(Path(path), max_bytes=MAX_BYTES)
    except RuleError as error:
        return None, list(error.findings)
    reader = _Reader(document, roles)
    organisation = reader.read()
    findings = sorted(reader.findings, key=lambda one: (one.line or 0, one.column or 0))
    return (None if errors_in(findings) else organisation), findings


class _Reader:
    """Reads one document; what is wrong goes to ``findings``."""

    def __init__(self, document: Document, roles: Collection[str] | None) -> None:
        self._document, self._roles = document, roles
        self.findings: list[Finding] = []

    def read(self) -> Organisation | None:
        """The organisation; ``None`` when the file has not the shape of one."""
        data = self._document.data
        if not _FILE.check(data, (), self._report):
            return None
        units = self._units(data["units"])
        superiors = self._superiors(data.get("superiors") or {})
        posts = self._posts(data["posts"], units)
        self._keep_apart(posts)
        return Organisation(units, tuple(posts), superiors)

    def _keep_apart(self, posts: Sequence[Post]) -> None:
        """Nobody holds the posts of two administrators on one day: their powers must not meet."""
        roles = self._roles if isinstance(self._roles, Mapping) else {}
        kept = [
            (post, known.administers)
            for post in posts
            if (known := roles.get(post.role)) and known.administers
        ]
        for at, (post, what) in enumerate(kept):
            for other, another in kept[:at]:
                same = person_id(post.holder) == person_id(other.holder)
                if same and what is not another and post.span.overlaps(other.span):
                    message = f"{post.holder} holds {other.role} and {post.role}, whose powers must not meet"
                    hint = "let different persons be administrators of system, security and audit"
                    self._report(("posts",), "two-administrators", message, hint)

    def _report(self, path: tuple[Any, ...], code: str, message: str, hint: str) -> None:
        if code == "wrong-type":
            hint = self._in_quotes(path, message) or hint
        self.findings.append(self._document.finding(path, code, message, hint))

    def _in_quotes(self, path: tuple[Any, ...], message: str) -> str | None:
        """How to mend a number that would be a code or a person in quotes; without them both are numbers."""
        value = self._document.data
        for step in path:
            value = value[step]
        if isinstance(value, dict) and path:
            value = path[-1]  # a key is reported at the entry that it names
        meant = next((text for text in (_AREA, _PERSON) if message.endswith(text.about)), None)
        if meant is None or not isinstance(value, int) or isinstance(value, bool):
            return None
        return f"put it in quotes: '{value}'" if meant.check(str(value), path, lambda *_: None) else None

    def _units(self, data: Mapping[str, Any]) -> dict[str, Unit]:
        units: dict[str, Unit] = {}
        written: dict[str, str] = {}
        for code, entry in data.items():
            area = normalise_area(code)
            if area in units:
                message = f"{code} is the unit {written[area]} again"
                self._report(("units", code), "unit-twice", message, "remove one of them")
                continue
            written[area] = code
            units[area] = Unit(
                area=area,
                title=Label.of(entry["title"]),
                exclusive=entry.get("exclusive", False),
                under=normalise_area(entry["under"]) if "under" in entry else None,
                lies_in=normalise_area(entry["lies_in"]) if "lies_in" in entry else None,
                reach=entry.get("reach"),
            )
        for unit in units.values():
            self._place(unit, units, ("units", written[unit.area]))
        return units

    def _place(self, unit: Unit, units: Mapping[str, Unit], path: tuple[str, str]) -> None:
        """Whether a unit stands where it can stand in the tree."""
        above = ancestors(unit.area)[:-1]
        declared = [area for area in above if area in units]
        if unit.under is None and declared and above[-1] not in units:
            self._report(
                path, "unit-gap", f"{unit.area} lies in {declared[-1]}, but {above[-1]} between them is missing",
                f"declare {above[-1]}, or say under: which unit it belongs to",
            )  # fmt: skip
        if unit.under is not None:
            self._known(unit.under, units, (*path, "under"))
            if len(unit.under) >= len(unit.area):
                message = f"{unit.area} cannot belong to {unit.under}, which is not of a higher level"
                self._report((*path, "under"), "wrong-unit", message, "name a unit of a higher level")
        if unit.exclusive and area_level(unit.area) is not Level.GRID:
            message = f"{unit.area} is no grid; only a grid can be exclusive"
            self._report((*path, "exclusive"), "wrong-unit", message, "a grid has a code of 15 digits")
        if unit.lies_in is None:
            return
        self._known(unit.lies_in, units, (*path, "lies_in"))
        lies_in = units.get(unit.lies_in)
        territorial = area_level(unit.lies_in) is Level.GRID and not (lies_in and lies_in.exclusive)
        if not unit.exclusive or not territorial:
            message = "lies_in names the territorial grid in which an exclusive grid lies"
            self._report((*path, "lies_in"), "wrong-unit", message, "correct it, or add exclusive: true")

    def _known(self, area: str, units: Mapping[str, Unit], path: tuple[Any, ...]) -> None:
        if area not in units:
            message = f"the unit {area} is not declared"
            self._report(path, "unknown-unit", message, suggestion(area, units))

    def _looked_for(self, role: str, area: str, path: tuple[Any, ...]) -> None:
        """A role is looked for at its level and above it; below it nobody ever looks."""
        known = self._roles.get(role) if isinstance(self._roles, Mapping) else None
        if not isinstance(known, Role):
            return
        if known.level is None:
            message = f"role {role!r} has no level: it lies outside the organisation, and nobody looks for its holders"
            hint = "remove the post, or give the role a level in rules/roles.yaml"
        elif _LEVELS.index(area_level(area)) < _LEVELS.index(known.level):
            message = (
                f"{role!r} is looked for at the level {known.level}; {area} is a {area_level(area)}, below it"
            )
            hint = f"hold it for the {known.level} in which {area} lies, or above"
        else:
            return
        finding = self._document.finding(path, "never-looked-for", message, hint, severity=Severity.WARNING)
        self.findings.append(finding)

    def _role(self, role: str, path: tuple[Any, ...]) -> None:
        if self._roles is not None and role not in self._roles:
            message = f"role {role!r} is not declared in rules/roles.yaml"
            self._report(path, "unknown-role", message, suggestion(role, self._roles))

    def _superiors(self, data: Mapping[str, str]) -> dict[str, str]:
        for role, above in data.items():
            for name in dict.fromkeys((role, above)):
                self._role(name, ("superiors", role))
            seen = {role}
            at: str | None = above
            while at is not None and at not in seen:
                seen.add(at)
                at = data.get(at)
            if at == role:
                message = f"the superiors of {role!r} lead back to itself"
                self._report(("superiors", role), "cycle", message, "remove one of them")
        return dict(data)

    def _posts(self, data: list[Mapping[str, Any]], units: Mapping[str, Unit]) -> list[Post]:
        posts: list[Post] = []
        places: dict[tuple[str, str, str], list[tuple[Post, int]]] = {}
        for at, entry in enumerate(data):
            path = ("posts", at)
            self._role(entry["role"], (*path, "role"))
            since, until = entry.get("from"), entry.get("to")
            if since is not None and until is not None and until < since:
                message = f"the post ends on {until}, before it begins on {since}"
                self._report((*path, "to"), "dates-reversed", message, "correct one of the days")
            codes = entry["area"] if isinstance(entry["area"], list) else [entry["area"]]
            for code in codes:
                post = Post(
                    role=entry["role"], area=normalise_area(code), holder=entry["holder"],
                    deputy=entry.get("deputy", False), since=since, until=until,
                )  # fmt: skip
                self._known(post.area, units, (*path, "area"))
                self._looked_for(post.role, post.area, (*path, "area"))
                earlier = places.setdefault((post.role, post.area, post.holder), [])
                other = next((there for one, there in earlier if one.span.overlaps(post.span)), None)
                if other is not None:
                    line = self._document.position(("posts", other))[0]
                    message = f"{post.holder} holds {post.role} in {post.area} twice at a time (line {line})"
                    self._report(path, "post-twice", message, "remove one, or correct its days")
                earlier.append((post, at))
                posts.append(post)
        return posts
