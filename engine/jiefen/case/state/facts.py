"""要素: what is known of a case in work, and how the journal learns of every change of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from jiefen.areas import normalise_area
from jiefen.clock import china_date
from jiefen.deadlines.planning import Register
from jiefen.edition.edition import Edition
from jiefen.errors import FactError
from jiefen.process import Element
from jiefen.record.kinds import Happening
from jiefen.record.recording import Recording

_MISSING: Final = object()


class Facts:
    """The facts of one case, checked against the vocabulary.

    The journal tells every change: the entry that brings it (:meth:`take`), or one of its own (:meth:`assign`). So the
    facts at any entry can be put together again: :func:`jiefen.story.facts.facts_at`.

    Args:
        kept: the facts as the database keeps them.
        checked: whether they were checked against this vocabulary when they were written.
        assumed: the facts among them that nobody has said: days of milestones that the engine filled in.
        register: moves with the fact ``area`` to the rules and the calendar of another area.
    """

    def __init__(
        self,
        edition: Edition,
        kept: Mapping[str, object],
        checked: bool,
        assumed: list[str],
        register: Register,
        recording: Recording,
    ) -> None:
        self._edition, self._register, self._recording = edition, register, recording
        self._vocabulary = edition.rulebook.vocabulary
        self._values = self._vocabulary.load(kept) if checked else self._vocabulary.from_json(kept)
        self._assumed = set(assumed)
        # The facts set in this step, in the order in which they were first set.
        self._set: dict[str, None] = {}
        #: The facts as they were before this step.
        self.before: Mapping[str, object] = dict(self._values)
        #: What somebody had said before this step, or when it was last looked at.
        self.looked_at: Mapping[str, object] = self.without_assumed(None)

    @property
    def values(self) -> Mapping[str, object]:
        """The facts as they are now, in plain values."""
        return self._values

    def changed(self) -> dict[str, object]:
        """The facts that this step has changed, in plain values."""
        now, before = self._values, self.before
        return {name: now[name] for name in self._set if before.get(name) != now[name]}

    @property
    def hidden(self) -> frozenset[str]:
        """The facts that must not lie open in the tables, by name."""
        return self._vocabulary.hidden

    @property
    def assumed(self) -> list[str]:
        """The facts that nobody has said, by name."""
        return sorted(self._assumed)

    def said(self, name: str | None) -> object:
        """What somebody has said of a fact; ``None`` for what was assumed."""
        return self._values.get(name) if name is not None and name not in self._assumed else None

    def day_of(self, milestone: str, fact: str, day: date) -> date:
        """The day that a fact gives a milestone, once it is known to be possible.

        Raises:
            FactError: it lies in the future, or before what is known of holidays.
        """
        if day > china_date(self._recording.now):
            raise FactError(
                f"fact {fact!r} gives {milestone} the date {day}, which is in the future; correct the date",
                zh=f"“{self._vocabulary.fact(fact).title.zh}”填的 {day} 还没有到;请更正",
                fact=fact,
            )
        self._register.require_possible(milestone, day)
        return day

    def next_round(self, kept: Collection[str], given: Mapping[str, object]) -> dict[str, Any]:
        """Empty what the procedure alone says, since nobody tells it when the matter comes in; set what is given.

        Args:
            kept: the facts that stay as they are.

        Returns:
            The facts, and what they were ``before``, as the entry must tell them.
        """
        known = self._vocabulary.facts
        gone = [
            name
            for name, value in self._values.items()
            if value is not None and name not in kept and name in known and known[name].of_the_procedure
        ]
        before = {name: self._values[name] for name in (*gone, *given) if name in self._values}
        told = self.take(dict.fromkeys(gone) | dict(given))
        # What had begun by what is empty now goes on, and what was missed by it stays missed.
        self.looked_at = self.without_assumed(None)
        return {"facts": told, "before": self._vocabulary.dump(before)}

    def without_assumed(self, kept: str | None) -> dict[str, object]:
        """The facts that somebody has said, and the assumed one named ``kept``."""
        hidden = self._assumed - {kept}
        return {name: value for name, value in self._values.items() if name not in hidden}

    def newly_said(self, watched: Collection[str]) -> set[str]:
        """The facts among ``watched`` of which somebody has said something else since they were last looked at."""
        before, assumed, now = self.looked_at, self._assumed, self._values
        return {
            name
            for name in watched
            if before.get(name, _MISSING) != (_MISSING if name in assumed else now.get(name, _MISSING))
        }

    def dump(self) -> dict[str, object]:
        """The facts as the database keeps them."""
        return self._vocabulary.dump(self._values)

    def assign(self, name: str, value: object, element: Element | None = None) -> None:
        """Set a fact; the journal tells it in an entry of its own, unless the fact has this value already.

        What one element sets in one go stands in one entry.

        Raises:
            FactError: as the vocabulary says, with the element that assigned it.
        """
        checked = self._checked(name, value, element)
        if self._values.get(name, _MISSING) == checked:
            self._assumed.discard(name)
            return
        self._put(name, checked)
        self._tell(name, element)

    def take(self, given: Mapping[str, object], element: Element | None = None) -> dict[str, object]:
        """Set facts that an entry of the journal brings; gives them back as that entry must tell them.

        Raises:
            FactError: as :meth:`assign`; or one is false, and the fact that must say why says nothing.
        """
        for name, value in given.items():
            self._put(name, self._checked(name, value, element))
        self._require_reasons(given)
        return self._vocabulary.dump({name: self._values[name] for name in given})

    def take_changed(self, given: Mapping[str, object], element: Element | None = None) -> dict[str, object]:
        """As :meth:`take`, for what is new among ``given``."""
        changed = {name: value for name, value in given.items() if self._values.get(name, _MISSING) != value}
        return self.take(changed, element)

    def assume(self, name: str, day: date, element: Element | None) -> dict[str, object]:
        """Fill in the day of a milestone that nobody has said; it is given back as :meth:`take` does."""
        told = self.take_changed({name: day}, element)
        self._assumed.add(name)
        return told

    def _checked(self, name: str, value: object, element: Element | None) -> object:
        try:
            return self._vocabulary.check(name, value)
        except FactError as error:
            if element is None:
                raise
            raise FactError(
                f"{element.file}:{element.line}: {element.name} [{element.id}] sets {error}"
            ) from error

    def _require_reasons(self, given: Mapping[str, object]) -> None:
        for name in given:
            fact = self._vocabulary.fact(name)
            if fact.reason is None or self._values[name] is not False:
                continue
            said = self._values.get(fact.reason)
            if not isinstance(said, str) or not said.strip():
                why = self._vocabulary.fact(fact.reason).title
                raise FactError(
                    f"{name} is false and nothing says why; give {fact.reason} ({why.en}) with it",
                    zh=f"“{fact.title.zh}”填了否,还缺:{why.zh}",
                    fact=fact.reason,
                )

    def _put(self, name: str, checked: object) -> None:
        self._values[name] = checked
        self._set[name] = None
        self._assumed.discard(name)
        if name == "area" and isinstance(checked, str):
            area = normalise_area(checked)
            self._register.move(self._edition.view(area), area)

    def _tell(self, name: str, element: Element | None) -> None:
        told = self._vocabulary.dump({name: self._values[name]})
        by = element.id if element is not None else None
        journal = self._recording.changes.journal
        if journal and journal[-1].kind == Happening.FACTS_CHANGED and journal[-1].subject == by:
            journal[-1].data["facts"].update(told)
            return
        about = {"name": element.name} if element is not None else {}
        self._recording.note(Happening.FACTS_CHANGED, by, **about, facts=told)
