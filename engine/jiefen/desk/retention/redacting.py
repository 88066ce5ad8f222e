"""Words taken out of what is kept of a case: one fact or text, or all that names a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.engine import Connection

from jiefen.commands.acting import keep
from jiefen.errors import Conflict
from jiefen.record.desk.terms import TEXTS
from jiefen.record.kinds import CaseStatus, Happening
from jiefen.record.recording import Recording
from jiefen.record.rows import DeadlineRow
from jiefen.rules import Fact, FactType, Vocabulary
from jiefen.store.desk import parties
from jiefen.store.sealing import erasing, redacting


def in_words(fact: Fact | None) -> bool:
    """Whether people write a fact in words of their own."""
    if fact is None:
        return True
    listed = fact.type is FactType.LIST and fact.of is FactType.TEXT
    return listed or (fact.type is FactType.TEXT and fact.pattern is None)


def redact(
    connection: Connection,
    recording: Recording,
    words: Collection[str],
    reason: str,
    vocabulary: Vocabulary,
    deadlines: Sequence[DeadlineRow],
) -> int:
    """Take words out of a locked case; how many places had them. Where there is none nothing is noted."""
    erasing.overwrite(connection)
    row = recording.row
    gone = redacting.Redaction(connection, row, words)
    facts = {
        name: gone.without(value) if in_words(vocabulary.facts.get(name)) else value
        for name, value in row.facts.items()
    }
    changed = {name: value for name, value in facts.items() if value != row.facts[name]}
    messages = gone.without(row.kept_messages)
    entries, digest, told = gone.journal(row.entries + 1)
    places = len(changed) + told + gone.rows() + (1 if messages != row.kept_messages else 0)
    renewed = gone.deadlines(deadlines)
    places += len(renewed)
    if not places:
        return 0
    recording.changes.case.update(facts=facts, state=row.state, kept_messages=messages)
    recording.changes.hidden = vocabulary.hidden | (facts.keys() - vocabulary.facts.keys())
    recording.changes.facts = {**{name: facts.get(name) for name in TEXTS}, **changed}
    # All that an entry covers: what those before have covered cannot be compared any more.
    after = {one.seq: one for one in renewed}
    recording.changes.deadlines = [after.get(one.seq, one) for one in deadlines]
    recording.note(Happening.REDACTED, None, reason=reason, replaced=len(entries), digest=digest)
    keep(connection, recording)
    redacting.replace_entries(connection, row.id, entries, row.entries + 1)
    return places


def refuse_needed(connection: Connection, case: int, status: str, words: Collection[str]) -> None:
    """Keep what an open case needs: how its parties are called, and where they are reached.

    Raises:
        Conflict: the words are in what is known of a party.
    """
    if status != CaseStatus.OPEN:
        return
    for row in parties.of_cases(connection, [case]):
        said = (row.name, row.phone, row.contact, row.address, row.service_address, row.id_number)
        if any(word in text for word in words for text in said if text):
            raise Conflict(
                f"case {case} is open and needs how party {row.seq} is called and reached; change the party, or take "
                "it out once the case is over",
                zh=f"本案尚在办理中,{row.seq} 号当事人的姓名、联系方式仍须使用;请更改当事人,或者结案后再删除",
            )
