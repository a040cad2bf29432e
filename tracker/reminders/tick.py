"""The tick: what is owed now is issued, or skipped on record, exactly once."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from tracker.channels.base import Channel, DeliveryError
from tracker.errors import StoreError
from tracker.events import NewEvent, Recorded, data_from, real_instant
from tracker.events.fields import Instant
from tracker.pathway import Status
from tracker.pathway.issuing import Owed, owed
from tracker.reminders.message import Notice, notice
from tracker.service import Service

BATCH = 100
"""Episodes whose reminders are issued in one transaction."""
ACTOR = "scheduler"
_KEYS = uuid.UUID("5b0a4b6e-7c0f-4a2b-9d53-0c8f5f2f6a11")


@dataclass
class Ticked:
    """What a tick did, or with `dry_run` would do."""

    now: Instant
    issued: list[Notice] = field(default_factory=list)
    skipped: list[tuple[str, str, str]] = field(default_factory=list)
    """Episode, kind and reason of what was skipped on record."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Episode or channel, and what went wrong with it; the others went on."""
    dry_run: bool = False


def issue_id(episode: uuid.UUID, item: Owed) -> str:
    """Return the id of the event for a phase of a window: whoever issues it, it is the same."""
    window = _window(item)
    return str(uuid.uuid5(_KEYS, f"{episode}|{item.reminder.id}|{item.phase}|{window}"))


def _window(item: Owed) -> str:
    opens, due = (
        msgspec.to_builtins(real_instant(instant))
        for instant in (item.reminder.opens_at, item.reminder.due_at)
    )
    return f"{opens}/{due}"


def issuing(episode: uuid.UUID, item: Owed, now: Instant) -> NewEvent:
    """Return the event that issues what is owed, or skips it with a reason."""
    fields = {
        "reminder": item.reminder.id,
        "kind": item.reminder.kind,
        "phase": item.phase,
        "window": _window(item),
    }
    topic = "reminder-issued"
    if item.skip_reason is not None:
        topic, fields["reason"] = "reminder-skipped", item.skip_reason
    return NewEvent(
        id=issue_id(episode, item),
        occurred_at=now,
        recorded_at=now,
        actor=ACTOR,
        source="scheduler",
        data=data_from(topic, fields),
    )


def tick(
    service: Service,
    now: Instant,
    *,
    channels: Sequence[Channel] = (),
    scheduler: str = ACTOR,
    dry_run: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> Ticked:
    """Issue each reminder once when it opens and once when it becomes overdue.

    Every episode is evaluated anew from its events before anything is issued. Any number may run
    at once and any may be killed: the append decides who issues. What is issued goes out by every
    channel. Raises StoreError when the database cannot be used.
    """
    done = Ticked(real_instant(now), dry_run=dry_run)
    for batch in _batches(service, done.now):
        if stopping():
            break
        issuers = [_Issuer(service, episode, done.now) for episode in batch]
        issued = _preview(issuers, done) if dry_run else _append(service, issuers, done)
        for issuer in issued:
            issuer.report(done, channels)
    if not dry_run:
        while not stopping() and service.refresh(BATCH) == BATCH:
            pass
        counts = {"issued": len(done.issued), "skipped": len(done.skipped)}
        service.ticked(done.now, scheduler, counts)
    return done


def _batches(service: Service, now: Instant) -> Iterator[list[uuid.UUID]]:
    """Yield the episodes that may owe something, each once."""
    parked = [ref.uuid for ref in service.parked_episodes()]
    if parked:
        yield parked  # their rows cannot say when they are due
    seen = set(parked)
    while True:
        due = service.due(now, len(seen) + BATCH)
        batch = [episode for episode in due if episode not in seen][:BATCH]
        if not batch:
            return
        seen.update(batch)
        yield batch


class _Issuer:
    """Decides what one episode owes now, and tells what became of it."""

    def __init__(self, service: Service, episode: uuid.UUID, now: Instant) -> None:
        self.service = service
        self.episode = episode
        self.now = now
        self.decided: list[tuple[Owed, NewEvent]] = []
        self._status: Status | None = None

    def decide(self, history: Sequence[Recorded]) -> list[NewEvent]:
        """Evaluate the history and return the events that issue, or skip, what it owes."""
        self._status = self.service.judge.status(history, self.now)
        there = {event.id for event in history}
        events = [
            (o, issuing(self.episode, o, self.now)) for o in owed(self._status, self.now, history)
        ]
        self.decided = [(item, event) for item, event in events if event.id not in there]
        return [event for _, event in self.decided]

    def report(self, done: Ticked, channels: Sequence[Channel]) -> None:
        """Note what was decided, and send what was issued."""
        status = self._status
        if status is None:
            return
        name = status.short_id or status.reference or str(self.episode)
        protocol = self.service.protocol(status.protocol)
        for item, event in self.decided:
            if item.skip_reason is not None:
                done.skipped.append((name, item.reminder.kind, item.skip_reason))
                continue
            told = notice(event, name, status.time_zone, item, protocol)
            done.issued.append(told)
            for channel in channels:
                _send(channel, told, done)


def _send(channel: Channel, told: Notice, done: Ticked) -> None:
    try:
        channel.send(told.message())
    except DeliveryError as error:
        done.failed.append((told.episode, f"{told.kind} could not be sent: {error.detail}"))


def _preview(issuers: list[_Issuer], done: Ticked) -> list[_Issuer]:
    return [issuer for issuer in issuers if _tried(issuer, done, _previewed)]


def _previewed(issuer: _Issuer) -> None:
    issuer.decide(issuer.service.history(issuer.episode))


def _append(service: Service, issuers: list[_Issuer], done: Ticked) -> list[_Issuer]:
    """Append for all at once; if that fails, for each alone, so that one never stops the others."""
    try:
        service.append_many([(issuer.episode, issuer.decide) for issuer in issuers])
    except StoreError:
        raise
    except Exception:  # noqa: BLE001 (found again below, by the episode that it comes from)
        return [issuer for issuer in issuers if _tried(issuer, done, _appended)]
    return issuers


def _appended(issuer: _Issuer) -> None:
    issuer.service.append(issuer.episode, issuer.decide)


def _tried(issuer: _Issuer, done: Ticked, attempt: Callable[[_Issuer], None]) -> bool:
    try:
        attempt(issuer)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever is wrong with one, the others are served)
        done.failed.append((str(issuer.episode), f"{type(error).__name__}: {error}"))
        return False
    return True
