"""`tracker db restore` and `restored`: a tracker from a backup, or from elsewhere."""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.clocks import site_zone
from tracker.cli.db.told import absolute, tell
from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.progress import progress
from tracker.cli.session import Session, pass_session
from tracker.cli.signed import checkpoint_option, public_key_option, signed
from tracker.errors import AuditError, UsageError

if TYPE_CHECKING:
    from tracker.moving.restored import Known, Restored

_FRESH = datetime.timedelta(minutes=10)
"""A backup that seems to be younger may have been worked on before its restore was said."""

at_option = click.option(
    "--at",
    metavar="TIME",
    help="The moment it was taken back to. Default: the last event or tick that it holds.",
)


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@at_option
@checkpoint_option
@public_key_option
@format_option
@pass_session
def restore(
    session: Session,
    file: Path,
    at: str | None,
    checkpoints: tuple[str, ...],
    public_keys: tuple[str, ...],
    fmt: str,
) -> None:
    """Make a tracker of the backup FILE in a data directory that holds none.

    The chain of the log is checked, older tables are brought up to date, and the lists are
    compared with the log; only then the tracker appears. What fell due since the backup was taken
    is issued by the next tick, in messages which say that they may have been sent before.
    A checkpoint from after the backup tells which positions are lost.
    """
    from tracker.moving import restore as moving

    known, moment = _known(session, checkpoints, public_keys), _moment(session, at)
    done = moving.restore(absolute(file), session.location, session.now, progress, known, moment)
    _tell_restored(session, done, fmt)
    _tell_time(done, at)
    config = session.location.config_file
    if not config.exists():
        say(f"Backups hold no config.toml: put yours into {config.parent} before a scheduler runs.")


@click.command()
@at_option
@checkpoint_option
@public_key_option
@format_option
@pass_session
def restored(
    session: Session,
    at: str | None,
    checkpoints: tuple[str, ...],
    public_keys: tuple[str, ...],
    fmt: str,
) -> None:
    """Put on record that this database was restored, by other means than `tracker db restore`.

    For a server recovered to a point in time, or a machine set back to a snapshot: before any
    scheduler runs and anybody works. Checks and marks as `tracker db restore` does. A checkpoint
    from before the restore tells which positions are lost: name it the first time.
    """
    from tracker.moving.restored import mark_restored

    service = session.service()
    known, moment = _known(session, checkpoints, public_keys), _moment(session, at)
    done = mark_restored(service, session.location.name, progress, known, moment)
    _tell_restored(session, done, fmt)
    _tell_time(done, at)


def _moment(session: Session, at: str | None) -> datetime.datetime | None:
    """Return the moment that somebody says it was taken back to. Raises UsageError if it is none.

    What is lost came after that moment, so none that is ahead can be it.
    """
    if at is None:
        return None
    moment = session.instant(at, site_zone(session))
    if moment > session.now():
        raise UsageError(f"--at {at} lies ahead", "it is the moment that was restored")
    return moment


def _known(session: Session, paths: tuple[str, ...], keys: tuple[str, ...]) -> "list[Known]":
    """Return what checkpoints know of the log that is restored.

    Raises AuditError for one that is none: a gap must not be measured with it.
    """
    from tracker.moving.restored import Known

    trusted, unsigned = signed(session, paths, keys)
    if unsigned:
        raise AuditError(
            str(unsigned[0]), "name the key that signed it with --public-key, or leave it out"
        )
    found = [(one.name, one.checkpoint) for one in trusted]
    return [Known(c.events.size, c.events.head, c.time, name) for name, c in found]


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
    if missing is not None and fmt == "table":
        document["missing"] = f"{missing[0]} to {missing[1]}"
    tell(fmt, document)
    if missing is not None:
        first, last = missing
        say(
            f"Positions {first} to {last} are lost ({last - first + 1} events): record again what"
            " they held, from paper or memory, with --at for when it was true."
        )
    if done.lists.outcome != "same":
        say(_LISTS[done.lists.outcome])
    say(
        f"What fell due since {mark.taken_at:%Y-%m-%d %H:%MZ} may have been sent before: the next"
        " tick issues it once more, in messages that say so."
    )


def _tell_time(done: "Restored", at: str | None) -> None:
    """Say so where the time of the backup may be that of what somebody did since."""
    mark = done.restore
    if at is None and mark.restored_at - mark.taken_at < _FRESH:
        say(
            f"It is taken for a backup of {mark.taken_at:%Y-%m-%d %H:%MZ}, which is just now. If"
            " somebody worked here since it was taken back, say to which moment that was:"
            " tracker db restored --at TIME"
        )
