"""What a party sees of their case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from jiefen.clock import china_date
from jiefen.notation.labels import Label, Language
from jiefen.record.counter.ratings import Rating
from jiefen.record.kinds import AppointmentForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An office that has to do something now: what it is, of which unit, and how to reach it; no person.

    Attributes:
        unit, reach: as the directory has them; ``None`` when it does not say.
    """

    title: Label
    area: str | None
    unit: Label | None = None
    reach: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDay:
    """A day that a party is told: the last day of a right or of an office's duty, or the day of something served.

    Attributes:
        safe_on: where the law can be read in two ways, the earlier day that the party does well to keep.
        law, article: that say so; empty for what was served.
        id: by which it can be rated; empty for what cannot be.
        provisional: it may be later: the holidays of that year are not published yet.
    """

    on: date
    what: Label
    safe_on: date | None = None
    law: str = ""
    article: str = ""
    id: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting to which the party may come: how, when (in its zone) and where; not with whom."""

    form: AppointmentForm
    starts_at: datetime
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyStatus:
    """What a party sees of their case, and nothing else. Days are legal days in China.

    Attributes:
        case: the number of the case that the code was given for.
        goes_on_in: the case that it was merged into; what follows is told of that one.
        parts: the numbers of cases that were split from it.
        moved_on: when it was last passed to another area.
        receipt_only: it is confidential (信访工作条例 art. 30): only that it was received is told.
        offices: who has to do something now; none: nobody, or an outside organ.
        next: the next day on which something has to be done for the party.
        rights: what the party may do, and until when.
        served: what was told or served in writing, and when, by the milestones of the case.
        meetings: what is planned with the people of the case.
        ratings: what the party has said of it, without comments.
        outcome: how it ended.
    """

    case: int
    received_on: date
    stage: Label
    receipt_only: bool = False
    goes_on_in: int | None = None
    parts: tuple[int, ...] = ()
    moved_on: date | None = None
    offices: tuple[Office, ...] = ()
    next: PartyDay | None = None
    rights: tuple[PartyDay, ...] = ()
    served: tuple[PartyDay, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    ratings: tuple[Rating, ...] = ()
    ended_on: date | None = None
    outcome: Label | None = None

    def lines(self, language: Language) -> list[str]:
        """What to read out or print, a sentence in each line."""
        said: list[tuple[Label, dict[str, object]]] = [
            (_RECEIVED, {"case": self.case, "on": self.received_on}),
            (_STAGE, {"stage": self.stage.text(language)}),
        ]
        if self.goes_on_in is not None:
            said.append((_GOES_ON, {"case": self.goes_on_in}))
        said += [(_PART, {"case": part}) for part in self.parts]
        if self.moved_on is not None:
            said.append((_MOVED, {"on": self.moved_on}))
        for office in self.offices:
            unit = f"{office.unit.text(language)} " if office.unit is not None else ""
            reach = f",{office.reach}" if office.reach else ""
            said.append((_OFFICE, {"office": f"{unit}{office.title.text(language)}{reach}"}))
        if self.next is not None:
            said.append((_NEXT, self._day(self.next, language)))
        for meeting in self.meetings:
            form = meeting.form.zh if language == "zh" else str(meeting.form)
            said.append(
                (
                    _MEETING,
                    {"form": form, "at": f"{meeting.starts_at:%Y-%m-%d %H:%M}", "place": meeting.place},
                )
            )
        said += [(_SERVED, self._day(one, language)) for one in self.served]
        said += [(_RIGHT, self._day(one, language)) for one in self.rights]
        if self.ended_on is not None:
            outcome = self.outcome.text(language) if self.outcome is not None else "—"
            said.append((_ENDED, {"on": self.ended_on, "outcome": outcome}))
        for one in self.ratings:
            if one.review is not None and one.reviewed_at is None:
                said.append((_REVIEW, {"on": one.on}))
            elif one.reviewed_at is not None:
                said.append((_REVIEWED, {"on": one.on, "day": china_date(one.reviewed_at)}))
        return [label.text(language).format(**values) for label, values in said]

    def _day(self, day: PartyDay, language: Language) -> dict[str, object]:
        safe = _SAFE.text(language).format(on=day.safe_on) if day.safe_on is not None else ""
        return {
            "on": f"{day.on}{_PROVISIONAL.text(language) if day.provisional else ''}",
            "what": day.what.text(language),
            "because": f"(《{day.law}》{day.article})" if day.law else "",
            "safe": safe,
        }


_RECEIVED: Final = Label("{case} 号案,{on} 登记", "Case {case}, registered on {on}")
_STAGE: Final = Label("现在:{stage}", "Now: {stage}")
_GOES_ON: Final = Label(
    "本案已并入 {case} 号案,以下为该案情况;本查询码继续有效",
    "The case goes on in case {case}, of which the rest tells; the code stays good",
)
_PART: Final = Label("部分事项另立 {case} 号案办理", "A part of it is now case {case}")
_MOVED: Final = Label(
    "{on} 移交其他地方办理;本查询码继续有效", "Passed to another area on {on}; the code stays good"
)
_OFFICE: Final = Label("由 {office} 办理", "With: {office}")
_NEXT: Final = Label("下一日期:{on} {what}{because}", "Next: {on} {what}{because}")
_SERVED: Final = Label("{on} {what}", "{on} {what}")
_RIGHT: Final = Label(
    "您的权利:{what},至 {on} 止{safe}{because}", "You may: {what}, until {on}{safe}{because}"
)
_ENDED: Final = Label("{on} 办结:{outcome}", "Ended on {on}: {outcome}")
_MEETING: Final = Label("{at} {form},地点:{place}", "{at} {form}, at: {place}")
_REVIEW: Final = Label(
    "您对 {on} 事项评价不满意,正由上一级复核",
    "You were not content with what was done on {on}; it is being reviewed",
)
_REVIEWED: Final = Label(
    "您对 {on} 事项评价不满意,上一级已于 {day} 复核",
    "You were not content with what was done on {on}; it was reviewed on {day}",
)
_SAFE: Final = Label(",稳妥起见请在 {on} 以前办理", ", to be safe by {on}")
_PROVISIONAL: Final = Label("(暂定)", " (provisional)")
