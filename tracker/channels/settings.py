"""The site's configuration: channels, who is told what, quiet hours, the digest."""

import datetime
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from tracker import times
from tracker.channels.checkpoints import Checkpoints
from tracker.channels.hours import latest, quiet_until
from tracker.channels.options import (
    ADDRESSED,
    BUILT_IN,
    KINDS,
    ChannelOptions,
    Name,
    SmtpOptions,
    check_address,
)
from tracker.channels.people import QuietHours, Recipient, hours
from tracker.channels.scheduling import Scheduling
from tracker.config import Location, check_keys, read_document
from tracker.decoding import convert
from tracker.errors import UsageError
from tracker.nearest import meant


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The daily digest."""

    hour: Annotated[int, Meta(ge=0, le=23)] = 7
    """Full hour, by the clocks of the coordinator."""
    enabled: bool = True


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that says who is told what, and when."""

    directory: Path
    """Where paths in it start from."""
    time_zone: str
    channels: Mapping[str, ChannelOptions] = {}
    recipients: tuple[Recipient, ...] = ()
    quiet_hours: QuietHours = QuietHours()
    digest: Digest = Digest()
    scheduler: Scheduling = Scheduling()
    checkpoint: Checkpoints = Checkpoints()

    def recipients_for(
        self, coordinator: str | None, site: str | None, level: int = 0
    ) -> list[Recipient]:
        """Return who is told of an episode at a level."""
        return [r for r in self.recipients if r.covers(coordinator, site, level)]

    def zone_of(self, coordinator: str | None) -> str:
        """Return the time zone by whose clocks a coordinator works."""
        return self.quiet_hours.of_coordinator(coordinator).time_zone or self.time_zone

    def quiet_until(self, recipient: Recipient, now: datetime.datetime) -> datetime.datetime | None:
        """Return when the quiet hours of who is told end, None if it is not quiet for them now."""
        quiet = self.quiet_hours.of(recipient)
        found = hours(quiet.hours)
        return found and quiet_until(found, self.zone_for(recipient), now)

    def zone_for(self, recipient: Recipient) -> str:
        """Return the time zone by whose clocks a recipient's quiet hours are."""
        return self.quiet_hours.of(recipient).time_zone or self.time_zone

    def digest_at(
        self, coordinator: str | None, now: datetime.datetime
    ) -> datetime.datetime | None:
        """Return when a coordinator's latest digest was to go out; None if there are none."""
        if not self.digest.enabled:
            return None
        return latest(self.digest.hour, self.zone_of(coordinator), now)


def read_site(location: Location) -> Site:
    """Read the configuration of a location; without a file nobody is told anything.

    Raises UsageError naming the file and the place that is wrong, StoreError if it is unreadable.
    """
    file = location.config_file
    document = read_document(location)
    check_keys(location, document)
    try:
        return _site(document, file.parent)
    except UsageError as error:
        raise UsageError(f"{file}: {error.message}", hint=error.hint) from error


def _site(document: Mapping[str, Any], directory: Path) -> Site:
    tables = _converted(document.get("channels", {}), dict[Name, dict[str, Any]], "channels")
    channels = {name: _channel(name, table) for name, table in tables.items()}
    rows = _converted(document.get("recipients", []), list[Any], "recipients")
    site = Site(
        directory=directory,
        time_zone=_converted(document.get("time_zone"), str | None, "time_zone")
        or times.system_zone(),
        channels=channels,
        recipients=tuple(
            _recipient(row, f"recipients[{number}]", channels) for number, row in enumerate(rows, 1)
        ),
        quiet_hours=_converted(document.get("quiet_hours", {}), QuietHours, "quiet_hours"),
        digest=_converted(document.get("digest", {}), Digest, "digest"),
        scheduler=_converted(document.get("scheduler", {}), Scheduling, "scheduler"),
        checkpoint=_converted(document.get("checkpoint", {}), Checkpoints, "checkpoint"),
    )
    _check(site)
    return site


def _channel(name: str, table: dict[str, Any]) -> ChannelOptions:
    place = f"channels.{name}"
    if "kind" not in table:
        raise UsageError(f"{place} has no kind", hint=f"the kinds are {', '.join(KINDS)}")
    options: ChannelOptions = _converted(table, ChannelOptions, place)
    options.check(place)
    return options


