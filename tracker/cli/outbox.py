"""`tracker outbox`: list, show, retry, drop what is to be sent."""

from typing import TYPE_CHECKING

import click

from tracker.cli import rights
from tracker.cli.clocks import site_zone
from tracker.cli.failures import say
from tracker.cli.group import NounGroup
from tracker.cli.message import document, lines, why
from tracker.cli.options import format_option, limit_option
from tracker.cli.render import Column, emit, print_line
from tracker.cli.session import Session, pass_session
from tracker.decoding import decode
from tracker.errors import TrackerError, UsageError
from tracker.prefixes import short_names

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from tracker.outbox.items import Item
    from tracker.outbox.listing import Listed

PENDING = ("due", "held", "failing")
STATES = (*PENDING, "dead", "dropped", "delivered", "pending")
message_argument = click.argument("message", metavar="MESSAGE")


@click.group(cls=NounGroup)
def outbox() -> None:
    """Look after what is to be sent, what was, and what could not be."""


_COLUMNS = (
    Column("id", "Message"),
    Column("standing", "State", "state"),
    Column("mark", "!", "state"),
    Column("episode", "Episode"),
    Column("kind", "Reminder"),
    Column("phase", "Phase"),
    Column("channel", "Channel"),
    Column("recipient", "To"),
    Column("why", "Why"),
    Column("last_error", "What went wrong"),
    Column("state", "state", csv_only=True),
    Column("attempts", "Tries", "number", csv_only=True),
    Column("next_attempt_at", "Next", "time", csv_only=True),
    Column("urgent", "Urgent", csv_only=True),
    Column("reason", "Reason", csv_only=True),
    Column("ended_by", "By", csv_only=True),
    Column("ended_at", "At", csv_only=True),
)


def _whom(session: Session) -> "Callable[[Item], str]":
    """Return what names who a message is for, as the configuration has them."""
    from tracker.channels.people import Recipient
    from tracker.reminders.recipients import site_of, told_as

    try:
        site = site_of(session.location)
    except TrackerError:  # the outbox can be looked at whatever is wrong with the configuration
        return lambda item: Recipient(item.channel, item.recipient, item.coordinator).name
    return lambda item: told_as(site, item).name


def _emit(session: Session, fmt: str, rows: "Sequence[Listed]", *, whole: bool = True) -> None:
    """Write rows; `whole`: JSON is a list of them, else the only one, which was looked up."""
    if whole:
        session.looks.listed(len(rows))
    zone, now = site_zone(session) if fmt == "table" else "UTC", session.now()
    whom = _whom(session)
    found = [{**document(row), "why": why(row, now, zone, whom(row.item))} for row in rows]
    if fmt == "table":
        names = short_names(row.item.id for row in rows)
        for row, shown in zip(rows, found, strict=True):
            shown |= {"id": names[row.item.id], "time_zone": zone}
            shown["mark"] = "urgent" if row.item.urgent else ""
    emit(fmt, found, _COLUMNS, document=found if whole else found[0])


def _look_up(session: Session, message: str) -> "Listed":
    """Return the message a person means; it is a look at whom it is about, and recorded at once.

    A digest is about many, and counts as a list.
    """
    from tracker.outbox import listing
    from tracker.store import log

    with session.service().database.reading() as conn:
        row = listing.find(conn, message, session.now())
        key = row.item.episode_key
        episode = None if key is None else log.episode_of(conn, key)
    if episode is None:
        session.looks.listed(1)
    else:
        session.looks.at(episode)
    session.looks.record()
    return row


