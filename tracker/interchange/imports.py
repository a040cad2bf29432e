"""Importing JSON Lines: every line is checked before the first is appended."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from uuid import UUID

import msgspec

from tracker.errors import ConflictError, TrackerError
from tracker.events import NewEvent, Recorded
from tracker.interchange.lines import BadLine, LeftOut, read_lines
from tracker.interchange.naming import Finder, Names
from tracker.interchange.plan import EpisodePlan, Importer, RefusedLineError, no_name
from tracker.pathway import Status
from tracker.pathway.issuing import owed
from tracker.pathway.phases import URGENT_KIND
from tracker.service import Appended, Service

BATCH = 10_000
"""Events of a file that are appended all or nothing; a bigger file goes in such batches."""

ATTEMPTS = 5

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
    silent: int
    """Reminders that were overdue when they were imported, or are too late to be of use.

    They are skipped on record.
    """
    due: int = 0
    """Reminders that are due or overdue, and are issued."""
    silent_urgent: int = 0
    """Of the silent ones, those that are urgent and that nobody has acknowledged."""


@dataclass
class Imported:
    """What an import came to."""

    lines: int = 0
    appended: int = 0
    already: int = 0
    left_out: int = 0
    """Lines that only the scheduler writes."""
    opened: int = 0
    refused: dict[int, BadLine] = field(default_factory=dict)
    """Lines that cannot be taken, by number."""
    episodes: list[Grown] = field(default_factory=list)
    silent: int = 0
    """Reminders that were overdue already, or are too late to be of use: they are not issued."""
    due: int = 0
    """Reminders that are issued by the next tick, or, if they are urgent, at once."""
    silent_urgent: list[str] = field(default_factory=list)
    """Episodes of which one that is urgent, and acknowledged by nobody, will not be issued."""
    dry_run: bool = False

    @property
    def bad(self) -> list[BadLine]:
        """The lines that cannot be taken, in the order of the file."""
        return [self.refused[number] for number in sorted(self.refused)]

    def count(self) -> None:
        """Whatever was neither appended, left out nor refused was there already."""
        self.already = self.lines - self.left_out - len(self.refused) - self.appended


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
    into: Callable[[], Service] | None = None,
) -> Imported:
    """Import a file; `step` is told of every line that is done.

    `into` opens what to append to, if `service` is an empty stand-in to check the lines with; it is
    asked for when there is something to append.

    Up to `BATCH` lines go in all or nothing; of a bigger file each batch does, and importing it
    again completes it. Raises RefusedImportError when a line cannot be taken, unless it keeps
    going, and StoreError when nothing can be written.
    """
    done = Imported(dry_run=dry_run)
    plans = _planned(service, stream, importer, done)
    for plan in plans:
        history = service.history(plan.known) if plan.known else []
        decided = plan.decide(history, no_name, done.refused)
        if dry_run and decided:
            owes = _owed_after(service, history, decided)
            done.silent, done.due = done.silent + owes.silent, done.due + owes.due
            done.silent_urgent += [plan.name] * (owes.silent_urgent > 0)
    if done.refused and not keep_going:
        raise RefusedImportError(done.bad)
    adding = [plan for plan in plans if plan.appends]
    step(done.lines - sum(len(plan.lines) for plan in adding))
    if dry_run:
        done.appended = sum(plan.appends for plan in adding)
        done.opened = sum(plan.known is None for plan in adding)
    elif adding:
        _append(into() if into else service, adding, done, keep_going, step, alert)
    done.count()
    return done


def _planned(
    service: Service, stream: Iterable[bytes], importer: Importer, done: Imported
) -> list[EpisodePlan]:
    """Read every line and put it to the episode that it names."""
    plans: dict[UUID | str, EpisodePlan] = {}
    by_name: dict[str, EpisodePlan] = {}
    find = Finder(service)
    for line in read_lines(stream):
        done.lines += 1
        if isinstance(line, LeftOut):
            done.left_out += 1
        elif isinstance(line, BadLine):
            done.refused[line.line] = line
        else:
            plan = by_name.get(line.episode)
            if plan is None:
                known = find(line.episode)
                fresh = EpisodePlan(line.episode, importer, known)
                plan = by_name[line.episode] = plans.setdefault(known or line.episode, fresh)
            plan.lines.append(line)
    return list(plans.values())


def _append(
    service: Service,
    plans: list[EpisodePlan],
    done: Imported,
    keep_going: bool,
    step: Step,
    alert: Alert,
) -> None:
    draw = Names(service)
    for batch in _batches(plans):
        refused = done.refused if keep_going else None
        try:
            appended = _appended(service, batch, draw, refused)
        except RefusedLineError as error:
            # Somebody changed the episode since the lines were checked.
            raise RefusedImportError([error.bad], done.appended) from error
        grown = [_grown(new) for new in appended]
        done.episodes += grown
        done.silent += sum(one.silent for one in grown)
        done.due += sum(one.due for one in grown)
        done.silent_urgent += [one.episode for one in grown if one.silent_urgent]
        alert(appended)
        done.opened += sum(new.events[0].version == 1 for new in appended if new.events)
        done.appended += sum(plan.appends for plan in batch)
        step(sum(len(plan.lines) for plan in batch))
        for plan in batch:
            plan.lines.clear()


def _appended(
    service: Service, batch: list[EpisodePlan], draw: Names, refused: dict[int, BadLine] | None
) -> list[Appended]:
    """Append a batch; when another import opens the same episodes meanwhile, add to those."""
    for attempt in range(ATTEMPTS):
        draw.stock(sum(plan.known is None for plan in batch))
        items = [(plan.known, partial(plan.decide, draw=draw, refused=refused)) for plan in batch]
        try:
            return service.append_many(items)
        except ConflictError:
            if attempt == ATTEMPTS - 1:
                raise
            find = Finder(service)
            for plan in batch:
                plan.known = plan.known or find(plan.name)
    return []


def _grown(appended: Appended) -> Grown:
    after = appended.after
    return Grown(
        appended.episode.name,
        appended.episode.reference,
        len(appended.events),
        None if after is None else after.stage,
        None if after is None else after.urgent,
        appended.parked,
        *(_NOTHING_OWED if after is None else _owed(after, appended.history)),
    )


class _Owes(NamedTuple):
    """How many reminders an episode owes."""

    silent: int = 0
    due: int = 0
    silent_urgent: int = 0


_NOTHING_OWED = _Owes()


def _owed(status: Status, history: Sequence[Recorded]) -> _Owes:
    due = owed(status, status.at, history)
    silent = [item for item in due if item.skip_reason is not None]
    urgent = sum(item.reminder.kind == URGENT_KIND for item in silent)
    return _Owes(len(silent), len(due) - len(silent), urgent)


def _owed_after(
    service: Service, history: Sequence[Recorded], decided: Iterable[NewEvent]
) -> _Owes:
    after = list(history)
    for event in decided:
        episode = after[0].episode if after else _NOT_YET_OPEN
        after.append(Recorded.of(event, episode, len(after) + 1))
    try:
        return _owed(service.judge.status(after, service.now()), after)
    except Exception:  # noqa: BLE001  what cannot be evaluated is imported all the same
        return _NOTHING_OWED


_NOT_YET_OPEN = UUID(int=0)


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
