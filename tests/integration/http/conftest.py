"""The interface on a real server, and those who call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from jiefen import Engine, FixedClock
from jiefen_web.api import Callers, Serving, create

PLACE, ELSEWHERE = "140429102", "140429103"
#: With which the grid platform signs.
GRID_SECRET = "not so secret, but long enough for it"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

#: Who calls in the tests: what the file of callers says of them, and their keys.
CALLERS: dict[str, str] = {
    "0412": 'posts: [{role: township_coordinator, area: "140429102"}]',
    "0618": 'posts: [{role: village_mediator, area: "140429102201"}, {role: village_head, area: "140429102201"}]',
    "0700": 'posts: [{role: petition_officer, area: "140429103"}]',
    "nobody": "posts: []",
    "platform": "program: true\n    speaks_for_people: true\n    only: [cases, tasks]",
    "court": "program: true\n    only: [messages]",
    "grid": "program: true\n    speaks_for_people: true\n    signs: {env: GRID_SECRET}\n    only: [cases, messages]",
    "register": "program: true\n    only: [intake]",
    "tireless": 'posts: [{role: township_coordinator, area: "140429102"}]\n    per_minute: 1000000',
    "hasty": "posts: []\n    per_minute: 2",
}


def key_of(caller: str) -> str:
    number = list(CALLERS).index(caller)
    return f"jf_{number:08x}_{'secret' * 6}"


def write_callers(
    path: Path, *, without: str | None = None, until: str | None = None, oidc: str = ""
) -> None:
    """Write the file of callers, without one of them, with a last day of all keys, or with a provider of tokens."""
    lines = ["callers:"]
    for number, (name, said) in enumerate(CALLERS.items()):
        if name != without:
            hash = _QUICK.hash(key_of(name))
            last = f", until: {until}" if until else ""
            lines += [
                f'  - id: "{name}"',
                f"    {said}",
                f'    keys: [{{id: "{number:08x}", hash: "{hash}"{last}}}]',
            ]
    path.write_text("\n".join(lines) + "\n" + oidc, encoding="utf-8")


@dataclass(frozen=True)
class Server:
    """A server, the engine behind it, and clients of those who call."""

    engine: Engine
    url: str
    file: Path

    def by(self, caller: str | None, **headers: str) -> httpx.Client:
        given = {"Jiefen-Key": key_of(caller)} if caller is not None else {}
        return httpx.Client(base_url=self.url, headers=given | headers, timeout=30)


@pytest.fixture
def serve(
    opener: Callable[..., Engine], clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Server]]:
    """Starts servers on the bundled edition; ends them after the test."""
    monkeypatch.setenv("GRID_SECRET", GRID_SECRET)
    running: list[Serving] = []

    def start(**options: Any) -> Server:
        engine = opener(processes=None, rules=None)
        file = tmp_path / "callers.yaml"
        write_callers(file)
        serving = Serving(create(engine, callers=Callers(file), clock=clock, **options), "127.0.0.1:0")
        serving.__enter__()
        running.append(serving)
        return Server(engine, serving.url, file)

    yield start
    for serving in running:
        serving.__exit__(None, None, None)


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    return serve()
