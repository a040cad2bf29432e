"""The episode index: by uuid, short id, the client's reference, and patient."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, bindparam, or_, select

from projections.counts import Row
from projections.models import ReadModel
from projections.tables import episode_index as t
from projections.views import View
from tracker.errors import StoreError
from tracker.events.lifecycle import EpisodeErased, EpisodeOpened
from tracker.history import timeline
from tracker.store import log
from tracker.store.log import History
from tracker.store.sealing import Seals, seals_of
from tracker.store.statements import Session, Statement
from tracker.store.tables import episodes
from tracker.store.uuids import uuid_of

CANDIDATES = 20
"""How many episodes are listed at most when a name fits several."""


class EpisodeRef(NamedTuple):
    """What an episode is called."""

    uuid: UUID
    key: int
    short_id: str | None
    reference: str | None
    patient: str | None = None

    @property
    def name(self) -> str:
        """The shortest name people know it by."""
        return self.short_id or self.reference or str(self.uuid)

    @property
    def label(self) -> str:
        """Its name, with the client's reference beside it."""
        if self.reference is None or self.reference == self.name:
            return self.name
        return f"{self.name} ({self.reference})"


def _rows(view: View) -> list[Row]:
    status = view.status
    return [(view.key, view.episode.hex, status.short_id, *view.names)]


MODEL = ReadModel(t, _rows)
_NAMES = (t.c.short_id, t.c.reference, t.c.patient, t.c.sealed)
_COLUMNS = select(t.c.uuid, t.c.episode_key, *_NAMES)


def _find(conn: Connection, condition: ColumnElement[bool], limit: int) -> list[EpisodeRef]:
    query = _COLUMNS.where(condition).order_by(t.c.episode_key).limit(limit)
    return _named_all(conn, conn.execute(query))


def _named_all(conn: Session, rows: Iterable[Row]) -> list[EpisodeRef]:
    found, seals = [tuple(row) for row in rows], seals_of(conn)
    if seals is not None:
        seals.load([UUID(row[0]) for row in found])
    return [_named_by(seals, row) for row in found]


def _named_by(seals: Seals | None, row: Row) -> EpisodeRef:
    uuid, key, short_id, reference, patient, sealed = row
    episode = UUID(uuid)
    if seals is not None:
        reference, patient = seals.reveal(episode, sealed)
    return EpisodeRef(episode, key, short_id, reference, patient)


def _is(conn: Session, column: Column[Any], text: str) -> ColumnElement[bool]:
    """Whether a name is exactly `text`, as it is found."""
    seals = seals_of(conn)
    return column == (text if seals is None else seals.blind(column.name, text))


def _partly(conn: Session) -> tuple[Column[Any], ...]:
    """Return the names that a part of them finds: sealed ones are found whole or not at all."""
    names = (t.c.patient, t.c.reference, t.c.short_id)
    return names if seals_of(conn) is None else names[2:]


def _begins(column: ColumnElement[str | None], text: str) -> ColumnElement[bool]:
    # A range can use the index, LIKE cannot where it ignores case.
    return (column >= text) & (column < text + "\U0010ffff")


def exact(conn: Connection, ref: str) -> list[EpisodeRef]:
    """Return episodes whose short id (any case), uuid or reference is `ref`."""
    conditions = [t.c.short_id == ref.upper(), _is(conn, t.c.reference, ref)]
    uuid = _as_uuid(ref)
    if uuid is not None:
        conditions.append(t.c.uuid == uuid.hex)
    return _find(conn, or_(*conditions), CANDIDATES)


def prefixed(conn: Connection, ref: str, limit: int = CANDIDATES) -> list[EpisodeRef]:
    """Return episodes whose short id, uuid or reference begins with `ref`, in any case."""
    conditions = [_begins(t.c.short_id, ref.upper())]
    if seals_of(conn) is None:
        conditions.append(_begins(t.c.reference, ref))
    digits = ref.lower().replace("-", "")
    if digits and all(c in "0123456789abcdef" for c in digits):
        conditions.append(_begins(t.c.uuid, digits))
    return _find(conn, or_(*conditions), limit)


