"""Protocols by name: those that come with the program, and those kept in the database.

A version never changes. One that comes with the program is kept too when it first judges what is
recorded, and a program whose file says something else does not judge by it.
"""

import datetime
import tomllib
from collections.abc import Callable
from contextlib import suppress
from functools import cache

from tracker.documents import place_of_nul
from tracker.errors import ConflictError, NotFoundError, StoreError
from tracker.nearest import did_you_mean
from tracker.pathway import (
    Protocol,
    ProtocolError,
    builtin_names,
    builtin_protocol,
    parse_protocol,
)
from tracker.store import locks
from tracker.store import protocols as stored
from tracker.store.database import Database
from tracker.store.protocols import StoredProtocol


class ChangedProtocolError(StoreError):
    """A protocol is not what it was when it was stored."""

    def __init__(self, name: str, kept: str, here: str) -> None:
        super().__init__(
            f"the protocol {name} is another one here than in this database:"
            f" SHA-256 {here} here, {kept} there",
            "install the version of tracker that this database was used with;"
            " what changes in a protocol belongs in a new version of it",
        )


class ProtocolShelf:
    """Finds protocols by `id@version`; each is read once, since a version never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: set[str] = set()
        self.get: Callable[[str], Protocol] = cache(self._read)
        """Return a protocol; NotFoundError without it, ChangedProtocolError if it changed."""

    def _read(self, name: str) -> Protocol:
        with self._database.reading() as conn:
            found = stored.find(conn, name)
        if name in builtin_names():
            protocol = builtin_protocol(name)
        elif found is not None:
            protocol = parse_protocol(found.text, self.get)
        else:
            raise NotFoundError(f"there is no protocol {name}", self._meant(name))
        if found is not None:
            _compare(protocol, found)
            self._kept.add(name)
        return protocol

    def _meant(self, name: str) -> str:
        """Return a hint: the protocol of which `name` is the version alone, or what is near."""
        names = self.names()
        of_version = [known for known in names if known.partition("@")[2] == name.lstrip("@")]
        if of_version:
            return f"did you mean {' or '.join(of_version)}?"
        return did_you_mean(name, names) or "tracker protocol list"

    def names(self) -> list[str]:
        """Return the names of all protocols, built in ones first."""
        with self._database.reading() as conn:
            return list(dict.fromkeys([*builtin_names(), *stored.names(conn)]))

    def check(self) -> int:
        """Return how many protocols are stored; ChangedProtocolError for one that changed."""
        with self._database.reading() as conn:
            names = stored.names(conn)
        for name in names:
            with suppress(ProtocolError):  # what a newer program added is not for this one
                self.get(name)
        return len(names)

    def keep(self, name: str, actor: str, now: datetime.datetime) -> None:
        """Store a protocol that comes with the program, before it judges what is recorded.

        Again is no change. Raises ChangedProtocolError when another text is stored.
        """
        if name in self._kept or name not in builtin_names():
            return
        own = _to_store(builtin_protocol(name), actor, now)
        with self._database.writing() as conn:
            locks.named(conn, [name])
            if stored.find(conn, name) is None:
                stored.add(conn, own)
        with self._database.reading() as conn:
            _compare(own, stored.find(conn, name) or own)
        self._kept.add(name)

    def add(self, text: str, actor: str, now: datetime.datetime) -> Protocol:
        """Store the text of a protocol under the name it gives itself; again is no change.

        What it is based on is stored too, since its hash covers that. Raises ProtocolError when it
        cannot be used, ConflictError when the name has other text.
        """
        protocol = parse_protocol(text, self.get)
        if (place := place_of_nul(tomllib.loads(text))) is not None:
            raise ProtocolError(
                f"{place!r} of the protocol file holds a NUL character", "take it out"
            )
        if protocol.base is not None:
            self.keep(protocol.base, actor, now)
        with self._database.writing() as conn:
            locks.named(conn, [protocol.name])
            there = stored.find(conn, protocol.name)
            if protocol.name in builtin_names() or (there and there.hash != protocol.hash):
                raise ConflictError(
                    f"{protocol.name} exists and is another one: versions never change",
                    "give the file a new version",
                )
            if there is None:
                stored.add(conn, _to_store(protocol, actor, now))
        return protocol


def _to_store(protocol: Protocol, actor: str, now: datetime.datetime) -> StoredProtocol:
    return StoredProtocol(protocol.name, protocol.text, protocol.hash, now, actor)


def _compare(here: Protocol | StoredProtocol, there: StoredProtocol) -> None:
    if here.hash != there.hash:
        raise ChangedProtocolError(here.name, there.hash, here.hash)
