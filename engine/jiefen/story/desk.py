"""How what was done at the desk is told: parties, links. Names of people are not told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jiefen.notation.labels import Label, Language
from jiefen.record.desk.intake import Owner
from jiefen.record.kinds import LinkKind, Part
from jiefen.record.values import Entry

_SHOWN: Mapping[Part, Label] = {
    Part.APPLICANT: Label("申请人", "applicant"),
    Part.RESPONDENT: Label("被申请人", "respondent"),
    Part.THIRD_PARTY: Label("第三人", "third party"),
    Part.REPRESENTATIVE: Label("推选代表", "representative"),
    Part.GUARDIAN: Label("监护人", "guardian"),
    Part.AGENT: Label("代理人", "agent"),
}
#: What of a party can be corrected; the values are not told.
_FIELDS: Mapping[str, Label] = {
    "part": Label("身份", "part"),
    "name": Label("姓名", "name"),
    "phone": Label("电话", "telephone"),
    "contact": Label("其他联系方式", "other ways to reach them"),
    "address": Label("住址", "address"),
    "service_address": Label("送达地址", "address for service"),
    "id_number": Label("证件号码", "number of the card"),
    "persons": Label("人数", "number of persons"),
    "represents": Label("代表谁", "who they speak for"),
    "since": Label("起始日期", "first day"),
    "ended": Label("终止日期", "last day"),
}
_DOUBTED: Final = Label(";{party} 号当事人的{fields}待核实", "; to be checked of party {party}: {fields}")
#: What this case is to the other one, and what the other one is to this case.
_LINKED: Mapping[LinkKind, tuple[Label, Label]] = {
    LinkKind.REPEAT: (Label("是 {case} 号案的重复件", "a repeat of case {case}"),
                      Label("{case} 号案是本案的重复件", "case {case} is a repeat of this one")),
    LinkKind.PROBABLE_REPEAT: (Label("疑似与 {case} 号案重复,待认定", "perhaps a repeat of case {case}, to be decided"),
                               Label("{case} 号案疑似与本案重复", "case {case} is perhaps a repeat")),
    LinkKind.DIFFERENT: (Label("与 {case} 号案不是同一事项", "another matter than case {case}"),
                         Label("与 {case} 号案不是同一事项", "another matter than case {case}")),
    LinkKind.REBOUND_OF: (Label("{case} 号案化解后反弹", "case {case} was settled and comes up again"),
                          Label("化解后反弹,见 {case} 号案", "comes up again as case {case}")),
    LinkKind.MERGED_INTO: (Label("并入 {case} 号案", "merged into case {case}"),
                           Label("{case} 号案并入本案", "case {case} was merged into this one")),
    LinkKind.CHILD_OF: (Label("是 {case} 号案的子件", "a part of case {case}"),
                        Label("{case} 号案是本案的子件", "case {case} is a part of this one")),
    LinkKind.SPLIT_FROM: (Label("自 {case} 号案拆出", "split from case {case}"),
                          Label("拆出 {case} 号案", "case {case} was split from this one")),
    LinkKind.DISPATCHED_FROM: (Label("是 {case} 号案的派单", "an order of case {case}"),
                               Label("{case} 号是本案的派单", "case {case} is an order of this one")),
    LinkKind.WHISTLED_FROM: (Label("因 {case} 号案吹哨", "called for case {case}"),
                             Label("{case} 号因本案吹哨", "case {case} was called for this one")),
    LinkKind.RELATED: (Label("与 {case} 号案关联", "related to case {case}"),
                       Label("与 {case} 号案关联", "related to case {case}")),
}  # fmt: skip


#: What an order tells its matter.
_PROGRESS: Mapping[str, Label] = {
    "returned": Label("退回", "returned"),
    "signed": Label("已签收", "signed for"),
    "closed": Label("已反馈、审核并归档", "reported, checked and filed"),
    "recalled": Label("已撤单", "taken back"),
}

#: What a whistle tells its matter, and a called department its whistle.
_WHISTLED: Mapping[str, Label] = {
    "returned": Label("退回", "returned"),
    "signed": Label("已签收", "signed for"),
    "present": Label("已到位", "there"),
    "absent": Label("未报到", "did not come"),
    "closed": Label("已会办、核查并归档", "decided, checked and filed"),
}


#: What of a row is no fact, and may differ.
BESIDE_FACTS: Final[Mapping[str, Label]] = {
    "parties": Label("当事人", "parties"),
    "owners": Label("经办人员", "who sees to it"),
}
#: What a row says otherwise that agrees again.
NOTHING: Final = Label("没有不同了", "nothing any more")


def part_label(part: Part) -> Label:
    """A part of a party for people."""
    return _SHOWN[part]


def link_label(kind: LinkKind, other: int | str, *, here: bool) -> Label:
    """What a case is to another one, for people; ``here``: the link goes from this case to the other."""
    return _LINKED[kind][0 if here else 1].format(case=str(other))


def fields_named(fields: Sequence[str], language: Language) -> str:
    """Values of a party by their names for people."""
    return ("、" if language == "zh" else ", ").join(_FIELDS[name].text(language) for name in fields)


def desk_values(entry: Entry, language: Language) -> dict[str, Any]:
    """The words that the sentences of the desk need."""
    data = entry.data
    reason = data.get("reason")
    said = "" if not reason else f"({reason})" if language == "zh" else f" ({reason})"
    values: dict[str, Any] = {"reason": said}
    if isinstance(data.get("party"), dict):
        part = part_label(Part(data["party"]["part"])).text(language)
        values["party"] = f"{entry.subject} {part}"
        values["fields"] = fields_named(data.get("fields", ()), language)
    given = [data["party"]] if isinstance(data.get("party"), dict) else data.get("parties")
    values["doubts"] = "".join(
        _DOUBTED.format(party=str(one["seq"]), fields=fields_named(one["doubts"], language)).text(language)
        for one in (given if isinstance(given, list) else ())
        if isinstance(one, dict) and one.get("doubts")
    )
    if entry.kind.value in ("linked", "unlinked"):
        label = link_label(LinkKind(data["link"]), entry.subject or "", here=data.get("here", True))
        values["link"] = label.text(language)
    join = "、" if language == "zh" else ", "
    values |= {"to_case": entry.subject, "topic": entry.subject, "from_case": data.get("case")}
    values["parts"] = join.join(map(str, data.get("parts", ())))
    if isinstance(data.get("owners"), dict):
        values["owners"] = join.join(owner.label.text(language) for owner in Owner if owner in data["owners"])
    if entry.kind.value == "decided_for_parts":
        refused = Label(";{parts} 未能告知", "; not to {parts}").text(language) if data["refused"] else ""
        values["refused_parts"] = refused.format(parts=values["parts"])
    if entry.kind.value == "moved":
        values |= {"before_area": data["before"].get("area") or "—", "area": data["facts"]["area"]}
    if entry.kind.value == "whistle_progress":
        values["to_case"] = (entry.subject or "").partition("/")[0]
        values["state"] = _WHISTLED[data["state"]].text(language)
    if entry.kind.value == "dispatch_progress":
        values["to_case"] = (entry.subject or "").partition("/")[0]
        values["state"] = _PROGRESS[data["state"]].text(language)
    return values