@outbox.command("list")
@click.option(
    "--state",
    type=click.Choice(STATES),
    help="Only messages that stand so; default: all that wait or were given up.",
)
@click.option("--all", "everything", is_flag=True, help="Those too that were dropped or delivered.")
@limit_option
@format_option
@pass_session
def list_(session: Session, state: str | None, everything: bool, limit: int, fmt: str) -> None:
    """List messages, those first that need somebody, then the urgent and the newest.

    due: to be sent now. held: until quiet hours end, or for others that go out with it. failing:
    a try failed, or its channel rests; it is tried again. dead: given up. dropped: by a
    person, or overtaken by events. pending: due, held and failing together.
    """
    from tracker.outbox import listing

    if everything and state is not None:
        raise UsageError("--all and --state exclude each other", hint="leave one of them out")
    words: tuple[str, ...] = () if state is None else (state,)
    if everything or state == "pending":
        words = tuple(name for name in STATES[:-1] if everything or name in PENDING)
    with session.service().database.reading() as conn:
        rows = listing.listed(conn, session.now(), words, limit)
    _emit(session, fmt, rows)
    if not rows:
        say(f"No message is {state}." if state else "Nothing is waiting.")
    elif len(rows) == limit:
        say(f"The first {limit}; --limit N shows more.")


@outbox.command("show")
@message_argument
@format_option
@pass_session
def show(session: Session, message: str, fmt: str) -> None:
    """Show one message: what it says, to whom, why it stands as it does, and what to do."""
    from tracker.outbox import listing

    now = session.now()
    row = _look_up(session, message)
    with session.service().database.reading() as conn:
        earlier, others = listing.retried(conn, row.item), listing.companions(conn, row.item)
        ways = listing.others(conn, row.item.id, now)
    if fmt == "table":
        whom = _whom(session)(row.item)
        for line in lines(row, earlier, others, ways, now, site_zone(session), whom):
            print_line(line)
        return
    found = document(row) | {
        "content": decode(row.item.content),
        "bundled_with": others,
        "other_ways": [way._asdict() for way in ways],
        "retried": [one._asdict() for one in earlier],
    }
    emit(fmt, [found], _COLUMNS, document=found)


@outbox.command("retry")
@click.argument("message", metavar="[MESSAGE]", required=False)
@click.option("--dead", is_flag=True, help="Every message that was given up.")
@format_option
@pass_session
def retry(session: Session, message: str | None, dead: bool, fmt: str) -> None:
    """Let a message be sent again, by the scheduler's next turn.

    In quiet hours what is routine is held until they end. Who asked for it, and how the message
    had ended before, stays on record.
    """
    from tracker.outbox import listing, mending
    from tracker.reminders.recipients import site_of, told_as

    if dead == (message is not None):
        raise UsageError("name a message, or give --dead for all", hint="tracker outbox list")
    site, now = site_of(session.location), session.now()

    def quiet(item: "Item") -> "datetime.datetime | None":
        return None if item.urgent else site.quiet_until(told_as(site, item), now)

    if message is not None:
        message = _look_up(session, message).item.id
    with session.service().database.writing() as conn:
        items = listing.dead(conn) if message is None else [listing.find(conn, message, now).item]
        mending.retry(conn, items, now, session.actor, quiet)
        rows = listing.named(conn, [item.id for item in items], now)
    if not rows:
        rights.require_for_nothing(session.service())
    _emit(session, fmt, rows, whole=dead)
    if not rows:
        say("No message was given up.")
    elif held := sum(row.standing == "held" for row in rows):
        say(f"Held until quiet hours end: {held} of {len(rows)}.")


@outbox.command("drop")
@message_argument
@click.option("--reason", required=True, metavar="TEXT", help="Why, in words.")
@format_option
@pass_session
def drop(session: Session, message: str, reason: str, fmt: str) -> None:
    """Drop a message: it is never sent; the reminder stays as it is."""
    from tracker.outbox import listing, mending

    if not reason.strip():
        raise UsageError("give a reason", hint="--reason TEXT")
    now, named = session.now(), _look_up(session, message).item.id
    with session.service().database.writing() as conn:
        item = listing.find(conn, named, now).item
        mending.drop(conn, item, now, session.actor, reason.strip())
        row = listing.find(conn, item.id, now)
    _emit(session, fmt, [row], whole=False)
