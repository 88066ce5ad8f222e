"""The verified rows of the research on statutory procedures, and what carries those that are no rule of their own."""

from __future__ import annotations

_NUMBERS = {
    "XF": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 27",
    "TJ": "01 02 03 04 05 06 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 27 28",
    "LD": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17",
    "TD": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16",
    "ZC": "01 02 03 04 05 06 07 08 09 10",
    "QS": "01 02 03 04",
    "SP": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 16 17 18 19 20 21 22 23 24 25 26 27",
    "EX": "01 02 03 04 05",
    "XZ": "01 02 03 04 05 06 07 08 09 10 11",
    "PSB": "01 02 03",
    "CS": "01 02",
    "DV": "01",
    "FY": "01 02 03 04 05",
    "SJ": "01 03",
    "TZ": "01 03",
}
#: Every row whose text was read: petitions, mediation, arbitration, courts, enforcement and reconsideration, support.
VERIFIED = tuple(f"{kind}-{number}" for kind, numbers in _NUMBERS.items() for number in numbers.split())

#: What carries a row that has no rule of its own: an element of a model, a row of a table, a call, a deadline, or what
#: lets a deadline stand still.
CARRIED = {
    "XF-12": "row visit_rules/choose_representatives",
    "XF-14": "element petition_transfer.superior",
    "XF-16": "element petition.hand_accusation",
    "XF-17": "call recuse",
    "XF-18": "element petition_handling.petition_hearing",
    "TJ-05": "element mediation.tell_paths",
    "TJ-06": "element mediation.sign_agreement",
    "TJ-13": "element resolution.tell_suit",
    "TJ-15": "deadline payment_order.accept",
    "ZC-09": "table arbitration_body",
    "ZC-10": "suspension enforcement.finish enforcement_stayed",
    "SP-17": "suspension trial.first_instance appraisal",
    "SP-27": "suspension administrative.first_instance court_mediation",
    "XZ-08": "suspension reconsideration.decide other_case",
    "SJ-03": "element support.help_hardship",
}
#: Why a row is nothing that runs.
NO_RULE = {
    "XF-19": (
        "信访工作条例 art. 33: "
        "the organ may mediate while it handles the matter; no period of it changes, and no way is closed"
    ),
    "XF-27": (
        "行诉法解释 art. 1: "
        "no row opens the administrative court against the handling of a petition, so there is nothing to close"
    ),
    "TJ-02": (
        "人民调解法 art. 18: "
        "court or police may advise people's mediation before they accept: advice, and no gate of ours"
    ),
    "TJ-12": (
        "民诉法解释 art. 358: "
        "the grounds on which the court refuses to confirm are the court's; its refusal is a message"
    ),
    "LD-12": (
        "劳动争议调解仲裁法 art. 7: "
        "workers may choose representatives; no number of them is refused, and no period hangs on it"
    ),
    "LD-13": ("劳动争议调解仲裁法 art. 53: no fee is charged, so nothing is due"),
    "TD-08": (
        "农村土地承包经营纠纷调解仲裁法 art. 30: "
        "where the hearing is held is for the commission and both parties"
    ),
    "TD-12": (
        "农村土地承包经营纠纷调解仲裁法 art. 42: "
        "asked of the tribunal within its procedure; the article has no period"
    ),
    "TD-13": ("农村土地承包经营纠纷调解仲裁法 art. 52: no fee is charged, so nothing is due"),
    "ZC-04": (
        "仲裁法 arts 36 and 53: "
        "the periods are those of the institution's rules, which differ: data of a layer"
    ),
    "ZC-08": ("仲裁法 art. 11: online or not changes no period"),
    "EX-04": ("民事诉讼法 art. 264: double interest is a sum, not a period"),
    "XZ-07": (
        "行政复议法 art. 12: "
        "no row opens reconsideration against an agreement that an organ mediated, so there is nothing to close"
    ),
}

#: Rows whose text nobody found: they are in no rule at all. What was looked for, and what stands instead.
UNVERIFIED = {
    "XF-24": (
        "simple handling 信访事项简易办理 (trial rules of 2016: accept in three working days, answer in ten)",
        "every petition has the days of 信访工作条例 arts 23 and 34; a place may shorten its own duties in its layer",
    ),
    "XF-25": (
        "first-time petitions 初次信访 (rules of the National Administration)",
        "whether a petition is the first one is registered (`repeat_petition`): colour and joint mediation, no clock",
    ),
    "XF-26": ("信访条例 of 2005", "replaced by 信访工作条例 on 2022-05-01; no clock runs by it"),
    "TJ-26": (
        "a township deciding a civil dispute (民间纠纷处理办法 of 1990: fifteen days to sue, two months to finish)",
        "a township mediates; who does not agree sues or arbitrates",
    ),
    "QS-07": (
        "investigation of land disputes (土地权属争议调查处理办法: acceptance, six months for an opinion)",
        "the government decides (土地管理法 art. 14); only the thirty days to sue run",
    ),
    "SJ-02": (
        "days of judicial rescue (意见 of 2014: ten working days to decide, two to pay)",
        "the path is open (信访工作条例 art. 37), without a clock",
    ),
    "PER-15": (
        "short days of labour arbitration as working days (劳动人事争议仲裁办案规则 of 2017)",
        "the five and ten days of 劳动争议调解仲裁法 are calendar days that roll over holidays by analogy",
    ),
    "HL-01": (
        "a national limit of the hotline 12345 (国办发〔2020〕53号)",
        "none; a place sets its own in its layer",
    ),
    "HL-02": ("days of the hotline in Guangdong", "no layer of that province comes along"),
}
