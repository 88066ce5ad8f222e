"""Files that are broken, hostile, or something else."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.findings import Finding
from jiefen.process import MAX_MODEL_BYTES, Source, check
from tests.unit.process.drawing import flows, text

GOOD = text('<startEvent id="s" name="登记"/><endEvent id="e"/>' + flows("s>e")).decode()
LAUGHS = """<?xml version="1.0"?>
<!-- a remark -->
<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<definitions>&b;</definitions>"""
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><definitions>&f;</definitions>'


def one(data: bytes) -> Finding:
    """The only finding about a file."""
    (finding,) = check([Source("m.bpmn", data)])
    return finding


def zipped() -> bytes:
    """A zip file."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("model.bpmn", GOOD)
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("UTF-8", "GBK").encode("gbk"),
        GOOD.replace("UTF-8", "gb18030").encode("gb18030"),
        GOOD.replace("UTF-8", "UTF-16").encode("utf-16"),
        GOOD.replace("UTF-8", "UTF-16").encode("utf-16-be"),
        b"\xff\xfe" + GOOD.encode("utf-16-le"),
        GOOD.partition("\n")[2].encode(),
        ("\n\n" + GOOD.partition("\n")[2]).encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\n<?xml-stylesheet href='a.xsl'?>\n<!-- a remark -->\n", 1).encode(),
    ],
    ids=[
        "utf-8",
        "bom",
        "gbk",
        "gb18030",
        "utf-16",
        "utf-16-be",
        "le-bom",
        "no-declaration",
        "blank-lines",
        "crlf",
        "stylesheet",
    ],
)
def test_encodings_are_read(data: bytes) -> None:
    assert check([Source("m.bpmn", data)]) == []


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "empty-file", None),
        (b" \n\t ", "empty-file", None),
        (b"\xef\xbb\xbf", "empty-file", None),
        (b"hello", "not-xml", 1),
        (b'\n{"bpmn": 1}', "not-xml", 2),
        (b"process:\n  id: x\n", "not-xml", 1),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "encoding", 1),
        (zipped(), "encoding", None),
        ("<a>登记</a>".encode("gbk"), "encoding", 1),
        (b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>', "encoding", 1),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "encoding", 1),
        (b"<a>\n<b></a>", "broken-xml", 2),
        (b"<a", "broken-xml", 1),
        (b"<a>\n&nbsp;</a>", "broken-xml", 2),
        (b"<a>\x00</a>", "broken-xml", 1),
        (LAUGHS.encode(), "doctype", 3),
        (OUTSIDE.encode(), "doctype", 1),
        (b"<a>" * 400 + b"</a>" * 400, "broken-xml", 1),
        ("<a>\n<b name='\u202e'/></a>".encode(), "hidden-character", 2),
        ("<a>\n<b name='\u200bpaid'/></a>".encode(), "hidden-character", 2),
        (b"<a>\n<b name='paid&#8203;'/></a>", "hidden-character", 2),
        (b"<a>\n<b>paid&#x200d;</b></a>", "hidden-character", 2),
        (b" " * (MAX_MODEL_BYTES + 1), "too-large", None),
        (b"<a>" + b"<b/>" * 50_001 + b"</a>", "too-large", None),
        (b"<a/>", "not-bpmn", 1),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "not-bpmn", 1),
        (b'<definitions xmlns="http://www.omg.org/spec/DMN/20180521/MODEL/"/>', "not-bpmn", 1),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not-bpmn", 1),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "no-process", None),
    ],
)
def test_other_files_are_answered(data: bytes, code: str, line: int | None) -> None:
    finding = one(data)
    assert finding.code == code
    assert finding.hint
    assert line is None or finding.line == line


def test_nothing_outside_the_file_is_shown() -> None:
    assert "root:" not in str(one(OUTSIDE.encode()))


def test_lines_are_those_of_the_file() -> None:
    data = '<?xml version="1.0"\n encoding="UTF-8"?>\n' + GOOD.partition("\n")[2].replace(
        "endEvent", "userTask"
    )
    assert {
        finding.line for finding in check([Source("m.bpmn", data.encode())]) if finding.element == "e"
    } == {5}


def test_long_blanks_take_no_time() -> None:
    """A pattern that may begin anywhere would try every blank as its beginning."""
    data = GOOD.replace("</process>", " " * 400_000 + "</process>").encode()
    assert check([Source("m.bpmn", data)]) == []


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert check([Source("m.bpmn", data)])


def test_every_file_is_answered_in_order() -> None:
    findings = check([Source("b.bpmn", b""), Source("a.bpmn", b"x"), Source("c.bpmn", GOOD.encode())])
    assert [finding.file for finding in findings] == ["b.bpmn", "a.bpmn"]
