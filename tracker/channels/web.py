"""Web requests that end when their time is over, however busy the server looks."""

import http.client
import ssl
import urllib.request
from functools import partial
from typing import Any

from tracker.channels.deadline import Deadline


def handlers(
    deadline: Deadline, context: ssl.SSLContext | None = None
) -> tuple[urllib.request.BaseHandler, urllib.request.BaseHandler]:
    """Return what opens http and https until the deadline; `context`: whom TLS trusts."""
    return _Http(deadline), _Https(deadline, context or ssl.create_default_context())


class _Connection(http.client.HTTPConnection):
    """A connection that has a deadline."""

    deadline: Deadline

    def connect(self) -> None:
        """Connect, and hand the connection over before TLS and the request."""
        super().connect()
        self.deadline.hold(self.sock)


class _TlsConnection(http.client.HTTPSConnection, _Connection):
    """The same with TLS."""


class _Http(urllib.request.HTTPHandler):
    """Opens plain connections."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Ask, and return the answer."""
        return self.do_open(partial(_connected, _Connection, self._deadline), req)


class _Https(urllib.request.HTTPSHandler):
    """Opens encrypted connections."""

    def __init__(self, deadline: Deadline, context: ssl.SSLContext) -> None:
        super().__init__()
        self._deadline = deadline
        self._trusted = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Ask, and return the answer."""
        connected = partial(_connected, _TlsConnection, self._deadline)
        return self.do_open(connected, req, context=self._trusted)


def _connected(
    kind: type[_Connection], deadline: Deadline, /, *place: Any, **options: Any
) -> http.client.HTTPConnection:
    connection = kind(*place, **options)
    connection.deadline = deadline
    return connection
