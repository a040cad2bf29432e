"""Tables of the read models: disposable, derived from the log, rebuilt at will.

Instants are microseconds since 1970 in UTC. Nothing here refers to another table by a constraint,
so that a rebuilt table can take the place of a live one.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from tracker.store.columns import KEY, TEXT, string

metadata = MetaData()


def _episode_key() -> Column[int]:
    return Column("episode_key", KEY, primary_key=True, autoincrement=False)


episode_index = Table(
    "episode_index",
    metadata,
    _episode_key(),
    Column("uuid", string(32), nullable=False),
    Column("short_id", TEXT),
    Column("reference", TEXT),
    Column("patient", TEXT),
    Column("sealed", LargeBinary),
    Index("ix_episode_index_uuid", "uuid"),
    Index("ix_episode_index_short_id", "short_id"),
    Index("ix_episode_index_reference", "reference"),
    Index("ix_episode_index_patient", "patient"),
)
"""What people call an episode.

Where the tracker is encrypted, reference and patient hold what finds them and tells nothing, and
`sealed` holds the two, to be shown.
"""

worklist = Table(
    "worklist",
    metadata,
    _episode_key(),
    Column("stage", string(20), nullable=False),
    Column("leak", string(20), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("due_kind", TEXT),
    Column("next_step", TEXT),
    Column("owner", TEXT),
    Column("reminders", Integer, nullable=False),
    Column("alerts", Integer, nullable=False),
    Column("coordinator", TEXT),
    Column("site", TEXT),
    Column("protocol", TEXT, nullable=False),
    Column("time_zone", TEXT, nullable=False),
    Column("changes_at", BigInteger),
    Column("next_action_at", BigInteger),
    Index("ix_worklist_order", "listed", "urgent", "due_at", "episode_key"),
    Index("ix_worklist_stage", "stage", "urgent", "due_at", "episode_key"),
    Index("ix_worklist_coordinator", "coordinator", "listed", "urgent", "due_at", "episode_key"),
    Index("ix_worklist_site", "site", "listed", "urgent", "due_at", "episode_key"),
    Index("ix_worklist_changes_at", "changes_at"),
    Index("ix_worklist_next_action_at", "next_action_at"),
)
"""One row per episode. What depends on time in it holds until `changes_at`, and no longer."""

worklist_counts = Table(
    "worklist_counts",
    metadata,
    Column("stage", string(20), primary_key=True),
    Column("coordinator", string(200), primary_key=True),
    Column("site", string(200), primary_key=True),
    Column("listed", Boolean, primary_key=True),
    Column("urgent", Boolean, primary_key=True),
    Column("overdue", Boolean, primary_key=True),
    Column("episodes", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many rows of the worklist have each combination; an absent name is the empty text.

One that has no row is zero, and so may be one that has."""

reminders = Table(
    "reminders",
    metadata,
    _episode_key(),
    Column("id", string(200), primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("anchor", TEXT, nullable=False),
    Column("opens_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("acknowledged_by", TEXT),
    Column("snoozed_until", BigInteger),
    Index("ix_reminders_due_at", "due_at", "episode_key"),
    sqlite_with_rowid=False,
)
"""Every reminder that is still owed. Whether it is open or overdue is for the reader's clock."""

alerts = Table(
    "alerts",
    metadata,
    _episode_key(),
    Column("id", string(200), primary_key=True),
    Column("rule", TEXT, nullable=False),
    Column("severity", string(20), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("acknowledged_by", TEXT),
    Index("ix_alerts_severity", "severity", "since", "episode_key"),
    sqlite_with_rowid=False,
)
"""Every alert that was active when the episode was last evaluated."""

tallies = Table("tallies", metadata, _episode_key(), Column("names", TEXT, nullable=False))
"""What an episode counts for: names of counters in order, one a line."""

counters = Table(
    "counters",
    metadata,
    Column("name", string(200), primary_key=True),
    Column("value", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many episodes count for each name; one that has no row counts for none."""

parked = Table(
    "parked",
    metadata,
    _episode_key(),
    Column("position", BigInteger, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("parked_at", BigInteger, nullable=False),
)
"""Episodes whose rows could not be written: shown as incomplete until they are caught up."""

projection_state = Table(
    "projection_state",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)
"""One row: the version of the read models and the position of the log they have reached."""

VERSION = 1
"""Version of the read models; another one in the database asks for a rebuild."""
