"""Findings on the screen and as JSON: ``check`` and ``rules check`` say them alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import typer

from jiefen.cli.frame.options import Language
from jiefen.cli.frame.output import Words, pick, say, show_json
from jiefen.cli.frame.program import ExitCode
from jiefen.findings import Finding, Severity, errors_in

_KEYS = ("file", "line", "column", "element", "severity", "code", "message", "hint")
_CLEAN: Words = ("检查了 {n} 个文件,没有问题", "{n} {files} checked, nothing is wrong")
_SUMMARY: Words = (
    "检查了 {n} 个文件,{clean} 个没有问题;错误 {error} 处,警告 {warning} 处,提示 {note} 处",
    "{n} {files} checked, {clean} of them clean; errors: {error}, warnings: {warning}, notes: {note}",
)


def show_findings(
    findings: Sequence[Finding], files: Sequence[str], language: Language, *, json: bool
) -> None:
    """Print findings; the command ends with 1 when one of them is an error.

    Args:
        files: every file that was looked at, so that the clean ones are answered for too.
    """
    if json:
        show_json([{key: getattr(finding, key) for key in _KEYS} for finding in findings])
    else:
        for finding in findings:
            say(str(finding))
        counts = Counter(finding.severity for finding in findings)
        clean = len(set(files) - {finding.file for finding in findings})
        numbers = {str(severity): counts[severity] for severity in Severity}
        words = pick(_SUMMARY if findings else _CLEAN, language)
        noun = "file" if len(files) == 1 else "files"
        say(words.format(n=len(files), files=noun, clean=clean, **numbers))
    if errors_in(findings):
        raise typer.Exit(ExitCode.REFUSED)
