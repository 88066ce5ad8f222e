"""What should be asked before a right is lost: as a table, as JSON, and in a few lines below the story of a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jiefen.cli.frame.options import Language
from jiefen.cli.frame.output import Words, pick, say, show_table

if TYPE_CHECKING:
    from jiefen.record.questions import Question

_EFFECT: dict[str, Words] = {
    "starts": ("起算权利期限", "starts a right"),
    "moves": ("变更权利期限", "moves a right"),
    "ends": ("终结权利期限", "ends a right"),
    "route": ("改变去向", "changes the route"),
}
_ABOUT: dict[str, Words] = {"fact": ("要素", "fact"), "message": ("消息", "message")}


def show_questions(found: Sequence[Question], language: Language) -> None:
    """Every question in a table."""
    if not found:
        say(pick(("没有待查明的问题", "nothing is left to be asked"), language))
        return
    headings = [
        ("问题", "question"), ("名称", "name"), ("种类", "kind"), ("最早失权日", "at risk on"), ("作用", "effect"),
        ("依据", "because"), ("待办", "tasks"),
    ]  # fmt: skip
    show_table(language, headings, [_row(one, language) for one in found])


def question_data(question: Question) -> dict[str, Any]:
    """A question for JSON."""
    return {
        "about": question.about,
        "name": question.name,
        "title": question.title,
        "choices": dict(question.choices),
        "at_risk_on": question.at_risk_on,
        "tasks": question.tasks,
        "reasons": [
            {
                "effect": reason.effect,
                "rule": reason.rule,
                "title": reason.title,
                "because": reason.because,
                "at_risk_on": reason.at_risk_on,
            }
            for reason in question.reasons
        ],
    }


def say_questions(found: Sequence[Question], language: Language, most: int = 10) -> None:
    """The most urgent questions below the story of a case; those of the route alone are left to ``questions``."""
    found = [question for question in found if question.at_risk_on is not None]
    if not found:
        return
    say(pick(("待查明", "Still to be asked"), language))
    for question in found[:most]:
        first = question.reasons[0]
        day = question.at_risk_on.isoformat() if question.at_risk_on else "—"
        effect = pick(_EFFECT[first.effect], language)
        others = len(question.reasons) - 1
        more = (
            pick(("等{n}项", " and {n} more"), language).format(n=others + (language == "zh"))
            if others
            else ""
        )
        title, name = question.title.text(language), question.name
        words: Words = (
            "{day}  {title}?({name}){effect}:{rule}{more}  {because}",
            "{day}  {title}? ({name}) {effect}: {rule}{more}  {because}",
        )
        say(
            pick(words, language).format(
                day=day,
                title=title,
                name=name,
                effect=effect,
                rule=first.title.text(language),
                more=more,
                because=first.because.text(language),
            )
        )
    if len(found) > most:
        words = ("还有 {n} 个:jiefen questions", "{n} more: jiefen questions")
        say(pick(words, language).format(n=len(found) - most))


def _row(question: Question, language: Language) -> tuple[object, ...]:
    effects = dict.fromkeys(pick(_EFFECT[reason.effect], language) for reason in question.reasons)
    because = dict.fromkeys(
        f"{reason.title.text(language)} {reason.because.text(language)}" for reason in question.reasons
    )
    return (
        question.title.text(language),
        question.name,
        pick(_ABOUT[question.about], language),
        question.at_risk_on,
        tuple(effects),
        tuple(list(because)[:3]),
        question.tasks,
    )
