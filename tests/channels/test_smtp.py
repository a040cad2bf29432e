"""Mail, handed to real servers."""

import email
import email.policy
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from tests.channels.conftest import MESSAGE, NOW, Certificate, now
from tests.channels.servers import HOST, STEPS, Mailbox, mail_server, unused_port
from tracker.channels import smtp
from tracker.channels.base import DeliveryError, Message
from tracker.channels.deadline import Deadline
from tracker.channels.smtp import Security, SmtpChannel, SmtpServer
from tracker.outbox.attempt import Attempt


def channel(
    port: int, security: Security = "none", *, ca_file: str | None = None,
    password: str | None = None, timeout: float = 10, longest: float = 30,
) -> SmtpChannel:  # fmt: skip
    """Return a channel to a server on this machine."""
    user = None if password is None else "tracker"
    server = SmtpServer(
        host=HOST, port=port, security=security, username=user, password=password,
        ca_file=ca_file, timeout=timeout, longest=longest,
    )  # fmt: skip
    return SmtpChannel(server, "tracker@example.org", now)


def failure(sender: SmtpChannel, message: Message = MESSAGE) -> DeliveryError:
    """Send what must fail, and return how."""
    with pytest.raises(DeliveryError) as caught:
        sender.send(message)
    return caught.value


def mail(box: Mailbox) -> EmailMessage:
    """Return the one mail that arrived."""
    [envelope] = box.taken
    content = envelope.content
    assert isinstance(content, bytes)
    return email.message_from_bytes(content, policy=email.policy.default)


def test_a_mail_arrives() -> None:
    """A message comes as a mail with its subject, its body and its address."""
    with mail_server() as box:
        channel(box.port).send(MESSAGE)
    assert box.taken[0].rcpt_tos == ["ward@example.org"]
    told = mail(box)
    assert (told["Subject"], told["From"]) == (MESSAGE.subject, "tracker@example.org")
    assert told.get_content().replace("\r\n", "\n") == MESSAGE.body


def test_a_mail_has_the_id_of_its_message() -> None:
    """Sent again, the mail has the same Message-ID; it is dated by the clock and marked as made."""
    with mail_server() as box:
        channel(box.port).send(MESSAGE)
    told = mail(box)
    assert told["Message-ID"] == f"<{MESSAGE.id}@example.org>"
    assert told["Date"].datetime == NOW
    assert told["Auto-Submitted"] == "auto-generated"
    assert told["Importance"] is None


def test_an_urgent_mail_says_so() -> None:
    """What is urgent is marked as important."""
    urgent = Message(id="1", subject="Urgent", body="Now", to="a@example.org", urgent=True)
    with mail_server() as box:
        channel(box.port).send(urgent)
    assert mail(box)["Importance"] == "high"


def test_a_subject_adds_no_header() -> None:
    """A line break in a subject becomes a space."""
    sly = Message(id="1", subject="a\r\nBcc: b@example.org", body="", to="a@example.org")
    with mail_server() as box:
        channel(box.port).send(sly)
    assert mail(box)["Subject"] == "a Bcc: b@example.org"
    assert box.taken[0].rcpt_tos == ["a@example.org"]


def test_starttls_encrypts(certificate: Certificate) -> None:
    """With starttls the mail goes over an encrypted connection."""
    with mail_server(starttls=certificate.server) as box:
        channel(box.port, "starttls", ca_file=certificate.ca_file).send(MESSAGE)
    assert box.encrypted == [True]


def test_tls_encrypts_from_the_start(certificate: Certificate) -> None:
    """With tls the connection is encrypted before a word is said."""
    with mail_server(tls=certificate.server) as box:
        channel(box.port, "tls", ca_file=certificate.ca_file).send(MESSAGE)
    assert len(box.taken) == 1


def test_an_unknown_certificate_is_not_trusted(certificate: Certificate) -> None:
    """A certificate by an authority that is not trusted stops the mail; trying again may help."""
    with mail_server(starttls=certificate.server) as box:
        error = failure(channel(box.port, "starttls"))
        assert error.temporary
        assert "certificate" in error.detail
    assert box.taken == []


def test_no_fall_back_to_plain_text() -> None:
    """A server that offers no TLS gets nothing from a channel that wants it."""
    with mail_server() as box:
        assert "STARTTLS" in failure(channel(box.port, "starttls")).detail
    assert box.taken == []


def test_login(certificate: Certificate) -> None:
    """With the right password the mail is taken."""
    with mail_server(starttls=certificate.server, auth=True) as box:
        sender = channel(box.port, "starttls", ca_file=certificate.ca_file, password="open sesame")
        sender.send(MESSAGE)
    assert box.users == [b"tracker"]
    assert len(box.taken) == 1


def test_a_wrong_password_can_be_mended(certificate: Certificate) -> None:
    """A refused login is no fault of the message, and tells no password."""
    with mail_server(starttls=certificate.server, auth=True) as box:
        sender = channel(box.port, "starttls", ca_file=certificate.ca_file, password="guess")
        error = failure(sender)
    assert error.temporary
    assert "535" in error.detail
    assert "guess" not in error.detail


