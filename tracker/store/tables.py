"""Tables of the log. They are appended to and never changed: triggers refuse it."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from tracker.store.columns import KEY, TEXT, string

metadata = MetaData()

episodes = Table(
    "episodes",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("uuid", string(32), nullable=False, unique=True),
    sqlite_autoincrement=True,
)
"""The short key by which everything in this database names an episode; `uuid` in hexadecimal."""

events = Table(
    "events",
    metadata,
    Column("position", KEY, primary_key=True, autoincrement=False),
    Column("episode_key", KEY, ForeignKey("episodes.key"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", TEXT, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("episode_key", "version", name="uq_events_episode_key_version"),
    sqlite_autoincrement=True,
)
"""Every event: position 1, 2, 3 ... in the order of commit, and the hash that chains it."""

protocols = Table(
    "protocols",
    metadata,
    Column("name", string(100), primary_key=True),
    Column("text", TEXT, nullable=False),
    Column("hash", string(64), nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("actor", TEXT, nullable=False),
)
"""Protocols that a site added, and built-in ones that have judged; a version never changes."""

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("scheduler", string(200), primary_key=True),
    Column("last_tick", BigInteger, nullable=False),
    Column("issued", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("every_seconds", Integer),
    Column("ended_at", BigInteger),
    Column("still_due", Integer),
    Column("delivered_at", BigInteger),
    Column("sent", Integer),
    Column("failed", Integer),
)
"""When each scheduler last did its work, and what it did then. This one table is overwritten.

`every_seconds`: how often it means to, absent when a timer runs it. `still_due`: episodes that were
due still when the tick was over.
`delivered_at`, `sent` and `failed`: its last delivery that had anything to do.
"""

restores = Table(
    "restores",
    metadata,
    Column("number", KEY, primary_key=True),
    Column("restored_at", BigInteger, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("known_position", BigInteger),
    Column("settled_at", BigInteger),
)
"""When the database was restored from a backup, and of what time the backup was."""

encryption = Table(
    "encryption",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("since", BigInteger, nullable=False),
)
"""One row where events are sealed, so that nobody writes a plain one; else none."""

silences = Table(
    "silences",
    metadata,
    Column("ended_at", BigInteger, primary_key=True, autoincrement=False),
    Column("scheduler", string(200), primary_key=True),
    Column("began_at", BigInteger),
)
"""Stretches in which no scheduler ticked, and which one ended them.

`began_at`: the tick before it, absent when there had been none.
"""

trusts = Table(
    "trusts",
    metadata,
    Column("position", KEY, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("ahead_until", BigInteger, nullable=False),
)
"""When the clock was said to be right although events up to a position have later times."""

APPEND_ONLY = ("episodes", "events", "protocols")
"""Names of the tables on which UPDATE and DELETE are refused."""
