"""What stands around a case and is told below its story: its parties, masked, and the cases it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from jiefen.cli.frame.output import pick, say
from jiefen.notation.labels import Language
from jiefen.record.desk.links import Link
from jiefen.record.desk.parties import Party, masked
from jiefen.story.desk import link_label, part_label


def say_around(case: int, parties: Sequence[Party], links: Sequence[Link], language: Language) -> None:
    """Print the parties of a case and its links."""
    if parties:
        say(pick(("当事人", "Parties"), language))
    for party in map(masked, parties):
        told = [str(party.seq), part_label(party.part).text(language), party.name, party.phone or ""]
        if party.ended is not None:
            told.append(pick(("至 {day}", "until {day}"), language).format(day=party.ended))
        say("  " + "  ".join(filter(None, told)))
    if links:
        say(pick(("关联案件", "Linked cases"), language))
    for link in links:
        here = link.case == case
        say(f"  {link_label(link.kind, link.other if here else link.case, here=here).text(language)}")
