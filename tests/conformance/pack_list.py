"""The list of the national pack in the docs, written from the rules: ``python -m tests.conformance.pack_list``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jiefen.rules import NATION, Citation, DeadlineRule, Kind, Row, Rule, Rulebook, Table, load_rulebook
from tests.conformance.rows import CARRIED, NO_RULE, UNVERIFIED

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "national-pack.md"

_HEAD = """\
# The national pack 国家层规则一览

Written from `rules/nation/` by `python -m tests.conformance.pack_list`; do not edit it by hand. The tables that steer
the models (`rules/nation/routing/flow.yaml`) are described in `processes/README.md`.

*ref* is the row of the legal research behind a rule. *Confidence*: **V** the article was read, **V2** only an excerpt
or a report, **L** a local rule, **policy** our own choice and not law. A figure is the number as the article writes it.
What runs and what does not, and why: `jiefen rules list`; whether the citations hold: `jiefen rules check --laws DIR`.

How gaps in the law were closed (each is marked `policy` where it stands):

- **Roll over holidays.** Civil procedure (art. 85), administrative litigation (art. 101), reconsideration (art.
  88), police procedure (art. 35) and the Civil Code (art. 203) say it. The petition regulations, the labour and
  land arbitration laws, the arbitration law and the legal aid law do not: the roll of art. 85 is applied by
  analogy. Periods counted backwards from a hearing do not roll.
- **Promptly (及时)** is 24 hours for urgent reports and for the duty to report violence and harm to minors, and one
  working day for entering a petition in the system.
- **No consequence in the text.** A transferred petition not objected to in five working days counts as accepted; a
  review or re-examination not asked for in thirty days is lost.
- **Set-aside of an award.** The law of 2025 has no transition rule: the text of the day the award was received counts.
- **Legal aid first.** “不足七日” is less than seven days, so the rung stands at six.
- **Further extensions.** Civil procedure (art. 152) leaves the length of the second extension to the court above;
  the three months are those of 案件审理期限规定 art. 2. What enforcement still needs is filed with the high court
  (art. 5: 备案, not 批准), so the president of the court goes on deciding, and neither length nor number is
  limited.
- **The end of the last day.** Every period ends at midnight. 民法典第二百零三条第二款 lets it end at the close of
  business where there are business hours, but no rule here is certain to be such a period: what is due to a court
  or an organ may be posted on the last day and is in time then (民事诉讼法第八十五条第四款,
  行诉法解释第四十八条第四款), courts take filings online at any hour (practice; no text of it was read), and a
  demand on the other party knows no office. What can only be done in person (divorce.collect) ends when that
  registry closes, an hour that differs from place to place: whoever advises a party says so. An area may write
  `ends: close_of_business` (its own office hours) for a duty it sets itself to; for the right of a party it may
  not, since that would shorten it.
- **Service by public notice (公告送达).** The paper counts as served when thirty days have passed since the notice
  (民事诉讼法第九十五条; also for administrative suits and reconsideration, 行政诉讼法第一百零一条,
  行政复议法第八十八条). Which way a paper was served is no fact of a case, so no rule adds these days: the clerk
  records the service with `served_on` = the day of the last posting or printing (民诉法解释第一百三十八条) + 30
  days, on or after that day, never the day of the notice. For the limit of the trial the days of the notice do not
  count (民诉法解释第二百四十三条, 案件审理期限规定第九条第六项): suspend it from the notice with the ground
  `public_notice`, and resume it on the day of service before the service is recorded. The simplified procedure
  knows no such service (民诉法解释第一百四十条); a notice of the police runs at least sixty days
  (公安机关办理行政案件程序规定第三十六条).

## Changed readings 解读变更

What the pack once said otherwise, and why it no longer does:

- **Unpaid wages** (`labour.limitation_wages`, `labour.limitation_other_claims`). The year for other claims was lost
  without a word as soon as wages were unpaid, and that for wages hung on a milestone that nothing reached. Now the
  end of the employment is a fact that starts it; while it lasts, the case says that there is no limit
  (劳动争议调解仲裁法第二十七条第四款 frees wages alone); claims beside them keep the year of the first paragraph
  (`more_than_wages`).
