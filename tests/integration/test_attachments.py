"""Files of cases, in the database and in a folder."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from jiefen import (
    Actor,
    AlreadyDone,
    Conflict,
    Engine,
    FactError,
    FileError,
    FileFault,
    Files,
    FolderFiles,
    Happening,
    NotAllowed,
    NotFound,
)  # fmt: skip
from jiefen.cli.root import app
from jiefen.counter import attachments
from jiefen.outside.files import digest_of
from jiefen.store.counter.files import DatabaseFiles, file
from jiefen.testing import FilesContract
from tests.integration.conftest import CLERK, SMALL, Opener
from tests.integration.test_engine import FACTS
from tests.support.moments import RECUSER

PDF, PHOTO = b"%PDF-1.7 opinion", b"\xff\xd8\xff photo"
ELSEWHERE = Actor("0900", frozenset({"clerk", "township_coordinator"}), "370700")
#: Whoever does it at the command line.
WHO = ("--by", "0412", "--role", "clerk", "--role", "township_coordinator", "--area", "everywhere")


class TestInAFolder(FilesContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "files"

    def files(self) -> Files:
        return FolderFiles(self.folder)

    def damage(self, files: Any, digest: str, content: bytes | None) -> None:
        path = self.folder / digest[:2] / digest[2:4] / digest
        path.unlink()
        if content is not None:
            path.write_bytes(content)

    def test_nobody_else_reads_it_and_nobody_runs_it(self) -> None:
        self.files().keep(digest_of(PDF), PDF)
        [path] = [one for one in self.folder.rglob("*") if one.is_file()]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_digest_is_no_path(self) -> None:
        for digest in ("../../etc/passwd", "A" * 64, "", "0" * 63):
            with pytest.raises(FactError):
                self.files().read(digest)

    def test_what_the_system_refuses_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("x")
        with pytest.raises(FactError, match="no folder"):
            FolderFiles(tmp_path / "taken")
        files = FolderFiles(tmp_path / "taken" / "below")
        with pytest.raises(FileError, match="folder of files") as error:
            files.keep(digest_of(PDF), PDF)
        assert error.value.zh


class TestInTheDatabase(FilesContract):
    @pytest.fixture(autouse=True)
    def _connected(self, engine: Engine) -> Iterator[None]:
        with engine._runtime.writing() as self.connection:
            yield

    def files(self) -> Files:
        return DatabaseFiles(self.connection)

    def damage(self, files: Any, digest: str, content: bytes | None) -> None:
        where = file.c.digest == digest
        if content is None:
            self.connection.execute(sa.delete(file).where(where))
        else:
            self.connection.execute(sa.update(file).where(where).values(content=content))


@pytest.fixture(params=["database", "folder"])
def stored(request: pytest.FixtureRequest, opener: Opener, tmp_path: Path) -> tuple[Engine, FilesContract]:
    """An engine with its store of files, and who can damage that."""
    if request.param == "database":
        return opener(), TestInTheDatabase()
    folder = TestInAFolder()
    folder.folder = tmp_path / "files"
    return opener(files=folder.files()), folder


def damage(stored: tuple[Engine, FilesContract], digest: str, content: bytes | None) -> None:
    engine, contract = stored
    if isinstance(contract, TestInTheDatabase):
        with engine._runtime.writing() as contract.connection:
            contract.damage(None, digest, content)
    else:
        contract.damage(None, digest, content)


def kinds(engine: Engine, case: int) -> list[Happening]:
    return [one.kind for one in engine.history(case)]


class TestAttachments:
    def test_they_are_kept_once_and_read_as_they_were(self, stored: tuple[Engine, FilesContract]) -> None:
        engine, _ = stored
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        other = engine.open_case("claim", FACTS, key="k2", by=CLERK).id
        revision = engine.case(case).revision
        made = engine.attachments.add(case, "张三的处理意见书.pdf", PDF, by=CLERK)
        assert (made.seq, made.media, made.size, made.digest) == (
            1,
            "application/pdf",
            len(PDF),
            digest_of(PDF),
        )
        assert engine.attachments.add(case, "张三的处理意见书.pdf", PDF, by=CLERK) == made
        assert engine.case(case).revision == revision + 1
        assert engine.attachments.add(case, "副本.pdf", PDF, by=CLERK).seq == 2
        engine.attachments.add(other, "a.pdf", PDF, by=CLERK)
        assert engine.attachments.read(case, 1, by=CLERK) == PDF
        assert [one.seq for one in engine.attachments.of(case, by=CLERK, after=1, limit=1)] == [2]
        with engine._runtime.reading() as connection:
            assert (connection.scalar(sa.select(sa.func.count()).select_from(file)) or 0) <= 1
        told = str(engine.history(case)) + repr(made)
        assert digest_of(PDF) in told
        assert "张三" not in told
        assert f"SHA-256 {digest_of(PDF)}" in engine.explain(case).text("zh")

    def test_a_missing_and_a_changed_one_are_told_and_whole_again(
        self, stored: tuple[Engine, FilesContract]
    ) -> None:
        engine, _ = stored
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        other = engine.open_case("claim", FACTS, key="k2", by=CLERK).id
        for one in (case, other):
            engine.attachments.add(one, "a.pdf", PDF, by=CLERK)
        engine.attachments.add(case, "b.jpg", PHOTO, by=CLERK)
        assert engine.attachments.check() == attachments.FilesChecked(looked=2, faulty=(), after=None)
        damage(stored, digest_of(PDF), b"%PDF-1.7 forged")
        with pytest.raises(FileError, match="not those that were attached") as error:
            engine.attachments.read(case, 1, by=CLERK)
        assert error.value.zh
        found = engine.attachments.check()
        assert [(one.case, one.seq, one.fault) for one in found.faulty] == [
            (case, 1, FileFault.CHANGED), (other, 1, FileFault.CHANGED),
        ]  # fmt: skip
        assert engine.attachments.check() == found
        assert kinds(engine, other).count(Happening.FILE_CHECKED) == 1
        damage(stored, digest_of(PDF), None)
        with pytest.raises(FileError, match="missing"):
            engine.attachments.read(case, 1, by=CLERK)
        assert {one.fault for one in engine.attachments.check().faulty} == {FileFault.MISSING}
        assert engine.attachments.read(case, 2, by=CLERK) == PHOTO
        # Attached again, the bytes are whole for every case that has them.
        engine.attachments.add(case, "a.pdf", PDF, by=CLERK)
        assert engine.attachments.check().faulty == ()
        assert engine.attachments.read(other, 1, by=CLERK) == PDF
        assert [one.fault for one in engine.attachments.of(other, by=CLERK)] == [None]
        assert "存储中已丢失" in engine.explain(other).text("zh")
        assert "已恢复完好" in engine.explain(other).text("zh")

    def test_every_page_is_looked_at(self, engine: Engine) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        for number in range(5):
            engine.attachments.add(case, f"{number}.pdf", PDF + bytes([number + 48]), by=CLERK)
        looked, after = 0, ""
        while True:
            page = engine.attachments.check(after=after, limit=2)
            looked += page.looked
            if page.after is None:
                break
            after = page.after
        assert looked == 5

    def test_one_of_another_matter_is_withdrawn_and_nobody_reads_it(self, engine: Engine) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        engine.attachments.add(case, "a.pdf", PDF, by=CLERK)
        gone = engine.attachments.withdraw(case, 1, reason="传错案件", by=CLERK)
        assert (gone.withdrawn_by, gone.reason) == (CLERK.id, "传错案件")
        for call in (
            lambda: engine.attachments.read(case, 1, by=CLERK),
            lambda: engine.attachments.withdraw(case, 1, reason="再次", by=CLERK),
        ):
            with pytest.raises(AlreadyDone):
                call()
        assert engine.attachments.of(case, by=CLERK) == [gone]
        assert engine.attachments.add(case, "a.pdf", PDF, by=CLERK).seq == 2
        assert f"{CLERK.id} 撤出附件 1(传错案件)" in engine.explain(case).text("zh")

    def test_not_by_others_and_nothing_is_left_of_what_was_refused(
        self, opener: Opener, tmp_path: Path
    ) -> None:
        engine = opener(files=FolderFiles(tmp_path / "files"))
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        engine.recuse(case, "0431", reason="近亲属", by=RECUSER)
        for by in (ELSEWHERE, Actor("0431")):
            for call in (
                lambda by=by: engine.attachments.add(case, "a.pdf", PDF, by=by),
                lambda by=by: engine.attachments.of(case, by=by),
                lambda by=by: engine.attachments.read(case, 1, by=by),
            ):
                with pytest.raises(NotAllowed):
                    call()
        with pytest.raises(NotFound, match="no attachment 1"):
            engine.attachments.read(case, 1, by=CLERK)
        with pytest.raises(FactError, match="a program"):
            engine.attachments.add(case, "a.pdf", b"MZ\x90\0", by=CLERK)
        with pytest.raises(FactError, match="bytes"):
            engine.attachments.add(case, "a.pdf", "text", by=CLERK)  # type: ignore[arg-type]
        assert not (tmp_path / "files").exists()

    def test_a_case_takes_so_many(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(attachments, "MOST_FILES", 1)
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        engine.attachments.add(case, "a.pdf", PDF, by=CLERK)
        with pytest.raises(Conflict, match="join pictures"):
            engine.attachments.add(case, "b.jpg", PHOTO, by=CLERK)

    def test_with_the_transaction_of_the_host_or_not_at_all(self, engine: Engine, url: str) -> None:
        case = engine.open_case("claim", FACTS, key="k", by=CLERK).id
        host = sa.create_engine(url)
        with Session(host) as session:
            engine.attachments.add(case, "a.pdf", PDF, by=CLERK, session=session)
            assert engine.attachments.read(case, 1, by=CLERK, session=session) == PDF
            session.rollback()
        host.dispose()
        assert engine.attachments.of(case, by=CLERK) == []
        with engine._runtime.reading() as connection:
            assert DatabaseFiles(connection).read(digest_of(PDF)) is None


def test_at_the_command_line(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEFEN_FILES", str(tmp_path / "files"))

    def run(*arguments: str, code: int = 0) -> str:
        where = [
            "--db",
            url,
            "--processes",
            str(SMALL / "processes"),
            "--rules",
            str(SMALL / "rules"),
            "--lang",
            "zh",
        ]
        done = CliRunner().invoke(app, [*arguments, *where], catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.stdout

    run("open", "claim", "--key", "k", "--fact", "received_on=2026-03-02", "--by", "0412")
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    made = json.loads(run("attach", "1", str(tmp_path / "photo.jpg"), *WHO, "--json"))
    assert made["digest"] == digest_of(PHOTO)
    assert made["digest"] in run("attach", "1", str(tmp_path / "photo.jpg"), "--name", "现场.jpg", *WHO)
    assert "现场.jpg" in run("attachments", "1", *WHO)
    run("fetch", "1", "1", "--into", str(tmp_path / "again.jpg"), *WHO)
    assert (tmp_path / "again.jpg").read_bytes() == PHOTO
    run("fetch", "1", "1", "--into", str(tmp_path / "again.jpg"), *WHO, code=1)
    assert "已核查 1 个文件" in run("check-files")
    next(one for one in (tmp_path / "files").rglob("*") if one.is_file()).write_bytes(b"forged")
    found = json.loads(run("check-files", "--json", code=1))
    assert [one["fault"] for one in found["faulty"]] == ["changed", "changed"]
    run("detach", "1", "2", "--reason", "重复", *WHO)
    assert "已撤出" in run("attachments", "1", *WHO)
