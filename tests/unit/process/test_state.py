"""Saved state: small, flat, strict, and the same wherever it is restored."""

from __future__ import annotations

import threading
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.errors import StateError
from jiefen.process import Instance, Processes
from tests.unit.process.drawing import Desk, Run, flows, load, script, user

MESSAGES = '<message id="stop" name="party.stops"/>'
BODY = (
    '<startEvent id="s"/><exclusiveGateway id="m"/><subProcess id="sub"><startEvent id="is"/>'
    '<userTask id="t" camunda:candidateGroups="${seat}"><multiInstanceLoopCharacteristics isSequential="true" '
    'camunda:collection="seats" camunda:elementVariable="seat"/></userTask><endEvent id="ie"/>'
    + flows("is>t", "t>ie")
    + '</subProcess><boundaryEvent id="b" attachedToRef="sub"><messageEventDefinition messageRef="stop"/>'
    '</boundaryEvent><boundaryEvent id="w" attachedToRef="sub" cancelActivity="false"><timerEventDefinition>'
    '<timeCycle>R/P7D</timeCycle></timerEventDefinition></boundaryEvent><endEvent id="we"/>'
    '<exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>'
    + flows("s>m", "m>sub", "sub>g", "g>m|again", "g>e", "b>e", "w>we")
)
FACTS = {"seats": ("police", "court"), "again": True}


@pytest.fixture(scope="module")
def processes() -> Processes:
    """A loop over a guarded subprocess with a sequence of tasks."""
    return load(BODY, head=MESSAGES)


@pytest.fixture
def saved(processes: Processes) -> bytes:
    """Its state before the first task."""
    return Run(processes, FACTS).instance.dump()


def test_state_is_small_and_flat(processes: Processes) -> None:
    run = Run(processes, FACTS)
    sizes = []
    for _ in range(250):
        run.complete("t")
        sizes.append(len(run.instance.dump()))
    assert max(sizes) < 250
    assert max(sizes[-20:]) == max(sizes[120:140])
    assert max(sizes) < 1.2 * max(sizes[:20])  # nothing grows but the digits of the keys


def test_an_ended_case_is_next_to_nothing(processes: Processes) -> None:
    run = Run(processes, FACTS)
    run.message("party.stops")
    assert run.ended
    assert len(run.instance.dump()) < 30
    assert run.instance.waits == ()


def test_keys_are_stable_and_never_used_again(processes: Processes) -> None:
    run = Run(processes, FACTS)
    keys = {(wait.element.id, wait.key) for wait in run.instance.waits}
    assert keys == {("b", 4), ("w", 5), ("t", 8)}
    run.complete("t")
    assert {wait.key for wait in run.instance.waits} == {4, 5, 9}


@pytest.mark.parametrize(
    "value",
    [
        True,
        0,
        -(2**63),
        10**30,
        "信访",
        None,
        date(2026, 3, 1),
        datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        Decimal("12.50"),
        ("a", (1, None)),
    ],
)
def test_locals_keep_their_kind(value: object) -> None:
    task = '<userTask id="t" camunda:assignee="x"><multiInstanceLoopCharacteristics isSequential="true" '
    task += 'camunda:collection="items" camunda:elementVariable="item"/></userTask>'
    body = '<startEvent id="s"/>' + task + '<endEvent id="e"/>' + flows("s>t", "t>e")
    run = Run(load(body), {"items": (value, value)})
    for _ in range(2):
        item = run.wait("t").locals["item"]
        assert item == value
        assert type(item) is type(value)
        run.complete("t")


def test_what_cannot_be_saved_is_refused() -> None:
    task = (
        '<userTask id="t" camunda:assignee="x"><multiInstanceLoopCharacteristics camunda:collection="items" '
    )
    task += 'camunda:elementVariable="item"/></userTask>'
    body = '<startEvent id="s"/>' + task + '<endEvent id="e"/>' + flows("s>t", "t>e")
    with pytest.raises(StateError, match="type float"):
        Run(load(body), {"items": (1.5,)})


# --- strictness


def packed(body: object) -> bytes:
    """A state with a right checksum."""
    data = msgspec.msgpack.encode(body)
    return b"JF\x01" + zlib.crc32(data).to_bytes(4, "big") + data


def opened(saved: bytes) -> list[object]:
    """The inside of a state."""
    return msgspec.msgpack.decode(saved[7:], type=list[object])


def test_the_inside_says_what_wrote_it(saved: bytes) -> None:
    assert saved[:3] == b"JF\x01"
    assert opened(saved)[:4] == ["3.2.0", "p", 9, False]


