"""Messages by mail."""

import datetime
import email.policy
import email.utils
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from tracker.channels.base import DeliveryError, Message
from tracker.channels.options import is_address

Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_REFUSED = 500
"""From this reply on a server asks not to be sent the same again."""


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
        try:
            with _connection(self._server) as smtp:
                smtp.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            raise _refused("the recipient", code, reply) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _refused("the message", error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            # Connecting, TLS, logging in: what is wrong is not the message, and can be mended.
            raise DeliveryError(f"{self._server.host}: {_words(error)}") from error

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


@contextmanager
def _connection(server: SmtpServer) -> Iterator[smtplib.SMTP]:
    smtp = _connected(server)
    try:
        if server.security == "starttls":
            smtp.starttls(context=_context(server))
        if server.username is not None:
            smtp.login(server.username, server.password or "")
        yield smtp
        # The server has the mail: whatever happens while leaving, it is not to be sent again.
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _connected(server: SmtpServer) -> smtplib.SMTP:
    if server.security != "tls":
        return smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    return smtplib.SMTP_SSL(
        server.host, server.port, timeout=server.timeout, context=_context(server)
    )


def _context(server: SmtpServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file)


def _refused(what: str, code: int, reply: bytes | str) -> DeliveryError:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return DeliveryError(f"{what} was refused: {code} {text}", temporary=code < _REFUSED)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the login was refused ({error.smtp_code})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, UnicodeError):  # its own words may show a part of the password
        return "the host, the user or the password holds what cannot be sent"
    return str(error) or type(error).__name__
