"""`tracker stats`: counts over all episodes."""

from collections.abc import Iterable
from typing import Any

import click

from tracker.cli import figures
from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit, write
from tracker.cli.session import Session, pass_session
from tracker.errors import UsageError
from tracker.nearest import meant

COLUMNS = [
    Column("name", "What"),
    Column("episodes", "Episodes", "number"),
    Column("of", "Of", "number"),
    Column("percent", "%", "number"),
    Column("published", "Published"),
    Column("source", "Source"),
]
GROUPS = (
    "stage", "leak", "protocol", "alert", "active-alert", "reminder", "complication", "cohort",
)  # fmt: skip


def complete_group(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the groups."""
    return [group for group in GROUPS if group.startswith(incomplete)]


@click.command()
@click.argument("group", metavar="[GROUP]", required=False, shell_complete=complete_group)
@format_option
@pass_session
def stats(session: Session, group: str | None, fmt: str) -> None:
    """Count episodes: all, by stage, leak state, alert, reminder, complication, outcome.

    GROUP is one of stage, leak, protocol, alert, active-alert, reminder, complication, cohort.
    Of a cohort, published figures stand beside the shares that they are to be compared with.
    """
    if group is not None and group not in GROUPS:
        hint = meant(group, GROUPS, "the groups are")
        raise UsageError(f"nothing is counted by {group!r}", hint=hint)
    service = session.service()
    every = service.statistics()
    counts = every if group is None else service.statistics(group)
    session.incomplete()
    lagging = {"incomplete": len(service.parked())}
    rows = list(figures.rows(counts, every))
    session.looks.listed(len(rows))
    if fmt == "table":
        _draw(rows)
        if not rows:
            say(
                "There are no episodes." if group is None else f"Nothing is counted by {group} yet."
            )
    else:
        emit(fmt, rows, COLUMNS, document=counts | lagging)


def _draw(rows: Iterable[dict[str, Any]]) -> None:
    """Draw a table for each group, below its name."""
    by_group: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        group, slash, name = row["name"].partition("/")
        if not slash:
            group, name = "", group
        by_group.setdefault(group, []).append(row | {"name": name})
    for number, (group, found) in enumerate(by_group.items()):
        if number:
            write(b"")
        emit("table", found, COLUMNS, title=group.replace("-", " ").capitalize() or None)
