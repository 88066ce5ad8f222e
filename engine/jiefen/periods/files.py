"""Calendar files: one small YAML file per year, and the import of a new year or a revision."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from jiefen.bundled import bundled
from jiefen.errors import RuleError
from jiefen.findings import Finding
from jiefen.notation.files import UnusableFile, read_plain
from jiefen.notation.yaml import Document, load, load_text
from jiefen.periods.calendar import Calendar, Holiday, Plan, with_local
from jiefen.periods.office import HOURS_FILE, read_hours

#: The plan of a year is a few kB.
MAX_IMPORT: Final = 1_000_000

_DAY = timedelta(days=1)
_YEARS = range(1949, 2201)
_KEYS = {"year", "revision", "papers", "holidays"}
_HOLIDAY_KEYS = {"name", "days_off", "makeup"}
_Path = tuple[str | int, ...]
#: What YAML reads as text without quotes: Chinese words, and addresses.
_PLAIN = re.compile(r"[\u4e00-\u9fff][\w、·]*|https?://[\w./?=&%~-]+")
_YEAR = re.compile(r"[0-9]{4}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def load_calendar(folder: Path, overlay: Path | None = None) -> Calendar:
    """The calendar of the files ``<year>.yaml`` in ``folder``, with those of ``overlay`` over it.

    Raises:
        RuleError: with every finding, when a file is wrong or a year is missing in between.
    """
    plans, local, findings = _check(folder, overlay)
    if findings:
        raise RuleError(f"the calendars in {folder} cannot be used", findings)
    calendar = Calendar(tuple(sorted(plans, key=lambda plan: plan.year)))
    extra = [holiday for plan in local for holiday in plan.holidays]
    return with_local(calendar, extra) if extra else calendar


def check_calendars(folder: Path, overlay: Path | None = None) -> list[Finding]:
    """What is wrong with the calendar files of a folder, the office hours among them."""
    return [*_check(folder, overlay)[2], *read_hours(overlay or folder)[1]]


def calendars() -> Calendar:
    """The calendar that comes with Jiefen."""
    return load_calendar(bundled("rules") / "calendars")


def import_year(source: Path, folder: Path) -> Path:
    """Write the plan of a year, or a revision of one, into ``folder`` from a JSON file.

    ``source`` holds ``{"year", "papers", "days": [{"name", "date", "isOffDay"}]}``. Importing what is there
    already changes nothing; other content becomes the next revision. A file of the year that cannot be read is
    replaced.

    Raises:
        RuleError: when ``source`` is not such a file, lists no days, or could not be loaded beside the other years,
            or ``folder`` cannot be written to; nothing is changed then.
    """
    plan = _from_json(source)
    if not folder.is_dir():
        # Not made here: a folder with this year alone would put all the others out of force.
        hint = "copy the folder rules/calendars of Jiefen there, or name the one that holds the other years"
        message = f"the folder {folder} of the other years does not exist"
        raise _refused(source, _finding(folder, "calendar-import", message, hint))
    target = folder / f"{plan.year}.yaml"
    known = _known(target)
    if known is not None:
        if sorted(map(_days_of, known.holidays)) == sorted(map(_days_of, plan.holidays)):
            return target
        plan = replace(plan, revision=known.revision + 1)
    text = render(plan)
    _check_beside(plan, text, target, source)
    temporary = target.with_suffix(".yaml.new")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        message = f"{target} cannot be written: {error.strerror}"
        raise _refused(
            source, _finding(target, "calendar-import", message, "make room, or name another folder")
        ) from error
    return target


def _refused(source: Path, *findings: Finding) -> RuleError:
    return RuleError(f"{source} cannot be imported", findings)


def _known(target: Path) -> Plan | None:
    try:
        found = _plan(load(target)) if target.exists() else None
    except RuleError:
        return None
    return found if isinstance(found, Plan) else None


def _check_beside(plan: Plan, text: str, target: Path, source: Path) -> None:
    """Refuse a plan that is not read back as it is, or leaves a year out between itself and those that are there."""
    try:
        read = _plan(load_text(text, target))
    except RuleError as error:
        read = list(error.findings)
    # The lines are those of a file that is not written.
    findings = (
        []
        if isinstance(read, Plan)
        else [replace(one, file=str(source), line=None, column=None) for one in read]
    )
    if isinstance(read, Plan) and read != plan:
        message = "a name or a paper holds a character that no YAML file keeps"
        findings.append(_finding(source, "calendar-import", message, "write it without control characters"))
    year = int(target.stem)
    years = {int(path.stem) for path in target.parent.glob("*.yaml") if _YEAR.fullmatch(path.stem)} - {year}
    if years and not {year - 1, year + 1} & years:
        missing = year - 1 if year > max(years) else year + 1
        message = f"the year {missing} is missing between this plan and those in {target.parent}"
        hint = f"import the plan of {missing} first"
        findings.append(_finding(source, "calendar-gap", message, hint))
    if findings:
        raise _refused(source, *findings)


def render(plan: Plan) -> str:
    """A plan as its YAML file."""
    lines = [
        f"# {plan.year}年节假日安排: days off and weekend days that are worked (make-up days).",
        f"year: {plan.year}",
        f"revision: {plan.revision}",
        "papers:",
        *(f"  - {_quoted(paper)}" for paper in plan.papers),
        "holidays:",
    ]
    for holiday in plan.holidays:
        worked = f", makeup: [{', '.join(map(str, holiday.worked))}]" if holiday.worked else ""
        lines.append(
            f"  - {{name: {_quoted(holiday.name)}, days_off: [{', '.join(_runs(holiday.off))}]{worked}}}"
        )
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text as YAML reads it back; quoted only where it could be read as something else."""
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS_OF_YAML
    return text if plain else json.dumps(text, ensure_ascii=False)


