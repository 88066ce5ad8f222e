# ruff: noqa: B008 - what an act is done to is made before it is done
"""Who may do an act is decided by its row in authority.yaml and by nothing else: another row is another answer."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jiefen import EVERYWHERE, Actor, Answer, Engine, FixedClock, JiefenError, NeedsAgreement, NotAllowed
from jiefen.bundled import bundled
from jiefen.clock import CHINA
from jiefen.rules import Authority, Kind, Who, check_rulebook, load_rulebook, told_of
from tests.integration.conftest import make_tables
from tests.support.databases import Databases
from tests.support.moments import WINDOW

VILLAGE, TOWNSHIP, COUNTY = "140429102201", "140429102", "140429"
#: A role that nobody of these tests holds, and that no row means.
KEPT_TO = "reconsideration_organ"
_ROLES = load_rulebook(bundled("rules")).roles
#: Somebody who holds every office, so that no row but a kept one refuses them.
ALL = Actor(
    "all-1",
    frozenset(
        one.id for one in _ROLES.values() if one.administers is None and one.level and one.id != KEPT_TO
    ),
    EVERYWHERE,
)
MEDIATOR = Actor("m-1", frozenset({"village_mediator"}), VILLAGE)
CENTRE = Actor("c-1", frozenset({"township_coordinator"}), TOWNSHIP)
SECURITY = Actor("security-1", frozenset({"security_administrator"}), EVERYWHERE)
AUDIT = Actor("audit-1", frozenset({"audit_administrator"}), EVERYWHERE)
#: What belongs to no area goes by the nation's rows alone.
NO_AREA = {"load_directory", "load_edition", "recompute", "records.rotate_keys", "resolve", "retry"}
FACTS = {"source": "walk_in", "dispute_type": "family", "area": VILLAGE}
HEAD = "defaults: {from: 2022-05-01, owner: 法规组, confidence: policy}\nauthority:\n"


def row_of(one: Authority, **other: Any) -> str:
    """A row of a layer: as above, but for what is said."""
    said: dict[str, Any] = {"by": list(one.by), "reason": one.reason}
    if one.four_eyes:
        said |= {"four_eyes": True, "agree_within": one.agree_within}
    said |= other
    words = ", ".join(f"{name}: {_yaml(value)}" for name, value in said.items())
    return (
        f"  {one.id}: {{title: {{zh: {one.title.zh}, en: X}}, override: true, {words}, "
        "because: {policy: {zh: 县定, en: set here}}}\n"
    )


def _yaml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def rules_with(tmp: Path, *rows: str) -> Path:
    """The bundled rules, with rows of a county."""
    root = tmp / "rules"
    shutil.copytree(bundled("rules"), root)
    file = root / COUNTY / "authority.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(HEAD + "".join(rows), "utf-8")
    return root


def nation_with(tmp: Path, **by: str) -> Path:
    """The bundled rules, with others in the rows of the nation."""
    root = tmp / "rules"
    shutil.copytree(bundled("rules"), root)
    file = root / "nation" / "authority.yaml"
    text = file.read_text("utf-8")
    for act, one in by.items():
        text, times = re.subn(rf"(?m)^(  {act}: .*?by: )\[[^]]*\]", rf"\1[{one}]", text)
        assert times == 1
    file.write_text(text, "utf-8")
    return root


@dataclass
class Scene:
    """An engine by the rules that come along, with something to do every act to; and one by other rules."""

    plain: Engine
    strict: Engine
    clock: FixedClock

    def case(self, name: str, **facts: Any) -> int:
        people = [{"part": "applicant", "name": "李四"}, {"part": "respondent", "name": "张三"}]
        opened = self.plain.open_case("dispute", FACTS | facts, key=name, by=WINDOW, parties=people)
        return opened.id

    def petition(self) -> int:
        facts = FACTS | {"received_on": date(2026, 3, 2), "matter_type": "claim"}
        return self.plain.open_case("petition", facts, key="petition", by=WINDOW).id

    def task(self, name: str) -> int:
        [task] = self.plain.tasks(case=self.case(name))
        return task.id

    def led(self, name: str) -> int:
        case = self.case(name)
        self.plain.bind_leader(case, ALL.id, by=ALL)
        self.plain.leading.plan(case, "走访", date(2026, 4, 1), by=ALL)
        return case

    def supervised(self, name: str) -> tuple[int, str]:
        case = self.case(name)
        found = self.plain.supervise(
            case, "village_mediator", "supervise", ground="未走访", reply="5 wd", by=ALL
        )
        return case, found.ref

    def dated(self, name: str) -> int:
        case = self.case(name)
        self.plain.close_by(case, date(2026, 4, 1), reason="久拖", role="township_coordinator", by=ALL)
        return case

    def list_of(self) -> int:
        self.plain.routines.keep(f"{VILLAGE}001", by=ALL)
        self.clock.advance(timedelta(hours=7))
        self.plain.sweep()
        return self.plain.routines.lists()[0].id

    def delivery(self) -> int:
        if not (found := self.plain.deliveries()):
            self.case("delivery", violence=True)
            found = self.plain.deliveries()
        return found[0].id

    def absence(self) -> int:
        days = {"since": date(2026, 3, 2), "until": date(2026, 3, 9)}
        here = Actor("all-1", ALL.roles, VILLAGE)
        return self.plain.delegate("all-1", "d-1", **days, reason="外出", by=here).id


AT = datetime(2026, 3, 20, 9, 30, tzinfo=CHINA)
HERE = Actor("all-1", ALL.roles, VILLAGE)
WHY = {"reason": "定"}
#: How each act is done, to something that is made with the rules that come along.
DONE: dict[str, Callable[[Scene], Callable[[Engine], object]]] = {
    "open_case": lambda s: lambda e: e.open_case("dispute", FACTS, key="open", by=ALL),
    "intake": lambda s: lambda e: [one.error for one in e.intake(
        [SimpleNamespace(key="row", facts=FACTS, parties=(), owners={})], by=ALL)],
    "message": lambda s: lambda e, c=s.case("msg"): e.message("matter.urgent", case=c, key="m", by=ALL),
    "message.will": lambda s: lambda e, c=s.case("will"): e.message("party.withdrew", case=c, key="m", by=ALL),
    "answer": lambda s: (s.case("answer", violence=True), lambda e: e.answer(
        e.deliveries()[0].id, Answer(), by=ALL))[1],
    "claim": lambda s: lambda e, t=s.task("claim"): e.claim(t, by=ALL),
    "complete": lambda s: lambda e, t=s.task("complete"): e.complete(t, {}, by=ALL),
    "release": lambda s: lambda e, t=s.task("release"): e.release(t, by=ALL),
    "reassign": lambda s: lambda e, t=s.task("reassign"): e.reassign(t, MEDIATOR, by=ALL, **WHY),
    "delegate": lambda s: lambda e: e.delegate(
        "all-1", "d-2", since=date(2026, 5, 2), until=date(2026, 5, 9), by=HERE, **WHY),
    "end_absence": lambda s: lambda e, a=s.absence(): e.end_absence(a, by=HERE),
    "extend": lambda s: lambda e, c=s.petition(): e.extend(c, e.deadlines(c)[0].rule, "1 d", by=ALL),
    "suspend": lambda s: lambda e, c=s.case("suspend"): e.suspend(c, 1, ground="x", by=ALL),
    "resume": lambda s: lambda e, c=s.case("resume"): e.resume(c, 1, by=ALL),
    "interrupt": lambda s: lambda e, c=s.case("interrupt"): e.interrupt(c, 1, ground="x", by=ALL),
    "correct_anchor": lambda s: lambda e, c=s.case("anchor"): e.correct_anchor(c, 1, on=date(2026, 3, 1), by=ALL),
    "milestone": lambda s: lambda e, c=s.case("milestone"): e.milestone(c, "petition_accepted", by=ALL),
    "correct": lambda s: lambda e, c=s.case("correct"): e.correct(c, {"title": "邻里"}, by=ALL, **WHY),
    "move": lambda s: lambda e, c=s.case("move"): e.move(c, "140429102202", by=ALL, **WHY),
    "void": lambda s: lambda e, c=s.case("void"): e.void(c, evidence="登记簿", by=ALL, **WHY),
    "merge": lambda s: lambda e, c=s.case("from"), o=s.case("into"): e.merge(c, o, by=ALL, **WHY),
    "reopen": lambda s: lambda e, c=s.case("reopen"): e.reopen(c, by=ALL, **WHY),
    "split": lambda s: lambda e, c=s.case("split"): e.split(c, [{"key": "s", "parties": [1]}], by=ALL, **WHY),
    "decide_all": lambda s: lambda e, c=s.case("all"): e.decide_all(c, "matter.urgent", key="k", by=ALL),
    "link": lambda s: lambda e, c=s.case("l1"), o=s.case("l2"): e.link(c, o, kind="related", by=ALL, **WHY),
    "unlink": lambda s: lambda e, c=s.case("u1"), o=s.case("u2"): e.unlink(c, o, kind="related", by=ALL, **WHY),
    "decide_repeat": lambda s: lambda e, c=s.case("r1"), o=s.case("r2"): e.decide_repeat(
        c, o, same=False, by=ALL, **WHY),
    "new_code": lambda s: lambda e, c=s.case("code"): e.new_code(c, by=ALL, **WHY),
    "parties.add": lambda s: lambda e, c=s.case("pa"): e.parties.add(c, {"part": "applicant", "name": "王"}, by=ALL),
    "parties.change": lambda s: lambda e, c=s.case("pc"): e.parties.change(c, 1, {"name": "王"}, by=ALL, **WHY),
    "parties.end": lambda s: lambda e, c=s.case("pe"): e.parties.end(c, 2, by=ALL, **WHY),
    "notes.add": lambda s: lambda e, c=s.case("note"): e.notes.add(c, "记", by=ALL),
    "attachments.add": lambda s: lambda e, c=s.case("file"): e.attachments.add(c, "a.txt", b"x", by=ALL),
    "attachments.withdraw": lambda s: lambda e, c=s.case("file2"): e.attachments.withdraw(c, 1, by=ALL, **WHY),
    "appointments.book": lambda s: lambda e, c=s.case("a1"): e.appointments.book(
        c, "reception", at=AT, place="大厅", official="o", by=ALL),
    "appointments.move": lambda s: lambda e, c=s.case("a2"): e.appointments.move(c, 1, place="楼", by=ALL, **WHY),
    "appointments.held": lambda s: lambda e, c=s.case("a3"): e.appointments.held(c, 1, by=ALL),
    "appointments.missed": lambda s: lambda e, c=s.case("a4"): e.appointments.missed(
        c, 1, missed_by="party", by=ALL, **WHY),
    "appointments.cancel": lambda s: lambda e, c=s.case("a5"): e.appointments.cancel(c, 1, by=ALL, **WHY),
    "checklists.tick": lambda s: lambda e, c=s.case("t1"): e.checklists.tick(c, "x", "y", by=ALL),
    "checklists.finish": lambda s: lambda e, c=s.case("t2"): e.checklists.finish(c, "x", by=ALL),
    "grades.set": lambda s: lambda e, c=s.case("g1"): e.grades.set(c, "sensitive", by=ALL, **WHY),
    "grades.lower": lambda s: lambda e, c=s.case("g2", violence=True): e.grades.set(c, "open", by=ALL, **WHY),
    "grades.let_read": lambda s: lambda e, c=s.case("g3"): e.grades.let_read(c, "x-1", by=ALL, **WHY),
    "grades.withdraw": lambda s: lambda e, c=s.case("g4"): e.grades.withdraw(c, "x-1", by=ALL, **WHY),
    "records.hold": lambda s: lambda e, c=s.case("h1"): e.records.hold(c, by=ALL, **WHY),
    "records.lift_hold": lambda s: lambda e, c=s.case("h2"): e.records.lift_hold(c, by=ALL, **WHY),
    "records.erase": lambda s: lambda e, c=s.case("h3"): e.records.erase(c, by=ALL, **WHY),
    "records.redact": lambda s: lambda e, c=s.case("h4"): e.records.redact(c, "李四", by=ALL, **WHY),
    "reporters.keep": lambda s: lambda e, c=s.case("w1"): e.reporters.keep(c, {"name": "赵"}, by=ALL),
    "reporters.ask": lambda s: lambda e, c=s.case("w2"): e.reporters.ask(c, by=ALL, **WHY),
    "reporters.open": lambda s: lambda e, c=s.case("w3"): e.reporters.open(c, by=ALL, **WHY),
    "log_contact": lambda s: lambda e, c=s.case("contact"): e.log_contact(c, "telephone", "x", by=ALL),
    "recuse": lambda s: lambda e, c=s.case("recuse"): e.recuse(c, "x-2", by=ALL, **WHY),
    "lift_recusal": lambda s: lambda e, c=s.case("lift"): e.lift_recusal(c, "x-2", by=ALL, **WHY),
    "supervise": lambda s: lambda e, c=s.case("supervise"): e.supervise(
        c, "village_mediator", "supervise", ground="x", reply="5 wd", by=ALL),
    "check_answer": lambda s: lambda e, c=s.supervised("check"): e.check_answer(*c, enough=True, by=ALL),
    "withdraw_supervision": lambda s: lambda e, c=s.supervised("wd"): e.withdraw_supervision(*c, by=ALL, **WHY),
    "answer_supervision": lambda s: lambda e, c=s.supervised("ans"): e.answer_supervision(*c, "已走访", by=ALL),
    "close_by": lambda s: lambda e, c=s.case("close"): e.close_by(
        c, date(2026, 4, 1), role="township_coordinator", by=ALL, **WHY),
    "close_by.change": lambda s: lambda e, c=s.dated("change"): e.close_by(
        c, date(2026, 5, 1), role="township_coordinator", by=ALL, **WHY),
    "lift_closing_date": lambda s: lambda e, c=s.dated("liftdate"): e.lift_closing_date(c, by=ALL, **WHY),
    "bind_leader": lambda s: lambda e, c=s.case("bind"): e.bind_leader(c, "l-1", by=ALL),
    "leading.plan": lambda s: lambda e, c=s.led("plan"): e.leading.plan(c, "x", date(2026, 3, 30), by=ALL),
    "leading.report": lambda s: lambda e, c=s.led("report"): e.leading.report(c, "x", by=ALL),
    "leading.extend_plan": lambda s: lambda e, c=s.led("ext"): e.leading.extend_plan(
        c, date(2026, 5, 1), by=ALL, **WHY),
    "leading.release_leader": lambda s: lambda e, c=s.led("rel"): e.leading.release_leader(c, by=ALL, **WHY),
    "dispatch": lambda s: lambda e, c=s.case("order"): e.dispatch(
        c, asked="核实", key="d:1", to="civil_affairs", by=ALL),
    "recall": lambda s: lambda e, o=s.plain.dispatch(
        s.case("order2"), asked="核实", key="d:2", to="civil_affairs", by=ALL).id: e.recall(o, by=ALL, **WHY),
    "whistle": lambda s: lambda e: e.whistle(
        kind="urgent", asked="到场", departments=["police_station"], key="w:1", area=TOWNSHIP, by=ALL),
    "documents.make": lambda s: lambda e, c=s.case("d1"): e.documents.make(c, "x", by=ALL),
    "documents.sign": lambda s: lambda e, c=s.case("d2"): e.documents.sign(c, 1, by=ALL),
    "documents.void": lambda s: lambda e, c=s.case("d3"): e.documents.void(c, 1, by=ALL, **WHY),
    "documents.serve": lambda s: lambda e, c=s.case("d4"): e.documents.serve(
        c, 1, 1, way="direct", day=date(2026, 3, 2), by=ALL),
    "outside.note_status": lambda s: lambda e, d=s.delivery(): e.outside.note_status(d, "received", key="s", by=ALL),
    "outside.cancel": lambda s: lambda e, d=s.delivery(): e.outside.cancel(d, by=ALL, **WHY),
    "outside.retry": lambda s: lambda e, d=s.delivery(): e.outside.retry(d, by=ALL),
    "diaries.issue": lambda s: lambda e: e.diaries.issue(
        by=ALL, role="township_coordinator", area=TOWNSHIP, until=date(2026, 4, 1)),
    "routines.keep": lambda s: lambda e: e.routines.keep("140429103", by=ALL),
    "routines.stop": lambda s: lambda e: e.routines.stop("140429103", by=ALL),
    "routines.close": lambda s: lambda e, i=s.list_of(): e.routines.close(i, {}, by=ALL),
}  # fmt: skip
#: Asked under another act, or not without more than these tests have.
ELSEWHERE = {
    "records.export_subject",
    "records.forget",
    "diaries.revoke",
    "routines.keep_below",
    "reporters.matter",
} | NO_AREA


@pytest.fixture
def scene(databases: Databases, clock: FixedClock, tmp_path: Path) -> Iterator[Scene]:
    """Every row of acts in an area is kept to one role in the county of the strict engine."""
    rows = load_rulebook(bundled("rules")).view().authority.values()
    kept = [row_of(one, only=[KEPT_TO]) for one in rows if one.id not in NO_AREA]
    rules = rules_with(tmp_path, *kept)
    url = databases.prepared(make_tables)
    with Engine.open(url, clock=clock) as plain, Engine.open(url, clock=clock, rules=rules) as strict:
        yield Scene(plain, strict, clock)


def refused(done: Callable[[], object]) -> NotAllowed | None:
    """What an act was refused with; anything else than that it is not allowed comes after the row."""
    try:
        found = done()
    except NeedsAgreement:
        return None
    except NotAllowed as error:
        return error
    except JiefenError:
        return None
    errors = [one for one in found if isinstance(one, NotAllowed)] if isinstance(found, list) else []
    return errors[0] if errors else None


def test_every_act_has_a_way_to_be_done_here() -> None:
    assert {*DONE} | ELSEWHERE == {*load_rulebook(bundled("rules")).view().authority}


def test_each_row_of_a_county_changes_the_answer(scene: Scene) -> None:
    ready = {act: make(scene) for act, make in DONE.items()}
    wrong = {}
    for act, do in ready.items():
        error = refused(lambda do=do: do(scene.strict))  # type: ignore[misc]
        if error is None or KEPT_TO not in str(error):
            wrong[act] = f"by the row of the county: {error}"
            continue
        # Some things that are refused for another reason than who asks are refused as not allowed as well.
        later = refused(lambda do=do: do(scene.plain))  # type: ignore[misc]
        if later is not None and act not in ("extend", "milestone", "routines.close"):
            wrong[act] = f"by the row of the nation: {later}"
    assert wrong == {}


def opened(databases: Databases, clock: FixedClock, rules: Path) -> Engine:
    return Engine.open(databases.prepared(make_tables), clock=clock, rules=rules)


def a_case(engine: Engine, key: str = "k") -> int:
    return engine.open_case("dispute", FACTS, key=key, by=WINDOW).id


def nation(act: str, **other: Any) -> str:
    return row_of(load_rulebook(bundled("rules")).view().authority[act], **other)


def test_a_county_names_fewer(databases: Databases, clock: FixedClock, tmp_path: Path) -> None:
    rules = rules_with(
        tmp_path, nation("release", by=["claimer"]), nation("delegate", by=["self"]),
        nation("log_contact", by=["leader"]), nation("recuse", by=["self"]), nation("message", by=["program"]),
        nation("open_case", by=["program"]), nation("message.will", by=["party"]),
    )  # fmt: skip
    with opened(databases, clock, rules) as engine:
        case = engine.open_case("dispute", FACTS, key="k", by=Actor.program("portal")).id
        [task] = engine.tasks(case=case)
        engine.claim(task.id, by=MEDIATOR)
        for act in (
            lambda: engine.open_case("dispute", FACTS, key="k2", by=CENTRE),
            lambda: engine.release(task.id, by=CENTRE, why="久拖"),
            lambda: engine.log_contact(case, "telephone", "x", by=CENTRE),
            lambda: engine.recuse(case, "m-2", reason="亲属", by=CENTRE),
            lambda: engine.message("matter.urgent", case=case, key="m", by=CENTRE),
            lambda: engine.message("party.withdrew", case=case, key="m", by=CENTRE),
        ):
            with pytest.raises(NotAllowed):
                act()
        engine.release(task.id, by=MEDIATOR)
        engine.recuse(case, "c-1", reason="亲属", by=CENTRE)
        engine.message("matter.urgent", case=case, key="m")


@pytest.mark.parametrize(
    ("act", "does"),
    [
        ("claim", lambda e, c, by: e.claim(e.tasks(case=c)[0].id, by=by)),
        ("complete", lambda e, c, by: e.complete(e.tasks(case=c)[0].id, {}, by=by)),
        ("supervise", lambda e, c, by: e.supervise(
            c, "village_mediator", "remind", ground="x", reply="5 wd", by=by)),
        ("bind_leader", lambda e, c, by: e.bind_leader(c, "l-1", by=by)),
        ("close_by", lambda e, c, by: e.close_by(
            c, date(2026, 4, 1), reason="x", role="township_coordinator", by=by)),
        ("dispatch", lambda e, c, by: e.dispatch(c, asked="核实", key="d", to="police_station", by=by)),
        ("void", lambda e, c, by: e.void(c, reason="误登", evidence="登记簿", by=by)),
    ],
)  # fmt: skip
def test_a_row_of_the_nation_lets_whom_it_names_and_nobody_else(
    databases: Databases, clock: FixedClock, tmp_path: Path, act: str, does: Callable[..., Any]
) -> None:
    """The women's federation of a township may do none of these as the rules come along."""
    strange = Actor("w-1", frozenset({"women_federation"}), TOWNSHIP)
    with opened(databases, clock, bundled("rules")) as engine:
        case = a_case(engine)
        with pytest.raises(NotAllowed):
            does(engine, case, strange)
    root = nation_with(tmp_path, **{act: "women_federation"})
    with opened(databases, clock, root) as engine:
        case = a_case(engine, "k3")
        with pytest.raises(NotAllowed, match="women_federation"):
            does(engine, case, MEDIATOR)
        try:
            does(engine, case, strange)
        except NotAllowed as error:  # a centre is still needed to give out an order
            assert (act, "centre" in str(error)) == ("dispatch", True)  # noqa: PT017


