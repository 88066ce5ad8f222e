"""The list of the national pack in the docs, written from the rules: ``python -m tests.conformance.pack_list``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jiefen.rules import Rulebook, load_rulebook
from jiefen.rules.deadlines import DeadlineRule
from jiefen.rules.rule import NATION, Citation, Kind, Rule
from jiefen.rules.tables import Row, Table

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

- **Roll over holidays.** Civil procedure (art. 85), administrative litigation (art. 101), reconsideration (art. 88) and
  police procedure (art. 35) say it. The petition regulations, the labour and land arbitration laws, the arbitration law
  and the legal aid law do not: the roll of art. 85 is applied by analogy. Periods counted backwards from a hearing
  do not roll.
- **Promptly (及时)** is 24 hours for urgent reports, and one working day for entering a petition in the system.
- **No consequence in the text.** A transferred petition not objected to in five working days counts as accepted; a
  review or re-examination not asked for in thirty days is lost.
- **Set-aside of an award.** The law of 2025 has no transition rule: the text of the day the award was received counts.
- **Legal aid first.** “不足七日” is less than seven days, so the rung stands at six.
"""

_TITLES = {
    Kind.DEADLINE: "Deadlines 期限",
    Kind.TABLE: "Tables 裁量表",
    Kind.GUARD: "Guards 硬性约束",
    Kind.LADDER: "Ladders 催办梯级",
    Kind.GRADING: "Grading 三色预警",
    Kind.ASSIGNMENT: "Assignment 包保、归口与调解组织",
    Kind.PATTERN: "Occurrence patterns 发生规律",
    Kind.DUTY: "Recurring duties 定期工作",
}


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
    return "\n".join(parts) + "\n"


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