- **Claims that no limitation bars** (`limitation.*`). Every civil dispute had a limitation. Now what is claimed
  counts (`claim_kinds`): stopping an infringement, return of real estate or registered goods, support of family
  (民法典第一百九十六条), deposits, bonds and contributions of capital (诉讼时效规定第一条) are not barred. Divorce,
  parentage and adoption are no claims that could be (our reading of 民法典第一百八十八条). Where nobody has said the
  kind, money and goods are taken for barred, because an early date harms nobody; among neighbours, in a family and
  over support they are not, because there most claims are free, and a mother must not be told that her support is
  out of time.
- **A remedy that was not told** (`*.told_late`, `*_not_told`). The pack knew only the longest time of one year. Now
  sixty days (行政复议法第二十条第三款), six months, thirty or fifteen days (行诉法解释第六十四条) run from the day on
  which the remedy and its time became known (`remedy_told_on`, also set by our own notice of 导入), within the year;
  whichever of them ends takes the year with it. The same for a reconsideration decision that does not tell the time to
  sue (`decision_limit_not_told`), and for decisions on the ownership of land and forest. The longest times of five and
  twenty years end what they cut off (行诉法解释第六十五条). Where reconsideration comes first, nobody is told of a
  direct suit because nobody told of the remedy.
- **What another procedure has.** `pending_in` now closes in every table what the law closes: both mediations of
  a medical dispute that a court has taken (医疗纠纷预防和处理条例第三十一条第四款, 第四十条第二款),
  reconsideration beside a suit and a suit beside reconsideration (行政复议法第二十九条); the case is followed
  where it is, also when the visit brings it to light. Nobody is helped to file a suit that a court has accepted;
  when the suit is over, no court has it any more. What `pending_in` says goes before `pending_elsewhere`, which
  does not say where.
- **The six months after a refused divorce** bind the plaintiff of that suit and the same claim alone
  (民事诉讼法第一百二十七条第七项): the other spouse (`refused_as_plaintiff: false`) and claims to support or
  property (`claim_kinds`) go to court. Where nobody has said who sued, the party is taken for the plaintiff,
  and nobody whom the law bars is helped to sue.
- **Accusations** go to discipline only where somebody in office is accused (`concerns_official`); those against
  an employer or a neighbour go to the organ that has power over them (信访工作条例第三十条第一款:
  或者有权处理的机关).
- **Before a taking is decided** (`expropriation_stage: announced`) there is no act to attack: objections, a
  hearing and registration for compensation at the government that plans it
  (土地管理法第四十七条第三款、第四款).
- **Land never got, and the department has decided**: its decision is an act of an organ, open to
  reconsideration and suit (our reading; 农村土地承包纠纷解释第一条第二款 sends the party to the department and
  is silent on what follows). An organ that does nothing: reconsideration first
  (行政复议法第二十三条第一款第三项), beside the organ itself.
- **A land contract that an organ infringes, the right already held**: whether reconsideration must come first
  is contested (行政复议法第二十三条第一款第二项). Both clocks are shown, the sixty days are the safe path, no
  court is called closed.
- **Kinds of dispute.** The kinds of the official statistics that had no value went back unregistered. Contract,
  business, damages, pollution and construction go the way of civil disputes; ethnic and religious matters and `other`
  are registered and examined, and may be mediated or sued on; the placement of veterans is for the organ in charge
  (信访工作条例第二十二条第一款, 第三十一条第六项). That `other` is a civil dispute is our assumption.
- **Confirmation of what an organ mediated** (`mediated_by`): whether 民事诉讼法第二百零五条 (依法设立的调解组织)
  reaches agreements before the police or the health department is contested. It is offered, the parties are told that
  the court may refuse, and that the agreement binds as a contract and may be sued on. What settles a real or
  intellectual property right is not confirmed, whatever the kind of dispute (`real_right_confirmation`;
  民诉法解释第三百五十五条).
- **A period that is over is not offered.** Whoever came after the sixty days of an optional reconsideration is led to
  the suit that is still open; where reconsideration must come first, to the organ, which looks at the cause
  (行政复议法第二十条第二款).
