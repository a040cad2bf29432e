"""Sealed bytes open with their key, in their place, and nowhere else."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from tracker.encryption import cipher
from tracker.encryption.cipher import Key, Place, SealBrokenError

EPISODE, OTHER = UUID(int=1), UUID(int=2)
PLACE = Place(EPISODE, 3, "headache-assessed")
PLAIN = b'{"actor":"ann"}'


@dataclass
class Sealed:
    """One event, sealed, and its key."""

    key: Key
    state: bytes


@pytest.fixture
def sealed() -> Sealed:
    """Give an event that was sealed."""
    key = Key.new()
    return Sealed(key, cipher.seal(key, PLACE, PLAIN))


def test_opens_where_it_belongs(sealed: Sealed) -> None:
    """What was sealed is read with the same key in the same place."""
    assert cipher.unseal(sealed.key, PLACE, sealed.state) == PLAIN
    assert cipher.is_sealed(sealed.state)
    assert not cipher.is_sealed(PLAIN)


def test_names_its_key(sealed: Sealed) -> None:
    """Sealed bytes tell which key they need."""
    assert cipher.key_of(sealed.state) == sealed.key.id


@pytest.mark.parametrize(
    "place",
    [
        PLACE._replace(episode=OTHER),
        PLACE._replace(version=4),
        PLACE._replace(topic="symptom-recorded"),
    ],
)
def test_moved_to_another_place(sealed: Sealed, place: Place) -> None:
    """Bytes of one event are refused as those of another, also with the right key."""
    with pytest.raises(SealBrokenError):
        cipher.unseal(sealed.key, place, sealed.state)


def test_every_byte_counts(sealed: Sealed) -> None:
    """A change of any byte after the mark and the key's id is noticed."""
    for number in range(17, len(sealed.state)):
        changed = bytearray(sealed.state)
        changed[number] ^= 1
        with pytest.raises(SealBrokenError):
            cipher.unseal(sealed.key, PLACE, bytes(changed))


def test_key_of_another_name(sealed: Sealed) -> None:
    """The id of the key is authenticated: the same secret under another id opens nothing."""
    with pytest.raises(SealBrokenError):
        cipher.unseal(Key(OTHER, sealed.key.secret), PLACE, sealed.state)


def test_never_the_same_bytes_twice(sealed: Sealed) -> None:
    """Equal events cannot be told by their sealed bytes."""
    assert cipher.seal(sealed.key, PLACE, PLAIN) != sealed.state


def test_names_are_the_same_bytes(sealed: Sealed) -> None:
    """Names are sealed alike each time, so that a rebuilt row equals the one before."""
    first, second = (cipher.conceal(sealed.key, PLACE, b"MRN 1") for _ in range(2))
    assert first == second
    assert cipher.reveal(sealed.key, PLACE, first) == b"MRN 1"


def test_names_of_another_episode(sealed: Sealed) -> None:
    """Names copied to the row of another episode are refused."""
    names = cipher.conceal(sealed.key, PLACE, b"MRN 1")
    with pytest.raises(SealBrokenError):
        cipher.reveal(sealed.key, PLACE._replace(episode=OTHER), names)


def test_wrapped_key_of_another_name() -> None:
    """A wrapped key is refused under the id of another one."""
    outer, inner = Key.new(), Key.new()
    wrapped = cipher.wrap(outer, inner)
    assert cipher.unwrap(outer, inner.id, wrapped) == inner
    with pytest.raises(SealBrokenError):
        cipher.unwrap(outer, OTHER, wrapped)


def test_blind_tells_kinds_apart() -> None:
    """The same text as a patient and as a reference is looked up by different words."""
    key = Key.new().secret
    assert cipher.blind(key, "patient", "1") == cipher.blind(key, "patient", "1")
    assert cipher.blind(key, "patient", "1") != cipher.blind(key, "reference", "1")
    assert cipher.blind(key, "patient", "1") != cipher.blind(Key.new().secret, "patient", "1")
