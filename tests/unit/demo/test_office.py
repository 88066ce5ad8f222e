"""Offices keep the working days of the State Council, and their people sign for the area of their post."""

from __future__ import annotations

from datetime import date

import pytest

from jiefen import EVERYWHERE
from jiefen.demo.office import Office, team
from jiefen.edition.edition import Edition


@pytest.fixture
def office(edition: Edition) -> Office:
    return Office(edition.calendar)


class TestDays:
    def test_a_holiday_is_off_and_a_make_up_day_is_worked(self, office: Office) -> None:
        assert not office.works(date(2026, 1, 2))
        assert office.works(date(2026, 1, 4))  # 调休: a Sunday, worked for the bridge of the new year
        assert not office.works(date(2026, 1, 10))

    def test_beyond_the_published_holidays_weekdays_are_worked(self, office: Office) -> None:
        assert office.works(date(2031, 1, 1))
        assert not office.works(date(2031, 1, 4))

    def test_working_days_are_counted_over_weekends_and_holidays(self, office: Office) -> None:
        assert office.after(date(2026, 1, 9), 0) == date(2026, 1, 9)
        assert office.after(date(2026, 1, 9), 1) == date(2026, 1, 12)
        assert office.after(date(2025, 12, 31), 1) == date(2026, 1, 4)


class TestTeams:
    @pytest.mark.parametrize(
        ("role", "area", "signs"),
        [
            ("village_mediator", "140429102201", "village_mediator@140429102201"),
            ("township_mediator", "140429102201", "township_mediator@140429102"),
            ("handling_organ", "140429102201", "handling_organ@140429"),
            ("village_mediator", "140429102", "village_mediator@140429102"),
            ("party", "140429102201", "party@140429102201"),
            ("handling_organ", None, "handling_organ@county"),
        ],
    )
    def test_a_team_acts_where_its_post_is(
        self, edition: Edition, role: str, area: str | None, signs: str
    ) -> None:
        actor = team(edition.rulebook.roles[role], area)
        assert actor.id == signs
        assert actor.roles == {role}
        assert actor.area == (EVERYWHERE if area is None else signs.partition("@")[2])
