"""What is told once a day: what is due, what is late, what is new."""

import shlex
from typing import Any

import msgspec

from projections.digest import URGENT
from tracker.channels.base import Message
from tracker.events.fields import Instant
from tracker.reminders.message import marked, repeated
from tracker.times import local


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One reminder or alert in a daily digest."""

    episode: str
    what: str
    """Kind of the reminder, or rule of the alert."""
    at: Instant
    """When it is due, or since when the alert stands."""
    severity: str | None = None
    """Of an alert; of a reminder urgent, or None."""
    seen: bool = False
    """Whether somebody has acknowledged it."""

    @property
    def loud(self) -> bool:
        """Whether it is urgent and nobody has acknowledged it."""
        return self.severity == URGENT and not self.seen

    def words(self, time_zone: str, verb: str) -> str:
        """Return the line in words, by the clocks of a zone."""
        severe = f" ({self.severity})" if self.severity not in (None, URGENT) else ""
        line = f"{self.episode}  {self.what}{severe}, {verb} {local(self.at, time_zone)}"
        return f"URGENT  {line}, acknowledged by nobody" if self.loud else line


class Daily(msgspec.Struct, frozen=True, kw_only=True):
    """What a coordinator has to do today."""

    coordinator: str | None
    made_for: Instant
    time_zone: str
    overdue: tuple[Line, ...] = ()
    due_today: tuple[Line, ...] = ()
    new_alerts: tuple[Line, ...] = ()
    more: dict[str, int] = {}
    """How many more than the lines there are, by the name of the section."""
    restored_from: Instant | None = None
    """Time of the backup restored since: whether this was sent after it is not known any more."""

    def __bool__(self) -> bool:
        return bool(self.overdue or self.due_today or self.new_alerts)

    @property
    def command(self) -> str:
        """What shows all of it."""
        if self.coordinator is None:
            return "tracker worklist"
        return f"tracker worklist --coordinator {shlex.quote(self.coordinator)}"

    def section(self, name: str, title: str, verb: str) -> list[str]:
        """Return a section in words; nothing if there is nothing in it."""
        lines: tuple[Line, ...] = getattr(self, name)
        if not lines:
            return []
        found = ["", f"{title}:", *(line.words(self.time_zone, verb) for line in lines)]
        if more := self.more.get(name):
            found.append(f"and {more} more ({self.command})")
        return found

    @property
    def loud(self) -> int:
        """How many of its reminders are urgent and acknowledged by nobody."""
        return sum(line.loud for line in (*self.overdue, *self.due_today))

    def count(self, name: str) -> int:
        """Return how many there are in a section, told or not."""
        return len(getattr(self, name)) + self.more.get(name, 0)


def daily_message(id_: str, to: str | None, daily: Daily) -> Message:
    """Return a daily digest as a message. Short ids, kinds and times: no name, no number."""
    counts = (
        f"{daily.count('overdue')} overdue, {daily.count('due_today')} due today,"
        f" {daily.count('new_alerts')} new alerts"
    )
    if daily.loud:
        counts = f"{daily.loud} URGENT, {counts}"
    body = [
        f"Times are those of {daily.time_zone}.",
        *daily.section("overdue", "Overdue", "was due"),
        *daily.section("due_today", "Due today", "due"),
        *daily.section("new_alerts", "New alerts", "since"),
        "",
        f"Run: {daily.command}",
    ]
    day = local(daily.made_for, daily.time_zone)[:10]
    subject, text = f"{day}: {counts}", "\n".join(body) + "\n"
    line = f"Digest {subject}"
    if daily.restored_from is not None:
        subject, text = marked(subject, text, daily.restored_from)
        line += f"; {repeated(daily.restored_from)}"
    data: dict[str, Any] = {"kind": "daily-digest", **msgspec.to_builtins(daily)}
    return Message(id=id_, subject=subject, body=text, line=line, to=to, data=data)
