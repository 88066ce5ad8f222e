"""What a case has to do with others: the earlier one about the same matter (同一事项), its parts (子件)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple

from jiefen.case.state.facts import Facts
from jiefen.notation.labels import Label
from jiefen.record.kinds import Happening
from jiefen.record.notice import Notice
from jiefen.record.recording import Recording
from jiefen.record.refs import Ref
from jiefen.rules import Vocabulary

#: The fact that names the earlier case, by its key or its number.
REPEAT_OF: Final = "repeat_of"
#: So many open parts are named when the whole ends; there may be thousands.
PARTS_TOLD: Final = 20
_PARTS_OPEN: Final = Label("本案已结,仍有子件未办结", "The case has ended, and parts of it are still open")
_FACT, _DEADLINE = "earlier:", "earlier_deadline:"


class EarlierCase(NamedTuple):
    """What is looked at in an earlier case.

    Attributes:
        facts: its facts, as JSON carries them.
        running: the ids of the rules whose deadlines run in it and are not over.
    """

    id: int
    facts: Mapping[str, object]
    running: Collection[str]


#: The earlier case that a key or number stands for; ``None`` where there is none.
FindEarlier = Callable[[str], EarlierCase | None]


def take_over(facts: Facts, vocabulary: Vocabulary, recording: Recording, find: FindEarlier) -> None:
    """Set the facts that the vocabulary says come from the earlier case (``earlier:`` and ``earlier_deadline:``).

    The journal tells which case it was, and also that no case has that number: then nothing is taken over.
    """
    number = facts.values.get(REPEAT_OF)
    earlier = find(number) if isinstance(number, str) else None
    if earlier is not None and earlier.id == recording.case_id:
        earlier = None
    taken = _taken(earlier, vocabulary) if earlier is not None else {}
    recording.note(
        Happening.SAME_MATTER,
        number if isinstance(number, str) else None,
        case=earlier.id if earlier is not None else None,
        facts=facts.take_changed(taken),
    )


def tell_of_parts(
    recording: Recording, parts: Sequence[int], in_charge: Callable[[], str | None], area: str | None
) -> None:
    """The whole has ended and parts of it are open: they go on, and who is responsible for the whole is told."""
    if parts:
        recording.note(Happening.PARTS_OPEN, None, parts=list(parts))
        about = {"parts": list(parts)}
        told = Notice(about=about, title=_PARTS_OPEN, action="parts_open", to=in_charge(), area=area)
        recording.tell(Ref.told_of_parts(recording.revision), told)


def _taken(earlier: EarlierCase, vocabulary: Vocabulary) -> dict[str, object]:
    taken: dict[str, object] = {}
    for fact in vocabulary.facts.values():
        names = [way.removeprefix(_FACT) for way in fact.set_by if way.startswith(_FACT)]
        rules = {way.removeprefix(_DEADLINE) for way in fact.set_by if way.startswith(_DEADLINE)}
        for name in names:
            if earlier.facts.get(name) is not None:
                taken[fact.id] = fact.from_json(earlier.facts[name])
        if rules:
            taken[fact.id] = not rules.isdisjoint(earlier.running)
    return taken