_BY_REFERENCE = Statement(_COLUMNS.where(t.c.reference == bindparam("reference")), "reference")
_BY_SHORT_ID = Statement(_COLUMNS.where(t.c.short_id == bindparam("short_id")), "short_id")


def by_reference(conn: Session, reference: str) -> EpisodeRef | None:
    """Return the episode with a client reference, None if there is none."""
    return _named(conn, _BY_REFERENCE.row(conn, sought(conn, reference)))


def by_short_id(conn: Session, short_id: str) -> EpisodeRef | None:
    """Return the episode with exactly this short id, None if there is none."""
    return _named(conn, _BY_SHORT_ID.row(conn, short_id))


def _named(conn: Session, row: Row | None) -> EpisodeRef | None:
    return None if row is None else _named_by(seals_of(conn), row)


def sought(conn: Session, reference: str) -> str:
    """Return a reference as the index holds it."""
    seals = seals_of(conn)
    return reference if seals is None else seals.blind("reference", reference)


def of_patient(conn: Connection, patient: str) -> list[EpisodeRef]:
    """Return every episode of a patient, in the order of opening."""
    return _find(conn, _is(conn, t.c.patient, patient), 1000)


def of_key(conn: Connection, key: int) -> EpisodeRef | None:
    """Return the episode with a key, None if the index does not have it."""
    found = _find(conn, t.c.episode_key == key, 1)
    return found[0] if found else None


def of_keys(conn: Connection, keys: Sequence[int]) -> dict[int, EpisodeRef]:
    """Return the episodes with some keys by key, without those that the index does not have."""
    return {ref.key: ref for ref in _find(conn, t.c.episode_key.in_(keys), len(keys))}


def of_uuids(conn: Connection, episodes: Sequence[UUID]) -> dict[UUID, EpisodeRef]:
    """Return some episodes by uuid, without those that the index does not have."""
    found = _find(conn, t.c.uuid.in_([uuid.hex for uuid in set(episodes)]), len(episodes))
    return {ref.uuid: ref for ref in found}


def of_uuid(conn: Connection, episode: UUID) -> EpisodeRef | None:
    """Return the episode with a uuid, None if the index does not have it."""
    found = _find(conn, t.c.uuid == episode.hex, 1)
    return found[0] if found else None


def search(conn: Connection, text: str, limit: int = CANDIDATES) -> Sequence[EpisodeRef]:
    """Return episodes whose patient, reference or short id begins with `text`.

    The indices find it as it is written, in capitals, in small letters and with one capital.
    Where names are sealed it has to be the whole name.
    """
    fits = [_begins(c, s) for c in _partly(conn) for s in _spellings(text)]
    if seals_of(conn) is not None:
        fits += [_is(conn, c, text) for c in (t.c.patient, t.c.reference)]
    return _find(conn, or_(*fits), limit)


def search_within(conn: Connection, text: str, limit: int = CANDIDATES) -> Sequence[EpisodeRef]:
    """Return episodes with `text` anywhere in patient, reference or short id, in any case.

    Reads the whole index until it has as many as asked for.
    """
    columns = _partly(conn)
    # Not every database knows the capitals of letters beyond ASCII.
    fits = (c.icontains(s, autoescape=True) for c in columns for s in _spellings(text))
    return _find(conn, or_(*fits), limit)


