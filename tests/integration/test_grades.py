"""How closely a case is kept: by its facts, by hand, and who is let read it."""

from __future__ import annotations

from typing import Any

import pytest

from jiefen import Actor, Conflict, Grade, Happening, NotAllowed, NotFound
from tests.support.moments import CLERK, RECUSER, Life

LEADER = Actor("leader-1", frozenset({"township_leader"}), "140429102")
COUNTY = Actor("county-1", frozenset({"county_government"}), "140429")
OFFICER = Actor("officer-1", frozenset({"petition_officer"}), "140429102")
GRADES = (Happening.GRADE_RAISED, Happening.GRADE_LOWERED)


def told(life: Life) -> list[tuple[str | None, Any]]:
    entries = life.engine.history(life.case)
    return [(one.subject, one.data.get("reasons")) for one in entries if one.kind in GRADES]


def say(life: Life, **facts: Any) -> Grade:
    return life.engine.correct(life.case, facts, reason="核实", by=CLERK).grade


def test_an_ordinary_case_is_personal_and_the_journal_says_nothing_of_it(life: Life) -> None:
    assert life.engine.case(life.case).grade is Grade.PERSONAL
    assert told(life) == []


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"violence": True}, "violence"),
        ({"minor_involved": True}, "minor"),
        ({"minor_harmed": True}, "minor_harmed"),
        ({"crime_suspected": True}, "crime"),
        ({"duty_crime": True}, "duty_crime"),
        ({"matter_type": "accusation"}, "accusation"),
        ({"dispute_type": "suspected_crime"}, "suspected_crime"),
        ({"patient_died_on": "2026-02-01"}, "patient_died"),
    ],
)
def test_what_a_case_tells_grades_it(life: Life, facts: dict[str, Any], reason: str) -> None:
    say(life, **facts)
    assert life.engine.case(life.case).grade is Grade.SENSITIVE
    assert told(life) == [("sensitive", [reason])]


def test_what_turns_out_not_to_be_so_lowers_it_again(both: Life) -> None:
    assert say(both, violence=True) is Grade.SENSITIVE
    assert say(both, violence=False) is Grade.PERSONAL
    assert told(both) == [("sensitive", ["violence"]), ("personal", [])]


def test_who_lowers_a_grade_knew_the_reasons_and_a_new_one_counts_again(both: Life) -> None:
    say(both, violence=True)
    grades = both.engine.grades
    with pytest.raises(NotAllowed):
        grades.set(both.case, "personal", reason="误会", by=OFFICER)
    assert grades.set(both.case, "personal", reason="误会", by=LEADER).grade is Grade.PERSONAL
    assert say(both, amount=5) is Grade.PERSONAL
    assert say(both, minor_harmed=True) is Grade.SENSITIVE
    assert told(both)[-1] == ("sensitive", ["minor_harmed", "violence"])
    text = both.engine.explain(both.case).text("zh")
    assert "密级由“敏感”降为“个人信息”(误会)" in text
    assert "侵害未成年人" in text


def test_anybody_there_raises_it_and_no_fact_lowers_that(both: Life) -> None:
    grades = both.engine.grades
    assert grades.set(both.case, "封存", reason="当事人受到威胁", by=OFFICER).grade is Grade.SEALED
    assert say(both, violence=True) is Grade.SEALED
    assert say(both, violence=False) is Grade.SEALED
    with pytest.raises(NotAllowed):
        grades.set(both.case, "sensitive", reason="已消除", by=LEADER)
    assert grades.set(both.case, "sensitive", reason="已消除", by=COUNTY).grade is Grade.SENSITIVE
    revision = both.engine.case(both.case).revision
    assert grades.set(both.case, Grade.SENSITIVE, reason="已消除", by=COUNTY).revision == revision


def test_people_are_let_read_by_others_and_never_by_themselves(both: Life) -> None:
    grades = both.engine.grades
    with pytest.raises(Conflict):
        grades.let_read(both.case, "officer-1", reason="想看", by=OFFICER)
    first = grades.let_read(both.case, "0930", reason="会商", by=OFFICER)
    assert grades.let_read(both.case, "0930", reason="再次", by=OFFICER) == first
    grades.let_read(both.case, "0930", reason="同意", by=LEADER)
    assert [(one.person, one.named_by) for one in grades.readers(both.case, by=LEADER)] == [
        ("0930", "leader-1"),
        ("0930", "officer-1"),
    ]
    both.engine.recuse(both.case, "0931", reason="近亲属", by=RECUSER)
    with pytest.raises(NotAllowed):
        grades.let_read(both.case, "0931", reason="会商", by=LEADER)
    assert len(grades.withdraw(both.case, "0930", reason="会商结束", by=LEADER)) == 2
    with pytest.raises(NotFound, match="readers"):
        grades.withdraw(both.case, "0930", reason="会商结束", by=LEADER)
    again = grades.let_read(both.case, "0930", reason="再次会商", by=LEADER)
    assert again.withdrawn_at is None
    kinds = [one.kind for one in both.engine.history(both.case)]
    assert kinds.count(Happening.READER_NAMED) == 3
    assert kinds.count(Happening.READER_WITHDRAWN) == 1
