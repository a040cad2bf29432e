"""Add the outbox, and to heartbeats how long the scheduler was away and whether it has ended."""

import sqlalchemy as sa
from alembic import op

from tracker.store.columns import TEXT, string

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _outbox()
    op.create_table(
        "digests",
        sa.Column("coordinator", string(200), primary_key=True),
        sa.Column("made_for", sa.BigInteger, nullable=False),
    )
    # Plain ADD COLUMN: the batch mode would copy the table and lose what guards others.
    op.add_column("heartbeats", sa.Column("every_seconds", sa.Integer))
    op.add_column("heartbeats", sa.Column("ended_at", sa.BigInteger))
    op.add_column("heartbeats", sa.Column("away_from", sa.BigInteger))
    op.add_column("heartbeats", sa.Column("away_until", sa.BigInteger))


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", string(36), primary_key=True),
        sa.Column("event", string(200)),
        sa.Column("episode_key", sa.BigInteger),
        sa.Column("reminder", TEXT),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("coordinator", TEXT),
        sa.Column("site", TEXT),
        sa.Column("channel", string(64), nullable=False),
        sa.Column("recipient", TEXT),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("form", string(20), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("bundled", sa.Boolean, nullable=False),
        sa.Column("message", string(36)),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claimed_by", string(300)),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("state", string(20), nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", string(300)),
        sa.Column("reason", TEXT),
        sa.Column("last_error", TEXT),
    )
    waiting = ["state", "priority", "next_attempt_at", "due_at"]
    op.create_index("ix_outbox_waiting", "outbox", waiting)
    op.create_index("ix_outbox_event", "outbox", ["event"])
    op.create_index("ix_outbox_message", "outbox", ["message"])
