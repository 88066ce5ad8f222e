"""Who may call over HTTP: ``callers key``, ``callers check``, ``callers used``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiefen.cli.frame.options import ON_DATABASE, Json, Limit, Settings, with_settings
from jiefen.cli.frame.output import more, pick, say, show_json, show_table

app = typer.Typer()
callers_app = typer.Typer(
    help="Make keys for those who call over HTTP, check the file that names them, list when they called."
)
app.add_typer(callers_app, name="callers")


@callers_app.command("key")
@with_settings("lang")
def key(settings: Settings, json: Json = False) -> None:
    """Make an API key, said this once, and the line that keeps its hash in the file of callers."""
    from jiefen.outside.http import http_interface

    made, line = http_interface().new_key()
    if json:
        show_json({"key": made, "line": line})
        return
    words = (
        "密钥(只显示这一次):{key}\n写入调用者文件 keys 之下:- {line}",
        "key (said this once): {key}\nunder keys: - {line}",
    )
    say(pick(words, settings.language).format(key=made, line=line))


@callers_app.command("check")
@with_settings("lang")
def check(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="The file of callers.")],
    json: Json = False,
) -> None:
    """Check a file of callers."""
    from jiefen.outside.http import http_interface

    keys = http_interface().check(file)
    if json:
        show_json({"keys": keys})
        return
    say(
        pick(("{file}:可用,密钥 {n} 个", "{file}: can be used, {n} keys"), settings.language).format(
            file=file, n=keys
        )
    )


@callers_app.command("used")
@with_settings(*ON_DATABASE)
def used(
    settings: Settings,
    after: Annotated[str, typer.Option(metavar="NAME", help="Start after this name.")] = "",
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List when each key was last used, to the hour."""
    with settings.engine() as engine:
        found = engine.calls.uses(after=after, limit=limit)
    if json:
        show_json(found)
        return
    headings = [("调用者/密钥", "caller/key"), ("最近使用", "last used")]
    show_table(settings.language, headings, [(one.name, one.at) for one in found])
    more(found, limit, settings.language, "name")
