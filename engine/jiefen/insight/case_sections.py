"""The sections of a report that are about cases: stages, types, channels, time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from jiefen.insight import figures
from jiefen.insight.figures import BANDS, Records
from jiefen.insight.labels import Labels
from jiefen.insight.sheet import Cell, Column, Grid, Kind, Section, Tone, number, ordered, share
from jiefen.record.desk.work import WorkItem
from jiefen.rules import Label

#: Milestones that mean: this case was really in that procedure.
PROCEDURES = (
    "petition_accepted",
    "mediation_accepted",
    "joint_mediation_called",
    "confirmation_applied",
    "labour_applied",
    "land_applied",
    "commercial_applied",
    "ownership_applied",
    "suit_brought",
    "enforcement_applied",
    "legal_aid_applied",
    "crime_reported",
    "urgent_reported",
    "led_out",
)


@dataclass(frozen=True)
class Worklist:
    """What a team has to do.

    Attributes:
        role, area: of the team.
        open: how many tasks are open to it.
        first: the first of them, as the team sees them.
    """

    role: str
    area: str | None
    open: int
    first: Sequence[WorkItem]


def worklist(found: Worklist | None, labels: Labels) -> Section:
    """The worklist of the team that has most to do, as it stands on the last day."""
    say = labels.say
    items = found.first if found is not None else ()
    lead = say("没有待办。", "Nothing is to be done.")
    if found is not None:
        team = f"{labels.role(found.role)} {found.area or ''}".strip()
        lead = say(
            f"待办最多的是{team},共 {found.open} 项;以下是其待办清单的前几项,最先届满的在前。",
            f"{team} has most to do, {found.open} tasks; these are the first on its worklist, by what is due.",
        )
    return Section(
        "worklist",
        Label("待办清单", "A worklist"),
        lead,
        (
            Grid(
                (
                    Column(say("案件", "Case"), Kind.NUMBER),
                    Column(say("待办", "Task")),
                    Column(say("事项", "Matter")),
                    Column(say("最先届满", "Due first")),
                    Column(say("剩余天数", "Days left"), Kind.NUMBER),
                    Column(say("颜色", "Colour"), Kind.SHORT),
                ),
                tuple(
                    (
                        Cell(f"{item.task.case}"),
                        Cell(item.task.name),
                        Cell(item.title or "—"),
                        Cell(labels.of(item.due) if item.due is not None else "—"),
                        Cell(
                            "—" if item.days_left is None else str(item.days_left),
                            Tone.BAD if item.days_left is not None and item.days_left < 0 else Tone.PLAIN,
                        ),
                        Cell(labels.value("colour", item.colour)),
                    )
                    for item in items
                ),
            ),
        ),
    )


def stages(records: Records, labels: Labels) -> Section:
    """Where the cases are, and how they went from stage to stage."""
    say = labels.say
    counts = figures.by_stage(records, labels.values("stage"))
    whole = len(records.cases)
    rows = tuple(
        (
            Cell(labels.value("stage", stage) if stage else say("直接转出", "left at once")),
            share(item.entered, whole),
            number(item.here),
            number(item.ended, Tone.GOOD),
            Cell(str(item.here + item.ended)) if item.here + item.ended else number(0),
        )
        for stage, item in counts.items()
        if stage is not None or item.here + item.ended
    )
    total = (
        Cell(say("合计", "Total")),
        Cell(""),
        number(sum(item.here for item in counts.values())),
        number(sum(item.ended for item in counts.values())),
        number(sum(item.here + item.ended for item in counts.values())),
    )
    where = Grid(
        (
            Column(say("阶段", "Stage")),
            Column(say("经过的案件", "Cases that passed through"), Kind.BAR),
            Column(say("现在此", "Here now"), Kind.NUMBER),
            Column(say("在此办结", "Ended here"), Kind.NUMBER),
            Column(say("案件数", "Cases"), Kind.NUMBER),
        ),
        rows,
        say("案件在哪个阶段", "Where the cases are"),
        total,
    )
    return Section(
        "stages",
        Label("访、调、裁、审、处", "Stages"),
        say(
            "阶段可以跳过,也可以重来;每一案在最后进入的阶段计一次。",
            "Stages are skipped and repeated; a case counts once, in the stage it entered last.",
        ),
        (where, _stage_moves(records, labels)),
    )


def _stage_moves(records: Records, labels: Labels) -> Grid:
    moves = figures.stage_moves(records)
    ids = labels.values("stage")
    most = max(moves.values(), default=0)
    rows = []
    for start in ids:
        cells = [Cell(labels.value("stage", start))]
        for end in ids:
            count = moves[start, end]
            cells.append(number(count, Tone.PLAIN if count < most / 2 else Tone.GOOD))
        rows.append(tuple(cells))
    return Grid(
        (
            Column(labels.say("从 ╲ 到", "from ╲ to")),
            *(Column(labels.value("stage", stage), Kind.NUMBER) for stage in ids),
        ),
        tuple(rows),
        labels.say("阶段之间怎样走", "From stage to stage"),
    )


def types(records: Records, labels: Labels) -> Section:
    """Cases by dispute type, and what became of them."""
    say = labels.say
    kinds = figures.by_type(records)
    most = max((item.cases for item in kinds.values()), default=0)
    rows = tuple(
        (
            Cell(labels.value("dispute_type", kind)),
            share(item.cases, most),
            number(item.open),
            Cell(_listed(item.outcomes, labels)),
        )
        for kind, item in kinds.items()
    )
    total = (
        Cell(say("合计", "Total")),
        number(sum(item.cases for item in kinds.values())),
        number(sum(item.open for item in kinds.values())),
        Cell(""),
    )
    outcomes = figures.by_outcome(records)
    whole = outcomes.total()
    outcome_rows = tuple(
        (Cell(labels.value("outcome", outcome)), share(count, whole)) for outcome, count in ordered(outcomes)
    )
    return Section(
        "types",
        Label("类型与结果", "Types and outcomes"),
        say(f"{len(kinds)} 类纠纷。", f"{len(kinds)} types of dispute."),
        (
            Grid(
                (
                    Column(say("纠纷类型", "Dispute type")),
                    Column(say("案件", "Cases"), Kind.BAR),
                    Column(say("在办", "Open"), Kind.NUMBER),
                    Column(say("办结结果", "Outcomes")),
                ),
                rows,
                say("按类型", "By type"),
                total,
            ),
            Grid(
                (Column(say("结果", "Outcome")), Column(say("办结案件", "Ended cases"), Kind.BAR)),
                outcome_rows,
                say("按结果", "By outcome"),
                (Cell(say("合计", "Total")), number(whole)),
            ),
        ),
    )


def channels(records: Records, labels: Labels) -> Section:
    """The channel the rules gave, and the procedures entered."""
    say = labels.say
    routed = figures.by_channel(records)
    most = max((cases for cases, _ in routed.values()), default=0)
    reached = figures.cases_with_milestone(records)
    return Section(
        "channels",
        Label("法定渠道", "Legal channels"),
        say(
            "左:规则给出的渠道,每案一个。右:案件真正进入过的程序,一案可进入多个。",
            "The channel that the rules gave, one per case; and the procedures that cases really entered, any number.",
        ),
        (
            Grid(
                (
                    Column(say("渠道", "Channel")),
                    Column(say("案件", "Cases"), Kind.BAR),
                    Column(say("在办", "Open"), Kind.NUMBER),
                ),
                tuple(
                    (Cell(labels.value("channel", channel)), share(cases, most), number(open_now))
                    for channel, (cases, open_now) in routed.items()
                ),
                say("导入的渠道", "Routed to"),
                (
                    Cell(say("合计", "Total")),
                    number(sum(cases for cases, _ in routed.values())),
                    number(sum(open_now for _, open_now in routed.values())),
                ),
            ),
            Grid(
                (Column(say("程序", "Procedure")), Column(say("案件", "Cases"), Kind.BAR)),
                tuple(
                    (Cell(labels.milestone(milestone)), share(reached[milestone], len(records.cases)))
                    for milestone in PROCEDURES
                    if reached[milestone]
                ),
                say("进入过的程序", "Procedures entered"),
            ),
        ),
    )


def time_to_end(records: Records, labels: Labels) -> Section:
    """How long the cases took."""
    say = labels.say
    days = figures.days_to_end(records)
    everything = sorted(length for lengths in days.values() for length in lengths)
    bands = figures.banded(everything)
    edges = (0, *(bound + 1 for bound in BANDS[:-1]))
    names = [
        *(say(f"{low}–{high} 天", f"{low}–{high} days") for low, high in zip(edges, BANDS, strict=True)),
        say(f"{BANDS[-1]} 天以上", f"over {BANDS[-1]} days"),
    ]
    open_now = len(records.cases) - len(everything)
    whole = len(records.cases)
    band_rows = [
        *((Cell(name), share(count, whole)) for name, count in zip(names, bands, strict=True)),
        (Cell(say("在办", "open"), Tone.FAINT), share(open_now, whole, Tone.FAINT)),
    ]
    longest = sorted(days.items(), key=lambda item: (-median(item[1]), item[0] or ""))
    return Section(
        "time",
        Label("办结用时", "Time to end"),
        _time_lead(everything, labels),
        (
            Grid(
                (Column(say("用时", "Time")), Column(say("案件", "Cases"), Kind.BAR)),
                tuple(band_rows),
                say("全部案件", "All cases"),
                (Cell(say("合计", "Total")), number(whole)),
            ),
            Grid(
                (
                    Column(say("纠纷类型", "Dispute type")),
                    Column(say("办结", "Ended"), Kind.NUMBER),
                    Column(say("中位(天)", "Median (days)"), Kind.NUMBER),
                    Column(say("最长(天)", "Longest (days)"), Kind.NUMBER),
                ),
                tuple(
                    (
                        Cell(labels.value("dispute_type", kind)),
                        number(len(lengths)),
                        Cell(f"{median(lengths):g}"),
                        Cell(str(lengths[-1])),
                    )
                    for kind, lengths in longest
                ),
                say("按类型", "By type"),
            ),
        ),
    )


def _time_lead(lengths: Sequence[int], labels: Labels) -> str:
    if not lengths:
        return labels.say("尚无案件办结。", "No case has ended yet.")
    return labels.say(
        f"办结 {len(lengths)} 件,中位 {median(lengths):g} 天,最长 {lengths[-1]} 天(含结案后两次回访)。",
        f"{len(lengths)} cases ended: median {median(lengths):g} days, longest {lengths[-1]} "
        "(two follow-up visits included).",
    )


def _listed(outcomes: Counter[str | None], labels: Labels) -> str:
    separator = labels.say("、", ", ")
    return separator.join(
        f"{labels.value('outcome', outcome)} {count}" for outcome, count in ordered(outcomes)
    )


def shares(records: Records, labels: Labels) -> Section:
    """考核指标: the figures of the rules, each with what it rests on."""
    say = labels.say
    rows = tuple(
        (
            Cell(labels.of(one.title)),
            Cell(f"{one.rate}{one.sign}" if one.rate is not None else "·"),
            Cell(f"{one.at_worst}{one.sign}" if one.at_worst is not None else "·"),
            number(one.numerator),
            number(one.denominator),
            number(one.left_out),
        )
        for one in records.shares
    )
    columns = (
        Column(say("指标", "Figure")),
        Column(say("比率", "Rate"), Kind.NUMBER),
        Column(say("从严比率", "At worst"), Kind.NUMBER),
        Column(say("分子", "Counts"), Kind.NUMBER),
        Column(say("分母", "Out of"), Kind.NUMBER),
        Column(say("未计入", "Left out"), Kind.NUMBER),
    )
    return Section(
        "shares",
        Label("考核指标", "Figures"),
        say(
            "按规则集的定义计算;逾期后作废、并案、移送的仍算逾期,从严比率把期满前作废、并案的一律按未完成计算。",
            "As the rules define them: what was late stays late when it is voided, merged or moved; at worst, all "
            "that was voided or merged before counts as undone.",
        ),
        (Grid(columns, rows),),
    )
