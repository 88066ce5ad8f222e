"""Every kind of rule that can be declared is acted on by somebody, or proved."""

from __future__ import annotations

from pathlib import Path

from jiefen.designer.executors import EXECUTORS
from jiefen.rules import Kind, check_rulebook


def test_every_kind_has_an_executor() -> None:
    assert set(EXECUTORS) | {Kind.GUARD} == set(Kind)
    assert all(callable(executor) for executor in EXECUTORS.values())


def test_a_kind_that_nobody_acts_on_is_told(tmp_path: Path) -> None:
    (tmp_path / "nation").mkdir()
    (tmp_path / "facts.yaml").write_text("facts: {}\n")
    (tmp_path / "roles.yaml").write_text("roles: {clerk: {title: {zh: 经办, en: Clerk}, level: township}}\n")
    rule = "because: {policy: {zh: 无, en: none}}, from: 2026-01-01, owner: x, confidence: policy"
    when = "schedule: {every: month, days: [15]}, holiday: keep, role: clerk"
    routine = f"title: {{zh: 例会, en: Meeting}}, {when}, {rule}"
    (tmp_path / "nation" / "routines.yaml").write_text(f"routines:\n  meeting: {{{routine}}}\n")
    assert check_rulebook(tmp_path, EXECUTORS.keys()) == []
    [finding] = check_rulebook(tmp_path, EXECUTORS.keys() - {Kind.ROUTINE})
    assert (finding.code, finding.element) == ("no-executor", "meeting")
