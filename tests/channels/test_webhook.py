"""Posting to a real server, whatever it answers."""

import datetime
import hashlib
import hmac
import json
import urllib.request

import pytest

from tests.channels.conftest import MESSAGE, NOW, Certificate, now
from tests.channels.servers import HOST, unused_port, web_server
from tracker.channels.base import DeliveryError
from tracker.channels.deadline import Deadline
from tracker.channels.webhook import WebhookChannel
from tracker.outbox.attempt import Attempt

SECRET = "0123456789abcdef"


def channel(
    url: str, *, ca_file: str | None = None, timeout: float = 10, longest: float = 30
) -> WebhookChannel:
    """Return a channel to an address."""
    return WebhookChannel(url, SECRET, now, ca_file=ca_file, timeout=timeout, longest=longest)


def failure(sender: WebhookChannel) -> DeliveryError:
    """Send what must fail, and return how."""
    with pytest.raises(DeliveryError) as caught:
        sender.send(MESSAGE)
    return caught.value


def test_a_message_is_posted_as_json() -> None:
    """The receiver gets the words and the data of the message."""
    with web_server() as web:
        channel(web.url).send(MESSAGE)
    [(method, headers, body)] = web.asked
    assert method == "POST"
    assert headers["Content-Type"] == "application/json"
    told = json.loads(body)
    assert (told["id"], told["subject"], told["body"]) == (
        MESSAGE.id,
        MESSAGE.subject,
        MESSAGE.body,
    )
    assert told["data"] == {"episode": "E-7K3QF", "kind": "early-review"}


def genuine(headers: dict[str, str], body: bytes) -> bool:
    """Whether a receiver who has the secret takes it for genuine."""
    signed = f"{headers['X-Tracker-Timestamp']}.{body.decode()}".encode()
    wanted = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers["X-Tracker-Signature"], f"sha256={wanted}")


def test_the_signature_holds() -> None:
    """A receiver can tell, from time and body, whom it is from and when it was sent."""
    with web_server() as web:
        channel(web.url).send(MESSAGE)
    [(_, headers, body)] = web.asked
    assert headers["X-Tracker-Timestamp"] == str(int(NOW.timestamp()))
    assert genuine(headers, body)


@pytest.mark.parametrize("change", ["body", "time", "nothing signed"])
def test_twin_a_changed_message_is_found_out(change: str) -> None:
    """Another body, another time, or a signature of the body alone is not genuine."""
    with web_server() as web:
        channel(web.url).send(MESSAGE)
    [(_, headers, body)] = web.asked
    if change == "body":
        body = body.replace(b"early", b"never")
    elif change == "time":
        headers["X-Tracker-Timestamp"] = str(int(NOW.timestamp()) + 600)
    else:
        alone = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Tracker-Signature"] = f"sha256={alone}"
    assert not genuine(headers, body)


def test_the_key_of_idempotency_is_the_id() -> None:
    """A message that is sent again has the same key, so that a receiver can leave it out."""
    with web_server() as web:
        sender = channel(web.url)
        sender.send(MESSAGE)
        sender.send(MESSAGE)
    assert [headers["Idempotency-Key"] for _, headers, _ in web.asked] == [MESSAGE.id] * 2


def test_too_many_requests() -> None:
    """A 429 is tried again, not before the time that the receiver asks for."""
    with web_server((429, {"Retry-After": "120"})) as web:
        error = failure(channel(web.url))
    assert error.temporary
    assert error.retry_after == datetime.timedelta(minutes=2)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("Thu, 05 Mar 2026 09:10:00 GMT", datetime.timedelta(minutes=10)),
        ("Thu, 05 Mar 2026 08:00:00 GMT", datetime.timedelta(0)),
        ("99999999", datetime.timedelta(days=1)),
        ("-5", datetime.timedelta(0)),
        ("soon", None),
        ("9" * 40, datetime.timedelta(days=1)),
    ],
)
def test_how_long_to_wait(header: str, wait: datetime.timedelta | None) -> None:
    """Retry-After is read as seconds or as a date; never beyond a day, never before now."""
    with web_server((503, {"Retry-After": header})) as web:
        assert failure(channel(web.url)).retry_after == wait


@pytest.mark.parametrize(
    ("status", "temporary"),
    [
        *((status, True) for status in (302, 401, 403, 404, 405, 407, 409, 410, 415, 500, 502)),
        *((status, False) for status in (400, 413, 422)),
    ],
)
def test_answers(status: int, temporary: bool) -> None:
    """A fault of the server, an address or a key can be mended; a refused message cannot."""
    with web_server((status, {})) as web:
        error = failure(channel(web.url))
    assert error.temporary is temporary
    assert str(status) in error.detail


def test_a_receiver_that_hangs() -> None:
    """A receiver that does not answer is left after the time set for it."""
    with web_server("hang") as web:
        error = failure(channel(web.url, timeout=0.2))
    assert error.temporary
    assert "no answer in time" in error.detail


def test_a_receiver_that_drips() -> None:
    """Bytes that come and come are no answer: it is left after the time for the whole of it."""
    with web_server("drip") as web:
        error = failure(channel(web.url, longest=0.2))
    assert error.temporary
    assert "not done in time" in error.detail


def test_a_receiver_that_drips_under_tls(certificate: Certificate) -> None:
    """Also what is encrypted is cut."""
    with web_server("drip", tls=certificate.server) as web:
        error = failure(channel(web.url, ca_file=certificate.ca_file, longest=0.5))
    assert "not done in time" in error.detail


def test_twin_without_the_deadline_it_drips_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound on silence alone never ends what is not silent."""
    monkeypatch.setattr(Deadline, "_cut", lambda _: None)
    with web_server("drip") as web:
        sender = Attempt(lambda: channel(web.url, timeout=0.2, longest=0.2).send(MESSAGE))
        assert not sender.wait(0.6, lambda: False, 0)


def test_a_receiver_that_hangs_up() -> None:
    """A connection that is closed without an answer is tried again."""
    with web_server("close") as web:
        assert failure(channel(web.url)).temporary


def test_nobody_listens() -> None:
    """A receiver that is down is tried again; what is told of it is its host alone."""
    error = failure(channel(f"http://{HOST}:{unused_port()}/hook/k3y"))
    assert error.temporary
    assert "k3y" not in error.detail


def test_one_try() -> None:
    """The channel itself repeats nothing."""
    with web_server((500, {}), (200, {})) as web:
        failure(channel(web.url))
    assert len(web.asked) == 1


def test_tls_is_checked(certificate: Certificate) -> None:
    """A certificate is taken only from an authority that is trusted."""
    with web_server(tls=certificate.server) as web:
        assert "certificate" in failure(channel(web.url)).detail
        channel(web.url, ca_file=certificate.ca_file).send(MESSAGE)
    assert len(web.asked) == 1


def test_no_redirection_is_followed() -> None:
    """What is signed for one receiver goes to no other."""
    with web_server() as other, web_server((302, {"Location": other.url})) as web:
        assert failure(channel(web.url)).temporary
    assert other.asked == []


def test_twin_a_redirection_would_be_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without that care the other is asked, and its answer taken for a delivery."""
    monkeypatch.setattr(WebhookChannel, "_opener", lambda *_: urllib.request.build_opener())
    with web_server() as other, web_server((302, {"Location": other.url})) as web:
        channel(web.url).send(MESSAGE)
    assert len(other.asked) == 1
