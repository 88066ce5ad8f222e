"""What whoever makes a document hands over, and the kind that it is to be; or an error that says how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from jiefen.case.arguments import check_key
from jiefen.edition.edition import Edition
from jiefen.errors import Conflict, FactError, UnknownValue
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import shown, text_problem, written
from jiefen.record.counter.documents import Document, Missing
from jiefen.rules import DocumentRule

#: What is said for a document has at most so many characters.
_LONGEST: Final = 20_000


def said_of(content: object) -> dict[str, str]:
    """Texts by name, as the caller gives them.

    Raises:
        FactError: they are no texts, or one says nothing.
    """
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise FactError(f"content={shown(content)} is no mapping; give texts by name, or leave it out")
    for name, text in content.items():
        check_key(name, "name of what is said")
        problem = text_problem(text, _LONGEST)
        if problem is not None or not str(text).strip():
            raise FactError(
                f"content {name!r} cannot be used: {problem or 'it says nothing'}",
                zh=f"“{name}”的内容不能用",
            )
    return {str(name): str(text).strip() for name, text in content.items()}


def office_called(office: str | None) -> str | None:
    """How an office is called, where the caller says it."""
    return written(office, "office", 100).strip() if office is not None else None


def rule_called(edition: Edition, area: str | None, kind: object, today: date) -> DocumentRule:
    """The kind of document of that id, in force on a day.

    Raises:
        UnknownValue: there is none; the message names the nearest.
    """
    name = check_key(kind, "kind of document")
    known = edition.view(area).documents
    rule = known.get(name)
    if rule is None or not rule.in_force(today):
        raise UnknownValue(
            f"the rules have no document {name!r} for this case; {suggestion(name, known)}",
            zh=f"规则没有 {name} 这种文书",
        )
    return rule


def rule_of(edition: Edition, area: str | None, made: Document) -> DocumentRule:
    """The kind of a document that was made, as the rules have it now.

    Raises:
        Conflict: they have it no more.
    """
    rule = edition.view(area).documents.get(made.kind)
    if rule is None:
        raise Conflict(
            f"the rules in use have no document {made.kind!r} any more; make another one",
            zh=f"现行规则没有 {made.kind} 这种文书",
        )
    return rule


def lacking(rule: DocumentRule, missing: tuple[Missing, ...], edition: Edition) -> FactError:
    """The error that names what a document lacks, with the articles that ask for it."""
    en = "; ".join(f"{one.title.en} ({{{one.blank}}}{f', {one.law}' if one.law else ''})" for one in missing)
    zh = ";".join(f"{one.title.zh}{f'({one.law})' if one.law else ''}" for one in missing)
    known = edition.rulebook.vocabulary.facts
    fact = next((one.blank for one in missing if one.blank in known), None)
    return FactError(
        f"{rule.id} ({rule.title.en}) cannot be made: it lacks {en}; say it (content=), correct the case, or let the "
        "process go on first",
        zh=f"《{rule.title.zh}》还不能制作,缺:{zh}",
        fact=fact,
    )
