"""What is fed, and with what it begins. Anything but an error of Jiefen that comes out is a finding."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from jiefen import JiefenError
from jiefen.bundled import bundled
from jiefen.clock import CHINA
from jiefen.edition.edition import digest_of_kept, unpack_edition
from jiefen.findings import errors_in
from jiefen.notation.expressions import compile_assignments, compile_expression
from jiefen.notation.yaml import load_text
from jiefen.process import Instance, Processes, Source, check
from jiefen.rules import check_rulebook, load_rulebook
from jiefen_adapters.ledgers import LEDGERS, AreaDirectory
from tests.fuzz import mutation
from tests.fuzz.mutation import Mutate
from tests.unit.process.drawing import Desk

SMALL: Final = Path(__file__).parents[1] / "small"
#: So many acts on a case that runs on a model or out of a state.
_ACTS: Final = 12
_TODAY: Final = date(2026, 3, 2)
_FACTS: Final[Mapping[str, object]] = {
    "amount": 50_000,
    "dispute_type": "labour",
    "agreed": None,
    "accepted_on": date(2026, 2, 1),
    "wards": ("a", "b"),
    "x": 1,
}


@dataclass(frozen=True)
class Target:
    """One way in.

    Attributes:
        feed: takes the input; raises what it raises.
        seeds: what the search begins with.
        mutate: changes an input so that it stays of its kind; bytes are changed besides.
        largest: no input is longer, in bytes.
    """

    feed: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    mutate: Mutate | None = None
    largest: int = 20_000


# --- notation


def _expression(content: bytes) -> None:
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
    now: dict[str, Callable[..., object]] = {
        "today": lambda: _TODAY,
        "deadline": lambda _: datetime(2026, 4, 1, tzinfo=CHINA),
    }
    with suppress(JiefenError):
        compile_expression(text).evaluate(_FACTS, now)
    with suppress(JiefenError):
        for line in compile_assignments(text):
            line.expression.evaluate({}, now)


def _expression_seeds() -> Iterator[bytes]:
    for file in (*bundled("processes").glob("*.bpmn"), *bundled("rules").rglob("*.yaml")):
        for line in file.read_text(encoding="utf-8").splitlines():
            _, found, rest = line.partition("when: ")
            if not found:
                _, found, rest = line.partition("${")
                rest = "${" + rest.partition("<")[0]
            if found and len(rest) < 200:
                yield rest.encode()
    yield b'date("2026-05-01") - 15 >= today() and len(wards) > 1 or min(x, 2, amount) == 0.1'
    yield b'x = amount * 1.5; agreed = x in [1, 2, "a"]\n# remark\nwards = null'


def _yaml(content: bytes) -> None:
    with suppress(JiefenError):
        load_text(content.decode("utf-8", "replace"), "fuzzed.yaml")


def _yaml_seeds() -> Iterator[bytes]:
    for file in sorted(bundled("rules").rglob("*.yaml")):
        yield file.read_bytes()[:3_000]
    yield b'a: &x {b: [1, 0.5, 2026-03-01, ~]}\nc: *x\nd: {<<: *x, e: "\\u4e2d"}\nf: |\n  text\n'


# --- rules

_RULE_FILES: Final = sorted(path.relative_to(SMALL / "rules") for path in (SMALL / "rules").rglob("*.yaml"))


@cache
def _rules() -> Path:
    """The small rulebook, in a folder of its own; the memory of the machine holds it where there is such a folder."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="jiefen-fuzz-", dir=memory if memory.is_dir() else None)) / "rules"
    shutil.copytree(SMALL / "rules", folder)
    return folder


def _rulebook(content: bytes) -> None:
    """The first byte says which file it takes the place of."""
    if not content:
        return
    file = _rules() / _RULE_FILES[content[0] % len(_RULE_FILES)]
    whole = file.read_bytes()
    file.write_bytes(content[1:])
    try:
        findings = check_rulebook(_rules())  # never raises on bad input
        try:
            load_rulebook(_rules())
        except JiefenError:
            assert errors_in(findings), "it is refused, and the check has nothing to say"
    finally:
        file.write_bytes(whole)


def _rulebook_seeds() -> Iterator[bytes]:
    for number, file in enumerate(_RULE_FILES):
        yield bytes([number]) + (SMALL / "rules" / file).read_bytes()


# --- models


def _drive(instance: Instance) -> None:
    """Do what can be done, for a while."""
    for turn in range(_ACTS):
        instance.run()
        waits = instance.waits
        if not waits:
            return
        wait = waits[turn % len(waits)]
        with suppress(JiefenError):
            if wait.kind in ("task", "external"):
                instance.complete(wait.key, {"agreed": turn % 2 == 0})
            elif wait.kind == "timer":
                instance.fire(wait.key)
            elif wait.message is not None:
                instance.message(wait.message)
        Instance.restore(_processes_of[0], instance.dump(), Desk(_FACTS))


#: The processes that are driven now.
_processes_of: list[Processes] = []


