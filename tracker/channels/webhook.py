"""Messages to a web address, signed so that the receiver can tell whom they are from."""

import datetime
import email.utils
import hashlib
import hmac
import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO
from urllib.parse import urlsplit

import msgspec

from tracker.channels.base import LONGEST_SEND, DeliveryError, Message
from tracker.channels.deadline import Deadline
from tracker.channels.web import handlers

_FINAL = frozenset({400, 413, 422})
"""What refuses the message itself. All else is the fault of the receiver, or of an address or a key
that somebody can mend."""
_LONGEST_WAIT = 86_400
"""Seconds to be left alone, at most, that are heeded."""

Clock = Callable[[], datetime.datetime]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of `timestamp.body`, as the header X-Tracker-Signature carries it."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class WebhookChannel:
    """Posts each message as JSON, once, following no redirection.

    X-Tracker-Timestamp: seconds since 1970 in UTC. Idempotency-Key: the message's id.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Clock,
        *,
        ca_file: str | None = None,
        timeout: float = 10.0,
        longest: float = LONGEST_SEND,
    ) -> None:
        """Take the address, the shared secret, the clock, and seconds of silence to bear.

        `longest`: seconds for the whole of it, however busy the receiver looks. `ca_file`: of
        certificates to trust instead of the system's.
        """
        self._url = url
        self._secret = secret
        self._clock = clock
        self._ca_file = ca_file
        self._timeout = timeout
        self._longest = longest

    def send(self, message: Message) -> None:
        """Post the message. Raises DeliveryError unless the answer is a 2xx."""
        with Deadline(self._longest) as deadline:
            try:
                with self._opener(deadline).open(self._request(message), timeout=self._timeout):
                    if deadline.passed:  # half an answer is none
                        raise TimeoutError
            except urllib.error.HTTPError as error:
                with error:
                    raise self._refused(error) from error
            except (OSError, http.client.HTTPException, UnicodeError) as error:
                # An address may hold a key: only the host of it is told.
                words = "not done in time" if deadline.passed else _words(error)
                raise DeliveryError(f"{urlsplit(self._url).hostname}: {words}") from error

    def _request(self, message: Message) -> urllib.request.Request:
        body = msgspec.json.encode(
            {
                "id": message.id,
                "subject": message.subject,
                "body": message.body,
                "to": message.to,
                "urgent": message.urgent,
                "data": message.data,
            }
        )
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "csf-tracker",
            "Idempotency-Key": message.id,
            "X-Tracker-Timestamp": timestamp,
            "X-Tracker-Signature": signature(self._secret, timestamp, body),
        }
        return urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310

    def _opener(self, deadline: Deadline) -> urllib.request.OpenerDirector:
        # The configuration admits http and https alone.
        context = ssl.create_default_context(cafile=self._ca_file)
        return urllib.request.build_opener(*handlers(deadline, context), _NoRedirection)

    def _refused(self, error: urllib.error.HTTPError) -> DeliveryError:
        return DeliveryError(
            f"{urlsplit(self._url).hostname} answered {error.code} {error.reason}",
            temporary=error.code not in _FINAL,
            retry_after=_wait(error.headers.get("Retry-After"), self._clock()),
        )


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """What is signed for one receiver goes to no other."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow nothing."""


def _wait(text: str | None, now: datetime.datetime) -> datetime.timedelta | None:
    """Read Retry-After: seconds, or an HTTP date."""
    if text is None:
        return None
    try:
        seconds: float = min(int(text), _LONGEST_WAIT)
    except ValueError:
        try:
            seconds = (email.utils.parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return datetime.timedelta(seconds=min(max(seconds, 0), _LONGEST_WAIT))


def _words(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    return str(reason) or type(reason).__name__
