"""Generated processes: saved after every step, never saved, and by the reference, they do the same."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, note
from hypothesis import strategies as st

from jiefen.errors import ProcessError
from jiefen.findings import errors_in
from jiefen.process import Instance, Processes, Source, check
from tests.support.chance import examples
from tests.unit.process.drawing import Desk, write
from tests.unit.process.generated import Made, processes
from tests.unit.process.reference import Reference, Stuck

Action = tuple[str, str, str, int]


class Three:
    """The same process three times."""

    def __init__(self, made: Made) -> None:
        text = write(made.drawings)
        note(text.decode())
        note(repr(made.facts))
        source = Source("generated.bpmn", text)
        assert not errors_in(check([source]))
        self.loaded = Processes.load([source])
        self.desks = [Desk(made.facts), Desk(made.facts)]
        self.reference = Reference(made.drawings, dict(made.facts))
        self.saved, self.whole = (Instance.start(self.loaded, "p", desk) for desk in self.desks)
        self.codes = {shape.id: shape.event for drawing in made.drawings for shape in drawing.all_shapes()}

    def run(self) -> bool:
        """Run all three; ``False`` when all three are stuck."""
        stuck = []
        for each in (self.saved, self.whole, self.reference):
            try:
                each.run()
            except (ProcessError, Stuck) as error:
                stuck.append(type(error))
            else:
                stuck += [Stuck] if isinstance(each, Instance) and each.stuck else []
        assert stuck in ([], [ProcessError, ProcessError, Stuck], [Stuck, Stuck, Stuck])
        if stuck:
            return False
        state = self.saved.dump()
        assert len(state) < 4_000 or len(self.saved.waits) > 20
        self.saved = Instance.restore(self.loaded, state, self.desks[0])
        assert self.saved.dump() == state
        return True

    def agree(self) -> list[list[Action]]:
        """What each waits for; they must agree on everything but the numbers of tokens."""
        actions = [actions_of(self.saved), actions_of(self.whole), self.reference.actions()]
        assert actions[0] == actions[1]
        assert [action[:3] for action in actions[0]] == [action[:3] for action in actions[2]]
        assert self.saved.ended == self.whole.ended == self.reference.ended
        assert self.desks[0].known == self.desks[1].known == self.reference.facts
        assert self.desks[0].log == self.desks[1].log
        scripts = Counter(what.partition(":")[0] for what in self.desks[0].told("assign"))
        assert scripts == Counter(self.reference.trace)
        return actions

    def act(self, actions: list[list[Action]], index: int, fails: bool) -> None:
        """The same thing happens to all three."""
        kind, element, _, _ = actions[0][index]
        for each, action in zip((self.saved, self.whole), actions, strict=False):
            key = action[index][3]
            if kind == "external" and fails:
                each.fail(key, "E")
            elif kind in ("task", "external"):
                each.complete(key)
            elif kind == "timer":
                each.fire(key)
            else:
                event = self.codes[element]
                assert event
                assert each.message(event[1])
        number = actions[2][index][3]
        if kind == "external" and fails:
            self.reference.fail(number, "E")
        elif kind in ("task", "external"):
            self.reference.complete(number)
        elif kind == "timer":
            self.reference.occur(number)
        else:
            event = self.codes[element]
            assert event
            self.reference.message(event[1])


def actions_of(instance: Instance) -> list[Action]:
    """What can be done from outside."""
    waits = [
        (wait.kind, wait.element.id, str(sorted(wait.locals.items())), wait.key) for wait in instance.waits
    ]
    return sorted(waits)


@examples(300)
@given(made=processes(), data=st.data())
def test_the_three_agree(made: Made, data: st.DataObject) -> None:
    three = Three(made)
    for _ in range(12):
        if not three.run():
            return
        actions = three.agree()
        if not actions[0]:
            assert three.saved.ended
            return
        index = data.draw(st.integers(0, len(actions[0]) - 1))
        note(repr(actions[0][index]))
        three.act(actions, index, data.draw(st.booleans()))