def _recipient(row: Any, place: str, channels: Mapping[str, ChannelOptions]) -> Recipient:
    recipient: Recipient = _converted(row, Recipient, place)
    options = channels.get(recipient.channel)
    if options is None:
        near = meant(recipient.channel, channels, "the channels are")
        hint = near if channels else "[channels.NAME]"
        raise UsageError(f"{place}: there is no channel {recipient.channel!r}", hint=hint)
    if isinstance(options, SmtpOptions):
        if recipient.to is None:
            raise UsageError(f"{place}: mail needs an address", hint='to = "name@example.org"')
        check_address(recipient.to, f"{place}.to")
    elif recipient.to is not None and not isinstance(options, ADDRESSED):
        raise UsageError(f"{place}: the channel {recipient.channel!r} takes no address")
    return recipient


def _check_fallback(name: str, channels: Mapping[str, ChannelOptions]) -> None:
    place = "scheduler.fallback"
    if name not in channels and name not in BUILT_IN:
        hint = meant(name, dict.fromkeys((*channels, *BUILT_IN)), "the channels are")
        raise UsageError(f"{place}: there is no channel {name!r}", hint=hint)
    if isinstance(channels.get(name), SmtpOptions):
        raise UsageError(f"{place}: {name!r} needs an address", hint='fallback = "file"')


def _check(site: Site) -> None:
    site.scheduler.check()
    site.checkpoint.check()
    if site.checkpoint.channel is not None:
        row = {"channel": site.checkpoint.channel, "to": site.checkpoint.to}
        _recipient(row, "checkpoint", site.channels)
    if site.scheduler.fallback is not None:
        _check_fallback(site.scheduler.fallback, site.channels)
    for number, recipient in enumerate(site.recipients, 1):
        if recipient in site.recipients[: number - 1]:
            raise UsageError(f"recipients[{number}] is there twice: it would be told twice")
    _named("time_zone", site.time_zone, times.zone)
    quiet = site.quiet_hours
    if quiet.default is not None:
        _named("quiet_hours.default", quiet.default, hours)
    for name in quiet.coordinators:
        place, own = f"quiet_hours.coordinators.{name}", quiet.of_coordinator(name)
        _check_hours(place, own.hours, f"{place}.time_zone", own.time_zone)
    for number, recipient in enumerate(site.recipients, 1):
        place, zone = f"recipients[{number}]", recipient.time_zone
        _check_hours(f"{place}.quiet_hours", recipient.quiet_hours, f"{place}.time_zone", zone)


def _check_hours(place: str, text: str | None, zone_place: str, zone: str | None) -> None:
    if text is not None:
        _named(place, text, hours)
    if zone is not None:
        _named(zone_place, zone, times.zone)


def _named(place: str, text: str, read: Callable[[str], object]) -> None:
    """Read a text; what is wrong with it is told with its place."""
    try:
        read(text)
    except UsageError as error:
        raise UsageError(f"{place}: {error.message}", hint=error.hint) from error


_UNKNOWN = re.compile("unknown field `([^`]+)`")
_INLINE = ("password", "secret", "token", "url", "key")


def _fields(value: Any, kind: Any) -> list[str]:
    """Return the fields that a table may have; those of a channel follow from its kind."""
    said = value.get("kind") if isinstance(value, dict) else None
    structs = get_args(kind) or (kind,)
    named = [s for s in structs if len(structs) == 1 or s.__struct_config__.tag == said]
    return [name for struct in named for name in struct.__struct_encode_fields__]


def _converted(value: Any, kind: Any, place: str) -> Any:
    try:
        return convert(value, kind)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        hint = None
        unknown = _UNKNOWN.search(what)
        if unknown is not None and unknown[1] in _INLINE:
            hint = "secrets are not kept here: name a variable (..._env) or a file (..._file)"
        elif unknown is not None:
            hint = meant(unknown[1], _fields(value, kind), "the fields are")
        if path.startswith(".kind"):
            hint = f"the kinds are {', '.join(KINDS)}"
        raise UsageError(f"{place}{path.rstrip('`')}: {what}", hint=hint) from error
