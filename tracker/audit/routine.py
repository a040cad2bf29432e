"""Checkpoints as a site makes them: after those it has, kept in its directory, and sent."""

import datetime
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tracker.audit import kept, sent
from tracker.audit.accesses import AccessChain
from tracker.audit.against import claims, compare
from tracker.audit.chain import EventChain
from tracker.audit.checkpoint import Signed
from tracker.audit.keys import private_key
from tracker.audit.log import Step
from tracker.audit.note import PublicKey
from tracker.audit.signing import Made, make, refused
from tracker.audit.verify import part_of
from tracker.channels.base import Channel
from tracker.channels.settings import Site, read_site
from tracker.config import Location
from tracker.errors import UsageError
from tracker.service import Service
from tracker.store import sequence
from tracker.store.database import Database

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


def newest(site: Site, location: Location, environ: Mapping[str, str]) -> Signed | None:
    """Return the newest checkpoint that a site keeps, None if there is none, or none is kept.

    Raises UsageError for what is configured wrongly, AuditError when it is not signed by the key.
    """
    path = directory(site)
    if site.checkpoint.every_minutes is None or path is None:
        return None
    key = private_key(None, location, environ)
    found = earlier(kept.files(path)[-1:], key.public)
    return found[0] if found else None


def is_extended(database: Database, last: Signed) -> bool:
    """Whether the record is what a checkpoint states and what came after it, as far as hashes tell.

    Raises ForbiddenError for whoever may not read all of it.
    """
    with database.reading() as conn:
        events, looks = EventChain(conn, sequence.head(conn)[0]), AccessChain(conn)
        found = [
            *compare(events, claims("events", [last]), trees=False),
            *compare(looks, claims("access", [last]), trees=False),
        ]
    return not found


def is_due(site: Site, last: Signed | None, now: datetime.datetime, times: int = 1) -> bool:
    """Whether it is time for the scheduler to make the next one; or was so some `times` before."""
    every = site.checkpoint.every_minutes
    if every is None or site.checkpoint.directory is None:
        return False
    if last is None:
        return True
    return now - last.checkpoint.time >= times * datetime.timedelta(minutes=every) - _GRACE


def unsent(site: Site, last: Signed | None) -> bool:
    """Whether the newest checkpoint is still to be sent."""
    path = directory(site)
    if last is None or path is None or site.checkpoint.channel is None:
        return False
    return sent.last(path) != last.name


def scheduled(
    service: Service, channel_of: Callable[[str], Channel], environ: Mapping[str, str]
) -> Kept | None:
    """Make and keep the next checkpoint if it is time, and send the newest if it was not sent yet.

    Returns the new one, None if it is not time. Raises UsageError for what is configured wrongly,
    AuditError when the record does not stand up, DeliveryError when one is kept and could not be
    sent: that is tried again.
    """
    location = service.database.location
    site = read_site(location)
    last, done, path = newest(site, location, environ), None, directory(site)
    if is_due(site, last, service.now()):
        done = write(
            service,
            key=None,
            out=path,
            after=(),
            step=lambda _: None,
            processes=1,
            environ=environ,
        )
        last = done.made.named(done.name)
    named = site.checkpoint.channel
    if named is not None and path is not None and last is not None and unsent(site, last):
        sent.send(last, site, channel_of(named), path)
    return done
