"""Putting the keys aside, and bringing them back: a file of wrapped keys."""

import base64
import datetime
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, select

from tracker.encryption.cipher import Key
from tracker.encryption.store import KeyStore, has_keys
from tracker.encryption.tables import episode_keys, metadata, patient_keys
from tracker.encryption.tables import store as about
from tracker.errors import RefusedError, StoreError, UsageError
from tracker.store.database import Database

FORMAT = "tracker keys 1"


class _Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    rows: dict[str, list[dict[str, str | int | None]]]


def put_aside(keys: KeyStore, path: Path, now: datetime.datetime) -> None:
    """Write every key into a new file for its owner alone.

    The keys stay wrapped: without the master key the file opens nothing. Raises RefusedError when
    the file is there, StoreError when it cannot be written.
    """
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in metadata.sorted_tables}
    for table, row in keys.rows():
        rows[table].append({name: _text(value) for name, value in row.items()})
    _write(path, json.dumps({"format": FORMAT, "rows": rows}, indent=1))
    keys.put_aside(now, str(path.absolute()))


def _text(value: Any) -> str | int | None:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _write(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise RefusedError(f"{path} is there already", "name a new file") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def bring_back(database: Database, master: Key, path: Path, erased: Collection[UUID]) -> KeyStore:
    """Fill an empty key store from a file; the keys of erased episodes stay out of it.

    Raises RefusedError when the key store holds keys, UsageError when the file holds none, or the
    master key is another.
    """
    copy = _read(path)
    gone = {episode.hex for episode in erased}
    with database.writing() as conn:
        if has_keys(conn):
            raise RefusedError(
                f"{database.name} holds keys already: a copy never replaces them",
                "move that key store away first, if it is damaged",
            )
        metadata.create_all(conn)
        for table in metadata.sorted_tables:
            rows = [_row(table.name, row) for row in copy.rows.get(table.name, ())]
            kept = [row for row in rows if row.get("episode") not in gone]
            if kept:
                conn.execute(insert(table), kept)
        in_use = select(episode_keys.c.patient_key)
        conn.execute(delete(patient_keys).where(patient_keys.c.id.not_in(in_use)))
    return KeyStore(database, master)


def _row(table: str, row: Mapping[str, str | int | None]) -> dict[str, Any]:
    binary = {about.name: ("index_key",)}.get(table, ("wrapped",))
    return {
        name: base64.b64decode(value) if name in binary and isinstance(value, str) else value
        for name, value in row.items()
    }


def _read(path: Path) -> _Copy:
    try:
        copy = msgspec.json.decode(path.read_bytes(), type=_Copy)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is no copy of keys: {error}") from error
    if copy.format != FORMAT or len(copy.rows.get(about.name, ())) != 1:
        raise UsageError(f"{path} is no copy of keys", "tracker keys backup FILE writes one")
    return copy
