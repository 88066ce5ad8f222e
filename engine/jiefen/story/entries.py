"""What each entry of a journal says, in Chinese and English; what stands in the braces is put in by the teller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jiefen.notation.labels import Label
from jiefen.record.kinds import Happening
from jiefen.story.counter import COUNTER
from jiefen.story.grades import GRADES

ENTRIES: Final[Mapping[Happening, Label]] = {
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
    Happening.AGREEMENT_ASKED: Label(
        "{actor} 提出“{title}”,须另一人在 {until} 前同意",
        "{actor} asked for “{title}”, which another one has to agree to by {until}",
    ),
    Happening.AGREED: Label("{actor} 同意 {first} 提出的“{title}”", "{actor} agreed to “{title}” by {first}"),
    Happening.AGREEMENT_REFUSED: Label(
        "{actor} 不同意 {first} 提出的“{title}”:{reason}",
        "{actor} did not agree to “{title}” by {first}: {reason}",
    ),
    Happening.AGREEMENT_LAPSED: Label(
        "{first} 提出的“{title}”逾期无人同意,已失效",
        "Nobody agreed in time to “{title}”, for which {first} had asked",
    ),
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
    Happening.DELIVERY_DEAD: Label(
        "对外投递需人工处理:{subject}{why}", "What was to go out waits for a person: {subject}{why}"
    ),
    Happening.DELIVERY_STATUS: Label(
        "外部系统告知投递进展:{subject}", "The outside tells how it goes with what was sent: {subject}"
    ),
    Happening.DELIVERY_CANCELLED: Label(
        "{actor} 撤回对外投递:{subject}({reason})",
        "{actor} takes back what was to be sent: {subject} ({reason})",
    ),
    Happening.ANSWER_REFUSED: Label(
        "外部系统的答复超出约定内容,未予采纳:{subject}({names})",
        "An outside answer said what its topic may not, and was not taken: {subject} ({names})",
    ),
    Happening.ANSWER_LATE: Label(
        "投递撤回后收到外部答复,未采用:{subject}",
        "An answer came after the delivery was withdrawn, and is not used: {subject}",
    ),
}
