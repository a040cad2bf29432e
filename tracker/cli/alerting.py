"""Telling at once of what is urgent in what a command recorded."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tracker.cli.failures import say
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from tracker.appending import Appended
    from tracker.outbox.deliver import Delivered
    from tracker.service import Service


def alert(service: "Callable[[], Service]", appended: "Sequence[Appended]", actor: str) -> None:
    """Tell whoever is to be told, and say what became of it.

    Nothing that fails here touches what was recorded: the scheduler's next tick does it then.
    """
    live = (
        reminder.kind == "complication-review" and reminder.live
        for done in appended
        if done.events and done.after is not None
        for reminder in done.after.reminders
    )
    if not any(live):
        return
    from tracker.reminders import urgent  # only what is urgent waits for it to load

    try:
        sent = urgent.tell(service(), appended, actor, say)
    except Exception as error:  # noqa: BLE001 (it is recorded, and that is what was asked for)
        why = error.message if isinstance(error, TrackerError) else type(error).__name__
        say(f"Recorded, but nobody could be told yet: {why}. The scheduler tries again.")
        return
    if sent is not None:
        _report(sent)


def _report(sent: "Delivered") -> None:
    for message, channel, what in sent.failed:
        say(f"{message} could not be sent by {channel} and will be tried again: {what}")
    for message, channel, what in sent.dead:
        say(f"{message} could not be sent by {channel} and is given up: {what}")
        say(f"NOBODY WAS TOLD by {channel}: tell them yourself; see tracker outbox list.")
    for message, channel, what in sent.left:
        say(f"{message} is left to the scheduler to send by {channel}: {what}")
