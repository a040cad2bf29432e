"""Attacks on stored protocols."""

import hashlib
import random
import sqlite3


def another_protocol(db: sqlite3.Connection, rng: random.Random) -> None:
    """Change a word in a protocol."""
    db.execute("UPDATE protocols SET text = text || '# later' WHERE name = 'ward@1'")


def another_protocol_well(db: sqlite3.Connection, rng: random.Random) -> None:
    """Change a protocol that no other is based on, and its hash with it."""
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
