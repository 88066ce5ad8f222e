"""``jiefen check``: any files and folders are answered for, with findings and never an exception."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from jiefen.bundled import bundled
from jiefen.cli.root import app
from jiefen.designer.check import check
from jiefen.findings import Finding, Severity, errors_in
from jiefen.rules import load_rulebook
from tests.integration.conftest import SMALL
from tests.support.chance import examples

ROOT = Path(__file__).parents[3]

KEYS = {"file", "line", "column", "element", "severity", "code", "message", "hint"}
PLAIN = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">
  <process id="{id}" isExecutable="true">
    <startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="{node}"/>{body}
    <sequenceFlow id="g" sourceRef="{node}" targetRef="e"/><endEvent id="e"/>
  </process>
</definitions>
"""
LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&c;</definitions>
"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE definitions [<!ENTITY secret SYSTEM "file:///etc/hostname">]>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&secret;</definitions>
"""
YAML_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)

#: What somebody may hand in, what is said of it, and how bad it is.
BAD = {
    "empty.bpmn": (b"", "empty-file", Severity.ERROR),
    "blank.bpmn": (b" \n\n", "empty-file", Severity.ERROR),
    "broken.bpmn": (b"<definitions><process>", None, Severity.ERROR),
    "binary.bpmn": (bytes(range(256)) * 4, None, Severity.ERROR),
    "zip.bpmn": (b"PK\x03\x04" + bytes(60), None, Severity.ERROR),
    "text.bpmn": ("这不是模型".encode(), None, Severity.ERROR),
    "gbk.bpmn": (
        "<?xml version='1.0' encoding='utf-8'?><a>信访</a>".encode("gbk"),
        "encoding",
        Severity.ERROR,
    ),
    "html.bpmn": (b"<!DOCTYPE html><html><body/></html>", "doctype", Severity.ERROR),
    "laughs.bpmn": (LAUGHS.encode(), "doctype", Severity.ERROR),
    "outside.bpmn": (OUTSIDE.encode(), "doctype", Severity.ERROR),
    "other.xml": (b"<project/>", None, Severity.ERROR),
    "empty.yaml": (b"", "empty-file", Severity.ERROR),
    "tabs.yaml": (b"a:\n\t- 1\n", None, Severity.ERROR),
    "twice.yaml": (b"a: 1\na: 2\n", None, Severity.ERROR),
    "trap.yml": (b"active: yes\n", None, Severity.ERROR),
    "day.yaml": (b"from: 2026-02-30\n", None, Severity.ERROR),
    "laughs.yaml": (YAML_LAUGHS.encode(), None, Severity.ERROR),
    "gbk.yaml": ("title: 信访".encode("gbk"), "yaml-encoding", Severity.ERROR),
    "binary.yaml": (bytes(range(256)), None, Severity.ERROR),
    "loose.yaml": (b"services: {web: {image: nginx}}\n", "no-rulebook", Severity.NOTE),
    "rules.yaml": (b"tables: {}\n", "no-rulebook", Severity.WARNING),
    "list.yaml": (b"- 1\n", "no-rulebook", Severity.NOTE),
    "people.yaml": (b"units: {140429: {title: {zh: a, en: a}}}\nposts: []\n", "wrong-type", Severity.ERROR),
    "posts.yaml": (b"posts: []\n", "missing-key", Severity.ERROR),
    "table.dmn": (b"<definitions/>", "wrong-extension", Severity.ERROR),
    "model.txt": (b"<definitions/>", "wrong-extension", Severity.ERROR),
    "noextension": (b"a: 1\n", "wrong-extension", Severity.ERROR),
}


def model(id: str = "p", node: str = "t", body: str = '<userTask id="t" name="t"/>') -> str:
    return PLAIN.format(id=id, node=node, body=body)


def said(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(Path(finding.file).name, finding.code) for finding in findings}


def run(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and findings of ``jiefen check --json``."""
    result = CliRunner().invoke(app, ["check", "--json", *map(str, arguments)])
    assert result.stderr == ""
    return result.exit_code, json.loads(result.stdout)


