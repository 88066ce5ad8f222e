"""同一事项: what a case takes over from the earlier case about the same matter, which the fact ``repeat_of`` names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from jiefen.case.facts import Facts
from jiefen.record.kinds import Happening
from jiefen.record.recording import Recording
from jiefen.rules import Vocabulary

#: The fact that names the earlier case, by its key or its number.
REPEAT_OF: Final = "repeat_of"
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
