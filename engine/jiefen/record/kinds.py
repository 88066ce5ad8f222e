"""The kinds and statuses of what the engine keeps; their values are what the database holds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CaseStatus(StrEnum):
    """Whether a case still runs.

    ``ended``: its process came to its end; ``merged``: it goes on in another case; ``voided``: it was entered by
    mistake.
    """

    OPEN = "open"
    ENDED = "ended"
    MERGED = "merged"
    VOIDED = "voided"


class Grade(StrEnum):
    """密级: how closely something is kept, from the loosest; the Chinese word is understood too.

    Of a fact or a field of a party: ``open`` tells nothing of a person by itself; ``personal``: who somebody is, or
    what they have told; ``sensitive``: violence, minors, health, crime, what an accuser says (个人信息保护法 art. 28);
    ``sealed``: for those alone who are named. Of a case: who may read it at all.
    """

    OPEN = "open"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    SEALED = "sealed"

    @property
    def zh(self) -> str:
        """The grade in Chinese."""
        return _GRADES[self.value]

    @property
    def rank(self) -> int:
        """Its place: the greater, the more closely kept."""
        return tuple(Grade).index(self)

    def above(self, other: Grade) -> bool:
        """Whether it is kept more closely than another one."""
        return self.rank > other.rank

    @classmethod
    def _missing_(cls, value: object) -> Grade | None:
        return next((grade for grade in cls if grade.zh == value), None)


_GRADES: Mapping[str, str] = {"open": "公开", "personal": "个人信息", "sensitive": "敏感", "sealed": "封存"}


class Part(StrEnum):
    """As what somebody has a part in a case; the Chinese word is understood too."""

    APPLICANT = "applicant"
    RESPONDENT = "respondent"
    THIRD_PARTY = "third_party"
    REPRESENTATIVE = "representative"
    GUARDIAN = "guardian"
    AGENT = "agent"

    @property
    def zh(self) -> str:
        """The part in Chinese."""
        return _PARTS[self.value]

    @property
    def speaks_for_another(self) -> bool:
        """Whether it is the part of somebody who speaks for a party."""
        return self in (Part.REPRESENTATIVE, Part.GUARDIAN, Part.AGENT)

    @classmethod
    def _missing_(cls, value: object) -> Part | None:
        return next((part for part in cls if part.zh == value), None)


_PARTS: Mapping[str, str] = {
    "applicant": "申请人", "respondent": "被申请人", "third_party": "第三人", "representative": "推选代表",
    "guardian": "监护人", "agent": "代理人",
}  # fmt: skip


class LinkKind(StrEnum):
    """What a case is to another one; the Chinese word is understood too.

    ``probable_repeat`` waits for a person to say whether it is a ``repeat`` or ``different``.
    """

    REPEAT = "repeat"
    PROBABLE_REPEAT = "probable_repeat"
    DIFFERENT = "different"
    REBOUND_OF = "rebound_of"
    MERGED_INTO = "merged_into"
    CHILD_OF = "child_of"
    SPLIT_FROM = "split_from"
    RELATED = "related"
    DISPATCHED_FROM = "dispatched_from"
    WHISTLED_FROM = "whistled_from"

    @property
    def zh(self) -> str:
        """The kind in Chinese."""
        return _LINK_KINDS[self.value]

    @classmethod
    def _missing_(cls, value: object) -> LinkKind | None:
        return next((kind for kind in cls if kind.zh == value), None)


_LINK_KINDS: Mapping[str, str] = {
    "repeat": "重复件", "probable_repeat": "疑似重复", "different": "不是同一事项", "rebound_of": "反弹",
    "merged_into": "并入", "child_of": "子件", "split_from": "拆出", "related": "关联", "dispatched_from": "派单",
    "whistled_from": "吹哨",
}  # fmt: skip


class SupervisionStatus(StrEnum):
    """How a supervision stands.

    ``open``: its answer is to come; ``answered``: the answer is there, and whoever supervises may look at it;
    ``accepted``: they have, and it is enough; ``withdrawn``: no answer is needed any more.
    """

    OPEN = "open"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class FileFault(StrEnum):
    """What is wrong with the stored bytes of an attachment."""

    MISSING = "missing"
    CHANGED = "changed"


class FaultKind(StrEnum):
    """What an auditor finds.

    ``changed``: an entry is not as it was written; ``missing``: one is not there; ``inserted``: one was put in without
    the engine; ``cut``: the newest ones are gone; ``moved``: a case, its facts or a deadline is not as its journal left
    it; ``orphan``: entries of a case that is not there; ``edition``, ``calendar``: rules or holidays that were changed;
    ``anchor``: an anchor is missing, or was signed by another; ``older``: the database ends before an anchor.
    """

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT = "cut"
    MOVED = "moved"
    ORPHAN = "orphan"
    EDITION = "edition"
    CALENDAR = "calendar"
    ANCHOR = "anchor"
    OLDER = "older"


class Satisfaction(StrEnum):
    """满意度: how a party rates what was decided or done for them."""

    SATISFIED = "satisfied"
    FAIR = "fair"
    DISSATISFIED = "dissatisfied"


class TaskStatus(StrEnum):
    """What became of a task."""

    OPEN = "open"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class DeadlineStatus(StrEnum):
    """What became of a deadline. Whether a running one is overdue is computed, never stored."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    MET = "met"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"

    @property
    def can_change(self) -> bool:
        """Whether a later step may still change such a deadline."""
        return self in (DeadlineStatus.RUNNING, DeadlineStatus.SUSPENDED, DeadlineStatus.EXPIRED)


