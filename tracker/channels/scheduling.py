"""What a site may set about its schedulers: the table `[scheduler]`."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tracker.channels.options import Name, Text, check_url
from tracker.channels.secret import Reference
from tracker.errors import UsageError

_PLACE = "scheduler"


class Scheduling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a silence is an outage, when a clock is wrong, when to give up, who hears of it."""

    outage_hours: Annotated[float, Meta(gt=0, le=8760, extra={"unit": "h"})] = 6.0
    """After so long without a tick what fell due goes out in one message per recipient."""
    silence_minutes: Annotated[float, Meta(gt=0, le=525_600, extra={"unit": "min"})] = 60.0
    """After so long without a tick the schedulers count as lost and `doctor` fails."""
    clock_tolerance_minutes: Annotated[float, Meta(ge=0, le=1440, extra={"unit": "min"})] = 5.0
    """So much may the clock be behind the newest event."""
    bundle_above: Annotated[int, Meta(ge=1, le=1_000_000)] = 5
    """More routine messages than this that one recipient could get at once go out as one."""
    longest_snooze_days: Annotated[float, Meta(gt=0, le=366, extra={"unit": "d"})] = 7.0
    """So long a reminder can be kept quiet at once."""
    max_attempts: Annotated[int, Meta(ge=1, le=100)] = 12
    """After so many attempts, over about six hours, a message is dead; not if it is urgent."""
    fallback: Name | None = None
    """Channel for what none of its own channels delivers."""
    ping_url: Text | None = None
    """Asked for after each good tick, so that somebody else notices when none comes."""
    ping_url_env: Text | None = None
    ping_url_file: Text | None = None

    @property
    def outage(self) -> datetime.timedelta:
        """From how long a silence on it is an outage."""
        return datetime.timedelta(hours=self.outage_hours)

    @property
    def silence(self) -> datetime.timedelta:
        """After how long a silence the schedulers are lost."""
        return datetime.timedelta(minutes=self.silence_minutes)

    @property
    def longest_snooze(self) -> datetime.timedelta:
        """For how long a reminder can be kept quiet at once."""
        return datetime.timedelta(days=self.longest_snooze_days)

    @property
    def clock_tolerance(self) -> datetime.timedelta:
        """How much the clock may be behind."""
        return datetime.timedelta(minutes=self.clock_tolerance_minutes)

    def check(self) -> None:
        """Raise UsageError, naming the place, for more than one address, or what is none."""
        given = (self.ping_url, self.ping_url_env, self.ping_url_file)
        if sum(value is not None for value in given) > 1:
            raise UsageError(f"{_PLACE}: give one of ping_url, ping_url_env and ping_url_file")
        if self.ping_url is not None:
            check_url(self.ping_url, f"{_PLACE}.ping_url")

    def ping_address(self, directory: Path, environ: Mapping[str, str]) -> str | None:
        """Return the address to ask for, None if there is none. Raises UsageError."""
        if self.ping_url is not None:
            return self.ping_url
        if self.ping_url_env is None and self.ping_url_file is None:
            return None
        reference = Reference(f"{_PLACE}.ping_url", self.ping_url_env, self.ping_url_file)
        address = reference.read(directory, environ)
        check_url(address, f"{_PLACE}.ping_url")
        return address
