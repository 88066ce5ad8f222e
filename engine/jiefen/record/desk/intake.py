"""What becomes of a row of a ledger, or of a matter from another register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from jiefen.errors import FactError, JiefenError
from jiefen.notation.labels import Label, did_you_mean
from jiefen.notation.texts import shown, text_problem


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


class Owner(StrEnum):
    """As what somebody sees to a matter by the register that it comes from; the Chinese word is understood too."""

    LEADER = "leader"
    UNIT = "unit"
    HANDLER = "handler"
    VISITOR = "visitor"

    @property
    def label(self) -> Label:
        """As what, for people."""
        return _OWNERS[self]

    @classmethod
    def _missing_(cls, value: object) -> Owner | None:
        return next((one for one in cls if one.label.zh == value), None)


_OWNERS: Final[Mapping[Owner, Label]] = {
    Owner.LEADER: Label("包案领导", "leader"),
    Owner.UNIT: Label("承办单位", "handling unit"),
    Owner.HANDLER: Label("承办人", "handler"),
    Owner.VISITOR: Label("走访人", "visitor"),
}
_MOST_OWNER: Final = 200


def owners_of(given: object) -> dict[Owner, str]:
    """Who sees to a matter, as a caller gives it.

    Raises:
        FactError: it is no mapping of owners to who they are.
    """
    if not isinstance(given, Mapping):
        raise FactError(f"owners are a {type(given).__name__}; give a mapping such as {{'leader': '0501'}}")
    found = {}
    for name, who in given.items():
        try:
            owner = Owner(name)
        except ValueError:
            near = did_you_mean(str(name), list(map(str, Owner))) or f"there are {', '.join(Owner)}"
            raise FactError(f"there is no owner {shown(name)}; {near}", fact="owners") from None
        wrong = text_problem(who, _MOST_OWNER)
        if wrong is not None:
            raise FactError(f"the {owner} cannot be used: {wrong}", fact="owners")
        found[owner] = str(who)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRow:
    """A matter as another register has it.

    Attributes:
        key: the same for the same matter whenever it comes.
        facts: what intake may set, in plain values or as JSON carries them.
        parties: mappings with ``part`` and ``name``.
        rebound: the register says that a settled matter has come up again.
        process: by which the matter goes; ``None``: by that of the intake.
        owners: who sees to it: ``leader`` (the staff number binds somebody of the directory), ``unit``, ``handler``,
            ``visitor``.
    """

    key: str
    facts: Mapping[str, Any] = field(repr=False)
    parties: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    rebound: bool = False
    process: str | None = None
    owners: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one row.

    Attributes:
        row: the row itself.
        case: its case, of one that was merged the case in which it goes on; ``None`` when it was refused.
        others: the cases it may be a repeat of, the one it rebounds from, or the one that has its key.
        differs: the facts, and ``parties``, that the row says otherwise than the case, now and when it was opened;
            ``owners`` when others see to it than it said before.
        unbound: the leader that the row names and the directory does not have, so that nobody is bound.
        error: why it was refused.
    """

    row: Any = field(repr=False)
    outcome: Intake
    case: int | None = None
    others: tuple[int, ...] = ()
    differs: tuple[str, ...] = ()
    unbound: str | None = field(default=None, repr=False)
    error: JiefenError | None = None
