"""Who is told of what is issued, and what goes into the outbox for each of them."""

import datetime

import msgspec

from tracker.channels.options import (
    CONSOLE,
    FILE,
    ChannelOptions,
    ConsoleOptions,
    FileOptions,
)
from tracker.channels.people import Recipient
from tracker.channels.settings import Site, read_site
from tracker.config import REMINDERS, Location
from tracker.outbox.entries import NOTICE, ROUTINE, URGENT, Entry, message_id
from tracker.outbox.items import Item
from tracker.outbox.queue import HOLD
from tracker.pathway import Status
from tracker.pathway.issuing import Owed
from tracker.pathway.phases import URGENT_KIND
from tracker.reminders.message import Notice


def site_of(location: Location) -> Site:
    """Read a site's configuration and add the channels that are there without any.

    Raises UsageError naming the place that is wrong, StoreError if it is unreadable.
    """
    site = read_site(location)
    there: dict[str, ChannelOptions] = {
        CONSOLE: ConsoleOptions(),
        FILE: FileOptions(path=REMINDERS),
    }
    return msgspec.structs.replace(site, channels={**there, **site.channels})


def told(site: Site, coordinator: str | None, ward: str | None, level: int) -> list[Recipient]:
    """Return who is told of an episode: never nobody.

    A level for which nobody is named goes to the usual people, and what has none of those to the
    console and the file in the data directory.
    """
    for wanted in dict.fromkeys((level, 0)):
        found = site.recipients_for(coordinator, ward, wanted)
        if found:
            # One address may be named twice, as for two levels: it is told once.
            return list({(r.channel, r.to): r for r in reversed(found)}.values())[::-1]
    return [Recipient(name) for name in (CONSOLE, FILE) if name in site.channels]


def told_as(site: Site, item: Item) -> Recipient:
    """Return for whom a row of the outbox is, as the configuration has them now."""
    people = told(site, item.coordinator, item.site, item.level)
    near = (r for r in (*people, *site.recipients) if (r.channel, r.to) == _address(item))
    return next(near, Recipient(item.channel, item.recipient))


def _address(item: Item) -> tuple[str, str | None]:
    return item.channel, item.recipient


class Addressing:
    """Makes entries for the outbox."""

    def __init__(
        self,
        site: Site,
        now: datetime.datetime,
        *,
        outage: bool = False,
        gathering: bool = False,
    ) -> None:
        """Take the configuration.

        `outage`: what is routine goes out in one message, however little. `gathering`: it waits
        until the bundles are closed, for what else comes.
        """
        self._site = site
        self._now = now
        self._outage = outage
        self._gathering = gathering

    def entries(self, status: Status, key: int, item: Owed, notice: Notice) -> list[Entry]:
        """Return what goes to each recipient of what was issued."""
        coordinator, urgent = status.coordinator, item.reminder.kind == URGENT_KIND
        together = self._outage or notice.restored_from is not None
        content = msgspec.json.encode(notice)
        return [
            Entry(
                id=message_id(notice.id, recipient.channel, recipient.to),
                channel=recipient.channel,
                recipient=recipient.to,
                form=NOTICE,
                content=content,
                due_at=item.reminder.due_at,
                created_at=self._now,
                not_before=not_before,
                first_attempt_at=not_before if urgent else self._first(not_before),
                event=notice.id,
                episode_key=key,
                reminder=item.reminder.id,
                level=item.level,
                coordinator=coordinator,
                site=status.site,
                priority=URGENT if urgent else ROUTINE,
                bundled=together and not urgent,
            )
            for recipient in told(self._site, coordinator, status.site, item.level)
            for not_before in [self._not_before(recipient, urgent=urgent)]
        ]

    def _not_before(self, recipient: Recipient, *, urgent: bool) -> datetime.datetime:
        quiet = None if urgent else self._site.quiet_until(recipient, self._now)
        return quiet or self._now

    def _first(self, not_before: datetime.datetime) -> datetime.datetime:
        return max(not_before, self._now + HOLD) if self._gathering else not_before
