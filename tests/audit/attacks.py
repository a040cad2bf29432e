"""What somebody can do to a record who owns the machine: the triggers are no hindrance to him.

Each attack changes the file and puts right whatever it knows to put right: positions, hashes,
SQLite's own counter. It has no private key.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from tracker.access import chain as access_chain
from tracker.store.chain import GENESIS, link

Attack = Callable[[sqlite3.Connection, random.Random], None]
"""Changes a record; raises ValueError when there is nothing to change."""


@contextmanager
def owned(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database as its owner does, with nothing that hinders; what is done is committed."""
    raw = sqlite3.connect(file, isolation_level=None)
    try:
        triggers = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        yield raw
    finally:
        raw.close()


def head(db: sqlite3.Connection) -> int:
    """Return the last position."""
    (last,) = db.execute("SELECT max(position) FROM events").fetchone()
    return int(last)


def somewhere(db: sqlite3.Connection, rng: random.Random, first: int = 1) -> int:
    """Return a position."""
    return rng.randint(first, head(db))


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


def hide_a_look(db: sqlite3.Connection, rng: random.Random) -> None:
    """Remove a look from the access log."""
    (at,) = rng.choice(db.execute("SELECT position FROM accesses").fetchall())
    db.execute("DELETE FROM accesses WHERE position = ?", (at,))


def hide_a_look_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Remove a look, close the gap and compute every hash anew."""
    hide_a_look(db, rng)
    rechain_looks(db)


def cut_off_looks(db: sqlite3.Connection, rng: random.Random) -> None:
    """Cut off the end of the access log, and what would tell."""
    (at,) = rng.choice(db.execute("SELECT position FROM accesses").fetchall())
    db.execute("DELETE FROM accesses WHERE position >= ?", (at,))
    rechain_looks(db)


def rechain_looks(db: sqlite3.Connection) -> None:
    """Number the looks anew and compute their hashes."""
    previous = access_chain.GENESIS
    rows = db.execute("SELECT position, state FROM accesses ORDER BY position").fetchall()
    for number, (position, state) in enumerate(rows, 1):
        previous = access_chain.link(previous, number, state)
        change = (number, previous, position)
        db.execute("UPDATE accesses SET position = ?, hash = ? WHERE position = ?", change)
    db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'accesses'", (len(rows),))


def blame_another(db: sqlite3.Connection, rng: random.Random) -> None:
    """Let a column of the access log say that somebody else looked."""
    (at,) = rng.choice(db.execute("SELECT position FROM accesses").fetchall())
    column = rng.choice(
        ["actor = 'eve'", "at = at + 1", "episode_key = coalesce(episode_key, 0) + 1"]
    )
    db.execute(f"UPDATE accesses SET {column} WHERE position = ?", (at,))


def blame_another_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Write another name into a look, and compute every hash anew."""
    (at,) = rng.choice(db.execute("SELECT position FROM accesses").fetchall())
    db.execute(
        "UPDATE accesses SET actor = 'eve', state = CAST(json_set(CAST(state AS TEXT), '$.actor',"
        " 'eve') AS BLOB) WHERE position = ?",
        (at,),
    )
    rechain_looks(db)


def another_protocol(db: sqlite3.Connection, rng: random.Random) -> None:
    """Change a word in a protocol."""
    db.execute("UPDATE protocols SET text = text || '# later' WHERE name = 'ward@1'")


def another_protocol_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Change a protocol that no other is based on, and its hash with it."""
    import hashlib

    text, base = db.execute(
        "SELECT p.text, b.hash FROM protocols p, protocols b"
        " WHERE p.name = 'ward@1' AND b.name <> 'ward@1'"
    ).fetchone()
    text += "# later\n"
    hash_ = hashlib.sha256(f"{base}\n{text}".encode()).hexdigest()
    db.execute("UPDATE protocols SET text = ?, hash = ? WHERE name = 'ward@1'", (text, hash_))


def forget_a_protocol(db: sqlite3.Connection, rng: random.Random) -> None:
    """Remove a protocol."""
    db.execute("DELETE FROM protocols WHERE name = 'ward@1'")


ROUGH: tuple[Attack, ...] = (
    delete, truncate_roughly, insert_roughly, before_the_first, reorder, swap_patients,
    exchange_episodes, rewrite, hide_a_look, blame_another, another_protocol,
)  # fmt: skip
"""Attacks that show without any checkpoint."""
SKILLED: tuple[Attack, ...] = (
    delete_well, truncate, insert, reorder_well, swap_patients_well, exchange_episodes_well, move,
    rewrite_well, relabel_well, skip_version_well, repeat_id_well, garbage_well, begin_anew, empty,
    hide_a_look_well, cut_off_looks, blame_another_well, another_protocol_well, forget_a_protocol,
)  # fmt: skip
"""Attacks that put right what they can; most of them show against a checkpoint alone."""
