"""Whom a notice reaches when posts are vacant, and when people are at work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import Engine, JiefenError
from jiefen.areas import Level
from jiefen.clock import CHINA
from jiefen.notation.labels import Label
from jiefen.people.directory import Holder, Organisation, Post, Seat, Unit
from jiefen.people.directory_file import load_directory
from jiefen.people.finder import MAX_CLIMB, Finder, Target
from jiefen.periods import Calendar, calendars
from jiefen.periods.hours import working_time
from jiefen.rules import Rulebook, load_rulebook

ROOT = Path(__file__).parents[3]
GRID = "140429102201001"
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return calendars()


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(ROOT / "rules")


def finder(rulebook: Rulebook, directory: object, **more: object) -> Finder:
    return Finder(directory, rulebook.roles, rulebook.view(GRID), {}, DAY, **more)  # type: ignore[arg-type]


class TestWorkingTime:
    @pytest.mark.parametrize(("at", "told"), [
        ("2026-03-05 09:00", "2026-03-05 09:00"),
        ("2026-03-05 17:29", "2026-03-05 17:29"),
        ("2026-03-05 17:30", "2026-03-06 09:00"),
        ("2026-03-05 03:00", "2026-03-05 09:00"),
        ("2026-03-06 23:00", "2026-03-09 09:00"),   # Friday night: Monday
        ("2026-03-08 14:00", "2026-03-09 09:00"),   # a Sunday
        ("2026-02-28 10:00", "2026-02-28 10:00"),   # a Saturday that is worked for the Spring Festival
        ("2026-10-01 10:00", "2026-10-08 09:00"),   # the National Day holidays
        ("2026-09-30 20:00", "2026-10-08 09:00"),
        ("2026-04-30 20:00", "2026-05-06 09:00"),   # Labour Day
        ("2031-03-07 23:00", "2031-03-10 09:00"),   # nothing published yet: Monday to Friday
    ])  # fmt: skip
    def test_the_next_hour_of_work(self, calendar: Calendar, at: str, told: str) -> None:
        instant = datetime.fromisoformat(at).replace(tzinfo=CHINA)
        assert working_time(instant, calendar) == datetime.fromisoformat(told).replace(tzinfo=CHINA)

    @given(st.integers(0, 363 * 24 * 60), st.integers(0, 14 * 24 * 60))
    def test_it_is_the_first_one_that_is_not_earlier(
        self, calendar: Calendar, start: int, minutes: int
    ) -> None:
        """Against the definition: no earlier instant of the way there lies within working hours."""
        instant = datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=start)
        told = working_time(instant, calendar)
        assert told >= instant
        assert working_time(told, calendar) == told
        between = instant + timedelta(minutes=minutes)
        if between < told:
            working = calendar.covers(between.date()) and calendar.is_working_day(between.date())
            assert not (working and time(9) <= between.time() < time(17, 30))


class TestFinding:
    def test_the_directorys_own_way_up_goes_first(self, rulebook: Rulebook) -> None:
        directory = load_directory(ROOT / "examples" / "directory.yaml")
        vacant = finder(rulebook, directory).find("village_head", None, "140429102203")
        assert vacant == Target(
            "township_coordinator", Level.TOWNSHIP, ("t-4001",), False,
            (Seat("village_head", Level.VILLAGE, "140429102203"),),
        )  # fmt: skip

    def test_else_the_four_levels_of_guarantors_lead_up(self, rulebook: Rulebook) -> None:
        """四级包保: household, group, village, sector; beyond the sector's leader whoever stands above by the rules."""
        nobody = finder(rulebook, Organisation({}, (), {}))
        target = nobody.find("grid_worker", None, GRID)
        assert target.holders == ()
        assert [seat.role for seat in target.vacant] == [
            "grid_worker", "village_head", "township_coordinator", "township_leader", "joint_meeting_office",
            "city_joint_meeting_office",
        ]  # fmt: skip

    def test_a_role_outside_the_chain_is_led_to_the_next_level_of_it(self, rulebook: Rulebook) -> None:
        target = finder(rulebook, Organisation({}, (), {})).find("grid_chief", None, GRID)
        assert [seat.role for seat in target.vacant] == [
            "grid_chief", "village_head", "township_coordinator", "township_leader", "joint_meeting_office",
            "city_joint_meeting_office",
        ]  # fmt: skip

    def test_the_department_in_charge_stands_in_where_a_rule_names_nobody(self, rulebook: Rulebook) -> None:
        view, facts = rulebook.view(GRID), {"dispute_type": "labour"}
        found = Finder(None, rulebook.roles, view, facts, DAY).responsible()
        assert found == ("labour_officer", None)

    def test_a_party_is_outside_the_organisation_and_nobody_is_alarmed(self, rulebook: Rulebook) -> None:
        target = finder(rulebook, Organisation({}, (), {})).find("party", None, GRID)
        assert target == Target("party", None, None)

    def test_the_level_of_a_rung_goes_before_that_of_the_role(self, rulebook: Rulebook) -> None:
        post = Post(role="handling_organ", area="1404", holder="city")
        target = finder(rulebook, Organisation({}, (post,), {})).find("handling_organ", Level.CITY, GRID)
        assert target.holders == ("city",)

    @given(st.integers(0, 10))
    def test_the_way_up_is_bounded(self, rulebook: Rulebook, height: int) -> None:
        """The n-th superior is found up to the bound, and each seat on the way is looked at once."""
        asked: list[str] = []

        class Tower:
            def holders(self, role: str, area: str, level: Level | None, on: date) -> tuple[Holder, ...]:
                asked.append(role)
                return (Holder(id="top", role=role, area=area),) if role == f"r{height}" else ()

            def superior(self, role: str, area: str) -> Seat:
                return Seat(f"r{int(role[1:]) + 1}", Level.COUNTY, area)

        target = finder(rulebook, Tower()).find("r0", Level.COUNTY, GRID)
        assert target.holders == (("top",) if height <= MAX_CLIMB else ())
        assert asked == [f"r{n}" for n in range(min(height, MAX_CLIMB) + 1)]

    def test_who_is_recused_is_passed_over(self, rulebook: Rulebook) -> None:
        posts = tuple(Post(role="court_head", area="140429102", holder=one) for one in "ab")
        known = finder(rulebook, Organisation({}, posts, {}), recused=["a"])
        assert known.find("court_head", None, GRID).holders == ("b",)


