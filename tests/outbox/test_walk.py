"""A long random walk of the queue: nothing is lost, and no row ever goes out under two ids."""

import random
from collections import defaultdict

import pytest
from sqlalchemy import true

from tests.outbox.conftest import MINUTE, NOW, Box, entry
from tracker.outbox import bundling, queue
from tracker.outbox.entries import URGENT
from tracker.outbox.items import Parcel

STEPS = 60
Ids = defaultdict[str, set[str]]


def walk(box: Box, seed: int) -> Ids:
    """Issue, send, fail and die at random, then send what is left; return the ids of each row."""
    luck, ids = random.Random(seed), Ids(set)
    for step in range(STEPS):
        box.clock.now += luck.choice((0, 1, 5, 11)) * MINUTE
        box.put(*_issued(box, step, luck))
        for parcel in box.claim(limit=luck.randint(1, 8)):
            _carry(box, parcel, luck.choice(("sent", "failed", "dead", "lost", "given back")), ids)
    for _ in range(20):
        box.clock.now += 61 * MINUTE
        for parcel in box.claim(limit=1000):
            _carry(box, parcel, "sent", ids)
    return ids


def _issued(box: Box, step: int, luck: random.Random):
    at = box.clock.now
    for number in range(luck.choice((0, 0, 0, 1, 2, 9))):
        yield entry(
            f"{step}.{number}", recipient=luck.choice("ab"), episode_key=luck.randint(1, 30),
            reminder="review", created_at=at, not_before=at, due_at=at,
            first_attempt_at=at + luck.choice((0, 0, 20)) * MINUTE,
            priority=URGENT if luck.random() < 0.1 else 1,
        )  # fmt: skip


def _carry(box: Box, parcel: Parcel, fate: str, ids: Ids) -> None:
    """Send a message, or not; "dead" has sent it and could not say so, "lost" has not."""
    if fate in ("sent", "dead"):
        for id_ in parcel.ids:
            ids[id_].add(parcel.message)
    with box.service.database.writing() as conn:
        if fate == "sent":
            queue.delivered(conn, "one", parcel.ids, box.clock.now)
        elif fate == "failed":
            queue.failed(conn, "one", parcel.ids, "busy", box.clock.now + 7 * MINUTE)
        elif fate == "given back":
            queue.release(conn, "one", parcel.ids)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_and_no_id_changes(box: Box, seed: int) -> None:
    """Each row is delivered under one id, or dropped for a later one of the same reminder."""
    ids = walk(box, seed)
    rows = box.items()
    assert len(rows) > STEPS / 2
    assert all(len(ids[name]) == 1 for name, row in rows.items() if row.state == "delivered")
    assert {row.state for row in rows.values()} == {"delivered", "dropped"}
    assert any(row.message not in (None, row.id) for row in rows.values())


def test_a_dropped_row_is_told_by_a_later_one(box: Box) -> None:
    """Whoever follows what stands for what comes to a message that was delivered."""
    walk(box, 7)
    rows = box.items()
    dropped = [row for row in rows.values() if row.state == "dropped"]
    assert dropped
    for row in dropped:
        told = row
        while told.state == "dropped":
            later = rows[told.reason.split()[1]]
            assert (later.episode_key, later.recipient) == (row.episode_key, row.recipient)
            assert later.created_at > told.created_at
            told = later
        assert told.state == "delivered"


def test_twin_ids_change(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a message made anew of what was tried already, a row would have two."""
    monkeypatch.setattr(bundling, "fresh", lambda: true())
    ids = walk(box, 0)
    assert any(len(found) > 1 for found in ids.values())
    assert box.clock.now > NOW