def _spellings(text: str) -> set[str]:
    return {text, text.upper(), text.lower(), text.title()}


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def all_episodes(conn: Connection, after: int = 0, limit: int = 1000) -> list[EpisodeRef]:
    """Return the episodes of the log in the order of opening, after an episode key.

    One that the index lacks, because its rows could not be written, has its names from the log.
    Raises StoreError for a row of episodes without a UUID.
    """
    query = (
        select(episodes.c.uuid, episodes.c.key, *_NAMES)
        .add_columns(t.c.episode_key)
        .join_from(episodes, t, episodes.c.key == t.c.episode_key, isouter=True)
        .where(episodes.c.key > after)
        .order_by(episodes.c.key)
        .limit(limit)
    )
    rows = conn.execute(query).fetchall()
    for uuid, key, *_ in rows:
        uuid_of(key, uuid)
    found = _named_all(conn, (tuple(row)[:-1] for row in rows))
    listed = [row.episode_key is not None for row in rows]
    return [
        ref if there else _unlisted(conn, ref) for ref, there in zip(found, listed, strict=True)
    ]


def _unlisted(conn: Connection, ref: EpisodeRef) -> EpisodeRef:
    try:
        history = log.read_key(conn, ref.key)
    except StoreError:  # what cannot be read has no name, and is there all the same
        history = None
    return ref if history is None else from_history(history)


def short_ids(conn: Connection, prefix: str, limit: int) -> list[str]:
    """Return short ids that begin with `prefix`, in any case."""
    query = select(t.c.short_id).where(_begins(t.c.short_id, prefix.upper()))
    found = conn.execute(query.order_by(t.c.short_id).limit(limit)).scalars()
    return [short_id for short_id in found if short_id is not None]


def references(conn: Connection, prefix: str, limit: int) -> list[str]:
    """Return references that begin with `prefix`, as it is written."""
    if seals_of(conn) is not None:
        return []
    query = select(t.c.reference).where(_begins(t.c.reference, prefix))
    found = conn.execute(query.order_by(t.c.reference).limit(limit)).scalars()
    return [reference for reference in found if reference is not None]


def from_history(history: History) -> EpisodeRef:
    """Return what an episode is called by the event that opened it, as it was corrected."""
    for event in timeline(history.events):
        if isinstance(event.data, EpisodeOpened):
            named = event.data
            names = (named.short_id, named.reference, named.patient)
            return EpisodeRef(history.episode, history.key, *names)
        if isinstance(event.data, EpisodeErased):
            return EpisodeRef(history.episode, history.key, event.data.short_id, None)
    return EpisodeRef(history.episode, history.key, None, None)


def names(episode: EpisodeRef, ref: str) -> bool:
    """Whether `ref` is one of an episode's names; as `exact`."""
    uuid = _as_uuid(ref)
    return ref.upper() == episode.short_id or ref == episode.reference or uuid == episode.uuid


def begins(episode: EpisodeRef, ref: str) -> bool:
    """Whether one of an episode's names begins with `ref`; as `prefixed`."""
    digits = ref.lower().replace("-", "")
    return _starts(episode.reference, ref) or (
        _starts(episode.short_id, ref.upper())
        or (digits != "" and _starts(episode.uuid.hex, digits))
    )


def only_begins_reference(episode: EpisodeRef, ref: str) -> bool:
    """Whether `ref` is none of an episode's names, but the beginning of its reference alone.

    It may well be another episode's reference, of one that is not there or may not be seen.
    """
    without = episode._replace(reference=None)
    return not (names(episode, ref) or begins(without, ref)) and begins(episode, ref)


def begins_with(episode: EpisodeRef, text: str) -> bool:
    """Whether patient, reference or short id of an episode begin with `text`; as `search`."""
    return any(_starts(name, said) for name in _said(episode) for said in _spellings(text))


def holds(episode: EpisodeRef, text: str) -> bool:
    """Whether patient, reference or short id of an episode hold `text`; as `search_within`."""
    return any(text.casefold() in (name or "").casefold() for name in _said(episode))


def _said(episode: EpisodeRef) -> tuple[str | None, ...]:
    return episode.patient, episode.reference, episode.short_id


def _starts(name: str | None, beginning: str) -> bool:
    return name is not None and name.startswith(beginning)
