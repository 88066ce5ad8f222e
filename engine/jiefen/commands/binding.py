"""How a command becomes a method of the engine, or of one of its parts; and who may call it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

from jiefen.case.runtime import Runtime
from jiefen.clock import china_date
from jiefen.errors import JiefenError, NeedsAgreement, NotAllowed
from jiefen.people.authority import doing, is_doing, permit
from jiefen.record.actor import Actor

_P = ParamSpec("_P")
_R = TypeVar("_R")
_S = TypeVar("_S", bound="OnRuntime")

#: Under which name a method says which act it does: its row in ``authority.yaml``.
ACT: Final = "__act__"
#: Arguments that say nothing of what is done.
_NOT_KEPT: Final = ("by", "session")


class OnRuntime(Protocol):
    """What commands are bound to: the engine, and its parts."""

    _runtime: Runtime


def call_of(command: Callable[Concatenate[Runtime, _P], _R]) -> Callable[Concatenate[OnRuntime, _P], _R]:
    """A method that is a command on the runtime of its owner; signature and documentation are the command's."""

    @wraps(command)
    def method(owner: OnRuntime, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return command(owner._runtime, *args, **kwargs)

    return _described(method, command)


def act_of(
    command: Callable[Concatenate[Runtime, _P], _R], act: str | None = None
) -> Callable[Concatenate[OnRuntime, _P], _R]:
    """The same for a command that somebody does, under its name or that of ``act``: as ``authority.yaml`` lets them."""
    done = _Act(act or command.__name__, inspect.signature(command))

    @wraps(command)
    def method(owner: OnRuntime, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with done.by(owner._runtime, args, kwargs):
            return command(owner._runtime, *args, **kwargs)

    method.__dict__[ACT] = done.name
    return _described(method, command)


def acting_as(act: str) -> Callable[[Callable[Concatenate[_S, _P], _R]], Callable[Concatenate[_S, _P], _R]]:
    """The same for a method of a part of the engine."""

    def decorate(method: Callable[Concatenate[_S, _P], _R]) -> Callable[Concatenate[_S, _P], _R]:
        done = _Act(act, inspect.signature(method))

        @wraps(method)
        def guarded(owner: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            with done.by(owner._runtime, args, kwargs):
                return method(owner, *args, **kwargs)

        guarded.__dict__[ACT] = act
        return guarded

    return decorate


class _Act:
    """An act, and where its call says who does it, to which case and why."""

    def __init__(self, name: str, signature: inspect.Signature) -> None:
        parameters = list(signature.parameters.values())[1:]
        self.name = name
        self._names = names = [one.name for one in parameters]
        self._case = next((names.index(one) for one in ("case", "case_id") if one in names), None)
        self._optional = any(one.name == "by" and one.default is None for one in parameters)
        self._reason = next((one for one in ("reason", "why") if one in names), None)

    @contextmanager
    def by(self, runtime: Runtime, args: tuple[Any, ...], said: Mapping[str, Any]) -> Iterator[None]:
        """Do it; what is refused is written down, in a transaction of its own."""
        if is_doing():  # for another act, which was looked at
            yield
            return
        by = said.get("by")
        if by is None and self._optional:
            by = runtime.program
        rulebook, reason = runtime.edition.rulebook, said.get(self._reason or "")
        with doing(self.name, rulebook, gives_reason=self._reason is None or bool(reason)):
            try:
                if isinstance(by, Actor):
                    permit(rulebook, self.name, by, china_date(runtime.clock.now()))
                yield
            except NeedsAgreement as error:
                # Nothing was refused: it is asked for.
                given = dict(zip(self._names, args, strict=False)) | dict(said)
                error.by = by
                error.arguments = {name: value for name, value in given.items() if name not in _NOT_KEPT}
                raise
            except NotAllowed as error:
                note_refusal(runtime, self.name, by, self._case_of(args, said), error, said.get("session"))
                raise

    def _case_of(self, args: tuple[Any, ...], said: Mapping[str, Any]) -> int | None:
        given = said.get("case", said.get("case_id"))
        if given is None and self._case is not None and self._case < len(args):
            given = args[self._case]
        return given if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**63 else None


def note_refusal(
    runtime: Runtime, act: str, by: object, case: int | None, error: JiefenError, session: object
) -> None:
    """Write down that an act was refused, in a transaction of its own."""
    actor = by.id if isinstance(by, Actor) else "?"
    row = {"at": runtime.clock.now(), "actor": actor, "act": act, "case_id": case, "why": str(error)}
    runtime.refusals.note(row, session)


def _described(method: Callable[..., Any], command: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(command)
    of_owner = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [of_owner, *list(signature.parameters.values())[1:]]
    method.__dict__["__signature__"] = signature.replace(parameters=parameters)
    method.__qualname__ = f"Engine.{command.__name__}"
    return method
