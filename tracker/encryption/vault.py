"""What seals and unseals the record: events for their place, and the names of an episode."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from tracker.decoding import decode
from tracker.encryption import cipher
from tracker.encryption.cipher import Key, Place, SealBrokenError
from tracker.errors import KeylessError, UnreadableError
from tracker.store.sealing import ERASED, Names

NAMES = "names"
"""What stands for a topic where the names of an episode are sealed."""


class Keys(Protocol):
    """Where the keys of episodes are."""

    @property
    def index_key(self) -> bytes:
        """The key of what names are looked up by."""

    def key(self, episode: UUID) -> Key | None:
        """Return the key of an episode, None if there is none."""

    def load(self, episodes: Sequence[UUID]) -> None:
        """Read the keys of episodes that will be asked for."""

    def ensure(self, wanted: Mapping[UUID, str | None], now: datetime.datetime) -> None:
        """Make keys for episodes that have none, each under that of its patient, if known."""


class Vault:
    """Seals with the keys of a key store; see `tracker.store.sealing.Seals`."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def prepare(self, episodes: Mapping[UUID, str | None], now: datetime.datetime) -> None:
        """Make the keys of new episodes, by their patients."""
        self._keys.ensure(episodes, now)

    def load(self, episodes: Sequence[UUID]) -> None:
        """Read the keys of episodes that will be asked for."""
        self._keys.load(episodes)

    def seal(self, episode: UUID, version: int, topic: str, plain: bytes) -> bytes:
        """Return the bytes of an event as they are stored. Raises UnreadableError without a key."""
        if topic == ERASED:
            return plain
        return cipher.seal(self._key(episode), Place(episode, version, topic), plain)

    def unseal(self, episode: UUID, version: int, topic: str, state: bytes) -> bytes:
        """Return the bytes of an event as it was. Raises UnreadableError."""
        key, place = self._key(episode), Place(episode, version, topic)
        try:
            if cipher.key_of(state) == key.id:
                return cipher.unseal(key, place, state)
        except (SealBrokenError, ValueError):
            pass
        raise UnreadableError(
            f"event {version} of episode {episode} was sealed for another place,"
            " by another key, or changed",
            "tracker audit verify says what was changed; restore a backup",
        )

    def disclose(self, episode: UUID) -> tuple[UUID, bytes] | None:
        """Return id and secret of the key of an episode, None if there is none."""
        return self._keys.key(episode)

    def _key(self, episode: UUID) -> Key:
        key = self._keys.key(episode)
        if key is None:
            raise KeylessError(
                f"the key of episode {episode} is not in the key store",
                "if it was not erased: tracker keys restore FILE",
            )
        return key

    # Names

    def conceal(self, episode: UUID, reference: str | None, patient: str | None) -> Names:
        """Return what a row holds in place of names: what finds them, and what tells them."""
        plain = msgspec.json.encode([reference, patient])
        sealed = cipher.conceal(self._key(episode), Place(episode, 0, NAMES), plain)
        return Names(
            None if reference is None else self.blind("reference", reference),
            None if patient is None else self.blind("patient", patient),
            sealed,
        )

    def reveal(self, episode: UUID, sealed: bytes | None) -> tuple[str | None, str | None]:
        """Return reference and patient of a row; of one whose key is gone, none."""
        key = None if sealed is None else self._keys.key(episode)
        if key is None or sealed is None:
            return None, None
        try:
            plain = cipher.reveal(key, Place(episode, 0, NAMES), bytes(sealed))
        except SealBrokenError:
            return None, None
        reference, patient = decode(plain, tuple[str | None, str | None])
        return reference, patient

    def blind(self, what: str, text: str) -> str:
        """Return what stands for a name where it is looked up."""
        return cipher.blind(self._keys.index_key, what, text)
