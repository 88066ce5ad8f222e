"""YAML that two readers could read in two ways is refused with its place; the rest is read as YAML 1.2 says.

Everything is tried with both of PyYAML's parsers: which one is there depends on how PyYAML was built.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiefen import RuleError
from jiefen.notation import yaml as strict_yaml
from jiefen.notation.yaml import load, load_text


@pytest.fixture(autouse=True, params=["libyaml", "python"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader) if request.param == "libyaml" else yaml.SafeLoader
    monkeypatch.setattr(strict_yaml, "_Loader", loader)


def laughs() -> str:
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a:\n\tb: 1", "yaml-tab", (2, 1)),
        ("x: [1,\n\t2]", "yaml-tab", (2, 1)),
        ("a: 1\nb: 2\na: 3", "yaml-duplicate-key", (3, 1)),
        ("a: yes", "yaml-boolean", (1, 4)),
        ("a: Off", "yaml-boolean", (1, 4)),
        ("on: 1", "yaml-boolean", (1, 1)),
        ("a: 2026-02-30", "yaml-date", (1, 4)),
        ("a: 2026-13-01", "yaml-date", (1, 4)),
        ("a: 007", "yaml-number", (1, 4)),
        ("a: *b", "yaml-alias", (1, 4)),
        ("a: &a [*a]", "yaml-alias", (1, 8)),
        (laughs(), "yaml-alias", None),
        ("<<: 3", "yaml-merge", None),
        ("a: 1\n---\nb: 2", "yaml-documents", None),
        ("a: !!python/object:os.system x", "yaml-tag", (1, 4)),
        ("[a]: 1", "yaml-key", (1, 1)),
        ("a: {", "yaml-syntax", None),
        ("a: 1\n# \u202eb", "yaml-hidden", (2, 3)),
        ("a: 1\nb\u200b: 2", "yaml-hidden", (2, 2)),
        ("a: paid\u2060", "yaml-hidden", (1, 8)),
        ("a: \u2066b", "yaml-hidden", (1, 4)),
        ("a: \ud800", "yaml-syntax", (1, 4)),
        ("a: 1\n[!,\ud800g", "yaml-syntax", (2, 4)),
        ('a: "\\ud800"', "yaml-syntax", None),
        ("a: " + "9" * 5_000, "yaml-number", (1, 4)),
        ("a: 'x", "yaml-syntax", None),
        ("a: 1\n b: 2", "yaml-syntax", None),
        ("[" * 100_000, "yaml-too-deep", None),
    ],
)
def test_a_trap_is_refused_where_it_stands(text: str, code: str, place: tuple[int, int] | None) -> None:
    with pytest.raises(RuleError) as error:
        load_text(text, "rules.yaml")
    [finding] = error.value.findings
    assert finding.code == code
    assert finding.file == "rules.yaml"
    assert finding.line is not None
    assert finding.hint
    if place is not None:
        assert (finding.line, finding.column) == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: true", True),
        ("a: ~", None),
        ("a: 12", 12),
        ("a: 1.50", Decimal("1.50")),
        ("a: 2026-03-01", date(2026, 3, 1)),
        ("a: 08:30", "08:30"),
        ("a: 'yes'", "yes"),
        ("a: 五个工作日", "五个工作日"),
        ("\ufeffa: 1", 1),
        ("a: &x [1, 2]", [1, 2]),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = load_text(text, "f").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_merge_keys_and_anchors_work() -> None:
    data = load_text("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\nc: *x", "f").data
    assert data == {"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}, "c": {"k": 1, "l": 2}}


def test_every_part_knows_where_it_stands() -> None:
    document = load_text("a:\n  - x: 1\n    y: [2, 3]\n", "f")
    assert document.position(("a", 0, "y")) == (3, 5)
    assert document.position(("a", 0, "y", 1)) == (3, 12)
    assert document.position(("a", 0, "missing")) == document.position(("a", 0))


class TestFiles:
    def test_a_big_file_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "big.yaml"
        path.write_text("a: " + "x" * 10_000_000, encoding="utf-8")
        with pytest.raises(RuleError, match="larger than"):
            load(path)

    @pytest.mark.parametrize(
        ("raw", "code"), [("名: 值".encode("gbk"), "yaml-encoding"), (b"a: \xff", "yaml-encoding")]
    )
    def test_another_encoding_is_named(self, tmp_path: Path, raw: bytes, code: str) -> None:
        path = tmp_path / "gbk.yaml"
        path.write_bytes(b"ok: 1\n" + raw)
        with pytest.raises(RuleError) as error:
            load(path)
        assert (error.value.findings[0].code, error.value.findings[0].line) == (code, 2)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match="cannot be read"):
            load(tmp_path / "no.yaml")


# A fixture of the function cannot follow Hypothesis: both parsers are tried inside.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for loader in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        before, strict_yaml._Loader = strict_yaml._Loader, loader
        try:
            with suppress(RuleError):
                load_text(text, "f")
        finally:
            strict_yaml._Loader = before
