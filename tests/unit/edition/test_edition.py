"""An edition is what its digest says, read out of plain files and unpacked within bounds."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from jiefen import DatabaseError, DefinitionError, NotFound
from jiefen.edition import edition as editions
from jiefen.edition.edition import Edition, load_edition, unpack_edition
from tests.integration.conftest import SMALL


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name in ("processes", "rules"):
        shutil.copytree(SMALL / name, tmp_path / name)
    return tmp_path


def loaded(folders: Path) -> Edition:
    return load_edition(folders / "processes", folders / "rules")


def changed(edition: Edition, change: Callable[[dict[str, object]], object]) -> bytes:
    files = msgspec.json.decode(zlib.decompress(edition.pack()))
    change(files)
    return zlib.compress(msgspec.json.encode(files))


def test_what_was_packed_is_unpacked(folders: Path) -> None:
    edition = loaded(folders)
    again = unpack_edition(edition.pack(), edition.digest)
    assert (again.digest, again.files) == (edition.digest, edition.files)


def test_a_model_in_another_encoding_is_kept_as_it_is(folders: Path) -> None:
    model = next((folders / "processes").glob("*.bpmn"))
    model.write_bytes(model.read_text("utf-8").encode("utf-16"))
    edition = loaded(folders)
    assert unpack_edition(edition.pack(), edition.digest).files == edition.files


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.update({"rules/roles.yaml": files["rules/roles.yaml"] + "\n# one more\n"}),
        lambda files: files.pop("rules/roles.yaml"),
        lambda files: files.update({"rules/more.yaml": ""}),
        lambda files: files.update({"../outside.yaml": ""}),
    ],
)
def test_an_edition_that_was_changed_where_it_is_kept_is_refused(
    folders: Path, change: Callable[[dict[str, object]], object]
) -> None:
    edition = loaded(folders)
    with pytest.raises(DatabaseError, match=rf"{edition.digest[:12]} kept in the database was changed"):
        unpack_edition(changed(edition, change), edition.digest)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zlib.compress(b" " * 400_000_000, 9), "larger than any edition"),
        (zlib.compress(b"{}")[:-3], "cut off"),
        (b"nothing", "damaged"),
        (zlib.compress(b"[1"), "damaged"),
        (zlib.compress(b'{"a": "' + b"\xff" + b'"}'), "damaged"),
        (zlib.compress(msgspec.json.encode({f"rules/{n}.yaml": "" for n in range(3_000)})), "3000 files"),
    ],
    ids=["bomb", "cut", "no zlib", "no json", "no utf-8", "many files"],
)
def test_what_is_no_edition_is_refused_before_it_fills_the_memory(content: bytes, said: str) -> None:
    with pytest.raises(DatabaseError, match=said):
        unpack_edition(content, "0" * 64)


@pytest.mark.parametrize(
    "place", ["rules/x.yaml", "rules/nation/x.yaml", "rules/calendars/x.yaml", "processes/x.bpmn"]
)
@pytest.mark.parametrize("kind", ["pipe", "device", "large", "loop"])
def test_only_plain_files_of_a_sensible_size_are_read(folders: Path, place: str, kind: str) -> None:
    path = folders / place
    path.parent.mkdir(exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "large":
        with path.open("wb") as stream:
            stream.truncate(800 * 1024 * 1024)
    else:
        path.symlink_to({"device": "/dev/zero", "loop": path}[kind])
    with pytest.raises(DefinitionError) as error:
        loaded(folders)
    assert any(finding.file == str(path) for finding in error.value.findings)


def test_what_other_programs_hide_is_no_part_of_an_edition(folders: Path) -> None:
    """A volume of Kubernetes: the files are links into a hidden folder, whose older copies lie beside it."""
    before = loaded(folders).digest
    for kind in ("processes", "rules"):
        hidden = folders / kind / "..2026_11_27"
        hidden.mkdir()
        for path in [path for path in (folders / kind).iterdir() if path.is_file()]:
            path.rename(hidden / path.name)
            path.symlink_to(Path("..data") / path.name)
        (folders / kind / "..data").symlink_to(hidden.name)
    assert loaded(folders).digest == before


def test_a_linked_folder_is_told(folders: Path) -> None:
    (folders / "elsewhere").mkdir()
    (folders / "processes" / "more").symlink_to(folders / "elsewhere")
    with pytest.raises(DefinitionError, match="a link to another one"):
        loaded(folders)


@pytest.mark.parametrize(("name", "bound"), [("MAX_FILES", 2), ("MAX_BYTES", 2_000)])
def test_an_edition_has_bounds(folders: Path, monkeypatch: pytest.MonkeyPatch, name: str, bound: int) -> None:
    monkeypatch.setattr(editions, name, bound)
    with pytest.raises(DefinitionError, match="more than"):
        loaded(folders)


def test_an_edition_is_compiled_once_in_a_process(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = loaded(folders)
    packed, digest = edition.pack(), edition.digest
    unpacked = unpack_edition(packed, digest)
    monkeypatch.setattr(editions, "_build", lambda *_: pytest.fail("it was compiled again"))
    assert loaded(folders) is edition
    assert unpack_edition(packed, digest) is unpacked


def test_other_content_is_another_edition(folders: Path) -> None:
    edition = loaded(folders)
    with (folders / "rules" / "roles.yaml").open("a") as stream:
        stream.write("# one more\n")
    assert loaded(folders).digest != edition.digest


def test_what_is_wrong_is_found_again(folders: Path) -> None:
    loaded(folders)
    (folders / "rules" / "roles.yaml").write_text("roles: 1\n")
    for _ in range(2):
        with pytest.raises(DefinitionError):
            loaded(folders)
    assert gc.isenabled()


def test_importing_brings_nothing_that_only_commands_and_ledgers_need() -> None:
    program = (
        "import sys, jiefen; jiefen.Engine; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert {"sqlalchemy", "SpiffWorkflow"} <= set(told.split())
    assert not {"typer", "rich", "openpyxl", "apscheduler", "alembic", "psycopg"} & set(told.split())


class TestMessages:
    def test_those_of_the_rulebook_are_the_ones_that_may_come(self, folders: Path) -> None:
        title = "title: {zh: 撤回, en: Withdrawn}, from: [party]"
        messages = f"messages:\n  party.withdrew: {{{title}}}\n  matter.urgent: {{{title}}}\n"
        (folders / "rules" / "messages.yaml").write_text(messages, encoding="utf-8")
        edition = loaded(folders)
        edition.require_message("party.withdrew")
        with pytest.raises(NotFound, match=r"'party\.withdraw'.*party\.withdrew"):
            edition.require_message("party.withdraw")
        (folders / "rules" / "messages.yaml").write_text(
            messages.replace("party.withdrew", "party.withdraw"), encoding="utf-8"
        )
        with pytest.raises(DefinitionError) as refused:
            loaded(folders)
        [finding] = refused.value.findings
        assert (finding.code, "party.withdraw" in finding.hint) == ("unknown-message", True)

    def test_a_rulebook_without_any_takes_those_of_its_models_and_facts(self, folders: Path) -> None:
        edition = loaded(folders)
        assert set(edition.messages) == {"party.withdrew", "matter.urgent"}
        with pytest.raises(NotFound, match=r"party\.withdrew"):
            edition.require_message("party.withdraw")
