"""The table `[encryption]` of a site's configuration: where the master key and the keys are."""

from pathlib import Path

import msgspec

from tracker.config import Location, read_document, write_table
from tracker.decoding import convert
from tracker.encryption.master import Source
from tracker.errors import UsageError

TABLE = "encryption"


class Encryption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the keys are, by reference: no key is ever in the configuration."""

    master: str
    """`file:PATH`, `env:NAME` or `keyring:SERVICE/NAME`."""
    keys: str | None = None
    """A directory for the key store, or a database URL; default: beside the data."""

    def source(self, directory: Path) -> Source:
        """Return where the master key is; a path may be relative to a directory."""
        return Source(self.master, directory)


def read(location: Location) -> Encryption | None:
    """Return what the configuration says of keys, None if nothing. Raises UsageError."""
    found = read_document(location).get(TABLE)
    if found is None:
        return None
    try:
        return convert(found, Encryption)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{location.config_file}: [{TABLE}]: {error}", hint='master = "file:PATH" names the key'
        ) from error


def write(location: Location, settings: Encryption) -> None:
    """Write where the keys are into the configuration. Raises StoreError."""
    table = {k: v for k, v in msgspec.to_builtins(settings).items() if v is not None}
    write_table(location, TABLE, table)


def directory(location: Location) -> Path:
    """Return the directory that relative paths are in."""
    return location.home


def keys_at(location: Location, settings: Encryption) -> Location:
    """Return where the key store is: beside the data, in another directory, or on a server."""
    if settings.keys is None:
        return location
    if "://" in settings.keys:
        return Location(location.home, settings.keys)
    return Location(directory(location) / Path(settings.keys).expanduser(), None)
