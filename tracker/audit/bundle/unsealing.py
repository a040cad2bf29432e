"""Whether what a bundle shows of a sealed event is what is sealed, by the keys that are in it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

from tracker.audit.bundle import contents
from tracker.audit.bundle.lines import EventLine, KeyLine, read_line
from tracker.audit.bundle.reading import lines
from tracker.audit.note import decoded
from tracker.audit.walk import is_sealed
from tracker.encryption import cipher
from tracker.encryption.cipher import Key, Place, SealBrokenError
from tracker.escapes import escaped

NOT_SHOWN = b"null"


class Keys:
    """The keys of episodes, by the number of their UUID."""

    def __init__(self, keys: Mapping[int, Key]) -> None:
        """Take the keys."""
        self._keys = keys

    def wrong(self, line: EventLine) -> str | None:
        """Say what is wrong with what is shown of a sealed event; None if nothing is."""
        _, uuid, version, topic, state, _ = line.row
        if not is_sealed(state):
            return None
        key = self._keys.get(uuid)
        if key is None or key.id != cipher.key_of(state):
            return None if line.shown == NOT_SHOWN else "no key in the bundle opens what it shows"
        try:
            plain = cipher.unseal(key, Place(UUID(int=uuid), version, topic), state)
        except SealBrokenError:
            return "the key in the bundle does not open it"
        return None if escaped(plain) == line.shown else "what it shows is not what is sealed"


def read_keys(folder: Path) -> Keys | None:
    """Read the keys of a bundle, None if one is not in the form."""
    keys: dict[int, Key] = {}
    for line in _lines(folder / contents.KEYS):
        secret = None if line is None else decoded(line.secret)
        if line is None or secret is None or len(secret) != cipher.KEY_BYTES:
            return None
        if keys.setdefault(UUID(line.episode).int, key := Key(UUID(line.key), secret)) is not key:
            return None
    return Keys(keys)


def _lines(file: Path) -> Iterator[KeyLine | None]:
    return lines(file, lambda line: read_line(line, KeyLine)) if file.exists() else iter(())
