"""How a command ends: streams that can carry Chinese, exit codes that scripts can use, errors as one clear line."""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
from enum import IntEnum
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from jiefen.errors import DatabaseError, FactError, JiefenError, NotFound
from jiefen.notation.labels import Language
from jiefen.notation.texts import escaped

#: Set to anything, it lets the traceback of an internal error through.
DEBUG: Final = "JIEFEN_DEBUG"

_HALF: Final = re.compile("[\ud800-\udfff]")
_NOT_UTF_8: Final = "an argument holds bytes that are not UTF-8; write it in UTF-8"
_CONTROLS: Final = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\ufffd")


class ExitCode(IntEnum):
    """What a command leaves for the script that called it."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    DATABASE = 3
    NOT_FOUND = 4
    PARTLY = 5
    BUG = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


EXIT_CODES: Final = {
    ExitCode.DONE: "done; nothing wrong was found",
    ExitCode.REFUSED: "refused, or errors were found; stderr or the findings say what and how to mend it",
    ExitCode.USAGE: "the command line cannot be understood",
    ExitCode.DATABASE: "the database is locked, full, missing, unreachable or of another version",
    ExitCode.NOT_FOUND: "no such case, task, table, rule, process …",
    ExitCode.PARTLY: "done in part: rows were rejected, or entries of the agenda failed",
    ExitCode.BUG: f"a bug in jiefen; set {DEBUG}=1 to see the traceback",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C",
    ExitCode.BROKEN_PIPE: "the reader of the output went away",
}


class Program(TyperGroup):
    """The command group of ``jiefen``; every command below it ends with an :class:`ExitCode`."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line; always ends by ``SystemExit``."""
        carry_chinese()
        try:
            return super().main(*args, **extra)
        except JiefenError as error:
            refuse(error, "en")
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            fail(f"{name}{error.strerror or error}", ExitCode.REFUSED)
        except UnicodeEncodeError:
            fail(_NOT_UTF_8, ExitCode.USAGE)
        except Exception as error:
            if DEBUG in os.environ:
                raise
            frame = traceback.extract_tb(error.__traceback__)[-1]
            fail(
                f"this is a bug in jiefen: {type(error).__name__} at {frame.filename}:{frame.lineno}; "
                f"set {DEBUG}=1 to see the traceback, and report it",
                ExitCode.BUG,
            )

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it wrote has reached the reader afterwards."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The interpreter flushes once more when it exits; let it write to nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.BROKEN_PIPE) from None
        return result


def code_of(error: JiefenError) -> ExitCode:
    """The exit code for an error of the tree."""
    if isinstance(error, DatabaseError):
        return ExitCode.DATABASE
    return ExitCode.NOT_FOUND if isinstance(error, NotFound) else ExitCode.REFUSED


def refuse(error: JiefenError, language: Language) -> NoReturn:
    """Say on stderr why an error of the tree ends the command, and end."""
    # Python hands over the bytes of an argument that are no text as halves of surrogate pairs.
    if isinstance(error, FactError) and any(_HALF.search(argument) for argument in sys.argv[1:]):
        fail(_NOT_UTF_8, ExitCode.USAGE)
    fail(error.text(language), code_of(error))


def fail(message: str, code: ExitCode) -> NoReturn:
    """Say on stderr what went wrong, and end."""
    typer.echo(f"jiefen: {printable(message)}", err=True)
    raise SystemExit(code)


def printable(text: str) -> str:
    """``text`` without what a terminal would obey or nobody would see; lines and tabs stay.

    Facts come from anywhere; an escape sequence in a ledger must not reach the clerk's terminal.
    """
    return escaped(text.translate(_CONTROLS))


def carry_chinese() -> None:
    """Make stdout and stderr carry any text, whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        try:
            "解纷访调裁审处".encode(stream.encoding)
        except (UnicodeEncodeError, LookupError):
            stream.reconfigure(encoding="utf-8")
        stream.reconfigure(errors="backslashreplace")
