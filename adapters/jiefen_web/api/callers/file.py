"""The file of callers: who may call over HTTP, with the hashes of their keys.

::

    callers:
      - id: county-platform          # a program: program:county-platform in the journal
        program: true
        speaks_for_people: true      # it names who acts in Jiefen-Actor; the directory says their posts
        keys:
          - {id: 1f0c9a2b, hash: "$argon2id$…", until: 2027-12-31}
        only: [cases, tasks]
        per_minute: 1200
      - id: "0412"                   # a person; posts: those of the directory, unless they stand here
        posts: [{role: township_coordinator, area: "140429102"}]
        keys: [{id: 77ab01cd, hash: "$argon2id$…"}]
      - id: grid                     # a system that signs what it asks; the secret is in the environment
        program: true
        signs: {env: GRID_SECRET}
        only: [intake]
    oidc:                            # people whom an OpenID provider knows
      issuer: https://sso.example
      audience: jiefen
      jwks: https://sso.example/jwks
      person: staff_no
      claim: groups
      posts:
        centre-102: {role: township_coordinator, area: "140429102"}

It is read again when it has changed: who is taken out calls no more. A file that has become unusable changes nothing
but the log, so that nobody is locked out by a slip of the pen.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from jiefen import Actor, DefinitionError, FactError, Finding, HeldPost, YamlDocument, load_yaml
from jiefen_web.api.callers.caller import Caller, Key
from jiefen_web.api.callers.tokens import Provider
from jiefen_web.api.words import PARTS

_LOG: Final = logging.getLogger("jiefen.http")
#: Calls in a minute of whoever has no number of their own.
PER_MINUTE: Final = 600
_MOST_PER_MINUTE: Final = 1_000_000
_FIELDS: Final = frozenset(
    {"id", "program", "speaks_for_people", "posts", "keys", "signs", "only", "per_minute"}
)
_OIDC: Final = frozenset({"issuer", "audience", "jwks", "person", "claim", "posts", "only", "per_minute"})
_SHORTEST_SECRET: Final = 32
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
_Path = tuple[str | int, ...]


class Callers:
    """Those who may call, from a file that is looked at again when it changes. Safe to use from several threads.

    Raises:
        DefinitionError: the file cannot be used; with every finding.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._stamp = self._stamped()
        self._read, self._version = _read(path), 0

    @property
    def current(self) -> tuple[int, Mapping[str, tuple[Caller, Key]]]:
        """Who has which key, by the public half of the key; and a number that moves when the file has changed."""
        version, read = self._looked()
        return version, read.keys

    @property
    def signing(self) -> Mapping[str, tuple[Caller, str]]:
        """Who signs, by their ids, with their secrets."""
        return self._looked()[1].signing

    @property
    def provider(self) -> Provider | None:
        """Whose tokens are taken."""
        return self._looked()[1].provider

    def _looked(self) -> tuple[int, _Read]:
        stamp = self._stamped()
        with self._lock:
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._read, self._version = _read(self._path), self._version + 1
                except DefinitionError as error:
                    _LOG.error(
                        "the file of callers cannot be used, and the callers stay as they were: %s",
                        "; ".join(f"line {one.line}: {one.message}" for one in error.findings),
                    )
            return self._version, self._read

    def _stamped(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file says."""

    keys: Mapping[str, tuple[Caller, Key]]
    signing: Mapping[str, tuple[Caller, str]]
    provider: Provider | None


def _read(path: Path) -> _Read:
    reading = _Reading(load_yaml(path))
    if reading.findings:
        raise DefinitionError(f"the callers in {path} cannot be used", reading.findings)
    keys = {key.id: (caller, key) for caller in reading.callers for key in caller.keys}
    signing = {caller.id: (caller, caller.secret) for caller in reading.callers if caller.secret is not None}
    return _Read(keys, signing, reading.provider)


class _Reading:
    """A file of callers while it is read."""

    def __init__(self, document: YamlDocument) -> None:
        self._document = document
        self.findings: list[Finding] = []
        self.callers: list[Caller] = []
        self._keys: set[str] = set()
        self.provider: Provider | None = None
        data = document.data
        if (
            not isinstance(data, dict)
            or not {"callers"} <= set(data) <= {"callers", "oidc"}
            or not isinstance(data["callers"], list)
        ):
            self._wrong(
                (), "a file of callers has a list and perhaps oidc", "write 'callers:' and a list below it"
            )
            return
        if "oidc" in data:
            self._oidc(("oidc",), data["oidc"])
        for number, entry in enumerate(data["callers"]):
            self._entry(("callers", number), entry)

    def _wrong(self, path: _Path, message: str, hint: str) -> None:
        self.findings.append(self._document.finding(path, "callers-file", message, hint))

    def _entry(self, path: _Path, entry: object) -> None:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            self._wrong(path, "a caller has an id", "write for example 'id: county-platform'")
            return
        before = len(self.findings)
        for name in sorted(map(str, set(entry) - _FIELDS)):
            self._wrong(
                (*path, name), f"a caller has no field {name}", f"there are {', '.join(sorted(_FIELDS))}"
            )
        for name in ("program", "speaks_for_people"):
            if not isinstance(entry.get(name, False), bool):
                self._wrong((*path, name), f"{name} is neither true nor false", "write true, or leave it out")
        program = entry.get("program") is True
        try:
            Actor.program(entry["id"]) if program else Actor(entry["id"])
        except FactError as error:
            self._wrong((*path, "id"), str(error), "give a staff number, or a short name of a program")
        if entry.get("speaks_for_people") and not program:
            self._wrong((*path, "speaks_for_people"), "a person speaks for nobody else", "say program: true")
        if program and "posts" in entry:
            self._wrong((*path, "posts"), "a program holds no posts", "leave posts or program out")
        if program and "only" not in entry:
            self._wrong(
                path, "a program says what it may use", f"write only: with some of {', '.join(PARTS)}"
            )
        per_minute = entry.get("per_minute", PER_MINUTE)
        if not isinstance(per_minute, int) or not 1 <= per_minute <= _MOST_PER_MINUTE:
            self._wrong((*path, "per_minute"), "per_minute is no number of calls", "write a number from 1")
        keys, posts = self._keys_of(path, entry.get("keys")), self._posts(path, entry.get("posts"))
        only, secret = self._only(path, entry.get("only")), self._secret((*path, "signs"), entry.get("signs"))
        if len(self.findings) == before:
            self.callers.append(
                Caller(
                    id=entry["id"],
                    program=program,
                    speaks_for_people=entry.get("speaks_for_people", False),
                    posts=posts,
                    keys=keys,
                    secret=secret,
                    only=only,
                    per_minute=per_minute,
                )
            )

    def _secret(self, path: _Path, given: object) -> str | None:
        if given is None:
            return None
        variable = given.get("env") if isinstance(given, dict) and set(given) == {"env"} else None
        if not isinstance(variable, str):
            self._wrong(path, "a secret stays in the environment", "write {env: VARIABLE}")
            return None
        secret = os.environ.get(variable, "")
        if len(secret) < _SHORTEST_SECRET:
            hint = f"set {variable} to {_SHORTEST_SECRET} characters or more"
            self._wrong(path, f"{variable} is not in the environment, or too short", hint)
        return secret

    def _oidc(self, path: _Path, given: object) -> None:
        before = len(self.findings)
        if not isinstance(given, dict) or not set(given) <= _OIDC:
            self._wrong(path, "oidc has a field that nobody knows", f"there are {', '.join(sorted(_OIDC))}")
            return
        for name in ("issuer", "audience", "jwks", "person"):
            if not isinstance(given.get(name), str):
                self._wrong(path, f"oidc says no {name}", f"write {name}: with a text")
        jwks = str(given.get("jwks", ""))
        if not jwks.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            self._wrong((*path, "jwks"), "the keys are not fetched over TLS", "write https://…")
        claim, meant = given.get("claim"), given.get("posts")
        if (claim is None) != (meant is None) or not isinstance(meant or {}, dict):
            self._wrong(
                path, "claim and posts go together", "write claim: groups, and posts: {value: {role, area}}"
            )
            return
        posts = {}
        for value, one in (meant or {}).items():
            found = self._posts((*path, "posts"), [one])
            if found:
                posts[str(value)] = found[0]
        only, per_minute = self._only(path, given.get("only")), given.get("per_minute", PER_MINUTE)
        if not isinstance(per_minute, int) or not 1 <= per_minute <= _MOST_PER_MINUTE:
            self._wrong((*path, "per_minute"), "per_minute is no number of calls", "write a number from 1")
        if len(self.findings) == before:
            texts = {name: given[name] for name in ("issuer", "audience", "jwks", "person")}
            self.provider = Provider(**texts, claim=claim, posts=posts, only=only, per_minute=per_minute)

    def _keys_of(self, path: _Path, given: object) -> tuple[Key, ...]:
        keys = []
        for number, one in enumerate(self._list((*path, "keys"), given or [], "keys")):
            at = (*path, "keys", number)
            known = isinstance(one, dict) and set(one) <= {"id", "hash", "until"}
            id, hash, until = (
                (one.get("id"), one.get("hash"), one.get("until")) if known else (None, None, None)
            )
            if not isinstance(id, str) or not _KEY_ID.fullmatch(id) or not isinstance(hash, str):
                self._wrong(
                    at, "a key has an id and a hash", "take the line that `jiefen callers key` prints"
                )
            elif not hash.startswith("$argon2id$"):
                self._wrong(
                    at, "the hash is none of argon2id", "take the line that `jiefen callers key` prints"
                )
            elif until is not None and type(until) is not date:
                self._wrong(at, "until is no day", "write for example 2027-12-31")
            elif id in self._keys:
                self._wrong(at, f"there are two keys {id}", "make a key of its own for each caller")
            else:
                self._keys.add(id)
                keys.append(Key(id, hash, until))
        return tuple(keys)

    def _posts(self, path: _Path, given: object) -> tuple[HeldPost, ...] | None:
        if given is None:
            return None
        posts = []
        for number, one in enumerate(self._list((*path, "posts"), given, "posts")):
            at = (*path, "posts", number)
            if not isinstance(one, dict) or not set(one) <= {"role", "area", "since", "until"}:
                self._wrong(at, "a post has role, area, since and until", "write {role: …, area: …}")
                continue
            try:
                posts.append(
                    HeldPost(one.get("role", 0), one.get("area"), one.get("since"), one.get("until"))
                )
            except FactError as error:
                self._wrong(at, str(error), 'write for example {role: petition_officer, area: "140429102"}')
        return tuple(posts)

    def _only(self, path: _Path, given: object) -> frozenset[str] | None:
        if given is None:
            return None
        parts = self._list((*path, "only"), given, "only")
        for number, part in enumerate(parts):
            if part not in PARTS:
                self._wrong(
                    (*path, "only", number),
                    f"the interface has no part {part}",
                    f"there are {', '.join(PARTS)}",
                )
        return frozenset(map(str, parts))

    def _list(self, path: _Path, given: object, name: str) -> Sequence[Any]:
        if isinstance(given, list):
            return given
        self._wrong(path, f"{name} is no list", "write a list")
        return ()
