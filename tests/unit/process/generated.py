"""Hypothesis draws processes: nested blocks of every construct that the engine runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from tests.unit.process.drawing import Drawing, Shape

CHOICES = ("c0", "c1", "c2", "c3")


@dataclass
class Made:
    """A generated set of processes and the facts that it reads."""

    drawings: list[Drawing]
    facts: dict[str, object]


@dataclass(frozen=True)
class Around:
    """What a block may rely on."""

    depth: int
    errors: bool = False
    escalations: bool = False
    nested: bool = False
    quiet: bool = False


@dataclass
class Maker:
    """Draws blocks; each block has one way in and one way out."""

    draw: st.DrawFn
    drawings: list[Drawing] = field(default_factory=list)
    counters: int = 0
    ids: int = 0

    def id(self, kind: str) -> str:
        """A fresh id."""
        self.ids += 1
        return f"{kind}{self.ids}"

    def pick(self, *options: str) -> str:
        """One of several."""
        return self.draw(st.sampled_from(options))

    def chance(self) -> bool:
        """Yes or no."""
        return self.draw(st.booleans())

    def process(self, around: Around, id: str) -> Drawing:
        """A process with a body."""
        drawing = Drawing(id)
        self.drawings.append(drawing)
        self.fill(drawing, around)
        return drawing

    def fill(self, drawing: Drawing, around: Around) -> None:
        """Start, block, end; sometimes two tokens run through the same block."""
        start = drawing.add(Shape(self.id("start"), "startEvent"))
        end = drawing.add(Shape(self.id("end"), "endEvent"))
        way_in, way_out = self.block(drawing, around)
        if around.nested and self.draw(st.integers(0, 5)) == 0:
            split = drawing.add(Shape(self.id("twice"), "parallelGateway")).id
            merge = drawing.add(Shape(self.id("merge"), "exclusiveGateway")).id
            drawing.connect(start.id, split)
            for _ in range(2):
                step = drawing.add(Shape(self.id("pass"), "task")).id
                drawing.connect(split, step)
                drawing.connect(step, merge)
            drawing.connect(merge, way_in)
        else:
            drawing.connect(start.id, way_in)
        drawing.connect(way_out, end.id)
        if self.draw(st.integers(0, 4)) == 0:
            self.handler(drawing, around)

    def handler(self, drawing: Drawing, around: Around) -> None:
        """An event subprocess."""
        kind = self.pick("message", "timer", "signal", "escalation", "error")
        if kind == "error" and not around.nested:
            kind = "message"
        inner = Drawing(self.id("inside"))
        shape = drawing.add(Shape(self.id("handler"), "subProcess", body=inner, by_event=True))
        interrupting = kind == "error" or self.chance()
        name = "P3D" if kind == "timer" else self.name(kind)
        inner.add(Shape(self.id("start"), "startEvent", event=(kind, name), interrupting=interrupting))
        end = inner.add(Shape(self.id("end"), "endEvent"))
        way_in, way_out = self.block(
            inner, replace(around, depth=min(around.depth - 1, 1), nested=True, quiet=True)
        )
        inner.connect(next(iter(inner.shapes)), way_in)
        inner.connect(way_out, end.id)
        assert shape.body

    def name(self, kind: str) -> str:
        """What an event is called; few names, so that events meet."""
        return {"message": self.pick("m1", "m2"), "error": "E", "escalation": "X", "signal": "S"}[kind]

    def block(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """A block and its two ends."""
        leaves = ["task", "script", "service", "catch"]
        nests = [
            "sub",
            "leave",
            "and",
            "or",
            "many",
            "seq",
            "leave",
            "loop",
            "xor",
            "events",
            "call",
            "sub",
            "seq",
        ]
        kind = self.pick(*(leaves if around.depth <= 0 else nests + leaves[: 4 - around.depth]))
        inner = replace(around, depth=around.depth - 1)
        way: tuple[str, str] = getattr(self, f"make_{kind}")(drawing, inner)
        return way

    def single(self, drawing: Drawing, shape: Shape) -> tuple[str, str]:
        """A block of one shape."""
        drawing.add(shape)
        return shape.id, shape.id

    # --- leaves

    def make_task(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """A user task, perhaps several times, perhaps guarded."""
        shape = Shape(self.id("task"), "userTask", repeat=self.repeat())
        return self.guarded(drawing, shape, around, ("message", "timer", "signal"))

    def make_service(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """An external task that may fail."""
        return self.guarded(drawing, Shape(self.id("service"), "serviceTask"), around, ("error", "timer"))

    def make_script(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """Counts how often it ran."""
        return self.single(drawing, self.counting())

    def counting(self) -> Shape:
        """A script task with a counter of its own."""
        self.counters += 1
        name = f"k{self.counters}"
        return Shape(self.id("script"), "scriptTask", script=f"{name} = {name} + 1")

    def make_catch(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """Waits for a message or time."""
        event = self.draw(st.sampled_from([("message", "m1"), ("message", "m2"), ("timer", "P1D")]))
        return self.single(drawing, Shape(self.id("catch"), "intermediateCatchEvent", event=event))

    def repeat(self) -> tuple[str, int] | None:
        """Sometimes a multi-instance."""
        if self.draw(st.integers(0, 3)):
            return None
        return self.pick("parallel", "sequential"), self.draw(st.integers(0, 3))

    # --- nests

    def make_seq(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """Two blocks, one after the other."""
        first, second = self.block(drawing, around), self.block(drawing, around)
        drawing.connect(first[1], second[0])
        return first[0], second[1]

    def branches(self, drawing: Drawing, around: Around, kind: str, conditional: bool) -> tuple[str, str]:
        """Split, two or three blocks, join."""
        implicit = kind != "exclusiveGateway" and self.draw(st.integers(0, 3)) == 0
        split = drawing.add(Shape(self.id("split"), "task" if implicit else kind))
        join = drawing.add(Shape(self.id("join"), kind))
        count = self.draw(st.integers(2, 3))
        for number in range(count):
            block = self.block(drawing, around)
            last = number == count - 1
            condition = self.pick(*CHOICES) if conditional and not last else None
            arrow = drawing.connect(split.id, block[0], condition)
            if conditional and last:
                split.default = arrow.id
            drawing.connect(block[1], join.id)
        return split.id, join.id

    def make_xor(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """One of several blocks."""
        return self.branches(drawing, around, "exclusiveGateway", True)

    def make_and(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """All of several blocks."""
        return self.branches(drawing, around, "parallelGateway", False)

    def make_or(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """Some of several blocks."""
        return self.branches(drawing, around, "inclusiveGateway", True)

    def make_loop(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """A block that runs up to three times."""
        merge = drawing.add(Shape(self.id("merge"), "exclusiveGateway"))
        block = self.block(drawing, around)
        count = drawing.add(self.counting())
        name = count.script.partition(" ")[0]
        again = drawing.add(Shape(self.id("again"), "exclusiveGateway"))
        after = drawing.add(Shape(self.id("after"), "task"))
        drawing.connect(merge.id, block[0])
        drawing.connect(block[1], count.id)
        drawing.connect(count.id, again.id)
        drawing.connect(again.id, merge.id, f"{name} < {self.draw(st.integers(2, 3))}")
        again.default = drawing.connect(again.id, after.id).id
        return merge.id, after.id

    def make_sub(
        self, drawing: Drawing, around: Around, repeat: tuple[str, int] | None = None
    ) -> tuple[str, str]:
        """A subprocess, guarded or not."""
        inner = Drawing(self.id("inside"))
        shape = Shape(self.id("sub"), "subProcess", body=inner, repeat=repeat)
        kinds = ("message", "timer", "error", "escalation", "signal")
        way = self.guarded(drawing, shape, around, kinds)
        guards = [
            other.event[0] for other in drawing.shapes.values() if other.attached == shape.id and other.event
        ]
        around = replace(around, nested=True, errors=around.errors or "error" in guards)
        self.fill(inner, around)
        return way

    def make_many(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """A subprocess for each of several items."""
        return self.make_sub(
            drawing, around, (self.pick("parallel", "sequential"), self.draw(st.integers(1, 3)))
        )

    def make_call(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """Another process."""
        called = self.process(replace(around, errors=False, nested=True), self.id("called"))
        shape = Shape(self.id("call"), "callActivity", called=called.id)
        return self.guarded(drawing, shape, around, ("message", "escalation", "signal"))

    def make_events(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """The first of two events."""
        gateway = drawing.add(Shape(self.id("first"), "eventBasedGateway"))
        merge = drawing.add(Shape(self.id("merge"), "exclusiveGateway"))
        for event in (("message", self.pick("m1", "m2")), ("timer", "P2D")):
            catch = drawing.add(Shape(self.id("catch"), "intermediateCatchEvent", event=event))
            drawing.connect(gateway.id, catch.id)
            block = self.block(drawing, around)
            drawing.connect(catch.id, block[0])
            drawing.connect(block[1], merge.id)
        return gateway.id, merge.id

    def make_leave(self, drawing: Drawing, around: Around) -> tuple[str, str]:
        """Perhaps an event is thrown, perhaps the scope ends here."""
        split = drawing.add(Shape(self.id("leave"), "exclusiveGateway"))
        after = drawing.add(Shape(self.id("after"), "exclusiveGateway"))
        # What handles a signal must not throw it again: that would never end.
        options = [] if around.quiet and around.nested else ["escalation", "signal"]
        if around.nested:
            options += ["terminate"]
        if around.errors:
            options = ["error", "error", *options]
        kind = self.pick(*options)
        event = (kind, "" if kind == "terminate" else self.name(kind))
        ends = kind in ("terminate", "error")
        thrown = drawing.add(
            Shape(self.id("throw"), "endEvent" if ends else "intermediateThrowEvent", event=event)
        )
        drawing.connect(split.id, thrown.id, self.pick(*CHOICES))
        split.default = drawing.connect(split.id, after.id).id
        if not ends:
            drawing.connect(thrown.id, after.id)
        return split.id, after.id

    def guarded(
        self, drawing: Drawing, shape: Shape, around: Around, kinds: tuple[str, ...]
    ) -> tuple[str, str]:
        """The shape with boundary events: an interrupting one leads behind it, another one ends by itself."""
        drawing.add(shape)
        merge = drawing.add(Shape(self.id("merge"), "exclusiveGateway"))
        drawing.connect(shape.id, merge.id)
        must = shape.type == "serviceTask" and not around.errors
        chosen = {"error"} if must else set()
        if self.draw(st.integers(0, 2)) == 0 or (around.depth > 0 and shape.type == "subProcess"):
            chosen |= self.draw(st.sets(st.sampled_from(kinds), max_size=3))
        for kind in sorted(chosen):
            interrupting = kind == "error" or self.chance()
            name = "P2D" if kind == "timer" else self.name(kind)
            guard = drawing.add(
                Shape(self.id("guard"), "boundaryEvent", (kind, name), shape.id, interrupting)
            )
            if interrupting:
                drawing.connect(guard.id, merge.id)
            else:
                block = self.block(drawing, replace(around, depth=0))
                end = drawing.add(Shape(self.id("end"), "endEvent"))
                drawing.connect(guard.id, block[0])
                drawing.connect(block[1], end.id)
        return shape.id, merge.id


@st.composite
def processes(draw: st.DrawFn, depth: int = 3) -> Made:
    """Processes with facts that decide their gateways; signals that are caught are thrown somewhere."""
    maker = Maker(draw)
    main = maker.process(Around(depth), "p")
    caught = {shape.event for drawing in maker.drawings for shape in drawing.all_shapes() if shape.event}
    if ("signal", "S") in caught:
        first = next(arrow for arrow in main.arrows if arrow.source == next(iter(main.shapes)))
        thrower = main.add(Shape("signals", "intermediateThrowEvent", ("signal", "S")))
        main.connect(thrower.id, first.target)
        first.target = thrower.id
    facts: dict[str, object] = {name: draw(st.booleans()) for name in CHOICES}
    facts |= {f"k{number}": 0 for number in range(1, maker.counters + 1)}
    return Made(maker.drawings, facts)
