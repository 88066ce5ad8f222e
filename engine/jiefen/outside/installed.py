"""Which adapter carries which topics, written down in a file: for ``jiefen serve`` and ``jiefen sweep``.

A host that is a program gives its adapters to ``Engine.open``. Everybody else names installed ones in a YAML file::

    adapters:
      - adapter: folder                  # an entry point of the group jiefen.adapters
        topics: [notice, alert]
        outbox: /var/lib/jiefen/notices  # everything else is an option of the adapter
        password: {env: COURT_PASSWORD}  # a secret stays in the environment
      - card: grid_platform              # a system card: one that comes along, or the path of a file
        topics: [case.progress]          # some of those that it carries; absent: all of them

An entry point names something that is called with the options and gives an :class:`~jiefen.Adapter`. Adapters that also
have a method ``collect(engine, *, topics)`` are asked for what came from outside after each round of deliveries.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jiefen.errors import DefinitionError, MissingExtra, NotFound
from jiefen.findings import Finding
from jiefen.notation.labels import suggestion
from jiefen.notation.yaml import Document, load
from jiefen.outside.adapter import Adapter
from jiefen.outside.cards import card_reader
from jiefen.outside.points import installed, the_only

GROUP: Final = "jiefen.adapters"


def load_adapters(path: Path) -> dict[str, Adapter]:
    """The adapters of a file, by the topics that they carry.

    Raises:
        DefinitionError: with every finding: the file cannot be read, an adapter is not installed or does not take these
            options, a topic has two adapters, a secret is not in the environment.
    """
    reading = _Reading(load(path))
    if reading.findings:
        raise DefinitionError(f"the adapters in {path} cannot be used", reading.findings)
    return reading.adapters


def options_of(
    document: Document, path: tuple[str | int, ...], given: Mapping[Any, object], findings: list[Finding]
) -> dict[str, object]:
    """Options as a file gives them, with secrets from the environment; what is wrong goes to ``findings``."""
    options: dict[str, object] = {}

    def wrong(name: Any, message: str, hint: str) -> None:
        findings.append(document.finding((*path, name), "adapters-file", message, hint))

    for name, value in given.items():
        if isinstance(value, dict):
            variable = value.get("env")
            if set(value) != {"env"} or not isinstance(variable, str):
                wrong(name, f"{name} is no plain value", "write a value, or {env: VARIABLE}")
            elif variable not in os.environ:
                wrong(name, f"{variable} is not in the environment", f"set {variable}")
            else:
                options[str(name)] = os.environ[variable]
        else:
            options[str(name)] = value
    return options


class _Reading:
    """A file of adapters while it is read."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._installed = installed(GROUP)
        self.findings: list[Finding] = []
        self.adapters: dict[str, Adapter] = {}
        data = document.data
        if not isinstance(data, dict) or set(data) != {"adapters"} or not isinstance(data["adapters"], list):
            self._wrong(
                (), "a file of adapters has one field, a list", "write 'adapters:' and a list below it"
            )
            return
        for number, entry in enumerate(data["adapters"]):
            self._entry(("adapters", number), entry)

    def _wrong(self, path: tuple[str | int, ...], message: str, hint: str) -> None:
        self.findings.append(self._document.finding(path, "adapters-file", message, hint))

    def _entry(self, path: tuple[str | int, ...], entry: object) -> None:
        if isinstance(entry, dict) and isinstance(entry.get("card"), str) and "adapter" not in entry:
            self._card(path, entry)
            return
        if not isinstance(entry, dict) or not isinstance(entry.get("adapter"), str):
            hint = "write for example 'adapter: folder', or 'card: grid_platform'"
            self._wrong(path, "an entry names its adapter or its card", hint)
            return
        topics = entry.get("topics")
        if not isinstance(topics, list) or not topics or not all(isinstance(topic, str) for topic in topics):
            self._wrong(path, "an entry lists its topics", "write for example 'topics: [notice, alert]'")
            return
        given = {name: value for name, value in entry.items() if name not in ("adapter", "topics")}
        options = options_of(self._document, path, given, self.findings)
        adapter = self._made(path, entry["adapter"], options)
        for topic in topics:
            if topic in self.adapters:
                self._wrong((*path, "topics"), f"{topic} has an adapter already", "name each topic once")
            elif adapter is not None:
                self.adapters[topic] = adapter

    def _card(self, path: tuple[str | int, ...], entry: Mapping[str, Any]) -> None:
        if strange := sorted(set(map(str, entry)) - {"card", "topics"}):
            self._wrong(
                path, f"the entry of a card has no {strange[0]!r}", "write card, and topics if you like"
            )
            return
        name = entry["card"]
        if "/" in name or name.endswith((".yaml", ".yml")):
            # Named from the file of adapters, as a clerk sees them lie together.
            name = str(Path(self._document.file).parent / name)
        try:
            carried = card_reader().adapters(name)
        except (DefinitionError, NotFound, MissingExtra) as error:
            self.findings += getattr(error, "findings", ())
            self._wrong((*path, "card"), str(error).splitlines()[0], "mend the card, or name another one")
            return
        wanted = entry.get("topics", sorted(carried))
        for topic in wanted if isinstance(wanted, list) else ():
            if topic in self.adapters:
                self._wrong((*path, "topics"), f"{topic} has an adapter already", "name each topic once")
            elif topic not in carried:
                self._wrong(
                    (*path, "topics"), f"the card carries no {topic}", suggestion(str(topic), carried)
                )
            else:
                self.adapters[topic] = carried[topic]

    def _made(self, path: tuple[str | int, ...], name: str, options: Mapping[str, object]) -> Adapter | None:
        points = self._installed.get(name)
        if points is None:
            hint = suggestion(name, self._installed) if self._installed else "none is; reinstall jiefen"
            self._wrong((*path, "adapter"), f"no adapter {name!r} is installed", hint)
            return None
        try:
            point = the_only(points)
        except DefinitionError as error:
            message, _, hint = str(error).rpartition("; ")
            self._wrong((*path, "adapter"), message, hint)
            return None
        try:
            made = point.load()(**options)
        except Exception as error:  # whatever it is, it is the adapter's
            # Not its text: it may quote a secret. What Python says of options that do not fit quotes none.
            told = str(error) if isinstance(error, TypeError) else type(error).__name__
            self._wrong(
                path, f"the adapter {name} cannot be made with these options: {told}", "see its documentation"
            )
            return None
        if not callable(getattr(made, "send", None)):
            self._wrong(
                (*path, "adapter"), f"{name} gives no adapter", "it must have a method send(delivery)"
            )
            return None
        adapter: Adapter = made
        return adapter
