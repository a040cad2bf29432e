"""Sealed events as they go into a bundle: unsealed, with the key that shows that it is they."""

import base64
from collections.abc import Collection, Iterator
from uuid import UUID

import msgspec

from tracker.audit.bundle.lines import KeyLine
from tracker.audit.bundle.unsealing import NOT_SHOWN
from tracker.audit.walk import is_sealed
from tracker.errors import StoreError, UnreadableError
from tracker.store.sealing import ERASED, Seals


class Readable:
    """Unseals events, and notes the keys that did."""

    def __init__(self, seals: Seals | None, erased: Collection[UUID] = ()) -> None:
        """Take what unseals, None to leave everything sealed, and which episodes were erased."""
        self._seals = seals
        self._erased = erased
        self.names = False
        """Whether an event was shown that may name a patient."""
        self._used: dict[UUID, tuple[UUID, bytes]] = {}

    def shown(self, episode: UUID, version: int, topic: str, state: bytes) -> bytes:
        """Return what is to be read of an event; null where it stays sealed, or was erased.

        Raises StoreError for one that is to be shown and cannot be: null would say that its patient
        was erased.
        """
        if not is_sealed(state):
            self.names = self.names or topic != ERASED
            return state
        if self._seals is None or episode in self._erased:
            return NOT_SHOWN
        try:
            plain = self._seals.unseal(episode, version, topic, state)
        except UnreadableError as error:
            raise StoreError(
                f"nothing is exported: {error.message}, and the episode was not erased",
                "bring the key store back (tracker keys restore FILE), or export what cannot be "
                "read as it is: --sealed",
            ) from error
        self.names = True
        key = self._seals.disclose(episode)
        if key is not None:
            self._used[episode] = key
        return plain

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield a line for each key that was used."""
        for number, (episode, (id_, secret)) in enumerate(self._used.items(), 1):
            written = base64.b64encode(secret).decode()
            yield number, msgspec.json.encode(KeyLine(str(episode), str(id_), written))
