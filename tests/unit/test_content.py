"""What a file is by its content, and what is not taken."""

from __future__ import annotations

import io
import zipfile

import pytest

from jiefen import FactError
from jiefen.record.counter.content import file_name, kind_of

MOST = 10_000


def package(*parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for part in parts:
            file.writestr(part, "x")
    return content.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(("name", "content", "media"), [
    ("意见书.pdf", b"%PDF-1.7 x", "application/pdf"),
    ("照片.JPG", b"\xff\xd8\xff\xe0", "image/jpeg"),
    ("a.png", b"\x89PNG\r\n\x1a\nx", "image/png"),
    ("a.webp", b"RIFF0000WEBPx", "image/webp"),
    ("a.wav", b"RIFF0000WAVEx", "audio/wav"),
    ("a.heic", b"0000ftypheicx", "image/heic"),
    ("a.mp4", b"0000ftypisomx", "video/mp4"),
    ("a.amr", b"#!AMR\nx", "audio/amr"),
    ("a.tiff", b"II*\0x", "image/tiff"),
    ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("a.xlsx", package("[Content_Types].xml", "xl/workbook.xml"),
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("公文.ofd", package("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
    ("a.txt", "张三\t说".encode("gb18030"), "text/plain"),
    ("a.csv", "\ufeff张三,李四\r\n".encode(), "text/plain"),
])  # fmt: skip
def test_what_offices_use_is_taken(name: str, content: bytes, media: str) -> None:
    assert kind_of(name, content, MOST).media == media


@pytest.mark.parametrize(("name", "content", "said"), [
    ("a.pdf", b"", "empty"),
    ("a.pdf", b"%PDF-" + b"x" * MOST, "may have 10000"),
    ("photo.jpg", b"%PDF-1.7", "application/pdf, and its name ends in 'jpg'"),
    ("a.pdf", b"MZ\x90\0", "a program"),
    ("a.txt", b"\x7fELF\x02", "a program"),
    ("a.txt", b" <html><script>alert(1)</script>", "a page of markup"),
    ("a.svg", b"<svg xmlns='x'/>", "a page of markup"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1", "an old or locked Office file"),
    ("a.docx", package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "macros"),
    ("a.docx", DOCX[:-10], "an archive"),
    ("a.zip", package("a.exe"), "an archive"),
    ("a.sh", b"#!/bin/sh\nrm -rf /", "ends in 'sh'"),
    ("noending", b"%PDF-1.7", "ends in 'nothing'"),
    ("a.txt", b"a\0b", "of no kind"),
    ("a.wav", b"RIFF0000AVI x", "of no kind"),
])  # fmt: skip
def test_what_is_not_taken_is_told_with_what_it_is(name: str, content: bytes, said: str) -> None:
    with pytest.raises(FactError, match=said) as error:
        kind_of(name, content, MOST)
    assert error.value.zh


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../a.pdf",
        "a/b.pdf",
        "a\\b.pdf",
        "C:a.pdf",
        ".pdf",
        "a\n.pdf",
        "x" * 201,
        None,
        7,
        "a\u202efdp.exe",
    ],
)
def test_a_name_has_no_folder_and_nothing_that_nobody_sees(name: object) -> None:
    with pytest.raises(FactError):
        file_name(name)
    assert file_name("调解协议 (1).pdf") == "调解协议 (1).pdf"
