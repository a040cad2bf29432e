"""Add the access log with its triggers."""

import sqlalchemy as sa
from alembic import op

from tracker.store.columns import KEY, TEXT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accesses",
        sa.Column("position", KEY, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("episode_key", KEY),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_accesses_at", "accesses", ["at"])
    op.create_index("ix_accesses_actor", "accesses", ["actor", "position"])
    op.create_index("ix_accesses_episode_key", "accesses", ["episode_key", "position"])
    _refuse_changes()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE TRIGGER accesses_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE"
            " ON accesses FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER accesses_refuse_{act.lower()} BEFORE {act} ON accesses BEGIN"
            f" SELECT RAISE(ABORT, 'the access log is append-only: {act} refused'); END"
        )
    # INSERT OR REPLACE deletes without firing a trigger on an ordinary connection.
    op.execute(
        "CREATE TRIGGER accesses_refuse_replace BEFORE INSERT ON accesses"
        " WHEN EXISTS (SELECT 1 FROM accesses WHERE position = NEW.position) BEGIN"
        " SELECT RAISE(ABORT, 'the access log is append-only: that row is there already'); END"
    )
