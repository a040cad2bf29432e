"""`tracker explain`: why something stands, and why something does not."""

from typing import Any

import click

from tracker.cli.clocks import in_zone
from tracker.cli.completing import complete_topic
from tracker.cli.options import at_option, episode_argument, format_option, known_at_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session

COLUMNS = [
    Column("title", "What"),
    Column("lines", "Why", "list"),
    Column("sources", "Source", "list"),
]


@click.command()
@episode_argument
@click.argument(
    "topic", metavar="[RULE|REMINDER|stage]", required=False, shell_complete=complete_topic
)
@at_option
@known_at_option
@format_option
@pass_session
def explain(
    session: Session,
    episode: str,
    topic: str | None,
    at: str | None,
    known_at: str | None,
    fmt: str,
) -> None:
    """Say why a stage, a reminder or a rule is as it is, also when it is absent.

    Without a topic: everything that stands.
    """
    from tracker.cli.moments import look
    from tracker.history import erasure
    from tracker.pathway import voided
    from tracker.pathway.explain import Explanation
    from tracker.pathway.explain import explain as explained
    from tracker.pathway.wording import moment

    seen = look(session, episode, at, known_at, by_log=True)
    session.incomplete(seen.ref)
    protocol = session.service().protocol(seen.status.protocol)
    found = explained(seen.timeline, protocol, seen.at, topic)
    erased = erasure(seen.history)
    if erased is not None and topic in (None, "stage", *protocol.stages):
        # No rule of the guideline closed it.
        told = f"the episode was erased at {moment(erased.recorded_at)}"
        found = [Explanation(found[0].title, [told, "nothing else of it can be known"], [])]
    elif topic is not None:
        found[0].lines.extend(voided.told(seen.history, protocol, seen.at, seen.known_at, topic))
    if fmt == "table":
        _write(found, seen.status.time_zone)
        return
    rows = [{"title": e.title, "lines": e.lines, "sources": e.sources} for e in found]
    emit(fmt, rows, COLUMNS)


def _write(found: Any, zone: str) -> None:
    from tracker.cli.tables import paragraph

    for explanation in found:
        paragraph(in_zone(explanation.title, zone), "bold")
        for line in explanation.lines:
            paragraph(f"  {in_zone(line, zone)}")
        if any(explanation.sources):
            paragraph(f"  source: {', '.join(explanation.sources)}")
