"""Looking the citations of a rulebook up in the texts of the laws.

A text is a file ``<title>-<year>.md``; an article begins a line with its number: ``第三十四条 …``. A line
that begins with an item number, ``（一）``, belongs to the paragraph (款) before it; any other line is a
paragraph of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from jiefen.findings import Finding, Severity
from jiefen.notation.files import UnusableFile, read_plain
from jiefen.periods.figures import ArticleNumber, article_number, number, says
from jiefen.rules.build.rulebook import Rulebook
from jiefen.rules.model.deadlines import DeadlineRule
from jiefen.rules.model.rule import Citation, Confidence, Rule
from jiefen.rules.model.tables import Table

#: The longest law in force, the Civil Code, is a tenth of this.
MAX_LAW_BYTES: Final = 4_000_000

_NUMERAL = "[〇零一二三四五六七八九十百千]+"
_HEAD = re.compile(rf"(?:\*\*)?第({_NUMERAL})条(?:之({_NUMERAL}))?(?:\*\*)?[\s　]*(.*)")
_ITEM = re.compile(rf"[（(]({_NUMERAL})[）)]")
_HEADING = re.compile(r"#|第[〇零一二三四五六七八九十百千]+[编章节]")
_SPACE = re.compile(r"[\s　*]+")
_DIGIT = "[〇零一二两三四五六七八九十百千万半0-9０-９]"


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    items: dict[int, str]


class LawText:
    """One law: its articles, their paragraphs and items. A file may hold several texts; numbers then repeat."""

    def __init__(self, text: str) -> None:
        self.articles: dict[tuple[int, int], list[list[_Paragraph]]] = {}
        self.names: dict[tuple[int, int], str] = {}
        current: list[_Paragraph] | None = None
        for line in text.splitlines():
            bare = line.strip()
            head = _HEAD.match(bare)
            if head is not None:
                current = []
                key = number(head[1]), number(head[2]) if head[2] else 0
                self.articles.setdefault(key, []).append(current)
                self.names[key] = f"第{head[1]}条" + (f"之{head[2]}" if head[2] else "")
                bare = head[3]
            elif _HEADING.match(bare):
                current = None
            if current is not None and bare:
                self._line(current, bare)

    @staticmethod
    def _line(article: list[_Paragraph], line: str) -> None:
        item = _ITEM.match(line)
        if item is not None and article:
            article[-1].items[number(item[1])] = line
        else:
            article.append(_Paragraph(line, {}))

    def parts(self, place: ArticleNumber) -> Iterator[str]:
        """The text of each part of the law that ``place`` names, spaces removed; none if there is no such part."""
        for article in self.articles.get((place.article, place.after), ()):
            paragraphs = article
            if place.paragraph is not None:
                paragraphs = article[place.paragraph - 1 : place.paragraph]
            if place.item is not None:
                texts = [part.items[place.item] for part in paragraphs if place.item in part.items]
            else:
                texts = [line for part in paragraphs for line in (part.text, *part.items.values())]
            if texts:
                yield _SPACE.sub("", "\n".join(texts))


def check_against_laws(rulebook: Rulebook, laws_dir: Path) -> list[Finding]:
    """Every citation whose article is not in its law text, or whose figure the article does not say.

    A deadline that was read in the law (V) must quote its length from an article.
    A law without a text in ``laws_dir`` is a warning: its citations were not checked.
    """
    texts: dict[str, LawText | None] = {}
    findings: list[Finding] = []
    seen: set[Citation] = set()
    for element, citation in _citations(rulebook):
        if citation.law is None or citation in seen:
            continue
        seen.add(citation)
        name = f"{citation.law}-{citation.version}"
        if name not in texts:
            path = laws_dir / f"{name}.md"
            texts[name] = _law_text(path, findings) if path.exists() else None
            if not path.exists():
                findings.append(_unknown_law(citation, name, element, laws_dir))
        law = texts[name]
        if law is not None:
            findings.extend(_check(citation, law, name, element))
    for rule in rulebook.rules():
        if isinstance(rule, DeadlineRule) and rule.confidence is Confidence.READ:
            findings.extend(_unquoted(rule))
    return findings


def _unquoted(rule: DeadlineRule) -> Iterator[Finding]:
    for version in rule.versions:
        quoted = [one.figures for one in version.because if one.law is not None and one.article is not None]
        if quoted and not says(tuple(figure for figures in quoted for figure in figures), version.length):
            yield version.place.finding(
                "figure-not-quoted",
                f"{rule.id!r} was read in the law (V), but no figure of its articles says {version.length}",
                "quote it as figure: 六十日 with its article; if the article names no length, make it policy",
                element=rule.id,
            )


def _law_text(path: Path, findings: list[Finding]) -> LawText | None:
    try:
        return LawText(read_plain(path, MAX_LAW_BYTES).decode("utf-8-sig"))
    except (UnusableFile, UnicodeDecodeError) as error:
        message = error.message if isinstance(error, UnusableFile) else "the file is not UTF-8"
        hint = "give the text of the law as UTF-8"
        findings.append(Finding(file=str(path), code="law-text-unreadable", message=message, hint=hint))
        return None


def _citations(rulebook: Rulebook) -> Iterator[tuple[str, Citation]]:
    """Every citation with the rule, or row, that rests on it."""
    for rule in rulebook.rules():
        for element, citations in _because(rule):
            for citation in citations:
                yield element, citation


def _because(rule: Rule) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    # What is most exact comes first: a citation that a rule shares with its rows is told at the row.
    if isinstance(rule, Table):
        for row in rule.rows:
            yield f"{rule.id}/{row.id}", row.because
    elif isinstance(rule, DeadlineRule):
        for version in rule.versions:
            yield rule.id, version.because
    yield rule.id, rule.because


def _unknown_law(citation: Citation, name: str, element: str, laws_dir: Path) -> Finding:
    near = get_close_matches(name, [path.stem for path in laws_dir.glob("*.md")], n=1)
    return citation.place.finding(
        "law-text-missing",
        f"there is no text of {name} in {laws_dir}, so its citations were not checked",
        f"add {name}.md" + (f", or did you mean {near[0]!r}?" if near else ""),
        element=element,
        severity=Severity.WARNING,
    )


def _check(citation: Citation, law: LawText, name: str, element: str) -> Iterator[Finding]:
    if citation.article is None:
        return
    place = article_number(citation.article)
    parts = list(law.parts(place))
    if not parts:
        yield citation.place.finding(
            "article-missing",
            f"{name} has no {citation.article}",
            "look the article up; another version of the law may number it otherwise",
            element=element,
        )
        return
    for figure in citation.figures:
        wanted = _SPACE.sub("", figure)
        if not re.search(_DIGIT, wanted):
            yield citation.place.finding(
                "figure-without-number",
                f"the figure {figure!r} of {name} {citation.article} holds no number",
                "copy the number with its unit, or leave figure out",
                element=element,
            )
        elif not any(_stands_in(part, wanted) for part in parts):
            where = list(_articles_saying(law, wanted))
            hint = (
                f"it stands in {', '.join(where[:5])}"
                if where
                else "copy the number exactly as the article writes it"
            )
            yield citation.place.finding(
                "figure-missing",
                f"{name} {citation.article} does not say {figure!r}; it says: {parts[0][:60]}…",
                hint,
                element=element,
            )


def _articles_saying(law: LawText, figure: str) -> Iterator[str]:
    for key, name in law.names.items():
        if any(_stands_in(part, figure) for part in law.parts(ArticleNumber(*key))):
            yield name


def _stands_in(text: str, figure: str) -> bool:
    """Whether ``text`` says ``figure`` as a number of its own: neither 十五日 nor 第五日 says 五日."""
    whole = rf"(?<!{_DIGIT})(?<!第){re.escape(figure)}(?:(?<!{_DIGIT})|(?!{_DIGIT}))"
    return re.search(whole, text) is not None
