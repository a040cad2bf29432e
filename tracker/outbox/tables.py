"""Tables of the outbox: neither log nor read model, so a rebuild leaves them as they are.

Instants are microseconds since 1970 in UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from tracker.store.columns import TEXT, string

metadata = MetaData()

outbox = Table(
    "outbox",
    metadata,
    Column("id", string(36), primary_key=True),
    Column("event", string(200)),
    Column("episode_key", BigInteger),
    Column("reminder", TEXT),
    Column("level", Integer, nullable=False),
    Column("coordinator", TEXT),
    Column("site", TEXT),
    Column("channel", string(64), nullable=False),
    Column("recipient", TEXT),
    Column("priority", Integer, nullable=False),
    Column("form", string(20), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("bundled", Boolean, nullable=False),
    Column("message", string(36)),
    Column("due_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("next_attempt_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_by", string(300)),
    Column("claimed_until", BigInteger),
    Column("state", string(20), nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", string(300)),
    Column("reason", TEXT),
    Column("last_error", TEXT),
    Index("ix_outbox_waiting", "state", "priority", "next_attempt_at", "due_at"),
    Index("ix_outbox_event", "event"),
    Index("ix_outbox_message", "message"),
    Index("ix_outbox_episode", "episode_key"),
)
"""One row for each recipient and channel of what was issued; `message` is what it went out in."""

retries = Table(
    "outbox_retries",
    metadata,
    Column("outbox_id", string(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("by", string(300), nullable=False),
    Column("state", string(20), nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", string(300)),
    Column("reason", TEXT),
    Column("attempts", Integer, nullable=False),
    Column("last_error", TEXT),
)
"""Each time somebody let a row be sent again: who and when, and how it stood until then."""

digests = Table(
    "digests",
    metadata,
    Column("coordinator", string(200), primary_key=True),
    Column("made_for", BigInteger, nullable=False),
)
"""The latest hour of a daily digest for which each coordinator's was made."""
