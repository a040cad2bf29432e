"""Importing JSON Lines: every line is checked before the first is appended."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from projections import index
from tracker.episode import new_short_id
from tracker.errors import TrackerError
from tracker.interchange.lines import BadLine, LeftOut, Line, read_lines
from tracker.interchange.plan import Draw, EpisodePlan, Importer, RefusedLineError, no_name
from tracker.service import Appended, Service

BATCH = 10_000
"""Events of a file that are appended all or nothing; a bigger file goes in such batches."""

_SHORT_ID = re.compile(r"E-[0-9A-HJKMNP-TV-Z]{5,}")

Step = Callable[[int], None]


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
    episodes: list[Appended] = field(default_factory=list)
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
    _append(service, adding, done, keep_going, step)
    return done


def _planned(
    service: Service, stream: Iterable[bytes], importer: Importer, done: Imported
) -> list[EpisodePlan]:
    plans: dict[UUID | str, EpisodePlan] = {}
    by_name: dict[str, EpisodePlan] = {}
    find = _Finder(service)
    for line in read_lines(stream):
        done.lines += 1
        if isinstance(line, Line):
            plan = by_name.get(line.episode)
            if plan is None:
                known = find(line.episode)
                fresh = EpisodePlan(line.episode, importer, known)
                plan = by_name[line.episode] = plans.setdefault(known or line.episode, fresh)
            plan.lines.append(line)
        elif isinstance(line, LeftOut):
            done.left_out += 1
        else:
            done.bad.append(line)
    return list(plans.values())


class _Finder:
    """Finds the episode that a line names: the exact reference, short id or uuid."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lagging = {
            name: ref.uuid
            for ref in service.parked_episodes()
            for name in (ref.reference, ref.short_id, str(ref.uuid))
            if name
        }

    def __call__(self, name: str) -> UUID | None:
        found = self._service.by_reference(name)
        if found is not None:
            return found.uuid
        if name in self._lagging:
            return self._lagging[name]
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
    service: Service, plans: list[EpisodePlan], done: Imported, keep_going: bool, step: Step
) -> None:
    draw = _drawing(service)
    for batch in _batches(plans):
        bad: list[BadLine] | None = [] if keep_going else None
        items = [(plan.known, partial(plan.decide, draw=draw, bad=bad)) for plan in batch]
        try:
            done.episodes += service.append_many(items)
        except RefusedLineError as error:
            # Somebody changed the episode since the lines were checked.
            raise RefusedImportError([error.bad], done.appended) from error
        done.appended += sum(plan.appends for plan in batch)
        step(sum(len(plan.lines) for plan in batch))


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


def _drawing(service: Service) -> Draw:
    """Return what draws short ids that neither the database nor this import has."""
    drawn: set[str] = set()

    def taken(short_id: str) -> bool:
        return short_id in drawn or service.short_id_taken(short_id)

    def draw(wish: str | None) -> str:
        wished = wish is not None and _SHORT_ID.fullmatch(wish) and not taken(wish)
        short_id = wish if wish is not None and wished else new_short_id(taken)
        drawn.add(short_id)
        return short_id

    return draw
