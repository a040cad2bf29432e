"""What `tracker scheduler status` shows."""

import datetime
from typing import TYPE_CHECKING, Any

from tracker.cli import deliveries
from tracker.cli.clocks import site_zone
from tracker.cli.failures import say
from tracker.cli.render import Column, emit, print_line
from tracker.cli.session import Session
from tracker.pathway.wording import counted, elapsed
from tracker.times import local

if TYPE_CHECKING:
    from tracker.outbox.standing import Overview
    from tracker.service import Service

_INDENT = " " * 11
_LATE = (
    Column("episode", "Episode"),
    Column("kind", "Reminder"),
    Column("due_at", "Was due", "time"),
    Column("acknowledged_by", "Seen by"),
    Column("snoozed_until", "Quiet until", "time"),
)


def show(session: Session, limit: int, fmt: str) -> None:
    """Show it in the asked format."""
    from tracker.outbox.standing import overview

    with session.service().database.reading() as conn:
        seen = overview(conn, session.now())
    zone = site_zone(session) if fmt == "table" else "UTC"
    document = _document(session, seen, zone, limit)
    if document["late"]:
        session.looks.listed(len(document["late"]))
    if fmt == "table":
        for line in _lines(document, seen, zone):
            print_line(line)
        emit(fmt, document["late"], _LATE)
    else:
        emit(fmt, document["late"], _LATE, document=document)
    more = document["late_total"] - len(document["late"])
    if more > 0:
        say(f"And {more} more; --limit N shows more.")


def _lines(document: dict[str, Any], seen: "Overview", zone: str) -> list[str]:
    last, waiting, now = document["last_tick"], document["next_due"], document["now"]
    lines = [f"Last tick: {local(last, zone) if last else 'never'}"]
    for alarm in document["alarms"]:
        lines += [f"ALARM:     {alarm['text']}", f"{_INDENT}Try: {alarm['hint']}"]
    if (silence := document["last_silence"]) is not None:
        long = elapsed(datetime.timedelta(seconds=silence["seconds"]))
        span = f"from {local(silence['from'], zone)} until {local(silence['until'], zone)}"
        lines.append(f"Was down:  {long}, {span}")
    if (restore := document["restored"]) is not None:
        lines.append(
            f"Restored:  {local(restore['at'], zone)} from a backup of"
            f" {local(restore['taken_at'], zone)}{_settled(restore)}"
        )
    lines += [_beat(beat, zone) for beat in document["schedulers"]]
    first, *more = deliveries.lines(seen, now, zone)
    return [
        *lines,
        f"Next due:  {_coming(waiting, now, zone)}",
        f"Due now:   {counted(document['due_now'], 'episode')}",
        f"Outbox:    {first}",
        *(f"{_INDENT}{line}" for line in more),
        f"Late:      {counted(document['late_total'], 'reminder')}",
    ]


def _beat(beat: dict[str, Any], zone: str) -> str:
    told = f"  {beat['scheduler']}: {beat['state']} {local(beat['last_tick'], zone)}"
    if beat["issued"] is None:  # what it did was for every site
        return told
    told += f", issued {beat['issued']}, skipped {beat['skipped']}"
    if beat["delivered_at"] is not None:
        told += (
            f"; delivered {local(beat['delivered_at'], zone)},"
            f" sent {beat['sent']}, failed {beat['failed']}"
        )
    return told


def _settled(restore: dict[str, Any]) -> str:
    if restore["settled_at"] is None:
        return "; the next tick tells what may have been told before"
    return ""


def _coming(waiting: datetime.datetime | None, now: datetime.datetime, zone: str) -> str:
    if waiting is None:
        return "nothing"
    return local(waiting, zone) if waiting > now else "now"


def _document(session: Session, seen: "Overview", zone: str, limit: int) -> dict[str, Any]:
    from projections import reminders
    from tracker.channels.settings import read_site
    from tracker.reminders import alarms, clocks

    service, now = session.service(), session.now()
    scheduling = read_site(session.location).scheduler
    silence = scheduling.silence
    ahead = clocks.behind(service, now, scheduling.clock_tolerance)
    refused = None if ahead is None else clocks.refusal(service, ahead, now)
    session.looks.at(*(refused.episodes if refused else ()))
    beats = service.heartbeats()
    with service.database.reading() as conn:
        total = reminders.count_late(conn, now)
    found = [
        *alarms.of_clock(refused),
        *alarms.of_schedulers(beats, now, silence, zone),
        *alarms.of_messages(seen, now, silence, zone),
    ]
    quiet = now - beats[0].last_tick if beats else None
    return {
        "now": now,
        "last_tick": beats[0].last_tick if beats else None,
        "quiet_seconds": None if quiet is None else quiet.total_seconds(),
        "down": quiet is None or quiet > silence or beats[0].ahead(now),
        "last_silence": _silence(service),
        "restored": _restored(service),
        "alarms": [alarm._asdict() for alarm in found],
        "schedulers": [{**beat._asdict(), "state": beat.state(now)} for beat in beats],
        "next_due": service.next_due(),
        "due_now": service.count_due(now),
        "outbox": deliveries.document(seen),
        "late_total": total,
        "incomplete": session.incomplete(),
        "late": _late(service, now, limit),
    }


def _silence(service: "Service") -> dict[str, Any] | None:
    """Return the last stretch in which nobody ticked, for which somebody may look later."""
    last = service.last_silence()
    if last is None or last.since is None:
        return None
    seconds = (last.until - last.since).total_seconds()
    return {"from": last.since, "until": last.until, "seconds": seconds}


def _restored(service: "Service") -> dict[str, Any] | None:
    """Return the latest restore from a backup."""
    for last in service.restores()[:1]:
        missing = last.missing
        return {
            "at": last.restored_at,
            "taken_at": last.taken_at,
            "settled_at": last.settled_at,
            "missing": None if missing is None else {"from": missing[0], "to": missing[1]},
        }
    return None


def _late(service: "Service", now: datetime.datetime, limit: int) -> list[dict[str, Any]]:
    from projections import index, reminders
    from tracker.pathway.phases import quiet_until

    with service.database.reading() as conn:
        late = reminders.late(conn, now, limit)
        names = index.of_keys(conn, [r.episode_key for r in late])
        zones = reminders.time_zones(conn, names)
    rows = []
    for reminder in late:
        ref = names.get(reminder.episode_key)
        row = {k: v for k, v in reminder._asdict().items() if k != "episode_key"}
        row["snoozed_until"] = quiet_until(reminder.kind, reminder.snoozed_until, now)
        zone = zones.get(reminder.episode_key, "UTC")
        rows.append({"episode": None if ref is None else ref.name, **row, "time_zone": zone})
    return rows
