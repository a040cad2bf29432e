"""Whether a database is being filled by a copy: until that has finished, nobody may use it."""

import datetime

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, insert, select, update

from tracker.store.columns import TEXT
from tracker.store.instants import micros
from tracker.store.statements import Session, Statement

metadata = MetaData()

copies = Table(
    "copies",
    metadata,
    Column("begun_at", BigInteger, primary_key=True, autoincrement=False),
    Column("source", TEXT, nullable=False),
    Column("finished_at", BigInteger),
)
"""One row where a copy was begun: from where, and when it had finished. It is never copied."""

_unfinished = Statement(select(copies.c.source).where(copies.c.finished_at.is_(None)))

_finished = Statement(select(copies.c.source).where(copies.c.finished_at.is_not(None)))


def unfinished(conn: Session) -> str | None:
    """Return from where a database is being filled, None if it is not."""
    row = _unfinished.row(conn)
    return None if row is None else str(row[0])


def finished(conn: Session) -> str | None:
    """Return from where a database was filled by a copy that has finished, None if by none."""
    row = _finished.row(conn)
    return None if row is None else str(row[0])


def begin(conn: Connection, source: str, now: datetime.datetime) -> None:
    """Note that a copy begins: nobody else may use the database."""
    conn.execute(insert(copies).values(begun_at=micros(now), source=source))


def finish(conn: Connection, now: datetime.datetime) -> None:
    """Note that the copy has finished: from now on the database may be used."""
    conn.execute(update(copies).values(finished_at=micros(now)))
