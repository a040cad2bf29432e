"""Whether what waits to be sent is still worth sending."""

import datetime

from tracker.outbox.entries import NOTICE
from tracker.outbox.items import Item, Parcel
from tracker.pathway import Status
from tracker.service import Service
from tracker.store import log

NOT_OWED = "no longer owed when it was to be sent"
SEEN = "acknowledged before it was to be sent"
SNOOZED = "snoozed before it was to be sent"
OVERTAKEN = (NOT_OWED, SEEN, SNOOZED)
"""Why a message is dropped although nobody asked for that."""
FRESH = datetime.timedelta(minutes=5)
"""What was issued so recently is sent as it is."""


def overtaken(service: Service, parcel: Parcel) -> dict[str, str]:
    """Return the rows of a message that are not to be sent any more, and why, each by its id.

    Quiet hours, bundles and failures delay messages, and meanwhile somebody may have done what
    they ask for.
    """
    now, known = service.now(), dict[int | None, Status | None]()
    old = [i for i in parcel.items if i.form == NOTICE and now - i.created_at > FRESH]
    for item in old:
        if item.episode_key not in known:
            known[item.episode_key] = _judged(service, item)
    found = ((i.id, s and _reason(i, s)) for i in old for s in [known[i.episode_key]])
    return {id_: reason for id_, reason in found if reason}


def _judged(service: Service, item: Item) -> Status | None:
    try:
        return _status(service, item)
    except Exception:  # noqa: BLE001 (an episode that cannot be judged: rather once too often)
        return None


def _status(service: Service, item: Item) -> Status | None:
    with service.database.reading() as conn:
        episode = None if item.episode_key is None else log.episode_of(conn, item.episode_key)
    return None if episode is None else service.status(episode)


def _reason(item: Item, status: Status) -> str | None:
    reminder = next((r for r in status.reminders if r.id == item.reminder), None)
    if reminder is None or not reminder.live:
        return NOT_OWED
    seen, quiet = reminder.acknowledged_at, reminder.snoozed_until
    if item.level and seen is not None and seen > item.created_at:
        return SEEN
    if not item.urgent and quiet is not None and quiet > status.at:
        return SNOOZED
    return None
