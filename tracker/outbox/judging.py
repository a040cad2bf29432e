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


def reason_to_drop(service: Service, parcel: Parcel) -> str | None:
    """Return why a message that had to wait is not to be sent any more, None if it is.

    Quiet hours and failures delay messages, and meanwhile somebody may have done what they ask
    for. A bundle goes out as it is: its rows stay together.
    """
    item, now = parcel.first, service.now()
    if item.bundled or item.form != NOTICE or now - item.created_at <= FRESH:
        return None
    try:
        status = _status(service, item)
    except Exception:  # noqa: BLE001 (an episode that cannot be judged: rather once too often)
        return None
    return None if status is None else _overtaken(item, status)


def _status(service: Service, item: Item) -> Status | None:
    with service.database.reading() as conn:
        episode = None if item.episode_key is None else log.episode_of(conn, item.episode_key)
    return None if episode is None else service.status(episode)


def _overtaken(item: Item, status: Status) -> str | None:
    reminder = next((r for r in status.reminders if r.id == item.reminder), None)
    if reminder is None or not reminder.live:
        return NOT_OWED
    seen, quiet = reminder.acknowledged_at, reminder.snoozed_until
    if item.level and seen is not None and seen > item.created_at:
        return SEEN
    if not item.urgent and quiet is not None and quiet > status.at:
        return SNOOZED
    return None
