"""Channels as the site configures them, each made when it is first asked for."""

import datetime
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

from tracker.channels.base import Channel
from tracker.channels.options import (
    ChannelOptions,
    ConsoleOptions,
    FileOptions,
    SmtpOptions,
    WebhookOptions,
    check_url,
)
from tracker.channels.settings import Site
from tracker.channels.template import DEFAULT, Template, read_template
from tracker.errors import NotFoundError, UsageError


class Channels:
    """The channels of a site, by name."""

    def __init__(
        self,
        site: Site,
        *,
        clock: Callable[[], datetime.datetime],
        write: Callable[[str], None],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Take the configuration, the clock, what writes a line to the console, and the secrets."""
        self.site = site
        self._clock = clock
        self._write = write
        self._environ = environ
        self._made: dict[str, Channel] = {}

    def get(self, name: str) -> Channel:
        """Return a channel.

        Raises NotFoundError if there is none of that name, UsageError if a secret, a certificate
        or Apprise is missing.
        """
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def template(self, name: str) -> Template:
        """Return the words for a channel's messages. Raises UsageError naming the place."""
        chosen = self._options(name).template
        if chosen is None:
            return DEFAULT
        return read_template(self._path(chosen), f"channels.{name}.template")

    def _options(self, name: str) -> ChannelOptions:
        options = self.site.channels.get(name)
        if options is None:
            known = ", ".join(self.site.channels) or "none"
            raise NotFoundError(f"there is no channel {name!r}", hint=f"the channels are: {known}")
        return options

    def _path(self, text: str) -> Path:
        return self.site.directory / Path(text).expanduser()

    def _make(self, name: str) -> Channel:
        options, place = self._options(name), f"channels.{name}"
        secrets = [
            reference.read(self.site.directory, self._environ)
            for reference in options.secrets(place)
        ]
        if isinstance(options, ConsoleOptions):
            from tracker.channels.console import ConsoleChannel

            return ConsoleChannel(self._write)
        if isinstance(options, FileOptions):
            from tracker.channels.file import FileChannel

            with suppress(OSError):  # what writes there says so
                # Beside a database URL nobody may have made it yet.
                self.site.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            return FileChannel(self._path(options.path))
        if isinstance(options, SmtpOptions):
            return self._smtp(options, place, secrets)
        if isinstance(options, WebhookOptions):
            return self._webhook(options, place, secrets)
        return _apprise(place, secrets)

    def _smtp(self, options: SmtpOptions, place: str, secrets: list[str]) -> Channel:
        from tracker.channels.smtp import PORTS, Security, SmtpChannel, SmtpServer

        security = cast(Security, options.security)
        server = SmtpServer(
            host=options.host,
            port=options.port or PORTS[security],
            security=security,
            username=options.username,
            password=secrets[0] if secrets else None,
            ca_file=self._ca_file(options.ca_file, place),
            timeout=options.timeout_seconds,
        )
        return SmtpChannel(server, options.sender, self._clock)

    def _webhook(self, options: WebhookOptions, place: str, secrets: list[str]) -> Channel:
        from tracker.channels.webhook import WebhookChannel

        url = options.url or secrets[1]
        check_url(url, f"{place}.url")
        return WebhookChannel(
            url,
            secrets[0],
            self._clock,
            ca_file=self._ca_file(options.ca_file, place),
            timeout=options.timeout_seconds,
        )

    def _ca_file(self, text: str | None, place: str) -> str | None:
        if text is None:
            return None
        path = self._path(text)
        if not path.is_file():
            raise UsageError(f"{place}.ca_file: {path} is not a file")
        return str(path)


def _apprise(place: str, secrets: list[str]) -> Channel:
    from tracker.channels.apprise import AppriseChannel

    try:
        return AppriseChannel(secrets[0])
    except UsageError as error:
        raise UsageError(f"{place}: {error.message}", hint=error.hint) from error