@given(st.data())
def test_a_damaged_state_is_refused(data: st.DataObject) -> None:
    processes = load(BODY, head=MESSAGES)
    whole = Run(processes, FACTS).instance.dump()
    place = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.integers(1, 255))
    damaged = whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :]
    for broken in (damaged, whole[:place], whole + b"x"):
        with pytest.raises(StateError):
            Instance.restore(processes, broken, Desk())


@given(st.data())
def test_a_state_that_was_tampered_with_is_refused_or_runs(data: st.DataObject) -> None:
    """With a right checksum, what is inside must fit the model, or be refused."""
    processes = load(BODY, head=MESSAGES)
    body = opened(Run(processes, FACTS).instance.dump())
    path: list[object] = body
    while True:
        index = data.draw(st.integers(0, len(path) - 1))
        inner = path[index]
        if not isinstance(inner, list) or not inner or data.draw(st.booleans()):
            path[index] = data.draw(
                st.sampled_from(
                    [None, 0, 1, -1, 99, "t", "t*", "sub", "s", "g", "r", "w", "s", [], {}, True, "gone"]
                )
            )
            break
        path = inner
    try:
        instance = Instance.restore(processes, packed(body), Desk(FACTS))
    except StateError:
        return
    again = Instance.restore(processes, instance.dump(), Desk(FACTS))
    assert again.dump() == instance.dump()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not the state"),
        (b"PK\x03\x04....", "not the state"),
        (b"JF\x02" + bytes(20), "format 2, this version reads 1"),
        (b"JF\x01" + bytes(20), "checksum"),
        (packed([]), "damaged"),
        (packed(["3.2.0", "gone", 1, True, []]), "process 'gone', which does not exist"),
        (packed(["3.2.0", "p/sub", 1, True, []]), "does not exist"),
        (packed(["3.2.0", "p", 1, False, []]), "cannot have ended"),
        (packed(["3.2.0", "p", 5, False, [[0, [[1, "gone", "r"]]]]]), "'gone', which 'p' does not have"),
        (packed(["3.2.0", "p", 5, False, [[0, [[1, "sub", "s"]]]]]), "inside of 'sub' is missing"),
        (packed(["3.2.0", "p", 5, False, [[0, [[1, "m", "s"]]]]]), "cannot be as it was saved"),
        (packed(["3.2.0", "p", 5, False, [[0, [[1, "b", "w"]]]]]), "not where it can be"),
        (packed(["3.2.0", "p", 5, False, [[0, [[1, "m", "r", 0, "m_gone"]]]]]), "came by 'm_gone'"),
        (packed(["3.2.0", "p", 1, False, [[0, [[1, "m", "r"]]]]]), "damaged at the token 1"),
        (packed(["3.2.0", "p", 5, False, [[0, [[1, "m", "r"], [1, "m", "r"]]]]]), "damaged at the token 1"),
        (packed(["3.2.0", "p", 5, False, [[3, []]]]), "first scope"),
        (packed(["3.2.0", "p", 5, False, [[0, [[1, "m", "r"]]], [1, []]]]), "no element 1 has an inside"),
    ],
)
def test_a_state_that_does_not_fit_says_why(processes: Processes, data: bytes, said: str) -> None:
    with pytest.raises(StateError, match=said):
        Instance.restore(processes, data, Desk())


def test_an_element_that_became_something_else_is_refused(saved: bytes) -> None:
    other = load(
        BODY.replace("userTask", "scriptTask").replace("<multi", "<script>again = true</script><multi"),
        head=MESSAGES,
    )
    with pytest.raises(StateError, match="cannot be as it was saved"):
        Instance.restore(other, saved, Desk())


def test_new_elements_do_not_disturb_a_running_case(saved: bytes) -> None:
    more = BODY.replace('<endEvent id="e"/>', '<endEvent id="e"/>' + user("extra")).replace(
        'id="g_e" sourceRef="g" targetRef="e"', 'id="g_e" sourceRef="g" targetRef="extra"'
    )
    desk = Desk(FACTS | {"again": False})
    instance = Instance.restore(load(more + flows("extra>e"), head=MESSAGES), saved, desk)
    for _ in range(2):
        instance.complete(next(wait.key for wait in instance.waits if wait.kind == "task"))
        instance.run()
    assert [wait.element.id for wait in instance.waits] == ["extra"]


def test_processes_are_shared_between_threads() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="m"/><exclusiveGateway id="g" default="g_e"/>' + user(
        "t"
    )
    body += (
        script("c", "n = n + 1")
        + '<endEvent id="e"/>'
        + flows("s>m", "m>t", "t>c", "c>g", "g>m|n < 50", "g>e")
    )
    processes = load(body)
    runs = []

    def work() -> None:
        run = Run(processes, {"n": 0})
        while not run.ended:
            run.complete("t")
        runs.append(run.desk.known["n"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [50] * 4
