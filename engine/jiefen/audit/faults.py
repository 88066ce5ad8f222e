"""What an auditor can find, in words."""

from __future__ import annotations

from typing import Final

from jiefen.record.kinds import FaultKind
from jiefen.record.proof import Fault

_ENTRY: Final[dict[FaultKind, tuple[str, str]]] = {
    FaultKind.CHANGED: (
        "entry {entry} is not as it was written",
        "第 {entry} 条流水与写入时不一致",
    ),
    FaultKind.MISSING: (
        "entry {entry} is missing",
        "缺少第 {entry} 条流水",
    ),
    FaultKind.INSERTED: (
        "what stands in the place of entry {entry} was put in without the engine",
        "第 {entry} 条流水的位置上有不经系统写入的记录",
    ),
    FaultKind.CUT: (
        "the entries from {entry} on are gone",
        "第 {entry} 条起的流水已不存在",
    ),
}
_THINGS: Final[dict[str, tuple[str, str]]] = {
    "case": ("the record of the case", "案件登记"),
    "facts": ("its facts", "要素"),
    "state": ("the state of its process", "流程状态"),
    "task": ("task {key}", "第 {key} 项任务"),
    "opened": ("what task {key} was opened as", "第 {key} 项任务开启时的内容"),
    "claim": ("who has claimed task {key}", "第 {key} 项任务的认领人"),
    "supervision": ("supervision {key}", "督办 {key}"),
    "asked": ("whom supervision {key} is for", "督办 {key} 的对象"),
    "answer": ("how supervision {key} was answered", "督办 {key} 的答复情况"),
    "party": ("party {key}", "第 {key} 号当事人"),
    "link": ("the link to case {key}", "与案件 {key} 的关联"),
    "note": ("note {key}", "第 {key} 号备注"),
    "code": ("the code for its parties", "查询码"),
    "rating": ("rating {key}", "第 {key} 号评价"),
    "attachment": ("attachment {key}", "第 {key} 号附件"),
    "appointment": ("appointment {key}", "第 {key} 号预约"),
    "tick": ("what was ticked at {key}", "清单 {key} 的勾选"),
    "document": ("document {key}", "第 {key} 号文书"),
    "document_file": ("the file of document {key}", "文书 {key} 的文件"),
    "service": ("how document {key} was served", "文书 {key} 的送达"),
    "reader": ("who may read it ({key})", "知悉人员({key})"),
}


class Faults:
    """The first faults, and how many there are.

    Args:
        most: so many are kept.
    """

    def __init__(self, most: int) -> None:
        self.first: list[Fault] = []
        self.found = 0
        self._most = most

    def add(self, fault: Fault) -> None:
        """One more."""
        self.found += 1
        if len(self.first) < self._most:
            self.first.append(fault)

    def entry(self, kind: FaultKind, case: int, entry: int) -> None:
        """An entry of a case is not as it should be."""
        en, zh = (text.format(entry=entry) for text in _ENTRY[kind])
        self.add(Fault(kind=kind, case=case, entry=entry, en=f"case {case}: {en}", zh=f"案件 {case}:{zh}"))

    def moved(self, case: int, about: str, entry: int | None, rule: str | None = None) -> None:
        """A case, its facts, a deadline or a row that hangs on it is not as its journal left it.

        Args:
            entry: that covers it as it was; ``None``: none does.
            rule: of a deadline that is there.
        """
        name, _, key = about.partition(":")
        en, zh = (text.format(key=key) for text in _THINGS.get(name, (about, about)))
        if about.startswith("deadline:"):
            number = about.partition(":")[2]
            gone = "" if rule else ", which is not there any more,"
            en = f"deadline {number}{f' ({rule})' if rule else ''}{gone}"
            zh = f"第 {number} 项期限{f'({rule})' if rule else '(已不存在)'}"
        last = f"as entry {entry} left it" if entry else "told by any entry"
        last_zh = f"与第 {entry} 条流水记下的不一致" if entry else "没有流水记载"
        self.add(
            Fault(
                kind=FaultKind.MOVED,
                case=case,
                entry=entry,
                about=about,
                en=f"case {case}: {en} is not {last}; no entry explains the change",
                zh=f"案件 {case}:{zh}{last_zh},其变动没有流水说明",
            )
        )

    def orphan(self, case: int) -> None:
        """There are entries of a case that is not there."""
        en = f"case {case} is not there, and its journal is; the case was removed without the engine"
        zh = f"案件 {case} 已不存在,但留有流水:案件被不经系统删除"
        self.add(Fault(kind=FaultKind.ORPHAN, case=case, en=en, zh=zh))

    def edition(self, digest: str) -> None:
        """An edition is not what its digest says."""
        en = f"the edition {digest[:12]} was changed where it is kept"
        zh = f"版本 {digest[:12]} 的内容在库中被改动"
        self.add(Fault(kind=FaultKind.EDITION, about=digest, en=en, zh=zh))

    def calendar(self, digest: str) -> None:
        """A calendar is not what its digest says."""
        en = f"the calendar {digest} was changed where it is kept"
        zh = f"节假日安排 {digest} 的内容在库中被改动"
        self.add(Fault(kind=FaultKind.CALENDAR, about=digest, en=en, zh=zh))

    def anchor(self, number: int, en: str, zh: str) -> None:
        """An anchor cannot be relied on."""
        en, zh = f"anchor {number}: {en}", f"第 {number} 号锚定:{zh}"
        self.add(Fault(kind=FaultKind.ANCHOR, about=str(number), en=en, zh=zh))

    def older(self, number: int, case: int | None, entry: int | None) -> None:
        """The database does not hold what an anchor says that it held."""
        what = f"entry {entry} of case {case}" if entry else "entries"
        what_zh = f"案件 {case} 第 {entry} 条流水" if entry else "若干流水"
        en = (
            f"anchor {number} holds {what} that the database does not: the newest entries were removed, "
            "or an older backup was restored"
        )
        zh = f"第 {number} 号锚定记有{what_zh},库中没有:最近的流水被删除,或者恢复了较早的备份"
        self.add(Fault(kind=FaultKind.OLDER, case=case, entry=entry, about=str(number), en=en, zh=zh))

    def rewritten(self, number: int, case: int, entry: int) -> None:
        """An entry has another hash than an anchor says."""
        en = f"case {case}: entry {entry} is not the one that anchor {number} holds; the chain was written anew"
        zh = f"案件 {case}:第 {entry} 条流水与第 {number} 号锚定不符,整条链被重写"
        self.add(Fault(kind=FaultKind.CHANGED, case=case, entry=entry, about=str(number), en=en, zh=zh))
