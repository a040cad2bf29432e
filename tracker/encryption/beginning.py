"""Making a tracker an encrypted one, while nothing is in it."""

import datetime
import os
from pathlib import Path

from tracker.config import Location
from tracker.encryption import settings as configuration
from tracker.encryption.cipher import Key
from tracker.encryption.master import Source
from tracker.encryption.opening import is_encrypted, key_database, mark
from tracker.encryption.settings import Encryption
from tracker.encryption.store import KeyStore, has_keys
from tracker.errors import RefusedError
from tracker.store.database import Database


def ready(location: Location, master_key: str | None) -> None:
    """See that a master key can be had, before anything is made.

    Raises UsageError or RefusedError when it cannot, or would be kept with the data.
    """
    source = Encryption(_named(master_key)).source(configuration.directory(location))
    path, home = source.path, location.home.resolve()
    if path is not None and path.resolve().is_relative_to(home):
        raise RefusedError(
            f"{path} is in the data directory: whoever copies that would have key and data at once",
            "name a file elsewhere: --master-key file:PATH",
        )
    if path is None:
        source.find(os.environ)


def begin(
    database: Database, location: Location, master_key: str | None, now: datetime.datetime
) -> str | None:
    """Make the keys of a tracker and say in it that it is encrypted; return where the master is.

    None if it was encrypted already. It can be done again, if it was interrupted. Raises
    RefusedError when it holds events that are not sealed.
    """
    with database.writing() as conn:
        if is_encrypted(conn):
            return None
        mark(conn, now)
        # What follows is undone by nothing: if it fails, the mark is not set.
        settings = Encryption(_named(master_key))
        master = _master(settings.source(configuration.directory(location)))
        configuration.write(location, settings)
        if configuration.keys_at(location, settings).database_url is None:
            _keys(location, settings, master, now)
    if configuration.keys_at(location, settings).database_url is not None:
        _keys(location, settings, master, now)
    return settings.master


def _keys(location: Location, settings: Encryption, master: Key, now: datetime.datetime) -> None:
    with key_database(location, settings, create=True) as keys:
        with keys.reading() as conn:
            there = has_keys(conn)
        if not there:
            KeyStore.create(keys, master, now)


def _master(source: Source) -> Key:
    """Return the master key; one that is not there yet is made."""
    return source.find(os.environ) or source.create()


def _named(master_key: str | None) -> str:
    return master_key or f"file:{_default()}"


def _default() -> Path:
    import platformdirs

    return Path(platformdirs.user_config_dir("tracker", appauthor=False)) / "master.key"
