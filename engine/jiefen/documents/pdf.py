"""The PDF twin of a document: what LibreOffice makes of its DOCX, where this machine has it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from jiefen.errors import FileError

#: Names under which LibreOffice is found on the PATH.
_PROGRAMS: Final = ("soffice", "libreoffice")
#: So long one document may take, in seconds; a profile of its own is made each time.
_LONGEST: Final = 120


def as_pdf(content: bytes) -> bytes:
    """A DOCX as PDF. Nothing of a case gets into its name, and what is needed on the way is removed.

    Raises:
        FileError: there is no LibreOffice here, or it cannot do it in time.
    """
    program = next((found for name in _PROGRAMS if (found := shutil.which(name)) is not None), None)
    if program is None:
        raise FileError(
            "this machine has no LibreOffice, so there is no PDF; install libreoffice-writer, or take form='docx'",
            zh="本机没有安装 LibreOffice,不能生成 PDF;请安装 libreoffice-writer,或者改用 docx",
        )
    with tempfile.TemporaryDirectory(prefix="jiefen-pdf-") as folder:
        here = Path(folder)
        (here / "document.docx").write_bytes(content)
        # A profile of its own: another LibreOffice of this user may run, and has settings and macros of its own.
        profile = f"-env:UserInstallation={(here / 'profile').as_uri()}"
        said = [
            os.path.realpath(program), profile, "--headless", "--norestore", "--nolockcheck", "--convert-to",
            "pdf:writer_pdf_Export", "--outdir", folder, str(here / "document.docx"),
        ]  # fmt: skip
        _run(said, here)
        made = here / "document.pdf"
        if not made.is_file():
            raise FileError(
                "LibreOffice made no PDF of the document; take form='docx', and try `soffice --convert-to pdf` by hand",
                zh="LibreOffice 没有生成 PDF;请改用 docx",
            )
        return made.read_bytes()


def _run(said: list[str], folder: Path) -> None:
    """Run a program that starts others; all of them end with it, or when the time is over."""
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(  # noqa: S603, found on the PATH, and given no word of a caller
        said, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        started.wait(_LONGEST)
    except subprocess.TimeoutExpired as error:
        raise FileError(
            f"LibreOffice took more than {_LONGEST} seconds for a document; take form='docx', or try again later",
            zh="LibreOffice 转换超时;请改用 docx,或者稍后再试",
        ) from error
    finally:
        if started.poll() is None:
            if hasattr(os, "killpg"):
                os.killpg(started.pid, signal.SIGKILL)
            else:
                started.kill()
            started.wait()
