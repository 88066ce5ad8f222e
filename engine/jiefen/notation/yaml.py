"""YAML read strictly: plain data, the place of every value, and one readable finding for what is wrong.

What is refused, and why: tabs, tags, duplicate keys, several documents, unusual numbers and anything that is
not UTF-8, because readers of YAML disagree about them; ``yes``, ``no``, ``on`` and ``off`` without quotes,
because half of the readers take them for true and false; numbers with leading zeros and dates that do not
exist, because somebody mistyped; files that are too big, too deep or grow too much through aliases, because
they are no rules.

Scalars follow YAML 1.2: ``true`` / ``false``, ``null`` / ``~``, integers, decimals (as
:class:`~decimal.Decimal`, exactly as written), dates (``2026-03-01`` as :class:`~datetime.date`); the rest is
text, times of day included. Anchors, aliases and merge keys (``<<``) work. Aliased values are the same object
at every place: do not change loaded data.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NoReturn

import yaml

from jiefen.errors import RuleError
from jiefen.findings import Finding, Severity
from jiefen.notation.files import UnusableFile, read_plain
from jiefen.notation.texts import INVISIBLE

#: Mappings and lists may be nested this deep.
MAX_DEPTH: Final = 40
#: libyaml has a limit of its own, which it may meet first because it reads ahead.
_LIBYAML_TOO_DEEP: Final = "exceeded maximum nesting depth"
#: Aliases and merge keys together may add this many values.
MAX_ALIASED: Final = 20_000

Place = tuple[int, int]
Key = str | int | date

# libyaml's parser where PyYAML was built with it: same events and marks, about eight times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE]([-+]?[0-9]+))?")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_ODD_NUMBER = re.compile(r"[-+]?(?:\.(?:inf|nan)|0[xob][0-9a-f_]+|[0-9][0-9_]*_[0-9_.]*)", re.IGNORECASE)
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRAPS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_LONGEST_TRAP = 3
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_NUMBER_LENGTH = 40


class _Node:
    """A value and where it stands; ``entries`` of a mapping also say where each key stands.

    Most nodes are scalars, which share the empty mapping and list: a big file has a hundred thousand of them, and what
    the collector of garbage need not follow costs nothing.
    """

    __slots__ = ("data", "entries", "items", "place", "size")

    def __init__(self, data: Any, place: Place) -> None:
        self.data = data
        self.place = place
        self.entries: Mapping[Key, tuple[Place, _Node]] = _NO_ENTRIES
        self.items: Sequence[_Node] = ()
        self.size = 1


_NO_ENTRIES: Final[Mapping[Key, tuple[Place, _Node]]] = MappingProxyType({})


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    node: _Node
    is_mapping: bool
    anchor: str | None
    entries: dict[Key, tuple[Place, _Node]] = field(default_factory=dict)
    items: list[_Node] = field(default_factory=list)
    key: tuple[Key, Place] | None = None
    merge_at: Place | None = None
    merged: Sequence[_Node] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its data and where each part of it stands.

    Attributes:
        file: the path as the caller gave it.
        data: dicts, lists, text, integers, decimals, booleans, dates and ``None``.
    """

    file: str
    data: Any
    _root: _Node = field(repr=False)

    def position(self, path: tuple[Key, ...] = ()) -> Place:
        """Line and column, both 1-based, of what ``path`` (keys and list indexes from the root) leads to.

        An entry of a mapping stands where its key stands. When the path leads nowhere, the place of its
        deepest part that exists is given, so that a missing key is reported at the mapping that lacks it.
        """
        node, place = self._root, self._root.place
        for step in path:
            if step in node.entries:
                place, node = node.entries[step]
            elif isinstance(step, int) and 0 <= step < len(node.items):
                node = node.items[step]
                place = node.place
            else:
                break
        return place

    def finding(
        self,
        path: tuple[Key, ...],
        code: str,
        message: str,
        hint: str,
        *,
        severity: Severity = Severity.ERROR,
        element: str | None = None,
    ) -> Finding:
        """A finding about what ``path`` leads to, with file, line and column filled in."""
        line, column = self.position(path)
        return Finding(
            file=self.file,
            line=line,
            column=column,
            code=code,
            message=message,
            hint=hint,
            severity=severity,
            element=element,
        )


