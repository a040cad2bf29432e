"""Keys for checkpoints: made once, the private one kept where those who write the log are not."""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from tracker import privacy
from tracker.audit.note import NoteError, PrivateKey, PublicKey, is_name
from tracker.channels.secret import Reference
from tracker.channels.settings import read_site
from tracker.config import Location
from tracker.errors import ConflictError, RefusedError, StoreError, UsageError

PUBLIC = ".pub"
"""Added to the name of a private key's file for that of the public one."""
_FILE = "checkpoint.key"


def default_file() -> Path:
    """Return where a private key is looked for unless another place is named."""
    import platformdirs  # only those who name no file need it

    return Path(platformdirs.user_config_dir("tracker", appauthor=False)) / _FILE


def generate(name: str, file: Path, location: Location) -> PublicKey:
    """Make a key and write both halves into files; the private one for its owner alone.

    Raises UsageError for a name that cannot be one, RefusedError for a file in the data directory,
    ConflictError for one that is there already, StoreError when it cannot be written.
    """
    if not is_name(name):
        raise UsageError(
            f"{name!r} cannot name a key: it has a space, a plus or a control character",
            hint="name it like a web address without its scheme: hospital.example/spine-ward",
        )
    refuse_beside_data(file, location)
    key = PrivateKey(name, secrets.token_bytes(32))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(file, key.written(), 0o600)
        _write_new(file.with_name(file.name + PUBLIC), str(key.public), 0o644)
    except FileExistsError as error:
        raise ConflictError(
            f"{error.filename} is there already: a key is never overwritten",
            hint="name another file with --out",
        ) from error
    except OSError as error:
        raise StoreError(f"{error.filename} cannot be written: {error.strerror}") from error
    return key.public


def _write_new(file: Path, line: str, mode: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(handle)


def _refuse_exposed(file: Path) -> None:
    """Raise UsageError for a key that anybody but its owner can get at."""
    if privacy.is_exposed(file):
        mode = privacy.mode(file)
        raise UsageError(f"{file} has mode {mode:o}: others can get at it", privacy.wanted(file))


def refuse_beside_data(file: Path, location: Location) -> None:
    """Raise RefusedError for a key in the data directory: who may write there could sign."""
    if location.database_url is not None:  # the log is not in that directory
        return
    if file.resolve().is_relative_to(location.home.resolve()):
        raise RefusedError(
            f"{file} is in the data directory: whoever writes the log there could also sign it",
            hint="keep the key in a directory of another user, or on another machine",
        )


def _check(file: Path, location: Location) -> None:
    refuse_beside_data(file, location)
    _refuse_exposed(file)


def private_key(option: str | None, location: Location, environ: Mapping[str, str]) -> PrivateKey:
    """Return the key that signs: of the file named, else as configured, else the default one.

    Raises UsageError when there is none, or when others can read its file.
    """
    checkpoint = read_site(location).checkpoint
    written, place = None, "checkpoint.key"
    if option is None:
        directory = location.home
        if checkpoint.key_file is not None:
            _check(directory / Path(checkpoint.key_file).expanduser(), location)
        written = checkpoint.secret(directory, environ)
    if written is None:
        file = default_file() if option is None else Path(option)
        if not file.exists():
            raise UsageError(f"there is no key {file}", hint="tracker audit keygen makes one")
        _check(file, location)
        place = "key"
        written = Reference(place, None, str(file.absolute())).read(Path(), environ)
    try:
        return PrivateKey.parse(written)
    except NoteError as error:
        raise UsageError(f"{place}: {error}", hint="tracker audit keygen makes one") from error


def public_keys(
    options: Sequence[str], location: Location | None, environ: Mapping[str, str]
) -> list[PublicKey]:
    """Return the keys that are trusted: files or keys as they are named, else the site's own.

    Raises UsageError when there is none, or for what is no key.
    """
    if options:
        return [_public_key(option) for option in options]
    if location is not None:
        try:
            return [private_key(None, location, environ).public]
        except UsageError:
            pass
        file = default_file().with_name(_FILE + PUBLIC)
        if file.exists():
            return [_public_key(str(file))]
    raise UsageError(
        "no public key is named: a checkpoint proves nothing without",
        hint="--public-key FILE, the one you were given when the key was made",
    )


def _public_key(option: str) -> PublicKey:
    text = option
    if "+" not in option or Path(option).exists():
        try:
            text = Path(option).read_bytes().decode()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise UsageError(f"{option} cannot be read: {reason}") from error
    try:
        return PublicKey.parse(text)
    except NoteError as error:
        raise UsageError(f"{option} is no public key: {error}") from error
