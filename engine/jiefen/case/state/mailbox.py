"""Messages that came before the model waits for them. They are kept with their facts, and taken when it gets there.

What is kept is bounded: one message of a name, for a year, in the stage in which it came and the next one. A message of
an earlier round must not answer a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from jiefen.deadlines.planning import Register
from jiefen.notation.labels import Label
from jiefen.process import Instance
from jiefen.record.kinds import Happening
from jiefen.record.notice import Notice
from jiefen.rules import Message

#: So long a message waits for its model.
_KEPT_FOR: Final = timedelta(days=366)
#: So many stages may begin before a message is taken.
_STAGES: Final = 1
_LATER: Final = Label("后来又收到同一消息", "another one of that name came later")
_OLD: Final = Label("已保存一年仍无人等候", "nothing has waited for it in a year")
_LEFT: Final = Label("流程已进入其后的阶段", "the case has gone on to later stages")
_ENDED: Final = Label("案件已办结", "the case has ended")
_CHANGED: Final = Label("现行规则不认得这一消息", "the rules in force do not know it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that waits.

    Attributes:
        facts: as JSON carries them.
        came: the instant at which it came, in ISO form.
        milestone: what it has reached by itself, on ``day``, in ISO form; ``None``: nothing.
        stages: how many stages have begun since.
    """

    name: str
    facts: Mapping[str, Any]
    came: str
    milestone: str | None
    day: str
    stages: int = 0

    @classmethod
    def written(
        cls, name: str, facts: Mapping[str, Any], now: datetime, milestone: str | None, day: date
    ) -> Letter:
        """A message that comes now."""
        came = now.astimezone(UTC).isoformat()
        return cls(name=name, facts=facts, came=came, milestone=milestone, day=day.isoformat())

    @property
    def on(self) -> date:
        """The legal day of what it tells."""
        return date.fromisoformat(self.day)


class Mailbox:
    """The messages of one case that wait. Whoever is responsible for the case is told of each that is dropped.

    Args:
        kept: as :meth:`dump` gave them.
        register: of the case; it knows which milestones have been reached before the model gets there.
        known: the messages of the rulebook.
    """

    def __init__(
        self, kept: list[dict[str, Any]] | None, register: Register, known: Mapping[str, Message]
    ) -> None:
        self._letters = [Letter(**one) for one in kept or ()]
        self._register, self._known = register, known
        self._tell_what_is_ahead()

    def dump(self) -> list[dict[str, Any]] | None:
        """The messages as the database keeps them."""
        return [asdict(one) for one in self._letters] or None

    def keep(self, letter: Letter) -> None:
        """Let a message wait; it takes the place of one of its name."""
        self._drop(lambda one: one.name == letter.name, _LATER)
        self._letters.append(letter)
        self._tell_what_is_ahead()

    def awaited(self, instance: Instance) -> Letter | None:
        """The first message that the process waits for now; it is no longer kept."""
        letter = next((one for one in self._letters if instance.awaits(one.name)), None)
        if letter is not None:
            self._letters.remove(letter)
            self._tell_what_is_ahead()
        return letter

    def enter_stage(self) -> None:
        """Another stage begins."""
        self._letters = [replace(one, stages=one.stages + 1) for one in self._letters]
        self._drop(lambda one: one.stages > _STAGES, _LEFT)

    def sort_out(self) -> None:
        """Drop what has waited too long, and what another rulebook does not know."""
        if self._letters:
            now = self._register.recording.now
            self._drop(lambda one: datetime.fromisoformat(one.came) + _KEPT_FOR < now, _OLD)
            facts = self._register.edition.rulebook.vocabulary.facts
            self._drop(lambda one: not one.facts.keys() <= facts.keys(), _CHANGED)

    def close(self) -> None:
        """The case has ended: nothing waits for a message any more."""
        self._drop(lambda _: True, _ENDED)

    def _drop(self, wrong: Callable[[Letter], bool], why: Label) -> None:
        gone = [one for one in self._letters if wrong(one)]
        if not gone:
            return
        self._letters = [one for one in self._letters if one not in gone]
        self._tell_what_is_ahead()
        recording = self._register.recording
        for letter in gone:
            known = self._known.get(letter.name)
            title = known.title if known is not None else Label(letter.name, letter.name)
            recording.note(Happening.MESSAGE_DROPPED, letter.name, came=letter.came, why=why)
            about = {"message": letter.name, "came": letter.came, "why": dict(why)}
            told = Notice(
                about=about, title=title, action="message_dropped", to=None, area=self._register.area
            )
            recording.tell(recording.next_ref(recording.revision), told)

    def _tell_what_is_ahead(self) -> None:
        self._register.reached.ahead = {one.milestone for one in self._letters if one.milestone is not None}


def reached_by(
    message: Message | None, facts: Mapping[str, object]
) -> tuple[str | None, tuple[str, str, date] | None]:
    """The milestone that a message reaches, and what it says of its day: the milestone, the fact and the day."""
    milestone = message.reaches if message is not None else None
    name = message.date if message is not None else None
    said = facts.get(name) if name is not None else None
    if milestone is None or name is None or not isinstance(said, date):
        return milestone, None
    return milestone, (milestone, name, said)
