"""How far a copy of a server, one that follows its primary and only answers, is behind it."""

import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, column, func, select, table

from tracker.store.database import Database
from tracker.store.statements import Session, Statement

_follows = table("pg_stat_wal_receiver", column("pid"))
# Everything that came is applied, and more would come: then nothing is missing, however long ago
# the last change was.
_in_step = and_(
    func.pg_last_wal_replay_lsn() >= func.pg_last_wal_receive_lsn(),
    select(_follows.c.pid).where(_follows.c.pid.is_not(None)).exists(),
)
_state = Statement(
    select(
        func.clock_timestamp(),
        func.pg_last_xact_replay_timestamp(),
        func.coalesce(_in_step, False),
        select(func.count(_follows.c.pid)).scalar_subquery(),
    )
)


class Lag(NamedTuple):
    """How far a replica is behind."""

    as_of: datetime.datetime | None
    """What was committed up to then is there, and maybe more. None: nothing came yet."""
    behind: datetime.timedelta | None
    """At most so much is missing; zero where nothing is. None: nobody knows."""
    following: bool
    """Whether it is connected to its primary."""


def lag(database: Database) -> Lag | None:
    """Return how far a database is behind its primary, None if it is one itself."""
    if not database.on_server:
        return None
    with database.querying() as conn:
        return _lag(conn) if _is_replica(conn) else None


def _is_replica(conn: Session) -> bool:
    # The server tells it when one connects, so that a primary need not be asked.
    raw: Any = conn.connection.driver_connection
    return bool(raw.info.parameter_status("in_hot_standby") == "on")


def _lag(conn: Session) -> Lag:
    now, replayed, in_step, following = _state.rows(conn)[0]
    if in_step:
        return Lag(now, datetime.timedelta(), following=True)
    return Lag(replayed, None if replayed is None else now - replayed, bool(following))