def load(path: Path, *, max_bytes: int = 1_000_000) -> Document:
    """Read a YAML file of at most ``max_bytes``.

    Raises:
        RuleError: with one finding, when the file cannot be read or is not strict YAML.
    """
    try:
        raw = read_plain(path, max_bytes)
    except UnusableFile as error:
        raise _refusal(str(path), None, f"yaml-{error.problem}", error.message, error.hint) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refusal(
            str(path),
            (line, error.start - raw.rfind(b"\n", 0, error.start)),
            "yaml-encoding",
            "the file is not UTF-8",
            "save it as UTF-8; some editors call GBK 'ANSI' and save it by default",
        ) from error
    return load_text(text, path)


def load_text(text: str, path: Path | str) -> Document:
    """Read YAML from ``text``; ``path`` is only named in findings.

    Raises:
        RuleError: with one finding, when the text is not strict YAML.
    """
    root = _Builder(str(path), text).build()
    return Document(str(path), root.data, root)


def _refusal(file: str, place: Place | None, code: str, message: str, hint: str) -> RuleError:
    line, column = place or (None, None)
    finding = Finding(file=file, line=line, column=column, code=code, message=message, hint=hint)
    return RuleError(f"{file} cannot be used", [finding])


class _Builder:
    """Builds nodes from parser events, without recursion, so that no depth can exhaust the stack."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text.removeprefix("\ufeff")
        self._open: list[_Open] = []
        self._anchors: dict[str, _Node | None] = {}
        self._resolved: dict[str, object] = {}
        self._aliased = 0
        self._root: _Node | None = None
        self._documents = 0

    def build(self) -> _Node:
        handlers: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.StreamStartEvent: self._nothing,
            yaml.DocumentStartEvent: self._document,
            yaml.DocumentEndEvent: self._nothing,
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
        }
        if "\t" in self._text:
            self._refuse(
                self._place_at(self._text.index("\t")),
                "yaml-tab",
                "a tab stands here",
                'use spaces only; inside double quotes a tab is written "\\t"',
            )
        half = _SURROGATE.search(self._text)
        if half is not None:
            self._refuse_character(self._place_at(half.start()), half.group())
        hidden = INVISIBLE.search(self._text)
        if hidden is not None:
            self._refuse(
                self._place_at(hidden.start()),
                "yaml-hidden",
                f"a character that nobody sees stands here: {hidden.group()!a}",
                "remove it; what people see in the file would not be what it says",
            )
        try:
            self._read(handlers)
        except yaml.reader.ReaderError as error:
            bad = yaml.reader.Reader.NON_PRINTABLE.search(self._text)
            self._refuse_character(
                self._place_at(bad.start() if bad else 0), bad.group() if bad else str(error)
            )
        except yaml.MarkedYAMLError as error:
            self._refuse_syntax(error)
        return self._root or _Node(None, (1, 1))

    def _read(self, handlers: Mapping[type[yaml.Event], Callable[[Any], None]]) -> None:
        loader = _Loader(self._text)
        try:
            while type(event := loader.get_event()) is not yaml.StreamEndEvent:
                handlers[type(event)](event)
        finally:
            loader.dispose()

    def _nothing(self, _event: yaml.Event) -> None:
        """Where the file or a document begins or ends, nothing has to be done."""

    def _refuse(self, place: Place, code: str, message: str, hint: str) -> NoReturn:
        raise _refusal(self._file, place, code, message, hint)

    def _refuse_syntax(self, error: yaml.MarkedYAMLError) -> NoReturn:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if error.problem == _LIBYAML_TOO_DEEP:
            self._refuse_depth(place)
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        self._refuse(
            place,
            "yaml-syntax",
            f"this is not YAML: {problem or error}",
            "look at the indentation, colons and quotes of this line and the one before",
        )

    def _refuse_depth(self, place: Place) -> NoReturn:
        self._refuse(
            place, "yaml-too-deep", f"values are nested more than {MAX_DEPTH} deep", "nest them less deeply"
        )

    def _place_at(self, index: int) -> Place:
        before = self._text[:index]
        return before.count("\n") + 1, index - before.rfind("\n")

    def _refuse_character(self, place: Place, character: str) -> NoReturn:
        self._refuse(
            place,
            "yaml-syntax",
            f"a character that YAML does not allow: {character!a}",
            "remove it; such characters are invisible and come in by copying",
        )

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(
                _place(event),
                "yaml-documents",
                "a second document starts here",
                "remove the line '---', or put what follows into a file of its own",
            )

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        place = _place(event)
        self._refuse_tag(event.tag, place)
        if len(self._open) >= MAX_DEPTH:
            self._refuse_depth(place)
        if self._expects_key():
            self._refuse_key(place, "a list or mapping is used as a key")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Open(_Node(None, place), isinstance(event, yaml.MappingStartEvent), event.anchor))

    def _end(self, _event: yaml.Event) -> None:
        frame = self._open.pop()
        node = frame.node
        if frame.is_mapping:
            entries: dict[Key, tuple[Place, _Node]] = {}
            for source in frame.merged or ():
                for key, entry in source.entries.items():
                    entries.setdefault(key, entry)
            node.entries = entries = entries | frame.entries if entries else frame.entries
            node.data = {key: value.data for key, (_, value) in entries.items()}
            node.size = 1 + sum([value.size for _, value in entries.values()])
        else:
            node.items = frame.items
            node.data = [item.data for item in frame.items]
            node.size = 1 + sum([item.size for item in frame.items])
        self._add(node, frame.anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place = _place(event)
        if self._expects_key():
            self._refuse_key(place, "an alias is used as a key")
        if event.anchor not in self._anchors:
            self._refuse(
                place,
                "yaml-alias",
                f"the alias *{event.anchor} has no anchor before it",
                f"write &{event.anchor} at the value it stands for, above this line, or quote the text",
            )
        target = self._anchors[event.anchor]
        if target is None:
            self._refuse(
                place,
                "yaml-alias",
                f"the alias *{event.anchor} stands inside its own anchor",
                "write the value out",
            )
        self._aliased += target.size
        if self._aliased > MAX_ALIASED:
            self._refuse(
                place,
                "yaml-alias",
                f"aliases add more than {MAX_ALIASED} values to this file",
                "write the values out, or use fewer aliases of aliases",
            )
        self._add(target, None)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place = _place(event)
        text = event.value
        data: object = text
        plain = not event.style and event.tag is None
        if plain:
            data = self._plain(text, place)
        elif event.tag is not None:
            self._refuse_tag(event.tag, place)
        if event.style == '"' and _SURROGATE.search(text):
            self._refuse_character(place, text)
        frame = self._open[-1] if self._expects_key() else None
        if frame is None:
            self._add(_Node(data, place), event.anchor)
        elif plain and text == "<<":
            if frame.merge_at is not None:
                self._refuse_duplicate("<<", place, frame.merge_at)
            frame.merge_at = place
        else:
            self._key(frame, data, place)
            if event.anchor is not None:
                self._anchors[event.anchor] = _Node(text, place)

    def _plain(self, text: str, place: Place) -> object:
        """The value of a plain scalar; the same text is looked at once."""
        if text not in self._resolved:
            self._resolved[text] = self._resolve(text, place)
        return self._resolved[text]

    def _key(self, frame: _Open, key: object, place: Place) -> None:
        if isinstance(key, bool) or not isinstance(key, str | int | date):
            self._refuse_key(place, f"{'nothing' if key is None else str(key).lower()} is used as a key")
        if key in frame.entries:
            self._refuse_duplicate(key, place, frame.entries[key][0])
        frame.key = key, place

    def _expects_key(self) -> bool:
        if not self._open:
            return False
        frame = self._open[-1]
        return frame.is_mapping and frame.key is None and (frame.merge_at is None or frame.merged is not None)

    def _add(self, node: _Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        frame = self._open[-1]
        if not frame.is_mapping:
            frame.items.append(node)
        elif frame.key is None:
            frame.merged = self._mappings(node)
        else:
            key, place = frame.key
            frame.entries[key] = place, node
            frame.key = None

    def _mappings(self, node: _Node) -> Sequence[_Node]:
        sources = node.items if isinstance(node.data, list) else [node]
        for source in sources:
            if not isinstance(source.data, dict):
                self._refuse(
                    source.place,
                    "yaml-merge",
                    "'<<' merges something that is not a mapping",
                    "give it an alias of a mapping, or a list of such aliases",
                )
        return sources

    def _refuse_tag(self, tag: str | None, place: Place) -> None:
        if tag not in (None, "!"):
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            self._refuse(
                place,
                "yaml-tag",
                f"the tag {shown} is not used here",
                "remove it; quote a value to make it text",
            )

    def _refuse_key(self, place: Place, message: str) -> NoReturn:
        self._refuse(
            place, "yaml-key", message, "use text, in quotes if it starts with { [ or * or reads as a value"
        )

    def _refuse_duplicate(self, key: object, place: Place, first: Place) -> NoReturn:
        self._refuse(
            place,
            "yaml-duplicate-key",
            f"the key {str(key)!r} stands twice in this mapping, first in line {first[0]}",
            "remove or rename one of them",
        )

    def _resolve(self, text: str, place: Place) -> object:
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if len(text) <= _LONGEST_TRAP and text.lower() in _TRAPS:
            meant = _TRAPS[text.lower()]
            self._refuse(
                place,
                "yaml-boolean",
                f"{text} is true or false to some readers and text to others",
                f'write {meant}, or "{text}" in quotes for the text',
            )
        if text[0] not in "+-.0123456789":
            return text
        return self._number_or_date(text, place)

    def _number_or_date(self, text: str, place: Place) -> object:
        if (parts := _DATE.fullmatch(text)) is not None:
            try:
                return date.fromisoformat(text)
            except ValueError:
                year, month, day = (int(part) for part in parts.groups())
                self._refuse(
                    place,
                    "yaml-date",
                    f"{text} is not a date",
                    f"write {_nearest_date(year, month, day)} if that is meant, or quote it to make it text",
                )
        if _ODD_NUMBER.fullmatch(text):
            self._refuse_number(text, place, "is a number to some readers and text to others")
        if (number := _NUMBER.fullmatch(text)) is None:
            return text
        if _LEADING_ZERO.fullmatch(text):
            self._refuse_number(text, place, "has a leading zero, which makes it octal to some readers")
        if len(text) > _MAX_NUMBER_LENGTH or len(number[1] or "") > 3:
            self._refuse_number(text, place, "is too long a number")
        return int(text) if _WHOLE.fullmatch(text) else Decimal(text)

    def _refuse_number(self, text: str, place: Place, problem: str) -> NoReturn:
        shown = text if len(text) <= _MAX_NUMBER_LENGTH else text[:_MAX_NUMBER_LENGTH] + "…"
        self._refuse(
            place,
            "yaml-number",
            f"{shown} {problem}",
            "write it in plain digits, or in quotes if it is a code",
        )


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _nearest_date(year: int, month: int, day: int) -> str:
    """A date that exists, close to what was mistyped, for a hint."""
    year, month = max(year, 1), min(max(month, 1), 12)
    last = monthrange(year, month)[1]
    return date(year, month, min(max(day, 1), last)).isoformat()
