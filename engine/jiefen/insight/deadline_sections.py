"""The sections of a report that are about deadlines: duties, rights, ladders, and the joint mediations they press."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from jiefen.insight import figures
from jiefen.insight.figures import DeadlineCount, Records
from jiefen.insight.labels import DUTY, RIGHT, Labels
from jiefen.insight.sheet import Cell, Column, Grid, Kind, Section, Tone, number, ordered, share
from jiefen.record.kinds import CallState, DispatchState
from jiefen.record.values import Deadline
from jiefen.rules import Label

_TONES = {"met": Tone.GOOD, "expired": Tone.BAD, "overdue": Tone.BAD, "suspended": Tone.WARN}
_MANY = 12


def duties(records: Records, labels: Labels) -> Section:
    """The duties of organs, and which were breached most."""
    say = labels.say
    rules = figures.by_rule(records, "duty")
    named = {item.rule: item for item in records.all_deadlines("duty")}
    late = [
        (named[rule], item) for rule, item in rules.items() if item.status["expired"] + item.status["overdue"]
    ]
    late.sort(key=lambda pair: (-pair[1].status["expired"] - pair[1].status["overdue"], pair[0].rule))
    return Section(
        "duties",
        Label("办理期限", "Duties of organs"),
        say(
            "机关的期限:逾期引起催办、督办,不使当事人失去权利。",
            "What organs owe: a breach leads to supervision, and takes no right from a party.",
        ),
        (
            _by_law(records, "duty", DUTY, labels),
            Grid(
                (
                    Column(say("期限", "Duty")),
                    Column(say("依据", "Law")),
                    Column(say("按期", "Met"), Kind.NUMBER),
                    Column(say("逾期", "Breached"), Kind.NUMBER),
                ),
                tuple(
                    (
                        Cell(_title(example, labels)),
                        Cell(_law(example, labels), Tone.FAINT),
                        number(item.status["met"], Tone.GOOD),
                        number(item.status["expired"] + item.status["overdue"], Tone.BAD),
                    )
                    for example, item in late[:_MANY]
                ),
                say("逾期最多的期限", "Breached most"),
            ),
        ),
    )


def asked(records: Records, found: Sequence[tuple[int, tuple[str, ...], int]], labels: Labels) -> Section:
    """The rights that began to run because a visit asked for what they depend on; those that were used come first."""
    say = labels.say
    deadlines = {(item.case, item.seq): item for item in records.all_deadlines("right")}
    rows = [(facts, deadlines[case, seq]) for case, facts, seq in found if (case, seq) in deadlines]
    rows.sort(key=lambda row: (row[1].status != "met", row[1].due_on or date.max, row[1].case, row[1].seq))
    used = sum(item.status == "met" for _, item in rows)
    return Section(
        "asked",
        Label("问出来的权利", "Rights found by asking"),
        say(
            f"走访时按“待查明”问了当事人,{len(rows)} 项权利期限由此起算,其中 {used} 项已经按期行使。",
            f"Visits asked what the open questions named: {len(rows)} rights began to run by the answers, "
            f"{used} of them were used in time.",
        ),
        (
            Grid(
                (
                    Column(say("案件", "Case"), Kind.NUMBER),
                    Column(say("问到的要素", "Asked for")),
                    Column(say("权利", "Right")),
                    Column(say("依据", "Law")),
                    Column(say("届满", "Due"), Kind.SHORT),
                    Column(say("结果", "Result"), Kind.SHORT),
                ),
                tuple(
                    (
                        Cell(f"{item.case}"),
                        Cell(", ".join(labels.fact(name) for name in facts)),
                        Cell(_title(item, labels)),
                        Cell(_law(item, labels), Tone.FAINT),
                        Cell(str(item.due_on or "—")),
                        Cell(labels.of(RIGHT[item.status]), _TONES.get(item.status, Tone.PLAIN)),
                    )
                    for facts, item in rows[:_MANY]
                ),
            ),
        ),
    )


def rights(records: Records, labels: Labels) -> Section:
    """The rights of parties, and those that will be lost first."""
    say = labels.say
    types = {case.id: case.dispute_type for case in records.cases}
    rows = tuple(
        (
            Cell(str(item.safe_on or item.due_on or "—"), Tone.WARN),
            Cell(_certainty(item, labels), Tone.FAINT),
            Cell(f"{item.case}", Tone.PLAIN),
            Cell(labels.value("dispute_type", types[item.case])),
            Cell(_title(item, labels)),
            Cell(_law(item, labels), Tone.FAINT),
        )
        for item in figures.open_rights(records)[:_MANY]
    )
    return Section(
        "rights",
        Label("当事人的权利期限", "Rights of parties"),
        say(
            "当事人的期限:届满即失权,案件办到哪一步都照样计算。",
            "What parties may do: lost when the time is over, whatever stage the case is in.",
        ),
        (
            _by_law(records, "right", RIGHT, labels),
            Grid(
                (
                    Column(say("届满日", "Last day"), Kind.SHORT),
                    Column("", Kind.SHORT),
                    Column(say("案件", "Case"), Kind.NUMBER),
                    Column(say("类型", "Type")),
                    Column(say("权利", "Right")),
                    Column(say("依据", "Law")),
                ),
                rows,
                say("最先届满、仍可行使的权利", "Still to be used, the first to be lost at the top"),
            ),
        ),
    )


def _certainty(item: Deadline, labels: Labels) -> str:
    """Whether the day shown is the safe one, or an estimate."""
    if item.safe_on is not None:
        return labels.say("稳妥日", "safe day")
    return labels.say("暂定", "provisional") if item.provisional else ""


def _by_law(records: Records, kind: str, words: Mapping[str, Label], labels: Labels) -> Grid:
    say = labels.say
    laws = figures.by_law(records, kind)
    whole = figures.count(records.all_deadlines(kind))
    shown = [status for status in words if whole.status[status] or status in ("met", "expired", "running")]

    def cells(name: str, item: DeadlineCount) -> tuple[Cell, ...]:
        return (
            Cell(name),
            Cell(str(item.total)),
            *(number(item.status[status], _TONES.get(status, Tone.PLAIN)) for status in shown),
            number(item.ever_suspended, Tone.WARN),
            number(item.provisional, Tone.WARN),
        )

    return Grid(
        (
            Column(say("法律", "Law")),
            Column(say("全部", "All"), Kind.NUMBER),
            *(Column(labels.of(words[status]), Kind.NUMBER) for status in shown),
            Column(say("中止过", "Paused"), Kind.NUMBER),
            Column(say("暂定", "Provisional"), Kind.NUMBER),
        ),
        tuple(cells(f"《{law}》" if law else say("本规则集", "policy"), item) for law, item in laws.items()),
        say("按法律", "By law"),
        cells(say("合计", "Total"), whole),
    )


def escalations(records: Records, labels: Labels) -> Section:
    """Who was told what by the ladders."""
    say = labels.say
    rungs = figures.rungs(records)
    roles: Counter[str] = Counter()
    actions: Counter[str] = Counter()
    for (action, role), count in rungs.items():
        roles[role] += count
        actions[action] += count
    columns = [action for action, _ in ordered(actions)]
    return Section(
        "escalations",
        Label("催办与督办", "Escalations"),
        say(
            "期限梯级:临期预警,逾期催办,再督办、约谈;每一级只动一次。",
            "Rungs of the ladders: warned before, reminded and supervised after; each rung fires once.",
        ),
        (
            Grid(
                (
                    Column(say("通知谁", "Who is told")),
                    *(Column(labels.action(action or ""), Kind.NUMBER) for action in columns),
                    Column(say("合计", "Total"), Kind.NUMBER),
                ),
                tuple(
                    (
                        Cell(labels.role(role or "")),
                        *(number(rungs[action or "", role or ""]) for action in columns),
                        number(count),
                    )
                    for role, count in ordered(roles)
                ),
                caption=say("催办梯级", "Rungs"),
                total=(
                    Cell(say("合计", "Total")),
                    *(number(actions[action or ""]) for action in columns),
                    number(rungs.total()),
                ),
            ),
            _oversight(records, labels),
        ),
    )


def _oversight(records: Records, labels: Labels) -> Grid:
    say = labels.say
    found = figures.oversight(records)
    rows = (
        (
            say("督办:按期书面答复", "Supervisions answered in time"),
            number(found.answered_in_time, Tone.GOOD),
        ),
        (say("督办:逾期答复", "Supervisions answered late"), number(found.answered_late, Tone.BAD)),
        (say("督办:尚未答复", "Supervisions still open"), number(found.open, Tone.WARN)),
        (say("无人及时签收的待办", "Tasks nobody signed for in time"), number(found.unclaimed, Tone.WARN)),
        (say("领导包案", "Cases with a leader"), number(found.led)),
        (say("包案领导接访下访", "Contacts logged by leaders"), number(found.contacts)),
    )
    return Grid(
        (Column(say("督促", "Oversight")), Column(say("件次", "Number"), Kind.NUMBER)),
        tuple((Cell(name), cell) for name, cell in rows),
        say("督办、签收与包案", "Supervision, signing and leaders"),
    )


def joint(records: Records, labels: Labels) -> Section:
    """Every joint mediation of the four heads."""
    say = labels.say
    outcomes = {case.id: case for case in records.cases}
    rows = tuple(
        (
            Cell(str(item.case)),
            Cell(labels.value("dispute_type", outcomes[item.case].dispute_type)),
            Cell(item.called.isoformat()),
            Cell(" → ".join(labels.quorum(decision) for decision in item.quorum_decisions) or "—"),
            Cell(item.held.isoformat(), Tone.GOOD)
            if item.held
            else Cell(say("未召开", "not held"), Tone.BAD),
            Cell(item.filed.isoformat() if item.filed else "—"),
        )
        for item in figures.joint_mediations(records)
    )
    return Section(
        "joint",
        Label("四长联调", "Joint mediation of the four heads"),
        say(
            "派出所所长、司法所所长、法庭庭长、网格长四席同时通知;不到席再召集一次。",
            "Police, justice office, court and grid are called at once; a missed quorum is called once more.",
        ),
        (
            Grid(
                (
                    Column(say("案件", "Case"), Kind.NUMBER),
                    Column(say("类型", "Type")),
                    Column(say("启动", "Called"), Kind.SHORT),
                    Column(say("召集", "Calls")),
                    Column(say("召开", "Held"), Kind.SHORT),
                    Column(say("纪要归档", "Minutes filed"), Kind.SHORT),
                ),
                rows,
            ),
        ),
    )


def _title(item: Deadline, labels: Labels) -> str:
    return item.title[labels.language]


def _law(item: Deadline, labels: Labels) -> str:
    return f"《{item.law}》{item.article}" if item.law else labels.say("本规则集", "policy")


def orders(records: Records, labels: Labels) -> Section:
    """派单: how the orders of the year stand, and how many were signed for and worked on in time."""
    say = labels.say
    states = Counter(one.state for one in records.orders)
    most = max(states.values(), default=0)
    returned = sum(one.returns > 0 for one in records.orders)
    asked = [one for one in records.orders if one.satisfied is not None]
    content = sum(one.satisfied is True for one in asked)
    return Section(
        "orders",
        Label("派单", "Orders to departments"),
        say(
            f"派单 {len(records.orders)} 件,退回过 {returned} 件;回访 {len(asked)} 件,满意 {content} 件。",
            f"{len(records.orders)} orders, {returned} of them returned at some time; {len(asked)} parties were asked, "
            f"{content} were satisfied.",
        ),
        (
            Grid(
                (Column(say("状态", "State")), Column(say("派单", "Orders"), Kind.BAR)),
                tuple(
                    (Cell(say(state.zh, state.value)), share(states[state], most))
                    for state in DispatchState
                    if states[state]
                ),
                total=(Cell(say("合计", "Total")), number(len(records.orders))),
            ),
        ),
    )


def whistles(records: Records, labels: Labels) -> Section:
    """吹哨报到: who was called, who came, and who came in time; a call that was taken back counts for nobody."""
    say = labels.say
    calls = [call for one in records.whistles for call in one.calls if call.state is not CallState.WITHDRAWN]
    came = [call for call in calls if call.state in (CallState.PRESENT, CallState.DONE)]
    in_time = sum(not call.late for call in came)
    states = Counter(call.state for call in calls)
    most = max(states.values(), default=0)
    return Section(
        "whistles",
        Label("吹哨报到", "Whistles"),
        say(
            f"吹哨 {len(records.whistles)} 次,呼叫 {len(calls)} 个次,到位 {len(came)} 个次,按时到位 {in_time} 个次。",
            f"{len(records.whistles)} whistles, {len(calls)} departments called, {len(came)} came, {in_time} in time.",
        ),
        (
            Grid(
                (Column(say("状态", "State")), Column(say("报到单位", "Departments"), Kind.BAR)),
                tuple(
                    (Cell(say(state.zh, state.value)), share(states[state], most))
                    for state in CallState
                    if states[state]
                ),
                total=(Cell(say("合计", "Total")), number(len(calls))),
            ),
        ),
    )