- **Violence and harm to minors.** No text forbids mediation for good, and 反家庭暴力法第十条 expects it of mediation
  bodies; the same law puts stopping the violence and special protection first (arts 5 and 15). So mediation waits until
  somebody says that the victim is safe, and then needs the consent it always needs; court, police and protection order
  wait for nothing. Reporting is a duty only where the texts make it one (a victim without full capacity, a minor who is
  harmed or in danger: 反家庭暴力法第十四条, 未成年人保护法第十一条); a victim of full capacity decides (art. 5).
- **An agreement that is not performed** (`enforcement.apply_after_due`, `limitation.agreement`). Two years to ask for
  enforcement ran for every agreement. Only what can be enforced has them (`enforceable`); an agreement that no court
  has confirmed is sued on, within three years of the day of performance (人民调解法第三十二条, 民法典第一百八十八条).
- **Acts that came to nothing** (`revivals`). A request that met a right ended it for good. A reconsideration that was
  not mandatory and is withdrawn or refused leaves the suit in its original period (行诉法解释第五十八条 says so of the
  withdrawal; that a refusal takes the choice of 行政诉讼法第四十四条 no more than that is our reading). A suit or
  arbitration that is withdrawn or refused lets the limitation start again at its end (民法典第一百九十五条第三项; that
  a withdrawn suit interrupts is contested, and the note says to claim again soon); labour arbitration from the day of
  the application (劳动争议调解仲裁法第二十七条第二款). The twenty years only go on.
- **Safe days** (`safe`). A right whose roll over holidays is an analogy (review and re-review of a petition,
  re-appraisal, correction of an award, answers in arbitration), one that begins at the end of a time to wait whose roll
  is open
  (`reconsideration.apply_inaction`, `administrative.sue_inaction`), and a suit that may need reconsideration first
  (takings, contracted land) show the earlier day with the reason. Before, only the later one was shown.
- **The hearing of a re-review** (`petition.recheck`). 听证所需时间不计算在内 (信访工作条例第三十六条第二款) is read as
  the time from the call of the hearing to its end; the days before the call and after the hearing count. The model
  lets the thirty days stand still by itself.
- **Silence and objections of organs that got a petition** (`petition.object_transfer`, `petition.tell_transferred`).
  The end of the five working days counted as acceptance and started nothing; now the sixty days run from it, and an
  organ that had no objection is not pressed for none. An objection stopped the organ's fifteen days for good; now they
  run on until it is upheld (信访工作条例第二十三条第三款: the papers go back only after the sender agrees). Checking,
  passing on again and deciding who is competent (arts 23 and 24) have no time in the text: theirs are policy.
- **The arbitration law of 2017** (`commercial.*`). Acceptance, correction and the set-aside of before 2026-03-01
  have their version; nothing was computed for them.
- **No roll where the text has none and an early day is the safe one** (`village.*`, `compensation.*`, `penalty.*`,
  `coercion.*`). 村民委员会组织法, 国家赔偿法, 行政处罚法 and 行政强制法 have no roll over holidays. What a party asks
  of an organ, and what an organ owes a party, ends on the day counted; a suit ends by 行政诉讼法第一百零一条.
- **State compensation** (`compensation.*`). The right to sue runs from the day of the decision, not of its service
  (国家赔偿法第十四条第二款). The two years stand still in custody on any day, and for force majeure
  and other obstacles in their last six months alone; then what is left goes on (第三十九条第二款: 继续计算), and not
  six months more as 民法典第一百九十四条 gives.
- **Annulment of a decision of the village or of owners** (`village.annul`, `property.annul`). 民法典第二百六十五条 and
  第二百八十条 and 村民委员会组织法第四十一条 name no period. The year of 民法典第一百五十二条 is shown as the safe one,
  and its end takes nothing away. For a collective the year is law (农村集体经济组织法第五十七条第二款).
- **A hearing on a penalty** (`penalty.hearing_request`). Five working days (行政处罚法第六十四条, of 2021). The police
  procedure of 2020 still says three days (第一百三十三条): that is the safe day.
- **Hours of which only the day is known** (`medical.autopsy`). The forty-eight hours then run from the first hour of
  the day of death: too early rather than too late.
