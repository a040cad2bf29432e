"""The access log's table. It is appended to and never changed: triggers refuse it."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table

from tracker.store.columns import KEY, TEXT

metadata = MetaData()

accesses = Table(
    "accesses",
    metadata,
    Column("position", KEY, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("episode_key", KEY),
    Column("state", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("ix_accesses_at", "at"),
    Index("ix_accesses_actor", "actor", "position"),
    Index("ix_accesses_episode_key", "episode_key", "position"),
    sqlite_autoincrement=True,
)
"""Every look: position 1, 2, 3 ... in the order of commit, and the hash that chains it.

`state` is what is hashed. `at` (microseconds since 1970 in UTC), `actor` and `episode_key` repeat
what is in it, for queries; the chain's check compares them with it.
"""

APPEND_ONLY = ("accesses",)
"""Names of the tables on which UPDATE and DELETE are refused."""
