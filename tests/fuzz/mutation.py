"""Changes that leave an input of its kind: bytes that are changed anywhere hardly ever pass a first check.

Each takes an input, dice and what changes bytes, and gives another input, or ``None`` when it cannot.
"""

from __future__ import annotations

import copy
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec
import yaml as pyyaml
from lxml import etree

from jiefen import JiefenError
from jiefen.notation.yaml import load_text

Bytes: TypeAlias = Callable[[bytes], bytes]
Mutate: TypeAlias = Callable[[bytes, random.Random, Bytes], bytes | None]

#: What stands where nobody expects it.
_ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**70, -(2**64), "", " ", "x", "a" * 300, "\0", "é",
    "解纷", "１２", "²", "٣",
    "-1 d", "99999999 workdays", "2026-02-30", "10000-01-01", "0000-00-00", "${x}", "${today() - 9999999}", "NaN",
    "1e999", ".", "..", "/", "a.b", "*", "true", [], [None], {}, {"": None}, {"a": 1}, date.min, date.max,
)  # fmt: skip


def yaml(content: bytes, dice: random.Random, bytes_: Bytes) -> bytes | None:
    """Change values of a file of YAML, and write it again."""
    try:
        data = load_text(content.decode("utf-8", "replace"), "").data
    except JiefenError:
        return None
    changed = _changed(_plain(data), dice, bytes_)
    return pyyaml.safe_dump(changed, allow_unicode=True, sort_keys=False).encode("utf-8", "surrogatepass")


def json_files(content: bytes, dice: random.Random, bytes_: Bytes) -> bytes | None:
    """Change the names and texts of an edition."""
    try:
        files = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(files, dict) or not files:
        return None
    path = dice.choice(sorted(files))
    text = files[path]
    match dice.randrange(4):
        case 0:
            del files[path]
            files[_other_path(path, dice)] = text
        case 1:
            files[_other_path(path, dice)] = text
        case 2 if isinstance(text, str):
            kind = xml if path.endswith(".bpmn") else yaml
            files[path] = (kind(text.encode("utf-8", "replace"), dice, bytes_) or b"").decode()
        case _:
            _changed(files, dice, bytes_)
    return json.dumps(files, ensure_ascii=False, default=str).encode("utf-8", "replace")


def _other_path(path: str, dice: random.Random) -> str:
    odd = (
        "..",
        "",
        "\0",
        "a" * 300,
        ".hidden",
        "tests",
        "140429",
        "x.yaml",
        "/",
        "\ud83d",
        "calendars",
        "CON",
    )
    parts = path.split("/")
    parts[dice.randrange(len(parts))] = dice.choice(odd)
    return "/".join(parts[: dice.randint(1, len(parts))])


def msgpack(content: bytes, dice: random.Random, bytes_: Bytes) -> bytes | None:
    """Change values of a saved state."""
    try:
        data = msgspec.msgpack.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not isinstance(data, list | dict):
        return None
    ext = msgspec.msgpack.Ext
    strange = tuple(
        ext(code, text)
        for code in (1, 2, 3, 4, 9)
        for text in (b"", b"NaN", b"sNaN", b"9" * 5_000, b"\xff", b"1-1")
    )
    try:
        return msgspec.msgpack.encode(_changed(data, dice, bytes_, strange))
    except (OverflowError, ValueError, TypeError):
        return None


def after_first(mutate: Mutate) -> Mutate:
    """A change of what follows the first byte; now and then of that one."""

    def changed(content: bytes, dice: random.Random, bytes_: Bytes) -> bytes | None:
        if len(content) < 2:
            return None
        first = bytes([dice.randrange(256)]) if dice.random() < 0.02 else content[:1]
        inside = mutate(content[1:], dice, bytes_)
        return None if inside is None else first + inside

    return changed


