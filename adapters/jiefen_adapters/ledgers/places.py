"""Places as people write them (上司镇南岭村三组), found in a county's own list of areas and codes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from jiefen import DefinitionError, FactError, load_yaml, normalise_area
from jiefen_adapters.ledgers.cells import fold
from jiefen_adapters.ledgers.shapes import Strict, shaped
from jiefen_adapters.ledgers.wording import Fault, Text

# What may follow a place and is no area of its own: a group, a street number, a house.
_DETAIL = re.compile(
    r"(?:第?[0-9一二三四五六七八九十百]+(?:村民小组|小组|组|社|号楼|号院|号|单元|室|户)|附近|境内)*"
)
#: A longer text is no place, and would be searched for long.
_LONGEST: Final = 100


class Area(Strict, frozen=True):
    """One area: its code (2 to 15 digits, padded or not), its name, and other names that people use for it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()


class _AreasFile(Strict, frozen=True):
    areas: tuple[Area, ...]


class AreaDirectory:
    """The areas that a ledger may name.

    Args:
        areas: every area, each with a code of its own.

    Raises:
        DefinitionError: when a code is no area code, or stands twice.
    """

    def __init__(self, areas: Iterable[Area]) -> None:
        self._names: dict[str, str] = {}
        self._codes: dict[str, list[str]] = {}
        for area in areas:
            if (problem := self._add(area)) is not None:
                raise DefinitionError(problem)

    @classmethod
    def load(cls, path: Path) -> AreaDirectory:
        """Read an ``areas.yaml``: a list ``areas`` of ``code``, ``name`` and, if there are any, ``aliases``.

        Raises:
            DefinitionError: with findings, when the file is missing, is not strict YAML, has another shape, or a code
                is wrong or stands twice.
        """
        hint = "write a list 'areas' of entries like {code: '140429102', name: 蟠龙镇}"
        document = load_yaml(path)
        directory = cls(())
        findings = []
        for number, area in enumerate(shaped(document, _AreasFile, document.data, "areas", hint).areas):
            if (problem := directory._add(area)) is not None:
                findings.append(document.finding(("areas", number), "areas", problem, hint))
        if findings:
            raise DefinitionError(f"{path} cannot be used", findings)
        return directory

    def _add(self, area: Area) -> str | None:
        """Take an area in, or say what is wrong with it."""
        try:
            code = normalise_area(area.code)
        except FactError as error:
            return f"{area.name}: {error}"
        if code in self._names:
            return f"the area code {code} stands twice: {self._names[code]} and {area.name}; remove one"
        self._names[code] = area.name
        for name in {*map(fold, (area.name, *area.aliases))} - {""}:
            self._codes.setdefault(name, []).append(code)
        return None

    def find(self, *parts: str) -> str | Fault:
        """The code of a place.

        Args:
            parts: the place as the ledger's columns give it, the widest first (township, village); each may itself name
                several levels, or be a code.

        Returns:
            the code of the smallest area named, or a fault when the place is unknown or could be two.
        """
        found = [""]
        for part in parts:
            text = fold(part)
            if not text:
                continue
            inside = self._step(text, found) if len(text) <= _LONGEST else []
            if not inside:
                return self._unknown(part, found)
            found = inside
        if len(found) > 1:
            return self._ambiguous(parts, found)
        if not found[0]:
            return Fault(
                Text("没有写属地", "no place is given"),
                Text("填写乡镇和村(社区)", "fill in township and village"),
            )
        return found[0]

    def _step(self, text: str, within: list[str]) -> list[str]:
        """Codes inside ``within`` that all of ``text`` leads to."""
        if text.isascii() and text.isdigit():
            return [
                code for code in self._names if code == _unpadded(text) and code.startswith(tuple(within))
            ]
        found: set[str] = set()
        for length in range(len(text), 0, -1):
            for code in self._codes.get(text[:length], ()):
                # A name said again (township column 上司镇, village column 上司镇南岭村) stays where it is.
                here = [
                    max(code, wide, key=len)
                    for wide in within
                    if wide.startswith(code) or code.startswith(wide)
                ]
                if here:
                    rest = text[length:]
                    found.update(here if _DETAIL.fullmatch(rest) else self._step(rest, here))
        return sorted(found)

    def _unknown(self, part: str, within: list[str]) -> Fault:
        place = "、".join(self._names[code] for code in within if code)
        return Fault(
            Text(
                f"区划表里{f'的{place}' if place else ''}没有“{part}”",
                f"the list of areas has no {part}{f' in {place}' if place else ''}",
            ),
            Text(
                "核对名称;确有此地,就加进 areas.yaml",
                "check the name; if the place exists, add it to areas.yaml",
            ),
        )

    def _ambiguous(self, parts: tuple[str, ...], found: list[str]) -> Fault:
        places = "、".join(f"{self._names[code]}({code})" for code in found)
        return Fault(
            Text(f"“{''.join(parts)}”可能是{places}", f"{''.join(parts)} could be any of {places}"),
            Text("写上乡镇名,或直接写区划代码", "add the township, or write the area code"),
        )


def _unpadded(digits: str) -> str:
    try:
        return normalise_area(digits)
    except FactError:
        return digits
