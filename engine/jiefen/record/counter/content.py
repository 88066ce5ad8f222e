"""What a file is by its content. Its name says nothing, but must not say otherwise."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from jiefen.errors import FactError
from jiefen.notation.texts import key_problem, shown

#: The name of a file has so many characters at most.
_LONGEST_NAME: Final = 200
#: A package of office papers has so many parts at most.
_MOST_PARTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that may be attached: its media type, and how names of such files end."""

    media: str
    endings: tuple[str, ...]


_PDF = FileKind("application/pdf", ("pdf",))
_OFD = FileKind("application/ofd", ("ofd",))
_DOCX = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",))
_XLSX = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",))
_HEIC = FileKind("image/heic", ("heic", "heif"))
_VIDEO = FileKind("video/mp4", ("mp4", "m4a", "mov", "3gp"))
_TEXT = FileKind("text/plain", ("txt", "csv"))
#: By their first bytes; in the second ones at a place of their own.
_FIRST: Final[tuple[tuple[bytes, FileKind], ...]] = (
    (b"%PDF-", _PDF),
    (b"\xff\xd8\xff", FileKind("image/jpeg", ("jpg", "jpeg"))),
    (b"\x89PNG\r\n\x1a\n", FileKind("image/png", ("png",))),
    (b"II*\0", FileKind("image/tiff", ("tif", "tiff"))),
    (b"MM\0*", FileKind("image/tiff", ("tif", "tiff"))),
    (b"#!AMR", FileKind("audio/amr", ("amr",))),
    (b"ID3", FileKind("audio/mpeg", ("mp3",))),
    (b"\xff\xfb", FileKind("audio/mpeg", ("mp3",))),
)
_RIFF: Final = {b"WEBP": FileKind("image/webp", ("webp",)), b"WAVE": FileKind("audio/wav", ("wav",))}
_HEIC_BRANDS: Final = (b"heic", b"heix", b"mif1", b"msf1", b"hevc")
#: Characters that no text has.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ACCEPTED_ZH: Final = "PDF、OFD、Word(docx)、Excel(xlsx)、照片、录音、录像或者文本"


def kind_of(name: str, content: bytes, most: int) -> FileKind:
    """What a file is, once it may be attached.

    Args:
        most: bytes that it may have.

    Raises:
        FactError: it is empty or too large, of no kind that is taken, has macros, or its name says otherwise.
    """
    if not content:
        raise FactError("the file is empty; look whether it was copied whole", zh="文件是空的,请检查")
    if len(content) > most:
        raise FactError(
            f"the file has {len(content)} bytes, and may have {most}; attach it in parts, or as smaller pictures",
            zh=f"文件太大,最多 {most // 1_000_000 or 1} MB,请压缩或者分成几个",
        )
    kind = _kind(content)
    if kind is None:
        raise FactError(
            f"the file is {_guess(content)}; attach a PDF, OFD, docx, xlsx, a picture, a recording or plain text",
            zh=f"不能接收这种文件,请上传{_ACCEPTED_ZH}",
        )
    ending = PurePosixPath(name).suffix.removeprefix(".").casefold()
    if ending not in kind.endings:
        raise FactError(
            f"by its content the file is {kind.media}, and its name ends in {ending or 'nothing'!r}; "
            f"give it the ending {' or '.join(kind.endings)} if that is what it is",
            zh=f"文件内容与扩展名不符,实际是 {'、'.join(kind.endings)} 文件",
        )
    return kind


def file_name(value: object) -> str:
    """The name of a file, without folders.

    Raises:
        FactError: it is none.
    """
    wrong = key_problem(value, _LONGEST_NAME)
    if wrong is None and (
        {*"/\\:"} & {*str(value)} or str(value).startswith(".") or not str(value).isprintable()
    ):
        wrong = "it has a folder, a leading dot or a control character in it"
    if wrong is not None:
        raise FactError(
            f"{shown(value)} is no name of a file: {wrong}; give for example 'photo.jpg'",
            zh="文件名不能用,请改名",
        )
    return str(value)


def _kind(content: bytes) -> FileKind | None:
    for start, kind in _FIRST:
        if content.startswith(start):
            return kind
    if content.startswith(b"RIFF"):
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        return _HEIC if content[8:12] in _HEIC_BRANDS else _VIDEO
    if content.startswith(b"PK\x03\x04"):
        return _package(content)
    return _TEXT if _is_text(content) else None


def _package(content: bytes) -> FileKind | None:
    """What a package of office papers is, by the names of its parts alone; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = [part.casefold() for part in package.namelist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if len(parts) > _MOST_PARTS:
        return None
    if any(part.endswith("vbaproject.bin") for part in parts):
        raise FactError(
            "the file has macros in it; save it without them, or as PDF",
            zh="文件含有宏,请另存为不含宏的文件或者PDF",
        )
    if "ofd.xml" in parts:
        return _OFD
    if "[content_types].xml" in parts:
        return _DOCX if "word/document.xml" in parts else _XLSX if "xl/workbook.xml" in parts else None
    return None


def _is_text(content: bytes) -> bool:
    """Whether it is plain text, as Chinese offices write it; no markup, which browsers would run."""
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        return not _CONTROL.search(text) and not text.lstrip().startswith("<")
    return False


def _guess(content: bytes) -> str:
    """What a file that is not taken seems to be, for the person who tried."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old or locked Office file (save it as docx, xlsx or PDF without a password)"
    if content.startswith((b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")):
        return "a program"
    if content.lstrip()[:1] == b"<":
        return "a page of markup"
    if content.startswith((b"PK", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        return "an archive"
    return "of no kind that is taken"
