"""``jiefen keys``: the master keys of an encrypted database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from jiefen.cli.frame.options import ON_DATABASE, After, Json, Settings, with_settings
from jiefen.cli.frame.output import Words, pick, say, show_json
from jiefen.errors import KeysError

app = typer.Typer()
keys_app = typer.Typer(help="The master keys of an encrypted database.")
app.add_typer(keys_app, name="keys")

_MADE: Final[Words] = (
    "已生成密钥文件 {file};请另行备份,不要与数据库备份放在一起",
    "made {file}; keep a copy of it, and not beside backups of the database",
)
_ENCRYPTED: Final[Words] = (
    "已加密案件 {cases} 件、记录 {rows} 条",
    "{cases} cases had something open; {rows} rows were encrypted",
)
_UNSOUND: Final[Words] = (
    "流水已被改动、未予加密的案件:{cases};请运行 jiefen audit verify",
    "not encrypted, because their journals are not as they were written: {cases}; run `jiefen audit verify`",
)
_LEFT: Final[Words] = (
    "旧页面中的明文须重写数据表后才会清除:请在无人使用时运行 jiefen keys encrypt --rewrite;"
    "此前的备份和 PostgreSQL 日志请另行清理",
    "pages still hold what was open until the tables are written anew: run `jiefen keys encrypt --rewrite` when nobody "
    "works; backups and the log of PostgreSQL from before are yours to remove",
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
    from jiefen.outside.key_services import load_keys

    path = _named(settings)
    with settings.engine() as engine:
        keys = load_keys(path)
        if not again and not isinstance(keys, FileKeys):
            raise KeysError(
                "the master keys are held by a service: make a new one there, then run `jiefen keys rotate --again`"
            )
        name = keys.add_master() if not again and isinstance(keys, FileKeys) else keys.current
        changed = engine.records.rotate_keys()
    if json:
        show_json({"master": name, "wrapped": changed})
    else:
        say(pick(_ROTATED, settings.language).format(name=name, n=changed))


@keys_app.command("encrypt")
@with_settings(*ON_DATABASE)
def encrypt(
    settings: Settings,
    after: After = 0,
    rewrite: Annotated[
        bool,
        typer.Option("--rewrite", help="Then write the tables anew (VACUUM); everybody waits meanwhile."),
    ] = False,
    json: Json = False,
) -> None:
    """Encrypt what was written before the database had keys; cases are worked on, and it may be run again."""
    _named(settings)
    cases, rows, place = 0, 0, after
    unsound: list[int] = []
    with settings.engine() as engine:
        while True:
            done = engine.records.encrypt(after=place)
            cases, rows = cases + done.cases, rows + done.rows
            unsound += done.unsound
            if done.after is None:
                break
            place = done.after
        if rewrite:
            engine.records.rewrite()
    if json:
        show_json({"cases": cases, "rows": rows, "unsound": unsound, "rewritten": rewrite})
    else:
        say(pick(_ENCRYPTED, settings.language).format(cases=cases, rows=rows))
        if unsound:
            say(pick(_UNSOUND, settings.language).format(cases=", ".join(map(str, unsound))))
        if not rewrite:
            say(pick(_LEFT, settings.language))
    if unsound:
        raise typer.Exit(1)


def _named(settings: Settings) -> Path:
    """The file that ``JIEFEN_KEYS`` names."""
    if settings.keys_file is None:
        raise KeysError("JIEFEN_KEYS names no file of keys; set it to that of the database")
    return settings.keys_file
