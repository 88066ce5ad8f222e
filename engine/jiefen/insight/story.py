"""Which case is worth telling, and its story."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jiefen.insight.figures import Records
from jiefen.insight.labels import Labels
from jiefen.insight.sheet import Beat, Story
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.values import Case
from jiefen.rules import Label
from jiefen.story.explain import Explanation

_LINE = re.compile(r"(?P<when>\d{4}-\d\d-\d\d) \d\d:\d\d {2}(?P<what>.*)")
# As jiefen.demo.workers numbers its people: what they do is told of their office.
_WORKER = re.compile(r"\b(?P<role>[a-z_]+)@(?:[0-9]+|county)")


def worth_telling(records: Records) -> Case | None:
    """The case that shows most: stages, joint mediation, rights, breaches; one that ended, and not a very long one."""
    return max(records.cases, key=lambda case: (_interest(case, records), -case.id), default=None)


def _interest(case: Case, records: Records) -> int:
    journal = records.journals[case.id]
    stages = [entry.subject for entry in journal if entry.kind is Happening.STAGE]
    milestones = {entry.subject for entry in journal if entry.kind is Happening.MILESTONE}
    deadlines = records.deadlines[case.id]
    points = 12 * len(set(stages)) + 3 * min(len(stages), 6)
    points += 15 * ("joint_mediation_held" in milestones)
    points += 8 * any(item.status is DeadlineStatus.EXPIRED and item.kind == "duty" for item in deadlines)
    points += 8 * any(item.status is DeadlineStatus.MET and item.kind == "right" for item in deadlines)
    points += 4 * any(item.provisional for item in deadlines)
    points += 10 * (case.status is CaseStatus.ENDED)
    return points - max(0, len(journal) - 150) // 10


def tell(explanation: Explanation, labels: Labels) -> Story:
    """The story of a case as a report shows it."""
    lines = explanation.text(labels.language).splitlines()
    beats, ending = _beats(
        _WORKER.sub(lambda worker: labels.role(worker["role"]), line) for line in lines[1:]
    )
    return Story(
        title=Label("一个案件的始末", "The story of one case"),
        heading=lines[0],
        lead=labels.say(
            "每一步怎样走、每个日期怎样来,都写明规则和条文。",
            "Every route and every date, with the rule and the article it comes from.",
        ),
        beats=beats,
        ending=ending,
    )


def _beats(lines: Iterable[str]) -> tuple[tuple[Beat, ...], tuple[str, ...]]:
    """Dated lines with the indented ones below them, the date only where it changes; and what comes after them."""
    beats: list[Beat] = []
    ending: list[str] = []
    day = ""
    for line in lines:
        match = _LINE.fullmatch(line)
        if match and not ending:
            same_day = match["when"] == day
            day = match["when"]
            beats.append(Beat("" if same_day else day, match["what"]))
        elif not ending and beats and line.startswith(" "):
            last = beats.pop()
            beats.append(Beat(last.when, last.what, (*last.reasons, line.strip())))
        elif line or ending:
            ending.append(line)
    return tuple(beats), tuple(ending)
