"""From the data of one rule file to rules: what all kinds have in common.

Nothing here raises on bad input: what is wrong is reported, and the rule is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jiefen.errors import PeriodError
from jiefen.findings import Finding
from jiefen.notation.labels import Label, suggestion
from jiefen.notation.shapes import Path
from jiefen.notation.yaml import Document
from jiefen.periods import Period
from jiefen.record.recording import CANCELLED
from jiefen.rules.model.deadlines import Effect, Ground, Message, Milestone, Role, Sender
from jiefen.rules.model.rule import NATION, Citation, Confidence, Kind, Place
from jiefen.rules.model.unary import ConditionError, Test, parse_test
from jiefen.rules.model.vocabulary import Fact, FactType, Topic, Vocabulary

Data = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Words:
    """The six vocabularies: everything a rule or a model may name besides rules.

    A rulebook that declares no message, or no topic, leaves their names to its models.
    """

    facts: Vocabulary
    milestones: Mapping[str, Milestone]
    roles: Mapping[str, Role]
    grounds: Mapping[str, Ground]
    messages: Mapping[str, Message]
    topics: Mapping[str, Topic]
    #: Declared, but wrongly: reported once where they are declared, and not again where they are named.
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reference:
    """A rule that another rule names; looked up when every file has been read."""

    kind: Kind
    id: str
    layer: str
    by: str
    place: Place


@dataclass
class Builder:
    """Reads the rules of one file of one layer."""

    document: Document
    layer: str
    words: Words
    defaults: Data
    findings: list[Finding] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    element: str | None = None

    def place(self, path: Path) -> Place:
        """Where ``path`` stands."""
        return Place(self.document.file, *self.document.position(path))

    def report(self, path: Path, code: str, message: str, hint: str) -> None:
        """Note what is wrong at ``path``."""
        self.findings.append(self.document.finding(path, code, message, hint, element=self.element))

    def label(self, data: Data | None) -> Label | None:
        """A label of two languages."""
        return Label.of(data) if data else None

    def common(self, kind: Kind, id: str, data: Data, path: Path) -> dict[str, Any] | None:
        """The fields of :class:`~jiefen.rules.rule.Rule`; ``None`` when one is missing or wrong."""
        stands = {
            **{key: value for key, value in self.defaults.items() if key not in ("law", "version")},
            **data,
        }
        good = self.needs(stands, ("from", "owner", "confidence"), path)
        because = self.citations(data.get("because"), (*path, "because"))
        if not because and kind is Kind.TABLE:
            because = self._of_rows(data, path)
        if not because:
            self.report(
                path,
                "missing-key",
                "nothing says what this rests on",
                "add because: {law: …, version: …, article: …}",
            )
        if not good or not because or not self.ordered(stands, path):
            return None
        fields = {
            "id": id,
            "kind": kind,
            "layer": self.layer,
            "title": self.label(data["title"]),
            "ref": data.get("ref"),
            "because": because,
            "since": stands["from"],
            "until": stands.get("to"),
            "successor": data.get("successor"),
            "owner": stands["owner"],
            "note": data.get("note"),
            "override": data.get("override", False),
            "locked": data.get("locked", False) or kind in (Kind.GUARD, Kind.FIGURE, Kind.GRADE),
            "place": self.place(path),
        }
        return fields | self.standing(stands, because, path)

    def _of_rows(self, data: Data, path: Path) -> tuple[Citation, ...]:
        """What a table rests on that leaves it to its rows, when each of them says it."""
        rows = data["rows"]
        if not all("because" in row for row in rows):
            return ()
        cited = [
            self.citations(row["because"], (*path, "rows", at, "because")) for at, row in enumerate(rows)
        ]
        return tuple(citation for citations in cited for citation in citations)

    def standing(self, data: Data, because: tuple[Citation, ...], path: Path) -> dict[str, Any]:
        """Confidence and activity, with what may not go together reported."""
        confidence = Confidence(data["confidence"])
        active = data.get("active", True)
        reason = self.label(data.get("inactive_because"))
        if active and confidence in (Confidence.EXCERPT, Confidence.UNVERIFIED):
            self.report(
                (*path, "confidence"),
                "unverified-active",
                f"a rule of confidence {confidence.value} is active",
                "write active: false and inactive_because, or read the article and make it V",
            )
        if active and confidence is Confidence.LOCAL and self.layer == NATION:
            self.report(
                (*path, "confidence"),
                "local-in-nation",
                "a local rule (L) is active for the whole nation",
                "move it into the folder of its own area, or write active: false and inactive_because",
            )
        if active == (reason is not None):
            self.report(
                (*path, "active"),
                "inactive-reason",
                "an inactive rule does not say why"
                if not active
                else "an active rule says why it is inactive",
                "write inactive_because: {zh: …, en: …} exactly when active is false",
            )
        lawful = any(citation.law and citation.version and citation.article for citation in because)
        if confidence is Confidence.READ and not lawful:
            self.report(
                (*path, "because"),
                "no-article",
                "a rule that was read in the law (V) names no article",
                "give law, version and article, or make it policy",
            )
        if confidence is Confidence.POLICY and not any(citation.policy for citation in because):
            self.report(
                (*path, "because"),
                "no-policy",
                "a policy names nobody who set it",
                "add policy: {zh: …, en: …}",
            )
        return {"confidence": confidence, "active": active, "inactive_because": reason}

    def citations(self, data: Any, path: Path) -> tuple[Citation, ...]:
        """What a rule rests on; law and version may come from the defaults of the file."""
        if data is None:
            return ()
        items = data if isinstance(data, list) else [data]
        return tuple(
            self._citation(item, (*path, at) if isinstance(data, list) else path)
            for at, item in enumerate(items)
        )

    def _citation(self, data: Data, path: Path) -> Citation:
        figures = data.get("figure", [])
        by_default = self.defaults if "article" in data else {}
        law, version = data.get("law", by_default.get("law")), data.get("version", by_default.get("version"))
        if (law is None) != (version is None) or (law is None and "policy" not in data):
            self.report(
                path,
                "no-article",
                "this citation names neither a law of a year nor a policy",
                "write law, version and article, or policy: {zh: …, en: …}",
            )
        return Citation(
            law=law,
            version=version,
            article=data.get("article"),
            figures=tuple(figures if isinstance(figures, list) else [figures]),
            policy=self.label(data.get("policy")),
            place=self.place(path),
        )

    def needs(self, data: Data, keys: tuple[str, ...], path: Path) -> bool:
        """Whether all ``keys`` are there; those that are not are reported."""
        lacking = [key for key in keys if data.get(key) is None]
        for key in lacking:
            self.report(
                path, "missing-key", f"{key!r} is missing", "write it here or in the defaults of the file"
            )
        return not lacking

    def ordered(self, data: Data, path: Path) -> bool:
        """Whether ``from`` does not lie after ``to``."""
        since, until = data["from"], data.get("to")
        if until is None or since <= until:
            return True
        self.report(
            (*path, "to"),
            "ends-before-start",
            f"it ends on {until}, before it starts on {since}",
            "swap them",
        )
        return False

    def conditions(
        self, data: Data | None, path: Path, facts: Mapping[str, Fact] | None = None
    ) -> dict[str, Test] | None:
        """Conditions per fact; ``None`` when one of them cannot be read."""
        known = self.words.facts.facts if facts is None else facts
        tests: dict[str, Test] = {}
        good = True
        for name, raw in (data or {}).items():
            fact = self.known(name, known, "fact", (*path, name))
            if fact is None:
                good = False
                continue
            try:
                tests[name] = parse_test(raw, fact)
            except ConditionError as wrong:
                self.report((*path, name), "bad-condition", f"{name}: {wrong}", wrong.hint)
                good = False
        return tests if good else None

    def known(self, name: str, names: Mapping[str, T], what: str, path: Path) -> T | None:
        """What ``name`` stands for in a vocabulary; an unknown name is reported."""
        if name in names:
            return names[name]
        if name not in self.words.broken:
            self.report(path, f"unknown-{what}", f"{what} {name!r} is not declared", suggestion(name, names))
        return None

    def named(
        self, data: Data, key: str, names: Mapping[str, object], what: str, path: Path
    ) -> tuple[str, ...]:
        """The names under ``key``, one or a list; unknown ones are reported."""
        value = data.get(key)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        for at, name in enumerate(items):
            self.known(name, names, what, (*path, key, at) if isinstance(value, list) else (*path, key))
        return tuple(items)

    def date_fact(self, data: Data, here: Path) -> None:
        """What carries the day of a milestone must be a date."""
        name = data.get("date")
        fact = self.known(name, self.words.facts.facts, "fact", here) if name is not None else None
        if fact is not None and fact.type is not FactType.DATE:
            self.report(here, "not-a-date", f"fact {name!r} is not a date", "name a fact of type date")

    def matters(self, data: Data, path: Path) -> tuple[str, ...]:
        """The kinds of matter in which one asks for what starts a deadline."""
        kinds = self.words.facts.facts.get("dispute_type")
        return self.named(data, "matters", kinds.values if kinds is not None else {}, "dispute type", path)

    def holder_fact(self, data: Data, here: Path) -> None:
        """Whoever a case may name as holder must be an office, so that a ladder can be proved for each of them."""
        name = data.get("holder_fact")
        fact = self.known(name, self.words.facts.facts, "fact", here) if name is not None else None
        if fact is None:
            return
        strangers = sorted(set(fact.values) - set(self.words.roles))
        if fact.type is not FactType.CHOICE or strangers or data.get("holder") is None:
            what = f"{strangers[0]!r} is none" if strangers else "each value of a choice, and holder: besides"
            self.report(
                here,
                "holder-fact",
                f"fact {name!r} does not name the role that holds a deadline: {what}",
                "name a choice whose values are roles, and write holder: for cases that do not say it",
            )

    def grounds(self, data: Data, key: str, effect: Effect, path: Path) -> tuple[str, ...]:
        """Grounds of one effect under ``key``."""
        names = self.named(data, key, self.words.grounds, "ground", path)
        for at, name in enumerate(names):
            ground = self.words.grounds.get(name)
            if ground is not None and ground.effect is not effect:
                places = {
                    Effect.SUSPEND: "move it to suspensions",
                    Effect.INTERRUPT: "move it to interruptions",
                }
                self.report(
                    (*path, key, at),
                    "wrong-ground",
                    f"ground {name!r} does not {effect} a deadline; its effect is {ground.effect}",
                    places.get(ground.effect, "remove it; no rule names a ground that urges"),
                )
        return names

    def refer(self, kind: Kind, id: str | None, path: Path) -> str | None:
        """Note that another rule is named; it is looked up later."""
        if id is not None:
            self.references.append(Reference(kind, id, self.layer, self.element or "", self.place(path)))
        return id

    def period(self, data: Data, key: str, path: Path) -> Period | None:
        """The length under ``key``."""
        text = data.get(key)
        if text is None:
            return None
        try:
            return Period.parse(text)
        except PeriodError as error:
            self.report((*path, key), "bad-period", str(error), "write 60 d, 5 wd, 24 h, 3 mo or 2 y")
            return None

    def unique(self, items: list[Data], path: Path, what: str) -> None:
        """Report ids that stand twice in a list."""
        seen: dict[str, int] = {}
        for at, item in enumerate(items):
            first = seen.setdefault(item["id"], at)
            if first != at:
                line = self.place((*path, first)).line
                self.report(
                    (*path, at, "id"),
                    "duplicate-id",
                    f"{what} {item['id']!r} stands already in line {line}",
                    "rename one",
                )


def message_of(document: Document, name: str, data: Data, findings: list[Finding]) -> Message:
    """A message from its well-formed entry."""
    carries, date = tuple(data.get("carries", ())), data.get("date")
    path = "messages", name, "date"
    if date is not None and date not in carries:
        message = f"message {name!r} does not carry {date!r}, so that cannot say its day"
        hint = suggestion(date, carries) if carries else f"add carries: [{date}]"
        findings.append(document.finding(path, "date-not-carried", message, hint, element=name))
    elif date is not None and "reaches" not in data:
        message = f"message {name!r} has a day, but reaches no milestone on it"
        hint = "add reaches: and the milestone, or remove date"
        findings.append(document.finding(path, "date-of-nothing", message, hint, element=name))
    will = data.get("will", False)
    if will and Sender.PARTY.value not in data["from"]:
        message = f"message {name!r} declares what a party wants, and does not come from one"
        path, hint = ("messages", name, "will"), "add party to from, or remove will"
        findings.append(document.finding(path, "will-of-nobody", message, hint, element=name))
    return Message(
        id=name,
        title=Label.of(data["title"]),
        senders=tuple(map(Sender, data["from"])),
        carries=carries,
        reaches=data.get("reaches"),
        date=date,
        will=will,
    )


def topic_of(document: Document, name: str, data: Data, findings: list[Finding]) -> Topic:
    """A topic from its well-formed entry."""
    if name.endswith(CANCELLED):
        message = f"{name!r} is what the engine calls the cancellation of another topic"
        findings.append(document.finding(("topics", name), "reserved-name", message, "choose another name"))
    if ("sources" in data) != ("upon" in data):
        message = f"topic {name!r} has one of sources and upon, which belong together"
        hint = "say who is told and what, or remove it: then models send it"
        findings.append(document.finding(("topics", name), "told-nothing", message, hint))
    return Topic(
        id=name,
        title=Label.of(data["title"]),
        carries=frozenset(data.get("carries", ())),
        answers=frozenset(data.get("answers", ())),
        errors=frozenset(data.get("errors", ())),
        sources=frozenset(data.get("sources", ())),
        upon=frozenset(data.get("upon", ())),
        term=Period.parse(data["term"]) if "term" in data else None,
        personal=data.get("personal", False),
    )


def unanswerable(fact: Fact) -> Iterator[tuple[str, str, str]]:
    """Why a fact cannot be in an answer: code, message and hint."""
    if not {"message", "form"} & {*fact.set_by}:
        message = f"the fact {fact.id!r} is not for an answer to set"
        yield "not-for-answers", message, "add message to its set_by, or remove it here"
