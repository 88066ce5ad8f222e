"""Master keys in a file, and the ciphers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiefen import Algorithm, FactError, FileKeys, KeysError
from jiefen.outside.ciphers import Aead, NotAuthentic

KEY = bytes(range(32))


@pytest.mark.parametrize("algorithm", Algorithm)
class TestCiphers:
    @given(data=st.binary(max_size=300), place=st.binary(max_size=20), at=st.integers(0))
    def test_what_is_encrypted_opens_for_its_place_alone_and_unchanged(
        self, algorithm: Algorithm, data: bytes, place: bytes, at: int
    ) -> None:
        aead = Aead(KEY, algorithm)
        sealed = aead.encrypt(data, place)
        assert aead.decrypt(sealed, place) == data
        assert len(data) < 8 or data not in sealed
        changed = bytearray(sealed)
        changed[at % len(sealed)] ^= 1
        others = [(aead, bytes(changed), place), (aead, sealed, place + b"x"), (aead, sealed[:20], place)]
        for one, bad, where in [*others, (Aead(KEY[::-1], algorithm), sealed, place)]:
            with pytest.raises(NotAuthentic):
                one.decrypt(bad, where)

    def test_no_two_are_alike(self, algorithm: Algorithm) -> None:
        aead = Aead(KEY, algorithm)
        assert len({aead.encrypt(b"same", b"") for _ in range(100)}) == 100


class TestFile:
    def test_it_is_made_for_its_owner_alone_and_never_over_another(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.yaml"
        keys = FileKeys.create(path, algorithm=Algorithm.SM4)
        assert path.stat().st_mode & 0o777 == 0o600
        assert (keys.current, keys.algorithm) == ("m1", Algorithm.SM4)
        assert str(path) in repr(keys)
        with pytest.raises(KeysError, match="already"):
            FileKeys.create(path)

    def test_a_rotation_is_seen_without_a_restart_and_the_old_key_still_opens(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.yaml"
        keys, other = FileKeys.create(path), FileKeys(path)
        wrapped = keys.wrap(KEY, "m1", b"case 1")
        assert keys.add_master() == "m2"
        assert (keys.current, other.current) == ("m2", "m2")
        assert other.unwrap(wrapped, "m1", b"case 1") == KEY
        again = other.wrap(KEY, "m2", b"case 1")
        assert keys.unwrap(again, "m2", b"case 1") == KEY
        with pytest.raises(KeysError, match="not the one"):
            keys.unwrap(again, "m2", b"case 2")

    def test_a_lost_key_says_which_and_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(KeysError, match=r"'m9' is not in .* bring it back"):
            FileKeys.create(tmp_path / "keys.yaml").unwrap(b"", "m9", b"")
        with pytest.raises(KeysError, match=r"cannot be read .* backup"):
            FileKeys(tmp_path / "none.yaml")

    def test_a_file_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.yaml"
        FileKeys.create(path)
        path.chmod(0o640)
        with pytest.raises(KeysError, match="chmod 600"):
            FileKeys(path)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "current: m1",
            "current: m1\nmasters: {}",
            "current: m1\nmasters: {m1: short}",
            "current: m1\nmasters: {m1: AAAA}",
            "current: m1\nmasters: 3",
            "current: [m1]\nmasters: {m1: AAAA}",
            "current: m1\nalgorithm: DES\nmasters: {m1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}",
            "current: a b\nmasters: {a b: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}",
        ],
    )
    def test_what_is_no_file_of_keys_is_refused_without_showing_it(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "keys.yaml"
        path.write_text(text)
        path.chmod(0o600)
        with pytest.raises(KeysError, match="`jiefen keys create` makes one") as refused:
            FileKeys(path)
        assert "AAEC" not in str(refused.value)

    @pytest.mark.parametrize("path", [None, 3, "", "a\0b"])
    def test_what_is_no_path_is_refused(self, path: object) -> None:
        with pytest.raises(FactError, match="no path"):
            FileKeys(path)  # type: ignore[arg-type]
