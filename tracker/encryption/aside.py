"""Putting the keys aside, and bringing them back: a file of wrapped keys."""

import datetime
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Table, delete, insert, select

from tracker.decoding import decode
from tracker.encryption.cipher import Key, SealBrokenError, unwrap
from tracker.encryption.store import INDEX, KeyStore, has_keys
from tracker.encryption.tables import episode_keys, metadata, patient_keys
from tracker.encryption.tables import store as about
from tracker.errors import RefusedError, StoreError, UsageError
from tracker.store.database import Database

FORMAT = "tracker keys 1"
Id = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a table of the key store; bytes are written in base64."""


class _About(_Row, frozen=True):
    version: int
    master: Id
    index_key: bytes
    created_at: int
    backed_up_at: int | None
    backed_up_to: str | None


class _Patient(_Row, frozen=True):
    id: Id
    patient: str
    wrapped: bytes
    created_at: int


class _Episode(_Row, frozen=True):
    episode: Id
    id: Id
    patient_key: Id
    wrapped: bytes


class _Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key_store: Annotated[list[_About], Meta(min_length=1, max_length=1)]
    patient_keys: list[_Patient]
    episode_keys: list[_Episode]


class _Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    rows: _Rows


def put_aside(keys: KeyStore, path: Path, now: datetime.datetime) -> None:
    """Write every key into a new file for its owner alone.

    The keys stay wrapped: without the master key the file opens nothing. Raises RefusedError when
    the file is there, StoreError when it cannot be written.
    """
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in metadata.tables}
    for table, row in keys.rows():
        rows[table].append(row)
    text = msgspec.json.encode({"format": FORMAT, "rows": rows})
    _write(path, msgspec.json.format(text, indent=1))
    keys.put_aside(now, str(path.absolute()))


def _write(path: Path, text: bytes) -> None:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise RefusedError(f"{path} is there already", "name a new file") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(text + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def bring_back(
    database: Database,
    master: Key,
    path: Path,
    erased: Collection[UUID],
    now: datetime.datetime,
) -> KeyStore:
    """Fill an empty key store from a file; the keys of erased episodes stay out of it.

    Every key is opened before one is kept: a damaged copy must not take the place of a good one.
    Raises RefusedError when the key store holds keys, UsageError when the file holds none, one of
    them is damaged, or the master key is another.
    """
    rows = _read(path)
    _open_all(rows, master, path)
    gone = {episode.hex for episode in erased}
    kept: dict[Table, Sequence[_Row]] = {
        about: rows.key_store,
        patient_keys: rows.patient_keys,
        episode_keys: [row for row in rows.episode_keys if row.episode not in gone],
    }
    with database.writing() as conn:
        if has_keys(conn):
            raise RefusedError(
                f"{database.name} holds keys already: a copy never replaces them",
                "move that key store away first, if it is damaged",
            )
        metadata.create_all(conn)
        for table, some in kept.items():
            if some:
                conn.execute(insert(table), [msgspec.structs.asdict(row) for row in some])
        in_use = select(episode_keys.c.patient_key)
        conn.execute(delete(patient_keys).where(patient_keys.c.id.not_in(in_use)))
    store = KeyStore(database, master)
    store.put_aside(now, str(path.absolute()))
    return store


def _open_all(rows: _Rows, master: Key, path: Path) -> None:
    """Unwrap every key. Raises UsageError for one that cannot be, and for another master key."""
    (made,) = rows.key_store
    if made.master != master.id.hex:
        raise UsageError(
            f"the master key is {master.id}, and the keys in {path} are wrapped by"
            f" {UUID(made.master)}",
            "name where that one is: [encryption] master in config.toml",
        )
    try:
        unwrap(master, INDEX, made.index_key)
        patients = {row.id: unwrap(master, UUID(row.id), row.wrapped) for row in rows.patient_keys}
        for row in rows.episode_keys:
            unwrap(patients[row.patient_key], UUID(row.id), row.wrapped)
    except (SealBrokenError, KeyError) as error:
        raise UsageError(
            f"{path} is damaged: not every key in it can be opened", "bring another copy back"
        ) from error


def _read(path: Path) -> _Rows:
    try:
        copy = decode(path.read_bytes(), _Copy)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise UsageError(
            f"{path} is no copy of keys: {error}", "tracker keys backup FILE writes one"
        ) from error
    if copy.format != FORMAT:
        raise UsageError(f"{path} is no copy of keys", "tracker keys backup FILE writes one")
    return copy.rows
