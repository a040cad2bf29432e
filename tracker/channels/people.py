"""Who is told of what, and when it is quiet for them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from tracker.channels.hours import Hours
from tracker.channels.options import Text

Level = Annotated[int, Meta(ge=0, le=9)]
NONE = "none"
"""What stands for no quiet hours where there are some for everybody."""


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told, by which channel, of which episodes, at which levels."""

    channel: str
    to: Text | None = None
    """Address, for channels that take one."""
    coordinator: Text | None = None
    """Only of this coordinator's episodes."""
    site: Text | None = None
    """Only of this site's episodes."""
    levels: Annotated[tuple[Level, ...], Meta(min_length=1)] = (0,)
    """0: what opens and becomes overdue, and alerts; n: what is escalated to level n."""
    quiet_hours: Text | None = None
    """Their own; else those of the coordinator they are, else those for everybody."""
    time_zone: Text | None = None
    """By whose clocks their quiet hours are."""

    @property
    def name(self) -> str:
        """What to call them: the coordinator, the address, or the channel."""
        return self.coordinator or self.to or self.channel

    def covers(self, coordinator: str | None, site: str | None, level: int) -> bool:
        """Whether this one is told of such an episode at that level."""
        return (
            level in self.levels
            and self.coordinator in (None, coordinator)
            and self.site in (None, site)
        )


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Quiet hours of one coordinator, in words."""

    hours: str
    time_zone: str | None = None


class QuietHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When nothing but what is urgent goes out."""

    default: str | None = None
    coordinators: dict[str, str | Quiet] = {}

    def of(self, recipient: Recipient) -> Quiet:
        """Return the hours for a recipient, `none` if there are none, and the zone if it is said.

        They are theirs who are told, whoever coordinates the episode.
        """
        coordinator = self.of_coordinator(recipient.coordinator)
        return Quiet(
            recipient.quiet_hours or coordinator.hours, recipient.time_zone or coordinator.time_zone
        )

    def of_coordinator(self, coordinator: str | None) -> Quiet:
        """Return the hours of a coordinator, or those for everybody."""
        own = self.coordinators.get(coordinator or "", self.default or NONE)
        return own if isinstance(own, Quiet) else Quiet(own)


def hours(text: str) -> Hours | None:
    """Read hours, or that there are none. Raises UsageError."""
    return None if text == NONE else Hours.parse(text)
