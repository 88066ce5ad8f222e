"""Jiefen (解纷): a rules-driven workflow engine for dispute escalation and petition handling."""

from typing import TYPE_CHECKING, Any

from jiefen.areas import EVERYWHERE, normalise_area
from jiefen.clock import Clock, FixedClock, SystemClock
from jiefen.collection import without_collection
from jiefen.errors import (
    AlreadyDone,
    CalendarUnknown,
    Conflict,
    DatabaseError,
    DefinitionError,
    DeliveryPostponed,
    DeliveryRefused,
    ExpressionError,
    FactError,
    FileError,
    JiefenError,
    KeysError,
    LedgerError,
    MissingExtra,
    NeedsAgreement,
    NotAllowed,
    NotFound,
    PeriodError,
    ProcessError,
    RuleError,
    StateError,
    UnknownValue,
)
from jiefen.findings import Finding, Severity
from jiefen.notation.labels import Label
from jiefen.outside.adapter import Adapter, Collector
from jiefen.outside.files import Files, FolderFiles
from jiefen.outside.keys import Algorithm, FileKeys, Keys
from jiefen.record.actor import SYSTEM, TRUSTED, Actor, HeldPost, InPerson
from jiefen.record.counter.appointments import Appointment, Booked
from jiefen.record.counter.attachments import Attachment, FilesChecked
from jiefen.record.counter.checklists import Checked, Tick
from jiefen.record.counter.documents import (
    Addressed,
    Document,
    DocumentKind,
    DocumentStatus,
    Drafted,
    LastDay,
    Missing,
    Service,
    ServiceWay,
)
from jiefen.record.counter.notes import Note
from jiefen.record.counter.ratings import Rating
from jiefen.record.counter.readers import NamedReader
from jiefen.record.counter.reporters import Asked, Reporter
from jiefen.record.counter.status import Meeting, Office, PartyDay, PartyStatus
from jiefen.record.desk.dispatches import Dispatch
from jiefen.record.desk.found import Between, Hit, Hits, SearchOrder
from jiefen.record.desk.intake import Intake, IntakeRow, Taken
from jiefen.record.desk.keys import name_key, phone_key
from jiefen.record.desk.likeness import likeness
from jiefen.record.desk.links import Link
from jiefen.record.desk.parties import Party, number_problem
from jiefen.record.desk.parts import Share, Told
from jiefen.record.desk.whistles import Call, Whistle
from jiefen.record.desk.work import Why, WorkItem
from jiefen.record.kinds import (
    AppointmentForm,
    AppointmentStatus,
    CallState,
    CaseStatus,
    ContactForm,
    DeadlineStatus,
    DispatchState,
    FaultKind,
    FileFault,
    Grade,
    Happening,
    Lane,
    LinkKind,
    MissedBy,
    Part,
    Received,
    Satisfaction,
    SupervisionStatus,
    TaskStatus,
    WhistleState,
)
from jiefen.record.proof import Anchor, Fault, Verified
from jiefen.record.questions import Question
from jiefen.record.reads import Read, Sign, Unusual
from jiefen.record.retention.kept import Encrypted, Forgotten, SubjectCase, SubjectExport
from jiefen.record.values import (
    Answer,
    Case,
    Deadline,
    Delivery,
    Entry,
    Incident,
    Lag,
    Lead,
    RoutineList,
    Supervision,
    Swept,
    Task,
)

if TYPE_CHECKING:
    from jiefen.agenda.routines import RoutineMove
    from jiefen.audit.auditing import Audit
    from jiefen.commands.recompute import Recomputation
    from jiefen.deadlines.moves import DueDate, Move
    from jiefen.engine import Engine
    from jiefen.notation import shapes
    from jiefen.notation.labels import suggestion
    from jiefen.notation.yaml import Document as YamlDocument
    from jiefen.notation.yaml import load as load_yaml
    from jiefen.people.directory import Directory, Divided, Holder, Organisation, Seat
    from jiefen.people.directory_file import check_directory
    from jiefen.queries.dues import Due
    from jiefen.queries.feed import Feed
    from jiefen.queries.figures import Figure, FigureCase
    from jiefen.queries.petitions import PetitionReport, ReportRow, ReportSection
    from jiefen.queries.refusals import Refusal, RefusedOften
    from jiefen.queries.worklist import Load
    from jiefen.reading.addresses import DiaryAddress
    from jiefen.reading.diaries import Diary, RoutineDay
    from jiefen.reading.reader import Reader
    from jiefen.story.explain import Explanation, Route
    from jiefen.story.uncounted import Uncounted

__version__ = "0.1.0"

