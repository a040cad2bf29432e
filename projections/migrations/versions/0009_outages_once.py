"""Keep outages where every silence is kept, and nowhere else."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOVE = """
INSERT INTO silences (ended_at, scheduler, began_at)
SELECT away_until, scheduler, away_from FROM heartbeats
WHERE away_from IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM silences
    WHERE silences.ended_at = heartbeats.away_until AND silences.scheduler = heartbeats.scheduler
)
"""


def upgrade() -> None:
    op.execute(sa.text(_MOVE))
    op.drop_column("heartbeats", "away_from")
    op.drop_column("heartbeats", "away_until")
