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
from jiefen.story.grades import ERASED, GRADES, grade_values

_MISSED = Label("(期间错过{times}次)", " ({times} times missed meanwhile)")
_NO_SUCH_CASE = Label(
    "(本系统没有此编号,未沿用其情况)", " (no case here has this number; nothing is taken over)"
)
_ENTRY: Mapping[Happening, Label] = {
    **COUNTER,
    Happening.OPENED: Label(
        "立案登记:{subject}({facts}){doubts}", "Case opened: {subject} ({facts}){doubts}"
    ),
    Happening.ENDED: Label("办结:{subject}", "Case ended: {subject}"),
    Happening.DECISION: Label("裁量〔{subject}〕:{outputs}", "Decision [{subject}]: {outputs}"),
    Happening.MILESTONE: Label("节点:{subject}({on})", "Milestone: {subject} ({on})"),
    Happening.STAGE: Label("进入阶段:{subject}", "Stage: {subject}"),
    Happening.GRADED: Label("预警颜色:{subject}(得分 {score})", "Colour: {subject} (score {score})"),
    **GRADES,
    Happening.PATTERN: Label("发生规律:{zh}", "Pattern: {en}"),
    Happening.ASSIGNED: Label("责任与调解组织:{roles}", "Responsible: {roles}"),
    Happening.MESSAGE: Label("收到消息 {subject} {facts}{caught}", "Message {subject} {facts}{caught}"),
    Happening.SAME_MATTER: Label(
        "与 {subject} 同一事项{found} {facts}", "Same matter as {subject}{found} {facts}"
    ),
    Happening.MESSAGE_TAKEN: Label(
        "流程已到此处,采用先前收到的消息 {subject} {facts}",
        "The case has got to what came before: message {subject} {facts}",
    ),
    Happening.MESSAGE_DROPPED: Label(
        "先前收到的消息 {subject} 不再等候{why}",
        "The message {subject} that came before waits no longer{why}",
    ),
    Happening.TASK_OPENED: Label("新待办:{name}", "New task: {name}"),
    Happening.TASK_CLAIMED: Label("{actor} 签收待办:{element}", "{actor} claimed: {element}"),
    Happening.TASK_RELEASED: Label("{actor} 退回待办:{element}", "{actor} gave back: {element}"),
    Happening.TASK_REASSIGNED: Label(
        "待办〔{element}〕改派 {to}{reason}", "Task {element} is given to {to}{reason}"
    ),
    Happening.ABSENCE: Label(
        "{person} 自 {since} 至 {until} 外出,待办〔{element}〕由 {deputy} 代理",
        "{person} is away from {since} through {until}: {deputy} stands in for {element}",
    ),
    Happening.ABSENCE_ENDED: Label(
        "{deputy} 对待办〔{element}〕的代理至 {until} 止,由 {person} 办理",
        "{deputy} stands in through {until}: {element} is for {person} again",
    ),
    Happening.FACTS_CHANGED: Label("要素变动:{facts}", "Facts changed: {facts}"),
    Happening.TASK_COMPLETED: Label(
        "{actor}{for_whom} 完成:{element} {facts}", "{actor} completed{for_whom}: {element} {facts}"
    ),
    Happening.TASK_WITHDRAWN: Label("待办撤回:{element}", "Task withdrawn: {element}"),
    Happening.TASK_MOVED: Label("待办〔{element}〕改由{roles}办理", "Task {element} is now for {roles}"),
    Happening.TIMER: Label("定时到点:{element}{missed}", "Timer: {element}{missed}"),
    Happening.DEADLINE_STARTED: Label(
        "期限开始:{rule},自{anchored_on}起 {length},{due_on} 届满{provisional}",
        "Deadline starts: {rule}, {length} from {anchored_on}, due {due_on}{provisional}",
    ),
    Happening.DEADLINE_AT_RISK: Label(
        "期限临近:{rule},{due_on} 届满", "Deadline at risk: {rule}, due {due_on}"
    ),
    Happening.DEADLINE_MET: Label("期限内完成:{rule}(期限 {due_on})", "Deadline met: {rule} (due {due_on})"),
    Happening.DEADLINE_EXPIRED: Label(
        "期限届满:{rule}(期限 {due_on})", "Deadline expired: {rule} (due {due_on})"
    ),
    Happening.DEADLINE_CANCELLED: Label("期限终止:{rule}{why}", "Deadline cancelled: {rule}{why}"),
    Happening.DEADLINE_SUPERSEDED: Label("期限重新起算:{rule}", "Deadline superseded: {rule}"),
    Happening.DEADLINE_SUSPENDED: Label(
        "期限中止:{rule},自{since}起({ground})",
        "Deadline suspended: {rule}, from {since} ({ground})",
    ),
    Happening.DEADLINE_RESUMED: Label(
        "期限恢复计算:{rule},自{on}起,{due_on} 届满{provisional}",
        "Deadline goes on: {rule}, from {on}, due {due_on}{provisional}",
    ),
    Happening.DEADLINE_EXTENDED: Label(
        "期限延长:{rule},{length},由 {before} 至 {due_on}",
        "Deadline extended: {rule}, by {length}, from {before} to {due_on}",
    ),
    Happening.DEADLINE_INTERRUPTED: Label(
        "时效中断:{rule},{on}({ground})",
        "Limitation interrupted: {rule}, on {on} ({ground})",
    ),
    Happening.DEADLINE_MOVED: Label(
        "期限变动:{rule},由 {before} 至 {due_on}{provisional}{why}",
        "Deadline moves: {rule}, from {before} to {due_on}{provisional}{why}",
    ),
    Happening.DEADLINE_REOPENED: Label(
        "期限并未届满:{rule}{why}",
        "Deadline runs again: {rule}{why}",
    ),
    Happening.DEADLINE_DOUBTED: Label(
        "期限与现有案件要素不符,权利不因修改要素而消失,请核对:{rule}({due_on})",
        "Deadline no longer fits the facts of the case; no edit takes a right away, so look at it: {rule} ({due_on})",
    ),
    Happening.RULES_CHANGED: Label(
        "{actor} 改用规则集 {subject}",
        "{actor} took the case over to the rules {subject}",
    ),
    Happening.EFFECT: Label("期满后果:{rule},{effect}", "Consequence: {rule}, {effect}"),
    Happening.RUNG: Label("{action}:{rule},通知 {role}{acting}", "{action}: {rule}, {role} is told{acting}"),
    Happening.TASK_UNCLAIMED: Label(
        "待办无人签收:{element},{action},通知 {role}{acting}",
        "Nobody claims {element}: {action}, {role} is told{acting}",
    ),
    Happening.TASK_UNFINISHED: Label(
        "待办签收后未办结:{element},{action},通知 {role}{acting}",
        "{element} was claimed and is not done: {action}, {role} is told{acting}",
    ),
    Happening.CASE_UNMOVED: Label(
        "案件自 {moved} 起无进展:{action},通知 {role}{acting}",
        "Nothing has moved since {moved}: {action}, {role} is told{acting}",
    ),
    Happening.TASK_INCOMPLETE: Label(
        "{element}未写明应当载明的内容:{missing}",
        "{element} was done without what it must contain: {missing}",
    ),
    Happening.STOOD_IN: Label(
        "{subject} 不在岗,通知由代理人 {deputy} 接收", "{subject} is away: {deputy} is told"
    ),
    Happening.TARGET_MISSING: Label(
        "岗位空缺:{vacant},{instead}", "Nobody holds the post of {vacant}; {instead}"
    ),
    Happening.SUPERVISED: Label(
        "{actor} {action}{role}:{reason}{acting}", "{actor}: {action} of {role}: {reason}{acting}"
    ),
    Happening.SUPERVISION_ACCEPTED: Label(
        "{actor} 认可督办答复:{title}", "{actor} accepted the answer: {title}"
    ),
    Happening.SUPERVISION_SENT_BACK: Label(
        "{actor} 退回督办答复:{title};{reason}", "{actor} sent the answer back: {title}; {reason}"
    ),
    Happening.SUPERVISION_WITHDRAWN: Label(
        "{actor} 撤销督办:{title};{reason}", "{actor} withdrew the supervision: {title}; {reason}"
    ),
    Happening.SUPERVISION_ANSWERED: Label(
        "{actor} 书面答复督办:{title}", "{actor} answered in writing: {title}"
    ),
    Happening.SUPERVISION_TAKEN_BACK: Label("督办撤回:{title}{why}", "Supervision taken back: {title}{why}"),
    Happening.SUPERVISION_UNANSWERED: Label(
        "督办逾期未答复:{title},通知 {role}",
        "Not answered in writing in time: {title}; {role} is told",
    ),
    Happening.CLOSING_DATE_SET: Label(
        "{actor} 确定限期结案:{facts};{reason}{acting}",
        "{actor} set a closing date: {facts}; {reason}{acting}",
    ),
    Happening.CLOSING_DATE_LIFTED: Label(
        "{actor} 取消限期结案:{reason}{acting}", "{actor} lifted the closing date: {reason}{acting}"
    ),
    Happening.LEADER_BOUND: Label(
        "包案领导:{subject}{reason}{acting}", "Led by {subject} until it is closed{reason}{acting}"
    ),
    Happening.LEADER_RELEASED: Label("解除包案:{subject}{reason}", "No longer led by {subject}{reason}"),
    Happening.LEADER_GONE: Label(
        "包案领导 {subject} 不能继续包案,通知 {role}", "{subject} can lead no longer; {role} is told"
    ),
    Happening.LEAD_PLANNED: Label(
        "{actor} 报送包案方案,{until} 前办结", "{actor} handed in a plan, to be done by {until}"
    ),
    Happening.LEAD_EXTENDED: Label(
        "包案方案由 {earlier} 延至 {until}{reason}{acting}",
        "The plan goes on from {earlier} to {until}{reason}{acting}",
    ),
    Happening.LEAD_REPORTED: Label("{actor} 报告包案进展", "{actor} reported how it goes on"),
    Happening.CONTACT: Label("{actor} {contact}", "{actor}: {contact}"),
    Happening.MERGED: Label("并入 {subject} 号案{reason}", "Merged into case {subject}{reason}"),
    Happening.VOIDED: Label("作废{reason}", "Voided{reason}"),
    Happening.REOPENED: Label(
        "第 {subject} 次重新办理,自 {on} 起{reason}", "Opened again, time {subject}, as of {on}{reason}"
    ),
    Happening.FORWARDED: Label("消息 {name} 转入 {to_case} 号案", "Message {name} goes to case {to_case}"),
    Happening.CORRECTED: Label("更正:{facts}{reason}", "Corrected: {facts}{reason}"),
    Happening.MOVED: Label(
        "移送属地:{before_area} → {area}{reason}", "Moved: {before_area} → {area}{reason}"
    ),
    Happening.PARTY_ADDED: Label("增加当事人:{party}{doubts}", "Party added: {party}{doubts}"),
    Happening.PARTY_CHANGED: Label(
        "更正当事人:{party},{fields}{reason}{doubts}", "Party corrected: {party}, {fields}{reason}{doubts}"
    ),
    Happening.DISPATCHED: Label("派单 {to_case} 号:由 {to} 办理", "Order {to_case}: given to {to}"),
    Happening.DISPATCH_PROGRESS: Label(
        "派单 {to_case} 号:{state}{reason}", "Order {to_case}: {state}{reason}"
    ),
    Happening.WHISTLED: Label("吹哨 {to_case} 号:请 {to} 报到", "Whistle {to_case}: {to} called"),
    Happening.WHISTLE_PROGRESS: Label(
        "吹哨报到 {to_case} 号:{state}{reason}", "Whistle, case {to_case}: {state}{reason}"
    ),
    Happening.AREA_UNKNOWN: Label(
        "通讯录里没有属地 {subject} 这个单位,请核对后移送",
        "The directory has no unit {subject}, where the case lies: check it, and move the case",
    ),
    Happening.LINKED: Label("关联:{link}{reason}", "Linked: {link}{reason}"),
    Happening.UNLINKED: Label("解除关联:{link}{reason}", "Link taken back: {link}{reason}"),
    Happening.STUCK: Label(
        "流程停在“{name}”:所等的分支不会再来,需人工处理",
        "The process waits at “{name}” for a branch that cannot come",
    ),
    Happening.PARTS_OPEN: Label(
        "本案已结,子件 {parts} 尚未办结", "The case has ended while parts of it are open: {parts}"
    ),
    Happening.DECIDED_FOR_PARTS: Label(
        "向 {told} 件子件告知:{subject}{refused_parts}", "Told to {told} parts: {subject}{refused_parts}"
    ),
    Happening.SUPERVISION_MOVED: Label(
        "{from_case} 号案并入,其督办由本案继续答复:{title}",
        "Case {from_case} was merged into this one, which owes the answer now: {title}",
    ),
    Happening.RATINGS_CAME: Label(
        "{from_case} 号案并入,当事人的评价随案转入:{ratings} 项",
        "Case {from_case} was merged into this one; what its parties have rated came along: {ratings}",
    ),
    Happening.NOTICE_PASSED_ON: Label(
        "待发通知“{title}”不再由本案发出{why}", "The notice “{title}” does not go out in this case{why}"
    ),
    Happening.ANSWER_FORWARDED: Label(
        "{from_case} 号案并入后收到的外部答复转入本案:{topic} {facts}",
        "An answer from outside to case {from_case}, merged into this one: {topic} {facts}",
    ),
    Happening.INTAKE_DIFFERS: Label("台账与登记不同:{names}", "The ledger says otherwise: {names}"),
    Happening.OWNERS_NAMED: Label("来源写明:{owners}", "Named where it comes from: {owners}"),
    Happening.RECUSED: Label("回避:{subject}", "Recused: {subject}"),
    Happening.RECUSAL_LIFTED: Label("解除回避:{subject}({reason})", "Recusal lifted: {subject} ({reason})"),
    Happening.RETRIED: Label("{actor} 让失败的事项重试", "{actor} had what failed tried again"),
    Happening.DELIVERY_ARRIVED: Label("外部系统答复:{subject} {facts}", "Outside answer: {subject} {facts}"),
    Happening.DELIVERY_FAILED: Label("外部系统报错:{subject}({code})", "Outside error: {subject} ({code})"),
    Happening.DELIVERY_WITHDRAWN: Label(
        "投递撤回:{subject}({gone})", "Delivery withdrawn: {subject} ({gone})"
    ),
    Happening.DELIVERY_KEPT: Label(
        "依法仍须送出:{subject}",
        "Goes out all the same, as the law requires: {subject}",
    ),
    Happening.DELIVERY_UNANSWERED: Label(
        "对外投递未获答复:{element},{action},通知 {role}{acting}",
        "No answer from outside to {element}: {action}, {role} is told{acting}",
    ),
    Happening.ANSWER_LATE: Label(
        "投递撤回后收到外部答复,未采用:{subject}",
        "An answer came after the delivery was withdrawn, and is not used: {subject}",
    ),
}
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
        template = _ENTRY.get(entry.kind)
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
