"""A running case as bytes: its live tokens and nothing else.

Layout: the letters ``JF``, one byte for the format, four for the CRC-32 of the rest, then a MessagePack array: version
of SpiffWorkflow, process, next key, whether it has ended, scopes. A scope is the key of its owner (0: the process) and
its tokens. Element ids are written out, so that a state can be restored on any edition that still has them.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Any, Final, cast

import msgspec
from SpiffWorkflow.util.task import TaskState

from jiefen.errors import StateError
from jiefen.process.model.environment import Environment
from jiefen.process.run.case import MAX_TOKENS, AnyScope, CaseWorkflow, InnerScope, ScopeSpec, Token
from jiefen.process.run.events import EventGatewaySpec
from jiefen.process.run.repeat import RepeatSpec
from jiefen.process.run.specs import InclusiveSpec, NestSpec, NodeSpec

FORMAT: Final = 1
_MAGIC: Final = b"JF"
_HEAD: Final = len(_MAGIC) + 5
_LIBRARY: Final = version("SpiffWorkflow")
_STATES: Final = {"r": TaskState.READY, "w": TaskState.WAITING, "s": TaskState.STARTED}
_LETTERS: Final = {state: letter for letter, state in _STATES.items()}
_DATE, _INSTANT, _DECIMAL, _INTEGER = 1, 2, 3, 4


class _SavedToken(msgspec.Struct, array_like=True, forbid_unknown_fields=True, omit_defaults=True):
    key: int
    element: str
    state: str
    parent: int = 0
    flow: str | None = None
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    memory: dict[str, Any] = msgspec.field(default_factory=dict)


class _SavedScope(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    owner: int
    tokens: list[_SavedToken]


class _Saved(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    library: str
    process: str
    next_key: int
    ended: bool
    scopes: list[_SavedScope]


def _pack(value: object) -> object:
    """A value in a form that keeps its kind."""
    if isinstance(value, datetime):
        return msgspec.msgpack.Ext(_INSTANT, value.isoformat().encode())
    if isinstance(value, date):
        return msgspec.msgpack.Ext(_DATE, value.isoformat().encode())
    if isinstance(value, Decimal):
        return msgspec.msgpack.Ext(_DECIMAL, str(value).encode())
    if isinstance(value, tuple | list):
        return [_pack(item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return msgspec.msgpack.Ext(_INTEGER, str(value).encode())
    if value is None or isinstance(value, bool | int | str):
        return value
    raise StateError(f"a value of type {type(value).__name__} cannot be saved: {value!r}")


def _unpack(value: object) -> object:
    return tuple(_unpack(item) for item in value) if isinstance(value, list) else value


def _packed(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: _pack(value) for name, value in values.items()} if values else {}


def _unpacked(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: _unpack(value) for name, value in values.items()} if values else {}


def _extension(code: int, data: memoryview) -> object:
    text = bytes(data).decode()
    if code == _INSTANT:
        return datetime.fromisoformat(text)
    if code == _DATE:
        return date.fromisoformat(text)
    if code == _DECIMAL:
        return Decimal(text)
    if code == _INTEGER:
        return int(text)
    raise ValueError(f"unknown kind of value {code}")


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Saved, ext_hook=_extension)


def dump(case: CaseWorkflow) -> bytes:
    """The state of a case."""
    scopes = [] if case.completed else [_save(scope) for scope in case.scopes()]
    saved = _Saved(_LIBRARY, case.spec.name, case.next_key, case.completed, scopes)
    body = _ENCODER.encode(saved)
    return _MAGIC + bytes([FORMAT]) + zlib.crc32(body).to_bytes(4, "big") + body


def _save(scope: AnyScope) -> _SavedScope:
    tokens = [_save_token(token) for token in scope.tasks.values() if token is not scope.task_tree]
    return _SavedScope(scope.owner.id if scope.owner else 0, tokens)


def _save_token(token: Token) -> _SavedToken:
    parent = cast(Token, token.parent)
    return _SavedToken(
        token.id,
        token.task_spec.name,
        _LETTERS[token._state],
        parent.id if parent.parent is not None else 0,
        token.flow,
        _packed(token.data),
        _packed(token.internal_data),
    )


def restore(graphs: Mapping[str, ScopeSpec], data: bytes, environment: Environment) -> CaseWorkflow:
    """The case that was saved.

    Raises:
        StateError: when the bytes are damaged, of another format, or do not fit the processes.
    """
    saved = _decode(data)
    graph = graphs.get(saved.process)
    if graph is None or graph.scope.owner is not None:
        raise StateError(f"the state is of the process {saved.process!r}, which does not exist here")
    case = CaseWorkflow(graph, graphs, environment)
    case.next_key, case.completed = saved.next_key, saved.ended
    restored: dict[int, Token] = {}
    for number, scope in enumerate(saved.scopes):
        _restore_scope(case, _scope(case, scope.owner, restored, first=number == 0), scope, restored)
    _verify(case, saved, restored)
    return case


def _decode(data: bytes) -> _Saved:
    if len(data) < _HEAD or data[:2] != _MAGIC:
        raise StateError("this is not the state of a process")
    if data[2] != FORMAT:
        raise StateError(
            f"the state has format {data[2]}, this version reads {FORMAT}; use the version that wrote it"
        )
    body = data[_HEAD:]
    if zlib.crc32(body).to_bytes(4, "big") != data[3:_HEAD]:
        raise StateError("the state is damaged: its checksum is wrong; restore it from a backup")
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise StateError(f"the state is damaged: {error}") from error


def _scope(case: CaseWorkflow, owner_key: int, restored: Mapping[int, Token], first: bool) -> AnyScope:
    if first:
        if owner_key:
            raise StateError("the state is damaged: its first scope is not the process")
        return case
    owner = restored.get(owner_key)
    if owner is None or not isinstance(owner.task_spec, NestSpec) or owner.id in case.subprocesses:
        raise StateError(f"the state is damaged: no element {owner_key} has an inside")
    scope = InnerScope(case.subprocess_specs[owner.task_spec.inside], owner)
    case.subprocesses[owner.id] = scope
    return scope


def _restore_scope(
    case: CaseWorkflow, scope: AnyScope, saved: _SavedScope, restored: dict[int, Token]
) -> None:
    for token in saved.tokens:
        spec = scope.spec.task_specs.get(token.element)
        if not isinstance(spec, NodeSpec):
            raise StateError(
                f"the state has a token on {token.element!r}, which {scope.spec.name!r} does not have (any more); "
                "run the case on the edition it was begun with, or keep the element"
            )
        parent = restored.get(token.parent) if token.parent else None
        if token.key in restored or not 0 < token.key < case.next_key or token.state not in _STATES:
            raise StateError(f"the state is damaged at the token {token.key} on {token.element!r}")
        if (token.parent and parent is None) or not _belongs(spec, parent, scope):
            raise StateError(f"the token {token.key} on {token.element!r} is not where it can be")
        fresh = Token(scope, spec, parent or scope.task_tree, token.key, token.flow)
        fresh.data = _unpacked(token.data)
        fresh.internal_data = _unpacked(token.memory)
        fresh._state = _STATES[token.state]
        if token.flow is not None and token.flow not in spec.incoming:
            raise StateError(
                f"the token on {token.element!r} came by {token.flow!r}, which is not there (any more)"
            )
        if not spec.fits(fresh):
            raise StateError(
                f"the token {token.key} on {token.element!r} cannot be as it was saved; has it changed?"
            )
        restored[token.key] = fresh
        if fresh._state == TaskState.READY:
            case.enqueue(fresh)
        elif isinstance(spec, InclusiveSpec):
            case.gathering[fresh.id] = fresh


def _belongs(spec: NodeSpec, parent: Token | None, scope: AnyScope) -> bool:
    """Whether a token on ``spec`` may lie inside ``parent``."""
    if parent is None:
        return not spec.repeated and spec.node.type != "boundaryEvent"
    outer = parent.task_spec
    if parent.workflow is not scope:
        return False
    if isinstance(outer, RepeatSpec) and outer.body is spec:
        return True
    if isinstance(outer, EventGatewaySpec):
        return any(target is spec for _, target in outer.routes)
    return spec in outer.guards


def _verify(case: CaseWorkflow, saved: _Saved, restored: Mapping[int, Token]) -> None:
    """What can only be seen when everything is there."""
    if len(restored) > MAX_TOKENS or saved.ended != (not saved.scopes):
        raise StateError("the state is damaged: it cannot have ended and go on")
    for token in restored.values():
        running = token._state == TaskState.STARTED and isinstance(token.task_spec, NestSpec)
        if running != (token.id in case.subprocesses):
            raise StateError(f"the state is damaged: the inside of {token.task_spec.name!r} is missing")
