"""Protocols kept in the database, so that every machine judges alike."""

import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from tracker.store.instants import instant, micros
from tracker.store.tables import protocols as t


class StoredProtocol(NamedTuple):
    """The text of one version of a protocol, and who added it when."""

    name: str
    text: str
    hash: str
    added_at: datetime.datetime
    actor: str


def find(conn: Connection, name: str) -> StoredProtocol | None:
    """Return a stored protocol by `id@version`, None if it is not stored."""
    row = conn.execute(select(t).where(t.c.name == name)).first()
    if row is None:
        return None
    return StoredProtocol(row.name, row.text, row.hash, instant(row.added_at), row.actor)


def names(conn: Connection) -> list[str]:
    """Return the names of all stored protocols."""
    return list(conn.execute(select(t.c.name).order_by(t.c.name)).scalars())


def add(conn: Connection, protocol: StoredProtocol) -> None:
    """Store a protocol; a name that is taken breaks a constraint."""
    values = {**protocol._asdict(), "added_at": micros(protocol.added_at)}
    conn.execute(insert(t).values(values))
