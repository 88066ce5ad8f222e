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

# What may follow a place of any level and is no area of its own: a group, a street number, a house …
_DETAIL = re.compile(
    r"(?:第?[0-9一二三四五六七八九十百]+(?:村民小组|小组|组|社|号楼|号院|号|单元|室|户|米)|附近|境内|[东南西北]侧?)*"
)
# … or a body that sits there.
_BODY = re.compile(
    r"(?:(?:人民)?政府|街道办(?:事处)?|镇政府|乡政府|派出所|司法所|卫生院|法庭|信访办|综治中心|便民服务中心|中心校|中学|小学"
    r"|街上?|集市|境内|机关)[^省市县区乡镇村]*"
)
# Behind a village anything may stand that tells where in it, unless it begins with another village's name.
_ELSEWHERE = re.compile(
    r"(?!村?(?:委|民|支|两委))[^()]{1,6}(?:村(?!委|民|支|两委|口|头|东|西|南|北|里|内|边|道|路|小学)|社区|镇|乡)"
)
_VILLAGE: Final = 12
_CODE = re.compile(r"[0-9]{4,}")
#: The provinces by the first two digits of their codes (GB/T 2260).
_PROVINCES: Final = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "21": "辽宁省",
    "22": "吉林省", "23": "黑龙江省", "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省",
    "36": "江西省", "37": "山东省", "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省",
    "45": "广西壮族自治区", "46": "海南省", "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省",
    "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区",
    "65": "新疆维吾尔自治区",
    "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
}  # fmt: skip
_CITY = re.compile(r"[^省市县区乡镇村]{2,8}(?:市|地区|自治州|盟)")
#: What a name may go without: 上司 for 上司村.
_SUFFIXES: Final = ("村", "镇", "乡", "街道", "社区", "县", "区", "市")
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
        names = {*map(fold, (area.name, *area.aliases))} - {""}
        short = next((fold(area.name).removesuffix(end) for end in _SUFFIXES if area.name.endswith(end)), "")
        for name in names | ({short} if len(short) > 1 else set()):
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
            inside = self._step(self._within_the_county(text), found) if len(text) <= _LONGEST else []
            if not inside and found[0] and len(text) <= _LONGEST and not _CODE.fullmatch(text):
                # 镇政府 in the column of villages, below a township that is known.
                inside = self._detail(text, found)
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

    def names_to(self, code: str) -> list[str]:
        """The names of an area and of what it lies in below the county, the widest first; of a county its own."""
        lengths = [length for length in (9, 12, 15) if length <= len(code)] or [len(code)]
        return [self._names[code[:length]] for length in lengths if code[:length] in self._names]

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
                    found.update(
                        here
                        if _DETAIL.fullmatch(rest)
                        else self._step(rest, here) or self._detail(rest, here)
                    )
            if found:
                break
        return sorted(found)

    def _within_the_county(self, text: str) -> str:
        """``text`` without the province and the city that it begins with; another province is left, and not found."""
        for code, name in _PROVINCES.items():
            for said in (name, name[:2] if name[:2] not in ("内蒙", "黑龙") else name[:3]):
                rest = text.removeprefix(said)
                if rest != text and rest and any(known.startswith(code) for known in self._names):
                    return self._without_the_city(rest)
        return self._without_the_city(text)

    def _without_the_city(self, text: str) -> str:
        city = _CITY.match(text)
        if city is None or city[0] in self._codes or len(city[0]) == len(text):
            return text
        rest = text[city.end() :]
        return rest if any(rest.startswith(name) for name in self._codes) else text

    def _detail(self, rest: str, here: list[str]) -> list[str]:
        """Those of ``here`` in which ``rest`` may be a spot: a body of a township, anything in a village."""
        if rest.startswith("("):
            rest = ""
        named = _ELSEWHERE.match(rest) is not None or any(
            len(name) > 2 and name in rest for name in self._codes
        )
        return [
            code
            for code in here
            if _BODY.fullmatch(rest) or not rest or (len(code) >= _VILLAGE and not named)
        ]

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
