"""Invented records of cases, for tests of what is made of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from jiefen.insight.figures import Records
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from jiefen.record.values import Case, Deadline, Entry, Incident

START = datetime(2026, 1, 1, 1, tzinfo=UTC)
STAGES = ("visit", "mediation", "arbitration", "trial", "resolution")
TYPES = ("labour", "lending", "neighbour", None)
CHANNELS = ("people_mediation", "civil_court", None)
OUTCOMES = ("performed", "agreed", "withdrawn", None)
RUNGS = (("warn", "party"), ("remind", "handling_organ"), ("supervise", "handling_organ_head"))


def case(number: int, **changes: object) -> Case:
    """One case; open unless ``ended_at`` is given."""
    values: dict[str, object] = {
        "id": number, "key": f"test:{number}", "process": "dispute", "edition": "e", "status": CaseStatus.OPEN,
        "area": "140429102", "stage": None, "level": None, "colour": None, "dispute_type": None, "outcome": None,
        "opened_at": START, "updated_at": START, "ended_at": None, "revision": 1, "facts": {},
    }  # fmt: skip
    values |= changes
    if values["ended_at"] is not None:
        values["status"] = CaseStatus.ENDED
    return Case(**values)  # type: ignore[arg-type]


def entry(of: int, number: int, kind: Happening, subject: str | None, **data: object) -> Entry:
    """One entry of a journal, an hour after the one before."""
    return Entry(
        id=number,
        case=of,
        at=START + timedelta(hours=number),
        actor="system",
        kind=kind,
        subject=subject,
        data=data,
    )


def deadline(of: int, seq: int, **changes: object) -> Deadline:
    """One deadline, a running duty unless said otherwise."""
    values: dict[str, object] = {
        "case": of, "seq": seq, "rule": "petition.handle", "version": date(2022, 5, 1), "edition": "e",
        "kind": "duty",
        "status": DeadlineStatus.RUNNING, "title": {"zh": "办结", "en": "Finish"}, "law": "信访工作条例",
        "article": "第三十四条", "anchor": "petition_accepted", "anchored_at": START, "due_on": date(2026, 3, 2),
        "due_at": START, "provisional": False, "overdue": False, "extensions": (), "suspensions": (),
        "started_at": START, "closed_at": None, "closed_by": None,
    }  # fmt: skip
    return Deadline(**(values | changes))  # type: ignore[arg-type]


@st.composite
def _deadlines(draw: st.DrawFn, of: int) -> tuple[Deadline, ...]:
    found = []
    for seq in range(1, draw(st.integers(0, 4)) + 1):
        status = draw(st.sampled_from(DeadlineStatus))
        found.append(
            deadline(
                of,
                seq,
                kind=draw(st.sampled_from(["duty", "right"])),
                rule=draw(st.sampled_from(["petition.handle", "labour.sue"])),
                law=draw(st.sampled_from(["信访工作条例", "民事诉讼法", ""])),
                status=status,
                overdue=status is DeadlineStatus.RUNNING and draw(st.booleans()),
                provisional=draw(st.booleans()),
                due_on=None
                if status is DeadlineStatus.SUSPENDED
                else date(2026, 3, draw(st.integers(1, 28))),
                suspensions=draw(
                    st.sampled_from([(), ({"ground": "hearing", "from": "2026-02-01", "to": None},)])
                ),
            )
        )
    return tuple(found)


@st.composite
def _journals(draw: st.DrawFn, of: int) -> tuple[Entry, ...]:
    entries = [entry(of, 1, Happening.OPENED, "dispute")]
    for stage in draw(st.lists(st.sampled_from(STAGES), max_size=5)):
        entries.append(entry(of, len(entries) + 1, Happening.STAGE, stage))
    for action, role in draw(st.lists(st.sampled_from(RUNGS), max_size=4)):
        told = {"action": action, "to": role}
        entries.append(entry(of, len(entries) + 1, Happening.RUNG, "petition.handle/x", **told))
    for milestone in draw(
        st.lists(st.sampled_from(["joint_mediation_called", "joint_mediation_held"]), max_size=4)
    ):
        entries.append(entry(of, len(entries) + 1, Happening.MILESTONE, milestone, on="2026-01-01"))
    return tuple(entries)


@st.composite
def records(draw: st.DrawFn) -> Records:
    """Cases with journals and deadlines that fit one another."""
    cases = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        over = draw(st.one_of(st.none(), st.integers(0, 400)))
        cases.append(
            case(
                number,
                dispute_type=draw(st.sampled_from(TYPES)),
                outcome=draw(st.sampled_from(OUTCOMES)),
                facts={"channel": draw(st.sampled_from(CHANNELS))},
                ended_at=None if over is None else START + timedelta(days=over),
            )
        )
    incident = Incident(id=1, case=1, kind="delivery", ref="x", at=START, attempts=8, error="down")
    return Records(
        tuple(cases),
        {one.id: draw(_deadlines(one.id)) for one in cases},
        {one.id: draw(_journals(one.id)) for one in cases},
        draw(st.sampled_from([(), (incident,)])),
        (),
    )
