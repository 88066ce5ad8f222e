"""``jiefen keys``: the master keys of an encrypted database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from jiefen.cli.frame.options import ON_DATABASE, Json, Settings, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_json
from jiefen.errors import KeysError

app = typer.Typer()
keys_app = typer.Typer(help="The master keys of an encrypted database.")
app.add_typer(keys_app, name="keys")

_MADE: Final[Words] = (
    "已生成密钥文件 {file};请另行备份,不要与数据库备份放在一起",
    "made {file}; keep a copy of it, and not beside backups of the database",
)
_ROTATED: Final[Words] = (
    "主密钥现为 {name};重新加密数据密钥 {n} 个",
    "the master key is {name} now; {n} data keys were wrapped by it",
)


@keys_app.command("create")
@with_settings("lang")
def create(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Where to make it.")],
    sm4: Annotated[bool, typer.Option("--sm4", help="Encrypt by SM4-GCM instead of AES-256-GCM.")] = False,
) -> None:
    """Make a file with a new master key, for its owner alone; JIEFEN_KEYS names it to the other commands."""
    from jiefen import Algorithm, FileKeys

    FileKeys.create(file, algorithm=Algorithm.SM4 if sm4 else Algorithm.AES)
    say(pick(_MADE, settings.language).format(file=file))


@keys_app.command("rotate")
@with_settings(*ON_DATABASE)
def rotate(
    settings: Settings,
    again: Annotated[
        bool, typer.Option("--again", help="Go on with a rotation that broke off: no new master key.")
    ] = False,
    json: Json = False,
) -> None:
    """Add a master key to the file of JIEFEN_KEYS and wrap every data key by it; cases are worked on meanwhile."""
    from jiefen import FileKeys

    if settings.keys_file is None:
        raise KeysError("JIEFEN_KEYS names no file of keys; set it to that of the database")
    with settings.engine() as engine:
        keys = FileKeys(settings.keys_file)
        name = keys.current if again else keys.add_master()
        changed = engine.records.rotate_keys()
    if json:
        show_json({"master": name, "wrapped": changed})
    else:
        say(pick(_ROTATED, settings.language).format(name=name, n=changed))
