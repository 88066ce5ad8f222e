"""Every table counts every case, or every deadline, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given

from jiefen.insight import figures
from jiefen.insight.figures import Records
from jiefen.record.kinds import CaseStatus, DeadlineStatus, Happening
from tests.unit.insight.records import STAGES, START, case, deadline, entry, records


class TestOnce:
    @given(records())
    def test_every_case_stands_in_one_stage(self, made: Records) -> None:
        counts = figures.by_stage(made, STAGES)
        assert sum(item.here + item.ended for item in counts.values()) == len(made.cases)
        assert sum(item.here for item in counts.values()) == sum(
            one.status is CaseStatus.OPEN for one in made.cases
        )
        assert all(item.entered >= item.here + item.ended for stage, item in counts.items() if stage)

    @given(records())
    def test_every_case_has_one_type_and_one_channel(self, made: Records) -> None:
        types = figures.by_type(made)
        assert sum(item.cases for item in types.values()) == len(made.cases)
        assert all(item.cases == item.open + item.outcomes.total() for item in types.values())
        channels = figures.by_channel(made)
        assert sum(cases for cases, _ in channels.values()) == len(made.cases)
        assert all(open_now <= cases for cases, open_now in channels.values())

    @given(records())
    def test_every_ended_case_has_one_outcome_and_one_length(self, made: Records) -> None:
        ended = [one for one in made.cases if one.status is CaseStatus.ENDED]
        assert figures.by_outcome(made).total() == len(ended)
        lengths = [length for lengths in figures.days_to_end(made).values() for length in lengths]
        assert sum(figures.banded(lengths)) == len(lengths) == len(ended)

    @given(records())
    def test_every_deadline_has_one_status_one_law_and_one_rule(self, made: Records) -> None:
        for kind in ("duty", "right"):
            items = list(made.all_deadlines(kind))
            assert figures.count(items).total == len(items)
            for grouped in (figures.by_law(made, kind), figures.by_rule(made, kind)):
                assert sum(item.total for item in grouped.values()) == len(items)

    @given(records())
    def test_every_rung_and_every_joint_mediation_is_told_once(self, made: Records) -> None:
        assert figures.rungs(made).total() == len(list(made.entries(Happening.RUNG)))
        called = [
            item for item in made.entries(Happening.MILESTONE) if item.subject == "joint_mediation_called"
        ]
        assert len(figures.joint_mediations(made)) == len(called)

    @given(records())
    def test_every_step_between_stages_is_counted(self, made: Records) -> None:
        stages = {one.id: 0 for one in made.cases}
        for item in made.entries(Happening.STAGE):
            stages[item.case] += 1
        assert figures.stage_moves(made).total() == sum(max(0, number - 1) for number in stages.values())


class TestMeaning:
    @pytest.mark.parametrize(("days", "band"), [(0, 0), (7, 0), (8, 1), (30, 1), (31, 2), (180, 4), (181, 5)])
    def test_a_band_ends_with_its_bound(self, days: int, band: int) -> None:
        assert figures.banded([days])[band] == 1

    def test_a_duty_still_running_after_its_day_is_overdue_and_counts_as_breached(self) -> None:
        counted = figures.count(
            [
                deadline(1, 1, overdue=True),
                deadline(1, 2, status=DeadlineStatus.MET),
                deadline(1, 3),
                deadline(1, 4, status=DeadlineStatus.EXPIRED),
                deadline(1, 5, status=DeadlineStatus.CANCELLED),
            ]
        )
        assert counted.status["overdue"] == 1
        assert counted.met_share == pytest.approx(1 / 3)
        assert figures.count([deadline(1, 1)]).met_share is None

    def test_only_a_date_that_may_still_move_is_provisional(self) -> None:
        past = deadline(1, 1, provisional=True, status=DeadlineStatus.MET)
        assert figures.count([past, deadline(1, 2, provisional=True)]).provisional == 1

    def test_the_right_lost_first_stands_first(self) -> None:
        late = deadline(1, 1, kind="right", due_on=date(2027, 2, 1))
        soon = deadline(2, 1, kind="right", due_on=date(2027, 1, 3))
        gone = deadline(2, 2, kind="right", status=DeadlineStatus.EXPIRED)
        made = Records(
            (case(1), case(2)), {1: (late,), 2: (soon, gone, deadline(2, 3))}, {1: (), 2: ()}, (), ()
        )
        assert figures.open_rights(made) == [soon, late]

    def test_a_joint_mediation_is_told_from_its_call_to_its_minutes(self) -> None:
        happened = [
            (Happening.MILESTONE, "joint_mediation_called", {}),
            (Happening.DECISION, "joint_quorum", {"outputs": {"joint_quorum": "call_again"}}),
            (Happening.DECISION, "joint_quorum", {"outputs": {"joint_quorum": "met"}}),
            (Happening.MILESTONE, "joint_mediation_held", {}),
            (Happening.MILESTONE, "joint_mediation_called", {}),
        ]
        journal = tuple(
            entry(1, 24 * number, kind, subject, **data)
            for number, (kind, subject, data) in enumerate(happened)
        )
        first, second = figures.joint_mediations(Records((case(1),), {1: ()}, {1: journal}, (), ()))
        assert first.quorum_decisions == ("call_again", "met")
        assert first.held == (START + timedelta(days=3)).date()
        assert (second.held, second.filed, second.quorum_decisions) == (None, None, ())
