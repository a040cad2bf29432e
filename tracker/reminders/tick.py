"""The tick: what is owed now is issued, or skipped on record, exactly once."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from uuid import UUID

from tracker.channels.settings import Site
from tracker.errors import KeylessError
from tracker.events import real_instant
from tracker.events.fields import Instant
from tracker.outbox import queue
from tracker.reminders import clocks, points, righting
from tracker.reminders.issuer import ACTOR, Issuer
from tracker.reminders.message import Notice
from tracker.reminders.points import At, nowhere
from tracker.reminders.recipients import Addressing, site_of
from tracker.service import Service
from tracker.store import restores
from tracker.store.failures import of_all, trace
from tracker.store.restores import Restore
from tracker.store.statements import Session

BATCH = 100
"""Episodes whose reminders are issued in one transaction."""


@dataclass
class Ticked:
    """What a tick did, or with `dry_run` would do."""

    now: Instant
    issued: list[Notice] = field(default_factory=list)
    skipped: list[tuple[str, str, str]] = field(default_factory=list)
    """Episode, kind and reason of what was skipped, or withdrawn, on record."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Episode, and what went wrong with it; the others went on."""
    dry_run: bool = False
    away: datetime.timedelta | None = None
    """How long no scheduler had ticked, if that was an outage."""
    still_due: int = 0
    """Episodes that owe something still, although all that was owed was to be issued."""
    complete: bool = True
    """Whether it came to its end; else the next one goes on."""


def tick(
    service: Service,
    now: datetime.datetime,
    *,
    site: Site | None = None,
    scheduler: str = ACTOR,
    every: int | None = None,
    dry_run: bool = False,
    trust_clock: bool = False,
    stopping: Callable[[], bool] = lambda: False,
    at: At = nowhere,
) -> Ticked:
    """Issue each phase of each reminder once, with what is to be sent to whom.

    Every episode is evaluated anew from its events before anything is issued. Any number may run
    at once and any may be killed: the append decides who issues, and what is to be sent is in the
    outbox in the same transaction. `site`: who is told what, else as configured. `every`: seconds
    until the next tick, if there is to be one. Raises StoreError when the database cannot be
    used, ClockError when the clock is behind, unless it is trusted: then what a clock that was
    ahead had put on record is taken back, and that this one is right stays on record.
    """
    site = site or site_of(service.database.location)
    tolerance = site.scheduler.clock_tolerance
    ahead = clocks.behind(service, now, tolerance)
    if ahead is not None and not trust_clock:
        raise clocks.refusal(service, ahead, now)
    done = Ticked(real_instant(now), dry_run=dry_run)
    last = service.last_tick()
    if last is not None and now - last.last_tick > site.scheduler.outage:
        done.away = now - last.last_tick
    served: set[UUID] = set()
    addressing = Addressing(site, done.now, outage=done.away is not None, gathering=True)
    work = _Work(service, done, addressing, service.restores(), at, tolerance)
    if ahead is not None:
        _set_right(service, work, ahead, stopping)
    for batch in _batches(service, done.now):
        if stopping():
            done.complete = False
            break
        work.issue(batch)
        served.update(batch)
    if not dry_run:
        _finish(service, done, scheduler, every, stopping, served)
    return done


def _set_right(
    service: Service, work: "_Work", ahead: clocks.Newest, stopping: Callable[[], bool]
) -> None:
    """Take back what a clock that was ahead put on record, and keep on record that this is right.

    An episode that fails is taken up again when something of it is due.
    """
    done = work.done
    for batch in righting.misjudged(service, done.now, work.tolerance, dry_run=done.dry_run):
        if stopping():
            return
        work.issue(batch)
    if not done.dry_run:
        righting.trust(service, done.now, ahead)