__all__ = [
    "EVERYWHERE",
    "SYSTEM",
    "TRUSTED",
    "Actor",
    "Adapter",
    "Addressed",
    "Algorithm",
    "AlreadyDone",
    "Anchor",
    "Answer",
    "Appointment",
    "AppointmentForm",
    "AppointmentStatus",
    "Asked",
    "Attachment",
    "Audit",
    "Between",
    "Booked",
    "CalendarUnknown",
    "Call",
    "CallState",
    "Case",
    "CaseStatus",
    "Checked",
    "Clock",
    "Collector",
    "Conflict",
    "ContactForm",
    "DatabaseError",
    "Deadline",
    "DeadlineStatus",
    "DefinitionError",
    "Delivery",
    "DeliveryPostponed",
    "DeliveryRefused",
    "Diary",
    "DiaryAddress",
    "Directory",
    "Dispatch",
    "DispatchState",
    "Divided",
    "Document",
    "DocumentKind",
    "DocumentStatus",
    "Drafted",
    "Due",
    "DueDate",
    "Encrypted",
    "Engine",
    "Entry",
    "Explanation",
    "ExpressionError",
    "FactError",
    "Fault",
    "FaultKind",
    "Feed",
    "Figure",
    "FigureCase",
    "FileError",
    "FileFault",
    "FileKeys",
    "Files",
    "FilesChecked",
    "Finding",
    "FixedClock",
    "FolderFiles",
    "Forgotten",
    "Grade",
    "Happening",
    "HeldPost",
    "Hit",
    "Hits",
    "Holder",
    "InPerson",
    "Incident",
    "Intake",
    "IntakeRow",
    "JiefenError",
    "Keys",
    "KeysError",
    "Label",
    "Lag",
    "Lane",
    "LastDay",
    "Lead",
    "LedgerError",
    "Link",
    "LinkKind",
    "Load",
    "Meeting",
    "MissedBy",
    "Missing",
    "MissingExtra",
    "Move",
    "NamedReader",
    "NeedsAgreement",
    "NotAllowed",
    "NotFound",
    "Note",
    "Office",
    "Organisation",
    "Part",
    "Party",
    "PartyDay",
    "PartyStatus",
    "PeriodError",
    "PetitionReport",
    "ProcessError",
    "Question",
    "Rating",
    "Read",
    "Reader",
    "Received",
    "Recomputation",
    "Refusal",
    "RefusedOften",
    "ReportRow",
    "ReportSection",
    "Reporter",
    "Route",
    "RoutineDay",
    "RoutineList",
    "RoutineMove",
    "RuleError",
    "Satisfaction",
    "SearchOrder",
    "Seat",
    "Service",
    "ServiceWay",
    "Severity",
    "Share",
    "Sign",
    "StateError",
    "SubjectCase",
    "SubjectExport",
    "Supervision",
    "SupervisionStatus",
    "Swept",
    "SystemClock",
    "Taken",
    "Task",
    "TaskStatus",
    "Tick",
    "Told",
    "Uncounted",
    "UnknownValue",
    "Unusual",
    "Verified",
    "Whistle",
    "WhistleState",
    "Why",
    "WorkItem",
    "YamlDocument",
    "__version__",
    "check_directory",
    "likeness",
    "load_yaml",
    "name_key",
    "normalise_area",
    "number_problem",
    "phone_key",
    "shapes",
    "suggestion",
]

_LATER = {
    "Audit": "jiefen.audit.auditing",
    **dict.fromkeys(("Directory", "Divided", "Holder", "Organisation", "Seat"), "jiefen.people.directory"),
    **dict.fromkeys(("Explanation", "Route"), "jiefen.story.explain"),
    "Due": "jiefen.queries.dues",
    "Feed": "jiefen.queries.feed",
    **dict.fromkeys(("Figure", "FigureCase"), "jiefen.queries.figures"),
    **dict.fromkeys(("PetitionReport", "ReportRow", "ReportSection"), "jiefen.queries.petitions"),
    "Load": "jiefen.queries.worklist",
    "Reader": "jiefen.reading.reader",
    "DiaryAddress": "jiefen.reading.addresses",
    **dict.fromkeys(("Diary", "RoutineDay"), "jiefen.reading.diaries"),
    "Refusal": "jiefen.queries.refusals",
    "RefusedOften": "jiefen.queries.refusals",
    "Uncounted": "jiefen.story.uncounted",
    **dict.fromkeys(("DueDate", "Move"), "jiefen.deadlines.moves"),
    "RoutineMove": "jiefen.agenda.routines",
    "Engine": "jiefen.engine",
    "Recomputation": "jiefen.commands.recompute",
    "YamlDocument": "jiefen.notation.yaml:Document",
    "load_yaml": "jiefen.notation.yaml:load",
    # The forms of files that people write, so that adapters check theirs as the engine checks its own.
    "shapes": "jiefen.notation.shapes:",
    "suggestion": "jiefen.notation.labels",
    "check_directory": "jiefen.people.directory_file",
}


def __getattr__(name: str) -> Any:
    # SQLAlchemy and SpiffWorkflow are loaded with the first engine, not with the first import.
    if name not in _LATER:
        raise AttributeError(f"module 'jiefen' has no attribute {name!r}")
    from importlib import import_module

    module, whole, attribute = _LATER[name].partition(":")
    with without_collection():
        found = import_module(module)
    return found if whole and not attribute else getattr(found, attribute or name)
