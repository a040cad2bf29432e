"""Keep when no scheduler ticked, and find the messages of an episode."""

import sqlalchemy as sa
from alembic import op

from tracker.store.columns import string

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "silences",
        sa.Column("ended_at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("scheduler", string(200), primary_key=True),
        sa.Column("began_at", sa.BigInteger),
    )
    op.create_index("ix_outbox_episode", "outbox", ["episode_key"])
