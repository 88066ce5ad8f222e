"""How a command becomes a method of the engine, or of one of its parts."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from jiefen.case.runtime import Runtime

_P = ParamSpec("_P")
_R = TypeVar("_R")


class OnRuntime(Protocol):
    """What commands are bound to: the engine, and its parts."""

    _runtime: Runtime


def call_of(command: Callable[Concatenate[Runtime, _P], _R]) -> Callable[Concatenate[OnRuntime, _P], _R]:
    """A method that is a command on the runtime of its owner; signature and documentation are the command's."""

    @wraps(command)
    def method(owner: OnRuntime, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return command(owner._runtime, *args, **kwargs)

    signature = inspect.signature(command)
    of_owner = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [of_owner, *list(signature.parameters.values())[1:]]
    method.__dict__["__signature__"] = signature.replace(parameters=parameters)
    method.__qualname__ = f"Engine.{command.__name__}"
    return method
