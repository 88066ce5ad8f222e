"""Without an extra the rest works, and what needs it says in a sentence what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Python as it is where these packages were never installed.
WITHOUT = """
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Without())
"""

EXTRAS = ("typer", "rich", "openpyxl", "apscheduler", "psycopg", "cryptography")


def python(code: str, folder: Path, absent: tuple[str, ...] = EXTRAS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT.format(absent=absent) + code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_core_needs_no_extra(tmp_path: Path) -> None:
    done = python(
        "from jiefen import Actor, Engine\n"
        "with Engine.open('sqlite:///cases.db') as engine:\n"
        "    facts = {'source': 'walk_in', 'dispute_type': 'neighbour', 'area': '140429102201'}\n"
        "    print(engine.open_case('dispute', facts, key='k', by=Actor('0412')).id)\n",
        tmp_path,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize("absent", ["typer", "rich"])
def test_the_command_line_says_what_to_install(tmp_path: Path, absent: str) -> None:
    done = python("import jiefen.cli; jiefen.cli.main()", tmp_path, (absent,))
    assert done.returncode == 1
    assert done.stderr == (
        f"jiefen: the command line needs {absent}, which is not installed; "
        "install it with: pip install 'jiefen[cli]'\n"
    )


def test_the_scheduler_says_what_to_install(tmp_path: Path) -> None:
    done = python("import jiefen.scheduler", tmp_path)
    assert done.stderr.splitlines()[-1] == (
        "jiefen.errors.MissingExtra: jiefen.scheduler needs apscheduler, which is not installed; "
        "install it with: pip install 'jiefen[scheduler]'"
    )


def test_serving_without_the_scheduler_is_one_line(tmp_path: Path) -> None:
    done = python(
        "import sys, jiefen.cli; sys.argv = ['jiefen', 'serve']; jiefen.cli.main()",
        tmp_path,
        ("apscheduler",),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("jiefen: jiefen.scheduler needs apscheduler")
    assert done.stderr.endswith("pip install 'jiefen[scheduler]'\n")
    assert len(done.stderr.splitlines()) == 1


READ = """
from pathlib import Path
from jiefen import JiefenError
from jiefen_adapters.ledgers import LEDGERS
ledgers = Path({ledgers!r})
try:
    [reading] = LEDGERS.read_ledgers([ledgers / {name!r}], areas=ledgers / "areas.yaml")
    print(len(list(reading.rows)) > 3)
except JiefenError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("12345热线台账.csv", "True\n"),
        (
            "信访积案.xlsx",
            "a ledger in a workbook (.xlsx) needs openpyxl, which is not installed; "
            "install it with: pip install 'jiefen[ledgers]'\n",
        ),
    ],
)
def test_only_a_workbook_needs_what_reads_workbooks(tmp_path: Path, name: str, said: str) -> None:
    done = python(READ.format(ledgers=str(ROOT / "examples/ledgers"), name=name), tmp_path)
    assert (done.stdout, done.stderr) == (said, "")


def test_the_http_interface_says_what_to_install(tmp_path: Path) -> None:
    done = python(
        "import sys, jiefen.cli; sys.argv = ['jiefen', 'callers', 'key']; jiefen.cli.main()",
        tmp_path,
        ("fastapi",),
    )
    assert (done.returncode, done.stderr) == (
        1,
        "jiefen: the HTTP interface needs fastapi, which is not installed; "
        "install it with: pip install 'jiefen[web]'\n",
    )


def test_signing_says_what_to_install(tmp_path: Path) -> None:
    done = python(
        "import sys, jiefen.cli; sys.argv = ['jiefen', 'audit', 'key', '--out', 'k']; jiefen.cli.main()",
        tmp_path,
        ("cryptography",),
    )
    assert (done.returncode, done.stderr) == (
        1,
        "jiefen: signing needs cryptography, which is not installed; install it with: pip install 'jiefen[crypto]'\n",
    )


def test_postgresql_says_what_to_install(tmp_path: Path) -> None:
    done = python(
        "from jiefen import DatabaseError, Engine\n"
        "try: Engine.open('postgresql://somebody:secret@localhost/cases')\n"
        "except DatabaseError as error: print(error)\n",
        tmp_path,
    )
    assert done.stdout == (
        "the driver for 'postgresql+psycopg://somebody:***@localhost/cases' is not installed (psycopg); "
        "for PostgreSQL: pip install 'jiefen[postgres]'\n"
    )


def test_a_database_that_jiefen_does_not_know_is_not_sent_to_postgresql(tmp_path: Path) -> None:
    done = python(
        "from jiefen import DatabaseError, Engine\n"
        "try: Engine.open('mysql://somebody:secret@localhost/cases')\n"
        "except DatabaseError as error: print(error)\n",
        tmp_path,
    )
    assert "Jiefen knows SQLite and PostgreSQL" in done.stdout
    assert "pip install" not in done.stdout
    assert "secret" not in done.stdout


def test_importing_it_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = "{'SpiffWorkflow', 'alembic', 'lxml', 'msgspec', 'sqlalchemy', 'yaml'}"
    done = python(f"import jiefen\nprint(sorted({heavy} & set(sys.modules)))\n", tmp_path)
    assert (done.stdout, done.stderr) == ("[]\n", "")


WRITE = """
from pathlib import Path
from jiefen import Actor, Engine, MissingExtra
from jiefen.clock import SystemClock, china_date
from jiefen_adapters.calendars import write_calendar
from jiefen_adapters.reports import REPORTS
today = china_date(SystemClock().now())
with Engine.open("sqlite:///cases.db") as engine:
    by = Actor("c-1", frozenset({"land_officer"}), "140429102")
    for write in (
        lambda: write_calendar(engine.diaries.of(by=by)),
        lambda: REPORTS.write("weekly", Path("a.docx"), reader=engine, today=today),
        lambda: REPORTS.write("weekly", Path("a.xlsx"), reader=engine, today=today),
    ):
        try:
            write()
        except MissingExtra as error:
            print(error)
"""


def test_calendars_and_reports_say_what_to_install(tmp_path: Path) -> None:
    done = python(WRITE, tmp_path, ("icalendar", "docx", "openpyxl"))
    needs = [
        ("a calendar (.ics)", "icalendar", "calendars"),
        ("a report as a document (.docx)", "docx", "documents"),
    ]
    needs.append(("a report in a workbook (.xlsx)", "openpyxl", "ledgers"))
    said = [
        f"{what} needs {name}, which is not installed; install it with: pip install 'jiefen[{extra}]'"
        for what, name, extra in needs
    ]
    assert (done.stdout.splitlines(), done.stderr) == (said, "")