def _check(folder: Path, overlay: Path | None) -> tuple[list[Plan], list[Plan], list[Finding]]:
    plans, findings = _read(folder)
    local, more = _read(overlay) if overlay is not None else ([], [])
    findings += more
    years = [plan.year for plan in plans]
    if not years and not findings:
        findings.append(_finding(folder, "calendar-empty", "there is no <year>.yaml", "import a year first"))
    for year in sorted(set(range(min(years, default=0), max(years, default=0))) - set(years)):
        hint = f"import the plan of {year}"
        findings.append(_finding(folder, "calendar-gap", f"the year {year} is missing", hint))
    return plans, local, findings


def _read(folder: Path) -> tuple[list[Plan], list[Finding]]:
    plans: list[Plan] = []
    findings: list[Finding] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == HOURS_FILE:
            continue
        try:
            plan = _plan(load(path))
        except RuleError as error:
            findings += error.findings
            continue
        if isinstance(plan, Plan):
            if path.stem != str(plan.year):
                hint = f"rename it to {plan.year}.yaml, or correct the year"
                findings.append(_finding(path, "calendar-year", f"the file is of the year {plan.year}", hint))
            plans.append(plan)
        else:
            findings += plan
    return plans, findings


def _plan(document: Document) -> Plan | list[Finding]:
    findings: list[Finding] = []

    def wrong(path: _Path, message: str, hint: str) -> None:
        findings.append(document.finding(path, "calendar-format", message, hint))

    data = document.data
    if not isinstance(data, dict):
        wrong((), "a calendar file is a mapping", "write year, revision, papers and holidays")
        return findings
    for key in data.keys() - _KEYS:
        wrong((key,), f"{key!r} is not part of a calendar file", f"write {', '.join(sorted(_KEYS))}")
    year, revision = data.get("year"), data.get("revision")
    if type(year) is not int or year not in _YEARS:
        wrong(("year",), "the year is missing or no year", "write for example year: 2027")
        return findings
    if type(revision) is not int or revision < 1:
        wrong(("revision",), "the revision is missing or not 1 or more", "write revision: 1")
    papers = data.get("papers")
    if not papers or not _texts(papers):
        wrong(("papers",), "the papers are missing", "list the addresses of the State Council papers")
    holidays = data.get("holidays")
    if not isinstance(holidays, list) or not holidays:
        wrong(("holidays",), "the holidays are missing", "list each with name, days_off and makeup")
        holidays = []
    read = [_holiday(item, ("holidays", at), year, wrong) for at, item in enumerate(holidays)]
    seen: dict[date, str] = {}
    for at, holiday in enumerate(read):
        for day in (*holiday.off, *holiday.worked):
            if day in seen:
                wrong(
                    ("holidays", at),
                    f"{day} stands twice, for {seen[day]} and {holiday.name}",
                    "leave one out",
                )
            seen[day] = holiday.name
    if findings:
        return findings
    assert isinstance(revision, int)
    assert isinstance(papers, list)
    return Plan(year=year, revision=revision, papers=tuple(papers), holidays=tuple(read))


