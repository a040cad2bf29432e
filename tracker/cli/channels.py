"""`tracker channels`: the ways out for messages."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from tracker.cli import people
from tracker.cli.failures import say
from tracker.cli.group import NounGroup
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit, print_line
from tracker.cli.session import Session, pass_session
from tracker.errors import TrackerError, UsageError

if TYPE_CHECKING:
    from tracker.channels.base import Channel, Message
    from tracker.channels.configured import Channels
    from tracker.channels.people import Recipient

LIST = [
    Column("channel", "Channel"),
    Column("kind", "Kind"),
    Column("state", "State", "state"),
    Column("recipients", "Recipients", "number"),
    Column("text", "What"),
    Column("try", "Try"),
]
SENT = [
    Column("channel", "Channel"),
    Column("to", "To"),
    Column("message", "Message"),
    Column("delivered", "Delivered"),
    Column("error", "Error"),
]


@click.group(cls=NounGroup)
def channels() -> None:
    """List and try the ways out for messages; config.toml in the data directory has them."""


def configured(session: Session, write: Callable[[str], None] = say) -> "Channels":
    """Return the site's channels. Raises UsageError naming the place that is wrong."""
    from tracker.channels.configured import Channels
    from tracker.channels.settings import read_site

    return Channels(read_site(session.location), clock=session.now, write=write)


@channels.command("list")
@format_option
@pass_session
def list_(session: Session, fmt: str) -> None:
    """List the channels, and whether each could send: secrets, certificates and words are there.

    Nothing is sent. Warns of episodes, levels of escalation and names that reach nobody.
    """
    made = configured(session)
    rows = [_row(made, name) for name in made.site.channels]
    emit(fmt, rows, LIST)
    if not rows:
        say("No channels are configured: add [channels.NAME] to config.toml.")
    found = list(people.uncovered(made.site))
    if session.exists:
        found += people.gaps(session.service(), made.site)
    for gap in found:
        say(f"Warning: {gap.text}. Try: {gap.hint}")


def _row(made: "Channels", name: str) -> dict[str, Any]:
    kind = made.site.channels[name].__struct_config__.tag
    told = sum(r.channel == name for r in made.site.recipients)
    row = {"channel": name, "kind": kind, "recipients": told, "state": "ok", "text": "", "try": ""}
    try:
        made.get(name)
        made.template(name)
    except TrackerError as error:
        row |= {"state": "failed", "text": error.message, "try": error.hint or ""}
    return row


@channels.command()
@click.argument("name", metavar="NAME")
@click.option("--to", metavar="ADDRESS", help="To this address, not to those configured.")
@format_option
@click.pass_context
def test(ctx: click.Context, name: str, to: str | None, fmt: str) -> None:
    """Send one message by a channel, and say what became of it. Exit code 1 if it failed.

    It goes to the first address that is configured for the channel; --to names another.
    """
    session = ctx.ensure_object(Session)
    # A line of a console channel is no JSON: there it goes to stderr.
    made = configured(session, print_line if fmt == "table" else say)
    channel = made.get(name)
    made.template(name)
    address = _address(made, name, to)
    row = _sent(channel, name, _message(address))
    emit(fmt, [row], SENT, document=row)
    others = {r.to for r in made.site.recipients if r.channel == name and r.to} - {address}
    if others:
        hint = f"tracker channels test {name} --to ADDRESS"
        say(f"Not tried: {', '.join(sorted(others))}. Try: {hint}")
    if not row["delivered"]:
        ctx.exit(1)


def _sent(channel: "Channel", name: str, message: "Message") -> dict[str, Any]:
    from tracker.channels.base import DeliveryError

    row: dict[str, Any] = {"channel": name, "to": message.to}
    row |= {"message": message.id, "delivered": True}
    try:
        channel.send(message)
    except DeliveryError as error:
        return row | {"delivered": False, "error": error.detail, "temporary": error.temporary}
    return row | {"error": None, "temporary": None}


def _address(made: "Channels", name: str, to: str | None) -> str | None:
    from tracker.channels.options import ADDRESSED, SmtpOptions, check_address

    options = made.site.channels[name]
    if to is not None and not isinstance(options, ADDRESSED):
        raise UsageError(f"the channel {name!r} takes no address", hint="leave out --to")
    configured_for: list[Recipient] = [r for r in made.site.recipients if r.channel == name]
    address = to or next((r.to for r in configured_for if r.to), None)
    if isinstance(options, SmtpOptions):
        if address is None:
            raise UsageError("mail needs an address", hint="--to name@example.org")
        check_address(address, "--to")
    return address


def _message(to: str | None) -> "Message":
    from tracker.channels.base import Message

    return Message(
        id=str(uuid.uuid4()),
        subject="Test of a channel",
        body="This is a test of a channel of the tracker. Nothing is owed.\n",
        line="Test of a channel: nothing is owed.",
        to=to,
        data={"kind": "test"},
    )
