"""查阅: the calls of the engine that read, for one person: ``engine.as_(actor)``."""

from __future__ import annotations

from jiefen.audit.auditing import Audit
from jiefen.case.arguments import check_actor
from jiefen.case.runtime import Runtime
from jiefen.case.sight import Viewer
from jiefen.commands import cases as on_cases
from jiefen.commands import clock as on_clock
from jiefen.commands import deadlines as on_deadlines
from jiefen.commands import messages as on_messages
from jiefen.commands import people as on_people
from jiefen.commands import tasks as on_tasks
from jiefen.commands.routines import Routines
from jiefen.counter import ratings as on_ratings
from jiefen.counter import status as on_status
from jiefen.counter.appointments import Appointments
from jiefen.counter.attachments import Attachments
from jiefen.counter.checklists import Checklists
from jiefen.counter.notes import Notes
from jiefen.desk import absences as on_absences
from jiefen.desk import dispatches as on_dispatches
from jiefen.desk import links as on_links
from jiefen.desk import whistles as on_whistles
from jiefen.desk.grades import Grades
from jiefen.desk.oversight.leading import Leading
from jiefen.desk.parties import Parties
from jiefen.documents.documents import Documents
from jiefen.edition.edition import Edition
from jiefen.notation.texts import written
from jiefen.queries import dues as on_dues
from jiefen.queries import feed as on_feed
from jiefen.queries import figures as on_figures
from jiefen.queries import petitions as on_petitions
from jiefen.queries import refusals as on_refusals
from jiefen.queries import search as on_search
from jiefen.queries import worklist as on_worklist
from jiefen.reading.binding import Reading, audits, audits_of, reads, reads_as, reads_of
from jiefen.record.actor import Actor
from jiefen.record.counter.codes import digest_of


class _Part:
    """What a part of the engine gives to somebody."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading


class ReadParties(_Part):
    """The parties of cases."""

    of = reads_of(Parties, Parties.of)


class ReadNotes(_Part):
    """The notes on cases."""

    of = reads_of(Notes, Notes.of)


class ReadAttachments(_Part):
    """The files of cases."""

    of = reads_of(Attachments, Attachments.of)
    read = reads_of(Attachments, Attachments.read)


class ReadDocuments(_Part):
    """The documents of cases, and on whom they were served."""

    of = reads_of(Documents, Documents.of)
    draft = reads_of(Documents, Documents.draft)
    read = reads_of(Documents, Documents.read)
    services = reads_of(Documents, Documents.services)


class ReadAppointments(_Part):
    """The appointments of cases."""

    of = reads_of(Appointments, Appointments.of)
    find = reads_of(Appointments, Appointments.find, lambda found: [one.appointment.case for one in found])


class ReadChecklists(_Part):
    """The checklists of cases."""

    of = reads_of(Checklists, Checklists.of)


class ReadLeading(_Part):
    """The leaders of cases."""

    of = reads_of(Leading, Leading.of)


class ReadGrades(_Part):
    """Who may read cases that are kept closely."""

    readers = reads_of(Grades, Grades.readers)


class ReadRoutines(_Part):
    """What routines have left to be worked through where somebody holds a post."""

    lists = reads_of(
        Routines, Routines.lists,
        lambda found: [case for one in found for item in one.items for case in item.get("cases", ())],
    )  # fmt: skip


class ReadAudit(_Part):
    """What people have read: for the auditor."""

    reads = audits_of(Audit, Audit.reads)
    unusual = audits_of(Audit, Audit.unusual)


class Reader:
    """What one person may read: the calls of the engine that read, with what is not theirs left out.

    Lists, counts and finds hold what may be opened, and nothing else; a case that is kept from them is none that they
    could find. Facts that they need not know are left out of a case, and ``***`` in its history. The log keeps what
    they have read.
    """

    def __init__(self, runtime: Runtime, viewer: Viewer) -> None:
        self._reading = reading = Reading(runtime, viewer)
        #: The edition that new cases run on: its words stand in what is read.
        self.edition: Edition = runtime.edition
        self.parties = ReadParties(reading)
        self.notes = ReadNotes(reading)
        self.attachments = ReadAttachments(reading)
        self.documents = ReadDocuments(reading)
        self.appointments = ReadAppointments(reading)
        self.checklists = ReadChecklists(reading)
        self.leading = ReadLeading(reading)
        self.grades = ReadGrades(reading)
        self.routines = ReadRoutines(reading)
        self.audit = ReadAudit(reading)

    case = reads(on_cases.case)
    cases = reads(on_cases.cases, lambda found: [one.id for one in found])
    history = reads(on_cases.history)
    explain = reads(on_cases.explain)
    open_questions = reads(on_cases.open_questions)
    deadlines = reads(on_deadlines.deadlines)
    earliest_right = reads(on_deadlines.earliest_right)
    links = reads(on_links.links)
    ratings = reads_as(on_ratings.ratings)
    status = reads(on_status.status)

    tasks = reads(on_tasks.tasks, lambda found: [one.case for one in found])
    task = reads(on_worklist.task, lambda found: [found.case])
    worklist = reads_as(on_worklist.worklist, lambda found: [one.task.case for one in found])
    workload = reads(on_worklist.workload, lambda found: [])
    search = reads_as(on_search.search, lambda found: [one.case.id for one in found.items])
    deadlines_due = reads(on_dues.deadlines_due, lambda found: [one.deadline.case for one in found])
    probable_repeats = reads(
        on_links.probable_repeats, lambda found: [case for one in found for case in (one.case, one.other)]
    )
    dispatches = reads(on_dispatches.dispatches, lambda found: [one.id for one in found])
    whistles = reads(on_whistles.whistles, lambda found: [one.id for one in found])
    supervisions = reads(on_people.supervisions, lambda found: [one.case for one in found])
    deliveries = reads(on_messages.deliveries, lambda found: [one.case for one in found])
    incidents = reads(on_clock.incidents, lambda found: [one.case for one in found])
    feed = reads(on_feed.feed, lambda found: [one.case for one in found.entries])
    figures = reads(on_figures.figures, lambda found: [])
    figure_cases = reads(on_figures.figure_cases, lambda found: [one.case for one in found])
    petition_report = reads(on_petitions.petition_report, lambda found: [])
    absences = reads(on_absences.absences, lambda found: [])
    refusals = audits(on_refusals.refusals)
    refused_often = audits(on_refusals.refused_often)


def as_(runtime: Runtime, actor: Actor, *, because: str | None = None) -> Reader:
    """The calls that read, for one person: what is not theirs is left out, and what they read is kept in the log.

    A party, by their code or as a representative, reads how their own case stands, in words (``status``), and nothing
    else: no notes, no other parties, nothing that the office keeps for itself.

    Args:
        because: why they read, for the log; a sealed case opens to nobody who does not say it.

    Raises:
        FactError: it is no actor, or the reason says nothing.
        NotFound: it is a party, and no case has their code.
    """
    why = written(because, "because") if because is not None else None
    who = check_actor(actor, party=True)
    if who.in_person is not None and who.in_person.code is not None:
        with runtime.reading() as connection:
            who = who.come_as(on_status.case_with(connection, digest_of(who.in_person.code)))
    return Reader(runtime, Viewer(who, why))