class Happening(StrEnum):
    """The kinds of entries in the journal."""

    OPENED = "opened"
    AREA_UNKNOWN = "area_unknown"
    ENDED = "ended"
    DECISION = "decision"
    FACTS_CHANGED = "facts_changed"
    MILESTONE = "milestone"
    STAGE = "stage"
    GRADED = "graded"
    GRADE_RAISED = "grade_raised"
    GRADE_LOWERED = "grade_lowered"
    READER_NAMED = "reader_named"
    READER_WITHDRAWN = "reader_withdrawn"
    HELD = "held"
    HOLD_LIFTED = "hold_lifted"
    ERASED = "erased"
    REDACTED = "redacted"
    ENCRYPTED = "encrypted"
    EXPORTED = "exported"
    REPORTER_ASKED = "reporter_asked"
    REPORTER_OPENED = "reporter_opened"
    PATTERN = "pattern"
    ASSIGNED = "assigned"
    MESSAGE = "message"
    MESSAGE_TAKEN = "message_taken"
    MESSAGE_DROPPED = "message_dropped"
    SAME_MATTER = "same_matter"
    TASK_OPENED = "task_opened"
    TASK_CLAIMED = "task_claimed"
    TASK_RELEASED = "task_released"
    TASK_REASSIGNED = "task_reassigned"
    ABSENCE = "absence"
    ABSENCE_ENDED = "absence_ended"
    TASK_COMPLETED = "task_completed"
    TASK_WITHDRAWN = "task_withdrawn"
    TASK_MOVED = "task_moved"
    TIMER = "timer"
    DEADLINE_STARTED = "deadline_started"
    DEADLINE_AT_RISK = "deadline_at_risk"
    DEADLINE_MET = "deadline_met"
    DEADLINE_EXPIRED = "deadline_expired"
    DEADLINE_CANCELLED = "deadline_cancelled"
    DEADLINE_SUPERSEDED = "deadline_superseded"
    DEADLINE_SUSPENDED = "deadline_suspended"
    DEADLINE_RESUMED = "deadline_resumed"
    DEADLINE_EXTENDED = "deadline_extended"
    DEADLINE_INTERRUPTED = "deadline_interrupted"
    DEADLINE_MOVED = "deadline_moved"
    DEADLINE_REOPENED = "deadline_reopened"
    DEADLINE_DOUBTED = "deadline_doubted"
    RULES_CHANGED = "rules_changed"
    EFFECT = "effect"
    RUNG = "rung"
    TASK_UNCLAIMED = "task_unclaimed"
    TASK_UNFINISHED = "task_unfinished"
    TASK_INCOMPLETE = "task_incomplete"
    TARGET_MISSING = "target_missing"
    STOOD_IN = "stood_in"
    SUPERVISED = "supervised"
    SUPERVISION_ANSWERED = "supervision_answered"
    SUPERVISION_ACCEPTED = "supervision_accepted"
    SUPERVISION_SENT_BACK = "supervision_sent_back"
    SUPERVISION_WITHDRAWN = "supervision_withdrawn"
    SUPERVISION_UNANSWERED = "supervision_unanswered"
    SUPERVISION_TAKEN_BACK = "supervision_taken_back"
    SUPERVISION_MOVED = "supervision_moved"
    NOTICE_PASSED_ON = "notice_passed_on"
    RATINGS_CAME = "ratings_came"
    CLOSING_DATE_SET = "closing_date_set"
    CLOSING_DATE_LIFTED = "closing_date_lifted"
    LEADER_BOUND = "leader_bound"
    LEADER_RELEASED = "leader_released"
    LEADER_GONE = "leader_gone"
    LEAD_PLANNED = "lead_planned"
    LEAD_EXTENDED = "lead_extended"
    LEAD_REPORTED = "lead_reported"
    CONTACT = "contact"
    CASE_UNMOVED = "case_unmoved"
    STUCK = "stuck"
    RECUSED = "recused"
    RECUSAL_LIFTED = "recusal_lifted"
    AGREEMENT_ASKED = "agreement_asked"
    AGREED = "agreed"
    AGREEMENT_REFUSED = "agreement_refused"
    AGREEMENT_LAPSED = "agreement_lapsed"
    MERGED = "merged"
    VOIDED = "voided"
    REOPENED = "reopened"
    FORWARDED = "forwarded"
    CORRECTED = "corrected"
    MOVED = "moved"
    PARTY_ADDED = "party_added"
    PARTY_CHANGED = "party_changed"
    LINKED = "linked"
    UNLINKED = "unlinked"
    PARTS_OPEN = "parts_open"
    DECIDED_FOR_PARTS = "decided_for_parts"
    NOTED = "noted"
    CODE_ISSUED = "code_issued"
    RATED = "rated"
    ATTACHED = "attached"
    ATTACHMENT_WITHDRAWN = "attachment_withdrawn"
    FILE_CHECKED = "file_checked"
    DOCUMENT_MADE = "document_made"
    DOCUMENT_SIGNED = "document_signed"
    DOCUMENT_VOIDED = "document_voided"
    DOCUMENT_SERVED = "document_served"
    APPOINTED = "appointed"
    APPOINTMENT_MOVED = "appointment_moved"
    APPOINTMENT_HELD = "appointment_held"
    APPOINTMENT_MISSED = "appointment_missed"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    APPOINTMENT_REMINDED = "appointment_reminded"
    TICKED = "ticked"
    TICK_REMOVED = "tick_removed"
    CHECKLIST_MISSING = "checklist_missing"
    INTAKE_DIFFERS = "intake_differs"
    DISPATCHED = "dispatched"
    DISPATCH_PROGRESS = "dispatch_progress"
    WHISTLED = "whistled"
    WHISTLE_PROGRESS = "whistle_progress"
    OWNERS_NAMED = "owners_named"
    RETRIED = "retried"
    DELIVERY = "delivery"
    DELIVERY_ARRIVED = "delivery_arrived"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_WITHDRAWN = "delivery_withdrawn"
    DELIVERY_KEPT = "delivery_kept"
    DELIVERY_UNANSWERED = "delivery_unanswered"
    ANSWER_LATE = "answer_late"
    DELIVERY_STATUS = "delivery_status"
    DELIVERY_DEAD = "delivery_dead"
    DELIVERY_CANCELLED = "delivery_cancelled"
    ANSWER_REFUSED = "answer_refused"
    ANSWER_FORWARDED = "answer_forwarded"


