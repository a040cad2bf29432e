"""`tracker audit replay`: an episode step by step."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.asking import at_terminal
from tracker.cli.audit.documents import (
    CHANGE_COLUMNS,
    change_documents,
    event_document,
)
from tracker.cli.failures import say
from tracker.cli.moments import tell_erased
from tracker.cli.options import episode_argument, format_option
from tracker.cli.render import Column, encode, print_line, write, write_csv, write_document
from tracker.cli.session import Session, pass_session
from tracker.cli.zones import zone_of
from tracker.errors import UsageError
from tracker.history import erasure

if TYPE_CHECKING:
    from tracker.audit.replay import Step
    from tracker.events import Recorded


@click.command("replay")
@episode_argument
@click.option("--from", "since", metavar="TIME", help="Show steps from that time.")
@click.option("--to", "until", metavar="TIME", help="Show steps up to that time; default now.")
@click.option(
    "--by",
    type=click.Choice(["recorded", "occurred"]),
    default="recorded",
    show_default=True,
    help="recorded: what was known at each step. occurred: how it was, by all known now.",
)
@click.option(
    "--step", "pausing", is_flag=True, help="At a terminal: wait for a key after each step; q ends."
)
@format_option
@pass_session
def replay(
    session: Session,
    episode: str,
    since: str | None,
    until: str | None,
    by: str,
    pausing: bool,
    fmt: str,
) -> None:
    """Replay an episode: after each event, and as time passes, what changed and by which rule."""
    from tracker.audit.replay import replay as replayed

    service, ref = session.service(), session.recorded_episode(episode)
    history = service.history(ref.uuid)
    read = session.instants(lambda: history)
    last = session.now() if until is None else read(until, "past")
    first = None if since is None else read(since, "past")
    if first is not None and first > last:
        raise UsageError("--from is after --to", hint="give the earlier time first")
    tell_erased(service, ref, history)
    incomplete = session.incomplete(ref)
    steps = replayed(history, service.judge.status, last, _axis(by), service.stage_source)
    shown = _noting((step for step in steps if first is None or step.at >= first), history)
    if fmt == "table":
        _tell(shown, history, pausing and waits())
    elif fmt == "csv":
        write_csv(_rows(shown, history), _COLUMNS)
    else:
        documents = (_document(step, history) for step in shown)
        head = {"episode": ref.name, "reference": ref.reference, "by": by}
        _write(fmt, documents, head | {"incomplete": incomplete})


def _noting(steps: "Iterable[Step]", history: "Sequence[Recorded]") -> "Iterator[Step]":
    """Pass on steps, and say so where there is none."""
    empty = True
    for step in steps:
        empty = False
        yield step
    if empty:
        gone = "" if erasure(history) is None else " any more that could be read"
        say(f"There is no step in that time{gone}.")


def _axis(by: str) -> Any:
    return by


def _write(fmt: str, documents: Iterable[dict[str, Any]], head: dict[str, Any]) -> None:
    if fmt == "ndjson":
        for document in documents:
            write(encode(document))
    else:
        write_document(head | {"steps": list(documents)})


def _document(step: "Step", history: "Sequence[Recorded]") -> dict[str, Any]:
    return {
        "step": step.number,
        "at": step.at,
        "event": None if step.event is None else event_document(step.event, history),
        "stage": step.status.stage,
        "leak": step.status.leak,
        "urgent": step.status.urgent,
        "protocol": step.status.protocol,
        "changes": change_documents(step.changes),
        "cut": step.cut,
    }


_ENDS = ("q", "\x1b", "\x04")
"""Keys that end a walk: q, Escape, end of input."""

_COLUMNS = [
    Column(key, key)
    for key in (
        "step", "at", "event", "event_id", "occurred_at", "recorded_at", "actor", "on_behalf_of",
        "amends", "stage", "urgent",
    )
]  # fmt: skip
_COLUMNS += CHANGE_COLUMNS


def _rows(steps: "Iterable[Step]", history: "Sequence[Recorded]") -> Iterator[dict[str, Any]]:
    """Yield a row for each change, or one for a step that changed nothing."""
    from tracker.cli.amendments import told

    for step in steps:
        event = step.event
        head = {"step": step.number, "at": step.at, "stage": step.status.stage}
        head["urgent"] = step.status.urgent
        if event is not None:
            head |= {"event": event.topic, "event_id": event.id, "actor": event.actor}
            head |= {"occurred_at": event.occurred_at, "recorded_at": event.recorded_at}
            head["on_behalf_of"] = event.on_behalf_of
            head["amends"] = told(history, event, {}, "UTC")
        for change in change_documents(step.changes) or [{}]:
            yield head | change


def _tell(steps: "Iterable[Step]", history: "Sequence[Recorded]", pauses: bool) -> None:
    from tracker.cli.retelling import step_lines

    zone = zone_of(history)
    for step in steps:
        for line in step_lines(step, history, zone):
            print_line(line)
        if pauses and not _goes_on():
            return


def waits() -> bool:
    """Whether anybody reads what is shown, and can press a key."""
    return at_terminal() and sys.stdout.isatty()


def _goes_on() -> bool:
    """Wait for a key; return whether it asks for the next step."""
    click.echo("-- any key: the next step, q: end --", err=True, nl=False)
    key = click.getchar()
    click.echo("\r\x1b[K", err=True, nl=False)
    return key.lower() not in _ENDS
