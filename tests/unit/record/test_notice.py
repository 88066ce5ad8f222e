"""A notice goes out as JSON and comes back as it was."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen.record.notice import Found, Notice

_words = st.text("abc", min_size=1, max_size=3)
_seat = st.fixed_dictionaries({"role": _words, "level": st.none() | _words, "area": st.none() | _words})
_found = st.builds(
    Found,
    holders=st.none() | st.lists(_words, max_size=2).map(tuple),
    deputies=st.booleans(),
    vacant=st.lists(_seat, max_size=2).map(tuple),
    seats=st.lists(_seat, max_size=2).map(tuple),
    actor=st.none() | st.fixed_dictionaries({"role": _words}),
)
_notices = st.builds(
    Notice,
    about=st.dictionaries(st.sampled_from(["deadline", "due_on", "task", "supervision"]), _words),
    title=st.just({"zh": "甲", "en": "A"}),
    action=_words,
    to=st.none() | _words,
    area=st.none() | _words,
    level=st.none() | _words,
    by=st.none() | _words,
    reply=st.none() | _words,
    found=st.none() | _found,
    supervised=st.lists(_words, max_size=2).map(tuple),
)


@given(_notices)
def test_what_is_read_is_what_was_written(notice: Notice) -> None:
    assert Notice.read(json.loads(json.dumps(notice.payload()))) == notice


@given(_notices, _words, st.booleans())
def test_so_is_what_a_rung_tells(notice: Notice, rung: str, urgent: bool) -> None:
    from dataclasses import replace

    told = replace(notice, rung=rung, ladder="ladder", urgent=urgent)
    assert Notice.read(told.payload()) == told
    assert told.payload()["urgent"] is urgent


def test_addressing_makes_another_notice() -> None:
    notice = Notice(about={"deadline": "d"}, title={}, action="warn", to="clerk", area="14")
    found = Found(holders=("7",), vacant=({"role": "clerk", "level": "village", "area": "14"},))
    told = notice.addressed(found, "head", "township")
    assert (notice.to, notice.holders, told.to, told.holders) == ("clerk", (), "head", ("7",))
    assert told.without_persons() == notice.addressed(None, "clerk", "village")  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        told.to = "clerk"  # type: ignore[misc]
