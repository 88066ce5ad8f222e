"""The help of commands in Chinese: one table for the commands, one for the options that they share.

English stands at the command itself; a command that others follow (``leading plan``) is told by its first word alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: What each command does, by its name.
COMMANDS: Final[Mapping[str, str]] = {
    "import": "导入台账:每个可用的行立一案,不可用的行连同原因写入文件。",
    "open": "立案。同一登记号、同样要素再次提交,返回原案,不作改动。",
    "cases": "按编号列出案件;属地包含其下级。不显示个人信息。",
    "case": "讲述一案的来龙去脉:每一步去向、每一个日期,附规则、版本和条文。",
    "deadlines": "列出一案的期限:机关的职责、当事人的权利,以及最先丧失的权利。",
    "questions": "列出还应问明的事项:影响权利或者去向的要素和通知。",
    "tasks": "按编号列出待办。",
    "claim": "签收待办;再次签收自己的待办不作改动。",
    "release": "退回已签收的待办,供他人签收。",
    "complete": "办结待办;所填内容成为案件要素,案件继续办理。",
    "message": "登记来自外部的消息。当事人的意思表示须有查询码(--code)或者经办岗位(--by)。",
    "history": "按顺序列出一案的流水;--json 时带出内容。",
    "extend": "依条文延长期限,并留下所要求的告知。",
    "suspend": "依法定事由中止期限;恢复之前没有届满日。",
    "resume": "恢复已中止的期限。",
    "interrupt": "时效中断:自行为之日起重新计算。",
    "correct": "更正误登:要素(--fact、--reason),或者期限的起算日(期限 --on)。",
    "milestone": "登记流程以外的节点:由此起算的期限开始,由此办结的期限办结。",
    "supervise": "督办:被督办单位须书面答复,逾期未答复的逐级上报。",
    "recuse": "回避:有利害关系的人不再经办本案,其签收的待办退回。",
    "contact": "登记与当事人的接触,仅作记录。",
    "supervisions": "列出督办;书面答复督办。",
    "party": "案件的当事人,以及谁代表谁。",
    "link": "关联两案:重复件、子件、关联等。",
    "unlink": "解除关联;两案的流水仍有记载。",
    "links": "列出与本案关联的案件。",
    "repeats": "疑似重复件,待人认定。",
    "dispatch": "派单:交部门或者其他层级办理。",
    "dispatches": "列出派单:由谁办理、办到哪一步、下一期限。",
    "recall": "撤单,并通知部门。",
    "whistle": "吹哨:召集多个部门到场。",
    "whistles": "列出吹哨:召集了谁、谁到场、办到哪一步。",
    "move": "移送属地:待办、通知和督办随之转到该地。",
    "void": "作废误登的案件;仍可查阅。",
    "merge": "并案:并入同一事项的另一案。",
    "reopen": "重新办理已办结的案件:流程从头开始,流水延续。",
    "split": "拆案:把误作一件的拆出单独办理,其余继续。",
    "decide-all": "把一项决定告知全部子件(一个项目、多户)。",
    "close-by": "限期结案:确定或者更改结案日期。",
    "lift-closing-date": "取消限期结案。",
    "grade": "定密:比要素要求的更严或者更宽地保管一案。",
    "let-read": "允许不经办的人知悉保管较严的案件。",
    "withdraw-reader": "收回知悉许可。",
    "hold": "保全:因诉讼或者调查,解除之前不得清除一案。",
    "erase": "清除已办结案件中的个人信息,留下不可更改的清除记录。",
    "reporter": "举报人:身份与案件分开保管,由两人共同打开。",
    "readers": "列出获准知悉一案的人,含已收回的。",
    "lead": "包案:确定或者交接包案领导;`jiefen cases --leader 工号` 列出其案件。",
    "leading": "包案方案、进展,以及对方案的决定。",
    "reassign": "把待办交给可以签收的人,不论现由谁办理。",
    "delegate": "在一段日期内由他人代办其已签收的待办。",
    "pending": "须由两人办理的事项:查看、同意、不予同意。",
    "absences": "谁不在岗、由谁代理。",
    "status": "告知当事人其案件可知的情况。",
    "code": "给案件换一个查询码,原码作废。",
    "rate": "当事人评价所作决定或者办理情况;不满意的由上级复核。",
    "ratings": "列出当事人的评价,供经办人查看。",
    "note": "写内部备注;不能改,只能另写一条更正。",
    "notes": "列出一案的内部备注,供经办人查看。",
    "attach": "给案件附上文件;文件类型以内容为准。",
    "attachments": "列出一案的附件,供经办人查看。",
    "fetch": "把附件写到指定位置,先核对与所附的一致。",
    "detach": "撤下附件:不再可读,流水仍有记载。",
    "check-files": "读取全部已存文件并核对摘要;有缺失或者改动时以 1 结束。",
    "documents": "文书:种类、拟稿、制作、签发、送达、作废、写出。",
    "appoint": "预约接访、下访、约访。",
    "appointments": "列出接访、下访、约访;登记结果。",
    "diary": "把某人或者某岗位的日程写成日历文件(iCalendar)。",
    "diaries": "列出、生成、收回日程的秘密地址,供日历软件订阅。",
    "checklists": "列出一案的清单(八必访等)及其勾选情况。",
    "tick": "勾选清单的一项。",
    "finish": "一次走访结束;清单未做到的记录在案。",
    "work": "列出某人现在可办的事,先到期的在前。",
    "workload": "按岗位和属地统计待办,其中已签收、已逾期的各多少。",
    "task": "查看一个待办,不论后来如何。",
    "search": "按文字、要素、人员、日期、属地和期限查找案件。",
    "ledger": "写出机关常用的清单:问题、责任、整改,或者带案件的台账。",
    "deadlines-due": "列出所有在办案件中尚未办结的期限,先到期的在前。",
    "feed": "按同一顺序列出所有案件的流水,不重不漏。",
    "figures": "按规则的定义列出一段时间的指标,附其依据。",
    "petition-report": "生成信访年度报告应有的内容,Markdown 文稿,待补充。",
    "report": "生成报表:年度报告、督办台账、周报、月报(XLSX 或者 DOCX)。",
    "directory": "人员目录:核对、载入、查询任职。",
    "sweep": "办理现在到时的事项,先到期的在前:定时、预警、届满、例行,然后投递。",
    "serve": "持续扫描,直到 SIGTERM 或者 Ctrl-C;可同时提供 HTTP 接口。",
    "callers": "HTTP 接口的调用者:生成密钥,核对调用者文件,列出最近使用的时间。",
    "lag": "日程落后多少:到时未办的数量、自何时起、有多少故障。供监控使用。",
    "deliveries": "列出对外投递;没有适配器的待 `jiefen answer` 答复。",
    "answer": "登记外部系统对投递的答复,案件继续办理。",
    "adapters": "列出随附的外部系统卡片,试投一张卡片。",
    "incidents": "列出多次失败、待人处理的事项;可以重试。",
    "routines": "例行事项:为属地设定,列出其清单,办结清单。",
    "recompute": "按较新的日历或者另一规则集,列出哪些期限届满日有变、由何日到何日、为何。",
    "audit": "证明所存即所发生。",
    "keys": "加密数据库的主密钥。",
    "check": "检查流程模型和规则有什么问题。",
    "test": "运行用“给定、当、则”写成的案例,时钟为模拟。",
    "messages": "列出可能到来的消息:由谁发出、带来什么、直接达到什么节点。",
    "topics": "列出可能对外投递的主题:内容、答复可以说明什么、等候答复多久。",
    "rules": "检查、测试、列出规则集;写出其 JSON Schema。",
    "decide": "按给定要素查询一张裁量表。",
    "due": "计算期限或者期间的届满日,以及是否暂定。",
    "calendar": "节假日历。",
    "demo": "导入示例台账,在模拟时钟上走过一年并汇报。",
}
#: What the options say that most commands share, by their English.
OPTIONS: Final[Mapping[str, str]] = {
    "Language of labels and stories.": "标签和叙述所用的语言。",
    "Folder of the rulebook.": "规则集所在的目录。",
    "The database.": "数据库。",
    "Folder of models.": "流程模型所在的目录。",
    "JSON for programs.": "输出 JSON,供程序读取。",
    "A role they hold; repeat it.": "经办人担任的岗位;可重复。",
    "Who does it: a staff number, not a name.": "由谁办理:工号,不是姓名。",
    "Area their roles are held for, or everywhere; absent: no power.": "岗位所在属地,或者 everywhere;不填即无权办理。",
    "Id of the case.": "案件编号。",
    "Id of the task.": "待办编号。",
    "Why; it is kept in the journal.": "理由;记入流水。",
    "Area code, padded or not.": "属地代码,补零与否均可。",
    "At most so many.": "最多多少条。",
    "Start after this id, the last of the page before.": "从该编号之后开始,即上一页的最后一条。",
    "A fact: true, 3, 1200.50, 2026-03-01, a choice, a text; repeat it.":
        "要素:true、3、1200.50、2026-03-01、选项或者文字;可重复。",
    "Facts from .json or .yaml; - reads JSON from stdin.": "从 .json 或者 .yaml 读取要素;- 为从标准输入读取 JSON。",
}  # fmt: skip


def into_chinese(command: Any, name: str) -> None:
    """Let a command of the program, and what stands below it, tell its help in Chinese."""
    if name in COMMANDS:
        command.help, command.short_help = COMMANDS[name], None
    for one in command.params:
        said = getattr(one, "help", None) or ""
        if said in OPTIONS:
            one.help = OPTIONS[said]
    for below in getattr(command, "commands", {}).values():
        into_chinese(below, "")
