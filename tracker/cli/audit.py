"""`tracker audit`: replay an episode step by step; compare two moments."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.group import NounGroup
from tracker.cli.options import episode_argument, format_option
from tracker.cli.render import Column, encode, plain, write, write_csv
from tracker.cli.session import Session, pass_session, zone_of
from tracker.cli.text import visible
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.audit.changes import Change
    from tracker.audit.diff import Difference
    from tracker.audit.replay import Step
    from tracker.events import Recorded


@click.group(cls=NounGroup)
def audit() -> None:
    """Look back: what was known when, and what changed. Read from the log alone."""


@audit.command("replay")
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
@click.option("--step", "pausing", is_flag=True, help="Wait for Enter after each step.")
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

    service, ref = session.service(), session.episode(episode)
    history = service.history(ref.uuid)
    read = session.instants(lambda: history)
    last = session.now() if until is None else read(until, "past")
    first = None if since is None else read(since, "past")
    if first is not None and first > last:
        raise UsageError("--from is after --to", hint="give the earlier time first")
    incomplete = session.incomplete(ref)
    steps = replayed(history, service.judge.status, last, _axis(by))
    shown = (step for step in steps if first is None or step.at >= first)
    if fmt == "table":
        pauses = pausing and sys.stdin.isatty() and sys.stdout.isatty()
        _tell(shown, history, pauses)
    elif fmt == "csv":
        write_csv(_rows(shown, history), _COLUMNS)
    else:
        documents = (_document(step, history) for step in shown)
        head = {"episode": ref.name, "reference": ref.reference, "by": by}
        _write(fmt, documents, head | {"incomplete": incomplete})


def _axis(by: str) -> Any:
    return by


def _write(fmt: str, documents: Iterable[dict[str, Any]], head: dict[str, Any]) -> None:
    if fmt == "ndjson":
        for document in documents:
            write(encode(document))
    else:
        write(encode(head | {"steps": list(documents)}, indent=2))


def _event(event: "Recorded", history: "Sequence[Recorded]") -> dict[str, Any]:
    from tracker.cli import amendments
    from tracker.cli.documents import event_document

    return event_document(event) | amendments.document(history, event)


def _changes(changes: "Iterable[Change]") -> list[dict[str, Any]]:
    return [{k: v for k, v in plain(c).items() if v is not None} for c in changes]


def _document(step: "Step", history: "Sequence[Recorded]") -> dict[str, Any]:
    return {
        "step": step.number,
        "at": step.at,
        "event": None if step.event is None else _event(step.event, history),
        "stage": step.status.stage,
        "leak": step.status.leak,
        "urgent": step.status.urgent,
        "protocol": step.status.protocol,
        "changes": _changes(step.changes),
        "cut": step.cut,
    }


_COLUMNS = [
    Column(key, key)
    for key in (
        "step", "at", "event", "event_id", "occurred_at", "actor", "amends", "stage", "urgent",
        "subject", "how", "name", "text", "source", "because",
    )
]  # fmt: skip


def _rows(steps: "Iterable[Step]", history: "Sequence[Recorded]") -> Iterator[dict[str, Any]]:
    """Yield a row for each change, or one for a step that changed nothing."""
    from tracker.cli.amendments import told

    for step in steps:
        event = step.event
        head = {"step": step.number, "at": step.at, "stage": step.status.stage}
        head["urgent"] = step.status.urgent
        if event is not None:
            head |= {"event": event.topic, "event_id": event.id, "actor": event.actor}
            head["occurred_at"] = event.occurred_at
            head["amends"] = told(history, event, {}, "UTC")
        for change in _changes(step.changes) or [{}]:
            yield head | change


def _tell(steps: "Iterable[Step]", history: "Sequence[Recorded]", pauses: bool) -> None:
    from tracker.cli.retelling import step_lines

    zone = zone_of(history)
    for step in steps:
        for line in step_lines(step, history, zone):
            _print(line)
        if pauses:
            click.pause("-- Enter for the next step --", err=True)


def _print(line: str) -> None:
    write(visible(line).encode("utf-8", "backslashreplace"))


@audit.command("diff")
@episode_argument
@click.option("--from", "first", metavar="TIME", required=True, help="The first moment.")
@click.option("--to", "second", metavar="TIME", help="The second moment; default now.")
@click.option("--known-from", metavar="TIME", help="What was known at the first; default then.")
@click.option("--known-to", metavar="TIME", help="What was known at the second; default then.")
@format_option
@pass_session
def diff(
    session: Session,
    episode: str,
    first: str,
    second: str | None,
    known_from: str | None,
    known_to: str | None,
    fmt: str,
) -> None:
    """Compare two moments of an episode, each by what was known then or at another time."""
    from tracker.audit.diff import Point
    from tracker.audit.diff import diff as compared

    service, ref, now = session.service(), session.episode(episode), session.now()
    history = service.history(ref.uuid)
    read = session.instants(lambda: history)

    def point(at: str | None, known_at: str | None) -> Point:
        then = now if at is None else read(at, "past")
        return Point(then, min(then, now) if known_at is None else read(known_at, "past"))

    one, other = point(first, known_from), point(second, known_to)
    if one.at > other.at:
        raise UsageError("--from is after --to", hint=_swapped(first, second))
    found = compared(history, service.judge.status, one, other)
    incomplete = session.incomplete(ref)
    if fmt == "table":
        from tracker.cli.retelling import difference_lines

        for line in difference_lines(found, one, other, history, zone_of(history)):
            _print(line)
    elif fmt == "csv":
        write_csv(_differing(found, history), _COLUMNS[-6:])
    elif fmt == "ndjson":
        for row in _differing(found, history):
            write(encode(row))
    else:
        head = {"episode": ref.name, "incomplete": incomplete}
        write(encode(head | _diff_document(found, one, other, history), indent=2))


def _swapped(first: str, second: str | None) -> str:
    if second is None:
        return "--to is now unless given: give a later one"
    return f"swap them: --from {second!r} --to {first!r}"


def _differing(found: "Difference", history: "Sequence[Recorded]") -> Iterator[dict[str, Any]]:
    """Yield a row for each event that was recorded in between, then for each change."""
    from tracker.cli.amendments import told
    from tracker.cli.summary import summary

    for event in found.learned:
        text = told(history, event, {}, "UTC") or summary(event.data, "UTC")
        row = {"subject": "event", "how": "recorded", "name": event.topic, "text": text}
        yield row | {"id": event.id, "event": _event(event, history)}
    yield from _changes(found.changes)


def _diff_document(
    found: "Difference", one: Any, other: Any, history: "Sequence[Recorded]"
) -> dict[str, Any]:
    def side(point: Any, status: Any) -> dict[str, Any]:
        return {
            "at": point.at,
            "known_at": point.known_at,
            "stage": status.stage,
            "leak": status.leak,
            "urgent": status.urgent,
        }

    return {
        "from": side(one, found.first),
        "to": side(other, found.second),
        "changes": _changes(found.changes),
        "events": [_event(event, history) for event in found.learned],
    }
