"""Attacks on the access log."""

import random
import sqlite3

from tracker.access import chain as access_chain


def hide_a_look(db: sqlite3.Connection, rng: random.Random) -> None:
    """Remove a look from the access log."""
    (at,) = rng.choice(db.execute("SELECT position FROM accesses").fetchall())
    db.execute("DELETE FROM accesses WHERE position = ?", (at,))


def hide_a_look_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Remove a look, close the gap and compute every hash anew."""
    hide_a_look(db, rng)
    rechain_looks(db)


def forget_what_was_given(db: sqlite3.Connection, rng: random.Random) -> None:
    """Let SQLite remember no number of the last position that it gave."""
    table, what = rng.choice(["events", "accesses"]), rng.choice(["'x'", "NULL", "x'00'", "1.5"])
    db.execute(f"UPDATE sqlite_sequence SET seq = {what} WHERE name = '{table}'")


def write_otherwise(db: sqlite3.Connection, rng: random.Random) -> None:
    """Write a look in another way, which some read otherwise, and compute every hash anew."""
    (at, state), *_ = rng.sample(db.execute("SELECT position, state FROM accesses").fetchall(), 1)
    changed = rng.choice(
        [
            state.replace(b'Z"', b'z"', 1),
            state.replace(b'Z"', b'+00:00"', 1),
            state.replace(b'Z"', b'.0000001Z"', 1),
            state[:-1] + b',"actor":"eve"}',
            state[:-1] + b',"count":1.0}',
            state[:-1] + b',"query":{"a":1e999}}',
            state[:-1] + b',"purpose":"\\ud800"}',
            state[:-1] + b',"purpose":null}',
            state.replace(b'":"', b'": "', 1),
        ]
    )
    db.execute("UPDATE accesses SET state = ? WHERE position = ?", (changed, at))
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
