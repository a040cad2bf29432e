"""`tracker audit diff`: two moments of an episode, compared."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.audit.documents import (
    CHANGE_COLUMNS,
    change_documents,
    event_document,
)
from tracker.cli.clocks import in_zone
from tracker.cli.options import episode_argument, format_option
from tracker.cli.render import emit, print_line
from tracker.cli.session import Session, pass_session
from tracker.cli.zones import zone_of
from tracker.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from tracker.audit.diff import Difference
    from tracker.events import Recorded


@click.command("diff")
@episode_argument
@click.option("--from", "first", metavar="TIME", required=True, help="The first moment.")
@click.option("--to", "second", metavar="TIME", help="The second moment; default now.")
@click.option(
    "--by",
    type=click.Choice(["recorded", "occurred"]),
    default="recorded",
    show_default=True,
    help="recorded: each by what was known then. occurred: how it was, by all known now.",
)
@click.option("--known-from", metavar="TIME", help="What was known at the first; default: --by.")
@click.option("--known-to", metavar="TIME", help="What was known at the second; default: --by.")
@format_option
@pass_session
def diff(
    session: Session,
    episode: str,
    first: str,
    second: str | None,
    by: str,
    known_from: str | None,
    known_to: str | None,
    fmt: str,
) -> None:
    """Compare two moments of an episode, each by what was known then or at another time."""
    from tracker.audit.diff import Point
    from tracker.audit.diff import diff as compared

    service, ref, now = session.service(), session.recorded_episode(episode), session.now()
    history = service.history(ref.uuid)
    read = session.instants(lambda: history)

    def point(at: str | None, known_at: str | None) -> Point:
        then = now if at is None else read(at, "past")
        known = min(then, now) if by == "recorded" else now
        return Point(then, known if known_at is None else read(known_at, "past"))

    one, other = point(first, known_from), point(second, known_to)
    if one.at > other.at:
        raise UsageError("--from is after --to", hint=_swapped(first, second))
    zone = zone_of(history)
    try:
        found = compared(history, service.judge.status, one, other, service.stage_source)
    except NotFoundError as error:
        hint = error.hint and in_zone(error.hint, zone)
        raise NotFoundError(in_zone(error.message, zone), hint) from error
    incomplete = session.incomplete(ref)
    if fmt == "table":
        from tracker.cli.retelling import difference_lines

        for line in difference_lines(found, one, other, history, zone):
            print_line(line)
    else:
        head = {"episode": ref.name, "incomplete": incomplete}
        document = head | _diff_document(found, one, other, history)
        emit(fmt, _differing(found, history), CHANGE_COLUMNS, document=document)


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
        yield row | {"id": event.id, "event": event_document(event, history)}
    yield from change_documents(found.changes)


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
        "changes": change_documents(found.changes),
        "events": [event_document(event, history) for event in found.learned],
    }
