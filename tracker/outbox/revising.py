"""Before anything is claimed: what waits is for those whom the configuration names now.

An episode may have another coordinator since, a channel may be gone, an address may have changed,
and it may have become quiet for whoever is told while a failed message waited.
"""

import datetime
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, select, update

from projections.tables import worklist
from tracker.channels.people import Recipient
from tracker.channels.settings import Site
from tracker.outbox import bundling, holding, queue
from tracker.outbox.entries import (
    DAILY,
    DROPPED,
    NOTICE,
    PENDING,
    READDRESSED,
    ROUTINE,
    Entry,
    dropped,
    put,
)
from tracker.outbox.fallback import fall_back, is_last
from tracker.outbox.items import Item, item
from tracker.outbox.listing import portions
from tracker.outbox.tables import outbox as t
from tracker.reminders.recipients import told
from tracker.service import Service
from tracker.store.instants import micros

BREATH = 0.12
"""Seconds between two transactions: who waits for a file looks at most so seldom whether it is
free."""


def revise(
    service: Service, site: Site, who: str, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Give rows to whom the configuration names now; return how many were dropped for others.

    What is not urgent is kept while it is quiet for whoever is told. A row goes in one transaction,
    so that of an old and a new recipient never both are told and never neither; many go in several,
    so that others can write meanwhile. Raises StoreError when the database cannot be used.
    """
    now, dropped = service.now(), 0
    with service.database.reading() as conn:
        wrong = _Revision(conn, site, who, now).wrong
    for number, some in enumerate(portions(wrong)):
        if stopping():
            break
        if number:
            time.sleep(BREATH)
        with service.database.writing() as conn:
            queue.lock(conn)
            dropped += _Revision(conn, site, who, now, some).make()
    return dropped


class _Place(NamedTuple):
    """Which people are told: whose the episode is now, where, and how far it is escalated."""

    coordinator: str | None
    site: str | None
    level: int


class _Revision:
    """What is to be changed about the rows that wait, or some of them: as many as portions have."""

    def __init__(
        self,
        conn: Connection,
        site: Site,
        who: str,
        now: datetime.datetime,
        some: Sequence[str] | None = None,
    ) -> None:
        self._conn = conn
        self._site = site
        self._who = who
        self._now = now
        self._people: dict[_Place, dict[tuple[str, str | None], Recipient]] = {}
        self._wrong: dict[str, _Place] = {}
        self._void: list[str] = []
        self._quiet: dict[str, datetime.datetime] = {}
        self._loud: dict[str, datetime.datetime] = {}
        self.wrong: list[str] = []
        """Rows about which anything is to be changed, those of a message together."""
        for row in self._waiting(some):
            if self._look_at(row):
                self.wrong.append(row.id)

    def make(self) -> int:
        """Change it; return how many rows were dropped."""
        dropped = self._readdress()
        self._drop(self._void, "its channel is not configured any more")
        holding.hold(self._conn, self._quiet, self._now)
        holding.let_go(self._conn, self._loud, self._now)
        return dropped + len(self._void)

    def _waiting(self, some: Sequence[str] | None) -> Sequence[Row[Any]]:
        w = worklist.c
        query: Select[Any] = (
            select(
                t.c.id, t.c.form, t.c.channel, t.c.recipient, t.c.level, t.c.priority, t.c.message,
                t.c.coordinator, t.c.site, t.c.not_before, w.episode_key,
                queue.ripe(micros(self._now)).label("ripe"),
                w.coordinator.label("coordinator_now"), w.site.label("site_now"),
            )
            .join_from(t, worklist, w.episode_key == t.c.episode_key, isouter=True)
            .where(t.c.state == PENDING, queue.unclaimed(micros(self._now)))
            .order_by(bundling.message_of(), t.c.id)
        )  # fmt: skip
        if some is not None:
            query = query.where(t.c.id.in_(some))
        return self._conn.execute(query).fetchall()

    def _look_at(self, row: Row[Any]) -> bool:
        """Note what is to be changed about a row; return whether anything is."""
        if row.form == DAILY and row.channel not in self._site.channels:
            self._void.append(row.id)
            return True
        if row.form != NOTICE or self._is_last_way(row.channel):
            return False
        known = row.episode_key is not None
        place = _Place(
            row.coordinator_now if known else row.coordinator,
            row.site_now if known else row.site,
            row.level,
        )
        people = self._told(place)
        recipient = people.get((row.channel, row.recipient))
        if recipient is None:
            if people:  # somebody has to be told
                self._wrong[row.id] = place
            return bool(people)
        if row.priority != ROUTINE:
            return False
        quiet = self._site.quiet_until(recipient, self._now)
        if not row.ripe:
            return self._is_held_too_long(row, quiet or self._now)
        if quiet is not None:
            message = row.message or row.id
            self._quiet[message] = max(quiet, self._quiet.get(message, quiet))
        return quiet is not None

    def _is_held_too_long(self, row: Row[Any], until: datetime.datetime) -> bool:
        """Whether the quiet hours it was held for are others now; a bundle stays as it is."""
        if row.message not in (None, row.id) or row.not_before <= micros(until):
            return False
        self._loud[row.id] = until
        return True

    def _is_last_way(self, channel: str) -> bool:
        """Whether what no other channel delivers goes there: for nobody in particular."""
        return channel == self._site.scheduler.fallback and channel in self._site.channels

    def _told(self, place: _Place) -> dict[tuple[str, str | None], Recipient]:
        if place not in self._people:
            found = told(self._site, *place)
            self._people[place] = {(r.channel, r.to): r for r in found}
        return self._people[place]

    def _readdress(self) -> int:
        """Give rows to others; return how many were dropped for them."""
        if not self._wrong:
            return 0
        query = select(t).where(t.c.id.in_(self._wrong)).order_by(t.c.id)
        rows = [item(row) for row in self._conn.execute(query)]
        instead = {row.id: self._instead(row) for row in rows}
        new = self._put({entry.id: entry for made in instead.values() for entry in made})
        given: dict[str, list[str]] = defaultdict(list)
        left: list[Item] = []
        for row in rows:
            if any(entry.id in new for entry in instead[row.id]):
                given[self._reason(row)].append(row.id)
            else:
                left.append(row)
        for reason, ids in given.items():
            self._drop(ids, reason)
        return len(rows) - len(left) + sum(map(self._spare, left))

    def _spare(self, row: Item) -> bool:
        """Drop a row if others have been told, or are; return whether it was dropped.

        One by one: of two that hope for each other the second one stays.
        """
        done = not is_last(self._conn, row) or self._falls_back(row)
        if done:
            self._drop([row.id], self._reason(row))
        return done

    def _falls_back(self, row: Item) -> bool:
        """Give a row to the last way out as it is now, if there is one; return whether it could.

        It waited for the one before, or all others have failed since.
        """
        channel = self._site.scheduler.fallback
        if channel is None or channel not in self._site.channels:
            return False
        return fall_back(self._conn, [row], channel, self._now) > 0

    def _reason(self, row: Item) -> str:
        place = self._wrong[row.id]
        why = "the configuration names others now"
        if place.coordinator != row.coordinator:
            why = f"{place.coordinator or 'nobody'} coordinates the episode now"
        if row.channel not in self._site.channels:
            why = f"there is no channel {row.channel!r} any more"
        return f"{READDRESSED}: {why}"

    def _instead(self, row: Item) -> list[Entry]:
        """Return what is told in the place of a row, to each of those who are named now."""
        place = self._wrong[row.id]
        return [self._entry(row, place, to) for to in self._told(place).values()]

    def _entry(self, row: Item, place: _Place, recipient: Recipient) -> Entry:
        quiet = None if row.urgent else self._site.quiet_until(recipient, self._now)
        entry = row.told_by(recipient.channel, recipient.to, quiet or self._now)
        return entry._replace(coordinator=place.coordinator, site=place.site, bundled=row.bundled)

    def _put(self, entries: dict[str, Entry]) -> set[str]:
        """Write what is not there; who had the row before and lost it gets it back.

        Returns the ids of what waits now because of that.
        """
        there: dict[str, Row[Any]] = {}
        for some in portions(list(entries)):
            query = select(t.c.id, t.c.state, t.c.reason).where(t.c.id.in_(some))
            there |= {row.id: row for row in self._conn.execute(query)}
        put(self._conn, [entry for id_, entry in entries.items() if id_ not in there])
        lost = {
            row.id
            for row in there.values()
            if row.state == DROPPED and (row.reason or "").startswith(READDRESSED)
        }
        for id_ in lost:
            self._revive(entries[id_])
        return entries.keys() - there.keys() | lost

    def _revive(self, entry: Entry) -> None:
        values = {
            "state": PENDING,
            "attempts": 0,
            "message": None,
            "coordinator": entry.coordinator,
            "site": entry.site,
            "not_before": micros(entry.not_before),
            "next_attempt_at": micros(entry.first_attempt_at),
            "ended_at": None,
            "ended_by": None,
            "reason": None,
            "last_error": None,
        }
        self._conn.execute(update(t).where(t.c.id == entry.id).values(values))

    def _drop(self, ids: Sequence[str], reason: str) -> None:
        rows = update(t).where(t.c.id.in_(ids), t.c.state == PENDING)
        self._conn.execute(rows.values(dropped(self._who, micros(self._now), reason)))
