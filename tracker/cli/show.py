"""`tracker show` and `tracker next`: how an episode is, what is owed, what to do."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.failures import say
from tracker.cli.options import at_option, episode_argument, format_option, known_at_option
from tracker.cli.render import Column, emit, plain, write_document
from tracker.cli.sections import STEPS
from tracker.cli.session import Session, pass_session

if TYPE_CHECKING:
    from tracker.cli.moments import Look

FLAT = [
    Column(key, key)
    for key in ("section", "name", "state", "from", "until", "text", "source", "because", "id")
]


@click.command()
@episode_argument
@at_option
@known_at_option
@click.option("--all-events", is_flag=True, help="In a table too, not only the latest events.")
@format_option
@pass_session
def show(
    session: Session,
    episode: str,
    at: str | None,
    known_at: str | None,
    all_events: bool,
    fmt: str,
) -> None:
    """Show how an episode is: stage, next steps, reminders, alerts, events.

    EPISODE is a short id (or its beginning), a uuid, or the client's reference.
    """
    from tracker.cli.moments import look

    seen = look(session, episode, at, known_at)
    incomplete = session.incomplete(seen.ref)
    if fmt == "table":
        from tracker.cli.pages import page

        page(seen, incomplete, all_events)
        return
    found = document(seen, incomplete)
    if fmt == "csv":
        emit(fmt, _flat(found), FLAT)
    else:
        write_document(found, indent=2 if fmt == "json" else 0)


@click.command("next")
@episode_argument
@at_option
@known_at_option
@format_option
@pass_session
def next_steps(
    session: Session, episode: str, at: str | None, known_at: str | None, fmt: str
) -> None:
    """Show what is to be done next, by whom, and where that is written."""
    from tracker.cli.moments import look
    from tracker.history import erasure

    seen = look(session, episode, at, known_at)
    status = seen.status
    rows = [plain(step) for step in status.next_steps]
    head = {"episode": seen.ref.name, "stage": status.stage, "urgent": status.urgent}
    head["incomplete"] = session.incomplete(seen.ref)
    erased = erasure(seen.history) is not None
    told = f"{status.stage}{', erased' if erased else ''}{' URGENT' if status.urgent else ''}"
    title = f"{seen.ref.name}: {told}"
    shown = [
        row | {"due_at": s.due_at, "time_zone": status.time_zone}
        for row, s in zip(rows, status.next_steps, strict=True)
        if not erased
    ]
    emit(
        fmt,
        shown if fmt == "table" else rows,
        STEPS,
        document=head | {"at": seen.at, "next_steps": rows},
        title=title,
    )
    if not shown and fmt == "table":
        say("Nothing is to be done now.")


def document(seen: "Look", incomplete: bool) -> dict[str, Any]:
    """Return the contract: an episode at a moment, as JSON shows it."""
    from tracker.cli.documents import alert_document, entry_document, reminder_document

    status = seen.status
    by = {"protocol": status.protocol}
    return {
        "episode": seen.ref.name,
        "uuid": str(seen.ref.uuid),
        "reference": status.reference,
        "patient": status.patient,
        "stage": status.stage,
        "urgent": status.urgent,
        "leak": status.leak,
        "at": seen.at,
        "known_at": seen.known_at,
        "forecast": seen.forecast,
        "protocol": status.protocol,
        "time_zone": status.time_zone,
        "coordinator": status.coordinator,
        "site": status.site,
        "incomplete": incomplete,
        # A derived item is handed on alone: each names the version that it was derived by.
        "next_steps": [plain(step) | by for step in status.next_steps],
        "reminders": [reminder_document(r) | by for r in status.reminders],
        "alerts": [alert_document(a) | by for a in status.alerts],
        "events": [entry_document(entry) for entry in seen.entries],
    }


def _flat(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    urgent = " urgent" if found["urgent"] else ""
    yield {
        "section": "episode",
        "name": found["episode"],
        "state": found["stage"] + urgent,
        "from": found["at"],
        "until": found["known_at"],
        "text": f"leak {found['leak']}, protocol {found['protocol']}",
    }
    for step in found["next_steps"]:
        yield step | {"section": "next-step", "name": step["rule"], "until": step["due_at"]}
    for item in found["reminders"]:
        state = {"state": item["status"], "from": item["opens_at"], "until": item["due_at"]}
        yield item | state | {"section": "reminder", "name": item["kind"]}
    for item in found["alerts"]:
        state = {"state": "active" if item["active"] else "ended", "from": item["since"]}
        yield item | state | {"section": "alert", "name": item["rule"]}
    for item in found["events"]:
        state = {"state": "voided" if item["voided"] else "", "from": item["occurred_at"]}
        yield (
            {"section": "event", "name": item["event"], "text": item["data"]}
            | state
            | {"id": item["id"]}
        )
