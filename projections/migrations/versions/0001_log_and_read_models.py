"""Make the log with its triggers, and the read models."""

import sqlalchemy as sa
from alembic import op

from tracker.store.columns import KEY, TEXT, string

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "episodes": ("key = NEW.key", "uuid = NEW.uuid"),
    "events": (
        "position = NEW.position",
        "episode_key = NEW.episode_key AND version = NEW.version",
    ),
    "protocols": ("name = NEW.name",),
}
"""The tables that only grow, and what of a new row another one may have already."""


def upgrade() -> None:
    _log()
    _refuse_changes()
    _heartbeats()
    _episode_index()
    _worklist()
    _reminders_and_alerts()
    _statistics()
    _state()


def _log() -> None:
    op.create_table(
        "episodes",
        sa.Column("key", KEY, primary_key=True),
        sa.Column("uuid", string(32), nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        sa.Column("position", KEY, primary_key=True, autoincrement=False),
        sa.Column("episode_key", KEY, sa.ForeignKey("episodes.key"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("episode_key", "version", name="uq_events_episode_key_version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "protocols",
        sa.Column("name", string(100), primary_key=True),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("hash", string(64), nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
    )


def _heartbeats() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("scheduler", string(200), primary_key=True),
        sa.Column("last_tick", sa.BigInteger, nullable=False),
        sa.Column("issued", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
    )


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_refuse_{act.lower()} BEFORE {act} ON {table} BEGIN"
                    f" SELECT RAISE(ABORT, 'the log is append-only: {act} on {table} refused');"
                    " END"
                )
            _refuse_replacing(table)
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'the log is append-only: % on % refused', TG_OP, TG_TABLE_NAME;"
        " END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _refuse_replacing(table: str) -> None:
    """Refuse INSERT OR REPLACE, whose deletions fire no trigger on an ordinary connection."""
    there = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (written in this file)
        for same in APPEND_ONLY[table]
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse_replace BEFORE INSERT ON {table} WHEN {there} BEGIN"
        f" SELECT RAISE(ABORT, 'the log is append-only: {table} has that row already'); END"
    )


def _episode_key() -> "sa.Column[int]":
    return sa.Column("episode_key", KEY, primary_key=True, autoincrement=False)


def _episode_index() -> None:
    op.create_table(
        "episode_index",
        _episode_key(),
        sa.Column("uuid", string(32), nullable=False),
        sa.Column("short_id", TEXT),
        sa.Column("reference", TEXT),
        sa.Column("patient", TEXT),
    )
    for column in ("uuid", "short_id", "reference", "patient"):
        op.create_index(f"ix_episode_index_{column}", "episode_index", [column])


def _worklist() -> None:
    op.create_table(
        "worklist",
        _episode_key(),
        sa.Column("stage", string(20), nullable=False),
        sa.Column("leak", string(20), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("due_kind", TEXT),
        sa.Column("next_step", TEXT),
        sa.Column("owner", TEXT),
        sa.Column("reminders", sa.Integer, nullable=False),
        sa.Column("alerts", sa.Integer, nullable=False),
        sa.Column("coordinator", TEXT),
        sa.Column("site", TEXT),
        sa.Column("protocol", TEXT, nullable=False),
        sa.Column("time_zone", TEXT, nullable=False),
        sa.Column("changes_at", sa.BigInteger),
        sa.Column("next_action_at", sa.BigInteger),
    )
    order = ["urgent", "due_at", "episode_key"]
    op.create_index("ix_worklist_order", "worklist", ["listed", *order])
    op.create_index("ix_worklist_stage", "worklist", ["stage", *order])
    op.create_index("ix_worklist_coordinator", "worklist", ["coordinator", "listed", *order])
    op.create_index("ix_worklist_site", "worklist", ["site", "listed", *order])
    op.create_index("ix_worklist_changes_at", "worklist", ["changes_at"])
    op.create_index("ix_worklist_next_action_at", "worklist", ["next_action_at"])
    op.create_table(
        "worklist_counts",
        sa.Column("stage", string(20), primary_key=True),
        sa.Column("coordinator", string(200), primary_key=True),
        sa.Column("site", string(200), primary_key=True),
        sa.Column("listed", sa.Boolean, primary_key=True),
        sa.Column("urgent", sa.Boolean, primary_key=True),
        sa.Column("overdue", sa.Boolean, primary_key=True),
        sa.Column("episodes", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _reminders_and_alerts() -> None:
    op.create_table(
        "reminders",
        _episode_key(),
        sa.Column("id", string(200), primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("anchor", TEXT, nullable=False),
        sa.Column("opens_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_by", TEXT),
        sa.Column("snoozed_until", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reminders_due_at", "reminders", ["due_at", "episode_key"])
    op.create_table(
        "alerts",
        _episode_key(),
        sa.Column("id", string(200), primary_key=True),
        sa.Column("rule", TEXT, nullable=False),
        sa.Column("severity", string(20), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_by", TEXT),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alerts_severity", "alerts", ["severity", "since", "episode_key"])


def _statistics() -> None:
    op.create_table("tallies", _episode_key(), sa.Column("names", TEXT, nullable=False))
    op.create_table(
        "counters",
        sa.Column("name", string(200), primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _state() -> None:
    op.create_table(
        "parked",
        _episode_key(),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("parked_at", sa.BigInteger, nullable=False),
    )
    state = op.create_table(
        "projection_state",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(state, [{"version": 1, "position": 0}])
