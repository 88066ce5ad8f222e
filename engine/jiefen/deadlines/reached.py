"""Which milestones a case has reached: on which day each was last, and in which order the case learnt of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Final

from jiefen.clock import legal_day

#: Stands among the milestones for the beginning of the stage that the case is in; no milestone has such a name.
_STAGE: Final = ":stage"

#: A moment as it is kept, a day or an instant in UTC, and its number in the order of the case.
Kept = list[str | int]


class Reached:
    """The milestones of one case.

    Args:
        kept: as :meth:`dump` gave them; ``None`` for a case that has reached none.
    """

    def __init__(self, kept: Mapping[str, Kept] | None) -> None:
        self._kept = dict(kept or {})
        self._latest = max((int(order) for _, order in self._kept.values()), default=0)
        #: Those that a message has reached which the model is still to take.
        self.ahead: set[str] = set()

    def dump(self) -> dict[str, Kept]:
        """The milestones as the database keeps them."""
        return dict(self._kept)

    def keep(self, milestone: str, moment: date | datetime) -> None:
        """A milestone is reached; what was known of it before is no longer the last time."""
        kept = moment.astimezone(UTC) if isinstance(moment, datetime) else moment
        self._put(milestone, kept.isoformat())

    def enter_stage(self) -> None:
        """Another stage begins; what was reached so far was reached in an earlier one."""
        self._put(_STAGE, "")

    def forget(self, milestone: str, day: date | None) -> None:
        """A milestone was not reached on a day, as it seemed."""
        if day is not None and self.day(milestone) == day:
            del self._kept[milestone]

    def moment(self, milestone: str) -> date | datetime | None:
        """When a milestone was last reached: a day, or an instant; ``None``: never."""
        kept = self._kept.get(milestone)
        if kept is None:
            return None
        text = str(kept[0])
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)

    def day(self, milestone: str) -> date | None:
        """The legal day on which a milestone was last reached."""
        moment = self.moment(milestone)
        return None if moment is None else legal_day(moment)

    def in_this_stage(self, milestone: str) -> bool:
        """Whether a milestone was last reached in the stage that the case is in."""
        kept = self._kept.get(milestone)
        return kept is not None and self._order(milestone) > self._order(_STAGE)

    def since(self, anchor: str, day: date, names: Iterable[str]) -> Iterator[tuple[str, date | datetime]]:
        """Which of some milestones were reached after an anchor of that ``day``, the earliest first.

        On the day itself those count that the case has learnt of after the anchor, or that came before their time.
        """
        found = []
        for name in names:
            moment = self.moment(name)
            if moment is None or name == anchor:
                continue
            on = legal_day(moment)
            later = name in self.ahead or self._order(name) > self._order(anchor)
            if on > day or (on == day and later):
                found.append((on, self._order(name), name, moment))
        return ((name, moment) for _, _, name, moment in sorted(found, key=lambda item: item[:2]))

    def _order(self, name: str) -> int:
        return int(self._kept.get(name, ("", 0))[1])

    def _put(self, name: str, text: str) -> None:
        self._latest += 1
        self._kept[name] = [text, self._latest]
