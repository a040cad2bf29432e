"""A walk puts together what is hashed from parts; it must be what `tracker.store.chain` hashes."""

from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID

import pytest

from tracker.audit.walk import Walk
from tracker.store.chain import GENESIS, link
from tracker.store.scan import Row

EPISODE = UUID(int=0xABC)
UUIDS = {1: EPISODE.hex}
STATE = (
    b'{"id":"e%d","occurred_at":"2025-03-01T08:00:00Z","recorded_at":"2025-03-01T08:00:00Z",'
    b'"actor":"anna","source":"cli","schema":1,"data":{"note":"%s"}}'
)


def rows(count: int) -> Iterator[Row]:
    """Yield an episode of so many events; every hundredth is long, each has an id of its own."""
    previous = GENESIS
    for number in range(1, count + 1):
        state = STATE % (number, b"x" * (3_000 if number % 100 == 0 else 20))
        previous = link(previous, number, EPISODE, number, "patient-mobilized", state)
        yield number, 1, number, "patient-mobilized", state, previous


@pytest.mark.parametrize("batch", [1, 255, 256, 1_000, 3_000])
def test_a_long_episode_stands_however_it_is_read(batch: int) -> None:
    """Also with versions, positions and events larger than those that are looked up."""
    walk, log = Walk(UUIDS, 0, GENESIS), list(rows(2_100))
    for first in range(0, len(log), batch):
        assert walk.follow(log[first : first + batch])
    assert (walk.position, walk.versions(), walk.met()) == (2_100, {1: 2_100}, {1: (1, 1)})
    assert walk.doubtful() == set()


@pytest.mark.parametrize("at", [1, 2, 255, 256, 257, 1_024, 1_100, 2_000])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        (0, 2**40),
        (1, 2),
        (2, 1.0),
        (2, -1),
        (2, None),
        (3, "x"),
        (3, b"patient-mobilized"),
        (4, "{}"),
        (4, None),
        (5, bytes(32)),
        (5, None),
    ],
)
def test_a_walk_stops_before_a_row_that_was_changed(at: int, column: int, value: object) -> None:
    """Whatever kind of value was put there."""
    log = list(rows(2_050))
    log[at - 1] = tuple(value if n == column else old for n, old in enumerate(log[at - 1]))
    walk = Walk(UUIDS, 0, GENESIS)
    assert not walk.follow(log)
    assert (walk.position, walk.versions()) == (at - 1, {1: at - 1} if at > 1 else {})


def test_a_version_that_is_no_whole_number_is_found_where_it_is_the_same_number() -> None:
    """1.0 and 1 are equal, and not stored alike."""
    log = list(rows(5))
    log[2] = (*log[2][:2], 3.0, *log[2][3:])
    walk = Walk(UUIDS, 0, GENESIS)
    assert not walk.follow(log)
    assert walk.position == 2


def test_an_id_that_comes_again_makes_an_episode_doubtful() -> None:
    """And what is wrong there is asked of all its events."""
    previous, log = GENESIS, []
    for number, id_ in ((1, 1), (2, 2), (3, 1)):
        state = STATE % (id_, b"")
        previous = link(previous, number, EPISODE, number, "patient-mobilized", state)
        log.append((number, 1, number, "patient-mobilized", state, previous))
    walk = Walk(UUIDS, 0, GENESIS)
    assert walk.follow(log)
    assert walk.doubtful() == {1}


def test_an_event_of_no_episode_does_not_stand() -> None:
    """Also not as the first one, with a hash over nothing in the place of a UUID."""
    state, topic = STATE % (1, b""), b"patient-mobilized"
    head, place = with_length(GENESIS), with_length((1).to_bytes(8, "big"))
    hashed = head + place + bytes(8) + with_length(topic) + with_length(state)
    row = (1, None, 0, topic.decode(), state, sha256(hashed).digest())
    assert not Walk(UUIDS, 0, GENESIS).follow([row])


def with_length(part: bytes) -> bytes:
    """Return a part of what is hashed."""
    return len(part).to_bytes(4, "big") + part
