"""Keep how a message ended before it was retried, and what the last delivery of a scheduler did."""

import sqlalchemy as sa
from alembic import op

from tracker.store.columns import TEXT, string

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_retries",
        sa.Column("outbox_id", string(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", string(300), nullable=False),
        sa.Column("state", string(20), nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", string(300)),
        sa.Column("reason", TEXT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", TEXT),
    )
    # Plain ADD COLUMN: the batch mode would copy the table and lose what guards others.
    op.add_column("heartbeats", sa.Column("still_due", sa.Integer))
    op.add_column("heartbeats", sa.Column("delivered_at", sa.BigInteger))
    op.add_column("heartbeats", sa.Column("sent", sa.Integer))
    op.add_column("heartbeats", sa.Column("failed", sa.Integer))
