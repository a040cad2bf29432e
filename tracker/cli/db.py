"""`tracker db`: the database as a whole."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.failures import say
from tracker.cli.group import NounGroup
from tracker.cli.options import format_option
from tracker.cli.progress import progress
from tracker.cli.render import Column, emit, plain
from tracker.cli.roles import roles
from tracker.cli.session import Session, pass_session
from tracker.config import Location, locate
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.moving.copy import Copied
    from tracker.moving.restored import Restored

COLUMNS = [Column("name", "What"), Column("value", "State")]


@click.group(cls=NounGroup)
def db() -> None:
    """Upgrade, back up, restore and move the database as a whole."""


db.add_command(roles)


def tell(fmt: str, document: dict[str, Any]) -> None:
    """Write what was done: one thing a line, or as one document."""
    rows = [{"name": n.replace("_", " "), "value": plain(v)} for n, v in document.items()]
    if fmt in ("table", "csv"):
        emit(fmt, rows, COLUMNS)
    else:
        emit(fmt, [document], COLUMNS, document=document)


@db.command("upgrade")
@format_option
@pass_session
def upgrade(session: Session, fmt: str) -> None:
    """Bring the tables up to date; nothing is lost, and again is no change.

    Any number may do this at once: they take turns. It makes the tables of a database that has
    none yet.
    """
    from tracker.store import schema
    from tracker.store.database import open_database

    with open_database(session.location) as database:
        before = schema.stored_version(database)
        changed = schema.upgrade(database)
        after = schema.stored_version(database)
    tell(fmt, {"place": session.location.name, "before": before, "after": after})
    if not changed:
        say("Nothing to do: the tables are up to date.")


@db.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@format_option
@pass_session
def backup(session: Session, file: Path, fmt: str) -> None:
    """Write all that the database holds into a new FILE, while others go on recording.

    FILE holds what was recorded when this began. It is a SQLite database for its owner alone;
    a file that is there is never overwritten. `tracker db restore FILE` makes a tracker of it.
    """
    from tracker.moving.backup import back_up

    service = session.service()
    with progress(100, "percent") as step:
        done = back_up(service.database, absolute(file), session.now(), step)
    tell(fmt, done._asdict() | {"file": str(done.file)})
    config = session.location.config_file
    if config.exists():
        say(f"{config} is not in it: keep a copy of that file too.")


def absolute(path: Path) -> Path:
    """Return a path that does not depend on where the program was started."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100  (`..` goes away, links stay)


@db.command("restore")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@format_option
@pass_session
def restore(session: Session, file: Path, fmt: str) -> None:
    """Make a tracker of the backup FILE in a data directory that holds none.

    The chain of the log is checked, older tables are brought up to date, and the lists are
    compared with the log; only then the tracker appears. What fell due since the backup was taken
    is issued by the next tick, in messages which say that they may have been sent before.
    """
    from tracker.moving import restore as moving

    done = moving.restore(absolute(file), session.location, session.now, progress)
    _tell_restored(session, done, fmt)
    config = session.location.config_file
    if not config.exists():
        say(f"Backups hold no config.toml: put yours into {config.parent} before a scheduler runs.")


@db.command("restored")
@format_option
@pass_session
def restored(session: Session, fmt: str) -> None:
    """Put on record that this database was restored, by other means than `tracker db restore`.

    For a server recovered to a point in time, or a machine set back to a snapshot: before any
    scheduler runs. Checks and marks as `tracker db restore` does.
    """
    from tracker.moving.restored import mark_restored

    service = session.service()
    done = mark_restored(service, session.location.name, progress)
    _tell_restored(session, done, fmt)


_LISTS = {
    "rebuilt": "The lists were not what the log says, and were built anew.",
    "sealed": "This tracker is encrypted and its keys are not here: bring back config.toml and the"
    " keys (tracker keys restore), then `tracker projections rebuild`.",
}


def _tell_restored(session: Session, done: "Restored", fmt: str) -> None:
    mark, missing = done.restore, done.restore.missing
    document = {
        "place": session.location.name,
        "restored_at": mark.restored_at,
        "taken_at": mark.taken_at,
        "position": done.head.position,
        "head": done.head.hash.hex(),
        "missing": None if missing is None else {"from": missing[0], "to": missing[1]},
        "episodes": done.episodes,
        "lists": done.lists.outcome,
        "differences": done.lists.differences,
        "waiting": done.waiting,
    }
    tell(fmt, document)
    if done.lists.outcome != "same":
        say(_LISTS[done.lists.outcome])
    say(
        f"What fell due since {mark.taken_at:%Y-%m-%d %H:%MZ} may have been sent before: the next"
        " tick issues it once more, in messages that say so."
    )


@db.command("copy")
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
    with (
        Service.open(places[0], session.now) as service,
        open_database(places[1], create=True) as database,
    ):
        done = Copier(service, database, progress).copy(finish=not stay_closed)
    _tell_copied(places, done, fmt)


def _place(session: Session, text: str) -> Location:
    """Return the place a person names; beside a server this machine's directory is its home."""
    if "://" in text:
        return locate(session.home_option, text, os.environ)
    return locate(str(absolute(Path(text))), None, {})


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
    " config.toml, and the keys of an encrypted tracker, are not copied.",
    False: "{target} stays closed: run this again without --stay-closed to finish it.",
}
