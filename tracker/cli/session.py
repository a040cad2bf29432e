"""One invocation of the command line: its clock, its user, its database."""

import datetime
import os
import pwd
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache, cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import click
import msgspec

from tracker import times
from tracker.cli.failures import say
from tracker.cli.looks import Looks
from tracker.cli.zones import zone_of
from tracker.config import Location, Settings, locate, read_defaults, read_settings
from tracker.errors import (
    AmbiguousError,
    NotFoundError,
    UsageError,
)
from tracker.events import Recorded, real_instant

if TYPE_CHECKING:
    from projections.index import EpisodeRef
    from tracker.episode import Judge, Meta
    from tracker.pathway.protocol import Protocol
    from tracker.service import Service
    from tracker.store.database import Database
    from tracker.store.replica import Lag
    from tracker.store.sealing import Seals


def clock() -> datetime.datetime:
    """Return the present instant; the only clock of the command line."""
    return real_instant(datetime.datetime.now(datetime.UTC))


def login() -> str:
    """Return the name of the user of the operating system, whatever the environment says of it."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
    # A name that is no text is kept as an escape; it could be stored in no other way.
    return name.encode("utf-8", "backslashreplace").decode()


_LONGEST_NAME = 200
_NAMED = 10
"""Episodes that are named at most when rows lag."""


class Session:
    """What a command works with; ends with the invocation."""

    def __init__(
        self,
        home: str | None = None,
        database: str | None = None,
        on_behalf_of: str | None = None,
        purpose: str | None = None,
        access: str | None = None,
        now: Callable[[], datetime.datetime] = clock,
        glass: str | None = None,
    ) -> None:
        """Keep the options of the root command, and the clock.

        Raises UsageError for a name on whose behalf nobody can act.
        """
        if on_behalf_of is not None and not 1 <= len(on_behalf_of.strip()) <= _LONGEST_NAME:
            raise UsageError(f"--on-behalf-of takes a name of 1 to {_LONGEST_NAME} characters")
        for option, text in (("--purpose", purpose), ("--break-glass", glass)):
            if text is not None and not 1 <= len(text.strip()) <= _LONGEST_NAME:
                raise UsageError(f"{option} takes 1 to {_LONGEST_NAME} characters")
        self.now = now
        self.home_option = home
        self._database = database
        self._access = access
        self.on_behalf_of = on_behalf_of
        self.purpose = purpose
        self.glass = None if glass is None else glass.strip()
        self.looks = Looks(self)
        self.loosely: str | None = None
        """What was typed for the episode, if it only begins its reference."""
        self._stack = ExitStack()
        self._service: Service | None = None
        self._elsewhere: Database | None = None
        self._settings: Settings | None = None
        self._replica: Lag | None = None

    @property
    def location(self) -> Location:
        """Where the data is."""
        return locate(self.home_option, self._database, os.environ)

    @property
    def settings(self) -> Settings:
        """Return the defaults kept beside the data."""
        if self._settings is None:
            self._settings = read_settings(self.location)
        return self._settings

    @property
    def defaults(self) -> Settings:
        """Return the same; what is wrong in the rest of the file is told and keeps nothing back."""
        try:
            return self.settings
        except UsageError as error:
            found = read_defaults(self.location)
            say(f"Nobody can be told of anything: {error.message}. Try: {error.hint}")
            return found

    @cached_property
    def actor(self) -> str:
        """Who types: the login of the database, for a file the user of the operating system."""
        if self.location.database_url is None:
            return login()
        from tracker.store.database import open_database

        service = self._service
        database = service.database if service else self.keep(open_database(self.location))
        return database.login or login()

    @property
    def exists(self) -> bool:
        """Whether there is a database where the data is to be."""
        from tracker.store.database import FILE_NAME

        location = self.location
        return location.database_url is not None or (location.home / FILE_NAME).exists()

    def service(self, *, create: bool = False) -> "Service":
        """Return the database, opened when it is first asked for and closed at the end.

        `create` makes the data directory if there is none. Raises StoreError with a hint.
        """
        if self._service is None:
            from tracker.service import Service  # imports the database library

            self._service = self._stack.enter_context(
                Service.open(self.location, self.now, create=create)
            )
            self._begin(self._service, create=create)
        return self._service

    @property
    def recorded(self) -> bool:
        """Whether this invocation has recorded any event."""
        return self._service is not None and self._service.recorded

    @property
    def replica(self) -> "Lag | None":
        """How far what is read is behind, where it is a server's copy; None if nothing is read."""
        return self._replica

    def _begin(self, service: "Service", *, create: bool) -> None:
        from tracker.cli import introduction, rights

        introduction.introduce(service, created=create, demonstrates=self.now is clock)
        if self.home_option and self._database and self.looks.during is None:  # no shell completes
            introduction.say_which(service)
        self._replica = introduction.lag_of(service)
        rights.claim(service, self.glass, self.on_behalf_of)

    def episode(self, ref: str) -> "EpisodeRef":
        """Return the episode a person means, and note the look at it.

        Says so if a reference only begins as it was typed. Raises NotFoundError listing candidates.
        """
        from projections.index import only_begins_reference

        found = self._looked_at(lambda: self.service().resolve(ref))
        self.loosely = ref if only_begins_reference(found, ref) else None
        if self.loosely is not None:
            say(f"{ref} is only the beginning of the reference of {found.label}.")
        return found

    def recorded_episode(self, ref: str) -> "EpisodeRef":
        """Return the same by what the log says, whatever has become of the index."""
        from tracker.audit.naming import recorded_episode

        return self._looked_at(lambda: recorded_episode(self.service(), ref))

    def _looked_at(self, resolve: "Callable[[], EpisodeRef]") -> "EpisodeRef":
        try:
            found = resolve()
        except AmbiguousError as error:
            self.looks.found(error.episodes)
            raise
        except NotFoundError as error:
            from tracker.cli.rights import not_found

            raise not_found(self.service(), error) from error
        self.looks.at(found.uuid)
        if self.glass is not None:
            self.looks.record()  # whatever comes of it, for whom the glass was broken is known
        return found

    def seals(self) -> "Seals | None":
        """Return what seals the tracker, None where it is not encrypted."""
        return self.service().database.seals

    def access_log(self) -> "Database":
        """Return the database that looks are recorded in. Raises StoreError when it is not there.

        It is the one that is read, unless that is a copy whose looks go elsewhere.
        """
        from tracker.access import settings

        elsewhere = settings.primary(self._access, self.location, os.environ)
        if elsewhere is None:
            return self.service().database
        if self._elsewhere is None:
            from tracker.access import original
            from tracker.access.recording import opened

            kept = self.keep(opened(elsewhere))
            original.check(self.service().database, kept)
            self._elsewhere = kept  # only now: who asks again is not to be let through
        return self._elsewhere

    def incomplete(self, *episodes: "EpisodeRef") -> bool:
        """Say whose rows lag behind the log, of some episodes or of all; return whether any do."""
        from tracker.cli.rights import say_missing

        keys = {mark.episode_key for mark in self.service().parked()}
        if episodes:
            keys &= {ref.key for ref in episodes}
        names = [self.service().name_of(key) for key in sorted(keys)[:_NAMED]]
        if names:
            if not episodes:
                self.looks.listed(len(names), incomplete=True)
            more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
            say(f"Incomplete: {', '.join(names)}{more} (tracker projections status)")
        missing = not episodes and say_missing(self.service())
        return bool(names) or missing

    def instant(
        self, text: str, zone: str, direction: times.Direction = "past"
    ) -> datetime.datetime:
        """Return the instant a person means in a zone. Raises UsageError with a hint."""
        return times.resolve(text, zone, self.now(), direction)

    def instants(self, history: Callable[[], Sequence[Recorded]]) -> times.Instants:
        """Return what reads the times people write about an episode, in its zone.

        `history` is asked for its events when the first time is read.
        """

        def read(text: str, direction: times.Direction) -> datetime.datetime:
            return self.instant(text, zone(), direction)

        @cache
        def zone() -> str:
            return zone_of(history())

        return read

    def instants_of(self, uuid: UUID) -> times.Instants:
        """Return what reads the times people write about an episode that is not read yet."""
        return self.instants(lambda: self.service().history(uuid))

    def meta(
        self,
        occurred_at: datetime.datetime | None = None,
        event_id: str | None = None,
        source: str = "cli",
    ) -> "Meta":
        """Return who says it and when, for a decision."""
        from tracker.episode import Meta

        return Meta(
            now=self.now(),
            actor=self.actor,
            occurred_at=occurred_at,
            id=event_id,
            on_behalf_of=self.on_behalf_of,
            source=source,
        )

    def limited(self, meta: "Meta", topic: str) -> "Meta":
        """Return who says it, with what the site allows for an event of that topic.

        Raises UsageError for a configuration that cannot be read.
        """
        if topic != "reminder-snoozed":
            return meta
        from tracker.channels.settings import read_site  # nothing else that is recorded needs it

        longest = read_site(self.location).scheduler.longest_snooze
        return msgspec.structs.replace(meta, longest_snooze=longest)

    def meta_at(self, uuid: UUID, at: str | None, event_id: str | None) -> "Meta":
        """Return who says it, and when a person says it was true."""
        when = None if at is None else self.instants_of(uuid)(at, "past")
        return self.meta(when, event_id)

    def judge(self) -> "Judge":
        """Return what evaluates a history now, by the protocol that history is on."""
        service, now = self.service(), self.now()
        return lambda history: service.judge.status(history, now)

    def protocol_of(self, history: Sequence[Recorded]) -> "Protocol":
        """Return the protocol that judges a history now."""
        from tracker.history import timeline
        from tracker.pathway import protocol_name

        return self.service().protocol(protocol_name(timeline(history)))

    def keep(self, database: "Database") -> "Database":
        """Close another database too when the invocation ends, and return it."""
        return self._stack.enter_context(database)

    def close(self) -> None:
        """Close the database."""
        self._stack.close()


pass_session = click.make_pass_decorator(Session)
