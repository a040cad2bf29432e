"""`tracker audit`: replay an episode step by step; compare two moments."""

import datetime
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.group import NounGroup
from tracker.cli.options import episode_argument, format_option
from tracker.cli.render import Column, encode, plain, write, write_csv
from tracker.cli.session import Session, pass_session
from tracker.cli.text import visible
from tracker.errors import UsageError
from tracker.times import local

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
    read = session.instants(ref.uuid)
    last = session.now() if until is None else read(until, "past")
    first = None if since is None else read(since, "past")
    if first is not None and first > last:
        raise UsageError("--from is after --to", hint="give the earlier time first")
    steps = replayed(service.history(ref.uuid), service.judge.status, last, _axis(by))
    shown = (step for step in steps if first is None or step.at >= first)
    if fmt == "table":
        pauses = pausing and sys.stdin.isatty() and sys.stdout.isatty()
        _tell(shown, session.zone_of(ref.uuid), pauses)
    elif fmt == "csv":
        write_csv(_rows(shown), _COLUMNS)
    else:
        documents = map(_document, shown)
        _write(fmt, documents, {"episode": ref.name, "reference": ref.reference, "by": by})


def _axis(by: str) -> Any:
    return by


def _write(fmt: str, documents: Iterable[dict[str, Any]], head: dict[str, Any]) -> None:
    if fmt == "ndjson":
        for document in documents:
            write(encode(document))
    else:
        write(encode(head | {"steps": list(documents)}, indent=2))


def _event(event: "Recorded") -> dict[str, Any]:
    from tracker.cli.outcome import as_document

    return as_document(event)


def _changes(changes: "Iterable[Change]") -> list[dict[str, Any]]:
    return [{k: v for k, v in plain(c).items() if v is not None} for c in changes]


def _document(step: "Step") -> dict[str, Any]:
    return {
        "step": step.number,
        "at": step.at,
        "event": None if step.event is None else _event(step.event),
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
        "step", "at", "event", "event_id", "occurred_at", "actor", "stage", "urgent",
        "subject", "how", "name", "text", "source", "because",
    )
]  # fmt: skip


def _rows(steps: "Iterable[Step]") -> Iterator[dict[str, Any]]:
    """Yield a row for each change, or one for a step that changed nothing."""
    for step in steps:
        event = step.event
        head = {"step": step.number, "at": step.at, "stage": step.status.stage}
        head["urgent"] = step.status.urgent
        if event is not None:
            head |= {"event": event.topic, "event_id": event.id, "actor": event.actor}
            head["occurred_at"] = event.occurred_at
        for change in _changes(step.changes) or [{}]:
            yield head | change


def _tell(steps: "Iterable[Step]", zone: str, pauses: bool) -> None:
    for step in steps:
        for line in _lines(step, zone):
            _print(line)
        if pauses:
            click.pause("-- Enter for the next step --", err=True)


def _lines(step: "Step", zone: str) -> Iterator[str]:
    when = local(step.at, zone)
    if step.event is None:
        yield f"{step.number:>4}  {when}  time passes"
    else:
        event = step.event
        who = event.on_behalf_of or event.actor
        late = _late(event, step.at, zone)
        yield f"{step.number:>4}  {when}  {event.topic} {event.id} by {who}{late}"
    for change in step.changes:
        yield f"        {_told(change)}"
    if not step.changes:
        yield "        nothing changes"
    if step.cut:
        yield "        (more changes by time alone are left out here)"


def _late(event: "Recorded", at: datetime.datetime, zone: str) -> str:
    if event.occurred_at == event.recorded_at:
        return ""
    if at == event.recorded_at:
        return f", true at {local(event.occurred_at, zone)}"
    return f", recorded at {local(event.recorded_at, zone)}"


def _told(change: "Change") -> str:
    source = f" [{change.source}]" if change.source.strip("-–") else ""
    if change.subject in ("reminder", "alert"):
        return f"{change.subject} {change.text}{source}"
    return f"{change.text}{source}"


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
    read = session.instants(ref.uuid)

    def point(at: str | None, known_at: str | None) -> Point:
        then = now if at is None else read(at, "past")
        return Point(then, min(then, now) if known_at is None else read(known_at, "past"))

    one, other = point(first, known_from), point(second, known_to)
    found = compared(service.history(ref.uuid), service.judge.status, one, other)
    if fmt == "table":
        for line in _told_diff(found, one, other, session.zone_of(ref.uuid)):
            _print(line)
    elif fmt == "csv":
        write_csv(_changes(found.changes), _COLUMNS[8:])
    elif fmt == "ndjson":
        for change in _changes(found.changes):
            write(encode(change))
    else:
        write(encode(_diff_document(ref.name, found, one, other), indent=2))


def _diff_document(name: str, found: "Difference", one: Any, other: Any) -> dict[str, Any]:
    def side(point: Any, status: Any) -> dict[str, Any]:
        return {
            "at": point.at,
            "known_at": point.known_at,
            "stage": status.stage,
            "leak": status.leak,
            "urgent": status.urgent,
        }

    return {
        "episode": name,
        "from": side(one, found.first),
        "to": side(other, found.second),
        "changes": _changes(found.changes),
        "events": [_event(event) for event in found.learned],
    }


def _told_diff(found: "Difference", one: Any, other: Any, zone: str) -> Iterator[str]:
    for word, point, status in (("From", one, found.first), ("To", other, found.second)):
        known = "" if point.known_at == point.at else f", known at {local(point.known_at, zone)}"
        state = f"{status.stage}, leak {status.leak}" + (", URGENT" if status.urgent else "")
        yield f"{word:<5} {local(point.at, zone)}{known}: {state}"
    for event in found.learned:
        yield f"  recorded {local(event.recorded_at, zone)}: {event.topic} {event.id}"
    for change in found.changes:
        yield f"  {_told(change)}"
    if not found.changes:
        yield "  nothing differs"
