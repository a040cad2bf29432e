"""Sealed events as they go into a bundle: unsealed, with the key that shows that it is they."""

import base64
from collections.abc import Iterator
from uuid import UUID

import msgspec

from tracker.audit.bundle.lines import KeyLine
from tracker.audit.bundle.unsealing import NOT_SHOWN
from tracker.audit.walk import is_sealed
from tracker.errors import UnreadableError
from tracker.store.sealing import Seals


class Readable:
    """Unseals events, and notes the keys that did."""

    def __init__(self, seals: Seals | None) -> None:
        """Take what unseals; None leaves everything sealed."""
        self._seals = seals
        self._used: dict[UUID, tuple[UUID, bytes]] = {}

    def shown(self, episode: UUID, version: int, topic: str, state: bytes) -> bytes:
        """Return what is to be read of an event; null for one whose key is gone."""
        if not is_sealed(state):
            return state
        key = None if self._seals is None else self._seals.disclose(episode)
        if self._seals is None or key is None:
            return NOT_SHOWN
        try:
            plain = self._seals.unseal(episode, version, topic, state)
        except UnreadableError:
            return NOT_SHOWN
        self._used[episode] = key
        return plain

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield a line for each key that was used."""
        for number, (episode, (id_, secret)) in enumerate(self._used.items(), 1):
            written = base64.b64encode(secret).decode()
            yield number, msgspec.json.encode(KeyLine(str(episode), str(id_), written))