- **Registering for compensation, objecting to a plan** (`expropriation.register`, `expropriation.ask_hearing`,
  `expropriation.house_plan`). The notice sets the time, for at least thirty days; thirty are shown.
- **Silence on a request for information** (`reconsideration.apply_information_silence`). It is a duty not performed:
  reconsideration comes first (行政复议法第二十三条第一款第三项), for sixty days from the end of the time to answer.
  Only an answer that is no refusal may be sued on directly.
- **Silence of an organ** (`administrative.inaction_wait`, `administrative.sue_inaction`). Two months, then six to sue
  directly: since 2024 the court files no such suit before reconsideration (行政复议法第二十三条第一款第三项), and a
  party that waited for it would lose the sixty days. Both end with 2023. What runs now are the sixty days of waiting,
  or the time a law sets, or none where the organ refuses or protection is urgent; then sixty days for reconsideration.
- **Accidents** (`traffic.mediation_request_after_review`). Only a review that upholds the finding opens ten days more.
- **Days of their own**. A milestone that papers report has a date fact of its own (`accident_finding_served_on`), and
  what a message reports has its day in `event_on`: the day of one paper no longer moves the clock of another.
- **The hotline of 潍坊** (`hotline.answer`). It runs for a case that came from the hotline, from the day received.
- **Excluded time of an injury claim** (`injury.worker_application`). The year of the worker ran through everything.
  Time lost by no fault of the worker or the family is not counted (工伤行政案件规定第七条): force majeure, lost
  liberty, the employer, defective registration, arbitration or suit over whether there is employment.
- **Labour inspection and injury recognition** (`channels`, `lead_out`, `support_paths`). Neither was a path. Complaint
  and recognition now stand beside arbitration, which they neither replace nor hold up; once the matter was arbitrated
  or sued, labour inspection is closed (劳动保障监察条例第二十一条第二款).
- **Small claims** (`trial.appeal_judgment`, `trial.appeal_ruling`). They showed ten or fifteen days to appeal; there is
  one instance (民事诉讼法第一百六十五条第一款, 民诉法解释第二百七十六条、第二百七十七条). Who holds that the
  procedure does not fit says so before the hearing (第二百七十九条).
- **A breach that goes on** (`labour.inspection_report`). The two years ran from the day it happened. While it goes on,
  as unpaid wages may, nothing runs (`breach_continues`); they run from its end (劳动保障监察条例第二十条第二款).
- **Six months without enforcement** (`enforcement.finish`). Public notice, appraisal, disputes over jurisdiction or
  between courts, stay and suspension are not counted (民诉法执行程序解释第十三条). A settlement in the enforcement
  interrupts the two years to ask for it (第二十条).
- **Evidence** (`trial.evidence*`). What the court has set counts, to its last day (`evidence_until`). Where nobody has
  said it, the least time of the ordinary procedure, or the most of the others, is shown until somebody does.
- **A payment order that cannot be served** (`payment_order.serve`). The thirty days ended on a holiday; like every
  period of the civil procedure they now go on to the first day after it (民事诉讼法第八十五条第三款).
- **Preservation and the time to enforce** (`preservation.enforce*`). Five days, or three months in labour matters, keep
  the preservation; who lets them pass loses that, and still has the two years.
"""

_TITLES = {
    Kind.DEADLINE: "Deadlines 期限",
    Kind.TABLE: "Tables 裁量表",
    Kind.GUARD: "Guards 硬性约束",
    Kind.LADDER: "Ladders 催办梯级",
    Kind.GRADING: "Grading 三色预警",
    Kind.ASSIGNMENT: "Assignment 包保、归口与调解组织",
    Kind.PATTERN: "Occurrence patterns 发生规律",
    Kind.ROUTINE: "Routines 例行工作",
    Kind.FIGURE: "Figures 考核指标",
    Kind.CHECKLIST: "Checklists 清单",
    Kind.DOCUMENT: "Documents 文书",
    Kind.GRADE: "Grades of cases 密级",
}
_ROWS = """\
## Verified rows that are no rule 没有单独规则的条目

Rows of the legal research (*ref*) whose text was read and that no rule above names: what carries them, or why nothing
has to run. Every other verified row is a rule above that is active and started (`jiefen rules starts`).

