"""Active alerts, one row each."""

import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from projections.counts import Row
from projections.models import ReadModel
from projections.tables import alerts as t
from projections.views import View
from tracker.store.instants import instant, micros


class ActiveAlert(NamedTuple):
    """An alert of an episode that was active when the episode was last evaluated."""

    episode_key: int
    id: str
    rule: str
    severity: str
    since: datetime.datetime
    acknowledged_by: str | None


def _rows(view: View) -> list[Row]:
    return [
        (view.key, item.id, item.rule, item.severity, micros(item.since), item.acknowledged_by)
        for item in view.status.alerts
        if item.active
    ]


MODEL = ReadModel(t, _rows)


def active(conn: Connection, severity: str, limit: int) -> list[ActiveAlert]:
    """Return active alerts of a severity, the oldest first."""
    query = select(t).where(t.c.severity == severity).order_by(t.c.since).limit(limit)
    return [
        ActiveAlert(key, id_, rule, level, instant(since), who)
        for key, id_, rule, level, since, who in conn.execute(query)
    ]
