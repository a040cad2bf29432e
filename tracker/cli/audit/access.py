"""`tracker audit access`: who looked at whom, when and why."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.clocks import site_zone
from tracker.cli.failures import say
from tracker.cli.options import format_option, limit_option, optional_episode_argument
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import UsageError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.access import Access
    from tracker.access.queries import Kept
    from tracker.service import EpisodeRef

COLUMNS = [
    Column("position", "No.", "number"),
    Column("at", "When", "time"),
    Column("actor", "Who"),
    Column("on_behalf_of", "For"),
    Column("command", "Command"),
    Column("episode", "Episode"),
    Column("query", "Asked for"),
    Column("count", "Rows", "number"),
    Column("purpose", "Why"),
    Column("break_glass", "Broke the glass", csv_only=True),
    Column("uuid", "uuid", csv_only=True),
]


@click.command()
@optional_episode_argument
@click.option("--patient", metavar="MRN", help="Looks at the episodes of this patient.")
@click.option("--actor", metavar="NAME", help="Looks by this user, or by others for them.")
@click.option("--since", metavar="TIME", help="Looks from that time.")
@click.option("--until", metavar="TIME", help="Looks up to that time.")
@click.option("--lists", is_flag=True, help="Only lists and searches.")
@click.option(
    "--break-glass",
    "broken",
    is_flag=True,
    help="Only where somebody saw more than their own sites, and why.",
)
@limit_option
@click.option("--all", "everything", is_flag=True, help="All of them, whatever the limit.")
@format_option
@pass_session
def access(
    session: Session,
    episode: str | None,
    patient: str | None,
    actor: str | None,
    since: str | None,
    until: str | None,
    lists: bool,
    broken: bool,
    limit: int,
    everything: bool,
    fmt: str,
) -> None:
    """Show who looked at an episode, or searched and listed, the latest first.

    --actor finds a name among those who typed and among those for whom somebody typed.
    This look is recorded too.
    """
    from tracker.access import queries

    if (episode is not None) + (patient is not None) + lists > 1:
        raise UsageError("EPISODE, --patient and --lists exclude each other")
    zone = site_zone(session)
    first, last = (None if t is None else session.instant(t, zone) for t in (since, until))
    if first is not None and last is not None and first > last:
        raise UsageError("--since is after --until", hint="give the earlier time first")
    about = _about(session, episode, patient)
    uuids = None if about is None else [ref.uuid for ref in about]
    wanted = queries.Wanted(uuids, lists, broken, actor, first, last)
    with session.access_log().reading() as conn:
        kept = queries.find(conn, wanted, None if everything else limit)
        total = queries.count(conn, wanted)
        typed = queries.count_for(conn, wanted) if actor else 0
        others = queries.count(conn, wanted._replace(episodes=None, lists=True))
    rows = list(_rows(session, kept, zone, fmt))
    if about is None:
        session.looks.listed(len(rows))
    emit(fmt, rows, COLUMNS)
    if not rows:
        say("No such look is on record.")
    if typed:
        were = "was" if typed == 1 else "were"
        of = counted(total, "look")
        say(f"Of {of} {typed} {were} typed by others for {actor}: the column For.")
    if len(rows) < total:
        say(f"The latest {len(rows)} of {total}; --all shows them all.")
    if about and others:
        what = "1 list or search" if others == 1 else f"{others} lists and searches"
        say(f"{what} may have shown it too: tracker audit access --lists")


def _about(
    session: Session, episode: str | None, patient: str | None
) -> "Sequence[EpisodeRef] | None":
    """Return whom is asked about, None for everybody; it is a look at each of them."""
    if episode is not None:
        return [session.episode(episode)]
    if patient is None:
        return None
    found = session.service().episodes_of(patient)
    session.looks.found(ref.uuid for ref in found)
    if not found:
        say(f"There is no episode of a patient {patient!r}.")
    return found


def _rows(
    session: Session, kept: "Sequence[Kept]", zone: str, fmt: str
) -> Iterator[dict[str, Any]]:
    names = session.service().named([one.access.episode for one in kept if one.access.episode])
    for position, access in kept:
        uuid = access.episode
        row = {
            "position": position,
            "at": access.at,
            "actor": access.actor,
            "on_behalf_of": access.on_behalf_of,
            "command": access.command,
            "episode": names[uuid].name if uuid in names else uuid,
            "uuid": uuid,
            "query": access.query,
            "count": access.count,
            "purpose": access.purpose,
            "break_glass": access.break_glass,
        }
        if fmt == "table":
            row |= {"query": _told(access), "purpose": _why(access), "time_zone": zone}
        yield row


def _why(access: "Access") -> str:
    """Return why somebody looked, and why past the limit to their sites."""
    broken = access.break_glass and f"glass broken: {access.break_glass}"
    return "; ".join(why for why in (access.purpose, broken) if why)


def _told(access: "Access") -> str:
    """Return what was asked for in words."""
    asked = (access.query or {}).items()
    return ", ".join(name if value is True else f"{name} {value}" for name, value in asked)
