"""Add when the database was restored from a backup."""

import sqlalchemy as sa
from alembic import op

from tracker.store.columns import KEY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restores",
        sa.Column("number", KEY, primary_key=True),
        sa.Column("restored_at", sa.BigInteger, nullable=False),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("known_position", sa.BigInteger),
        sa.Column("settled_at", sa.BigInteger),
    )
