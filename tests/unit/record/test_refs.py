"""What an entry of the agenda refers to: the names that databases and outside systems have kept."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jiefen.errors import NotFound
from jiefen.record.kinds import EntryKind
from jiefen.record.refs import Ref, pressing_for

KEPT = {
    Ref.timer(7): ("timer", "7"),
    Ref.expiry(2): ("expiry", "2"),
    Ref.rung(2, "warn"): ("rung", "2/warn"),
    Ref.task(7): ("task", "7"),
    Ref.reply("rung/2/warn"): ("reply", "rung/2/warn"),
    Ref.routine("reception", "140429102"): ("routine", "reception@140429102"),
    Ref.call(7): ("delivery", "token/7"),
    Ref.sent(5, 1): ("delivery", "sent/5/1"),
    Ref.told_by_rung(2, "warn"): ("delivery", "rung/2/warn"),
    Ref.told_by_rung(2, "warn", 1): ("delivery", "rung/2/warn/1"),
    Ref.told_by_expiry(2, 9): ("delivery", "expiry/2/9"),
    Ref.told_of_extension(2, 1, "clerk"): ("delivery", "extension/2/1/clerk"),
    Ref.told_to_leader(2, 9): ("delivery", "leader/2/9"),
    Ref.told_of_task(7, 3, "warn"): ("delivery", "task/7/3/warn"),
    Ref.told_unanswered("rung/2/warn"): ("delivery", "reply/rung/2/warn"),
    Ref.passed_on("rung/2/warn", 4): ("delivery", "passed/rung/2/warn/4"),
    Ref.alert("rung/2/warn"): ("delivery", "alert/rung/2/warn"),
    Ref.alert("rung/2/warn", "140429"): ("delivery", "alert/rung/2/warn/140429"),
}


@pytest.mark.parametrize("ref", KEPT, ids=lambda ref: ref.name)
def test_a_name_stays_what_it_was(ref: Ref) -> None:
    """A key that changes would let an outside system take a delivery twice."""
    kind, name = KEPT[ref]
    assert (ref.kind, ref.name) == (kind, name)
    assert Ref.of(SimpleNamespace(kind=kind, ref=name)) == ref


def test_names_are_read_where_they_are_made() -> None:
    assert Ref.timer(12).number == Ref.task(12).number == Ref.expiry(12).number == 12
    assert (Ref.rung(12, "a/b").number, Ref.rung(12, "a/b").rung_id) == (12, "a/b")
    assert Ref.routine("reception", "140429").rule_and_area == ("reception", "140429")
    assert Ref.told_by_rung(2, "warn").name.startswith(pressing_for(2))
    assert not Ref.told_by_rung(21, "warn").name.startswith(pressing_for(2))


def test_a_kind_nobody_knows_is_told() -> None:
    with pytest.raises(NotFound, match="unknown kind 'song'"):
        Ref.of(SimpleNamespace(kind="song", ref="1"))


def test_entries_of_one_instant_are_done_in_the_order_of_their_kinds() -> None:
    """The database orders by the value, so the values must say it: the law before the model."""
    of_a_case = {EntryKind.EXPIRY, EntryKind.REPLY, EntryKind.RUNG, EntryKind.TASK, EntryKind.TIMER}
    assert min(of_a_case) is EntryKind.EXPIRY
    assert max(of_a_case) is EntryKind.TIMER
