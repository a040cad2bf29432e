"""What an invocation is about to show of patients, recorded before the first of it is written."""

import datetime
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import click
import msgspec
from click.core import ParameterSource

from tracker.cli.text import visible
from tracker.errors import StoreError, TrackerError, UnreadableError

if TYPE_CHECKING:
    from tracker.store.database import Database
    from tracker.store.sealing import Seals

NAMED = 10
"""A search that finds no more episodes than this counts as a look at each of them."""


PLAIN = frozenset(
    {"after", "at", "coordinator", "due_within", "known_at", "rule", "since", "site", "stage"}
    | {"state", "topic", "until"}
)
"""What may be asked for in words that tell of no patient; all others an encrypted tracker seals."""


class Viewer(Protocol):
    """Whoever looks."""

    now: Callable[[], datetime.datetime]
    on_behalf_of: str | None
    purpose: str | None
    glass: str | None

    @property
    def actor(self) -> str:
        """Who types."""

    def access_log(self) -> "Database":
        """Return the database that looks are recorded in."""

    def seals(self) -> "Seals | None":
        """Return what seals the tracker, None where it is not encrypted."""


class Looks:
    """The looks of one invocation: noted when it reads, recorded before it shows.

    What it appends to the log meanwhile is a record by itself, and takes their place.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self.during: str | None = None
        """What runs, where it is none of the commands."""
        self._noted: list[dict[str, Any]] = []
        self._seen: set[UUID] = set()
        self._refusal: BaseException | None = None

    def at(self, *episodes: UUID, **told: Any) -> None:
        """Note a look at episodes, each of them once."""
        new = [uuid for uuid in dict.fromkeys(episodes) if uuid not in self._seen]
        self._seen.update(new)
        self._noted += [{"episode": uuid, "command": self._command()} | told for uuid in new]

    def listed(self, count: int | None, **query: Any) -> None:
        """Note a list or a search: what was asked for, and how many rows are shown."""
        asked = _asked() | {k: v for k, v in query.items() if v is not None}
        told = {"query": asked or None, "count": count}
        self._noted.append({"command": self._command()} | told)

    def found(self, episodes: Iterable[UUID], **query: Any) -> None:
        """Note a search for somebody: a look at each episode it found, if they are few."""
        uuids = list(episodes)
        if 1 <= len(uuids) <= NAMED:
            self.at(*uuids, query=_asked() | query, count=len(uuids))
        else:
            self.listed(len(uuids), **query)

    def discharge(self, episodes: Iterable[UUID]) -> None:
        """Forget what was noted: events were appended to episodes, and say who did it and when.

        They do not say that the glass was broken for it; where it was, all stays noted, and these
        episodes are too.
        """
        if self._viewer.glass is None:
            self._noted.clear()
        else:
            self.at(*episodes)

    def _command(self) -> str:
        ctx = click.get_current_context(silent=True)
        return self.during or (ctx.command_path.partition(" ")[2] if ctx else "")

    def record(self) -> None:
        """Record what was noted. Raises, now and ever after, what kept it from that.

        That is UnrecordedError unless it was not even clear where to.
        """
        if self._refusal is not None:
            raise self._refusal
        if not self._noted:
            return
        noted, self._noted = self._noted, []
        try:
            self._record(noted)
        except BaseException as error:
            self._refusal = error
            raise

    def _record(self, noted: list[dict[str, Any]]) -> None:
        from tracker.access import Access
        from tracker.access.recording import record

        viewer = self._viewer
        database = viewer.access_log()
        whose = Access(
            at=viewer.now(),
            actor=database.login or viewer.actor,
            command="",
            on_behalf_of=viewer.on_behalf_of,
            purpose=viewer.purpose,
            break_glass=viewer.glass,
        )
        seals = viewer.seals()
        if seals is not None:
            noted = [note | {"query": _concealed(seals, note)} for note in noted]
        accesses = [msgspec.structs.replace(whose, **note) for note in noted]
        record(database, accesses, waiting)


def _concealed(seals: "Seals", note: dict[str, Any]) -> dict[str, Any] | None:
    """Return what was asked for without words that may name a patient, or what stands for them.

    Beside the episode that was found nothing stands for them: it would tell whose an episode was,
    to anybody who guesses the name, when it has long been erased.
    """
    query = note.get("query")
    if query is None:
        return None
    named = {k for k, v in query.items() if k not in PLAIN and isinstance(v, str | tuple)}
    if note.get("episode") is not None:
        return {k: v for k, v in query.items() if k not in named} or None
    return {k: _sealed(seals, v) if k in named else v for k, v in query.items()}


def _sealed(seals: "Seals", value: object) -> str:
    try:
        return f"sealed:{seals.blind('query', str(value))}"
    except TrackerError:  # no key is here: neither is anything to be read
        return "sealed"


def waiting(error: StoreError) -> None:
    """Tell the person why nothing is shown yet."""
    click.echo(visible(f"Waiting to record the look: {error.message}."), err=True)


def _asked() -> dict[str, Any]:
    """Return what the command that runs was asked in words, without how it is to be shown."""
    ctx = click.get_current_context(silent=True)
    if ctx is None:
        return {}
    return {
        name: value
        for name, value in ctx.params.items()
        if name != "fmt"
        and isinstance(value, str | int | tuple)
        and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }


def before_output() -> None:
    """Record what the invocation that runs is about to show; everything it writes comes by here."""
    ctx = click.get_current_context(silent=True)
    looks: Looks | None = getattr(ctx.find_root().obj, "looks", None) if ctx else None
    if looks is not None:
        looks.record()


def before_error(error: Exception) -> None:
    """Record what an error may tell of; what is wrong with the database itself tells of nobody."""
    silent = (click.exceptions.Exit, click.exceptions.Abort, BrokenPipeError)
    of_database = isinstance(error, StoreError) and not isinstance(error, UnreadableError)
    if not of_database and not isinstance(error, silent):
        before_output()