def _finish(
    service: Service,
    done: Ticked,
    scheduler: str,
    every: int | None,
    stopping: Callable[[], bool],
    served: Set[UUID],
) -> None:
    if not done.complete:
        return  # an outage is over when all that fell due in it has been issued
    with service.database.writing() as conn:
        queue.close_bundles(conn)
        if not done.failed:
            restores.settle(conn, done.now)
    while not stopping() and service.refresh(BATCH) == BATCH:
        pass
    done.still_due = _still_due(service, done.now, served)
    counts = {
        "issued": len(done.issued),
        "skipped": len(done.skipped),
        "still_due": done.still_due,
    }
    service.ticked(done.now, scheduler, counts, every=every)


def _still_due(service: Service, now: datetime.datetime, served: Set[UUID]) -> int:
    """Count the episodes that were served and are due all the same.

    What was recorded meanwhile is for the next tick, and the rows of what is parked tell nothing.
    """
    parked = {ref.uuid for ref in service.parked_episodes()}
    due = service.due(now, len(served) + BATCH) if served else []
    return len((served - parked) & set(due))


def _batches(service: Service, now: datetime.datetime) -> Iterator[list[UUID]]:
    """Yield the episodes that may owe something, each once."""
    parked = [ref.uuid for ref in service.parked_episodes()]
    if parked:
        yield parked  # their rows cannot say when they are due
    seen, room = set(parked), BATCH
    while True:
        due = service.due(now, room)
        batch = [episode for episode in due if episode not in seen][:BATCH]
        if batch:
            seen.update(batch)
            yield batch
        elif len(due) < room:
            return
        else:
            room += BATCH  # the first of them stay due, whatever was done


class _Work:
    """Issues what batches of episodes owe."""

    def __init__(
        self,
        service: Service,
        done: Ticked,
        addressing: Addressing,
        restores: Sequence[Restore],
        at: At,
        tolerance: datetime.timedelta,
    ) -> None:
        self._service = service
        self.done = done
        self.tolerance = tolerance
        self._addressing = addressing
        self._restores = restores
        self._at = at

    def issue(self, batch: Sequence[UUID]) -> None:
        issuers = [
            Issuer(self._service, episode, self.done.now, self._restores, self.tolerance)
            for episode in batch
        ]
        served = self._preview(issuers) if self.done.dry_run else self._append(issuers)
        for issuer in served:
            self.done.issued += [told for _, told in issuer.notices()]
            self.done.skipped += issuer.skipped()

    def _preview(self, issuers: list[Issuer]) -> list[Issuer]:
        return [issuer for issuer in issuers if self._tried(issuer, _previewed)]

    def _append(self, issuers: list[Issuer]) -> list[Issuer]:
        """Append for all at once; if that fails for each alone: one never stops the others."""
        try:
            self._appended(issuers)
        except Exception as error:  # found again below, by the episode that it comes from
            if of_all(error):
                raise
            return [i for i in issuers if self._tried(i, lambda alone: self._appended([alone]))]
        return issuers

    def _appended(self, issuers: Sequence[Issuer]) -> None:
        self._at(points.DECIDED)

        def write(conn: Session, keys: Mapping[UUID, int]) -> None:
            for issuer in issuers:
                issuer.write(conn, keys, self._addressing)
            self._at(points.WRITTEN)

        self._service.append_many([(i.episode, i.decide) for i in issuers], write)
        self._at(points.APPENDED)

    def _tried(self, issuer: Issuer, attempt: Callable[[Issuer], None]) -> bool:
        try:
            attempt(issuer)
        except Exception as error:  # whatever is wrong with one, the others go on
            if of_all(error):
                raise
            self.done.failed.append((self._name(issuer.episode), _told(error)))
            return False
        return True

    def _name(self, episode: UUID) -> str:
        """Return the short id of an episode, which is listed also where it cannot be read.

        Never the client's reference: what a tick says goes into logs.
        """
        known = self._service.named([episode]).get(episode)
        return (known and known.short_id) or str(episode)


def _told(error: BaseException) -> str:
    """Return what went wrong with an episode; of a key that is not there, which and what to do."""
    if not isinstance(error, KeylessError):
        return trace(error)
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _previewed(issuer: Issuer) -> None:
    issuer.decide(issuer.service.history(issuer.episode))
