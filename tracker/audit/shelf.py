"""The protocols as they are stored: each names itself, and its hash is that of its text."""

import hashlib
import struct
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from tracker.audit.checkpoint import Signed
from tracker.audit.faults import NO_PROOF, Fault
from tracker.store import scan
from tracker.store.statements import Session, Statement
from tracker.store.tables import protocols

_protocols = Statement(
    select(
        protocols.c.name,
        protocols.c.text,
        protocols.c.hash,
        protocols.c.added_at,
        protocols.c.actor,
    ).order_by(protocols.c.name)
)


class StoredProtocol(NamedTuple):
    """A row of the table, whatever the types of its values became."""

    name: Any
    text: Any
    hash: Any
    added_at: Any
    actor: Any

    def digest(self) -> bytes | None:
        """Return what stands for the row in a checkpoint; None if a value has another type.

        SHA-256 over all five, each preceded by its length as four bytes, big-endian: text in
        UTF-8, the time as eight bytes.
        """
        *texts, added_at, actor = self
        texts.append(actor)
        if not all(map(scan.is_text, texts)) or not isinstance(added_at, int):
            return None
        *first, last = [text.encode() for text in texts]
        parts = [*first, struct.pack(">q", added_at), last]
        return hashlib.sha256(b"".join(struct.pack(">I", len(p)) + p for p in parts)).digest()


def stored(conn: Session) -> list[StoredProtocol]:
    """Return all rows."""
    return [StoredProtocol(*row) for row in scan.rows(_protocols, conn)]


def faults(rows: Sequence[StoredProtocol]) -> Iterator[Fault]:
    """Yield each protocol that is not what its own row says."""
    hashes = {row.name: row.hash for row in rows}
    for row in rows:
        if told := _wrong(row, hashes):
            yield Fault("protocols", None, "protocol", f"{_shown(row.name)}: {told}{_by(row)}")


def compare(
    rows: Sequence[StoredProtocol],
    checkpoints: Sequence[Signed],
    later: Collection[Signed] = (),
) -> Iterator[Fault]:
    """Yield each protocol that a checkpoint states and that is gone or another one now, once.

    `later`: those that were signed after the rows were read; what they state may be newer.
    """
    digests, seen = {row.name: row.digest() for row in rows}, set[str]()
    for signed in sorted(checkpoints, key=lambda one: one in later):
        for name, digest in signed.checkpoint.protocols.items():
            if name in seen or digests.get(name) == digest:
                continue
            seen.add(name)
            if name not in digests and signed in later:
                told = f"{_shown(name)}: only {signed.name}, signed since, states it"
                yield Fault("protocols", None, NO_PROOF, told)
            else:
                how = "another one" if name in digests else "gone"
                told = f"{_shown(name)}: it is {how} since {signed.name}"
                yield Fault("protocols", None, "forked", told)


def _shown(name: Any) -> str:
    return name[:100] if scan.is_text(name) else "a protocol without a name"


def _by(row: StoredProtocol) -> str:
    """Say whose row it is, which a server holds to the login."""
    return f" (added by {row.actor[:100]})" if scan.is_text(row.actor) else ""


def _wrong(row: StoredProtocol, hashes: Mapping[Any, Any]) -> str | None:
    if row.digest() is None:
        return "a value of it has another type"
    read = _read(row)
    if read is None:
        return "its text is not TOML"
    base = _base(row)
    id_, _, version = (base or "").partition("@")  # what is not mentioned is that of the base
    if f"{read.get('id', id_)}@{read.get('version', version)}" != row.name:
        return "its text has another name"
    if base is not None and base not in hashes:
        return f"{_shown(base)}, on which it is based, is not stored"
    whole = row.text if base is None else f"{hashes[base]}\n{row.text}"
    if hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest() != row.hash:
        return "its hash is not that of its text"
    return None


def _read(row: StoredProtocol) -> dict[str, Any] | None:
    try:
        return tomllib.loads(row.text)
    except (ValueError, TypeError, RecursionError):
        return None


def _base(row: StoredProtocol) -> str | None:
    base = (_read(row) or {}).get("base")
    return None if base is None else str(base)
