"""XML read strictly and safely: no DTD, no entities, no network, bounded size, any common encoding."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from jiefen.findings import Finding
from jiefen.notation.texts import INVISIBLE

#: The largest file that is read, in bytes; a model drawn by people stays far below it.
MAX_MODEL_BYTES: Final = 5_000_000
MAX_ELEMENTS: Final = 50_000
_ENCODINGS: Final = frozenset(
    {
        "utf-8",
        "ascii",
        "iso8859-1",
        "cp1252",
        "gbk",
        "gb2312",
        "gb18030",
        "big5",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
    }
)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(r"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read.

    Attributes:
        path: as the reader gave it; it appears in findings.
        text: the bytes of the file.
    """

    path: str
    text: bytes


class _Unreadable(Exception):
    """Why a file is not XML that may be read; becomes a finding."""

    def __init__(
        self, code: str, message: str, hint: str, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.line, self.column = code, message, hint, line, column


def read_xml(source: Source) -> etree._Element | Finding:
    """The root element of ``source``, or the finding that says why it cannot be read. Raises nothing."""
    try:
        return _parse(_decoded(source.text))
    except _Unreadable as error:
        return Finding(
            file=source.path,
            line=error.line,
            column=error.column,
            code=error.code,
            message=error.message,
            hint=error.hint,
        )


def _decoded(data: bytes) -> str:
    if len(data) > MAX_MODEL_BYTES:
        raise _Unreadable(
            "too-large",
            f"the file has {len(data):,} bytes, more than {MAX_MODEL_BYTES:,}",
            "split it into one file per process",
        )
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise _Unreadable("empty-file", "the file is empty", "save the model again, or remove the file")
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    if encoding is None:
        declared = _ENCODING.search(data[:200].decode("latin-1").partition("?>")[0])
        encoding = declared.group(1) if declared else "utf-8"
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        codec = ""
    if codec not in _ENCODINGS:
        raise _Unreadable("encoding", f"the encoding {encoding!r} is not read", "save the file as UTF-8", 1)
    try:
        return data.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Unreadable(
            "encoding",
            f"byte {error.start} is not {encoding}, so this is another encoding or no text at all",
            "save the file as UTF-8, or declare the encoding it has in its first line",
            line,
        ) from None


def _parse(text: str) -> etree._Element:
    start = _PROLOG.match(text)
    rest = start.end() if start else 0
    if text.startswith("<!DOCTYPE", rest):
        raise _Unreadable(
            "doctype",
            "the file has a DOCTYPE; documents with a DTD or entities are not read",
            "remove the DOCTYPE and write out what its entities stand for",
            text.count("\n", 0, rest) + 1,
        )
    if not text.startswith("<", rest):
        raise _Unreadable(
            "not-xml",
            "the file is not XML: it does not begin with an element",
            "give a .bpmn file as a modeler saves it",
            text.count("\n", 0, rest) + 1,
        )
    hidden = INVISIBLE.search(text)
    if hidden is not None:
        raise _hidden(hidden.group(), text.count("\n", 0, hidden.start()) + 1)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    # The text is decoded already: a declaration that names another encoding would only mislead the parser.
    plain = _DECLARATION.sub(lambda found: "\n" * found.group().count("\n"), text, count=1)
    try:
        root = etree.fromstring(plain.encode("utf-8", "surrogatepass"), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise _Unreadable(
            "broken-xml",
            f"the XML is broken: {error.msg.partition(', line ')[0]}",
            "open the file in a modeler and save it again, or restore the last good version",
            line or None,
            column or None,
        ) from None
    except (ValueError, UnicodeEncodeError) as error:
        raise _Unreadable("broken-xml", f"the XML is broken: {error}", "save the model again") from None
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise _Unreadable("too-large", f"the file has more than {MAX_ELEMENTS:,} elements", "split the model")
    for element in root.iter():
        # A reference such as &#8203; comes to light only here.
        at: Any = element.sourceline
        for value in (*element.attrib.values(), element.text or "", element.tail or ""):
            referred = INVISIBLE.search(str(value))
            if referred is not None:
                raise _hidden(referred.group(), at)
    return root


def _hidden(character: str, line: int | None) -> _Unreadable:
    return _Unreadable(
        "hidden-character",
        f"a character that nobody sees stands here: {character!a}",
        "remove it; what people see in the model would not be what it says",
        line,
    )
