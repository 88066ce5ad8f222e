"""``python -m tests.fuzz.one TARGET SECONDS CORPUS``: search one target, also after it has found something."""

from __future__ import annotations

import importlib
import random
import sys
import traceback
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import atheris

FOUND: Final = Path(__file__).parent / "found"
#: An input may take so many seconds, and a process so many megabytes.
_SLOWEST, _MEMORY = 20, 1_500
#: Every so many changes is one of bytes alone.
_BYTES: Final = 4


def _main(name: str, seconds: str, corpus: Path) -> None:
    with atheris.instrument_imports(include=["jiefen", "jiefen_adapters"], enable_loader_override=False):
        targets: Any = importlib.import_module("tests.fuzz.targets")
    target = targets.TARGETS[name]
    for seed in target.seeds():
        (corpus / f"seed-{sha256(seed).hexdigest()[:12]}").write_bytes(seed)
    kept = _Found(name)

    def feed(content: bytes) -> None:
        try:
            target.feed(content)
        except Exception as error:
            kept.add(content, error)

    def mutated(content: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)
        changed = target.mutate(content, dice, _bytes) if target.mutate and dice.randrange(_BYTES) else None
        if changed is None or len(changed) > most:
            return bytes(atheris.Mutate(content, most))
        return bytes(changed)

    options = [
        f"-max_total_time={seconds}", f"-max_len={target.largest}", f"-timeout={_SLOWEST}", f"-rss_limit_mb={_MEMORY}",
        f"-artifact_prefix={kept.folder}/", "-print_final_stats=1", "-verbosity=1", str(corpus),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], feed, custom_mutator=mutated)
    atheris.Fuzz()


def _bytes(content: bytes) -> bytes:
    return bytes(atheris.Mutate(content or b"x", len(content) + 20))


class _Found:
    """The findings of a target: of those that come out of one place, the shortest."""

    def __init__(self, name: str) -> None:
        self.folder = FOUND / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self._shortest: dict[tuple[object, ...], Path] = {}

    def add(self, content: bytes, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = (type(error).__name__, *((frame.filename, frame.lineno) for frame in frames[-2:]))
        before = self._shortest.get(place)
        if before is not None and before.stat().st_size <= len(content):
            return
        if before is None:
            print(f"FOUND {type(error).__name__}: {str(error)[:200]}", flush=True)
            traceback.print_tb(error.__traceback__, limit=-6)
        else:
            before.unlink()
        file = self.folder / sha256(content).hexdigest()[:12]
        file.write_bytes(content)
        self._shortest[place] = file


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
