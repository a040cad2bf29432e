"""Checkpoints as a site makes them: after those it has, kept in its directory, and sent."""

import datetime
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tracker.audit import kept
from tracker.audit.checkpoint import Signed
from tracker.audit.keys import private_key
from tracker.audit.log import Step
from tracker.audit.note import PublicKey
from tracker.audit.signing import Made, make, refused
from tracker.audit.verify import part_of
from tracker.channels.base import Channel, Message
from tracker.channels.settings import Site, read_site
from tracker.config import Location
from tracker.errors import UsageError
from tracker.service import Service

_GRACE = datetime.timedelta(seconds=30)
"""So much earlier than asked for is on time, since jobs do not start to the second."""


class Kept(NamedTuple):
    """A new checkpoint, and the file it is in, if it is in one."""

    made: Made
    file: Path | None

    @property
    def name(self) -> str:
        """What it is called."""
        return kept.file_name(self.made.checkpoint) if self.file is None else self.file.name


def directory(site: Site) -> Path | None:
    """Return where a site keeps its checkpoints, None if it does not say.

    Raises UsageError when there is no such directory: the storage it is on may be missing.
    """
    named = site.checkpoint.directory
    if named is None:
        return None
    path = site.directory / Path(named).expanduser()
    if not path.is_dir():
        raise UsageError(f"checkpoint.directory: {path} is not a directory", hint=f"mkdir {path}")
    return path


def earlier(paths: Sequence[Path], key: PublicKey) -> list[Signed]:
    """Read the checkpoints that the next must be an extension of. Raises AuditError."""
    signed, faults = kept.load(paths, [key])
    if faults:
        raise refused(faults)
    return signed


def write(
    service: Service,
    *,
    key: str | None,
    out: Path | None,
    after: Sequence[Path],
    step: Step,
    processes: int,
    environ: Mapping[str, str] = os.environ,
) -> Kept:
    """Make the next checkpoint and keep it in a directory or in a new file, if one is named.

    `after`: where earlier ones are, beside those in that directory. Raises AuditError when the log
    is no extension of them or does not stand up, UsageError without a key.
    """
    private = private_key(key, service.database.location, environ)
    known = [*after, *([out] if out is not None and out.is_dir() else [])]
    before = earlier(list(dict.fromkeys(known)), private.public)
    part = part_of(service.database)
    made = make(service.database, part, private, before, service.now(), step, processes)
    file = None if out is None else kept.keep(made.note, made.checkpoint, out)
    return Kept(made, file)


def is_due(
    site: Site, location: Location, now: datetime.datetime, environ: Mapping[str, str]
) -> bool:
    """Whether it is time for the scheduler to make the next one."""
    every, path = site.checkpoint.every_minutes, directory(site)
    if every is None or path is None:
        return False
    key = private_key(None, location, environ)
    newest = earlier(kept.files(path)[-1:], key.public)
    if not newest:
        return True
    return now - newest[0].checkpoint.time >= datetime.timedelta(minutes=every) - _GRACE


def send(kept_: Kept, site: Site, channel: Channel) -> None:
    """Send a checkpoint to whoever keeps it. Raises DeliveryError."""
    checkpoint = kept_.made.checkpoint
    words = f"checkpoint of {checkpoint.origin}: {checkpoint.events.size} events"
    note = kept_.made.note.decode()
    channel.send(
        Message(
            id=kept_.name,
            subject=words,
            body=f"Keep this as {kept_.name}: it shows whether the log is changed.\n\n{note}",
            line=f"{words}, {kept_.name}",
            to=site.checkpoint.to,
            data={"kind": "checkpoint", "file": kept_.name, "note": note},
        )
    )


def scheduled(
    service: Service, channel_of: Callable[[str], Channel], environ: Mapping[str, str]
) -> Kept | None:
    """Make, keep and send the next checkpoint if it is time; return it, None if it is not.

    Raises UsageError for what is configured wrongly, AuditError when the record does not stand up,
    DeliveryError when it is kept and could not be sent.
    """
    location = service.database.location
    site = read_site(location)
    if not is_due(site, location, service.now(), environ):
        return None
    done = write(
        service,
        key=None,
        out=directory(site),
        after=(),
        step=lambda _: None,
        processes=1,
        environ=environ,
    )
    if site.checkpoint.channel is not None:
        send(done, site, channel_of(site.checkpoint.channel))
    return done