def _model(content: bytes) -> None:
    source = Source("fuzzed.bpmn", content)
    check([source])  # never raises on bad input
    with suppress(JiefenError):
        processes = Processes.load([source])
        _processes_of[:] = [processes]
        for name in processes.ids:
            with suppress(JiefenError):
                _drive(Instance.start(processes, name, Desk(_FACTS)))


def _models() -> list[Path]:
    """Small ones; none calls another one that is not here."""
    drawn = sorted(bundled("processes").glob("*.bpmn"), key=lambda file: file.stat().st_size)
    alone = [file for file in drawn if "calledElement" not in file.read_text(encoding="utf-8")]
    return [*sorted((SMALL / "processes").glob("*.bpmn")), *alone[:6]]


def _model_seeds() -> Iterator[bytes]:
    for file in _models():
        yield mutation.without_pictures(file.read_bytes())


# --- what a database keeps


@cache
def _small() -> Processes:
    return Processes.load([Source(file.name, file.read_bytes()) for file in _models()])


def _state(content: bytes) -> None:
    """The inside of a state; its checksum is always right."""
    saved = b"JF\x01" + zlib.crc32(content).to_bytes(4, "big") + content
    _processes_of[:] = [_small()]
    with suppress(JiefenError):
        instance = Instance.restore(_small(), saved, Desk(_FACTS))
        assert Instance.restore(_small(), instance.dump(), Desk(_FACTS)).dump() == instance.dump()
        _drive(instance)


def _state_seeds() -> Iterator[bytes]:
    for name in _small().ids:
        with suppress(JiefenError):
            instance = Instance.start(_small(), name, Desk(_FACTS))
            for _ in range(_ACTS):
                instance.run()
                yield instance.dump()[7:]
                waits = [wait for wait in instance.waits if wait.kind in ("task", "external")]
                if not waits:
                    break
                instance.complete(waits[0].key, {})
    yield msgspec.msgpack.encode(
        ["3.2.0", "p", 9, False, [[0, [[1, "t", "w", 0, None, {"a": msgspec.msgpack.Ext(3, b"0.1")}, {}]]]]]
    )


def _edition(content: bytes) -> None:
    """As it is, and compressed; it is kept under its own digest, as if whoever wrote it had worked it out."""
    for kept in (content, zlib.compress(content, 1)):
        with suppress(JiefenError):
            digest = digest_of_kept(kept)
            unpack_edition(kept, digest)


def _edition_seeds() -> Iterator[bytes]:
    files = {
        f"{folder}/{path.relative_to(SMALL / folder).as_posix()}": path.read_text(encoding="utf-8")
        for folder in ("processes", "rules")
        for path in sorted((SMALL / folder).rglob("*"))
        if path.is_file()
    }
    whole = json.dumps(files, ensure_ascii=False).encode()
    yield whole
    yield zlib.compress(whole, 9)
    yield json.dumps({"rules/../../x": "a", "processes/b.bpmn": {"base64": "AAAA"}}).encode()


# --- ledgers


@cache
def _areas() -> AreaDirectory:
    return AreaDirectory.load(bundled("ledgers") / "areas.yaml")


def _ledger(content: bytes, name: str) -> None:
    file = _rules().parent / name
    file.write_bytes(content)
    with suppress(JiefenError):
        for reading in LEDGERS.read_ledgers([file], areas=_areas()):
            for _ in reading.rows:
                pass


def _csv(content: bytes) -> None:
    _ledger(content, "fuzzed.csv")


def _csv_seeds() -> Iterator[bytes]:
    for file in sorted(bundled("ledgers").glob("*.csv")):
        lines = file.read_bytes().splitlines(keepends=True)
        yield b"".join(lines[:3])
        yield b"".join(lines[:6])


def _xlsx(content: bytes) -> None:
    _ledger(content, "fuzzed.xlsx")


def _xlsx_seeds() -> Iterator[bytes]:
    import openpyxl

    for file in sorted(bundled("ledgers").glob("*.xlsx")):
        book = openpyxl.load_workbook(file)
        for sheet in book.worksheets:
            sheet.delete_rows(8, sheet.max_row)
        out = io.BytesIO()
        book.save(out)
        yield out.getvalue()


TARGETS: Final[Mapping[str, Target]] = {
    "expression": Target(_expression, _expression_seeds, largest=2_500),
    "yaml": Target(_yaml, _yaml_seeds, mutation.yaml),
    "rules": Target(_rulebook, _rulebook_seeds, mutation.after_first(mutation.yaml), largest=5_000),
    "model": Target(_model, _model_seeds, mutation.xml),
    "state": Target(_state, _state_seeds, mutation.msgpack, largest=4_000),
    "edition": Target(_edition, _edition_seeds, mutation.json_files),
    "csv": Target(_csv, _csv_seeds, mutation.table, largest=6_000),
    "xlsx": Target(_xlsx, _xlsx_seeds, mutation.archive, largest=60_000),
}
