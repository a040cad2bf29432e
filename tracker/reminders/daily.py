"""The daily digest: once a day and coordinator, what is due today, what is late, what is new."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, insert, select, update

from projections import digest
from projections.digest import Task, Whose
from tracker.channels.people import Recipient
from tracker.channels.settings import Site
from tracker.errors import StoreError
from tracker.events import real_instant
from tracker.outbox.entries import DAILY, Entry, message_id, put
from tracker.outbox.tables import digests as t
from tracker.outbox.tables import outbox
from tracker.reminders.digest import Daily, Line
from tracker.service import Service
from tracker.store import locks, restores
from tracker.store.failures import trace
from tracker.store.instants import instant, micros
from tracker.times import zone

LATE = datetime.timedelta(hours=12)
"""A digest that could not be made for so long is left out: the next one tells the same."""
LONGEST = 100
"""The most lines under one title; how many more there are is said."""


_ONE = "digests"
"""One scheduler at a time makes one, so that it sees what another has made."""


class Made(NamedTuple):
    """What came of making digests."""

    messages: int = 0
    failed: tuple[str, ...] = ()
    """What went wrong with a coordinator's; the others' were made."""


def make(service: Service, site: Site, now: datetime.datetime) -> Made:
    """Put the digests whose hour has come into the outbox.

    Each is made once, whoever makes it; one that fails is tried again by the next tick. The first
    time a coordinator is seen nothing is told: digests begin with the next hour. Only those named
    in the site's configuration get them. Raises StoreError when the database cannot be used.
    """
    if not site.recipients or not site.digest.enabled:
        return Made()
    with service.database.reading() as conn:
        known = {row.coordinator: row.made_for for row in conn.execute(select(t))}
        wanted = [
            (coordinator, hour)
            for coordinator in digest.coordinators(conn)
            if (hour := site.digest_at(coordinator, now)) is not None
            and _is_new(known.get(coordinator or ""), hour)
        ]
    messages, failed = 0, []
    for coordinator, hour in wanted:
        try:
            messages += _make(service, site, coordinator, hour, now)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 (of one coordinator; the others get theirs)
            failed.append(trace(error))
    return Made(messages, tuple(failed))


def _make(
    service: Service,
    site: Site,
    coordinator: str | None,
    hour: datetime.datetime,
    now: datetime.datetime,
) -> int:
    with service.database.writing() as conn:
        locks.named(conn, [_ONE])
        before = _advance(conn, coordinator or "", hour)
        if before is None or now - hour > LATE:
            return 0
        found = _entries(conn, site, coordinator, hour, before, now)
        # One of that hour may have been made by a clock that was ahead.
        made = select(outbox.c.id).where(outbox.c.id.in_([entry.id for entry in found]))
        there = set(conn.execute(made).scalars())
        new = [entry for entry in found if entry.id not in there]
        put(conn, new)
    return len(new)


_A_DAY = datetime.timedelta(days=1, hours=1)


def _is_new(made_for: int | None, hour: datetime.datetime) -> bool:
    """Whether the digest of an hour has not been made, if the last one was made for that."""
    return made_for is None or made_for < micros(hour) or _ahead(made_for, hour)


def _ahead(made_for: int, hour: datetime.datetime) -> bool:
    """Whether a digest was made by a clock that had gone ahead."""
    return made_for > micros(hour + _A_DAY)


def _advance(
    conn: Connection, coordinator: str, hour: datetime.datetime
) -> datetime.datetime | None:
    """Note that a digest is made, in this transaction; return for when the one before was.

    None: somebody else made it, or there was none before.
    """
    row = conn.execute(select(t.c.made_for).where(t.c.coordinator == coordinator)).first()
    if row is None:
        conn.execute(insert(t).values(coordinator=coordinator, made_for=micros(hour)))
        return None
    mine = update(t).where(t.c.coordinator == coordinator, t.c.made_for == row.made_for)
    if _ahead(row.made_for, hour):  # begin again
        conn.execute(mine.values(made_for=micros(hour)))
        return None
    if row.made_for >= micros(hour):
        return None
    done = conn.execute(mine.values(made_for=micros(hour)))
    return instant(row.made_for) if done.rowcount == 1 else None


def _entries(
    conn: Connection,
    site: Site,
    coordinator: str | None,
    hour: datetime.datetime,
    before: datetime.datetime,
    now: datetime.datetime,
) -> list[Entry]:
    recipients = site.recipients_for(coordinator, None) + _of_sites(site, coordinator)
    zone_name, found = site.zone_of(coordinator), []
    told = {
        ward: _daily(conn, Whose(coordinator, ward), hour, before, now, zone_name)
        for ward in {recipient.site for recipient in recipients}
    }
    for recipient in recipients:
        daily = told[recipient.site]
        if daily:
            found.append(_entry(daily, recipient, coordinator, hour, now))
    return list({entry.id: entry for entry in found}.values())


def _daily(
    conn: Connection,
    whose: Whose,
    hour: datetime.datetime,
    before: datetime.datetime,
    now: datetime.datetime,
    zone_name: str,
) -> Daily:
    tomorrow = _end_of_day(now, zone_name)
    sections = {
        "overdue": digest.due(conn, whose, None, now, LONGEST),
        "due_today": digest.due(conn, whose, now, tomorrow, LONGEST),
        "new_alerts": digest.alerts_since(conn, whose, before, LONGEST),
    }
    lines = {name: _lines(section.first) for name, section in sections.items()}
    more = {name: s.total - len(s.first) for name, s in sections.items() if s.total > len(s.first)}
    restored_from = restores.restored_from(restores.restores(conn), hour)
    return Daily(
        coordinator=whose.coordinator, made_for=hour, time_zone=zone_name, more=more,
        restored_from=restored_from, **lines,
    )  # fmt: skip


def _of_sites(site: Site, coordinator: str | None) -> list[Recipient]:
    """Return those who are told of one site's episodes alone."""
    return [r for r in site.recipients if r.site is not None and r.covers(coordinator, r.site, 0)]


def _lines(tasks: Iterable[Task]) -> tuple[Line, ...]:
    return tuple(
        Line(
            episode=task.episode, what=task.what, at=task.at, severity=task.severity, seen=task.seen
        )
        for task in tasks
    )


def _entry(
    daily: Daily,
    recipient: Recipient,
    coordinator: str | None,
    hour: datetime.datetime,
    now: datetime.datetime,
) -> Entry:
    parts = ("daily", coordinator, str(micros(hour)), recipient.channel, recipient.to)
    return Entry(
        id=message_id(*parts, recipient.site),
        channel=recipient.channel,
        recipient=recipient.to,
        form=DAILY,
        content=msgspec.json.encode(daily),
        due_at=hour,
        created_at=now,
        not_before=now,
        first_attempt_at=now,
        coordinator=coordinator,
        site=recipient.site,
    )


def _end_of_day(now: datetime.datetime, zone_name: str) -> datetime.datetime:
    """Return the first instant of the next local day."""
    day = now.astimezone(zone(zone_name)).date() + datetime.timedelta(days=1)
    midnight = datetime.datetime.combine(day, datetime.time(), zone(zone_name))
    return real_instant(midnight.astimezone(datetime.UTC))
