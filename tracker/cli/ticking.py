"""One turn of `tracker scheduler tick`, and what it says: ids and counts alone.

A timer's output goes into logs and mails: no text that anybody typed, and no receiver's answer,
which may repeat what it was sent.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tracker.cli.failures import say
from tracker.cli.render import Column, emit, print_line
from tracker.cli.session import Session
from tracker.errors import TrackerError
from tracker.pathway.wording import counted, elapsed

if TYPE_CHECKING:
    from tracker.outbox.deliver import Delivered
    from tracker.outbox.standing import Overview
    from tracker.reminders.tick import Ticked
    from tracker.scheduler.work import Work


class Done(NamedTuple):
    """What one turn did, and how the outbox stands after it."""

    ticked: "Ticked"
    delivered: "Delivered | None"
    """None: it was a dry run."""
    seen: "Overview"
    good: bool
    """Whether all that was owed was issued, messages get out, and checkpoints are signed."""
    unheard: str | None = None
    """Why the address outside was not told of a good turn."""
    unsigned: str | None = None
    """Why no checkpoint was signed although it was time to."""


@contextmanager
def speechless() -> Iterator[None]:
    """Tell an error that is not in our own words by its kind and place."""
    try:
        yield
    except (TrackerError, click.ClickException):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, its words may be a patient's)
        from tracker.store.failures import trace

        raise TrackerError(f"the turn broke off: {trace(error)}", "tracker doctor") from None


def turn(
    session: Session, name: str, *, write: Callable[[str], None], dry_run: bool, trust_clock: bool
) -> Done:
    """Issue, deliver, and if all is well tell the address outside."""
    from tracker.reminders.clocks import ClockError
    from tracker.scheduler.work import Work

    work = Work(session.service(), name, write=write, trust_clock=trust_clock)
    try:
        ticked = work.tick(dry_run=dry_run)
    except ClockError as error:
        session.looks.at(*error.episodes)
        raise
    if dry_run:
        session.looks.listed(len(ticked.issued) + len(ticked.skipped))
        return Done(ticked, None, work.undelivered(), not ticked.failed)
    delivered = work.deliver()
    seen = work.undelivered()
    unsigned = _unsigned(work)
    good = work.good(ticked, seen, sent=delivered.sent > 0) and unsigned is None
    unheard = work.ping() if good else None
    return Done(ticked, delivered, seen, good, unheard, unsigned)


def _unsigned(work: "Work") -> str | None:
    """Sign how far the log goes if it is time to; say why that could not be done."""
    try:
        work.checkpoint()
    except TrackerError as error:
        return error.message
    return None


COUNTED = ("sent", "dropped", "due", "held", "failing", "dead")
_ISSUED = (
    Column("episode", "Episode"),
    Column("kind", "Reminder"),
    Column("phase", "Phase"),
    Column("due_at", "Due", "time"),
    Column("text", "What is owed"),
    Column("command", "Run"),
    Column("source", "Source"),
)


def report(done: Done, fmt: str) -> None:
    """Say what a turn did; whatever the format, what went wrong goes to stderr."""
    for where, what in done.ticked.failed:
        say(f"{where}: {what}")
    if fmt != "table":
        document = _document(done)
        emit(fmt, document["issued"], _ISSUED, document=document)
    else:
        _in_words(done)
    if done.unsigned is not None:
        say(f"No checkpoint was signed: {done.unsigned}")
    if done.unheard is not None:
        say(f"{done.unheard}: whoever watches it may think that nobody ticked.")
    if not done.good:
        say("Not all is well: tracker scheduler status says what and what to do.")


def _in_words(done: Done) -> None:
    ticked = done.ticked
    if ticked.dry_run:
        for told in ticked.issued:
            print_line(told.line())
    if ticked.away is not None:
        say(f"No scheduler had ticked for {elapsed(ticked.away)}.")
    verb = "Would issue" if ticked.dry_run else "Issued"
    issued = counted(len(ticked.issued), "reminder")
    say(f"{verb} {issued}; skipped on record: {len(ticked.skipped)}.")
    if (out := done.delivered) is not None:
        counts = {"sent": out.sent, "dropped": out.dropped, **done.seen.counts}
        say(f"Messages: {', '.join(f'{counts[word]} {word}' for word in COUNTED)}.")


def _document(done: Done) -> dict[str, Any]:
    ticked, out = done.ticked, done.delivered
    return {
        "now": ticked.now,
        "issued": [told.document() for told in ticked.issued],
        "skipped": [
            {"episode": episode, "kind": kind, "reason": reason}
            for episode, kind, reason in ticked.skipped
        ],
        "failed": [{"where": where, "what": what} for where, what in ticked.failed],
        "still_due": ticked.still_due,
        "away_seconds": None if ticked.away is None else ticked.away.total_seconds(),
        "sent": out.sent if out else 0,
        "dropped": out.dropped if out else 0,
        "not_sent": [] if out is None else _not_sent(out),
        **done.seen.counts,
        "good": done.good,
        "dry_run": ticked.dry_run,
    }


def _not_sent(out: "Delivered") -> list[dict[str, Any]]:
    tried = [(told, False) for told in out.failed] + [(told, True) for told in out.dead]
    return [{"message": message, "dead": dead} for (message, _, _), dead in tried]
