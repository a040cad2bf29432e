"""`tracker protocol simulate`: what would be other if another protocol judged."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.clocks import site_zone
from tracker.cli.every_episode import answers, processes_option
from tracker.cli.failures import say
from tracker.cli.options import format_option, limit_option
from tracker.cli.protocol.differing import COLUMNS, COUNTS, Tally, rows, tell
from tracker.cli.protocol.known import read_file
from tracker.cli.render import emit
from tracker.cli.session import Session, pass_session
from tracker.cli.streaming import emit_streamed
from tracker.errors import NotFoundError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.pathway import Protocol


@click.command()
@click.argument("new", metavar="FILE|ID@VERSION")
@click.option(
    "--since",
    metavar="TIME",
    help="Also what would have been other at any time since then; default: only now.",
)
@processes_option("judge")
@limit_option
@format_option
@pass_session
def simulate(
    session: Session, new: str, since: str | None, processes: int, limit: int, fmt: str
) -> None:
    """Show which episodes would stand otherwise if another protocol judged them; change nothing.

    NEW is the file of a draft, which need not be added, or a version that is known here. Each
    episode is judged by its own protocol and by NEW over its whole history: stages, reminders and
    alerts that differ are counted, and listed with the episode. A table lists as many episodes as
    --limit says; other formats list all.
    """
    from tracker.audit.simulating import Question, of_all

    protocol = named_or_read(session, new)
    zone = site_zone(session)
    start = None if since is None else session.instant(since, zone)
    asked = Question(protocol, session.now(), start)
    tally = Tally()
    found = tally.count(answers(session, of_all, asked, processes))
    if fmt == "table":
        tell(found, limit)
        emit(fmt, tally.rows, COUNTS)
    else:
        head = {"protocol": protocol.name, "hash": protocol.hash, "now": asked.now, "since": start}
        emit_streamed(fmt, rows(found), COLUMNS, name="differences", head=head, tail=tally.document)
    tally.say_failed()
    say(_conclusion(tally, protocol.name, start is not None))


def _conclusion(tally: Tally, name: str, since: bool) -> str:
    of = counted(tally.episodes, "episode")
    told = f"{tally.differing_now} of {of} would stand otherwise by {name} now"
    return f"{told}, {tally.differing} would have at some time." if since else f"{told}."


def named_or_read(session: Session, new: str) -> "Protocol":
    """Return the protocol of a name, or of a file. Raises NotFoundError, ProtocolError."""
    service = session.service()
    if new in service.protocols.names():
        return service.protocol(new)
    if not Path(new).is_file():
        if "@" in new:
            return service.protocol(new)  # says which is meant
        raise NotFoundError(f"{new} is neither a file nor a protocol", "tracker protocol list")
    from tracker.pathway import parse_protocol

    return parse_protocol(read_file(Path(new)), service.protocol)
