"""The options that commands share, and what a command opens with them."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn

import typer

from jiefen.bundled import bundled
from jiefen.cli.frame.program import ExitCode, refuse
from jiefen.clock import china_minute
from jiefen.errors import DatabaseError, JiefenError, NeedsAgreement

if TYPE_CHECKING:
    from jiefen import Actor, Engine, Reader
    from jiefen.rules import Rulebook

Language = Literal["zh", "en"]

#: The name of the command line in the journal.
PROGRAM: Final = "jiefen"
_SQLITE: Final = "sqlite:///"
_PANEL: Final = "Everywhere"
_LANG: Final = "JIEFEN_LANG"

Database = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        help="The database.",
        show_default="JIEFEN_DB, else sqlite:///jiefen.db",
        rich_help_panel=_PANEL,
    ),
]
Processes = Annotated[
    Path | None,
    typer.Option(
        "--processes",
        metavar="DIR",
        help="Folder of models.",
        show_default="JIEFEN_PROCESSES, else bundled",
        rich_help_panel=_PANEL,
    ),
]
Rules = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        metavar="DIR",
        help="Folder of the rulebook.",
        show_default="JIEFEN_RULES, else bundled",
        rich_help_panel=_PANEL,
    ),
]
Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        help="Language of labels and stories.",
        show_default="JIEFEN_LANG, else of the locale",
        rich_help_panel=_PANEL,
    ),
]
ReadAs = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="WHO",
        help="Read as this person, by the posts that the directory says they hold today; it is kept in the log.",
    ),
]
Because = Annotated[
    str | None, typer.Option("--because", metavar="TEXT", help="With --as: why, for the log.")
]
_SHARED: Final[dict[str, Any]] = {"db": Database, "processes": Processes, "rules": Rules, "lang": Lang}

#: What a command that opens a database understands, and one that only reads rules.
ON_DATABASE: Final = ("db", "processes", "rules", "lang")
ON_RULES: Final = ("rules", "lang")

#: Ids are 64-bit integers in every database.
MAX_ID: Final = 2**63 - 1

CaseId = Annotated[int, typer.Argument(metavar="CASE", min=1, max=MAX_ID, help="Id of the case.")]
OfMatter = Annotated[
    int | None, typer.Option("--case", metavar="CASE", min=1, max=MAX_ID, help="Of this matter alone.")
]
OpenOrEnded = Annotated[str | None, typer.Option("--status", metavar="STATUS", help="open, or ended.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept in the journal.")]
Json = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
Evidence = Annotated[
    str | None, typer.Option("--evidence", metavar="TEXT", help="What shows it, where a right would end.")
]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who does it: a staff number, not a name.")]
#: As :data:`By`, where nobody has to be named.
ByWhoever = Annotated[
    str | None, typer.Option("--by", metavar="WHO", help="Who does it, for the journal: a staff number.")
]
Roles = Annotated[
    list[str] | None, typer.Option("--role", metavar="ROLE", help="A role they hold; repeat it.")
]
ActorArea = Annotated[
    str | None,
    typer.Option(
        "--area", metavar="CODE", help="Area their roles are held for, or everywhere; absent: no power."
    ),
]
Area = Annotated[str | None, typer.Option("--area", metavar="CODE", help="Area code, padded or not.")]
After = Annotated[
    int,
    typer.Option(min=0, max=MAX_ID, metavar="ID", help="Start after this id, the last of the page before."),
]
Limit = Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the shared options say; ``None`` where nobody said anything."""

    db: str | None = None
    processes: Path | None = None
    rules: Path | None = None
    lang: Language | None = None
    subcommand: str | None = None
    reader: str | None = None
    because: str | None = None

    @property
    def language(self) -> Language:
        """The language of labels: as asked for, else the locale's."""
        own = None if strange_language() else os.environ.get(_LANG)
        asked = (self.lang, own, *(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")))
        return "zh" if next(filter(None, asked), "").startswith("zh") else "en"

    @property
    def processes_folder(self) -> Path:
        """Where the models lie."""
        return self.processes or _named("JIEFEN_PROCESSES") or _short(bundled("processes"))

    @property
    def rules_given(self) -> Path | None:
        """Where somebody says that the rulebook lies."""
        return self.rules or _named("JIEFEN_RULES")

    @property
    def rules_folder(self) -> Path:
        """Where the rulebook lies."""
        return self.rules_given or _short(bundled("rules"))

    def rulebook(self) -> Rulebook:
        """The rulebook.

        Raises:
            RuleError: it cannot be used.
        """
        from jiefen.rules import load_rulebook

        return load_rulebook(self.rules_folder)

    @property
    def keys_file(self) -> Path | None:
        """The file that has or names the keys of the database, if it is encrypted."""
        return _named("JIEFEN_KEYS")

    def database(self, *, create: bool = False) -> str:
        """The address of the database.

        Args:
            create: as for :meth:`engine`.

        Raises:
            DatabaseError: a file that is not there.
        """
        url = self.db or os.environ.get("JIEFEN_DB") or "sqlite:///jiefen.db"
        file = url.removeprefix(_SQLITE).partition("?")[0] if url.startswith(_SQLITE) else ""
        if not create and file and file != ":memory:" and not Path(file).exists():
            raise DatabaseError(
                f"there is no database {file}; name it with --db or JIEFEN_DB, "
                "or make it by `jiefen import` or `jiefen open`"
            )
        return url

    @contextmanager
    def engine(self, *, create: bool = False, adapters: Path | None = None) -> Iterator[Engine]:
        """The engine on the database.

        Args:
            create: a missing SQLite file is made; otherwise it is an error, so that a mistyped name or the wrong
                folder does not look like an office without cases.
            adapters: a file that names who carries the deliveries.

        Raises:
            DatabaseError: it cannot be used.
            DefinitionError: the edition, or the file of adapters, is broken.
        """
        from jiefen import Engine, FolderFiles

        if self.reader is not None:
            raise typer.BadParameter(
                "it is for commands that read cases; this one says with --by who acts", param_hint="--as"
            )
        from jiefen.outside.installed import load_adapters
        from jiefen.outside.key_services import load_keys

        url = self.database(create=create)
        carried = load_adapters(adapters) if adapters is not None else None
        folder, keys = _named("JIEFEN_FILES"), self.keys_file
        with Engine.open(
            url,
            processes=self.processes_folder,
            rules=self.rules_folder,
            adapters=carried,
            files=FolderFiles(folder) if folder is not None else None,
            keys=load_keys(keys) if keys is not None else None,
            program=PROGRAM,
        ) as engine:
            try:
                yield engine
            except NeedsAgreement as error:
                self._ask(engine, error)

    def _ask(self, engine: Engine, error: NeedsAgreement) -> NoReturn:
        """Ask for what somebody has begun and may not do alone."""
        from jiefen.cli.frame.output import pick, say

        if error.arguments is None or error.by is None:
            raise error
        asked = engine.pending.ask(error.act, error.arguments, by=error.by)
        words = (
            "此项须由两人办理:已提出(编号 {id}),请另一名有权办理的人在 {until} 前同意(jiefen pending agree {id})",
            "this is done by two persons: it is asked for as {id}; another one who may do it agrees by {until} "
            "(jiefen pending agree {id})",
        )
        until = china_minute(asked.until)
        say(pick(words, self.language).format(id=asked.id, until=until), err=True)
        raise typer.Exit(ExitCode.REFUSED)

    @contextmanager
    def reading(self) -> Iterator[Engine | Reader]:
        """What a command reads with: what ``--as`` may read, else everything.

        Raises:
            DatabaseError, DefinitionError: as :meth:`engine`.
        """
        with replace(self, reader=None).engine() as engine:
            if self.reader is None:
                yield engine
                return
            from jiefen import Actor, Organisation

            directory = engine.directory()
            posts = directory.posts_of(self.reader) if isinstance(directory, Organisation) else ()
            yield engine.as_(Actor(self.reader, posts=tuple(posts)), because=self.because)


def strange_language() -> str | None:
    """What ``JIEFEN_LANG`` says, where it is neither Chinese nor English."""
    said = os.environ.get(_LANG, "")
    return said if said and not said.startswith(("zh", "en")) else None


def _named(variable: str) -> Path | None:
    folder = os.environ.get(variable)
    return Path(folder) if folder else None


def _short(folder: Path) -> Path:
    """``folder`` as seen from here, when it lies here: people read the names of files."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command understand the shared options ``names``; it takes :class:`Settings` as its first argument.

    An option given to the command counts more than the same option given to the program before it.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(function, eval_str=True)
        _, *own = signature.parameters.values()
        only = inspect.Parameter.KEYWORD_ONLY
        shared = [inspect.Parameter(name, only, default=None, annotation=_SHARED[name]) for name in names]
        context = inspect.Parameter(
            "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
        )
        parameters = [context, *(parameter.replace(kind=only) for parameter in own), *shared]

        def run(context: typer.Context, **given: Any) -> None:
            chosen = {name: value for name in names if (value := given.pop(name)) is not None}
            context.obj = replace(context.obj, subcommand=context.invoked_subcommand, **chosen)
            try:
                function(context.obj, **given)
            except JiefenError as error:
                if error.zh is None:
                    raise
                refuse(error, context.obj.language)

        # Typer reads these; through __wrapped__ it would look at the function itself.
        run.__name__, run.__doc__ = function.__name__, function.__doc__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def named(by: str | None, roles: list[str] | None, area: str | None) -> Actor | None:
    """Who acts, where nobody has to be named: then it is this program."""
    return actor(by, roles, area) if by is not None else None


def actor(by: str, roles: list[str] | None, area: str | None) -> Actor:
    """Who acts, from ``--by``, ``--role`` and ``--area``."""
    from jiefen import Actor

    return Actor(by, frozenset(roles or ()), area)
