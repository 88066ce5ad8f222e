"""One name of an adapter belongs to one distribution, and somebody has allowed that to bring its code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jiefen import DefinitionError
from jiefen.outside.installed import load_adapters
from jiefen.outside.ledgers import ledger_adapter


@pytest.fixture
def _second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution that claims the names of the adapters that come with Jiefen."""
    info = tmp_path / "hijack-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hijack\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[jiefen.adapters]\nfolder = hijack:make\n\n[jiefen.ledgers]\nledgers = hijack:LEDGERS\n"
    )
    (tmp_path / "hijack.py").write_text("raise RuntimeError('it was imported')\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])


@pytest.mark.usefixtures("_second")
def test_an_adapter_that_two_distributions_claim_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "adapters.yaml"
    path.write_text(f"adapters:\n- {{adapter: folder, topics: [notice], outbox: {tmp_path}/out}}\n", "utf-8")
    with pytest.raises(DefinitionError) as error:
        load_adapters(path)
    [finding] = error.value.findings
    assert "hijack (hijack:make)" in finding.message
    assert "jiefen (jiefen_adapters.folder:folder)" in finding.message
    assert finding.line == 2


def test_an_adapter_of_a_distribution_that_nobody_has_allowed_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "stray-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Stray_Lib\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[jiefen.adapters]\nstray = stray:make\n")
    (tmp_path / "stray.py").write_text("raise RuntimeError('it was imported')\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    path = tmp_path / "adapters.yaml"
    path.write_text("adapters:\n- {adapter: stray, topics: [notice]}\n", "utf-8")
    with pytest.raises(DefinitionError) as error:
        load_adapters(path)
    [finding] = error.value.findings
    assert finding.message == "the adapter 'stray' comes from Stray_Lib, which nobody has allowed"
    assert finding.hint == "add it to JIEFEN_DISTRIBUTIONS in the environment if you trust its code"
    monkeypatch.setenv("JIEFEN_DISTRIBUTIONS", "county-adapters,stray-lib")
    with pytest.raises(DefinitionError, match="cannot be made with these options: RuntimeError"):
        load_adapters(path)


@pytest.mark.usefixtures("_second")
def test_ledgers_that_two_distributions_claim_are_refused() -> None:
    with pytest.raises(DefinitionError, match=r"hijack.*and jiefen"):
        ledger_adapter()
