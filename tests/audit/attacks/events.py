"""Attacks on events; whatever the attacker knows to put right is put right."""

import random
import sqlite3
from uuid import UUID

from tests.audit.attacks.owner import head, somewhere
from tracker.store.chain import GENESIS, link


def rechain(db: sqlite3.Connection) -> None:
    """Compute every hash anew."""
    rows = db.execute(
        "SELECT position, uuid, version, topic, state FROM events"
        " JOIN episodes ON episode_key = key ORDER BY position"
    ).fetchall()
    previous = GENESIS
    for position, uuid, version, topic, state in rows:
        previous = link(previous, position, UUID(hex=uuid), version, topic, state)
        db.execute("UPDATE events SET hash = ? WHERE position = ?", (previous, position))


def renumber(db: sqlite3.Connection) -> None:
    """Close gaps in positions and versions, and let SQLite believe that nothing was ever there."""
    for number, (position,) in enumerate(
        db.execute("SELECT position FROM events ORDER BY position").fetchall(), 1
    ):
        db.execute("UPDATE events SET position = ? WHERE position = ?", (number, position))
    for (key,) in db.execute("SELECT key FROM episodes").fetchall():
        rows = db.execute(
            "SELECT position FROM events WHERE episode_key = ? ORDER BY position", (key,)
        )
        for version, (position,) in enumerate(rows.fetchall(), 1):
            db.execute("UPDATE events SET version = -? WHERE position = ?", (version, position))
    db.execute("UPDATE events SET version = -version WHERE version < 0")
    tidy(db)


def tidy(db: sqlite3.Connection) -> None:
    """Remove what would tell that there was more."""
    db.execute("DELETE FROM episodes WHERE key NOT IN (SELECT episode_key FROM events)")
    db.execute(
        "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(position), 0) FROM events)"
        " WHERE name = 'events'"
    )


def delete(db: sqlite3.Connection, rng: random.Random) -> None:
    """Remove an event."""
    db.execute("DELETE FROM events WHERE position = ?", (somewhere(db, rng),))


def delete_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Remove an event, close the gap and compute every hash anew."""
    delete(db, rng)
    renumber(db)
    rechain(db)


def truncate(db: sqlite3.Connection, rng: random.Random) -> None:
    """Cut off the end, and everything that would tell."""
    db.execute("DELETE FROM events WHERE position >= ?", (somewhere(db, rng),))
    tidy(db)


def truncate_roughly(db: sqlite3.Connection, rng: random.Random) -> None:
    """Cut off the end and forget about SQLite's own counter."""
    db.execute("DELETE FROM events WHERE position >= ?", (somewhere(db, rng),))


def _fabricated(db: sqlite3.Connection, rng: random.Random) -> tuple[int, str, bytes]:
    """Return episode, topic and bytes of an event like another one, under an id of its own."""
    key, topic, state = db.execute(
        "SELECT episode_key, topic, state FROM events WHERE position = ?", (somewhere(db, rng),)
    ).fetchone()
    return (
        key,
        topic,
        b'{"id":"%s"' % rng.randbytes(16).hex().encode() + state[state.index(b',"occurred_at"') :],
    )


def insert(db: sqlite3.Connection, rng: random.Random) -> None:
    """Add an event that never was, in the middle, with everything after it computed anew."""
    key, topic, state = _fabricated(db, rng)
    at = somewhere(db, rng)
    db.execute("UPDATE events SET position = -position WHERE position >= ?", (at,))
    db.execute("UPDATE events SET position = 1 - position WHERE position < 0")
    row = (at, key, 1_000_000, topic, state, b"")
    db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", row)
    renumber(db)
    rechain(db)


def insert_roughly(db: sqlite3.Connection, rng: random.Random) -> None:
    """Add an event at the end that is chained to nothing."""
    key, topic, state = _fabricated(db, rng)
    (version,) = db.execute(
        "SELECT max(version) + 1 FROM events WHERE episode_key = ?", (key,)
    ).fetchone()
    row = (head(db) + 1, key, version, topic, state, rng.randbytes(32))
    db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", row)


def before_the_first(db: sqlite3.Connection, rng: random.Random) -> None:
    """Hide an event at a position before the first."""
    key, topic, state = _fabricated(db, rng)
    row = (-rng.randrange(5), key, 1_000, topic, state, rng.randbytes(32))
    db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", row)


def _two(db: sqlite3.Connection, rng: random.Random) -> tuple[int, int]:
    one, other = rng.sample(range(1, head(db) + 1), 2)
    return one, other


def reorder(db: sqlite3.Connection, rng: random.Random) -> None:
    """Put two events in each other's place."""
    one, other = _two(db, rng)
    for before, after in ((one, -1), (other, one), (-1, other)):
        db.execute("UPDATE events SET position = ? WHERE position = ?", (after, before))


