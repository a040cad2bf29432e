"""`tracker demo`: the program at work on published histories, at the time of the histories."""

import tempfile
from pathlib import Path

import click

from tracker import demonstration
from tracker.cli.render import write
from tracker.cli.session import Session, pass_session
from tracker.cli.text import visible
from tracker.config import DEMONSTRATION, Location
from tracker.errors import RefusedError

_TOUR = (
    (
        "The worklist: who needs what, the most pressing first. It is a Saturday in June 2025, "
        "and six published histories are somewhere in the middle.",
        ["worklist"],
    ),
    (
        "One episode with its alerts and the lines of the guideline they come from. The headache "
        "came back an hour after the patch, but worse lying down: a rebound, not a failure.",
        ["show", "case-09"],
    ),
    (
        "A tick of the scheduler issues what is owed and not yet issued, each once.",
        ["scheduler", "tick"],
    ),
    (
        "The replay: every event in the order in which it became known, and what it changed.",
        ["audit", "replay", "case-09"],
    ),
    (
        "The same episode as it was known a day earlier, half an hour after the patch: nothing "
        "told of a rebound yet.",
        ["show", "case-09", "--known-at", "2025-06-06T08:30Z"],
    ),
    (
        "Why a reminder is there, and what would settle it.",
        ["explain", "case-09", "early-review"],
    ),
)

_NEXT = (
    "explain case-14 patch-delayed",
    "next case-14 --at 2025-06-07T13:00Z",
    "audit diff case-11 --from 2025-06-05T12:00Z --to 2025-06-07T12:00Z",
)


@click.command()
@pass_session
def demo(session: Session) -> None:
    """Show the program at work on published case histories.

    The data goes to a new temporary directory, or to --home if that is empty; it is marked as a
    demonstration and kept, so that you can go on with it.
    """
    home = _home(session)
    clock = demonstration.Clock(demonstration.UNTIL)
    _play(session, home, clock)
    for words, command in _TOUR:
        write(f"\n{words}\n\n$ tracker {' '.join(command)}".encode())
        _run(home, clock, command)
    write(b"\nThe data stays where it is. Three commands to try next:\n")
    for command_line in _NEXT:
        write(visible(f"  tracker --home {home} {command_line}").encode())


def _home(session: Session) -> Path:
    # TRACKER_HOME names where the real data is: only --home says where a demonstration goes.
    given = session.home_option
    home = Path(given or tempfile.mkdtemp(prefix="tracker-demonstration-")).absolute()
    if home.exists() and any(home.iterdir()):
        raise RefusedError(
            f"{home} is not empty: a demonstration never mixes with other data",
            "tracker demo, which takes a new temporary directory",
        )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker = home / DEMONSTRATION
    marker.touch(mode=0o600)
    marker.write_text("Published histories, no patients in care.\n")
    return home


def _play(session: Session, home: Path, clock: demonstration.Clock) -> None:
    """Import what became known, when it became known."""
    from tracker.interchange.imports import import_lines
    from tracker.interchange.plan import Importer
    from tracker.pathway import DEFAULT
    from tracker.service import Service

    with Service.open(Location(home, None), clock, create=True) as service:
        for known_at, lines in demonstration.batches():
            clock.at = known_at
            importer = Importer(
                now=known_at,
                actor=session.actor,
                on_behalf_of=None,
                time_zone="UTC",
                protocol=DEFAULT,
                check_protocol=service.protocol,
            )
            import_lines(service, lines, importer)
    clock.at = demonstration.UNTIL


def _run(home: Path, clock: demonstration.Clock, command: list[str]) -> None:
    from tracker.cli import main

    here = ["--home", str(home), "--access-database", str(home)]
    main.main([*here, *command], "tracker", standalone_mode=False, obj=clock)
