"""What an auditor finds when rows that hang on a case were changed without the engine; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from jiefen import Actor, Engine, FaultKind, FixedClock
from tests.integration.conftest import CLERK, HEAD
from tests.integration.test_audit import FACTS, changed, table, tamper, told

OFFICE = Actor("office-1", frozenset({"office"}), "140429")
OFFICER = Actor("officer-1", frozenset({"officer"}), "140429102")


@pytest.fixture
def whole(engine: Engine) -> int:
    """A case on which something of nearly everything hangs."""
    other = engine.open_case("claim", FACTS, key="other", by=CLERK).id
    found = engine.open_case("claim", FACTS, key="whole", by=CLERK).id
    [task] = engine.tasks(case=found)
    engine.claim(task.id, by=CLERK)
    engine.notes.add(found, "已电话联系", by=CLERK)
    engine.notes.add(found, "已上门", by=CLERK)
    engine.parties.add(found, {"part": "applicant", "name": "张三", "phone": "13800000000"}, by=CLERK)
    engine.attachments.add(found, "申请书.pdf", b"%PDF-1.4 x", by=CLERK)
    engine.link(found, other, kind="related", reason="同一栋楼", by=CLERK)
    engine.supervise(found, "officer", "supervise", ground="超期未办", reply="3 wd", by=OFFICE)
    return found


def _gone(name: str) -> Callable[[int], sa.Executable]:
    return lambda number: sa.delete(table(name)).where(table(name).c.case_id == number)


HANGING: dict[str, tuple[Callable[[int], sa.Executable], list[str]]] = {
    "a task is done": (changed("task", status="completed"), ["task:7"]),
    "a task is for others": (changed("task", roles="|head|"), ["task:7"]),
    "somebody else has claimed a task": (changed("task", assignee="head-2"), ["claim:7"]),
    "a task is another one": (changed("task", element="other"), ["opened:7"]),
    "a task is gone": (_gone("task"), ["task:7", "opened:7", "claim:7"]),
    "a note says something else": (changed("note", text="没有联系"), ["note:1", "note:2"]),
    "a note is by somebody else": (changed("note", by="head-2"), ["note:1", "note:2"]),
    "notes are gone": (_gone("note"), ["note:1", "note:2"]),
    "a party has another name": (changed("party", name="李四"), ["party:1"]),
    "a party is gone": (_gone("party"), ["party:1"]),
    "an attachment is another file": (changed("attachment", digest="0" * 64), ["attachment:1"]),
    "an attachment was withdrawn": (changed("attachment", withdrawn_by="x"), ["attachment:1"]),
    "a link is gone": (_gone("link"), ["link:1:related"]),
    "a link is by somebody else": (changed("link", by="x"), ["link:1:related"]),
    "a supervision was answered": (changed("supervision", status="answered"), ["answer:"]),
    "a supervision is for somebody else": (changed("supervision", role="head"), ["asked:"]),
    "a supervision is another one": (changed("supervision", action="x"), ["supervision:"]),
}


@pytest.mark.parametrize("what", HANGING)
def test_a_row_that_no_entry_changed_shows(engine: Engine, whole: int, what: str) -> None:
    found = engine.audit.verify()
    assert (found.faults, found.uncovered, found.not_read) == ((), 0, ())
    change, about = HANGING[what]
    tamper(engine, change(whole))
    faults = engine.audit.verify().faults
    assert {(fault.kind, fault.case) for fault in faults} == {(FaultKind.MOVED, whole)}
    named = [str(fault.about) for fault in faults]
    assert len(named) == len(about)
    assert all(one.startswith(start) for one, start in zip(sorted(named), sorted(about), strict=True)), named
    for fault in faults:
        assert fault.entry is not None
        assert "张三" not in fault.zh + fault.en


def test_a_row_that_was_put_in_shows(engine: Engine, whole: int) -> None:
    note = table("note")
    row = {"case_id": whole, "seq": 3, "at": datetime(2026, 3, 1, tzinfo=UTC), "by": "head-1", "text": "同意"}
    tamper(engine, sa.insert(note).values(**row))
    assert told(engine) == [(FaultKind.MOVED, whole, None, "note:3")]


def test_what_changes_by_calls_stays_sound(engine: Engine, whole: int, clock: FixedClock) -> None:
    """Each row that a later call writes again, closes or takes away."""
    engine.notes.add(whole, "更正:未上门", corrects=2, by=CLERK)
    engine.parties.change(whole, 1, {"phone": "13900000000"}, reason="换号", by=CLERK)
    engine.attachments.withdraw(whole, 1, reason="传错", by=CLERK)
    [one] = engine.supervisions(case=whole)
    engine.answer_supervision(whole, one.ref, "已联系双方", by=OFFICER)
    engine.unlink(whole, whole - 1, kind="related", reason="不是一件事", by=HEAD)
    [task] = engine.tasks(case=whole)
    engine.release(task.id, by=CLERK)
    engine.complete(task.id, {}, by=CLERK)
    clock.advance(timedelta(days=200))
    engine.sweep()
    found = engine.audit.verify()
    assert (found.faults, found.uncovered) == ((), 0)