def _holiday(item: Any, path: _Path, year: int, wrong: Any) -> Holiday:
    if not isinstance(item, dict) or not _texts([item.get("name")]):
        wrong(path, "a holiday needs a name", "write {name: 元旦, days_off: [2027-01-01]}")
        return Holiday("", ())
    for key in item.keys() - _HOLIDAY_KEYS:
        wrong((*path, key), f"{key!r} is not part of a holiday", "write name, days_off and makeup")
    if not item.get("days_off") and not item.get("makeup"):
        wrong(path, f"{item['name']} has no day", "write its days_off, or leave it out")
    off = tuple(_days(item.get("days_off", []), (*path, "days_off"), year, wrong))
    worked = tuple(_days(item.get("makeup", []), (*path, "makeup"), year, wrong))
    return Holiday(item["name"], off, worked)


def _days(items: Any, path: _Path, year: int, wrong: Any) -> Iterable[date]:
    if not isinstance(items, list):
        wrong(path, "the days are no list", "write [2027-01-01, {from: 2027-02-05, to: 2027-02-13}]")
        return
    for at, item in enumerate(items):
        run = isinstance(item, dict) and item.keys() == {"from", "to"}
        start, end = (item["from"], item["to"]) if run else (item, item)
        if not isinstance(start, date) or not isinstance(end, date) or not 0 <= (end - start).days <= 30:
            wrong(
                (*path, at),
                "this is no day and no run of at most 31 days",
                "write 2027-01-01 or {from: …, to: …}",
            )
            continue
        # A plan may move the last days of the December before (2018-12-29 by the plan of 2019).
        if start < date(year - 1, 12, 1) or end > date(year, 12, 31):
            wrong((*path, at), f"{start} does not belong to the plan of {year}", "put it into its own year")
            continue
        yield from (start + timedelta(days=offset) for offset in range((end - start).days + 1))


def _from_json(source: Path) -> Plan:
    def refuse(message: str) -> RuleError:
        hint = 'give a file {"year": 2027, "papers": […], "days": [{"name": …, "date": …, "isOffDay": …}]}'
        return _refused(source, _finding(source, "calendar-import", message, hint))

    try:
        data = json.loads(read_plain(source, MAX_IMPORT).decode("utf-8-sig"), object_pairs_hook=_once)
        year, papers, days = data["year"], data["papers"], data["days"]
        if type(year) is not int or year not in _YEARS or not _texts(papers) or not isinstance(days, list):
            raise TypeError("year is one such as 2027, papers are a list of texts, days a list")
        off: dict[str, list[date]] = {}
        worked: dict[str, list[date]] = {}
        for item in days:
            name, day, is_off = _day(item)
            (off if is_off else worked).setdefault(name, []).append(day)
    except (UnusableFile, ValueError, KeyError, TypeError, RecursionError) as error:
        raise refuse(f"the file does not have the form of a yearly plan ({error})") from error
    if not days or not papers:
        raise refuse(f"the plan of {year} lists no days or no papers; it has not been published yet")
    holidays = tuple(
        Holiday(name, tuple(sorted(off.get(name, ()))), tuple(sorted(worked.get(name, ()))))
        for name in dict.fromkeys((*off, *worked))
    )
    return Plan(year=year, revision=len(papers), papers=tuple(papers), holidays=holidays)


def _day(item: Any) -> tuple[str, date, bool]:
    name, day, is_off = item["name"], item["date"], item["isOffDay"]
    if not _texts([name, day]) or not _DATE.fullmatch(day) or type(is_off) is not bool:
        raise TypeError(f"{item}: a name, a date such as 2027-01-01, and isOffDay true or false")
    return name.strip(), date.fromisoformat(day), is_off


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in names if names.count(key) > 1)!r} is said twice; keep one")
    return found


def _texts(items: object) -> bool:
    """Whether it is a list of texts, none of them blank, that can be written down (half a surrogate pair cannot)."""
    return isinstance(items, list) and all(
        isinstance(item, str) and item.strip() and not re.search("[\ud800-\udfff]", item) for item in items
    )


def _days_of(holiday: Holiday) -> tuple[tuple[date, ...], tuple[date, ...]]:
    return holiday.off, holiday.worked


def _runs(days: Iterable[date]) -> Iterable[str]:
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][1] == _DAY:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return [str(start) if start == end else f"{{from: {start}, to: {end}}}" for start, end in runs]


def _finding(path: Path, code: str, message: str, hint: str) -> Finding:
    return Finding(file=str(path), code=code, message=message, hint=hint)
