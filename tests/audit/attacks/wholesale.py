"""Attacks on everything at once: the record as it never was, or as it was some time ago."""

import random
import sqlite3

from tests.audit.attacks.events import rechain, rewrite, tidy, truncate
from tests.audit.attacks.looks import blame_another_well, cut_off_looks, rechain_looks
from tests.audit.attacks.shelf import another_protocol_well


def roll_back(db: sqlite3.Connection, rng: random.Random) -> None:
    """Leave of all logs what was there at some time."""
    truncate(db, rng)
    cut_off_looks(db, rng)
    keys = "SELECT key FROM episodes"
    db.execute(f"DELETE FROM accesses WHERE episode_key NOT IN ({keys})")
    rechain_what_is_left(db)


def rechain_what_is_left(db: sqlite3.Connection) -> None:
    """Compute all hashes anew, and remove what would tell that there was more."""
    tidy(db)
    rechain(db)
    rechain_looks(db)


def write_anew(db: sqlite3.Connection, rng: random.Random) -> None:
    """Change events, looks and protocols, and compute every hash of them anew."""
    for _ in range(rng.randrange(1, 5)):
        rewrite(db, rng)
    rechain(db)
    blame_another_well(db, rng)
    another_protocol_well(db, rng)
