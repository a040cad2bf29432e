"""Where the data is, and the defaults kept beside it."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tracker.decoding import convert
from tracker.documents import place_of_nul
from tracker.errors import StoreError, UsageError
from tracker.nearest import meant

CONFIG_FILE = "config.toml"
DEMONSTRATION = "DEMONSTRATION"
"""File that marks a data directory as a demonstration."""
KEYS_FILE = "keys.sqlite"
"""File of the keys of an encrypted tracker, unless they are kept elsewhere."""
REMINDERS = "reminders.jsonl"
"""File that reminders are added to, unless another is configured."""


@dataclass(frozen=True)
class Location:
    """Where the data is: a database URL, which wins, or a data directory holding SQLite.

    Beside a database URL the directory holds what is this machine's own: defaults and channels.
    """

    home: Path
    database_url: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What to call it in a message; never shows a password."""
        if self.database_url is None:
            return str(self.home)
        return shown_url(self.database_url)

    @property
    def config_file(self) -> Path:
        """The file of defaults, whether it exists or not."""
        return self.home / CONFIG_FILE


def shown_url(url: str) -> str:
    """Return a database URL as it may be shown: with host and login, without password.

    Of what is no URL nobody knows where a password is: it is shown if it can hold none.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url if re.fullmatch(r"[\w./~-]+", url) else "the database URL"
    login, at, address = rest.rpartition("@")
    place, _, query = address.partition("?")
    user = re.split("[:/?#@]", login)[0]  # a password may hold any of them
    if not _PLACE.fullmatch(place):  # an @ was left out, and a password may be anywhere in it
        return f"{scheme}://{user}{at}{re.split(rf'[^{_IN_NAMES}]', place)[0]}:..."
    shown = [item for item in query.split("&") if item.partition("=")[0] in _SHOWN]
    return f"{scheme}://{user}{at}{place}" + "?" * bool(shown) + "&".join(shown)


_IN_NAMES = r"\w.%~-"
_HOST = rf"(?:[{_IN_NAMES}]*|\[[\w.%:]+\])(?::\d{{1,5}})?"
_PLACE = re.compile(rf"{_HOST}(?:,{_HOST})*(?:/[^/]*)?")
"""Hosts with their ports, and a database."""
_SHOWN = ("host", "port", "dbname", "user", "service")
"""What of a database URL's query may be shown."""


SITE = (
    "channels",
    "recipients",
    "quiet_hours",
    "digest",
    "scheduler",
    "access",
    "encryption",
    "checkpoint",
)
"""Tables of the file that others read: `tracker.channels.settings` and `settings` elsewhere."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Defaults for what a command leaves out."""

    time_zone: str | None = None
    """IANA time zone of new episodes."""
    coordinator: str | None = None
    """Who coordinates new episodes, and who is meant by `--mine`."""
    site: str | None = None
    """Site of new episodes."""


def make_home(location: Location) -> None:
    """Make the data directory if there is none, closed to others.

    Raises StoreError where that is not possible.
    """
    home = location.home
    try:
        if not home.is_dir():
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{home} cannot hold a tracker: {error.strerror}",
            "name a directory that is yours with --home or TRACKER_HOME",
        ) from error


def locate(home: str | None, database_url: str | None, environ: Mapping[str, str]) -> Location:
    """Resolve where the data is: options before the environment, a database URL before a home.

    Whoever names a home, and no URL, means what is in it, whatever the environment says. Without
    a home it is the user data directory of the platform. Raises UsageError for a path that cannot
    be one.
    """
    if home is None:
        database_url = database_url or environ.get("TRACKER_DATABASE_URL")
    database_url = database_url or None
    home = home or environ.get("TRACKER_HOME") or None
    if home is not None and "\0" in home:
        raise UsageError("the data directory's name holds a NUL character")
    if home is not None:
        return Location(_absolute(home), database_url)
    return Location(_default_home(), database_url)


def _absolute(home: str) -> Path:
    try:
        return Path(home).expanduser().absolute()
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{home} cannot be a data directory: {error}") from error


def _default_home() -> Path:
    import platformdirs  # only those who name no directory need it

    return Path(platformdirs.user_data_dir("tracker", appauthor=False))


def read_settings(location: Location) -> Settings:
    """Read the defaults of a location; without a file there are none.

    Raises UsageError naming the file and the key that is wrong, StoreError when it cannot be read.
    """
    document = read_document(location)
    check_keys(location, document)
    return _defaults(location, document)


def read_defaults(location: Location) -> Settings:
    """Read the same whatever tables the file has: for who needs neither channels nor people.

    A key that is no table may have been meant as a default, so it is refused here too.
    Raises UsageError for a default that is wrong, StoreError when the file cannot be read.
    """
    document = read_document(location)
    check_keys(location, {k: v for k, v in document.items() if not isinstance(v, dict | list)})
    return _defaults(location, document)


def _defaults(location: Location, document: Mapping[str, Any]) -> Settings:
    own = {key: document[key] for key in Settings.__struct_fields__ if key in document}
    try:
        return convert(own, Settings)
    except msgspec.ValidationError as error:
        raise UsageError(f"{location.config_file}: {error}") from error


def check_keys(location: Location, document: Mapping[str, Any]) -> None:
    """Raise UsageError for a key of the file that nobody reads: it would be taken for nothing."""
    known = (*Settings.__struct_fields__, *SITE)
    for key in document:
        if key not in known:
            hint = meant(key, known, "the keys are")
            raise UsageError(f"{location.config_file}: unknown key {key!r}", hint=hint)


def read_document(location: Location) -> dict[str, Any]:
    """Return everything in the config file of a location; without a file it is empty.

    Raises UsageError if it is not TOML or holds a NUL character, StoreError when it cannot be read.
    """
    path = location.config_file
    text = _read(path)
    try:
        document = {} if text is None else tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from error
    if (place := place_of_nul(document)) is not None:
        raise UsageError(f"{path}: {place!r} holds a NUL character", "take it out")
    return document


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})") from error


def write_settings(location: Location, settings: Settings) -> Path:
    """Write the defaults of a location and return the file; what else is in it stays as it is.

    Raises StoreError if it cannot.
    """
    return _write(location, msgspec.to_builtins(settings))


def write_table(location: Location, name: str, values: dict[str, Any]) -> Path:
    """Write one table of the file and return the file; what else is in it stays as it is.

    Raises StoreError if it cannot.
    """
    return _write(location, {name: values})


def _write(location: Location, values: dict[str, Any]) -> Path:
    import tomlkit  # only changing the file needs it

    path = location.config_file
    document = tomlkit.parse(_read(path) or "")
    for key, value in values.items():
        if value is not None:
            document[key] = value
        elif key in document:
            del document[key]
    make_home(location)
    try:
        _replace(path.resolve(), tomlkit.dumps(document).encode())
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    return path


def _replace(path: Path, content: bytes) -> None:
    """Put a file that only its owner can read in the place of another, whole or not at all."""
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(handle)
        new.replace(path)
    except BaseException:
        new.unlink()
        raise
