"""The chain over the access log: whatever is changed in it shows, and where."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest

from tests.access.conftest import NOW, ONE, OTHER, look
from tracker.access import GENESIS, Access, Link, first_broken, link
from tracker.access.entry import encode
from tracker.store.instants import micros

KEYS = {None: None, ONE: 1, OTHER: 2}


def chain(accesses: Sequence[Access]) -> list[Link]:
    """Return a chain that stands."""
    links, previous = [], GENESIS
    for position, item in enumerate(accesses, 1):
        state = encode(item)
        previous = link(previous, position, state)
        key = KEYS[item.episode]
        links.append(
            Link(position, micros(item.at), item.actor, key, item.episode, state, previous)
        )
    return links


@pytest.fixture
def links() -> list[Link]:
    """Four looks, the third of them at a list."""
    return chain([look(), look(OTHER, minutes=1), look(None, "ben"), look()])


def test_a_hash_is_sha256_over_length_prefixed_parts() -> None:
    """An independent verifier can compute the hash from the words of the documentation."""
    parts = (GENESIS, (7).to_bytes(8, "big"), b'{"at":1}')
    expected = hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts))
    assert link(GENESIS, 7, b'{"at":1}') == expected.digest()
    assert hashlib.sha256(b"tracker access log v1").digest() == GENESIS


def test_stored_bytes_are_canonical() -> None:
    """Fields stand as declared, absent ones are left out, the instant ends in Z."""
    assert encode(look()) == (
        b'{"at":"2026-03-05T09:00:00Z","actor":"anna","command":"show",'
        b'"episode":"12345678-1234-5678-1234-567812345678"}'
    )


def test_an_untouched_chain_stands(links: list[Link]) -> None:
    """Nothing is reported where nothing was changed."""
    assert first_broken(links) is None
    assert first_broken(links[2:], links[1].hash, 2) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": micros(NOW)},
        {"actor": "ben"},
        {"actor": b"anna"},
        {"episode_key": 1, "episode": ONE},
        {"episode_key": None, "episode": None},
        {"episode_key": 99, "episode": None},
        {"state": b"{}"},
        {"state": "{}"},
        {"hash": bytes(32)},
        {"hash": None},
    ],
)
def test_a_changed_column_is_named_by_its_position(
    links: list[Link], change: dict[str, Any]
) -> None:
    """Every stored column is hashed, or compared with what is."""
    links[1] = links[1]._replace(**change)
    broken = first_broken(links)
    assert broken is not None
    assert broken.position == 2


def test_a_list_cannot_be_given_a_key_of_no_episode(links: list[Link]) -> None:
    """A key that names nobody is none that was recorded."""
    links[2] = links[2]._replace(episode_key=99)
    broken = first_broken(links)
    assert broken is not None
    assert (broken.position, "episode_key" in broken.reason) == (3, True)


def test_a_hash_over_what_is_no_access_is_noticed(links: list[Link]) -> None:
    """Whoever chains anew cannot chain just anything."""
    forged = links[2]._replace(state=b"{}", hash=link(links[1].hash, 3, b"{}"))
    broken = first_broken([*links[:2], forged])
    assert broken is not None
    assert broken.position == 3


@pytest.mark.parametrize("position", [1, 3])
def test_a_removed_access_is_named_by_its_position(links: list[Link], position: int) -> None:
    """A gap shows even where the neighbours are untouched."""
    del links[position - 1]
    broken = first_broken(links)
    assert broken is not None
    assert broken.position == position


def test_accesses_in_each_others_place_are_noticed(links: list[Link]) -> None:
    """The order is part of the record."""
    links[1], links[2] = links[2]._replace(position=2), links[1]._replace(position=3)
    broken = first_broken(links)
    assert broken is not None
    assert broken.position == 2
