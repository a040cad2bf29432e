"""Who waits for whom where a server lets many write at once.

A file lets one transaction write at a time, so there none of this does anything. Every lock is held
to the end of the transaction. In this order, so that no two wait for each other: the schema, the
rows, names, and last the log, which the server's own function for appending locks.
"""

import hashlib
from collections.abc import Iterable

from sqlalchemy import ARRAY, BigInteger, bindparam, cast, func, select

from tracker.store.statements import Session, Statement

_SCHEMA, _ROWS = 0x7472_6163_6B_01, 0x7472_6163_6B_02
MANY = 64
"""Who would lock more names than this locks all rows: a server has room for so many locks."""

_lock = Statement(select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger))), "key")
_share = Statement(
    select(func.pg_advisory_xact_lock_shared(bindparam("key", type_=BigInteger))), "key"
)
_each = func.unnest(cast(bindparam("keys"), ARRAY(BigInteger))).column_valued("key")
_lock_one = Statement(
    select(
        func.pg_advisory_xact_lock_shared(bindparam("rows", type_=BigInteger)),
        func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)),
    ),
    "rows",
    "key",
)
_lock_each = Statement(select(func.pg_advisory_xact_lock(_each)), "keys")
_wait_long = Statement(select(func.set_config("lock_timeout", "60s", True)))


def _needed(conn: Session) -> bool:
    return conn.dialect.name == "postgresql"


def schema(conn: Session) -> None:
    """Let one process at a time change the tables, and nobody append; others wait for a minute.

    Who appends holds some tables and goes on to others, so changing them would wait in a circle.
    """
    if _needed(conn):
        _wait_long(conn)
        _lock(conn, _SCHEMA)
        all_rows(conn)


def all_rows(conn: Session) -> None:
    """Wait until nobody is appending, and keep the rows of every episode to oneself."""
    if _needed(conn):
        _lock(conn, _ROWS)


def named(conn: Session, names: Iterable[str]) -> None:
    """Keep what has these names to oneself: episodes by their UUID, references, short ids."""
    if not _needed(conn):
        return
    keys = sorted({_key(name) for name in names})
    if len(keys) > MANY:
        all_rows(conn)
        return
    if len(keys) == 1:
        _lock_one(conn, _ROWS, keys[0])
        return
    _share(conn, _ROWS)
    _lock_each(conn, keys)


def _key(name: str) -> int:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
