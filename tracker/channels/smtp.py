"""Messages by mail."""

import datetime
import email.policy
import email.utils
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from tracker.channels.base import LONGEST_SEND, DeliveryError, Message
from tracker.channels.deadline import Deadline
from tracker.channels.options import is_address

Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_ENHANCED = re.compile(r"(?:^|#)([245])\.(\d{1,3})\.(\d{1,3})\b")
"""The code of RFC 3463 in a reply; some servers put it at the end."""
_SENDERS = ("7", "8")
"""Among the codes about addresses, 5.1.7 and 5.1.8 are about that of the sender."""
_UNAVAILABLE = 550
_GOOD_BYE = 5.0
"""Seconds for leaving, once the mail was taken."""


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    security: Security
    """starttls and tls check the server's certificate and never fall back to plain text."""
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    """Certificates to trust instead of the system's."""
    timeout: float = 30.0
    """Seconds for which the server may be silent."""
    longest: float = LONGEST_SEND
    """Seconds for the whole of it, however busy the server looks."""


class SmtpChannel:
    """Hands each message to a mail server."""

    def __init__(
        self, server: SmtpServer, sender: str, clock: Callable[[], datetime.datetime]
    ) -> None:
        """Take the server, the address that mail comes from, and the clock that dates it."""
        self._server = server
        self._sender = sender
        self._clock = clock

    def send(self, message: Message) -> None:
        """Hand the message in. Raises DeliveryError."""
        mail = self._mail(message)
        with Deadline(self._server.longest) as deadline:
            try:
                with _connection(self._server, deadline) as smtp:
                    smtp.send_message(mail)
            except smtplib.SMTPRecipientsRefused as error:
                code, reply = next(iter(error.recipients.values()))
                final = code == _UNAVAILABLE and not _about_relaying(reply)
                raise _refused("the recipient", code, reply, final=final) from error
            except smtplib.SMTPSenderRefused as error:
                text = f"the sender was refused: {error.smtp_code} {_text(error.smtp_error)}"
                raise DeliveryError(text) from error
            except smtplib.SMTPDataError as error:
                raise _refused("the message", error.smtp_code, error.smtp_error) from error
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                # Connecting, TLS, logging in: what is wrong is not the message, and can be mended.
                words = "not done in time" if deadline.passed else _words(error)
                raise DeliveryError(f"{self._server.host}: {words}") from error

    def _mail(self, message: Message) -> EmailMessage:
        if message.to is None or not is_address(message.to):
            raise DeliveryError(f"{message.to!r} is not a mail address", temporary=False)
        mail = EmailMessage(policy=email.policy.SMTP)
        mail["From"], mail["To"] = self._sender, message.to
        mail["Subject"] = " ".join(message.subject.split())
        domain = self._sender.rpartition("@")[2]
        mail["Message-ID"] = f"<{message.id}@{domain}>"
        mail["Date"] = email.utils.format_datetime(self._clock())
        mail["Auto-Submitted"] = "auto-generated"
        if message.urgent:
            mail["Importance"] = "high"
        mail.set_content(message.body)
        return mail


class _Smtp(smtplib.SMTP):
    """A connection that has a deadline."""

    def __init__(self, server: SmtpServer, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(server.host, server.port, timeout=server.timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._deadline.hold(found)
        return found


class _SmtpOverTls(smtplib.SMTP_SSL, _Smtp):
    """The same, encrypted before a word is said."""

    def __init__(self, server: SmtpServer, deadline: Deadline) -> None:
        self._deadline = deadline
        smtplib.SMTP_SSL.__init__(
            self, server.host, server.port, timeout=server.timeout, context=_context(server)
        )


@contextmanager
def _connection(server: SmtpServer, deadline: Deadline) -> Iterator[smtplib.SMTP]:
    smtp = (_SmtpOverTls if server.security == "tls" else _Smtp)(server, deadline)
    try:
        if server.security == "starttls":
            smtp.starttls(context=_context(server))
        if server.username is not None:
            smtp.login(server.username, server.password or "")
        yield smtp
        # The server has the mail: whatever happens while leaving, it is not to be sent again.
        deadline.only(_GOOD_BYE)
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _context(server: SmtpServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file)


def _refused(what: str, code: int, reply: bytes | str, *, final: bool = False) -> DeliveryError:
    """Return the failure: final if there is no such recipient, `final` where no code says more.

    All else can be mended: a policy, a relay that wants a login, a full mailbox.
    """
    found = _ENHANCED.search(_text(reply))
    if found is not None:
        kind, subject, detail = found.groups()
        final = (kind, subject) == ("5", "1") and detail not in _SENDERS
    return DeliveryError(f"{what} was refused: {code} {_text(reply)}", temporary=not final)


def _about_relaying(reply: bytes | str) -> bool:
    """Whether the server refuses to pass mail on; some say so with the code of the unknown."""
    return "relay" in _text(reply).lower()


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the login was refused ({error.smtp_code})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, UnicodeError):  # its own words may show a part of the password
        return "the host, the user or the password holds what cannot be sent"
    return str(error) or type(error).__name__
