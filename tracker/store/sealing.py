"""What seals the bytes of events, where a tracker is encrypted; the store knows no cipher."""

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

from tracker.errors import UnreadableError

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.pool import ConnectionPoolEntry

    from tracker.store.statements import Session

SEALED = b"\x01"
"""First byte of an event that is sealed; one that is not begins with a brace."""
ERASED = "episode-erased"
"""Topic of what is never sealed: it is read when the keys are gone."""
_KEY = "seals"


class Names(NamedTuple):
    """What a client's reference and a patient's record number become in a row."""

    reference: str | None
    patient: str | None
    sealed: bytes | None = None


class Seals(Protocol):
    """Seals and unseals the record of each patient."""

    def prepare(self, episodes: Mapping[UUID, str | None], now: datetime.datetime) -> None:
        """Make the keys of new episodes, by their patients."""

    def load(self, episodes: Sequence[UUID]) -> None:
        """Read the keys of episodes that will be asked for."""

    def seal(self, episode: UUID, version: int, topic: str, plain: bytes) -> bytes:
        """Return the bytes of an event as they are stored."""

    def unseal(self, episode: UUID, version: int, topic: str, state: bytes) -> bytes:
        """Return the bytes of an event as it was. Raises UnreadableError."""

    def disclose(self, episode: UUID) -> tuple[UUID, bytes] | None:
        """Return id and secret of the key of an episode, for who is to read it without a tracker.

        None if there is no key.
        """

    def conceal(self, episode: UUID, reference: str | None, patient: str | None) -> Names:
        """Return what a row holds in place of names."""

    def reveal(self, episode: UUID, sealed: bytes | None) -> tuple[str | None, str | None]:
        """Return reference and patient of a row; of one whose key is gone, none."""

    def blind(self, what: str, text: str) -> str:
        """Return what stands for a name where it is looked up."""


def attach(engine: "Engine", seals: Seals) -> None:
    """Let every connection of an engine know what seals what goes through it."""
    from sqlalchemy import event  # what only needs to know the marks does not wait for it

    def note(_raw: object, record: "ConnectionPoolEntry", _proxy: object) -> None:
        record.info[_KEY] = seals

    event.listen(engine, "checkout", note)


def seals_of(conn: "Session") -> Seals | None:
    """Return what seals what goes through a connection; None where nothing is sealed."""
    found: Seals | None = conn.connection.info.get(_KEY)
    return found


def opened(seals: Seals | None, episode: UUID, version: int, topic: str, state: bytes) -> bytes:
    """Return the bytes of an event, unsealed if they are sealed. Raises UnreadableError."""
    if bytes(state[:1]) != SEALED:
        return state
    if seals is None:
        raise UnreadableError(
            f"episode {episode} is encrypted, and this process has no keys",
            "name the master key: [encryption] master in config.toml",
        )
    return seals.unseal(episode, version, topic, state)
