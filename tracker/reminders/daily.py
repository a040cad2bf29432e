"""The daily digest: once a day and coordinator, what is due today, what is late, what is new."""

import datetime
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, insert, select, update

from projections import digest
from projections.digest import Task
from tracker.channels.settings import Recipient, Site
from tracker.events import real_instant
from tracker.outbox.entries import DAILY, Entry, message_id, put
from tracker.outbox.tables import digests as t
from tracker.reminders.digest import Daily, Line
from tracker.service import Service
from tracker.store import restores
from tracker.store.instants import instant, micros
from tracker.times import zone

LATE = datetime.timedelta(hours=12)
"""A digest that could not be made for so long is left out: the next one tells the same."""
LONGEST = 500
"""The most lines under one title."""


def make(service: Service, site: Site, now: datetime.datetime) -> int:
    """Put the digests whose hour has come into the outbox; return how many messages.

    Each is made once, whoever makes it. The first time a coordinator is seen nothing is told:
    digests begin with the next hour. Only those named in the site's configuration get them.
    """
    if not site.recipients or not site.digest.enabled:
        return 0
    with service.database.reading() as conn:
        known = {row.coordinator: row.made_for for row in conn.execute(select(t))}
        wanted = [
            (coordinator, hour)
            for coordinator in digest.coordinators(conn)
            if (hour := site.digest_at(coordinator, now)) is not None
            and known.get(coordinator or "", -1) < micros(hour)
        ]
    return sum(_make(service, site, coordinator, hour, now) for coordinator, hour in wanted)


def _make(
    service: Service,
    site: Site,
    coordinator: str | None,
    hour: datetime.datetime,
    now: datetime.datetime,
) -> int:
    with service.database.writing() as conn:
        before = _advance(conn, coordinator or "", hour)
        if before is None or now - hour > LATE:
            return 0
        found = _entries(conn, site, coordinator, hour, before, now)
        put(conn, found)
    return len(found)


_A_DAY = datetime.timedelta(days=1, hours=1)


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
    if row.made_for > micros(hour + _A_DAY):  # by a clock that had gone ahead: begin again
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
    zone_name = site.zone_of(coordinator)
    due = digest.due_until(conn, coordinator, _end_of_day(now, zone_name), LONGEST)
    alerts = digest.alerts_since(conn, coordinator, before, LONGEST)
    restored_from = restores.restored_from(restores.restores(conn), hour)
    found = []
    for recipient in site.recipients_for(coordinator, None) + _of_sites(site, coordinator):
        late = [task for task in due if task.at < now]
        daily = Daily(
            coordinator=coordinator,
            made_for=hour,
            time_zone=zone_name,
            overdue=_lines(late, recipient),
            due_today=_lines([task for task in due if task.at >= now], recipient),
            new_alerts=_lines(alerts, recipient),
            restored_from=restored_from,
        )
        if daily:
            found.append(_entry(daily, recipient, coordinator, hour, now))
    return list({entry.id: entry for entry in found}.values())


def _of_sites(site: Site, coordinator: str | None) -> list[Recipient]:
    """Return those who are told of one site's episodes alone."""
    return [r for r in site.recipients if r.site is not None and r.covers(coordinator, r.site, 0)]


def _lines(tasks: Iterable[Task], recipient: Recipient) -> tuple[Line, ...]:
    return tuple(
        Line(episode=task.episode, what=task.what, at=task.at)
        for task in tasks
        if recipient.site in (None, task.site)
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
    """Return the last instant of the local day."""
    day = now.astimezone(zone(zone_name)).date() + datetime.timedelta(days=1)
    midnight = datetime.datetime.combine(day, datetime.time(), zone(zone_name))
    return real_instant(midnight.astimezone(datetime.UTC)) - datetime.timedelta(microseconds=1)