class TestSeveralUnits:
    """A case in a village concerns every territorial grid of it, one in an exclusive grid the one around it too."""

    VILLAGE, SECOND, SCHOOL = "140429102201", "140429102201002", "140429102201901"

    def organisation(self, *posts: Post) -> Organisation:
        title = Label("甲", "A")
        units = {
            area: Unit(area=area, title=title) for area in ("140429102", self.VILLAGE, GRID, self.SECOND)
        }
        school = Unit(area=self.SCHOOL, title=title, exclusive=True, lies_in=GRID, under="140429102")
        head = Post(role="village_head", area=self.VILLAGE, holder="v")
        coordinator = Post(role="township_coordinator", area="140429102", holder="t")
        return Organisation({**units, self.SCHOOL: school}, (*posts, head, coordinator), {})

    def test_a_held_grid_hides_no_vacant_one(self, rulebook: Rulebook) -> None:
        held = Post(role="grid_chief", area=GRID, holder="w")
        target = finder(rulebook, self.organisation(held)).find("grid_chief", None, self.VILLAGE)
        assert (target.role, target.holders, target.deputies) == ("grid_chief", ("w", "v"), False)
        assert target.vacant == (Seat("grid_chief", Level.GRID, self.SECOND),)
        assert [(part.unit, part.role, part.holders) for part in target.parts] == [
            (GRID, "grid_chief", ("w",)), (self.SECOND, "village_head", ("v",)),
        ]  # fmt: skip

    def test_nor_one_in_which_somebody_only_stands_in(self, rulebook: Rulebook) -> None:
        posts = (
            Post(role="grid_chief", area=GRID, holder="w"),
            Post(role="grid_chief", area=self.SECOND, holder="d", deputy=True),
        )
        known = finder(rulebook, self.organisation(*posts))
        assert known.find("grid_chief", None, self.VILLAGE).holders == ("w", "d")
        worker = Post(role="grid_worker", area=self.SECOND, holder="x")
        known = finder(rulebook, self.organisation(posts[0], worker))
        target = known.find("grid_chief", None, self.VILLAGE)
        assert (target.holders, target.vacant) == (("w", "x"), ())

    @pytest.mark.parametrize(("held", "told", "vacant"), [
        ((GRID,), ("t", "w"), (SCHOOL,)), ((SCHOOL,), ("w", "v"), (GRID,)), ((GRID, SCHOOL), ("w",), ()),
    ])  # fmt: skip
    def test_an_exclusive_grid_and_the_one_around_it_are_looked_at_each(
        self, rulebook: Rulebook, held: tuple[str, ...], told: tuple[str, ...], vacant: tuple[str, ...]
    ) -> None:
        posts = [Post(role="grid_chief", area=area, holder="w") for area in held]
        target = finder(rulebook, self.organisation(*posts)).find("grid_chief", None, self.SCHOOL)
        assert target.holders == told
        assert {seat.area for seat in target.vacant if seat.role == "grid_chief"} == set(vacant)

    def test_where_nobody_is_anywhere_every_grid_is_reported(self, rulebook: Rulebook) -> None:
        target = finder(rulebook, replace(self.organisation(), posts=())).find(
            "grid_chief", None, self.VILLAGE
        )
        assert (target.role, target.holders, target.deputies) == ("grid_chief", (), False)
        assert {seat.area for seat in target.vacant} == {GRID, self.SECOND}


