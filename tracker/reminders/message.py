"""What a reminder says: the short id, what is owed, by when, what to run. No name, no number."""

import datetime
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from tracker.channels.base import Message
from tracker.channels.template import DEFAULT, Template
from tracker.events import NewEvent, Recorded
from tracker.events.fields import Instant
from tracker.pathway import Protocol, Status
from tracker.pathway.issuing import Owed
from tracker.pathway.phases import URGENT_KIND
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


def command_for(kind: str, episode: str) -> str:
    """Return the command that settles a kind of reminder of an episode, or shows the ways to."""
    return COMMANDS.get(kind, "tracker show {episode}").format(episode=episode)


def repeated(taken_at: datetime.datetime) -> str:
    """Return in words that a message may be a second one, because of a restore."""
    return f"may have been sent before: restored from a backup of {taken_at:%Y-%m-%d %H:%MZ}"


def marked(subject: str, body: str, taken_at: datetime.datetime) -> tuple[str, str]:
    """Return subject and body of a message that may be a second one, and says so."""
    return (
        f"May have been sent before: {subject}",
        f"{body.rstrip()}\n\nThis {repeated(taken_at)}.\n",
    )


class Grounds(NamedTuple):
    """What an urgent reminder rests on."""

    rules: tuple[str, ...] = ()
    """Rules of the urgent alerts that nobody has acknowledged."""
    news: tuple[str, ...] = ()
    """Those of them that became known since it was issued before."""


NO_GROUNDS = Grounds()


def grounds_of(item: Owed, status: Status, history: Iterable[Recorded]) -> Grounds:
    """Return what a reminder rests on if it is the urgent one, and what of that is new."""
    if item.reminder.kind != URGENT_KIND:
        return NO_GROUNDS
    told = max((issue.at for issue in item.reminder.issued if not issue.skipped), default=None)
    late = {event.id for event in history if told is not None and event.recorded_at > told}
    open_ = [a for a in status.alerts if a.active and a.severity == "urgent"]
    open_ = [alert for alert in open_ if alert.acknowledged_by is None]
    rules = dict.fromkeys(alert.rule for alert in open_)
    news = dict.fromkeys(alert.rule for alert in open_ if late.intersection(alert.because))
    return Grounds(tuple(rules), tuple(news))


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A phase of a reminder that was issued, with what is to be said of it."""

    id: str
    """Id of the event that issued it: the same notice always has the same one."""
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
    to: str | None = None
    """Who is to be told, when it is not the usual people."""
    restored_from: Instant | None = None
    """Time of the backup restored since: what was sent after it is not known any more."""

    urgent: bool = False
    grounds: tuple[str, ...] = ()
    """Rules of the urgent alerts that it rests on and that nobody has acknowledged."""
    news: tuple[str, ...] = ()
    """Those of them that came since it was told before."""

    @property
    def because(self) -> str:
        """What it rests on, and what of that is new, in words; nothing that names the patient."""
        grounds = ", ".join(self.grounds)
        return f"{grounds}; new: {', '.join(self.news)}" if self.news else grounds

    def when(self, now: datetime.datetime | None = None) -> str:
        """Until when it is, or was, in time, by the clocks of the episode.

        `now`: when it is told, which may be long after it was issued; else when it was issued.
        """
        was = "was due" if (now or self.issued_at) > self.due_at else "due"
        return f"{was} {local(self.due_at, self.time_zone)} {self.time_zone}"

    def line(self, now: datetime.datetime | None = None, *, remarked: bool = True) -> str:
        """Return the notice as one line of words, told at `now`.

        `remarked`: it says by itself that it may be a second one.
        """
        to, again = f" to {self.to}" if self.to else "", ""
        if remarked and self.restored_from is not None:
            again = f"; {repeated(self.restored_from)}"
        loud = "URGENT  " if self.urgent else ""
        ground = f", because of {self.because}" if self.grounds else ""
        return (
            f"{loud}{self.episode}  {self.kind} {self.phase}{to}: {self.text}{ground} "
            f"({self.when(now)}{again}) [{self.source}]  -> {self.command}"
        )

    def document(self) -> dict[str, Any]:
        """Return the notice as JSON holds it."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return fields

    def values(self, now: datetime.datetime | None = None) -> dict[str, str | None]:
        """Return what placeholders of a template stand for; nothing that names the patient."""
        return {
            "episode": self.episode,
            "kind": self.kind,
            "phase": self.phase,
            "text": self.text,
            "when": self.when(now),
            "opens": local(self.opens_at, self.time_zone),
            "due": local(self.due_at, self.time_zone),
            "time_zone": self.time_zone,
            "source": self.source,
            "command": self.command,
            "because": self.because,
        }

    def message(
        self,
        template: Template = DEFAULT,
        *,
        now: datetime.datetime | None = None,
        id: str | None = None,  # noqa: A002
        to: str | None = None,
        urgent: bool = False,
        more: Mapping[str, str | None] = MappingProxyType({}),
    ) -> Message:
        """Return the notice as a message in the words of a template.

        `now`: when it is told. `id`: of the message, else that of the notice.
        `more`: other placeholders, such as patient.
        """
        subject, body = template.fill({**self.values(now), **more})
        if self.restored_from is not None:
            subject, body = marked(subject, body, self.restored_from)
        if urgent:  # whatever the words of the site are
            subject, body = f"URGENT {subject}", self._loud(template, body)
        return Message(
            id=id or self.id,
            subject=subject,
            body=body,
            line=self.line(now),
            to=to,
            urgent=urgent,
            data={**self.document(), "event": self.id},
        )

    def _loud(self, template: Template, body: str) -> str:
        if not self.grounds or "because" in template.names:
            return body
        return f"URGENT, because of {self.because}\n\n{body}"


def notice(
    event: NewEvent,
    episode: str,
    time_zone: str,
    item: Owed,
    protocol: Protocol,
    grounds: Grounds = NO_GROUNDS,
    restored_from: datetime.datetime | None = None,
) -> Notice:
    """Return what goes out when `event` issues a phase of a reminder."""
    reminder = item.reminder
    return Notice(
        id=event.id,
        episode=episode,
        kind=reminder.kind,
        phase=item.phase,
        text=protocol.reminders[reminder.kind].text,
        opens_at=reminder.opens_at,
        due_at=reminder.due_at,
        time_zone=time_zone,
        source=reminder.source,
        command=command_for(reminder.kind, episode),
        issued_at=event.recorded_at,
        to=item.to,
        restored_from=restored_from,
        urgent=reminder.kind == URGENT_KIND,
        grounds=grounds.rules,
        news=grounds.news,
    )