def test_a_password_that_cannot_be_sent(certificate: Certificate) -> None:
    """A password beyond ASCII fails the delivery, and no part of it is told."""
    with mail_server(starttls=certificate.server, auth=True) as box:
        sender = channel(box.port, "starttls", ca_file=certificate.ca_file, password="schlüssel")
        error = failure(sender)
    assert error.temporary
    assert "ü" not in error.detail
    assert "xfc" not in error.detail


@pytest.mark.parametrize(
    ("word", "answer", "temporary"),
    [
        ("RCPT", "451 later", True),
        ("RCPT", "550 no such user", False),
        ("RCPT", "550 5.1.1 unknown", False),
        ("RCPT", "551 5.1.6 moved", False),
        ("RCPT", "550 5.2.1 disabled", True),
        ("RCPT", "552 5.2.2 full", True),
        ("RCPT", "550 5.7.1 not allowed", True),
        ("RCPT", "550 5.1.8 bad sender", True),
        ("RCPT", "554 5.7.1 Relay access denied", True),
        ("RCPT", "550 relay not permitted", True),
        ("RCPT", "553 not in my list of hosts (#5.7.1)", True),
        ("RCPT", "530 5.7.0 log in first", True),
        ("MAIL", "550 who is that", True),
        ("MAIL", "530 5.7.0 log in first", True),
        ("DATA", "451 later", True),
        ("DATA", "550 5.7.1 looks like spam", True),
        ("DATA", "554 no", True),
        ("DATA", "550 5.1.1 unknown", False),
    ],
)
def test_refusals(word: str, answer: str, temporary: bool) -> None:
    """Only that there is no such recipient is final: all else somebody can set right."""
    with mail_server() as box:
        box.answers[word] = answer
        error = failure(channel(box.port))
    assert error.temporary is temporary
    assert answer in error.detail


def test_a_server_that_is_slow_at_each_step() -> None:
    """No silence is too long for it, and yet it is left after the time for the whole of it."""
    with mail_server() as box:
        box.pauses = dict.fromkeys(STEPS, 0.2)
        error = failure(channel(box.port, longest=0.5))
        assert error.temporary
        assert "not done in time" in error.detail
    assert box.taken == []


def test_a_server_that_is_slow_under_tls(certificate: Certificate) -> None:
    """Also what is encrypted is cut."""
    with mail_server(tls=certificate.server) as box:
        box.pauses = dict.fromkeys(STEPS, 0.4)
        error = failure(channel(box.port, "tls", ca_file=certificate.ca_file, longest=0.6))
        assert "not done in time" in error.detail


def test_twin_without_the_deadline_it_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound on silence alone lets it have as many silences as it likes."""
    monkeypatch.setattr(Deadline, "_cut", lambda _: None)
    with mail_server() as box:
        box.pauses = dict.fromkeys(STEPS, 0.2)
        channel(box.port, timeout=0.5, longest=0.5).send(MESSAGE)
    assert len(box.taken) == 1


def test_nobody_listens() -> None:
    """A server that is down is tried again."""
    assert failure(channel(unused_port())).temporary


def test_a_silent_server_is_given_up() -> None:
    """A server that says nothing is left after the time set for it."""
    import socket

    with socket.create_server((HOST, 0)) as listener:
        error = failure(channel(listener.getsockname()[1], timeout=0.2))
    assert error.temporary


@pytest.mark.parametrize("to", [None, "two@@example.org", "no address"])
def test_what_is_no_address_is_final(to: str | None) -> None:
    """Without an address that mail can go to there is nothing to try again."""
    error = failure(channel(unused_port()), Message(id="1", subject="s", body="b", to=to))
    assert not error.temporary


def test_taken_is_taken() -> None:
    """When a server takes the mail and then fails to say good-bye, it was delivered."""
    with mail_server() as box:
        box.answers["QUIT"] = "421 going down"
        channel(box.port).send(MESSAGE)
    assert len(box.taken) == 1


def test_who_is_slow_to_say_good_bye_has_taken_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the mail is taken, nobody waits long for the rest."""
    monkeypatch.setattr(smtp, "_GOOD_BYE", 0.05)
    with mail_server() as box:
        box.pauses["QUIT"] = 60
        sender = Attempt(lambda: channel(box.port).send(MESSAGE))
        assert sender.wait(10, lambda: False, 0)


@contextmanager
def _library_only(server: SmtpServer, _deadline: Deadline) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(server.host, server.port, timeout=server.timeout) as connection:
        yield connection


def test_twin_taken_would_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without that care a mail that was taken counts as failed."""
    monkeypatch.setattr(smtp, "_connection", _library_only)
    with mail_server() as box:
        box.answers["QUIT"] = "421 going down"
        assert failure(channel(box.port)).temporary
    assert len(box.taken) == 1
