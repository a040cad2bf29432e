"""The options of a channel, by kind, as the site's configuration has them."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from tracker.channels.secret import Reference
from tracker.errors import UsageError

Text = Annotated[str, Meta(min_length=1, max_length=1000)]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""Of a channel."""
Seconds = Annotated[float, Meta(gt=0, le=300)]
_ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[^@\s,;:<>()\[\]\\\"]+")
_WRITTEN = re.compile(r"[!-~]+")
Port = Annotated[int, Meta(ge=1, le=65535)]


class Options(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """What every kind of channel has."""

    template: Text | None = None
    """File with other words for its messages."""

    def check(self, place: str) -> None:
        """Raise UsageError, naming the place, for options that do not go together."""

    def secrets(self, place: str) -> list[Reference]:
        """Return the secrets that it refers to."""
        return []


class ConsoleOptions(Options, tag="console"):
    """Lines on standard output."""


class FileOptions(Options, tag="file"):
    """Lines of JSON in a file."""

    path: Text


class SmtpOptions(Options, tag="smtp"):
    """Mail."""

    host: Text
    sender: Text
    port: Port | None = None
    """Default: 587 with starttls, 465 with tls, 25 with none."""
    security: Annotated[str, Meta(pattern="^(starttls|tls|none)$")] = "starttls"
    username: Text | None = None
    password_env: Text | None = None
    password_file: Text | None = None
    ca_file: Text | None = None
    timeout_seconds: Seconds = 30.0

    def check(self, place: str) -> None:
        """Refuse a login without a password, or in the clear, and a sender that is no address."""
        check_address(self.sender, f"{place}.sender")
        _at_most_one(place, "password", self.password_env, self.password_file)
        password = self.password_env or self.password_file
        if (self.username is None) != (password is None):
            raise UsageError(f"{place}: username and password_env or password_file go together")
        if self.username is not None and self.security == "none" and not is_loopback(self.host):
            hint = 'security = "starttls"'
            raise UsageError(f"{place}.security: a password would be sent in the clear", hint=hint)

    def secrets(self, place: str) -> list[Reference]:
        """Return the password, if there is a login."""
        if self.username is None:
            return []
        return [Reference(f"{place}.password", self.password_env, self.password_file)]


class WebhookOptions(Options, tag="webhook"):
    """A web address."""

    url: Text | None = None
    url_env: Text | None = None
    url_file: Text | None = None
    secret_env: Text | None = None
    secret_file: Text | None = None
    ca_file: Text | None = None
    timeout_seconds: Seconds = 10.0

    def check(self, place: str) -> None:
        """Refuse what does not name one address and one secret."""
        _exactly_one(place, ("url", "url_env", "url_file"), self.url, self.url_env, self.url_file)
        _exactly_one(place, ("secret_env", "secret_file"), self.secret_env, self.secret_file)
        if self.url is not None:
            check_url(self.url, f"{place}.url")

    def secrets(self, place: str) -> list[Reference]:
        """Return the shared secret, then the address if it is one."""
        found = [Reference(f"{place}.secret", self.secret_env, self.secret_file)]
        if self.url is None:
            found.append(Reference(f"{place}.url", self.url_env, self.url_file))
        return found


class AppriseOptions(Options, tag="apprise"):
    """An Apprise URL, which holds keys, so that it is never written here."""

    url_env: Text | None = None
    url_file: Text | None = None

    def check(self, place: str) -> None:
        """Refuse what does not name one URL."""
        _exactly_one(place, ("url_env", "url_file"), self.url_env, self.url_file)

    def secrets(self, place: str) -> list[Reference]:
        """Return the URL."""
        return [Reference(f"{place}.url", self.url_env, self.url_file)]


ChannelOptions = ConsoleOptions | FileOptions | SmtpOptions | WebhookOptions | AppriseOptions
KINDS = ("console", "file", "smtp", "webhook", "apprise")
BUILT_IN = CONSOLE, FILE = "console", "file"
"""Names of the channels that are there without being configured."""
ADDRESSED = (SmtpOptions, WebhookOptions)
"""Kinds whose recipients have addresses."""


def is_address(text: str) -> bool:
    """Whether that is one mail address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def check_address(address: str, place: str) -> None:
    """Raise UsageError for what is not one mail address."""
    if not is_address(address):
        raise UsageError(f"{place}: {address!r} is not a mail address", hint="name@example.org")


def check_url(url: str, place: str) -> None:
    """Raise UsageError for an address that cannot be posted to, or not safely; never shows it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or not _WRITTEN.fullmatch(url):
        raise UsageError(f"{place} is not a web address", hint="https://host/path")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"{place}: http would be read on the way", hint="https://")
    if parts.username is not None:
        raise UsageError(f"{place} holds a login", hint="url_env or url_file, and no login")


def is_loopback(host: str) -> bool:
    """Whether what is sent to that host stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _at_most_one(place: str, name: str, env: str | None, file: str | None) -> None:
    if env is not None and file is not None:
        raise UsageError(f"{place}: give {name}_env or {name}_file, not both")


def _exactly_one(place: str, names: tuple[str, ...], *values: str | None) -> None:
    if sum(value is not None for value in values) != 1:
        raise UsageError(f"{place} takes exactly one of {', '.join(names)}")
