"""Documents of the outside as plain trees: JSON and XML, with limits, read from bytes and written to bytes.

A tree is made of mappings, lists and plain values. What is in an XML element is its text, or a mapping of its children;
one that comes several times is a list; an attribute is named ``@name``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from jiefen import FactError

#: Documents may be nested this deep.
MOST_DEPTH: Final = 40
_TYPES: Final = {
    "json": "application/json",
    "xml": "application/xml",
    "form": "application/x-www-form-urlencoded",
}


class UnusableDocument(FactError):
    """What came from outside cannot be used; the message never quotes what it holds."""


def read_document(
    raw: bytes, content_type: str, *, encoding: str, most: int, format: str | None = None
) -> Any:
    """The tree of a document.

    Args:
        content_type: what the outside says that it is.
        encoding: what the card says about its characters.
        format: what the card says that it is; absent: as the content type says, else as it looks.

    Raises:
        UnusableDocument: it is too large, too deep, in other characters, or not what it says.
    """
    if len(raw) > most:
        raise UnusableDocument(
            f"the document has {len(raw)} bytes; at most {most} are taken: raise `most` of the card if that is right",
            zh=f"报文有 {len(raw)} 字节,超过上限 {most}",
        )
    kind = format or _kind_of(content_type, raw)
    if kind == "xml":
        return _xml(raw, encoding)
    text = _text(raw, encoding)
    if kind == "form":
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=1_000))
    try:
        tree = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        raise UnusableDocument("the document is no JSON", zh="报文不是可用的 JSON") from None
    _require_shallow(tree, 0)
    return tree


def write_document(fields: Mapping[str, Any], *, format: str, root: str, encoding: str) -> tuple[bytes, str]:
    """The document with these fields, by their places with dots, and its content type."""
    if format == "form":
        flat = {place: "" if value is None else str(value) for place, value in fields.items()}
        return urlencode(flat, encoding=encoding).encode("ascii"), _TYPES["form"]
    tree = grown(fields)
    suffix = "" if encoding == "utf-8" else f"; charset={encoding}"
    if format == "xml":
        top = _etree().Element(root)
        _write_xml(top, tree)
        written: bytes = _etree().tostring(top, encoding=encoding, xml_declaration=True)
        return written, f"{_TYPES['xml']}{suffix}"
    return msgspec.json.encode(tree).decode().encode(encoding), f"{_TYPES['json']}{suffix}"


def found_at(tree: Any, path: str) -> Any:
    """What stands at a place; ``None`` where nothing does."""
    for step in path.split("."):
        if isinstance(tree, Mapping):
            tree = tree.get(step)
        elif isinstance(tree, list) and step.isascii() and step.isdigit():
            tree = tree[int(step)] if int(step) < len(tree) else None
        else:
            return None
    return tree


def grown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A tree from values by their places."""
    tree: dict[str, Any] = {}
    for place, value in fields.items():
        *above, last = place.split(".")
        here = tree
        for step in above:
            here = here.setdefault(step, {})
        here[last] = value
    return tree


def _kind_of(content_type: str, raw: bytes) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    if kind.endswith(("/xml", "+xml")):
        return "xml"
    if kind == _TYPES["form"]:
        return "form"
    if kind.endswith(("/json", "+json")):
        return "json"
    return "xml" if raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "json"


def _text(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise _other_characters(raw, encoding) from None


def _other_characters(raw: bytes, encoding: str) -> UnusableDocument:
    """Bytes in another encoding than the card says: told, never guessed."""
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    try:
        raw.decode(other)
    except UnicodeDecodeError:
        return UnusableDocument(f"the document is not {encoding}", zh=f"报文不是 {encoding} 编码")
    return UnusableDocument(
        f"the document is not {encoding}, as the card says, but may be {other}; ask its sender, and write "
        f"`encoding: {other}` in the card if it is",
        zh=f"报文不是卡片所写的 {encoding} 编码,可能是 {other}",
    )


def _xml(raw: bytes, encoding: str) -> Any:
    etree = _etree()
    text = _text(raw, encoding)
    # What the document says of its own characters was said before it was turned into text.
    bare = text.lstrip()
    if bare.startswith("<?xml"):
        bare = bare[bare.find("?>") + 2 :]
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        top = etree.fromstring(bare, parser)
    except etree.XMLSyntaxError:
        raise UnusableDocument("the document is no XML", zh="报文不是可用的 XML") from None
    docinfo: Any = top.getroottree().docinfo
    if docinfo.doctype:
        raise UnusableDocument(
            "the document has a DOCTYPE, which is not read", zh="报文含有 DOCTYPE,不予读取"
        )
    return {_local(top): _tree_of(top, 0)}


def _etree() -> Any:
    from lxml import etree  # few systems speak XML

    return etree


def _tree_of(element: Any, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise _too_deep()
    found: dict[str, Any] = {f"@{_local_name(name)}": value for name, value in element.attrib.items()}
    for child in element:
        if not isinstance(child.tag, str):
            raise UnusableDocument(
                "the document has an entity, which is not read", zh="报文含有实体引用,不予读取"
            )
        name, value = _local(child), _tree_of(child, depth + 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found or (element.text or "").strip() or None


def _write_xml(element: Any, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, child in value.items():
            for one in child if isinstance(child, list) else [child]:
                _write_xml(_etree().SubElement(element, name), one)
    elif value is not None:
        element.text = ("true" if value else "false") if isinstance(value, bool) else str(value)


def _local(element: Any) -> str:
    return _local_name(element.tag)


def _local_name(name: Any) -> str:
    return str(name).rpartition("}")[2]


def _require_shallow(tree: Any, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise _too_deep()
    for child in tree.values() if isinstance(tree, Mapping) else tree if isinstance(tree, list) else ():
        _require_shallow(child, depth + 1)


def _too_deep() -> UnusableDocument:
    return UnusableDocument(
        f"the document is nested deeper than {MOST_DEPTH}", zh=f"报文嵌套超过 {MOST_DEPTH} 层"
    )
