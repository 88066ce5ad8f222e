"""An independent interpreter of BPMN tokens, for small drawings: slow, plain, sharing nothing with the engine.

It keeps one flat list of tokens. A token knows the tokens that it lies in; cancelling takes away all that lie in what
is cancelled. Inclusive joins are decided by walking forward from every other token, as the standard words it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.unit.process.drawing import Arrow, Drawing, Shape

JOINS = ("parallelGateway", "inclusiveGateway")


class Stuck(Exception):
    """Nothing can go on any more, and nothing waits."""


@dataclass(eq=False)
class Tok:
    """A token: where it is, how it came, what it lies in."""

    number: int
    drawing: Drawing
    shape: Shape
    inside: tuple[Tok, ...]
    via: str | None = None
    state: str = "new"
    each: bool = False
    locals: dict[str, object] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    done: int = 0


class Reference:
    """One run of a drawing."""

    def __init__(self, drawings: list[Drawing], facts: dict[str, object]) -> None:
        self.drawings = {drawing.id: drawing for drawing in drawings}
        self.facts = facts
        self.trace: list[str] = []
        self.tokens: list[Tok] = []
        self.count = 0
        self.ended = False
        self.enter(drawings[0], ())

    # --- what the test asks

    def actions(self) -> list[tuple[str, str, str, int]]:
        """What can be done from outside: kind, element or message, item, number of the token."""
        found = []
        for tok in self.tokens:
            item = str(tok_locals(tok))
            if (
                tok.state == "work"
                and tok.shape.type in ("userTask", "serviceTask")
                and (tok.each or not tok.shape.repeat)
            ):
                found.append(
                    ("task" if tok.shape.type == "userTask" else "external", tok.shape.id, item, tok.number)
                )
            elif tok.state == "listen" and event_of(tok)[0] in ("message", "timer"):
                found.append((event_of(tok)[0], tok.shape.id, item, tok.number))
        return sorted(found)

    def complete(self, number: int) -> None:
        """A task is done."""
        self.leave(self.token(number))

    def fail(self, number: int, code: str) -> None:
        """An external task raises an error."""
        tok = self.token(number)
        self.raise_(tok, "error", code, True)

    def occur(self, number: int) -> None:
        """An event happens."""
        self.happen(self.token(number))

    def message(self, name: str) -> None:
        """A message arrives; one listener gets it."""
        found = [tok for tok in self.tokens if tok.state == "listen" and event_of(tok) == ("message", name)]
        self.happen(min(found, key=preference))

    def token(self, number: int) -> Tok:
        """By number."""
        return next(tok for tok in self.tokens if tok.number == number)

    def run(self) -> None:
        """Until everything waits."""
        self.joins()
        steps = 0
        while new := [tok for tok in self.tokens if tok.state == "new"]:
            steps += 1
            assert steps < 5_000, "the generator made a process that never waits"
            self.work(min(new, key=lambda tok: tok.number))
            self.joins()
        for inside in {tok.inside for tok in self.tokens}:
            here = self.busy(inside)
            if here and all(tok.state == "gather" for tok in here):
                raise Stuck(here[0].shape.id)

    # --- tokens

    def put(self, drawing: Drawing, shape: Shape, inside: tuple[Tok, ...], via: str | None = None) -> Tok:
        self.count += 1
        tok = Tok(self.count, drawing, shape, inside, via)
        if shape.type in JOINS and len([arrow for arrow in drawing.arrows if arrow.target == shape.id]) > 1:
            tok.state = "gather"
        self.tokens.append(tok)
        if tok.state == "gather" and shape.type == "parallelGateway":
            self.gather(tok)
        return tok

    def enter(self, drawing: Drawing, inside: tuple[Tok, ...]) -> None:
        for handler in [shape for shape in drawing.shapes.values() if shape.by_event]:
            assert handler.body
            start = next(shape for shape in handler.body.shapes.values() if shape.type == "startEvent")
            watcher = self.put(drawing, start, inside)
            watcher.state = "listen"
        start = next(shape for shape in drawing.shapes.values() if shape.type == "startEvent")
        self.put(drawing, start, inside)

    def cancel(self, tok: Tok) -> None:
        self.tokens = [other for other in self.tokens if other is not tok and tok not in other.inside]

    def finish(self, inside: tuple[Tok, ...]) -> None:
        """End a scope in which only watchers are left."""
        if self.busy(inside) or (inside and inside[-1] not in self.tokens):
            return
        for tok in [tok for tok in self.tokens if tok.inside == inside and not tok.shape.attached]:
            self.cancel(tok)
        if inside:
            self.leave(inside[-1])
        else:
            self.ended = True

    def busy(self, inside: tuple[Tok, ...]) -> list[Tok]:
        """The tokens of a scope; what only listens, on its border or for its handlers, does not keep it open."""
        here = [tok for tok in self.tokens if tok.inside == inside and not tok.shape.attached]
        return [tok for tok in here if tok.state != "listen" or tok.shape.type != "startEvent"]

    def follow(self, tok: Tok, arrows: list[Arrow]) -> None:
        for arrow in arrows:
            self.put(tok.drawing, tok.drawing.shapes[arrow.target], tok.inside, arrow.id)

    def leave(self, tok: Tok) -> None:
        """A token is done with its element."""
        if tok.each:
            container = tok.inside[-1]
            self.cancel(tok)
            container.done += 1
            if container.left:
                self.instance(container)
            elif not [
                other
                for other in self.tokens
                if other.inside and other.inside[-1] is container and other.each
            ]:
                self.leave(container)
            return
        arrows = self.ways(tok)
        self.cancel(tok)
        self.follow(tok, arrows)
        self.finish(tok.inside)

    def ways(self, tok: Tok) -> list[Arrow]:
        out = [arrow for arrow in tok.drawing.arrows if arrow.source == tok.shape.id]
        holding = [arrow for arrow in out if arrow.condition and self.holds(arrow.condition)]
        default = [arrow for arrow in out if arrow.id == tok.shape.default]
        if tok.shape.type == "exclusiveGateway" and len(out) > 1:
            return holding[:1] or default
        if tok.shape.default and len(out) > 1:
            return holding or default
        return out

    def holds(self, condition: str) -> bool:
        """Conditions of the generator are ``name`` or ``name < number``."""
        name, _, limit = condition.partition(" < ")
        value = self.facts[name]
        if limit:
            assert isinstance(value, int)
            return value < int(limit)
        return bool(value)

    # --- elements

    def work(self, tok: Tok) -> None:
        shape = tok.shape
        tok.state = "work"
        if shape.repeat and not tok.each:
            self.guard(tok)
            self.repeat(tok)
        elif shape.type in ("userTask", "serviceTask"):
            self.guard(tok)
        elif shape.type in ("subProcess", "callActivity"):
            self.guard(tok)
            inner = shape.body or self.drawings[shape.called or ""]
            self.enter(inner, (*tok.inside, tok))
        elif shape.type in ("intermediateCatchEvent", "receiveTask"):
            tok.state = "listen"
        elif shape.type == "eventBasedGateway":
            for arrow in self.ways(tok):
                option = self.put(tok.drawing, tok.drawing.shapes[arrow.target], (*tok.inside, tok), arrow.id)
                option.state = "listen"
        else:
            if shape.type == "scriptTask":
                name = shape.script.partition(" ")[0]
                value = self.facts[name]
                assert isinstance(value, int)
                self.facts[name] = value + 1
                self.trace.append(shape.id)
            elif shape.event and shape.type in ("endEvent", "intermediateThrowEvent"):
                self.throw(tok, *shape.event)
            if tok in self.tokens:
                self.leave(tok)

    def guard(self, tok: Tok) -> None:
        if tok.each:
            return
        for guard in [shape for shape in tok.drawing.shapes.values() if shape.attached == tok.shape.id]:
            listener = self.put(tok.drawing, guard, (*tok.inside, tok))
            listener.state = "listen"

    def repeat(self, tok: Tok) -> None:
        assert tok.shape.repeat
        kind, count = tok.shape.repeat
        tok.left = [f"i{number}" for number in range(count)]
        if not count:
            self.leave(tok)
        while tok.left:
            self.instance(tok)
            if kind == "sequential":
                break

    def instance(self, tok: Tok) -> None:
        assert tok.shape.repeat
        item = tok.left.pop(0)
        instance = self.put(tok.drawing, tok.shape, (*tok.inside, tok))
        instance.each, instance.state = True, "new"
        instance.locals = {"item": item, "loopCounter": tok.shape.repeat[1] - len(tok.left) - 1}

    # --- events

    def throw(self, tok: Tok, kind: str, name: str) -> None:
        if kind == "terminate":
            for other in [other for other in self.tokens if other.inside == tok.inside and other is not tok]:
                if not other.shape.attached:
                    self.cancel(other)
        elif kind == "signal":
            found = [
                other for other in self.tokens if other.state == "listen" and event_of(other) == (kind, name)
            ]
            for other in sorted(found, key=preference):
                if other in self.tokens:
                    self.happen(other)
        elif kind in ("error", "escalation"):
            self.raise_(tok, kind, name, False)

    def raise_(self, tok: Tok, kind: str, name: str, own: bool) -> None:
        """From the inside out: watchers of the scope, then what sits on its activity."""
        if own and self.caught_by(self.guards(tok), kind, name):
            return
        inside, handler = scope_of(tok), False
        while True:
            watchers = [
                t for t in self.tokens if t.inside == inside and t.state == "listen" and not t.shape.attached
            ]
            if not handler and self.caught_by(watchers, kind, name):
                return
            if not inside:
                assert kind == "escalation", name
                return
            owner = inside[-1]
            if self.caught_by(self.guards(owner), kind, name):
                return
            inside, handler = scope_of(owner), owner.shape.by_event

    def guards(self, tok: Tok) -> Iterator[Tok]:
        holder = tok.inside[-1] if tok.each else tok
        return iter([t for t in self.tokens if t.shape.attached and t.inside and t.inside[-1] is holder])

    def caught_by(self, candidates: object, kind: str, name: str) -> bool:
        for candidate in candidates:  # type: ignore[attr-defined]
            if event_of(candidate) == (kind, name):
                self.happen(candidate)
                return True
        return False

    def happen(self, tok: Tok) -> None:
        shape = tok.shape
        if shape.attached:
            activity = tok.inside[-1]
            arrows = [arrow for arrow in tok.drawing.arrows if arrow.source == shape.id]
            if shape.interrupting:
                self.cancel(activity)
            elif event_of(tok)[0] == "timer":
                self.cancel(tok)
            outside = Tok(0, tok.drawing, shape, activity.inside)
            self.follow(outside, arrows)
            self.finish(activity.inside)
        elif shape.type == "startEvent":
            if shape.interrupting:
                for other in [other for other in self.tokens if other.inside == tok.inside]:
                    if not other.shape.attached:
                        self.cancel(other)
            elif event_of(tok)[0] == "timer":
                self.cancel(tok)
            owner = next(s for s in tok.drawing.shapes.values() if s.body and shape in s.body.shapes.values())
            self.put(tok.drawing, owner, tok.inside)
        elif tok.inside and tok.inside[-1].shape.type == "eventBasedGateway":
            gateway = tok.inside[-1]
            arrows = self.ways(tok)
            self.cancel(gateway)
            outside = Tok(0, tok.drawing, shape, gateway.inside)
            self.follow(outside, arrows)
            self.finish(gateway.inside)
        else:
            self.leave(tok)

    # --- joins

    def gather(self, tok: Tok) -> None:
        """A parallel join goes on with one token of each arrow."""
        arrows = {arrow.id for arrow in tok.drawing.arrows if arrow.target == tok.shape.id}
        here = [other for other in self.tokens if other.shape is tok.shape and other.inside == tok.inside]
        here = [other for other in here if other.state == "gather"]
        if {other.via for other in here} == arrows:
            for via in arrows:
                oldest = next(other for other in here if other.via == via)
                if oldest is not tok:
                    self.cancel(oldest)
            tok.state = "new"

    def joins(self) -> None:
        """Inclusive joins that need not wait."""
        for tok in [
            tok for tok in self.tokens if tok.state == "gather" and tok.shape.type == "inclusiveGateway"
        ]:
            if tok in self.tokens and tok.state == "gather" and self.may_join(tok):
                here = [
                    other for other in self.tokens if other.shape is tok.shape and other.inside == tok.inside
                ]
                taken: set[str | None] = {tok.via}
                for other in [other for other in here if other.state == "gather" and other is not tok]:
                    if other.via not in taken:
                        taken.add(other.via)
                        self.cancel(other)
                tok.state = "new"

    def may_join(self, tok: Tok) -> bool:
        here = self.busy(tok.inside)
        came = {t.via for t in here if t.shape is tok.shape and t.state == "gather"}
        for other in here:
            if other.shape is tok.shape and other.state == "gather":
                continue
            ends = self.ends(tok, other)
            if ends - came and not ends & came:
                return False
        return True

    def ends(self, join: Tok, other: Tok) -> set[str]:
        """The arrows into ``join`` to which ``other`` can come without passing it."""
        found, seen, todo = set(), set(), [other.shape.id]
        while todo:
            id = todo.pop()
            if id in seen or id == join.shape.id:
                continue
            seen.add(id)
            for arrow in join.drawing.arrows:
                if arrow.source == id:
                    todo.append(arrow.target)
                    if arrow.target == join.shape.id:
                        found.add(arrow.id)
            todo += [shape.id for shape in join.drawing.shapes.values() if shape.attached == id]
        return found


def event_of(tok: Tok) -> tuple[str, str]:
    """What a listening token listens for."""
    return tok.shape.event or ("none", "")


def scope_of(tok: Tok) -> tuple[Tok, ...]:
    """The scope around a token; the container of a multi-instance is not one."""
    return tok.inside[:-1] if tok.each else tok.inside


def preference(tok: Tok) -> tuple[bool, int, int]:
    """Whom an event reaches first: interrupting listeners from the outside in, then the others by age."""
    return (not interrupts(tok), depth(tok) if interrupts(tok) else 0, tok.number)


def interrupts(tok: Tok) -> bool:
    """Whether its event cancels something."""
    return (bool(tok.shape.attached) or tok.shape.type == "startEvent") and tok.shape.interrupting


def depth(tok: Tok) -> int:
    """How many subprocesses a token lies in; instances and boundary events add none."""
    activities = [holder for holder in tok.inside if not (holder.shape.repeat and not holder.each)]
    return len(activities) - (1 if tok.shape.attached and not tok.inside[-1].shape.repeat else 0)


def tok_locals(tok: Tok) -> list[tuple[str, object]]:
    """The locals of a token, the innermost value of each name."""
    merged: dict[str, object] = {}
    for holder in (*tok.inside, tok):
        merged |= holder.locals
    return sorted(merged.items())
