"""How what happens at the counter is told. What somebody wrote there is not told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from jiefen.clock import CHINA
from jiefen.notation.labels import Label, Language
from jiefen.record.counter.documents import ServiceWay
from jiefen.record.kinds import AppointmentForm, FileFault, Happening, MissedBy, Satisfaction
from jiefen.record.values import Entry

COUNTER: Final[Mapping[Happening, Label]] = {
    Happening.NOTED: Label("{actor} 写备注 {subject}", "{actor} wrote note {subject}"),
    Happening.CODE_ISSUED: Label(
        "{actor} 发放新查询码,原码作废{reason}", "{actor} issued a new code; the one before is void{reason}"
    ),
    Happening.RATED: Label(
        "当事人评价“{of}”({on}):{grade}{review}", "A party rates “{of}” ({on}): {grade}{review}"
    ),
    Happening.ATTACHED: Label(
        "{actor} 上传附件 {subject}({media},{size} 字节,SHA-256 {digest})",
        "{actor} attached file {subject} ({media}, {size} bytes, SHA-256 {digest})",
    ),
    Happening.ATTACHMENT_WITHDRAWN: Label(
        "{actor} 撤出附件 {subject}{reason}", "{actor} withdrew file {subject}{reason}"
    ),
    Happening.APPOINTED: Label(
        "预约{form} {subject} 号:{at},{place},接待人 {official}",
        "Appointment {subject} ({form}): {at}, {place}, held by {official}",
    ),
    Happening.APPOINTMENT_MOVED: Label(
        "{form} {subject} 号改期:{at},{place},接待人 {official}{reason}",
        "Appointment {subject} ({form}) moved: {at}, {place}, held by {official}{reason}",
    ),
    Happening.APPOINTMENT_HELD: Label(
        "{form} {subject} 号已进行:接待人 {official}", "Appointment {subject} ({form}) was held by {official}"
    ),
    Happening.APPOINTMENT_MISSED: Label(
        "{form} {subject} 号未进行,{missed_by}未到{reason}",
        "Appointment {subject} ({form}) did not take place, {missed_by} was not there{reason}",
    ),
    Happening.APPOINTMENT_CANCELLED: Label(
        "{form} {subject} 号取消{reason}", "Appointment {subject} ({form}) was cancelled{reason}"
    ),
    Happening.APPOINTMENT_REMINDED: Label(
        "提醒接访 {subject} 号{away}", "Reminder of appointment {subject}{away}"
    ),
    Happening.TICKED: Label(
        "{actor} 完成清单〔{list}〕:{item}{visit}", "{actor} ticked on {list}: {item}{visit}"
    ),
    Happening.TICK_REMOVED: Label(
        "{actor} 取消清单〔{list}〕:{item}{visit}", "{actor} took a tick from {list}: {item}{visit}"
    ),
    Happening.CHECKLIST_MISSING: Label(
        "清单〔{list}〕{visit}尚缺:{lacking}", "Checklist {list}{visit} misses: {lacking}"
    ),
    Happening.DOCUMENT_MADE: Label(
        "{actor} 制作《{paper}》{subject} 号{number},第 {version} 版(SHA-256 {digest})",
        "{actor} made {paper}, document {subject}{number}, version {version} (SHA-256 {digest})",
    ),
    Happening.DOCUMENT_SIGNED: Label(
        "{actor} 签发《{paper}》{subject} 号{number}", "{actor} signed {paper}, document {subject}{number}"
    ),
    Happening.DOCUMENT_VOIDED: Label(
        "{actor} 作废《{paper}》{subject} 号{number}{reason}",
        "{actor} made {paper} void, document {subject}{number}{reason}",
    ),
    Happening.DOCUMENT_SERVED: Label(
        "《{paper}》{subject} 号向 {party} 号当事人{way}({day}),{on} 为送达日{last_days}",
        "{paper}, document {subject}, went to party {party} ({way}, {day}) and counts as served on {on}{last_days}",
    ),
    Happening.FILE_CHECKED: Label("核查附件 {subject}:{fault}", "File {subject} was checked: {fault}"),
}
_FAULTS: Final[Mapping[FileFault | None, Label]] = {
    FileFault.MISSING: Label("存储中已丢失", "its bytes are missing"),
    FileFault.CHANGED: Label("内容已被改动", "its bytes are not those that were attached"),
    None: Label("已恢复完好", "whole again"),
}
_SIDES: Final[Mapping[MissedBy, Label]] = {
    MissedBy.OFFICIAL: Label("接待人", "the official"),
    MissedBy.PARTY: Label("当事人", "the party"),
}
_AWAY: Final = Label("(接待人当日不在岗)", " (the official is away that day)")
GRADES: Final[Mapping[Satisfaction, Label]] = {
    Satisfaction.SATISFIED: Label("满意", "satisfied"),
    Satisfaction.FAIR: Label("基本满意", "fairly satisfied"),
    Satisfaction.DISSATISFIED: Label("不满意", "dissatisfied"),
}
_PAPERS: Final = (
    Happening.DOCUMENT_MADE, Happening.DOCUMENT_SIGNED, Happening.DOCUMENT_VOIDED, Happening.DOCUMENT_SERVED,
)  # fmt: skip
_REVIEW: Final = Label(",请上一级复核", "; the office above is asked to review it")


def counter_values(entry: Entry, language: Language) -> dict[str, Any]:
    """The words that the sentences of the counter need."""
    data, reason = entry.data, entry.data.get("reason")
    values: dict[str, Any] = {"reason": ""}
    if reason:
        values["reason"] = f"({reason})" if language == "zh" else f" ({reason})"
    if "form" in data:
        form = AppointmentForm(data["form"])
        when = datetime.fromisoformat(data["at"]).astimezone(CHINA)
        values |= {"form": form.zh if language == "zh" else str(form), "at": f"{when:%Y-%m-%d %H:%M}"}
    if "missed_by" in data:
        values["missed_by"] = _SIDES[MissedBy(data["missed_by"])].text(language)
    if entry.kind is Happening.APPOINTMENT_REMINDED:
        values["away"] = _AWAY.text(language) if data.get("away") else ""
    if entry.kind in _PAPERS:
        values |= _of_document(data, language)
    if "visit" in data:
        values["list"], values["visit"] = (
            data["title"][language],
            f"({data['visit']})" if data["visit"] else "",
        )
        values["item"] = data["item"][language] if "item" in data else ""
        lacking = [one[language] for one in data.get("missing_items", ())]
        values["lacking"] = ("、" if language == "zh" else ", ").join(lacking)
    if entry.kind is Happening.FILE_CHECKED:
        fault = data.get("fault")
        values["fault"] = _FAULTS[FileFault(fault) if fault else None].text(language)
    if entry.kind is Happening.RATED:
        values["of"] = data["title"][language]
        values["grade"] = GRADES[Satisfaction(data["grade"])].text(language)
        values["review"] = _REVIEW.text(language) if data.get("review") else ""
    return values


def _of_document(data: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The words about a document: its title, its number, and how and until when it was served."""
    values: dict[str, Any] = {"paper": data["title"][language], "number": ""}
    if data.get("number"):
        values["number"] = f"({data['number']})" if language == "zh" else f" ({data['number']})"
    if "digests" in data:
        values["digest"] = data["digests"]["txt"]
    if "way" in data:
        way = ServiceWay(data["way"])
        values["way"] = way.zh if language == "zh" else way.replace("_", " ")
        told = [
            f"{one['title'][language]}{'至' if language == 'zh' else ' until '}{one['due_on']}"
            for one in data["last_days"]
            if one["due_on"]
        ]
        values["last_days"] = "".join(f";{one}" if language == "zh" else f"; {one}" for one in told)
    return values
