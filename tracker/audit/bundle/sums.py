"""The list of a bundle's files with their hashes, in the form of sha256sum, and its signature."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from tracker.audit.faults import Fault
from tracker.audit.note import PublicKey

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9@._-]+(?:/[A-Za-z0-9@._-]+)*)")
_AT_ONCE = 1 << 20


def files(folder: Path) -> Iterator[str]:
    """Yield the path of everything in a folder that is no folder; a link to one is none."""
    for where, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(where) / name).is_symlink()]
        for name in names + links:
            yield (Path(where) / name).relative_to(folder).as_posix()


def digest(file: Path) -> str:
    """Return SHA-256 of a file in hexadecimal."""
    hash_ = hashlib.sha256()
    with file.open("rb") as stream:
        while part := stream.read(_AT_ONCE):
            hash_.update(part)
    return hash_.hexdigest()


def write(folder: Path) -> bytes:
    """List what is in a folder, and return the list as it is written."""
    lines = [f"{digest(folder / name)}  {name}\n" for name in sorted(files(folder))]
    raw = "".join(lines).encode()
    (folder / SUMS).write_bytes(raw)
    return raw


def check(folder: Path, keys: list[PublicKey]) -> list[Fault]:
    """Return what does not fit the list of files, or its signature by one of some keys."""
    file = folder / SUMS
    raw = file.read_bytes() if _is_file(file) else b""
    listed = _read(raw)
    if listed is None:
        return [_fault("sums", f"{SUMS} is missing, or is no list of files")]
    found = {*files(folder)} - {SUMS, SIGNATURE}
    told = [f"{name} is listed and not there" for name in sorted(listed.keys() - found)]
    told += [f"{_shown(name)} is there and not listed" for name in sorted(found - listed.keys())]
    for name in sorted(found & listed.keys()):
        if not _is_file(folder / name) or digest(folder / name) != listed[name]:
            told.append(f"{name} was changed")
    faults = [_fault("file", text) for text in told]
    if keys and not _is_signed(folder, raw, keys):
        faults.append(_fault("signature", f"{SUMS} is signed by none of the keys that are trusted"))
    return faults


def _fault(code: str, text: str) -> Fault:
    return Fault("bundle", None, code, text)


def _shown(name: str) -> str:
    return ascii(name[:100])


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _read(raw: bytes) -> Mapping[str, str] | None:
    """Read the list, None if it is none or names a file twice."""
    try:
        lines = raw.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return None
    if len(lines) < 2 or lines.pop() != "":
        return None
    found: dict[str, str] = {}
    for line in lines:
        parts = _LINE.fullmatch(line)
        if parts is None or parts[2] in found or set(parts[2].split("/")) & {".", ".."}:
            return None
        found[parts[2]] = parts[1]
    return found


def _is_signed(folder: Path, raw: bytes, keys: list[PublicKey]) -> bool:
    file = folder / SIGNATURE
    if not _is_file(file):
        return False
    with file.open("rb") as stream:
        signature = stream.read(65)
    return any(key.verifies(signature, raw) for key in keys)
