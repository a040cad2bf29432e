"""Add what says that a tracker is encrypted, and the sealed names of episodes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "encryption",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    # Plain ADD COLUMN: the batch mode would copy the table and lose what guards others.
    op.add_column("episode_index", sa.Column("sealed", sa.LargeBinary))
