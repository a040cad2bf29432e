"""`tracker timeline`: every event of an episode, as it stands."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import at_option, episode_argument, format_option, known_at_option
from tracker.cli.render import emit
from tracker.cli.sections import EVENTS
from tracker.cli.session import Session, pass_session

if TYPE_CHECKING:
    from tracker.cli.moments import Look


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


def short_names(ids: list[str]) -> dict[str, str]:
    """Return for each event id its first letters, as many as tell it from the others."""
    for length in range(8, 36, 4):
        if len({name[:length] for name in ids}) == len(ids):
            return {name: name[:length] if len(name) == 36 else name for name in ids}
    return {name: name for name in ids}


def rows(seen: "Look") -> Iterator[dict[str, Any]]:
    """Yield the events of an episode in the order in which they were true."""
    from tracker.cli.documents import entry_document
    from tracker.cli.summary import summary

    names = short_names([entry.event.id for entry in seen.entries])
    for entry in sorted(seen.entries, key=lambda e: (e.event.occurred_at, e.event.version)):
        remark = "voided" if entry.voided else "corrected" if entry.corrected_by else ""
        yield entry_document(entry) | {
            "summary": summary(entry.event.data, seen.status.time_zone),
            "name": names[entry.event.id],
            "remark": remark,
            "time_zone": seen.status.time_zone,
        }
