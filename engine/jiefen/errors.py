"""The exceptions of Jiefen.

::

    JiefenError
    ├── DefinitionError          a file of processes or rules cannot be used; carries findings
    │   ├── ProcessError         a BPMN model
    │   ├── RuleError            the rulebook
    │   └── ExpressionError      an expression, when compiled or when evaluated
    ├── FactError                a fact that is unknown, of the wrong type or out of its domain; no id, no key
    │   └── UnknownValue         a filter by a status, role or process that nobody knows; a NotFound as well
    ├── PeriodError              a legal period that cannot be computed
    │   └── CalendarUnknown      no holiday list covers the year
    ├── NotFound                 no such case, task, deadline, rule or process
    ├── NotAllowed               the actor has not the role, or the law does not allow it
    │   └── NeedsAgreement       the actor may, and not alone: another person has to agree
    ├── Conflict                 the thing has changed or ended meanwhile
    │   └── AlreadyDone          a task that is completed, a delivery that is answered or withdrawn already
    ├── StateError               a saved state that this version cannot restore
    ├── DeliveryPostponed        an adapter cannot send now, and says when it can
    ├── DeliveryRefused          the outside system does not take a delivery, and would not take it again
    ├── LedgerError              a ledger file that cannot be read
    ├── DatabaseError            the database is locked, full, unreachable or of another version
    ├── KeysError                a key is lost, wrong or cannot be used, or what was encrypted was changed
    └── MissingExtra             a part that was not installed; an ImportError as well

Every message says what happened, where, and how to mend it. What a person at a form can meet is said in Chinese as well
(:meth:`JiefenError.text`), and names the fact that it is about (``FactError.fact``), so that a form can mark its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self

from jiefen.findings import Finding

#: A broken file can have thousands of findings; a message shows so many, ``findings`` has them all.
_SHOWN = 20


class JiefenError(Exception):
    """Root of every error that Jiefen raises on purpose.

    Attributes:
        zh: the message in Chinese; ``None`` where only programs and whoever runs them meet it.
    """

    def __init__(self, message: str = "", *, zh: str | None = None) -> None:
        super().__init__(message)
        self.zh = zh

    def text(self, language: Literal["zh", "en"]) -> str:
        """The message in a language; in English where it is said in English alone."""
        return self.zh if language == "zh" and self.zh is not None else str(self)


class DefinitionError(JiefenError):
    """A file of processes or rules cannot be used.

    Attributes:
        findings: every finding of the load, errors and warnings, in file order.
    """

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        self.findings = tuple(findings)
        shown = "".join(f"\n  {finding}" for finding in self.findings[:_SHOWN])
        more = len(self.findings) - _SHOWN
        super().__init__(message + shown + (f"\n  … and {more} more" if more > 0 else ""))


class ProcessError(DefinitionError):
    """A BPMN model is broken or uses a construct that would run wrongly."""


class RuleError(DefinitionError):
    """The rulebook is broken, or a rule contradicts the law or a higher layer."""


class ExpressionError(DefinitionError):
    """An expression cannot be compiled, or cannot be evaluated on the facts at hand."""


class FactError(JiefenError):
    """A fact is not in the vocabulary, has the wrong type, or lies outside its domain; an id, key or page is none.

    Attributes:
        fact: the name of the fact that it is about; ``None`` when it is about none, or about several.
    """

    def __init__(self, message: str = "", *, zh: str | None = None, fact: str | None = None) -> None:
        super().__init__(message, zh=zh)
        self.fact = fact


class PeriodError(JiefenError):
    """A legal period cannot be computed from what was given."""


class CalendarUnknown(PeriodError):
    """No holiday list covers the year, so working days there cannot be known."""


class NotFound(JiefenError):
    """There is no such case, task, deadline, rule or process."""


class UnknownValue(FactError, NotFound):
    """A list is filtered by a status, or by a role or process that no edition in use knows."""


class NotAllowed(JiefenError):
    """The actor does not hold the role, or the law does not allow the act."""


class NeedsAgreement(NotAllowed):
    """The rules ask for two persons: whoever may do it asks for it (``engine.pending.ask``), and another one agrees.

    Attributes:
        act: as in ``authority.yaml``; also the name of the call.
        arguments: with which it was called, without who did it; ``None`` where that was no call by itself.
        by: the :class:`~jiefen.Actor` who may do it, and not alone.
    """

    def __init__(self, act: str) -> None:
        super().__init__(
            f"{act} is agreed by two persons here: ask for it with pending.ask (jiefen asks by itself), and let "
            "another one who may do it agree (pending.agree, jiefen pending agree)",
            zh="此项须由两人办理:由一人提出,由另一名有权办理的人同意(jiefen pending agree)",
        )
        self.act = act
        self.arguments: Mapping[str, Any] | None = None
        self.by: Any = None


class Conflict(JiefenError):
    """The case has changed or ended since it was read."""


class AlreadyDone(Conflict):
    """The task was completed, or the delivery was answered, or either was withdrawn before."""


class StateError(JiefenError):
    """A saved state is damaged or was written by a version that this one cannot read."""


class DeliveryPostponed(JiefenError):
    """An adapter cannot send now: it is night over there, there were too many already, or nobody answers.

    Raised by an adapter's ``send``. The delivery waits until then, and the try does not count.

    Attributes:
        until: the instant from which on it may be tried again.
    """

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class DeliveryRefused(JiefenError):
    """The outside system does not take a delivery, and would not take it if it were sent again.

    Raised by an adapter's ``send``. The delivery is an incident at once: somebody must look. The message must not quote
    what the delivery holds.
    """


class LedgerError(JiefenError):
    """A ledger file cannot be read."""


class DatabaseError(JiefenError):
    """The database is locked, full, unreachable, or of another version than this library."""


class KeysError(JiefenError):
    """A key is lost, wrong or cannot be used; or what was encrypted was changed or put in another place."""


class FileError(JiefenError):
    """The store of files cannot be used, or bytes that it should hold are missing or changed."""


class MissingExtra(JiefenError, ImportError):
    """A part of Jiefen needs a package that was not installed with it; says what to install."""

    @classmethod
    def of(cls, part: str, error: ModuleNotFoundError, extra: str) -> Self:
        """The error for a part.

        Args:
            part: what was asked for, in words.
            error: Python's own, which names the package.
            extra: the extra of the distribution ``jiefen`` that brings it.
        """
        return cls(
            f"{part} needs {error.name}, which is not installed; install it with: pip install 'jiefen[{extra}]'"
        )
