"""No wrong argument of any public call surfaces as anything but a JiefenError, and none of them breaks the case."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from jiefen import Actor, Answer, Between, Engine, FixedClock, JiefenError
from jiefen.store.connecting.database import Pooling
from tests.integration.conftest import CLERK, HEAD, SMALL

FACTS = {"area": "140429102", "received_on": "2026-03-02", "amount": 60_000}


class Thing:
    """A class, and an object that says nothing of itself."""

    def __repr__(self) -> str:
        raise RuntimeError("nothing to say")


def _generator() -> Iterator[int]:
    yield 1


#: The kinds of nonsense; each is made anew, because a generator is used up and a list may be changed.
NONSENSE: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "list": list,
    "dict": dict,
    "zero": lambda: 0,
    "minus": lambda: -1,
    "fraction": lambda: 1.5,
    "nan": lambda: float("nan"),
    "true": lambda: True,
    "false": lambda: False,
    "empty": str,
    "blank": lambda: " ",
    "nul": lambda: "\0",
    "half": lambda: "\ud800",
    "huge": lambda: 10**400,
    "longer_than_python_prints": lambda: 10**5000,
    "bytes": lambda: b"x",
    "object": object,
    "mute": Thing,
    "class": lambda: Thing,
    "generator": _generator,
    "long": lambda: "x" * 100_000,
    "set": lambda: {1},
    "nested": lambda: {"a": [{"b": object()}]},
    "no_zone": lambda: datetime(2026, 3, 2, 9),  # noqa: DTZ001
    "day": lambda: date(2026, 3, 2),
    "first_day": lambda: date.min,
    "last_day": lambda: date.max,
    "bidi": lambda: "\u202egnp",
}


#: When an appointment is: later than the clock of the tests.
AT = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


class Given:
    """A case, a task, a delivery: what calls are about, by the names of their parameters."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        case = engine.open_case("claim", FACTS, key="k1", by=CLERK).id
        engine.complete(engine.tasks(case=case)[0].id, {}, by=CLERK)
        other = engine.open_case("claim", {"received_on": "2026-03-02"}, key="k2", by=CLERK).id
        [task] = engine.tasks(case=other)
        self.case, self.other, self.task = case, other, task.id
        self.code = engine.new_code(case, reason="凭条遗失", by=CLERK)
        engine.notes.add(case, "待核实", by=CLERK)
        engine.appointments.book(case, "reception", at=AT, place="大厅", official="l-1", by=CLERK)
        self.delivery = engine.deliveries()[0].id
        self.folder = folder

    def arguments(self, name: str) -> dict[str, Any]:
        """Arguments with which a call could go well."""
        case, by = {"case_id": self.case}, {"by": HEAD}
        act = case | by | {"deadline": "claim.handle"}
        person = {"case": self.case} | by
        known: dict[str, dict[str, Any]] = {
            "open_case": {"process": "claim", "facts": FACTS, "key": "k9"} | by,
            "case": case,
            "history": case,
            "explain": case,
            "open_questions": case,
            "deadlines": case,
            "earliest_right": case,
            "claim": {"task_id": self.task, "by": CLERK},
            "complete": {"task_id": self.task, "answer": {}, "by": CLERK},
            "release": {"task_id": self.task, "by": CLERK},
            "extend": act | {"length": "1 d", "ground": "复杂"},
            "suspend": act | {"ground": "hearing"},
            "resume": act,
            "interrupt": act | {"ground": "hearing"},
            "correct_anchor": act | {"on": date(2026, 3, 1)},
            "milestone": case | by | {"milestone": "answered"},
            "recompute": by,
            "load_directory": {"path": self.folder / "none.yaml"},
            "answer_supervision": person | {"ref": "rung/1/warn", "text": "已办"},
            "supervise": person | {"role": "clerk", "action": "remind", "ground": "迟迟未办", "reply": "3 d"},
            "check_answer": person | {"ref": "rung/1/warn", "enough": True},
            "withdraw_supervision": person | {"ref": "rung/1/warn", "reason": "误发"},
            "close_by": person | {"on": date(2026, 4, 30), "reason": "久拖不决"},
            "lift_closing_date": person | {"reason": "已办结"},
            "bind_leader": person | {"leader": "l-1"},
            "plan": person | {"text": "查清事实", "until": date(2026, 4, 30)},
            "report": person | {"text": "已约见"},
            "extend_plan": person | {"until": date(2026, 5, 30), "reason": "鉴定未回"},
            "release_leader": person | {"reason": "已移交"},
            "rotate_keys": {},
            "encrypt": {},
            "rewrite": {},
            "redact": person | {"words": "院墙", "reason": "误录"},
            "forget": {"person": {"id_number": "110101199003071233"}, "reason": "本人申请"} | by,
            "export_subject": {"person": {"id_number": "110101199003071233"}, "reason": "本人申请"} | by,
            "log_contact": person | {"form": "telephone", "note": "已联系"},
            "recuse": person | {"person": "r-1", "reason": "近亲属"},
            "lift_recusal": person | {"person": "r-1", "reason": "并非亲属"},
            "message": {"name": "matter.urgent", "case": self.case, "key": "m1"},
            "receive": {"name": "matter.urgent", "case": self.case, "key": "m2"},
            "answer": {"delivery_id": self.delivery, "answer": Answer()},
            "resolve": {"incident_id": 1},
            "retry": {"incident_id": 1},
            "intake": {"rows": []} | by,
            "petition_report": {"year": 2026},
            "figure_cases": {"name": "claim.in_time"},
            "on": {"kind": "ended", "tell": len},
            "acknowledge": {"reader": "report", "cursor": 1},
            "task": {"task_id": self.task},
            "worklist": by,
            "search": {
                "text": "欠薪",
                "facts": {"amount": 5},
                "part": "applicant",
                "party": "张三",
                "opened": Between(),
            },
            "dispatch": person | {"asked": "核实", "key": "d1", "to": "land_officer"},
            "whistle": {
                "kind": "work",
                "asked": "到场",
                "departments": ["land_officer"],
                "key": "w1",
                "area": "140429102",
            }
            | by,
            "recall": {"order": self.other, "reason": "误派"} | by,
            "correct": person | {"facts": {"amount": 5}, "reason": "更正"},
            "reassign": {"task_id": self.task, "to": CLERK, "reason": "出差", "by": HEAD},
            "delegate": {"person": HEAD.id, "deputy": "r-2", "reason": "出差"}
            | {"since": date(2026, 3, 2), "until": date(2026, 3, 9)}
            | by,
            "end_absence": {"absence_id": 1} | by,
            "void": person | {"reason": "误登"},
            "split": person | {"shares": [{"key": "s1"}], "reason": "两件事"},
            "decide_all": person | {"name": "matter.urgent", "key": "d2"},
            "reopen": person | {"reason": "反悔", "on": date(2026, 3, 2)},
            "merge": person | {"into": self.other, "reason": "同一事项"},
            "move": person | {"area": "140429103", "reason": "属地有误"},
            "link": {"case": self.case, "other": self.other, "kind": "related", "reason": "同一片区"} | by,
            "unlink": {"case": self.case, "other": self.other, "kind": "related", "reason": "误关联"} | by,
            "links": {"case": self.case},
            "decide_repeat": {"case": self.case, "other": self.other, "same": True, "reason": "同一事项"}
            | by,
            "of": {"case": self.case},
            "by_code": {"code": self.code},
            "new_code": person | {"reason": "凭条遗失"},
            "rate": {"code": self.code, "grade": "satisfied"},
            "ratings": person,
            "notes.of": person,
            "grades.set": person | {"grade": "sensitive", "reason": "有顾虑"},
            "grades.let_read": person | {"person": "r-7", "reason": "会商"},
            "grades.withdraw": person | {"person": "r-7", "reason": "会商结束"},
            "grades.readers": person,
            "as_": {"actor": HEAD},
            "audit.verify": {},
            "audit.open": {"url": "sqlite:///cases.db"},
            "audit.anchor": {"out": self.folder / "anchors", "key": self.folder / "none.pem"},
            "checklists.of": person,
            "checklists.tick": person | {"checklist": "four_steps", "item": "seen"},
            "checklists.finish": person | {"checklist": "four_steps"},
            "appointments.book": person | {"form": "reception", "at": AT, "place": "大厅", "official": "l-1"},
            "appointments.move": person | {"seq": 1, "place": "三楼", "reason": "装修"},
            "appointments.held": person | {"seq": 1},
            "appointments.missed": person | {"seq": 1, "missed_by": "party", "reason": "未到"},
            "appointments.cancel": person | {"seq": 1, "reason": "撤回"},
            "appointments.of": person,
            "appointments.find": by,
            "diaries.of": by,
            "diaries.issue": by,
            "diaries.addresses": by,
            "diaries.revoke": {"address_id": 1, "reason": "手机遗失"} | by,
            "diaries.opened": {"token": "x" * 43},
            "calls.once": {"caller": "c", "key": "k", "digest": "0" * 64},
            "calls.unchanged": {"case": self.case, "revision": 1},
            "calls.used": {"name": "c/1"},
            "calls.uses": {},
            "attachments.add": person | {"name": "a.pdf", "content": b"%PDF-1.7"},
            "attachments.of": person,
            "attachments.read": person | {"seq": 1},
            "attachments.withdraw": person | {"seq": 1, "reason": "传错"},
            "documents.kinds": {"area": "140429102"},
            "documents.draft": person | {"kind": "notice", "party": 1},
            "documents.make": person | {"kind": "notice", "party": 1},
            "documents.sign": person | {"seq": 1},
            "documents.void": person | {"seq": 1, "reason": "误制"},
            "documents.serve": person | {"seq": 1, "party": 1, "way": "direct", "day": date(2026, 3, 2)},
            "documents.of": person,
            "documents.services": person,
            "documents.read": person | {"seq": 1},
            "reporters.keep": person | {"person": {"name": "举报人"}},
            "reporters.matter": {"passphrase": self.code} | by,
            "reporters.ask": person | {"reason": "发放奖励"},
            "reporters.open": person | {"reason": "核实"},
            "records.hold": person | {"reason": "诉讼"},
            "pending.ask": {"act": "void", "arguments": {"case": self.case, "reason": "误登"}} | by,
            "pending.of": by,
            "pending.agree": {"pending_id": 1} | by,
            "pending.refuse": {"pending_id": 1, "reason": "不是误登"} | by,
            "records.lift_hold": person | {"reason": "诉讼已结"},
            "records.erase": person | {"reason": "保存期满"},
            "notes.add": person | {"text": "待核实", "corrects": 1},
            "add": person | {"party": {"part": "applicant", "name": "张三"}},
            "change": person | {"party": 1, "changes": {"phone": "13800000001"}, "reason": "换号"},
            "end": person | {"party": 1, "reason": "退出"},
            "keep": {"area": "140429102"},
            "keep_below": {"area": "140429102"},
            "stop": {"area": "140429102"},
            "outside.note_status": {"delivery_id": self.delivery, "status": "已签收", "key": "s1"},
            "outside.retry": {"delivery_id": self.delivery},
            "outside.cancel": {"delivery_id": self.delivery, "reason": "误发"} | by,
            "close": {"list_id": 1, "notes": {}, "by": HEAD},
        }
        return known.get(name) or known.get(name.rpartition(".")[2], {})


