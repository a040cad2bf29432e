"""What a reminder says: the short id, what is owed, by when, what to run. No name, no number."""

from typing import Any

import msgspec

from tracker.events import NewEvent
from tracker.events.fields import Instant
from tracker.pathway import Protocol
from tracker.pathway.issuing import Owed
from tracker.times import local

COMMANDS = {
    "pattern-assessment": "tracker record headache-assessed {episode} --posture ...",
    "wound-examination": "tracker record wound-examined {episode} ...",
    "conservative-start": "tracker record conservative-management-started {episode} ...",
    "thromboprophylaxis-decision": (
        "tracker record thromboprophylaxis-decided {episode} --decision ..."
    ),
    "bed-rest-review": "tracker record bed-rest-ended {episode}",
    "patch-decision": "tracker next {episode}",
    "observation-end": "tracker record patient-mobilized {episode}",
    "early-review": "tracker record review-completed {episode} --review early ...",
    "intermediate-review": "tracker record review-completed {episode} --review intermediate ...",
    "late-review": "tracker record review-completed {episode} --review late ...",
    "activity-restrictions": (
        "tracker record review-completed {episode} --review ... --restrictions lifted"
    ),
    "imaging": "tracker record imaging-performed {episode} --modality MRI ...",
    "specialist-referral": "tracker record specialist-referral-made {episode} --to ...",
    "complication-review": "tracker ack {episode} complication-review",
}
"""The command that settles each kind, or shows the ways to."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder that goes out."""

    id: str
    """Id of the event that issued it: the same message always has the same one."""
    episode: str
    kind: str
    phase: str
    text: str
    opens_at: Instant
    due_at: Instant
    time_zone: str
    source: str
    command: str
    issued_at: Instant

    def line(self) -> str:
        """Return the message as one line of words."""
        was = "was due" if self.phase == "overdue" else "due"
        when = local(self.due_at, self.time_zone)
        return (
            f"{self.episode}  {self.kind} {self.phase}: {self.text} "
            f"({was} {when} {self.time_zone}) [{self.source}]  -> {self.command}"
        )

    def document(self) -> dict[str, Any]:
        """Return the message as JSON holds it."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return fields


def message(
    event: NewEvent, episode: str, time_zone: str, item: Owed, protocol: Protocol
) -> Message:
    """Return what goes out when `event` issues a phase of a reminder."""
    reminder = item.reminder
    command = COMMANDS.get(reminder.kind, "tracker show {episode}")
    return Message(
        id=event.id,
        episode=episode,
        kind=reminder.kind,
        phase=item.phase,
        text=protocol.reminders[reminder.kind].text,
        opens_at=reminder.opens_at,
        due_at=reminder.due_at,
        time_zone=time_zone,
        source=reminder.source,
        command=command.format(episode=episode),
        issued_at=event.recorded_at,
    )
