"""`tracker outbox`: list, show, retry, drop what is to be sent."""

from typing import TYPE_CHECKING, Any

import click

from tracker.cli.group import NounGroup
from tracker.cli.options import format_option, limit_option
from tracker.cli.render import Column, emit, write
from tracker.cli.session import Session, pass_session
from tracker.cli.text import visible

if TYPE_CHECKING:
    from tracker.outbox.items import Item

STATES = ("pending", "delivered", "dead", "dropped")
message_argument = click.argument("message", metavar="MESSAGE")


@click.group(cls=NounGroup)
def outbox() -> None:
    """Look after what is to be sent, what was, and what could not be."""


_COLUMNS = (
    Column("id", "Message"),
    Column("state", "State"),
    Column("episode", "Episode"),
    Column("kind", "Reminder"),
    Column("phase", "Phase"),
    Column("channel", "Channel"),
    Column("recipient", "To"),
    Column("attempts", "Attempts", "number"),
    Column("next_attempt_at", "Next", "time"),
    Column("last_error", "What went wrong"),
)


def _row(item: "Item") -> dict[str, Any]:
    """Return a row as it is shown."""
    import msgspec

    content = msgspec.json.decode(item.content)
    shown = {k: v for k, v in item._asdict().items() if k not in ("content", "episode_key")}
    if item.state != "pending":
        shown["next_attempt_at"] = None
    return {
        "episode": content.get("episode"),
        "kind": content.get("kind") or item.form,
        "phase": content.get("phase"),
        **shown,
    }


def _named(session: Session, message: str) -> "Item":
    """Return the message a person means, and note the look at whom it is about.

    A digest is about many, and is noted as a list.
    """
    from tracker.outbox import listing
    from tracker.store import log

    with session.service().database.reading() as conn:
        item = listing.find(conn, message)
        key = item.episode_key
        about = None if key is None else log.episode_of(conn, key)
    if about is None:
        session.looks.listed(1)
    else:
        session.looks.at(about)
    return item


@outbox.command("list")
@click.option(
    "--state",
    type=click.Choice(STATES),
    help="Only messages in this state; default: all that are not delivered.",
)
@limit_option
@format_option
@pass_session
def list_(session: Session, state: str | None, limit: int, fmt: str) -> None:
    """List messages, the newest first."""
    from tracker.outbox import listing

    with session.service().database.reading() as conn:
        rows = [_row(item) for item in listing.items(conn, state, limit)]
    session.looks.listed(len(rows))
    emit(fmt, rows, _COLUMNS)


@outbox.command("show")
@message_argument
@format_option
@pass_session
def show(session: Session, message: str, fmt: str) -> None:
    """Show one message: what it says, to whom, and what became of it."""
    import msgspec

    item = _named(session, message)
    document = _row(item) | {"content": msgspec.json.decode(item.content)}
    if fmt != "table":
        emit(fmt, [document], _COLUMNS, document=document)
        return
    from tracker.cli.render import plain

    for key, value in document.items():
        if value is not None:
            write(visible(f"{key}: {plain(value)}").encode("utf-8", "backslashreplace"))


@outbox.command("retry")
@click.argument("message", metavar="[MESSAGE]", required=False)
@click.option("--dead", is_flag=True, help="Every message that was given up.")
@format_option
@pass_session
def retry(session: Session, message: str | None, dead: bool, fmt: str) -> None:
    """Let a message be sent again at once: by the scheduler's next turn."""
    from tracker.errors import UsageError
    from tracker.outbox import listing

    if dead == (message is not None):
        raise UsageError("name a message, or give --dead for all", hint="tracker outbox list")
    named = None if message is None else _named(session, message)
    with session.service().database.writing() as conn:
        if named is None:
            ids = listing.retry_dead(conn, session.now())
        else:
            item = listing.find(conn, named.id)
            listing.retry(conn, item, session.now())
            ids = [item.id]
        rows = [_row(listing.find(conn, id_)) for id_ in ids]
    if named is None:
        session.looks.listed(len(rows))
    emit(fmt, rows, _COLUMNS, document=rows if dead else rows[0])


@outbox.command("drop")
@message_argument
@click.option("--reason", required=True, metavar="TEXT", help="Why, in words.")
@format_option
@pass_session
def drop(session: Session, message: str, reason: str, fmt: str) -> None:
    """Drop a message: it is never sent; the reminder stays as it is."""
    from tracker.errors import UsageError
    from tracker.outbox import listing

    if not reason.strip():
        raise UsageError("give a reason", hint="--reason TEXT")
    named = _named(session, message)
    session.looks.record()
    with session.service().database.writing() as conn:
        item = listing.find(conn, named.id)
        listing.drop(conn, item, session.now(), session.actor, reason.strip())
        item = listing.find(conn, item.id)
    emit(fmt, [_row(item)], _COLUMNS, document=_row(item))
