"""What takes longest: every event read by its declaration, every read model built anew."""

from collections.abc import Iterator
from uuid import UUID

import msgspec
from sqlalchemy import text

from tracker.audit.faults import Fault
from tracker.audit.log import Bounds, Step
from tracker.errors import ForbiddenError, KeylessError, StoreError, UnreadableError
from tracker.events import NewerSchemaError, Recorded, UnknownTopicError, decode
from tracker.pathway.wording import counted
from tracker.protocols import ChangedProtocolError
from tracker.service import Service
from tracker.store import log, scan
from tracker.store.errors import ReadOnlyError
from tracker.store.sealing import Seals, opened


def verify(service: Service, part: Bounds, step: Step, processes: int) -> list[Fault]:
    """Return what is wrong with a log that stands up by itself; `step` counts episodes.

    Raises KeylessError for an event whose key is not here: nothing is known of it; ReadOnlyError
    where nothing can be built.
    """
    faults = [*_file(service), *_events(service, part)]
    try:
        service.protocols.check()
    except ChangedProtocolError as error:
        faults.append(Fault("protocols", None, "changed", error.message))
    return faults or list(_read_models(service, step, processes))


def _file(service: Service) -> Iterator[Fault]:
    """Look whether SQLite finds its file sound, and its indexes what the tables say."""
    if service.database.on_server:
        return
    with service.database.reading() as conn:
        found = [row[0] for row in conn.execute(text("PRAGMA integrity_check(1)"))]
    if found != ["ok"]:
        yield Fault("read-models", None, "damaged", "the file is damaged, or an index of a list is")


def _events(service: Service, part: Bounds) -> Iterator[Fault]:
    """Read every event that was not erased; yield the first that cannot be read.

    And the first that names a protocol which is not there: its episode cannot be judged.
    """
    seals, protocols = service.database.seals, set(service.protocols.names())
    with service.database.reading() as conn:
        uuids = {key: UUID(hex=digits) for key, digits in scan.identified(conn).items()}
        erased = set(log.erased(conn))
        for rows in scan.events_between(conn, part.first - 1, part.last):
            if seals is not None:
                seals.load([uuids[key] for key in {row[1] for row in rows}])
            for position, key, version, topic, state, _ in rows:
                row = (version, topic, state)
                episode = uuids[key]
                if episode in erased:
                    continue
                found = _read(seals, episode, row)
                if isinstance(found, str):
                    yield Fault("events", position, "undecodable", found)
                    return
                name = getattr(found.data, "protocol", None)
                if name is not None and name not in protocols:
                    told = f"{name} is not stored, by which position {position} says to judge"
                    yield Fault("protocols", None, "missing", told)
                    return


def _read(seals: Seals | None, episode: UUID, row: tuple[int, str, bytes]) -> Recorded | str:
    """Return an event, or why it cannot be read."""
    version, topic, state = row
    try:
        return decode(episode, version, topic, opened(seals, episode, version, topic, state))
    except KeylessError as error:
        raise KeylessError(f"--deep reads every event: {error.message}", error.hint) from error
    except UnreadableError as error:
        return error.message
    except (UnknownTopicError, NewerSchemaError, msgspec.DecodeError) as error:
        return f"it cannot be read: {type(error).__name__}"


def _read_models(service: Service, step: Step, processes: int) -> Iterator[Fault]:
    try:
        differences = service.verify(step, processes=processes)
    except (ForbiddenError, ReadOnlyError):
        raise  # says nothing of the lists
    except StoreError as error:
        yield Fault("read-models", None, "unbuilt", f"they cannot be built: {error.message}")
        return
    if differences:
        tables = ", ".join(sorted({difference.table for difference in differences}))
        told = f"{counted(len(differences), 'row')} not as the log says, in {tables}"
        yield Fault("read-models", None, "differ", told)