def test_what_belongs_to_no_area_goes_by_the_row_of_the_nation(
    databases: Databases, clock: FixedClock, tmp_path: Path
) -> None:
    root = nation_with(tmp_path, load_directory="audit", recompute="audit")
    file = tmp_path / "d.yaml"
    file.write_text("units: {'140429': {title: {zh: 县, en: C}}}\nposts: []\n", "utf-8")
    with opened(databases, clock, root) as engine:
        for refused_now in (SECURITY, None):
            with pytest.raises(NotAllowed):
                engine.load_directory(file, by=refused_now)
        engine.load_directory(file, by=AUDIT)
        engine.recompute(dry_run=False, by=AUDIT)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (
            "  viod: {title: {zh: 作废, en: V}, by: [corrects], because: {policy: {zh: 定, en: s}}}\n",
            "unknown-act",
        ),
        (
            "  void: {title: {zh: 作废, en: V}, by: [task], because: {policy: {zh: 定, en: s}}}\n",
            "unknown-who",
        ),
        (
            "  void: {title: {zh: 作废, en: V}, by: [corrects], only: [nil], because: {policy: {zh: 定, en: s}}}\n",
            "unknown-who",
        ),
    ],
)
def test_a_row_that_nothing_would_ask_is_found(tmp_path: Path, row: str, code: str) -> None:
    (tmp_path / "nation").mkdir()
    (tmp_path / "nation" / "authority.yaml").write_text(HEAD + row, "utf-8")
    assert code in {one.code for one in check_rulebook(tmp_path, tuple(Kind))}


