"""Erasing a patient: the keys are destroyed, the shape of the history stays, the chain holds."""

import datetime
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import update

from projections import index
from projections.index import EpisodeRef
from tracker.encryption.outside import Outside, outside
from tracker.encryption.store import KeyStore
from tracker.episode.validation import checked
from tracker.errors import NotFoundError, RefusedError, StoreError
from tracker.events import NewEvent, Recorded, real_instant
from tracker.events.lifecycle import EpisodeErased
from tracker.outbox.entries import DROPPED, PENDING
from tracker.outbox.tables import outbox
from tracker.service import Service
from tracker.store.database import Database
from tracker.store.instants import micros


class Request(NamedTuple):
    """Who erases, who agreed to it, and why."""

    patient: str
    reason: str
    actor: str
    second_person: str
    on_behalf_of: str | None = None


class Erasure(NamedTuple):
    """What was erased, and whether traces of it are left."""

    episodes: list[EpisodeRef]
    left: list[str]
    """Files that still hold traces because somebody was using them, in words."""
    outside: Outside
    """What holds the patient and cannot be reached."""


def erase(service: Service, keys: KeyStore, request: Request) -> Erasure:
    """Destroy the keys of a patient's episodes, after saying so in each; what is left is shape.

    It can be done again, if it was interrupted, or left traces. Raises NotFoundError for a patient
    who has no episode, RefusedError when the second person is the first, UsageError for names and
    reasons that say nothing.
    """
    request = request._replace(
        reason=request.reason.strip(), second_person=" ".join(request.second_person.split())
    )
    checked("episode-erased", _fields(request))  # before anything is destroyed
    first = {request.actor, request.on_behalf_of or ""}
    if _folded(request.second_person) in map(_folded, first):
        raise RefusedError(
            "two people erase a patient, and the second one named is the first",
            "name in --second-person who else agreed to it",
        )
    episodes = _episodes(service, keys, request.patient)
    if not episodes:
        # Of an earlier erasure traces may be left; who was erased cannot be known.
        left = _scrub_all(service, keys)
        told = (
            f"traces of what was erased before are left in {', '.join(left)}"
            if left
            else ("the files were written anew, without what was erased before")
        )
        raise NotFoundError(f"no episode of that patient is here; {told}", "tracker find searches")
    elsewhere = outside(service, episodes)
    for episode in episodes:
        service.append(episode.uuid, partial(_said, episode, service.now(), request))
    named = [episode.uuid for episode in episodes]
    others = {other: _patient(service, other) for other in keys.sharing(named)}
    _clear(service, [episode.key for episode in episodes])
    keys.destroy(named, others, service.now())
    return Erasure(episodes, _scrub_all(service, keys), elsewhere)


def _fields(request: Request) -> dict[str, str]:
    return {"reason": request.reason, "second_person": request.second_person}


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _episodes(service: Service, keys: KeyStore, patient: str) -> list[EpisodeRef]:
    """Return the patient's episodes, and those of whom an interrupted erasure left the keys."""
    with service.database.reading() as conn:
        found = index.of_patient(conn, patient)
    found += [ref for ref in service.parked_episodes() if ref.patient == patient]
    there = {ref.uuid for ref in found}
    half = [
        uuid for uuid in keys.of_patient(patient) if uuid not in there and _erased(service, uuid)
    ]
    return list({ref.uuid: ref for ref in (*found, *map(service.episode, half))}.values())


def _erased(service: Service, episode: UUID) -> bool:
    return isinstance(service.history(episode)[-1].data, EpisodeErased)


def _patient(service: Service, episode: UUID) -> str | None:
    """Return whose episode it is now, by its history; None when nobody knows."""
    with suppress(StoreError), service.database.reading() as conn:
        found = index.of_uuid(conn, episode)
        return None if found is None else found.patient
    return None


def _said(
    episode: EpisodeRef, now: datetime.datetime, request: Request, history: Sequence[Recorded]
) -> list[NewEvent]:
    if isinstance(history[-1].data, EpisodeErased):
        return []
    data = EpisodeErased(**_fields(request), short_id=episode.short_id)
    return [
        NewEvent(
            id=str(uuid4()),
            occurred_at=real_instant(now),
            recorded_at=real_instant(now),
            actor=request.actor,
            on_behalf_of=request.on_behalf_of,
            source="erase",
            data=data,
        )
    ]


def _clear(service: Service, keys: Sequence[int]) -> None:
    """Empty what the outbox holds of the episodes; what nobody sent yet is not sent."""
    mine = outbox.c.episode_key.in_(keys)
    gone = {"state": DROPPED, "reason": "erased", "ended_at": micros(service.now())}
    with service.database.writing() as conn:
        conn.execute(update(outbox).where(mine, outbox.c.state == PENDING).values(**gone))
        conn.execute(update(outbox).where(mine).values(content=b"{}", reminder=None))


def _scrub_all(service: Service, keys: KeyStore) -> list[str]:
    return [*_scrub(service.database), *_scrub(keys.database)]


def _scrub(database: Database) -> list[str]:
    """Write a database's file anew, without what was deleted; say what could not be."""
    if database.on_server:
        return []
    with database.engine.connect() as conn:
        raw = conn.connection.cursor()
        raw.execute("PRAGMA secure_delete=ON")
        raw.execute("VACUUM")
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return [f"{database.path}-wal: somebody is reading"] if busy else []
