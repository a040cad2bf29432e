"""What waited to be sent when a backup was taken may have been sent since: it says so."""

import datetime

import msgspec
from sqlalchemy import Connection, select, update

from tracker.decoding import decode
from tracker.outbox.entries import DAILY, DEAD, FREED, PENDING
from tracker.outbox.tables import outbox as t
from tracker.reminders.digest import Daily
from tracker.reminders.message import Notice

_AT_ONCE = 500
_WAITING = (PENDING, DEAD)


def mark(conn: Connection, taken_at: datetime.datetime) -> int:
    """Let what was not sent by the time of a backup say that it may have been; return how many.

    Nobody is sending any of it any more: what was claimed is free.
    """
    marked, after = 0, ""
    query = select(t.c.id, t.c.form, t.c.content).where(t.c.state.in_(_WAITING)).order_by(t.c.id)
    while rows := conn.execute(query.where(t.c.id > after).limit(_AT_ONCE)).all():
        for row in rows:
            values = {
                "content": _marked(row.form, row.content, taken_at),
                **FREED,
            }
            conn.execute(update(t).where(t.c.id == row.id).values(values))
        marked, after = marked + len(rows), rows[-1].id
    return marked


def _marked(form: str, content: bytes, taken_at: datetime.datetime) -> bytes:
    kind: type[Daily | Notice] = Daily if form == DAILY else Notice
    told = decode(content, kind)
    return msgspec.json.encode(msgspec.structs.replace(told, restored_from=taken_at))
