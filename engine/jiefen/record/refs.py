"""What an entry of the agenda refers to: made and read here alone.

An entry is known within its case by its kind and a name. The names are what the database and outside systems have
kept since the first release, so they do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jiefen.errors import NotFound
from jiefen.record.kinds import EntryKind


@dataclass(frozen=True, slots=True)
class Ref:
    """An entry of the agenda within its case; one of a routine belongs to no case.

    Attributes:
        name: unique among the entries of that kind in the case. A reply has the name of the delivery that asks for it.
    """

    kind: EntryKind
    name: str

    # --- what the clock does

    @classmethod
    def timer(cls, token: int) -> Ref:
        """A timer of the process."""
        return cls(EntryKind.TIMER, str(token))

    @classmethod
    def expiry(cls, deadline: int) -> Ref:
        """The end of the deadline of that number."""
        return cls(EntryKind.EXPIRY, str(deadline))

    @classmethod
    def known(cls, milestone: str) -> Ref:
        """A milestone whose day a fact has said, and which is still to come."""
        return cls(EntryKind.KNOWN, milestone)

    @classmethod
    def rung(cls, deadline: int, rung: str) -> Ref:
        """A rung on the ladder of the deadline of that number."""
        return cls(EntryKind.RUNG, f"{deadline}/{rung}")

    @classmethod
    def task(cls, token: int) -> Ref:
        """The next rung for a task that nobody claims, or that is claimed and not done."""
        return cls(EntryKind.TASK, str(token))

    @classmethod
    def reply(cls, told: str) -> Ref:
        """The answer that the delivery named ``told`` asks for."""
        return cls(EntryKind.REPLY, told)

    @classmethod
    def sent_delivery(cls, told: str) -> Ref:
        """The next rung for the delivery named ``told``, which was sent and not answered."""
        return cls(EntryKind.SENT, told)

    @classmethod
    def term_of(cls, told: str) -> Ref:
        """The end of the time for which the answer to the delivery named ``told`` is awaited."""
        return cls(EntryKind.SENT, f"term/{told}")

    @classmethod
    def unmoved(cls) -> Ref:
        """When to look whether anything has moved in the case."""
        return cls(EntryKind.UNMOVED, "case")

    @classmethod
    def stuck(cls, process: str, element: str) -> Ref:
        """The place at which the process of the case waits for nothing."""
        return cls(EntryKind.STUCK, f"{process}/{element}")

    @property
    def place(self) -> tuple[str, str]:
        """The process and the element of a place at which a process waits for nothing."""
        process, _, element = self.name.rpartition("/")
        return process, element

    @classmethod
    def meeting(cls, appointment: int) -> Ref:
        """The next reminder of the appointment of that number."""
        return cls(EntryKind.MEETING, str(appointment))

    @classmethod
    def served(cls, document: int, party: int) -> Ref:
        """The day on which a document counts as served on a party."""
        return cls(EntryKind.SERVED, f"{document}/{party}")

    @property
    def service(self) -> tuple[int, int]:
        """The document and the party of such a day."""
        document, _, party = self.name.partition("/")
        return int(document), int(party)

    @classmethod
    def agreement(cls, revision: int) -> Ref:
        """When it lapses that somebody has asked for an act, in the step that found the case at a revision."""
        return cls(EntryKind.AGREEMENT, str(revision))

    @classmethod
    def routine(cls, rule: str, area: str) -> Ref:
        """What recurs for an area."""
        return cls(EntryKind.ROUTINE, f"{rule}@{area}")

    # --- deliveries

    @classmethod
    def call(cls, token: int) -> Ref:
        """A call to the outside for whose answer the process waits."""
        return cls(EntryKind.DELIVERY, f"token/{token}")

    @classmethod
    def cancelled(cls, told: str) -> Ref:
        """That the delivery named ``told``, which the outside may have, is taken back."""
        return cls(EntryKind.DELIVERY, f"cancelled/{told}")

    @classmethod
    def sent(cls, revision: int, number: int) -> Ref:
        """What the model sends without waiting: the ``number``-th of the step that found the case at ``revision``."""
        return cls(EntryKind.DELIVERY, f"sent/{revision}/{number}")

    @classmethod
    def told_by_rung(cls, deadline: int, rung: str, before: int = 0) -> Ref:
        """What a rung tells; ``before`` is how often it told it for an expiry that was taken back."""
        name = f"rung/{deadline}/{rung}"
        return cls(EntryKind.DELIVERY, f"{name}/{before}" if before else name)

    @classmethod
    def told_by_expiry(cls, deadline: int, revision: int) -> Ref:
        """What an expiry tells whoever owed the duty."""
        return cls(EntryKind.DELIVERY, f"expiry/{deadline}/{revision}")

    @classmethod
    def told_of_extension(cls, deadline: int, number: int, role: str) -> Ref:
        """What the ``number``-th extension of a deadline tells a role."""
        return cls(EntryKind.DELIVERY, f"extension/{deadline}/{number}/{role}")

    @classmethod
    def told_of_grade(cls, grading: str, revision: int, role: str) -> Ref:
        """What a role is told of the colour that a case turned to in the step that began at a revision."""
        return cls(EntryKind.DELIVERY, f"graded/{grading}/{revision}/{role}")

    @classmethod
    def told_to_leader(cls, deadline: int, revision: int) -> Ref:
        """What the leader of the case is told of an expiry."""
        return cls(EntryKind.DELIVERY, f"leader/{deadline}/{revision}")

    @classmethod
    def told_of_parts(cls, revision: int) -> Ref:
        """That a case has ended, in the step that found it at a revision, while parts of it are open."""
        return cls(EntryKind.DELIVERY, f"parts/{revision}")

    @classmethod
    def told_at_desk(cls, what: str, revision: int, role: str | None) -> Ref:
        """What was done to the case, in the step that found it at a revision; ``None``: for who is responsible."""
        return cls(EntryKind.DELIVERY, f"{what}/{revision}/{role or 'responsible'}")

    @classmethod
    def told_of_task(cls, token: int, climb: int, rung: str) -> Ref:
        """What a rung tells of a task, in the round that began at revision ``climb``."""
        return cls(EntryKind.DELIVERY, f"task/{token}/{climb}/{rung}")

    @classmethod
    def told_unanswered(cls, told: str) -> Ref:
        """That the delivery named ``told`` was not answered."""
        return cls(EntryKind.DELIVERY, f"reply/{told}")

    @classmethod
    def told_by_hand(cls, revision: int) -> Ref:
        """What somebody presses an office for by hand, in the step that began at a revision."""
        return cls(EntryKind.DELIVERY, f"hand/{revision}")

    @classmethod
    def told_of_order(cls, what: str, revision: int) -> Ref:
        """What an office is told that somebody over it has ordered, in the step that began at a revision."""
        return cls(EntryKind.DELIVERY, f"order/{what}/{revision}")

    @classmethod
    def told_of_answer(cls, told: str, what: str, revision: int) -> Ref:
        """That the answer to a supervision came, was sent back, or is not needed any more."""
        return cls(EntryKind.DELIVERY, f"{what}/{told}/{revision}")

    @classmethod
    def told_of_meeting(cls, appointment: int, what: str, revision: int) -> Ref:
        """What is told of an appointment in the step that began at a revision."""
        return cls(EntryKind.DELIVERY, f"meeting/{appointment}/{what}/{revision}")

    @classmethod
    def told_of_checklist(cls, checklist: str, revision: int) -> Ref:
        """What a checklist misses, told in the step that began at a revision."""
        return cls(EntryKind.DELIVERY, f"checklist/{checklist}/{revision}")

    @classmethod
    def told_of_rating(cls, rating: int) -> Ref:
        """That a party is not content with what was decided: what the office that reviews it is asked."""
        return cls(EntryKind.DELIVERY, f"rating/{rating}")

    @classmethod
    def told_of_delivery(cls, told: str, rung: str) -> Ref:
        """What a rung tells of the delivery named ``told``, which was sent and not answered."""
        return cls(EntryKind.DELIVERY, f"unanswered/{told}/{rung}")

    @classmethod
    def told_of_dead(cls, told: str, revision: int) -> Ref:
        """That the delivery named ``told`` waits for a person, seen in the step that began at a revision."""
        return cls(EntryKind.DELIVERY, f"dead/{told}/{revision}")

    @classmethod
    def told_unmoved(cls, revision: int) -> Ref:
        """That nothing has moved in the case, seen in the step that began at a revision."""
        return cls(EntryKind.DELIVERY, f"unmoved/{revision}")

    @classmethod
    def passed_on(cls, told: str, revision: int) -> Ref:
        """What the delivery named ``told`` asks for, asked of others."""
        return cls(EntryKind.DELIVERY, f"passed/{told}/{revision}")

    @classmethod
    def merged(cls, case: int, told: str) -> Ref:
        """What the delivery named ``told`` was to tell in a case that was merged into this one."""
        return cls(EntryKind.DELIVERY, f"merged/{case}/{told}")

    @classmethod
    def alert(cls, told: str, unit: str | None = None) -> Ref:
        """That the delivery named ``told`` has found nobody, in one of several units."""
        return cls(EntryKind.DELIVERY, f"alert/{told}/{unit}" if unit else f"alert/{told}")

    # --- reading them

    @staticmethod
    def by_hand(told: str) -> bool:
        """Whether the delivery named ``told`` presses for something by hand."""
        return told.startswith("hand/")

    @classmethod
    def of(cls, entry: Any) -> Ref:
        """The one of a row of the agenda.

        Raises:
            NotFound: the row is of no kind that is known.
        """
        try:
            return cls(EntryKind(entry.kind), entry.ref)
        except ValueError:
            raise NotFound(
                f"the agenda holds an entry of the unknown kind {entry.kind!r}; it was written by hand, or by a newer "
                "version of Jiefen"
            ) from None

    @property
    def number(self) -> int:
        """The token of a timer or task, or the number of the deadline of an expiry or rung."""
        return int(self.name.partition("/")[0])

    @property
    def rung_id(self) -> str:
        """The rung of an entry that is one."""
        return self.name.partition("/")[2]

    @property
    def rule_and_area(self) -> tuple[str, str]:
        """What recurs, and for which area."""
        rule, _, area = self.name.partition("@")
        return rule, area


def pressing_for(deadline: int) -> tuple[str, str]:
    """How the names of the deliveries begin that press for the deadline of that number."""
    return f"rung/{deadline}/", f"expiry/{deadline}/"
