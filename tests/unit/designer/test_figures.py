"""A figure that names a process which no model has is told of."""

from __future__ import annotations

import shutil
from pathlib import Path

from jiefen.designer.check import check
from tests.integration.conftest import SMALL


def test_a_figure_of_no_process_is_told(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "small")
    path = tmp_path / "small" / "rules" / "nation" / "figures.yaml"
    folders = [tmp_path / "small" / "processes", tmp_path / "small" / "rules"]
    assert "figure-process" not in {finding.code for finding in check(folders).findings}
    path.write_text(path.read_text("utf-8").replace("process: claim", "process: claims"), "utf-8")
    [found] = [finding for finding in check(folders).findings if finding.code == "figure-process"]
    assert "claims" in found.message
    assert "claim" in found.hint
    assert found.element == "claim.every_measure"
