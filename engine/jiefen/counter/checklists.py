"""清单: what the rules want ticked at a visit (八必访 and the like) or once in a case, by whom and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace

from sqlalchemy.engine import Connection

from jiefen.agenda.checklists import round_of, standing, tell_missing
from jiefen.case.arguments import check_day, check_flag, check_key
from jiefen.case.runtime import HostTransaction, Runtime
from jiefen.case.step import Step
from jiefen.clock import china_date
from jiefen.commands.acting import acting, kept_of, refuse_involved
from jiefen.commands.binding import acting_as
from jiefen.commands.lookup import case_row
from jiefen.errors import FactError, UnknownValue
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import shown, written
from jiefen.record.actor import Actor
from jiefen.record.counter.checklists import Checked
from jiefen.record.counter.kept import Kept
from jiefen.record.kinds import Happening
from jiefen.rules import Checklist, RuleView
from jiefen.store.counter import ticks as store


class Checklists:
    """The checklists of cases: ``engine.checklists``. The rules say which there are, and for which cases."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def of(
        self, case: int, *, by: Actor, visit: date | None = None, session: HostTransaction = None
    ) -> list[Checked]:
        """The checklists for a case as they stand, those of visits for the visit of a day.

        Args:
            visit: the day in China; today when absent.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            FactError: the day is none, or has not come.
        """
        day = self._day(visit)
        with kept_of(self._runtime, case, by, session) as (connection, row):
            edition = self._runtime.edition_of(connection, row.edition)
            facts = edition.rulebook.vocabulary.from_json(row.facts)
            rows = store.of_case(connection, case)
            known = _lists(edition.view(row.area), facts, day)
            return [standing(rule, case, facts, day, rows) for rule in known.values()]

    @acting_as("checklists.tick")
    def tick(
        self,
        case: int,
        checklist: str,
        item: str,
        *,
        by: Actor,
        visit: date | None = None,
        done: bool = True,
        note: str | None = None,
        session: HostTransaction = None,
    ) -> Checked:
        """Tick an item, or take a tick away; who and when is kept. What is as it was changes nothing.

        Args:
            visit: the day of the visit in China; today when absent. A list of the case has none.
            note: what to keep with it, for the office.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            UnknownValue: the rules have no such list or item for this case; the message names the nearest.
            FactError: the day is none or has not come, or the note says nothing.
        """
        check_key(item, "item")
        check_flag(done, "done")
        said = written(note, "note") if note is not None else None
        day = self._day(visit)
        with self._list(case, checklist, by, day, session) as (step, connection, rule, facts):
            rows = store.of_case(connection, case)
            before = standing(rule, case, facts, day, rows)
            ticked = {one.item: one for one in before.ticks}
            if item not in ticked:
                raise UnknownValue(
                    f"{checklist} has no item {shown(item)} for case {case}; {suggestion(item, ticked)}",
                    zh="清单没有这一项",
                )
            if (ticked[item].done, ticked[item].note) == (
                done,
                said if said is not None else ticked[item].note,
            ):
                return before
            recording = step.recording
            row = {
                "case_id": case, "checklist": rule.id, "round": round_of(rule, day), "item": item, "done": done,
                "by": by.id, "at": recording.now, "note": said,
            }  # fmt: skip
            recording.changes.counter[Kept.TICK] = [row]
            recording.note(
                Happening.TICKED if done else Happening.TICK_REMOVED, rule.id, title=rule.title,
                item=dict(ticked[item].title), visit=before.visit.isoformat() if before.visit else None,
            )  # fmt: skip
            others = [
                one for one in rows if (one.checklist, one.round, one.item) != (rule.id, row["round"], item)
            ]
            return standing(rule, case, facts, day, [*others, SimpleNamespace(**row)])

    @acting_as("checklists.finish")
    def finish(
        self,
        case: int,
        checklist: str,
        *,
        by: Actor,
        visit: date | None = None,
        session: HostTransaction = None,
    ) -> Checked:
        """Say that a visit, or the work on a case, is over: what the list misses is kept, and told to the actor.

        Nothing is refused for it, and what is missing can be ticked later. A visit that was booked does it by itself
        when it was held.

        Raises:
            NotFound: there is no such case.
            NotAllowed: the actor is recused from it, acts for another area, or is accused in it.
            UnknownValue: the rules have no such list for this case; the message names the nearest.
            FactError: the day is none, or has not come.
        """
        day = self._day(visit)
        with self._list(case, checklist, by, day, session) as (step, connection, rule, facts):
            now = standing(rule, case, facts, day, store.of_case(connection, case))
            if now.missing:
                tell_missing(step.recording, now, (by.id,), step.register.area)
            return now

    def _day(self, visit: object) -> date:
        today = china_date(self._runtime.clock.now())
        if visit is None:
            return today
        day = check_day(visit, "visit")
        if day > today:
            raise FactError(
                f"visit={day} is no day of a visit that has been; correct the date",
                zh="走访日期不能用;请填写已经走访的日期",
            )
        return day

    @contextmanager
    def _list(
        self, case: int, checklist: str, by: Actor, day: date, session: HostTransaction
    ) -> Iterator[tuple[Step, Connection, Checklist, Mapping[str, object]]]:
        """A step of a case by somebody who may act there, with one of its lists and what is known of it."""
        check_key(checklist, "checklist")
        with acting(self._runtime, case, by, session) as (step, _, connection):
            refuse_involved(self._runtime, connection, case_row(connection, case), by)
            known = _lists(step.register.view, step.facts(), day)
            if checklist not in known:
                raise UnknownValue(
                    f"the rules have no checklist {shown(checklist)} for case {case}; {suggestion(checklist, known)}",
                    zh="规则没有这一清单,或者清单不适用于本案",
                )
            yield step, connection, known[checklist], step.facts()


def _lists(view: RuleView, facts: Mapping[str, object], day: date) -> dict[str, Checklist]:
    """The checklists for a case with these facts."""
    return {one.id: one for one in view.checklists.values() if one.in_force(day) and one.for_case(facts)}
