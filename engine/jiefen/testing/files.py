"""What every store of files must keep."""

from __future__ import annotations

from typing import Any

from jiefen.outside.files import digest_of


class FilesContract:
    """What every store of files (``jiefen.Files``) must keep. Subclass it in a test, and provide the methods below."""

    def files(self) -> Any:
        """The store under test, empty."""
        raise AssertionError("override files() in your test class")

    def damage(self, files: Any, digest: str, content: bytes | None) -> None:
        """Put other bytes in the place of those of a digest, behind the back of the store; ``None``: take them away."""
        raise AssertionError("override damage() in your test class")

    def test_what_is_kept_is_read_as_it_was(self) -> None:
        files = self.files()
        for content in (b"a", b"\x00\xff" * 50_000, "张三".encode()):
            files.keep(digest_of(content), content)
            assert files.read(digest_of(content)) == content

    def test_the_same_again_changes_nothing(self) -> None:
        files, content = self.files(), b"again"
        files.keep(digest_of(content), content)
        files.keep(digest_of(content), content)
        assert files.read(digest_of(content)) == content

    def test_what_was_never_kept_is_none(self) -> None:
        assert self.files().read(digest_of(b"never")) is None

    def test_what_is_lost_is_none_and_what_is_changed_is_seen(self) -> None:
        files, content = self.files(), b"evidence"
        digest = digest_of(content)
        files.keep(digest, content)
        self.damage(files, digest, b"forged")
        assert files.read(digest) == b"forged"
        self.damage(files, digest, None)
        assert files.read(digest) is None

    def test_keeping_it_again_mends_what_is_damaged(self) -> None:
        files, content = self.files(), b"whole"
        digest = digest_of(content)
        files.keep(digest, content)
        self.damage(files, digest, b"broken")
        files.keep(digest, content)
        assert files.read(digest) == content