def _calls(engine: Engine) -> dict[str, Callable[..., Any]]:
    skipped = {"open", "close"}
    names = [name for name in dir(engine) if not name.startswith("_") and name not in skipped]
    calls = {name: getattr(engine, name) for name in names if inspect.ismethod(getattr(engine, name))}
    for part in (
        "routines",
        "leading",
        "parties",
        "notes",
        "attachments",
        "documents",
        "appointments",
        "diaries",
        "checklists",
        "grades",
        "audit",
        "reporters",
        "records",
        "outside",
        "calls",
    ):
        of_part = getattr(engine, part)
        names = [name for name in dir(of_part) if not name.startswith("_")]
        calls |= {f"{part}.{name}": getattr(of_part, name) for name in names}
    return calls


def _attempt(call: Callable[..., Any], told: str, **arguments: Any) -> None:
    try:
        made = call(**arguments)
        if isinstance(made, AbstractContextManager):
            with made:
                pass
    except JiefenError as error:
        text = str(error)
        text.encode()
        assert len(text) < 10_000, told
        assert "\u202e" not in text, told
    except Exception as error:
        pytest.fail(f"{told}: {type(error).__name__} {str(error)[:200]}")


@pytest.mark.parametrize("kind", NONSENSE)
def test_no_call_lets_nonsense_through_raw(engine: Engine, tmp_path: Path, kind: str) -> None:
    given = Given(engine, tmp_path)
    for name, call in _calls(engine).items():
        arguments = given.arguments(name)
        for parameter in inspect.signature(call).parameters:
            wrong = arguments | {parameter: NONSENSE[kind]()}
            _attempt(call, f"{name}({parameter}={kind})", **wrong)
    assert engine.case(given.case).key == "k1"
    assert engine.explain(given.case).text()