def reorder_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Put two events in each other's place, and compute all that follows from it anew."""
    reorder(db, rng)
    renumber(db)
    rechain(db)


def swap_patients(db: sqlite3.Connection, rng: random.Random) -> None:
    """Give what is stored of two events of two patients to each other."""
    one, other = _two(db, rng)
    rows = {
        position: (topic, state)
        for position, topic, state in db.execute("SELECT position, topic, state FROM events")
    }
    if rows[one] == rows[other]:
        raise ValueError("they are the same")
    for position, source in ((one, other), (other, one)):
        db.execute(
            "UPDATE events SET topic = ?, state = ? WHERE position = ?", (*rows[source], position)
        )


def swap_patients_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Give what is stored of two events to each other, and compute every hash anew."""
    swap_patients(db, rng)
    rechain(db)


def exchange_episodes(db: sqlite3.Connection, rng: random.Random) -> None:
    """Exchange the UUIDs of two episodes: each patient has the other's history."""
    (one, first), (other, second) = rng.sample(
        db.execute("SELECT key, uuid FROM episodes").fetchall(), 2
    )
    for key, uuid in ((one, "x"), (other, first), (one, second)):
        db.execute("UPDATE episodes SET uuid = ? WHERE key = ?", (uuid, key))


def exchange_episodes_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Exchange the UUIDs of two episodes, and compute every hash anew."""
    exchange_episodes(db, rng)
    rechain(db)


def move(db: sqlite3.Connection, rng: random.Random) -> None:
    """Give an event to another patient, and compute everything anew."""
    at = somewhere(db, rng)
    (key,) = db.execute("SELECT episode_key FROM events WHERE position = ?", (at,)).fetchone()
    keys = [k for (k,) in db.execute("SELECT key FROM episodes") if k != key]
    change = (rng.choice(keys), 1_000_000, at)
    db.execute("UPDATE events SET episode_key = ?, version = ? WHERE position = ?", change)
    renumber(db)
    rechain(db)


def rewrite(db: sqlite3.Connection, rng: random.Random) -> None:
    """Change a word in an event."""
    at = somewhere(db, rng)
    (state,) = db.execute("SELECT state FROM events WHERE position = ?", (at,)).fetchone()
    place = state.index(b'"data":')
    changed = state[:place] + state[place:].replace(b"1", b"7", 1)
    if changed == state:
        changed = state.replace(b'"ward"', b'"nobody"', 1)
    db.execute("UPDATE events SET state = ? WHERE position = ?", (changed, at))


def rewrite_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Change a word in an event, and compute every hash anew."""
    rewrite(db, rng)
    rechain(db)


def relabel_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Give an event another topic, and compute every hash anew."""
    topics = ["patient-mobilized", "bed-rest-started", "never-heard-of", "patient-died"]
    topic, at = rng.choice(topics), somewhere(db, rng)
    if db.execute("SELECT 1 FROM events WHERE (position, topic) = (?, ?)", (at, topic)).fetchone():
        raise ValueError("it has that topic")
    db.execute("UPDATE events SET topic = ? WHERE position = ?", (topic, at))
    rechain(db)


def skip_version_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Leave a version out of an episode, and compute every hash anew."""
    (key,) = rng.choice(db.execute("SELECT key FROM episodes").fetchall())
    db.execute("UPDATE events SET version = -version - 1 WHERE episode_key = ?", (key,))
    db.execute("UPDATE events SET version = -version WHERE version < 0")
    rechain(db)


def repeat_id_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Give two events of an episode one id, and compute every hash anew."""
    (key,) = rng.choice(db.execute("SELECT key FROM episodes").fetchall())
    rows = db.execute("SELECT position, state FROM events WHERE episode_key = ?", (key,)).fetchall()
    (_, one), (at, other) = rng.sample(rows, 2)
    end = b',"occurred_at"'
    state = one[: one.index(end)] + other[other.index(end) :]
    db.execute("UPDATE events SET state = ? WHERE position = ?", (state, at))
    rechain(db)


def garbage_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Store anything for an event, and compute every hash anew."""
    change = (rng.randbytes(rng.randrange(60)), somewhere(db, rng))
    db.execute("UPDATE events SET state = ? WHERE position = ?", change)
    rechain(db)


def begin_anew(db: sqlite3.Connection, rng: random.Random) -> None:
    """Keep one patient, with a history of his own."""
    (key,) = rng.choice(db.execute("SELECT key FROM episodes").fetchall())
    db.execute("DELETE FROM events WHERE episode_key <> ?", (key,))
    renumber(db)
    rechain(db)


def empty(db: sqlite3.Connection, rng: random.Random) -> None:
    """Leave nothing."""
    db.execute("DELETE FROM events")
    tidy(db)