class Received(StrEnum):
    """What became of a message from outside.

    ``caught``: the process waited for it and went on; ``kept``: it is taken when the process gets there; ``noted``: its
    facts are kept, and the process of the case waits for no such message; ``repeated``: it came before with this key.
    """

    CAUGHT = "caught"
    KEPT = "kept"
    NOTED = "noted"
    REPEATED = "repeated"


class DispatchState(StrEnum):
    """How an order stands; the Chinese word is understood too.

    ``sent``: it waits to be signed for; ``returned``: the centre has to name a department; ``disputed``: the joint
    meeting has to; ``signed``: it is worked on; ``reported``: the centre has to check; ``checked``: the party has to be
    asked; ``closed`` and ``recalled``: it is over.
    """

    SENT = "sent"
    RETURNED = "returned"
    DISPUTED = "disputed"
    SIGNED = "signed"
    REPORTED = "reported"
    CHECKED = "checked"
    CLOSED = "closed"
    RECALLED = "recalled"

    @property
    def zh(self) -> str:
        """The state in Chinese."""
        return _DISPATCH_STATES[self.value]

    @classmethod
    def _missing_(cls, value: object) -> DispatchState | None:
        return next((state for state in cls if state.zh == value), None)


_DISPATCH_STATES: Mapping[str, str] = {
    "sent": "待签收", "returned": "已退回", "disputed": "待定责", "signed": "办理中", "reported": "待审核",
    "checked": "待回访", "closed": "已归档", "recalled": "已撤单",
}  # fmt: skip


class WhistleState(StrEnum):
    """How a whistle stands; the Chinese word is understood too.

    ``blown``: departments are called, nothing is decided; ``decided``: the lead works on it; ``worked``: whoever called
    has to look whether it helped; ``closed``: it is over.
    """

    BLOWN = "blown"
    DECIDED = "decided"
    WORKED = "worked"
    CLOSED = "closed"

    @property
    def zh(self) -> str:
        """The state in Chinese."""
        return _WHISTLE_STATES[self.value]

    @classmethod
    def _missing_(cls, value: object) -> WhistleState | None:
        return next((state for state in cls if state.zh == value), None)


