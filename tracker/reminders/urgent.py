"""What is urgent is told at once, by the process that records it.

The scheduler's next tick is the safety net: what fails here, or dies, it does.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from tracker.appending import Appended
from tracker.channels.configured import Channels
from tracker.outbox import listing, queue
from tracker.outbox.deliver import Delivered, Pace, deliver
from tracker.outbox.listing import Other
from tracker.pathway.issuing import owed
from tracker.pathway.phases import URGENT_KIND
from tracker.reminders.issuer import Issuer
from tracker.reminders.recipients import Addressing, site_of
from tracker.service import Service
from tracker.store.statements import Session

COMMAND = Pace(tries=1, lease=datetime.timedelta(minutes=1), one_send=3.0, in_all=3.0, grace=0.0)
"""A person waits for it. What it does not send a scheduler does, at the latest after its lease."""
MOST = 1000
"""Events of which one command tells at most; of what else it recorded the scheduler does."""


def urgent(done: Appended, now: datetime.datetime) -> bool:
    """Whether a review of urgent grounds is owed and nobody has been told of it."""
    if done.after is None:
        return False
    live = any(r.kind == URGENT_KIND and r.live for r in done.after.reminders)
    return live and any(
        item.reminder.kind == URGENT_KIND and item.skip_reason is None
        for item in owed(done.after, now, done.history)
    )


class Told(NamedTuple):
    """What came of telling at once."""

    delivered: Delivered
    more: int
    """Messages that there was no time for."""
    others: dict[str, list[Other]]
    """By the id of a message that was given up, the other ways by which that was told."""
    scheduler: bool
    """Whether a scheduler has ticked lately, which does what is left."""


def issue(service: Service, appended: Iterable[Appended]) -> list[str]:
    """Issue what is owed in the episodes in which something urgent was recorded.

    Returns the ids of the events that issue what is urgent. Raises UsageError when the
    configuration is wrong, StoreError when the database cannot be used, and what judging an episode
    raises; what was recorded stays recorded.
    """
    now = service.now()
    episodes = [done.episode.uuid for done in appended if urgent(done, now)]
    if not episodes:
        return []
    addressing = Addressing(site_of(service.database.location), now)
    return [id_ for episode in episodes for id_ in _issue(service, episode, addressing)]


def send(service: Service, events: Sequence[str], who: str, write: Callable[[str], None]) -> Told:
    """Send what events issued, as far as there is time; the rest is the scheduler's.

    `write` takes the lines of the console channel. Raises UsageError when the configuration is
    wrong, StoreError when the database cannot be used; no channel's failure is raised.
    """
    site, first = site_of(service.database.location), events[:MOST]
    channels = Channels(site, clock=service.now, write=write)
    done = deliver(service, channels, who, events=first, pace=COMMAND)
    with service.database.reading() as conn:
        waiting = queue.undelivered(conn, first) + len(events) - len(first)
        others = {id_: listing.others(conn, id_, service.now()) for id_, _, _ in done.dead}
    last = service.last_tick()
    lately = last is not None and service.now() - last.last_tick <= site.scheduler.silence
    return Told(done, max(waiting - len(done.failed) - len(done.left), 0), others, lately)


def _issue(service: Service, episode: UUID, addressing: Addressing) -> list[str]:
    """Issue what an episode owes; return the ids of the events that issue what is urgent."""
    issuer = Issuer(service, episode, service.now(), service.restores())

    def write(conn: Session, keys: Mapping[UUID, int]) -> None:
        issuer.write(conn, keys, addressing)

    service.append(episode, issuer.decide, write)
    return [told.id for item, told in issuer.notices() if item.reminder.kind == URGENT_KIND]
