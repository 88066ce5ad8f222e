"""The words in which a case is told, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from jiefen.edition.edition import Edition
from jiefen.notation.labels import Label, Language
from jiefen.periods import Period
from jiefen.record.kinds import ContactForm, Happening
from jiefen.record.values import Case, Deadline, Entry
from jiefen.rules import Action, Expiry, RuleView
from jiefen.story.counter import COUNTER, counter_values
from jiefen.story.desk import BESIDE_FACTS, NOTHING, desk_values
from jiefen.story.entries import ENTRIES
from jiefen.story.grades import ERASED, GRADES, grade_values

_MISSED = Label("(期间错过{times}次)", " ({times} times missed meanwhile)")
_NO_SUCH_CASE = Label(
    "(本系统没有此编号,未沿用其情况)", " (no case here has this number; nothing is taken over)"
)
_UNAWAITED = Label("(无人等候)", "(nothing waited for it)")
_WAITS = Label("(流程尚未到此,先予保存)", "(the case is not there yet; it waits)")
_MESSAGES = (Happening.MESSAGE, Happening.MESSAGE_TAKEN, Happening.MESSAGE_DROPPED)
_STATUS = {
    "running": Label("进行中", "running"),
    "suspended": Label("中止", "suspended"),
    "met": Label("按期完成", "met"),
    "expired": Label("已届满", "expired"),
    "cancelled": Label("已终止", "cancelled"),
    "superseded": Label("已被取代", "superseded"),
}
#: 期满后果 for people, one per value of ``on_expiry``.
_EFFECT: Mapping[Expiry, Label] = {
    Expiry.DEEMED_ACCEPTED: Label("视为受理", "deemed accepted"),
    Expiry.DEEMED_FAILED: Label("视为调解不成", "deemed failed"),
    Expiry.DEEMED_ABANDONED: Label("视为放弃", "deemed abandoned"),
    Expiry.DEEMED_WITHDRAWN: Label("视为撤回", "deemed withdrawn"),
    Expiry.RIGHT_TO_SUE: Label("可以起诉", "a suit may be brought"),
    Expiry.RIGHT_TO_ARBITRATE: Label("可以申请仲裁", "arbitration may be asked for"),
    Expiry.RIGHT_TO_RECONSIDERATION: Label("可以申请复议", "reconsideration may be asked for"),
    Expiry.RIGHT_TO_HIGHER_ORGAN: Label("可以向上一级申请", "the higher organ may be asked"),
    Expiry.BECOMES_FINAL: Label("发生法律效力", "becomes final"),
    Expiry.ENFORCEABLE: Label("可以申请强制执行", "can be enforced"),
    Expiry.RIGHT_LOST: Label("权利消灭", "the right is lost"),
    Expiry.TIME_BARRED: Label("时效抗辩", "time-barred: the debtor may object"),
    Expiry.NEXT_PROCEDURE: Label("转入下一程序", "the next procedure begins"),
    Expiry.LIABILITY: Label("承担费用或责任", "bears costs or liability"),
    Expiry.SUPERVISE: Label("督办、责令改正", "to be supervised and put right"),
    Expiry.NOT_STATED: Label("法律未规定", "the law does not say"),
}
#: 催办动作 for people, one per action of a rung.
ACTIONS: Mapping[Action, Label] = {
    Action.WARN: Label("预警", "Warning"),
    Action.REMIND: Label("提醒", "Reminder"),
    Action.SUPERVISE: Label("督办", "Supervision"),
    Action.SUPERVISE_LIST: Label("挂牌督办", "Listed supervision"),
    Action.CIRCULAR: Label("通报", "Circular"),
    Action.RECTIFY: Label("责令整改", "Order to put it right"),
    Action.INTERVIEW: Label("约谈", "Interview"),
    Action.DISCIPLINE: Label("处分建议", "Proposal of discipline"),
    Action.ESCALATE: Label("上报", "Report upwards"),
}
_KIND = {"duty": Label("办理期限", "duty"), "right": Label("权利期限", "right")}


#: What a rung of a ladder leaves in the journal.
_PRESSING: Final = frozenset(
    {
        Happening.RUNG,
        Happening.TASK_UNCLAIMED,
        Happening.TASK_UNFINISHED,
        Happening.DELIVERY_UNANSWERED,
        Happening.SUPERVISED,
        Happening.CASE_UNMOVED,
    }
)


_DESK: Final = frozenset(
    {
        Happening.OPENED,
        Happening.TASK_REASSIGNED,
        Happening.LEADER_BOUND,
        Happening.LEADER_RELEASED,
        Happening.LEAD_EXTENDED,
        Happening.MERGED,
        Happening.VOIDED,
        Happening.REOPENED,
        Happening.FORWARDED,
        Happening.CORRECTED,
        Happening.MOVED,
        Happening.PARTY_ADDED,
        Happening.PARTY_CHANGED,
        Happening.LINKED,
        Happening.UNLINKED,
        Happening.INTAKE_DIFFERS,
        Happening.DISPATCHED,
        Happening.DISPATCH_PROGRESS,
        Happening.DECIDED_FOR_PARTS,
        Happening.WHISTLED,
        Happening.WHISTLE_PROGRESS,
        Happening.PARTS_OPEN,
        Happening.SUPERVISION_MOVED,
        Happening.ANSWER_FORWARDED,
        Happening.RATINGS_CAME,
        Happening.OWNERS_NAMED,
    }
)


def _source(item: Deadline, language: Language) -> str:
    """Where a deadline comes from: the article, or the working rule of an office."""
    if item.law:
        return f"《{item.law}》{item.article}"
    return "工作要求" if language == "zh" else "policy"


class Teller:
    """Tells entries and deadlines with the labels of an edition. Personal data is not told."""

    def __init__(self, edition: Edition, view: RuleView, hidden: frozenset[str] = frozenset()) -> None:
        self._edition, self._view, self._hidden = edition, view, hidden

    def heading(self, case: Case, language: Language) -> str:
        """The line over the story."""
        facts = self._facts({"dispute_type": case.dispute_type, "stage": case.stage}, language)
        case_of = "案件 {0.id}({0.key}) {1}" if language == "zh" else "Case {0.id} ({0.key}) {1}"
        return case_of.format(case, facts)

    def entry(self, entry: Entry, language: Language) -> str | None:
        """One entry of the journal as a sentence; ``None`` for one that only machines need."""
        if entry.erased:
            return ERASED.text(language)
        template = ENTRIES.get(entry.kind)
        if template is None or (entry.kind is Happening.DELIVERY_ARRIVED and entry.data.get("token") is None):
            return None
        return template.text(language).format(**self._values(entry, language)).rstrip()

    def because(self, law: str, row: str, place: str, language: Language) -> str:
        """The reason for a decision."""
        return f"依据 {law}(行 {row},{place})" if language == "zh" else f"because {law} (row {row}, {place})"

    def deadlines_heading(self, language: Language) -> str:
        """The line over the deadlines."""
        return "期限" if language == "zh" else "Deadlines"

    def deadline(self, item: Deadline, language: Language) -> str:
        """One deadline with its law."""
        english = language == "en"
        due = item.due_on.isoformat() if item.due_on else "—"
        notes = [_STATUS[item.status].text(language)]
        if item.provisional:
            notes.append("provisional: holidays not published yet" if english else "暂定:节假日安排未公布")
        if item.overdue:
            notes.append("overdue" if english else "逾期")
        if item.safety is not None:
            notes.append(item.safety.text(language))
        if not item.fits:
            notes.append("no longer fits the facts, look at it" if english else "与现有案件要素不符,请核对")
        whole = self._view.deadlines.get(item.within or "")
        if whole is not None:
            notes.append(("within " if english else "并行于") + whole.title.text(language))
        return (
            f"{due}  {_KIND[item.kind].text(language)}  {item.title.text(language)}  "
            f"{_source(item, language)}  {'; '.join(notes)}"
        )

    def earliest_right(self, item: Deadline, language: Language) -> str:
        """What the party must not miss."""
        due = item.due_on.isoformat() if item.due_on else "—"
        if language == "zh":
            due += "(暂定,实际可能更晚)" if item.provisional else ""
            due += f",稳妥起见应在{item.safe_on}以前办理" if item.safe_on else ""
            return f"当事人最先届满的权利期限:{item.title.zh},{due}(《{item.law}》{item.article})"
        due += " (provisional, it may be later)" if item.provisional else ""
        due += f", to be safe by {item.safe_on}" if item.safe_on else ""
        return f"The party's earliest right to end: {item.title.en}, {due} (《{item.law}》{item.article})"

    def _values(self, entry: Entry, language: Language) -> dict[str, Any]:
        english = language == "en"
        data = entry.data
        rule_id = str(data.get("rule") or (entry.subject or "").partition("/")[0])
        rule = self._view.deadlines.get(rule_id)
        values = {
            "actor": entry.actor,
            "subject": self._subject(entry, language),
            "element": self._element(entry),
            "rule": rule.title.text(language) if rule else rule_id,
            "facts": self._changed(data["facts"], language)
            if entry.kind is Happening.FACTS_CHANGED
            else self._facts(data.get("facts") or {}, language),
            "outputs": self._facts(data.get("outputs") or {}, language) or ("none" if english else "无"),
            "length": Period.parse(data["length"]).text(language) if "length" in data else "",
            "role": self._told(entry, language),
            "action": self._action(entry, language),
            "acting": self._acting(data.get("by"), language),
            "ground": self._ground(data.get("ground"), language),
            "before": data.get("before") or "—",
            "moved": str(data.get("moved") or "")[:10],
            "effect": self._effect(entry, language),
            "vacant": self._vacant(entry, language),
            "missing": self._titles(data.get("missing") or (), language),
            "instead": self._instead(data.get("to"), language),
            "contact": self._contact(entry, language),
            "gone": self._gone(data.get("gone"), language),
            "title": data["title"][language] if isinstance(data.get("title"), dict) else "",
            "roles": self._roles(data.get("entries") or [], language),
            "caught": self._caught(data, language),
        }
        values["found"] = "" if data.get("case") else _NO_SUCH_CASE.text(language)
        person = data.get("in_place_of")
        values["for_whom"] = "" if not person else f" for {person}" if english else f"代 {person}"
        provisional = " (provisional)" if english else "(暂定)"
        values["provisional"] = provisional if data.get("provisional") else ""
        missed = data.get("missed")
        values["missed"] = _MISSED.text(language).format(times=missed) if missed else ""
        why = data.get("why")
        values["why"] = (f": {why['en']}" if english else f":{why['zh']}") if why else ""
        if entry.kind in _DESK:
            values |= desk_values(entry, language)
            if entry.kind in (Happening.DISPATCHED, Happening.WHISTLED):
                roles = str(entry.data["to"]).split("、")
                values["to"] = ("、" if language == "zh" else ", ").join(
                    self._role(role, language) for role in roles
                )
            values["names"] = self._titles(data.get("names") or (), language) or NOTHING.text(language)
        if entry.kind in GRADES:
            values |= grade_values(entry, self._view.grades, language)
        if entry.kind in COUNTER:
            values |= counter_values(entry, language)
        return {**{name: value for name, value in data.items() if name not in values}, **values}

    def _caught(self, data: Mapping[str, Any], language: Language) -> str:
        if data.get("caught", True):
            return ""
        return (_WAITS if data.get("kept") else _UNAWAITED).text(language)

    def _subject(self, entry: Entry, language: Language) -> str:
        subject = entry.subject or ""
        if entry.data.get("name"):
            return str(entry.data["name"])
        if entry.kind is Happening.DECISION and subject in self._view.tables:
            return self._view.tables[subject].title.text(language)
        if entry.kind is Happening.MILESTONE and subject in self._edition.rulebook.milestones:
            return self._edition.rulebook.milestones[subject].title.text(language)
        if entry.kind in _MESSAGES and subject in self._edition.rulebook.messages:
            return self._edition.rulebook.messages[subject].title.text(language)
        for kind, fact in (
            (Happening.STAGE, "stage"),
            (Happening.ENDED, "outcome"),
            (Happening.GRADED, "colour"),
        ):
            if entry.kind is kind and subject:
                return self._label(fact, subject, language)
        return subject

    def _element(self, entry: Entry) -> str:
        name = entry.data.get("name")
        return str(name) if name else entry.subject or ""

    def _roles(self, entries: list[Mapping[str, Any]], language: Language) -> str:
        named = dict.fromkeys(self._role(entry["role"], language) for entry in entries)
        return ("、" if language == "zh" else ", ").join(named) or ("无" if language == "zh" else "nobody")

    def _role(self, role: object, language: Language) -> str:
        known = self._edition.rulebook.roles.get(str(role))
        return known.title.text(language) if known else str(role or "")

    def _action(self, entry: Entry, language: Language) -> str:
        """What a rung does; in the middle of an English sentence it is small."""
        if entry.kind not in _PRESSING:
            return ""
        word = ACTIONS[Action(entry.data["action"])].text(language)
        return word if entry.kind is Happening.RUNG else word[:1].lower() + word[1:]

    def _told(self, entry: Entry, language: Language) -> str:
        if entry.kind is Happening.SUPERVISION_UNANSWERED and entry.data.get("to") is None:
            return "无人(已报警)" if language == "zh" else "nobody (an alert was sent)"
        return self._role(entry.data.get("to"), language)

    def _gone(self, gone: object, language: Language) -> str:
        """Whether a delivery that was withdrawn may have reached the outside."""
        if gone:
            return (
                "可能已送达,另行通知取消"
                if language == "zh"
                else "it may have arrived; its cancellation follows"
            )
        return "尚未送出" if language == "zh" else "it had not gone out"

    def _acting(self, role: object, language: Language) -> str:
        if role is None:
            return ""
        named = self._role(role, language)
        return f"(由{named}作出)" if language == "zh" else f" by {named}"

    def _vacant(self, entry: Entry, language: Language) -> str:
        seats = entry.data.get("vacant") or [] if entry.kind is Happening.TARGET_MISSING else []
        return ("、" if language == "zh" else ", ").join(self._role(seat["role"], language) for seat in seats)

    def _titles(self, names: Iterable[str], language: Language) -> str:
        facts = self._edition.rulebook.vocabulary.facts
        known = {name: facts[name].title if name in facts else BESIDE_FACTS.get(name) for name in names}
        titles = [name if title is None else title.text(language) for name, title in known.items()]
        return ("、" if language == "zh" else ", ").join(titles)

    def _instead(self, role: object, language: Language) -> str:
        if role is None:
            return "逐级均无人,已报警" if language == "zh" else "nor any above it; an alert was sent"
        told = self._role(role, language)
        return f"改通知 {told}" if language == "zh" else f"{told} is told instead"

    def _contact(self, entry: Entry, language: Language) -> str:
        if entry.kind is not Happening.CONTACT:
            return ""
        form = ContactForm(str(entry.subject))
        return form.zh if language == "zh" else form.value.replace("_", " ")

    def _ground(self, ground: object, language: Language) -> str:
        known = self._edition.rulebook.grounds.get(str(ground))
        return known.title.text(language) if known else str(ground or "")

    def _effect(self, entry: Entry, language: Language) -> str:
        if entry.kind is not Happening.EFFECT or entry.subject is None:
            return ""
        return _EFFECT[Expiry(entry.subject)].text(language)

    def _label(self, fact: str, value: str, language: Language) -> str:
        declared = self._edition.rulebook.vocabulary.facts.get(fact)
        label = declared.values.get(value) if declared else None
        return label.text(language) if label else value

    def _changed(self, facts: Mapping[str, Any], language: Language) -> str:
        """Every change of a fact: also that it is unset, and that personal data changed, though not to what."""
        told = []
        for name, value in facts.items():
            fact = self._edition.rulebook.vocabulary.facts.get(name)
            if fact is None:
                continue
            if fact.personal or name in self._hidden:
                text = "***"
            elif value is None or value == []:
                text = "(清空)" if language == "zh" else "(cleared)"
            else:
                text = self._value(name, value, language)
            told.append(f"{fact.title.text(language)} {text}")
        return (";" if language == "zh" else "; ").join(told)

    def _facts(self, facts: Mapping[str, Any], language: Language) -> str:
        told = []
        for name, value in facts.items():
            fact = self._edition.rulebook.vocabulary.facts.get(name)
            if fact is None or fact.personal or value is None or name in self._hidden:
                continue
            if value != []:
                told.append(f"{fact.title.text(language)} {self._value(name, value, language)}")
        return (";" if language == "zh" else "; ").join(told)

    def _value(self, name: str, value: Any, language: Language) -> str:
        if isinstance(value, bool):
            return ("yes" if value else "no") if language == "en" else ("是" if value else "否")
        if isinstance(value, list):
            return ", ".join(self._value(name, item, language) for item in value)
        return self._label(name, value, language) if isinstance(value, str) else str(value)
