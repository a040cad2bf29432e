"""The hash chain: whatever is changed in the log shows, and where."""

import hashlib
from uuid import UUID

import pytest

from tracker.store.chain import GENESIS, Link, first_broken, link

EPISODE = UUID("12345678-1234-5678-1234-567812345678")
OTHER = UUID("87654321-1234-5678-1234-567812345678")


def chain(length: int) -> list[Link]:
    """Return a chain that stands."""
    links, previous = [], GENESIS
    for n in range(1, length + 1):
        previous = link(previous, n, EPISODE, n, "leak-suspected", b"state %d" % n)
        links.append(Link(n, EPISODE, n, "leak-suspected", b"state %d" % n, previous))
    return links


def test_a_hash_is_sha256_over_length_prefixed_parts() -> None:
    """An independent verifier can compute the hash from the words of the documentation."""
    parts = (
        bytes(32),
        (7).to_bytes(8, "big"),
        EPISODE.bytes,
        (3).to_bytes(8, "big"),
        b"leak-suspected",
        b"{}",
    )
    expected = hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts))
    assert link(bytes(32), 7, EPISODE, 3, "leak-suspected", b"{}") == expected.digest()


def test_an_untouched_chain_stands() -> None:
    """Nothing is reported where nothing was changed."""
    assert first_broken(chain(5)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"episode": OTHER},
        {"version": 9},
        {"topic": "wound-examined"},
        {"state": b"state X"},
        {"hash": bytes(32)},
    ],
)
def test_a_changed_column_is_named_by_its_position(change: dict[str, object]) -> None:
    """Every stored column is covered by the hash."""
    links = chain(5)
    links[2] = links[2]._replace(**change)
    broken = first_broken(links)
    assert broken is not None
    assert broken.position == 3


@pytest.mark.parametrize("position", [1, 3])
def test_a_removed_event_is_named_by_its_position(position: int) -> None:
    """A gap shows even where the neighbours are untouched."""
    links = chain(5)
    del links[position - 1]
    broken = first_broken(links)
    assert broken is not None
    assert broken.position == position


def test_two_events_in_each_others_place_are_noticed() -> None:
    """The order is part of the record."""
    links = chain(4)
    links[1], links[2] = (
        links[2]._replace(position=2),
        links[1]._replace(position=3),
    )
    broken = first_broken(links)
    assert broken is not None
    assert broken.position == 2


def test_checking_can_begin_in_the_middle() -> None:
    """A part of the log is checked from the hash before it."""
    links = chain(6)
    assert first_broken(links[3:], links[2].hash, 3) is None
