"""A record to audit: events of several patients, looks, protocols, and checkpoints kept outside."""

import datetime
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from tests.faults import ward
from tracker.access import Access, append
from tracker.audit import kept
from tracker.audit.bundle.export import Order, export
from tracker.audit.checkpoint import Signed
from tracker.audit.note import PrivateKey
from tracker.audit.signing import make, state
from tracker.audit.verify import part_of
from tracker.config import Location
from tracker.service import Service
from tracker.store import scan
from tracker.store.database import FILE_NAME, open_database

KEY = PrivateKey("hospital.example/ward", bytes(range(32)))
OTHER = PrivateKey("hospital.example/ward", bytes(32))
SITE_PROTOCOL = f"""
id = "ward"
version = "1"
base = "{ward.PROTOCOL}"
title = "Ward's own"
"""


def silent(_: int) -> None:
    """Show no progress."""


class Record(NamedTuple):
    """A data directory, and the checkpoints that somebody else keeps."""

    home: Path
    outside: Path
    earlier: Path
    """The database as it was at the first checkpoint."""

    @property
    def file(self) -> Path:
        """The database."""
        return self.home / FILE_NAME

    @property
    def checkpoints(self) -> list[Signed]:
        """The checkpoints, verified."""
        signed, faults = kept.load([self.outside], [KEY.public])
        assert faults == []
        return signed

    def copied(self, home: Path) -> "Record":
        """Return a copy that may be hurt; the checkpoints stay where they are."""
        shutil.copytree(self.home, home)
        return self._replace(home=home)


def make_record(folder: Path, events: int = 60, seed: int = 1) -> Record:
    """Make a record of at least so many events; a checkpoint is kept at the half and at the end."""
    record = Record(folder / "home", folder / "outside", folder / "earlier.sqlite")
    record.outside.mkdir(parents=True)
    rng = random.Random(seed)
    with ward.opened(record.home, create=True) as service:
        uuids = ward.add(service, range(max(2, events // 12)))
        service.protocols.add(SITE_PROTOCOL, "ward", ward.NOW)
        for turn in range(events - len(uuids) * 3):
            service.append(rng.choice(uuids), ward.some_fact(service, f"f{turn}", rng))
            if turn % 3 == 0:
                look(service, rng.choice([*uuids, None]), rng)
            if turn == events // 3:
                sign(service, record)
                keep_copy(record)
        sign(service, record)
    return record


def keep_copy(record: Record) -> None:
    """Keep the database as it is now."""
    with (
        closing(sqlite3.connect(record.file)) as db,
        closing(sqlite3.connect(record.earlier)) as to,
    ):
        db.backup(to)


def bundle_of(
    record: Record, out: Path, episode: UUID | None = None, key: PrivateKey | None = KEY
) -> Path:
    """Export everything or one episode, with all checkpoints, or unsigned without any."""
    with open_database(Location(record.home, None)) as database:
        stated = state(database, part_of(database).head, KEY.name, ward.NOW)
        known = record.checkpoints if key is KEY else []
        export(database, Order(stated, episode, known, (), key), out)
    return out


def episodes_of(record: Record) -> list[UUID]:
    """Return the episodes of a record."""
    with open_database(Location(record.home, None)) as database, database.reading() as conn:
        return [UUID(hex=digits) for digits in scan.uuids(conn).values()]


def look(service: Service, uuid: object, rng: random.Random) -> None:
    """Look at an episode, or at a list."""
    who = rng.choice(["anna", 'Ümit "the" Ö'])
    access = Access(at=ward.NOW, actor=who, command="show", episode=uuid)  # type: ignore[arg-type]
    with service.database.appending() as conn:
        append(conn, [access])


def sign(service: Service, record: Record, key: PrivateKey = KEY) -> Path:
    """Sign what is there, and keep it outside."""
    part = part_of(service.database)
    now = ward.NOW + datetime.timedelta(minutes=part.head)
    before = record.checkpoints if key is KEY else []
    made = make(service.database, part, key, before, now, silent)
    return kept.keep(made.note, made.checkpoint, record.outside)
