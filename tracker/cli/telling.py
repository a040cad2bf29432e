"""Telling at once of what is urgent, by the command that records it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tracker.cli.failures import say
from tracker.errors import TrackerError, UsageError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.appending import Appended
    from tracker.cli.session import Session
    from tracker.outbox.deliver import Delivered
    from tracker.outbox.listing import Other
    from tracker.reminders.urgent import Told

_NO_SCHEDULER = (
    "NO SCHEDULER IS AT WORK: run `tracker scheduler tick`, "
    "or tell the ward yourself of what `tracker worklist --urgent` shows."
)


class Telling:
    """Issues what is urgent, and sends it when the command has said what it has to say.

    Nothing that fails here touches what was recorded: a scheduler does it then.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._issued: list[str] = []

    def issue(self, appended: "Sequence[Appended]") -> None:
        """Issue what is urgent in what was just recorded; from then on a scheduler may send it."""
        if not _maybe_urgent(appended):
            return
        from tracker.reminders import urgent  # only what is urgent waits for it to load

        try:
            self._issued += urgent.issue(self._session.service(), appended)
        except Exception as error:  # noqa: BLE001 (it is recorded, and that is what was asked for)
            _fault(error)

    def send(self) -> None:
        """Send what was issued, for a few seconds at most; say what is left to a scheduler."""
        if not self._issued:
            return
        from tracker.reminders import urgent

        session = self._session
        try:
            told = urgent.send(session.service(), self._issued, session.actor, say)
        except Exception as error:  # noqa: BLE001 (as above)
            _fault(error)
            return
        for line in _lines(told):
            say(line)


def tell(session: "Session", appended: "Sequence[Appended]") -> None:
    """Tell at once of what is urgent in what was just recorded."""
    telling = Telling(session)
    telling.issue(appended)
    telling.send()


def _maybe_urgent(appended: "Sequence[Appended]") -> bool:
    return any(
        reminder.kind == "complication-review" and reminder.live
        for done in appended
        if done.events and done.after is not None
        for reminder in done.after.reminders
    )


def _fault(error: Exception) -> None:
    if isinstance(error, UsageError):  # of the configuration, which stops schedulers too
        say(f"Recorded, but NOBODY WAS TOLD, and no scheduler tells anybody: {error.message}")
        mend = f" ({error.hint})" if error.hint else ""
        say(f"Tell them yourself; then mend the configuration{mend}, and look: tracker doctor")
        return
    why = error.message if isinstance(error, TrackerError) else type(error).__name__
    say(f"Recorded, but nobody could be told yet: {why}. The scheduler tries again.")


def _lines(told: "Told") -> Iterator[str]:
    done = told.delivered
    for message, channel, what in done.dead:
        yield f"{message} could not be sent by {channel} and is given up: {what}"
        yield _otherwise(channel, told.others.get(message, []))
    yield from _left(done)
    if told.more:
        yield f"There was no time for {counted(told.more, 'message')} more: left to the scheduler."
    if (done.failed or done.left or told.more) and not told.scheduler:
        yield _NO_SCHEDULER


def _otherwise(channel: str, others: "Sequence[Other]") -> str:
    """Say who heard of it by another way than the channel that gave it up."""
    ways = {
        heard: ", ".join(o.words for o in others if (o.standing == "delivered") == heard)
        for heard in (True, False)
    }
    if ways[True]:
        return f"Not told by {channel}; told by {ways[True]}."
    by = f"; it is to go by {ways[False]} too" if ways[False] else ""
    return f"NOBODY WAS TOLD by {channel}{by}: tell them yourself; see tracker outbox list."


def _left(done: "Delivered") -> Iterator[str]:
    """Yield a line for each way in which a channel failed, however many messages that hit."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for message, channel, what in (*done.failed, *done.left):
        found[channel, what].append(message)
    for (channel, what), messages in found.items():
        some = messages[0] if len(messages) == 1 else counted(len(messages), "message")
        yield f"{some} could not be sent by {channel}; left to the scheduler: {what}"