class TestAHostsDirectory:
    """It is code of somebody else; what it answers wrongly is told with its name and what was expected."""

    @pytest.mark.parametrize("answer", [
        None, "t-1", ["t-1"], 7, (Holder(id=7, role="r", area=GRID),),  # type: ignore[arg-type]
        (Holder(id="", role="r", area=GRID),), (Holder(id="a\0", role="r", area=GRID),), {"t-1": 1},
    ])  # fmt: skip
    def test_holders_that_are_none(self, rulebook: Rulebook, answer: object) -> None:
        class Host:
            def holders(self, *_: object) -> object:
                return answer

            def superior(self, *_: object) -> None:
                return None

        with pytest.raises(JiefenError, match=r"holders\('court_head', .* of Host .* tuple of jiefen.Holder"):
            finder(rulebook, Host()).find("court_head", None, GRID)

    def test_a_list_is_as_good_as_a_tuple(self, rulebook: Rulebook) -> None:
        class Host:
            def holders(self, *_: object) -> object:
                return [Holder(id="t-1", role="r", area=GRID)]

            def superior(self, *_: object) -> None:
                return None

        assert finder(rulebook, Host()).find("court_head", None, GRID).holders == ("t-1",)

    @pytest.mark.parametrize("answer", ["township_leader", ("a", None, None), Seat("a", "county", None)])  # type: ignore[arg-type]
    def test_a_superior_that_is_no_seat(self, rulebook: Rulebook, answer: object) -> None:
        class Host:
            def holders(self, *_: object) -> tuple[Holder, ...]:
                return ()

            def superior(self, *_: object) -> object:
                return answer

        with pytest.raises(JiefenError, match=r"superior\('court_head', .* of Host .* jiefen.Seat") as told:
            finder(rulebook, Host()).find("court_head", None, GRID)
        if isinstance(answer, Seat):
            assert "whose level is 'county'" in str(told.value)

    @pytest.mark.parametrize("answer", [None, GRID, 7, [7], [None], {GRID: 1}])
    def test_units_that_are_none(self, rulebook: Rulebook, answer: object) -> None:
        class Host(Organisation):
            def concerned(self, *_: object) -> Any:
                return answer

        with pytest.raises(
            JiefenError, match=r"concerned\('140429102201001', 'grid'\) of Host .* codes of areas"
        ):
            finder(rulebook, Host({}, (), {})).find("grid_chief", None, GRID)

    def test_units_may_come_in_a_tuple_and_twice(self, rulebook: Rulebook) -> None:
        class Host(Organisation):
            def concerned(self, *_: object) -> Any:
                return (GRID, GRID)

        posts = (Post(role="grid_chief", area=GRID, holder="w"),)
        assert finder(rulebook, Host({}, posts, {})).find("grid_chief", None, GRID).holders == ("w",)

    @pytest.mark.parametrize("directory", ["dir.yaml", Path("dir.yaml"), {}, Organisation, object()])
    def test_something_else_is_refused_before_anything_is_opened(
        self, tmp_path: Path, directory: Any
    ) -> None:
        with pytest.raises(JiefenError, match="load_directory"):
            Engine.open(f"sqlite:///{tmp_path}/x.db", directory=directory)
        assert not (tmp_path / "x.db").exists()
