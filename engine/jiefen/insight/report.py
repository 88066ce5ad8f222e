"""From records to a report: which figures stand where, and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jiefen.insight import case_sections, deadline_sections, figures
from jiefen.insight.figures import Records
from jiefen.insight.labels import Labels
from jiefen.insight.sheet import Cell, Column, Grid, Kind, Report, Section, Story, Tile, Tone, number, ordered
from jiefen.record.kinds import CaseStatus
from jiefen.rules import Label


@dataclass(frozen=True)
class Intake:
    """What became of the rows of one ledger; ``later`` ones come in after the last day."""

    ledger: str
    rows: int
    opened: int
    rejected: int
    later: int


@dataclass(frozen=True)
class Year:
    """What happened around the cases while the clock ran.

    Attributes:
        swept: entries of the agenda that sweeps finished, by kind.
        failures: tries that failed and were put off.
        retried: incidents that somebody looked at and put back on the agenda.
        asked: the rights that began to run because somebody asked: case, the facts asked for, number of the deadline.
        worklist: of the team that has most to do on the last day; ``None`` when nothing is to be done.
    """

    first: date
    last: date
    intake: tuple[Intake, ...]
    rejects: str
    swept: Mapping[str, int]
    failures: int
    retried: int
    asked: tuple[tuple[int, tuple[str, ...], int], ...] = ()
    worklist: case_sections.Worklist | None = None


def build(records: Records, year: Year, story: Story | None, labels: Labels) -> Report:
    """The report on a year; without a story when there was no case."""
    say = labels.say
    cases = records.cases
    ended = sum(case.status is not CaseStatus.OPEN for case in cases)
    return Report(
        language=labels.language,
        title=say("解纷演示:一年的矛盾纠纷", "Jiefen demo: a year of disputes"),
        subtitle=say(
            f"{year.first} 至 {year.last},{len(year.intake)} 本台账,{len(cases)} 件案件,模拟时钟,每日巡检",
            f"{year.first} to {year.last}, ledgers: {len(year.intake)}, cases: {len(cases)}, "
            "a simulated clock, swept every day",
        ),
        tiles=_tiles(records, ended, year, labels),
        sections=(
            _intake(year, labels),
            case_sections.stages(records, labels),
            case_sections.types(records, labels),
            case_sections.channels(records, labels),
            deadline_sections.duties(records, labels),
            deadline_sections.rights(records, labels),
            deadline_sections.asked(records, year.asked, labels),
            deadline_sections.escalations(records, labels),
            deadline_sections.joint(records, labels),
            deadline_sections.orders(records, labels),
            deadline_sections.whistles(records, labels),
            case_sections.worklist(year.worklist, labels),
            case_sections.time_to_end(records, labels),
            case_sections.shares(records, labels),
            _incidents(records, year, labels),
        ),
        story=story,
        footer=say(
            "演示数据均为虚构;节假日安排未公布的年份,日期为暂定。",
            "All data are invented; dates in years whose holidays are not published yet are provisional.",
        ),
    )


def _tiles(records: Records, ended: int, year: Year, labels: Labels) -> tuple[Tile, ...]:
    say = labels.say
    duties = figures.count(records.all_deadlines("duty"))
    share_met = duties.met_share
    rungs = figures.rungs(records).total()
    joint = figures.joint_mediations(records)
    lost_soon = figures.open_rights(records)
    on_time = f"{share_met:.0%}" if share_met is not None else "—"
    return (
        Tile(
            say("立案", "Cases"),
            str(len(records.cases)),
            say(
                f"办结 {ended},在办 {len(records.cases) - ended}",
                f"{ended} ended, {len(records.cases) - ended} open",
            ),
        ),
        Tile(
            say("按期办理率", "Duties met in time"),
            on_time,
            say(
                f"{duties.status['met']} 件按期,{duties.status['expired'] + duties.status['overdue']} 件逾期",
                f"{duties.status['met']} met, {duties.status['expired'] + duties.status['overdue']} breached",
            ),
            Tone.GOOD if share_met is None or share_met >= 0.9 else Tone.WARN,
        ),
        Tile(
            say("催办督办", "Rungs climbed"),
            str(rungs),
            say("预警、催办、督办", "warnings to supervision"),
            Tone.WARN,
        ),
        Tile(
            say("四长联调", "Joint mediations"),
            str(len(joint)),
            say(
                f"召开 {sum(item.held is not None for item in joint)} 次",
                f"{sum(item.held is not None for item in joint)} held",
            ),
        ),
        Tile(
            say("当事人权利期限", "Rights still open"),
            str(len(lost_soon)),
            say("年末仍可行使", "at the end of the year"),
        ),
        Tile(
            say("未处理故障", "Open incidents"),
            str(len(records.incidents)),
            say(f"全年重试 {year.failures} 次", f"{year.failures} tries failed and were put off"),
            Tone.BAD if records.incidents else Tone.GOOD,
        ),
    )


def _intake(year: Year, labels: Labels) -> Section:
    say = labels.say
    columns = (
        Column(say("台账", "Ledger")),
        Column(say("行数", "Rows"), Kind.NUMBER),
        Column(say("立案", "Opened"), Kind.NUMBER),
        Column(say("退回", "Rejected"), Kind.NUMBER),
        Column(say("日后收到", "Still to come"), Kind.NUMBER),
    )

    def cells(name: str, items: Sequence[Intake]) -> tuple[Cell, ...]:
        return (
            Cell(name),
            number(sum(item.rows for item in items)),
            number(sum(item.opened for item in items)),
            number(sum(item.rejected for item in items), Tone.WARN),
            number(sum(item.later for item in items)),
        )

    return Section(
        "intake",
        Label("台账导入", "Ledgers"),
        say(
            f"每一好行立一案;退回的行连同原因、更正办法写入 {year.rejects}。",
            f"Every good row opens a case; the others, with reason and remedy, are in {year.rejects}.",
        ),
        (
            Grid(
                columns,
                tuple(cells(item.ledger, (item,)) for item in year.intake),
                total=cells(say("合计", "Total"), year.intake),
            ),
        ),
    )


def _incidents(records: Records, year: Year, labels: Labels) -> Section:
    say = labels.say
    kinds = {
        "timer": Label("定时", "Timers"),
        "expiry": Label("期限届满", "Expiries"),
        "rung": Label("催办梯级", "Rungs"),
        "delivery": Label("投递", "Deliveries"),
        "task": Label("待办催签", "Tasks nobody signed for"),
        "reply": Label("督办答复到期", "Replies to supervisions"),
        "meeting": Label("接访提醒", "Reminders of appointments"),
        "unmoved": Label("查看有无进展", "Looks whether anything has moved"),
        "stuck": Label("流程停滞", "Processes that wait for nothing"),
        "routine": Label("例行工作", "Routines"),
    }
    swept = Counter(year.swept)
    return Section(
        "agenda",
        Label("日程与故障", "Agenda and incidents"),
        say(
            f"外部系统不通时投递自动推迟重试,多次不成转为故障待人处理:全年 {year.failures} 次未成,"
            f"{year.retried} 件经人工重试,未处理 {len(records.incidents)} 件。",
            f"What an outside system does not take is tried again, and becomes an incident in the end: "
            f"{year.failures} tries failed, {year.retried} were put back by hand, {len(records.incidents)} are open.",
        ),
        (
            Grid(
                (Column(say("日程事项", "On the agenda")), Column(say("已办", "Done"), Kind.NUMBER)),
                tuple(
                    (Cell(labels.of(kinds[kind]) if kind in kinds else kind), number(count))
                    for kind, count in ordered(swept)
                    if kind is not None
                ),
                total=(Cell(say("合计", "Total")), number(swept.total())),
            ),
        ),
    )
