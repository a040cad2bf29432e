"""The lines of one episode -> the events to append, decided line by line in file order."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from tracker.episode import IMPLIED, Meta, open_episode, record
from tracker.episode.command import as_recorded, new_event, said_before
from tracker.errors import TrackerError, UsageError
from tracker.events import NewEvent, Recorded, real_instant
from tracker.events.fields import Instant
from tracker.events.ledger import EventCorrected, EventVoided, ProtocolAdopted
from tracker.events.lifecycle import EpisodeOpened
from tracker.interchange.lines import BadLine, Line
from tracker.pathway.status import Status

_LOOKS_BACK = (EpisodeOpened, EventCorrected, EventVoided)
_NOT_YET_OPEN = uuid.UUID(int=0)

Draw = Callable[[str | None], str]
"""Draws a short id that is not taken: the wished one if it is free."""


class Sight(Protocol):
    """What whoever imports sees, where that is not everything."""

    def check_name(self, name: str) -> None:
        """Raise RefusedError for a name of an episode that is not seen."""

    def check_episode(self, history: Sequence[Recorded]) -> None:
        """Raise RefusedError for an episode that would not be seen with this history."""


@dataclass(frozen=True)
class Importer:
    """Who imports, when, and what an episode gets that is opened by it."""

    now: Instant
    actor: str
    on_behalf_of: str | None
    time_zone: str
    protocol: str
    check_protocol: Callable[[str], object]
    """Raises NotFoundError for a protocol that is not there."""
    remind_since: Instant | None = None
    sight: Sight | None = None
    """None: whoever imports sees every episode."""

    @property
    def source(self) -> str:
        """The source of the events; since when to remind of them is said in it."""
        if self.remind_since is None:
            return "import"
        since: str = msgspec.to_builtins(real_instant(self.remind_since))
        return f"import:remind-since={since}"

    def meta(self, line: Line) -> Meta:
        """Return who says a line, and when it was true."""
        return Meta(
            now=self.now,
            actor=self.actor,
            occurred_at=line.occurred_at,
            id=line.id,
            on_behalf_of=line.actor or self.on_behalf_of,
            source=self.source,
        )


class RefusedLineError(TrackerError):
    """A line that cannot be taken, met while appending all or nothing."""

    def __init__(self, bad: BadLine) -> None:
        super().__init__(f"line {bad.line}: {bad.message}", bad.hint)
        self.bad = bad
        self.exit_code = bad.exit_code


class _Book:
    """A history that grows by what is decided."""

    def __init__(self, history: Sequence[Recorded]) -> None:
        self.events = list(history)
        self.by_id = {event.id: event for event in history}
        self.new: list[NewEvent] = []

    def add(self, event: NewEvent) -> None:
        if self.events:
            stands = as_recorded(self.events, event)
        else:
            fields = msgspec.structs.asdict(event)
            stands = Recorded(episode=_NOT_YET_OPEN, version=1, **fields)
        self.events.append(stands)
        self.by_id[event.id] = stands
        self.new.append(event)


def no_name(wish: str | None) -> str:
    """Stand in for a short id while lines are only checked."""
    return wish or "E-00000"


@dataclass
class EpisodePlan:
    """The lines that name one episode, and what becomes of them."""

    name: str
    """How the lines call it."""
    importer: Importer
    known: uuid.UUID | None
    lines: list[Line] = field(default_factory=list)
    appends: int = 0
    """How many lines the last decision turned into events."""

    def decide(
        self,
        history: Sequence[Recorded],
        draw: Draw,
        refused: dict[int, BadLine] | None = None,
    ) -> list[NewEvent]:
        """Return the events that the lines add to the history, the opening first if it is new.

        Lines that cannot be taken are put into `refused`; without it RefusedLineError is raised.
        """
        lines = self.lines if history else self._free(refused)
        book, adding = self._taken(lines, history, draw, refused)
        if adding and (error := self._out_of_sight(book)):
            # What moves an episode that is there is refused, else all that would open it.
            moving = [line for line in adding if history and isinstance(line.data, _LOOKS_BACK)]
            _refuse(moving or adding, error, refused)
            lines = [line for line in adding if moving and line not in moving]
            book, adding = self._taken(lines, history, draw, refused)
        self.appends = len(adding)
        return _from_the_first(book.new) if adding else []

    def _taken(
        self,
        lines: Sequence[Line],
        history: Sequence[Recorded],
        draw: Draw,
        refused: dict[int, BadLine] | None,
    ) -> tuple[_Book, list[Line]]:
        """Decide on lines; return what they come to, and those that add an event."""
        book, adding = _Book(history), list[Line]()
        for line in lines:
            try:
                if self._take(line, book, draw):
                    adding.append(line)
            except TrackerError as error:
                _refuse([line], error, refused)
        return book, adding

    def _free(self, refused: dict[int, BadLine] | None) -> list[Line]:
        """Return the lines, none where their name is that of an episode that is not seen."""
        try:
            if self.importer.sight is not None:
                self.importer.sight.check_name(self.name)
        except TrackerError as error:
            _refuse(self.lines, error, refused)
            return []
        return self.lines

    def _out_of_sight(self, book: _Book) -> TrackerError | None:
        try:
            if self.importer.sight is not None:
                self.importer.sight.check_episode(book.events)
        except TrackerError as error:
            return error
        return None

    def _take(self, line: Line, book: _Book, draw: Draw) -> bool:
        """Decide on one line; return whether it adds an event."""
        meta, data = self.importer.meta(line), line.data
        if isinstance(data, EpisodeOpened | ProtocolAdopted) and data.protocol is not None:
            self.importer.check_protocol(data.protocol)
        if isinstance(data, EpisodeOpened) and not book.events:
            book.add(self._open(data, meta, draw))
            return True
        if isinstance(data, EpisodeOpened):
            data = msgspec.structs.replace(data, short_id=None)
        if not book.events:
            implied = msgspec.structs.replace(meta, id=IMPLIED, on_behalf_of=None)
            book.add(self._open(EpisodeOpened(), implied, draw))
        if isinstance(data, _LOOKS_BACK):
            decided = record(book.events, data, meta, judge=_unasked)
        elif said_before(book.by_id.get(line.id), data, meta):
            decided = []
        else:
            decided = [new_event(data, meta)]
        for event in decided:
            book.add(event)
        return bool(decided)

    def _open(self, data: EpisodeOpened, meta: Meta, draw: Draw) -> NewEvent:
        short_id = draw(data.short_id)
        if data.reference not in (None, self.name):
            raise UsageError(
                f"the opening is told of {self.name!r} and gives the reference {data.reference!r}",
                hint="leave the reference out: it is the line's `episode`",
            )
        reference = None if short_id == self.name else self.name
        (event,) = open_episode(
            [],
            msgspec.structs.replace(data, reference=reference),
            meta,
            short_id=short_id,
            protocol=self.importer.protocol,
            time_zone=self.importer.time_zone,
        )
        return event


def _refuse(lines: Sequence[Line], error: TrackerError, refused: dict[int, BadLine] | None) -> None:
    for line in lines:
        bad = BadLine(line.number, error.message, error.hint, error.exit_code)
        if refused is None:
            raise RefusedLineError(bad) from error
        refused[line.number] = bad


def _from_the_first(events: list[NewEvent]) -> list[NewEvent]:
    """Let an implied opening be as early as the first event that implies it."""
    if events[0].id != IMPLIED:
        return events
    first = min(event.occurred_at for event in events)
    return [msgspec.structs.replace(events[0], occurred_at=first), *events[1:]]


def _unasked(history: Sequence[Recorded]) -> Status:
    raise TypeError("an import is not asked for reasons")