def xml(content: bytes, dice: random.Random, bytes_: Bytes) -> bytes | None:
    """Take out, double, move and change elements of a model."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return None
    for _ in range(dice.randint(1, 3)):
        nodes = [node for node in root.iter() if isinstance(node.tag, str)]
        node, other = dice.choice(nodes), dice.choice(nodes)
        parent = node.getparent()
        match dice.randrange(6):
            case 0 if parent is not None:
                parent.remove(node)
            case 1 if parent is not None:
                other.append(copy.deepcopy(node))
            case 2 if parent is not None and node not in other.iterancestors() and node is not other:
                other.append(node)
            case 3:
                node.tag = other.tag
            case 4:
                _attribute(node, other, dice)
            case _:
                node.text = str(
                    dice.choice([other.text, "${x}", "${amount +", "PT1H", "R3/P1D", "9" * 40, "解"])
                )
    return etree.tostring(root, encoding="utf-8")


def _attribute(node: Any, other: Any, dice: random.Random) -> None:
    names = sorted({*node.attrib, *other.attrib})
    if not names:
        return
    name = dice.choice(names)
    match dice.randrange(4):
        case 0:
            node.attrib.pop(name, None)
        case 1 if other.attrib:
            node.set(name, other.get(dice.choice(sorted(other.attrib))))
        case 2:
            node.set(
                name,
                dice.choice(
                    ["", "x", "-1", "99999999999999999999", "true", "${x", "${x}", "\u2028", "a" * 500]
                ),
            )
        case _:
            node.set(name, other.get(name) or "")


def without_pictures(content: bytes) -> bytes:
    """A model without its drawing, which is half of it and means nothing to a run."""
    root = etree.fromstring(content)
    for drawing in root.findall("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"):
        root.remove(drawing)
    return etree.tostring(root, encoding="utf-8")


def table(content: bytes, dice: random.Random, bytes_: Bytes) -> bytes | None:
    """Change cells, columns and lines of a text with commas."""
    try:
        text, code = content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        text, code = content.decode("gb18030", "replace"), "gb18030"
    lines = [line.split(",") for line in text.split("\n")]
    row = dice.choice(lines)
    place = dice.randrange(len(row))
    match dice.randrange(6):
        case 0:
            row[place] = str(dice.choice((*_ODD, *_CELLS)))
        case 1:
            row[place] = bytes_(row[place].encode()).decode("utf-8", "replace")
        case 2:
            lines.insert(dice.randrange(len(lines)), list(row))
        case 3:
            del row[place]
        case 4:
            row.insert(place, dice.choice(dice.choice(lines)))
        case _:
            row[place] = dice.choice(dice.choice(lines))
    return "\n".join(map(",".join, lines)).encode(code, "replace")


_CELLS: Final = (
    "2026年13月40日",
    "二〇二六年三月", "46082", "46082.99", "-1", "9999999", "1e400", "1,000元", "３万元", "一百零", "亿亿亿",
    "3.8", "今年2月", "上午", "25:61", '"', '""', "=1+1", "13800000000", "1.38E+10", "张三、李四;王五", "〇", "零",
    "\u3000",
)  # fmt: skip


def archive(content: bytes, dice: random.Random, bytes_: Bytes) -> bytes | None:
    """Change one part of a workbook, or take it out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {
                info.filename: archive.read(info) for info in archive.infolist() if info.file_size < 200_000
            }
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError, KeyError):
        return None
    except Exception:  # a broken archive can raise nearly everything
        return None
    if not parts:
        return None
    name = dice.choice(sorted(parts))
    match dice.randrange(8):
        case 0:
            del parts[name]
        case 1:
            parts[name] = bytes_(parts[name])
        case 2:
            parts[dice.choice(sorted(parts))] = parts[name]
        case _:
            parts[name] = xml(parts[name], dice, bytes_) or bytes_(parts[name])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for each, text in parts.items():
            archive.writestr(each, text)
    return out.getvalue()


# --- trees


def _plain(value: Any) -> Any:
    """Numbers with a point as floats: what writes YAML knows no other."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _changed(tree: Any, dice: random.Random, bytes_: Bytes, more: tuple[Any, ...] = ()) -> Any:
    """Change a tree of dicts and lists, in some places."""
    odd = (*_ODD, *more)
    for _ in range(dice.randint(1, 3)):
        places = list(_places(tree))
        if not places:
            return dice.choice(odd)
        where, key = dice.choice(places)
        if isinstance(where, dict) and key not in where:
            continue
        other = dice.choice(places)
        match dice.randrange(7):
            case 0:
                del where[key]
            case 1:
                where[key] = dice.choice(odd)
            case 2 if isinstance(where[key], str):
                where[key] = bytes_(where[key].encode("utf-8", "replace")).decode("utf-8", "replace")
            case 3 if isinstance(where, dict):
                where[dice.choice([other[1], "x", "", "when", 5])] = where.pop(key)
            case 4 if isinstance(where, list):
                where.insert(key, where[key])
            case 5 if isinstance(where[key], int):
                where[key] = where[key] + dice.choice([-1, 1, 1000, -1000])
            case _:
                where[key] = _copy(other[0][other[1]])
    return tree


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inside:
        yield tree, key
        yield from _places(value)


def _copy(tree: Any) -> Any:
    """A copy of its own: nothing may hold itself."""
    if isinstance(tree, dict):
        return {key: _copy(value) for key, value in tree.items()}
    return [_copy(value) for value in tree] if isinstance(tree, list) else tree
