"""The key store: the keys of patients and episodes, in a database of their own.

A backup of the log holds no key, so that what is erased here stays unreadable there.
"""

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, insert, inspect, select, update

from tracker.encryption import unseen
from tracker.encryption.cipher import Key, SealBrokenError, blind, unwrap, wrap
from tracker.encryption.tables import episode_keys, metadata, patient_keys
from tracker.encryption.tables import store as t
from tracker.errors import RefusedError, StoreError, UsageError
from tracker.store.database import Database
from tracker.store.errors import ConstraintError
from tracker.store.instants import instant, micros

VERSION = 1
INDEX = UUID(bytes=hashlib.sha256(b"tracker index key").digest()[:16])
"""Id of the key that names are looked up by."""
_MOST_CACHED = 50_000
_AT_ONCE = 500
"""Episodes that one query names at most."""


class Made(NamedTuple):
    """What a key store says of itself."""

    master: UUID
    created_at: datetime.datetime
    backed_up_at: datetime.datetime | None
    backed_up_to: str | None


class Counted(NamedTuple):
    """How many keys there are."""

    patients: int
    episodes: int


class KeyStore:
    """The keys in one database, opened by a master key."""

    def __init__(self, database: Database, master: Key) -> None:
        """Check that the master key is theirs. Raises UsageError when it is another."""
        self.database = database
        self._master = master
        self._episodes: dict[UUID, Key] = {}
        wanted = self.made().master
        if wanted != master.id:
            raise UsageError(
                f"the master key is {master.id}, and the keys are wrapped by {wanted}",
                "name where that one is: [encryption] master in config.toml",
            )

    @classmethod
    def create(cls, database: Database, master: Key, now: datetime.datetime) -> "KeyStore":
        """Make an empty key store. Raises RefusedError when there is one already."""
        with database.writing() as conn:
            if has_keys(conn):
                raise RefusedError(f"{database.name} holds keys already", "tracker doctor tells")
            metadata.create_all(conn)
            index_key = wrap(master, Key(INDEX, Key.new().secret))
            row = {"version": VERSION, "master": master.id.hex, "index_key": index_key}
            conn.execute(insert(t).values(**row, created_at=micros(now)))
        return cls(database, master)

    def made(self) -> Made:
        """Return whose master key wraps the keys, and when they were last put aside."""
        with self.database.reading() as conn:
            row = conn.execute(select(t)).one_or_none() if has_keys(conn) else None
        if row is None or row.version != VERSION:
            raise StoreError(
                f"the key store in {self.database.name} is missing or of another version",
                "tracker keys restore FILE brings it back from where it was put aside",
            )
        put_aside = None if row.backed_up_at is None else instant(row.backed_up_at)
        return Made(UUID(row.master), instant(row.created_at), put_aside, row.backed_up_to)

    def put_aside(self, now: datetime.datetime, where: str) -> None:
        """Note that the keys were copied to a place."""
        with self.database.writing() as conn:
            conn.execute(update(t).values(backed_up_at=micros(now), backed_up_to=where))

    def counts(self) -> Counted:
        """Return how many patients and episodes have keys."""
        with self.database.reading() as conn:
            return Counted(
                *(
                    conn.scalar(select(func.count()).select_from(table)) or 0
                    for table in (patient_keys, episode_keys)
                )
            )

    def newest(self) -> datetime.datetime | None:
        """Return when the newest key of a patient was made, None if there is none."""
        with self.database.reading() as conn:
            found = conn.scalar(select(func.max(patient_keys.c.created_at)))
        return None if found is None else instant(found)

    @cached_property
    def index_key(self) -> bytes:
        """The key of what names are looked up by."""
        with self.database.reading() as conn:
            wrapped = conn.scalar(select(t.c.index_key))
        return self._unwrapped(self._master, INDEX, wrapped or b"").secret

    def _unwrapped(self, outer: Key, inner: UUID, wrapped: bytes) -> Key:
        try:
            return unwrap(outer, inner, wrapped)
        except SealBrokenError as error:
            raise StoreError(
                f"the key {inner} in {self.database.name} is damaged",
                "tracker keys restore FILE brings it back from where it was put aside",
            ) from error

    # Keys of episodes

    def key(self, episode: UUID) -> Key | None:
        """Return the key of an episode, None if there is none: it was erased, or lost."""
        if episode not in self._episodes:
            self.load([episode])
        return self._episodes.get(episode)

    def load(self, episodes: Sequence[UUID]) -> None:
        """Read the keys of episodes that will be asked for."""
        wanted = [episode for episode in episodes if episode not in self._episodes]
        if len(self._episodes) + len(wanted) > _MOST_CACHED:
            self._episodes.clear()
        for start in range(0, len(wanted), _AT_ONCE):
            self._episodes |= self._read(wanted[start : start + _AT_ONCE])

    def _read(self, wanted: Sequence[UUID]) -> dict[UUID, Key]:
        query = (
            select(
                episode_keys.c.episode,
                episode_keys.c.id,
                episode_keys.c.wrapped,
                patient_keys.c.id.label("outer"),
                patient_keys.c.wrapped.label("outer_wrapped"),
            )
            .join_from(episode_keys, patient_keys, episode_keys.c.patient_key == patient_keys.c.id)
            .where(episode_keys.c.episode.in_([episode.hex for episode in wanted]))
        )
        found = {}
        with self.database.reading() as conn:
            rows = conn.execute(query).fetchall()
        for row in rows:
            outer = self._unwrapped(self._master, UUID(row.outer), row.outer_wrapped)
            found[UUID(row.episode)] = self._unwrapped(outer, UUID(row.id), row.wrapped)
        return found

    def ensure(self, wanted: Mapping[UUID, str | None], now: datetime.datetime) -> None:
        """Make keys for episodes that have none, each under that of its patient, if known."""
        self.load(list(wanted))
        new = {e: self._owner(e, patient) for e, patient in wanted.items() if self.key(e) is None}
        if not new:
            return
        try:
            self._make(new, now)
        except ConstraintError:  # somebody else made one of them meanwhile
            self.load(list(new))
            self._make({e: owner for e, owner in new.items() if self.key(e) is None}, now)
        self.load(list(new))

    def _make(self, new: Mapping[UUID, str], now: datetime.datetime) -> None:
        with self.database.writing() as conn:
            for episode, owner in new.items():
                _put(conn, episode, Key.new(), self._patient_key(conn, owner, now))

    def _owner(self, episode: UUID, patient: str | None) -> str:
        """Return what stands for the patient; of one nobody knows, for the episode."""
        if patient is None:
            return blind(self.index_key, "episode", episode.hex)
        return blind(self.index_key, "patient", patient)

    def _patient_key(self, conn: Connection, owner: str, now: datetime.datetime) -> Key:
        """Return the key of a patient, made if there is none."""
        query = select(patient_keys.c.id, patient_keys.c.wrapped)
        row = conn.execute(query.where(patient_keys.c.patient == owner)).first()
        found = tuple(row) if row is not None else unseen.key_of(conn, owner)
        if found is not None:
            return self._unwrapped(self._master, UUID(found[0]), found[1])
        key = Key.new()
        conn.execute(
            insert(patient_keys).values(
                id=key.id.hex,
                patient=owner,
                wrapped=wrap(self._master, key),
                created_at=micros(now),
            )
        )
        return key

    # What becomes of keys

    def of_patient(self, patient: str) -> list[UUID]:
        """Return the episodes whose keys are under the key of a patient."""
        query = (
            select(episode_keys.c.episode)
            .join_from(episode_keys, patient_keys, episode_keys.c.patient_key == patient_keys.c.id)
            .where(patient_keys.c.patient == blind(self.index_key, "patient", patient))
        )
        with self.database.reading() as conn:
            return [UUID(text) for text in conn.execute(query).scalars()]

    def sharing(self, episodes: Iterable[UUID]) -> list[UUID]:
        """Return the other episodes whose keys are under the same patients' as some episodes'."""
        named = [episode.hex for episode in episodes]
        mine = select(episode_keys.c.patient_key).where(episode_keys.c.episode.in_(named))
        others = select(episode_keys.c.episode).where(
            episode_keys.c.patient_key.in_(mine), episode_keys.c.episode.not_in(named)
        )
        with self.database.reading() as conn:
            return [UUID(text) for text in conn.execute(others).scalars()]

    def destroy(
        self,
        episodes: Iterable[UUID],
        keep: Mapping[UUID, str | None],
        now: datetime.datetime,
    ) -> None:
        """Destroy the keys of episodes, and of the patients that they were under.

        `keep`: the other episodes under the same patients' keys, and whose they really are; their
        keys are wrapped anew, by those of their own patients.
        """
        named = [episode.hex for episode in episodes]
        for episode in keep:
            self.key(episode)  # while its wrapping can still be opened
        mine = select(episode_keys.c.patient_key).where(episode_keys.c.episode.in_(named))
        with self.database.writing() as conn:
            outers = set(conn.execute(mine).scalars())
            conn.execute(delete(episode_keys).where(episode_keys.c.episode.in_(named)))
            gone = delete(patient_keys).where(patient_keys.c.id.in_(outers))
            conn.execute(gone)
            for episode, patient in keep.items():
                self._rewrap(conn, episode, self._owner(episode, patient), now)
        self._episodes.clear()

    def _rewrap(self, conn: Connection, episode: UUID, owner: str, now: datetime.datetime) -> None:
        key = self._episodes.get(episode)
        if key is not None:
            conn.execute(delete(episode_keys).where(episode_keys.c.episode == episode.hex))
            _put(conn, episode, key, self._patient_key(conn, owner, now))

    def rotate(self, master: Key) -> None:
        """Wrap every patient's key by another master key. No event changes."""
        index_key = Key(INDEX, self.index_key)
        anew = (
            update(patient_keys)
            .where(patient_keys.c.id == bindparam("named"))
            .values(wrapped=bindparam("anew"))
        )
        with self.database.writing() as conn:
            rows = conn.execute(select(patient_keys.c.id, patient_keys.c.wrapped)).fetchall()
            keys = [self._unwrapped(self._master, UUID(id_), wrapped) for id_, wrapped in rows]
            wrapped = [{"named": key.id.hex, "anew": wrap(master, key)} for key in keys]
            if wrapped:
                conn.execute(anew, wrapped)
            made = {"master": master.id.hex, "index_key": wrap(master, index_key)}
            # What was put aside is wrapped by the old one, and worth nothing without it.
            conn.execute(update(t).values(**made, backed_up_at=None, backed_up_to=None))
        self._master = master

    # Putting them aside

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every row of the key store with the name of its table, as of one moment."""
        with self.database.reading() as conn:
            for table in metadata.sorted_tables:
                for row in conn.execute(select(table)).mappings():
                    yield table.name, dict(row)


def has_keys(conn: Connection) -> bool:
    """Whether a database holds a key store."""
    return inspect(conn).has_table(t.name)


def _put(conn: Connection, episode: UUID, key: Key, outer: Key) -> None:
    conn.execute(
        insert(episode_keys).values(
            episode=episode.hex,
            id=key.id.hex,
            patient_key=outer.id.hex,
            wrapped=wrap(outer, key),
        )
    )
