"""Making a bundle: of everything, or of one episode with proofs that it is in the log."""

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from tracker.access import entry
from tracker.audit import shelf
from tracker.audit.accesses import AccessChain
from tracker.audit.bundle import contents, lines, proving, sums
from tracker.audit.bundle.accompanying import accompany
from tracker.audit.bundle.contents import About, Chain
from tracker.audit.bundle.lines import Look, ProtocolLine
from tracker.audit.bundle.readable import Readable
from tracker.audit.chain import EventChain
from tracker.audit.checkpoint import Checkpoint, Extent, Signed
from tracker.audit.note import PrivateKey
from tracker.errors import AuditError, ConflictError, StoreError
from tracker.escapes import escaped
from tracker.store import log, scan
from tracker.store.database import Database
from tracker.store.scan import Row
from tracker.store.sealing import Seals


class Order(NamedTuple):
    """What is to be exported."""

    state: Checkpoint
    """What was verified: how far the chains go."""
    episode: UUID | None
    """None: everything."""
    checkpoints: Sequence[Signed]
    """Those that may go in."""
    asked_for: Collection[str] = ()
    """Names of those that must."""
    key: PrivateKey | None = None
    """What signs the bundle, if anything does."""
    seals: Seals | None = None
    """What unseals events, so that they are shown with their keys; None: they stay sealed."""


class Exported(NamedTuple):
    """What is in a bundle."""

    events: int
    keys: int
    """Keys that open its events."""
    readable: bool
    """Whether an event can be read in it that may name a patient."""


def export(database: Database, order: Order, out: Path) -> Exported:
    """Write a bundle into a new folder for its owner alone; return what is in it.

    Raises ConflictError if there is something already, StoreError when it cannot be written or an
    event that is to be shown cannot be unsealed, AuditError for an event that is no JSON.
    """
    with _new_folder(out) as folder, database.reading() as conn:
        return _Writer(conn, order, folder).run()


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """Give a folder that gets its name when it is complete."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConflictError(f"{out} is there already", "name a new directory with --out")
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        beside.mkdir(mode=0o700, parents=True)
        yield beside
        beside.rename(out)
    except OSError as error:
        raise StoreError(f"{error.filename} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


class _Writer:
    """Writes one bundle."""

    def __init__(self, conn: Connection, order: Order, folder: Path) -> None:
        self._conn = conn
        self._order = order
        self._folder = folder
        self._readable = Readable(order.seals, set(log.erased(conn)) if order.seals else ())
        uuids = scan.identified(conn)
        self._uuids = {key: int(digits, 16) for key, digits in uuids.items()}

    def run(self) -> Exported:
        """Write everything, the list of files last; return what is in it."""
        order = self._order
        events = self._write(contents.EVENTS, self._events())
        looks = self._write(contents.LOOKS, self._looks())
        if order.episode is None:
            included = order.checkpoints
        else:
            included = proving.chosen(order.checkpoints, events, order.asked_for)
            self._write(contents.PROOFS, self._proofs(events, looks, included))
        keys = list(self._readable.lines())
        if keys:
            self._write(contents.KEYS, keys)
        self._protocols()
        self._about(len(events), len(looks))
        accompany(self._folder, included, order.key)
        raw = sums.write(self._folder)
        if order.key is not None:
            (self._folder / sums.SIGNATURE).write_bytes(order.key.sign(raw))
        return Exported(len(events), len(keys), self._readable.names)

    def _write(self, name: str, written: Iterable[tuple[int, bytes]]) -> list[int]:
        """Write lines into a file; return the positions they are for."""
        positions = []
        with (self._folder / name).open("wb") as stream:
            for position, line in written:
                positions.append(position)
                stream.write(line + b"\n")
        return positions

    def _events(self) -> Iterator[tuple[int, bytes]]:
        for position, key, version, topic, state, hash_ in self._event_rows():
            uuid = self._uuids[key]
            shown = self._readable.shown(UUID(int=uuid), version, topic, state)
            _check_line(shown, position)
            row = (position, uuid, version, topic, state, hash_)
            yield position, lines.event_line(row, escaped(shown))

    def _event_rows(self) -> Iterator[Row]:
        size, episode = self._order.state.events.size, self._order.episode
        if episode is None:
            for rows in scan.events_between(self._conn, 0, size):
                yield from rows
            return
        key = log.key_of(self._conn, episode)
        if key is not None:
            yield from scan.events_of(self._conn, key, 1, size)

    def _looks(self) -> Iterator[tuple[int, bytes]]:
        size, episode = self._order.state.accesses.size, self._order.episode
        for position, state, hash_ in AccessChain(self._conn).stored(size):
            if episode is None or entry.decode(state).episode == episode:
                _check_line(state, position)
                yield position, lines.look_line(Look(position, state, hash_))

    def _proofs(
        self, events: Sequence[int], looks: Sequence[int], included: Iterable[Signed]
    ) -> Iterator[tuple[int, bytes]]:
        states = [self._order.state, *(signed.checkpoint for signed in included)]
        sizes = {state.events.size for state in states}, {state.accesses.size for state in states}
        found = [
            *proving.proofs(EventChain(self._conn, max(sizes[0])), events, sizes[0]),
            *proving.proofs(AccessChain(self._conn), looks, sizes[1]),
        ]
        for proof in found:
            yield proof.position, lines.written(proof)

    def _protocols(self) -> None:
        texts = self._folder / contents.PROTOCOL_TEXTS
        texts.mkdir()
        with (self._folder / contents.PROTOCOLS).open("wb") as stream:
            for row in shelf.stored(self._conn):
                (texts / f"{row.name}.toml").write_bytes(row.text.encode())
                line = ProtocolLine(row.name, row.hash, row.added_at, row.actor)
                stream.write(lines.written(line) + b"\n")

    def _about(self, events: int, looks: int) -> None:
        state, key, episode = self._order.state, self._order.key, self._order.episode
        about = About(
            format=contents.FORMAT,
            origin=None if key is None else key.name,
            made_at=state.time.isoformat().replace("+00:00", "Z"),
            episode=None if episode is None else str(episode),
            events=_chain(state.events, events),
            accesses=_chain(state.accesses, looks),
        )
        (self._folder / contents.ABOUT).write_bytes(about.written())


def _chain(extent: Extent, included: int) -> Chain:
    size, head, tree = extent
    return Chain(size=size, head=head.hex(), tree=tree.hex(), included=included)


def _check_line(state: bytes, position: int) -> None:
    if not lines.is_one_line(state):
        raise AuditError(
            f"what is stored at position {position} is no JSON, and cannot be exported",
            "take a copy of the database itself",
        )
