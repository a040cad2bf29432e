"""What is in a database, and copying that is killed midway."""

import os
import signal
from functools import partial

from sqlalchemy import event, select

from tests.faults import ward, writers
from tests.moving.conftest import silent
from tracker import access
from tracker.config import Location
from tracker.moving.contents import lasting
from tracker.moving.copy import Copier
from tracker.moving.rows import Row
from tracker.reminders.tick import tick
from tracker.service import Service
from tracker.store import sequence
from tracker.store.chain import first_broken
from tracker.store.database import Database, open_database

Content = dict[str, list[Row]]


def contents(database: Database) -> Content:
    """Return every row that lasts, by table."""
    with database.reading() as conn:
        return {
            table.name: sorted(map(tuple, conn.execute(select(table))), key=repr)
            for table in lasting()
        }


def contents_of(place: Location) -> Content:
    """Return every row that lasts in a place."""
    with open_database(place) as database:
        return contents(database)


def copy(source: Location, target: Location, *, finish: bool = True) -> None:
    """Copy a tracker into a place."""
    with (
        Service.open(source, ward.clock) as service,
        open_database(target, create=True) as database,
    ):
        Copier(service, database, silent).copy(finish=finish)


def until_it_lives(source: Location, target: Location, growth: float) -> list[str]:
    """Copy, killed before a later statement each time; return what went wrong, and how often.

    The last line is the number of kills.
    """
    kills, fatal, said = 0, 3.0, ""
    while "done" not in said:
        process, end = writers.forked(partial(_killed, source, target, round(fatal)))
        with os.fdopen(end) as pipe:
            said = pipe.read()
        os.waitpid(process, 0)
        if "!" in said:
            return [said]
        kills += 1
        fatal *= growth
    return [str(kills - 1)]


def _killed(source: Location, target: Location, fatal: int, pipe: writers.Pipe) -> None:
    with (
        Service.open(source, ward.clock) as service,
        open_database(target, create=True) as database,
    ):
        left = fatal

        def count(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(database.engine, "before_cursor_execute", count)
        event.listen(database.engine, "commit", count)
        Copier(service, database, silent).copy()
        pipe.say("done")


def fill(place: Location, episodes: int) -> Location:
    """Make a tracker in a place, with episodes, looks, messages and a scheduler's turn."""
    with Service.open(place, ward.clock, create=True) as service:
        ward.add(service, range(episodes))
        tick(service, ward.NOW)
        with service.database.appending() as conn:
            access.append(conn, [access.Access(at=ward.NOW, actor="a", command="x")] * 5)
    return place


def wrong(place: Location) -> list[str]:
    """Return what of a tracker does not agree: chain, head, rows."""
    with Service.open(place, ward.clock) as service:
        with service.database.reading() as conn:
            broken = first_broken(sequence.links(conn))
        found = [] if broken is None else [str(broken)]
        state = service.projections()
        if state.position != state.head or state.parked:
            found.append(str(state))
        return found + [str(difference) for difference in service.verify()]