def test_a_day_is_a_date_and_no_text_in_any_call(engine: Engine, tmp_path: Path) -> None:
    given, looked_at, silent = Given(engine, tmp_path), set(), []
    for name, call in _calls(engine).items():
        arguments = given.arguments(name)
        for parameter, declared in inspect.signature(call).parameters.items():
            if not re.match(r"date\b", str(declared.annotation)):
                continue
            looked_at.add(f"{name}({parameter})")
            either = {"reply": None, "enough": False, "reason": "缺凭证"} if parameter == "reply_by" else {}
            known = inspect.signature(call).parameters
            wrong = arguments | {one: either[one] for one in either if one in known}
            try:
                call(**wrong | {parameter: "2026-12-20"})
            except JiefenError as error:
                told, zh = str(error), error.zh
                if "2026-12-20" in told and "date(2026, 3, 2)" in told and zh is not None:
                    continue
            silent.append(f"{name}({parameter})")
    assert silent == []
    assert {"leading.plan(until)", "close_by(on)", "suspend(since)", "milestone(on)"} <= looked_at


@pytest.mark.parametrize("kind", NONSENSE)
def test_no_engine_is_opened_on_nonsense(url: str, clock: FixedClock, kind: str) -> None:
    arguments = {"url": url, "processes": SMALL / "processes", "rules": SMALL / "rules", "clock": clock}
    names = [name for name in inspect.signature(Engine.open).parameters if name != "how"]
    for parameter in (*names, *Pooling.__annotations__):
        wrong = arguments | {parameter: NONSENSE[kind]()}

        def opened(wrong: dict[str, Any] = wrong) -> None:
            with Engine.open(**wrong):
                pass

        _attempt(opened, f"open({parameter}={kind})")


