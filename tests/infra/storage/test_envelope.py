"""What is sealed opens with its key in its context, whole, or not at all."""

from __future__ import annotations

import pytest

from infra.storage.envelope import NONCE_BYTES, OVERHEAD, derive, new_key, seal, unseal
from infra.storage.errors import SealBroken


@pytest.mark.parametrize("size", [0, 1, 4_096, 100_000])
def test_it_opens_again(size: int) -> None:
    key, plain = new_key(), bytes(range(256)) * (size // 256) + bytes(size % 256)
    sealed = seal(key, plain, b"here")
    assert len(sealed) == len(plain) + OVERHEAD
    assert unseal(key, sealed, b"here") == plain


def test_a_seal_is_the_standards() -> None:
    """AES-256-GCM of McGrew and Viega's test case 16, whose nonce, text and additional data are given."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
        "ba637b39"
    )
    sealed = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
        "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
    )
    assert unseal(key, nonce + sealed, bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")) == plain


def test_the_same_thing_never_looks_the_same() -> None:
    key = new_key()
    assert len({seal(key, b"1234", b"pin")[:NONCE_BYTES] for _ in range(100)}) == 100


@pytest.mark.parametrize("byte", [0, NONCE_BYTES, -1])
def test_one_changed_bit_keeps_it_shut(byte: int) -> None:
    key = new_key()
    sealed = bytearray(seal(key, b"1234", b"pin"))
    sealed[byte] ^= 1
    with pytest.raises(SealBroken):
        unseal(key, bytes(sealed), b"pin")


def test_another_key_another_context_or_less_of_it_do_not_open_it() -> None:
    key = new_key()
    sealed = seal(key, b"1234", b"pin")
    for other, what, context in ((new_key(), sealed, b"pin"), (key, sealed, b"card"), (key, sealed[:20], b"pin")):
        with pytest.raises(SealBroken):
            unseal(other, what, context)


def test_a_key_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="32"):
        seal(b"short", b"", b"")


def test_derived_keys_differ_by_purpose_and_salt() -> None:
    key = new_key()
    made = {derive(key, purpose, salt) for purpose in ("recording", "export") for salt in (b"a", b"b")}
    assert len(made | {key}) == 5
    assert derive(key, "recording", b"a") in made


def test_a_derived_key_is_the_standards() -> None:
    """RFC 5869, A.3 (without salt and info), cut to the 32 bytes of a key: HKDF's output of any length begins alike."""
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert derive(bytes.fromhex("0b" * 22), "", b"").hex() == expected
