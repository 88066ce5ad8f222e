"""The directory: who holds which post, where and when; and what a file can get wrong."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.areas import Level
from jiefen.errors import RuleError
from jiefen.notation.labels import Label
from jiefen.people.directory import Holder, Organisation, Post, Seat, Unit
from jiefen.people.directory_file import check_directory, load_directory
from jiefen.rules import load_rulebook
from jiefen.testing import DirectoryContract

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "directory.yaml"
DAY = date(2026, 6, 30)
TOWNSHIP, VILLAGE = "140429102", "140429102201"
GRID, SECOND, SCHOOL = f"{VILLAGE}001", f"{VILLAGE}002", f"{VILLAGE}901"


@pytest.fixture(scope="module")
def example() -> Organisation:
    return load_directory(EXAMPLE, load_rulebook(ROOT / "rules").roles)


def held(
    organisation: Organisation, role: str, area: str, level: Level | None = None, on: date = DAY
) -> list[str]:
    found = organisation.holders(role, area, level, on)
    return [holder.id + ("*" if holder.deputy else "") for holder in found]


class TestLookingUp:
    def test_a_post_is_held_from_its_first_to_its_last_day(self, example: Organisation) -> None:
        assert held(example, "grid_chief", GRID) == ["w-1001"]
        assert held(example, "grid_chief", GRID, on=DAY + timedelta(days=1)) == ["w-1004"]
        assert held(example, "grid_chief", GRID, on=date(2024, 2, 29)) == []

    def test_it_is_looked_for_at_the_level_of_the_role(self, example: Organisation) -> None:
        assert held(example, "village_head", GRID, Level.VILLAGE) == ["v-3001"]
        assert held(example, "township_leader", GRID, Level.TOWNSHIP) == ["t-4010"]
        assert held(example, "joint_meeting_office", GRID, Level.COUNTY) == ["x-6201"]

    def test_a_village_without_a_grid_means_every_grid_of_it_but_the_exclusive_ones(
        self, example: Organisation
    ) -> None:
        assert held(example, "grid_chief", VILLAGE, Level.GRID) == ["w-1001", "w-1002"]

    def test_of_a_whole_township_no_grid_can_be_picked(self, example: Organisation) -> None:
        assert held(example, "grid_chief", TOWNSHIP, Level.GRID) == []

    def test_a_school_concerns_its_own_grid_and_the_one_it_lies_in(self, example: Organisation) -> None:
        assert held(example, "grid_chief", SCHOOL, Level.GRID) == ["s-2001", "w-1001"]
        assert held(example, "grid_worker", SCHOOL, Level.GRID) == ["w-1101"]

    def test_it_answers_to_the_unit_it_is_under_not_to_the_village_around_it(
        self, example: Organisation
    ) -> None:
        assert list(example.lineage(SCHOOL)) == [SCHOOL, TOWNSHIP, "140429", "1404", "14"]
        assert held(example, "village_head", SCHOOL, Level.VILLAGE) == []
        assert held(example, "township_leader", SCHOOL, Level.TOWNSHIP) == ["t-4010"]

    def test_deputies_are_listed_as_such(self, example: Organisation) -> None:
        assert held(example, "township_coordinator", VILLAGE, Level.TOWNSHIP) == ["t-4001", "t-4002*"]
        assert held(example, "grid_chief", "140429102202001", Level.GRID) == ["w-1003*"]

    def test_one_person_for_two_grids_is_one_person(self, example: Organisation) -> None:
        assert held(example, "grid_worker", VILLAGE, Level.GRID) == ["w-1101"]

    def test_a_role_held_further_up_covers_what_lies_below(self) -> None:
        posts = (Post(role="lawyer", area="140429", holder="a"),)
        organisation = Organisation({}, posts, {})
        assert held(organisation, "lawyer", GRID, Level.VILLAGE) == ["a"]
        nearer = Organisation({}, (*posts, Post(role="lawyer", area=VILLAGE, holder="b")), {})
        assert held(nearer, "lawyer", GRID, Level.VILLAGE) == ["b"]

    def test_who_holds_a_post_in_one_grid_is_no_deputy_for_being_one_in_the_next(self) -> None:
        units = {
            area: Unit(area=area, title=Label("甲", "A"), lies_in=GRID if area == SCHOOL else None)
            for area in (GRID, SCHOOL)
        }
        posts = (
            Post(role="chief", area=SCHOOL, holder="a", deputy=True), Post(role="chief", area=GRID, holder="a"),
        )  # fmt: skip
        assert held(Organisation(units, posts, {}), "chief", SCHOOL, Level.GRID) == ["a"]

    def test_the_superior_is_looked_for_in_the_same_area(self, example: Organisation) -> None:
        assert example.superior("grid_chief", GRID) == Seat("village_head", None, GRID)
        assert example.superior("joint_meeting_office", GRID) is None

    @given(
        spans=st.lists(st.tuples(st.none() | st.dates(), st.none() | st.dates()), max_size=5),
        on=st.dates(),
        deputies=st.lists(st.booleans(), min_size=5, max_size=5),
    )
    def test_exactly_those_in_force_are_found(
        self, spans: list[tuple[date | None, date | None]], on: date, deputies: list[bool]
    ) -> None:
        posts = [
            Post(role="r", area=GRID, holder=str(at), deputy=deputies[at], since=since, until=until)
            for at, (since, until) in enumerate(spans)
        ]
        expected = {
            str(at)
            for at, (since, until) in enumerate(spans)
            if (since or date.min) <= on <= (until or date.max)
        }
        found = Organisation({}, tuple(posts), {}).holders("r", GRID, Level.GRID, on)
        assert {holder.id for holder in found} == expected
        assert all(holder.deputy == deputies[int(holder.id)] for holder in found)


UNITS = "units:\n  '140429': {TITLE}\n  '140429102': {TITLE}\n"
POSTS = "posts:\n  - {role: clerk, area: '140429102', holder: a}\n"

MISTAKES = [
    ("units:\n  §140429: {TITLE}\n" + POSTS, "wrong-type"),
    ("units:\n  §'1404291': {TITLE}\n" + POSTS, "wrong-form"),
    ("units:\n  '140429102': {TITLE}\n  §'140429102000': {TITLE}\n" + POSTS, "unit-twice"),
    ("units:\n  '140429': {TITLE}\n  §'140429102201': {TITLE}\nposts: []\n", "unit-gap"),
    (UNITS + "  '140429102201': {TITLE, §under: '140430'}\n" + POSTS, "unknown-unit"),
    (UNITS + "  '140429102201': {TITLE, §under: '140429102201'}\n" + POSTS, "wrong-unit"),
    (UNITS + "  '140429102201': {TITLE, §exclusive: true}\n" + POSTS, "wrong-unit"),
    (UNITS + "  '140429102201': {TITLE, §lies_in: '140429102'}\n" + POSTS, "wrong-unit"),
    (UNITS + "  '140429103': {TITLE, §levle: 3}\n" + POSTS, "unknown-key"),
    (UNITS + "superiors: {clerk: head, §head: clerk}\n" + POSTS, "cycle"),
    (UNITS + "superiors: {§clerk: hed}\n" + POSTS, "unknown-role"),
    (UNITS + "posts:\n  - {§role: clerc, area: '140429102', holder: a}\n", "unknown-role"),
    (UNITS + "posts:\n  - {role: clerk, §area: '140429103', holder: a}\n", "unknown-unit"),
    (UNITS + "posts:\n  - §{role: clerk, area: '140429102'}\n", "missing-key"),
    (UNITS + "posts:\n  - {role: clerk, area: '140429102', §holder: ' '}\n", "empty-text"),
    (UNITS + "posts:\n  - {role: clerk, area: '140429102', holder: a, from: 2026-02-01, §to: 2026-01-31}\n",
     "dates-reversed"),
    (UNITS + POSTS + "  - §{role: clerk, area: '140429102000', holder: a, from: 2026-01-01}\n", "post-twice"),
    (UNITS + POSTS + "§posts: []\n", "yaml-duplicate-key"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"), MISTAKES, ids=[f"{code}-{at}" for at, (_, code) in enumerate(MISTAKES)]
)
def test_a_mistake_is_found_where_it_stands(tmp_path: Path, text: str, code: str) -> None:
    marked = text.replace("TITLE", "title: {zh: 甲, en: A}")
    before = marked.partition("§")[0]
    path = tmp_path / "directory.yaml"
    path.write_text(marked.replace("§", ""), encoding="utf-8")
    findings = check_directory(path, {"clerk", "head"})
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert (code, *place) in [(one.code, one.line, one.column) for one in findings]
    with pytest.raises(RuleError, match=r"directory\.yaml"):
        load_directory(path, {"clerk", "head"})


def test_the_same_post_again_at_another_time_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "directory.yaml"
    path.write_text(
        UNITS.replace("TITLE", "title: {zh: 甲, en: A}")
        + "posts:\n  - {role: clerk, area: '140429102', holder: a, to: 2025-12-31}\n"
        "  - {role: clerk, area: '140429102', holder: a, from: 2026-01-01}\n",
        encoding="utf-8",
    )
    assert check_directory(path) == []


def test_the_example_is_sound_and_its_people_are_numbers(example: Organisation) -> None:
    assert check_directory(EXAMPLE, load_rulebook(ROOT / "rules").roles) == []
    assert all(post.holder.isascii() for post in example.posts)


def test_the_grids_of_one_village_are_picked_out_of_a_county_that_declares_no_villages() -> None:
    units = {"140429": Unit(area="140429", title=Label("县", "County"))}
    posts = []
    for village in range(200, 400):
        for grid in range(1, 6):
            area = f"140429102{village}{grid:03}"
            units[area] = Unit(area=area, title=Label("格", "Grid"))
            posts.append(Post(role="chief", area=area, holder=area))
    organisation = Organisation(units, tuple(posts), {})
    assert held(organisation, "chief", "140429102300", Level.GRID) == [
        f"140429102300{n:03}" for n in range(1, 6)
    ]


@pytest.mark.parametrize(("text", "line"), [
    (UNITS + "  140429103: {TITLE}\n" + POSTS, 4),
    (UNITS + "  '140429102201': {TITLE, under: 140429}\n" + POSTS, 4),
    (UNITS + "posts:\n  - {role: clerk, area: 140429, holder: a}\n", 5),
    (UNITS + "posts:\n  - {role: clerk, area: ['140429102', 140429], holder: a}\n", 5),
    (UNITS + "posts:\n  - {role: clerk, area: '140429', holder: 17}\n", 5),
])  # fmt: skip
def test_a_code_without_quotes_is_told_to_have_some(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "directory.yaml"
    path.write_text(text.replace("TITLE", "title: {zh: 甲, en: A}"), encoding="utf-8")
    [finding] = check_directory(path)
    assert (finding.code, finding.line, finding.hint[:17]) == ("wrong-type", line, "put it in quotes:")


@pytest.mark.parametrize("text", [
    UNITS + POSTS + "  - 7\n",
    UNITS + "posts:\n  - {role: clerk, area: '140429', holder: a, deputy: 1}\n",
    UNITS + "posts:\n  - {role: clerk, area: '140429', holder: a, from: 2026}\n",
    UNITS + "posts:\n  - {role: clerk, area: 7, holder: a}\n",
    UNITS + "  '140429103': 7\n" + POSTS,
])  # fmt: skip
def test_what_quotes_would_not_mend_is_told_otherwise(tmp_path: Path, text: str) -> None:
    path = tmp_path / "directory.yaml"
    path.write_text(text.replace("TITLE", "title: {zh: 甲, en: A}"), encoding="utf-8")
    [finding] = check_directory(path)
    assert finding.code == "wrong-type"
    assert "put it in quotes" not in finding.hint


@pytest.mark.parametrize(("role", "area", "said"), [
    ("grid_chief", TOWNSHIP, None),                # looked for in a grid, and further up
    ("township_coordinator", TOWNSHIP, None),
    ("township_coordinator", VILLAGE, "looked for at the level township"),
    ("joint_meeting_office", TOWNSHIP, "looked for at the level county"),
    ("party", TOWNSHIP, "has no level"),
])  # fmt: skip
def test_a_post_where_nobody_ever_looks_is_a_warning(
    tmp_path: Path, role: str, area: str, said: str | None
) -> None:
    roles = load_rulebook(ROOT / "rules").roles
    path = tmp_path / "directory.yaml"
    text = f"{UNITS}  '{VILLAGE}': {{TITLE}}\nposts:\n  - {{role: {role}, area: '{area}', holder: a}}\n"
    path.write_text(text.replace("TITLE", "title: {zh: 甲, en: A}"), encoding="utf-8")
    found = check_directory(path, roles)
    assert [(one.code, str(one.severity), one.line) for one in found] == (
        [("never-looked-for", "warning", 6)] if said else []
    )
    assert not said or said in found[0].message
    load_directory(path, roles)


def test_a_person_with_a_control_character_is_no_name(tmp_path: Path) -> None:
    path = tmp_path / "directory.yaml"
    text = UNITS + "posts:\n  - {role: clerk, area: '140429', holder: \"a\\0b\"}\n"
    path.write_text(text.replace("TITLE", "title: {zh: 甲, en: A}"), encoding="utf-8")
    assert [one.code for one in check_directory(path)] == ["wrong-form"]


class TestContract(DirectoryContract):
    """What every directory must keep, by the one that comes with Jiefen."""

    def directory(self) -> Organisation:
        return load_directory(EXAMPLE, load_rulebook(ROOT / "rules").roles)

    def held(self) -> tuple[str, str, Level | None, date]:
        return "grid_chief", GRID, Level.GRID, DAY


class TestContractIsKept:
    """A directory that breaks a promise is found."""

    class Round(Organisation):
        def superior(self, role: str, area: str) -> Seat | None:
            return Seat(role, None, area)

    class Wrong(Organisation):
        def holders(self, *_: object) -> tuple[Holder, ...]:
            return (Holder(id="x", role="another", area="99"),)

    @pytest.mark.parametrize(
        ("directory", "test"),
        [
            (Round, "test_whoever_is_above_is_a_seat_and_the_ladder_ends"),
            (Wrong, "test_holders_say_which_post_they_hold"),
            (Wrong, "test_what_nobody_holds_is_vacant_and_no_error"),
        ],
    )
    def test_a_broken_promise_is_found(self, directory: type[Organisation], test: str) -> None:
        class Broken(TestContract):
            def directory(self) -> Organisation:
                return directory({}, (), {})

        with pytest.raises(AssertionError):
            getattr(Broken(), test)()
