"""Keep on record that a clock is right although one was ahead before."""

import sqlalchemy as sa
from alembic import op

from tracker.store.columns import KEY

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trusts",
        sa.Column("position", KEY, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("ahead_until", sa.BigInteger, nullable=False),
    )