class TestEveryFileIsAnsweredFor:
    @pytest.mark.parametrize("name", BAD)
    def test_one_bad_file(self, tmp_path: Path, name: str) -> None:
        content, code, severity = BAD[name]
        (tmp_path / name).write_bytes(content)
        report = check([tmp_path / name], rules=SMALL / "rules")
        assert report.files == (str(tmp_path / name),)
        assert report.clean == ()
        assert {finding.file for finding in report.findings} == {str(tmp_path / name)}
        assert severity in {finding.severity for finding in report.findings}
        assert code is None or code in {finding.code for finding in report.findings}
        for finding in report.findings:
            assert finding.message
            assert finding.hint

    def test_all_of_them_at_once_in_the_order_given(self, tmp_path: Path) -> None:
        for name, (content, _, _) in BAD.items():
            (tmp_path / name).write_bytes(content)
        names = [str(tmp_path / name) for name in BAD]
        report = check([*names, tmp_path / "missing.bpmn"])
        assert report.files == (*names, str(tmp_path / "missing.bpmn"))
        assert report.clean == ()
        order = [report.files.index(finding.file) for finding in report.findings]
        assert order == sorted(order)

    def test_what_cannot_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "away.bpmn").symlink_to(tmp_path / "nowhere")
        (tmp_path / "loop.bpmn").symlink_to(tmp_path / "loop.bpmn")
        os.mkfifo(tmp_path / "pipe.bpmn")
        (tmp_path / "folder.bpmn").mkdir()
        names = [str(tmp_path / name) for name in ("away.bpmn", "loop.bpmn", "pipe.bpmn", "folder.bpmn")]
        report = check([*names, "/dev/zero", "nul\0byte.bpmn", "x" * 5000 + ".bpmn"])
        assert [finding.code for finding in report.findings] == [
            "missing-file", "unreadable-file", "not-a-file", "empty-folder", "not-a-file", "unreadable-file",
            "unreadable-file",
        ]  # fmt: skip

    def test_a_folder_answers_for_what_is_in_it(self, tmp_path: Path) -> None:
        (tmp_path / "deep" / "er").mkdir(parents=True)
        (tmp_path / "deep" / "er" / "a.bpmn").write_text("")
        (tmp_path / "deep" / "b.YAML").write_text("a: 1\n")
        (tmp_path / "readme.md").write_text("not ours")
        for hidden in (".git", "node_modules"):
            (tmp_path / hidden).mkdir()
            (tmp_path / hidden / "c.bpmn").write_text("")
        report = check([tmp_path])
        assert [Path(name).name for name in report.files] == ["b.YAML", "a.bpmn"]
        assert said(report.findings) == {("b.YAML", "no-rulebook"), ("a.bpmn", "empty-file")}

    def test_an_empty_folder_is_a_mistake(self, tmp_path: Path) -> None:
        assert [finding.code for finding in errors_in(check([tmp_path]).findings)] == ["empty-folder"]

    def test_a_file_named_twice_is_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "a.bpmn").write_text("")
        assert check(["a.bpmn", tmp_path / "a.bpmn", "."]).files == ("a.bpmn",)

    def test_a_name_that_is_no_text(self, tmp_path: Path) -> None:
        name = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xd0\xc5.bpmn")
        Path(name).write_bytes(b"")
        code, findings = run(name)
        assert (code, findings[0]["code"]) == (1, "empty-file")
        assert findings[0]["file"].endswith(r"\xd0\xc5.bpmn")

    @given(data=st.data())
    @settings(examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_no_bytes_raise_anything(self, tmp_path: Path, data: st.DataObject) -> None:
        whole = (SMALL / "processes" / "claim.bpmn").read_bytes()
        start = data.draw(st.integers(0, len(whole)))
        content = (
            whole[:start]
            + data.draw(st.binary(max_size=20))
            + whole[data.draw(st.integers(start, len(whole))) :]
        )
        for name in ("fuzzed.bpmn", "fuzzed.yaml"):
            (tmp_path / name).write_bytes(content)
        report = check([tmp_path / "fuzzed.bpmn", tmp_path / "fuzzed.yaml"], rules=SMALL / "rules")
        assert len(report.files) == 2

    def test_a_checker_that_breaks_is_a_finding_about_the_file_it_broke_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from jiefen.process import check as real

        def fragile(sources: Any, names: Any) -> list[Finding]:
            if any(source.path.endswith("bad.bpmn") for source in sources):
                raise KeyError("x")
            return real(sources, names)

        monkeypatch.setattr("jiefen.designer.check.check_models", fragile)
        (tmp_path / "bad.bpmn").write_text(model("bad"))
        (tmp_path / "empty.bpmn").write_text("")
        report = check([tmp_path])
        assert said(report.findings) == {("bad.bpmn", "checker-failed"), ("empty.bpmn", "empty-file")}


class TestModels:
    def test_the_bundled_edition_is_clean(self) -> None:
        report = check()
        assert errors_in(report.findings) == []
        assert len(report.files) > 20

    def test_each_bundled_model_is_clean_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("jiefen.designer.check.load_rulebook", cache(load_rulebook))
        for path in sorted(bundled("processes").glob("*.bpmn")):
            assert errors_in(check([path]).findings) == [], path.name

    def test_a_model_is_checked_against_the_named_rulebook(self, tmp_path: Path) -> None:
        file = tmp_path / "p.bpmn"
        camunda = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
        body = f'<userTask id="t" name="t" {camunda} camunda:candidateGroups="{{}}"/>'
        file.write_text(model(body=body.format("clerk")))
        assert check([file], rules=SMALL / "rules").findings == ()
        file.write_text(model(body=body.format("clark")))
        [finding] = errors_in(check([file], rules=SMALL / "rules").findings)
        assert finding.element == "t"
        assert "clerk" in finding.hint

    def test_a_rulebook_among_the_paths_is_the_named_one(self) -> None:
        assert errors_in(check([SMALL]).findings) == []

    def test_models_are_seen_together_with_those_beside_them(self, tmp_path: Path) -> None:
        call = '<callActivity id="t" name="t" calledElement="below"/>'
        (tmp_path / "above.bpmn").write_text(model("above", body=call))
        [alone] = errors_in(check([tmp_path / "above.bpmn"], rules=SMALL / "rules").findings)
        assert alone.element == "t"
        (tmp_path / "below.bpmn").write_text(model("below", "m", '<manualTask id="m" name="m"/>'))
        assert errors_in(check([tmp_path / "above.bpmn"], rules=SMALL / "rules").findings) == []

    def test_a_broken_neighbour_is_not_this_models_fault(self, tmp_path: Path) -> None:
        shutil.copy(SMALL / "processes" / "claim.bpmn", tmp_path)
        (tmp_path / "broken.bpmn").write_text("<")
        (tmp_path / "copy.bpmn").write_text((tmp_path / "claim.bpmn").read_text())
        assert check([tmp_path / "claim.bpmn"], rules=SMALL / "rules").findings == ()
        assert ("broken.bpmn", "checker-failed") not in said(
            check([tmp_path], rules=SMALL / "rules").findings
        )

    def test_a_broken_rulebook_is_said_once_and_models_are_checked_all_the_same(self, tmp_path: Path) -> None:
        shutil.copytree(SMALL, tmp_path / "small")
        (tmp_path / "small" / "rules" / "facts.yaml").write_text("facts: [\n")
        findings = check([tmp_path / "small" / "processes"], rules=tmp_path / "small" / "rules").findings
        assert [(finding.code, finding.severity) for finding in findings] == [
            ("names-unchecked", Severity.WARNING)
        ]


class TestRules:
    @pytest.fixture
    def rules(self, tmp_path: Path) -> Path:
        shutil.copytree(SMALL / "rules", tmp_path / "rules")
        return tmp_path / "rules"

    def test_a_file_is_checked_as_part_of_its_rulebook(
        self, rules: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(rules / "nation")
        assert check(["small.yaml"]).findings == ()
        text = Path("small.yaml").read_text(encoding="utf-8")
        Path("small.yaml").write_text(text.replace("amount: '> 50000'", "amout: '> 50000'"), encoding="utf-8")
        [finding] = errors_in(check(["small.yaml"]).findings)
        assert finding.file == "small.yaml"
        assert finding.line == text[: text.index("'> 50000'")].count("\n") + 1

    def test_what_is_wrong_in_another_file_is_not_said_of_this_one(self, rules: Path) -> None:
        (rules / "nation" / "other.yaml").write_text("tables: [\n")
        assert check([rules / "nation" / "small.yaml"]).findings == ()
        assert {name for name, _ in said(check([rules]).findings)} == {"other.yaml"}

    def test_a_finding_about_a_folder_is_kept(self, rules: Path) -> None:
        (rules / "atlantis").mkdir()
        (rules / "atlantis" / "a.yaml").write_text("tables: {}\n")
        assert errors_in(check([rules]).findings)

    def test_an_empty_file_in_a_rulebook(self, rules: Path) -> None:
        (rules / "nation" / "later.yaml").write_text("")
        assert said(check([rules]).findings) == {("later.yaml", "empty-file")}
        assert errors_in(check([rules]).findings) == []

    def test_calendars_are_checked_too(self, rules: Path) -> None:
        shutil.copytree(bundled("rules") / "calendars", rules / "calendars")
        assert check([rules]).findings == ()
        (rules / "calendars" / "2026.yaml").write_text("year: 2025\nrevision: 1\npapers: []\nholidays: []\n")
        assert {name for name, _ in said(check([rules]).findings)} == {"2026.yaml"}

    def test_calendars_of_an_area_are_checked_too(self, rules: Path) -> None:
        shutil.copytree(bundled("rules") / "calendars", rules / "calendars")
        (rules / "65" / "calendars").mkdir(parents=True)
        (rules / "65" / "calendars" / "2026.yaml").write_text("year: soon\n")
        assert {name for name, _ in said(check([rules]).findings)} == {"2026.yaml"}


class TestCommand:
    def test_json_has_exactly_these_keys(self, tmp_path: Path) -> None:
        (tmp_path / "a.bpmn").write_text("")
        code, findings = run(tmp_path / "a.bpmn")
        assert code == 1
        assert [set(finding) for finding in findings] == [KEYS]
        assert findings[0]["file"] == str(tmp_path / "a.bpmn")

    def test_clean_is_an_empty_list_and_0(self) -> None:
        assert run(SMALL / "processes", SMALL / "rules") == (0, [])

    def test_a_warning_alone_is_0(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text("tables: {}\n")
        code, findings = run(tmp_path / "a.yaml")
        assert (code, [finding["severity"] for finding in findings]) == (0, ["warning"])

    def test_for_people(self, tmp_path: Path) -> None:
        shutil.copy(SMALL / "processes" / "claim.bpmn", tmp_path / "good.bpmn")
        (tmp_path / "bad.bpmn").write_text("")
        arguments = ["check", str(tmp_path), "--rules", str(SMALL / "rules"), "--lang"]
        result = CliRunner().invoke(app, [*arguments, "zh"])
        assert result.exit_code == 1
        assert result.stdout.splitlines()[-1] == "检查了 2 个文件,1 个没有问题;错误 1 处,警告 0 处,提示 0 处"
        assert (
            CliRunner().invoke(app, [*arguments, "en"]).stdout.splitlines()[-1].startswith("2 files checked")
        )

    def test_without_paths_it_checks_the_edition_in_use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JIEFEN_PROCESSES", str(SMALL / "processes"))
        monkeypatch.setenv("JIEFEN_RULES", str(SMALL / "rules"))
        result = CliRunner().invoke(app, ["check", "--lang", "en"])
        files = [*SMALL.glob("processes/*.bpmn"), *SMALL.glob("rules/**/*.yaml")]
        assert result.stdout.startswith(f"{len(files)} files checked")
        assert run() == (0, [])

    def test_the_program_itself(self, tmp_path: Path) -> None:
        (tmp_path / "laughs.bpmn").write_text(LAUGHS)
        command = [sys.executable, "-m", "jiefen.cli", "check", "--json", "laughs.bpmn", "missing.yaml"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (1, b"")
        assert [finding["code"] for finding in json.loads(done.stdout)] == ["doctype", "missing-file"]


class TestADirectory:
    """Recognised by its sections and checked against the roles of the rulebook, wherever it lies."""

    def test_the_example_is_clean(self) -> None:
        path = ROOT / "examples" / "directory.yaml"
        report = check([path])
        assert report.clean == (str(path),)

    def test_its_roles_are_those_of_the_rulebook(self, tmp_path: Path) -> None:
        path = tmp_path / "people.yaml"
        text = (ROOT / "examples" / "directory.yaml").read_text(encoding="utf-8")
        path.write_text(text.replace("role: court_head", "role: cort_head"), encoding="utf-8")
        assert said(check([path]).findings) == {("people.yaml", "unknown-role")}
        found = check([path], rules=SMALL / "rules").findings
        assert len(found) > 10
        assert {one.file for one in found} == {str(path)}