def test_a_layer_keeps_an_act_to_fewer_offices_and_never_to_more(tmp_path: Path) -> None:
    for layer, only in (("nation", ["township_leader", "county_government"]), (COUNTY, ["township_leader"])):
        (tmp_path / layer).mkdir()
        (tmp_path / layer / "authority.yaml").write_text(HEAD + nation("void", only=only), "utf-8")
    (tmp_path / "roles.yaml").write_text((bundled("rules") / "roles.yaml").read_text("utf-8"), "utf-8")
    assert "looser-layer" not in {one.code for one in check_rulebook(tmp_path, tuple(Kind))}
    (tmp_path / COUNTY / "authority.yaml").write_text(HEAD + nation("void"), "utf-8")
    assert "looser-layer" in {one.code for one in check_rulebook(tmp_path, tuple(Kind))}


def test_no_row_of_the_rules_that_come_along_names_what_its_act_cannot_tell() -> None:
    rows = load_rulebook(bundled("rules")).view().authority
    for act, row in rows.items():
        assert {*row.by} & {*Who} <= {*told_of(act)}, act
    assert {one for act in rows for one in told_of(act)} == set(Who)


def test_a_row_of_a_ledger_that_is_refused_is_written_down(scene: Scene) -> None:
    row = SimpleNamespace(key="row", facts=FACTS, parties=(), owners={})
    [taken] = scene.strict.intake([row], by=CENTRE)
    assert isinstance(taken.error, NotAllowed)
    assert [(one.actor, one.act) for one in scene.plain.refusals()] == [("c-1", "intake")]
