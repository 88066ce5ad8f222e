"""What everything must keep that takes documents from outside: folders, mailboxes, tables, queues."""

from __future__ import annotations

from typing import Any

from jiefen.testing.adapters import logged


class IntakeContract:
    """What every intake must keep. Subclass it in a test, and provide the methods below.

    Each test begins with nothing taken; :meth:`begin` is called first.
    """

    def begin(self) -> None:
        """Make everything anew: a database, and a place where the outside lays its documents."""
        raise AssertionError("override begin() in your test class")

    def document(self, key: str, name: str = "张三") -> bytes:
        """A document of the outside that means something to a case; another key, another thing.

        Args:
            name: of a person, which the document holds somewhere.
        """
        raise AssertionError("override document() in your test class")

    def lay(self, name: str, document: bytes) -> None:
        """Lay a document where the outside does; ``name`` tells it from the others that lie there."""
        raise AssertionError("override lay() in your test class")

    def lay_half(self, name: str, document: bytes) -> bool:
        """Lay half of it, as somebody does who is still writing; ``False``: that cannot happen here."""
        return False

    def collect(self) -> Any:
        """Take what lies there to the engine; must not raise for what the outside has done wrong."""
        raise AssertionError("override collect() in your test class")

    def taken(self) -> int:
        """How many documents have had their effect on a case, each counted as often as it had it."""
        raise AssertionError("override taken() in your test class")

    def refused(self) -> int:
        """How many documents lie aside, or were answered, with a reason."""
        raise AssertionError("override refused() in your test class")

    def test_what_comes_is_taken(self) -> None:
        """One document, one effect."""
        self.begin()
        self.lay("a", self.document("1"))
        self.collect()
        assert (self.taken(), self.refused()) == (1, 0)

    def test_the_same_ten_times_is_once(self) -> None:
        """The outside repeats itself when it is not sure."""
        self.begin()
        for number in range(10):
            self.lay(f"a{number}", self.document("1"))
            self.collect()
        assert self.taken() == 1

    def test_garbage_stops_nothing_and_is_not_lost(self) -> None:
        """What cannot be read lies aside with a reason, and what comes after it is taken."""
        self.begin()
        for number, garbage in enumerate((b"", b"{", b"<html>", b"[" * 10_000, "张三".encode("gb18030"))):
            self.lay(f"a{number}", garbage)
        self.lay("b", self.document("1"))
        self.collect()
        assert self.taken() == 1
        assert self.refused() == 5

    def test_half_of_a_document_is_not_taken_and_the_whole_is(self) -> None:
        """Whoever writes slowly is waited for."""
        self.begin()
        document = self.document("1")
        if self.lay_half("a", document[: len(document) // 2]):
            self.collect()
            assert (self.taken(), self.refused()) == (0, 0)
            self.lay("a", document)
            self.collect()
            assert (self.taken(), self.refused()) == (1, 0)

    def test_what_comes_in_another_order_is_taken_all_the_same(self) -> None:
        """Yesterday's may come after today's."""
        self.begin()
        self.lay("b", self.document("2"))
        self.collect()
        self.lay("a", self.document("1"))
        self.collect()
        assert self.taken() == 2

    def test_the_log_tells_no_names(self) -> None:
        """Neither of what was taken nor of what was refused."""
        self.begin()
        with logged() as lines:
            self.lay("a", self.document("1"))
            self.lay("b", self.document("1", name="张三")[:-2])
            self.collect()
        assert "张三" not in " ".join(lines)
