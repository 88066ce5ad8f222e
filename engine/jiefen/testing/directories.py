"""What every directory of a host must keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from jiefen.areas import Level
from jiefen.people.directory import Divided, Holder, Seat

#: A ladder of posts that is longer goes round.
_MOST_STEPS = 20


class DirectoryContract:
    """What every directory must keep. Subclass it in a test, and provide the two methods below."""

    def directory(self) -> Any:
        """The directory under test."""
        raise AssertionError("override directory() in your test class")

    def held(self) -> tuple[str, str, Level | None, date]:
        """A role that somebody holds for an area, the level to look at, and a day on which they do."""
        raise AssertionError("override held() in your test class")

    def test_holders_say_which_post_they_hold(self) -> None:
        """Each is a holder of the role that was asked for, in the area, above it, or inside it."""
        role, area, _, _ = question = self.held()
        found = self.directory().holders(*question)
        assert isinstance(found, Sequence)
        assert found
        for holder in found:
            assert isinstance(holder, Holder)
            assert holder.id.strip()
            assert holder.role == role
            assert holder.area.startswith(area) or area.startswith(holder.area)

    def test_the_same_question_has_the_same_answer(self) -> None:
        """A step that is tried again must tell the same persons."""
        directory, question = self.directory(), self.held()
        assert directory.holders(*question) == directory.holders(*question)

    def test_what_nobody_holds_is_vacant_and_no_error(self) -> None:
        """The engine asks for every role of its rules in every area of its cases."""
        role, area, level, day = self.held()
        directory = self.directory()
        assert not directory.holders("a_role_that_is_not_there", area, level, day)
        assert not directory.holders(role, "659999", level, day)

    def test_whoever_is_above_is_a_seat_and_the_ladder_ends(self) -> None:
        """A ladder of superiors that goes round would press the same persons for ever."""
        role, area, _, _ = self.held()
        directory = self.directory()
        above: Seat | None = Seat(role, None, area)
        steps = 0
        while above is not None and above.area is not None:
            above = directory.superior(above.role, above.area)
            assert above is None or isinstance(above, Seat)
            steps += 1
            assert steps <= _MOST_STEPS, "the superiors go round"

    def test_units_lie_in_the_area_or_around_it(self) -> None:
        """Only for a directory that knows its units."""
        directory = self.directory()
        if isinstance(directory, Divided):
            _, area, level, _ = self.held()
            for unit in directory.concerned(area, level or Level.GRID):
                assert unit.startswith(area) or area.startswith(unit)
