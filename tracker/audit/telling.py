"""Findings made from gaps, strays and messages, and what to say of them."""

from tracker.audit.discrepancy import Finding, How, Reason
from tracker.audit.gaps import Gap, Stray
from tracker.audit.owing import issue_of
from tracker.events import Recorded
from tracker.outbox.messages import Message
from tracker.pathway.phases import OPEN
from tracker.pathway.status import Reminder
from tracker.pathway.wording import moment


def end_of(gap: Gap) -> str:
    """Return how a gap ended."""
    if gap.event is not None:
        data, when = issue_of(gap.event), moment(gap.until)
        if gap.skipped:
            return f"skipped on record at {when}: {data.reason}"
        return f"{data.phase or OPEN} issued at {when}"
    if gap.lasts:
        return "it is still owed"
    state = (
        "then what was said before it had lost its ground" if gap.turned else _state(gap.reminder)
    )
    return f"it was owed until {moment(gap.until)}: {state}"


def _state(reminder: Reminder | None) -> str:
    if reminder is None:
        return "then it was not there any more"
    if reminder.live and reminder.snoozed_until is not None:
        return f"then it was snoozed until {moment(reminder.snoozed_until)}"
    if reminder.live:
        return "then it was acknowledged" if reminder.acknowledged_by else "then its window moved"
    return f"then it was {reminder.status}"


def against(stray: Stray) -> str:
    """Return why what was put on record was not owed."""
    reminder, due = stray.reminder, stray.due
    if reminder is None:
        return "no such reminder was owed"
    if due is not None:
        return f"{due.phases[-1]} was owed, and not {issue_of(stray.event).phase or OPEN}"
    if reminder.status == "scheduled":
        return f"it was to open at {moment(reminder.opens_at)}"
    if not reminder.live:
        ended = f" since {moment(reminder.ended_at)}" if reminder.ended_at else ""
        return f"it was {reminder.status}{ended}"
    return "there was nothing new to say of it"


def gap_finding(
    gap: Gap,
    how: How,
    reason: Reason,
    why: str,
    cause: Recorded | None = None,
    also: Reason | None = None,
) -> Finding:
    """Return what is found of a gap; `cause`: the fact that became known too late.

    `also`: what else would explain it, which `why` has words for.
    """
    return Finding(
        how=how,
        reason=reason,
        why=why,
        also=also,
        reminder=gap.first.reminder,
        kind=gap.first.kind,
        phases=gap.phases,
        owed_at=gap.since,
        known_at=cause.recorded_at if cause else None,
        told_at=gap.until if gap.told else None,
        until=gap.until,
        lasts=gap.lasts,
        event=gap.event.id if gap.event else None,
        because=cause.id if cause else None,
        source=gap.first.source,
    )


def stray_finding(stray: Stray, reason: Reason, why: str, cause: Recorded | None = None) -> Finding:
    """Return what is found of what was put on record and not owed; `cause`: as above."""
    data, reminder = issue_of(stray.event), stray.reminder
    nothing = reminder is None or reminder.status == "scheduled" or stray.due is not None
    return Finding(
        how="wrong" if nothing else "unneeded",
        reason=reason,
        why=why,
        reminder=data.reminder,
        kind=data.kind or data.reminder.partition(":")[0],
        phases=(data.phase or OPEN,),
        known_at=cause.recorded_at if cause else None,
        told_at=stray.event.recorded_at,
        until=stray.event.recorded_at,
        event=stray.event.id,
        because=cause.id if cause else None,
        source=reminder.source if reminder else "",
    )


def message_finding(message: Message) -> Finding:
    """Return what is found of a message without the event that issued it."""
    reminder = message.reminder or ""
    return Finding(
        how="wrong",
        reason="fault",
        why="a message of it is in the outbox, and the event that issued it is not in the log",
        reminder=reminder,
        kind=reminder.partition(":")[0],
        phases=(),
        told_at=message.created_at,
        until=message.ended_at or message.created_at,
        event=message.event,
        message=message.id,
        channel=message.channel,
        recipient=message.recipient,
    )