| ref | what carries it, or why nothing runs |
| --- | --- |"""

_INACTIVE = """
## What does not run, and why 未启用的规则

Nobody relies on a text that only an excerpt bears out: such a rule stands in the files with its reason, and runs in no
area until somebody has read the text and says so.

| rule | 名称 | ref | confidence | 未启用原因 | why it is not active |
| --- | --- | --- | --- | --- | --- |"""
_UNVERIFIED = """
Rows of the legal research whose text nobody found are in no rule at all:

| ref | what was looked for | what stands instead |
| --- | --- | --- |"""


def page(rulebook: Rulebook) -> str:
    """The whole page, as Markdown."""
    rules = [
        one for one in rulebook.rules() if one.layer == NATION and not one.place.file.endswith("/flow.yaml")
    ]
    parts = [_HEAD]
    for kind, title in _TITLES.items():
        found = sorted((rule for rule in rules if rule.kind is kind), key=lambda rule: rule.id)
        parts.append(f"\n## {title}\n\n{_header(kind)}")
        parts += [line for rule in found for line in _lines(rule)]
    parts.append(f"\n{_ROWS}")
    parts += [f"| {row} | carried by {carrier.replace(' ', ' `', 1)}` |" for row, carrier in CARRIED.items()]
    parts += [f"| {row} | {why} |" for row, why in NO_RULE.items()]
    parts.append(_INACTIVE)
    parts += [line for rule in sorted(rulebook.rules(), key=lambda rule: rule.id) for line in _why_not(rule)]
    parts.append(_UNVERIFIED)
    parts += [f"| {row} | {sought} | {instead} |" for row, (sought, instead) in UNVERIFIED.items()]
    return "\n".join(parts) + "\n"


def _why_not(rule: Rule) -> Iterator[str]:
    if rule.inactive_because is not None:
        why = rule.inactive_because
        yield f"| `{rule.id}` | {rule.title.zh} | {rule.ref or ''} | {rule.confidence.value} | {why.zh} | {why.en} |"
    if isinstance(rule, Table):
        for row in rule.rows:
            if row.inactive_because is not None:
                why = row.inactive_because
                yield f"| `{rule.id}/{row.id}` | | {row.ref or ''} | {row.confidence.value} | {why.zh} | {why.en} |"


def _header(kind: Kind) -> str:
    columns = ["rule", "名称", "ref", "law and article", "figure", "in force", "confidence"]
    if kind is Kind.DEADLINE:
        columns.insert(2, "length")
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"


def _lines(rule: Rule) -> Iterator[str]:
    if isinstance(rule, DeadlineRule):
        for version in rule.versions:
            more = "".join(f" + {extension.length or '…'}" for extension in version.extensions)
            span = f"{version.since} – {version.until or ''}"
            yield _line(rule, rule.id, [f"{version.length}{more}"], version.because, span)
        return
    yield _line(rule, rule.id, [], rule.because, f"{rule.since} – {rule.until or ''}")
    if isinstance(rule, Table):
        for row in rule.rows:
            yield _row(rule, row)


def _line(rule: Rule, name: str, extra: list[str], because: tuple[Citation, ...], span: str) -> str:
    standing = rule.confidence.value if rule.active else f"{rule.confidence.value}, not active"
    cells = [f"`{name}`", rule.title.zh, *extra, rule.ref or "", *_basis(because), span.strip(), standing]
    return f"| {' | '.join(cells)} |"


def _row(table: Table, row: Row) -> str:
    span = f"{row.since} – {row.until or ''}".strip()
    standing = row.confidence.value if row.active else f"{row.confidence.value}, not active"
    title = row.title.zh if row.title is not None else ""
    cells = [f"`{table.id}/{row.id}`", title, row.ref or "", *_basis(row.because), span, standing]
    return f"| {' | '.join(cells)} |"


def _basis(because: tuple[Citation, ...]) -> tuple[str, str]:
    laws = "<br>".join(citation.text("zh") for citation in because)
    figures = "、".join(dict.fromkeys(figure for citation in because for figure in citation.figures))
    return laws, figures


if __name__ == "__main__":
    PAGE.write_text(page(load_rulebook(ROOT / "rules")), encoding="utf-8")
