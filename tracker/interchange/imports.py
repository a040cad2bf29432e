"""Importing JSON Lines: every line is checked before the first is appended."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from projections import index
from tracker.episode import new_short_id
from tracker.errors import TrackerError
from tracker.interchange.lines import BadLine, LeftOut, read_lines
from tracker.interchange.plan import EpisodePlan, Importer, RefusedLineError, no_name
from tracker.service import Appended, Service

BATCH = 10_000
"""Events of a file that are appended all or nothing; a bigger file goes in such batches."""

_SHORT_ID = re.compile(r"E-[0-9A-HJKMNP-TV-Z]{5,}")

Step = Callable[[int], None]
Alert = Callable[[list[Appended]], None]
"""Told of what was appended, to tell people at once of what is urgent in it."""


class Grown(msgspec.Struct, frozen=True, gc=False):
    """What an episode came to."""

    episode: str
    reference: str | None
    events: int
    """How many were appended."""
    stage: str | None
    urgent: bool | None
    incomplete: bool
    """Its rows could not be written; the facts are safe."""


@dataclass
class Imported:
    """What an import came to."""

    lines: int = 0
    appended: int = 0
    already: int = 0
    left_out: int = 0
    """Lines that only the scheduler writes."""
    opened: int = 0
    bad: list[BadLine] = field(default_factory=list)
    episodes: list[Grown] = field(default_factory=list)
    dry_run: bool = False


class RefusedImportError(TrackerError):
    """Some lines cannot be taken, so nothing of the file is."""

    def __init__(self, bad: list[BadLine], appended: int = 0) -> None:
        first, shown = bad[0], bad[:20]
        told = [f"line {b.line}: {b.message}" + (f" ({b.hint})" if b.hint else "") for b in shown]
        if len(bad) > len(shown):
            told.append(f"and {len(bad) - len(shown)} more lines")
        what = f"{appended} events were" if appended else "nothing was"
        told.append(f"{what} imported")
        super().__init__("\n".join(told), "mend these lines, or import the rest with --keep-going")
        self.bad = bad
        self.exit_code = first.exit_code


def import_lines(
    service: Service,
    stream: Iterable[bytes],
    importer: Importer,
    *,
    keep_going: bool = False,
    dry_run: bool = False,
    step: Step = lambda _count: None,
    alert: Alert = lambda _appended: None,
) -> Imported:
    """Import a file; `step` is told of every line that is done.

    Up to `BATCH` lines go in all or nothing; of a bigger file each batch does, and importing it
    again completes it. Raises RefusedImportError when a line cannot be taken, unless it keeps
    going, and StoreError when nothing can be written.
    """
    done = Imported(dry_run=dry_run)
    plans = _planned(service, stream, importer, done)
    for plan in plans:
        history = service.history(plan.known) if plan.known else []
        plan.decide(history, no_name, done.bad)
    done.bad.sort(key=lambda bad: bad.line)
    if done.bad and not keep_going:
        raise RefusedImportError(done.bad)
    taken = sum(plan.appends for plan in plans)
    done.already = done.lines - done.left_out - len(done.bad) - taken
    adding = [plan for plan in plans if plan.appends]
    done.opened = sum(plan.known is None for plan in adding)
    step(done.lines - sum(len(plan.lines) for plan in adding))
    if dry_run:
        done.appended = taken
        return done
    _append(service, adding, done, keep_going, step, alert)
    return done


def _planned(
    service: Service, stream: Iterable[bytes], importer: Importer, done: Imported
) -> list[EpisodePlan]:
    """Read every line and put it to the episode that it names."""
    plans: dict[UUID | str, EpisodePlan] = {}
    by_name: dict[str, EpisodePlan] = {}
    find = _Finder(service)
    for line in read_lines(stream):
        done.lines += 1
        if isinstance(line, LeftOut):
            done.left_out += 1
        elif isinstance(line, BadLine):
            done.bad.append(line)
        else:
            plan = by_name.get(line.episode)
            if plan is None:
                known = find(line.episode)
                fresh = EpisodePlan(line.episode, importer, known)
                plan = by_name[line.episode] = plans.setdefault(known or line.episode, fresh)
            plan.lines.append(line)
    return list(plans.values())


class _Finder:
    """Finds the episode that a line names: the exact reference, short id or uuid."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._empty = next(service.all_episodes(), None) is None
        self._lagging = {
            name: ref.uuid
            for ref in service.parked_episodes()
            for name in (ref.reference, ref.short_id, str(ref.uuid))
            if name
        }

    def __call__(self, name: str) -> UUID | None:
        if name in self._lagging:
            return self._lagging[name]
        if self._empty:
            return None
        found = self._service.by_reference(name)
        if found is not None:
            return found.uuid
        if not _SHORT_ID.fullmatch(name.upper()) and not _is_uuid(name):
            return None
        with self._service.database.reading() as conn:
            exact = index.exact(conn, name)
        return exact[0].uuid if exact else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _append(
    service: Service,
    plans: list[EpisodePlan],
    done: Imported,
    keep_going: bool,
    step: Step,
    alert: Alert,
) -> None:
    draw = _Names(service)
    for batch in _batches(plans):
        draw.stock(sum(plan.known is None for plan in batch))
        bad: list[BadLine] | None = [] if keep_going else None
        items = [(plan.known, partial(plan.decide, draw=draw, bad=bad)) for plan in batch]
        try:
            appended = service.append_many(items)
        except RefusedLineError as error:
            # Somebody changed the episode since the lines were checked.
            raise RefusedImportError([error.bad], done.appended) from error
        done.episodes += map(_grown, appended)
        alert(appended)
        done.appended += sum(plan.appends for plan in batch)
        step(sum(len(plan.lines) for plan in batch))
        for plan in batch:
            plan.lines.clear()


def _grown(appended: Appended) -> Grown:
    after = appended.after
    return Grown(
        appended.episode.name,
        appended.episode.reference,
        len(appended.events),
        None if after is None else after.stage,
        None if after is None else after.urgent,
        appended.parked,
    )


def _batches(plans: Iterable[EpisodePlan]) -> Iterator[list[EpisodePlan]]:
    batch: list[EpisodePlan] = []
    count = 0
    for plan in plans:
        if batch and count + len(plan.lines) > BATCH:
            yield batch
            batch, count = [], 0
        batch.append(plan)
        count += len(plan.lines)
    if batch:
        yield batch


class _Names:
    """Draws short ids that neither the database nor this import has."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._drawn: set[str] = set()
        self._stock: list[str] = []

    def stock(self, count: int) -> None:
        """Draw so many at once: asking the database for each alone takes longer."""
        with self._service.database.reading() as conn:
            self._stock = [
                self._kept(new_short_id(lambda name: self._taken(conn, name))) for _ in range(count)
            ]

    def __call__(self, wish: str | None) -> str:
        if wish is None and self._stock:
            return self._stock.pop()
        with self._service.database.reading() as conn:
            if wish and _SHORT_ID.fullmatch(wish) and not self._taken(conn, wish):
                return self._kept(wish)
            return self._kept(new_short_id(lambda name: self._taken(conn, name)))

    def _taken(self, conn: Connection, name: str) -> bool:
        return name in self._drawn or index.by_short_id(conn, name) is not None

    def _kept(self, name: str) -> str:
        self._drawn.add(name)
        return name
