"""`tracker db backup`: all of it in a file."""

from pathlib import Path

import click

from tracker.cli.db.told import absolute, tell
from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.progress import progress
from tracker.cli.session import Session, pass_session


@click.command()
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
