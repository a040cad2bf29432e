"""Options and arguments that many commands share, so that they mean the same everywhere."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tracker.cli.completing import complete_episode
from tracker.cli.render import FORMATS

_F = TypeVar("_F", bound=Callable[..., Any])

episode_argument = click.argument("episode", metavar="EPISODE", shell_complete=complete_episode)
"""A short id (or the beginning of one), a uuid or the client's reference."""
optional_episode_argument = click.argument(
    "episode", metavar="[EPISODE]", required=False, shell_complete=complete_episode
)

format_option = click.option(
    "--format",
    "fmt",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="table for eyes; json, ndjson or csv for programs.",
)
id_option = click.option(
    "--id",
    "event_id",
    metavar="ID",
    help="The client's id of this event: recording it again under the same id changes nothing.",
)
reason_option = click.option("--reason", metavar="TEXT", help="Why, in words.")
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what it would do; record nothing."
)
at_option = click.option(
    "--at",
    metavar="TIME",
    help="How it was at that time, by what is known now; a time ahead is a forecast.",
)
known_at_option = click.option(
    "--known-at",
    metavar="TIME",
    help="What was known at that time: only what had been recorded by then.",
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    metavar="N",
    help="At most so many.",
)


def write_options(command: _F) -> _F:
    """Add what every command that records has: --id, --dry-run, --format."""
    return id_option(dry_run_option(format_option(command)))
