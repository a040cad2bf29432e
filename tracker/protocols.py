"""Protocols by name: those that come with the program, and those kept in the database."""

import datetime
from collections.abc import Callable
from functools import cache

from tracker.errors import ConflictError, NotFoundError
from tracker.pathway import Protocol, builtin_names, builtin_protocol, parse_protocol
from tracker.store import protocols as stored
from tracker.store.database import Database
from tracker.store.protocols import StoredProtocol


class ProtocolShelf:
    """Finds protocols by `id@version`; each is read once, since a version never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.get: Callable[[str], Protocol] = cache(self._read)

    def _read(self, name: str) -> Protocol:
        if name in builtin_names():
            return builtin_protocol(name)
        with self._database.reading() as conn:
            found = stored.find(conn, name)
        if found is None:
            raise NotFoundError(f"there is no protocol {name}", "tracker protocol list")
        return parse_protocol(found.text, self.get)

    def names(self) -> list[str]:
        """Return the names of all protocols, built in ones first."""
        with self._database.reading() as conn:
            return [*builtin_names(), *stored.names(conn)]

    def add(self, text: str, actor: str, now: datetime.datetime) -> Protocol:
        """Store the text of a protocol under the name it gives itself; again is no change.

        Raises ProtocolError when it cannot be used, ConflictError when the name has other text.
        """
        protocol = parse_protocol(text, self.get)
        with self._database.writing() as conn:
            there = stored.find(conn, protocol.name)
            if protocol.name in builtin_names() or (there and there.hash != protocol.hash):
                raise ConflictError(
                    f"{protocol.name} exists and is another one: versions never change",
                    "give the file a new version",
                )
            if there is None:
                stored.add(
                    conn, StoredProtocol(protocol.name, protocol.text, protocol.hash, now, actor)
                )
        return protocol
