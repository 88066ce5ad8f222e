"""A card from its file: strict YAML with limits, every mistake a finding at its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any, Final

from jiefen import DefinitionError, Finding, YamlDocument, load_yaml, suggestion
from jiefen_adapters.cards.card import MOST_BYTES, Card, Entrance, Gives, Outgoing, Reply, Source
from jiefen_adapters.cards.format import card_shape
from jiefen_adapters.transports import TRANSPORTS, Transport, transport_of

#: No card that people write is larger.
MAX_BYTES: Final = 200_000
#: The cards that come along.
SYSTEMS: Final = Path(__file__).parents[1] / "systems"


def card_named(name: str, folder: Path | None = None) -> Card:
    """The card of a name: of a folder of the county's own, else of those that come along; or the card in a file.

    Args:
        name: ``grid_platform``, or the path of a file: anything with a slash or that ends with ``.yaml``.

    Raises:
        DefinitionError: there is none, or its file is wrong; with every finding.
    """
    if "/" in name or name.endswith((".yaml", ".yml")):
        return load_card(Path(name))
    for place in (folder, SYSTEMS):
        if place is not None and (place / f"{name}.yaml").is_file():
            return load_card(place / f"{name}.yaml")
    known = sorted(cards_in(SYSTEMS) | (cards_in(folder) if folder is not None else set()))
    raise DefinitionError(f"there is no card {name!r}; {suggestion(name, known)}")


def cards_in(folder: Path) -> set[str]:
    """The names of the cards that lie in a folder."""
    return {path.stem for path in folder.glob("*.yaml")}


def load_card(path: Path) -> Card:
    """The card in a file.

    Raises:
        DefinitionError: it is wrong; with every finding.
    """
    card, findings = read_card(load_yaml(path, max_bytes=MAX_BYTES))
    if card is None:
        raise DefinitionError(f"the card {path} cannot be used", findings)
    return card


def is_card(data: object) -> bool:
    """Whether what a file holds is meant as a card."""
    return isinstance(data, dict) and "card" in data and "transport" in data


def read_card(document: YamlDocument) -> tuple[Card | None, list[Finding]]:
    """The card of a document, and what is wrong with its form; ``None`` where it cannot be used."""
    findings: list[Finding] = []

    def report(path: Any, code: str, message: str, hint: str) -> None:
        findings.append(document.finding(path, code, message, hint))

    data = document.data
    good = card_shape(tuple(sorted(TRANSPORTS))).check(data, (), report)
    if (
        isinstance(data, dict)
        and isinstance(data.get("card"), str)
        and data["card"] != Path(document.file).stem
    ):
        hint = f"name the file {data['card']}.yaml"
        report(("card",), "card-name", f"the file is not named like its card {data['card']!r}", hint)
    if isinstance(data, dict) and data.get("transport") in TRANSPORTS:
        transport = transport_of(data["transport"])
        good = _of_transport(data, transport, report) and good
    return (_card(data) if good else None), findings


def _of_transport(data: Mapping[str, Any], transport: Transport, report: Any) -> bool:
    good = True
    if isinstance(data.get("settings"), dict):
        good = transport.SETTINGS.check(data["settings"], ("settings",), report)
    out = data.get("out")
    for topic, entry in out.items() if isinstance(out, dict) else ():
        if isinstance(entry, dict):
            request = entry.get("request", {})
            good = transport.REQUEST.check(request, ("out", topic, "request"), report) and good
    return good


def _card(data: Mapping[str, Any]) -> Card:
    rate, breaker, quiet = data.get("rate"), data.get("breaker"), data.get("quiet")
    return Card(
        name=data["card"],
        title=data["title"],
        transport=data["transport"],
        settings=data["settings"],
        personal=data.get("personal", False),
        encoding=data.get("encoding", "utf-8"),
        most=data.get("most", MOST_BYTES),
        rate=(rate["times"], rate["seconds"]) if rate else None,
        breaker=(breaker["failures"], breaker["seconds"]) if breaker else None,
        quiet=(time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])) if quiet else None,
        out={topic: _outgoing(topic, entry) for topic, entry in data.get("out", {}).items()},
        entrances=tuple(_entrance(name, entry) for name, entry in data.get("in", {}).items()),
    )


def _outgoing(topic: str, data: Mapping[str, Any]) -> Outgoing:
    answer = data.get("answer", {})
    return Outgoing(
        topic=topic,
        map=_sources(data["map"]),
        format=data.get("format", "json"),
        root=data.get("root", "request"),
        request=data.get("request", {}),
        reply=Reply(
            format=answer.get("format"),
            good=_accepted(answer.get("good", {})),
            again=_accepted(answer.get("again", {})),
            errors=answer.get("errors", {}),
            facts=_sources(answer.get("facts", {})),
            later=answer.get("later", False),
        ),
    )


def _entrance(name: str, data: Mapping[str, Any]) -> Entrance:
    key = data["key"]
    made = Entrance(
        name=name,
        gives=Gives(data["gives"]),
        key=(key,) if isinstance(key, str) else tuple(key),
        when=_accepted(data.get("when", {})),
        facts=_sources(data.get("facts", {})),
        parties=tuple(_sources(party) for party in data.get("parties", ())),
        error=_source(data["error"]) if "error" in data else None,
        status=_source(data["status"]) if "status" in data else None,
    )
    plain = ("each", "number", "case", "delivery", "message", "process")
    return replace(made, **{field: data[field] for field in plain if field in data})


def _sources(data: Mapping[str, Any]) -> dict[str, Source]:
    return {name: _source(entry) for name, entry in data.items()}


def _source(data: Any) -> Source:
    if isinstance(data, str):
        return Source(data)
    return Source(
        path=data.get("from"),
        value=data.get("value"),
        form=data.get("as"),
        values=data.get("values", {}),
        others=data.get("others"),
        absent=data.get("absent"),
        needed=data.get("needed", False),
    )


def _accepted(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What may stand where, as text: 0 and '0' are the same."""
    return {
        path: tuple(map(text_of, values if isinstance(values, list) else [values]))
        for path, values in data.items()
    }


def text_of(value: object) -> str:
    """A plain value as text, as a document of the outside would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
