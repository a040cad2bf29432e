"""`tracker db copy`: a tracker in another place."""

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli import rights
from tracker.cli.db.told import COLUMNS, absolute, tell
from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.progress import progress
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.config import Location, locate
from tracker.errors import UsageError
from tracker.pathway.wording import elapsed

if TYPE_CHECKING:
    from tracker.moving.copy import Copied
    from tracker.service import Service


@click.command()
@click.argument("source", metavar="SRC")
@click.argument("target", metavar="DST")
@click.option(
    "--stay-closed",
    is_flag=True,
    help="Copy what there is and leave DST closed: another run takes the rest and opens it.",
)
@format_option
@pass_session
def copy(session: Session, source: str, target: str, stay_closed: bool, fmt: str) -> None:
    """Copy the tracker SRC into the empty place DST: each a directory or a database URL.

    The log is copied row for row, so that its bytes and its hash chain stay what they are; the
    lists are built anew. Nobody can use DST until all of it is there and was checked. Interrupted,
    it goes on where it was. Stop schedulers and users of SRC first; what is recorded meanwhile is
    copied too.
    """
    from tracker.moving.copy import Copier
    from tracker.service import Service
    from tracker.store.database import open_database

    places = [_place(session, text) for text in (source, target)]
    if places[0] == places[1]:
        raise UsageError(f"{places[0].name} cannot be copied into itself")
    with Service.open(places[0], session.now) as service:
        rights.require(service, "db copy")
        _warn_of_schedulers(service)
        with open_database(places[1], create=True) as database:
            done = Copier(service, database, progress).copy(finish=not stay_closed)
    _tell_copied(places, done, fmt)


def _place(session: Session, text: str) -> Location:
    """Return the place a person names; beside a server this machine's directory is its home."""
    if "://" in text:
        return locate(session.home_option, text, os.environ)
    return locate(str(absolute(Path(text)).resolve()), None, {})


_RECENT = datetime.timedelta(minutes=5)


def _warn_of_schedulers(source: "Service") -> None:
    """Say who still works on what is copied."""
    since = source.now() - _RECENT
    beats = source.heartbeats()
    alive = [b for b in beats if b.ended_at is None and b.last_tick >= since]
    if alive:
        ago = elapsed(source.now() - alive[0].last_tick)
        say(
            f"{', '.join(b.scheduler for b in alive)} ticked on {source.database.name}, last {ago}"
            " ago: what is issued there after the end of the copy is not in it."
        )


def _tell_copied(places: list[Location], done: "Copied", fmt: str) -> None:
    source, target = (place.name for place in places)
    document = {
        "source": source,
        "target": target,
        "position": done.head.position,
        "head": done.head.hash.hex(),
        "finished": done.finished,
    }
    tables = [
        {"table": name, "rows": moved.rows, "written": moved.written}
        for name, moved in done.tables.items()
    ]
    if fmt == "json":
        emit(fmt, [], COLUMNS, document=document | {"tables": tables})
    elif fmt == "table":
        tell(fmt, document)
        emit(fmt, tables, _TABLES)
    else:
        emit(fmt, tables, _TABLES)
    say(_NEXT[done.finished].format(source=source, target=target))


_TABLES = [
    Column("table", "Table"),
    Column("rows", "Rows", "number"),
    Column("written", "Written", "number"),
]
_NEXT = {
    True: "From now on use {target}: what is recorded in {source} after this is not in it."
    " Not copied are config.toml, the keys of an encrypted tracker, and roles with their limits to"
    " sites: tracker db roles gives them anew.",
    False: "{target} stays closed: run this again without --stay-closed to finish it.",
}
