"""Add whether a copy fills the database."""

import sqlalchemy as sa
from alembic import op

from tracker.store.columns import TEXT

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "copies",
        sa.Column("begun_at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
    )