_WHISTLE_STATES: Mapping[str, str] = {
    "blown": "待会办",
    "decided": "办理中",
    "worked": "待核查",
    "closed": "已归档",
}


class CallState(StrEnum):
    """How a department that a whistle calls stands; the Chinese word is understood too.

    ``sent``: it waits to be signed for; ``returned``: whoever called has to decide on a return; ``signed``: it is on
    its way; ``arrived``: whoever called has to confirm it; ``present``: it is there; ``absent``: it did not come;
    ``done``: it came, and was rated; ``withdrawn``: it was called by mistake.
    """

    SENT = "sent"
    RETURNED = "returned"
    SIGNED = "signed"
    ARRIVED = "arrived"
    PRESENT = "present"
    ABSENT = "absent"
    DONE = "done"
    WITHDRAWN = "withdrawn"

    @property
    def zh(self) -> str:
        """The state in Chinese."""
        return _CALL_STATES[self.value]

    @classmethod
    def _missing_(cls, value: object) -> CallState | None:
        return next((state for state in cls if state.zh == value), None)


_CALL_STATES: Mapping[str, str] = {
    "sent": "待签收", "returned": "已退回", "signed": "已签收", "arrived": "待确认", "present": "已到位",
    "absent": "未报到", "done": "已到位并评价", "withdrawn": "已撤回",
}  # fmt: skip


class ContactForm(StrEnum):
    """How somebody met the people of a case; the Chinese word is understood too."""

    RECEPTION = "reception"
    FIELD_VISIT = "field_visit"
    APPOINTMENT = "appointment"
    FOLLOW_UP = "follow_up"
    PERSUASION = "persuasion"
    TELEPHONE = "telephone"

    @property
    def zh(self) -> str:
        """The form in Chinese."""
        return _CONTACT_FORMS[self.value]

    @classmethod
    def _missing_(cls, value: object) -> ContactForm | None:
        return next((form for form in cls if form.zh == value), None)


_CONTACT_FORMS: Mapping[str, str] = {
    "reception": "接访", "field_visit": "下访", "appointment": "约访",
    "follow_up": "回访", "persuasion": "劝访", "telephone": "电话",
}  # fmt: skip


class AppointmentForm(StrEnum):
    """How an official meets the people of a case; the Chinese word is understood too."""

    RECEPTION = "reception"
    FIELD_VISIT = "field_visit"
    APPOINTMENT = "appointment"
    LED_VISIT = "led_visit"

    @property
    def zh(self) -> str:
        """The form in Chinese."""
        return "带案下访" if self is AppointmentForm.LED_VISIT else ContactForm(self.value).zh

    @property
    def contact(self) -> ContactForm:
        """What it counts as among the contacts of a case."""
        return ContactForm.FIELD_VISIT if self is AppointmentForm.LED_VISIT else ContactForm(self.value)

    @classmethod
    def _missing_(cls, value: object) -> AppointmentForm | None:
        return next((form for form in cls if form.zh == value), None)


class AppointmentStatus(StrEnum):
    """What has become of an appointment."""

    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class MissedBy(StrEnum):
    """Who was not there."""

    OFFICIAL = "official"
    PARTY = "party"


class EntryKind(StrEnum):
    """The kinds of entries on the agenda.

    Entries of a case that fall due at the same instant are done in the alphabetical order of these values: a deadline
    before its rungs, and a timer of the model after them, so that what the law says goes before what the model says.
    Whether anything has moved is looked at last.
    """

    TIMER = "timer"
    EXPIRY = "expiry"
    KNOWN = "known"
    MEETING = "meeting"
    SERVED = "served"
    RUNG = "rung"
    TASK = "task"
    REPLY = "reply"
    SENT = "sent"
    UNMOVED = "unmoved"
    STUCK = "stuck"
    AGREEMENT = "agreement"
    ROUTINE = "routine"
    DELIVERY = "delivery"


class EntryStatus(StrEnum):
    """How an entry stands on the agenda.

    ``pending``: it is done when its time has come; ``parked``: a delivery that no adapter here carries; ``sent``: a
    delivery that was carried and waits for its answer; ``incident``: it failed too often and waits for a person.
    The row of a delivery that is over, ``answered`` or ``withdrawn``, stays: so a second answer is recognised.
    """

    PENDING = "pending"
    PARKED = "parked"
    SENT = "sent"
    INCIDENT = "incident"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"

    @property
    def over(self) -> bool:
        """Whether nothing can change it any more."""
        return self in (EntryStatus.ANSWERED, EntryStatus.WITHDRAWN)


class Lane(StrEnum):
    """The two lanes of the agenda: what the clock does by itself, and deliveries. Neither waits for the other."""

    CLOCK = "clock"
    DELIVERIES = "deliveries"
