"""How a call that reads becomes one for somebody: it sees what is theirs, and what it gives is kept in the log."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.sight import Viewer, require_auditor
from jiefen.clock import china_date
from jiefen.errors import FactError, NotAllowed, NotFound
from jiefen.store.viewing import reads as store

P = ParamSpec("P")
R = TypeVar("R")
Q = TypeVar("Q", contravariant=True)
#: Which cases a result tells something of.
Cases = Callable[[R], Collection[int | None]]


class Reading:
    """Somebody reads: what they see, and the log of it."""

    def __init__(self, runtime: Runtime, viewer: Viewer) -> None:
        self._runtime, self._viewer = runtime, viewer

    def do(
        self,
        call: Callable[..., R],
        name: str,
        told: Cases[R] | None,
        takes_reader: bool,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> R:
        """Make a call, and keep in the log of which cases it told what.

        Raises:
            FactError: somebody else is named.
            NotFound: what is asked for is not there, or is kept from the reader; the log keeps which.
        """
        if takes_reader:
            if kwargs.get("by") is not None:
                raise FactError("who reads was said by as_; leave by out", zh="查阅人已由 as_ 指明,不再写 by")
            kwargs = kwargs | {"by": self._viewer.actor}
        asked = _asked(args, kwargs)
        try:
            result = call(self._runtime.viewed_by(self._viewer), *args, **kwargs)
        except (NotFound, NotAllowed):
            if asked is not None:
                self._keep([asked], name, kwargs.get("session"), refused=True)
            raise
        found = told(result) if told is not None else [asked]
        self._keep([one for one in found if one is not None], name, kwargs.get("session"))
        return result

    def audit(self, call: Callable[..., R], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        """Make a call of the auditor's; what was refused to others stands among the refusals.

        Raises:
            NotAllowed: the reader is no auditor.
        """
        runtime, now = self._runtime, self._runtime.clock.now()
        try:
            require_auditor(self._viewer, runtime.edition.rulebook.roles, china_date(now))
        except NotAllowed as refused:
            row = {
                "at": now,
                "actor": self._viewer.actor.id,
                "act": name,
                "case_id": None,
                "why": str(refused),
            }
            runtime.refusals.note(row, kwargs.get("session"))
            raise
        return call(runtime.viewed_by(self._viewer), *args, **kwargs)

    def _keep(
        self, cases: Collection[int], call: str, session: HostTransaction, *, refused: bool = False
    ) -> None:
        """Nobody reads what cannot be kept in the log: an error here is one of the call. Programs are not in it."""
        if not cases or self._viewer.actor.trusted:
            return
        who, because, now = self._viewer.actor.id, self._viewer.because, self._runtime.clock.now()
        with self._runtime.writing(session) as connection:
            store.keep(connection, sorted(set(cases)), now, who, call, because, refused=refused)


class OfReader(Protocol):
    """What such calls are bound to: a reader, and its parts."""

    @property
    def _reading(self) -> Reading:
        """Who reads."""


def reads(
    call: Callable[Concatenate[Runtime, P], R], told: Cases[R] | None = None
) -> Callable[Concatenate[OfReader, P], R]:
    """A method that makes a call for somebody; signature and documentation are the call's.

    Args:
        told: the cases that a result tells something of; absent, it is the one that is asked for.
    """
    return _method(call, call.__name__, told)


def reads_of(
    part: Callable[[Runtime], Q], call: Callable[Concatenate[Q, P], R], told: Cases[R] | None = None
) -> Callable[..., R]:
    """As :func:`reads`, for a call of a part of the engine. Who asks, where it wants to know, is the reader."""

    @wraps(call)
    def of_part(runtime: Runtime, *args: Any, **kwargs: Any) -> R:
        return call(part(runtime), *args, **kwargs)

    return _method(of_part, call.__qualname__.lower(), told)


def audits(call: Callable[Concatenate[Runtime, P], R]) -> Callable[Concatenate[OfReader, P], R]:
    """As :func:`reads`, for a call that is the auditor's alone."""
    return _as_method(
        call, lambda owner, args, kwargs: owner._reading.audit(call, call.__name__, args, kwargs)
    )


def audits_of(part: Callable[[Runtime], Q], call: Callable[Concatenate[Q, P], R]) -> Callable[..., R]:
    """As :func:`audits`, for a call of a part of the engine."""

    def of_part(runtime: Runtime, *args: Any, **kwargs: Any) -> R:
        return call(part(runtime), *args, **kwargs)

    name = call.__qualname__.lower()
    return _as_method(call, lambda owner, args, kwargs: owner._reading.audit(of_part, name, args, kwargs))


def reads_as(call: Callable[..., R], told: Cases[R] | None = None) -> Callable[..., R]:
    """As :func:`reads`, for a call that wants to know who asks: the reader."""
    return _method(call, call.__name__, told)


def _method(call: Callable[..., R], name: str, told: Cases[R] | None) -> Callable[..., R]:
    signature = inspect.signature(call)
    # Figures are told by something too: only an actor is who asks.
    who = signature.parameters.get("by")
    takes_reader = who is not None and "Actor" in str(who.annotation)

    return _as_method(
        call,
        lambda owner, args, kwargs: owner._reading.do(call, name, told, takes_reader, args, kwargs),
        who if takes_reader else None,
    )


def _as_method(
    call: Callable[..., R],
    run: Callable[[OfReader, tuple[Any, ...], dict[str, Any]], R],
    said: inspect.Parameter | None = None,
) -> Callable[..., R]:
    """A method with the signature of a call, less what is ``said`` already."""

    @wraps(call)
    def method(owner: OfReader, /, *args: Any, **kwargs: Any) -> R:
        return run(owner, args, kwargs)

    signature = inspect.signature(call)
    of_owner = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    rest = [one for one in list(signature.parameters.values())[1:] if said is None or one.name != said.name]
    method.__dict__["__signature__"] = signature.replace(parameters=[of_owner, *rest])
    return method


def _asked(args: tuple[Any, ...], kwargs: dict[str, Any]) -> int | None:
    """The case that a call asks for: its first argument, whatever it is called."""
    first = args[0] if args else kwargs.get("case_id", kwargs.get("case"))
    return first if isinstance(first, int) and not isinstance(first, bool) and 0 < first < 2**63 else None
