"""What becomes of a row of a ledger, or of a matter from another register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from jiefen.errors import JiefenError


class Intake(StrEnum):
    """What became of a row.

    ``opened``: a case; ``known``: there is a case, and the row says what it said; ``changed``: there is a case, and
    the row says otherwise, told as long as it does; ``voided``: its case was voided, and it opens none;
    ``rebounded``: a matter that had ended came up again, as a new case; ``another``: its key was that of another
    matter, and it is a case of its own; ``repeat``: a case, perhaps the same matter as others, for a person to decide;
    ``refused``: no case.
    """

    OPENED = "opened"
    KNOWN = "known"
    CHANGED = "changed"
    VOIDED = "voided"
    REBOUNDED = "rebounded"
    ANOTHER = "another"
    REPEAT = "repeat"
    REFUSED = "refused"

    @property
    def opens(self) -> bool:
        """Whether a case was opened."""
        return self in (Intake.OPENED, Intake.REBOUNDED, Intake.ANOTHER, Intake.REPEAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRow:
    """A matter as another register has it.

    Attributes:
        key: the same for the same matter whenever it comes.
        facts: what intake may set, in plain values or as JSON carries them.
        parties: mappings with ``part`` and ``name``.
        rebound: the register says that a settled matter has come up again.
        process: by which the matter goes; ``None``: by that of the intake.
    """

    key: str
    facts: Mapping[str, Any] = field(repr=False)
    parties: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    rebound: bool = False
    process: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one row.

    Attributes:
        row: the row itself.
        case: its case, of one that was merged the case in which it goes on; ``None`` when it was refused.
        others: the cases it may be a repeat of, the one it rebounds from, or the one that has its key.
        differs: the facts, and ``parties``, that the row says otherwise than the case, now and when it was opened.
        error: why it was refused.
    """

    row: Any = field(repr=False)
    outcome: Intake
    case: int | None = None
    others: tuple[int, ...] = ()
    differs: tuple[str, ...] = ()
    error: JiefenError | None = None
