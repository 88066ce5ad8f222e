"""期满后果: what happens when a deadline is over, one function for each value of ``on_expiry``.

Every consequence becomes an entry of the journal, so that the meaning of a missed date is on record. The
milestone that a rule names for its expiry is reached by the step afterwards; deadlines that run from it start then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from jiefen.deadlines.notices import deadline_notice
from jiefen.deadlines.running import RunningDeadline
from jiefen.record.kinds import Happening
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.rules import Expiry, Ladder


@dataclass(frozen=True, slots=True)
class Expired:
    """A deadline that has just expired, with what its consequence may need."""

    deadline: RunningDeadline
    ladder: Ladder | None
    area: str | None
    recording: Recording

    @property
    def effect(self) -> Expiry:
        """What the law attaches to it."""
        return self.deadline.version.on_expiry

    def note(self, **data: Any) -> None:
        """Keep the consequence in the journal."""
        rule, milestone = self.deadline.rule.id, self.deadline.version.expiry_milestone
        seq = self.deadline.seq
        self.recording.note(
            Happening.EFFECT, str(self.effect), rule=rule, seq=seq, milestone=milestone, **data
        )

    def tell_holder(self, action: str) -> None:
        """Leave a notice for the role that owed it."""
        told = deadline_notice(self.deadline, self.deadline.held_by, self.area, action=action)
        # A deadline that is reopened may expire again: another notice, and another supervision.
        ref = Ref.told_by_expiry(self.deadline.seq, self.recording.revision)
        self.recording.tell(ref, told)


def _deemed(expired: Expired) -> None:
    """The law treats something as done that was not done (视为)."""
    expired.note(deemed=expired.effect.removeprefix("deemed_"))


def _opens(expired: Expired) -> None:
    """The other side may go elsewhere now; the right is theirs from this day on."""
    expired.note(right=expired.effect.removeprefix("right_to_"))


def _settles(expired: Expired) -> None:
    """What could have been attacked can no longer be, and holds or can be enforced."""
    expired.note(settled=True)


def _loses(expired: Expired) -> None:
    """A right is gone; a claim that is only time-barred still stands until the debtor objects (MFD 192)."""
    expired.note(lost="defence" if expired.effect is Expiry.TIME_BARRED else "right")


def _goes_on(expired: Expired) -> None:
    """The next procedure begins without what was awaited; the process and the milestone see to it."""
    expired.note()


def _burdens(expired: Expired) -> None:
    """The role that missed it bears the costs from now on, and gets a notice."""
    expired.note()
    expired.tell_holder("liability")


def _supervises(expired: Expired) -> None:
    """督办. A ladder with rungs after the due date presses by itself; without one its holder must answer."""
    expired.note()
    if expired.ladder is None or all(rung.before for rung in expired.ladder.rungs):
        expired.tell_holder("supervise")


def _nothing(_expired: Expired) -> None:
    """The law does not say what follows; that it has expired stands in the journal already."""


#: One executor per value: a value without one cannot be loaded by a rule without a test telling.
EXECUTORS: Final[Mapping[Expiry, Callable[[Expired], None]]] = MappingProxyType(
    {
        Expiry.DEEMED_ACCEPTED: _deemed,
        Expiry.DEEMED_FAILED: _deemed,
        Expiry.DEEMED_ABANDONED: _deemed,
        Expiry.DEEMED_WITHDRAWN: _deemed,
        Expiry.RIGHT_TO_SUE: _opens,
        Expiry.RIGHT_TO_ARBITRATE: _opens,
        Expiry.RIGHT_TO_RECONSIDERATION: _opens,
        Expiry.RIGHT_TO_HIGHER_ORGAN: _opens,
        Expiry.BECOMES_FINAL: _settles,
        Expiry.ENFORCEABLE: _settles,
        Expiry.RIGHT_LOST: _loses,
        Expiry.TIME_BARRED: _loses,
        Expiry.NEXT_PROCEDURE: _goes_on,
        Expiry.LIABILITY: _burdens,
        Expiry.SUPERVISE: _supervises,
        Expiry.NOT_STATED: _nothing,
    }
)


def take_effect(expired: Expired) -> None:
    """Do what the law attaches to the end of the deadline."""
    EXECUTORS[expired.effect](expired)
