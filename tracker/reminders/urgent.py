"""What is urgent is told at once, by the process that records it.

The scheduler's next tick is the safety net: what fails here, or dies, it does.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from tracker.appending import Appended
from tracker.channels.configured import Channels
from tracker.outbox.deliver import Delivered, Pace, deliver
from tracker.pathway.issuing import owed
from tracker.reminders.issuer import Issuer
from tracker.reminders.recipients import URGENT_KIND, Addressing, site_of
from tracker.service import Service
from tracker.store.statements import Session

COMMAND = Pace(tries=1, lease=datetime.timedelta(minutes=1), one_send=3.0, in_all=3.0, grace=0.0)
"""A person waits for it. What it does not send a scheduler does, at the latest after its lease."""


def urgent(done: Appended, now: datetime.datetime) -> bool:
    """Whether a review of urgent grounds is owed and nobody has been told of it."""
    if done.after is None:
        return False
    live = any(r.kind == URGENT_KIND and r.live for r in done.after.reminders)
    return live and any(
        item.reminder.kind == URGENT_KIND and item.skip_reason is None
        for item in owed(done.after, now, done.history)
    )


def tell(
    service: Service, appended: Iterable[Appended], who: str, write: Callable[[str], None]
) -> Delivered | None:
    """Tick the episodes in which something urgent was recorded, and send what is urgent of it.

    None: there was nothing urgent. `write` takes the lines of the console channel. Raises
    whatever goes wrong; what was recorded stays recorded.
    """
    now = service.now()
    episodes = [done.episode.uuid for done in appended if urgent(done, now)]
    if not episodes:
        return None
    site = site_of(service.database.location)
    events = [
        id_ for episode in episodes for id_ in _issue(service, episode, Addressing(site, now))
    ]
    channels = Channels(site, clock=service.now, write=write)
    return deliver(service, channels, who, events=events, pace=COMMAND)


def _issue(service: Service, episode: UUID, addressing: Addressing) -> list[str]:
    """Issue what an episode owes; return the ids of the events that issue what is urgent."""
    issuer = Issuer(service, episode, service.now())

    def write(conn: Session, keys: Mapping[UUID, int]) -> None:
        issuer.write(conn, keys, addressing)

    service.append(episode, issuer.decide, write)
    return [told.id for item, told in issuer.notices() if item.reminder.kind == URGENT_KIND]