@pytest.mark.parametrize("kind", NONSENSE)
def test_nobody_acts_as_nonsense(kind: str) -> None:
    for parameter in ("id", "roles", "area"):
        _attempt(Actor, f"Actor({parameter}={kind})", **{"id": "c", parameter: NONSENSE[kind]()})


@pytest.mark.parametrize("falsy", [0, "", [], False, 0.0])
def test_a_falsy_argument_is_not_taken_for_an_absent_one(engine: Engine, url: str, falsy: Any) -> None:
    case = engine.open_case("claim", FACTS, key="k1", by=CLERK).id
    calls: list[Callable[[], object]] = [
        lambda: engine.message("matter.urgent", case=case, key="m1", facts=falsy),
        lambda: engine.sweep(stop=falsy),
        lambda: engine.open_case(falsy, FACTS, key="k2", by=CLERK),
        lambda: engine.recompute(calendar=falsy, by=HEAD),
        lambda: Engine.open(url, clock=falsy),
        lambda: Engine.open(url, adapters=falsy),
    ]
    for call in calls:
        with pytest.raises(JiefenError):
            call()


@pytest.mark.parametrize("answer", [None, [], "x", 0, {1: 2}, {"said": object()}, {"said": 10**5000}])
def test_the_answer_to_a_task_with_outputs_is_looked_at(opener: Any, tmp_path: Path, answer: Any) -> None:
    model = (SMALL / "processes" / "claim.bpmn").read_text(encoding="utf-8")
    outputs = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:outputParameter name="amount">${said * 2}</camunda:outputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements></bpmn:userTask>"
    )
    (tmp_path / "claim.bpmn").write_text(
        model.replace('&quot;)}" />', f'&quot;)}}">{outputs}', 1), encoding="utf-8"
    )
    engine = opener(processes=tmp_path)
    about = {"received_on": "2026-03-02", "area": "140429102"}
    engine.open_case("claim", about, key="k1", by=CLERK)
    [task] = engine.tasks()
    with pytest.raises(JiefenError):
        engine.complete(task.id, answer, by=CLERK)
    for other in ("party_name", "outcome"):
        with pytest.raises(JiefenError, match="does not ask for"):
            engine.complete(task.id, {"said": 5, other: "z"}, by=CLERK)
    assert engine.complete(task.id, {"said": 5}, by=CLERK).facts["amount"] == 10
