"""What seals a tracker, found when it is opened: its keys, or why they cannot be used."""

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn
from uuid import UUID

from sqlalchemy import Connection, insert, select

from tracker.config import KEYS_FILE, Location, make_home
from tracker.encryption import settings as configuration
from tracker.encryption.settings import Encryption
from tracker.errors import KeylessError, RefusedError, StoreError, TrackerError, UsageError
from tracker.store.database import Database
from tracker.store.instants import micros
from tracker.store.sealing import SEALED, Names
from tracker.store.sqlite import create_file, sqlite_engine
from tracker.store.tables import encryption, events

if TYPE_CHECKING:
    from tracker.encryption.cipher import Key
    from tracker.encryption.master import Source

VERSION = 1


class Locked:
    """Stands for the keys where they cannot be used: says why, as soon as one is needed."""

    def __init__(self, why: TrackerError) -> None:
        self.why = why

    def prepare(self, episodes: Mapping[UUID, str | None], now: datetime.datetime) -> None:
        """Refuse to make keys."""
        raise self.why

    def load(self, episodes: Sequence[UUID]) -> None:
        """Load nothing."""

    def seal(self, episode: UUID, version: int, topic: str, plain: bytes) -> bytes:
        """Refuse to write."""
        raise self.why

    def unseal(self, episode: UUID, version: int, topic: str, state: bytes) -> bytes:
        """Refuse to read. Raises KeylessError."""
        raise KeylessError(f"episode {episode} is sealed: {self.why.message}", self.why.hint)

    def disclose(self, episode: UUID) -> tuple[UUID, bytes] | None:
        """Refuse to give a key."""
        raise self.why

    def conceal(self, episode: UUID, reference: str | None, patient: str | None) -> Names:
        """Refuse to write names."""
        self._refuse()

    def reveal(self, episode: UUID, sealed: bytes | None) -> tuple[str | None, str | None]:
        """Tell no names."""
        return None, None

    def blind(self, what: str, text: str) -> str:
        """Refuse to look anything up."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise self.why


def attach(database: Database, location: Location, environ: Mapping[str, str]) -> None:
    """Let a database seal and unseal, if its tracker is encrypted.

    Without the keys it opens all the same: its chain can be verified, and what needs a key says
    what is missing. Raises StoreError when the configuration asks for encryption and the tracker
    has none. One that cannot be read asks for nothing: whoever needs it says so, and what is
    recorded does not.
    """
    with database.reading() as conn:
        encrypted = is_encrypted(conn)
        sealed = not encrypted and is_sealed(conn)
    if sealed:
        gone = "events of this tracker are encrypted, and what says so is gone from its database"
        database.seal_by(Locked(StoreError(gone, "restore a backup: tracker db restore FILE")))
        return
    if not encrypted:
        if location.config_file.exists():
            _refuse_plain(location)
        return
    from tracker.encryption.store import KeyStore  # imports the ciphers
    from tracker.encryption.vault import Vault

    try:
        settings = configuration.read(location)
        if settings is None:
            raise StoreError(
                "this tracker is encrypted, and its configuration names no master key",
                f'write into {location.config_file}: [encryption] master = "file:PATH"',
            )
        master = _master(settings.source(configuration.directory(location)), environ)
        keys = KeyStore(beside(database, settings) or key_database(location, settings), master)
    except TrackerError as error:
        database.seal_by(Locked(error))
        return
    database.seal_by(Vault(keys))


def _master(source: "Source", environ: Mapping[str, str]) -> "Key":
    """Return the master key. Raises StoreError without one: nothing is wrong with what was asked.

    So it ends like a key store that is missing.
    """
    try:
        return source.read(environ)
    except UsageError as error:
        raise StoreError(error.message, error.hint) from error


def beside(database: Database, settings: Encryption) -> Database | None:
    """Return the database itself where it keeps its keys too, as on a server: one login, one limit.

    A file has its keys in another one.
    """
    place = database.location
    same = place.database_url is not None and configuration.keys_at(place, settings) == place
    return database if same else None


def _refuse_plain(location: Location) -> None:
    try:
        settings = configuration.read(location)
    except TrackerError:
        return
    if settings is not None:
        raise StoreError(
            "the configuration names a master key, and this tracker is not encrypted",
            f"take [encryption] out of {location.config_file} if that is meant",
        )


def is_encrypted(conn: Connection) -> bool:
    """Whether events of a tracker are sealed."""
    return conn.execute(select(encryption.c.version)).first() is not None


def is_sealed(conn: Connection) -> bool:
    """Whether the first event is sealed: then all are, whatever else is said."""
    state = conn.execute(select(events.c.state).order_by(events.c.position).limit(1)).scalar()
    return isinstance(state, bytes) and state[:1] == SEALED


def mark(conn: Connection, now: datetime.datetime) -> None:
    """Say for good that events are sealed. Raises RefusedError when there are plain ones."""
    if conn.execute(select(events.c.position).limit(1)).first() is not None:
        raise RefusedError(
            "this tracker holds events that are not encrypted, and what is stored is never changed",
            "export it, `tracker --home OTHER init --encrypt`, and import it there",
        )
    if not is_encrypted(conn):
        conn.execute(insert(encryption).values(version=VERSION, since=micros(now)))


def key_database(location: Location, settings: Encryption, *, create: bool = False) -> Database:
    """Open the database that keeps the keys. Raises StoreError when there is none."""
    place = configuration.keys_at(location, settings)
    if place.database_url is not None:
        from tracker.store.database import open_database

        return open_database(place)
    path = place.home / KEYS_FILE
    if create:
        make_home(place)
        create_file(path)
    elif not path.exists():
        raise StoreError(
            f"the key store {path} is missing",
            "tracker keys restore FILE brings it back from where it was put aside",
        )
    return Database(sqlite_engine(path, "FULL"), place, path)
