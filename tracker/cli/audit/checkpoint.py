"""`tracker audit keygen` and `tracker audit checkpoint`: sign what the log holds."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.progress import progress
from tracker.cli.render import Column, emit, write
from tracker.cli.session import Session, pass_session
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.audit.routine import Kept

key_option = click.option(
    "--key",
    metavar="FILE",
    help="The private key that signs; default: that of config.toml, else the one keygen makes.",
)
_SIGNED = [
    Column("origin", "Log"),
    Column("size", "Events", "number"),
    Column("time", "Time", "time"),
    Column("file", "File"),
    Column("head", "Head", csv_only=True),
    Column("note", "Note", csv_only=True),
]
_MADE = [Column("name", "Name"), Column("file", "Private key"), Column("public_key", "Public key")]


@click.command("keygen")
@click.option(
    "--name",
    metavar="NAME",
    help="What the log is called in its checkpoints, like a web address without its scheme; "
    "default: the machine's name.",
)
@click.option(
    "--out",
    metavar="FILE",
    help="File of the private key; the public one gets .pub added. Default: the user's "
    "configuration directory.",
)
@format_option
@pass_session
def keygen(session: Session, name: str | None, out: str | None, fmt: str) -> None:
    """Make the key that signs checkpoints.

    Give the public key to whoever is to check; keep the private one out of reach of those who can
    write the log.
    """
    import platform

    from tracker.audit.keys import default_file, generate

    file = default_file() if out is None else Path(out).expanduser().absolute()
    public = generate(name or f"{platform.node() or 'tracker'}/tracker", file, session.location)
    row = {"name": public.name, "file": str(file), "public_key": str(public)}
    emit(fmt, [row], _MADE, document=row)
    say(f"The public key is also in {file}.pub; give it to your auditors now.")


@click.command("checkpoint")
@click.option(
    "--out",
    metavar="PATH",
    help="Directory that is there, or new file *.checkpoint; - prints it. Default: the directory of"
    " config.toml, else -.",
)
@click.option(
    "--after",
    "earlier",
    metavar="PATH",
    multiple=True,
    help="Earlier checkpoints that the log must be an extension of, beside those in the directory.",
)
@key_option
@format_option
@pass_session
def checkpoint(
    session: Session, out: str | None, earlier: tuple[str, ...], key: str | None, fmt: str
) -> None:
    """Sign how far the log goes now, once it was verified as a whole.

    Nothing is signed that is no extension of the earlier checkpoints. Keep checkpoints where those
    who can write the log cannot change them.
    """
    from tracker.audit import kept, routine
    from tracker.channels.settings import read_site

    service = session.service()
    site = read_site(session.location)
    path = routine.directory(site) if out is None else _path(out)
    after = kept.named(earlier)
    if (own := routine.directory(site)) is not None:
        after.append(own)
    with progress(service.projections().head, "events") as step:
        done = routine.write(
            service,
            key=key,
            out=path,
            after=after,
            step=step,
            processes=min(2, os.cpu_count() or 1),
        )
    _show(done, fmt)


def _path(out: str) -> Path | None:
    """Return where a checkpoint goes, None for stdout.

    Raises UsageError for a directory that is not there: a file in its place would be found by
    nobody who looks for checkpoints, nor would the earlier ones be in it.
    """
    from tracker.audit.kept import SUFFIX

    if out == "-":
        return None
    path = Path(out).expanduser()
    if path.is_dir():
        return path
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a directory", hint=f"mkdir {path.parent}")
    if out.endswith(os.sep) or (path.suffix != SUFFIX and not path.exists()):
        raise UsageError(
            f"{path} is not a directory, and the name of a new file ends in {SUFFIX}",
            hint=f"mkdir {path}, unless the storage that it is on is missing;"
            f" for a file name {path}{SUFFIX}",
        )
    return path


def _show(done: "Kept", fmt: str) -> None:
    made, file = done.made.checkpoint, done.file
    if fmt == "table" and file is None:
        write(done.made.note.rstrip(b"\n"))
        return
    row = {
        "origin": made.origin,
        "size": made.events.size,
        "head": made.events.head.hex(),
        "time": made.time,
        "file": None if file is None else str(file),
        "note": done.made.note.decode(),
    }
    emit(fmt, [row], _SIGNED, document=row)
