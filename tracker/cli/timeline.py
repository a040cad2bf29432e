"""`tracker timeline`: every event of an episode, as it stands."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import at_option, episode_argument, format_option, known_at_option
from tracker.cli.render import emit
from tracker.cli.sections import EVENTS
from tracker.cli.session import Session, pass_session
from tracker.prefixes import short_names, shortened

if TYPE_CHECKING:
    from tracker.cli.moments import Look
    from tracker.history import Entry


@click.command()
@episode_argument
@at_option
@known_at_option
@format_option
@pass_session
def timeline(
    session: Session, episode: str, at: str | None, known_at: str | None, fmt: str
) -> None:
    """List every event of an episode in the order in which it was true.

    Voided events are listed too, and marked; corrected ones show what holds now.
    """
    from tracker.cli.moments import look

    seen = look(session, episode, at, known_at)
    session.incomplete(seen.ref)
    emit(fmt, rows(seen), EVENTS)


def rows(seen: "Look") -> Iterator[dict[str, Any]]:
    """Yield the events of an episode in the order in which they were true."""
    from tracker.cli import amendments
    from tracker.cli.documents import entry_document
    from tracker.cli.summary import summary

    zone = seen.status.time_zone
    names = short_names(event.id for event in seen.history)
    for entry in sorted(seen.entries, key=lambda e: (e.event.occurred_at, e.event.version)):
        event = entry.event
        done = amendments.told(seen.history, event, names, zone)
        yield (
            entry_document(entry)
            | amendments.document(seen.history, event)
            | {
                "summary": shortened(done or summary(event.data, zone), names),
                "name": names[event.id],
                "remark": _remark(entry, zone),
                "time_zone": zone,
            }
        )


def _remark(entry: "Entry", zone: str) -> str:
    from tracker.audit.amendments import differences
    from tracker.cli.summary import changed

    if entry.voided:
        return "voided"
    if not entry.corrected_by:
        return ""
    found = differences(entry.original, entry.event)
    return f"corrected: {changed(type(entry.event.data), found, zone)}" if found else "corrected"
