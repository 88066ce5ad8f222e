"""The file ``calendars/hours.yaml`` of a rulebook or of a layer: when offices are open."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Final

from jiefen.errors import RuleError
from jiefen.findings import Finding
from jiefen.notation.yaml import Document, load
from jiefen.periods.calendar import OfficeHours

#: Beside the yearly plans.
HOURS_FILE: Final = "hours.yaml"
_KEYS = {"open", "policy"}
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_HINT = "write for example open: ['08:30-12:00', '14:30-18:00']"


def load_hours(folder: Path) -> OfficeHours | None:
    """The office hours that a folder of calendars says; ``None`` when it says none.

    Raises:
        RuleError: with every finding, when the file is wrong.
    """
    hours, findings = read_hours(folder)
    if findings:
        raise RuleError(f"the office hours in {folder} cannot be used", findings)
    return hours


def read_hours(folder: Path) -> tuple[OfficeHours | None, list[Finding]]:
    """What :func:`load_hours` gives, with what is wrong instead of an error."""
    path = folder / HOURS_FILE
    if not path.exists():
        return None, []
    try:
        document = load(path)
    except RuleError as error:
        return None, list(error.findings)
    return _hours(document)


def _hours(document: Document) -> tuple[OfficeHours | None, list[Finding]]:
    data, findings = document.data, []

    def wrong(path: tuple[str | int, ...], message: str, hint: str = _HINT) -> None:
        findings.append(document.finding(path, "office-hours", message, hint))

    if not isinstance(data, dict):
        wrong((), "office hours are a mapping")
        return None, findings
    for key in data.keys() - _KEYS:
        wrong((key,), f"{key!r} is not part of office hours", f"write {', '.join(sorted(_KEYS))}")
    policy = data.get("policy")
    if not isinstance(policy, dict) or not all(isinstance(policy.get(name), str) for name in ("zh", "en")):
        hint = "say who has set these hours: policy: {zh: …, en: …}"
        wrong(("policy",), "the policy is missing, or not said in zh and en", hint)
    given = data.get("open")
    if not isinstance(given, list) or not given:
        wrong(("open",), "the hours are missing or no list")
        return None, findings
    spans: list[tuple[time, time]] = []
    for at, text in enumerate(given):
        read = _SPAN.fullmatch(text) if isinstance(text, str) else None
        if read is None:
            wrong(("open", at), f"{text!r} is no span of hours")
            continue
        hours = [int(part) for part in read.groups()]
        since, until = time(hours[0], hours[1]), time(hours[2], hours[3])
        if since >= until or (spans and since <= spans[-1][1]):
            wrong(("open", at), f"{text} does not follow what stands before it", "write them in order, apart")
        spans.append((since, until))
    return (None if findings else OfficeHours(tuple(spans))), findings
