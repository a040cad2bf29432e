"""Signed notes and keys, in the form of C2SP."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.records import KEY, OTHER
from tracker.audit.note import NoteError, PrivateKey, PublicKey, opened, signed

TEXT = "hospital.example/ward\n1\nAAAA\n"


def test_a_note_is_the_text_then_a_line_by_the_key() -> None:
    """Text, an empty line, a dash, the name, and base 64 of key id and signature."""
    note = signed(TEXT, KEY).decode()
    assert note.startswith(f"{TEXT}\n— hospital.example/ward ")
    assert note.endswith("\n")
    raw = base64.b64decode(note.split(" ")[-1])
    assert (raw[:4], len(raw)) == (KEY.public.id, 68)


def test_the_id_of_a_key_is_made_as_the_specification_says() -> None:
    """SHA-256 over name, newline, one byte for Ed25519, and the key; the first four bytes."""
    raw = b"hospital.example/ward\n\x01" + KEY.public.raw
    assert KEY.public.id == hashlib.sha256(raw).digest()[:4]


def test_a_note_of_the_specification_is_opened() -> None:
    """The example of the form's own documentation, and the key of the Go implementation."""
    key = PublicKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
        "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert opened(note.encode(), [key]).startswith("If you think")


def test_keys_are_read_as_they_are_written() -> None:
    """Both halves; a private key never shows itself."""
    assert PublicKey.parse(str(KEY.public)) == KEY.public
    assert PrivateKey.parse(KEY.written()) == KEY
    assert repr(KEY) == "PrivateKey('hospital.example/ward')"


@pytest.mark.parametrize(
    "text", ["", "x", "a+b+c", str(KEY.public)[:-4], str(KEY.public).replace("ward", "hall")]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """Also one of which a part was changed: it does not fit its own id."""
    with pytest.raises(NoteError):
        PublicKey.parse(text)
    with pytest.raises(NoteError):
        PrivateKey.parse(f"PRIVATE+KEY+{text}")


def test_another_key_of_the_same_name_opens_nothing() -> None:
    """A name is not a key."""
    with pytest.raises(NoteError, match="none of the keys"):
        opened(signed(TEXT, OTHER), [KEY.public])


def test_signatures_of_others_are_passed_over() -> None:
    """A witness may sign too; one trusted signature is enough, and must be right."""
    note = signed(TEXT, KEY) + signed(TEXT, OTHER).rpartition(b"\n\n")[2]
    assert opened(note, [KEY.public]) == opened(note, [OTHER.public]) == TEXT
    broken = note.replace(b"\n1\n", b"\n2\n")
    with pytest.raises(NoteError, match="does not fit"):
        opened(broken, [KEY.public])


@given(st.data())
def test_no_changed_note_is_opened(data: st.DataObject) -> None:
    """Whichever byte of a note is changed, also in how the signature is written."""
    note = bytearray(signed(TEXT, KEY))
    note[data.draw(st.integers(0, len(note) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NoteError):
        opened(bytes(note), [KEY.public])


@given(st.binary(max_size=200))
def test_what_is_no_note_is_refused(raw: bytes) -> None:
    """Whatever the bytes are."""
    with pytest.raises(NoteError):
        opened(raw, [KEY.public])
