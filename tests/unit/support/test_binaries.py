"""Where the PostgreSQL under test comes from, tried on folders that only look like installations."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.support import binaries
from tests.support.binaries import OLDEST, NoPostgres, find, provide


def _install(folder: Path, version: str = f"{OLDEST}.3", code: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for program in ("initdb", "postgres"):
        path = folder / program
        path.write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\nexit {code}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return folder


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is the whole PATH, on a machine without Debian's packages."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(binaries, "DEBIAN_FOLDER", tmp_path / "debian")
    return folder


def test_a_link_on_the_path_leads_to_the_folder_of_the_real_programs(on_path: Path, tmp_path: Path) -> None:
    real = _install(tmp_path / "opt" / "bin", "16.2")
    (on_path / "initdb").symlink_to(real / "initdb")

    found = find(tmp_path / "wheel")

    assert (found.folder, found.version) == (real, "16.2")
    assert "on the PATH" in found.origin


def test_the_newest_of_debians_versions_is_taken_by_number(on_path: Path, tmp_path: Path) -> None:
    for major in ("9", "14", "100", "16"):
        _install(tmp_path / "debian" / major / "bin", f"{major}.1")

    assert find(tmp_path / "wheel").version == "100.1"


def test_pg_config_names_a_folder_that_is_not_on_the_path(on_path: Path, tmp_path: Path) -> None:
    folder = _install(tmp_path / "elsewhere")
    pg_config = on_path / "pg_config"
    pg_config.write_text(f"#!/bin/sh\necho {folder}\n")
    pg_config.chmod(0o755)

    assert find(tmp_path / "wheel").folder == folder


@pytest.mark.parametrize(
    ("version", "code", "reason"),
    [
        (f"{OLDEST - 1}.9", 0, f"version {OLDEST - 1}.9, older than {OLDEST}"),
        ("16.1", 1, "postgres --version fails"),
        ("unknown", 0, "postgres --version fails"),
    ],
)
def test_programs_that_will_not_do_are_passed_over_and_named(
    on_path: Path, tmp_path: Path, version: str, code: int, reason: str
) -> None:
    _install(on_path, version, code)
    with pytest.raises(NoPostgres, match=reason) as refusal:
        find(tmp_path / "wheel")
    assert str(on_path) in str(refusal.value)

    wheel = _install(tmp_path / "wheel" / "some_package" / "pginstall" / "bin")
    found = find(tmp_path / "wheel")
    assert found.folder == wheel
    # A wheel keeps libraries beside its package, so only all of it can be moved.
    assert found.home == tmp_path / "wheel"


def test_a_client_without_the_server_is_not_a_server(on_path: Path, tmp_path: Path) -> None:
    _install(on_path)
    (on_path / "postgres").unlink()

    with pytest.raises(NoPostgres, match="no postgres that may be run"):
        find(tmp_path / "wheel")


def test_nothing_is_installed_when_a_server_is_there(
    on_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise AssertionError("must not install")

    monkeypatch.setattr(binaries, "INSTALLERS", (refuse,))
    _install(on_path)

    assert provide(tmp_path / "wheel").folder == on_path


def test_installers_are_tried_in_order_until_one_helps(
    on_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_folder: Path) -> None:
        raise NoPostgres("no packages today")

    def helps(folder: Path) -> None:
        _install(folder / "some_package" / "pginstall" / "bin")

    monkeypatch.setattr(binaries, "INSTALLERS", (fails, helps))
    assert "the wheel" in provide(tmp_path / "wheel").origin

    monkeypatch.setattr(binaries, "INSTALLERS", (fails,))
    with pytest.raises(NoPostgres, match="no packages today"):
        provide(tmp_path / "another")
